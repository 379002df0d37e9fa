"""Write what was measured as docs/performance.md."""

import datetime
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

from bench.deployment import TIMEOUT_SECONDS
from bench.freshness import HOURS, HOURS_A_MONTH, PROMISE, Freshness
from bench.grid import (
    DATASETS,
    DURATIONS,
    FIXED_WAITS,
    KNOWN,
    SINGLE_RUNS,
    UNKNOWN,
    Cell,
    Fixed,
    duration_text,
)
from bench.jobs import Results
from bench.machine import this_machine
from bench.reads import FILES, Reads
from bench.scenarios import BURST_SECONDS, CROWD, Crowd
from bench.targets import HISTORY_EVENTS, Target, of_grid, of_history, of_surprises

LARGE = (300, 12 * 3600)
_LARGE_MARK = "`make bench-large`, "

_HEAD = """# What a refresh costs, and how late it is noticed

Everything here is measured by `make bench`, which writes this page. Every figure comes from runs
of the deployed state machine in the [local account](dev/local-account.md), in virtual time:
simulated, and the same on every machine, but for the last section. A *look* is one call of
DescribeIngestion for one dataset. *Late* is the time between an ingestion's end and the look that
saw it. QuickSight sends no event when an ingestion ends, so one look and no lateness is the floor
that nothing can beat.

![Looks over the duration of a refresh](performance.svg)
"""

_HOW = f"""## The whole grid

*Without history* is the first refresh of a folder: each dataset takes just as long as the line
says. *With history* is the next one, after the first one's release wrote down how long its
datasets took: now they take between 10 % less and 10 % more, spread evenly over the datasets;
with one dataset, over {SINGLE_RUNS} pairs of refreshes. Median and most are over all datasets;
transitions are those of one refresh of the whole folder (the median, where there are several),
children included: every state that is entered, and every retry; one of them puts the event that
[announces](events.md) how the refresh ended. Whether AWS counts the start of a
Map's child as one more is not documented; it is not counted here. The largest history is that of
the parent or of one child. USD is for 1,000 such refreshes at $0.025 for 1,000 transitions of a
Standard machine ([prices](https://aws.amazon.com/step-functions/pricing/)), without the 4,000 a
month that are free. All runs have `RefreshTimeoutSeconds` at {TIMEOUT_SECONDS}; an ingestion
begins 2 seconds after it was created.
"""


def _table(head: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> str:
    marks = ["---"] * left + ["---:"] * (len(head) - left)
    lines = [head, marks, *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def _text(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), 98, break_on_hyphens=False) + "\n"


def _number(value: float) -> str:
    text = f"{value:,.1f}"
    return text.removesuffix(".0")


def _grid_head(kind: str) -> str:
    return f"### {kind.capitalize()}"


def cell_row(cell: Cell) -> list[str]:
    """Return a cell as a line of its table."""
    return [
        duration_text(cell.seconds),
        str(cell.datasets),
        _number(cell.looks_median),
        _number(cell.looks_max),
        _number(cell.late_median),
        _number(cell.late_max),
        _number(cell.transitions),
        _number(cell.history),
        f"{cell.usd:,.2f}",
    ]


def rows_under(text: str, heading: str) -> list[list[str]]:
    """Return the lines of the first table below a heading of a written page."""
    part = text.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[field.strip() for field in line.strip("|").split(" | ")] for line in lines[2:]]


def grid_rows(text: str, kind: str) -> list[list[str]]:
    """Return the lines of one of the grid's tables of a written page."""
    return rows_under(text, _grid_head(kind))


def _looks(run: Fixed) -> str:
    return f"died after {run.looks:,}" if run.died else f"{run.looks:,}"


def _overview(results: Results) -> str:
    head = ["one dataset takes", "with history", "without", *(f"every {w} s" for w in FIXED_WAITS)]
    rows = [
        [
            duration_text(seconds),
            _number(results.cells[KNOWN][seconds, 1].looks_median),
            _number(results.cells[UNKNOWN][seconds, 1].looks_median),
            *(_looks(results.fixed[wait][index]) for wait in FIXED_WAITS),
        ]
        for index, seconds in enumerate(DURATIONS)
    ]
    return "Looks at one dataset (median):\n\n" + _table(head, rows)


def targets(results: Results) -> list[Target]:
    """Return every target with its figure."""
    return [
        *of_grid(results.cells),
        *of_surprises(results.faster),
        *of_history(results.cells),
    ]


def _targets(results: Results) -> str:
    rows = [
        [
            one.what,
            f"{_number(one.at_most)}{one.unit}",
            f"{_number(one.measured)}{one.unit}",
            "yes" if one.met else "NO",
        ]
        for one in targets(results)
    ]
    text = f"The worst of {', '.join(map(str, DATASETS[:-1]))} and {DATASETS[-1]} datasets.\n\n"
    return "## Targets\n\n" + text + _table(["target", "at most", "measured", "met"], rows)


