"""A table that is there becomes a stack's, where CloudFormation would take it over."""

import contextlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount

KEY = [{"AttributeName": "S3uri", "KeyType": "HASH"}]
ATTRIBUTES = [{"AttributeName": "S3uri", "AttributeType": "S"}]
ITEM = {"S3uri": {"S": "s3://bucket/folder/"}}
DYNAMIC = {"Fn::Sub": "${Project}-kept"}


@pytest.mark.parametrize(
    ("name", "deletion", "imports", "taken"),
    [
        ("sample-kept", "RetainExceptOnCreate", True, True),
        ("sample-kept", "Retain", True, True),
        ("sample-kept", "Delete", True, False),
        ("sample-kept", "Retain", False, False),
        (DYNAMIC, "Retain", True, False),
    ],
    ids=str,
)
def test_a_table_is_taken_over_if_its_name_is_static_and_it_is_kept(
    account: LocalAccount, name: Any, deletion: str, imports: bool, taken: bool
) -> None:
    tables, stacks = account.client("dynamodb"), account.client("cloudformation")
    tables.create_table(
        TableName="sample-kept",
        KeySchema=KEY,
        AttributeDefinitions=ATTRIBUTES,
        BillingMode="PAY_PER_REQUEST",
    )
    tables.put_item(TableName="sample-kept", Item=ITEM)
    properties = {
        "TableName": name,
        "KeySchema": KEY,
        "AttributeDefinitions": ATTRIBUTES,
        "BillingMode": "PAY_PER_REQUEST",
    }
    table = {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": deletion,
        "Properties": properties,
    }
    template = {
        "Parameters": {"Project": {"Type": "String", "Default": "sample"}},
        "Resources": {"Kept": table},
    }
    stacks.create_change_set(
        StackName="taking",
        ChangeSetName="take",
        ChangeSetType="CREATE",
        ImportExistingResources=imports,
        TemplateBody=json.dumps(template),
    )
    with contextlib.suppress(ClientError):
        stacks.execute_change_set(StackName="taking", ChangeSetName="take")
    (stack,) = stacks.describe_stacks(StackName="taking")["Stacks"]
    assert (stack["StackStatus"] == "CREATE_COMPLETE") is taken
    assert tables.scan(TableName="sample-kept")["Items"] == [ITEM]
    stacks.delete_stack(StackName="taking")
    with contextlib.suppress(ClientError):
        tables.delete_table(TableName="sample-kept")


def test_a_rollback_leaves_a_table_that_was_taken_over(account: LocalAccount) -> None:
    tables, stacks = account.client("dynamodb"), account.client("cloudformation")
    properties = {
        "TableName": "sample-kept",
        "KeySchema": KEY,
        "AttributeDefinitions": ATTRIBUTES,
        "BillingMode": "PAY_PER_REQUEST",
    }
    tables.create_table(**properties)
    tables.put_item(TableName="sample-kept", Item=ITEM)
    kept = {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "RetainExceptOnCreate",
        "Properties": properties,
    }
    bad = {
        "Type": "AWS::SNS::Topic",
        "DependsOn": "Kept",
        "Properties": {"TopicName": "bad", "Tags": [{"Key": "usefor", "Value": "a,b"}]},
    }
    stacks.create_change_set(
        StackName="taking",
        ChangeSetName="take",
        ChangeSetType="CREATE",
        ImportExistingResources=True,
        TemplateBody=json.dumps({"Resources": {"Kept": kept, "Bad": bad}}),
    )
    stacks.execute_change_set(StackName="taking", ChangeSetName="take")
    (stack,) = stacks.describe_stacks(StackName="taking")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert tables.scan(TableName="sample-kept")["Items"] == [ITEM]
    stacks.delete_stack(StackName="taking")
    tables.delete_table(TableName="sample-kept")
