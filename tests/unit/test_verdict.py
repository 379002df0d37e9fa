"""What the results of a run mean."""

import json
from typing import Any

import pytest

from tests.loading import load_module
from tests.unit.mails import judged
from tests.unit.payloads import child_record, dataset, failed_row, item, payload, row

outcome = load_module("check_ingestion_status", "verdict")
UNKNOWN = load_module("check_ingestion_status", "language").UNKNOWN

GOOD, SKIPPED, FAILED = outcome.Kind.GOOD, outcome.Kind.SKIPPED, outcome.Kind.FAILED


def judge_one(*rows: Any, **changes: Any) -> Any:
    """Return the outcome of the only dataset."""
    (only,) = judged(payload(rows, **changes)).outcomes
    return only


def group(found: Any) -> str | None:
    return found.meaning and str(found.meaning.group)


@pytest.mark.parametrize(
    ("counts", "kind"),
    [
        ({}, GOOD),
        ({"rows": 100}, GOOD),
        ({"rows": 100, "droppedRows": 0}, GOOD),
        ({"rows": 0, "droppedRows": 0}, GOOD),
        ({"rows": None, "droppedRows": None}, GOOD),
        ({"rows": 100, "droppedRows": 1}, SKIPPED),
        ({"rows": 0, "droppedRows": 5}, SKIPPED),
        ({"droppedRows": 2.0}, SKIPPED),
        ({"droppedRows": "0"}, FAILED),
        ({"droppedRows": -1}, FAILED),
        ({"droppedRows": 0.5}, FAILED),
        ({"droppedRows": False}, FAILED),
        ({"droppedRows": []}, FAILED),
    ],
)
def test_a_completed_refresh_is_good_only_without_skipped_rows(
    counts: dict[str, Any], kind: Any
) -> None:
    verdict = judged(payload([row(**counts)]))

    assert verdict.outcomes[0].kind is kind
    assert verdict.refreshed is (kind is GOOD)


@pytest.mark.parametrize(
    ("result", "status", "meant"),
    [
        pytest.param(row(status="FAILED"), "FAILED", "failed", id="failed without error"),
        pytest.param(failed_row("SQL_EXCEPTION"), "FAILED", "source_error", id="failed with type"),
        pytest.param(failed_row("NEW_TYPE"), "FAILED", "other_error", id="failed with new type"),
        pytest.param(failed_row("INGESTION_SUPERSEDED"), "FAILED", "superseded", id="superseded"),
        pytest.param(
            failed_row("REFRESH_SUPPRESSED_BY_EDIT"), "FAILED", "suppressed_by_edit", id="edited"
        ),
        pytest.param(row(status="CANCELLED"), "CANCELLED", "cancelled", id="cancelled"),
        pytest.param(row(status="TIMED_OUT"), "TIMED_OUT", "still_running", id="given up"),
        pytest.param(
            failed_row("TIMED_OUT", "RUNNING", "TIMED_OUT"),
            "TIMED_OUT",
            "still_running",
            id="given up with an error",
        ),
        pytest.param(row(status="RUNNING"), "RUNNING", "still_running", id="not an end"),
        pytest.param(row(status="ROLLED_BACK"), "ROLLED_BACK", "other_status", id="new status"),
        pytest.param(
            failed_row("QuickSight.LimitExceededException", status="START_FAILED"),
            "LimitExceededException",
            "limit_exceeded",
            id="start refused",
        ),
        pytest.param(
            failed_row("QuickSight.ThrottlingException", status="CHECK_FAILED"),
            "ThrottlingException",
            "throttled",
            id="check refused",
        ),
        pytest.param(
            failed_row("QuickSight.ResourceNotFoundException", status=None),
            "ResourceNotFoundException",
            "not_found",
            id="no status but an error",
        ),
        pytest.param(row(status=None), "UNKNOWN", "ended_unexpectedly", id="no status"),
        pytest.param(row(status={"S": 1}), "UNKNOWN", "ended_unexpectedly", id="odd status"),
        pytest.param(row(status="START_FAILED"), "UNKNOWN", "other_status", id="no reason"),
        pytest.param(
            row(status="FAILED", error="a text"), "FAILED", "failed", id="error of a wrong type"
        ),
        pytest.param(row(droppedRows="?"), "UNKNOWN", "unreadable_count", id="unreadable count"),
    ],
)
def test_every_other_end_is_a_failure_with_a_status_and_a_meaning(
    result: dict[str, Any], status: str, meant: str
) -> None:
    found = judge_one(result)

    assert (found.kind, found.status, group(found)) == (FAILED, status, meant)


