"""A Japanese page says what its English twin says: commands, tables, numbers, headings.

What is not translated yet is listed as a warning, not failed: a section that only the English page
has, one whose heading says 翻訳待ち (translation pending), and prose that names other things.
"""

import re
import warnings
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from tests.docs.pages import Picture, blocks, prose, section
from tests.loading import ROOT

#: Every Japanese page; its English twin has the same name without ``.ja``.
PATHS = sorted([ROOT / "README.ja.md", *(ROOT / "docs").rglob("*.ja.md")])
PENDING = "翻訳待ち"
#: Hiragana, katakana, kanji.
JAPANESE_LETTER = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")
#: A title that is a name: QuickSight, `qsrefresh`.
NAME = re.compile(r"`[^`]+`|[A-Z]\w*[A-Z]\w*")
#: A cell that reads the same in every language: all code, all bold, or without a letter.
SAME_CELL = re.compile(r"`[^`]+`|\*\*[^*]+\*\*|[^A-Za-z]*")
#: The words for what a parameter has for a default.
DEFAULTS = {"none": "なし", "empty": "空"}


def headings(text: str) -> list[tuple[int, str]]:
    """Return level and title of every heading."""
    found = re.findall(r"^(#+) (.+)$", prose(text), re.MULTILINE)
    return [(len(marks), title) for marks, title in found]


def own_prose(title: str, text: str) -> str:
    """Return what stands under a heading, up to the next of any level, without code blocks."""
    return re.split(r"^#+ ", prose(section(title, text)), maxsplit=1, flags=re.MULTILINE)[0]


def tables(text: str) -> list[list[list[str]]]:
    """Return the cells of every table, head and line included, as they are written."""
    found = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
        for table in found
    ]


def numbers(text: str) -> set[str]:
    """Return the numbers written in digits, outside links."""
    plain = re.sub(r"\]\([^)]*\)", "]", text)
    return set(re.findall(r"\d+(?:[.,]\d+)*", plain))


def named(text: str) -> set[str]:
    """Return what a text links to, whichever twin, and what stands in code quotes."""
    links = re.findall(r"\]\((#|[^)\s]+)", text)
    code = re.findall(r"`([^`]+)`", text)
    return {re.sub(r"(\.ja)?\.md(#.*)?$", "", link) for link in links} | set(code)


def without_comments(block: str) -> str:
    return re.sub(r" +#.*$", "", block, flags=re.MULTILINE)


class Twins:
    """An English page and its translation, heading by heading."""

    def __init__(self, path: Path) -> None:
        english = path.with_name(path.name.replace(".ja.md", ".md"))
        self.name = english.relative_to(ROOT).as_posix()
        self.english = english.read_text(encoding="utf-8")
        self.japanese = path.read_text(encoding="utf-8")
        self.pairs: list[tuple[str, str]] = []
        self.untranslated: list[str] = []
        self.surplus: list[str] = []
        self._match()

    def _match(self) -> None:
        theirs, ours = headings(self.english), headings(self.japanese)
        marks = [
            [(level, frozenset(named(own_prose(title, text)))) for level, title in titles]
            for titles, text in ((theirs, self.english), (ours, self.japanese))
        ]
        matcher = SequenceMatcher(None, marks[0], marks[1], autojunk=False)
        for _, first, last, start, end in matcher.get_opcodes():
            english = [title for _, title in theirs[first:last]]
            japanese = [title for _, title in ours[start:end]]
            for pair in zip(english, japanese, strict=False):
                if PENDING in pair[1]:
                    self.untranslated.append(pair[0])
                else:
                    self.pairs.append(pair)
            self.untranslated += english[len(japanese) :]
            self.surplus += japanese[len(english) :]

    def prose(self) -> Iterator[tuple[str, str, str]]:
        """Yield heading, English and Japanese prose of what is translated."""
        for english, japanese in self.pairs:
            yield (
                english,
                own_prose(english, self.english),
                own_prose(japanese, self.japanese),
            )


PAGES = [Twins(path) for path in PATHS]
every_page = pytest.mark.parametrize("twins", PAGES, ids=lambda twins: twins.name)


