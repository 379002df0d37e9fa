"""An expression sees what AWS shows it; one that fails is told of in AWS's words."""

import json
from typing import Any

import pytest

from local.core.faults import Fault, ServiceError
from tests.local.machines import DONE, GET, Machine

UNDEFINED = "{% $missing %}"


def test_the_state_and_the_variables_are_bound(machine: Machine) -> None:
    assign = {"Type": "Pass", "Assign": {"x": "{% $states.input.a %}"}, "Next": "Get"}
    caught = {"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}"}
    get = {**GET, "Output": "{% $states.result %}", "Catch": [{**caught, "Next": "Tell"}]}
    output = {"x": "{% $x %}", "input": "{% $states.input %}"}
    output["state"] = "{% $states.context.State.Name %}"
    tell = {"Type": "Succeed", "Output": output}
    states = {"Assign": assign, "Get": {**get, "Next": "Tell"}, "Tell": tell}
    assert machine.run(states, {"a": 1}).output == {"x": 1, "input": {}, "state": "Tell"}
    machine.account.faults.add(Fault("dynamodb", "GetItem", error=ServiceError("Whatever")))
    told = machine.run(states, {"a": 1}).output
    assert told["input"] == "DynamoDB.AmazonDynamoDBException"


def test_a_catch_sees_no_result(machine: Machine) -> None:
    machine.account.faults.add(Fault("dynamodb", "GetItem", error=ServiceError("Whatever")))
    output = {name: f"{{% $exists($states.{name}) %}}" for name in ("result", "errorOutput")}
    catch = {"ErrorEquals": ["States.ALL"], "Output": output, "Next": "Done"}
    execution = machine.run({"Get": {**GET, "Catch": [catch], "Next": "Done"}, "Done": DONE})
    assert execution.output == {"result": False, "errorOutput": True}


def test_after_a_retry_the_output_sees_the_result(machine: Machine) -> None:
    error = ServiceError("Whatever")
    machine.account.faults.add(Fault("dynamodb", "GetItem", error=error, times=1))
    output = {name: f"{{% $exists($states.{name}) %}}" for name in ("result", "errorOutput")}
    get = {**GET, "Retry": [{"ErrorEquals": ["States.ALL"]}], "Output": output, "End": True}
    assert machine.run({"Get": get}).output == {"result": True, "errorOutput": False}


def test_a_variable_may_be_null(machine: Machine) -> None:
    assign = {"x": None, "y": "{% null %}", "z": "{% $states.input.none %}"}
    first = {"Type": "Pass", "Assign": assign, "Next": "Tell"}
    output = {
        "values": "{% [$x, $y, $z] %}",
        "types": "{% [$type($x), $type($y), $type($z), $type($states.input.none)] %}",
        "inside": "{% [$states.input.list[$ = null]] %}",
    }
    tell = {"Type": "Succeed", "Output": output}
    execution = machine.run({"A": first, "Tell": tell}, {"none": None, "list": [1, None]})
    assert execution.output == {"values": [None] * 3, "types": ["null"] * 4, "inside": [None]}


def failed(machine: Machine, states: dict[str, Any], payload: Any = None) -> dict[str, Any]:
    """Run a machine whose last state fails, and return what its history says of that."""
    execution = machine.run(states, payload)
    assert (execution.status, execution.error) == ("FAILED", "States.QueryEvaluationError")
    (event,) = (
        one
        for one in machine.account.history(execution)
        if one["type"] == "EvaluationFailed"  # once, whatever the state's type
    )
    told: dict[str, Any] = event["evaluationFailedEventDetails"]
    assert (told["error"], told["cause"]) == (execution.error, execution.cause)
    return told


CHOICE = {"Type": "Choice", "Default": "Done"}
ONE_STATE: list[tuple[dict[str, Any], str]] = [
    ({"Type": "Pass", "Output": UNDEFINED, "End": True}, "Output"),
    ({"Type": "Pass", "Output": {"a": {"b": UNDEFINED}}, "End": True}, "Output/a/b"),
    ({"Type": "Pass", "Output": {"a": [1, {"b": UNDEFINED}]}, "End": True}, "Output/a[1]/b"),
    ({"Type": "Pass", "Assign": {"x": UNDEFINED}, "End": True}, "Assign/x"),
    ({"Type": "Wait", "Seconds": UNDEFINED, "End": True}, "Seconds"),
    ({**CHOICE, "Choices": [{"Condition": UNDEFINED, "Next": "Done"}]}, "Choices[0]/Condition"),
    (
        {
            **CHOICE,
            "Choices": [
                {"Condition": "{% false %}", "Next": "Done"},
                {"Condition": "{% true %}", "Output": {"v": UNDEFINED}, "Next": "Done"},
            ],
        },
        "Choices[1]/Output/v",
    ),
    ({"Type": "Succeed", "Output": {"v": UNDEFINED}}, "Output/v"),
    ({"Type": "Fail", "Error": UNDEFINED}, "Error"),
    ({"Type": "Fail", "Error": "E", "Cause": UNDEFINED}, "Cause"),
    ({**GET, "Arguments": UNDEFINED, "End": True}, "Arguments"),
    ({**GET, "Arguments": {"TableName": UNDEFINED}, "End": True}, "Arguments/TableName"),
    ({**GET, "Output": {"v": UNDEFINED}, "End": True}, "Output/v"),
    (
        {
            **GET,
            "Arguments": {"TableName": "no such table", "Key": {}},
            "Catch": [
                {"ErrorEquals": ["Other"], "Next": "Done"},
                {"ErrorEquals": ["States.ALL"], "Output": {"v": UNDEFINED}, "Next": "Done"},
            ],
            "End": True,
        },
        "Catch[1]/Output/v",
    ),
]


