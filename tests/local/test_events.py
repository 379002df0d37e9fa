"""Events look like AWS's, and go where the deployed rule sends them."""

import json
from typing import Any

import pytest

from local.account import BUCKET, WATCHED, LocalAccount
from tests.loading import load_event
from tests.workflow.scenarios import dead_letter_queue


def shape(value: Any) -> Any:
    """Reduce an event to the names and types it is made of."""
    if isinstance(value, dict):
        return {key: shape(member) for key, member in value.items()}
    if isinstance(value, list):
        return [shape(member) for member in value]
    return type(value).__name__


def test_a_created_object_is_told_in_the_shape_of_the_sample(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}a.csv")
    (event,) = account.events.sent
    assert shape(event) == shape(load_event("S3ObjectCreated.json"))
    assert event["detail"]["reason"] == "PutObject"


def test_a_deleted_object_is_told_in_the_shape_of_the_sample(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}a.csv")
    account.delete(f"{WATCHED}a.csv")
    event = account.events.sent[-1]
    assert shape(event) == shape(load_event("S3ObjectDeleted.json"))
    assert event["detail"]["deletion-type"] == "Permanently Deleted"


def test_a_multipart_upload_is_one_event(account: LocalAccount) -> None:
    s3, key = account.client("s3"), f"{WATCHED}big.csv"
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=b"a\n1\n")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload=parts)
    (event,) = account.events.sent
    assert event["detail"]["reason"] == "CompleteMultipartUpload"
    assert shape(event) == shape(load_event("S3MultipartCompleted.json"))


def test_sequencers_grow(account: LocalAccount) -> None:
    for _ in range(3):
        account.drop(f"{WATCHED}a.csv")
    sequencers = [event["detail"]["object"]["sequencer"] for event in account.events.sent]
    assert sequencers == sorted(set(sequencers))


def test_keys_are_not_url_encoded(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}100% a+b データ.csv")
    (event,) = account.events.sent
    assert event["detail"]["object"]["key"] == f"{WATCHED}100% a+b データ.csv"


@pytest.mark.parametrize("twice", [False, True])
def test_an_event_may_be_delivered_twice(account: LocalAccount, twice: bool) -> None:
    account.events.deliver_twice = twice
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    account.events.deliver_twice = False
    assert len(account.executions) == (2 if twice else 1)


def test_an_event_that_cannot_be_delivered_lands_in_the_dead_letter_queue(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account.authorizer, "statements", lambda role: [])
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    assert account.executions == []
    (message,) = account.client("sqs").receive_message(
        QueueUrl=dead_letter_queue(account), MessageAttributeNames=["All"]
    )["Messages"]
    assert json.loads(message["Body"]) == account.events.sent[0]
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert "states:StartExecution" in account.problems[0]