@pytest.mark.parametrize(
    "results",
    [
        pytest.param([], id="no row"),
        pytest.param([{"datasetid": "id-a", "status": "COMPLETED"}], id="no marker"),
        pytest.param([{**row(), "result": "other"}], id="another marker"),
        pytest.param([None, 5, "COMPLETED", [row()]], id="junk"),
        pytest.param([child_record(json.dumps({"datasetid": "id-a"}))], id="record, text input"),
        pytest.param([child_record({"datasetid": "id-a"})], id="record, object input"),
        pytest.param([child_record("{")], id="record, broken input"),
        pytest.param([child_record("[" * 100_000)], id="record, absurd input"),
    ],
)
def test_a_dataset_without_a_row_of_ours_ended_unexpectedly(results: list[Any]) -> None:
    found = judge_one(*results)

    assert (found.kind, found.status) == (FAILED, "UNKNOWN")
    assert group(found) == "ended_unexpectedly"


def test_the_record_of_a_dead_child_tells_its_error() -> None:
    record = child_record({"datasetid": "id-a"}, Error="States.Runtime", Cause="Too much")

    assert judge_one(record).said.text == "States.Runtime: Too much"


def test_the_record_of_a_dead_child_is_found_by_an_input_that_is_text() -> None:
    record = child_record('{"datasetid": "id-a"}', Error="States.Runtime")
    found = judge_one(record)

    assert (found.dataset.name, found.said.text) == ("Sales", "States.Runtime")


def test_a_dataset_without_a_row_keeps_its_history() -> None:
    assert judge_one(history={"id-a": {"rows": 90}}).last_rows == 90


def test_an_unregistered_dataset_with_a_row_keeps_its_history() -> None:
    history = {"id-b": {"rows": 7}}
    verdict = judged(payload([row(), row("id-b")], history=history))

    assert {o.dataset.id: o.last_rows for o in verdict.outcomes} == {"id-a": None, "id-b": 7}


def test_a_failure_keeps_what_quicksight_said_about_it() -> None:
    found = judge_one(failed_row("QuickSight.Denied", "not authorized to", "START_FAILED"))

    assert (found.call, found.said.text) == ("CreateIngestion", "not authorized to")
    assert group(found) == "access_denied"


def test_what_nobody_said_stays_empty() -> None:
    found = judge_one(row(status="FAILED"))

    assert (found.call, found.said.text) == ("", "")


def test_results_of_the_wrong_type_count_as_no_results() -> None:
    (found,) = judged(payload() | {"results": row()}).outcomes

    assert (found.kind, found.status) == (FAILED, "UNKNOWN")


def test_of_two_rows_for_a_dataset_the_worst_counts() -> None:
    assert judge_one(row(), row(droppedRows=1)).kind is SKIPPED
    assert judge_one(row(), row(status="FAILED")).kind is FAILED
    assert judge_one(row(), child_record({"datasetid": "id-a"})).kind is FAILED


def test_rows_of_unregistered_datasets_count_only_with_our_marker() -> None:
    extra = [
        row("id-b", "FAILED", datasetname="Stray"),
        {"datasetid": "id-c", "status": "FAILED"},
        child_record({"datasetid": "id-d"}),
    ]
    verdict = judged(payload([row(), *extra]))

    assert [(o.dataset.id, o.dataset.name) for o in verdict.outcomes] == [
        ("id-b", "Stray"),
        ("id-a", "Sales"),
    ]
    assert not verdict.refreshed


def test_a_row_of_ours_without_an_id_is_a_failure() -> None:
    verdict = judged(payload([row(), row(None)]))

    assert [o.status for o in verdict.outcomes] == ["UNKNOWN", "COMPLETED"]


