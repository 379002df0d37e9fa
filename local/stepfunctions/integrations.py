"""The calls that a state machine's Tasks make, as its role, with AWS's names at both ends.

Imitates: parameters in PascalCase; results in PascalCase; JSON for an object where the service
wants text; times as ISO 8601; binary values as Base64; what each call needs of the role, action and
resource; how each service refuses it; a function's answer, read from JSON; a function's exception
as the Task's error; parameters that the service refuses; the details of ``putEvents``, which become
text; machine and execution among its events' resources; an answer of it with entries that failed,
which fails the Task; DynamoDB's types of values in an SDK integration's result, which have Java's
names; keys that BatchGetItem leaves unprocessed (a fault's ``unprocessed``).
Does not imitate: ``.sync`` and ``.waitForTaskToken``, the SDK's own retries, ``Sdk…Metadata``;
Java's names in what a Task sends.
"""

import base64
import datetime
import json
from collections.abc import Callable
from typing import Any

import botocore.model
from botocore.exceptions import ClientError, ParamValidationError
from moto.stepfunctions.parser.api import (
    HistoryEventType,
    TaskFailedEventDetails,
    TaskTimedOutEventDetails,
)
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local.core.faults import (
    Call,
    FailedEntriesError,
    Fault,
    NoAnswerError,
    ServiceError,
    seconds_of,
)
from local.core.refusals import Refusal, refusal
from local.core.world import World
from local.services.error_names import (
    CLIENT_ERROR,
    FAILED_ENTRY,
    INTEGRATIONS,
    Integration,
    cause_of,
    error_name,
    operation_of,
)
from local.services.events import asked_for
from local.services.iam import AccessDeniedError
from local.services.lambdas import LocalFunction
from local.stepfunctions.history import details
from local.stepfunctions.service import StepFunctions

Parameters = dict[str, Any]

#: How each service refuses a call that IAM does not allow: error code and HTTP status.
#: https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateIngestion.html (401)
_DENIED = {
    "quicksight": ("AccessDeniedException", 401),
    "sns": ("AuthorizationError", 403),
    "lambda": ("AccessDeniedException", 403),
}

#: DynamoDB's types of values as the second Java SDK names them, and with it an SDK integration.
#: https://sdk.amazonaws.com/java/api/latest/software/amazon/awssdk/services/dynamodb/model/AttributeValue.html
_JAVA_NAMES = {"BOOL": "Bool", "NULL": "Nul", "SS": "Ss", "NS": "Ns", "BS": "Bs"}

_NO_FAULT = Fault("*", "*")


class FunctionFailedError(Exception):
    """A Lambda function answered with an error payload."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(payload.get("errorMessage"))
        self.name = str(payload.get("errorType") or "Exception")
        self.payload = payload


def _table_arn(world: World, parameters: Parameters) -> str:
    name = str(parameters["TableName"] if "TableName" in parameters else _one_table(parameters))
    if name.startswith("arn:"):
        return name
    return world.arn("dynamodb", f"table/{name}")


def _one_table(parameters: Parameters) -> str:
    (name,) = parameters["RequestItems"]
    return str(name)


def _function_arn(world: World, parameters: Parameters) -> str:
    name = str(parameters["FunctionName"])
    return name if name.startswith("arn:") else world.arn("lambda", f"function:{name}")


#: Operation → IAM action and the resource it is asked for (Service Authorization Reference).
_ACTIONS: dict[tuple[str, str], tuple[str, Callable[[World, Parameters], str]]] = {
    ("quicksight", operation): (
        f"quicksight:{operation}",
        lambda world, parameters: world.arn(
            "quicksight",
            f"dataset/{parameters['DataSetId']}/ingestion/{parameters['IngestionId']}",
        ),
    )
    for operation in ("CreateIngestion", "DescribeIngestion")
}
_ACTIONS |= {
    ("dynamodb", operation): (f"dynamodb:{operation}", _table_arn)
    for operation in ("BatchGetItem", "GetItem", "Scan", "UpdateItem")
}
_ACTIONS |= {
    ("lambda", "Invoke"): ("lambda:InvokeFunction", _function_arn),
    ("sns", "Publish"): ("sns:Publish", lambda _, parameters: str(parameters["TopicArn"])),
    ("stepfunctions", "StartExecution"): (
        "states:StartExecution",
        lambda _, parameters: str(parameters["stateMachineArn"]),
    ),
    ("stepfunctions", "DescribeExecution"): (
        "states:DescribeExecution",
        lambda _, parameters: str(parameters["executionArn"]),
    ),
}


def integration_for(resource: Any) -> Integration:
    """Return the integration of moto's parsed Task resource."""
    service = str(resource.service_name)
    return INTEGRATIONS[f"{service}:{resource.api_name}" if service == "aws-sdk" else service]


