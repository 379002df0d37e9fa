"""The rules that stand in prose: each with what it takes and what breaks it."""

import json
from typing import Any

import pytest

from local.core.prose_rules import RULES, item_bytes, rules_of
from local.core.refusals import Refusal, refusal

TOPIC = "arn:aws:sns:eu-west-1:123456789012:t"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:m"
ROLE = "arn:aws:iam::123456789012:role/r"
LARGE = {"k": {"S": "x" * (400 * 1024)}}
SMALL = {"k": {"S": "x" * (400 * 1024 - 1)}}


def tags(key: str, value: str) -> dict[str, Any]:
    return {"Tags": [{"Key": key, "Value": value}]}


def table(**given: Any) -> dict[str, Any]:
    schema = {"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}
    attributes = {"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}]}
    return {"TableName": "one", **schema, **attributes, **given}


def alarm(period: int, periods: int) -> dict[str, Any]:
    compared = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": periods}
    return {"AlarmName": "a", "Period": period, **compared}


def metric_alarm(period: int, periods: int) -> dict[str, Any]:
    metric = {"Metric": {"MetricName": "m"}, "Period": period, "Stat": "Sum"}
    made = alarm(period, periods)
    del made["Period"]
    return {**made, "Metrics": [{"Id": "m", "MetricStat": metric}]}


def machine(**state: Any) -> dict[str, Any]:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}, **state}}
    return {"name": "m", "roleArn": ROLE, "definition": json.dumps(definition)}


def function(**given: Any) -> dict[str, Any]:
    return {"FunctionName": "f", "Role": ROLE, "Code": {}, **given}


def update(expression: str, **given: Any) -> dict[str, Any]:
    key = {"a": {"S": "b"}}
    return {"TableName": "one", "Key": key, "UpdateExpression": expression, **given}


def put(item: dict[str, Any]) -> dict[str, Any]:
    return {"Put": {"TableName": "one", "Item": item}}


def publish(**given: Any) -> dict[str, Any]:
    return {"TopicArn": TOPIC, "Message": "m", **given}


def attribute(kind: str, **value: Any) -> dict[str, Any]:
    return publish(MessageAttributes={"a": {"DataType": kind, **value}})


def put_events(length: int) -> dict[str, Any]:
    return {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "x" * (length - 2)}]}