def after(*ids: str) -> dict[str, Any]:
    return {"after": {"L": [{"S": one} for one in ids]}}


def ends(found: Any) -> dict[str, tuple[str, str]]:
    return {one.dataset.id: (one.kind.name, one.status) for one in found.outcomes}


@pytest.mark.parametrize(
    ("parent", "why"),
    [
        (row("p", "FAILED"), "not_started"),
        (row("p", "TIMED_OUT"), "not_started"),
        (row("p", "PAUSED"), "not_started"),
        (child_record('{"datasetid": "p"}'), "not_started"),
        (row("p", rows=9), "not_started_after_few_rows"),
    ],
)
def test_what_comes_after_a_bad_dataset_was_not_started(parent: Any, why: str) -> None:
    stored = item(dataset("c", **after("p")), dataset("p", "Orders", minrows={"N": "10"}))
    found = judged(payload([parent], item=stored))

    child = found.outcomes[1]
    assert (child.dataset.id, child.kind.name, child.status) == ("c", *["NOT_STARTED"] * 2)
    assert (child.parent.name, group(child)) == ("Orders", why)
    assert not found.refreshed


@pytest.mark.parametrize("parent", [row("p"), row("p", droppedRows=3)])
def test_what_is_missing_after_good_datasets_is_unknown(parent: Any) -> None:
    stored = item(dataset("p"), dataset("c", **after("p")))
    found = judged(payload([parent], item=stored))

    assert ends(found)["c"] == ("FAILED", "UNKNOWN")


def test_a_result_counts_more_than_the_order() -> None:
    stored = item(dataset("p"), dataset("c", **after("p")))

    assert ends(judged(payload([row("c")], item=stored)))["c"] == ("GOOD", "COMPLETED")


def test_a_circle_and_what_comes_after_it_was_not_started() -> None:
    stored = item(
        dataset("a", **after("b")), dataset("b", **after("a")), dataset("c", **after("a"))
    )
    found = judged(payload([], item=stored))

    assert set(ends(found).values()) == {("NOT_STARTED", "NOT_STARTED")}
    assert [problem.number for problem in found.problems] == [None, None]


def test_a_failure_comes_before_what_it_kept_back_and_few_rows_before_skipped_ones() -> None:
    stored = item(
        dataset("c", **after("p")),
        dataset("skipped"),
        dataset("p", minrows={"N": "2"}),
        dataset("d", **after("f")),
        dataset("f"),
    )
    results = [row("skipped", droppedRows=1), row("p", rows=1, droppedRows=1), row("f", "FAILED")]
    found = judged(payload(results, item=stored))

    assert [one.dataset.id for one in found.outcomes] == ["f", "p", "c", "d", "skipped"]


@pytest.mark.parametrize(
    ("counts", "short"),
    [
        ({"rows": 10}, False),
        ({"rows": 9}, True),
        ({"rows": 1, "totalRows": 10}, False),
        ({"rows": 10, "totalRows": 9}, True),
        ({}, True),
        ({"rows": None, "totalRows": None}, True),
        ({"rows": "10"}, True),
    ],
)
def test_too_few_rows_are_an_error(counts: dict[str, Any], short: bool) -> None:
    stored = item(dataset(minrows={"N": "10"}))
    (found,) = judged(payload([row(**counts)], item=stored)).outcomes

    assert (found.kind is outcome.Kind.SHORT) is short


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (None, ()),
        ("QUERY_TIMEOUT", ()),
        (["QUERY_TIMEOUT"], ("QUERY_TIMEOUT",)),
        (["a\nb", None, "c", "d"], ("a b", "UNKNOWN", "c")),
    ],
)
def test_how_earlier_attempts_failed_is_kept(before: Any, told: tuple[str, ...]) -> None:
    assert judge_one(row(before=before)).before == told


