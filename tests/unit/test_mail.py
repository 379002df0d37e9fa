"""The mail that people read."""

import re
import shlex
from typing import Any

import pytest

from tests.loading import load_module
from tests.unit.payloads import (
    EXECUTION,
    FOLDER,
    PROJECT,
    REGION,
    WATCHED,
    dataset,
    failed_row,
    item,
    payload,
    row,
)

mail = load_module("check_ingestion_status", "mail")
outcome = load_module("check_ingestion_status", "verdict")
run = load_module("check_ingestion_status", "run")

LANGUAGES = pytest.mark.parametrize("language", ["ja", "en"])


def compose(language: str, results: Any = (), **changes: Any) -> Any:
    event = payload(results, **changes)
    facts = run.read_run(event, project=PROJECT, region=REGION)
    return mail.compose(outcome.judge(event), facts, language)


def lines(language: str, results: Any = (), **changes: Any) -> list[str]:
    return str(compose(language, results, **changes).body).splitlines()


def details(language: str, results: Any = (), **changes: Any) -> list[str]:
    """Return the lines below bullets."""
    return [line[2:] for line in lines(language, results, **changes) if line.startswith("\t\t")]


def test_the_japanese_success_mail_reads_as_agreed() -> None:
    history = {"id-a": {"rows": 90, "seconds": 11}}
    results = [row(rows=1100, droppedRows=0, seconds=72)]
    found = compose("ja", results, history=history, fileEvents=3)

    assert found.subject == "[SUCCESS]QuickSight更新処理正常終了"
    assert found.body == (
        "QuickSightの更新は正常終了しました。\n"
        "\t・データセットSalesの更新は成功しました。\n"
        "\t\t行数: 1,100行（前回 90行）、所要時間: 1分12秒（前回 11秒）\n"
        "\n"
        "プロジェクト: sampleproject\n"
        f"フォルダ: {FOLDER}\n"
        "起動のきっかけ: 2026-11-23.csvの追加、ほか2件、21:03 JST\n"
        "開始: 2026-11-23 21:03 JST\n"
        "実行の詳細: https://ap-northeast-1.console.aws.amazon.com/states/home"
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
        "\t\tRows: 1,100 (last time 90); Duration: 1 min 12 s (last time 11 s)",
        "",
        "Project: sampleproject",
        f"Folder: {FOLDER}",
        "Started by: 2026-11-23.csv added, and 2 more, 12:03 UTC",
        "Started at: 2026-11-23 12:03 UTC",
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
    assert lines("ja", [result])[1] == f"\t・{line}"


@pytest.mark.parametrize("result", [row(droppedRows=1), row(status="FAILED"), None])
def test_the_japanese_error_mail_opens_as_agreed(result: Any) -> None:
    found = compose("ja", [result])

    assert found.subject == "[ERROR]QuickSight更新処理異常終了"
    assert found.body.startswith("QuickSightの更新処理に失敗しました。\n\t・")


@LANGUAGES
def test_a_failed_dataset_has_cause_next_step_message_numbers_and_link(language: str) -> None:
    failed = failed_row("S3_FILE_INACCESSIBLE", "Access Denied") | {"seconds": 5}
    cause, step, message, numbers, link = details(
        language, [failed], history={"id-a": {"rows": 90}}
    )

    assert cause.startswith(("原因: QuickSightがS3の", "Cause: QuickSight could not read"))
    assert step.startswith(("対処: ファイルが残って", "Next step: Check that the files"))
    assert message in ("メッセージ: 「Access Denied」", 'Message: "Access Denied"')
    assert "90" in numbers
    assert "5" in numbers
    assert link == f"https://{REGION}.quicksight.aws.amazon.com/sn/data-sets/id-a"


@LANGUAGES
def test_a_good_dataset_has_numbers_only(language: str) -> None:
    (numbers,) = details(language, [row(rows=5, droppedRows=0)])

    assert numbers in ("行数: 5行", "Rows: 5")


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({}, "Rows: not reported"),
        ({"seconds": 3}, "Rows: not reported; Duration: 3 s"),
        ({"rows": 5}, "Rows: 5 (skipped rows not reported)"),
        ({"rows": 0, "droppedRows": 0}, "Rows: 0"),
        ({"rows": 5, "totalRows": 5, "droppedRows": 0}, "Rows: 5"),
        ({"rows": 5, "totalRows": 70, "droppedRows": 0}, "Rows: 5 of 70 in the whole dataset"),
        ({"rows": 5, "droppedRows": 0, "seconds": 3600}, "Rows: 5; Duration: 1 h"),
        ({"rows": 5, "droppedRows": 0, "seconds": 0}, "Rows: 5; Duration: 0 s"),
        ({"rows": 5, "droppedRows": 0, "seconds": 3723}, "Rows: 5; Duration: 1 h 2 min 3 s"),
    ],
)
def test_the_numbers_say_what_is_known(counts: dict[str, Any], shown: str) -> None:
    assert details("en", [row(**counts)])[0] == shown


