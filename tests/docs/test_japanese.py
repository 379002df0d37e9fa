"""A Japanese page says what its English twin says: commands, tables, numbers, headings.

Every section stands on both pages, in the same order. What is not translated yet stands under its
heading with 翻訳待ち (translation pending), and is listed as a warning; so is prose that names
other things.
"""

import re
import warnings
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.pages import Picture, blocks, prose
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


class Part(NamedTuple):
    """A heading, and what stands under it up to the next of any level."""

    level: int
    title: str
    body: str


def parts(text: str) -> list[Part]:
    """Return a page's parts in order; a ``#`` in a code block is no heading."""
    found: list[tuple[int, str, list[str]]] = []
    inside_code = False
    for line in text.splitlines(keepends=True):
        inside_code ^= line.lstrip().startswith("```")
        heading = None if inside_code else re.match(r"(#+) (.+)\n", line)
        if heading:
            found.append((len(heading[1]), heading[2], []))
        elif found:
            found[-1][2].append(line)
    return [Part(level, title, "".join(lines)) for level, title, lines in found]


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


class Twins:
    """An English page and its translation, heading by heading."""

    def __init__(self, path: Path) -> None:
        english = path.with_name(path.name.replace(".ja.md", ".md"))
        self.name = english.relative_to(ROOT).as_posix()
        self.english = english.read_text(encoding="utf-8")
        self.japanese = path.read_text(encoding="utf-8")
        #: What is translated, English first.
        self.pairs: list[tuple[Part, Part]] = []
        self.untranslated: list[str] = []
        self.missing: list[str] = []
        self.surplus: list[str] = []
        self._match()

    def _match(self) -> None:
        theirs, ours = parts(self.english), parts(self.japanese)
        marks = [
            [(part.level, frozenset(named(prose(part.body)))) for part in page]
            for page in (theirs, ours)
        ]
        matcher = SequenceMatcher(None, marks[0], marks[1], autojunk=False)
        for _, first, last, start, end in matcher.get_opcodes():
            english, japanese = theirs[first:last], ours[start:end]
            for pair in zip(english, japanese, strict=False):
                if PENDING in pair[1].title:
                    self.untranslated.append(pair[0].title)
                else:
                    self.pairs.append(pair)
            self.missing += [part.title for part in english[len(japanese) :]]
            self.surplus += [part.title for part in japanese[len(english) :]]


PAGES = [Twins(path) for path in PATHS]
every_page = pytest.mark.parametrize("twins", PAGES, ids=lambda twins: twins.name)


class TestHeadings:
    @every_page
    def test_what_is_not_translated_is_listed(self, twins: Twins) -> None:
        assert twins.pairs
        for title in twins.untranslated:
            warnings.warn(f"{twins.name}: {title!r} is not translated yet", stacklevel=1)

    @every_page
    def test_every_section_is_on_both_pages(self, twins: Twins) -> None:
        assert twins.missing == [], f"translate it, or add its heading with {PENDING}"
        assert twins.surplus == [], f"write it into {twins.name} too, or remove it"

    @every_page
    def test_each_is_japanese_or_a_name(self, twins: Twins) -> None:
        for english, japanese in twins.pairs:
            if not JAPANESE_LETTER.search(japanese.title):
                assert japanese.title == english.title, f"translate it, or add {PENDING} to it"
                assert NAME.fullmatch(japanese.title), f"translate it, or add {PENDING} to it"

    @every_page
    def test_each_page_links_to_the_other_under_its_title(self, twins: Twins) -> None:
        own = Path(twins.name).name
        other = own.replace(".md", ".ja.md")
        assert twins.english.splitlines()[1:4] == ["", f"日本語: [{other}]({other})", ""]
        assert twins.japanese.splitlines()[1:4] == ["", f"English: [{own}]({own})", ""]


class TestBlocks:
    @every_page
    def test_commands_are_the_same(self, twins: Twins) -> None:
        for english, japanese in twins.pairs:
            shown = [list(blocks(part.body, "sh")) for part in (japanese, english)]
            assert shown[0] == shown[1], f"{english.title}: copy the block to the other page"

    @every_page
    def test_a_transcript_is_of_the_same_commands_whatever_the_language(self, twins: Twins) -> None:
        for english, japanese in twins.pairs:
            typed = [
                re.findall(r"^\$ (.+?)(?: MAIL_LANGUAGE=\w+)?$", block, re.MULTILINE)
                for part in (english, japanese)
                for block in blocks(part.body, "console")
            ]
            half = len(typed) // 2
            assert typed[:half] == typed[half:], f"{english.title}: show the same on both pages"

    @every_page
    def test_a_picture_is_of_the_same_shape_in_the_pages_own_language(self, twins: Twins) -> None:
        for english, japanese in twins.pairs:
            drawn = [
                list(map(Picture, blocks(part.body, "mermaid"))) for part in (english, japanese)
            ]
            assert len(drawn[0]) == len(drawn[1]), f"{english.title}: draw it on both pages"
            for theirs, ours in zip(*drawn, strict=True):
                label_of = dict(zip(theirs.labels, ours.labels, strict=True))
                assert {(label_of[a], label_of[b]) for a, b in theirs.arrows} == ours.arrows
                assert JAPANESE_LETTER.search(ours.labels[0])


class TestProse:
    @every_page
    def test_every_number_is_there(self, twins: Twins) -> None:
        for english, japanese in twins.pairs:
            missing = numbers(prose(english.body)) - numbers(prose(japanese.body))
            assert missing == set(), f"{english.title}: write it into the Japanese page, too"

    @every_page
    def test_what_only_one_of_them_names_is_listed(self, twins: Twins) -> None:
        for english, japanese in twins.pairs:
            for name in sorted(named(prose(english.body)) ^ named(prose(japanese.body))):
                warnings.warn(
                    f"{twins.name}: {english.title!r}: only one page names {name}", stacklevel=1
                )


class TestTables:
    @every_page
    def test_names_and_values_are_the_same(self, twins: Twins) -> None:
        for english, japanese in twins.pairs:
            shown = [tables(part.body) for part in (english, japanese)]
            shapes = [[[len(row) for row in table] for table in page] for page in shown]
            assert shapes[0] == shapes[1], f"{english.title}: both pages need the same rows"
            for table, translated in zip(*shown, strict=True):
                self._compare(twins.name, chain(*table), chain(*translated))

    @staticmethod
    def _compare(name: str, english: Iterable[str], japanese: Iterable[str]) -> None:
        for cell, other in zip(english, japanese, strict=True):
            if SAME_CELL.fullmatch(cell):
                assert other == cell, f"{name}: copy the cell as it is"
            else:
                assert JAPANESE_LETTER.search(other), f"{name}: translate {cell!r}"
                assert other == DEFAULTS.get(cell, other)
