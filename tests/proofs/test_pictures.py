"""The pictures are those of today's mails."""

import re

import pytest

from proofs.pictures import FOLDER, HEIGHT, PICTURES, mail, picture, width_of, wrapped

every_picture = pytest.mark.parametrize(
    ("name", "title", "language"), PICTURES, ids=[name for name, *_ in PICTURES]
)


@every_picture
def test_it_is_todays(name: str, title: str, language: str) -> None:
    drawn = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert drawn == picture(title, language), "draw it anew: make pictures"


@every_picture
def test_what_to_know_first_is_on_the_first_screen(name: str, title: str, language: str) -> None:
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