@LANGUAGES
@pytest.mark.parametrize(
    ("counts", "noted"),
    [
        ({"rows": 0}, True),
        ({"rows": 0, "droppedRows": 0, "totalRows": 0}, True),
        ({"rows": 0, "totalRows": 9}, False),
        ({"rows": 1}, False),
        ({}, False),
    ],
)
def test_a_success_without_any_row_is_pointed_out(
    language: str, counts: dict[str, Any], noted: bool
) -> None:
    note = mail.PHRASES["no_rows"].say(language)

    assert (details(language, [row(**counts)])[1:] == [note]) is noted


@LANGUAGES
def test_an_unexpected_error_of_a_function_names_its_log(language: str) -> None:
    problem = {"step": "Produce Ingestion Parameters", "error": "KeyError"}

    assert "/aws/lambda/sampleproject-*" in "".join(details(language, problem=problem))


@LANGUAGES
def test_every_kind_of_failure_has_at_most_three_lines_of_advice(language: str) -> None:
    waiting = {"WaitingOnIngestion": "w", "QueuedIngestion": "q"}
    result = row(status="TIMED_OUT", error={"message": "RUNNING"}, waiting=waiting)
    *advice, link = details(language, [result])

    assert len(advice) == 3
    assert "RUNNING" in advice[2]
    assert "WaitingOnIngestion=w, QueuedIngestion=q" in advice[2]
    assert link.startswith("https://")


@LANGUAGES
@pytest.mark.parametrize(
    ("status", "said"),
    [("START_FAILED", ("開始できません", "did not start")), ("CHECK_FAILED", ("結果を", "result"))],
)
def test_an_api_error_says_which_call_failed(
    language: str, status: str, said: tuple[str, str]
) -> None:
    failed = failed_row("QuickSight.AccessDeniedException", "no", status)
    cause, step, *_ = details(language, [failed])

    assert any(words in cause for words in said)
    assert "quicksight:" in cause
    assert f"arn:aws:quicksight:{REGION}:123456789012:dataset/*/ingestion/*" in step


@LANGUAGES
def test_a_missing_dataset_names_region_and_id(language: str) -> None:
    failed = failed_row("QuickSight.ResourceNotFoundException", "", "START_FAILED")
    cause, step, *_ = details(language, [failed])

    assert REGION in cause
    assert "id-a" in cause
    assert f"--aws-account-id 123456789012 --region {REGION}" in step


@LANGUAGES
def test_an_unregistered_folder_is_told_how_to_register(language: str) -> None:
    _, headline, cause, step, example, *_ = lines(language, registered=False, item={})

    assert FOLDER in headline
    assert WATCHED in cause
    assert f"qsrefresh register {FOLDER} " in step
    assert "aws ddb put sampleproject-parameters file://registration.yaml" in step
    assert f"S3uri = {FOLDER}" in step
    assert f'S3uri: "{FOLDER}"' in example


@LANGUAGES
def test_a_folder_cannot_break_out_of_the_command_that_registers_it(language: str) -> None:
    folder = f"{WATCHED}a'; rm -rf ~; '/"
    found = details(language, registered=False, uploadFolder=folder, folder=WATCHED)

    assert f"register {shlex.quote(folder)} " in found[1]


