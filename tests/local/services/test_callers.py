"""Every call of a person is asked of their policy, for the resource that AWS asks for."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import BUCKET, LocalAccount
from local.services.callers import _RESOURCES, Caller, needed
from tests.docs.permissions import SERVICES

#: A value for everything that a resource is made of.
PARAMETERS = {
    "Bucket": BUCKET,
    "DataSetId": "id",
    "IngestionId": "ingestion",
    "Key": "a.csv",
    "Name": "/name",
    "QueueUrl": "https://sqs.ap-northeast-1.amazonaws.com/123456789012/queue",
    "StackName": "stack",
    "SubscriptionArn": "arn:aws:sns:ap-northeast-1:123456789012:topic:id",
    "TableName": "table",
    "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:topic",
    "executionArn": "arn:aws:states:ap-northeast-1:123456789012:execution:m:e",
    "mapRunArn": "arn:aws:states:ap-northeast-1:123456789012:mapRun:m/l:r",
    "stateMachineArn": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:m",
}


def caller(account: LocalAccount, action: str, resource: str = "*") -> Caller:
    return Caller(account.world, [{"Effect": "Allow", "Action": action, "Resource": resource}])


def asked(account: LocalAccount, service: str, operation: str, **parameters: Any) -> list[Any]:
    return list(needed(account.world, account.region, service, operation, parameters))


def test_what_the_policy_allows_is_done_and_noted(account: LocalAccount) -> None:
    topic = account.arn("sns", "sampleproject-operation-topic")
    person = caller(account, "sns:Subscribe", topic)
    person.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    assert [(use.action, use.resource) for use in person.uses] == [("sns:Subscribe", topic)]


@pytest.mark.parametrize(
    ("service", "call", "parameters", "code"),
    [
        ("cloudformation", "list_exports", {}, "AccessDenied"),
        ("dynamodb", "scan", {"TableName": "sampleproject-parameters"}, "AccessDeniedException"),
        ("events", "describe_rule", {"Name": "rule"}, "AccessDeniedException"),
        ("quicksight", "list_data_sets", {"AwsAccountId": "123456789012"}, "AccessDeniedException"),
        ("s3", "head_bucket", {"Bucket": BUCKET}, "403"),
        ("s3", "put_object", {"Bucket": BUCKET, "Key": "a"}, "AccessDenied"),
        ("sns", "unsubscribe", {"SubscriptionArn": "arn:aws:sns:r:1:t:s"}, "AuthorizationError"),
        ("sqs", "get_queue_url", {"QueueName": "queue"}, "AccessDenied"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_service_refuses_in_its_own_words(
    account: LocalAccount, service: str, call: str, parameters: dict[str, Any], code: str
) -> None:
    client = caller(account, "logs:DescribeResourcePolicies").client(service)
    with pytest.raises(ClientError) as told:
        getattr(client, call)(**parameters)
    assert told.value.response["Error"]["Code"] == code


def test_some_permissions_are_not_called_like_their_operation(account: LocalAccount) -> None:
    bucket = f"arn:aws:s3:::{BUCKET}"
    get = asked(account, "s3", "GetBucketNotificationConfiguration", Bucket=BUCKET)
    assert get == [("s3:GetBucketNotification", bucket)]
    assert asked(account, "s3", "HeadBucket", Bucket=BUCKET) == [("s3:ListBucket", bucket)]


def test_a_transaction_needs_the_permission_of_each_write(account: LocalAccount) -> None:
    writes = [{kind: {"TableName": "t"}} for kind in ("Put", "Update", "Delete", "ConditionCheck")]
    found = asked(account, "dynamodb", "TransactWriteItems", TransactItems=writes)
    names = ("PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem")
    table = account.arn("dynamodb", "table/t")
    assert found == [(f"dynamodb:{name}", table) for name in names]


@pytest.mark.parametrize("action", sorted(_RESOURCES))
def test_every_permission_is_asked_for_a_resource_that_it_knows(
    account: LocalAccount, action: str
) -> None:
    """By the Service Authorization Reference, as cfn-lint brings it along."""
    prefix, _, name = action.partition(":")
    reference = SERVICES[prefix]
    types = reference["Actions"][name.lower()].get("Resources", [])
    service = {"states": "stepfunctions"}.get(prefix, prefix)
    shown = {"s3:ListBucket": "HeadBucket"}.get(action, name)
    ((_, resource),) = asked(account, service, shown, **PARAMETERS)
    if not types or action == "cloudformation:DescribeStackResources":
        assert resource == "*"
        return
    here = {"Partition": "aws", "Region": account.region, "Account": account.account_id}
    formats = [form for one in types for form in reference["Resources"][one]["ARNFormats"]]
    for name, value in here.items():
        formats = [form.replace(f"${{{name}}}", value) for form in formats]
    assert any(re.fullmatch(form, resource) for form in formats), (resource, formats)


def test_who_one_is_may_be_asked_by_anybody(account: LocalAccount) -> None:
    person = caller(account, "logs:DescribeResourcePolicies")
    assert person.client("sts").get_caller_identity()["Account"] == account.account_id
    assert person.uses == set()


def test_a_call_that_nobody_looked_up_is_no_pass(account: LocalAccount) -> None:
    with pytest.raises(LookupError, match="add it to _RESOURCES"):
        caller(account, "*").client("sqs").list_queues()
