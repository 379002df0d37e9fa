"""How to run it again is said where that helps, and nowhere else."""

import json
from typing import Any

import pytest

from tests.loading import load_module
from tests.unit.mails import compose, lines
from tests.unit.payloads import FOLDER, PROJECT, REGION, WATCHED, dataset, failed_row, item, row

run_again = load_module("check_ingestion_status", "run_again")

LANGUAGES = pytest.mark.parametrize("language", ["ja", "en"])
INPUT = f'{{"folder":"{FOLDER}"}}'
COMMAND = f"qsrefresh --region {REGION} --project {PROJECT} run {FOLDER}"
LIMIT = failed_row("QuickSight.LimitExceededException", status="START_FAILED")


@LANGUAGES
def test_the_ways_go_from_the_easiest_to_the_command(language: str) -> None:
    found = lines(language, [failed_row("S3_FILE_INACCESSIBLE")])
    start = found.index(run_again.WORDS["put"].say(language))

    assert found[start : start + 6] == [
        run_again.WORDS["put"].say(language),
        run_again.WORDS["two_ways"].say(language),
        run_again.WORDS["console"].say(language),
        INPUT,
        run_again.WORDS["command"].say(language),
        COMMAND,
    ]
    assert "Start new execution" in found[start + 2]
    assert "Redrive" in found[start + 2]
    assert found[start + 6] == ""


@pytest.mark.parametrize(
    ("results", "offered"),
    [
        pytest.param([row()], False, id="a success"),
        pytest.param([row(rows=0)], False, id="a success with odd data"),
        pytest.param([row(droppedRows=1)], False, id="the corrected file is the re-run"),
        pytest.param([failed_row("CUSTOMER_ERROR")], False, id="the file again"),
        pytest.param([row(status="TIMED_OUT")], False, id="still running"),
        pytest.param([failed_row("INGESTION_SUPERSEDED")], False, id="another one runs"),
        pytest.param([LIMIT], True, id="the limit"),
        pytest.param([failed_row("S3_FILE_INACCESSIBLE")], True, id="a permission"),
        pytest.param([], True, id="no result"),
    ],
)
def test_it_is_offered_where_it_helps(results: list[Any], offered: bool) -> None:
    found = lines("en", results)

    assert (INPUT in found) is offered
    assert (COMMAND in found) is offered


def test_one_refresh_that_still_runs_is_not_to_be_ended_by_another() -> None:
    stored = item(dataset("id-a"), dataset("id-b"))
    results = [failed_row("S3_FILE_INACCESSIBLE"), row("id-b", "TIMED_OUT")]

    assert INPUT not in lines("en", results, item=stored)


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({"registered": False}, False),
        ({"registered": False, "registeredFolders": [FOLDER[:-1]]}, False),
        ({"item": {}}, True),
        ({"registered": None}, True),
        ({"problem": {"step": "S", "error": "States.Timeout"}}, True),
        ({"execution": None}, False),
        ({"folder": None, "uploadFolder": None}, False),
    ],
)
def test_a_problem_is_mended_first(changes: dict[str, Any], offered: bool) -> None:
    assert any(line.startswith('{"folder"') for line in lines("en", **changes)) is offered


@LANGUAGES
@pytest.mark.parametrize("name", ["売上", "a b", "'; rm -rf ~; '", "\u200b", "“x”", "`x`", "a\nb"])
def test_a_name_that_needs_quotes_has_the_line_for_the_console_only(
    language: str, name: str
) -> None:
    folder = f"{WATCHED}{name}/"
    found = lines(language, [failed_row("S3_FILE_INACCESSIBLE")], folder=folder)
    (shown,) = (line for line in found if line.startswith('{"folder"'))

    assert shown.isascii()
    assert json.loads(shown) == {"folder": folder}
    assert run_again.WORDS["one_way"].say(language) in found
    assert not any("qsrefresh" in line for line in found)


@LANGUAGES
def test_the_input_never_says_that_it_continues_another_run(language: str) -> None:
    # With it the run would count no file, and end without refresh and mail.
    body = compose(language, [failed_row("S3_FILE_INACCESSIBLE")], continues=True).body

    assert INPUT in body.splitlines()


@pytest.mark.parametrize(
    ("parent", "offered"),
    [(failed_row("S3_FILE_INACCESSIBLE"), True), (row(droppedRows=0), False)],
)
def test_what_was_not_started_offers_nothing_of_its_own(parent: Any, offered: bool) -> None:
    order = {"after": {"L": [{"S": "id-a"}]}}
    stored = item(dataset(minrows={"N": "2"}), dataset("c", **order))

    assert any(one.startswith('{"folder"') for one in lines("en", [parent], item=stored)) is offered
