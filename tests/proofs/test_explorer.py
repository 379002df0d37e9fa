"""Schedules of the real state machines keep the invariants, and wrong versions of them do not."""

import collections
import contextlib
import warnings
from collections.abc import Callable, Iterator

import pytest

from proofs.edits import EDITS
from proofs.explorer import WINDOWS, Explorer, Outcome, settle_of

#: As many as fit into half a minute on two cores; ``make explore`` runs more.
SCHEDULES = 60
_CHUNK = 5

#: Schedules beyond those that are worth keeping, and what happens in them.
NASTY = {
    68: "the answer about the leader is older than its death",
    69: "several wait during a long refresh, and who asks first tells the others",
    84: "as 68, with other files",
}

#: A few schedules that hit every race window between them.
STEERED: tuple[int, ...] = (4, 6, 13, 22)

#: Wrong version of the protocol → a schedule that catches it, and what it is caught as.
CAUGHT = {
    "take-over-without-condition": (4, "I2"),
    "release-before-counting": (0, "I1"),
    "count-after-the-refresh": (5, "I1"),
    "release-covers-what-arrived-meanwhile": (5, "I1"),
    "ask-without-waiting": (20, "I3"),
    "hand-over-counts-one-more": (18, "waste"),
    "failed-release-is-taken-as-done": (9, "I1"),
    "start-next-before-release": (29, "I1"),
    "no-release-after-a-failure": (0, "I3"),
    "claim-takes-the-lead-from-whoever-has-it": (0, "I2"),
    "free-folder-is-left-to-the-hand-over": (172, "I1"),
    "vouch-names-what-arrived-by-then": (20, "I1"),
    "vouch-names-what-the-look-saw": (20, "I3"),
    "leader-is-believed-without-asking": (4, "I3"),
    "all-datasets-start-together": (13, "order"),
    "failed-announcement-keeps-the-lead": (148, "I3"),
}


@pytest.fixture(scope="module")
def explorers() -> Iterator[Callable[[int], Explorer]]:
    """Give the explorer for a SettleSeconds; one is deployed at a time."""
    with contextlib.ExitStack() as stack:
        deployed: dict[int, Explorer] = {}

        def explorer(settle: int) -> Explorer:
            if settle not in deployed:
                stack.close()
                deployed.clear()
                deployed[settle] = stack.enter_context(Explorer(settle))
            return deployed[settle]

        yield explorer


@pytest.fixture
def explorer(explorers: Callable[[int], Explorer]) -> Explorer:
    return explorers(30)


def chunks() -> Iterator[tuple[int, list[int]]]:
    """Yield groups of schedules that run in the same deployment."""
    for settle in (0, 30):
        seeds = [seed for seed in (*range(SCHEDULES), *NASTY) if settle_of(seed) == settle]
        for first in range(0, len(seeds), _CHUNK):
            yield settle, seeds[first : first + _CHUNK]


def shown(outcome: Outcome) -> str:
    """Return what a failing schedule broke, and how to see it again."""
    broken = "\n".join(outcome.violations)
    return f"{broken}\nsee it: python -m proofs.explorer --seed {outcome.seed}"


@pytest.mark.parametrize(
    ("settle", "seeds"),
    list(chunks()),
    ids=[f"{seeds[0]}-{seeds[-1]}-settle-{settle}" for settle, seeds in chunks()],
)
def test_schedules_keep_the_invariants(
    explorers: Callable[[int], Explorer], settle: int, seeds: list[int]
) -> None:
    for seed in seeds:
        outcome = explorers(settle).run(seed)
        assert outcome.violations == [], shown(outcome)


def test_a_schedule_replays_by_its_number_whatever_ran_before(explorer: Explorer) -> None:
    first = explorer.run(4)
    explorer.run(5)
    assert explorer.run(4) == first


def test_schedules_steer_into_every_race_window(explorer: Explorer) -> None:
    hits: collections.Counter[str] = collections.Counter()
    for seed in STEERED:
        hits.update(explorer.run(seed).windows)
    assert [window for window in WINDOWS if not hits[window]] == []


def test_every_wrong_version_has_a_schedule_that_catches_it() -> None:
    assert set(CAUGHT) == set(EDITS)


@pytest.mark.parametrize("name", sorted(EDITS))
def test_a_wrong_version_of_the_protocol_is_caught(explorer: Explorer, name: str) -> None:
    recorded, broken = CAUGHT[name]
    others = [seed for seed in range(SCHEDULES) if settle_of(seed) == 30 and seed != recorded]
    with explorer.edited(name):
        # The recorded schedule first; another one when the real machine has changed since.
        caught = next(
            (one for one in map(explorer.run, (recorded, *others)) if one.violations), None
        )
    assert caught is not None, f"{name} was not caught in {SCHEDULES} schedules"
    if caught.seed != recorded:
        warnings.warn(f"{name}: record schedule {caught.seed}, {recorded} is stale", stacklevel=1)
    assert any(violation.startswith(broken) for violation in caught.violations), shown(caught)
