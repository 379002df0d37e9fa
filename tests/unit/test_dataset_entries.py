"""The bullets about datasets, and what stands below them."""

from typing import Any

import pytest

from tests.loading import load_module
from tests.unit.mails import block_of, blocks, lines
from tests.unit.payloads import REGION, dataset, failed_row, item, row

meanings = load_module("check_ingestion_status", "meanings")

LANGUAGES = pytest.mark.parametrize("language", ["ja", "en"])
LINK = f"https://{REGION}.quicksight.aws.amazon.com/sn/data-sets"


def below(language: str, result: Any, **changes: Any) -> list[str]:
    """Return the lines below the only bullet."""
    return block_of("\t・", language, [result], **changes)[1:]


@LANGUAGES
def test_a_failed_dataset_has_type_cause_step_message_and_link(language: str) -> None:
    failed = failed_row("S3_FILE_INACCESSIBLE", "Access Denied") | {"seconds": 5}
    kind, cause, step, message, link = below(language, failed, history={"id-a": {"rows": 90}})
    meant = meanings.meaning("S3_FILE_INACCESSIBLE")

    assert kind in ("エラー種別: S3_FILE_INACCESSIBLE", "Error type: S3_FILE_INACCESSIBLE")
    assert cause.startswith(("原因: QuickSightがS3", "Cause: QuickSight could not connect"))
    assert all(one.say(language) in step for one in meant.steps)
    assert message in (
        "QuickSightのメッセージ: 「Access Denied」",
        'QuickSight\'s message: "Access Denied"',
    )
    assert link == f"{LINK}/id-a"


@LANGUAGES
def test_where_only_the_message_tells_it_stands_before_the_step(language: str) -> None:
    found = below(language, failed_row("SQL_EXCEPTION", "Rate exceeded"))

    assert "Rate exceeded" in found[2]
    assert found[3].startswith(("対処: ", "Next step: "))
    assert found[5:] == [meanings.EXPLAINED_AT, f"{LINK}/id-a"]


@LANGUAGES
@pytest.mark.parametrize(
    ("status", "call"), [("START_FAILED", "CreateIngestion"), ("CHECK_FAILED", "DescribeIngestion")]
)
def test_an_api_error_names_error_and_call(language: Any, status: str, call: str) -> None:
    failed = failed_row("QuickSight.AccessDeniedException", "no", status)
    kind, *others = below(language, failed)

    assert kind in (
        f"APIエラー: AccessDeniedException（{call}）",
        f"API error: AccessDeniedException ({call})",
    )
    assert f"quicksight:{call}" in "".join(others)
    began = meanings.named("unread").cause.say(language)
    assert (began in others[0]) is (status == "CHECK_FAILED")


@LANGUAGES
def test_a_request_id_has_a_line_of_its_own(language: str) -> None:
    cause = "no (Service: QuickSight, Status Code: 409, Request ID: 0-1) (SDK Attempt Count: 1)"
    failed = failed_row("QuickSight.LimitExceededException", cause, "START_FAILED")
    *_, message, request, link = below(language, failed)

    assert message.endswith(("「no」", '"no"'))
    assert request in ("リクエストID: 0-1", "Request id: 0-1")
    assert link.startswith("https://")


@LANGUAGES
def test_what_several_have_in_common_is_said_once_before_them(language: str) -> None:
    stored = item(*(dataset(f"id-{n}", f"d{n}") for n in range(4)))
    broken = {"type": "CUSTOMER_ERROR", "message": "There was a problem parsing the data."}
    results = [
        row("id-0", "FAILED", error=broken),
        row("id-1", "FAILED", error={"type": "CUSTOMER_ERROR", "message": "Another."}),
        row("id-2", "FAILED", error=broken),
        row("id-3"),
    ]
    found = blocks(language, results, item=stored)
    group = next(
        one for one in found if one[0] in ("次の2件に共通:", "The next 2 have this in common:")
    )

    assert group[1].endswith(": CUSTOMER_ERROR")
    assert "problem parsing" in group[4]
    assert [line for line in group if line.startswith("https")] == [f"{LINK}/id-0", f"{LINK}/id-2"]
    assert sum(line.startswith("\t・") for line in group) == 2
    assert sum("problem parsing" in line for line in lines(language, results, item=stored)) == 1


