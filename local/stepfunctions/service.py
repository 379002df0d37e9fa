"""Step Functions of one account: what its parts share, and what ran."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import (
    ProgramEnded,
    ProgramError,
    ProgramStopped,
)
from moto.stepfunctions.parser.backend.execution import Execution

from local.core.clock import Task
from local.core.faults import Call
from local.core.world import World
from local.services.iam import Authorizer
from local.services.lambdas import LocalFunction
from local.services.shortcuts import Shortcuts
from local.stepfunctions.describe_execution import DescribeExecution

#: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
HISTORY_LIMIT = 25_000


@dataclass
class Child:
    """One child execution of a Map Run."""

    arn: str
    name: str
    parent_arn: str
    map_run_arn: str
    input: Any
    environment: Environment
    started: float
    task: Task | None = None
    ended: float | None = None

    @property
    def status(self) -> str:
        """Return the child's status as DescribeExecution would."""
        state = self.environment.program_state()
        if self.ended is None:
            return "RUNNING"
        if isinstance(state, ProgramEnded):
            return "SUCCEEDED"
        if isinstance(state, ProgramError):
            return "FAILED"
        return "ABORTED" if isinstance(state, ProgramStopped) else "TIMED_OUT"

    def record(self) -> dict[str, Any]:
        """Return the raw execution record that a tolerated failure may leave in the results."""
        state = self.environment.program_state()
        error = state.error or {} if isinstance(state, ProgramError) else {}
        return {
            "ExecutionArn": self.arn,
            "Input": json.dumps(self.input, ensure_ascii=False),
            "InputDetails": {"Included": True},
            "Name": self.name,
            "Status": self.status,
            "Error": error.get("error", ""),
            "Cause": error.get("cause", ""),
        }


@dataclass
class StepFunctions:
    """What the interpreter, the Maps and the Tasks' calls work with.

    Attributes:
        function: a deployed function, by its name or ARN.
        status_changed: told of each execution that started or ended.
        children: of every Map Run.
        on_call, on_history: listeners.
        dead_child_leaves: ``"record"`` or ``"nothing"`` in a Map's results.
        history_limit: how many events end an execution.
    """

    world: World
    authorizer: Authorizer
    shortcuts: Shortcuts
    function: Callable[[str], LocalFunction]
    status_changed: Callable[[Execution], None]
    describe_execution: DescribeExecution = field(init=False)
    children: list[Child] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    on_call: list[Callable[[Call], object]] = field(default_factory=list)
    on_history: list[Callable[[Any, Any], None]] = field(default_factory=list)
    dead_child_leaves: str = "record"
    history_limit: int = HISTORY_LIMIT

    def __post_init__(self) -> None:
        self.describe_execution = DescribeExecution(self.world)

    def reset(self) -> None:
        """Forget what ran, and who listens."""
        for kept in (self.children, self.executions, self.on_call, self.on_history):
            kept.clear()
        self.describe_execution.reset()
        self.dead_child_leaves = "record"
        self.history_limit = HISTORY_LIMIT

    def started(self, execution: Execution) -> None:
        """Take note of a new execution."""
        self.executions.append(execution)
        self.world.journal.started(execution.execution_arn)
        self.status_changed(execution)

    def ended(self, execution: Execution) -> None:
        """Take note of an execution's end."""
        self.world.journal.ended(execution.execution_arn, str(execution.status))
        self.status_changed(execution)
