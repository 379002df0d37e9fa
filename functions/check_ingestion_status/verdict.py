"""Decide what the results of a run mean: per dataset, and for the run as a whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Any

from failed_step import failed_step
from meanings import Meaning, bare_name, meaning, meaning_of_status, named
from payload import count, json_object, mapping, sequence, text
from problem import Problem
from registration import Dataset, Registration, read_registration, unknown_registration
from run import Run
from safe_text import NAME_LIMIT, shorten
from service_message import NOTHING, Said, read_said, said
from unregistered import unregistered

# What each result row of our own state machine carries as `result`.
MARKER = "dataset"
# The row's `status` where QuickSight gave none: starting or looking at the ingestion failed.
STARTING, CHECKING = "START_FAILED", "CHECK_FAILED"
# The mail's word for what the machine never started: what comes before it was not refreshed.
NOT_STARTED = "NOT_STARTED"
# Quick API reference, "DescribeIngestion", IngestionStatus: those that are not an end.
_UNFINISHED = ("TIMED_OUT", "INITIALIZED", "QUEUED", "RUNNING")
_CALLS = {STARTING: "CreateIngestion", CHECKING: "DescribeIngestion"}
# Fewer rows than that may halve by chance.
_ROWS_TO_COMPARE = 100
# The state machine tries a refresh again three times at most.
_MOST_BEFORE = 3


class Kind(IntEnum):
    """How a dataset's refresh ended, in the order of the mail."""

    FAILED = 0
    SHORT = 1
    NOT_STARTED = 2
    SKIPPED = 3
    GOOD = 4


# What comes after one of these is not started.
_KEEPS_BACK = (Kind.FAILED, Kind.SHORT, Kind.NOT_STARTED)


