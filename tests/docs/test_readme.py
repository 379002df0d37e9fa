"""README.md: its order, its pictures, its set-up, and the subjects it names."""

import re

import pytest

from tests.asl import STATE_MACHINES, load
from tests.docs.pages import README, Picture, blocks, page, rows
from tests.loading import ROOT, load_module

JAPANESE = (ROOT / "README.ja.md").read_text(encoding="utf-8")
MACHINE = load(next(path for path in STATE_MACHINES if path.name == "sfn.asl.json"))

LINES = 250
FIRST_SCREEN_LINES = 30
#: Letters of prose, kana and kanji as two: a telephone then shows the command on its second screen.
LETTERS_BEFORE_THE_COMMAND = 950
MOST_BOXES = 6

both = pytest.mark.parametrize("text", [README, JAPANESE], ids=["en", "ja"])


class TestOrder:
    @both
    def test_it_is_short(self, text: str) -> None:
        assert len(text.splitlines()) <= LINES, "move what not every user needs into docs/"

    @both
    def test_the_first_screen_has_both_pictures_and_both_commands(self, text: str) -> None:
        screen = "\n".join(text.splitlines()[:FIRST_SCREEN_LINES])
        (drawn,) = map(Picture, blocks(screen, "mermaid"))
        assert len(drawn.labels) <= MOST_BOXES
        first = screen.index("](docs/pictures/answer-one-failed.")
        assert screen.index("`make run`") < screen.index("`make deploy`") < first

    @both
    def test_the_first_command_comes_soon(self, text: str) -> None:
        before = re.sub(r"^```mermaid\n[^`]*```\n|^!.*\n", "", text, flags=re.MULTILINE)
        before = before[: before.index("```sh\nmake run\n")]
        assert sum(1 + (one > "\u2fff") for one in before) <= LETTERS_BEFORE_THE_COMMAND

    def test_the_run_comes_before_the_set_up(self) -> None:
        titles = re.findall(r"^## (.+)$", README, re.MULTILINE)
        order = ["See it run in a minute", "Set it up in AWS", "Everyday jobs"]
        order += ["What the mails mean", "What it costs", "Why not something else?"]
        assert [title for title in titles if title in order] == order

    @pytest.mark.parametrize(
        ("text", "language"), [(README, "en"), (JAPANESE, "ja")], ids=["en", "ja"]
    )
    def test_each_page_shows_pictures_of_its_own_language(self, text: str, language: str) -> None:
        shown = re.findall(r"\]\(docs/pictures/[a-z-]+\.(\w+)\.svg\)", text)
        assert shown == [language] * 2


class TestSetUp:
    @pytest.mark.parametrize(
        ("text", "walk"),
        [(README, "walkthrough.md"), (JAPANESE, "walkthrough.ja.md")],
        ids=["en", "ja"],
    )
    def test_what_is_shown_happens_in_the_walk(self, text: str, walk: str) -> None:
        """``test_setup_example.py`` makes the walk anew."""
        happens = page(walk)
        for shown in blocks(text, "console"):
            place = 0
            for piece in re.split(r"^…\n", shown, flags=re.MULTILINE):
                found = happens.find(piece, 0 if piece.startswith("Subject: ") else place)
                assert found >= 0, f"copy it anew from docs/{walk}:\n{piece}"
                place = found + len(piece)


class TestMails:
    def test_the_subjects_are_the_functions(self) -> None:
        phrases = load_module("check_ingestion_status", "mail").WORDS
        told = rows(README, "", "Subject in Japanese", "Subject in English")
        assert [row[1:] for row in told] == [
            [phrases[name].say(language) for language in ("ja", "en")]
            for name in ("subject_good", "subject_bad")
        ]
