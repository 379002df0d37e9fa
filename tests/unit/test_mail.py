"""The mail as a whole: what the published design fixes, the order of its blocks, its size."""

import json
import re
from typing import Any

import pytest

from tests.loading import load_module
from tests.unit.mails import LABELS, blocks, compose, lines
from tests.unit.payloads import EXECUTION, FOLDER, REGION, dataset, failed_row, item, row

mail = load_module("check_ingestion_status", "mail")
safe_text = load_module("check_ingestion_status", "safe_text")

LANGUAGES = pytest.mark.parametrize("language", ["ja", "en"])
#: Step Functions developer guide, "Quotas": what a state hands on, as JSON.
PAYLOAD_LIMIT = 256 * 1024


def test_the_japanese_success_mail_reads_as_agreed() -> None:
    history = {"id-a": {"rows": 90, "seconds": 11}}
    results = [row(rows=1100, droppedRows=0, seconds=72)]
    found = compose("ja", results, history=history, fileEvents=3)

    assert found.subject == "[SUCCESS]QuickSight更新処理正常終了"
    assert found.body == (
        "QuickSightの更新は正常終了しました。\n"
        "\t・データセットSalesの更新は成功しました。\n"
        "　　行数 1,100（前回 90）、所要 1分12秒\n"
        "\n"
        f"フォルダ: {FOLDER}\n"
        "きっかけ: 2026-11-23.csv の追加 ほか2件（21:03 JST）\n"
        "開始: 2026-11-23 21:03 JST\n"
        "プロジェクト: sampleproject\n"
        "実行の詳細:\n"
        "https://ap-northeast-1.console.aws.amazon.com/states/home"
        f"?region=ap-northeast-1#/v2/executions/details/{EXECUTION}\n"
    )


def test_the_english_success_mail_says_the_same() -> None:
    history = {"id-a": {"rows": 90, "seconds": 11}}
    results = [row(rows=1100, droppedRows=0, seconds=72)]
    found = compose("en", results, history=history, fileEvents=3)

    assert found.subject == "[SUCCESS]QuickSight refresh succeeded"
    assert found.body.splitlines()[:-1] == [
        "The QuickSight refresh succeeded.",
        "\t・Dataset Sales was refreshed.",
        "　　1,100 rows (last time 90), 1 min 12 s",
        "",
        f"Folder: {FOLDER}",
        "Started by: 2026-11-23.csv added, and 2 more, 12:03 UTC",
        "Started at: 2026-11-23 12:03 UTC",
        "Project: sampleproject",
        "Execution:",
    ]


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (row(), "データセットSalesの更新は成功しました。"),
        (row(droppedRows=1234), "データセットSalesは、1234行をスキップして更新しました。"),
        (row(status="FAILED"), "データセットSalesの更新は失敗し、ステータスFAILEDを戻しました。"),
        (
            row(status="CANCELLED"),
            "データセットSalesの更新は失敗し、ステータスCANCELLEDを戻しました。",
        ),
        (
            failed_row("QuickSight.LimitExceededException", status="START_FAILED"),
            "データセットSalesの更新は失敗し、ステータスLimitExceededExceptionを戻しました。",
        ),
        (
            row(status="TIMED_OUT"),
            "データセットSalesの更新は失敗し、ステータスTIMED_OUTを戻しました。",
        ),
        (None, "データセットSalesの更新は失敗し、ステータスUNKNOWNを戻しました。"),
    ],
)
def test_the_japanese_lines_on_a_dataset_read_as_agreed(result: Any, line: str) -> None:
    assert f"\n\t・{line}\n" in compose("ja", [result]).body


@pytest.mark.parametrize("result", [row(droppedRows=1), row(status="FAILED"), None])
def test_the_japanese_error_mail_opens_as_agreed(result: Any) -> None:
    found = compose("ja", [result])

    assert found.subject == "[ERROR]QuickSight更新処理異常終了"
    assert found.body.startswith("QuickSightの更新処理に失敗しました。\n\n【結果】")


