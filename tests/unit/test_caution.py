"""The line before all others, about data that a person should look at."""

import unicodedata
from typing import Any

import pytest

from tests.unit.mails import CAUTION, DASHBOARDS, FIRST, labelled
from tests.unit.payloads import WATCHED, dataset, item, row


@pytest.mark.parametrize(
    ("counts", "last", "ja", "en"),
    [
        (
            {"rows": 0, "totalRows": 0},
            4020,
            "「Sales」に取り込まれたのは0行です（前回 4,020行）。",
            '0 rows were read into "Sales" (last time 4,020).',
        ),
        (
            {"rows": 0},
            None,
            "「Sales」に取り込まれたのは0行です。",
            '0 rows were read into "Sales".',
        ),
        (
            {"rows": 0, "droppedRows": 31218, "totalRows": 0},
            None,
            "「Sales」は全31,218行がスキップされ、取り込みは0行です。",
            'all 31,218 rows of "Sales" were skipped; 0 were read.',
        ),
        (
            {"rows": 2, "totalRows": 2},
            31183,
            "「Sales」の行数が大きく減りました: 31,183行 → 2行。",
            '"Sales" lost most of its rows: 31,183 before, 2 now.',
        ),
        ({"rows": 5}, 9, "", ""),
        ({"status": "FAILED"}, 31183, "", ""),
    ],
)
def test_odd_data_is_told(counts: dict[str, Any], last: int | None, ja: str, en: str) -> None:
    history = {"id-a": {"rows": last}}

    assert labelled(CAUTION, "ja", [row(**counts)], history=history) == ja
    assert labelled(CAUTION, "en", [row(**counts)], history=history) == en


def test_three_are_told_and_the_rest_counted() -> None:
    ids = [f"d{n}" for n in range(5)]
    results = [row(one, rows=0) for one in ids]
    stored = item(*(dataset(one, one) for one in ids))
    said = labelled(CAUTION, "en", results, item=stored)

    assert said.count("0 rows were read into") == 3
    assert said.endswith(" There are 2 more.")


def test_a_file_in_a_folder_that_only_looks_the_same_is_told_of() -> None:
    folder = f"{WATCHED}店舗データ/"
    here = unicodedata.normalize("NFD", f"{folder}2026/")
    said = labelled(CAUTION, "en", [row(rows=5)], folder=folder, uploadFolder=here)

    assert said == (
        "the file lies in another folder that looks like the registered one"
        " (店舗テ[U+3099]ータ/2026/, NFD)."
    )
    shown = labelled(DASHBOARDS, "en", [row(rows=5)], folder=folder, uploadFolder=here)
    assert shown == '"Sales" shows the new data. They may lack the file that arrived.'
    first = labelled(FIRST, "en", [row(rows=5)], folder=folder, uploadFolder=here)
    assert first.startswith("In the S3 console, open the folder with the registered name")


@pytest.mark.parametrize(
    ("folder", "here"),
    [("sales/", "sales/2026/"), ("", "sales/"), ("sales/", ""), ("sales/", "other/")],
)
def test_a_file_below_the_registered_folder_is_not(folder: str, here: str) -> None:
    changes = {"folder": folder and WATCHED + folder, "uploadFolder": here and WATCHED + here}

    assert labelled(CAUTION, "en", [row(rows=5)], **changes) == ""
