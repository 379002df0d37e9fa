"""Many datasets in waves stay far below what a state and an entry of a history may hold."""

from collections.abc import Iterator

import pytest

from local.account import LocalAccount
from proofs import waves

#: Sizes grow with the datasets: a tenth of them has a tenth of the room, and a little to itself.
TENTH, BASE = 10, 4_000


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAccount]:
    with LocalAccount() as deployed:
        deployed.deploy()
        yield deployed


@pytest.mark.parametrize(
    "part", [TENTH, pytest.param(1, marks=pytest.mark.explore)], ids=["a tenth", "all"]
)
def test_three_generations_stay_within_their_sizes(account: LocalAccount, part: int) -> None:
    account.reset()
    found = waves.measure(account, waves.DATASETS // part)
    base = BASE if part > 1 else 0
    print(found)
    assert (found.waves, found.verdict) == (waves.GENERATIONS, "SUCCESS")
    assert found.input <= waves.MOST_INPUT / part + base
    assert found.entry <= waves.MOST_ENTRY / part + base
