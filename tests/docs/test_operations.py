"""The commands of docs/operations.md do what they say, in the shell and in the local account."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.account import BUCKET, WATCHED, LocalAccount
from local.services import cloudformation
from local.services.template_constraints import check_parameters
from tests.docs.pages import DOLLARS_A_THOUSAND, blocks, page, rows, section
from tests.loading import ROOT
from tests.workflow.scenarios import dead_letter_queue

ALARMS = [
    name
    for name, body in cloudformation.load(cloudformation.TEMPLATE)["Resources"].items()
    if body["Type"] == "AWS::CloudWatch::Alarm"
]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
READ, REPLAY = blocks(section("Replay the dead-letter queues", PAGE), "sh")
#: Stands in for the AWS CLI: notes its arguments, and answers what it is told to.
STUB = """
python3() { "$PYTHON" "$@"; }
aws() {
    "$PYTHON" -c 'import json, sys; print(json.dumps(sys.argv[1:]))' "$@" >> calls
    case "$2" in
        describe-stacks) echo "$URL" ;;
        receive-message) cat received.json ;;
        start-execution) return "$STARTED" ;;
    esac
}
PROJECT=sampleproject
"""


def run(folder: Path, url: str, machine: str, started: int) -> list[list[str]]:
    """Run the page's commands in a shell; return the calls of the AWS CLI."""
    script = f'{STUB}\nMACHINE="{machine}"\n{READ}\n{REPLAY}'
    variables = {"PYTHON": sys.executable, "URL": url, "STARTED": str(started)}
    subprocess.run(["/bin/sh", "-c", script], cwd=folder, env=variables, check=False)
    return [json.loads(line) for line in (folder / "calls").read_text().splitlines()]


def option(call: list[str], name: str) -> str:
    return call[call.index(name) + 1]


@pytest.fixture
def dead_letter(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Any]:
    """The queue's address, and the message of an event that could not start a refresh."""
    account.register()
    with monkeypatch.context() as patched:
        patched.setattr(account.authorizer, "statements", lambda role: [])
        account.drop(f'{WATCHED}tokyo_covid19/it\'s a "file".csv')
        account.settle()
    url = dead_letter_queue(account)
    answer = account.client("sqs").receive_message(
        QueueUrl=url, MessageAttributeNames=["All"], VisibilityTimeout=300
    )
    del answer["ResponseMetadata"]
    assert "ERROR_MESSAGE" in answer["Messages"][0]["MessageAttributes"]
    return url, answer


def test_a_replayed_event_is_refreshed_and_then_deleted(
    account: LocalAccount, dead_letter: tuple[str, Any], tmp_path: Path
) -> None:
    url, answer = dead_letter
    (tmp_path / "received.json").write_text(json.dumps(answer, default=str), encoding="utf-8")
    calls = run(tmp_path, url, account.machine_arn, started=0)
    assert [call[1] for call in calls] == [
        "describe-stacks",
        "receive-message",
        "start-execution",
        "delete-message",
    ]
    _, receive, start, delete = calls
    assert option(receive, "--queue-url") == option(delete, "--queue-url") == url
    account.client("stepfunctions").start_execution(
        stateMachineArn=option(start, "--state-machine-arn"), input=option(start, "--input")
    )
    account.client("sqs").delete_message(
        QueueUrl=url, ReceiptHandle=option(delete, "--receipt-handle")
    )
    account.settle()
    (mail,) = account.mails
    assert mail.subject.startswith("[SUCCESS]")
    count = account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert count["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_an_event_that_starts_nothing_stays_in_the_queue(
    account: LocalAccount, dead_letter: tuple[str, Any], tmp_path: Path
) -> None:
    url, answer = dead_letter
    (tmp_path / "received.json").write_text(json.dumps(answer, default=str), encoding="utf-8")
    calls = run(tmp_path, url, account.machine_arn, started=255)
    assert calls[-1][1] == "start-execution"


def test_the_command_for_a_dead_run_refreshes_its_folder(account: LocalAccount) -> None:
    (item, *_) = account.register()
    account.drop(item["S3uri"].removeprefix(f"s3://{account.bucket}/") + "a.csv")
    account.settle()
    account.mails.clear()
    (block,) = blocks(section("A refresh died", PAGE), "sh")
    given = json.loads(block.split("--input '")[1].split("'")[0])
    assert given["folder"] == item["S3uri"].replace(account.bucket, "BUCKET")
    account.client("stepfunctions").start_execution(
        stateMachineArn=account.machine_arn, input=json.dumps({"folder": item["S3uri"]})
    )
    account.settle()
    (mail,) = account.mails
    assert mail.subject.startswith("[SUCCESS]")


