"""A Distributed Map runs a child execution for each item."""

from typing import Any

import pytest

from local.account import states_entered
from tests.local.machines import Machine, may, role_that_may


def each(*states: tuple[str, dict[str, Any]], **extra: Any) -> dict[str, Any]:
    """Build a Distributed Map over ``$states.input.items``."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": states[0][0],
        "States": dict(states),
    }
    return {
        "Type": "Map",
        "Label": "Each",
        "Items": "{% $states.input.items %}",
        "ItemProcessor": processor,
        "End": True,
        **extra,
    }


SLEEP = ("Wait", {"Type": "Wait", "Seconds": 10, "Next": "Out"})
OUT = ("Out", {"Type": "Succeed", "Output": "{% $states.input %}"})


def test_children_run_side_by_side_with_histories_of_their_own(machine: Machine) -> None:
    began = machine.account.clock.now()
    execution = machine.run({"Each": each(SLEEP, OUT)}, {"items": [3, 1, 2]})
    assert execution.output == [3, 1, 2]
    assert machine.account.clock.now() - began == 10
    for child in machine.account.children:
        assert "/Each:" in child.arn
        events = child.environment.event_manager._history_event_list
        assert states_entered(events) == ["Wait", "Out"]
    assert "Wait" not in machine.account.path(execution)


def test_concurrency_can_be_bounded(machine: Machine) -> None:
    began = machine.account.clock.now()
    machine.run({"Each": each(SLEEP, OUT, MaxConcurrency=2)}, {"items": [1, 2, 3, 4]})
    assert machine.account.clock.now() - began == 20


@pytest.mark.parametrize(("size", "status"), [(120_000, "SUCCEEDED"), (140_000, "FAILED")])
def test_results_that_are_too_large_fail_the_map(machine: Machine, size: int, status: str) -> None:
    large = ("Out", {"Type": "Succeed", "Output": f"{{% $pad('x', {size}) %}}"})
    execution = machine.run({"Each": each(large)}, {"items": [1, 2]})
    assert execution.status == status
    assert execution.error == (None if status == "SUCCEEDED" else "States.DataLimitExceeded")


DIES = ("Die", {"Type": "Fail", "Error": "Dead", "Cause": "on purpose"})
ODD_DIES = (
    "Odd?",
    {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input = 1 %}", "Next": "Die"}],
        "Default": "Out",
    },
)


@pytest.mark.parametrize("tolerated", [100, "{% 100 %}"])
@pytest.mark.parametrize("leaves", ["record", "nothing"])
def test_a_tolerated_dead_child_leaves_its_record_or_nothing(
    machine: Machine, leaves: str, tolerated: Any
) -> None:
    machine.account.dead_child_leaves = leaves
    states = {"Each": each(ODD_DIES, DIES, OUT, ToleratedFailurePercentage=tolerated)}
    execution = machine.run(states, {"items": [1, 2]})
    assert execution.status == "SUCCEEDED"
    assert execution.output[-1] == 2
    if leaves == "record":
        assert (execution.output[0]["Status"], execution.output[0]["Error"]) == ("FAILED", "Dead")
    else:
        assert len(execution.output) == 1


def test_a_dead_child_that_is_not_tolerated_fails_the_map(machine: Machine) -> None:
    execution = machine.run({"Each": each(ODD_DIES, DIES, OUT)}, {"items": [1, 2]})
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    assert execution.cause == "The specified tolerated failure threshold was exceeded"


def test_a_selector_that_fails_is_told_of_its_map(machine: Machine) -> None:
    states = {"Each": each(OUT, ItemSelector={"id": "{% $missing %}"})}
    execution = machine.run(states, {"items": [1]})
    assert execution.error == "States.QueryEvaluationError"
    assert "state 'Each' (entered at the event id #2)" in execution.cause
    assert "field 'ItemSelector/id'" in execution.cause


def test_children_end_with_their_parent(machine: Machine) -> None:
    long = ("Wait", {"Type": "Wait", "Seconds": 10_000, "Next": "Out"})
    execution = machine.run({"Each": each(long, OUT)}, {"items": [1, 2]}, TimeoutSeconds=50)
    assert execution.status == "TIMED_OUT"
    assert [child.status for child in machine.account.children] == ["ABORTED", "ABORTED"]


def test_a_child_fills_a_history_of_its_own(machine: Machine) -> None:
    machine.account.history_limit = 50
    loops = ("Loop", {"Type": "Pass", "Next": "Loop?"})
    choice = {"Condition": "{% $states.input = 'loop' %}", "Next": "Loop"}
    question = ("Loop?", {"Type": "Choice", "Choices": [choice], "Default": "Out"})
    states = {"Each": each(question, loops, OUT, ToleratedFailurePercentage=100)}
    execution = machine.run(states, {"items": ["loop", "end", "end"]})
    assert execution.status == "SUCCEEDED"
    died, *lived = machine.account.children
    assert (died.status, [child.status for child in lived]) == ("FAILED", ["SUCCEEDED"] * 2)
    assert len(died.environment.event_manager._history_event_list) == 50


def test_a_child_has_a_context_of_its_own(machine: Machine) -> None:
    told = ("Tell", {"Type": "Succeed", "Output": "{% $states.context %}"})
    execution = machine.run({"Each": each(told)}, {"items": [1]})
    (context,) = execution.output
    (child,) = machine.account.children
    name = execution.state_machine_arn.rpartition(":")[2]
    assert context["StateMachine"]["Id"] == f"{execution.state_machine_arn}/Each"
    assert context["Execution"]["Id"] == child.arn
    assert context["Execution"]["Name"] == child.name
    assert f":execution:{name}/Each:" in child.arn
    assert child.arn != execution.execution_arn


def test_a_childs_input_is_its_item_or_what_the_parent_selects(machine: Machine) -> None:
    assert machine.run({"Each": each(OUT)}, {"items": ["a", "b"]}).output == ["a", "b"]
    selector = {
        "index": "{% $states.context.Map.Item.Index %}",
        "item": "{% $states.context.Map.Item.Value %}",
        "day": "{% $states.input.day %}",
    }
    states = {"Each": each(OUT, ItemSelector=selector)}
    assert machine.run(states, {"items": ["a", "b"], "day": "Monday"}).output == [
        {"index": index, "item": item, "day": "Monday"} for index, item in enumerate("ab")
    ]


def test_a_childs_input_cannot_come_from_the_parents_variables(machine: Machine) -> None:
    assign = {"Type": "Pass", "Assign": {"x": 7}, "Next": "Each"}
    chosen = each(OUT, ItemSelector={"x": "{% $x %}"})
    execution = machine.run({"Assign": assign, "Each": chosen}, {"items": [1, 2]})
    assert execution.error == "States.QueryEvaluationError"


@pytest.mark.parametrize(
    ("action", "statuses"),
    [("states:StartExecution", []), ("states:DescribeExecution", ["SUCCEEDED"])],
)
def test_a_map_may_not_start_or_read_children_unless_its_role_may(
    machine: Machine, action: str, statuses: list[str]
) -> None:
    machine.role = role_that_may(machine.account, may("*"), may(action, "Deny"))
    execution = machine.run({"Each": each(OUT)}, {"items": [1]})
    assert execution.error == "States.Permissions"
    assert action in execution.cause
    assert [child.status for child in machine.account.children] == statuses


def test_children_that_may_not_be_stopped_go_on(machine: Machine) -> None:
    account = machine.account
    machine.role = role_that_may(account, may("*"), may("states:StopExecution", "Deny"))
    execution = machine.run({"Each": each(SLEEP, OUT)}, {"items": [1]}, TimeoutSeconds=5)
    assert execution.status == "TIMED_OUT"
    assert [child.status for child in account.children] == ["SUCCEEDED"]
    assert "may not be stopped" in account.problems[0]