class TestHeadings:
    @every_page
    def test_what_is_not_translated_is_listed(self, twins: Twins) -> None:
        assert twins.pairs
        for title in twins.untranslated:
            warnings.warn(f"{twins.name}: {title!r} is not translated yet", stacklevel=1)

    @every_page
    def test_there_is_no_section_in_japanese_alone(self, twins: Twins) -> None:
        assert twins.surplus == [], f"write it into {twins.name} too, or remove it"

    @every_page
    def test_each_is_japanese_or_a_name(self, twins: Twins) -> None:
        for english, japanese in twins.pairs:
            if not JAPANESE_LETTER.search(japanese):
                assert japanese == english, f"translate it, or add {PENDING} to it"
                assert NAME.fullmatch(japanese), f"translate it, or add {PENDING} to it"

    @every_page
    def test_each_page_links_to_the_other_under_its_title(self, twins: Twins) -> None:
        own = Path(twins.name).name
        other = own.replace(".md", ".ja.md")
        assert twins.english.splitlines()[1:4] == ["", f"日本語: [{other}]({other})", ""]
        assert twins.japanese.splitlines()[1:4] == ["", f"English: [{own}]({own})", ""]


class TestBlocks:
    @every_page
    def test_commands_are_the_same(self, twins: Twins) -> None:
        shown = [list(blocks(text, "sh")) for text in (twins.japanese, twins.english)]
        assert shown[0] == shown[1], "copy the block from one page to the other"

    @every_page
    def test_a_transcript_is_of_the_same_commands_whatever_the_language(self, twins: Twins) -> None:
        typed = [
            re.findall(r"^\$ (.+?)(?: MAIL_LANGUAGE=\w+)?$", block, re.MULTILINE)
            for text in (twins.japanese, twins.english)
            for block in blocks(text, "console")
        ]
        half = len(typed) // 2
        assert typed[:half] == typed[half:]

    @every_page
    def test_a_registration_is_the_same_but_for_comments(self, twins: Twins) -> None:
        shown = [
            list(map(without_comments, blocks(text, "yaml")))
            for text in (twins.japanese, twins.english)
        ]
        assert shown[0] == shown[1], "copy the block from one page to the other"

    @every_page
    def test_a_picture_is_of_the_same_shape_in_the_pages_own_language(self, twins: Twins) -> None:
        for ours, theirs in zip(
            blocks(twins.japanese, "mermaid"), blocks(twins.english, "mermaid"), strict=True
        ):
            japanese, english = Picture(ours), Picture(theirs)
            label_of = dict(zip(english.labels, japanese.labels, strict=True))
            assert {(label_of[a], label_of[b]) for a, b in english.arrows} == japanese.arrows
            assert JAPANESE_LETTER.search(japanese.labels[0])


class TestProse:
    @every_page
    def test_every_number_is_there(self, twins: Twins) -> None:
        for title, english, japanese in twins.prose():
            missing = numbers(english) - numbers(japanese)
            assert missing == set(), f"{title}: write it into the Japanese page, too"

    @every_page
    def test_what_only_one_of_them_names_is_listed(self, twins: Twins) -> None:
        for title, english, japanese in twins.prose():
            for name in sorted(named(english) ^ named(japanese)):
                warnings.warn(f"{twins.name}: {title!r}: only one page names {name}", stacklevel=1)


class TestTables:
    @every_page
    def test_names_and_values_are_the_same(self, twins: Twins) -> None:
        for english, japanese in zip(tables(twins.english), tables(twins.japanese), strict=True):
            assert [len(row) for row in english] == [len(row) for row in japanese]
            for row, translated in zip(english, japanese, strict=True):
                for cell, other in zip(row, translated, strict=True):
                    if SAME_CELL.fullmatch(cell):
                        assert other == cell, f"{twins.name}: copy the cell as it is"
                    else:
                        assert JAPANESE_LETTER.search(other), f"{twins.name}: translate {cell!r}"
                        assert other == DEFAULTS.get(cell, other)
