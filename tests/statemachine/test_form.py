"""The definitions are written in one form, and what they repeat they repeat word for word."""

import json
from pathlib import Path
from typing import Any

import pytest

from statemachine.format import formatted
from tests.asl import STATE_MACHINES, State, expressions, load, states, walk

every_machine = pytest.mark.parametrize("path", STATE_MACHINES, ids=lambda path: path.name)
EVERY_STATE = [
    pytest.param(state, id=f"{path.name.split('.')[0]}: {state.name}")
    for path in STATE_MACHINES
    for state in states(load(path))
]
#: A screen takes this much of a line with wrapping; and somebody must read it.
LONGEST_LINE = 600
#: What all definitions may take together: who inherits them reads them in one sitting.
MOST_LINES = 1300


def _retrier(errors: str, attempts: int, first: int = 2, longest: int = 60) -> dict[str, Any]:
    return {
        "ErrorEquals": errors.split(),
        "IntervalSeconds": first,
        "MaxAttempts": attempts,
        "BackoffRate": 2,
        "MaxDelaySeconds": longest,
        "JitterStrategy": "FULL",
    }


#: Every Retry is one of these. Base-class names are tried less often: they also mean access denied.
RETRIES: dict[str, list[dict[str, Any]]] = {
    "a function": [
        _retrier("Lambda.TooManyRequestsException", 12),
        _retrier(
            "Lambda.ServiceException Lambda.SdkClientException"
            " Lambda.ClientExecutionTimeoutException Lambda.Unknown Sandbox.Timedout"
            " States.Timeout",
            5,
        ),
        _retrier("Lambda.AWSLambdaException", 4),
    ],
    "a look through a table": [
        _retrier(
            "DynamoDb.ProvisionedThroughputExceededException DynamoDb.RequestLimitExceededException"
            " DynamoDb.ThrottlingException DynamoDb.InternalServerErrorException"
            " DynamoDb.SdkClientException States.Timeout",
            8,
        ),
        _retrier("DynamoDb.DynamoDbException", 5),
    ],
    "a table": [
        _retrier(
            "DynamoDB.ProvisionedThroughputExceededException"
            " DynamoDB.RequestLimitExceededException DynamoDB.ThrottlingException"
            " DynamoDB.InternalServerErrorException DynamoDB.SdkClientException States.Timeout",
            8,
        ),
        _retrier("DynamoDB.AmazonDynamoDBException", 5),
    ],
    "a question about the leader": [
        _retrier("Sfn.ExecutionDoesNotExistException", 3, first=5, longest=20),
        _retrier("Sfn.KmsThrottlingException Sfn.SdkClientException States.Timeout", 2, first=5),
    ],
    "a question about a lost run": [
        _retrier("Sfn.ExecutionDoesNotExistException", 3, first=5, longest=20),
        _retrier("Sfn.KmsThrottlingException Sfn.SdkClientException States.Timeout", 8, first=5),
        _retrier("Sfn.SfnException", 5, first=20, longest=300),
    ],
    "a start of an execution": [
        _retrier(
            "StepFunctions.ExecutionLimitExceededException StepFunctions.KmsThrottlingException"
            " StepFunctions.SdkClientException States.Timeout",
            8,
            longest=120,
        ),
        _retrier("StepFunctions.AWSStepFunctionsException", 5, first=5, longest=120),
    ],
    "QuickSight": [
        _retrier(
            "QuickSight.ThrottlingException QuickSight.InternalFailureException"
            " QuickSight.SdkClientException States.Timeout",
            8,
        ),
        _retrier("QuickSight.QuickSightException", 4),
    ],
    "a mail": [
        _retrier(
            "SNS.KMSThrottlingException SNS.InternalErrorException SNS.SdkClientException"
            " States.Timeout",
            8,
        ),
        _retrier("SNS.AmazonSNSException", 5),
    ],
    "an event": [
        _retrier(
            "EventBridge.FailedEntry EventBridge.InternalException EventBridge.SdkClientException"
            " EventBridge.AmazonEventBridgeException States.Timeout",
            2,
        ),
    ],
}


@every_machine
def test_a_definition_is_as_make_format_writes_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(text) == text, "Way out: make format"


def test_the_formatter_writes_the_same_definition_whatever_form_it_gets() -> None:
    for path in STATE_MACHINES:
        text = path.read_text(encoding="utf-8")
        shuffled = json.dumps(json.loads(text), indent=3, sort_keys=True)
        assert json.loads(formatted(shuffled)) == json.loads(text)
        again = formatted(json.dumps(json.loads(text), indent=1))
        assert again == text


def test_the_formatter_drops_nothing_that_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="'Heartbeat'"):
        formatted('{"States": {"A": {"Type": "Task", "Heartbeat": 3}}}')


@every_machine
def test_no_line_is_too_long_to_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE] == []


def test_all_definitions_together_stay_short() -> None:
    lines = [len(path.read_text(encoding="utf-8").splitlines()) for path in STATE_MACHINES]
    assert sum(lines) <= MOST_LINES


def test_there_are_few_ways_to_retry() -> None:
    assert len(RETRIES) <= 9


@pytest.mark.parametrize("state", EVERY_STATE)
def test_every_retry_is_one_of_the_list(state: State) -> None:
    if "Retry" in state.body:
        plain = [{k: v for k, v in one.items() if k != "Comment"} for one in state.body["Retry"]]
        assert plain in RETRIES.values(), "Way out: use a named Retry of this file"


def test_every_retry_of_the_list_is_used() -> None:
    used = [
        [{k: v for k, v in one.items() if k != "Comment"} for one in state.body["Retry"]]
        for path in STATE_MACHINES
        for state in states(load(path))
        if "Retry" in state.body
    ]
    assert [name for name, retry in RETRIES.items() if retry not in used] == []


def test_every_problem_that_is_caught_is_kept_in_the_same_words() -> None:
    """One value, which names its own step: no Catch can name a step that is not its own."""
    found = {
        expression.rpartition("$problem : ")[2]
        for path in STATE_MACHINES
        for state in states(load(path))
        for catcher in state.body.get("Catch", [])
        for expression in expressions(catcher.get("Assign", {}).get("problem", ""))
    }
    assert len(found) == 1
    assert "$states.context.State.Name" in found.pop()


@pytest.mark.parametrize("state", EVERY_STATE)
def test_a_catch_reads_no_result(state: State) -> None:
    """A Catch has an input, a context and an error; a result there is undefined on AWS."""
    for catcher in state.body.get("Catch", []):
        assert not any("$states.result" in text for text in walk(catcher) if isinstance(text, str))


@pytest.mark.parametrize("state", EVERY_STATE)
def test_a_run_that_may_lead_survives_too_much_data(state: State) -> None:
    """``States.ALL`` leaves ``States.DataLimitExceeded`` out, as documented: name it beside it."""
    if state.scope or state.name == "Send Lost Run Mail":  # neither leads a folder
        return
    catchers = state.body.get("Catch", [])
    for everything in (one for one in catchers if one["ErrorEquals"] == ["States.ALL"]):
        too_much = [one for one in catchers if one["ErrorEquals"] == ["States.DataLimitExceeded"]]
        # What Recall Last Run puts out instead might be too large as well: it tells of it.
        usual = {**everything, "ErrorEquals": ["States.DataLimitExceeded"]}
        assert too_much == [usual] or state.name == "Recall Last Run"
        assert len(too_much) == 1