def _crowd_row(one: Crowd) -> list[str]:
    return [
        one.what,
        _number(one.looks),
        _number(one.history),
        f"{one.status} {one.error}".strip(),
    ]


def _history(results: Results, large: str) -> str:
    datasets, seconds = CROWD
    return (
        "## The limit of 25,000 events\n\n"
        + _text(
            f"A look is 9 events. {datasets} datasets of {duration_text(seconds)}, without "
            "history. The first line is the same definition with a fixed wait in an inline Map, "
            "replaced at deployment: it ends without a mail of its own."
        )
        + "\n"
        + _table(
            ["machine", "looks", "largest history", "ended"],
            [_crowd_row(one) for one in results.crowds],
        )
        + "\n"
        + _text(
            "A child follows one dataset, so its history does not depend on how many there are; "
            "the parent's does not either. In full:"
        )
        + "\n"
        + large
        + "\n"
    )


def large_line(one: Crowd, seconds: float, day: datetime.date) -> str:
    """Return the line that records a run of ``make bench-large``."""
    datasets, length = LARGE
    return (
        f"{_LARGE_MARK}{day:%Y-%m-%d}: {datasets} datasets × {duration_text(length)} without "
        f"history: {_number(one.looks)} looks, largest history {one.history:,} events "
        f"(limit here: {HISTORY_EVENTS:,}), {one.status}; {seconds:.0f} s on this machine "
        f"({this_machine()})."
    )


def recorded_large(text: str) -> str:
    """Return the line that an earlier ``make bench-large`` left in a page."""
    found = re.search(rf"^{re.escape(_LARGE_MARK)}.*$", text, re.MULTILINE)
    return found.group() if found else f"{_LARGE_MARK}not run yet."


def with_large(text: str, line: str) -> str:
    """Return a page with its line for ``make bench-large`` replaced."""
    return text.replace(recorded_large(text), line)


def _surprises(results: Results) -> str:
    faster = _table(
        ["the last refresh took", "this one", "looks", "late"],
        [
            [
                duration_text(run.expected),
                duration_text(run.expected / 10),
                run.looks,
                f"{_number(run.late)} s",
            ]
            for run in results.faster
        ],
    )
    failures = _table(
        ["failed with", "remembered before", "remembered after", "next good one: looks", "late"],
        [
            [
                f"`{one.why}`",
                f"{_number(one.remembered_before)} s",
                f"{_number(one.remembered_after)} s",
                one.looks_after,
                f"{_number(one.late_after)} s",
            ]
            for one in results.failures
        ],
    )
    return (
        "## Surprises\n\nTen times faster than last time:\n\n"
        + faster
        + "\n"
        + _text(
            "A refresh that fails after 5 seconds, between two good ones of 10 minutes, leaves the "
            "memory as it was:"
        )
        + "\n"
        + failures
    )


def _bursts(results: Results) -> str:
    rows = [
        [
            one.files,
            one.ingestions,
            one.mails,
            _number(one.transitions),
            _number(one.one_by_one),
            f"{one.transitions / one.one_by_one:.2f}",
        ]
        for one in results.bursts
    ]
    return (
        "## Bursts\n\n"
        + _text(
            "Files that arrive in the same moment, for one dataset of "
            f"{duration_text(BURST_SECONDS)} without history. One run per file is the run of a "
            "single file, multiplied; QuickSight would refuse it after 32 ingestions in a day."
        )
        + "\n"
        + _table(
            ["files", "ingestions", "mails", "transitions", "one run per file", "ratio"],
            rows,
            left=0,
        )
    )


READS = "## Looking afterwards"
STARTS = "### Starting a verb"


def read_row(one: Reads) -> list[str]:
    """Return what a verb calls as a line of its table."""
    return [f"`{one.verb}`", str(one.state), str(one.runs), str(one.others)]


def reads(measured: Sequence[Reads]) -> str:
    """Return the part about what qsrefresh reads after a burst."""
    head = ["`qsrefresh`", "state table", "Step Functions", "the rest"]
    return (
        f"{READS}\n\n"
        + _text(
            f"Calls of a verb after a burst of {FILES} files in a minute, all for one folder. A "
            "folder's record is one item, whatever the number of files; `status` scans the table "
            "once, a page for each MB. While a run leads a folder, one call more asks whether it "
            "lives. The rest finds the project, its parameters, its registrations and the time. "
            "1.0.0 read as the last line does."
        )
        + "\n"
        + _table(head, map(read_row, measured))
    )


FRESHNESS = "## Looking for old data"


