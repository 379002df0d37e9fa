"""Decide what the results of a run mean: per dataset, and for the run as a whole."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from advice import ADVICE, Advice, bare_name, dataset_advice, step_advice
from language import UNKNOWN, Phrase
from payload import count, mapping, sequence, text
from problem import Problem
from registration import (
    Dataset,
    Registration,
    read_registration,
    unknown_registration,
    unregistered,
)
from safe_text import MESSAGE_LIMIT, NAME_LIMIT, shorten

# What each result row of our own state machine carries as `result`.
MARKER = "dataset"
# The row's `status` where QuickSight gave none: starting or looking at the ingestion failed.
_STARTING, _CHECKING = "START_FAILED", "CHECK_FAILED"
# QuickSight API reference, "DescribeIngestion", IngestionStatus: those that are not an end.
_UNFINISHED = ("TIMED_OUT", "INITIALIZED", "QUEUED", "RUNNING")
_PERMISSIONS = {_STARTING: "quicksight:CreateIngestion", _CHECKING: "quicksight:DescribeIngestion"}

_STEP_FAILED = Phrase(
    ja="ステップ「{step}」でエラー {error} が起きました。",
    en="The step {step} failed with {error}.",
)
_CAUSE = Phrase(ja="原因: {cause}", en="Cause: {cause}")
_NEXT_STEP = Phrase(ja="対処: {next_step}", en="Next step: {next_step}")


class Kind(IntEnum):
    """How a dataset's refresh ended, in the order of the mail."""

    FAILED = 0
    SKIPPED = 1
    GOOD = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the refresh of one dataset ended; what is not known is None or empty."""

    dataset: Dataset
    kind: Kind
    status: str
    advice: Advice | None = None
    error: str = ""
    phase: str = ""
    message: str = ""
    waiting: tuple[str, ...] = ()
    skipped: int | None = None
    rows: int | None = None
    total_rows: int | None = None
    seconds: int | None = None
    last_rows: int | None = None
    last_seconds: int | None = None

    @property
    def permission(self) -> str:
        """The IAM action that the failing call needs."""
        return _PERMISSIONS.get(self.phase, " / ".join(_PERMISSIONS.values()))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run achieved: its problems, and its datasets with the failures first."""

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


def judge(event: object) -> Verdict:
    """Return the verdict on what the state machine collected.

    `event` may lack any field or hold anything in it: what is odd counts against the run, and
    nothing raises.
    """
    payload = mapping(event)
    failed_step = payload.get("problem")
    registration = _registration(payload, step_failed=failed_step is not None)
    problems = list(registration.problems)
    if failed_step is not None:
        problems.insert(0, _step_problem(mapping(failed_step)))
    history = mapping(payload.get("history"))
    rows = _rows_by_dataset(sequence(payload.get("results")))
    missing = ADVICE["not_reached" if failed_step is not None else "ended_unexpectedly"]
    outcomes = [
        _worst(dataset, rows.pop(dataset.id, ()), missing, mapping(history.get(dataset.id)))
        for dataset in registration.datasets
    ]
    for dataset_id, extra in rows.items():
        marked = [row for row in extra if row.get("result") == MARKER]
        if marked:
            dataset = Dataset(dataset_id, text(marked[0].get("datasetname")) or dataset_id)
            outcomes.append(_worst(dataset, marked, missing, mapping(history.get(dataset_id))))
    outcomes.sort(key=lambda outcome: outcome.kind)
    return Verdict(tuple(problems), tuple(outcomes))


def _registration(payload: Mapping[str, Any], *, step_failed: bool) -> Registration:
    registered = payload.get("registered")
    folder = text(payload.get("folder"))
    if registered is True:
        return read_registration(payload.get("item"), folder)
    # A step that failed may have kept the machine from looking: then nothing is known.
    if step_failed:
        return Registration()
    if registered is False:
        upload_folder = text(payload.get("uploadFolder")) or folder
        watched_folder = text(payload.get("watchedFolder"))
        files = count(payload.get("fileEvents")) or 1
        return Registration(problems=(unregistered(upload_folder, watched_folder, files),))
    return Registration(problems=(unknown_registration(folder),))


