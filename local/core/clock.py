"""One clock for the whole account, and a scheduler that runs one thread of work at a time.

Every execution, Map child and event delivery is a *task*: a green thread (greenlet) that runs
alone until it waits or calls a service. So time passes only between tasks, calls are ordered by
a seed, and the same seed gives the same history, event by event.

There are three speeds: virtual (time jumps to the next thing that is due), scaled (the same, but
paced by the wall clock times a factor), real (factor 1). Work takes no time on this clock.
"""

import contextlib
import datetime
import heapq
import itertools
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import greenlet
import time_machine

VIRTUAL = None
START = datetime.datetime(2026, 11, 23, 12, 0, 0, tzinfo=datetime.UTC)
_TICK_SECONDS = 0.1


class StoppedError(BaseException):
    """Thrown into a task that is to end; passes every ``except Exception``."""


class AbortedError(StoppedError):
    """An execution was stopped from outside (StopExecution), or with its parent."""

    def __init__(self, error: str | None = None, cause: str | None = None) -> None:
        super().__init__(cause)
        self.error = error
        self.cause = cause


class DeadlockError(RuntimeError):
    """Tasks are left that nothing will ever wake."""


class _GreenThread(greenlet.greenlet):
    """What runs a task; made in the scheduler's own thread, where it has to be switched to."""

    def __init__(self, task: "Task") -> None:
        super().__init__(task.main, parent=task.clock.hub)
        self.task = task


class Task:
    """One green thread of work: an execution, a Map child, a delivery."""

    def __init__(self, clock: "Clock", name: str, work: Callable[[], Any]) -> None:
        self.clock = clock
        self.thread: _GreenThread | None = None
        self.name = name
        self.work = work
        self.deadlines: list[tuple[float, BaseException]] = []
        self.pending: BaseException | None = None
        self.wake_number = 0
        self.finished = False
        self.on_finish: list[Callable[[], None]] = []

    def switch(self) -> None:
        """Let the task run until it waits; for the scheduler only."""
        if self.thread is None:
            self.thread = _GreenThread(self)
        self.thread.switch()

    def main(self) -> None:
        """Do the work, and clean up after it."""
        try:
            if self.pending is None:
                self.work()
        except StoppedError:
            pass
        finally:
            self.finished = True
            self.clock.tasks.discard(self)
            for call in self.on_finish:
                call()


