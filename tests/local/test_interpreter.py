"""Where moto's interpreter differs from Step Functions, ours does not."""

import itertools
import json
from typing import Any

import pytest

from local.account import LocalAccount, states_entered
from local.faults import Fault, ServiceError

STATES_ROLE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "states.amazonaws.com"},
            }
        ],
    }
)
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
GET = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:getItem",
    "Arguments": {"TableName": "sampleproject-parameters", "Key": {"S3uri": {"S": "x"}}},
}
_NUMBERS = itertools.count()
DONE = {"Type": "Succeed", "Output": "{% $states.input %}"}


@pytest.fixture(scope="module")
def role(deployed: LocalAccount) -> str:
    iam = deployed.client("iam")
    arn = iam.create_role(RoleName="anything", AssumeRolePolicyDocument=STATES_ROLE)["Role"]["Arn"]
    iam.put_role_policy(
        RoleName="anything", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING)
    )
    return str(arn)


class Machine:
    """Runs small definitions, one after another."""

    def __init__(self, account: LocalAccount, role: str) -> None:
        self.account = account
        self.role = role

    def run(self, states: dict[str, Any], payload: Any = None, **extra: Any) -> Any:
        """Create a machine, run it once and return the execution."""
        client = self.account.client("stepfunctions")
        definition = {
            "QueryLanguage": "JSONata",
            "StartAt": next(iter(states)),
            "States": states,
            **extra,
        }
        name = f"m{next(_NUMBERS)}"
        arn = client.create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=self.role
        )["stateMachineArn"]
        client.start_execution(stateMachineArn=arn, name="e", input=json.dumps(payload or {}))
        self.account.settle()
        execution = self.account.executions[-1]
        assert execution.state_machine_arn == arn
        return execution


@pytest.fixture
def machine(account: LocalAccount, role: str) -> Machine:
    return Machine(account, role)


def test_output_does_not_see_what_the_same_state_assigns(machine: Machine) -> None:
    first = {"Type": "Pass", "Assign": {"x": 1}, "Next": "Second"}
    second = {
        "Type": "Pass",
        "Assign": {"x": 2},
        "Output": {"seen": "{% $x %}"},
        "Next": "Third",
    }
    third = {"Type": "Pass", "Output": {"before": "{% $states.input.seen %}", "after": "{% $x %}"}}
    execution = machine.run({"First": first, "Second": second, "Third": third | {"End": True}})
    assert execution.output == {"before": 1, "after": 2}


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
    ("seconds", "status"), [("2", "SUCCEEDED"), ("0.5", "FAILED"), ("-1", "FAILED")]
)
def test_a_wait_takes_whole_seconds_only(machine: Machine, seconds: str, status: str) -> None:
    wait = {"Type": "Wait", "Seconds": f"{{% {seconds} %}}", "Next": "Done"}
    assert machine.run({"W": wait, "Done": DONE}).status == status


def test_states_all_does_not_catch_a_runtime_error(machine: Machine) -> None:
    machine.account.faults.add(Fault("dynamodb", "GetItem", error=RuntimeError("inside")))
    task = {**GET, "Next": "Done", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]}
    execution = machine.run({"Get": task, "Done": DONE})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("ProvisionedThroughputExceededException", None),
        ("ThrottlingException", "DynamoDB.AmazonDynamoDBException"),
        ("RequestLimitExceeded", "DynamoDB.RequestLimitExceededException"),
        ("InternalServerError", "DynamoDB.InternalServerErrorException"),
        ("SomethingNew", "DynamoDB.AmazonDynamoDBException"),
    ],
)
def test_errors_have_the_names_of_aws(machine: Machine, code: str, name: str | None) -> None:
    machine.account.faults.add(Fault("dynamodb", "GetItem", error=ServiceError(code)))
    execution = machine.run({"Get": {**GET, "End": True}})
    assert execution.error == (name or f"DynamoDB.{code}")


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
    assert account.history(execution)[-1]["type"] == "ExecutionAborted"


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


def test_an_execution_started_without_a_name_gets_one_of_its_own(account: LocalAccount) -> None:
    client = account.client("stepfunctions")
    names = [
        client.start_execution(stateMachineArn=account.machine_arn)["executionArn"]
        for _ in range(2)
    ]
    account.settle()
    assert len(set(names)) == 2
    assert not any(name.endswith(":None") for name in names)


def test_a_role_without_the_permission_is_refused_by_name(machine: Machine) -> None:
    iam = machine.account.client("iam")
    iam.create_role(RoleName=f"nothing-{len(machine.role)}", AssumeRolePolicyDocument=STATES_ROLE)
    machine.role = machine.role.replace("anything", f"nothing-{len(machine.role)}")
    execution = machine.run({"Get": {**GET, "End": True}})
    assert execution.error == "DynamoDB.AmazonDynamoDBException"
    assert "dynamodb:GetItem" in execution.cause


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


def test_children_end_with_their_parent(machine: Machine) -> None:
    long = ("Wait", {"Type": "Wait", "Seconds": 10_000, "Next": "Out"})
    execution = machine.run({"Each": each(long, OUT)}, {"items": [1, 2]}, TimeoutSeconds=50)
    assert execution.status == "TIMED_OUT"
    assert [child.status for child in machine.account.children] == ["ABORTED", "ABORTED"]
