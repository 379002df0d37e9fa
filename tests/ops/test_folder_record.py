"""What the lead item and the record say is told, whatever odd thing stands in them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qsrefresh.folder_record import (
    RING,
    LastRefresh,
    in_order,
    last_refresh,
    read_lead,
    read_record,
    usual_seconds,
)


def number(value: object) -> dict[str, str]:
    return {"N": str(value)}


def run(end: int, **more: Any) -> dict[str, Any]:
    """Return a run of the ring that began ten seconds before its end."""
    ends = {"started": number(end - 10), "ended": number(end), "execution": {"S": f"run-{end}"}}
    return {"M": {**ends, "verdict": {"S": "SUCCESS"}, **more}}


def ring(*ends: int | None, turn: int) -> list[int | None]:
    """Return how turn after turn reads whose runs ended then; None wrote nothing."""
    item: dict[str, Any] = {}
    for number_of, end in enumerate(ends):
        if end is not None:
            item[f"run{number_of % RING:02}"] = run(end)
    found = in_order(read_record(item), turn)
    return [None if one is None else int(one.execution.removeprefix("run-")) for one in found]


@pytest.mark.parametrize(
    ("ends", "turn", "told"),
    [
        ([], 0, []),
        ([100], 1, [100]),
        ([100, 200, 300], 3, [300, 200, 100]),
        pytest.param([100, 200], 1, [200, 100], id="written, not released"),
        pytest.param([100, None, 300], 3, [300, None, 100], id="a turn without a run"),
        pytest.param([100, 200], 3, [None, 200, 100], id="the last turn without a run"),
        pytest.param([100, 200], 0, [200, 100], id="the lead item was deleted"),
        pytest.param([None, None, 300], 3, [300], id="before the first record"),
    ],
)
def test_the_ring_is_read_newest_first(
    ends: list[int | None], turn: int, told: list[int | None]
) -> None:
    assert ring(*ends, turn=turn) == told


def test_a_full_ring_goes_on_where_it_began() -> None:
    ends = [100 * number for number in range(1, 46)]
    assert ring(*ends, turn=45) == ends[: 45 - RING - 1 : -1]


def test_a_place_that_no_turn_overwrote_holds_an_old_run_not_the_newest() -> None:
    ends: list[int | None] = [100 * number for number in range(1, 46)]
    ends[44] = None  # so place 14 still holds the run of turn 14
    assert ring(*ends, turn=45) == [None, *ends[43:14:-1], 1500]


def test_counts_tell_what_waits() -> None:
    def waiting(**counts: Any) -> int | None:
        return read_lead(dict(counts)).waiting

    assert waiting() == 0
    assert waiting(arrivals=number(7), covered=number(4)) == 3
    assert waiting(arrivals=number(7)) == 7
    assert waiting(arrivals=number(3), covered=number(7)) is None
    assert waiting(arrivals={"S": "7"}) is None
    assert waiting(arrivals=number("1E30")) is None
    assert waiting(arrivals=number("1.5"), covered=number(1)) == 0


def test_the_newest_end_counts_and_a_newer_release_has_none() -> None:
    def last(lead: dict[str, Any], record: dict[str, Any]) -> LastRefresh:
        return last_refresh(read_lead(lead), read_record(record))

    def end(at: int, verdict: str) -> dict[str, Any]:
        return {
            "lastStarted": number(at - 10),
            "lastEnded": number(at),
            "verdict": {"S": verdict},
        }

    assert last({}, {}) == LastRefresh()
    assert last({}, end(100, "ERROR")).verdict == "ERROR"
    assert last(end(100, "ERROR"), {}).verdict == "ERROR"
    assert last(end(100, "ERROR"), end(200, "SUCCESS")).verdict == "SUCCESS"
    assert last(end(200, "ERROR"), end(100, "SUCCESS")).verdict == "ERROR"
    unwritten = last({"lastStarted": number(300)}, end(200, "SUCCESS"))
    assert (unwritten.verdict, unwritten.started is None) == (None, False)
    assert last({"lastStarted": number(190)}, end(200, "SUCCESS")).verdict == "SUCCESS"


def test_a_run_is_told_with_what_is_there() -> None:
    row = {"status": {"S": "COMPLETED"}, "rows": number(5), "skipped": number(0)}
    more = {"mailed": {"BOOL": False}, "datasets": {"M": {"b": {"M": row}, "a": {"L": []}}}}
    record = read_record({"run03": run(100, **more), "run04": {"M": {"started": number(5)}}})
    assert list(record.runs) == [3]
    assert record.runs[3].mailed is False
    a, b = record.runs[3].datasets
    assert (a.id, a.status, a.rows) == ("a", "UNKNOWN", None)
    assert (b.id, b.status, b.rows, b.skipped, b.seconds) == ("b", "COMPLETED", 5, 0, None)
    good = {"datasets": {"M": {"a": {"M": {"seconds": number(8)}}, "b": {"M": {}}}}}
    assert usual_seconds(good) == {"a": 8}


NAMES = [
    *("leader", "arrivals", "covered", "turn", "vouched"),
    *("lastStarted", "lastEnded", "verdict", "lastExecution", "datasets", "run00", "run29"),
]
FIELDS = ["started", "ended", "execution", "verdict", "mailed", "problem", "datasets", "status"]
SCALARS: Any = st.one_of(
    st.fixed_dictionaries({"S": st.text(max_size=5)}),
    st.fixed_dictionaries({"N": st.sampled_from(["0", "-1", "1E125", "10", "9" * 38, "0.5", "7"])}),
    st.just({"NULL": True}),
    st.fixed_dictionaries({"BOOL": st.booleans()}),
    st.sampled_from([None, 5, "", [], {}, {"B": b"x"}]),
)
VALUES: Any = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"L": st.lists(inner, max_size=2)}),
        st.fixed_dictionaries({"M": st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6)}),
    ),
    max_leaves=10,
)
ITEMS = st.dictionaries(st.sampled_from(NAMES), VALUES)


@given(ITEMS, ITEMS)
def test_nothing_odd_stops_the_reading(lead_item: Any, record_item: Any) -> None:
    lead, record = read_lead(lead_item), read_record(record_item)
    told = in_order(record, lead.turn)
    assert {one.execution for one in told if one} == {one.execution for one in record.runs.values()}
    assert len([one for one in told if one]) == len(record.runs)
    assert (lead.leader is None) == (lead_item.get("leader") is None)
    assert lead.waiting is None or lead.waiting >= 0
    last_refresh(lead, record)
    usual_seconds(record_item)