class Oddity(Enum):
    """What is odd about the data of a refresh that QuickSight calls complete."""

    EMPTY = auto()
    MAYBE_EMPTY = auto()
    DROPPED = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the refresh of one dataset ended; what is not known is None or empty."""

    dataset: Dataset
    kind: Kind
    status: str
    meaning: Meaning | None = None
    phase: str = ""
    said: Said = NOTHING
    waiting: tuple[str, ...] = ()
    skipped: int | None = None
    rows: int | None = None
    total_rows: int | None = None
    seconds: int | None = None
    last_rows: int | None = None
    last_seconds: int | None = None
    before: tuple[str, ...] = ()
    """The error types of the attempts before the last one."""
    rowless: bool = False
    """Whether the run left no result of it."""
    parent: Dataset | None = None
    """What was not refreshed, so that this one was not started."""

    @property
    def call(self) -> str:
        """The call of QuickSight's API that failed, empty where that is not known."""
        return _CALLS.get(self.phase, "")

    @property
    def permission(self) -> str:
        """The IAM action that the failing call needs."""
        calls = [self.call] if self.call else _CALLS.values()
        return " / ".join(f"quicksight:{call}" for call in calls)

    @property
    def still_running(self) -> bool:
        """Whether QuickSight still worked on it when the run stopped waiting."""
        return self.status in _UNFINISHED

    @property
    def key(self) -> tuple[str, ...]:
        """What is equal for two datasets of which the mail can say the same."""
        if self.meaning is None or self.kind in (Kind.SHORT, Kind.SKIPPED):
            return (self.kind.name,)
        if self.parent is not None:
            return (self.kind.name, self.parent.id)
        return (self.phase, *self.meaning.key(self.status, self.said.text, self.dataset.id))

    @property
    def rows_now(self) -> int | None:
        """The rows of the dataset after this refresh, as far as they are known."""
        return self.rows if self.total_rows is None else self.total_rows

    @property
    def oddity(self) -> Oddity | None:
        """What its reader should look at although rows were read, or none had to be.

        An incremental refresh reads only what is new: few rows of it, or none, say nothing.
        """
        if self.kind in (Kind.FAILED, Kind.NOT_STARTED) or self.rows_now is None:
            return None
        if self.total_rows == 0:
            return Oddity.EMPTY
        if self.dataset.incremental:
            return None
        if self.rows_now == 0:
            return Oddity.MAYBE_EMPTY
        before = self.last_rows or 0
        dropped = before >= _ROWS_TO_COMPARE and 2 * self.rows_now < before
        return Oddity.DROPPED if dropped else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run achieved: its problems, and its datasets, a failure before what it kept back."""

    problems: tuple[Problem, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def refreshed(self) -> bool:
        """Whether every registered dataset was refreshed with all its rows, and nothing failed."""
        every_good = all(outcome.kind is Kind.GOOD for outcome in self.outcomes)
        return bool(self.outcomes) and every_good and not self.problems

    @property
    def statuses(self) -> dict[str, str]:
        """The status of every dataset by its id, fit for a log."""
        return {shorten(o.dataset.id, NAME_LIMIT): o.status for o in self.outcomes}


def judge(event: object, run: Run) -> Verdict:
    """Return the verdict on what the state machine collected in a run.

    `event` may lack any field or hold anything in it: what is odd counts against the run, and
    nothing raises.
    """
    payload = mapping(event)
    failure = payload.get("problem")
    registration = _registration(payload, run, step_failed=failure is not None)
    problems = list(registration.problems)
    if failure is not None:
        problems.insert(0, failed_step(mapping(failure)))
    history = mapping(payload.get("history"))
    rows = _rows_by_dataset(sequence(payload.get("results")))
    missing = "not_reached" if failure is not None else "ended_unexpectedly"
    outcomes = [
        _worst(dataset, rows.pop(dataset.id, ()), missing, mapping(history.get(dataset.id)))
        for dataset in registration.datasets
    ]
    outcomes = list(_told_why_not_started(outcomes))
    for dataset_id, extra in rows.items():
        marked = [row for row in extra if row.get("result") == MARKER]
        if marked:
            dataset = Dataset(dataset_id, text(marked[0].get("datasetname")) or dataset_id)
            outcomes.append(_worst(dataset, marked, missing, mapping(history.get(dataset_id))))
    outcomes.sort(key=lambda outcome: (outcome.kind, outcome.oddity is None))
    return Verdict(tuple(problems), tuple(outcomes))


def _registration(payload: Mapping[str, Any], run: Run, *, step_failed: bool) -> Registration:
    registered = payload.get("registered")
    folder = text(payload.get("folder"))
    if registered is True:
        return read_registration(payload.get("item"), folder, run)
    # A step that failed may have kept the machine from looking: then nothing is known.
    if step_failed:
        return Registration()
    if registered is False:
        upload_folder = text(payload.get("uploadFolder")) or folder
        watched_folder = text(payload.get("watchedFolder"))
        files = count(payload.get("fileEvents")) or 1
        known = [one for one in sequence(payload.get("registeredFolders")) if text(one)]
        problem = unregistered(upload_folder, watched_folder, files, known, run)
        return Registration(problems=(problem,))
    return Registration(problems=(unknown_registration(folder),))


def _rows_by_dataset(results: Sequence[Any]) -> dict[str, Sequence[Mapping[str, Any]]]:
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in map(mapping, results):
        if row.get("result") == MARKER:
            rows.setdefault(text(row.get("datasetid")) or "", []).append(row)
        elif "ExecutionArn" in row and (dataset_id := _input_of(row)):
            rows.setdefault(dataset_id, []).append(row)
    return dict(rows)


def _input_of(record: Mapping[str, Any]) -> str | None:
    """Return the dataset id in the input of AWS's own record of a child execution."""
    given = record.get("Input")
    return text(json_object(given).get("datasetid"))


def _worst(
    dataset: Dataset,
    rows: Sequence[Mapping[str, Any]],
    missing: str,
    last: Mapping[str, Any],
) -> Outcome:
    if not rows:
        found, last_rows = named(missing), count(last.get("rows"))
        return Outcome(dataset, Kind.FAILED, "UNKNOWN", found, last_rows=last_rows, rowless=True)
    return min((_outcome(dataset, row, last) for row in rows), key=lambda outcome: outcome.kind)


