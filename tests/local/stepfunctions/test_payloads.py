"""What goes into states and comes out of them is no larger than AWS takes."""

from typing import Any

import pytest

from local.core.faults import Call
from tests.local.machines import DONE, GET, Machine

LIMIT = 256 * 1024
#: Everything of the call's arguments but the key's value.
REST = len('{"TableName":"sampleproject-parameters","Key":{"S3uri":{"S":""}}}')


def get(size: int, *catches: dict[str, Any]) -> dict[str, Any]:
    """Build a call whose arguments have this many bytes."""
    key = {"S3uri": {"S": f"{{% $pad('', {size - REST}, 'x') %}}"}}
    arguments = {"TableName": "sampleproject-parameters", "Key": key}
    return {**GET, "Arguments": arguments, "Next": "Done", "Catch": list(catches)}


@pytest.mark.parametrize("over", [0, 1])
def test_arguments_that_are_too_large_call_nothing(machine: Machine, over: int) -> None:
    calls: list[Call] = []
    machine.account.on_call.append(calls.append)
    catch = {"ErrorEquals": ["States.ALL"], "Next": "Done"}
    execution = machine.run({"Get": get(LIMIT + over, catch), "Done": DONE})
    assert len(calls) == 1 - over
    if over:
        assert (execution.status, execution.error) == ("FAILED", "States.DataLimitExceeded")
        assert execution.cause == (
            "The state/task 'Get' provided parameters with a size exceeding the maximum number of "
            "bytes service limit."
        )
    else:
        assert execution.status == "SUCCEEDED"


def test_a_catch_that_names_it_catches_it(machine: Machine) -> None:
    catch = {"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Done"}
    execution = machine.run({"Get": get(LIMIT + 1024, catch), "Done": DONE})
    assert execution.status == "SUCCEEDED"


@pytest.mark.parametrize(("count", "status"), [(87_380, "SUCCEEDED"), (87_381, "FAILED")])
def test_a_payload_is_counted_in_utf_8(machine: Machine, count: int, status: str) -> None:
    # With its two quotes: 262,142 bytes, and 262,145.
    out = {"Type": "Pass", "Output": f"{{% $pad('', {count}, 'あ') %}}", "Next": "Done"}
    execution = machine.run({"Make": out, "Done": {"Type": "Succeed"}})
    assert execution.status == status
    if status == "FAILED":
        assert execution.error == "States.DataLimitExceeded"


@pytest.mark.parametrize(("size", "reached"), [(LIMIT, "Done"), (LIMIT + 1, "Caught")])
def test_the_variables_of_one_assign_are_counted_together(
    machine: Machine, size: int, reached: str
) -> None:
    rest = len('{"a":"","b":""}')
    half = size // 2 - rest
    others = size - half - rest
    assign = {"a": f"{{% $pad('', {half}, 'x') %}}", "b": f"{{% $pad('', {others}, 'x') %}}"}
    caught = {"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught"}
    get = {**GET, "Assign": assign, "Output": {}, "Catch": [caught], "Next": "Done"}
    execution = machine.run({"Get": get, "Done": DONE, "Caught": DONE})
    assert machine.account.path(execution)[-1] == reached
