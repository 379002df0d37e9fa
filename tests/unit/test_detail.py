"""What an event tells programs of a run: small, worst first, legal whatever people type."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.announcements import problems_of
from tests.examples import examples
from tests.loading import load_module
from tests.unit.mails import judged, read_run
from tests.unit.payloads import dataset, failed_row, item, payload, row

_detail = load_module("check_ingestion_status", "detail")
#: docs/events.md promises it.
LIMIT = 32 * 1024
ENDED = datetime(2026, 11, 23, 12, 4, 5, 678901, tzinfo=UTC)
CONTENT = {"textType": "client-markdown", "title": "t", "description": "d"}
IN_CHAT: dict[str, Any] = {"version": "1.0", "source": "custom", "content": CONTENT}


def told(results: Any = (), **changes: Any) -> dict[str, Any]:
    event = payload(results, **changes)
    found: dict[str, Any] = _detail.detail(judged(event), read_run(event), IN_CHAT, ENDED)
    return found


def size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def test_tells_when_why_and_how_each_dataset_ended() -> None:
    assert told([row(rows=5, droppedRows=0, seconds=48)], fileEvents=3) == {
        "startedAt": "2026-11-23T12:03:02Z",
        "endedAt": "2026-11-23T12:04:05Z",
        "startedBy": {"kind": "FILE_ADDED", "name": "dashboard/data/tokyo_covid19/2026-11-23.csv"},
        "fileEvents": 3,
        "problems": 0,
        "datasets": [
            {
                "id": "id-a",
                "name": "Sales",
                "result": "GOOD",
                "status": "COMPLETED",
                "rows": 5,
                "droppedRows": 0,
                "seconds": 48,
            }
        ],
        "omitted": 0,
        "notification": IN_CHAT,
    }


def test_the_worst_come_first() -> None:
    results = [row("a"), row("b", droppedRows=2), failed_row("SQL_EXCEPTION") | {"datasetid": "c"}]
    entries = item(*(dataset(one) for one in "abc"))
    rows = told(results, item=entries)["datasets"]
    assert [(one["id"], one["result"]) for one in rows] == [
        ("c", "FAILED"),
        ("b", "SKIPPED"),
        ("a", "GOOD"),
    ]
    assert (rows[0]["status"], rows[0]["error"]) == ("FAILED", "SQL_EXCEPTION")
    assert "error" not in rows[1]
    assert rows[1]["droppedRows"] == 2


@pytest.mark.parametrize(
    ("changes", "started_by"),
    [
        ({"event": {"kind": "Object Deleted", "key": "a"}}, {"kind": "FILE_DELETED", "name": "a"}),
        ({"event": {"kind": "Something", "key": "a"}}, {"kind": "OTHER", "name": "a"}),
        ({"event": {"kind": "Something"}}, {"kind": "OTHER"}),
        ({"event": {}}, {"kind": "INPUT"}),
        ({"event": {"startedBy": "a\nb"}}, {"kind": "INPUT", "name": "a b"}),
        ({"event": {"kind": "Something", "startedBy": "a"}}, {"kind": "OTHER"}),
        ({"continues": True}, {"kind": "PREVIOUS_RUN"}),
    ],
    ids=str,
)
def test_says_what_started_the_run(changes: dict[str, Any], started_by: dict[str, str]) -> None:
    assert told([row()], **changes)["startedBy"] == started_by


def test_attempts_are_counted_where_there_were_several() -> None:
    (found,) = told([row(before=["CONNECTION_FAILURE", "QUERY_TIMEOUT"])])["datasets"]
    assert found["attempts"] == 3
    assert "attempts" not in told([row()])["datasets"][0]


def test_what_was_not_started_failed_by_its_result_and_says_so_by_its_status() -> None:
    child = dataset("id-b", "b", after={"L": [{"S": "id-a"}]})
    found = told([failed_row("SQL_EXCEPTION")], item=item(dataset(), child))["datasets"]
    assert [(one["result"], one["status"]) for one in found] == [
        ("FAILED", "FAILED"),
        ("FAILED", "NOT_STARTED"),
    ]


def test_fewer_rows_than_promised_is_short() -> None:
    few = told([row(rows=5, totalRows=5)], item=item(dataset(minrows={"N": "6"})))["datasets"]
    assert few[0]["result"] == "SHORT"


def test_counts_what_is_wrong_beside_the_datasets() -> None:
    wrong = item(dataset(), {"M": {}}, {"M": {"datasetid": {"S": "x"}}})
    assert told([row()], item=wrong)["problems"] == 3
    assert told(registered=False)["problems"] == 1


def test_does_not_know_when_a_run_started_that_does_not_say() -> None:
    assert "startedAt" not in told([row()], execution={})


@pytest.mark.parametrize("name", ["x", "売", "\U0001f600", '"', "\\", "\n"])
def test_leaves_out_and_counts_what_does_not_fit(name: str) -> None:
    ids = [f"{number:036}" for number in range(400)]
    found = told([row(one) for one in ids], item=item(*(dataset(i, name * 100) for i in ids)))
    shown = len(found["datasets"])
    assert 60 < shown < 400
    assert found["omitted"] == 400 - shown
    one_more = found | {"datasets": [*found["datasets"], found["datasets"][-1]]}
    assert size(found) <= LIMIT < size(one_more) + 2


def test_nothing_fits_beside_what_is_too_large() -> None:
    event = payload([row()])
    large = {"text": "x" * LIMIT}
    found = _detail.detail(judged(event), read_run(event), large, ENDED)
    assert (found["datasets"], found["omitted"]) == ([], 1)


ANY = st.text(st.sampled_from('a"\\\n\r\t\x00\x7f\u2028\ud800\udfff\U0001f600<>](')) | st.text()


@given(ids=st.lists(ANY, min_size=1, max_size=3, unique=True), name=ANY, error=ANY, key=ANY)
@examples(100)
def test_is_legal_json_within_its_limit_for_any_text(
    ids: list[str], name: str, error: str, key: str
) -> None:
    found = told(
        [row(one, "FAILED", error={"type": error, "message": name}) for one in ids],
        item=item(*(dataset(one, name) for one in ids)),
        event={"kind": "Object Created", "key": key},
    )
    text = json.dumps(found, ensure_ascii=False)
    assert json.loads(text.encode().decode()) == found  # UTF-8: no half of a surrogate pair
    assert size(found) <= LIMIT
    assert problems_of("QuickSight Refresh Ended", "detail", found) == []
