"""Tasks call services as their machine's role, by Step Functions' names."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import BUCKET, LocalAccount
from local.core.clock import START
from local.core.faults import Fault
from local.services.iam import Use
from local.services.lambdas import LocalFunction
from local.services.quicksight import Dataset
from tests.local.machines import DONE, Machine, may, role_that_may, task

TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:sampleproject-operation-topic"
TABLE = "sampleproject-parameters"
KEY = {"S3uri": {"S": "x"}}
INGESTION = {"AwsAccountId": "123456789012", "DataSetId": "d", "IngestionId": "i"}
FUNCTION = "arn:aws:lambda:ap-northeast-1:123456789012:function:f"


@pytest.fixture
def function(account: LocalAccount, tmp_path: Path) -> None:
    """A function that answers what it is given, or raises it."""
    (tmp_path / "app.py").write_text(
        "def handler(event, context):\n"
        "    if event == 'raise':\n"
        "        raise ValueError('データ')\n"
        "    return {'given': event}\n",
        encoding="utf-8",
    )
    account.functions["f"] = LocalFunction("f", FUNCTION, tmp_path, "app.handler", {})


def start(machine: Machine, given: Any) -> tuple[Any, Any]:
    """Let a machine start another; return both executions."""
    other = machine.create({"Done": DONE})
    first = machine.run(
        {"Start": task("states:startExecution", StateMachineArn=other, Name="n", Input=given)}
    )
    (second,) = (one for one in machine.account.executions if one.state_machine_arn == other)
    return first, second


def test_parameters_are_in_pascal_case(machine: Machine) -> None:
    _, second = start(machine, {"a": 1})
    assert second.name == "n"


def test_results_are_in_pascal_case(machine: Machine) -> None:
    first, second = start(machine, {"a": 1})
    assert first.output["ExecutionArn"] == second.execution_arn
    assert set(first.output) == {"ExecutionArn", "StartDate"}
    asked = task("aws-sdk:sfn:describeExecution", ExecutionArn=second.execution_arn)
    described = machine.run({"Ask": asked}).output
    assert (described["Name"], described["Status"]) == ("n", "SUCCEEDED")


def test_an_object_becomes_json_where_text_is_wanted(machine: Machine) -> None:
    _, second = start(machine, {"a": ["データ"]})
    assert json.loads(str(second.execution_input)) == {"a": ["データ"]}


def test_times_are_text(machine: Machine) -> None:
    first, _ = start(machine, {})
    moment = machine.account.time_of(first.output["StartDate"])
    assert moment >= START.timestamp()
    assert first.output["StartDate"].endswith("Z")


def test_binary_values_are_text(machine: Machine) -> None:
    item = {**KEY, "b": {"B": b"\xff"}}
    machine.account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    got = machine.run({"Get": task("dynamodb:getItem", TableName=TABLE, Key=KEY)})
    assert got.output["Item"]["b"] == {"B": "/w=="}


def test_an_sdk_integration_names_types_of_values_as_java_does(machine: Machine) -> None:
    item = {**KEY, "a": {"BOOL": True}, "b": {"L": [{"NULL": True}]}, "c": {"SS": ["x"]}}
    machine.account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    got = machine.run({"Scan": task("aws-sdk:dynamodb:scan", TableName=TABLE)})
    java = {**KEY, "a": {"Bool": True}, "b": {"L": [{"Nul": True}]}, "c": {"Ss": ["x"]}}
    assert got.output["Items"] == [java]
    optimised = machine.run({"Get": task("dynamodb:getItem", TableName=TABLE, Key=KEY)})
    assert optimised.output["Item"] == item


def test_keys_may_be_left_unprocessed(machine: Machine) -> None:
    keys = [{"S3uri": {"S": name}} for name in "abc"]
    for key in keys:
        machine.account.client("dynamodb").put_item(TableName=TABLE, Item=key)
    machine.account.faults.add(Fault("dynamodb", "BatchGetItem", unprocessed=2, times=1))
    get = task("aws-sdk:dynamodb:batchGetItem", RequestItems={TABLE: {"Keys": keys}})
    part = machine.run({"Get": get}).output
    assert part["Responses"] == {TABLE: keys[:1]}
    assert part["UnprocessedKeys"] == {TABLE: {"Keys": keys[1:]}}
    whole = machine.run({"Get": get}).output
    assert whole["Responses"] == {TABLE: keys}
    assert whole["UnprocessedKeys"] == {}


CALLS = [
    (task("dynamodb:getItem", TableName=TABLE, Key=KEY), "dynamodb:GetItem", "table/" + TABLE),
    (
        task("dynamodb:updateItem", TableName=TABLE, Key=KEY),
        "dynamodb:UpdateItem",
        "table/" + TABLE,
    ),
    (
        task("aws-sdk:quicksight:createIngestion", **INGESTION),
        "quicksight:CreateIngestion",
        "dataset/d/ingestion/i",
    ),
    (
        task("aws-sdk:quicksight:describeIngestion", **INGESTION),
        "quicksight:DescribeIngestion",
        "dataset/d/ingestion/i",
    ),
    (
        task("lambda:invoke", FunctionName=FUNCTION, Payload=1),
        "lambda:InvokeFunction",
        "function:f",
    ),
    (task("sns:publish", TopicArn=TOPIC, Message="m"), "sns:Publish", "sampleproject-operation-"),
    (
        task("states:startExecution", StateMachineArn="arn:aws:states:a:b:stateMachine:c"),
        "states:StartExecution",
        "stateMachine:c",
    ),
    (
        task("aws-sdk:sfn:describeExecution", ExecutionArn="arn:aws:states:a:b:execution:c:d"),
        "states:DescribeExecution",
        "execution:c:d",
    ),
    (
        task("aws-sdk:dynamodb:batchGetItem", RequestItems={TABLE: {"Keys": [KEY]}}),
        "dynamodb:BatchGetItem",
        "table/" + TABLE,
    ),
]


@pytest.mark.usefixtures("function")
@pytest.mark.parametrize(("call", "action", "resource"), CALLS, ids=[one[1] for one in CALLS])
def test_each_call_needs_its_action_on_its_resource(
    machine: Machine, call: dict[str, Any], action: str, resource: str
) -> None:
    machine.account.quicksight.add(Dataset("d", "d", f"s3://{BUCKET}/f/"))
    machine.run({"Call": call})
    (use,) = machine.account.authorizer.uses
    assert use == Use(machine.role, action, use.resource)
    assert f":{resource}" in use.resource
    machine.role = role_that_may(machine.account, may("*"), may(action, "Deny"))
    machine.account.authorizer.uses.clear()
    assert action in machine.run({"Call": call}).cause
    assert machine.account.authorizer.uses == set()


@pytest.mark.usefixtures("function")
@pytest.mark.parametrize(
    ("call", "error", "status"),
    [
        (CALLS[0][0], "DynamoDB.AmazonDynamoDBException", 400),
        (CALLS[2][0], "QuickSight.AccessDeniedException", 401),
        (CALLS[4][0], "Lambda.AWSLambdaException", 403),
        (CALLS[5][0], "SNS.AuthorizationErrorException", 403),
        (CALLS[6][0], "StepFunctions.AWSStepFunctionsException", 400),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_service_refuses_in_its_own_way(
    machine: Machine, call: dict[str, Any], error: str, status: int
) -> None:
    machine.role = role_that_may(machine.account, may("other:*"))
    refused = machine.run({"Call": call})
    assert refused.error == error
    assert f"Status Code: {status}" in refused.cause


@pytest.mark.usefixtures("function")
def test_a_functions_answer_is_read_from_json(machine: Machine) -> None:
    call = task("lambda:invoke", FunctionName=FUNCTION, Payload={"day": "月"})
    assert machine.run({"Call": call}).output == {
        "ExecutedVersion": "$LATEST",
        "Payload": {"given": {"day": "月"}},
        "StatusCode": 200,
    }


@pytest.mark.usefixtures("function")
def test_a_functions_exception_is_the_tasks_error(machine: Machine) -> None:
    failed = machine.run({"Call": task("lambda:invoke", FunctionName=FUNCTION, Payload="raise")})
    assert failed.error == "ValueError"
    payload = json.loads(failed.cause)
    assert (payload["errorType"], payload["errorMessage"]) == ("ValueError", "データ")


@pytest.mark.parametrize("arguments", [{"TableName": TABLE, "Key": "text"}, {"Key": KEY}])
def test_parameters_are_refused_by_the_service(machine: Machine, arguments: dict[str, Any]) -> None:
    refused = machine.run({"Get": task("dynamodb:getItem", **arguments)})
    assert refused.error == "DynamoDB.AmazonDynamoDBException"


EVENT = {"Source": "shop.orders", "DetailType": "Order Paid", "Detail": {"a": '名"\\\n'}}


def test_an_events_detail_becomes_text_and_names_machine_and_execution(machine: Machine) -> None:
    text = EVENT | {"Detail": '{"a": 1}', "Resources": ["arn:own"]}
    run = machine.run({"Put": task("events:putEvents", Entries=[EVENT, text])})
    sent = [event for event in machine.account.events.sent if event["source"] == "shop.orders"]
    assert [event["detail"] for event in sent] == [EVENT["Detail"], {"a": 1}]
    by = [run.state_machine_arn, run.execution_arn]
    assert [event["resources"] for event in sent] == [by, ["arn:own", *by]]
    ids = [{"EventId": event["id"]} for event in sent]
    assert run.output == {"FailedEntryCount": 0, "Entries": ids}


def test_an_event_that_is_not_taken_fails_the_task(machine: Machine) -> None:
    wrong = EVENT | {"Source": "aws.states"}
    run = machine.run({"Put": task("events:putEvents", Entries=[EVENT, wrong])})
    assert (run.status, run.error) == ("FAILED", "EventBridge.FailedEntry")
    answer = json.loads(run.cause)
    assert answer["FailedEntryCount"] == 1
    assert [set(entry) for entry in answer["Entries"]] == [
        {"EventId"},
        {"ErrorCode", "ErrorMessage"},
    ]


def test_too_much_for_one_call_is_refused(machine: Machine) -> None:
    client = machine.account.client("events")
    entry = {"Source": "s", "DetailType": "d", "Detail": '{"a": "' + "x" * 262_133 + '"}'}
    entry["Detail"] = entry["Detail"][: 262_142 - 2] + '"}'
    assert len("sd" + entry["Detail"]) == 262_144
    with pytest.raises(ClientError, match="Total size of the entries"):
        client.put_events(Entries=[entry] * 4)
    client.put_events(Entries=[entry] * 3)


CONDITIONS = {
    "ForAllValues:StringEquals": {"events:source": "shop.orders"},
    "StringEquals": {"events:detail-type": "Order Paid"},
}


@pytest.mark.parametrize(
    ("changed", "allowed"),
    [
        ({}, True),
        ({"Source": "shop.stock"}, False),
        ({"DetailType": "Order Lost"}, False),
        ({"EventBusName": "other"}, False),
    ],
    ids=str,
)
def test_who_may_put_which_event_is_for_conditions_to_say(
    account: LocalAccount, changed: dict[str, str], allowed: bool
) -> None:
    bus = account.arn("events", "event-bus/default")
    statement = {**may("events:PutEvents"), "Resource": bus, "Condition": CONDITIONS}
    machine = Machine(account, role_that_may(account, statement))
    run = machine.run({"Put": task("events:putEvents", Entries=[EVENT, EVENT | changed])})
    error = None if allowed else "EventBridge.AmazonEventBridgeException"
    assert run.error == error
    if not allowed:
        assert "not authorized to perform: events:PutEvents on resource" in run.cause
        assert "(Service: AmazonEventBridge; Status Code: 400;" in run.cause