@LANGUAGES
@pytest.mark.parametrize(
    ("stored", "field"),
    [
        ({}, "datasets"),
        (item(dataset(), dataset("b"), dataset("c", "")), "datasets[2].datasetname"),
        (item(dataset(), ignore={"S": "yes"}), "ignore"),
    ],
)
def test_a_wrong_registration_names_folder_field_and_example(
    language: str, stored: Any, field: str
) -> None:
    found = lines(language, [row(), row("b")], item=stored)
    headline, cause, example, step = found[1:5]

    assert field in headline
    assert FOLDER in headline
    assert cause.startswith(("\t\t原因: ", "\t\tCause: "))
    assert example.startswith(("\t\t記入例: ", "\t\tExample: "))
    assert "aws ddb put sampleproject-parameters" in step


def test_datasets_are_numbered_as_people_count() -> None:
    stored = item(dataset("a"), dataset("b"), None, dataset("b"), dataset("b"), dataset("c"))
    results = [row(name) for name in "abc"]
    found = [line for line in details("en", results, item=stored) if "Dataset number" in line]

    assert [line.removeprefix("Cause: Dataset number ") for line in found] == [
        "3 is not a pair of datasetid and datasetname.",
        "4 has the id of number 2: it is registered twice (and refreshed once).",
        "5 has the id of number 2: it is registered twice (and refreshed once).",
    ]


@LANGUAGES
def test_more_mistakes_than_anybody_reads_are_counted(language: str) -> None:
    bullets = [line for line in lines(language, item=item(*[None] * 30)) if "\t・" in line]

    assert bullets[-1] in (
        f"\t・登録内容の誤りが、ほかに10件あります（フォルダ {FOLDER}）。",
        f"\t・The registration has 10 more errors (folder {FOLDER}).",
    )
    assert "aws ddb put" in details(language, item=item(*[None] * 30))[-1]


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({"registered": False}, f"{WATCHED}new/ has no registered dataset."),
        ({"registered": False, "uploadFolder": ""}, f"{FOLDER} has no registered dataset."),
        (
            {"registered": False, "uploadFolder": None, "folder": None},
            "unknown has no registered dataset.",
        ),
        ({"registered": 5}, f"The registration could not be checked (folder {FOLDER})."),
        (
            {"registered": 5, "folder": ""},
            "The registration could not be checked (folder unknown).",
        ),
    ],
)
def test_a_problem_names_the_folder_it_is_about(changes: dict[str, Any], headline: str) -> None:
    assert lines("en", **{"uploadFolder": f"{WATCHED}new/", **changes})[1] == f"\t・{headline}"


def test_a_folder_that_is_not_known_is_said_to_be_so() -> None:
    assert "Folder: unknown" in lines("en", folder=None, uploadFolder=None)


@LANGUAGES
def test_an_unknown_error_is_named_and_nothing_is_added_to_it(language: str) -> None:
    cause, _, link = details(language, [failed_row("NEW_TYPE")])

    assert "NEW_TYPE" in cause
    assert link.endswith("/id-a")


@LANGUAGES
def test_a_problem_nobody_commented_on_has_no_message(language: str) -> None:
    found = details(language, [row()], problem={"step": "Claim Folder", "error": "States.Timeout"})

    assert not [line for line in found if line.startswith(("メッセージ", "Message"))]


def test_a_result_without_an_id_has_no_link() -> None:
    found = details("en", [row(None)], item=item(dataset()))

    assert [line for line in found if "/data-sets/" in line] == [
        f"https://{REGION}.quicksight.aws.amazon.com/sn/data-sets/id-a"
    ]


@LANGUAGES
def test_a_failed_step_is_named_with_what_to_do(language: str) -> None:
    problem = {
        "step": "Look Up Datasets",
        "error": "DynamoDB.AmazonDynamoDBException",
        "cause": "User: x is not authorized to perform: dynamodb:GetItem",
    }
    _, headline, _, step, message, *_ = lines(language, registered=False, problem=problem)

    assert "Look Up Datasets" in headline
    assert "AmazonDynamoDBException" in headline
    assert "IAM" in step
    assert "dynamodb:GetItem" in message


