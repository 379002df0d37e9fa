"""Errors are called what Step Functions calls them."""

import re
from typing import Any

import pytest

from local.core.faults import Fault, NoAnswerError
from local.services.error_names import error_name, integration_of, operation_of
from tests.local.machines import GET, Machine, task


def named(resource: str, code: str) -> str:
    """Return the name of an error that a Task's service answers."""
    integration, action = integration_of(f"arn:aws:states:::{resource}")
    return error_name(integration, code, operation_of(integration, action))


@pytest.mark.parametrize(
    ("resource", "code", "name"),
    [
        (
            "aws-sdk:quicksight:createIngestion",
            "LimitExceededException",
            "QuickSight.LimitExceededException",
        ),
        (
            "aws-sdk:sfn:describeExecution",
            "ExecutionDoesNotExist",
            "Sfn.ExecutionDoesNotExistException",
        ),
    ],
)
def test_an_sdk_integration_names_what_the_model_knows(resource: str, code: str, name: str) -> None:
    assert named(resource, code) == name


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("aws-sdk:quicksight:createIngestion", "QuickSight.QuickSightException"),
        ("aws-sdk:sfn:describeExecution", "Sfn.SfnException"),
    ],
)
def test_an_sdk_integration_has_one_name_for_the_rest(resource: str, name: str) -> None:
    assert named(resource, "UnheardOf") == name


@pytest.mark.parametrize(
    ("resource", "code", "name"),
    [
        (
            "dynamodb:getItem",
            "ProvisionedThroughputExceededException",
            "DynamoDB.ProvisionedThroughputExceededException",
        ),
        (
            "dynamodb:getItem",
            "RequestLimitExceeded",
            "DynamoDB.RequestLimitExceededException",
        ),
        ("dynamodb:getItem", "InternalServerError", "DynamoDB.InternalServerErrorException"),
        ("sns:publish", "InternalError", "SNS.InternalErrorException"),
        ("events:putEvents", "InternalException", "EventBridge.InternalException"),
        ("lambda:invoke", "TooManyRequestsException", "Lambda.TooManyRequestsException"),
        (
            "states:startExecution",
            "ExecutionAlreadyExists",
            "StepFunctions.ExecutionAlreadyExistsException",
        ),
    ],
)
def test_optimised_integrations_have_the_names_of_an_older_sdk(
    resource: str, code: str, name: str
) -> None:
    assert named(resource, code) == name


@pytest.mark.parametrize(
    ("resource", "code", "name"),
    [
        ("dynamodb:getItem", "ThrottlingException", "DynamoDB.AmazonDynamoDBException"),
        ("dynamodb:getItem", "AccessDeniedException", "DynamoDB.AmazonDynamoDBException"),
        ("sns:publish", "UnheardOf", "SNS.AmazonSNSException"),
        ("states:startExecution", "UnheardOf", "StepFunctions.AWSStepFunctionsException"),
        ("lambda:invoke", "UnheardOf", "Lambda.AWSLambdaException"),
        ("events:putEvents", "ThrottlingException", "EventBridge.AmazonEventBridgeException"),
    ],
)
def test_the_older_sdks_base_class_stands_for_the_rest(resource: str, code: str, name: str) -> None:
    assert named(resource, code) == name


def test_an_answer_that_never_came_is_the_clients_error(machine: Machine) -> None:
    machine.account.faults.add(Fault("dynamodb", "GetItem", error=NoAnswerError()))
    assert machine.run({"Get": {**GET, "End": True}}).error == "DynamoDB.SdkClientException"


ARN = "arn:aws:{}:ap-northeast-1:123456789012:{}"
MACHINE, RUN = ARN.format("states", "stateMachine:none"), ARN.format("states", "execution:no:run")
TOPIC = ARN.format("sns", "none")
OLDER_SDK = [
    (
        task("dynamodb:getItem", TableName="none", Key={"S3uri": {"S": "x"}}),
        "Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400; "
        "Error Code: ResourceNotFoundException; Request ID: ",
    ),
    (
        task("sns:publish", TopicArn=TOPIC, Message="m"),
        "Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; "
        "Request ID: ",
    ),
    (
        task("states:startExecution", StateMachineArn=MACHINE),
        f"State Machine Does Not Exist: '{MACHINE}' (Service: AWSStepFunctions; Status Code: 400; "
        "Error Code: StateMachineDoesNotExist; Request ID: ",
    ),
    (
        task("lambda:invoke", FunctionName="none"),
        f"Function not found: {ARN.format('lambda', 'function:none')}:$LATEST (Service: AWSLambda; "
        "Status Code: 404; Error Code: ResourceNotFoundException; Request ID: ",
    ),
]


@pytest.mark.parametrize(
    ("call", "cause"), OLDER_SDK, ids=["dynamodb", "sns", "stepfunctions", "lambda"]
)
def test_a_refused_optimised_call_tells_the_older_sdks_cause(
    machine: Machine, call: dict[str, Any], cause: str
) -> None:
    told = machine.run({"Call": call}).cause
    assert told.startswith(cause)
    assert re.fullmatch(r"[\w-]+; Proxy: null\)", told.removeprefix(cause))


def test_a_refused_call_of_the_sdk_tells_how_often_it_was_tried(machine: Machine) -> None:
    told = machine.run({"Call": task("aws-sdk:sfn:describeExecution", ExecutionArn=RUN)}).cause
    begin = f"Execution Does Not Exist: '{RUN}' (Service: Sfn, Status Code: 400, Request ID: "
    assert told.startswith(begin)
    assert re.fullmatch(r"[\w-]+\) \(SDK Attempt Count: 1\)", told.removeprefix(begin))
