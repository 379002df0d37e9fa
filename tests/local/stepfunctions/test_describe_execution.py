"""DescribeExecution has a quota, and lags behind."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount
from local.core.faults import Fault
from local.stepfunctions.describe_execution import DescribeExecution
from tests.local.machines import Machine, task

WAIT = {"Wait": {"Type": "Wait", "Seconds": 30, "End": True}}


def granted(bucket: DescribeExecution) -> int:
    """Return how many calls pass before one is refused."""
    for number in range(1000):
        try:
            bucket.take_token()
        except ClientError:
            return number
    raise AssertionError("nothing is refused")


@pytest.mark.parametrize(
    ("region", "at_once", "a_second"), [("ap-northeast-1", 250, 10), ("us-east-1", 300, 15)]
)
def test_the_bucket_has_the_regions_size_and_refill(
    account: LocalAccount, region: str, at_once: int, a_second: int
) -> None:
    bucket = DescribeExecution(cast(Any, SimpleNamespace(region=region, clock=account.clock)))
    assert granted(bucket) == at_once
    account.clock.run_for(3)
    assert granted(bucket) == 3 * a_second
    account.clock.run_for(3600)
    assert granted(bucket) == at_once


def describe(machine: Machine, arn: str) -> Any:
    """Run a machine that describes an execution."""
    return machine.run({"Ask": task("aws-sdk:sfn:describeExecution", ExecutionArn=arn)})


def test_calls_of_machines_come_out_of_the_bucket_and_are_refused(machine: Machine) -> None:
    described = machine.run(WAIT).execution_arn
    assert describe(machine, described).status == "SUCCEEDED"
    left = granted(machine.account.describe_execution)
    assert left == 249
    assert describe(machine, described).error == "Sfn.SfnException"


@pytest.mark.parametrize(
    ("later", "status"),
    [(5, None), (15, "RUNNING"), (35, "RUNNING"), (45, "SUCCEEDED")],
    ids=["started since", "running then and now", "ended since", "ended before"],
)
def test_an_answer_may_be_some_seconds_old(
    machine: Machine, later: float, status: str | None
) -> None:
    account = machine.account
    account.faults.add(Fault("stepfunctions", "DescribeExecution", stale=10))
    arn = machine.create(WAIT)
    started = account.client("stepfunctions").start_execution(stateMachineArn=arn)
    account.clock.run_for(later)
    asked = describe(machine, started["executionArn"])
    if status is None:
        assert asked.error == "Sfn.ExecutionDoesNotExistException"
    else:
        assert asked.output["Status"] == status
        assert ("StopDate" in asked.output) is (status == "SUCCEEDED")


def test_a_run_that_timed_out_a_moment_ago_may_still_be_running(machine: Machine) -> None:
    account = machine.account
    account.faults.add(Fault("stepfunctions", "DescribeExecution", stale=10))
    arn = machine.create({"Wait": {"Type": "Wait", "Seconds": 999, "End": True}}, TimeoutSeconds=30)
    started = account.client("stepfunctions").start_execution(stateMachineArn=arn)
    account.clock.run_for(35)
    assert describe(machine, started["executionArn"]).output["Status"] == "RUNNING"
    account.clock.run_for(10)
    assert describe(machine, started["executionArn"]).output["Status"] == "TIMED_OUT"
