"""What one transaction takes, and how far it came when somebody else was first."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError, ChangedMeanwhileError
from qsrefresh.parameter_table import ParameterTable
from qsrefresh.registrations import Change

#: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
MOST_ITEMS, MOST_BYTES = 100, 4 * 1024 * 1024
LARGE = "東" * 133_000  # 399 KB of UTF-8: an item takes 400


class Recorder(Aws):
    """Takes note of the transactions; the one with number ``refused`` fails."""

    def __init__(self, refused: int = -1) -> None:
        self.written: list[list[Any]] = []
        self.refused = refused

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if len(self.written) == self.refused:
            answer = {"CancellationReasons": [{"Code": "ConditionalCheckFailed"}]}
            raise AwsError("TransactionCanceledException", "no", "way out", answer)
        self.written.append(parameters["TransactItems"])
        return {}


def new(number: int, usefor: str = LARGE) -> Change:
    folder = f"s3://b/{number}/"
    return Change(folder, None, {"S3uri": {"S": folder}, "usefor": {"S": usefor}})


@example([133_000] * 30)
@example([0] * 201)
@given(st.lists(st.sampled_from((0, 5_000, 133_000)), max_size=220))
def test_every_change_is_written_once_and_no_transaction_is_too_large(sizes: list[int]) -> None:
    aws = Recorder()
    changes = [new(number, LARGE[:size]) for number, size in enumerate(sizes)]
    ParameterTable(aws, "table").write(changes)
    written = [request["Put"]["Item"] for batch in aws.written for request in batch]
    assert written == [change.after for change in changes]
    for batch in aws.written:
        items = [request["Put"]["Item"] for request in batch]
        said = json.dumps(items, ensure_ascii=False).encode()
        assert len(batch) <= MOST_ITEMS
        assert len(batch) == 1 or len(said) <= MOST_BYTES


def test_bytes_and_sets_of_other_people_are_counted_too() -> None:
    aws = Recorder()
    items = [{**(new(n).after or {}), "seal": {"BS": [b"x" * 300_000]}} for n in range(9)]
    ParameterTable(aws, "table").write(
        [Change(f"s3://b/{n}/", None, i) for n, i in enumerate(items)]
    )
    assert len(aws.written) > 1


def test_who_came_first_in_the_second_transaction_is_named() -> None:
    with pytest.raises(ChangedMeanwhileError) as told:
        ParameterTable(Recorder(refused=1), "table").write([new(number) for number in range(12)])
    assert told.value.message == (
        "somebody else changed s3://b/10/ meanwhile; 10 of 12 changes were written"
    )
