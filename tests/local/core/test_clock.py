"""One clock, one thread of work at a time."""

import datetime
import time
from collections.abc import Iterator

import pytest

from local.core.clock import START, Clock, DeadlockError, StoppedError


@pytest.fixture
def clock() -> Iterator[Clock]:
    made = Clock(seed=1)
    made.start()
    yield made
    made.stop()


def since_start(clock: Clock) -> float:
    return clock.now() - START.timestamp()


def test_waits_take_no_wall_time_and_end_in_their_order(clock: Clock) -> None:
    ended: list[tuple[str, float]] = []
    for name, seconds in (("long", 3600.0), ("short", 10.0)):

        def work(name: str = name, seconds: float = seconds) -> None:
            clock.sleep(seconds)
            ended.append((name, since_start(clock)))

        clock.spawn(name, work)
    wall = time.monotonic()
    clock.run()
    assert ended == [("short", 10.0), ("long", 3600.0)]
    assert time.monotonic() - wall < 5


def test_the_process_sees_the_clocks_time(clock: Clock) -> None:
    clock.run_for(90)
    assert datetime.datetime.now(tz=datetime.UTC) == START + datetime.timedelta(seconds=90)


def test_scaled_time_passes_for_others_while_nothing_is_due() -> None:
    clock = Clock(speed=200)
    clock.start()
    seen: list[float] = []
    clock.on_tick = lambda: seen.append(time.time())
    clock.run_for(60)
    clock.stop()
    assert seen == sorted(seen)
    assert seen[0] < seen[-1] <= START.timestamp() + 60


def test_the_processs_own_time_comes_back_afterwards() -> None:
    clock = Clock(start=datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC))
    clock.start()
    clock.stop()
    assert datetime.datetime.now(tz=datetime.UTC).year > 2001


@pytest.mark.parametrize(("limit", "raised"), [(5, True), (15, False)])
def test_a_deadline_ends_a_wait_that_lasts_longer(clock: Clock, limit: int, raised: bool) -> None:
    seen: list[tuple[bool, float]] = []

    def work() -> None:
        try:
            with clock.deadline(limit, TimeoutError()):
                clock.sleep(10)
        except TimeoutError:
            seen.append((True, since_start(clock)))
        else:
            seen.append((False, since_start(clock)))

    clock.spawn("work", work)
    clock.run()
    assert seen == [(raised, min(limit, 10))]


def order_of(seed: int) -> list[str]:
    clock = Clock(seed=seed)
    clock.start()
    order: list[str] = []
    for name in "abcdef":

        def work(name: str = name) -> None:
            for step in range(3):
                clock.checkpoint()
                order.append(f"{name}{step}")

        clock.spawn(name, work)
    clock.run()
    clock.stop()
    return order


def test_the_same_seed_gives_the_same_order_and_another_seed_another() -> None:
    assert order_of(7) == order_of(7)
    assert len({tuple(order_of(seed)) for seed in range(5)}) == 5


def test_a_stopped_task_ends_where_it_waits(clock: Clock) -> None:
    seen: list[str] = []

    def work() -> None:
        try:
            clock.sleep(1e6)
        except StoppedError:
            seen.append("stopped")
            raise

    task = clock.spawn("work", work)
    clock.spawn("stopper", lambda: clock.stop_task(task))
    clock.run()
    assert seen == ["stopped"]
    assert clock.tasks == set()
    assert since_start(clock) == 0


def test_a_task_that_nothing_will_wake_is_an_error_that_names_it(clock: Clock) -> None:
    clock.spawn("lonely", lambda: clock.wait(lambda: False))
    with pytest.raises(DeadlockError, match="lonely"):
        clock.run()


def test_a_waiting_task_goes_on_when_it_is_woken(clock: Clock) -> None:
    done: list[int] = []
    seen: list[float] = []

    def waiting() -> None:
        clock.wait(lambda: bool(done))
        seen.append(since_start(clock))

    task = clock.spawn("waiting", waiting)

    def other() -> None:
        clock.sleep(7)
        done.append(1)
        clock.wake(task)

    clock.spawn("other", other)
    clock.run()
    assert seen == [7]


def test_no_task_is_left_when_the_clock_stops() -> None:
    clock = Clock()
    clock.start()
    for number in range(5):
        clock.spawn(str(number), lambda: clock.sleep(1e9))
    clock.run_for(1)
    clock.stop()
    assert clock.tasks == set()


def test_scaled_time_is_paced_by_the_wall_clock() -> None:
    clock = Clock(speed=1000)
    clock.start()
    ticks: list[float] = []
    clock.on_tick = lambda: ticks.append(clock.reached())
    clock.spawn("work", lambda: clock.sleep(300))
    wall = time.monotonic()
    clock.run()
    passed = time.monotonic() - wall
    clock.stop()
    assert since_start(clock) == pytest.approx(300, abs=1)
    assert passed >= 0.29
    assert ticks == sorted(ticks)
