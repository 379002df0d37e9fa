"""What would only fail after deployment, read from the definitions themselves."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from local.services.error_names import INTEGRATIONS, integration_of, modelled_errors, operation_of
from local.stepfunctions.jsonata import QueryEvaluationError, compile_expression, evaluate
from tests.asl import (
    STATE_MACHINES,
    State,
    assigned,
    expressions,
    load,
    states,
    targets,
)

ALL_STATES = [
    pytest.param(path, state, id=f"{path.name.split('.')[0]}: {state.name}")
    for path in STATE_MACHINES
    for state in states(load(path))
]
TASKS = [param for param in ALL_STATES if param.values[1].body["Type"] == "Task"]  # type: ignore[union-attr]
every_machine = pytest.mark.parametrize("path", STATE_MACHINES, ids=lambda path: path.name)
every_state = pytest.mark.parametrize(("path", "state"), ALL_STATES)
every_task = pytest.mark.parametrize(("path", "state"), TASKS)

#: What an expression may meet at run time: nothing, too little, the wrong types, odd text.
ODD_VALUES: list[Any] = [
    {},
    {"detail": None},
    {"detail": {"object": {"key": 1, "size": "0"}}},
    {"detail": {"object": {"key": [], "size": None}}},
    {"detail": {"object": {"key": "", "size": 0}}},
    {"detail": {"object": "text"}, "detail-type": {}, "time": 3},
    {"detail": [{"object": {"key": "a/", "size": 0}}, {"object": {"key": "b"}}]},
    {"status": None, "plan": {"deadline": "soon"}, "error": []},
    {"status": "RUNNING"},
    {"status": ["RUNNING"], "plan": {"deadline": None}},
    [],
    "text",
]
CONTEXT = {
    "Execution": {"Id": "arn:e", "Name": "e", "StartTime": "2026-11-23T12:00:00Z"},
    "State": {"Name": "A State"},
    "StateMachine": {"Id": "arn:m"},
}
_SUBSTITUTION = re.compile(r"\$\{([A-Za-z]+)\}")


def substituted(expression: str) -> str:
    """Return an expression with something in place of each substitution."""
    return _SUBSTITUTION.sub("1", expression.replace("${NotificationLanguage}", "en"))


def test_every_machine_is_found() -> None:
    assert [path.name for path in STATE_MACHINES][:1]


@every_machine
def test_names_are_unique_and_short(path: Path) -> None:
    names = Counter(state.name for state in states(load(path)))
    assert [name for name, count in names.items() if count > 1] == []
    # https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html: 80
    assert [name for name in names if len(name) > 40] == []


@every_machine
def test_every_state_is_reached_and_every_next_exists(path: Path) -> None:
    definition = load(path)

    def check(machine: dict[str, Any]) -> None:
        reached, new = set(), {machine["StartAt"]}
        while new:
            name = new.pop()
            assert name in machine["States"], f"{name} does not exist"
            reached.add(name)
            new |= set(targets(machine["States"][name])) - reached
        assert reached == set(machine["States"])
        for body in machine["States"].values():
            if "ItemProcessor" in body:
                check(body["ItemProcessor"])

    check(definition)


@every_state
def test_names_tell_the_kind_of_state(path: Path, state: State) -> None:
    kind = state.body["Type"]
    assert state.name.endswith("?") == (kind == "Choice")
    assert state.name.startswith("Wait ") == (kind == "Wait")


@every_state
def test_a_choice_has_a_default_that_no_rule_shares(path: Path, state: State) -> None:
    if state.body["Type"] == "Choice":
        assert "Default" in state.body
        assert state.body["Default"] not in [rule["Next"] for rule in state.body["Choices"]]


@every_state
def test_what_a_choice_assigns_hangs_on_no_rule(path: Path, state: State) -> None:
    """Whether a state's own Assign counts when a rule matches: pages and evaluators differ.

    docs.aws.amazon.com/step-functions/latest/dg/state-choice.html: "regardless of which rule".
    """
    if state.body["Type"] == "Choice" and "Assign" in state.body:
        assert state.name == load(path)["StartAt"]
        assert not any("Assign" in rule for rule in state.body["Choices"])


@every_state
def test_every_expression_is_jsonata(path: Path, state: State) -> None:
    body = {key: value for key, value in state.body.items() if key != "ItemProcessor"}
    for expression in expressions(body):
        compile_expression(substituted(expression))


@every_state
def test_substitutions_stand_inside_strings_only(path: Path, state: State) -> None:
    # The file is valid JSON before substitution, so this is what json.loads has proved already;
    # numbers must come in as expressions.
    for key in ("Seconds", "TimeoutSeconds", "MaxConcurrency"):
        value = state.body.get(key, 1)
        assert isinstance(value, int) or value.startswith("{%")


def variables_read(body: dict[str, Any]) -> set[str]:
    """Return the names of the variables that a state's own expressions read."""
    found: set[str] = set()
    for expression in expressions({k: v for k, v in body.items() if k != "ItemProcessor"}):
        own = set(re.findall(r"\$(\w+)\s*:=", expression))
        for parameters in re.findall(r"function\(([^)]*)\)", expression):
            own |= set(re.findall(r"\$(\w+)", parameters))
        found |= set(re.findall(r"\$([A-Za-z]\w*)(?!\w|\s*\()", expression)) - own - {"states"}
    return found


