"""docs/events.md: the fields are the schema's, rules and programs do what the page says."""

import json
import re
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from moto.cloudformation import parsing
from moto.cloudformation.models import cloudformation_backends
from moto.sqs.models import SQSBackend

from local.account import LocalAccount
from local.core.event_patterns import check
from tests.announcements import SCHEMA, announced
from tests.docs.pages import blocks, page, rows, section
from tests.workflow.fault_matrix import prepare, stale_folder, stopped
from tests.workflow.scenarios import FOLDER, drop

PAGE = page("events.md")
JAPANESE = page("events.ja.md")
EXAMPLE = json.loads(next(blocks(PAGE, "json")))
RULES = [json.loads(one) for one in blocks(section("Rules to copy", PAGE), "json")]
#: The head of a table → where the schema describes its fields.
TABLES = {
    "Field": SCHEMA["$defs"]["QuickSight Refresh Ended"],
    "Field of a lost run": SCHEMA["$defs"]["QuickSight Refresh Lost"],
    "Field of a check": SCHEMA["$defs"]["QuickSight Folders Stale"],
    "Field of a dataset": SCHEMA["$defs"]["dataset"],
    "Field of a stale folder": SCHEMA["$defs"]["stale"],
}


def documented(schema: dict[str, Any]) -> list[list[str]]:
    """Return a table's rows: each field, and what the schema says of it, its values first."""
    found = []
    for name, field in schema["properties"].items():
        found.append([name, told(field)])
        for member, body in field.get("properties", {}).items():
            found.append([f"{name}.{member}", told(body)])
    return found


def told(field: dict[str, Any]) -> str:
    values = field.get("enum", [field["const"]] if "const" in field else [])
    choices = ", ".join(f"`{one}`" for one in values)
    return "; ".join(part for part in (choices, field["description"]) if part)


@pytest.mark.parametrize("head", TABLES)
def test_the_fields_are_those_of_the_schema(head: str) -> None:
    assert rows(PAGE, head, "What it is") == documented(TABLES[head])


def test_the_example_is_an_event(account: LocalAccount) -> None:
    assert list(Draft202012Validator(SCHEMA).iter_errors(EXAMPLE)) == []
    prepare(account)
    drop(account)
    account.settle()
    (event,) = announced(account)
    assert set(EXAMPLE) == set(event)
    assert set(EXAMPLE["detail"]) == set(event["detail"])


def test_the_schema_takes_fields_that_are_added_later() -> None:
    later = json.loads(json.dumps(EXAMPLE))
    later["detail"]["added"] = later["detail"]["datasets"][0]["added"] = 1
    assert list(Draft202012Validator(SCHEMA).iter_errors(later)) == []
    assert list(Draft202012Validator(SCHEMA).iter_errors({**EXAMPLE, "detail-type": "Other"}))


def matches(account: LocalAccount, rule: dict[str, Any], **changes: Any) -> bool:
    detail = {**EXAMPLE["detail"], **changes.pop("detail", {})}
    event = json.dumps({**EXAMPLE, **changes, "detail": detail})
    answer = account.client("events").test_event_pattern(EventPattern=json.dumps(rule), Event=event)
    return bool(answer["Result"])


def test_the_rules_take_what_the_page_says(account: LocalAccount) -> None:
    every, errors, success = RULES
    for rule in RULES:
        check(json.dumps(rule))
    assert matches(account, every)
    assert not matches(account, every, source="quicksight-refresh.other")
    assert matches(account, errors)
    assert matches(account, errors, **{"detail-type": "QuickSight Refresh Lost"})
    assert not matches(account, errors, detail={"verdict": "SUCCESS"})
    assert matches(account, success, detail={"verdict": "SUCCESS"})
    assert not matches(account, success)
    assert not matches(account, success, detail={"verdict": "SUCCESS", "folder": "s3://b/x/"})


@pytest.fixture
def queue(account: LocalAccount) -> Any:
    """Deploy the page's queue; moto keeps no policy of a queue that a stack makes."""
    (template,) = blocks(section("Wait for a folder's next verdict", PAGE), "yaml")
    stacks = account.client("cloudformation")
    named = [{"ParameterKey": "ProjectId", "ParameterValue": "sampleproject"}]
    stacks.create_stack(StackName="verdicts", TemplateBody=template, Parameters=named)
    (stack,) = (
        one
        for one in cloudformation_backends[account.account_id][account.region].stacks.values()
        if one.name == "verdicts"
    )
    policy = stack.template_dict["Resources"]["VerdictQueuePolicy"]["Properties"]["PolicyDocument"]
    resolved = json.dumps(parsing.clean_json(policy, stack.resource_map))
    (output,) = stacks.describe_stacks(StackName="verdicts")["Stacks"][0]["Outputs"]
    sqs = account.client("sqs")
    sqs.set_queue_attributes(QueueUrl=output["OutputValue"], Attributes={"Policy": resolved})
    yield output["OutputValue"]
    stacks.delete_stack(StackName="verdicts")


@pytest.mark.parametrize(("good", "code"), [(True, 0), (False, 1)])
def test_the_program_waits_for_the_folders_next_verdict(
    account: LocalAccount,
    queue: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    good: bool,
    code: int,
) -> None:
    (program,) = blocks(section("Wait for a folder's next verdict", PAGE), "python")
    assert len(program.splitlines()) <= 15
    receive = SQSBackend.receive_message
    waited = []

    def later(backend: SQSBackend, *given: Any, **how: Any) -> Any:
        waited.append(account.clock.now())
        account.clock.run_for(20)
        return receive(backend, *given, **how)

    monkeypatch.setattr(SQSBackend, "receive_message", later)
    monkeypatch.setattr(sys, "argv", ["next_verdict.py", queue, FOLDER])
    prepare(account)
    stale_folder(account)
    account.drop("dashboard/data/other/a.csv")
    account.clock.run_for(5)
    drop(account) if good else stopped(account)
    with pytest.raises(SystemExit) as ended:
        exec(compile(program, "next_verdict.py", "exec"), {})
    assert int(ended.value.code or 0) == code
    assert len(waited) > 1
    kinds = [event["detail-type"] for event in announced(account)]
    assert kinds[:2] == ["QuickSight Folders Stale", "QuickSight Refresh Ended"]
    event = announced(account)[-1]["detail"]
    assert capsys.readouterr().out == f"{event['verdict']} {event['execution']}\n"


def test_the_japanese_page_has_the_same_examples() -> None:
    assert list(blocks(JAPANESE, "json", "yaml", "python")) == list(
        blocks(PAGE, "json", "yaml", "python")
    )
    assert re.search("[ぁ-ん]", JAPANESE)
