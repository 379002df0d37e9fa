"""Parameter values and places that a template refuses."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount
from local.services.cloudformation import COMMON_TEMPLATE, load
from local.services.template_constraints import (
    ParameterRefusedError,
    check_parameters,
    check_rules,
)

TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Name": {"Type": "String", "AllowedPattern": "[a-z]+", "MinLength": 2, "MaxLength": 3},
        "Language": {"Type": "String", "AllowedValues": ["en", "ja"], "Default": "en"},
        "Seconds": {"Type": "Number", "MinValue": 5, "MaxValue": 10, "Default": 5},
    }
}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"Name": "AB"},
        {"Name": "a"},
        {"Name": "abcd"},
        {"Name": "ab", "Language": "fr"},
        {"Name": "ab", "Seconds": "4"},
        {"Name": "ab", "Seconds": "11"},
        {"Name": "ab", "Seconds": "six"},
        {"Name": "ab", "Other": "x"},
    ],
    ids=str,
)
def test_a_value_outside_its_constraint_is_refused(values: dict[str, str]) -> None:
    check_parameters(TEMPLATE, {"Name": "ab", "Language": "ja", "Seconds": "10"})
    with pytest.raises(ParameterRefusedError):
        check_parameters(TEMPLATE, values)


REF = {"Ref": "AWS::Region"}
YES, NO = {"Fn::Equals": [REF, "here"]}, {"Fn::Equals": [REF, "there"]}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (YES, True),
        (NO, False),
        ({"Fn::Contains": [["here", "there"], REF]}, True),
        ({"Fn::Contains": [["there"], REF]}, False),
        ({"Fn::Not": [NO]}, True),
        ({"Fn::Not": [YES]}, False),
        ({"Fn::And": [YES, YES]}, True),
        ({"Fn::And": [YES, NO]}, False),
        ({"Fn::Or": [NO, YES]}, True),
        ({"Fn::Or": [NO, NO]}, False),
    ],
    ids=str,
)
def test_a_rule_that_does_not_hold_is_told_in_its_words(
    function: dict[str, Any], expected: bool
) -> None:
    asserted = {"Assertions": [{"Assert": function, "AssertDescription": "Go elsewhere."}]}
    here = {"AWS::Region": "here"}
    if expected:
        check_rules({"Rules": {"One": asserted}}, here)
    else:
        with pytest.raises(ParameterRefusedError, match=r"^Rule One: Go elsewhere\.$"):
            check_rules({"Rules": {"One": asserted}}, here)
    check_rules({"Rules": {"One": {**asserted, "RuleCondition": NO}}}, here)


def test_a_stack_in_a_region_without_quicksight_is_refused(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "region", "ap-northeast-3")
    with pytest.raises(ParameterRefusedError, match="Deploy both stacks in the Region"):
        account._create("osaka", load(COMMON_TEMPLATE), {"ProjectId": "osaka"})


def test_nothing_is_created_where_a_value_is_refused(account: LocalAccount) -> None:
    list_stacks = account.client("cloudformation").list_stacks
    before = list_stacks()["StackSummaries"]
    with pytest.raises(ParameterRefusedError, match="ProjectId"):
        account._create("refused", load(COMMON_TEMPLATE), {"ProjectId": "Upper"})
    assert list_stacks()["StackSummaries"] == before


@pytest.mark.parametrize("operation", ["create_stack", "create_change_set"])
@pytest.mark.parametrize(
    ("region", "message"), [("ap-northeast-1", "ProjectId must"), ("ap-northeast-3", "Deploy both")]
)
def test_whoever_asks_is_refused(
    account: LocalAccount, operation: str, region: str, message: str
) -> None:
    client = boto3.client("cloudformation", region_name=region)
    project = "Upper" if region == account.region else "lower"
    change_set = {"ChangeSetName": "c", "ChangeSetType": "CREATE"}
    with pytest.raises(ClientError, match=message):
        getattr(client, operation)(
            StackName="refused",
            TemplateBody=COMMON_TEMPLATE.read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": "ProjectId", "ParameterValue": project}],
            **(change_set if operation == "create_change_set" else {}),
        )
    assert client.list_stacks()["StackSummaries"] == [] or region == account.region
