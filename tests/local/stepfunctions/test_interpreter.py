"""Where moto's interpreter differs from Step Functions, ours does not."""

from typing import Any

import pytest

from local.account import LocalAccount
from local.core.faults import Fault, ServiceError
from local.stepfunctions.integrations import FunctionFailedError
from local.stepfunctions.service import HISTORY_LIMIT
from tests.local.machines import DONE, GET, STATES_ROLE, Machine, may, role_that_may


def test_a_wait_lasts_its_seconds(machine: Machine) -> None:
    began = machine.account.clock.now()
    execution = machine.run(
        {"Wait": {"Type": "Wait", "Seconds": 1234, "Next": "Done"}, "Done": DONE}
    )
    assert execution.status == "SUCCEEDED"
    assert machine.account.clock.now() - began == 1234


def test_the_context_tells_the_start_as_text(machine: Machine) -> None:
    tell = {"Type": "Succeed", "Output": "{% $states.context.Execution.StartTime %}"}
    wait = {"Type": "Wait", "Seconds": 10, "Next": "Tell"}
    execution = machine.run({"Wait": wait, "Tell": tell})
    assert execution.output.endswith("Z")
    assert machine.account.time_of(execution.output) == execution.start_date.timestamp()


def test_the_context_counts_redrives(machine: Machine) -> None:
    tell = {"Type": "Succeed", "Output": "{% $states.context.Execution.RedriveCount %}"}
    assert machine.run({"Tell": tell}).output == 0


def test_assign_and_output_see_the_values_as_of_state_entry(machine: Machine) -> None:
    first = {"Type": "Pass", "Assign": {"x": 1}, "Next": "Second"}
    second = {
        "Type": "Pass",
        "Assign": {"x": 2, "y": "{% $x %}"},
        "Output": {"seen": "{% $x %}"},
        "Next": "Third",
    }
    output = {"before": "{% $states.input.seen %}", "after": "{% $x %}", "assigned": "{% $y %}"}
    third = {"Type": "Pass", "Output": output, "End": True}
    execution = machine.run({"First": first, "Second": second, "Third": third})
    assert execution.output == {"before": 1, "after": 2, "assigned": 1}


def test_text_in_variables_may_hold_quotes(machine: Machine) -> None:
    text = 'say "hi" \\ {% no %}'
    states = {
        "A": {"Type": "Pass", "Assign": {"x": "{% $states.input.t %}"}, "Next": "B"},
        "B": {"Type": "Pass", "Output": "{% $x %}", "End": True},
    }
    assert machine.run(states, {"t": text}).output == text


@pytest.mark.parametrize("field", ["Output", "Assign", "Arguments"])
def test_a_task_can_catch_its_own_failing_expressions(machine: Machine, field: str) -> None:
    bad: Any = "{% $nothing.at.all %}" if field == "Output" else {"Key": "{% $nothing %}"}
    task = {**GET, field: bad, "Next": "Done"}
    task["Catch"] = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Caught"}]
    execution = machine.run({"Get": task, "Done": DONE, "Caught": {"Type": "Succeed"}})
    assert machine.account.path(execution) == ["Get", "Caught"]


def test_a_failing_expression_in_a_choice_fails_the_execution(machine: Machine) -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $nothing %}", "Next": "Done"}],
        "Default": "Done",
    }
    execution = machine.run({"Q": choice, "Done": DONE})
    assert (execution.status, execution.error) == ("FAILED", "States.QueryEvaluationError")


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (RuntimeError("inside"), "States.Runtime"),
        (
            FunctionFailedError({"errorType": "States.DataLimitExceeded"}),
            "States.DataLimitExceeded",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_states_all_does_not_catch_everything(
    machine: Machine, error: Exception, name: str
) -> None:
    machine.account.faults.add(Fault("dynamodb", "GetItem", error=error))
    task = {**GET, "Next": "Done", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]}
    execution = machine.run({"Get": task, "Done": DONE})
    assert (execution.status, execution.error) == ("FAILED", name)


def test_states_all_catches_what_a_service_answers(machine: Machine) -> None:
    machine.account.faults.add(Fault("dynamodb", "GetItem", error=ServiceError("Whatever")))
    task = {**GET, "Next": "Done", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]}
    assert machine.run({"Get": task, "Done": DONE}).status == "SUCCEEDED"


def test_retries_wait_on_the_clock_with_back_off(machine: Machine) -> None:
    throttled = ServiceError("ProvisionedThroughputExceededException")
    fault = machine.account.faults.add(Fault("dynamodb", "GetItem", error=throttled, times=3))
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "BackoffRate": 2}
    began = machine.account.clock.now()
    execution = machine.run({"Get": {**GET, "Retry": [retry], "End": True}})
    assert execution.status == "SUCCEEDED"
    assert fault.hits == 3
    assert machine.account.clock.now() - began == 10 + 20 + 40


def test_a_slow_call_times_out(machine: Machine) -> None:
    machine.account.faults.add(Fault("dynamodb", "GetItem", delay=100))
    task = {**GET, "TimeoutSeconds": 60, "Next": "Done"}
    task["Catch"] = [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]
    execution = machine.run({"Get": task, "Done": DONE, "Late": {"Type": "Succeed"}})
    assert machine.account.path(execution) == ["Get", "Late"]


def test_the_machines_own_timeout_ends_the_execution(machine: Machine) -> None:
    began = machine.account.clock.now()
    states = {"Wait": {"Type": "Wait", "Seconds": 10_000, "End": True}}
    execution = machine.run(states, TimeoutSeconds=100)
    assert execution.status == "TIMED_OUT"
    assert machine.account.clock.now() - began == 100


def test_a_stopped_execution_ends_wherever_it_is(machine: Machine) -> None:
    account = machine.account
    account.on_execution.append(
        lambda execution: (
            account.clock.spawn("stop", lambda: stop(account, execution))
            if execution.status == "RUNNING"
            else None
        )
    )
    execution = machine.run({"Wait": {"Type": "Wait", "Seconds": 10_000, "End": True}})
    assert execution.status == "ABORTED"
    last = account.history(execution)[-1]
    assert (last["type"], last["executionAbortedEventDetails"]) == ("ExecutionAborted", {})


def stop(account: LocalAccount, execution: Any) -> None:
    account.clock.sleep(5)
    account.client("stepfunctions").stop_execution(executionArn=execution.execution_arn)


def test_the_history_limit_fails_the_execution(machine: Machine) -> None:
    machine.account.history_limit = 500
    loop = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Wait", "Seconds": 1, "Next": "A"},
    }
    execution = machine.run(loop)
    assert execution.status == "FAILED"
    assert "maximum number of history events" in execution.cause
    assert len(machine.account.history(execution)) == 500
    machine.account.reset()
    assert machine.account.history_limit == HISTORY_LIMIT == 25_000


def test_an_execution_started_without_a_name_gets_one_of_its_own(account: LocalAccount) -> None:
    client = account.client("stepfunctions")
    names = [
        client.start_execution(stateMachineArn=account.machine_arn)["executionArn"]
        for _ in range(2)
    ]
    account.settle()
    assert len(set(names)) == 2
    assert not any(name.endswith(":None") for name in names)


def test_a_role_that_does_not_trust_step_functions_runs_nothing(machine: Machine) -> None:
    trust = STATES_ROLE.replace("states.amazonaws.com", "events.amazonaws.com")
    machine.role = role_that_may(machine.account, may("*"), trust=trust)
    execution = machine.run({"Get": {**GET, "End": True}})
    assert execution.status == "FAILED"
    assert "sts:AssumeRole" in execution.cause
    assert machine.account.path(execution) == []