def call(
    service: StepFunctions, env: Environment, resource: Any, parameters: Parameters, role_arn: str
) -> Any:
    """Make a Task's call and return its result as the state machine sees it.

    Raises:
        ClientError: the service refused it; NoAnswerError: no answer came;
        FunctionFailedError: the function raised; FailedEntriesError: an event was not taken.
    """
    integration = integration_for(resource)
    operation = operation_of(integration, resource.api_action)
    if operation.input_shape is not None:
        parameters = _to_service(parameters, operation.input_shape)
    context = env.states.context_object.context_object_data
    if operation.name == "PutEvents":
        by = [context["StateMachine"]["Id"], context["Execution"]["Id"]]
        parameters = parameters | {"Entries": [_event(one, by) for one in parameters["Entries"]]}
    planned = Call(
        execution_arn=context["Execution"]["Id"],
        state=str(env.next_state_name),
        service=integration.service,
        operation=operation.name,
        parameters=parameters,
        role_arn=role_arn,
    )
    service.world.clock.checkpoint()
    for listener in service.on_call:
        listener(planned)
    fault = service.world.faults.find(planned) or _NO_FAULT
    before, after = seconds_of(fault.delay), seconds_of(fault.slow)
    if before:
        service.world.clock.sleep(before)
    if fault.error is not None and not fault.lost:
        service.world.journal.refused(planned, fault.error)
        raise _as_client_error(fault.error, operation.name)
    try:
        _authorize(service, planned)
        response = _send(service, planned, fault)
    except Exception as error:
        service.world.journal.refused(planned, error)
        raise
    service.world.journal.applied(planned, fault.error)
    if after:
        service.world.clock.sleep(after)
    if fault.error is not None:
        raise _as_client_error(fault.error, operation.name)
    if operation.output_shape is None:
        return response
    names = _JAVA_NAMES if integration.prefix == "DynamoDb" else {}
    return _from_service(response, operation.output_shape, names)


def _event(entry: Parameters, by: list[str]) -> Parameters:
    """Return an entry as it is sent: its detail as text, machine and execution in its resources."""
    detail = entry.get("Detail")
    if isinstance(detail, dict):
        entry = entry | {"Detail": json.dumps(detail, ensure_ascii=False, separators=(",", ":"))}
    return entry | {"Resources": [*entry.get("Resources", []), *by]}


def _authorize(service: StepFunctions, planned: Call) -> None:
    if planned.operation == "PutEvents":
        try:
            for resource, given in asked_for(service.world, planned.parameters):
                service.authorizer.check(planned.role_arn, "events:PutEvents", resource, given)
        except AccessDeniedError as error:
            raise client_error("AccessDeniedException", str(error), 400, "PutEvents") from error
        return
    found = _ACTIONS.get((planned.service, planned.operation))
    if found is None:
        raise KeyError(
            f"no IAM action is known for {planned.service}:{planned.operation}; "
            "add it to _ACTIONS in local/stepfunctions/integrations.py"
        )
    action, resource_of = found
    try:
        service.authorizer.check(
            planned.role_arn, action, resource_of(service.world, planned.parameters)
        )
    except AccessDeniedError as error:
        code, status = _DENIED.get(planned.service, ("AccessDeniedException", 400))
        raise client_error(code, str(error), status, planned.operation) from error
    except KeyError as error:
        raise client_error(
            "ValidationException", f"missing parameter {error}", 400, planned.operation
        ) from error


def _check(planned: Call, **changed: Any) -> None:
    refused = refusal(planned.service, planned.operation, planned.parameters | changed)
    if refused is not None:
        raise refused.as_client_error(planned.operation)


def _send(service: StepFunctions, planned: Call, fault: Fault) -> Any:
    if planned.service == "lambda":
        payload = json.dumps(planned.parameters.get("Payload", {}), ensure_ascii=False)
        _check(planned, Payload=payload)
        answer, failed = _function(service, planned.parameters).invoke(payload)
        if failed:
            raise FunctionFailedError(json.loads(answer))
        return {"ExecutedVersion": "$LATEST", "Payload": json.loads(answer), "StatusCode": 200}
    response = _answer(service, planned, fault)
    if response.get("FailedEntryCount"):
        raise FailedEntriesError(response)
    return response


def _answer(service: StepFunctions, planned: Call, fault: Fault) -> Any:
    if planned.operation == "DescribeExecution":
        service.describe_execution.take_token()
    found = service.shortcuts.answer(planned.service, planned.operation, planned.parameters)
    if found is not None:
        return found
    _check(planned)
    client = service.world.client(planned.service)
    left = _unprocessed(planned.parameters, fault.unprocessed)
    try:
        response: dict[str, Any] = client._make_api_call(planned.operation, planned.parameters)
    except ParamValidationError as error:
        # A member that the service does not have.
        raise client_error("ValidationException", str(error), 400, planned.operation) from error
    response.pop("ResponseMetadata", None)
    if planned.operation == "DescribeExecution":
        response = service.describe_execution.as_of(fault.stale, response)
    if left:
        response["UnprocessedKeys"] = left
    return response


