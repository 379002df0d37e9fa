"""The table calls of state machines, straight to moto's handlers: half of what a burst calls.

Imitates: what GetItem and UpdateItem over moto's HTTP layer answer, without signing, sending and
parsing a request. Whatever is not a plain success is asked again the long way, for its error;
a call that fails changes nothing.
"""

from typing import Any

from botocore.validate import ParamValidator
from moto.core.exceptions import ServiceException
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from local.error_names import service_model

_HANDLERS = {"GetItem": DynamoHandler.get_item, "UpdateItem": DynamoHandler.update_item}
_VALIDATOR = ParamValidator()


def answer(
    account_id: str, region: str, operation: str, parameters: dict[str, Any]
) -> dict[str, Any] | None:
    """Return what the table answers; None: ask the long way."""
    model = service_model("dynamodb").operation_model(operation)
    if (
        operation not in _HANDLERS
        or _VALIDATOR.validate(parameters, model.input_shape).has_errors()
    ):
        return None
    handler = DynamoHandler()
    handler.body, handler.region, handler.current_account = parameters, region, account_id
    try:
        result: Any = _HANDLERS[operation](handler)
    except (ServiceException, HTTPException):
        return None
    members = model.output_shape.members
    return {name: value for name, value in result.result.items() if name in members}
