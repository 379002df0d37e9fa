"""What is guessed about a file that somebody drops."""

import pytest

from local.programs.csv_hints import hint


@pytest.mark.parametrize(
    ("content", "english", "japanese"),
    [
        ("\ufeff日付,値\n1,2\n".encode(), "byte-order mark (BOM)", "BOMが付いています"),
        ("日付,値\n1,2\n".encode("utf-16"), "UTF-16?", "UTF-16のようです"),
        ("日付,値\n1,2\n".encode("cp932"), "Shift_JIS?", "Shift_JISのようです"),
        ("a,b\ncafé,2\n".encode("latin-1"), "no UTF-8 text", "UTF-8ではありません"),
        (b"a,b\n1,\0\n", "a NUL character", "NUL文字"),
        (b"a;b;c\n1;2;3\n", "1 column; is the separator ; ?", "区切り文字が「;」のよう"),
        (b"a\tb\n1\t2\n", "1 column; is the separator TAB ?", "区切り文字が「TAB」のよう"),
        (b"a|b\r\n1|2\r\n", "1 column; is the separator | ?", "区切り文字が「|」のよう"),
    ],
)
def test_an_odd_file_is_told_in_both_languages(content: bytes, english: str, japanese: str) -> None:
    assert english in str(hint(content, "en"))
    assert japanese in str(hint(content, "ja"))


@pytest.mark.parametrize("content", [b"", b"a\n1\n", "日付,値\n1,2\n".encode(), b'"a;b",c\n1,2\n'])
def test_nothing_is_said_of_a_sound_file(content: bytes) -> None:
    assert hint(content, "en") is None
