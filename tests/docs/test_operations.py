"""The commands of docs/operations.md do what they say, in the shell and in the local account."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.account import WATCHED, LocalAccount
from tests.docs.test_readme import blocks, section
from tests.loading import ROOT

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
    sqs = account.client("sqs")
    (url,) = [url for url in sqs.list_queues()["QueueUrls"] if "FileEventDeadLetter" in url]
    answer = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], VisibilityTimeout=300)
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
