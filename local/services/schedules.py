"""EventBridge Scheduler: schedules that start state machines while time is let pass.

Imitates: ``cron`` expressions in a time zone; summer time, whose missing hour is left out and whose
second one counts once; a disabled schedule, which starts nothing; a machine as target, started with
the constant input in the name of the target's role; that role's trust in the schedule's group.
Does not imitate: other expressions, ``L``, ``W`` and ``#``, flexible windows, start and end dates,
other targets (all refused here), retries, dead-letter queues.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from botocore.exceptions import ClientError
from moto.scheduler.models import Schedule, scheduler_backends

from local.core.world import World
from local.services.events import EventBridge
from local.services.iam import AccessDeniedError

_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_SERVICE = "scheduler.amazonaws.com"
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


@dataclass(frozen=True)
class Cron:
    """The moments of a cron expression.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]

    @classmethod
    def of(cls, expression: str) -> "Cron":
        """Read an expression.

        Raises:
            ValueError: EventBridge Scheduler refuses it, or it is not imitated.
        """
        found = _CRON.fullmatch(expression)
        if not found:
            raise ValueError(f"{expression} is not imitated: only cron(...) with six fields is")
        minute, hour, day, month, weekday, year = found.groups()
        if (day == "?") == (weekday == "?"):
            raise ValueError(f"{expression}: one of day and weekday, and not both, must be ?")
        return cls(
            _field(minute, range(60)),
            _field(hour, range(24)),
            _field(day, range(1, 32)),
            _field(month, range(1, 13), _MONTHS),
            _field(weekday, range(1, 8), _DAYS),
            _field(year, range(1970, 2200)),
        )

    def includes(self, moment: datetime) -> bool:
        """Tell whether it is due in this minute, by the clock of the moment's zone."""
        return (
            moment.minute in self.minutes
            and moment.hour in self.hours
            and moment.day in self.days
            and moment.month in self.months
            and moment.isoweekday() % 7 + 1 in self.weekdays
            and moment.year in self.years
        )


def _field(text: str, allowed: range, names: list[str] | None = None) -> frozenset[int]:
    return frozenset(
        number for part in text.split(",") for number in _part(part, allowed, names or [])
    )


def _part(text: str, allowed: range, names: list[str]) -> range:
    whole, slash, step = text.partition("/")
    first, dash, last = whole.partition("-")
    if whole in ("*", "?"):
        begin, end = allowed.start, allowed.stop - 1
    else:
        begin = _number(first, allowed, names)
        end = _number(last, allowed, names) if dash else allowed.stop - 1 if slash else begin
    return range(begin, end + 1, int(step) if slash else 1)


def _number(text: str, allowed: range, names: list[str]) -> int:
    number = names.index(text) + allowed.start if text in names else int(text)
    if number not in allowed:
        raise ValueError(f"{text} is not between {allowed.start} and {allowed.stop - 1}")
    return number


class Scheduler:
    """The schedules of the account's default group."""

    def __init__(self, world: World, events: EventBridge) -> None:
        self._world = world
        self._events = events

    def due(self, begin: float, end: float) -> Iterator[tuple[float, Schedule]]:
        """Yield what is due after one moment and up to another, in order.

        Raises:
            ValueError: a schedule asks for what is not imitated.
        """
        minute = datetime.fromtimestamp(begin, UTC).replace(second=0, microsecond=0)
        crons = [(one, Cron.of(one.schedule_expression)) for one in self._enabled()]
        while crons and (minute := minute + timedelta(minutes=1)).timestamp() <= end:
            for schedule, cron in crons:
                there = minute.astimezone(ZoneInfo(schedule.schedule_expression_timezone))
                # An hour that comes twice as summer time ends counts once.
                if cron.includes(there) and not there.fold:
                    yield minute.timestamp(), schedule

    def _enabled(self) -> list[Schedule]:
        backend = scheduler_backends[self._world.account_id][self._world.region]
        found = list(backend.schedule_groups["default"].schedules.values())
        for one in found:
            known = one.flexible_time_window.get("Mode") == "OFF" and "Input" in one.target
            if not known or ":stateMachine:" not in one.target["Arn"]:
                raise ValueError(f"the window or target of {one.name} is not imitated")
        return [one for one in found if one.state == "ENABLED"]

    def start(self, schedule: Schedule) -> None:
        """Start the target of a schedule that is due."""
        name = str(uuid.UUID(int=self._world.clock.random.getrandbits(128), version=4))
        given = schedule.target["Input"]
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        group = self._world.arn("scheduler", "schedule-group/default")
        try:
            self._events.start_machine(_SERVICE, group, schedule.target, name, given)
        except (AccessDeniedError, ClientError) as error:
            self._world.problems.append(f"{schedule.name} could not reach its target: {error}")