def recipe(heading: str, tmp_path: Path, aws: str = "true", **variables: str) -> list[list[str]]:
    """Run a section's commands with what stands in for the AWS CLI; return its calls."""
    (block,) = blocks(section(heading, PAGE), "sh")
    note = """"$PYTHON" -c 'import json, sys; print(json.dumps(sys.argv[1:]))' "$@" >> calls"""
    script = f"aws() {{ {note}; {aws}; }}\nsleep() {{ :; }}\n{block}"
    known = {"PYTHON": sys.executable, "ACCOUNT": "123456789012", "PROJECT": "sampleproject"}
    known |= {"PATH": os.environ["PATH"], **variables}
    subprocess.run(["/bin/sh", "-c", script], cwd=tmp_path, env=known, check=True)
    return [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]


def test_events_are_forwarded_that_the_rule_of_the_stack_takes(
    account: LocalAccount, tmp_path: Path
) -> None:
    calls = recipe("A bucket in another Region", tmp_path, "true")
    assert [call[1] for call in calls] == [
        "create-role",
        "wait",
        "put-role-policy",
        "put-rule",
        "put-targets",
    ]
    role, _, policy, rule, targets = calls
    bus = f"arn:aws:events:{account.region}:{account.account_id}:event-bus/default"
    json.loads(option(role, "--assume-role-policy-document"))
    statement = json.loads(option(policy, "--policy-document"))["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", bus)
    arn = f"arn:aws:iam::{account.account_id}:role/{option(role, '--role-name')}"
    assert option(targets, "--targets") == f"Id=forward,Arn={bus},RoleArn={arn}"
    assert option(rule, "--region") == option(targets, "--region") != account.region

    events = account.client("events")
    (name,) = events.list_rule_names_by_target(TargetArn=account.machine_arn)["RuleNames"]
    deployed = events.describe_rule(Name=name)["EventPattern"]
    forwarded_events = option(rule, "--event-pattern").replace("BUCKET", account.bucket)
    assert json.loads(forwarded_events) == json.loads(deployed)
    assert "region" not in json.loads(deployed)


def test_a_role_that_is_not_known_yet_is_tried_again(tmp_path: Path) -> None:
    """https://github.com/Miserlou/Zappa/issues/381: it "cannot be assumed" at first."""
    calls = recipe(
        "A bucket in another Region",
        tmp_path,
        '[ "$2" != put-targets ] || [ "$(grep -c put-targets calls)" = 3 ]',
    )
    assert [call[1] for call in calls].count("put-targets") == 3


def test_what_forwards_is_removed_by_the_names_it_was_made_with(tmp_path: Path) -> None:
    made = {
        word
        for call in recipe("A bucket in another Region", tmp_path, "true")
        for word in call
        if "forward" in word
    }
    (block,) = blocks(section("Remove", PAGE), "sh")
    for verb in ("remove-targets", "delete-rule", "delete-role-policy", "delete-role"):
        assert f" {verb} " in block
    assert {"sampleproject-forward", "forward"} <= made
    assert set(re.findall(r'"\$PROJECT-forward"|forward$', block, re.MULTILINE)) == {
        '"$PROJECT-forward"',
        "forward",
    }


def test_a_kept_table_is_taken_over_with_its_items(account: LocalAccount, tmp_path: Path) -> None:
    stacks, project = account.client("cloudformation"), "kept"
    template = cloudformation.load(cloudformation.COMMON_TEMPLATE)
    account._create(f"{project}-common", template, {"ProjectId": project})
    item = {"S3uri": {"S": "s3://bucket/folder/"}}
    account.client("dynamodb").put_item(TableName=f"{project}-parameters", Item=item)
    stacks.delete_stack(StackName=f"{project}-common")

    (tmp_path / "common").mkdir()
    shutil.copy(cloudformation.COMMON_TEMPLATE, tmp_path / "common")
    address = {"PROJECT": project, "EMAIL": "operator@example.com"}
    calls = recipe("Take the kept table over", tmp_path, **address)
    make, wait, _, execute = calls
    assert [call[1] for call in calls] == [
        "create-change-set",
        "wait",
        "describe-change-set",
        "execute-change-set",
    ]
    assert wait[2] == "change-set-create-complete"
    names = {option(call, "--stack-name") for call in calls}
    assert names == {f"{project}-common"}
    assert len({option(call, "--change-set-name") for call in calls}) == 1
    written = option(make, "--template-body").removeprefix("file://")
    adopted = cloudformation.load(tmp_path / written)
    name = adopted["Resources"]["ParameterTable"]["Properties"].pop("TableName")
    assert template["Resources"]["ParameterTable"]["Properties"].pop("TableName") == {
        "Fn::Sub": "${ProjectId}-parameters"
    }
    assert (name, adopted) == (f"{project}-parameters", template)

    parameters = make[make.index("--parameters") + 1 :]
    stacks.create_change_set(
        StackName=f"{project}-common",
        ChangeSetName=option(make, "--change-set-name"),
        ChangeSetType=option(make, "--change-set-type"),
        ImportExistingResources="--import-existing-resources" in make,
        TemplateBody=(tmp_path / written).read_text(encoding="utf-8"),
        Parameters=[dict(pair.split("=") for pair in one.split(",")) for one in parameters],
    )
    stacks.execute_change_set(
        StackName=f"{project}-common", ChangeSetName=option(execute, "--change-set-name")
    )
    (stack,) = stacks.describe_stacks(StackName=f"{project}-common")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    holders = stacks.describe_stack_resources(PhysicalResourceId=name)["StackResources"]
    assert {one["StackName"] for one in holders} == {f"{project}-common"}
    found = account.client("dynamodb").scan(TableName=name)
    assert found["Items"] == [item]
    stacks.delete_stack(StackName=f"{project}-common")