@pytest.mark.parametrize(
    ("results", "changes", "told"),
    [
        ([row()], {}, False),
        ([row(droppedRows=1)], {}, False),
        ([row(status="FAILED")], {}, True),
        ([], {}, True),
        ([row()], {"problem": {"step": "S"}}, True),
    ],
)
@LANGUAGES
def test_a_failure_says_that_dashboards_keep_the_previous_data(
    language: str, results: list[Any], changes: dict[str, Any], told: bool
) -> None:
    said = mail.PHRASES["previous_data"].say(language)

    assert (said in lines(language, results, **changes)) is told


@LANGUAGES
@pytest.mark.parametrize(("results", "offered"), [([row()], False), ([], True)])
def test_an_error_mail_offers_the_command_to_run_again(
    language: str, results: list[Any], offered: bool
) -> None:
    assert ("aws stepfunctions start-execution" in compose(language, results).body) is offered


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"kind": "Object Deleted", "reason": "DeleteObject"}, "2026-11-23.csv deleted, 12:03 UTC"),
        (
            {"kind": "Object Deleted", "reason": "Lifecycle Expiration"},
            "2026-11-23.csv deleted by a lifecycle rule, 12:03 UTC",
        ),
        ({"kind": "Object Renamed"}, "2026-11-23.csv (Object Renamed), 12:03 UTC"),
        ({"kind": None}, "2026-11-23.csv (unknown), 12:03 UTC"),
        ({"key": ""}, "unknown added, 12:03 UTC"),
        ({"key": "", "kind": ""}, "a start by hand, 12:03 UTC"),
        ({"key": "other/2026.csv"}, "other/2026.csv added, 12:03 UTC"),
        ({"key": "dashboard/data/tokyo_covid19/a/b.csv"}, "a/b.csv added, 12:03 UTC"),
        ({"time": "2026-11-22T12:03:00Z"}, "2026-11-23.csv added, 2026-11-22 12:03 UTC"),
        ({"time": None}, "2026-11-23.csv added"),
    ],
)
def test_the_mail_says_what_started_the_run(event: dict[str, Any], shown: str) -> None:
    whole = payload()["event"] | event

    assert f"Started by: {shown}" in lines("en", [row()], event=whole)


@pytest.mark.parametrize(("events", "said"), [(1, ""), (2, ", and 1 more"), (9, ", and 8 more")])
def test_the_other_file_events_are_counted(events: int, said: str) -> None:
    shown = f"Started by: 2026-11-23.csv added{said}, 12:03 UTC"
    assert shown in lines("en", [row()], fileEvents=events)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Started by: files that arrived during the previous run (3)"),
        ("ja", "起動のきっかけ: 前の実行の間に届いたファイル3件"),
    ],
)
def test_a_run_that_continues_another_names_no_file(language: str, line: str) -> None:
    assert line in lines(language, [row()], continues=True, fileEvents=3)


@pytest.mark.parametrize(("files", "told"), [(1, False), (2, True)])
@LANGUAGES
def test_other_files_of_unregistered_folders_are_told_of(
    language: str, files: int, told: bool
) -> None:
    found = details(language, registered=False, fileEvents=files)
    notes = [line for line in found if line.startswith(("補足: ", "Note: "))]
    assert len(notes) == told
    for note in notes:
        assert note.startswith(("補足: ほかに1件", "Note: 1 more"))
        assert WATCHED in note


@LANGUAGES
def test_a_folder_that_is_not_known_stays_readable_in_the_command(language: str) -> None:
    found = details(language, registered=False, uploadFolder=None, folder=None)

    assert re.search("qsrefresh register (unknown|不明) ", found[1])
    assert not any(line.startswith(("補足: ", "Note: ")) for line in found)


def test_the_day_is_that_of_the_readers_zone() -> None:
    times = {"execution": {"id": EXECUTION, "startedAt": "2026-11-23T15:00:30Z"}}
    late = payload()["event"] | {"time": "2026-11-23T14:59:00Z"}

    assert "起動のきっかけ: 2026-11-23.csvの追加、2026-11-23 23:59 JST" in lines(
        "ja", [row()], event=late, **times
    )
    assert "開始: 2026-11-24 00:00 JST" in lines("ja", [row()], event=late, **times)


