"""The last lines: folder, trigger, times, project, and the long link at the very end."""

from typing import Any

import pytest

from tests.unit.mails import lines
from tests.unit.payloads import EXECUTION, WATCHED, payload, row

EXPIRED = {
    "kind": "Object Deleted",
    "reason": "Lifecycle Expiration",
    "deletionType": "Permanently Deleted",
    "versionId": "v",
}


def started_by(language: str, **changes: Any) -> str:
    start = {"ja": "きっかけ: ", "en": "Started by: "}[language]
    (line,) = (line for line in lines(language, [row()], **changes) if line.startswith(start))
    return line.removeprefix(start)


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"kind": "Object Deleted", "reason": "DeleteObject"}, "2026-11-23.csv deleted, 12:03 UTC"),
        (
            {"kind": "Object Deleted", "reason": "Lifecycle Expiration"},
            "2026-11-23.csv deleted by a lifecycle rule, 12:03 UTC",
        ),
        (
            {**EXPIRED, "deletionType": "Delete Marker Created"},
            "2026-11-23.csv deleted by a lifecycle rule, 12:03 UTC",
        ),
        (
            EXPIRED,
            "an old version of 2026-11-23.csv removed by a lifecycle rule;"
            " the file itself is unchanged, 12:03 UTC",
        ),
        (
            {**EXPIRED, "reason": "DeleteObject"},
            "one version of 2026-11-23.csv, or its delete marker, removed"
            " (if the marker, the file is back), 12:03 UTC",
        ),
        ({**EXPIRED, "versionId": ""}, "2026-11-23.csv deleted by a lifecycle rule, 12:03 UTC"),
        ({"kind": "Object Renamed"}, "2026-11-23.csv (Object Renamed), 12:03 UTC"),
        ({"kind": None}, "2026-11-23.csv (unknown), 12:03 UTC"),
        ({"key": ""}, "unknown added, 12:03 UTC"),
        ({"key": "", "kind": ""}, "a start by hand, 12:03 UTC"),
        ({"key": "", "kind": "", "startedBy": "nightly load"}, "nightly load, 12:03 UTC"),
        ({"key": "", "kind": "", "startedBy": "a\nb\u202e"}, "a b, 12:03 UTC"),
        ({"startedBy": "nightly load"}, "2026-11-23.csv added, 12:03 UTC"),
        ({"key": "other/2026.csv"}, "other/2026.csv added, 12:03 UTC"),
        ({"key": "dashboard/data/tokyo_covid19/a/b.csv"}, "a/b.csv added, 12:03 UTC"),
        ({"key": "dashboard/data/tokyo_covid19/a .csv "}, "a .csv[U+0020] added, 12:03 UTC"),
        ({"time": "2026-11-22T12:03:00Z"}, "2026-11-23.csv added, 2026-11-22 12:03 UTC"),
        ({"time": None}, "2026-11-23.csv added"),
    ],
)
def test_the_mail_says_what_started_the_run(event: dict[str, Any], shown: str) -> None:
    assert started_by("en", event=payload()["event"] | event) == shown


def test_an_old_version_that_expired_leaves_the_file_as_it_is() -> None:
    assert started_by("ja", event=payload()["event"] | EXPIRED) == (
        "2026-11-23.csv の以前のバージョンの削除（ライフサイクルルール）。今のファイルは"
        "そのままです（21:03 JST）"
    )


@pytest.mark.parametrize(("events", "said"), [(1, ""), (2, ", and 1 more"), (9, ", and 8 more")])
def test_the_other_file_events_are_counted(events: int, said: str) -> None:
    assert started_by("en", fileEvents=events) == f"2026-11-23.csv added{said}, 12:03 UTC"


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "files that arrived during the previous run (3)"),
        ("ja", "前の実行の間に届いたファイル3件"),
    ],
)
def test_a_run_that_continues_another_names_no_file(language: str, shown: str) -> None:
    assert started_by(language, continues=True, fileEvents=3) == shown


def test_the_day_is_that_of_the_readers_zone() -> None:
    times = {"execution": {"id": EXECUTION, "startedAt": "2026-11-23T15:00:30Z"}}
    late = payload()["event"] | {"time": "2026-11-23T14:59:00Z"}

    assert started_by("ja", event=late, **times) == "2026-11-23.csv の追加（2026-11-23 23:59 JST）"
    assert "開始: 2026-11-24 00:00 JST" in lines("ja", [row()], event=late, **times)


def test_a_file_of_the_readers_same_day_needs_no_date() -> None:
    times = {"execution": {"id": EXECUTION, "startedAt": "2026-11-23T15:30:00Z"}}
    early = payload()["event"] | {"time": "2026-11-23T15:29:00Z"}

    assert started_by("ja", event=early, **times) == "2026-11-23.csv の追加（00:29 JST）"


@pytest.mark.parametrize(
    ("language", "link", "unknown"),
    [
        ("en", "Execution:", "Execution: unknown"),
        ("ja", "実行の詳細:", "実行の詳細: 不明"),
    ],
)
def test_the_link_stands_below_its_label(language: str, link: str, unknown: str) -> None:
    *_, label, address = lines(language, [row()])

    assert label == link
    assert address.endswith(EXECUTION)
    assert lines(language, [row()], execution=None)[-1] == unknown


def test_a_folder_shows_what_nobody_sees() -> None:
    found = lines("en", [row()], folder=f"{WATCHED}sales\u3000/")

    assert f"Folder: {WATCHED}sales\u3000/" in found
    assert "Folder: unknown" in lines("en", [row()], folder=None, uploadFolder=None)
    assert f"Folder: {WATCHED}sales[U+200B]/" in lines(
        "en", [row()], folder=f"{WATCHED}sales\u200b/"
    )
