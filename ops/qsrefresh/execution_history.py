"""An execution of Step Functions, read from its history: its states in order, and their calls."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from qsrefresh.aws import Aws

RUNNING = "RUNNING"
#: The last event of an execution → its status.
_ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionAborted": "ABORTED",
    "ExecutionTimedOut": "TIMED_OUT",
}
_FAILURES = ("TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed")
_EVALUATION = "States.QueryEvaluationError"
#: https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
_PAGE = {"PageSize": 1000}
_SMALL_PAGE = {"PageSize": 10}


@dataclass
class Attempt:
    """One call of a Task."""

    at: datetime
    parameters: Any
    answer: Any = None
    error: str | None = None
    cause: str = ""
    ended: datetime | None = None


@dataclass
class Step:
    """One state that an execution went through."""

    name: str
    entered: datetime
    exited: datetime | None = None
    attempts: list[Attempt] = field(default_factory=list)
    map_run: str | None = None
    error: str | None = None
    cause: str = ""

    @property
    def failures(self) -> list[Attempt]:
        """The calls that failed."""
        return [attempt for attempt in self.attempts if attempt.error]

    @property
    def gave_up(self) -> tuple[str, str] | None:
        """The error that the state ended with, and its cause."""
        if self.attempts and self.attempts[-1].error:
            return self.attempts[-1].error, self.attempts[-1].cause
        return (self.error, self.cause) if self.error else None

    @property
    def parameters(self) -> Any:
        """What the last call asked."""
        return self.attempts[-1].parameters if self.attempts else None

    @property
    def answer(self) -> Any:
        """What the last call was answered; None if it failed or is not answered yet."""
        return self.attempts[-1].answer if self.attempts and not self.gave_up else None


@dataclass
class Execution:
    """An execution: what it got, where it went, how it ended."""

    arn: str
    input: Any
    started: datetime
    ended: datetime | None
    status: str
    error: str
    cause: str
    steps: list[Step]

    def step(self, name: str) -> Step | None:
        """Return the last state of that name."""
        return next((step for step in reversed(self.steps) if step.name == name), None)

    @property
    def last_state(self) -> str:
        """The state that it is in, or ended in."""
        return self.steps[-1].name if self.steps else ""


def read_execution(aws: Aws, arn: str) -> Execution:
    """Return an execution, by as few calls as its history has pages."""
    events = aws.members(
        "stepfunctions",
        "get_execution_history",
        "events",
        executionArn=arn,
        PaginationConfig=_PAGE,
    )
    return from_events(arn, events)


class Tail:
    """A history that grows: what is new is read from its end."""

    def __init__(self, aws: Aws, arn: str) -> None:
        self._aws = aws
        self._reader = _Reader(arn)
        self._seen: Execution | None = None

    def read(self) -> Execution:
        """Return the execution as it is now; the same object if nothing happened."""
        new: list[Mapping[str, Any]] = []
        for event in self._aws.members(
            "stepfunctions",
            "get_execution_history",
            "events",
            executionArn=self._reader.arn,
            reverseOrder=True,
            PaginationConfig=_SMALL_PAGE,
        ):
            if event["id"] <= self._reader.last_id:
                break
            new.append(event)
        if new or self._seen is None:
            self._seen = self._reader.read(reversed(new))
        return self._seen


def from_events(arn: str, events: Iterable[Mapping[str, Any]]) -> Execution:
    """Return the execution that a history tells of."""
    return _Reader(arn).read(events)


class _Reader:
    """Reads a history, event by event."""

    def __init__(self, arn: str) -> None:
        self.arn = arn
        self.last_id = 0
        self._steps: list[Step] = []
        self._input: Any = None
        self._started = datetime.fromtimestamp(0, tz=UTC)

    def read(self, events: Iterable[Mapping[str, Any]]) -> Execution:
        """Return the execution after these events, which follow those read before."""
        at, status, error, cause = self._started, RUNNING, "", ""
        for event in events:
            self.last_id = event["id"]
            at, kind = event["timestamp"].astimezone(UTC), event["type"]
            details = _details(event)
            status = _ENDS.get(kind, RUNNING)
            error, cause = _failure(details) if status != RUNNING else ("", "")
            if kind == "ExecutionStarted":
                self._input, self._started = _parsed(details.get("input")), at
            elif kind.endswith("StateEntered"):
                self._steps.append(Step(details["name"], at))
            elif self._steps:
                _add(self._steps[-1], kind, details, at)
        ended = None if status == RUNNING else at
        steps = list(self._steps)
        return Execution(self.arn, self._input, self._started, ended, status, error, cause, steps)


def _add(step: Step, kind: str, details: Mapping[str, Any], at: datetime) -> None:
    if kind.endswith("StateExited"):
        step.exited = at
    elif kind == "TaskScheduled":
        step.attempts.append(Attempt(at, _parsed(details.get("parameters"))))
    elif kind == "MapRunStarted":
        step.map_run = details.get("mapRunArn")
    elif kind == "MapRunFailed" or (kind == "EvaluationFailed" and not step.attempts):
        step.error, step.cause = _failure(details)
    elif step.attempts:
        attempt = step.attempts[-1]
        if kind == "TaskSucceeded":
            attempt.answer, attempt.ended = _parsed(details.get("output")), at
        elif kind in _FAILURES or kind == "EvaluationFailed":
            attempt.error, attempt.cause = _failure(details)
            if kind == "EvaluationFailed":
                attempt.error = _EVALUATION
            elif kind == "TaskTimedOut":
                attempt.error = "States.Timeout"
            attempt.ended = at


def _details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one member of an event that is made for its type."""
    for name, value in event.items():
        if name.endswith("EventDetails") and isinstance(value, Mapping):
            return value
    return {}


def _failure(details: Mapping[str, Any]) -> tuple[str, str]:
    return str(details.get("error") or "Unknown"), str(details.get("cause") or "")


def _parsed(text: Any) -> Any:
    """Return what a JSON text says; the text itself if it is none."""
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text
