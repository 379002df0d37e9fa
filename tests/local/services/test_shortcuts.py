"""A call straight to a service answers what the same call over moto's HTTP layer does."""

from typing import Any

import pytest

from local.account import LocalAccount
from tests.workflow.scenarios import FOLDER, STATE, register

KEY = {"S3uri": {"S": FOLDER}}
EVENT = {"Source": "shop", "DetailType": "Paid", "Detail": "{}"}
DATASET = {"AwsAccountId": "123456789012", "DataSetId": "id-one"}
UPDATE = {
    "TableName": STATE,
    "Key": KEY,
    "UpdateExpression": "SET leader = if_not_exists(leader, :me) ADD arrivals :n",
    "ExpressionAttributeValues": {":me": {"S": "somebody"}, ":n": {"N": "1"}},
    "ReturnValues": "ALL_NEW",
}


def both(account: LocalAccount, service: str, operation: str, parameters: Any) -> list[Any]:
    """Return the answers of both ways; each begins with an empty account."""
    answers = []
    for straight in (True, False):
        account.reset()
        register(account, "one")
        account.quicksight.create_ingestion("id-one", "earlier", "FULL_REFRESH")
        if straight:
            answers.append(account.stepfunctions.shortcuts.answer(service, operation, parameters))
            continue
        answer = account.client(service)._make_api_call(operation, parameters)
        answers.append({key: value for key, value in answer.items() if key != "ResponseMetadata"})
    return answers


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("dynamodb", "GetItem", {"TableName": "sampleproject-parameters", "Key": KEY}),
        ("dynamodb", "UpdateItem", UPDATE),
        ("events", "PutEvents", {"Entries": [EVENT, {**EVENT, "Source": "aws.s3"}]}),
        ("quicksight", "CreateIngestion", {**DATASET, "IngestionId": "new"}),
        ("quicksight", "DescribeIngestion", {**DATASET, "IngestionId": "earlier"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_both_ways_answer_the_same(
    account: LocalAccount, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    straight, long = both(account, service, operation, parameters)
    assert straight
    assert straight == long


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "differs"),
    [
        (
            "sns",
            "Publish",
            {
                "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:sampleproject-operation-topic",
                "Subject": "[ERROR]x",
                "Message": "x\n",
            },
            {"MessageId"},
        ),
        (
            "stepfunctions",
            "StartExecution",
            {
                "stateMachineArn": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:"
                "sampleproject-create-and-check-ingestion",
                "name": "one",
                "input": "{}",
            },
            {"startDate"},
        ),
    ],
)
def test_both_ways_do_the_same(
    account: LocalAccount,
    service: str,
    operation: str,
    parameters: dict[str, Any],
    differs: set[str],
) -> None:
    straight, long = both(account, service, operation, parameters)
    assert set(straight) == set(long)
    assert {key: straight[key] for key in set(straight) - differs} == {
        key: long[key] for key in set(long) - differs
    }
    assert [type(straight[key]) for key in differs] == [type(long[key]) for key in differs]


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("quicksight", "DescribeIngestion", {**DATASET, "IngestionId": "nobody's"}),
        ("dynamodb", "UpdateItem", {**UPDATE, "ConditionExpression": "attribute_exists(leader)"}),
        ("dynamodb", "GetItem", {"TableName": "nobodys", "Key": KEY}),
        ("dynamodb", "GetItem", {"Key": KEY}),
        (
            "sns",
            "Publish",
            {"TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:x", "Message": "x"},
        ),
        ("dynamodb", "DeleteItem", {"TableName": STATE, "Key": KEY}),
    ],
)
def test_whatever_is_no_plain_success_is_left_to_the_long_way(
    account: LocalAccount, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    register(account, "one")
    assert account.stepfunctions.shortcuts.answer(service, operation, parameters) is None
    assert account.items(STATE) == []