def _told_why_not_started(outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """Yield the outcomes; those without any row whose parent was not refreshed were not started.

    The machine starts a dataset only where it holds a good row of every parent.
    """
    bad = {one.dataset.id: one for one in outcomes if one.kind in _KEEPS_BACK}
    for one in outcomes:
        parents = (bad[parent] for parent in one.dataset.after if parent in bad)
        parent = next(parents, None) if one.rowless else None
        if parent is None:
            yield one
            continue
        short = parent.kind is Kind.SHORT
        yield Outcome(
            one.dataset,
            Kind.NOT_STARTED,
            NOT_STARTED,
            named("not_started_after_few_rows" if short else "not_started"),
            last_rows=one.last_rows,
            parent=parent.dataset,
        )


def _outcome(dataset: Dataset, row: Mapping[str, Any], last: Mapping[str, Any]) -> Outcome:
    if row.get("result") != MARKER:
        parts = (text(row.get("Error")), text(row.get("Cause")))
        message = ": ".join(part for part in parts if part)
        unexpected = named("ended_unexpectedly")
        return Outcome(dataset, Kind.FAILED, "UNKNOWN", unexpected, said=said(message))
    error = text(mapping(row.get("error")).get("type")) or ""
    words = read_said(mapping(row.get("error")))
    status = text(row.get("status")) or ""
    kind, shown_status, found = _meaning(dataset, row, status, error, words.text)
    return Outcome(
        dataset=dataset,
        kind=kind,
        status=shorten(shown_status, NAME_LIMIT),
        meaning=found,
        phase=status if status in _CALLS else "",
        said=words,
        waiting=tuple(_waiting(mapping(row.get("waiting")))),
        skipped=count(row.get("droppedRows")),
        rows=count(row.get("rows")),
        total_rows=count(row.get("totalRows")),
        seconds=count(row.get("seconds")),
        last_rows=count(last.get("rows")),
        last_seconds=count(last.get("seconds")),
        before=tuple(_attempts_before(row)),
    )


def _meaning(
    dataset: Dataset, row: Mapping[str, Any], status: str, error: str, message: str
) -> tuple[Kind, str, Meaning | None]:
    """Return the kind, the status the mail shows, and what a row of ours means."""
    if not dataset.id:
        return Kind.FAILED, "UNKNOWN", named("ended_unexpectedly")
    if status == "COMPLETED":
        reported = row.get("droppedRows")
        if reported is not None and count(reported) is None:
            return Kind.FAILED, "UNKNOWN", named("unreadable_count")
        if _is_short(dataset, row):
            return Kind.SHORT, status, named("too_few_rows")
        if count(reported):
            return Kind.SKIPPED, status, named("skipped_rows")
        # RowInfo is optional in AWS's answer: no count reported means none skipped.
        return Kind.GOOD, status, None
    if status in _UNFINISHED:
        return Kind.FAILED, status, meaning_of_status(status)
    shown_status = status if status not in ("", *_CALLS) else bare_name(error) or "UNKNOWN"
    if error:
        found = meaning(error, message, checking=status == CHECKING)
        return Kind.FAILED, shown_status, found
    return Kind.FAILED, shown_status, meaning_of_status(status)


def _is_short(dataset: Dataset, row: Mapping[str, Any]) -> bool:
    """Tell whether it has fewer rows than it must; the machine's `short` is the same rule."""
    total = count(row.get("totalRows"))
    rows = count(row.get("rows")) if total is None else total
    return dataset.min_rows > 0 and (rows is None or rows < dataset.min_rows)


def _attempts_before(row: Mapping[str, Any]) -> Iterator[str]:
    for error in sequence(row.get("before"))[:_MOST_BEFORE]:
        yield shorten(text(error) or "", NAME_LIMIT) or "UNKNOWN"


def _waiting(queue: Mapping[str, Any]) -> Iterator[str]:
    # AWS's descriptions of the two fields look swapped: show both, conclude nothing.
    for field in ("WaitingOnIngestion", "QueuedIngestion"):
        if ingestion := text(queue.get(field)):
            yield f"{field}={shorten(ingestion, NAME_LIMIT)}"
