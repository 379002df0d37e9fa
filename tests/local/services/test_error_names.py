"""Errors are called what Step Functions calls them."""

import pytest

from local.core.faults import Fault, NoAnswerError
from local.services.error_names import error_name, integration_of, operation_of
from tests.local.machines import GET, Machine


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
    ],
)
def test_the_older_sdks_base_class_stands_for_the_rest(resource: str, code: str, name: str) -> None:
    assert named(resource, code) == name


def test_an_answer_that_never_came_is_the_clients_error(machine: Machine) -> None:
    machine.account.faults.add(Fault("dynamodb", "GetItem", error=NoAnswerError()))
    assert machine.run({"Get": {**GET, "End": True}}).error == "DynamoDB.SdkClientException"
