"""Change sets in the local account."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount
from local.services import change_sets

STACK = "changing"
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "${Name}-topic"}}}
TEMPLATE = {
    "Parameters": {
        "Name": {"Type": "String", "Default": "first"},
        "Wait": {"Type": "Number", "Default": 30},
        "Many": {"Type": "String", "Default": "no"},
    },
    "Conditions": {"HasMany": {"Fn::Equals": [{"Ref": "Many"}, "yes"]}},
    "Resources": {
        "Topic": TOPIC,
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": "waiting",
                "VisibilityTimeout": {"Ref": "Wait"},
                "DelaySeconds": {"Fn::If": ["HasMany", 1, 2]},
            },
        },
        "More": {"Type": "AWS::SNS::Topic", "Condition": "HasMany"},
    },
    "Outputs": {"Arn": {"Value": {"Ref": "Topic"}, "Export": {"Name": "changing-arn"}}},
}
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
}


class Changes:
    """Makes change sets of one stack."""

    def __init__(self, account: LocalAccount) -> None:
        self.client = account.client("cloudformation")
        self.number = 0

    def make(self, kind: str, template: Any = TEMPLATE, **values: Any) -> dict[str, Any]:
        """Return what DescribeChangeSet says of a new one."""
        self.number += 1
        self.named = {"StackName": STACK, "ChangeSetName": f"number-{self.number}"}
        how = values.pop("how", {})
        given = [
            {"ParameterKey": name, "UsePreviousValue": True}
            if value is None
            else {"ParameterKey": name, "ParameterValue": value}
            for name, value in values.items()
        ]
        self.client.create_change_set(
            **self.named,
            ChangeSetType=kind,
            TemplateBody=json.dumps(template),
            Parameters=given,
            **how,
        )
        found: dict[str, Any] = self.client.describe_change_set(**self.named)
        return found

    def execute(self) -> str:
        """Execute the last one; return the stack's status."""
        self.client.execute_change_set(**self.named)
        return self.status

    @property
    def status(self) -> str:
        """The stack's status."""
        return str(self.client.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])


@pytest.fixture
def changes(account: LocalAccount) -> Iterator[Changes]:
    yield Changes(account)
    account.client("cloudformation").delete_stack(StackName=STACK)


def told(answer: dict[str, Any]) -> set[tuple[str, str]]:
    changes = (one["ResourceChange"] for one in answer["Changes"])
    return {(one["Action"], one["LogicalResourceId"]) for one in changes}


def test_a_stack_comes_of_its_first_change_set(account: LocalAccount, changes: Changes) -> None:
    answer = changes.make("CREATE")
    assert (answer["Status"], answer["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert told(answer) == {("Add", "Topic"), ("Add", "Queue")}
    assert changes.status == "REVIEW_IN_PROGRESS"
    assert changes.make("CREATE")["Status"] == "CREATE_COMPLETE"  # the empty stack takes another
    assert changes.execute() == "CREATE_COMPLETE"
    exports = changes.client.list_exports()["Exports"]
    assert "changing-arn" in {one["Name"] for one in exports}


def test_what_changes_goes_by_parameters_and_conditions(changes: Changes) -> None:
    changes.make("CREATE")
    changes.execute()
    assert told(changes.make("UPDATE", Wait="60")) == {("Modify", "Queue")}
    assert told(changes.make("UPDATE", Name="other")) == {("Modify", "Topic")}
    assert told(changes.make("UPDATE", Many="yes")) == {("Modify", "Queue"), ("Add", "More")}
    assert changes.execute() == "UPDATE_COMPLETE"
    assert told(changes.make("UPDATE", Many="no")) == {("Modify", "Queue"), ("Remove", "More")}


def test_a_change_set_that_changes_nothing_fails(changes: Changes) -> None:
    changes.make("CREATE", Name="first")
    changes.execute()
    answer = changes.make("UPDATE", Name=None, Wait=None, Many=None)
    assert answer["Status"] == "FAILED"
    assert answer["StatusReason"].startswith("The submitted information didn't contain changes.")


def test_a_stack_that_is_there_is_not_created_again(changes: Changes) -> None:
    changes.make("CREATE")
    changes.execute()
    with pytest.raises(ClientError, match=r"Stack \[changing\] already exists"):
        changes.make("CREATE")


def test_roles_need_an_acknowledgement(changes: Changes) -> None:
    template = {"Resources": {"Role": ROLE}}
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_IAM\]") as caught:
        changes.make("CREATE", template)
    assert caught.value.response["Error"]["Code"] == "InsufficientCapabilitiesException"
    changes.make("CREATE", template, how={"Capabilities": ["CAPABILITY_IAM"]})
    assert changes.execute() == "CREATE_COMPLETE"


def test_an_import_that_nobody_exports_is_refused(changes: Changes) -> None:
    name = {"Fn::ImportValue": {"Fn::Sub": "${Name}-missing"}}
    topic = {**TOPIC, "Properties": {"TopicName": name}}
    template = {**TEMPLATE, "Resources": {"Topic": topic}}
    with pytest.raises(ClientError, match="No export named first-missing found"):
        changes.make("CREATE", template)


def test_sam_templates_are_transformed_and_definitions_read(
    account: LocalAccount, changes: Changes
) -> None:
    machine = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
    account.client("s3").put_object(Bucket=account.bucket, Key="m.json", Body=json.dumps(machine))
    template = {
        "Transform": change_sets.SAM,
        "Resources": {
            "Machine": {
                "Type": "AWS::Serverless::StateMachine",
                "Properties": {"DefinitionUri": f"s3://{account.bucket}/m.json", "Name": "made"},
            }
        },
    }
    answer = changes.make("CREATE", template, how={"Capabilities": ["CAPABILITY_IAM"]})
    assert ("Add", "Machine") in told(answer)
    kinds = {one["ResourceChange"]["ResourceType"] for one in answer["Changes"]}
    assert kinds == {"AWS::StepFunctions::StateMachine", "AWS::IAM::Role"}
    assert changes.execute() == "CREATE_COMPLETE"
    found = account.client("stepfunctions").describe_state_machine(
        stateMachineArn=account.arn("states", "stateMachine:made")
    )
    assert json.loads(found["definition"]) == machine


@pytest.mark.parametrize(
    "address",
    [
        "https://{}.s3.ap-northeast-1.amazonaws.com/t.json",
        "https://s3.ap-northeast-1.amazonaws.com/{}/t.json",
        "http://127.0.0.1:5577/{}/t.json",  # as the AWS CLI writes it with AWS_ENDPOINT_URL
    ],
)
def test_a_template_is_found_at_any_address_of_its_bucket(
    account: LocalAccount, changes: Changes, address: str
) -> None:
    body = json.dumps(TEMPLATE)
    account.client("s3").put_object(Bucket=account.bucket, Key="t.json", Body=body)
    account.client("cloudformation").create_change_set(
        StackName=STACK,
        ChangeSetName="by-address",
        ChangeSetType="CREATE",
        TemplateURL=address.format(account.bucket),
    )
    assert changes.status == "REVIEW_IN_PROGRESS"