@pytest.mark.parametrize(("count", "links"), [(3, 3), (4, 0)])
def test_more_than_three_of_one_cause_have_no_links(count: int, links: int) -> None:
    stored = item(*(dataset(f"id-{n}", f"d{n}") for n in range(count)))
    results = [row(f"id-{n}", "FAILED") for n in range(count)]

    assert sum(one.startswith(LINK) for one in lines("en", results, item=stored)) == links


ORDERED = item(
    dataset("p", "Orders", minrows={"N": "10000"}),
    dataset("c", "By region", after={"L": [{"S": "p"}]}),
    dataset("d", "By month", after={"L": [{"S": "p"}]}),
)


@LANGUAGES
def test_what_was_not_started_names_what_it_waited_for_once_and_has_no_link(language: str) -> None:
    found = lines(language, [row("p", "FAILED")], item=ORDERED)

    assert (
        sum("更新されなかったため" in one or "was not refreshed, so" in one for one in found) == 1
    )
    assert sum("NOT_STARTED" in one for one in found) == 2
    assert [one for one in found if one.startswith(LINK)] == [f"{LINK}/p"]


@LANGUAGES
def test_too_few_rows_say_the_limit_and_the_numbers(language: str) -> None:
    few = row("p", rows=2, totalRows=2, droppedRows=0, seconds=9)
    found = lines(language, [few], item=ORDERED, history={"p": {"rows": 31183}})
    start = next(place for place, one in enumerate(found) if one.startswith("\t・"))

    headline, numbers, advice, link = found[start : start + 4]
    assert "10,000" in headline
    assert "31,183" in numbers
    assert "minrows" in advice
    assert link == f"{LINK}/p"


@LANGUAGES
@pytest.mark.parametrize("status", ["COMPLETED", "FAILED"])
def test_a_refresh_that_was_tried_again_says_so(language: str, status: str) -> None:
    found = lines(language, [row(status=status, before=["QUERY_TIMEOUT", "CONNECTION_FAILURE"])])

    (told,) = [one.strip("\u3000") for one in found if "QUERY_TIMEOUT" in one]
    assert told in (
        "再試行: 3回目で終了（それまでのエラー: QUERY_TIMEOUT、CONNECTION_FAILURE）",
        "Attempts: 3 (before: QUERY_TIMEOUT, CONNECTION_FAILURE)",
    )


@LANGUAGES
def test_skipped_rows_show_how_many_and_where_to_see_them(language: str) -> None:
    skipped = row(rows=31215, droppedRows=3, seconds=110)
    numbers, where, link = below(language, skipped, history={"id-a": {"rows": 31183}})

    assert numbers in (
        "取り込み 31,215行（前回 31,183）、スキップ 3行（<0.01%）、所要 1分50秒",
        "31,215 rows read (last time 31,183), 3 skipped (<0.01%), 1 min 50 s",
    )
    assert "View error summary" in where
    assert link == f"{LINK}/id-a"


def test_skipped_rows_without_the_others_have_no_share() -> None:
    assert below("en", row(droppedRows=3))[0] == "rows not reported, 3 skipped"


