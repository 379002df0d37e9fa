"""What happened in the account, in one order: finer than the clock, on which work takes no time.

A call stands where it was applied, not where it was answered. ``make run`` does not read it; the
tests' invariants do, and the explorer prints it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.core.clock import Clock
from local.core.faults import Call, ServiceError


@dataclass(frozen=True)
class Entry:
    """One thing that happened.

    Attributes:
        position: its place in the order.
        at: seconds since 1970 on the account's clock.
        kind: ``file event``, ``started``, ``ended`` or ``call``.
        subject: the ARN of the execution or Map child; of a file event its id.
        text: the object's key, the end's status, or ``state: Operation``.
        call: the call; None for what is none.
        applied: whether the service did what it was asked.
        error: the code of the answer, or why there was none; empty: the answer arrived.
    """

    position: int
    at: float
    kind: str
    subject: str
    text: str
    call: Call | None = None
    applied: bool = True
    error: str = ""


def _code(error: Exception | None) -> str:
    if error is None:
        return ""
    if isinstance(error, ServiceError):
        return error.code
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return type(error).__name__


class Journal:
    """Everything noted since the account was last reset, oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[Entry] = []

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()

    def _note(self, kind: str, subject: str, text: str, **more: Any) -> None:
        entry = Entry(len(self._entries), self._clock.now(), kind, subject, text, **more)
        self._entries.append(entry)

    def file_event(self, event: dict[str, Any]) -> None:
        """Note an event of S3."""
        self._note("file event", event["id"], event["detail"]["object"]["key"])

    def started(self, arn: str) -> None:
        """Note the start of an execution."""
        self._note("started", arn, "RUNNING")

    def ended(self, arn: str, status: str) -> None:
        """Note the end of an execution."""
        self._note("ended", arn, status)

    def applied(self, call: Call, lost: Exception | None) -> None:
        """Note a call that a service carried out, whether or not its answer will arrive."""
        self._call(call, applied=True, error="answer lost" if lost else "")

    def refused(self, call: Call, error: Exception) -> None:
        """Note a call that changed nothing."""
        self._call(call, applied=False, error=_code(error))

    def _call(self, call: Call, **how: Any) -> None:
        text = f"{call.state}: {call.operation}"
        self._note("call", call.execution_arn, text, call=call, **how)
