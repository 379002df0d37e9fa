"""The line that says how many datasets ended how."""

from typing import Any

import pytest

from tests.unit.mails import RESULT, labelled
from tests.unit.payloads import dataset, failed_row, item, row

FAILED = {"type": "S3_FILE_INACCESSIBLE", "message": "no"}


def said(language: str, *results: dict[str, Any], **changes: Any) -> str:
    ids = [result["datasetid"] for result in results]
    changes = {"item": item(*(dataset(one, one) for one in ids)), **changes}
    return labelled(RESULT, language, list(results), **changes).removeprefix("tokyo_covid19: ")


@pytest.mark.parametrize(
    ("results", "ja", "en"),
    [
        ([row("a", "FAILED")], "失敗しました（1件）。", "1 dataset failed."),
        (
            [row("a", "FAILED", error=FAILED), row("b", "FAILED", error=FAILED)],
            "2件とも失敗しました。原因はどれも同じです。",
            "both datasets failed. All for the same reason.",
        ),
        (
            [row("a", "FAILED", error=FAILED), row("b", "FAILED"), row("c", "CANCELLED")],
            "3件すべて失敗しました。",
            "all 3 datasets failed.",
        ),
        (
            [row("a", "FAILED"), row("b"), row("c")],
            "3件中1件が失敗、2件は成功です。",
            "1 of 3 datasets failed, 2 succeeded.",
        ),
        (
            [row("a", rows=9, droppedRows=1), row("b", rows=9, droppedRows=2000), row("c")],
            "3件中2件は更新したが合わせて2,001行が欠落、1件は成功です。",
            "2 of 3 datasets refreshed without all rows (2,001 skipped in all), 1 succeeded.",
        ),
        (
            [row("a", rows=0, droppedRows=31218, totalRows=0), row("b")],
            "2件中1件が空、1件は成功です。",
            "1 of 2 datasets empty now, 1 succeeded.",
        ),
        (
            [row("a", "TIMED_OUT"), row("b")],
            "2件中1件がまだ更新中、1件は成功です。"
            "更新中は失敗とは限りません。この実行は待つのをやめました。",
            "1 of 2 datasets still being refreshed, 1 succeeded."
            " Still running is not a failure yet; this run stopped waiting.",
        ),
        (
            [row("a", "START_FAILED", error={"type": "QuickSight.LimitExceededException"})],
            "開始できませんでした（1件）。",
            "1 dataset could not be started.",
        ),
    ],
)
def test_how_many_ended_how(results: list[dict[str, Any]], ja: str, en: str) -> None:
    assert said("ja", *results) == ja
    assert said("en", *results) == en


def test_a_dataset_without_a_result_ended_in_an_unknown_way() -> None:
    stored = item(dataset("a"), dataset("b"))

    assert said("en", row("a"), item=stored) == (
        "1 of 2 datasets ended in an unknown way, 1 succeeded."
    )


def test_a_dataset_with_a_wrong_registration_is_counted_once() -> None:
    wrong = {"M": {"ingestiontype": {"S": "x"}}}

    assert said("ja", row("a"), item=item(dataset("a"), wrong)) == (
        "2件中1件は登録に誤りがあり未更新、1件は成功です。"
    )
    assert said("en", row("a"), item=item(dataset("a"), wrong)) == (
        "1 of 2 datasets not refreshed (wrong registration), 1 succeeded."
    )


def test_a_dataset_registered_twice_was_refreshed() -> None:
    stored = item(dataset("a"), dataset("a"))

    assert said("en", row("a"), item=stored) == (
        "the registration has an error. 1 dataset refreshed."
    )


@pytest.mark.parametrize(
    ("changes", "en"),
    [
        (
            {"registered": False, "fileEvents": 3},
            "nobody registered this folder, so nothing was refreshed (files: 3).",
        ),
        ({"item": {}}, "the registration is wrong, so nothing was refreshed."),
        ({"registered": 5}, "the registration could not be checked, so nothing was refreshed."),
        (
            {"problem": {"step": "Claim Folder", "error": "E"}, "registered": False},
            "the step Claim Folder failed, so the refresh could not be finished.",
        ),
    ],
)
def test_what_is_no_datasets_failure_is_said_instead(changes: dict[str, Any], en: str) -> None:
    assert said("en", **changes) == en


def test_the_folders_name_stands_before_it_if_nothing_is_odd_about_it() -> None:
    changes = {"results": [failed_row("X")]}

    assert labelled(RESULT, "en", **changes).startswith("tokyo_covid19: ")
    assert labelled(RESULT, "en", folder="s3://b/a b/", **changes).startswith("1 dataset")


def test_what_came_after_a_bad_dataset_is_counted_after_it() -> None:
    order = {"after": {"L": [{"S": "p"}]}}
    stored = item(dataset("p", minrows={"N": "2"}), dataset("c", **order), dataset("d", **order))

    assert said("en", row("p", "FAILED"), item=stored) == "1 of 3 datasets failed, 2 not started."
    assert said("ja", row("p", rows=1), item=stored) == (
        "3件中1件は更新したが行数不足、2件が未開始です。"
    )
