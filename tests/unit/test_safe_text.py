"""Foreign text stays on its line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.loading import load_module

oneline = load_module("check_ingestion_status", "safe_text")

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("unsafe", [*"\n\r\t\v\f\0\x1b\x7f\x85\u2028\u2029", *BIDI])
def test_what_breaks_or_reverses_a_line_becomes_a_space(unsafe: str) -> None:
    assert oneline.one_line(f"a{unsafe}b") == "a b"


@pytest.mark.parametrize("harmless", ["売上 2026", "a+b%20", "👩‍👩‍👧", "é", "・"])
def test_everything_else_is_kept(harmless: str) -> None:
    assert oneline.one_line(harmless) == harmless


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert oneline.one_line("a\ud800b") == "a\ufffdb"


@pytest.mark.parametrize(("length", "shown"), [(5, "aaaaa"), (6, "aaaa…")])
def test_the_end_is_cut_off(length: int, shown: str) -> None:
    assert oneline.shorten("a" * length, 5) == shown


def test_a_key_keeps_its_file_name() -> None:
    assert oneline.shorten_start("very/long/folder/file.csv", 10) == "…/file.csv"
    assert oneline.shorten_start("0file.csv", 9) == "0file.csv"


@given(text=st.text(st.characters()), limit=st.integers(1, 50))
@examples(50)
def test_any_text_is_one_printable_line_within_its_limit(text: str, limit: int) -> None:
    for shown in (oneline.shorten(text, limit), oneline.shorten_start(text, limit)):
        assert len(shown) <= limit
        assert len(shown.splitlines()) <= 1
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
