"""Resources of a template, as the requests that create them."""

import json
from typing import Any

import pytest

from local.core.refusals import Refusal
from local.services.cloudformation import COMMON_TEMPLATE, load, translate
from local.services.resource_requests import (
    NoRequestKnownError,
    Request,
    definition_of,
    reason,
    refusal_of,
    requests_for,
)

QUEUE = {"QueueName": "q", "MessageRetentionPeriod": 60, "Tags": [{"Key": "a", "Value": "b"}]}


def test_every_type_of_the_templates_has_its_requests() -> None:
    kinds = {
        resource["Type"]
        for template in (load(COMMON_TEMPLATE), translate())
        for resource in template["Resources"].values()
    }
    for kind in kinds:
        try:
            requests_for(kind, {})
        except NoRequestKnownError:
            pytest.fail(f"{kind} has none")
        except (KeyError, ValueError):
            pass  # it needs properties


def test_a_type_without_requests_is_told() -> None:
    with pytest.raises(NoRequestKnownError, match="AWS::EC2::Instance"):
        requests_for("AWS::EC2::Instance", {})


def test_texts_and_numbers_stand_for_each_other() -> None:
    (queue,) = requests_for("AWS::SQS::Queue", QUEUE)
    assert queue.parameters["Attributes"] == {"MessageRetentionPeriod": "60"}
    assert queue.parameters["tags"] == {"a": "b"}
    _, retention = requests_for("AWS::Logs::LogGroup", {"RetentionInDays": "30"})
    assert retention.parameters["retentionInDays"] == 30
    (alarm,) = requests_for(
        "AWS::CloudWatch::Alarm", {"Threshold": "1.5", "ActionsEnabled": "false", "Period": 60}
    )
    assert alarm.parameters["Threshold"] == 1.5
    assert alarm.parameters["ActionsEnabled"] is False


def test_a_dynamic_reference_comes_to_a_layer() -> None:
    layer = "{{resolve:ssm:/aws/service/powertools/python/arm64/python3.13/3.37.0}}"
    (function,) = requests_for("AWS::Lambda::Function", {"Layers": [layer]})
    assert function.parameters["Layers"][0].startswith("arn:aws:lambda:")


def test_a_placeholder_that_nothing_substitutes_is_told() -> None:
    with pytest.raises(ValueError, match=r"\$\{Missing\}"):
        definition_of({"Definition": {"a": "${Missing}"}})


def test_the_policies_of_a_role_share_one_quota() -> None:
    document = {"Statement": ["x" * 6000]}
    policies = [{"PolicyName": name, "PolicyDocument": document} for name in ("one", "two")]
    role: dict[str, Any] = {"AssumeRolePolicyDocument": {}, "Policies": policies[:1]}
    assert refusal_of("AWS::IAM::Role", role) is None
    role["Policies"] = policies
    refused = refusal_of("AWS::IAM::Role", role)
    assert refused is not None
    assert refused[1].code == "LimitExceeded"


def test_a_reason_is_quoted_as_cloudformation_quotes_it() -> None:
    found = reason(Request("dynamodb", "CreateTable", {}), Refusal("ValidationException", "No."))
    assert found.startswith(
        'Resource handler returned message: "No. (Service: DynamoDb, Status Code: 400, Request ID:'
    )
    assert found.endswith("HandlerErrorCode: InvalidRequest)")


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::SNS::Topic", {"TopicName": "a b"}),
        ("AWS::SNS::Subscription", {"Protocol": "email"}),
        (
            "AWS::SNS::TopicPolicy",
            {"Topics": ["t"], "PolicyDocument": {"Statement": ["x" * 30_720]}},
        ),
        ("AWS::SQS::Queue", QUEUE | {"QueueName": "a b"}),
        ("AWS::SQS::QueuePolicy", {"Queues": [None], "PolicyDocument": {}}),
        ("AWS::DynamoDB::Table", {"TableName": "ab"}),
        ("AWS::Events::Rule", {"EventPattern": {"a": []}}),
        ("AWS::Events::Rule", {"EventPattern": {"a": ["b"]}, "Targets": [{"Id": "a"}]}),
        ("AWS::IAM::Role", {"AssumeRolePolicyDocument": {}, "Description": "役割"}),
        ("AWS::IAM::ManagedPolicy", {"PolicyDocument": {"Statement": ["役割"]}}),
        ("AWS::Logs::LogGroup", {"LogGroupName": "a:b"}),
        ("AWS::Logs::LogGroup", {"RetentionInDays": "x"}),
        ("AWS::Lambda::Function", {"Description": "x" * 257}),
        ("AWS::Lambda::Permission", {"FunctionName": "f"}),
        (
            "AWS::StepFunctions::StateMachine",
            {"StateMachineName": "m", "RoleArn": "r", "Definition": {}, "Tags": [{"Key": "a,"}]},
        ),
        ("AWS::CloudWatch::Alarm", {"AlarmDescription": "x" * 1025}),
        ("AWS::CloudWatch::Dashboard", {"DashboardBody": "{"}),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value)[:40],
)
def test_each_type_is_checked(kind: str, properties: dict[str, Any]) -> None:
    assert refusal_of(kind, properties) is not None