class TestCosts:
    told = rows(
        PAGE,
        "File events a day",
        "Bursts a day",
        "Transitions a day",
        "Step Functions, dollars a month",
        "Metrics, dollars a month",
    )

    def test_the_transitions_are_those_of_the_costs(self) -> None:
        (refresh,) = (
            int(row[3].split(" = ")[1])
            for row in rows(
                page("costs.md"), "Datasets", "Each takes", "Looks", "Transitions", "Dollars"
            )
            if row[:2] == ["5", "5 minutes"]
        )
        found = re.search(r"joins another has (\d+) transitions", page("costs.md"))
        assert found
        assert len(self.told) == 5
        for row in self.told:
            events, bursts, transitions = (int(cell.replace(",", "")) for cell in row[:3])
            assert transitions == bursts * refresh + (events - bursts) * int(found[1])
            dollars = transitions * 30 * DOLLARS_A_THOUSAND / 1000
            assert float(row[3]) == pytest.approx(dollars, abs=0.006)

    def test_the_metrics_are_as_many_as_a_project_has(self) -> None:
        told = rows(section("Metrics", PAGE), "Metric", "By", "Unit", "Meaning")
        metrics = [row for row in told if row[1] == "project"]
        assert len(metrics) == 9
        for row in self.told:
            hours = min(int(row[1]), 24) / 24
            assert float(row[4]) == pytest.approx(len(metrics) * 0.30 * hours, abs=0.006)

    def test_the_alarms_are_as_many_as_the_template_has(self) -> None:
        told = re.search(r"(\d+) alarms at most", " ".join(PAGE.split()))
        assert told
        assert int(told[1]) == len(ALARMS), 'docs/operations.md, "What it costs", counts the alarms'


ASKED = rows(section("What a mail asks for", PAGE), "mail", "what happened", "what to do")
#: The ends of alarms' names that the table has.
TOLD = [name for row in ASKED for name in re.findall(r"…(\w+)…", row[0])]


class TestAlarms:
    @pytest.mark.parametrize("name", ALARMS)
    def test_every_alarm_has_its_row(self, name: str) -> None:
        assert any(name.endswith(end) for end in TOLD), (
            f'docs/operations.md, "What a mail asks for", has no row for {name}: add one, '
            f"| `ALARM: …{name}…` | what happened | what to do |"
        )

    def test_every_row_is_of_an_alarm(self) -> None:
        for end in TOLD:
            assert end != "Alarm"
            assert any(name.endswith(end) for name in ALARMS), f"there is no alarm …{end}"


#: What the pages leave to the reader.
FILLED_IN = {
    "$PROJECT": "sampleproject",
    "BUCKET": BUCKET,
    "TENANT": "12345678-1234-1234-1234-123456789012",
    "TEAM": "12345678-1234-1234-1234-123456789012",
    "CHANNEL": "19%3Aab%40thread.tacv2",
}


class TestAddOns:
    @pytest.mark.parametrize(
        ("name", "heading"), [("operations.md", "Add-ons"), ("operations.ja.md", "アドオン")]
    )
    def test_each_has_a_command_that_deploys_it(self, name: str, heading: str) -> None:
        deployed = []
        for line in blocks(section(heading, page(name)), "sh"):
            words = shlex.split(line.replace("\\\n", " "))
            assert words[:3] == ["aws", "cloudformation", "deploy"]
            path = ROOT / words[words.index("--template-file") + 1]
            given = words[words.index("--parameter-overrides") + 1 :]
            values = dict(pair.split("=", 1) for pair in given)
            for word, instead in FILLED_IN.items():
                values = {key: one.replace(word, instead) for key, one in values.items()}
            check_parameters(cloudformation.load(path), values)
            assert "CAPABILITY_IAM" in words
            deployed.append(path)
        assert sorted(deployed) == list(cloudformation.ADDONS)
