"""The calls that state machines make most, straight to the service that imitates them.

They answer what the same call over moto's HTTP layer answers, without signing, sending and parsing
a request (half the time of a burst). Whatever is not a plain success is asked again the long way,
for its error; a call that fails changes nothing.
"""

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.dynamodb.responses import DynamoHandler
from moto.sns.models import sns_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from werkzeug.exceptions import HTTPException

from local.core.constraints import operation_model
from local.core.refusals import refusal
from local.services.quicksight_api import REQUEST_ID

if TYPE_CHECKING:
    from local.account import LocalAccount

Parameters = dict[str, Any]


def _table(account: "LocalAccount", method: Any, parameters: Parameters) -> Parameters:
    handler = DynamoHandler()
    handler.body, handler.region = parameters, account.region
    handler.current_account = account.account_id
    result: Parameters = method(handler).result
    return result


def _get_item(account: "LocalAccount", parameters: Parameters) -> Parameters:
    return _table(account, DynamoHandler.get_item, parameters)


def _update_item(account: "LocalAccount", parameters: Parameters) -> Parameters:
    return _table(account, DynamoHandler.update_item, parameters)


def _create_ingestion(account: "LocalAccount", parameters: Parameters) -> Parameters:
    return account.quicksight.create_ingestion(
        parameters["DataSetId"],
        parameters["IngestionId"],
        parameters.get("IngestionType", "FULL_REFRESH"),
    ) | {"Status": 200}


def _describe_ingestion(account: "LocalAccount", parameters: Parameters) -> Parameters:
    found = account.quicksight.ingestion(parameters["DataSetId"], parameters["IngestionId"])
    shown = found.describe(account.clock.now())
    shown["CreatedTime"] = datetime.datetime.fromtimestamp(shown["CreatedTime"], tz=datetime.UTC)
    return {"Ingestion": shown, "RequestId": REQUEST_ID, "Status": 200}


def _publish(account: "LocalAccount", parameters: Parameters) -> Parameters:
    number = sns_backends[account.account_id][account.region].publish(
        parameters["Message"], arn=parameters["TopicArn"], subject=parameters.get("Subject")
    )
    return {"MessageId": number}


def _start_execution(account: "LocalAccount", parameters: Parameters) -> Parameters:
    started = stepfunctions_parser_backends[account.account_id][account.region].start_execution(
        parameters["stateMachineArn"], parameters.get("name", ""), parameters.get("input", "{}")
    )
    return {"executionArn": started.execution_arn, "startDate": started.start_date}


_ANSWERS: dict[tuple[str, str], Callable[["LocalAccount", Parameters], Parameters]] = {
    ("dynamodb", "GetItem"): _get_item,
    ("dynamodb", "UpdateItem"): _update_item,
    ("quicksight", "CreateIngestion"): _create_ingestion,
    ("quicksight", "DescribeIngestion"): _describe_ingestion,
    ("sns", "Publish"): _publish,
    ("stepfunctions", "StartExecution"): _start_execution,
}


def answer(
    account: "LocalAccount", service: str, operation: str, parameters: Parameters
) -> Parameters | None:
    """Return what the service answers; None: ask the long way."""
    found = _ANSWERS.get((service, operation))
    if found is None:
        return None
    if refusal(service, operation, parameters) is not None:
        return None
    try:
        result = found(account, parameters)
    except (ServiceException, HTTPException):
        return None
    members = operation_model(service, operation).output_shape.members
    return {name: value for name, value in result.items() if name in members}
