"""What people ask about executions is answered as on AWS."""

import json
from typing import Any

import pytest

from local.account import LocalAccount
from local.stepfunctions.interpreter import ExecutionTimedOutError
from tests.local.machines import Machine
from tests.workflow.scenarios import drop, end_at, register


@pytest.fixture
def states(account: LocalAccount) -> Any:
    register(account, "one", "two")
    drop(account)
    account.settle()
    return account.client("stepfunctions")


def test_a_map_runs_children_are_listed_described_and_told(
    account: LocalAccount, states: Any
) -> None:
    (map_run,) = states.list_map_runs(executionArn=account.executions[0].execution_arn)["mapRuns"]
    listed = states.list_executions(mapRunArn=map_run["mapRunArn"])["executions"]
    assert [one["executionArn"] for one in listed] == [one.arn for one in account.children[::-1]]
    child = states.describe_execution(executionArn=listed[0]["executionArn"])
    assert (child["status"], child["mapRunArn"]) == ("SUCCEEDED", map_run["mapRunArn"])
    assert child["stateMachineArn"] == f"{account.machine_arn}/RefreshEachDataset"
    events = states.get_execution_history(executionArn=listed[0]["executionArn"])["events"]
    assert (events[0]["type"], events[-1]["type"]) == ("ExecutionStarted", "ExecutionSucceeded")


def test_a_history_comes_in_pages_and_in_both_orders(account: LocalAccount, states: Any) -> None:
    paginator = states.get_paginator("get_execution_history")

    def read(size: int, **how: Any) -> list[int]:
        pages = paginator.paginate(
            executionArn=account.executions[0].execution_arn,
            PaginationConfig={"PageSize": size},
            **how,
        )
        return [event["id"] for page in pages for event in page["events"]]

    whole = read(1000)
    assert read(7) == whole == list(range(1, len(whole) + 1))
    assert read(7, reverseOrder=True) == whole[::-1]


def test_an_execution_that_timed_out_has_an_end(account: LocalAccount, states: Any) -> None:
    end_at(account, "Wait For More Files", ExecutionTimedOutError())
    drop(account, "b.csv")
    account.settle()
    (found,) = states.list_executions(
        stateMachineArn=account.machine_arn, statusFilter="TIMED_OUT"
    )["executions"]
    assert found["stopDate"] >= found["startDate"]

    described = states.describe_execution(executionArn=found["executionArn"])
    assert described["status"] == "TIMED_OUT"
    assert described["stopDate"] == found["stopDate"]


def test_an_execution_says_that_its_input_is_included(account: LocalAccount, states: Any) -> None:
    described = states.describe_execution(executionArn=account.executions[0].execution_arn)
    assert described["inputDetails"] == described["outputDetails"] == {"included": True}
    child = states.describe_execution(executionArn=account.children[0].arn)
    assert json.loads(child["input"])["datasetid"]
    assert child["inputDetails"] == {"included": True}


STOPPED = {"Type": "Wait", "Seconds": 100, "End": True}


@pytest.mark.parametrize(
    ("state", "timeout", "status", "redrive"),
    [
        ({"Type": "Succeed"}, 9, "SUCCEEDED", "NOT_REDRIVABLE"),
        ({"Type": "Fail"}, 9, "FAILED", "REDRIVABLE"),
        (STOPPED, 9, "TIMED_OUT", "REDRIVABLE"),
        (STOPPED, 999, "RUNNING", "NOT_REDRIVABLE"),
    ],
    ids=["succeeded", "failed", "timed out", "running"],
)
def test_an_execution_says_whether_it_could_be_redriven(
    machine: Machine, state: dict[str, Any], timeout: int, status: str, redrive: str
) -> None:
    states = machine.account.client("stepfunctions")
    arn = machine.create({"Only": state}, TimeoutSeconds=timeout)
    started = states.start_execution(stateMachineArn=arn)["executionArn"]
    machine.account.clock.run_for(50)
    told = states.describe_execution(executionArn=started)
    reason = f"Execution is {status} and cannot be redriven" if "NOT" in redrive else None
    assert (told["status"], told["redriveCount"]) == (status, 0)
    assert (told["redriveStatus"], told.get("redriveStatusReason")) == (redrive, reason)
    (listed,) = states.list_executions(stateMachineArn=arn)["executions"]
    assert listed["redriveCount"] == 0


@pytest.mark.parametrize(
    ("asked", "got"), [({}, 100), ({"maxResults": 0}, 100), ({"maxResults": 1000}, 1000)]
)
def test_a_page_of_a_history_has_a_hundred_events_unless_told_otherwise(
    machine: Machine, asked: dict[str, int], got: int
) -> None:
    machine.account.history_limit = 1200
    execution = machine.run({"Again": {"Type": "Pass", "Next": "Again"}})
    page = machine.account.client("stepfunctions").get_execution_history(
        executionArn=execution.execution_arn, **asked
    )
    assert len(page["events"]) == got
    assert page["nextToken"]