@every_machine
def test_every_variable_has_a_value_from_the_first_state_on(path: Path) -> None:
    """Whatever way a run takes, no expression meets a variable that nobody assigned."""
    definition = load(path)
    first = set(assigned(definition["States"][definition["StartAt"]]))
    read = {name for body in definition["States"].values() for name in variables_read(body)}
    later = {name for body in definition["States"].values() for name in assigned(body)}
    assert read | later == first


@every_state
def test_children_assign_no_name_of_their_parent(path: Path, state: State) -> None:
    outer = {
        name
        for other in states(load(path))
        if len(other.scope) < len(state.scope)
        for name in assigned(other.body)
    }
    assert set(assigned(state.body)) & outer == set()


def test_a_distributed_map_and_its_children_name_no_variable_of_the_machine(
    refresh: dict[str, Any],
) -> None:
    """Its fields read its input, its result and its items; what children need is in their input.

    step-functions/latest/dg/workflow-variables.html: "Distributed Map states cannot currently
    reference variables in outer scopes".
    """
    outer = set(assigned(refresh["States"]["Folder Marker?"]))
    (its_map,) = [one for one in states(refresh) if one.body["Type"] == "Map"]
    for expression in expressions(its_map.body):
        own = set(re.findall(r"\$(\w+) :=", expression))
        assert set(re.findall(r"\$([a-zA-Z]\w*)", expression)) & outer <= own, expression


@every_state
def test_expressions_that_cannot_be_caught_are_total(path: Path, state: State) -> None:
    catching = [one.name for one in states(load(path)) if "Catch" in one.body]
    if all(name.startswith("Announce ") for name in catching):
        return  # nothing that matters is caught in this machine: whatever fails there is red
    caught = state.body["Type"] in ("Task", "Map")
    own = [state.body.get("Catch", []) if caught else state.body]
    variables = _variables(load(path)) if not state.scope else {}
    for odd in _inputs(load(path), state):
        for expression in expressions(own):
            bindings = {
                **variables,
                "states": {
                    "input": odd,
                    "context": CONTEXT,
                    "errorOutput": odd,
                },
            }
            try:
                evaluate(substituted(expression), bindings)
            except QueryEvaluationError as error:
                pytest.fail(f"{state.name}: {error} for input {odd!r}")


def _inputs(definition: dict[str, Any], state: State) -> list[Any]:
    """Return odd inputs: for a Map's child objects, made by its ItemSelector.

    What follows on Pass states gets what these put out, whatever happened before.
    """
    siblings = [one for one in states(definition) if one.scope == state.scope]
    before = [one.body for one in siblings if state.name in targets(one.body)]
    if before and all(body["Type"] == "Pass" and body["Output"] for body in before):
        return [_as_put_out(body["Output"], _variables(definition)) for body in before]
    return [odd for odd in ODD_VALUES if not state.scope or isinstance(odd, dict)]


def _as_put_out(value: Any, variables: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _as_put_out(member, variables) for name, member in value.items()}
    for expression in expressions(value):
        return evaluate(expression, {**variables, "states": {"context": CONTEXT}})
    return value


def _variables(definition: dict[str, Any]) -> dict[str, Any]:
    """Give each variable the value that it starts with: the first Assign of the machine."""
    first: dict[str, Any] = {}
    for state in states(definition):
        if not state.scope:
            for holder in (state.body, *state.body.get("Catch", [])):
                for name, value in holder.get("Assign", {}).items():
                    literal = not list(expressions(value))
                    first.setdefault(name, value if literal else "")
    return first


@every_state
def test_conditions_are_booleans_on_odd_input(path: Path, state: State) -> None:
    variables = _variables(load(path)) if not state.scope else {}
    for rule in state.body.get("Choices", []):
        for odd in _inputs(load(path), state):
            (expression,) = expressions(rule["Condition"])
            bindings = {**variables, "states": {"input": odd, "context": {}}}
            assert isinstance(evaluate(substituted(expression), bindings), bool)


