"""The one way to make a service misbehave; ``make run`` does not use it.

A fault is looked at before each call that a machine makes, and after it, so that an answer can be
lost although the call was applied, come late, or tell of a moment ago. Tests name the fault;
nothing else in the account invents one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One service call of a state machine, as it is about to be made."""

    execution_arn: str
    state: str
    service: str
    operation: str
    parameters: dict[str, Any]
    role_arn: str


class ServiceError(Exception):
    """What a service answers instead of a result: its error code, message and HTTP status."""

    def __init__(self, code: str, message: str = "simulated", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class FailedEntriesError(Exception):
    """EventBridge answered 200 and did not take every event; ``answer``: what it said."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(f"{answer['FailedEntryCount']} of {len(answer['Entries'])} events failed")
        self.answer = answer


class NoAnswerError(Exception):
    """No answer came back (connection lost, time-out in the SDK)."""


@dataclass
class Fault:
    """Make matching calls fail.

    Attributes:
        service: botocore's name of the service (``quicksight``), or ``*``.
        operation: botocore's name of the operation (``CreateIngestion``), or ``*``.
        error: raised instead of an answer; None with ``delay`` only slows the call.
        lost: the call is applied all the same, only its answer is lost.
        times: how many calls it hits; None for ever.
        skip: how many matching calls pass first.
        delay: virtual seconds before the call is applied; a function draws them for each call.
        slow: virtual seconds between that and the answer, the same way.
        stale: DescribeExecution answers as it would have so many seconds ago.
        unprocessed: BatchGetItem answers for all but so many of its keys.
        when: a further condition.
    """

    service: str
    operation: str
    error: Exception | None = None
    lost: bool = False
    times: int | None = None
    skip: int = 0
    delay: float | Callable[[], float] = 0
    slow: float | Callable[[], float] = 0
    stale: float = 0
    unprocessed: int = 0
    when: Callable[[Call], bool] = lambda call: True
    hits: int = 0

    def matches(self, call: Call) -> bool:
        """Tell whether this fault hits the call, and count it."""
        if self.service not in ("*", call.service) or self.operation not in ("*", call.operation):
            return False
        if not self.when(call):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True


def seconds_of(wait: float | Callable[[], float]) -> float:
    """Return how long a fault's wait takes this time."""
    return wait() if callable(wait) else wait


@dataclass
class Faults:
    """Every fault that is armed in the account."""

    armed: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> Fault:
        """Arm a fault and return it, so that a test can read how often it hit."""
        self.armed.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm all."""
        self.armed.clear()

    def find(self, call: Call) -> Fault | None:
        """Return the first armed fault that hits this call."""
        return next((fault for fault in self.armed if fault.matches(call)), None)
