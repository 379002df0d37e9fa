"""What the templates become when they are deployed."""

import json
from typing import Any

import pytest

from local.account import LocalAccount
from local.services.cloudformation import (
    COMMON_TEMPLATE,
    ROOT,
    ParameterRefusedError,
    check_parameters,
    check_rules,
    load,
    translate,
)
from local.services.resource_requests import definition_of


def test_sam_resources_become_plain_ones() -> None:
    before = {body["Type"] for body in load(ROOT / "template.yaml")["Resources"].values()}
    after = {body["Type"] for body in translate()["Resources"].values()}
    assert "AWS::Serverless::Function" in before
    assert "AWS::Lambda::Function" in after
    assert not any(kind.startswith("AWS::Serverless::") for kind in after)


def test_a_functions_code_is_its_own_folder(account: LocalAccount) -> None:
    found = {
        one["FunctionName"]: account.function(one["FunctionName"]).folder.relative_to(ROOT)
        for one in account.client("lambda").list_functions()["Functions"]
    }
    assert {name: str(folder) for name, folder in found.items()} == {
        "sampleproject-produce-ingestion-parameters": "functions/produce_ingestion_parameters",
        "sampleproject-check-ingestion-status": "functions/check_ingestion_status",
    }


def test_substitutions_stand_in_the_definition(account: LocalAccount) -> None:
    text = account.client("stepfunctions").describe_state_machine(
        stateMachineArn=account.machine_arn
    )["definition"]
    assert "${" not in text
    assert account.arn("sns", "sampleproject-operation-topic") in text
    assert '"MaxConcurrency": "{% $ceil(0) %}"' in text
    json.loads(text)


def test_a_substitution_is_not_escaped() -> None:
    given = {"DefinitionString": "${X}", "DefinitionSubstitutions": {"X": 'a "b" \\ c'}}
    assert definition_of(given) == 'a "b" \\ c'


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
