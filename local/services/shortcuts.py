"""The calls that state machines make most, straight to the service that imitates them.

They answer what the same call over moto's HTTP layer answers, without signing, sending and parsing
a request (half the time of a burst). Whatever is not a plain success is asked again the long way,
for its error; a call that fails changes nothing.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.dynamodb.responses import DynamoHandler
from moto.events.models import events_backends
from moto.sns.models import sns_backends
from moto.sns.responses import SNSResponse
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from werkzeug.exceptions import HTTPException

from local.core.constraints import operation_model
from local.core.refusals import refusal
from local.core.world import World
from local.services.quicksight import REQUEST_ID, LocalQuickSight

Parameters = dict[str, Any]


def _table(world: World, method: Any, parameters: Parameters) -> Parameters:
    handler = DynamoHandler()
    handler.body, handler.region = parameters, world.region
    handler.current_account = world.account_id
    result: Parameters = method(handler).result
    return result


def _get_item(to: "Shortcuts", parameters: Parameters) -> Parameters:
    return _table(to.world, DynamoHandler.get_item, parameters)


def _update_item(to: "Shortcuts", parameters: Parameters) -> Parameters:
    return _table(to.world, DynamoHandler.update_item, parameters)


def _create_ingestion(to: "Shortcuts", parameters: Parameters) -> Parameters:
    return to.quicksight.create_ingestion(
        parameters["DataSetId"],
        parameters["IngestionId"],
        parameters.get("IngestionType", "FULL_REFRESH"),
    ) | {"Status": 200}


def _describe_ingestion(to: "Shortcuts", parameters: Parameters) -> Parameters:
    found = to.quicksight.ingestion(parameters["DataSetId"], parameters["IngestionId"])
    shown = found.describe(to.world.clock.now())
    shown["CreatedTime"] = datetime.datetime.fromtimestamp(shown["CreatedTime"], tz=datetime.UTC)
    return {"Ingestion": shown, "RequestId": REQUEST_ID, "Status": 200}


def _publish(to: "Shortcuts", parameters: Parameters) -> Parameters:
    attributes = parameters.get("MessageAttributes", {})
    number = sns_backends[to.world.account_id][to.world.region].publish(
        parameters["Message"],
        arn=parameters["TopicArn"],
        subject=parameters.get("Subject"),
        message_attributes=SNSResponse()._transform_message_attributes(attributes),
    )
    return {"MessageId": number}


def _put_events(to: "Shortcuts", parameters: Parameters) -> Parameters:
    backend = events_backends[to.world.account_id][to.world.region]
    entries: list[Parameters] = backend.put_events(parameters["Entries"])
    failed = sum("ErrorCode" in entry for entry in entries)
    return {"FailedEntryCount": failed, "Entries": entries}


def _start_execution(to: "Shortcuts", parameters: Parameters) -> Parameters:
    started = stepfunctions_parser_backends[to.world.account_id][to.world.region].start_execution(
        parameters["stateMachineArn"], parameters.get("name", ""), parameters.get("input", "{}")
    )
    return {"executionArn": started.execution_arn, "startDate": started.start_date}


_ANSWERS: dict[tuple[str, str], Callable[["Shortcuts", Parameters], Parameters]] = {
    ("dynamodb", "GetItem"): _get_item,
    ("dynamodb", "UpdateItem"): _update_item,
    ("events", "PutEvents"): _put_events,
    ("quicksight", "CreateIngestion"): _create_ingestion,
    ("quicksight", "DescribeIngestion"): _describe_ingestion,
    ("sns", "Publish"): _publish,
    ("stepfunctions", "StartExecution"): _start_execution,
}


@dataclass(frozen=True)
class Shortcuts:
    """The short ways into one account's services."""

    world: World
    quicksight: LocalQuickSight

    def answer(self, service: str, operation: str, parameters: Parameters) -> Parameters | None:
        """Return what the service answers; None: ask the long way."""
        found = _ANSWERS.get((service, operation))
        if found is None:
            return None
        if refusal(service, operation, parameters) is not None:
            return None
        try:
            result = found(self, parameters)
        except (ServiceException, HTTPException):
            return None
        members = operation_model(service, operation).output_shape.members
        return {name: value for name, value in result.items() if name in members}
