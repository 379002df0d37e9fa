"""What lies in a dead-letter queue can be sent again, as docs/operations.md says."""

import json

import pytest

from local.account import BUCKET, WATCHED, LocalAccount

FOLDER = f"s3://{BUCKET}/{WATCHED}sales/"


def test_a_dead_letters_body_is_the_input_of_a_run_that_refreshes(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.register(
        [{"S3uri": FOLDER, "datasets": [{"datasetid": "id-one", "datasetname": "one"}]}]
    )
    with monkeypatch.context() as patched:
        patched.setattr(account.authorizer, "statements", lambda role: [])
        account.drop(f"{WATCHED}sales/a.csv")
        account.settle()
    assert account.executions == []
    sqs = account.client("sqs")
    (url,) = [url for url in sqs.list_queues()["QueueUrls"] if "FileEventDeadLetter" in url]
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["detail"]["object"]["key"] == f"{WATCHED}sales/a.csv"
    account.client("stepfunctions").start_execution(
        stateMachineArn=account.machine_arn, input=message["Body"]
    )
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    account.settle()
    (mail,) = account.mails
    assert mail.subject.startswith("[SUCCESS]")
