"""The line that says what to do first."""

from typing import Any

import pytest

from tests.loading import load_module
from tests.unit.mails import FIRST, labelled
from tests.unit.payloads import dataset, failed_row, item, row

meanings = load_module("check_ingestion_status", "meanings")


def told(language: str, *results: dict[str, Any], **changes: Any) -> str:
    ids = [result["datasetid"] for result in results]
    changes = {"item": item(*(dataset(one, f"d-{one}") for one in ids)), **changes}
    return labelled(FIRST, language, list(results), **changes)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_one_failure_says_what_its_meaning_says(language: Any) -> None:
    meant = meanings.meaning("S3_FILE_INACCESSIBLE").first.say(language)

    assert told(language, row("a", "FAILED", error={"type": "S3_FILE_INACCESSIBLE"})) == meant


def test_the_file_is_named_where_it_is_known() -> None:
    assert "2026-11-23.csv" in told("en", row("a", droppedRows=1))
    assert "the file" in told("en", row("a", droppedRows=1), fileEvents=2)


def test_of_several_causes_the_first_is_named_and_the_others_are_pointed_to() -> None:
    said = told("en", row("a", "FAILED"), row("b", droppedRows=1), row("c", "FAILED"))

    assert said.startswith('"d-a" and "d-c": ')
    assert said.endswith("For the other failures see below.")
    assert "For the other failures" not in told("en", row("a", "FAILED"), row("b", "FAILED"))


def test_the_cause_is_mended_and_what_waited_for_it_follows() -> None:
    stored = item(dataset("a", "A", after={"L": [{"S": "p"}]}), dataset("p", "P"))
    alone = told("en", row("p", "FAILED"), item=item(dataset("p", "P")))

    assert told("en", row("p", "FAILED"), item=stored) == (
        f'"P": {alone} The next refresh goes on with "A".'
    )


def test_words_of_the_message_are_quoted_whichever_end_they_stand_at() -> None:
    error = {"type": "SQL_EXCEPTION", "message": "x", "end": "slow down: Rate exceeded]"}

    assert "Rate exceeded" in told("en", row("a", "FAILED", error=error))


@pytest.mark.parametrize(
    ("counts", "last", "words"),
    [
        ({"rows": 0}, None, "Check whether empty is right."),
        ({"rows": 2}, 31183, "Check whether 2026-11-23.csv is cut off."),
        ({"rows": 0, "droppedRows": 5, "totalRows": 0}, None, "the delimiter of 2026-11-23.csv"),
    ],
)
def test_odd_data_is_to_be_looked_at(counts: dict[str, Any], last: int | None, words: str) -> None:
    assert words in told("en", row("a", **counts), history={"a": {"rows": last}})


def test_an_id_with_a_character_nobody_sees_is_to_be_corrected() -> None:
    failed = failed_row("QuickSight.ResourceNotFoundException", status="START_FAILED")

    assert told("en", {**failed, "datasetid": "id\u3000"}) == (
        "Delete the character that one cannot see, [U+3000], from the registered id."
    )
    assert "[U+3000] を消してください" in told("ja", {**failed, "datasetid": "id\u3000"})


def test_a_problem_comes_before_failures() -> None:
    stored = item(dataset("a"), dataset("b", ""))

    assert told("en", row("a", "FAILED"), item=stored) == (
        "Add a datasetname (its name) to dataset number 2 of the registration."
        " For the other failures see below."
    )
    assert told("en", row("a"), item=stored).endswith("of the registration.")


def test_values_with_braces_are_no_placeholders() -> None:
    error = {"type": "{project}", "message": "{0}"}

    assert told("en", row("a", "FAILED", error=error), event={"key": "{x}.csv"})
