"""What each service answers to a request that it refuses."""

from typing import Any

import pytest

from local.core.refusals import refusal

TOO_LONG = "x" * 1025


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("dynamodb", "GetItem", {"Key": {}}, "ValidationException"),
        ("events", "DeleteRule", {"Name": "a b"}, "ValidationException"),
        ("lambda", "GetFunction", {"FunctionName": "a b"}, "ValidationException"),
        ("stepfunctions", "ListExecutions", {"maxResults": 1001}, "ValidationException"),
        ("iam", "GetRole", {"RoleName": "a b"}, "ValidationError"),
        ("sts", "AssumeRole", {"RoleArn": "x" * 20, "RoleSessionName": "a:b"}, "ValidationError"),
        ("cloudwatch", "DeleteAlarms", {}, "ValidationError"),
        ("cloudformation", "CreateStack", {}, "ValidationError"),
        ("sns", "SetTopicAttributes", {"TopicArn": "t"}, "ValidationError"),
        ("logs", "CreateLogGroup", {"logGroupName": "a:b"}, "InvalidParameterException"),
        ("sqs", "CreateQueue", {}, "MissingParameter"),
        (
            "quicksight",
            "DescribeIngestion",
            {"AwsAccountId": "1", "DataSetId": "d", "IngestionId": "i"},
            "InvalidParameterValueException",
        ),
    ],
)
def test_each_service_answers_with_its_own_error(
    service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    found = refusal(service, operation, parameters)
    assert found is not None
    assert (found.code, found.status) == (code, 400)


def test_several_values_are_told_at_once() -> None:
    found = refusal("events", "PutRule", {"Name": "a b" + TOO_LONG})
    assert found is not None
    assert found.message.startswith("2 validation errors detected: Value 'a bx")
    assert found.message.count("; Value") == 1


def test_another_type_is_told_before_all_else() -> None:
    found = refusal("events", "PutRule", {"Name": "a b", "Description": 1})
    assert found is not None
    assert (found.code, found.message) == (
        "SerializationException",
        "NUMBER_VALUE can not be converted to String",
    )


def test_it_is_raised_as_boto3_raises_it() -> None:
    found = refusal("iam", "GetRole", {"RoleName": "a b"})
    assert found is not None
    error = found.as_client_error("GetRole")
    assert error.response["Error"] == {"Code": found.code, "Message": found.message}
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
