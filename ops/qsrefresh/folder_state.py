"""How the folders stand: who leads each, how many files wait, how the last refresh went."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from qsrefresh.addressing import addressed
from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError
from qsrefresh.execution_history import RUNNING
from qsrefresh.folder_record import (
    RECORD,
    LastRefresh,
    Lead,
    Record,
    in_order,
    last_refresh,
    read_lead,
    read_record,
)
from qsrefresh.freshness import hours_allowed, is_stale
from qsrefresh.optional_fields import marker
from qsrefresh.project import Project, deployed
from qsrefresh.registrations import KEY, Item, dataset_names, folder_of, is_ignored
from qsrefresh.standing import Standing, cures, cures_of_unregistered, standing_of

_LEAST_MINUTES = "MinMinutesBetweenRefreshes"
_STALE_HOURS = "StaleAfterHours"
#: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_KEPT = timedelta(days=90)
#: What status needs: the runs of the records, by far the most of the table, stay where they are.
_SHORT = (
    f"{KEY}, leader, arrivals, covered, turn, lastStarted, lastEnded, verdict, lastExecution,"
    " lastSucceeded, watchedSince"
)
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
        ignored: whether it is to be ignored.
        died: the last run that led it died; ``culprit`` is that run, if it is known.
        hours: within how many it is to be refreshed; 0: it is not watched.
        marker: the name of the file that alone starts its refreshes, if there is one.
        unregistered: the folders that nobody registered, whose runs this one leads.
    """

    state: FolderState
    datasets: int
    now: datetime
    running_since: datetime | None
    lost: bool
    next_start: datetime
    registered: bool
    ignored: bool = False
    died: bool = False
    culprit: str | None = None
    hours: int = 0
    marker: str | None = None
    unregistered: Sequence[str] = ()

    @property
    def standing(self) -> Standing:
        """How it stands, in a word."""
        lead, last = self.state.lead, self.state.last
        return standing_of(
            lead,
            last,
            registered=self.registered,
            ignored=self.ignored,
            running=self.running_since is not None,
            died=self.died,
            stale=self.stale,
        )

    @property
    def stale(self) -> bool:
        """Whether it is later than it should be, however its last run ended."""
        return is_stale(self.state.lead, self.hours, self.now)

    @property
    def cures(self) -> list[str]:
        """The commands that tell why it stands so, and bring it back."""
        if self.standing is Standing.UNREGISTERED:
            return [cure for one in self.unregistered for cure in cures_of_unregistered(one)]
        return cures(self.standing, self.state.folder, self._telling)

    @property
    def _telling(self) -> str | None:
        """The run that tells why the folder stands so, as long as Step Functions keeps it."""
        last = self.state.last
        if self.died:
            return self.culprit
        failed = self.standing is Standing.ERROR and last.ended
        return last.execution if failed and self.now - failed < _KEPT else None

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
            "state": self.standing.value,
            "cures": [addressed(one) for one in self.cures],
            "datasets": self.datasets,
            "lastStarted": last.started,
            "lastEnded": last.ended,
            "verdict": last.verdict,
            "ageSeconds": self.age,
            "lastSucceeded": lead.last_succeeded,
            "freshWithinHours": self.hours or None,
            "stale": self.stale,
            "startsOn": self.marker,
            "lastExecution": last.execution,
            "running": lead.leader if self.running_since else None,
            "runningSince": self.running_since,
            "lostRun": lead.leader if self.lost else None,
            "filesWaiting": lead.waiting,
            "nextStart": self.next_start,
            "registered": self.registered,
            "unregistered": list(self.unregistered),
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


def statuses(
    aws: Aws, project: Project, registered: Mapping[str, Item], parameters: Mapping[str, str]
) -> list[FolderStatus]:
    """Return how every folder stands: one scan, and one read of each that is led or stranded.

    Args:
        aws: the account.
        project: whose folders.
        registered: the registrations, by folder.
        parameters: those of the refresh stack, as ``stack_parameters`` returns them.
    """
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
    for folder in registered:
        states.setdefault(folder, FolderState(folder))
    least = timedelta(minutes=int(parameters.get(_LEAST_MINUTES, "0")))
    now = aws.now
    found = []
    for folder, state in sorted(states.items()):
        item = registered.get(folder, {})
        since, lost, known = _leading(aws, project, state.lead)
        # The claim takes a beginning in the future for now.
        started = min(now, state.lead.last_started or now - least)
        found.append(
            FolderStatus(
                state,
                len(dataset_names(item)),
                now,
                since,
                lost,
                max(now, started + least),
                folder in registered,
                ignored=is_ignored(item),
                died=lost or _left_no_record(aws, project, state),
                culprit=state.lead.leader if known else None,
                hours=hours_allowed(item, parameters.get(_STALE_HOURS, "")),
                marker=marker(item.get("startson")),
            )
        )
    return found


def _left_no_record(aws: Aws, project: Project, state: FolderState) -> bool:
    """Tell whether the last run that led a folder died: files wait, and it wrote no record."""
    lead = state.lead
    if lead.leader is not None or not lead.waiting or not lead.turn:
        return False
    ring = in_order(record_of(aws, project, state.folder), lead.turn)
    return not ring or ring[0] is None


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


def _leading(aws: Aws, project: Project, lead: Lead) -> tuple[datetime | None, bool, bool]:
    """Return since when the leader runs, whether it ended without giving back, if AWS knows it."""
    if lead.leader is None:
        return None, False, False
    execution = execution_of(aws, project, lead.leader)
    if execution is None or execution["status"] != RUNNING:
        return None, True, execution is not None
    return execution["startDate"].astimezone(UTC), False, True


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
