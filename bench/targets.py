"""What the waiting rule has to reach, and whether it does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.grid import DATASETS, HOUR, KNOWN, MINUTE, UNKNOWN, Cell, duration_text
from bench.scenarios import Faster

#: No execution, parent or child, may have more events than this.
HISTORY_EVENTS = 2_500
#: The longest pause between two looks, so the latest that anything is noticed.
LONGEST_WAIT = 15 * MINUTE

Cells = Mapping[str, Mapping[tuple[int, int], Cell]]


@dataclass(frozen=True)
class Target:
    """One number that has to be reached, and what was measured for it."""

    what: str
    at_most: float
    measured: float
    unit: str = ""

    @property
    def met(self) -> bool:
        """Tell whether it is reached."""
        return self.measured <= self.at_most


@dataclass(frozen=True)
class _Limit:
    seconds: int
    kind: str
    name: str
    at_most: float
    of: Callable[[Cell], float]
    unit: str = ""


def _limits(
    seconds: int,
    known_median: int | None,
    known_most: int | None,
    known_late: int,
    unknown_most: int,
    unknown_late: int,
) -> list[_Limit]:
    found = []
    if known_median is not None:
        found.append(
            _Limit(seconds, KNOWN, "looks, median", known_median, lambda cell: cell.looks_median)
        )
    if known_most is not None:
        found.append(_Limit(seconds, KNOWN, "looks, most", known_most, lambda cell: cell.looks_max))
    return [
        *found,
        _Limit(seconds, KNOWN, "late, most", known_late, lambda cell: cell.late_max, " s"),
        _Limit(seconds, UNKNOWN, "looks, most", unknown_most, lambda cell: cell.looks_max),
        _Limit(seconds, UNKNOWN, "late, most", unknown_late, lambda cell: cell.late_max, " s"),
    ]


LIMITS = [
    *_limits(20, 3, None, 5, 4, 5),
    *_limits(10 * MINUTE, 6, 12, 15, 32, 75),
    *_limits(HOUR, 9, 14, 90, 46, 8 * MINUTE),
    *_limits(12 * HOUR, None, 70, LONGEST_WAIT, 100, LONGEST_WAIT),
]


def of_grid(cells: Cells) -> list[Target]:
    """Hold the worst of 1, 10 and 40 datasets against each limit."""
    return [
        Target(
            f"{duration_text(limit.seconds)}, {limit.kind}: {limit.name}",
            limit.at_most,
            max(limit.of(cells[limit.kind][limit.seconds, number]) for number in DATASETS),
            limit.unit,
        )
        for limit in LIMITS
    ]


def of_surprises(runs: Sequence[Faster]) -> list[Target]:
    """Hold refreshes ten times faster than the last one against the longest wait."""
    return [
        Target(
            f"ten times faster than the last, which took {duration_text(run.expected)}: late",
            LONGEST_WAIT,
            round(run.late, 1),
            " s",
        )
        for run in runs
    ]


def of_history(cells: Cells) -> list[Target]:
    """Hold the largest history of the whole grid against its limit."""
    largest = max(cell.history for kind in cells.values() for cell in kind.values())
    return [Target("largest history in the grid, parent or child: events", HISTORY_EVENTS, largest)]
