"""What an ingestion takes in of CSV files, skips, or ends at."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.services.spice import FIELD_LIMIT, Rows, count_rows, separator

LARGE = "2026/11/01,品,1\n" * 9_000


def read(
    *contents: bytes | str, columns: tuple[str, ...] | None = None, name: str = "a.csv"
) -> Rows:
    """Count the rows of files with these contents."""
    files = [one.encode() if isinstance(one, str) else one for one in contents]
    return count_rows([(name, file) for file in files], columns)


@pytest.mark.parametrize(
    ("content", "good", "bad"),
    [
        (b"a,b\n1,2\n3,4\n", 2, 0),
        (b"a,b\n1\n1,2,3\n1,2\n", 1, 2),
        (b"", 0, 0),
        (b"a,b\n", 0, 0),
        (b"a,b\n\n1,2\n", 1, 0),
        (b'a,b\n"1,x",2\n', 1, 0),
        (b'a,b\n1,2"\n', 1, 0),
        (b'a,b\n"1\n1",2\n"3""",4', 2, 0),
        (b"a\r1\r2\r", 2, 0),
    ],
)
def test_rows_that_do_not_fit_the_columns_are_skipped(content: bytes, good: int, bad: int) -> None:
    rows = read(content)
    assert (rows.good, rows.bad, rows.error) == (good, bad, None)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("日付,値\n1,2\n".encode("shift_jis"), " is not UTF-8 text: line 1"),
        ("a,b\n1,2\n".encode("utf-16"), " is not UTF-8 text: line 1"),
        (b"a,b\n1,2\n\xff,3\n", " is not UTF-8 text: line 3"),
        ("\ufeff日付,値\r\n1,2\r\n", " begins with a byte-order mark (BOM)"),
        (b"a,b\n1,2\n1,\0\n", ", line 3: a NUL character"),
        ('a,b\n1,2\n"1,2\n3,4\n', ", line 3: a quote is never closed"),
        ('a,b\n1,"2', ", line 2: a quote is never closed"),
        ('"a,b\n', ", line 1: a quote is never closed"),
        (f'a,b,c\n1,"24型モニタ,100\n{LARGE}', ", line 2: a quote is never closed"),
    ],
    ids=["Shift_JIS", "UTF-16", "bytes", "BOM", "NUL", "quote", "end", "header", "large"],
)
def test_a_file_that_cannot_be_read_ends_the_ingestion_and_is_named(
    content: bytes | str, wrong: str
) -> None:
    assert read(content).error == f"a.csv{wrong}"


def test_a_dataset_has_the_columns_of_its_first_good_file() -> None:
    title = "sales\na,b\n1,2\n"
    rows = read(title, "a,b\n1,2\n", "a,b,c\n1,2,3\n", "x,y\n5,6\n")
    assert rows.columns == ("a", "b")
    assert (rows.good, rows.bad) == (2, 3)


def test_a_dataset_keeps_the_columns_that_it_was_given() -> None:
    rows = read("a,b\n1,2\n1,2,3\n", columns=("a", "b", "c"))
    assert rows.columns == ("a", "b", "c")
    assert (rows.good, rows.bad) == (1, 1)


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_a_file_with_another_separator_fits_no_dataset(mark: str) -> None:
    rows = read(f"a{mark}b{mark}c\n1{mark}2{mark}3\n")
    assert rows == Rows(0, 1, 1)


def test_a_single_column_is_a_dataset_too() -> None:
    assert separator(["a"]) is None
    assert separator(["a;b", "c"]) is None
    assert read("a\n1\n2;3\n") == Rows(2, 0, 1, ("a",))


def test_a_field_that_is_too_long_costs_its_row() -> None:
    at_most, longer = "品" * FIELD_LIMIT, "品" * (FIELD_LIMIT + 1)
    rows = read(f"a,b\n1,{at_most}\n2,{longer}\n3,{longer * 100}\n")
    assert (rows.good, rows.bad, rows.error) == (1, 2, None)


@given(st.binary(max_size=300))
def test_whatever_a_file_holds_an_ingestion_has_an_end(content: bytes) -> None:
    rows = read(content)
    assert rows.error is None or rows.error.startswith("a.csv")


_TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)


@given(st.lists(st.lists(_TEXT, min_size=2, max_size=2), min_size=2, max_size=8))
def test_whatever_the_cells_hold_each_row_of_a_sound_file_fits(table: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *table])
    assert read(file.getvalue()) == Rows(len(table), 0, 1, ("a", "b"))
