"""Messages of SQS, received on the account's clock.

Imitates: an answer to ReceiveMessage at once, even where it may wait for messages: moto's waiting
never ends while virtual time stands still, and nothing here sends a message meanwhile.
Does not imitate: messages that short polling misses, because a queue is many servers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.sqs.models import SQSBackend


@contextmanager
def installed() -> Iterator[None]:
    """Let ReceiveMessage answer at once."""
    original = SQSBackend.receive_message

    def receive_message(
        backend: SQSBackend, queue_name: str, count: int, _wait: int, *more: Any, **how: Any
    ) -> Any:
        return original(backend, queue_name, count, 0, *more, **how)

    with mock.patch.object(SQSBackend, "receive_message", receive_message):
        yield
