"""What bursts of files cost: the figures that the protocol is for (slowest by design)."""

from collections.abc import Callable

import pytest

from proofs import figures
from proofs.figures import Burst, Figures

pytestmark = pytest.mark.explore


def both(burst: Burst) -> tuple[Figures, Figures]:
    """Return a burst's figures, and those of one run a file."""
    with figures.deployed(burst.parameters) as account:
        return figures.measure(account, burst), figures.one_run_a_file(account, burst)


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
