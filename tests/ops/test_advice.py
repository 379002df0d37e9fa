"""Why a refresh did not end well and what to do about it, as the mail about it says it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from qsrefresh import advice as advices
from qsrefresh.advice import Advice, advice, lines_about, ways
from qsrefresh.language import Voice
from qsrefresh.meanings import meaning_of_status
from qsrefresh.project import Project
from qsrefresh.refreshes import DatasetResult, FolderRefresh, Outcome
from qsrefresh.troubles import died, step_failed, unregistered
from tests.loading import load_module
from tests.ops.conftest import FOLDER
from tests.unit.mails import compose
from tests.unit.payloads import failed_row

MACHINE = "sampleproject-create-and-check-ingestion"
ARN = f"arn:aws:states:ap-northeast-1:123456789012:execution:{MACHINE}:run"
PROJECT = Project(
    "sampleproject", "sampleproject-parameters", "arn:aws:sns:ap-northeast-1:123456789012:x"
)
VOICES = (Voice("ja"), Voice("en"))


def refresh(*datasets: DatasetResult, **more: Any) -> FolderRefresh:
    outcome = more.pop("outcome", Outcome.ERROR)
    started = datetime(2026, 11, 26, tzinfo=UTC)
    return FolderRefresh(ARN, FOLDER, outcome, started, datasets=datasets, **more)


def failed(name: str, error: str = "SQL_EXCEPTION", message: str = "no", **more: Any) -> Any:
    return DatasetResult(f"id-{name}", name, "FAILED", error_type=error, message=message, **more)


def only(*datasets: DatasetResult, **more: Any) -> Advice:
    (found,) = advice([refresh(*datasets, **more)], PROJECT)
    return found


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.language)
@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        ("FAILED", "DATA_SOURCE_AUTH_FAILED", "not let in"),
        ("FAILED", "SQL_EXCEPTION", "Rate exceeded"),
        ("START_FAILED", "QuickSight.LimitExceededException", "32"),
        ("START_FAILED", "QuickSight.AccessDeniedException", "is not authorized"),
        ("CHECK_FAILED", "QuickSight.ThrottlingException", "slow"),
        ("TIMED_OUT", "TIMED_OUT", "RUNNING"),
    ],
)
def test_it_is_told_in_the_lines_of_the_mail(
    voice: Voice, status: str, error: str, message: str
) -> None:
    row = failed_row(error, message, status=status)
    mail = compose(voice.language, [row]).body.splitlines()
    ours = only(
        DatasetResult("id-a", "Sales", status, error_type=error, message=message),
        file="2026-11-23.csv",
    )
    lines = [line.strip("・ ") for line in ours.lines(voice)]
    assert lines[0] in [line.strip("\t・") for line in mail]
    labels = ("原因: ", "対処: ", "Cause: ", "Next step: ", "【まず】", "FIRST: ", "エラー種別")
    told = [line for line in lines if line.startswith(labels)]
    assert len(told) >= 2
    for line in told:
        assert line in mail


def test_one_cause_of_many_is_said_once() -> None:
    found = only(*(failed(f"d{number}") for number in range(40)))
    lines = found.lines(Voice())
    assert sum(line.startswith("・") for line in lines) == 40
    assert sum("Cause: " in line for line in lines) == 1
    assert not any("https://" in line for line in lines)


def test_two_causes_are_told_apart_and_links_stand_by() -> None:
    found = advice([refresh(failed("a"), failed("b"), failed("c", message="other"))], PROJECT)
    assert [len(one.bullets) for one in found] == [2, 1]
    page = "https://ap-northeast-1.quicksight.aws.amazon.com/sn/data-sets/id-c"
    assert found[1].links == [page]


def test_over_several_runs_a_cause_is_still_said_once() -> None:
    runs = [refresh(failed("a"), file="x.csv"), refresh(failed("a"), file="y.csv")]
    (found,) = advice(runs, PROJECT)
    assert len(found.bullets) == 1
    assert "x.csv" not in " ".join(found.lines(Voice()))


def test_what_ended_well_or_goes_on_needs_no_advice() -> None:
    runs = [
        refresh(failed("a"), outcome=one) for one in Outcome if one.value not in ("ERROR", "DIED")
    ]
    assert advice(runs, PROJECT) == []
    assert lines_about(Voice(), runs[0], PROJECT) == []


def test_a_record_without_the_error_points_to_the_run_that_knows_it() -> None:
    lines = only(failed("a", error="", message="", known=False)).lines(Voice())
    assert lines[-1] == f"  Why, and what to do: qsrefresh explain {ARN}"
    assert not any("gave no reason" in line for line in lines)


def test_attempts_are_told_with_what_ended_them() -> None:
    lines = only(failed("a", before=["QUERY_TIMEOUT", "QUERY_TIMEOUT"])).lines(Voice())
    assert "・Attempts: 3 (before: QUERY_TIMEOUT, QUERY_TIMEOUT)" in lines
    assert not any("Attempts" in line for line in only(failed("a", attempts=1)).lines(Voice()))


def test_what_was_not_started_names_what_it_waited_for() -> None:
    for short, words in ((False, "was not refreshed"), (True, "has too few rows")):
        child = DatasetResult("id-c", "c", "NOT_STARTED", parent="p", parent_short=short)
        lines = only(child).lines(Voice())
        assert lines[0] == "・The refresh of dataset c failed with status NOT_STARTED."
        assert f'Cause: "p", which comes before it, {words}' in lines[1]
        assert not any("https://" in line for line in lines)


def test_too_few_rows_are_told_with_the_number_that_was_asked_for() -> None:
    few = DatasetResult("id-a", "a", "COMPLETED", 5, short=True, minimum=10000)
    lines = only(few).lines(Voice())
    assert lines[0] == "・Dataset a was refreshed, but with fewer rows than 10,000."
    assert any("lower minrows" in line for line in lines)


@pytest.mark.parametrize(
    ("status", "cause", "who"),
    [
        ("ABORTED", "The run was stopped.", "StopExecution"),
        ("TIMED_OUT", "The run ran out of time.", "red step"),
        ("FAILED", "unexpected error", "red step"),
    ],
)
def test_a_run_that_died_is_told_with_its_own_cause(status: str, cause: str, who: str) -> None:
    trouble = died(status, "Operator", "wrong file", "Wait For More Files")
    text = "\n".join(only(outcome=Outcome.DIED, troubles=[trouble]).lines(Voice()))
    assert cause in text
    assert 'Message: "Operator: wrong file"' in text
    assert who in text


def test_a_step_that_failed_explains_the_datasets_without_a_result() -> None:
    trouble = step_failed(
        "Count Files", "DynamoDB.AmazonDynamoDBException", "Throttling: Rate exceeded"
    )
    unknown = DatasetResult("id-a", "a", "UNKNOWN")
    found = advice([refresh(unknown, troubles=[trouble])], PROJECT)
    assert [one.meaning.group for one in found if one.meaning] == ["step_temporary", "not_reached"]
    assert only(unknown).meaning == meaning_of_status("")
    assert found[0].lines(Voice("ja"))[0].startswith("・ステップ「Count Files」でエラー")


def test_the_ways_are_commands_with_everything_filled_in() -> None:
    voice = Voice()
    for found, expected in (
        (only(failed("a")), [f"To run it again: qsrefresh run {FOLDER} --wait"]),
        (only(failed("a", "INGESTION_SUPERSEDED")), []),
        (only(failed("a", "CUSTOMER_ERROR")), []),
    ):
        assert ways(voice, FOLDER, [found]) == expected
    nobody = only(troubles=[unregistered("s3://b/x\u200b/", "s3://b/")])
    register, ignore = ways(voice, "s3://b/x\u200b/", [nobody])
    assert register.endswith("qsrefresh register 's3://b/x[U+200B]/' DATASET")
    assert ignore.endswith("qsrefresh ignore 's3://b/x[U+200B]/'")


def test_its_words_are_those_of_the_mail() -> None:
    entries = load_module("check_ingestion_status", "dataset_entries").WORDS
    for name in ("failed", "skipped", "short", "attempts", "cause", "next_step"):
        assert tuple(advices.WORDS[name]) == tuple(entries[name])
    first = load_module("check_ingestion_status", "first").WORDS
    assert tuple(advices.WORDS["first"]) == tuple(first["first"])
    said = load_module("check_ingestion_status", "service_message").WORDS
    for language in ("ja", "en"):
        whole = getattr(said["whole"], language)
        message = getattr(said["step"], language).format(note="", words=whole)
        assert getattr(advices.WORDS["message"], language) == message
