"""The committed page says what the state machine does, and every target is reached."""

import re
from collections.abc import Iterator

import pytest

from bench import report
from bench.freshness import PROMISE, freshness
from bench.grid import HOUR, KNOWN, MINUTE, UNKNOWN, duration_text, measure
from bench.reads import FILES, reads
from bench.targets import HISTORY_EVENTS, LIMITS
from local.account import LocalAccount
from local.services.cloudformation import ROOT

PAGE = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAccount]:
    with LocalAccount() as deployed:
        deployed.deploy(NotificationLanguage="en")
        yield deployed


@pytest.mark.parametrize(
    ("seconds", "datasets"),
    [(20, 10), (10 * MINUTE, 1), (HOUR, 1)],
    ids=lambda value: str(value),
)
def test_a_cell_measured_again_is_what_the_page_says(
    account: LocalAccount, seconds: int, datasets: int
) -> None:
    measured = measure(account, seconds, datasets)
    for kind in (KNOWN, UNKNOWN):
        assert report.cell_row(measured[kind]) in report.grid_rows(PAGE, kind)


def number(text: str) -> float:
    return float(text.removesuffix(" s").replace(",", ""))


def test_every_target_is_reached_on_the_page() -> None:
    rows = report.rows_under(PAGE, "## Targets")
    named = [row[0] for row in rows]
    for limit in LIMITS:
        assert f"{duration_text(limit.seconds)}, {limit.kind}: {limit.name}" in named
    assert len(rows) == len(LIMITS) + 4
    for what, at_most, measured, met in rows:
        assert number(measured) <= number(at_most), what
        assert met == "yes"


def test_the_targets_on_the_page_are_the_worst_of_its_own_grid() -> None:
    column = {"looks, median": 2, "looks, most": 3, "late, most": 5}
    said = {row[0]: number(row[2]) for row in report.rows_under(PAGE, "## Targets")}
    for limit in LIMITS:
        takes = duration_text(limit.seconds)
        cells = [row for row in report.grid_rows(PAGE, limit.kind) if row[0] == takes]
        worst = max(number(row[column[limit.name]]) for row in cells)
        assert said[f"{takes}, {limit.kind}: {limit.name}"] == worst


def test_a_failed_refresh_leaves_the_memory_as_it_was_on_the_page() -> None:
    rows = [row for row in report.rows_under(PAGE, "## Surprises") if row[0].startswith("`")]
    assert rows
    for row in rows:
        assert row[1] == row[2]


def test_the_large_run_on_the_page_stayed_below_the_limit() -> None:
    line = report.recorded_large(PAGE)
    ((largest, limit),) = re.findall(r"history ([\d,]+) events \(limit here: ([\d,]+)\)", line)
    assert number(largest) < number(limit) == HISTORY_EVENTS
    assert "300 datasets × 12 h without history" in line
    assert ", SUCCEEDED;" in line


def test_what_verbs_read_after_a_burst_does_not_grow_with_it(account: LocalAccount) -> None:
    files = 12
    *told, last = reads(account, files)
    *rows, all_runs = report.rows_under(PAGE, report.READS)
    assert [report.read_row(one) for one in told] == rows
    assert [(one.state, one.runs) for one in told] == [(1, 0), (2, 0), (2, 0)]
    # A history for each run, and the list in pages of a hundred.
    assert (all_runs[0], int(all_runs[2])) == ("`history --from-executions`", FILES + FILES // 100)
    assert last.runs == files + 1


def test_a_verb_starts_in_less_than_half_a_second_of_cpu() -> None:
    starts = {row[0]: float(row[1]) for row in report.rows_under(PAGE, report.STARTS)}
    verbs = {name: took for name, took in starts.items() if "`qsrefresh" in name}
    assert len(verbs) == 3
    assert max(verbs.values()) < 0.5
    assert starts["an empty Python"] < min(verbs.values())


def test_a_check_of_freshness_costs_what_the_page_says(account: LocalAccount) -> None:
    rows = report.rows_under(PAGE, report.FRESHNESS)
    assert report.freshness_row(freshness(account, 1, PROMISE + 3)) in rows
    assert [row[0] for row in rows] == ["1", "100", "1,000"]
    for folders, *_, told, _ in rows:
        assert folders == told, "each is told of, once"
