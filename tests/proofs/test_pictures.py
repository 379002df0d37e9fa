"""The pictures are those of today's mails."""

import re

import pytest

from local.account import LocalAccount
from proofs import pictures
from proofs.pictures import FOLDER, HEIGHT, PICTURES, STATES, mail, picture, width_of, wrapped


def test_each_is_todays() -> None:
    drawn = dict(pictures.drawn())
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(drawn)
    for name, text in drawn.items():
        kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
        assert kept == text, f"{name} is of yesterday: make pictures"


def test_the_path_is_one_that_a_file_takes(account: LocalAccount) -> None:
    account.register()
    account.drop(f"{account.watched}tokyo_covid19/a.csv")
    account.settle()
    (execution,) = account.executions
    taken = iter(account.path(execution))
    assert len(STATES) <= 10
    assert [name for name in STATES if name in taken] == list(STATES)


@pytest.mark.parametrize(
    ("title", "language"), [(title, language) for _, title, language, _ in PICTURES]
)
def test_what_to_know_first_is_on_the_first_screen(title: str, language: str) -> None:
    _, body = mail(title, language)
    (*_, answer) = re.findall(r"^(?:【(?!対処).+|[A-Z]+: .+)$", body, re.M) or body.splitlines()[:1]
    drawn = picture(title, language)
    lines = [(int(y), text) for y, text in re.findall(r'y="(\d+)".*>(.*)</text>', drawn)]
    (place,) = [y for y, text in lines if text and answer.startswith(text)][:1]
    assert place < HEIGHT * 2 / 3


def test_a_line_breaks_where_it_is_full_and_loses_nothing() -> None:
    line = "一二三四五 six seven eight " + "9" * 30
    pieces = list(wrapped(line, 10))
    assert all(sum(map(width_of, piece)) <= 10 for piece in pieces)
    assert "".join(pieces).replace(" ", "") == line.replace(" ", "")
