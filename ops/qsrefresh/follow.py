"""Follow a refresh while it runs: its datasets, and the run that really covers the files."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.datasets import is_about_one_dataset
from qsrefresh.errors import AwsError
from qsrefresh.execution_history import RUNNING, Tail
from qsrefresh.folder_record import last_refresh, usual_seconds
from qsrefresh.folder_state import lead_of, record_of
from qsrefresh.project import Project
from qsrefresh.refresh_run import Run
from qsrefresh.refreshes import Outcome

_SECONDS_BETWEEN_LOOKS = 5
#: A long refresh is looked at less often: nobody waits for seconds any more.
_SECONDS_BETWEEN_LATE_LOOKS = 15
_LATE_AFTER_LOOKS = 60
#: Each look asks for every dataset that is not done: QuickSight must not refuse.
_DATASETS_A_SECOND = 2
_LOOKS_BEFORE_IT_EXISTS = 12
# After FAILED may come another attempt.
OVER = ("COMPLETED", "CANCELLED")


@dataclass(frozen=True)
class Progress:
    """How one dataset's refresh is doing."""

    name: str
    status: str
    elapsed: float | None
    expected: float | None
    rows: int | None


@dataclass(frozen=True)
class View:
    """One look at a run that is followed."""

    run: Run
    datasets: tuple[Progress, ...]


class Follower:
    """Follows a run to the end of the refresh that covers its file.

    Attributes:
        run: what was last seen of the run that is followed; None before the first look.
    """

    def __init__(self, aws: Aws, project: Project, arn: str) -> None:
        self._aws = aws
        self._project = project
        self._tail = Tail(aws, arn)
        self._seen: set[str] = {arn}
        self._arrival: int | None = None
        self._lead_folder: str | None = None
        self._over: dict[str, Progress] = {}
        self._missed = 0
        self.run: Run | None = None

    def views(self) -> Iterator[View]:
        """Yield one look after the other; the last is at the end of the refresh."""
        for number in itertools.count():
            run = self._look()
            if run is not None:
                self.run = run
                yield View(run, tuple(self._progress(run)))
                if run.outcome is not Outcome.RUNNING:
                    following = self._next(run)
                    if following is None:
                        return
                    self._tail = Tail(self._aws, following)
                    self._seen.add(following)
                    self._over.clear()
                    continue
            late = number > _LATE_AFTER_LOOKS
            least = _SECONDS_BETWEEN_LATE_LOOKS if late else _SECONDS_BETWEEN_LOOKS
            asked = len(self.run.datasets) - len(self._over) if self.run else 0
            self._aws.pause(max(least, asked / _DATASETS_A_SECOND))

    @property
    def covered(self) -> bool:
        """Tell whether the run that was followed last is the one that covers the file."""
        if self.run is None or self._arrival is None or len(self._seen) == 1:
            return True
        return (self.run.covers_up_to or 0) >= self._arrival

    def _look(self) -> Run | None:
        """Return the run; None as long as AWS does not know yet that it was started."""
        try:
            execution = self._tail.read()
        except AwsError as error:
            if error.code != "ExecutionDoesNotExist" or self.run is not None:
                raise
            self._missed += 1
            if self._missed > _LOOKS_BEFORE_IT_EXISTS:
                raise
            return None
        return self.run if self.run and self.run.execution is execution else Run(execution)

    def _next(self, run: Run) -> str | None:
        """Return the run that covers the file instead of this one; None if this one is the end."""
        if self._arrival is None:
            self._arrival, self._lead_folder = run.arrival, run.lead_folder
        if run.outcome is Outcome.JOINED and run.execution.last_state == "Joined Running Refresh":
            return self._unless_seen(run.leader)
        covered = run.covers_up_to
        if run.is_refresh and run.outcome is not Outcome.DIED:
            mine = self._arrival
            if mine is None or covered is None or covered >= mine:
                return None
            if run.next_run:
                return self._unless_seen(run.next_run)
        if self._lead_folder is None or (run.is_refresh and len(self._seen) == 1):
            return None
        lead = lead_of(self._aws, self._project, self._lead_folder)
        if lead.leader and lead.leader != run.arn:
            return self._unless_seen(lead.leader)
        if run.outcome is Outcome.DIED:
            return None  # what ended before a run died says nothing about the file
        record = record_of(self._aws, self._project, self._lead_folder)
        return self._unless_seen(last_refresh(lead, record).execution)

    def _unless_seen(self, arn: str | None) -> str | None:
        return arn if arn and arn not in self._seen else None

    # ---- Datasets ------------------------------------------------------------------------------

    def _progress(self, run: Run) -> Iterator[Progress]:
        expected = _expected(run)
        suffix = suffix_of(run) if run.execution.step("Refresh Each Dataset") else None
        now = self._aws.now if suffix and run.outcome is Outcome.RUNNING else None
        for one in run.datasets:
            usual = expected.get(one.id)
            if one.status != RUNNING:
                yield Progress(one.name, one.status, one.seconds, usual, one.rows)
                continue
            if one.id not in self._over:
                found = own_ingestion(self._aws, self._project, one.id, suffix) if suffix else None
                progress = _progress_of(one.name, usual, found, now)
                if progress.status not in OVER:
                    yield progress
                    continue
                self._over[one.id] = progress
            yield self._over[one.id]


def own_ingestion(
    aws: Aws, project: Project, dataset_id: str, suffix: str
) -> Mapping[str, Any] | None:
    """Return a run's newest ingestion of a dataset: it is on the first page of the list."""
    try:
        answer = aws.call(
            "quicksight", "list_ingestions", AwsAccountId=project.account_id, DataSetId=dataset_id
        )
    except AwsError as error:
        if is_about_one_dataset(error):
            return None  # deleted, or broken: the run itself tells of it
        raise
    listed = answer.get("Ingestions", [])
    own = re.compile(rf"-{re.escape(suffix)}(-r[1-3])?$")  # with the number of a second attempt
    return next((one for one in listed if own.search(one["IngestionId"])), None)


def _progress_of(
    name: str, usual: float | None, ingestion: Mapping[str, Any] | None, now: datetime | None
) -> Progress:
    if ingestion is None or now is None:
        return Progress(name, "WAITING", None, usual, None)
    elapsed = ingestion.get("IngestionTimeInSeconds")
    if elapsed is None:
        elapsed = (now - ingestion["CreatedTime"].astimezone(UTC)).total_seconds()
    rows = ingestion.get("RowInfo", {}).get("RowsIngested")
    return Progress(name, ingestion["IngestionStatus"], elapsed, usual, rows)


def suffix_of(run: Run) -> str | None:
    """Return how the ids of this run's ingestions end."""
    step = run.execution.step("Produce Ingestion Parameters")
    payload = (step.answer if step else None) or {}
    found = payload.get("Payload", {}).get("ingestionidSuffix")
    return found if isinstance(found, str) else None


def _expected(run: Run) -> dict[str, float]:
    """Return how long each dataset's last good refresh took, as the run read it itself."""
    step = run.execution.step("Recall Last Run")
    answer = (step.answer if step else None) or {}
    return usual_seconds(answer.get("Item", {}))
