"""What people ask Step Functions about executions, where moto answers less than AWS does.

Imitates: ListExecutions of a Map Run; DescribeExecution of its children; GetExecutionHistory of its
children; a history in pages, 100 events unless told otherwise; a history in both orders; the end of
an execution that timed out; that the input is included; that no execution was redriven, and whether
it could be; an event for each status of an execution; all members in it, null where there is
nothing to tell; error and cause in the event of a failed one; an input that is too long for its
event.
Does not imitate: the counts of DescribeMapRun, redrive, histories that are gone after 90 days; the
error of a run that timed out in its event.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.responses import StepFunctionResponse

from local.stepfunctions.service import Child, StepFunctions

_PAGE = 100
#: Beyond this, input and output are left out of a status-change event.
#: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
_MAX_STATUS_BYTES = 248 * 1024


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


def redrive_status(status: str, child: bool = False) -> dict[str, Any]:
    """Return what an execution in ``status`` tells about being redriven, which nothing here is.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
    """
    if status in ("RUNNING", "SUCCEEDED"):
        reason = f"Execution is {status} and cannot be redriven"
        return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    return {"redriveStatus": "REDRIVABLE_BY_MAP_RUN" if child else "REDRIVABLE"}


def _payload(name: str, text: str) -> dict[str, Any]:
    included = len(json.dumps(text, ensure_ascii=False).encode()) <= _MAX_STATUS_BYTES
    return {name: text if included else None, f"{name}Details": {"included": included}}


def status_change(execution: Execution, now: float) -> dict[str, Any]:
    """Return what the event about an execution's new status tells, for Standard machines.

    Args:
        execution: as it is now.
        now: seconds since 1970.

    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """
    redrive = redrive_status(str(execution.status))
    detail = {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": round(execution.start_date.timestamp() * 1000),
        "stopDate": None,
        **_payload("input", str(execution.execution_input)),
        "output": None,
        "outputDetails": None,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": redrive["redriveStatus"],
        "redriveStatusReason": redrive.get("redriveStatusReason"),
        "error": None,
        "cause": None,
    }
    if execution.status != "RUNNING":
        detail["stopDate"] = round(now * 1000)
    if execution.status == "FAILED":
        detail |= {"error": execution.error, "cause": execution.cause}
    if execution.status == "SUCCEEDED":
        text = json.dumps(execution.output, ensure_ascii=False, separators=(",", ":"))
        detail |= _payload("output", text)
    return detail


@contextmanager
def installed(service: StepFunctions) -> Iterator[None]:
    """Answer these calls, in this process and over HTTP."""
    list_all = StepFunctionResponse.list_executions
    describe_any = StepFunctionResponse.describe_execution
    read_any = StepFunctionResponse.get_execution_history

    def asked_for(response: Any) -> Child | None:
        arn = response._get_param("executionArn")
        return next((child for child in service.children if child.arn == arn), None)

    def ended(arn: str, status: str) -> dict[str, Any]:
        """Return the end of an execution that timed out, which moto leaves out."""
        if status != "TIMED_OUT":
            return {}
        return {"stopDate": next(o.stop_date for o in service.executions if o.execution_arn == arn)}

    def list_executions(response: Any) -> ActionResult:
        map_run = response._get_param("mapRunArn")
        if map_run:
            children = [one for one in service.children if one.map_run_arn == map_run and one.task]
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
