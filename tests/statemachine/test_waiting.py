"""How long to wait before the next look at an ingestion: the rule, evaluated from the ASL file."""

import datetime
import statistics
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st

from local.stepfunctions.jsonata import evaluate
from tests.asl import STATE_MACHINES, expressions, load, states

START = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
HOUR = 3600
#: The local QuickSight, like the real one, does not begin at once.
STARTS_AFTER = 2


@cache
def rule() -> str:
    definition = load(next(path for path in STATE_MACHINES if path.name == "sfn.asl.json"))
    (wait,) = [state for state in states(definition) if state.name == "Wait Before Checking"]
    (expression,) = expressions(wait.body["Seconds"])
    return expression


def seconds_to_wait(
    elapsed: float, expected: float = 0, timeout: float = 24 * HOUR, since: float | None = None
) -> int:
    """Return what the rule says ``elapsed`` seconds after the child's start.

    ``since``: when the ingestion was created, seconds since 1970; None: when the child started.
    """
    plan = {"expected": expected, "deadline": (START.timestamp() + timeout) * 1000}
    bindings: dict[str, Any] = {
        "states": {
            "input": {"plan": plan} | ({} if since is None else {"since": since * 1000}),
            "context": {"Execution": {"StartTime": "2026-11-23T12:00:00.000Z"}},
        }
    }
    with time_machine.travel(START + datetime.timedelta(seconds=elapsed), tick=False):
        waited = evaluate(rule(), bindings)
    assert isinstance(waited, int)
    return waited


@dataclass(frozen=True)
class Followed:
    """How an ingestion of a known length was followed."""

    looks: int
    late: float
    longest: int
    shortest: int


def follow(duration: float, expected: float = 0, timeout: float = 24 * HOUR) -> Followed:
    """Look at an ingestion as the rule says until it has ended."""
    elapsed, looks, waits = 0.0, 0, []
    while elapsed < duration and elapsed <= timeout:
        waits.append(seconds_to_wait(elapsed, expected, timeout))
        elapsed += waits[-1]
        looks += 1
    return Followed(looks, elapsed - duration, max(waits), min(waits))


@dataclass(frozen=True)
class Target:
    """A line of the table of targets: looks (median, at most) and seconds late."""

    duration: int
    median: int
    most: int
    late: int


KNOWN = [
    Target(20, 3, 3, 5),
    Target(600, 6, 12, 15),
    Target(HOUR, 9, 14, 90),
    Target(12 * HOUR, 70, 70, 900),
]
UNKNOWN = [
    Target(20, 4, 4, 5),
    Target(600, 32, 32, 75),
    Target(HOUR, 46, 46, 480),
    Target(12 * HOUR, 100, 100, 900),
]
JITTER = [0.9 + step / 100 for step in range(21)]


@pytest.mark.parametrize("target", KNOWN, ids=lambda target: f"{target.duration} s")
def test_a_known_refresh_is_noticed_in_time_with_few_looks(target: Target) -> None:
    runs = [
        follow(STARTS_AFTER + target.duration * factor, expected=target.duration)
        for factor in JITTER
    ]
    assert statistics.median(run.looks for run in runs) <= target.median
    assert max(run.looks for run in runs) <= target.most
    assert max(run.late for run in runs) <= target.late


@pytest.mark.parametrize("target", UNKNOWN, ids=lambda target: f"{target.duration} s")
def test_an_unknown_refresh_is_noticed_in_time_with_few_looks(target: Target) -> None:
    run = follow(STARTS_AFTER + target.duration)
    assert run.looks <= target.most
    assert run.late <= target.late


@pytest.mark.parametrize("expected", [60, 600, HOUR, 12 * HOUR])
def test_a_refresh_ten_times_faster_than_last_time_is_noticed_within_15_minutes(
    expected: int,
) -> None:
    assert follow(STARTS_AFTER + expected / 10, expected=expected).late <= 900


@pytest.mark.parametrize("expected", [20, 600, HOUR])
def test_a_refresh_ten_times_slower_than_last_time_is_not_asked_for_too_often(
    expected: int,
) -> None:
    run = follow(expected * 10, expected=expected)
    assert run.looks <= 100
    assert run.late <= max(expected * 10 / 7, 15)


def test_the_longest_refresh_stays_far_below_the_history_limit() -> None:
    # A look is 9 events, and a child has 10 more of its own.
    assert follow(22 * HOUR).looks * 9 + 10 < 2_500


@given(
    duration=st.floats(1, 22 * HOUR),
    expected=st.one_of(st.just(0.0), st.floats(0, 30 * HOUR)),
)
def test_following_always_ends_with_waits_within_bounds(duration: float, expected: float) -> None:
    run = follow(duration, expected, timeout=22 * HOUR)
    assert 1 <= run.shortest <= run.longest <= 900
    assert run.late <= 900
    assert run.looks <= 400


@given(elapsed=st.floats(0, 30 * HOUR), left=st.floats(-100, 2000))
@example(elapsed=1.5625, left=0.99999)
def test_no_wait_goes_past_the_deadline_by_more_than_a_second(elapsed: float, left: float) -> None:
    waited = seconds_to_wait(elapsed, timeout=elapsed + left)
    # $millis() counts whole milliseconds: what is left may look that much longer.
    assert 1 <= waited <= max(1, left + 1.001)


def test_a_second_attempt_is_timed_from_its_own_start() -> None:
    for expected in (0, 600):
        for age in (1, 30, 700):
            later = seconds_to_wait(5000 + age, expected, since=START.timestamp() + 5000)
            assert later == seconds_to_wait(age, expected)
