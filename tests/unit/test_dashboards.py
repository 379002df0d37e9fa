"""The line that says whether people see old, new, incomplete or no data."""

from typing import Any

import pytest

from tests.unit.mails import DASHBOARDS, labelled
from tests.unit.payloads import dataset, item, row

SUPERSEDED = {"type": "INGESTION_SUPERSEDED"}
NOT_FOUND = {"type": "QuickSight.ResourceNotFoundException"}


def shown(language: str, *results: dict[str, Any], **changes: Any) -> str:
    ids = [result["datasetid"] for result in results]
    changes = {"item": item(*(dataset(one, one) for one in ids)), **changes}
    return labelled(DASHBOARDS, language, list(results), **changes)


@pytest.mark.parametrize(
    ("results", "ja", "en"),
    [
        (
            [row("a", "FAILED")],
            "「a」は前回のデータのままです。",
            '"a" keeps showing the previous data.',
        ),
        (
            [row("a", "FAILED"), row("b", "FAILED")],
            "2件とも前回のデータのままです。",
            "both datasets keep showing the previous data.",
        ),
        (
            [row(one, "FAILED") for one in "abcd"],
            "4件とも前回のデータのままです。",
            "all 4 datasets keep showing the previous data.",
        ),
        (
            [row("a", "FAILED"), row("b"), row("c")],
            "「a」は前回のデータのままです。ほかは新しいデータです。",
            '"a" keeps showing the previous data. The others show the new data.',
        ),
        (
            [row("a", droppedRows=3, rows=9), row("b", "FAILED", error=SUPERSEDED), row("c")],
            "「a」は新しいデータですが、3行足りません。"
            "「b」は新しいデータか前回のままか、分かりません。「c」は新しいデータです。",
            '"a" shows the new data without 3 rows. "b" may show new or old data.'
            ' "c" shows the new data.',
        ),
        (
            [row("a", rows=0, droppedRows=9, totalRows=0), row("b")],
            "「a」は空です。前回のデータも表示されません。「b」は新しいデータです。",
            '"a" is empty; the earlier data is gone too. "b" shows the new data.',
        ),
        (
            [row("a", rows=9, droppedRows=3), row("b", rows=9, droppedRows=2)],
            "2件とも新しいデータですが、合わせて5行足りません。",
            "both datasets show the new data without 5 rows in all.",
        ),
        (
            [row("a", "START_FAILED", error=NOT_FOUND), row("b")],
            "「a」は前回のデータのままか、表示できません。「b」は新しいデータです。",
            '"a" shows the previous data, or none. "b" shows the new data.',
        ),
        (
            [row("a", "CHECK_FAILED", error=NOT_FOUND)],
            "「a」は新しいデータか前回のままか、分かりません。",
            '"a" may show new or old data.',
        ),
        (
            [row("a", rows=0), row("b", rows=0)],
            "2件とも空かもしれません。",
            "both datasets may be empty.",
        ),
        (
            [row("a", "TIMED_OUT"), row("b")],
            "「a」は今は前回のデータです。更新が終わると自動で切り替わります。「b」は新しいデータです。",
            '"a" shows the previous data for now, and the new data as soon as the refresh ends.'
            ' "b" shows the new data.',
        ),
    ],
)
def test_what_people_see(results: list[dict[str, Any]], ja: str, en: str) -> None:
    assert shown("ja", *results) == ja
    assert shown("en", *results) == en


def test_a_drop_shows_the_few_new_rows() -> None:
    history = {"a": {"rows": 31183}}

    assert (
        shown("ja", row("a", rows=2), history=history) == "「a」は新しい2行だけを表示しています。"
    )
    assert shown("en", row("a", rows=2), history=history) == '"a" shows the new 2 rows only.'
    skipped = row("a", rows=2, droppedRows=31181)
    assert shown("en", skipped, history=history) == '"a" shows the new data without 31,181 rows.'


@pytest.mark.parametrize("status", ["START_FAILED", "CHECK_FAILED"])
def test_a_refresh_that_never_began_changed_nothing(status: str) -> None:
    result = row("a", status, error={"type": "QuickSight.ThrottlingException"})
    previous = shown("en", result) == '"a" keeps showing the previous data.'

    assert previous is (status == "START_FAILED")


def test_a_wrong_registration_leaves_the_previous_data() -> None:
    stored = item(dataset("a", "a"), dataset("b", ""))

    assert shown("en", row("a"), item=stored) == (
        'Datasets with a wrong registration keep showing the previous data. "a" shows the new data.'
    )


@pytest.mark.parametrize(
    ("changes", "en"),
    [
        ({"registered": False}, "this file is in none of them; no other dashboard is affected."),
        ({"item": {}}, "the previous data is still shown."),
        ({"problem": {"step": "S"}, "registered": False}, "they may be new or old."),
    ],
)
def test_what_is_no_datasets_failure_is_said_instead(changes: dict[str, Any], en: str) -> None:
    assert shown("en", **changes) == en


@pytest.mark.parametrize(
    ("counts", "parent"),
    [
        ({"status": "FAILED"}, "both datasets keep showing the previous data."),
        ({"rows": 3}, '"p" shows the new 3 rows only. "c" keeps showing the previous data.'),
        ({}, '"p" may be empty. "c" keeps showing the previous data.'),
    ],
)
def test_what_was_not_started_shows_the_previous_data(counts: dict[str, Any], parent: str) -> None:
    order = {"after": {"L": [{"S": "p"}]}}
    stored = item(dataset("p", "p", minrows={"N": "9"}), dataset("c", "c", **order))

    assert shown("en", row("p", **counts), item=stored) == parent
