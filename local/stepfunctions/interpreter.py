"""Run moto's interpreter of state machines on the account's clock, with AWS's rules.

Imitates, where moto does not: waits on the account's clock; retries after their interval, times the
back-off rate; a Task's ``TimeoutSeconds``; a machine's ``TimeoutSeconds``; StopExecution, in
whatever state; the context object's start as text; the number of redrives beside it, 0; an abortion
without error and cause; values as of state entry for ``Assign`` and ``Output``; failing expressions
that a Task can catch; failing expressions in a Choice, which fail the execution; ``States.ALL``,
which does not catch ``States.Runtime`` nor ``States.DataLimitExceeded``; 25,000 history events; an
integer ``ToleratedFailurePercentage``; a name for an execution that is started without one; the
trust policy of the machine's role, asked at every start (AWS looks at it when the machine is made,
too).
Does not imitate: JSONPath machines beyond what moto does, Parallel, activities, Express, redrive,
``States.TaskFailed``.
"""

import contextlib
import copy
import functools
import re
import types
import uuid
from collections.abc import Iterator
from typing import Any
from unittest import mock

from moto.stepfunctions.parser.api import (
    ExecutionFailedEventDetails,
    ExecutionTimedOutEventDetails,
    HistoryEventType,
)
from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.catch.catch_outcome import CatchOutcome
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import (
    ErrorEqualsDecl,
)
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.retry import (
    jitter_strategy_decl,
    retrier_decl,
)
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import (
    EvalTimeoutError,
    TimeoutSeconds,
)
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (
    distributed_iteration_component,
    inline_iteration_component,
    iteration_worker,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (
    map_run_record,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service,
    state_task_service_aws_sdk,
    state_task_service_dynamodb,
    state_task_service_events,
    state_task_service_lambda,
    state_task_service_sfn,
    state_task_service_sns,
)
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import (
    WaitFunction,
)
from moto.stepfunctions.parser.asl.eval import environment as eval_environment
from moto.stepfunctions.parser.asl.eval import states as eval_states
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local.core.clock import AbortedError, StoppedError
from local.services.iam import AccessDeniedError
from local.stepfunctions import (
    distributed_map,
    expressions,
    inline_map,
    integrations,
    payloads,
)
from local.stepfunctions.history import details
from local.stepfunctions.service import StepFunctions

#: ``States.ALL`` does not catch these.
#: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
_UNCATCHABLE = frozenset({"States.Runtime", "States.DataLimitExceeded"})

_TASKS = (
    state_task_service_aws_sdk.StateTaskServiceAwsSdk,
    state_task_service_dynamodb.StateTaskServiceDynamoDB,
    state_task_service_events.StateTaskServiceEvents,
    state_task_service_sns.StateTaskServiceSns,
    state_task_service_sfn.StateTaskServiceSfn,
    state_task_service_lambda.StateTaskServiceLambda,
)


class ExecutionTimedOutError(StoppedError):
    """The execution outlived the machine's ``TimeoutSeconds``."""


class HistoryFullError(StoppedError):
    """The execution's history reached its limit."""


@functools.cache
def _parse(definition: str) -> Any:
    # moto's grammar wants a decimal point in this one number.
    definition = re.sub(r'("ToleratedFailurePercentage"\s*:\s*\d+)(?=\s*[,}])', r"\1.0", definition)
    parsed = _original_parse(definition)
    expressions.locate(parsed[0])
    return parsed


_original_parse = AmazonStateLanguageParser.parse


def _copied(value: Any) -> Any:
    """Do what ``copy.deepcopy`` does to JSON, in a fifth of the time."""
    if type(value) is dict:
        return {key: _copied(member) for key, member in value.items()}
    if type(value) is list:
        return [_copied(member) for member in value]
    return value if type(value) in _IMMUTABLE else copy.deepcopy(value)


_IMMUTABLE = frozenset({str, int, float, bool, type(None)})


def _eval_assign(self: AssignDecl, env: Environment) -> None:
    """Compute now, bind at the end of the state: ``Output`` must not see the new values."""
    values: dict[str, Any] = {}
    for binding in self.declaration_bindings:
        binding.eval(env=env)
        values.update(env.stack.pop())
    payloads.check_assigned(env, values)
    env.pending_assign = values  # type: ignore[attr-defined]


def _bind_assigned(env: Environment) -> None:
    values = getattr(env, "pending_assign", None)
    if values:
        for name, value in values.items():
            env.variable_store.set(variable_identifier=name, variable_value=value)
    env.pending_assign = None  # type: ignore[attr-defined]


def _set_next(self: CommonStateField, env: Environment) -> None:
    _bind_assigned(env)
    _original_set_next(self, env)


_original_set_next = CommonStateField._set_next


def _matches_error(self: ErrorEqualsDecl, env: Environment) -> None:
    error = env.stack.pop()
    name = error.error_name if error is not None else None
    names = {declared.error_name for declared in self.error_names}
    if "States.ALL" in names:
        env.stack.append(name not in _UNCATCHABLE)
    else:
        env.stack.append(name in names)


def _given(**members: str | None) -> dict[str, str]:
    return {name: value for name, value in members.items() if value}


def _eval_output(self: ExecutionState, env: Environment) -> None:
    """Skip what ``_attempt`` has computed already, where its errors can be caught."""
    if not isinstance(env.stack[-1], CatchOutcome):
        env.stack.pop()


class Interpreter:
    """The replacements that need to know the account's Step Functions."""

    def __init__(self, service: StepFunctions) -> None:
        self.service = service
        self.clock = service.world.clock

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Put the account's rules into moto's interpreter, and take them out again."""
        clock = self.clock
        with contextlib.ExitStack() as stack:

            def patch(owner: Any, name: str, value: Any) -> None:
                stack.enter_context(mock.patch.object(owner, name, value))

            patch(AmazonStateLanguageParser, "parse", staticmethod(_parse))
            for replacement in (*expressions.patches(), *payloads.patches()):
                stack.enter_context(replacement)
            patch(AssignDecl, "_eval_body", _eval_assign)
            patch(CommonStateField, "_set_next", _set_next)
            patch(StateChoice, "_set_next", lambda _, env: _bind_assigned(env))
            patch(ErrorEqualsDecl, "_eval_body", _matches_error)
            patch(ExecutionState, "_eval_state_output", _eval_output)
            patch(eval_states, "copy", types.SimpleNamespace(deepcopy=_copied))
            # Nobody changes what tells where a program stands: a shallow copy will do.
            patch(eval_environment, "copy", types.SimpleNamespace(deepcopy=copy.copy))
            patch(EvalComponent, "_log_failure_event_exception", lambda *_, **__: None)
            patch(EvalComponent, "_log_exception", lambda *_, **__: None)
            patch(retrier_decl, "time", mock.Mock(sleep=clock.sleep))
            patch(jitter_strategy_decl, "random", clock.random)
            patch(map_run_record, "long_uid", lambda: f"{clock.random.getrandbits(64):016x}")
            patch(
                WaitFunction,
                "_wait_interval",
                lambda _, env, wait_seconds: clock.sleep(wait_seconds),
            )
            patch(StepFunctionsParserBackend, "start_execution", self._naming())
            patch(ExecutionWorker, "start", lambda worker: self._start(worker))
            patch(ExecutionWorker, "stop", lambda worker, **how: self._stop(worker, **how))
            patch(Program, "eval", lambda program, env: self.run_program(program, env))
            patch(
                ExecutionState,
                "_evaluate_with_timeout",
                lambda state, env: self._attempt(state, env),
            )
            patch(EventManager, "add_event", self._limited(EventManager.add_event))
            patch(
                distributed_iteration_component.DistributedIterationComponent,
                "_map_run",
                lambda component, env, eval_input: distributed_map.run(
                    self.service, self.run_program, component, env, eval_input
                ),
            )
            patch(
                inline_iteration_component.InlineIterationComponent,
                "_eval_body",
                lambda component, env: inline_map.run(clock, component, env),
            )
            # moto would take an iteration's States.… error for a name that nobody may give.
            patch(iteration_worker, "CustomErrorName", ErrorName)
            patch(
                state_task_service.StateTaskService,
                "_eval_execution",
                lambda task, env: self._call(task, env),
            )
            for task_class in _TASKS:
                patch(task_class, "_from_error", _failure_of)
            yield

    # ------------------------------------------------------------ executions

    def _naming(self) -> Any:
        """Give an execution that is started without a name one of its own, as AWS does."""
        original = StepFunctionsParserBackend.start_execution
        draw = self.clock.random.getrandbits

        def start(
            backend: StepFunctionsParserBackend,
            state_machine_arn: str,
            name: str | None = None,
            execution_input: str | None = None,
            trace_header: Any = None,
        ) -> Any:
            name = name or str(uuid.UUID(int=draw(128), version=4))
            # An input of None is moto's own default, whatever its annotation says.
            payload: Any = execution_input
            return original(backend, state_machine_arn, name, payload, trace_header)

        return start

    def _start(self, worker: ExecutionWorker) -> None:
        arn = worker._evaluation_details.execution_details.arn
        task = self.clock.spawn(arn, lambda: self._execute(worker, arn))
        worker.task = task  # type: ignore[attr-defined]

    def _execute(self, worker: ExecutionWorker, arn: str) -> None:
        communication = worker._execution_communication
        assert isinstance(communication, BaseExecutionWorkerCommunication)
        execution = communication.execution
        self.service.started(execution)
        details = worker._evaluation_details.execution_details
        if not isinstance(details.start_time, str):  # the context object is JSON
            started = self.clock.today().isoformat(timespec="milliseconds")
            details.start_time = started.replace("+00:00", "Z")
        worker._execution_logic()  # type: ignore[no-untyped-call]
        self.service.ended(execution)

    def _stop(self, worker: ExecutionWorker, **how: Any) -> None:
        self.clock.stop_task(
            worker.task,  # type: ignore[attr-defined]
            AbortedError(error=how.get("error"), cause=how.get("cause")),
        )

    def run_program(self, program: Program, env: Environment) -> None:
        """Run a machine's or Map child's states to their end, whatever ends them."""
        env.next_state_name = program.start_at.start_at_name
        env.states.context_object.context_object_data["Execution"]["RedriveCount"] = 0  # type: ignore[typeddict-unknown-key]
        if env.is_frame():  # of an inline Map: whatever ends it ends its execution
            EvalComponent.eval(program, env)
            return
        limit = program.timeout_seconds
        try:
            self._take_role(env)
            if limit is None:
                EvalComponent.eval(program, env)
            else:
                with self.clock.deadline(limit.timeout_seconds, ExecutionTimedOutError()):
                    EvalComponent.eval(program, env)
        except ExecutionTimedOutError:
            self._end(
                env,
                HistoryEventType.ExecutionTimedOut,
                executionTimedOutEventDetails=ExecutionTimedOutEventDetails(),
            )
            env.set_timed_out()
        except AbortedError as abort:
            self._end(
                env,
                HistoryEventType.ExecutionAborted,
                executionAbortedEventDetails=_given(error=abort.error, cause=abort.cause),
            )
            env.set_stop(stop_date=self.clock.today(), error=abort.error, cause=abort.cause)
        except HistoryFullError as full:
            self._fail(env, "States.Runtime", str(full))
        except AccessDeniedError as denied:
            self._fail(env, "States.Permissions", str(denied))

    def _take_role(self, env: Environment) -> None:
        machine = env.states.context_object.context_object_data["StateMachine"]["Id"]
        self.service.authorizer.check_trust(
            env.aws_execution_details.role_arn,
            "states.amazonaws.com",
            {"aws:SourceAccount": self.service.world.account_id, "aws:SourceArn": machine},
        )

    def _fail(self, env: Environment, error: str, cause: str) -> None:
        failure = ExecutionFailedEventDetails(error=error, cause=cause)
        self._end(env, HistoryEventType.ExecutionFailed, executionFailedEventDetails=failure)
        env.set_error(failure)

    @staticmethod
    def _end(env: Environment, event: HistoryEventType, **how: Any) -> None:
        env.event_manager.closing = True  # type: ignore[attr-defined]
        env.event_history_context.source_event_id = 0
        env.event_manager.add_event(
            context=env.event_history_context, event_type=event, event_details=details(**how)
        )

    def _limited(self, add_event: Any) -> Any:
        service = self.service

        def limited(manager: EventManager, **arguments: Any) -> int:
            number: int = add_event(manager, **arguments)
            for listener in service.on_history:
                listener(manager, manager._history_event_list[-1])
            if number >= service.history_limit - 1 and not getattr(manager, "closing", False):
                manager.closing = True  # type: ignore[attr-defined]
                raise HistoryFullError(
                    "The execution reached the maximum number of history events "
                    f"({service.history_limit})."
                )
            return number

        return limited

    # ----------------------------------------------------------------- Tasks

    def _attempt(self, state: Any, env: Environment) -> None:
        """One attempt at a Task or Map: call, then Assign and Output, all of it catchable."""
        env.pending_assign = None  # type: ignore[attr-defined]
        env.states.set_error_output(None)  # of the attempt before
        state.timeout.eval(env=env)
        seconds = env.stack.pop()
        frame = env.open_frame()
        frame.states.reset(input_value=env.states.get_input())
        frame.stack = copy.copy(env.stack)
        frame.history = env.event_manager  # type: ignore[attr-defined]
        try:
            if seconds >= TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS:
                state._eval_execution(frame)
            else:
                with self.clock.deadline(seconds, EvalTimeoutError()):
                    state._eval_execution(frame)
        finally:
            frame.set_ended()
            env.close_frame(frame)
        result = frame.stack.pop()
        env.states.set_result(result)
        try:
            if state.assign_decl:
                state.assign_decl.eval(env=env)
            if state.output:
                state.output.eval(env=env)
            else:
                env.states.reset(input_value=result)
        except FailureEventException:
            env.pending_assign = None  # type: ignore[attr-defined]
            raise
        env.stack.append(result)

    def _call(self, task: Any, env: Environment) -> None:
        task.resource.eval(env=env)
        part = env.stack.pop()
        parameters = task._eval_parameters(env=env)
        payloads.check_arguments(env, task.name, parameters)
        credentials = task._eval_state_credentials(env=env)
        task._before_eval_execution(
            env=env,
            resource_runtime_part=part,
            raw_parameters=parameters,
            state_credentials=credentials,
        )
        result = integrations.call(
            self.service, env, task.resource, parameters, credentials.role_arn
        )
        env.stack.append(result)
        task._after_eval_execution(
            env=env,
            resource_runtime_part=part,
            normalised_parameters=parameters,
            state_credentials=credentials,
        )


def _failure_of(task: Any, env: Environment, ex: Exception) -> FailureEvent:
    """Name what went wrong in a Task; an error that no service raises is ours: States.Runtime."""
    if isinstance(ex, FailureEventException):
        return ex.failure_event
    if isinstance(ex, TimeoutError):
        return integrations.timed_out(task, env)
    failure = integrations.failure_of(task, env, ex)
    return failure or ExecutionState._from_error(task, env, ex)
