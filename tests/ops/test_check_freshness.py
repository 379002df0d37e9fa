"""``check`` finds why nobody would be told that a folder is out of date."""

from collections.abc import Iterator

import pytest

from local.account import LocalAccount
from local.core.faults import Fault, ServiceError
from tests.ops.conftest import FOLDER, Shell
from tests.ops.test_checks import found, healthy, only_fault

__all__ = ["healthy"]


def hourly_rule(account: LocalAccount) -> str:
    rules = account.client("events").list_rules()["Rules"]
    (name,) = (str(one["Name"]) for one in rules if "ScheduleExpression" in one)
    return name


@pytest.fixture
def watched(healthy: Shell) -> Iterator[Shell]:
    """A healthy project whose folder is to be refreshed within a day, and was just checked."""
    healthy("register", FOLDER, "one", "two", "--fresh-within", "24", "--yes")
    healthy.account.tick()
    healthy.account.settle()
    yield healthy
    healthy.account.client("events").enable_rule(Name=hourly_rule(healthy.account))


def test_a_folder_that_is_checked_each_hour_is_well(watched: Shell) -> None:
    assert ("freshness: 1 folder checked each hour", "") in found(watched, "good", code=0)


def test_without_any_promise_there_is_nothing_to_check(healthy: Shell) -> None:
    said = [text for text, _ in found(healthy, "good", code=0)]
    assert "freshness: no folder is to be refreshed within a time (freshwithin)" in said


def test_a_disabled_rule_is_a_fault_where_something_is_promised(watched: Shell) -> None:
    name = hourly_rule(watched.account)
    watched.account.client("events").disable_rule(Name=name)
    text, mend = only_fault(watched)
    assert text.startswith(f"rule {name} is disabled: nobody is told")
    assert mend == f"aws events enable-rule --name {name}"


def test_a_disabled_rule_is_worth_a_look_where_nothing_is_promised(healthy: Shell) -> None:
    account = healthy.account
    account.client("events").disable_rule(Name=hourly_rule(account))
    assert [text for text, _ in found(healthy, "warning", code=0)] == [
        f"rule {hourly_rule(account)} is disabled: nobody is told of folders that are out of date"
    ]
    account.client("events").enable_rule(Name=hourly_rule(account))


def test_a_check_that_does_not_come_is_a_fault(watched: Shell) -> None:
    watched.account.clock.run_for(3 * 3600)
    text, mend = only_fault(watched)
    assert text.startswith("freshness: no check of the watched folders since 2026-11-2")
    assert mend == 'docs/operations.md, "Dashboards are old"'


def test_a_check_that_failed_is_a_fault_until_the_next(watched: Shell) -> None:
    account = watched.account
    account.faults.add(Fault("dynamodb", "Scan", ServiceError("AccessDeniedException")))
    account.tick()
    account.settle()
    account.faults.clear()
    text, mend = only_fault(watched)
    assert text == "freshness: the last check ended as FAILED"
    assert mend.endswith(account.executions[-1].execution_arn)
    account.tick()
    account.settle()
    assert found(watched, "bad", code=0) == []