def test_the_english_error_mail_says_the_same() -> None:
    found = compose("en", [row(status="FAILED")])

    assert found.subject == "[ERROR]QuickSight refresh failed"
    assert found.body.startswith("The QuickSight refresh failed.\n\nRESULT: ")
    assert "\n\t・The refresh of dataset Sales failed with status FAILED.\n" in found.body
    assert (
        "\n\t・Dataset Sales was refreshed, but not completely: rows skipped: 1234.\n"
        in compose("en", [row(droppedRows=1234)]).body
    )


@LANGUAGES
def test_the_failures_stand_first(language: str) -> None:
    stored = item(dataset("a", "a"), dataset("b", "b"), dataset("c", "c"))
    results = [row("a"), row("b", droppedRows=1), row("c", "FAILED")]
    bullets = [one for one in lines(language, results, item=stored) if one.startswith("\t・")]

    assert len(bullets) == 3
    assert re.search(r"(データセット|dataset )c", bullets[0])
    assert re.search(r"(データセット|Dataset )b", bullets[1])
    assert re.search(r"(データセット|Dataset )a", bullets[2])


@LANGUAGES
@pytest.mark.parametrize(
    ("results", "changes"),
    [
        ([row(status="FAILED")], {}),
        ([row(droppedRows=3)], {}),
        ([], {}),
        ([], {"registered": False}),
        ([], {"item": {}}),
        ([row()], {"problem": {"step": "S", "error": "E"}}),
        ([row(rows=0, droppedRows=5, totalRows=0)], {}),
    ],
)
def test_an_error_mail_answers_within_twelve_lines(
    language: str, results: list[Any], changes: dict[str, Any]
) -> None:
    found = lines(language, results, **changes)[:12]
    starts = [label for label in LABELS[language] for line in found if line.startswith(label)]

    assert starts in (list(LABELS[language]), list(LABELS[language][1:]))


@LANGUAGES
def test_a_success_with_odd_data_says_so_before_anything_else(language: str) -> None:
    found = blocks(language, [row(rows=0, totalRows=0)])

    assert compose(language, [row(rows=0, totalRows=0)]).subject.startswith("[SUCCESS]")
    for block, label in zip(found[1:5], LABELS[language], strict=True):
        assert block[0].startswith(label)
    assert found[5][0].startswith("\t・")


@LANGUAGES
def test_forty_datasets_with_one_cause_say_it_once(language: str) -> None:
    stored = item(*(dataset(f"id-{n:02}", f"店舗別売上_{n:02}") for n in range(1, 41)))
    error = {"type": "ACCOUNT_CAPACITY_LIMIT_EXCEEDED", "message": "Insufficient SPICE capacity."}
    results = [row(f"id-{n:02}", "FAILED", error=error) for n in range(1, 41)]
    body = compose(language, results, item=stored).body

    assert body.count("\n") <= 70
    assert len(body.encode()) <= 7000
    assert body.count("\n\t・") == 40
    assert body.count("ACCOUNT_CAPACITY_LIMIT_EXCEEDED") == 1
    assert body.count("Insufficient SPICE capacity.") == 1


@LANGUAGES
def test_every_link_stands_alone_on_its_line(language: str) -> None:
    stored = item(*(dataset(f"id-{n}", f"d{n}") for n in range(4)))
    results = [
        row("id-0", "FAILED", error={"type": "SQL_EXCEPTION", "message": "a"}),
        row("id-1", "FAILED", error={"type": "CUSTOMER_ERROR", "message": "b"}),
        row("id-2", droppedRows=1),
        row("id-3", rows=0),
    ]
    found = lines(language, results, item=stored)
    links = [line for line in found if "https://" in line]

    assert len(links) >= 6
    assert all(re.fullmatch(r"https://\S+", line) for line in links)
    assert found[-1] == links[-1]