@pytest.mark.parametrize(
    ("state", "location"), ONE_STATE, ids=[f"{a['Type']} {b}" for a, b in ONE_STATE]
)
def test_a_failed_evaluation_names_its_state_its_place_and_its_cause(
    machine: Machine, state: dict[str, Any], location: str
) -> None:
    first = {"Type": "Pass", "Next": "Bad State"}
    assert failed(machine, {"First": first, "Bad State": state, "Done": DONE}) == {
        "error": "States.QueryEvaluationError",
        "state": "Bad State",
        "location": location,
        "cause": "An error occurred while executing the state 'Bad State' (entered at the event id "
        f"#4). The JSONata expression '$missing' specified for the field '{location}' returned "
        "nothing (undefined).",
    }


def test_a_catch_gets_the_whole_cause(machine: Machine) -> None:
    catch = {"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "Done"}
    get = {**GET, "Arguments": UNDEFINED, "Catch": [catch], "Next": "Done"}
    caught = machine.run({"Get": get, "Done": DONE}).output
    assert caught["Error"] == "States.QueryEvaluationError"
    assert caught["Cause"].startswith(
        "An error occurred while executing the state 'Get' (entered at the event id #2). The JSON"
    )


@pytest.mark.parametrize(
    ("expression", "end"),
    [
        (
            "$nobody(1)",
            "threw an error during evaluation. T1006: Attempted to invoke a non-function",
        ),
        (
            "$eval('1')",
            "threw an error during evaluation. T1006: Attempted to invoke a non-function",
        ),
        (
            "$substring([7], 0)",
            'threw an error during evaluation. T0410: Argument 1 of function "substring" does not '
            "match function signature",
        ),
        ("function($x){$x}", "returned an unsupported result type."),
        ("$missing", "returned nothing (undefined)."),
    ],
)
def test_the_cause_says_what_is_wrong(machine: Machine, expression: str, end: str) -> None:
    state = {"Type": "Pass", "Output": f"{{% {expression} %}}", "End": True}
    cause = failed(machine, {"P": state})["cause"]
    assert cause.endswith(f"'{expression}' specified for the field 'Output' {end}")


@pytest.mark.parametrize(
    ("items", "found"),
    [
        (1, "'number' for value: 1"),
        ("string", "'string' for value: \"string\""),
        (True, "'boolean' for value: true"),
        ({"foo": "bar"}, '\'object\' for value: {"foo":"bar"}'),
        (None, "'null' for value: null"),
    ],
)
def test_items_must_be_a_list(machine: Machine, items: Any, found: str) -> None:
    each = {"StartAt": "Done", "States": {"Done": DONE}}
    state = {"Type": "Map", "Items": "{% $items %}", "ItemProcessor": each, "End": True}
    first = {"Type": "Pass", "Assign": {"items": "{% $states.input.items %}"}, "Next": "Each"}
    told = failed(machine, {"First": first, "Each": state}, {"items": items})
    assert told["location"] == "Items"
    assert told["cause"].endswith(
        "(entered at the event id #4). The JSONata expression '$items' specified for the field "
        f"'Items' returned an unexpected result type. Expected 'array', but was {found}"
    )


@pytest.mark.parametrize(
    ("seconds", "status"), [("2", "SUCCEEDED"), ("0.5", "FAILED"), ("-1", "FAILED")]
)
def test_a_wait_takes_whole_seconds_only(machine: Machine, seconds: str, status: str) -> None:
    wait = {"Type": "Wait", "Seconds": f"{{% {seconds} %}}", "Next": "Done"}
    assert machine.run({"W": wait, "Done": DONE}).status == status


def test_an_escape_in_assign_is_the_character(machine: Machine) -> None:
    text = 'line\nbreak "quoted" \\ 更新'
    states = {
        "A": {"Type": "Pass", "Assign": {"x": text, "y": [{"z": text}]}, "Next": "B"},
        "B": {"Type": "Pass", "Output": "{% [$x, $y[0].z, $length($x)] %}", "End": True},
    }
    assert json.dumps(text) != f'"{text}"'
    assert machine.run(states).output == [text, text, len(text)]
