"""The state table: who leads a folder, how many files wait, how the last refresh went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError
from qsrefresh.execution_history import RUNNING
from qsrefresh.project import Project, deployed, stack_parameters
from qsrefresh.registrations import KEY, Item, dataset_names, folder_of, is_ignored

_LEAST_MINUTES = "MinMinutesBetweenRefreshes"
#: What a folder's record is called, after the folder's name (docs/dev/protocol.md).
_RECORD = "#record"


@dataclass(frozen=True)
class FolderState:
    """What the runs remember of a folder."""

    folder: str
    leader: str | None = None
    arrivals: int = 0
    covered: int = 0
    last_started: datetime | None = None
    last_ended: datetime | None = None
    verdict: str | None = None
    last_execution: str | None = None

    @property
    def waiting(self) -> int:
        """How many file events no finished refresh covers."""
        return max(0, self.arrivals - self.covered)


@dataclass(frozen=True)
class FolderStatus:
    """How a folder stands now.

    Attributes:
        running_since: when the run that leads it started; None if none leads it.
        lost: the run that leads it on paper has ended: the next file takes over.
        next_start: when the next refresh may start.
        registered: whether the folder is registered, to be refreshed or to be ignored.
    """

    state: FolderState
    datasets: int
    now: datetime
    running_since: datetime | None
    lost: bool
    next_start: datetime
    registered: bool

    @property
    def age(self) -> float | None:
        """Seconds since the last refresh ended."""
        ended = self.state.last_ended
        return (self.now - ended).total_seconds() if ended else None

    def as_json(self) -> dict[str, Any]:
        """Return the status for programs."""
        return {
            "folder": self.state.folder,
            "datasets": self.datasets,
            "lastStarted": self.state.last_started,
            "lastEnded": self.state.last_ended,
            "verdict": self.state.verdict,
            "ageSeconds": self.age,
            "lastExecution": self.state.last_execution,
            "running": self.state.leader if self.running_since else None,
            "runningSince": self.running_since,
            "lostRun": self.state.leader if self.lost else None,
            "filesWaiting": self.state.waiting,
            "nextStart": self.next_start,
            "registered": self.registered,
        }


def read_state(aws: Aws, project: Project, folder: str) -> FolderState:
    """Return who leads one folder, and what its runs remember."""
    found: Item = {}
    for key in (folder, folder + _RECORD):
        answer = aws.call(
            "dynamodb",
            "get_item",
            TableName=project.state_table,
            Key={KEY: {"S": key}},
            ConsistentRead=True,
        )
        found = {**found, **answer.get("Item", {})}
    return _state({**found, KEY: {"S": folder}})


def statuses(aws: Aws, project: Project, registered: Mapping[str, Item]) -> list[FolderStatus]:
    """Return how every folder stands, by one call for all runs and one for the table."""
    with deployed(project):
        running = _running(aws, project.refresh_machine_arn)
        items = aws.members(
            "dynamodb", "scan", "Items", TableName=project.state_table, ConsistentRead=True
        )
        states = {state.folder: state for state in map(_state, _merged(items))}
    for folder, item in registered.items():
        if not is_ignored(item):
            states.setdefault(folder, FolderState(folder))
    least = timedelta(minutes=int(stack_parameters(aws, project).get(_LEAST_MINUTES, "0")))
    now = aws.now
    found = []
    for folder, state in sorted(states.items()):
        since, lost = _leading(aws, state, running)
        start = max(now, state.last_started + least) if state.last_started else now
        number = len(dataset_names(registered.get(folder, {})))
        found.append(FolderStatus(state, number, now, since, lost, start, folder in registered))
    return found


def _running(aws: Aws, machine_arn: str) -> dict[str, datetime]:
    """Return the runs that go on: execution → since when."""
    return {
        one["executionArn"]: one["startDate"].astimezone(UTC)
        for one in aws.members(
            "stepfunctions",
            "list_executions",
            "executions",
            stateMachineArn=machine_arn,
            statusFilter=RUNNING,
        )
    }


def _leading(
    aws: Aws, state: FolderState, running: Mapping[str, datetime]
) -> tuple[datetime | None, bool]:
    """Return since when the folder's leader runs, and whether it ended without giving it back."""
    if state.leader is None or state.leader in running:
        return running.get(state.leader or ""), False
    # It started after the list was made, or it died: the list cannot tell.
    try:
        answer = aws.call("stepfunctions", "describe_execution", executionArn=state.leader)
    except AwsError as error:
        if error.code == "ExecutionDoesNotExist":
            return None, True
        raise
    if answer["status"] == RUNNING:
        return answer["startDate"].astimezone(UTC), False
    return None, True


def _merged(items: Iterable[Item]) -> list[Item]:
    """Return each folder's lead item and record as one; 1.0.0 kept everything in the first."""
    found: dict[str, Item] = {}
    for item in sorted(items, key=folder_of):
        folder = folder_of(item).removesuffix(_RECORD)
        found[folder] = {**found.get(folder, {}), **item, KEY: {"S": folder}}
    return list(found.values())


def _state(item: Item) -> FolderState:
    return FolderState(
        folder=folder_of(item),
        leader=_text(item, "leader"),
        arrivals=int(_number(item, "arrivals")),
        covered=int(_number(item, "covered")),
        last_started=_moment(item, "lastStarted"),
        last_ended=_moment(item, "lastEnded"),
        verdict=_text(item, "verdict"),
        last_execution=_text(item, "lastExecution"),
    )


def _text(item: Item, name: str) -> str | None:
    return item[name].get("S") if name in item else None


def _number(item: Item, name: str) -> float:
    return float(item[name].get("N", 0)) if name in item else 0


def _moment(item: Item, name: str) -> datetime | None:
    seconds = _number(item, name)
    return datetime.fromtimestamp(seconds, tz=UTC) if seconds else None