#: Call, what is taken, what is refused, and with what.
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    (
        "dynamodb:CreateTable",
        table(**tags("use for", "a+b-c=d.e_f:g/h 1")),
        table(**tags("usefor", "a, b")),
        "ValidationException",
        "The Tag Value provided is invalid, Value: a, b",
    ),
    (
        "dynamodb:TagResource",
        {"ResourceArn": "arn", **tags("a", "")},
        {"ResourceArn": "arn", **tags("aws:a", "b")},
        "ValidationException",
        "The Tag Key provided is invalid, Key: aws:a",
    ),
    (
        "sns:CreateTopic",
        {"Name": "t", **tags("用途", "メール a@b")},
        {"Name": "t", **tags("usefor", "a,b")},
        "InvalidParameter",
        "Invalid parameter: Tags Reason: The given tag(s) contain invalid characters",
    ),
    (
        "sqs:CreateQueue",
        {"QueueName": "q", "tags": {"a": "b" * 256}},
        {"QueueName": "q", "tags": {"a": "b" * 257}},
        "InvalidParameterValue",
        "Tag values",
    ),
    (
        "sqs:TagQueue",
        {"QueueUrl": "u", "Tags": {"a": "b"}},
        {"QueueUrl": "u", "Tags": {"a!": "b"}},
        "InvalidParameterValue",
        "Tag keys",
    ),
    (
        "events:PutRule",
        {"Name": "r", **tags("a" * 128, "b")},
        {"Name": "r", **tags("a", "b(c)")},
        "ValidationException",
        "Tag values",
    ),
    (
        "stepfunctions:CreateStateMachine",
        machine() | {"tags": [{"key": "a", "value": "b"}]},
        machine() | {"tags": [{"key": "a", "value": "b,c"}]},
        "ValidationException",
        "Tag values",
    ),
    (
        "lambda:CreateFunction",
        function(Tags={"a": "b"}),
        function(Tags={"aws:a": "b"}),
        "InvalidParameterValueException",
        "Tag keys",
    ),
    (
        "dynamodb:CreateTable",
        table(TableName="a" * 255),
        table(TableName="ab"),
        "ValidationException",
        "Invalid table/index name.",
    ),
    (
        "dynamodb:UpdateItem",
        update("SET a = " + "b" * 4088),
        update("SET a = " + "あ" * 1363),
        "ValidationException",
        "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size; "
        "expression size: 4097",
    ),
    (
        "dynamodb:UpdateItem",
        update("SET " + ", ".join(["a = :v"] * 299)),
        update("SET " + ", ".join(["a = :v"] * 300)),
        "ValidationException",
        "Invalid UpdateExpression: The expression contains too many operators; limit: 300",
    ),
    (
        "dynamodb:UpdateItem",
        update("SET a = :a", ExpressionAttributeValues={":a": {"S": "x" * 2_000_000}}),
        update("SET a = :a", ExpressionAttributeValues={":a": {"S": "x" * 2_100_000}}),
        "ValidationException",
        "ExpressionAttributeValues exceeds max size",
    ),
    (
        "dynamodb:PutItem",
        {"TableName": "one", "Item": SMALL},
        {"TableName": "one", "Item": LARGE},
        "ValidationException",
        "Item size has exceeded the maximum allowed size",
    ),
    (
        "dynamodb:BatchWriteItem",
        {"RequestItems": {"one": [{"PutRequest": {"Item": SMALL}}]}},
        {"RequestItems": {"one": [{"PutRequest": {"Item": LARGE}}]}},
        "ValidationException",
        "Item size has exceeded the maximum allowed size",
    ),
    (
        "dynamodb:TransactWriteItems",
        {"TransactItems": [put(SMALL)] * 10},
        {"TransactItems": [put(SMALL)] * 11},
        "ValidationException",
        "The aggregate size of the items in the transaction exceeded 4 MB",
    ),
    (
        "events:PutRule",
        {"Name": "r", "EventPattern": json.dumps({"a": [{"prefix": "a"}]})},
        {"Name": "r", "EventPattern": json.dumps({"a": [{"prefix": ["a"]}]})},
        "InvalidEventPatternException",
        "Event pattern is not valid. Reason: prefix match pattern must be a string",
    ),
    (
        "events:PutRule",
        {"Name": "r", "EventPattern": json.dumps({"a": ["x" * 2037]})},
        {"Name": "r", "EventPattern": json.dumps({"a": ["x" * 2038]})},
        "InvalidEventPatternException",
        "Event pattern is not valid. Reason: 2049 characters, more than 2048",
    ),
    (
        "iam:CreateRole",
        {"RoleName": "r", "AssumeRolePolicyDocument": "x " * 2048},
        {"RoleName": "r", "AssumeRolePolicyDocument": "x" * 2049},
        "LimitExceeded",
        "Cannot exceed quota for ACLSizePerRole: 2048",
    ),
    (
        "iam:PutRolePolicy",
        {"RoleName": "r", "PolicyName": "p", "PolicyDocument": "x\n" * 10_240},
        {"RoleName": "r", "PolicyName": "p", "PolicyDocument": "x" * 10_241},
        "LimitExceeded",
        "Maximum policy size of 10240 bytes exceeded for role",
    ),
    (
        "sqs:CreateQueue",
        {"QueueName": "a" * 75 + ".fifo"},
        {"QueueName": "a.b"},
        "InvalidParameterValue",
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    ),
    (
        "sns:CreateTopic",
        {"Name": "a" * 256},
        {"Name": "a" * 257},
        "InvalidParameter",
        "Invalid parameter: Topic Name",
    ),
    (
        "sns:CreateTopic",
        {"Name": "t", "Attributes": {"DisplayName": "a" * 100}},
        {"Name": "t", "Attributes": {"DisplayName": "a" * 101}},
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: Invalid value for attribute: DisplayName",
    ),
    (
        "sns:SetTopicAttributes",
        {"TopicArn": TOPIC, "AttributeName": "Policy", "AttributeValue": "x" * 30_720},
        {"TopicArn": TOPIC, "AttributeName": "Policy", "AttributeValue": "x" * 30_721},
        "InvalidParameter",
        "Invalid parameter: Policy Error",
    ),
    (
        "sns:Publish",
        publish(Subject="更" * 99),
        publish(Subject="a\u2028b"),
        "InvalidParameter",
        "Invalid parameter: Subject",
    ),
    (
        "sns:Publish",
        publish(Message="あ" * 87_381),
        publish(Message="あ" * 87_382),
        "InvalidParameter",
        "Invalid parameter: Message too long",
    ),
    (
        "sns:Publish",
        publish(MessageAttributes={"a.b-c_1": {"DataType": "String", "StringValue": "x"}}),
        publish(MessageAttributes={"a..b": {"DataType": "String", "StringValue": "x"}}),
        "InvalidParameter",
        "Invalid parameter: a..b",
    ),
    (
        "lambda:CreateFunction",
        function(FunctionName="f" * 64),
        function(FunctionName="f" * 65),
        "InvalidParameterValueException",
        "1 validation error detected: Value 'fff",
    ),
    (
        "lambda:CreateFunction",
        function(Environment={"Variables": {"AB": "x" * 4087}}),
        function(Environment={"Variables": {"AB": "x" * 4088}}),
        "InvalidParameterValueException",
        "Lambda was unable to configure your environment variables",
    ),
    (
        "lambda:Invoke",
        {"FunctionName": "f", "Payload": b"x" * 6_291_456},
        {"FunctionName": "f", "Payload": b"x" * 6_291_457},
        "RequestTooLargeException",
        "Request must be smaller than 6291456 bytes",
    ),
    (
        "cloudwatch:PutMetricAlarm",
        metric_alarm(3600, 168),
        metric_alarm(3600, 169),
        "ValidationError",
        "Metrics cannot be checked across more than a week",
    ),
    (
        "cloudwatch:PutMetricAlarm",
        alarm(300, 288),
        alarm(300, 289),
        "ValidationError",
        "Metrics cannot be checked across more than a day",
    ),
    (
        "events:PutEvents",
        put_events(2**20 - 1),
        put_events(2**20),
        "ValidationException",
        "Total size of the entries in the request is over the limit.",
    ),
    (
        "sns:Publish",
        attribute("String", StringValue="データ"),
        attribute("String", StringValue=""),
        "ParameterValueInvalid",
        "The message attribute 'a' must contain non-empty message attribute value for message"
        " attribute type 'String'.",
    ),
    (
        "sns:Publish",
        attribute("Binary", BinaryValue=b"a"),
        attribute("Binary", StringValue="a"),
        "ParameterValueInvalid",
        "The message attribute 'a' must contain non-empty message attribute value",
    ),
    (
        "sns:Publish",
        attribute("Number.own", StringValue="1"),
        attribute("Text", StringValue="a"),
        "ParameterValueInvalid",
        "The message attribute 'a' has an invalid message attribute type",
    ),
    (
        "sns:Publish",
        attribute("String.Array", StringValue='["a", 1, null]'),
        attribute("String.Array", StringValue='["a", []]'),
        "ParameterValueInvalid",
        "The message attribute 'a' of type 'String.Array' must be",
    ),
    (
        "sns:Publish",
        attribute("String", StringValue="a\tb"),
        attribute("String", StringValue="a\x01b"),
        "ParameterValueInvalid",
        "Invalid non-alphanumeric character",
    ),
    (
        "cloudwatch:PutDashboard",
        {"DashboardName": "a-b_1", "DashboardBody": "{}"},
        {"DashboardName": "a.b", "DashboardBody": "{}"},
        "InvalidParameterInput",
        "The value a.b for field DashboardName contains invalid characters.",
    ),
    (
        "cloudwatch:PutDashboard",
        {"DashboardName": "d", "DashboardBody": json.dumps({"widgets": [{}] * 500})},
        {"DashboardName": "d", "DashboardBody": json.dumps({"widgets": [{}] * 501})},
        "InvalidParameterInput",
        "The dashboard has more than 500 widgets",
    ),
    (
        "stepfunctions:CreateStateMachine",
        machine(),
        machine() | {"name": "a b"},
        "InvalidName",
        "Invalid Name: 'a b'",
    ),
    (
        "stepfunctions:StartExecution",
        {"stateMachineArn": MACHINE, "name": "a-b.c_d"},
        {"stateMachineArn": MACHINE, "name": "a:b"},
        "InvalidName",
        "Invalid Name: 'a:b'",
    ),
    (
        "stepfunctions:StartExecution",
        {"stateMachineArn": MACHINE, "input": "あ" * 87_381},
        {"stateMachineArn": MACHINE, "input": "あ" * 87_382},
        "ValidationException",
        "1 validation error detected: Value at 'input'",
    ),
    (
        "stepfunctions:CreateStateMachine",
        machine(**{"B" * 80: {"Type": "Pass", "Retry": [{"MaxDelaySeconds": 31_622_399}]}}),
        machine(**{"B" * 81: {"Type": "Pass"}}),
        "InvalidDefinition",
        "Invalid State Machine Definition",
    ),
    (
        "stepfunctions:CreateStateMachine",
        machine(),
        machine(B={"Type": "Map", "ItemProcessor": {"States": {"C" * 81: {"Type": "Pass"}}}}),
        "InvalidDefinition",
        "Invalid State Machine Definition",
    ),
    (
        "logs:CreateLogGroup",
        {"logGroupName": "/aws/lambda/f"},
        {"logGroupName": "aws/f"},
        "InvalidParameterException",
        "Log groups starting with AWS/ are reserved for AWS.",
    ),
    (
        "s3:PutObject",
        {"Bucket": "b", "Key": "あ" * 341 + "x"},
        {"Bucket": "b", "Key": "あ" * 341 + "xy"},
        "KeyTooLongError",
        "Your key is too long",
    ),
    (
        "cloudformation:CreateStack",
        {"StackName": "s", "TemplateBody": "x" * 51_200},
        {"StackName": "s", "TemplateBody": "x" * 51_201},
        "ValidationError",
        "1 validation error detected: Value '<template>' at 'templateBody'",
    ),
    (
        "cloudformation:CreateStack",
        {"StackName": "a" * 128},
        {"StackName": "a_b"},
        "ValidationError",
        "1 validation error detected: Value 'a_b' at 'stackName' failed to satisfy constraint",
    ),
]