def _step_problem(failed: Mapping[str, Any]) -> Problem:
    error = text(failed.get("error")) or ""
    message = _said_by_lambda(text(failed.get("cause")) or "")
    advice = step_advice(error, message)
    return Problem(
        _STEP_FAILED,
        (_CAUSE, _NEXT_STEP),
        {
            "step": shorten(text(failed.get("step")) or "", NAME_LIMIT) or UNKNOWN,
            "error": shorten(bare_name(error), NAME_LIMIT) or UNKNOWN,
            "cause": advice.cause,
            "next_step": advice.step,
        },
        shorten(message, MESSAGE_LIMIT),
    )


def _said_by_lambda(cause: str) -> str:
    """Return the message in a Cause: Lambda wraps it in JSON beside a stack trace, maybe cut."""
    found = re.search(r'"errorMessage"\s*:\s*"((?:[^"\\]|\\.)*)', cause)
    if not found:
        return cause
    try:
        return str(json.loads(f'"{found[1]}"', strict=False))
    except ValueError:
        return found[1]


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
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return None
    return text(mapping(given).get("datasetid"))


def _worst(
    dataset: Dataset,
    rows: Sequence[Mapping[str, Any]],
    missing: Advice,
    last: Mapping[str, Any],
) -> Outcome:
    outcomes = [_outcome(dataset, row, last) for row in rows]
    nothing = Outcome(dataset, Kind.FAILED, "UNKNOWN", missing, last_rows=count(last.get("rows")))
    return min(outcomes, key=lambda outcome: outcome.kind, default=nothing)


def _outcome(dataset: Dataset, row: Mapping[str, Any], last: Mapping[str, Any]) -> Outcome:
    if row.get("result") != MARKER:
        parts = (text(row.get("Error")), text(row.get("Cause")))
        message = ": ".join(part for part in parts if part)
        unexpected = ADVICE["ended_unexpectedly"]
        message = shorten(message, MESSAGE_LIMIT)
        return Outcome(dataset, Kind.FAILED, "UNKNOWN", unexpected, message=message)
    error = text(mapping(row.get("error")).get("type")) or ""
    message = text(mapping(row.get("error")).get("message")) or ""
    status = text(row.get("status")) or ""
    kind, shown_status, advice = _meaning(dataset, row, status, error, message)
    return Outcome(
        dataset=dataset,
        kind=kind,
        status=shorten(shown_status, NAME_LIMIT),
        advice=advice,
        error=shorten(bare_name(error), NAME_LIMIT),
        phase=status if status in _PERMISSIONS else "",
        message=shorten(message, MESSAGE_LIMIT),
        waiting=tuple(_waiting(mapping(row.get("waiting")))),
        skipped=count(row.get("droppedRows")),
        rows=count(row.get("rows")),
        total_rows=count(row.get("totalRows")),
        seconds=count(row.get("seconds")),
        last_rows=count(last.get("rows")),
        last_seconds=count(last.get("seconds")),
    )


def _meaning(
    dataset: Dataset, row: Mapping[str, Any], status: str, error: str, message: str
) -> tuple[Kind, str, Advice | None]:
    """Return the kind, the status the mail shows, and the advice of a row of ours."""
    if not dataset.id:
        return Kind.FAILED, "UNKNOWN", ADVICE["ended_unexpectedly"]
    if status == "COMPLETED":
        reported = row.get("droppedRows")
        if reported is not None and count(reported) is None:
            return Kind.FAILED, "UNKNOWN", ADVICE["unreadable_count"]
        if count(reported):
            return Kind.SKIPPED, status, ADVICE["skipped_rows"]
        # RowInfo is optional in AWS's answer: no count reported means none skipped.
        return Kind.GOOD, status, None
    if status in _UNFINISHED:
        return Kind.FAILED, status, ADVICE["still_running"]
    shown_status = status if status not in ("", *_PERMISSIONS) else bare_name(error) or "UNKNOWN"
    if error:
        return Kind.FAILED, shown_status, dataset_advice(error, message)
    without_error = {"FAILED": "failed", "CANCELLED": "cancelled", "": "ended_unexpectedly"}
    group = without_error.get(status, "other_status")
    return Kind.FAILED, shown_status, ADVICE[group]


def _waiting(queue: Mapping[str, Any]) -> Iterator[str]:
    # AWS's descriptions of the two fields look swapped: show both, conclude nothing.
    for field in ("WaitingOnIngestion", "QueuedIngestion"):
        if ingestion := text(queue.get(field)):
            yield f"{field}={shorten(ingestion, NAME_LIMIT)}"
