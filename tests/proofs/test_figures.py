"""What bursts and floods of files cost: the figures that the protocol is for."""

from collections.abc import Callable

import pytest

from local.account import LocalAccount
from proofs import figures, floods
from proofs.figures import Burst, Figures
from proofs.floods import LONG, SHORT, Flood


def both(burst: Burst) -> tuple[Figures, Figures]:
    """Return a burst's figures, and those of one run a file."""
    with figures.deployed(burst.parameters) as account:
        return figures.measure(account, burst), figures.one_run_a_file(account, burst)


@pytest.mark.explore
@pytest.mark.parametrize(
    ("burst", "refreshes"),
    [
        (figures.AT_ONCE, 1),
        (figures.SPREAD, 2),
        (figures.SUB_FOLDERS, 3),
        # 11 begin within the eight hours, and one afterwards: the last files came later than
        # 45 minutes after the eleventh's predecessor.
        (figures.ALL_DAY, 12),
    ],
    ids=lambda value: value.name if isinstance(value, Burst) else f"at most {value}",
)
def test_a_burst_is_a_few_refreshes_that_cover_every_file(burst: Burst, refreshes: int) -> None:
    found, single = both(burst)
    assert found.covered
    assert found.refused == 0
    assert 1 <= found.refreshes <= refreshes
    assert found.meanwhile <= 11
    assert found.mails == found.refreshes
    assert found.ingestions == found.refreshes * burst.datasets
    wasted: list[Callable[[Figures], int]] = [
        lambda one: one.refreshes,
        lambda one: one.ingestions,
        lambda one: one.mails,
        lambda one: one.transitions,
    ]
    for count in wasted:
        assert count(found) < count(single)


@pytest.mark.parametrize(
    ("files", "seconds"),
    [
        (100, SHORT),
        (100, LONG),
        *(
            pytest.param(files, seconds, marks=pytest.mark.explore)
            for files in floods.SIZES[1:-1]
            for seconds in (SHORT, LONG)
        ),
    ],
)
def test_a_flood_is_one_refresh_and_one_for_what_came_during_it(
    account: LocalAccount, files: int, seconds: int
) -> None:
    flood = floods.measure(account, files, seconds)
    assert flood.missed() == []
    assert flood.mails == flood.refreshes == (1 if seconds == SHORT else 2)
    assert flood.asked <= (0 if seconds == SHORT else files / 4)


def test_a_target_that_is_missed_is_said() -> None:
    reached = Flood(1_000, SHORT, 2, 0, 2, 75, 0, 10.3, 82)
    assert reached.missed() == []
    before = Flood(3_500, SHORT, 8, 7, 1, 7_250, 3_758, 13.5, 206)
    assert before.missed() == [
        "8 mails",
        "7 false ERRORs",
        "3,758 throttled calls",
        "13.50 transitions",
    ]


def test_the_table_shows_a_flood_above_what_was_measured_of_it_before() -> None:
    made = floods.table([Flood(3_500, SHORT, 1, 0, 1, 0, 0, 10.0, 82)])
    assert [list(column.cells) for column in made.columns][:6] == [
        ["3,500, 20 s", "  1.0.0, measured"],
        ["1", "8"],
        ["0", "7"],
        ["1", "1"],
        ["0", "7,250"],
        ["0", "3,758"],
    ]
    long = floods.table([Flood(10_000, LONG, 2, 0, 2, 468, 0, 10.14, 82)])
    assert list(long.columns[0].cells) == ["10,000, an hour", "  1.0.0, from a model"]