@every_task
def test_the_action_and_its_arguments_exist(path: Path, state: State) -> None:
    integration, action = integration_of(state.body["Resource"])
    assert action[0].islower()
    operation = operation_of(integration, action)
    assert operation.input_shape is not None
    members = {name[0].upper() + name[1:] for name in operation.input_shape.members}
    arguments = state.body["Arguments"]
    if isinstance(arguments, str):
        names = set(re.findall(r"'([A-Z][A-Za-z]+)'\s*:", arguments))
    else:
        names = set(arguments)
    assert names
    assert names <= members
    required = {name[0].upper() + name[1:] for name in operation.input_shape.required_members}
    assert required <= names


@every_task
def test_a_task_is_bounded_and_retries_what_heals(path: Path, state: State) -> None:
    assert state.body["TimeoutSeconds"] <= 120
    for retrier in state.body["Retry"]:
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["MaxDelaySeconds"] <= 300


@every_task
def test_error_names_are_those_that_aws_raises(path: Path, state: State) -> None:
    integration, action = integration_of(state.body["Resource"])
    known = set(modelled_errors(integration, operation_of(integration, action)))
    known |= {f"{integration.prefix}.{name}" for name in integration.unmodelled}
    known |= {f"{integration.prefix}.SdkClientException", "States.ALL", "States.Timeout"}
    known |= {"States.DataLimitExceeded"}
    if integration is INTEGRATIONS["lambda"]:
        # https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
        known |= {"Lambda.Unknown", "Lambda.ClientExecutionTimeoutException", "Sandbox.Timedout"}
    named = {
        name
        for holder in (*state.body.get("Retry", []), *state.body.get("Catch", []))
        for name in holder["ErrorEquals"]
    }
    assert named <= known


@every_task
def test_throttling_is_retried_by_every_name_it_may_have(path: Path, state: State) -> None:
    integration, _ = integration_of(state.body["Resource"])
    if (
        state.name == "Ask Leader"
    ):  # the loop around it asks again, when somebody may have been told
        assert state.body["Catch"][-1]["Next"] == "Wait Before Asking"
        return
    retried = {name for retrier in state.body["Retry"] for name in retrier["ErrorEquals"]}
    names = {*integration.unmodelled, integration.base}
    assert {f"{integration.prefix}.{name}" for name in names} <= retried


@every_task
def test_what_does_not_heal_is_never_retried(path: Path, state: State) -> None:
    hopeless = (
        ".LimitExceededException",
        "AccessDeniedException",
        "InvalidParameterValueException",
        "ResourceNotFoundException",
        "ResourceExistsException",
        "ConditionalCheckFailedException",
    )
    for retrier in state.body["Retry"]:
        assert [name for name in retrier["ErrorEquals"] if name.endswith(hopeless)] == []
        if any(re.fullmatch(r"(\w+)\.(Amazon|AWS)?\1Exception", n) for n in retrier["ErrorEquals"]):
            assert retrier["MaxAttempts"] <= 5


@every_task
def test_arguments_do_not_change_between_attempts(path: Path, state: State) -> None:
    for expression in expressions(state.body["Arguments"]):
        assert not re.search(r"\$(uuid|millis|now|random)\(", expression)


def test_every_ingestion_status_is_named(refresh: dict[str, Any]) -> None:
    integration = INTEGRATIONS["aws-sdk:quicksight"]
    shape = operation_of(integration, "describeIngestion").service_model.shape_for(
        "IngestionStatus"
    )
    (finished,) = [s for s in states(refresh) if s.name == "Ingestion Finished?"]

    def follows(status: str, deadline: float) -> str:
        for rule in finished.body["Choices"]:
            (expression,) = expressions(rule["Condition"])
            plan = {"deadline": deadline}
            bindings = {"states": {"input": {"status": status, "plan": plan}}}
            if evaluate(expression, bindings):
                return str(rule["Next"])
        return str(finished.body["Default"])

    later, earlier = 9e15, 0
    assert {
        status: (follows(status, later), follows(status, earlier)) for status in shape.enum
    } == {
        "INITIALIZED": ("Wait Before Checking", "Ingestion Still Running"),
        "QUEUED": ("Wait Before Checking", "Ingestion Still Running"),
        "RUNNING": ("Wait Before Checking", "Ingestion Still Running"),
        "COMPLETED": ("Ingestion Ended", "Ingestion Ended"),
        "FAILED": ("Ingestion Ended", "Ingestion Ended"),
        "CANCELLED": ("Ingestion Ended", "Ingestion Ended"),
    }
    assert follows("PAUSED", later) == "Ingestion Status Unknown"


@pytest.fixture(scope="module")
def refresh() -> dict[str, Any]:
    return load(next(path for path in STATE_MACHINES if path.name == "sfn.asl.json"))
