"""Templates, read nearer to how CloudFormation reads them."""

import json
import re
from typing import Any, cast

import pytest
from moto.cloudformation import parsing

from local.account import LocalAccount
from local.services import template_gaps

NO_VALUE = {"Ref": "AWS::NoValue"}


class Resources(dict[str, Any]):
    """As much of moto's map of resources as an ``Fn::If`` asks for."""

    def __init__(self) -> None:
        super().__init__({"AWS::NoValue": None})
        self.lazy_condition_map = {"Holds": True, "DoesNot": False}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, NO_VALUE, 2], [1, 2]),
        ([{"Fn::If": ["Holds", NO_VALUE, 1]}], []),
        ([{"Fn::If": ["DoesNot", NO_VALUE, 1]}], [1]),
        ({"a": [{"b": [NO_VALUE]}]}, {"a": [{"b": []}]}),
    ],
)
def test_no_value_is_left_out_of_a_list(value: Any, expected: Any) -> None:
    with template_gaps.installed():
        found = parsing.clean_json(value, cast(Any, Resources()))
    assert found == expected


def test_policies_are_attached_to_a_role(account: LocalAccount) -> None:
    trusts_nobody = {"Version": "2012-10-17", "Statement": []}
    document = {"Version": "2012-10-17", "Statement": [{"Sid": "One"} | dict(_ANYTHING)]}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    properties = {
        "RoleName": "attached",
        "AssumeRolePolicyDocument": trusts_nobody,
        "ManagedPolicyArns": [{"Ref": "Policy"}],
    }
    role = {"Type": "AWS::IAM::Role", "Properties": properties}
    account.client("cloudformation").create_stack(
        StackName="roles", TemplateBody=json.dumps({"Resources": {"Policy": policy, "Role": role}})
    )
    arn = account.client("iam").get_role(RoleName="attached")["Role"]["Arn"]
    assert [one["Sid"] for one in account.authorizer.statements(arn)] == ["One"]


_ANYTHING = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}


def test_a_resource_that_is_not_made_has_a_name_and_an_arn_all_the_same(
    account: LocalAccount,
) -> None:
    stack = account.client("cloudformation").describe_stacks(StackName="sampleproject-refresh")
    assert stack["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    body = account.client("cloudwatch").get_dashboard(DashboardName="sampleproject-refresh")
    alarms = json.loads(body["DashboardBody"])["widgets"][0]["properties"]["alarms"]
    assert alarms
    assert all(re.fullmatch(r"arn:aws:cloudwatch:.*Alarm.*", alarm) for alarm in alarms)


def test_a_topic_has_the_policy_of_its_template(account: LocalAccount) -> None:
    for name in ("operation", "alarm"):
        arn = account.arn("sns", f"sampleproject-{name}-topic")
        found = account.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
        sids = [statement["Sid"] for statement in json.loads(found)["Statement"]]
        assert sids == ["RolesOfThisAccount", "AlarmsOfThisAccount", "NobodyWithoutTls"]


def test_a_schedule_is_there_until_its_stack_is_deleted(account: LocalAccount) -> None:
    properties = {
        "ScheduleExpression": "cron(0 6 * * ? *)",
        "ScheduleExpressionTimezone": "Asia/Tokyo",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": account.machine_arn, "RoleArn": "arn:aws:iam::123456789012:role/r"},
    }
    schedule = {"Type": "AWS::Scheduler::Schedule", "Properties": properties}
    stacks, scheduler = account.client("cloudformation"), account.client("scheduler")
    stacks.create_stack(
        StackName="by-clock", TemplateBody=json.dumps({"Resources": {"Daily": schedule}})
    )
    (found,) = scheduler.list_schedules()["Schedules"]
    assert scheduler.get_schedule(Name=found["Name"])["ScheduleExpression"] == "cron(0 6 * * ? *)"
    stacks.delete_stack(StackName="by-clock")
    assert scheduler.list_schedules()["Schedules"] == []