@pytest.mark.parametrize(
    ("call", "taken", "refused", "code", "message"),
    CASES,
    ids=[f"{case[0]} {case[4][:30]}" for case in CASES],
)
def test_what_breaks_a_rule_is_refused(
    call: str, taken: dict[str, Any], refused: dict[str, Any], code: str, message: str
) -> None:
    service, operation = call.split(":")
    assert refusal(service, operation, taken) is None
    found = refusal(service, operation, refused)
    assert isinstance(found, Refusal)
    assert found.code == code
    assert found.message.startswith(message)


def test_every_rule_has_a_case_that_breaks_it() -> None:
    broken = {
        id(rule)
        for call, _, refused, *_ in CASES
        for rule in rules_of(*call.split(":"))
        for value in [refused if not rule.member else refused.get(rule.member)]
        if value is not None and list(rule.refuse(value))
    }
    assert [rule.says for rule in RULES if id(rule) not in broken] == []


def test_every_rule_names_its_page() -> None:
    assert all(rule.page.startswith("https://") and rule.says for rule in RULES)


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"あ": {"S": "abc"}}, 6),
        ({"a": {"N": "12345"}}, 5),
        ({"a": {"N": "-0.5"}}, 4),
        ({"a": {"BOOL": True}, "b": {"NULL": True}}, 4),
        ({"a": {"L": [{"S": "x"}, {"M": {"b": {"S": "y"}}}]}}, 1 + 3 + 2 + 1 + 3 + 3),
        ({"a": {"SS": ["x", "yz"]}, "b": {"NS": ["1"]}}, 4 + 3),
    ],
    ids=str,
)
def test_an_items_size_is_that_of_its_names_and_values(item: dict[str, Any], size: int) -> None:
    assert item_bytes(item) == size
