"""The expressions of a state: what they see, and what the execution is told when one fails.

Imitates: ``$states`` and the variables in scope; a Catch, which sees the error output and no
``$states.result``; variables that are null; an ``EvaluationFailed`` event with state, location and
cause, whatever the state's type; the location of an expression that failed; the words of the cause;
a list that ``Items`` must be; waits of whole seconds only; text in ``Assign``, whose JSON escapes
are the characters.
Does not imitate: the refusal of ``$states.result`` and ``$states.errorOutput`` where a state has
neither (a definition is refused for that), the limits of memory and depth.
"""

import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.assign.assign_template_value_terminal import (
    AssignTemplateValueTerminalLit,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
    StringJSONata,
    StringVariableSample,
)
from moto.stepfunctions.parser.asl.component.component import Component
from moto.stepfunctions.parser.asl.component.program.states import States
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison import (
    ConditionStringJSONata,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.items.items import ItemsJSONata
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.seconds import SecondsJSONata
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from local.stepfunctions.history import details
from local.stepfunctions.jsonata import QueryEvaluationError, evaluate

#: moto's attribute → ASL's field, as it stands in a location; ``{}`` is the place in a list.
_FIELDS = {
    "parargs": "Arguments",
    "assign": "Assign",
    "assign_decl": "Assign",
    "output": "Output",
    "items": "Items",
    "item_selector": "ItemSelector",
    "max_concurrency_decl": "MaxConcurrency",
    "rules": "Choices[{}]",
    "comparison": "Condition",
    "catchers": "Catch[{}]",
    "cause": "Cause",
    "error": "Error",
    "timeout": "TimeoutSeconds",
    "wait_function": "Seconds",
    "values": "[{}]",
}


def locate(component: Any, path: str = "") -> None:
    """Write into each expression of a parsed definition where it stands: ``Output/a/b[0]``."""
    if isinstance(component, States):  # of the machine, or of a Map's iterations
        for state in component.states.values():
            locate(state)
        return
    if isinstance(component, StringJSONata | StringVariableSample):
        component.location = path  # type: ignore[union-attr]
        return
    for attribute, member in vars(component).items():
        for place, part in enumerate(member if isinstance(member, list) else [member]):
            if isinstance(part, Component):
                field = _FIELDS.get(attribute, "").format(place)
                locate(part, _joined(path, getattr(part, "identifier", field)))


def _joined(path: str, field: str) -> str:
    return f"{path}/{field}" if path and field and not field.startswith("[") else path + field


def bindings_of(env: Environment) -> dict[str, Any]:
    """Return what an expression can see: ``$states`` and the variables in scope."""
    data: Any = env.states._states_data
    states = {"input": data["input"], "context": data["context"]}
    own = "result" if data.get("errorOutput") is None else "errorOutput"
    if data.get(own) is not None:
        states[own] = data[own]
    store = env.variable_store
    return {**store._outer_scope, **store._inner_scope, "states": states}


def _entered(env: Environment) -> int:
    """Return the number of the event that tells of the entry into the state that runs."""
    events: dict[int, Any] = {one["id"]: one for one in env.event_manager._history_event_list}
    number = env.event_history_context.source_event_id
    while number:
        event = events[number]
        if event.get("stateEnteredEventDetails", {}).get("name") == env.next_state_name:
            break
        number = event["previousEventId"]
    return number


def failure(env: Environment, cause: str, location: str) -> FailureEventException:
    """Return the ``States.QueryEvaluationError`` of the state that runs, in AWS's words."""
    state = env.next_state_name
    name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
    told = {
        "error": str(name.error_name),
        "cause": f"An error occurred while executing the state '{state}' "
        f"(entered at the event id #{_entered(env)}). {cause}",
        "location": location,
        "state": state,
    }
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=name,
            event_type=HistoryEventType.EvaluationFailed,
            event_details=details(evaluationFailedEventDetails=told),
        )
    )


