"""A folder that looks like a registered one, and is another."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.loading import load_module
from tests.unit.payloads import WATCHED

lookalike = load_module("check_ingestion_status", "lookalike")
D = lookalike.Difference


def nfd(name: str) -> str:
    return unicodedata.normalize("NFD", name)


@pytest.mark.parametrize(
    ("folder", "registered", "differences"),
    [
        (nfd("店舗データ/"), "店舗データ/", [D.UNICODE_FORM]),
        ("店舗データ/", nfd("店舗データ/"), [D.UNICODE_FORM]),
        (nfd("café/"), "café/", [D.UNICODE_FORM]),
        ("sales/", "sales", [D.SLASH]),
        ("sales/", "sales//", [D.SLASH]),
        ("sales/", "/sales/", [D.SLASH]),
        ("sales/", "sales/ ", [D.SPACE]),
        ("sales/", "sales/\u3000", [D.SPACE]),
        ("sales/", " sales/", [D.SPACE]),
        ("tokyo sales/", "tokyo\u3000sales/", [D.SPACE]),
        ("sales/", "sa\u200bles/", [D.INVISIBLE]),
        ("sales\ufeff/", "sales/", [D.INVISIBLE]),
        ("Sales/", "sales/", [D.CASE]),
        ("ＳＡＬＥＳ/", "ｓａｌｅｓ/", [D.CASE]),
        ("Sales/", "sales /", [D.SPACE, D.CASE]),
        (nfd("データ/"), "データ", [D.UNICODE_FORM, D.SLASH]),
    ],
)
def test_the_twin_is_found_with_all_that_differs(
    folder: str, registered: str, differences: list[str]
) -> None:
    others = [f"{WATCHED}other/", f"{WATCHED}salesman/", ""]
    found = lookalike.find_twin(WATCHED + folder, [*others, WATCHED + registered])

    assert found.registered == WATCHED + registered
    assert found.folder == WATCHED + folder
    assert list(found.differences) == differences


def test_a_twin_of_a_folder_above_counts_the_nearest_first() -> None:
    known = [f"{WATCHED}SALES/", f"{WATCHED}sales/TOKYO/"]

    found = lookalike.find_twin(f"{WATCHED}sales/tokyo/2026/", known)
    assert (found.registered, found.folder) == (known[1], f"{WATCHED}sales/tokyo/")
    found = lookalike.find_twin(f"{WATCHED}sales/osaka/", known)
    assert (found.registered, found.folder) == (known[0], f"{WATCHED}sales/")


@pytest.mark.parametrize(
    "registered", [[], [f"{WATCHED}sales/"], [f"{WATCHED}sales2/"], ["", "s3://b"], ["s3://b/"]]
)
@pytest.mark.parametrize("folder", [f"{WATCHED}sales/", "s3://b/", "", "x"])
def test_the_same_folder_or_another_is_no_twin(folder: str, registered: list[str]) -> None:
    assert lookalike.find_twin(folder, registered) is None


def test_only_the_marks_that_another_form_would_join_are_numbered() -> None:
    assert lookalike.decomposed_marked(nfd("店舗データ")) == "店舗テ[U+3099]ータ"
    assert lookalike.decomposed_marked("店舗データ\u3000") == "店舗データ[U+3000]"
    assert lookalike.decomposed_marked("x\u0302\u0301") == "x\u0302\u0301"


@pytest.mark.parametrize(
    ("one", "other", "parts"),
    [
        ("s3://b/a/sales/", "s3://b/a/sales", ("sales/", "sales")),
        ("s3://b/A/x/", "s3://b/a/x/", ("A/x/", "a/x/")),
        ("s3://b/a/", "s3://b/a/ ", ("a/", "a/ ")),
        ("s3://b/a/b/", "s3://b/a/b//", ("b/", "b//")),
    ],
)
def test_the_parts_that_differ_are_shown(one: str, other: str, parts: tuple[str, str]) -> None:
    assert lookalike.differing(one, other) == parts


@given(
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    registered=st.lists(st.text(st.sampled_from("aA\u3099テデ /\u200b\u3000s3:")), max_size=4),
)
@examples(60)
def test_any_names_give_a_twin_that_differs_in_something(name: str, registered: list[str]) -> None:
    found = lookalike.find_twin(f"{WATCHED}{name}/", [*registered, WATCHED + nfd(name).upper()])

    if found:
        assert found.differences
        assert found.registered != found.folder
        shown = [lookalike.decomposed_marked(one) for one in (found.registered, found.folder)]
        assert shown[0] != shown[1] or "[U+" in name