class Clock:
    """The account's time and its scheduler.

    Args:
        speed: virtual seconds per wall-clock second; ``VIRTUAL`` (None) does not wait at all.
        seed: decides the order of tasks that could run at the same instant, and all randomness.
        start: the first instant, for virtual and scaled time.
    """

    def __init__(
        self, speed: float | None = VIRTUAL, seed: int = 0, start: datetime.datetime = START
    ) -> None:
        self.speed = speed
        self.random = random.Random(seed)
        self.tasks: set[Task] = set()
        self.hub: greenlet.greenlet | None = None
        self.on_tick: Callable[[], None] | None = None
        self._ready: deque[Task] = deque()
        self._sleeping: list[tuple[float, int, Task, int]] = []
        self._numbers = itertools.count()
        self._arrivals = threading.Condition()
        self._arrived: deque[Task] = deque()
        self._travel: time_machine.travel | None = None
        self._coordinates: time_machine.Traveller | None = None
        self._now = time.time() if speed == 1 else start.timestamp()
        self._pace_from = (time.monotonic(), self._now)

    # ------------------------------------------------------------------ time

    def start(self) -> None:
        """Begin: from here on the process sees this clock's time (not in real time)."""
        if self.speed != 1:
            self._travel = time_machine.travel(
                datetime.datetime.fromtimestamp(self._now, tz=datetime.UTC), tick=False
            )
            self._coordinates = self._travel.start()
        self._pace_from = (time.monotonic(), self._now)

    def stop(self) -> None:
        """End every task that is left and give the process its own time back."""
        self.stop_all()
        if self._travel is not None:
            self._travel.stop()
            self._travel = self._coordinates = None

    def stop_all(self) -> None:
        """End every task that is left."""
        while self.tasks:
            for task in sorted(self.tasks, key=lambda task: task.name):
                self.stop_task(task)
            self._run_ready()

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return time.time() if self.speed == 1 else self._now

    def reached(self) -> float:
        """Return how far time has come between two tasks: for showing, not for deciding."""
        if self.speed is None or self.speed == 1:
            return self.now()
        due = self._next_due()
        paced = max(self._now, self._paced(time.monotonic()))
        return paced if due is None else min(paced, max(due, self._now))

    def due(self) -> float | None:
        """Return when the next task wakes; None: none sleeps. For showing, not for deciding."""
        return self._next_due()

    def today(self) -> datetime.datetime:
        """Return the time as an aware UTC datetime."""
        return datetime.datetime.fromtimestamp(self.now(), tz=datetime.UTC)

    def _move_to(self, instant: float) -> None:
        if self.speed != 1 and instant > self._now:
            self._now = instant
            if self._coordinates is not None:
                self._coordinates.move_to(datetime.datetime.fromtimestamp(instant, tz=datetime.UTC))

    # ----------------------------------------------------------------- tasks

    def spawn(self, name: str, work: Callable[[], Any]) -> Task:
        """Start a task; it runs when the scheduler next gets to it. Safe from other threads."""
        if self.hub is None:
            self.hub = greenlet.getcurrent()
            self._owner = threading.get_ident()
        task = Task(self, name, work)
        self.tasks.add(task)
        self._make_ready(task)
        return task

    def _make_ready(self, task: Task) -> None:
        if threading.get_ident() == self._owner:
            if task not in self._ready:
                self._ready.append(task)
            return
        with self._arrivals:
            self._arrived.append(task)
            self._arrivals.notify()

    def current(self) -> Task | None:
        """Return the running task, or None outside the scheduler."""
        running = greenlet.getcurrent()
        if isinstance(running, _GreenThread) and running.task.clock is self:
            return running.task
        return None

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass on this clock; raises the time-out that falls due before."""
        task = self.current()
        if task is None:
            self.run_for(seconds)
            return
        wake, overdue = self.now() + max(0.0, seconds), None
        if task.deadlines:
            at, error = min(task.deadlines, key=lambda deadline: deadline[0])
            if at < wake:
                wake, overdue = at, error
        self._park(task, wake)
        if overdue is not None:
            raise overdue

    def checkpoint(self) -> None:
        """A point where another task may go first: call it before every service call."""
        task = self.current()
        if task is None:
            return
        self._wake_due()
        if self._ready:
            task.wake_number += 1
            self._ready.append(task)
            self._switch(task)

    def wait(self, done: Callable[[], bool]) -> None:
        """Park the running task until somebody calls :meth:`wake` on it and ``done()`` holds."""
        task = self.current()
        if task is None:
            raise RuntimeError("wait() is for tasks; use run(until=…) outside of them")
        while not done():
            at, overdue = min(
                task.deadlines, key=lambda deadline: deadline[0], default=(None, None)
            )
            self._park(task, at)
            if overdue is not None and at is not None and at <= self.now() and not done():
                raise overdue

    def wake(self, task: Task) -> None:
        """Make a parked task look again. Safe from other threads."""
        if not task.finished:
            task.wake_number += 1
            self._make_ready(task)

    def stop_task(self, task: Task, error: BaseException | None = None) -> None:
        """End a task: ``error`` (default :class:`StoppedError`) is raised where it waits."""
        if not task.finished:
            task.pending = error or StoppedError()
            self.wake(task)

    @contextlib.contextmanager
    def deadline(self, seconds: float, error: BaseException) -> Iterator[None]:
        """Raise ``error`` in the running task when it still waits after ``seconds``."""
        task = self.current()
        if task is None:
            yield
            return
        entry = (self.now() + seconds, error)
        task.deadlines.append(entry)
        try:
            yield
        finally:
            task.deadlines.remove(entry)

    # ------------------------------------------------------------- scheduler

    def _park(self, task: Task, wake: float | None) -> None:
        task.wake_number += 1
        if wake is not None:
            heapq.heappush(self._sleeping, (wake, next(self._numbers), task, task.wake_number))
        self._switch(task)

    def _switch(self, task: Task) -> None:
        assert self.hub is not None
        self.hub.switch()
        if task.pending is not None:
            error, task.pending = task.pending, None
            raise error

    def _wake_due(self) -> None:
        while self._sleeping and self._sleeping[0][0] <= self.now():
            _, _, task, number = heapq.heappop(self._sleeping)
            if number == task.wake_number and not task.finished:
                task.wake_number += 1
                self._ready.append(task)
        if self._arrived:
            with self._arrivals:
                self._ready.extend(task for task in self._arrived if task not in self._ready)
                self._arrived.clear()

    def _run_ready(self) -> None:
        while self._ready:
            if len(self._ready) > 1:
                self._ready.rotate(-self.random.randrange(len(self._ready)))
            task = self._ready.popleft()
            if not task.finished:
                task.switch()

    def _next_due(self) -> float | None:
        while self._sleeping:
            wake, _, task, number = self._sleeping[0]
            if number == task.wake_number and not task.finished:
                return wake
            heapq.heappop(self._sleeping)
        return None

    def _paced(self, instant: float) -> float:
        return self._pace_from[1] + (instant - self._pace_from[0]) * (self.speed or 0)

    def _wait_until(self, wake: float | None) -> None:
        """Let the wall clock catch up with ``wake``, or until work arrives from outside."""
        if self.speed is None:
            if wake is not None:
                self._move_to(wake)
            return
        # Work done since the last wait took no time on this clock: pace from here.
        self._pace_from = (time.monotonic(), self.now())
        while not self._arrived:
            reached = self._paced(time.monotonic())
            if wake is not None and reached >= wake:
                break
            self._move_to(
                reached
            )  # requests over HTTP are answered meanwhile, and ask what time it is
            if self.on_tick is not None:
                self.on_tick()
            left = _TICK_SECONDS if wake is None else (wake - reached) / self.speed
            with self._arrivals:
                if not self._arrived:
                    self._arrivals.wait(min(left, _TICK_SECONDS))
        reached = self._paced(time.monotonic())
        self._move_to(reached if wake is None else min(wake, reached))

    def run(self, until: Callable[[], bool] | None = None, forever: bool = False) -> None:
        """Run tasks until ``until()`` holds, or until none is left (``forever``: never).

        Raises:
            DeadlockError: tasks are left, but none of them will ever wake.
        """
        if self.hub is None:
            self.hub = greenlet.getcurrent()
            self._owner = threading.get_ident()
        if greenlet.getcurrent() is not self.hub:
            raise RuntimeError("run() must be called where the first task was spawned")
        while until is None or not until():
            self._wake_due()
            if self._ready:
                if until is None:
                    self._run_ready()
                else:
                    self._ready.rotate(-self.random.randrange(len(self._ready)))
                    task = self._ready.popleft()
                    if not task.finished:
                        task.switch()
                continue
            wake = self._next_due()
            if wake is None and not forever:
                if self.tasks:
                    names = ", ".join(sorted(task.name for task in self.tasks))
                    raise DeadlockError(f"nothing will ever wake: {names}")
                return
            self._wait_until(wake)

    def run_for(self, seconds: float) -> None:
        """Run tasks until ``seconds`` have passed on this clock, whatever is left then."""
        end = self.now() + seconds
        timer = self.spawn("timer", lambda: self.sleep(end - self.now()))
        self.run(until=lambda: timer.finished)