def _eval_jsonata(self: Any, env: Environment) -> None:
    location = getattr(self, "location", "")
    try:
        env.stack.append(evaluate(self.expression, bindings_of(env)))
    except QueryEvaluationError as error:
        subject = f"The JSONata expression '{self.expression}' specified for the field '{location}'"
        raise failure(env, f"{subject} {error}", location) from error


_TYPES = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "string"}


def _of_type(env: Environment, expression: StringJSONata, expected: str, fits: Any) -> Any:
    """Evaluate an expression whose value must be of one type.

    Raises:
        FailureEventException: it is of another.
    """
    expression.eval(env=env)
    value = env.stack[-1]
    if fits(value):
        return value
    found = _TYPES.get(type(value), "array" if isinstance(value, list) else "object")
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    location = getattr(expression, "location", "")
    raise failure(
        env,
        f"The JSONata expression '{expression.expression}' specified for the field '{location}' "
        f"returned an unexpected result type. Expected '{expected}', but was '{found}' "
        f"for value: {text}",
        location,
    )


def _eval_items(self: ItemsJSONata, env: Environment) -> None:
    _of_type(env, self.string_jsonata, "array", lambda value: isinstance(value, list))


def _eval_condition(self: ConditionStringJSONata, env: Environment) -> None:
    _of_type(env, self.string_jsonata, "boolean", lambda value: isinstance(value, bool))


def _whole_seconds(self: SecondsJSONata, env: Environment) -> int:
    """Evaluate how long to wait; what is no whole number of seconds fails (moto cuts it off)."""
    fits = _of_type(
        env, self.string_jsonata, "integer", lambda value: type(value) is int and value >= 0
    )
    env.stack.pop()
    return int(fits)


def _eval_state(self: CommonStateField, env: Environment) -> None:
    """Tell of an evaluation that failed, where moto does not: outside Tasks, and in a Catch."""
    try:
        _original_eval_state(self, env)
    except FailureEventException as error:
        event = error.failure_event
        if event.event_type == HistoryEventType.EvaluationFailed and not _is_told(env, event):
            env.event_manager.add_event(
                context=env.event_history_context,
                event_type=event.event_type,
                event_details=event.event_details,
            )
        raise


_original_eval_state = CommonStateField._eval_body


def _is_told(env: Environment, failed: FailureEvent) -> bool:
    told: Any = failed.event_details
    return any(
        event.get("evaluationFailedEventDetails") is told["evaluationFailedEventDetails"]
        for event in env.event_manager._history_event_list
    )


def _told(self: FailureEventException) -> Any:
    """Return what ``failure`` made: the whole cause, to which moto would add where it was."""
    event: Any = self.failure_event.event_details or {}
    told = event.get("evaluationFailedEventDetails", {})
    return told if "state" in told else None


def _of_evaluation(self: FailureEventException) -> Any:
    return _told(self) or _original_of_evaluation(self)


def _of_execution(self: FailureEventException) -> Any:
    told = _told(self)
    if told is None:
        return _original_of_execution(self)
    return {"error": told["error"], "cause": told["cause"]}


_original_of_evaluation = FailureEventException.get_evaluation_failed_event_details
_original_of_execution = FailureEventException.get_execution_failed_event_details


def _literal(self: Preprocessor, ctx: Any) -> AssignTemplateValueTerminalLit:
    return AssignTemplateValueTerminalLit(value=json.loads(ctx.string_literal().getText()))


def patches() -> Iterator[Any]:
    """Yield what replaces moto's own ways."""
    on = mock.patch.object
    yield on(StringJSONata, "_eval_body", _eval_jsonata)
    yield on(StringVariableSample, "_eval_body", _eval_jsonata)
    yield on(ItemsJSONata, "_eval_body", _eval_items)
    yield on(ConditionStringJSONata, "_eval_body", _eval_condition)
    yield on(SecondsJSONata, "_get_wait_seconds", _whole_seconds)
    yield on(CommonStateField, "_eval_body", _eval_state)
    yield on(FailureEventException, "get_evaluation_failed_event_details", _of_evaluation)
    yield on(FailureEventException, "get_execution_failed_event_details", _of_execution)
    yield on(Preprocessor, "visitAssign_template_value_terminal_string_literal", _literal)
