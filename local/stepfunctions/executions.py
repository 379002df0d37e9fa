"""What people ask Step Functions about executions, where moto answers less than AWS does.

Imitates: ListExecutions of a Map Run; DescribeExecution of its children; GetExecutionHistory of its
children; a history in pages, 100 events unless told otherwise; a history in both orders; the end of
an execution that timed out; that the input is included; that no execution was redriven, and whether
it could be.
Does not imitate: the counts of DescribeMapRun, redrive, histories that are gone after 90 days.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest import mock

from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

from local.stepfunctions.describe_execution import redrive_status
from local.stepfunctions.distributed_map import Child

if TYPE_CHECKING:
    from local.account import LocalAccount

_PAGE = 100


def _page(response: Any, found: list[Any], member: str) -> dict[str, Any]:
    size = response._get_int_param("maxResults") or _PAGE
    first = int(response._get_param("nextToken") or 0)
    answer: dict[str, Any] = {member: found[first : first + size]}
    if first + size < len(found):
        answer["nextToken"] = str(first + size)
    return answer


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _described(child: Child) -> dict[str, Any]:
    described: dict[str, Any] = {
        "executionArn": child.arn,
        "mapRunArn": child.map_run_arn,
        "name": child.name,
        "startDate": _moment(child.started),
        "stateMachineArn": child.arn.replace(":execution:", ":stateMachine:").rpartition(":")[0],
        "status": child.status,
        "redriveCount": 0,
    }
    return described | ({"stopDate": _moment(child.ended)} if child.ended is not None else {})


@contextmanager
def installed(account: "LocalAccount") -> Iterator[None]:
    """Answer these calls, in this process and over HTTP."""
    list_all = StepFunctionResponse.list_executions
    describe_any = StepFunctionResponse.describe_execution
    read_any = StepFunctionResponse.get_execution_history

    def asked_for(response: Any) -> Child | None:
        arn = response._get_param("executionArn")
        return next((child for child in account.children if child.arn == arn), None)

    def ended(arn: str, status: str) -> dict[str, Any]:
        """Return the end of an execution that timed out, which moto leaves out."""
        if status != "TIMED_OUT":
            return {}
        return {"stopDate": next(o.stop_date for o in account.executions if o.execution_arn == arn)}

    def list_executions(response: Any) -> ActionResult:
        map_run = response._get_param("mapRunArn")
        if map_run:
            children = [one for one in account.children if one.map_run_arn == map_run and one.task]
            newest = [_described(child) for child in reversed(children)]
            return ActionResult(_page(response, newest, "executions"))
        answer = list_all(response)
        for one in answer.result["executions"]:  # type: ignore[index]
            one |= {"redriveCount": 0} | ended(one["executionArn"], one["status"])
        return answer

    def describe_execution(response: Any) -> ActionResult:
        child = asked_for(response)
        if child:
            told = {"input": json.dumps(child.input, ensure_ascii=False)} | _described(child)
        else:
            told = dict(describe_any(response).result)  # type: ignore[call-overload]
            told |= ended(told["executionArn"], told["status"])
        told |= redrive_status(told["status"], child=child is not None)
        told |= {"inputDetails": {"included": True}, "redriveCount": 0}
        if "output" in told:
            told["outputDetails"] = {"included": True}
        return ActionResult(told)

    def get_execution_history(response: Any) -> str:
        child = asked_for(response)
        if child:
            events = list(child.environment.event_manager._history_event_list)
        else:
            events = list(read_any(response).result["events"])  # type: ignore[index]
        if response._get_param("reverseOrder"):
            events.reverse()
        # As text: moto's serializer takes many times as long for a history.
        return json.dumps(_page(response, events, "events"), default=datetime.timestamp)

    answers = (list_executions, describe_execution, get_execution_history)
    with ExitStack() as stack:
        for answer in answers:
            patch = mock.patch.object(StepFunctionResponse, answer.__name__, answer)
            stack.enter_context(patch)
        yield
