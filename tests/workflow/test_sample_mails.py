"""The mails shown in docs/ are the mails that are sent."""

import re
from itertools import pairwise

import pytest

from local.programs.situations import SITUATIONS
from tests.workflow.sample_mails import LANGUAGES, PAGE, page


def test_the_page_shows_the_mails_of_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_shows_each_situation_in_each_language_with_its_verdict() -> None:
    verdicts = [
        line.removeprefix("Subject: [").partition("]")[0]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("Subject: ")
    ]
    assert verdicts == [one.verdict for one in SITUATIONS for _ in LANGUAGES]


def mails_of_the_page() -> list[tuple[str, list[str]]]:
    """Return the name of each situation and the lines of its mail, subject first."""
    found = []
    name = ""
    for part in re.split(r"^(## .*|```(?:text)?)$", PAGE.read_text(encoding="utf-8"), flags=re.M):
        if named := re.match(r"\n\n`([a-z-]+)`: ", part):
            name = named[1]
        if part.startswith("\nSubject: "):
            found.append((name, part.strip("\n").splitlines()))
    return found


MAILS = mails_of_the_page()
LABELS = [
    *("【注意】", "【結果】", "【ダッシュボード】", "【まず】"),
    *("CAUTION: ", "RESULT: ", "DASHBOARDS: ", "FIRST: "),
]


def test_every_mail_of_the_page_was_read() -> None:
    assert [name for name, _ in MAILS] == [one.name for one in SITUATIONS for _ in LANGUAGES]


@pytest.mark.parametrize("mail", MAILS, ids=[name for name, _ in MAILS])
def test_a_mail_answers_within_twelve_lines_unless_all_is_well(
    mail: tuple[str, list[str]],
) -> None:
    subject, _, *lines = mail[1]
    found = [label for line in lines[:12] for label in LABELS if line.startswith(label)]

    if "[ERROR]" in subject:
        assert found in ([*LABELS[1:4]], [*LABELS[:4]], [*LABELS[5:]], [*LABELS[4:]])
    else:
        assert found in ([], [*LABELS[:4]], [*LABELS[4:]])
        assert found or lines[1].startswith("\t・")


@pytest.mark.parametrize("mail", MAILS, ids=[name for name, _ in MAILS])
def test_bullets_and_links_of_a_mail_stand_where_they_should(mail: tuple[str, list[str]]) -> None:
    lines = mail[1][2:]

    assert not [line for line in lines if "\t" in line and not re.match(r"\t・[^\t]+$", line)]
    assert not [line for line in lines if "https://" in line and " " in line]
    assert lines[-1].startswith("https://")
    assert not any(here == there == "" for here, there in pairwise(lines))


def test_forty_datasets_of_one_cause_are_a_short_mail() -> None:
    found = [lines[2:] for name, lines in MAILS if name == "forty-failed"]

    assert len(found) == len(LANGUAGES)
    for lines in found:
        assert len(lines) <= 70
        assert len("\n".join(lines).encode()) <= 7000
