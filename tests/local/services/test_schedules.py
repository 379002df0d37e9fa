"""Schedules start state machines by the clock of their zone."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.account import LocalAccount
from local.services.schedules import Cron
from tests.local.machines import DONE, Machine, may, role_that_may

Schedule = Callable[..., str]


@pytest.mark.parametrize(
    ("expression", "moment", "expected"),
    [
        ("cron(0 6 * * ? *)", "2026-11-26T06:00", True),
        ("cron(0 6 * * ? *)", "2026-11-26T06:01", False),
        ("cron(0/15 8-18 ? * MON-FRI *)", "2026-11-27T18:45", True),
        ("cron(0/15 8-18 ? * MON-FRI *)", "2026-11-28T18:45", False),
        ("cron(0 6 ? * 1 *)", "2026-11-29T06:00", True),  # a Sunday
        ("cron(5,10 6 1 JAN,JUL ? 2026-2027)", "2027-07-01T06:10", True),
        ("cron(5,10 6 1 JAN,JUL ? 2026-2027)", "2028-07-01T06:10", False),
        ("cron(0 */6 * * ? *)", "2026-11-26T18:00", True),
    ],
)
def test_a_cron_expression_is_due_in_its_minutes(
    expression: str, moment: str, expected: bool
) -> None:
    assert Cron.of(expression).includes(datetime.fromisoformat(moment)) is expected


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 hour)",
        "cron(0 6 * * * *)",
        "cron(0 6 ? * ? *)",
        "cron(60 6 * * ? *)",
        "cron(0 6 L * ? *)",
        "cron(0 6 * * ?)",
    ],
)
def test_other_expressions_are_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Cron.of(expression)


def trust(account: LocalAccount, group: str) -> str:
    """Return a policy that trusts the schedules of a group."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account.account_id},
            "ArnEquals": {"aws:SourceArn": account.arn("scheduler", f"schedule-group/{group}")},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def schedule(account: LocalAccount, machine: Machine) -> Iterator[Schedule]:
    """Return a function that schedules a machine, and returns its ARN."""
    client = account.client("scheduler")

    def make(
        expression: str,
        zone: str = "UTC",
        group: str = "default",
        may_start: bool = True,
        **more: Any,
    ) -> str:
        arn = machine.create({"Done": DONE})
        statements = [may("states:StartExecution")] if may_start else []
        role = role_that_may(account, *statements, trust=trust(account, group))
        client.create_schedule(
            Name="daily",
            ScheduleExpression=expression,
            ScheduleExpressionTimezone=zone,
            FlexibleTimeWindow=more.pop("window", {"Mode": "OFF"}),
            Target={"Arn": arn, "RoleArn": role, "Input": '{"a": 1}'},
            **more,
        )
        return arn

    yield make
    client.delete_schedule(Name="daily")


def started(account: LocalAccount) -> list[str]:
    """Return the inputs of the executions."""
    account.settle()
    inputs = [str(one.execution_input) for one in account.executions]
    return [one for one in inputs if one == '{"a": 1}']


def due(account: LocalAccount, begin: str, end: str) -> list[str]:
    """Return the minutes in which something is due between two moments, in UTC."""
    moments = (datetime.fromisoformat(f"{one}+00:00").timestamp() for one in (begin, end))
    return [
        datetime.fromtimestamp(moment, UTC).strftime("%m-%d %H:%M")
        for moment, _ in account.scheduler.due(*moments)
    ]


def test_a_schedule_is_due_by_the_clock_of_its_zone(
    account: LocalAccount, schedule: Schedule
) -> None:
    schedule("cron(0 6 * * ? *)", "Asia/Tokyo")
    found = due(account, "2027-02-01T00:00:30", "2027-02-02T21:00:00")
    assert found == ["02-01 21:00", "02-02 21:00"]


def test_an_hour_that_summer_time_leaves_out_starts_nothing(
    account: LocalAccount, schedule: Schedule
) -> None:
    schedule("cron(30 2 * * ? *)", "Europe/Berlin")
    found = due(account, "2027-03-27T00:00:00", "2027-03-30T00:00:00")
    assert found == ["03-27 01:30", "03-29 00:30"]


def test_an_hour_that_comes_twice_starts_once(account: LocalAccount, schedule: Schedule) -> None:
    schedule("cron(30 2 * * ? *)", "Europe/Berlin")
    assert due(account, "2027-10-30T12:00:00", "2027-10-31T12:00:00") == ["10-31 00:30"]


def test_each_start_is_when_it_is_due(account: LocalAccount, schedule: Schedule) -> None:
    arn = schedule("cron(*/20 * * * ? *)")
    account.tick(2)
    account.settle()
    mine = [one.start_date for one in account.executions if one.state_machine_arn == arn]
    assert [one.minute for one in mine] in ([20, 40, 0] * 2, [40, 0, 20] * 2, [0, 20, 40] * 2)


def test_a_disabled_schedule_starts_nothing(account: LocalAccount, schedule: Schedule) -> None:
    schedule("cron(0 * * * ? *)", State="DISABLED")
    account.tick(3)
    assert started(account) == []


@pytest.mark.parametrize(
    ("how", "allowed"), [({}, True), ({"group": "other"}, False), ({"may_start": False}, False)]
)
def test_a_role_decides_and_trusts_a_group(
    account: LocalAccount, schedule: Schedule, how: dict[str, Any], allowed: bool
) -> None:
    schedule("cron(0 * * * ? *)", **how)
    account.tick(1)
    assert len(started(account)) == allowed
    assert len(account.problems) == (not allowed)


def test_what_is_not_imitated_is_refused(account: LocalAccount, schedule: Schedule) -> None:
    schedule("cron(0 * * * ? *)", window={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5})
    with pytest.raises(ValueError, match="the window or target of daily is not imitated"):
        account.tick(1)
