"""README.ja.md says what README.md says: headings, commands, links, tables, names, numbers."""

import re
from collections import Counter

import pytest

from tests.docs import test_readme
from tests.docs.test_readme import README, TRIGGER, Picture, blocks, prose, section
from tests.loading import ROOT

PATH = ROOT / "README.ja.md"
JAPANESE = PATH.read_text(encoding="utf-8")
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


def links(text: str) -> Counter[str]:
    """Return where a text links to: pages but the other README, and "#" for a heading here."""
    targets = re.findall(r"\]\((#|[^)\s]+)", text)
    return Counter(target for target in targets if not target.startswith("README."))


def names(text: str) -> set[str]:
    """Return what stands in code quotes, and what is bold: the states."""
    found = re.findall(r"`([^`]+)`|\*\*(.+?)\*\*", text, re.DOTALL)
    return {" ".join(name.split()) for name in map("".join, found)}


def numbers(text: str) -> set[str]:
    """Return the numbers written in digits, outside links."""
    plain = re.sub(r"\]\([^)]*\)", "]", text)
    return set(re.findall(r"\d+(?:[.,]\d+)*", plain))


def without_comments(block: str) -> str:
    return re.sub(r" +#.*$", "", block, flags=re.MULTILINE)


#: English heading, Japanese heading: the n-th belongs to the n-th.
TITLES = [
    (english, japanese)
    for (_, english), (_, japanese) in zip(headings(README), headings(JAPANESE), strict=False)
]
every_section = pytest.mark.parametrize(
    ("english", "japanese"), TITLES, ids=[title for title, _ in TITLES]
)


class TestHeadings:
    def test_they_have_the_same_levels(self) -> None:
        levels = [[level for level, _ in headings(text)] for text in (README, JAPANESE)]
        assert levels[0] == levels[1] != []

    @every_section
    def test_it_is_japanese_or_a_name(self, english: str, japanese: str) -> None:
        if not JAPANESE_LETTER.search(japanese):
            assert japanese == english
            assert NAME.fullmatch(japanese)

    @every_section
    def test_it_has_the_same_number(self, english: str, japanese: str) -> None:
        assert re.findall(r"^\d+\.", english) == re.findall(r"^\d+\.", japanese)

    def test_each_page_links_to_the_other_under_its_title(self) -> None:
        assert README.splitlines()[1:4] == ["", "日本語: [README.ja.md](README.ja.md)", ""]
        assert JAPANESE.splitlines()[1:4] == ["", "English: [README.md](README.md)", ""]


class TestBlocks:
    def test_they_have_the_same_languages(self) -> None:
        fences = [re.findall(r"^ *```(\w*)$", text, re.MULTILINE) for text in (README, JAPANESE)]
        assert fences[0] == fences[1] != []

    @pytest.mark.parametrize("language", ["sh", "console"])
    def test_commands_and_transcripts_are_the_same(self, language: str) -> None:
        assert list(blocks(JAPANESE, language)) == list(blocks(README, language)) != []

    def test_the_registration_is_the_same_but_for_comments(self) -> None:
        shown = [list(map(without_comments, blocks(text, "yaml"))) for text in (JAPANESE, README)]
        assert shown[0] == shown[1] != []

    def test_the_pictures_show_the_same_states_and_ways(self) -> None:
        pictures = [[Picture(body) for body in blocks(t, "mermaid")] for t in (README, JAPANESE)]
        for english, japanese in zip(*pictures, strict=True):
            trigger, *shown = japanese.labels
            assert [TRIGGER, *shown] == english.labels
            assert JAPANESE_LETTER.search(trigger)
            arrows = {(TRIGGER if a == trigger else a, b) for a, b in japanese.arrows}
            assert arrows == english.arrows


class TestSections:
    @every_section
    def test_it_links_to_the_same_pages(self, english: str, japanese: str) -> None:
        assert links(own_prose(japanese, JAPANESE)) == links(own_prose(english, README))

    @every_section
    def test_it_names_the_same(self, english: str, japanese: str) -> None:
        assert names(own_prose(japanese, JAPANESE)) == names(own_prose(english, README))

    @every_section
    def test_it_has_every_number(self, english: str, japanese: str) -> None:
        told = numbers(own_prose(japanese, JAPANESE))
        assert numbers(own_prose(english, README)) - told == set()

    @every_section
    def test_it_has_as_many_points(self, english: str, japanese: str) -> None:
        lists = [
            re.findall(r"^(-|\d+\.) ", text, re.MULTILINE)
            for text in (own_prose(english, README), own_prose(japanese, JAPANESE))
        ]
        assert lists[0] == lists[1]


class TestTables:
    pairs = tuple(zip(tables(README), tables(JAPANESE), strict=False))

    def test_they_are_as_many_and_of_the_same_shape(self) -> None:
        shapes = [
            [[len(row) for row in table] for table in tables(text)] for text in (README, JAPANESE)
        ]
        assert shapes[0] == shapes[1] != []

    @pytest.mark.parametrize(("english", "japanese"), pairs)
    def test_names_and_values_are_the_same(
        self, english: list[list[str]], japanese: list[list[str]]
    ) -> None:
        for row, translated in zip(english, japanese, strict=True):
            for cell, other in zip(row, translated, strict=True):
                if SAME_CELL.fullmatch(cell):
                    assert other == cell
                else:
                    assert JAPANESE_LETTER.search(other)
                    assert other == DEFAULTS.get(cell, other)


class TestPage:
    def test_its_first_screen_is_one_screen(self) -> None:
        assert len(JAPANESE.split("\n## ")[0].splitlines()) <= test_readme.FIRST_SCREEN_LINES

    @pytest.mark.parametrize(
        "rule",
        [
            test_readme.TestPages.test_every_link_leads_somewhere,
            test_readme.TestPages.test_paths_in_code_quotes_exist,
            test_readme.TestPages.test_no_page_names_one_machine,
        ],
    )
    def test_it_keeps_the_rules_of_every_page(self, rule: object) -> None:
        assert callable(rule)
        rule(test_readme.TestPages(), PATH)
