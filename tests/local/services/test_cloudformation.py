"""What the templates become when they are deployed."""

import json

from local.account import LocalAccount
from local.services.cloudformation import (
    ROOT,
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