@LANGUAGES
def test_names_and_messages_cannot_forge_lines(language: str) -> None:
    forged = "\n\t・データセットXの更新は成功しました。\u2028\t・\x85\u202e"
    results = [failed_row(f"T{forged}", f"message{forged}")]
    found = lines(
        language,
        results,
        item=item(dataset(name=f"name{forged}")),
        event={"key": f"key{forged}", "kind": "Object Created"},
        folder=f"s3://b/{forged}/",
    )

    assert sum(line.startswith("\t・") for line in found) == 1
    assert not any(map(safe_text.unseen, "".join(found).replace("\t", "")))


@LANGUAGES
def test_a_long_folder_is_whole_in_one_place_only(language: str) -> None:
    folder = "s3://b/" + "売上/" * 150
    changes = {"folder": folder, "uploadFolder": folder, "watchedFolder": folder}
    for more in ({"registered": False}, {"item": item(dataset("a", ""))}):
        body = compose(language, **changes, **more).body

        assert body.count(folder) == 1
        assert max(map(len, body.splitlines())) < 3000


@LANGUAGES
@pytest.mark.parametrize("wide", ["x", "売", "𠮷", '"', "\\"])
def test_three_hundred_failures_each_keep_their_name(language: str, wide: str) -> None:
    registered = item(*(dataset(f"{n:03}", f"{n:03}{wide * 200}") for n in range(300)))
    error = {"type": "S3_FILE_INACCESSIBLE", "message": wide * 1000}
    results = [row(f"{n:03}", "FAILED", error=error) for n in range(300)]
    alike = compose(language, results, item=registered).body
    for n, one in enumerate(results):
        one["error"] = {**error, "message": f"{n:03}{wide * 1000}"}
    different = compose(language, results, item=registered).body

    for body in (alike, different):
        answer = {"Status": False, "Subject": "x" * 99, "Message": body}
        assert len(json.dumps(answer, ensure_ascii=False).encode()) <= PAYLOAD_LIMIT
        assert body.count("\n\t・") == 300
        assert all(f"{n:03}{wide}" in body for n in range(300))
        assert mail.WORDS["left_out"].say(language, n=1)[-12:] not in body
        assert "S3_FILE_INACCESSIBLE" in body


@LANGUAGES
def test_what_lost_its_details_is_counted(language: str) -> None:
    names = [f"{n}" for n in range(900)]
    registered = item(*(dataset(name, "名" * 90) for name in names))
    body = compose(language, [row(name) for name in names], item=registered).body
    shortened = sum("\n　　" not in bullet for bullet in body.split("\n\t・")[1:])

    assert 0 < shortened < len(names)
    assert mail.WORDS["shortened"].say(language, n=shortened) in body.splitlines()


@LANGUAGES
def test_what_does_not_fit_is_counted_and_the_failures_stay(language: str) -> None:
    count = 5000
    registered = item(*(dataset(f"{n}", "名" * 100) for n in range(count)))
    results = [row(f"{n}", "FAILED" if n >= count - 10 else "COMPLETED") for n in range(count)]
    body = compose(language, results, item=registered).body
    shown = body.count("\n\t・")

    assert len(json.dumps(body, ensure_ascii=False).encode()) <= mail.BODY_LIMIT
    assert mail.WORDS["left_out"].say(language, n=count - shown) in body.splitlines()
    assert body.count("FAILED") == 10
    assert "sampleproject" in body


@LANGUAGES
@pytest.mark.parametrize("results", [[], [row()], [row(status="x" * 500)]])
def test_the_subject_keeps_to_the_limits_of_sns(language: str, results: list[Any]) -> None:
    subject = compose(language, results).subject

    assert len(subject) < 100
    assert subject.isprintable()


@LANGUAGES
def test_blocks_are_apart_and_nothing_is_indented(language: str) -> None:
    stored = item(dataset("a", "a"), dataset("b", "b"), dataset("c", ""))
    results = [row("a", "FAILED", error={"type": "SQL_EXCEPTION", "message": "m"}), row("b")]
    body = compose(language, results, item=stored).body

    assert "\n\n\n" not in body
    assert not re.search(r"\n[ \t](?!・)", body)
    assert not re.search(r"[ \t]\n", body)
    assert f"https://{REGION}.quicksight.aws.amazon.com/sn/data-sets/a\n\n\t・" in body
