"""What the mail says about a folder that nobody registered, or that only looks registered."""

import json
import unicodedata
from typing import Any

import pytest

from tests.loading import load_module
from tests.unit.mails import FIRST, RESULT, blocks, labelled, lines
from tests.unit.payloads import FOLDER, PROJECT, REGION, WATCHED

lookalike = load_module("check_ingestion_status", "lookalike")
unregistered = load_module("check_ingestion_status", "unregistered")

LANGUAGES = pytest.mark.parametrize("language", ["ja", "en"])
TABLE = "#item-explorer?table=sampleproject-parameters"
NFD = unicodedata.normalize("NFD", "店舗データ/")


def told(language: str, **changes: Any) -> list[str]:
    """Return all lines of the bullet and of the blocks below it."""
    found = blocks(language, registered=False, item={}, **changes)
    start = next(n for n, block in enumerate(found) if block[0].startswith("\t・"))
    return [line for block in found[start:-1] for line in block]


@LANGUAGES
def test_a_new_folder_is_told_how_to_register(language: str) -> None:
    found = told(language)
    new_item, ignore = found[5], found[9]

    assert FOLDER in found[0]
    assert WATCHED in found[1]
    assert found[4].endswith(TABLE)
    assert json.loads(new_item) == {
        "S3uri": {"S": FOLDER},
        "datasets": {
            "L": [{"M": {"datasetid": {"S": "DATASET_ID"}, "datasetname": {"S": "NAME"}}}]
        },
    }
    command = f"qsrefresh --region {REGION} --project {PROJECT}"
    assert found[7] == f"{command} register {FOLDER} DATASET"
    assert ignore == f"{command} ignore {FOLDER}"


@LANGUAGES
@pytest.mark.parametrize("name", ["売上", "a b", "'; rm -rf ~; '", "$(x)", "a\u200bb"])
def test_a_name_that_needs_quotes_has_lines_for_the_console_only(language: str, name: str) -> None:
    folder = f"{WATCHED}{name}/"
    found = told(language, uploadFolder=folder, folder=WATCHED)
    items = [json.loads(line) for line in found if line.startswith("{")]

    assert [one["S3uri"] for one in items] == [{"S": folder}] * 2
    assert items[1]["ignore"] == {"BOOL": True}
    assert all(line.isascii() for line in found if line.startswith("{"))
    assert not any("qsrefresh" in line for line in found)


@LANGUAGES
@pytest.mark.parametrize(("files", "noted"), [(1, False), (2, True)])
def test_other_files_of_unregistered_folders_are_told_of(
    language: str, files: int, noted: bool
) -> None:
    found = told(language, fileEvents=files)
    notes = [line for line in found if line.startswith(("ほかに1件", "1 more files"))]

    assert len(notes) == noted
    assert all(WATCHED in note for note in notes)


@LANGUAGES
@pytest.mark.parametrize(("levels", "noted"), [(0, False), (11, False), (12, True), (500, True)])
def test_what_was_not_looked_at_is_told(language: str, levels: int, noted: bool) -> None:
    found = told(language, uploadFolder=WATCHED + "a/" * levels)

    assert unregistered.LEVELS == 11
    assert any(("11階層" if language == "ja" else "11 levels") in line for line in found) == noted


@LANGUAGES
def test_a_folder_that_is_not_known_has_nothing_to_paste(language: str) -> None:
    found = told(language, uploadFolder=None, folder=None)

    assert found[0].startswith(("\t・不明 ", "\t・unknown "))
    assert len(found) == 2


@pytest.mark.parametrize(
    ("folder", "registered", "arrived", "shown"),
    [
        (NFD, "店舗データ/", "店舗テ[U+3099]ータ/ (NFD, as Macs write names)", "店舗データ/ (NFC)"),
        ("sales/", "sales", "sales/", "sales"),
        ("sales/", "sales/\u3000", "sales/", "sales/[U+3000]"),
        ("sales/", "sales\u200b/", "sales/", "sales[U+200B]/"),
        ("Sales/", "sales/", "Sales/", "sales/"),
    ],
)
def test_a_lookalike_shows_both_and_what_differs(
    folder: str, registered: str, arrived: str, shown: str
) -> None:
    known = [f"{WATCHED}other/", WATCHED + registered]
    found = told("en", uploadFolder=WATCHED + folder, registeredFolders=known)
    (kind,) = lookalike.find_twin(WATCHED + folder, known).differences

    assert unregistered.HOW[kind].en in found[1]
    assert found[2:4] == [f"Arrived: {arrived}", f"Registered: {shown}"]
    assert {"S": WATCHED + folder} in [json.loads(one) for one in found if one.startswith("{")]
    assert "slightly" in labelled(
        RESULT, "en", registered=False, uploadFolder=WATCHED + folder, registeredFolders=known
    )


@pytest.mark.parametrize(
    ("registered", "mend"), [("sales", True), ("sales/ ", True), ("SALES/", False)]
)
def test_the_file_is_moved_unless_the_registration_is_wrong(registered: str, mend: bool) -> None:
    known = [WATCHED + registered]
    changes = {"uploadFolder": f"{WATCHED}sales/", "registeredFolders": known}
    said = labelled(FIRST, "en", registered=False, **changes)

    assert said.startswith("Correct the registration" if mend else "In the S3 console")


def test_a_lookalike_of_plain_names_is_moved_by_a_command() -> None:
    known = [f"{WATCHED}sales"]
    found = told("en", uploadFolder=f"{WATCHED}sales/", registeredFolders=known)

    assert f"qsrefresh --region {REGION} --project {PROJECT} move {known[0]} {known[0]}/" in found


@pytest.mark.parametrize("known", [None, "x", [5, None, {}], [""], [WATCHED]])
def test_odd_or_other_registrations_are_no_lookalikes(known: Any) -> None:
    assert "has no registered dataset" in told("en", registeredFolders=known)[0]
    assert "Arrived" not in "".join(lines("en", registered=False, registeredFolders=known))