def freshness_row(one: Freshness) -> list[str]:
    """Return what the hourly check costs as a line of its table."""
    counts = (one.folders, one.first, one.usual, one.breach, one.mails, one.told)
    return [*map(_number, counts), f"{one.usd:,.2f}"]


def freshness(measured: Sequence[Freshness]) -> str:
    """Return the part about the hourly check of freshness."""
    head = ["folders", "first hour", "usual hour", "hour of the breach", "mails", "folders told"]
    return (
        f"{FRESHNESS}\n\n"
        + _text(
            "Transitions of the hourly [check](operations.md#dashboards-are-old), with "
            f"folders that promise {PROMISE} hours and are never refreshed, over {HOURS} hours. "
            "It reads 100 registrations at a time, and after a full page one more, of 3 "
            "transitions if it is empty. The first hour notes each folder that it sees, once; "
            "in the hour of the breach all are told of and noted. USD is for a month of "
            f"{HOURS_A_MONTH} usual hours, without the 4,000 transitions a month that are free."
        )
        + "\n"
        + _table([*head, "USD"], map(freshness_row, measured), left=0)
    )


def _fixed(results: Results) -> str:
    head = ["takes", "looks", "late, s", "largest history"]
    head += [f"transitions × {number}" for number in DATASETS]
    head += [f"USD × {number}" for number in DATASETS]
    text = "### Fixed waits\n\n" + _text(
        "The same definition with `Wait Before Checking` replaced at deployment. Measured with "
        "one dataset; its child's transitions are multiplied for 10 and 40. 30 seconds is the "
        "default of Airflow's operator."
    )
    for wait in FIXED_WAITS:
        rows = [
            [
                duration_text(run.seconds),
                _looks(run),
                "–" if run.died else _number(round(run.late, 1)),
                _number(run.history),
                *(_number(run.transitions(number)) for number in DATASETS),
                *(f"{run.usd(number):,.2f}" for number in DATASETS),
            ]
            for run in results.fixed[wait]
        ]
        text += f"\nEvery {wait} seconds:\n\n" + _table(head, rows)
    return text


def _grid(results: Results) -> str:
    head = ["takes", "datasets", "looks, median", "most", "late, median s", "most s"]
    head += ["transitions", "largest history", "USD"]
    text = _HOW
    for kind, cells in results.cells.items():
        text += f"\n{_grid_head(kind)}\n\n" + _table(head, [cell_row(c) for c in cells.values()])
    return text + "\n" + _fixed(results)


#: Measured once, by turns on one machine that had other work too.
_BEFORE_AND_AFTER = (
    "When the local account was made cheaper, on 2026-11-23, a look went from 16,500 calls of "
    "Python functions to 10,900, and from 132 looks a second to 141 (each the median of three "
    "turns on a machine that had other work too). On 2026-11-24 the calls of machines went "
    "straight to the services that imitate them: from 152 looks a second to 321."
)


def _machine(results: Results, day: datetime.date) -> str:
    speed = results.speed
    imports = _table(
        ["handler", "ratio"],
        [[f"`functions/{one.function}/`", f"{one.ratio:.1f}"] for one in results.imports],
    )
    return (
        "## On this machine\n\n"
        + _text(f"Measured on {day:%Y-%m-%d} ({this_machine()}); other machines differ.")
        + "\n"
        + _text(
            f"The local account takes {1000 * speed.cpu / speed.looks:.1f} ms of one core for a "
            f"simulated look and the states around it, that is {speed.looks / speed.cpu:.0f} looks "
            f"or {3 * speed.looks / speed.cpu:.0f} states a second, and "
            f"{_number(round(speed.simulated / speed.cpu))} simulated seconds in one, with 10 "
            f"datasets of 4 h. {_BEFORE_AND_AFTER}"
        )
        + "\n"
        + _text(
            "Cold import: how long a new Python process takes that imports the handler and ends, "
            "over one that imports an empty module (median of 9)."
        )
        + "\n"
        + imports
        + f"\n{STARTS}\n\n"
        + _text(
            "Seconds of CPU until a verb of `qsrefresh` asks AWS for the first time (the least of "
            "9)."
        )
        + "\n"
        + start_table(results.starts)
    )


def start_table(starts: Mapping[str, float]) -> str:
    """Return how long verbs take to start."""
    return _table(["", "CPU, s"], [[name, f"{took:.2f}"] for name, took in starts.items()])


def page(results: Results, large: str, day: datetime.date) -> str:
    """Return docs/performance.md."""
    parts = [
        _HEAD + "\n" + _overview(results),
        _targets(results),
        _surprises(results),
        _history(results, large),
        _bursts(results),
        reads(results.reads),
        freshness(results.freshness),
        _grid(results),
        _machine(results, day),
    ]
    return "\n".join(parts)
