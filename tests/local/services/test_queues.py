"""Messages are received on the account's clock."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.account import LocalAccount


@pytest.fixture
def queue(account: LocalAccount) -> Iterator[str]:
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    yield str(url)
    sqs.delete_queue(QueueUrl=url)


def received(account: LocalAccount, queue: str) -> list[Any]:
    """Return what is there now; the call may wait for 20 seconds, and no time passes."""
    before = account.clock.now()
    answer = account.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)
    assert account.clock.now() == before
    return list(answer.get("Messages", []))


def test_a_message_that_is_there_is_received_at_once(account: LocalAccount, queue: str) -> None:
    account.client("sqs").send_message(QueueUrl=queue, MessageBody="x")
    assert [one["Body"] for one in received(account, queue)] == ["x"]


def test_a_wait_for_messages_ends_without_one(account: LocalAccount, queue: str) -> None:
    assert received(account, queue) == []


def test_a_message_that_is_put_back_is_there_at_once(account: LocalAccount, queue: str) -> None:
    sqs = account.client("sqs")
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = received(account, queue)
    assert received(account, queue) == []
    sqs.change_message_visibility(
        QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
    )
    assert [one["Body"] for one in received(account, queue)] == ["x"]
