"""Stacks whose resources a service refuses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount
from local.services.stack_creation import StackFailedError, raise_if_failed

STACK = "doomed"


def topic(name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, **properties}}


def tagged(value: str) -> dict[str, Any]:
    return {"Tags": [{"Key": "usefor", "Value": value}]}


def create(account: LocalAccount, resources: dict[str, Any], **template: Any) -> None:
    account.client("cloudformation").create_stack(
        StackName=STACK, TemplateBody=json.dumps({"Resources": resources, **template})
    )


@pytest.fixture(autouse=True)
def clean(account: LocalAccount) -> Iterator[None]:
    yield
    account.client("cloudformation").delete_stack(StackName=STACK)
    for arn in topics(account):
        if arn.rpartition(":")[2] in ("first", "kept", "bad"):
            account.client("sns").delete_topic(TopicArn=arn)


def topics(account: LocalAccount) -> list[str]:
    return [one["TopicArn"] for one in account.client("sns").list_topics()["Topics"]]


def status(account: LocalAccount) -> str:
    found = account.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    return str(found["StackStatus"])


def events(account: LocalAccount) -> list[tuple[str, str, str]]:
    found = account.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
    return [
        (one["LogicalResourceId"], one["ResourceStatus"], one.get("ResourceStatusReason", ""))
        for one in reversed(found)
    ]


def test_a_refused_resource_ends_the_stack(account: LocalAccount) -> None:
    before = topics(account)
    second = topic("second") | {"DependsOn": "First"}
    bad = topic("bad", **tagged("a,b")) | {"DependsOn": "Second"}
    export = {"Value": {"Ref": "First"}, "Export": {"Name": "first"}}
    create(
        account,
        {"First": topic("first"), "Second": second, "Bad": bad},
        Outputs={"First": export},
    )
    assert status(account) == "ROLLBACK_COMPLETE"
    assert topics(account) == before
    assert [event[:2] for event in events(account)] == [
        (STACK, "CREATE_IN_PROGRESS"),
        ("Bad", "CREATE_FAILED"),
        (STACK, "ROLLBACK_IN_PROGRESS"),
        ("Second", "DELETE_COMPLETE"),
        ("First", "DELETE_COMPLETE"),
        (STACK, "ROLLBACK_COMPLETE"),
    ]
    reason = events(account)[1][2]
    assert "Invalid parameter: Tags Reason: The given tag(s) contain invalid characters" in reason
    assert "(Service: Sns, Status Code: 400" in reason
    assert events(account)[2][2] == (
        "The following resource(s) failed to create: [Bad]. Rollback requested by user."
    )
    exports = account.client("cloudformation").list_exports()["Exports"]
    assert "first" not in [one["Name"] for one in exports]


def test_a_good_stack_is_complete(account: LocalAccount) -> None:
    create(account, {"First": topic("first")})
    assert status(account) == "CREATE_COMPLETE"
    raise_if_failed(account.client("cloudformation"), STACK)


@pytest.mark.parametrize(
    ("deletion", "stays"), [("Delete", False), ("Retain", True), ("RetainExceptOnCreate", False)]
)
def test_a_rollback_keeps_what_is_to_be_retained(
    account: LocalAccount, deletion: str, stays: bool
) -> None:
    kept = topic("kept") | {"DeletionPolicy": deletion}
    create(account, {"Kept": kept, "Bad": topic("bad", **tagged("a,b"))})
    assert status(account) == "ROLLBACK_COMPLETE"
    assert (account.arn("sns", "kept") in topics(account)) is stays
    skipped = [event[0] for event in events(account) if event[1] == "DELETE_SKIPPED"]
    assert skipped == (["Kept"] if stays else [])


@pytest.mark.parametrize(
    ("deletion", "stays"), [("Delete", False), ("Retain", True), ("RetainExceptOnCreate", True)]
)
def test_a_deleted_stack_leaves_what_stays(
    account: LocalAccount, deletion: str, stays: bool
) -> None:
    create(account, {"Kept": topic("kept") | {"DeletionPolicy": deletion}})
    account.client("cloudformation").delete_stack(StackName=STACK)
    assert (account.arn("sns", "kept") in topics(account)) is stays


def test_a_name_that_is_there_already_fails_the_creation(account: LocalAccount) -> None:
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "sampleproject-parameters",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "S3uri", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "S3uri", "KeyType": "HASH"}],
        },
    }
    create(account, {"Table": table})
    with pytest.raises(StackFailedError, match=r"Table .*already exists"):
        raise_if_failed(account.client("cloudformation"), STACK)
    assert account.items("sampleproject-parameters") == []


def test_a_rolled_back_stack_can_only_be_deleted(account: LocalAccount) -> None:
    create(account, {"Bad": topic("bad", **tagged("a,b"))})
    good = json.dumps({"Resources": {"First": topic("first")}})
    client = account.client("cloudformation")
    with pytest.raises(ClientError, match="ROLLBACK_COMPLETE state and can not be updated"):
        client.update_stack(StackName=STACK, TemplateBody=good)
    with pytest.raises(ClientError, match="already exists"):
        client.create_stack(StackName=STACK, TemplateBody=good)
    client.delete_stack(StackName=STACK)
    client.create_stack(StackName=STACK, TemplateBody=good)
    assert status(account) == "CREATE_COMPLETE"


def test_a_change_set_that_creates_ends_the_same(account: LocalAccount) -> None:
    client = account.client("cloudformation")
    client.create_change_set(
        StackName=STACK,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps({"Resources": {"Bad": topic("bad", **tagged("a,b"))}}),
    )
    client.execute_change_set(StackName=STACK, ChangeSetName="first")
    with pytest.raises(StackFailedError, match=r"Bad .*invalid characters"):
        raise_if_failed(client, STACK)


def test_an_update_that_is_refused_says_so(account: LocalAccount) -> None:
    create(account, {"First": topic("first")})
    more = {"First": topic("first"), "Bad": topic("bad", **tagged("a,b"))}
    with pytest.raises(ClientError, match="invalid characters"):
        account.client("cloudformation").update_stack(
            StackName=STACK, TemplateBody=json.dumps({"Resources": more})
        )
    assert account.arn("sns", "bad") not in topics(account)
