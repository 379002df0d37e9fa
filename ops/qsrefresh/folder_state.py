"""How the folders stand: who leads each, how many files wait, how the last refresh went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError
from qsrefresh.execution_history import RUNNING
from qsrefresh.folder_record import (
    RECORD,
    LastRefresh,
    Lead,
    Record,
    last_refresh,
    read_lead,
    read_record,
)
from qsrefresh.project import Project, deployed, stack_parameters
from qsrefresh.registrations import KEY, Item, dataset_names, folder_of, is_ignored

_LEAST_MINUTES = "MinMinutesBetweenRefreshes"
#: What status needs: the runs of the records, by far the most of the table, stay where they are.
_SHORT = f"{KEY}, leader, arrivals, covered, lastStarted, lastEnded, verdict, lastExecution"
#: How Step Functions answers about what is no execution.
_NO_RUN = ("ExecutionDoesNotExist", "InvalidArn", "ValidationException")


@dataclass(frozen=True)
class FolderState:
    """What the runs remember of a folder."""

    folder: str
    lead: Lead = field(default_factory=Lead)
    last: LastRefresh = field(default_factory=LastRefresh)


@dataclass(frozen=True)
class FolderStatus:
    """How a folder stands now.

    Attributes:
        running_since: when the run that leads it started; None if none leads it.
        lost: what leads it on paper does not run: the next file takes over.
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
        ended = self.state.last.ended
        return (self.now - ended).total_seconds() if ended else None

    def as_json(self) -> dict[str, Any]:
        """Return the status for programs."""
        lead, last = self.state.lead, self.state.last
        return {
            "folder": self.state.folder,
            "datasets": self.datasets,
            "lastStarted": last.started,
            "lastEnded": last.ended,
            "verdict": last.verdict,
            "ageSeconds": self.age,
            "lastExecution": last.execution,
            "running": lead.leader if self.running_since else None,
            "runningSince": self.running_since,
            "lostRun": lead.leader if self.lost else None,
            "filesWaiting": lead.waiting,
            "nextStart": self.next_start,
            "registered": self.registered,
        }


def lead_of(aws: Aws, project: Project, folder: str) -> Lead:
    """Return who leads a folder, by one read."""
    return read_lead(_item(aws, project, folder))


def record_of(aws: Aws, project: Project, folder: str) -> Record:
    """Return what a folder's last runs left, by one read."""
    return read_record(_item(aws, project, folder + RECORD))


def execution_of(aws: Aws, project: Project, leader: str) -> dict[str, Any] | None:
    """Return the run that leads a folder; None if what stands there is no run of the project."""
    if not leader.startswith(project.refresh_machine_arn.replace(":stateMachine:", ":execution:")):
        return None
    try:
        return aws.call("stepfunctions", "describe_execution", executionArn=leader)
    except AwsError as error:
        if error.code in _NO_RUN:
            return None
        raise


def statuses(aws: Aws, project: Project, registered: Mapping[str, Item]) -> list[FolderStatus]:
    """Return how every folder stands: one scan, and a question for each folder that is led."""
    with deployed(project):
        items = aws.members(
            "dynamodb",
            "scan",
            "Items",
            TableName=project.state_table,
            ConsistentRead=True,
            ProjectionExpression=_SHORT,
        )
        states = _states(items)
    for folder, item in registered.items():
        if not is_ignored(item):
            states.setdefault(folder, FolderState(folder))
    least = timedelta(minutes=int(stack_parameters(aws, project).get(_LEAST_MINUTES, "0")))
    now = aws.now
    found = []
    for folder, state in sorted(states.items()):
        since, lost = _leading(aws, project, state.lead)
        # The claim takes a beginning in the future for now.
        started = min(now, state.lead.last_started or now - least)
        number = len(dataset_names(registered.get(folder, {})))
        start = max(now, started + least)
        found.append(FolderStatus(state, number, now, since, lost, start, folder in registered))
    return found


def _item(aws: Aws, project: Project, key: str) -> Item:
    answer = aws.call(
        "dynamodb",
        "get_item",
        TableName=project.state_table,
        Key={KEY: {"S": key}},
        ConsistentRead=True,
    )
    found: Item = answer.get("Item", {})
    return found


def _leading(aws: Aws, project: Project, lead: Lead) -> tuple[datetime | None, bool]:
    """Return since when the folder's leader runs, and whether it ended without giving it back."""
    if lead.leader is None:
        return None, False
    execution = execution_of(aws, project, lead.leader)
    if execution is None or execution["status"] != RUNNING:
        return None, True
    return execution["startDate"].astimezone(UTC), False


def _states(items: Iterable[Item]) -> dict[str, FolderState]:
    """Return each folder's state, out of its lead item and its record."""
    by_key = {folder_of(item): item for item in items}
    folders = dict.fromkeys(key.removesuffix(RECORD) for key in by_key)
    found = {}
    for folder in folders:
        lead = read_lead(by_key.get(folder, {}))
        record = read_record(by_key.get(folder + RECORD, {}))
        found[folder] = FolderState(folder, lead, last_refresh(lead, record))
    return found