@LANGUAGES
def test_several_with_skipped_rows_say_once_where_to_see_them(language: str) -> None:
    stored = item(dataset("a"), dataset("b"))
    results = [row("a", rows=1, droppedRows=1), row("b", rows=1, droppedRows=3)]
    found = lines(language, results, item=stored)

    assert sum("View error summary" in line for line in found) == 1
    assert sum("（50.00%）" in line or "(75.00%)" in line for line in found) == 1


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({}, "rows not reported"),
        ({"seconds": 3}, "rows not reported, 3 s"),
        ({"rows": 5}, "5 rows, skipped rows not reported"),
        ({"rows": 0, "droppedRows": 0}, "0 rows"),
        ({"rows": 5, "totalRows": 5, "droppedRows": 0}, "5 rows"),
        ({"rows": 5, "totalRows": 70, "droppedRows": 0}, "5 rows (70 in the whole dataset)"),
        ({"rows": 5, "droppedRows": 0, "seconds": 3600}, "5 rows, 1 h"),
    ],
)
def test_the_numbers_say_what_is_known(counts: dict[str, Any], shown: str) -> None:
    assert below("en", row(**counts))[0] == f"\u3000\u3000{shown}"


def test_the_numbers_of_last_time_stand_beside_those_of_today() -> None:
    counts = {"rows": 5, "totalRows": 70, "droppedRows": 0}
    history = {"id-a": {"rows": 6, "seconds": 9}}

    assert below("en", row(**counts), history=history) == [
        "\u3000\u30005 rows (70 in the whole dataset, last time 6)"
    ]
    assert below("ja", row(**counts), history=history) == [
        "\u3000\u3000行数 5（データセット全体 70、前回 6）"
    ]


@LANGUAGES
def test_a_good_dataset_has_numbers_only_and_an_odd_one_a_link(language: str) -> None:
    stored = item(dataset("a", "a"), dataset("b", "b"), dataset("c", "c"))
    results = [row("a", rows=5), row("b", rows=0), row("c", rows=5)]
    found = [one for one in blocks(language, results, item=stored) if one[0].startswith("\t・")]

    assert [len(block) for block in found] == [3, 4]
    assert found[0][2] == f"{LINK}/b"


@LANGUAGES
def test_what_still_runs_was_last_seen_doing_so(language: str) -> None:
    waiting = {"WaitingOnIngestion": "w", "QueuedIngestion": "q"}
    result = row(status="TIMED_OUT", error={"message": "RUNNING"}, waiting=waiting)
    found = below(language, result, history={"id-a": {"seconds": 108}})

    assert "最後に見た状態: RUNNING。前回の所要は1分48秒です。" in found or (
        "Last seen: RUNNING. Last time it took 1 min 48 s." in found
    )
    assert "WaitingOnIngestion=w, QueuedIngestion=q" in "".join(found)
    assert not any("「RUNNING」" in line or '"RUNNING"' in line for line in found)


@LANGUAGES
def test_an_id_with_what_nobody_sees_is_shown(language: str) -> None:
    failed = failed_row("QuickSight.ResourceNotFoundException", "", "START_FAILED")
    failed["datasetid"] = "id-one\u3000"
    found = below(language, failed, item=item(dataset("id-one\u3000")))

    assert found[-2] in ("登録のID: id-one[U+3000]", "Registered id: id-one[U+3000]")
    assert "[U+3000]" in found[-1]
    assert not any(LINK in line for line in found), "it would lead to no page"


@LANGUAGES
def test_an_unknown_error_is_named(language: str) -> None:
    kind, *_, link = below(language, failed_row("NEW_TYPE"))

    assert kind.endswith(": NEW_TYPE")
    assert link.endswith("/id-a")


def test_a_result_without_an_id_has_no_link() -> None:
    found = lines("en", [row(None)], item=item(dataset()))

    assert [line for line in found if "/data-sets/" in line] == [f"{LINK}/id-a"]


def test_a_dataset_without_a_usable_name_is_shown_by_its_id() -> None:
    found = lines("en", [row()], item=item(dataset(name="\n")))

    assert "\t・Dataset id-a was refreshed." in found
    assert "dataset unknown failed" in "".join(lines("en", [row(), row(None)]))


@LANGUAGES
def test_long_names_are_cut(language: str) -> None:
    body = "\n".join(lines(language, [row()], item=item(dataset(name="名" * 500))))

    assert "名" * 99 + "…" in body
    assert "名" * 100 not in body