def test_failures_come_first_then_skipped_rows_then_the_good_in_registered_order() -> None:
    names = ["good-1", "skipped-1", "failed-1", "good-2", "skipped-2", "failed-2"]
    registered = item(*(dataset(name, name) for name in names))
    changes: dict[str, dict[str, Any]] = {
        "good": {},
        "skipped": {"droppedRows": 1},
        "failed": {"status": "FAILED"},
    }
    results = [row(name, **changes[name.partition("-")[0]]) for name in reversed(names)]

    verdict = judged(payload(results, item=registered))

    assert [o.dataset.id for o in verdict.outcomes] == [
        *("failed-1", "failed-2", "skipped-1", "skipped-2", "good-1", "good-2")
    ]


def test_one_bad_dataset_makes_the_run_bad() -> None:
    registered = item(dataset("a"), dataset("b"))

    assert judged(payload([row("a"), row("b")], item=registered)).refreshed
    assert not judged(payload([row("a")], item=registered)).refreshed


def test_a_run_without_any_dataset_is_not_a_success() -> None:
    assert not outcome.Verdict(problems=(), outcomes=()).refreshed


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({"registered": False}, "has no registered dataset"),
        ({"registered": False, "item": None}, "has no registered dataset"),
        ({"registered": None}, "could not be checked"),
        ({"registered": "true"}, "could not be checked"),
        ({"item": None}, "The registration is wrong: {field}"),
        ({"item": item()}, "The registration is wrong: {field}"),
        ({"item": item(dataset(), dataset())}, "The registration is wrong: {field}"),
        ({"problem": {"step": "Claim"}}, "The step {step} failed"),
        ({"problem": {}}, "The step {step} failed"),
        ({"problem": "a text"}, "The step {step} failed"),
        ({"problem": False}, "The step {step} failed"),
    ],
)
def test_a_problem_makes_the_run_bad_whatever_the_rows_say(
    changes: dict[str, Any], headline: str
) -> None:
    verdict = judged(payload([row()], **changes))

    assert not verdict.refreshed
    assert headline in verdict.problems[0].headline.en


def test_rows_collected_before_a_step_failed_are_shown() -> None:
    registered = item(dataset("a"), dataset("b"))
    problem = {"step": "Refresh Each Dataset", "error": "States.Timeout", "cause": ""}
    verdict = judged(payload([row("a")], item=registered, problem=problem))

    assert [(o.dataset.id, o.status) for o in verdict.outcomes] == [
        ("b", "UNKNOWN"),
        ("a", "COMPLETED"),
    ]
    assert group(verdict.outcomes[0]) == "not_reached"


def test_the_failed_step_stands_before_a_wrong_registration() -> None:
    problem = {"step": "Refresh Each Dataset", "error": "States.Timeout"}
    first, second = judged(payload(item={}, problem=problem)).problems

    assert "The step {step} failed" in first.headline.en
    assert "The registration is wrong" in second.headline.en


@pytest.mark.parametrize("said", [{}, {"step": None, "error": None}, {"step": "", "error": 5}])
def test_a_failed_step_without_a_name_or_an_error_says_so(said: dict[str, Any]) -> None:
    (problem,) = judged(payload([row()], problem=said)).problems

    assert (problem.values["step"], problem.values["error"]) == (UNKNOWN, UNKNOWN)


@pytest.mark.parametrize("registered", [False, None])
def test_a_step_that_failed_before_the_lookup_is_the_only_problem(registered: Any) -> None:
    problem = {"step": "Look Up Datasets", "error": "States.Timeout"}
    verdict = judged(payload(registered=registered, problem=problem))

    assert len(verdict.problems) == 1


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        ("Rate exceeded", "Rate exceeded"),
        ('{"errorMessage": "no \\"key\\"", "stackTrace": ["File x"]}', 'no "key"'),
        ('{"errorType":"E","errorMessage":"no key", "stackTrace": ["File', "no key"),
        ('{"errorMessage": "cut off in the mid', "cut off in the mid"),
        ('{"errorMessage": "two\nlines, \\"x\\""}', 'two lines, "x"'),
        ('{"errorMessage": "odd \\q escape"}', "odd \\q escape"),
        ('{"errorMessage": "half \\u12', "half \\u12"),
        (None, ""),
        (["x"], ""),
    ],
)
def test_a_stack_trace_never_becomes_a_message(cause: Any, message: str) -> None:
    (problem,) = judged(payload([row()], problem={"step": "S", "cause": cause})).problems

    assert problem.said.text == message


