"""A Distributed Map whose children are executions of their own.

Imitates: one Standard child execution an item; a history for each child; a limit of history events
for each child; a context object for each child; a child's input, the item or what ``ItemSelector``
makes of it in the parent; ``MaxConcurrency``; ``ToleratedFailurePercentage``; the array of the
children's outputs in the items' order; the permission to start children; the permission to read
them (without it, here the Map fails); the permission to stop them (without it, here they go on);
children that end with their parent; results of at most 256 KiB; what a tolerated child leaves that
died (its execution record, or nothing: ``LocalAccount.dead_child_leaves``).
Does not imitate: ItemReader, ItemBatcher, ResultWriter, redrive, 10,000 children at once at most.
What people can ask about the children: ``local/stepfunctions/executions.py``.
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import (
    EvaluationFailedEventDetails,
    ExecutionStartedEventDetails,
    HistoryEventExecutionDataDetails,
    HistoryEventType,
    StateMachineType,
)
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.states import (
    ContextObjectData,
    ExecutionData,
    ItemData,
    MapData,
    StateMachineData,
)
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local.core.clock import AbortedError
from local.services.iam import AccessDeniedError
from local.stepfunctions import payloads
from local.stepfunctions.history import details
from local.stepfunctions.service import Child, StepFunctions

RunProgram = Callable[[Any, Environment], None]


def _failed(env: Environment, name: str, cause: str) -> FailureEventException:
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=ErrorName(error_name=name),
            event_type=HistoryEventType.MapRunFailed,
            event_details=details(
                evaluationFailedEventDetails=EvaluationFailedEventDetails(error=name, cause=cause)
            ),
        )
    )


def _child_inputs(env: Environment, eval_input: Any, items: list[Any]) -> list[Any]:
    if eval_input.item_selector is None:
        return items
    inputs = []
    for index, item in enumerate(items):
        frame = env.open_inner_frame()
        try:
            frame.states.context_object.context_object_data["Map"] = MapData(
                Item=ItemData(Index=index, Value=item)
            )
            frame.states.reset(env.states.get_input())
            # the parent's cannot be referenced
            frame.variable_store = VariableStore()  # type: ignore[misc, no-untyped-call]
            eval_input.item_selector.eval(frame)
            inputs.append(frame.stack.pop())
        finally:
            env.delete_frame(frame)
    return inputs


def _new_child(
    service: StepFunctions,
    env: Environment,
    label: str,
    number: int,
    child_input: Any,
    map_run_arn: str,
) -> Child:
    parent = env.states.context_object.context_object_data
    machine_arn = parent["StateMachine"]["Id"]
    unique = f"{service.world.clock.random.getrandbits(64):016x}"
    name = f"{label}-{number}-{unique}"
    prefix = machine_arn.replace(":stateMachine:", ":execution:")
    arn = f"{prefix}/{label}:{name}"
    environment = Environment(
        aws_execution_details=env.aws_execution_details,
        execution_type=StateMachineType.STANDARD,
        context=ContextObjectData(  # type: ignore[typeddict-item]
            Execution=ExecutionData(
                Id=arn,
                Input=child_input,
                Name=name,
                RoleArn=parent["Execution"]["RoleArn"],
                StartTime=service.world.clock.today().isoformat().replace("+00:00", "Z"),
            ),
            StateMachine=StateMachineData(
                Id=f"{machine_arn}/{label}", Name=f"{parent['StateMachine']['Name']}/{label}"
            ),
        ),
        event_history_context=EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store={},
    )
    child = Child(
        arn=arn,
        name=name,
        parent_arn=parent["Execution"]["Id"],
        map_run_arn=map_run_arn,
        input=child_input,
        environment=environment,
        started=service.world.clock.now(),
    )
    environment.event_manager.execution_arn = arn  # type: ignore[attr-defined]
    return child


def _run_child(run_program: RunProgram, program: Any, child: Child) -> None:
    env = child.environment
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=HistoryEventType.ExecutionStarted,
        event_details=details(
            executionStartedEventDetails=ExecutionStartedEventDetails(
                input=to_json_str(child.input),
                inputDetails=HistoryEventExecutionDataDetails(truncated=False),
                roleArn=env.aws_execution_details.role_arn,
            )
        ),
        update_source_event_id=False,
    )
    run_program(program, env)


def run(
    service: StepFunctions,
    run_program: RunProgram,
    component: Any,
    env: Environment,
    eval_input: Any,
) -> None:
    """Start a child for each item, wait for all, and leave their outputs on the stack."""
    clock = service.world.clock
    # moto gives a Map Run an empty history, for children that have none of their own.
    env.event_manager = env.history  # type: ignore[attr-defined]
    items = env.stack.pop()
    label = eval_input.label or f"{clock.random.getrandbits(64):016x}"
    machine_arn = env.states.context_object.context_object_data["StateMachine"]["Id"]
    _check(service, env, "states:StartExecution", machine_arn)
    map_run_arn = eval_input.map_run_record.map_run_arn
    children = [
        _new_child(service, env, label, number, child_input, map_run_arn)
        for number, child_input in enumerate(_child_inputs(env, eval_input, items))
    ]
    service.children.extend(children)
    parent = clock.current()
    assert parent is not None
    waiting, running = list(reversed(children)), 0
    limit = eval_input.map_run_record.max_concurrency or len(children)
    program = component._get_iteration_program()

    def start_next() -> None:
        nonlocal running
        while waiting and running < limit:
            child = waiting.pop()
            child.started = clock.now()
            running += 1

            def work(child: Child = child) -> None:
                _run_child(run_program, program, child)

            child.task = clock.spawn(child.arn, work)
            child.task.on_finish.append(lambda child=child: ended(child))  # type: ignore[misc]

    def ended(child: Child) -> None:
        nonlocal running
        running -= 1
        child.ended = clock.now()
        start_next()
        clock.wake(parent)

    try:
        start_next()
        clock.wait(lambda: running == 0 and not waiting)
    except BaseException as error:
        waiting.clear()
        _stop_children(service, env, children, error)
        raise
    for child in children:
        _check(service, env, "states:DescribeExecution", child.arn)
    results = _results(service.dead_child_leaves, env, eval_input, children)
    if not payloads.fits(results):
        raise _failed(env, "States.DataLimitExceeded", "The results are larger than 256 KiB.")
    env.stack.append(results)


def _check(service: StepFunctions, env: Environment, action: str, resource: str) -> None:
    """Ask whether the machine's role allows what the Map does by itself."""
    try:
        service.authorizer.check(env.aws_execution_details.role_arn, action, resource)
    except AccessDeniedError as error:
        raise _failed(env, "States.Permissions", str(error)) from error


def _stop_children(
    service: StepFunctions, env: Environment, children: list[Child], error: BaseException
) -> None:
    for child in children:
        if child.task is None or child.task.finished:
            continue
        try:
            _check(service, env, "states:StopExecution", child.arn)
        except FailureEventException:
            service.world.problems.append(f"{child.arn} may not be stopped, and goes on")
        else:
            service.world.clock.stop_task(child.task, AbortedError(cause=str(error)))


def _results(
    dead_child_leaves: str, env: Environment, eval_input: Any, children: list[Child]
) -> list[Any]:
    failed = [child for child in children if child.status != "SUCCEEDED"]
    tolerated = float(eval_input.tolerated_failure_percentage or 0)
    if failed and 100 * len(failed) / len(children) > tolerated:
        raise _failed(
            env,
            "States.ExceedToleratedFailureThreshold",
            "The specified tolerated failure threshold was exceeded",
        )
    return [
        child.environment.states.get_input() if child.status == "SUCCEEDED" else child.record()
        for child in children
        if child.status == "SUCCEEDED" or dead_child_leaves == "record"
    ]
