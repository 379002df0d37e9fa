"""What goes into a state, comes out of it or is assigned in it has 256 KiB of UTF-8 at most.

Imitates: arguments of a Task that are larger, refused before the call (the cause as seen in
production); a result or an output that is larger, counted in UTF-8 (moto counts escapes); the
variables of one ``Assign`` that are larger together (here the same error).
Does not imitate: the limit of all variables together.
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from collections.abc import Iterator
from typing import Any
from unittest import mock

from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_lambda
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local.core.prose_rules import PAYLOAD_BYTES, size_of
from local.stepfunctions.history import details

ERROR = "States.DataLimitExceeded"


def fits(value: Any) -> bool:
    """Tell whether a payload, as JSON, is small enough."""
    return size_of([value]) - len("[]") <= PAYLOAD_BYTES  # a text with its quotes and escapes


def check_arguments(env: Environment, name: str, arguments: Any) -> None:
    """Let a Task's arguments pass, or fail it before anything is called.

    Raises:
        FailureEventException: they are too large.
    """
    if not fits(arguments):
        raise _too_large(env, name, "Arguments", f"The state/task '{name}' provided parameters")


def check_assigned(env: Environment, variables: dict[str, Any]) -> None:
    """Let the variables of one ``Assign`` pass, or fail its state.

    Raises:
        FailureEventException: they are too large together.
    """
    if not fits(variables):
        state_data = env.states.context_object.context_object_data["State"]
        name = state_data["Name"] if state_data else ""
        raise _too_large(env, name, "Assign", f"The state '{name}' assigned variables")


def _too_large(env: Environment, name: str, location: str, what: str) -> FailureEventException:
    cause = f"{what} with a size exceeding the maximum number of bytes service limit."
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=ErrorName(error_name=ERROR),
            event_type=HistoryEventType.EvaluationFailed,
            event_details=details(
                evaluationFailedEventDetails=EvaluationFailedEventDetails(
                    error=ERROR, cause=cause, state=name, location=location
                )
            ),
        )
    )


def patches() -> Iterator[Any]:
    """Let moto count as AWS does."""
    for module in (state, state_task_lambda, state_task_service):
        yield mock.patch.object(module, "is_within_size_quota", fits)
