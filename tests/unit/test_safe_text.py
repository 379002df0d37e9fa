"""Foreign text stays on its line, and shows all that is in it."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.loading import load_module

safe_text = load_module("check_ingestion_status", "safe_text")

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
#: Nothing to see, although Unicode calls some of them letters and marks.
BLANK = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u2060\u3164\ufeff\uffa0"


@pytest.mark.parametrize("unsafe", [*"\n\r\t\v\f\0\x1b\x7f\x85\u2028\u2029\xa0\u2003\u202f"])
def test_what_breaks_a_line_or_is_another_space_becomes_a_space(unsafe: str) -> None:
    assert safe_text.one_line(f"a{unsafe}b") == "a b"


@pytest.mark.parametrize("unseen", [*BIDI, *BLANK, "\ufe0f", "\U000e0100", "\U000e0041"])
def test_what_does_not_show_is_left_out_of_names_and_shown_by_number_in_ids(unseen: str) -> None:
    assert safe_text.one_line(f"a{unseen}b") == "ab"
    assert safe_text.visible(f"a{unseen}b") == f"a[U+{ord(unseen):04X}]b"
    assert safe_text.has_hidden(f"a{unseen}")
    assert safe_text.hidden_in(f"{unseen}a{unseen}") == [f"[U+{ord(unseen):04X}]"]


@pytest.mark.parametrize(
    "harmless", ["売上 2026", "a+b%20", "é", "・", "東京　支店", "が", "テ\u3099"]
)
def test_everything_else_is_kept(harmless: str) -> None:
    assert safe_text.one_line(harmless) == harmless
    assert safe_text.visible(harmless) == harmless
    assert not safe_text.has_hidden(harmless)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("id-one\u3000", "id-one[U+3000]"),
        (" id", "[U+0020]id"),
        ("a  b", "a[U+0020][U+0020]b"),
        ("a \u3000b c", "a[U+0020][U+3000]b c"),
        ("a\nb", "a[U+000A]b"),
        ("a\ud800", "a[U+D800]"),
        ("a\u0378", "a[U+0378]"),
    ],
)
def test_spaces_that_nobody_sees_are_shown_by_number_in_ids(value: str, shown: str) -> None:
    assert safe_text.visible(value) == shown


def test_half_a_surrogate_pair_is_replaced_in_names() -> None:
    assert safe_text.one_line("a\ud800b") == "a\ufffdb"


@pytest.mark.parametrize(("length", "shown"), [(5, "aaaaa"), (6, "aaaa…")])
def test_the_end_is_cut_off(length: int, shown: str) -> None:
    assert safe_text.shorten("a" * length, 5) == shown


def test_a_key_keeps_its_file_name() -> None:
    assert safe_text.shorten_start("very/long/folder/file.csv", 10) == "…/file.csv"
    assert safe_text.shorten_start("0file.csv", 9) == "0file.csv"


def test_a_long_folder_keeps_both_ends() -> None:
    assert safe_text.shorten_place("s3://b/" + "x" * 90 + "/sales/", 20) == "s3://b…xxxxxx/sales/"
    assert safe_text.shorten_place("s3://b/a/", 9) == "s3://b/a/"


def test_no_character_of_unicode_hides() -> None:
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp"):
            assert safe_text.unseen(character), hex(number)


@given(text=st.text(st.characters()), limit=st.integers(1, 50))
@examples(50)
def test_any_text_is_one_printable_line_within_its_limit(text: str, limit: int) -> None:
    for how in (safe_text.shorten, safe_text.shorten_start, safe_text.shorten_place):
        shown = how(text, limit)
        assert len(shown) <= limit
        assert len(shown.splitlines()) <= 1
        assert not any(map(safe_text.unseen, shown))


@given(one=st.text(st.characters()), other=st.text(st.characters()))
@examples(50)
def test_two_ids_that_differ_look_different(one: str, other: str) -> None:
    if one != other and "[U+" not in one + other:
        assert safe_text.visible(one) != safe_text.visible(other)
