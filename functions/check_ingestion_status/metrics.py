"""Turn one run's verdict into the numbers that CloudWatch keeps."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from run import Run
from verdict import Kind, Verdict

NAMESPACE = "QuickSightRefresh"
# CloudWatch API reference, "Dimension": ASCII without control characters, not a colon first, at
# most 1,024. QuickSight's own ids are far shorter.
_DIMENSION = re.compile(r"[!-9;-~][ -~]{0,254}")


@dataclass(frozen=True, slots=True)
class Measure:
    """One number, by the name and in the unit that CloudWatch shows it under."""

    name: str
    unit: str
    value: int


@dataclass(frozen=True, slots=True)
class Group:
    """Measures that have their dimensions in common."""

    dimensions: Mapping[str, str]
    measures: tuple[Measure, ...]


def measure(verdict: Verdict, run: Run, now: datetime) -> Iterator[Group]:
    """Yield the run's measures by project, then the skipped rows of each dataset that has any.

    What is not known is left out: nothing is better than a zero that means nothing.
    """
    yield Group({"project": run.project}, tuple(_of_the_run(verdict, run, now)))
    # Each dimension is billed for the hours it has data in, so a dataset gets one when it needs it.
    for outcome in verdict.outcomes:
        if (
            outcome.skipped
            and outcome.kind in (Kind.SHORT, Kind.SKIPPED)
            and _DIMENSION.fullmatch(outcome.dataset.id)
        ):
            dimensions = {"project": run.project, "dataset": outcome.dataset.id}
            yield Group(dimensions, (Measure("RowsSkipped", "Count", outcome.skipped or 0),))


def _of_the_run(verdict: Verdict, run: Run, now: datetime) -> Iterator[Measure]:
    refreshed = [outcome for outcome in verdict.outcomes if outcome.kind is Kind.GOOD]
    usable = [
        outcome
        for outcome in verdict.outcomes
        if outcome.kind not in (Kind.FAILED, Kind.NOT_STARTED)
    ]
    yield Measure("RefreshesSucceeded", "Count", int(verdict.refreshed))
    yield Measure("RefreshesFailed", "Count", int(not verdict.refreshed))
    yield Measure("DatasetsRefreshed", "Count", len(refreshed))
    yield Measure("DatasetsFailed", "Count", len(verdict.outcomes) - len(refreshed))
    if rows := _known(outcome.rows for outcome in usable):
        yield Measure("RowsIngested", "Count", sum(rows))
    if skipped := _known(outcome.skipped for outcome in usable):
        yield Measure("RowsSkipped", "Count", sum(skipped))
    if seconds := _known(outcome.seconds for outcome in usable):
        yield Measure("RefreshSeconds", "Seconds", max(seconds))
    yield Measure("FileEventsCovered", "Count", run.trigger.file_events)
    # A run that goes on where another ended has that one's event: its own file came later.
    if run.trigger.time and not run.continues:
        waited = int((now - run.trigger.time).total_seconds())
        yield Measure("SecondsToMail", "Seconds", max(waited, 0))


def _known(values: Iterable[int | None]) -> list[int]:
    return [value for value in values if value is not None]