def _unprocessed(parameters: Parameters, number: int) -> Parameters:
    """Take the last keys out of a BatchGetItem, and return the request for them."""
    if not number:
        return {}
    name = _one_table(parameters)
    asked = parameters["RequestItems"][name]
    parameters["RequestItems"] = {name: {**asked, "Keys": asked["Keys"][:-number]}}
    return {name: {**asked, "Keys": asked["Keys"][-number:]}}


def _function(service: StepFunctions, parameters: Parameters) -> LocalFunction:
    try:
        return service.function(parameters["FunctionName"])
    except ClientError as error:  # of another operation, whose message does not name the version
        text = f"Function not found: {_function_arn(service.world, parameters)}:$LATEST"
        code = error.response["Error"]["Code"]
        raise client_error(code, text, 404, "Invoke") from error


def client_error(code: str, message: str, status: int, operation: str) -> Exception:
    """Build the error that botocore would raise for this answer."""
    error: Exception = Refusal(code, message, status).as_client_error(operation)
    return error


def _as_client_error(error: Exception, operation: str) -> Exception:
    if isinstance(error, ServiceError):
        return client_error(error.code, error.message, error.status, operation)
    return error


def _members(shape: botocore.model.Shape) -> dict[str, botocore.model.Shape]:
    return dict(shape.members) if isinstance(shape, botocore.model.StructureShape) else {}


def _to_service(parameters: Parameters, shape: botocore.model.Shape) -> Parameters:
    """Give ASL's names (``StateMachineArn``) the service's own spelling, JSON where text is due."""
    members = _members(shape)
    spelling = {name[0].upper() + name[1:]: name for name in members}
    renamed: Parameters = {}
    for key, value in parameters.items():
        name = spelling.get(key, key)
        member = members.get(name)
        if member is not None and member.type_name == "string" and not isinstance(value, str):
            value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        renamed[name] = value
    return renamed


def _from_service(value: Any, shape: botocore.model.Shape, names: dict[str, str]) -> Any:
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(shape, botocore.model.StructureShape) and isinstance(value, dict):
        members = _members(shape)
        return {
            names.get(key, key[0].upper() + key[1:])
            if key in members and not shape.is_tagged_union
            else key: (_from_service(member, members[key], names) if key in members else member)
            for key, member in value.items()
        }
    if isinstance(shape, botocore.model.ListShape) and isinstance(value, list):
        return [_from_service(member, shape.member, names) for member in value]
    if isinstance(shape, botocore.model.MapShape) and isinstance(value, dict):
        return {key: _from_service(member, shape.value, names) for key, member in value.items()}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def failure_of(task: Any, env: Environment, error: Exception) -> FailureEvent | None:
    """Return the failure that a Task reports for an error of its call; None: not one of ours."""
    name = cause = None
    if isinstance(error, FunctionFailedError):
        name = error.name
        cause = json.dumps(error.payload, ensure_ascii=False, separators=(",", ":"))
    elif isinstance(error, FailedEntriesError):
        name = f"{integration_for(task.resource).prefix}.{FAILED_ENTRY}"
        cause = json.dumps(error.answer, ensure_ascii=False, separators=(",", ":"))
    elif isinstance(error, NoAnswerError):
        name = f"{integration_for(task.resource).prefix}.{CLIENT_ERROR}"
        cause = str(error) or "Unable to execute HTTP request"
    elif isinstance(error, ClientError):
        integration = integration_for(task.resource)
        code = error.response["Error"]["Code"]
        name = error_name(integration, code, operation_of(integration, task.resource.api_action))
        cause = cause_of(integration, error.response)
    if name is None:
        return None
    return FailureEvent(
        env=env,
        error_name=ErrorName(error_name=name),
        event_type=HistoryEventType.TaskFailed,
        event_details=details(
            taskFailedEventDetails=TaskFailedEventDetails(
                resource=task.resource.api_action,
                resourceType=_resource_type(task.resource),
                error=name,
                cause=cause,
            )
        ),
    )


def timed_out(task: Any, env: Environment) -> FailureEvent:
    """Return the ``States.Timeout`` of a Task that took longer than its ``TimeoutSeconds``."""
    return FailureEvent(
        env=env,
        error_name=StatesErrorName(typ=StatesErrorNameType.StatesTimeout),
        event_type=HistoryEventType.TaskTimedOut,
        event_details=details(
            taskTimedOutEventDetails=TaskTimedOutEventDetails(
                resource=task.resource.api_action,
                resourceType=_resource_type(task.resource),
                error="States.Timeout",
            )
        ),
    )


def _resource_type(resource: Any) -> str:
    service = str(resource.service_name)
    return f"{service}:{resource.api_name}" if service == "aws-sdk" else service
