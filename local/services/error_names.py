"""What Step Functions calls the errors of the services: one table, for retries and tests alike.

Imitates: ``<Prefix>.<Name>Exception``, an SDK integration's name for an error of the service's
model; ``<Prefix>.<Prefix>Exception``, its name for any other answer; the optimised integrations'
names, which are those of the first Java SDK; the base class of that SDK, for what its model does
not know, throttling and access denied included; ``<Prefix>.SdkClientException`` where no answer
came; the cause of a call that an optimised integration was refused; the cause of a call that the
SDK was refused.
Does not imitate: errors of services that the definitions do not call.
"""

from dataclasses import dataclass, field
from typing import Any

from botocore.model import OperationModel

from local.core.constraints import operation_model


@dataclass(frozen=True)
class Integration:
    """How one kind of Task reaches a service, and what it calls that service's errors.

    Attributes:
        service: botocore's name of the service.
        prefix: what stands before the dot.
        base: the name for an answer that the service's model does not know.
        told: what the older SDK calls the service in a cause; empty: the newer SDK makes the call.
        renamed: botocore's error name → the name after the dot, where the older SDK differs.
        unmodelled: errors in botocore's model that the older SDK may not know: here it does not,
            and a definition that names them is right either way.
    """

    service: str
    prefix: str
    base: str
    told: str = ""
    renamed: dict[str, str] = field(default_factory=dict)
    unmodelled: frozenset[str] = frozenset()


#: Resource of a Task, between ``states:::`` and the action → its integration.
INTEGRATIONS: dict[str, Integration] = {
    "aws-sdk:dynamodb": Integration("dynamodb", "DynamoDb", "DynamoDbException"),
    "aws-sdk:quicksight": Integration("quicksight", "QuickSight", "QuickSightException"),
    "aws-sdk:sfn": Integration("stepfunctions", "Sfn", "SfnException"),
    "dynamodb": Integration(
        "dynamodb",
        "DynamoDB",
        "AmazonDynamoDBException",
        "AmazonDynamoDBv2",
        renamed={
            "InternalServerError": "InternalServerErrorException",
            "RequestLimitExceeded": "RequestLimitExceededException",
        },
        unmodelled=frozenset({"ThrottlingException"}),
    ),
    "events": Integration(
        "events", "EventBridge", "AmazonEventBridgeException", "AmazonEventBridge"
    ),
    "sns": Integration("sns", "SNS", "AmazonSNSException", "AmazonSNS"),
    "states": Integration(
        "stepfunctions", "StepFunctions", "AWSStepFunctionsException", "AWSStepFunctions"
    ),
    "lambda": Integration("lambda", "Lambda", "AWSLambdaException", "AWSLambda"),
}

#: What an optimised ``putEvents`` makes of an answer in which an entry failed.
#: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
FAILED_ENTRY = "FailedEntry"
#: What the SDK raises when no answer came at all (connection, time-out): prefix + this.
CLIENT_ERROR = "SdkClientException"


def integration_of(resource: str) -> tuple[Integration, str]:
    """Split a Task's ``Resource`` into its integration and its action (``createIngestion``).

    Raises:
        KeyError: an integration that this table does not know.
    """
    path = resource.split(":states:::", 1)[1]
    kind, _, action = path.rpartition(":")
    return INTEGRATIONS[kind], action


def operation_of(integration: Integration, action: str) -> OperationModel:
    """Return botocore's model of an action in ASL's spelling (``createIngestion``)."""
    return operation_model(integration.service, action[0].upper() + action[1:])


def error_name(integration: Integration, code: str, operation: OperationModel) -> str:
    """Return the ASL name of an error that a service answered with ``code``."""
    for shape in operation.error_shapes:
        if code in (shape.name, shape.metadata.get("error", {}).get("code")):
            return f"{integration.prefix}.{_modelled(integration, shape.name)}"
    return f"{integration.prefix}.{integration.base}"


def cause_of(integration: Integration, answer: dict[str, Any]) -> str:
    """Return how a Task's cause tells of a call that was refused.

    Args:
        integration: how the Task reaches the service.
        answer: ``ClientError.response``.
    """
    text, code = answer["Error"]["Message"], answer["Error"]["Code"]
    meta = answer["ResponseMetadata"]
    status, request = meta["HTTPStatusCode"], meta.get("RequestId", "")
    if integration.told:
        return (
            f"{text} (Service: {integration.told}; Status Code: {status}; "
            f"Error Code: {code}; Request ID: {request}; Proxy: null)"
        )
    return (
        f"{text} (Service: {integration.prefix}, Status Code: {status}, Request ID: {request})"
        " (SDK Attempt Count: 1)"
    )


def _modelled(integration: Integration, shape_name: str) -> str:
    if shape_name in integration.unmodelled:
        return integration.base
    name = integration.renamed.get(shape_name, shape_name)
    return name if name.endswith("Exception") else f"{name}Exception"


def modelled_errors(integration: Integration, operation: OperationModel) -> list[str]:
    """Return the ASL names of every error the model gives this operation, base name included."""
    names = {
        f"{integration.prefix}.{_modelled(integration, shape.name)}"
        for shape in operation.error_shapes
    }
    names.add(f"{integration.prefix}.{integration.base}")
    if integration.service == "events":
        names.add(f"{integration.prefix}.{FAILED_ENTRY}")
    return sorted(names)