def test_numbers_and_history_are_kept() -> None:
    history = {"id-a": {"rows": 90, "seconds": 11}}
    found = judge_one(row(rows=100, totalRows=500, droppedRows=0, seconds=12), history=history)

    assert (found.rows, found.total_rows, found.skipped, found.seconds) == (100, 500, 0, 12)
    assert (found.last_rows, found.last_seconds) == (90, 11)


@pytest.mark.parametrize("history", [None, [], {"id-a": 5}, {"id-a": {"rows": "x"}}, {"b": {}}])
def test_odd_history_is_no_history(history: Any) -> None:
    found = judge_one(row(rows=100), history=history)

    assert (found.kind, found.last_rows, found.last_seconds) == (GOOD, None, None)


@pytest.mark.parametrize(
    ("status", "permission"),
    [
        ("START_FAILED", "quicksight:CreateIngestion"),
        ("CHECK_FAILED", "quicksight:DescribeIngestion"),
        (None, "quicksight:CreateIngestion / quicksight:DescribeIngestion"),
    ],
)
def test_the_missing_permission_is_that_of_the_failed_call(
    status: str | None, permission: str
) -> None:
    found = judge_one(failed_row("QuickSight.AccessDeniedException", status=status))

    assert found.permission == permission


@pytest.mark.parametrize(
    ("counts", "last", "odd"),
    [
        pytest.param({"rows": 0}, None, "MAYBE_EMPTY", id="no rows, total not told"),
        pytest.param({"rows": 0, "totalRows": 0}, 4020, "EMPTY", id="no rows at all"),
        pytest.param({"rows": 0, "droppedRows": 9, "totalRows": 0}, 9, "EMPTY", id="all skipped"),
        pytest.param({"rows": 0, "totalRows": 9}, None, None, id="nothing new, rows there"),
        pytest.param({}, 4020, None, id="nothing told"),
        pytest.param({"rows": 49, "totalRows": 49}, 100, "DROPPED", id="fewer than half"),
        pytest.param({"rows": 49}, 100, "DROPPED", id="fewer than half, total not told"),
        pytest.param({"rows": 49, "droppedRows": 51}, 100, "DROPPED", id="the rest was skipped"),
        pytest.param({"rows": 2, "totalRows": 98}, 100, None, id="few read, many there"),
        pytest.param({"rows": 50, "totalRows": 50}, 100, None, id="half"),
        pytest.param({"rows": 1, "totalRows": 1}, 99, None, id="few before"),
        pytest.param({"rows": 1, "status": "FAILED"}, 100, None, id="failed"),
    ],
)
def test_odd_data_is_noticed(counts: dict[str, Any], last: int | None, odd: str | None) -> None:
    found = judge_one(row(**counts), history={"id-a": {"rows": last}})

    assert (found.oddity and found.oddity.name) == odd


@pytest.mark.parametrize(
    ("counts", "odd"),
    [
        ({"rows": 2}, None),
        ({"rows": 0}, None),
        ({"rows": 2, "totalRows": 2}, None),
        ({"rows": 0, "totalRows": 4020}, None),
        ({"rows": 0, "totalRows": 0}, "EMPTY"),
    ],
)
def test_an_incremental_refresh_is_never_a_drop(counts: dict[str, Any], odd: str | None) -> None:
    stored = item(dataset(ingestiontype={"S": "INCREMENTAL_REFRESH"}))
    found = judge_one(row(**counts), item=stored, history={"id-a": {"rows": 31183}})

    assert (found.oddity and found.oddity.name) == odd


def test_odd_data_comes_first_among_the_good() -> None:
    stored = item(dataset("a"), dataset("b"), dataset("c"))
    results = [row("a", rows=5), row("b", rows=0), row("c", droppedRows=1, rows=5)]

    found = judged(payload(results, item=stored)).outcomes

    assert [one.dataset.id for one in found] == ["c", "b", "a"]
