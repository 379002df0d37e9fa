"""Messages of SQS, received on the account's clock.

Imitates: ReceiveMessage, which answers at once when there is a message; ReceiveMessage without a
message, when the time to wait is over (here at once, too: virtual time stands still, and nothing
sends meanwhile); a message that is put back (ChangeMessageVisibility to 0), and can be received in
the same instant.
Does not imitate: messages that short polling misses, because a queue is many servers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.sqs.models import Message, SQSBackend


@contextmanager
def installed() -> Iterator[None]:
    """Let ReceiveMessage answer at once, with what was put back."""
    original = SQSBackend.receive_message
    change = Message.change_visibility

    def receive_message(
        backend: SQSBackend, queue_name: str, count: int, _wait: int, *more: Any, **how: Any
    ) -> Any:
        return original(backend, queue_name, count, 0, *more, **how)

    def change_visibility(message: Message, seconds: int) -> None:
        # One second less than none: moto shows it only after that instant.
        change(message, int(seconds) or -1)

    with (
        mock.patch.object(SQSBackend, "receive_message", receive_message),
        mock.patch.object(Message, "change_visibility", change_visibility),
    ):
        yield
