"""What people ask about executions is answered as on AWS."""

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
