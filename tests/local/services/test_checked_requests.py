"""Requests over HTTP, from this process and from another, are checked before they act."""

import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.account import LocalAccount
from local.programs.serve import HOST, serving


def unchecked(account: LocalAccount, service: str, endpoint: str | None = None) -> Any:
    """Return a client that checks nothing by itself, as that of another language may."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    return boto3.client(service, region_name=account.region, config=config, endpoint_url=endpoint)


Call = Callable[[Any], Any]

REFUSED: list[tuple[str, Call, str, str]] = [
    ("iam", lambda iam: iam.get_role(RoleName="a b"), "ValidationError", "1 validation error"),
    (
        "logs",
        lambda logs: logs.create_log_group(logGroupName="a:b"),
        "InvalidParameterException",
        "1 validation error detected: Value 'a:b' at 'logGroupName'",
    ),
    (
        "events",
        lambda events: events.put_rule(Name="r", EventPattern='{"a": [{"prefix": ["b"]}]}'),
        "InvalidEventPatternException",
        "Event pattern is not valid. Reason: prefix match pattern must be a string",
    ),
    (
        "events",
        lambda events: events.test_event_pattern(Event="{}", EventPattern='{"a": []}'),
        "InvalidEventPatternException",
        "Event pattern is not valid. Reason: Empty arrays are not allowed",
    ),
    (
        "sns",
        lambda sns: sns.create_topic(Name="t", Tags=[{"Key": "usefor", "Value": "a,b"}]),
        "InvalidParameter",
        "Invalid parameter: Tags Reason",
    ),
    (
        "sqs",
        lambda sqs: sqs.create_queue(QueueName="a.b"),
        "InvalidParameterValue",
        "Can only include alphanumeric characters",
    ),
    (
        "quicksight",
        lambda quicksight: quicksight.create_ingestion(
            AwsAccountId="123456789012", DataSetId="d", IngestionId="a:b"
        ),
        "InvalidParameterValueException",
        "1 validation error detected: Value 'a:b' at 'ingestionId'",
    ),
    (
        "stepfunctions",
        lambda states: states.list_executions(maxResults=1001),
        "ValidationException",
        "1 validation error detected: Value '1001' at 'maxResults'",
    ),
    (
        "dynamodb",
        lambda dynamodb: dynamodb.get_item(TableName="sampleproject-parameters"),
        "ValidationException",
        "1 validation error detected: Value null at 'key'",
    ),
    (
        "dynamodb",
        lambda dynamodb: dynamodb.put_item(
            TableName="sampleproject-parameters", Item={"a": {"S": 1}}
        ),
        "SerializationException",
        "NUMBER_VALUE can not be converted to String",
    ),
    (
        "cloudwatch",
        lambda cloudwatch: cloudwatch.describe_alarms(MaxRecords=101),
        "ValidationError",
        "1 validation error detected: Value '101' at 'maxRecords'",
    ),
    (
        "lambda",
        lambda functions: functions.list_functions(MaxItems=10_001),
        "ValidationException",
        "1 validation error detected: Value '10001' at 'maxItems'",
    ),
    (
        "cloudformation",
        lambda stacks: stacks.create_stack(StackName="s", TemplateBody="x" * 51_201),
        "ValidationError",
        "1 validation error detected: Value '<template>' at 'templateBody'",
    ),
]


@pytest.mark.parametrize(
    ("service", "call", "code", "message"), REFUSED, ids=[f"{one[0]} {one[2]}" for one in REFUSED]
)
def test_a_request_that_breaks_a_rule_does_nothing(
    account: LocalAccount, service: str, call: Call, code: str, message: str
) -> None:
    with pytest.raises(ClientError) as refused:
        call(unchecked(account, service))
    error = refused.value.response
    assert error["Error"]["Code"] == code
    assert error["Error"]["Message"].startswith(message)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_it_is_the_same_over_a_socket(account: LocalAccount) -> None:
    with serving(0) as server:
        endpoint = f"http://{HOST}:{server.port}"
        for service, call, code, message in REFUSED:
            with pytest.raises(ClientError) as refused:
                call(unchecked(account, service, endpoint))
            assert refused.value.response["Error"]["Code"] == code
            assert refused.value.response["Error"]["Message"].startswith(message)


def test_a_request_of_another_protocol_is_checked_as_well(account: LocalAccount) -> None:
    """An older SDK sends the form of queries where boto3 sends JSON."""
    with serving(0) as server:
        form = urllib.parse.urlencode(
            {"Action": "CreateQueue", "Version": "2012-11-05", "QueueName": "a.b"}
        )
        request = urllib.request.Request(
            f"http://{HOST}:{server.port}/",
            form.encode(),
            {
                "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20261126/ap-northeast-1/sqs/"
                "aws4_request, SignedHeaders=host, Signature=none",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code == 400
        assert b"Can only include alphanumeric characters" in refused.value.read()


@pytest.mark.parametrize("way", ["put", "upload", "copy"])
def test_a_key_of_s3_has_1024_bytes(account: LocalAccount, way: str) -> None:
    s3, bucket = account.client("s3"), account.bucket
    s3.put_object(Bucket=bucket, Key="one", Body=b"")
    ways: dict[str, Call] = {
        "put": lambda key: s3.put_object(Bucket=bucket, Key=key, Body=b""),
        "upload": lambda key: s3.create_multipart_upload(Bucket=bucket, Key=key),
        "copy": lambda key: s3.copy_object(
            Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": "one"}
        ),
    }
    write = ways[way]
    write("x" * 1024)
    for key in ("x" * 1025, "あ" * 342):
        with pytest.raises(ClientError) as refused:
            write(key)
        assert refused.value.response["Error"]["Code"] == "KeyTooLongError"
