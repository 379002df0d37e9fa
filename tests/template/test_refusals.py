"""Nothing that AWS refuses stands in the templates, whatever their parameters are."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from local.account import LocalAccount
from local.core.patterns import matches
from local.core.prose_rules import TABLE_TAG, tags_of
from local.services.cloudformation import COMMON_TEMPLATE, load, translate
from local.services.dry_deployment import DryDeployment, Resources
from local.services.resource_requests import reason, refusal_of, requests_for
from local.services.stack_creation import StackFailedError
from local.services.template_constraints import check_parameters

COMMON, REFRESH = load(COMMON_TEMPLATE), translate()

ORDINARY = {
    "ProjectId": "sampleproject",
    "BucketName": "sampleproject-dashboard-data",
    "TargetFolderPath": "dashboard/data/",
}
EXTREME = {
    "ProjectId": "p" * 35,
    "BucketName": "b" * 63,
    "TargetFolderPath": "売" * 299 + "/",
    "RefreshTimeoutSeconds": "79200",
    "LogRetentionInDays": "3653",
    "SettleSeconds": "900",
    "MaxSettleSeconds": "3600",
    "MinMinutesBetweenRefreshes": "180",
    "MaxConcurrency": "1000",
    "StaleAfterHours": "8760",
    "TraceWithXRay": "true",
    "LogExecutionData": "false",
}
REGIONS = {
    "aws": "ap-northeast-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-cn": "cn-north-1",
    "aws-eusc": "eusc-de-east-1",
}
PARTITIONS = [name for name in REGIONS if name in REFRESH["Mappings"]["PartitionMap"]]


def resources(partition: str = "aws", **values: str) -> Resources:
    """Return what both stacks would create with these parameters."""
    project = {"ProjectId": values["ProjectId"]}
    stacks = DryDeployment(REGIONS[partition], partition)
    check_parameters(REFRESH, values)
    common = stacks.add("common", COMMON, {**project, "NotificationEmail": "a@example.com"})
    return common | stacks.add("refresh", REFRESH, values)


def refusals(found: Resources) -> list[str]:
    """Return what AWS would refuse of it."""
    refused = {name: refusal_of(*resource) for name, resource in found.items()}
    return [f"{name}: {reason(*one)}" for name, one in refused.items() if one]


EVERY = [
    pytest.param(partition, {**given, "NotificationLanguage": language}, id=f"{partition} {kind}")
    for partition in PARTITIONS
    for language in ("ja", "en")
    for kind, given in ((f"ordinary {language}", ORDINARY), (f"extreme {language}", EXTREME))
]


@pytest.mark.parametrize(("partition", "values"), EVERY)
def test_no_resource_is_refused(partition: str, values: dict[str, str]) -> None:
    found = resources(partition, **values)
    assert len(found) >= 30
    assert refusals(found) == []


@pytest.mark.parametrize(("partition", "values"), EVERY)
def test_every_tag_would_do_for_dynamodb_the_narrowest_of_all(
    partition: str, values: dict[str, str]
) -> None:
    tags = [
        (name, tag)
        for name, (_, properties) in resources(partition, **values).items()
        for tag in tags_of(properties.get("Tags", []))
    ]
    assert tags
    assert [one for one in tags if not matches(TABLE_TAG, "".join(one[1]))] == []


def test_a_pattern_fits_even_if_its_letters_are_escaped() -> None:
    """Whether CloudFormation writes a letter as it is, or in six characters, is not documented."""
    found = resources(**EXTREME)
    rules = [body for kind, body in found.values() if kind.endswith("::Rule")]
    patterns = [body["EventPattern"] for body in rules if "EventPattern" in body]
    assert len(patterns) == 2
    assert max(len(json.dumps(pattern, separators=(",", ":"))) for pattern in patterns) <= 2048


def test_the_shared_template_may_be_sent_along() -> None:
    """51,200 bytes, where it is not put into S3 first."""
    assert COMMON_TEMPLATE.stat().st_size <= 51_200


def test_one_of_each_request_is_looked_at() -> None:
    found = resources(**EXTREME)
    calls = {
        f"{request.service}:{request.operation}"
        for resource in found.values()
        for request in requests_for(*resource)
    }
    assert calls >= {
        "cloudwatch:PutDashboard",
        "cloudwatch:PutMetricAlarm",
        "dynamodb:CreateTable",
        "events:PutRule",
        "events:PutTargets",
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "lambda:CreateFunction",
        "logs:CreateLogGroup",
        "sns:CreateTopic",
        "sns:SetTopicAttributes",
        "sns:Subscribe",
        "sqs:CreateQueue",
        "sqs:SetQueueAttributes",
        "stepfunctions:CreateStateMachine",
    }


# ------------------------------------------------------ what a wrong template is answered with

Edit = Callable[[dict[str, Any], dict[str, Any]], None]


def _comma_in_a_tables_tag(common: dict[str, Any], refresh: dict[str, Any]) -> None:
    table = refresh["Resources"]["RefreshStateTable"]["Properties"]
    table["Tags"] = [{"Key": "usefor", "Value": "remember who refreshes, and how it went"}]


def _comma_in_the_topics_tag(common: dict[str, Any], refresh: dict[str, Any]) -> None:
    topic = common["Resources"]["OperationTopic"]["Properties"]
    topic["Tags"] = [{"Key": "usefor", "Value": "a,b"}]


def _japanese_description(common: dict[str, Any], refresh: dict[str, Any]) -> None:
    role = refresh["Resources"]["FileEventRuleRole"]["Properties"]
    role["Description"] = "Lets the rule start the state machine. 規則"


def _long_alarm(common: dict[str, Any], refresh: dict[str, Any]) -> None:
    refresh["Resources"]["RefreshAbortedAlarm"]["Properties"]["AlarmDescription"] = "x" * 1025


def _prefix_of_a_list(common: dict[str, Any], refresh: dict[str, Any]) -> None:
    rule = refresh["Resources"]["FileEventRule"]["Properties"]
    rule["EventPattern"]["detail"]["object"]["key"] = [{"prefix": ["a"]}]


WRONG: list[tuple[Edit, str, str]] = [
    (
        _comma_in_a_tables_tag,
        "RefreshStateTable (AWS::DynamoDB::Table)",
        "The Tag Value provided is invalid, Value: remember who refreshes, and how it went"
        " (Service: DynamoDb, Status Code: 400",
    ),
    (
        _comma_in_the_topics_tag,
        "OperationTopic (AWS::SNS::Topic)",
        "Invalid parameter: Tags Reason: The given tag(s) contain invalid characters"
        " (Service: Sns, Status Code: 400",
    ),
    (
        _japanese_description,
        "FileEventRuleRole (AWS::IAM::Role)",
        "at 'description' failed to satisfy constraint: Member must satisfy regular expression",
    ),
    (
        _long_alarm,
        "RefreshAbortedAlarm (AWS::CloudWatch::Alarm)",
        "at 'alarmDescription' failed to satisfy constraint: Member must have length less than or"
        " equal to 1024 (Service: CloudWatch, Status Code: 400",
    ),
    (
        _prefix_of_a_list,
        "FileEventRule (AWS::Events::Rule)",
        "Event pattern is not valid. Reason: prefix match pattern must be a string",
    ),
]
_IDS = [edit.__name__.strip("_") for edit, *_ in WRONG]


@pytest.mark.parametrize(("edit", "resource", "message"), WRONG, ids=_IDS)
def test_a_wrong_template_is_found(
    monkeypatch: pytest.MonkeyPatch, edit: Edit, resource: str, message: str
) -> None:
    common, refresh = copy.deepcopy(COMMON), copy.deepcopy(REFRESH)
    edit(common, refresh)
    monkeypatch.setitem(globals(), "COMMON", common)
    monkeypatch.setitem(globals(), "REFRESH", refresh)
    (found,) = refusals(resources(**ORDINARY))
    assert found.startswith(resource.split(" ")[0])
    assert message in found


@pytest.mark.parametrize(("edit", "resource", "message"), WRONG, ids=_IDS)
def test_a_deployment_of_a_wrong_template_ends_with_awss_error(
    monkeypatch: pytest.MonkeyPatch, edit: Edit, resource: str, message: str
) -> None:
    common, refresh = load(COMMON_TEMPLATE), translate()
    edit(common, refresh)
    monkeypatch.setattr("local.services.cloudformation.load", lambda _: common)
    monkeypatch.setattr("local.services.cloudformation.translate", lambda *_: refresh)
    with LocalAccount() as account:
        with pytest.raises(StackFailedError) as failed:
            account.deploy()
        assert resource in str(failed.value)
        assert message in str(failed.value)
        stacks = account.client("cloudformation").describe_stacks()["Stacks"]
        assert stacks[-1]["StackStatus"] == "ROLLBACK_COMPLETE"
        assert account.client("stepfunctions").list_state_machines()["stateMachines"] == []
        assert account.client("iam").list_roles()["Roles"] == []
