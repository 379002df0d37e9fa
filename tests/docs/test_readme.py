"""README.md: its order, its mail, its run, and the subjects it names."""

import re

import pytest

from tests.asl import STATE_MACHINES, load
from tests.docs.pages import README, Picture, blocks, page, rows
from tests.loading import ROOT, load_module

JAPANESE = (ROOT / "README.ja.md").read_text(encoding="utf-8")
MACHINE = load(next(path for path in STATE_MACHINES if path.name == "sfn.asl.json"))

LINES = 250
FIRST_SCREEN_LINES = 30
MOST_BOXES = 6

both = pytest.mark.parametrize("text", [README, JAPANESE], ids=["en", "ja"])


class TestOrder:
    @both
    def test_it_is_short(self, text: str) -> None:
        assert len(text.splitlines()) <= LINES, "move what not every user needs into docs/"

    @both
    def test_the_first_screen_has_the_picture_and_both_commands(self, text: str) -> None:
        screen = "\n".join(text.splitlines()[:FIRST_SCREEN_LINES])
        (drawn,) = map(Picture, blocks(screen, "mermaid"))
        assert len(drawn.labels) <= MOST_BOXES
        assert "`make run`" in screen
        assert "`make test`" in screen
        assert "![" not in screen

    def test_the_mail_comes_before_the_run_and_the_run_before_the_set_up(self) -> None:
        titles = re.findall(r"^## (.+)$", README, re.MULTILINE)
        order = ["The mail it sends", "See it run in a minute", "Set it up in AWS"]
        order += ["Everyday jobs", "What the mails mean", "What it costs"]
        assert [title for title in titles if title in order] == order


class TestMailItSends:
    @both
    def test_it_is_one_of_the_sample_mails(self, text: str) -> None:
        (shown,) = blocks(text, "text")
        lines = shown.splitlines()
        assert lines[-1] == "…"
        assert "\n".join(lines[:-1]) in page("mails.md"), (
            "copy the mail anew from docs/mails.md, section 'One of three failed'"
        )


class TestMails:
    def test_the_subjects_are_the_functions(self) -> None:
        phrases = load_module("check_ingestion_status", "mail").WORDS
        told = rows(README, "", "Subject in Japanese", "Subject in English")
        assert [row[1:] for row in told] == [
            [phrases[name].say(language) for language in ("ja", "en")]
            for name in ("subject_good", "subject_bad")
        ]
