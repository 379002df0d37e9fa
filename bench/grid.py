"""The grid: how long, how many datasets, with and without a memory of the last refresh."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.refresh import USD_PER_TRANSITION, Refresh, refresh, register
from local.account import LocalAccount

MINUTE = 60
HOUR = 3600
DURATIONS = (8, 20, MINUTE, 10 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR)
DATASETS = (1, 10, 40)
#: With one dataset, so many refreshes stand for all that take within 10 % of the last one.
SINGLE_RUNS = 5
FIXED_WAITS = (10, 30)
KNOWN, UNKNOWN = "with history", "without history"


def duration_text(seconds: float) -> str:
    """Return a duration as the tables write it."""
    for unit, length in (("h", HOUR), ("min", MINUTE)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


@dataclass(frozen=True)
class Cell:
    """One line of a table: what the refreshes of one kind took."""

    seconds: int
    datasets: int
    looks_median: float
    looks_max: int
    late_median: float
    late_max: float
    transitions: float
    history: int

    @property
    def usd(self) -> float:
        """Return the price of the transitions of 1,000 such refreshes."""
        return self.transitions * USD_PER_TRANSITION * 1000

    @classmethod
    def of(cls, seconds: int, datasets: int, runs: Sequence[Refresh]) -> "Cell":
        """Sum up refreshes of as many datasets."""
        looks = [look for run in runs for look in run.looks]
        late = [seconds_late for run in runs for seconds_late in run.late]
        return cls(
            seconds=seconds,
            datasets=datasets,
            looks_median=statistics.median(looks),
            looks_max=max(looks),
            late_median=round(statistics.median(late), 1),
            late_max=round(max(late), 1),
            transitions=statistics.median(run.transitions for run in runs),
            history=max(run.history for run in runs),
        )


def factors(number: int) -> list[float]:
    """Return so many factors, spread evenly over 10 % below and above."""
    if number == 1:
        return [1.0]
    return [round(0.9 + 0.2 * index / (number - 1), 4) for index in range(number)]


def measure(account: LocalAccount, seconds: int, datasets: int) -> dict[str, Cell]:
    """Measure a cell without history, and with the history that its own refreshes left.

    Every refresh without history takes just as long as the cell says. What it releases is the
    history of the next one, whose datasets take between 10 % less and 10 % more.
    """
    first, second = [], []
    spread = factors(datasets)
    for single in factors(SINGLE_RUNS) if datasets == 1 else [1.0]:
        register(account, datasets)
        first.append(refresh(account, [seconds] * datasets))
        second.append(refresh(account, [seconds * single * factor for factor in spread]))
    return {
        KNOWN: Cell.of(seconds, datasets, second),
        UNKNOWN: Cell.of(seconds, datasets, first),
    }


@dataclass(frozen=True)
class Fixed:
    """What a fixed wait took with one dataset.

    Attributes:
        died: the history of the child was full before the ingestion ended.
        parent: transitions of the parent, whatever the number of datasets.
        child: transitions of one child.
    """

    seconds: int
    wait: int
    looks: int
    late: float
    died: bool
    parent: int
    child: int
    history: int

    def transitions(self, datasets: int) -> int:
        """Return what so many datasets would take: the child's part, multiplied."""
        return self.parent + datasets * self.child

    def usd(self, datasets: int) -> float:
        """Return the price of the transitions of 1,000 such refreshes."""
        return self.transitions(datasets) * USD_PER_TRANSITION * 1000


def measure_fixed(account: LocalAccount, wait: int, seconds: int) -> Fixed:
    """Measure one dataset in an account whose machine waits a fixed time."""
    register(account, 1)
    run = refresh(account, [seconds], ends=None)
    return Fixed(
        seconds=seconds,
        wait=wait,
        looks=run.looks[0],
        late=run.late[0],
        died=run.late[0] < 0,
        parent=run.parent_transitions,
        child=run.transitions - run.parent_transitions,
        history=run.history,
    )
