"""How an ingestion reads the CSV files of a dataset: the rows it takes, those it skips, its end.

Imitates: UTF-8 text without a byte-order mark, and no other; a quote that is never closed, or a NUL
(here the end of the ingestion); the columns of a dataset, given or those of its first good file;
rows that do not fit them (here skipped and counted, also where they have too few fields); a field
of more than 2,047 characters (here its row is skipped); an ingestion of which no row fits (here all
are skipped, and the dataset is empty); the type of the error in a file (here CUSTOMER_ERROR).
Does not imitate: types of values, names of columns, other formats than CSV, the quotas of columns,
files, rows and bytes, the summary of skipped rows.
"""

import codecs
import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

#: Characters of a field, of https://docs.aws.amazon.com/quick/latest/userguide/data-source-limits.html
#: (65,534 where a dataset was made with the new data preparation).
FIELD_LIMIT = 2_047
#: What people separate columns with instead of commas.
OTHER_SEPARATORS = ";\t|"
#: A line after a file's last: a row of its own, unless a quote is still open.
_END = "\0"

csv.field_size_limit(2**31 - 1)  # Python's own limit of 131,072 characters is none of SPICE's


class UnreadableError(Exception):
    """A file that ends its ingestion; says which, where, and what is wrong with it."""


@dataclass(frozen=True)
class Rows:
    """What one look at a dataset's files found.

    Attributes:
        good: rows that are taken in.
        bad: rows that are skipped.
        files: how many files were read.
        columns: the dataset's, as given or as found; None: no file tells.
        error: what ends the ingestion, if anything does.
    """

    good: int
    bad: int
    files: int
    columns: tuple[str, ...] | None = None
    error: str | None = None


def count_rows(files: Iterable[tuple[str, bytes]], columns: tuple[str, ...] | None = None) -> Rows:
    """Count the rows of CSV files: those that fit the dataset's columns, and the others.

    Args:
        files: each file's key and content.
        columns: the dataset's; None: it gets those of the first file of which a row fits.
    """
    good = bad = number = 0
    for key, content in files:
        number += 1
        rows = _rows(key, content)
        fitting = 0
        try:
            header = next(rows, [])
            width = len(columns or columns_of(header))
            for row in rows:
                if len(row) == width and max(map(len, row)) <= FIELD_LIMIT:
                    fitting += 1
                elif row:
                    bad += 1
        except UnreadableError as error:
            return Rows(good, bad, number, columns, str(error))
        good += fitting
        if fitting and columns is None:
            columns = tuple(header)
    return Rows(good, bad, number, columns)


def columns_of(header: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a dataset that is made for a file with this first line.

    Nobody makes a dataset of one column where another separator than a comma gives more.
    """
    found = separator(header)
    return tuple(header[0].split(found)) if found else tuple(header)


def separator(header: Sequence[str]) -> str | None:
    """Return what separates the columns of a first line that has a single one for commas."""
    if len(header) != 1:
        return None
    likely = max(OTHER_SEPARATORS, key=header[0].count)
    return likely if likely in header[0] else None


def _rows(key: str, content: bytes) -> Iterator[list[str]]:
    """Yield the rows of a file, its first line among them.

    Raises:
        UnreadableError: it is no UTF-8 text, begins with a byte-order mark, or cannot be parsed.
    """
    text = io.StringIO(_text(key, content), newline="")
    reader = csv.reader(itertools.chain(text, [_END]))
    line = 1
    for row in reader:
        if row and row[-1].endswith(_END):
            if row != [_END]:
                raise UnreadableError(f"{key}, line {line}: a quote is never closed")
            return
        yield row
        line = reader.line_num + 1


def _text(key: str, content: bytes) -> str:
    if content.startswith(codecs.BOM_UTF8):
        raise UnreadableError(f"{key} begins with a byte-order mark (BOM)")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"{key} is not UTF-8 text: line {line}") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableError(f"{key}, line {line}: a NUL character")
    return text
