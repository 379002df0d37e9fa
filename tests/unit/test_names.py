"""How the first lines call folder, file and datasets."""

from typing import Any

import pytest

from tests.loading import load_module
from tests.unit.mails import judged, read_run
from tests.unit.payloads import WATCHED, dataset, item, payload, row

names = load_module("check_ingestion_status", "names")
language = load_module("check_ingestion_status", "language")
THE_FILE = load_module("check_ingestion_status", "meanings").THE_FILE


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("sales/", "sales"),
        ("a/b_c-d.e/", "b_c-d.e"),
        ("売上/", "売上"),
        ("店舗テ\u3099ータ/", "店舗データ"),
        ("x" * 30 + "/", "x" * 30),
        ("x" * 31 + "/", ""),
        ("a b/", ""),
        ("a\u200bb/", ""),
        ("\u3164/", ""),
        ("【結果】/", ""),
    ],
)
def test_a_folder_is_called_by_its_last_name_if_nothing_is_odd_about_it(
    folder: str, name: str
) -> None:
    assert names.folder_name(read_run(payload(folder=WATCHED + folder))) == name


def test_an_unknown_folder_has_no_name() -> None:
    assert names.folder_name(read_run(payload(folder=None, uploadFolder=None))) == ""


@pytest.mark.parametrize(
    ("count", "ja", "en"),
    [
        (1, "「d1」", '"d1"'),
        (2, "「d1」と「d2」", '"d1" and "d2"'),
        (3, "「d1」、「d2」と「d3」", '"d1", "d2" and "d3"'),
        (4, "4件", "4 datasets"),
    ],
)
def test_up_to_three_datasets_are_called_by_name(count: int, ja: str, en: str) -> None:
    ids = [f"d{n}" for n in range(1, count + 1)]
    stored = item(*(dataset(one, one) for one in ids))
    outcomes = judged(payload([row(one) for one in ids], item=stored)).outcomes

    assert names.dataset_names(language.Voice("ja"), outcomes) == ja
    assert names.dataset_names(language.Voice("en"), outcomes) == en


@pytest.mark.parametrize(
    ("name", "shown"), [(" \n", "id-a"), ("\u200b", "id-a"), ("a\u200bb", "ab")]
)
def test_a_dataset_without_a_name_to_see_is_called_by_its_id(name: str, shown: str) -> None:
    (outcome,) = judged(payload([row()], item=item(dataset(name=name)))).outcomes

    assert names.dataset_name(outcome) == shown


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, True),
        ({"fileEvents": 2}, False),
        ({"continues": True}, False),
        ({"event": {"key": "a/b.csv", "kind": "Object Deleted"}}, False),
        ({"event": {}}, False),
    ],
)
def test_the_file_is_named_if_it_is_the_only_one(changes: dict[str, Any], named: bool) -> None:
    found = names.file_name(read_run(payload(**changes)))

    assert found == ("2026-11-23.csv" if named else THE_FILE)