def test_a_file_of_the_readers_same_day_needs_no_date() -> None:
    times = {"execution": {"id": EXECUTION, "startedAt": "2026-11-23T15:30:00Z"}}
    early = payload()["event"] | {"time": "2026-11-23T15:29:00Z"}

    assert "起動のきっかけ: 2026-11-23.csvの追加、00:29 JST" in lines(
        "ja", [row()], event=early, **times
    )


@LANGUAGES
def test_links_are_one_to_a_line_and_last_on_it(language: str) -> None:
    results = [failed_row("S3_FILE_INACCESSIBLE", "see https://example.com/x for more")]
    for line in lines(language, results):
        own = re.findall(r"https://\S*amazon\.com\S*", line)
        assert len(own) <= 1
        assert not own or line.endswith(own[0])


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
    assert not any(mark in "".join(found) for mark in "\u2028\u202e\x85")


@LANGUAGES
def test_long_names_and_messages_are_cut(language: str) -> None:
    results = [failed_row("SQL_EXCEPTION", "m" * 1000)]
    body = compose(language, results, item=item(dataset(name="名" * 500))).body

    assert "名" * 99 + "…" in body
    assert "名" * 100 not in body
    assert "m" * 299 + "…" in body
    assert "m" * 300 not in body


@LANGUAGES
@pytest.mark.parametrize("wide", ["x", "売", "𠮷"])
def test_three_hundred_long_failures_all_fit(language: str, wide: str) -> None:
    registered = item(*(dataset(f"{n:03}", f"{n:03}{wide * 200}") for n in range(300)))
    error = {"type": "S3_FILE_INACCESSIBLE", "message": wide * 1000}
    results = [row(f"{n:03}", "FAILED", error=error) for n in range(300)]
    body = compose(language, results, item=registered).body

    assert len(body.encode()) <= mail.BODY_LIMIT
    assert body.count("\n\t・") == 300
    assert all(f"{n:03}{wide}" in body for n in range(300))
    assert "件を省略" not in body
    assert "are left out" not in body
    assert "原因: " in body or "Cause: " in body


@LANGUAGES
def test_what_lost_its_details_is_counted(language: str) -> None:
    names = [f"{n}" for n in range(700)]
    registered = item(*(dataset(name, "名" * 90) for name in names))
    body = compose(language, [row(name) for name in names], item=registered).body
    shortened = sum("\n\t\t" not in bullet for bullet in body.split("\n\t・")[1:])

    assert 0 < shortened < len(names)
    assert mail.PHRASES["shortened"].say(language, n=shortened) in body.splitlines()


@LANGUAGES
def test_what_does_not_fit_is_counted_and_the_failures_stay(language: str) -> None:
    count = 5000
    registered = item(*(dataset(f"{n}", "名" * 100) for n in range(count)))
    results = [row(f"{n}", "FAILED" if n >= count - 10 else "COMPLETED") for n in range(count)]
    body = compose(language, results, item=registered).body
    shown = body.count("\n\t・")

    assert len(body.encode()) <= mail.BODY_LIMIT
    assert mail.PHRASES["left_out"].say(language, n=count - shown) in body.splitlines()
    assert mail.PHRASES["shortened"].say(language, n=shown) in body.splitlines()
    assert body.count("FAILED") == 10
    assert "sampleproject" in body


@LANGUAGES
@pytest.mark.parametrize("results", [[], [row()], [row(status="x" * 500)]])
def test_the_subject_keeps_to_the_limits_of_sns(language: str, results: list[Any]) -> None:
    subject = compose(language, results).subject

    assert len(subject) < 100
    assert subject.isprintable()


def test_a_dataset_without_a_usable_name_is_shown_by_its_id() -> None:
    assert (
        lines("en", [row()], item=item(dataset(name="\n")))[1] == "\t・Dataset id-a was refreshed."
    )
    assert "dataset unknown failed" in lines("en", [row(), row(None)])[1]
