"""A mail's entries fit: shortened first, left out last."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.loading import load_module

mail_size = load_module("check_ingestion_status", "mail_size")
safe_text = load_module("check_ingestion_status", "safe_text")

LONG = ("head", 'detail "quoted" ' * 5)
SHORT = ("head",)
BULLET = mail_size.Entry((LONG, SHORT))
LONG_SIZE, SHORT_SIZE = map(mail_size.json_size, BULLET.rendered())


def test_a_bullet_is_a_marked_line_after_a_blank_one_and_details_that_are_not_indented() -> None:
    assert mail_size.Entry((("head", "detail", "", "more"),)).rendered() == (
        "\n\n\t・head\ndetail\n\nmore",
    )


def test_an_entry_may_follow_at_once_or_be_no_bullet() -> None:
    assert mail_size.Entry((("a",),), apart=False).rendered() == ("\n\t・a",)
    assert mail_size.Entry((("a",),), bullet=False).rendered() == ("\n\na",)
    assert mail_size.Entry((("a",),)).close().rendered() == ("\n\t・a",)


def test_a_version_without_lines_is_no_text() -> None:
    assert mail_size.Entry((("a",), ()), bullet=False).rendered() == ("\n\na", "")


def test_an_entrys_texts_cannot_start_lines() -> None:
    (text,) = mail_size.Entry((("a\n\t・b", "c\u2028\t・d"),)).rendered()

    assert text == "\n\n\t・a  ・b\nc  ・d"


@pytest.mark.parametrize("text", ["売上", 'a "b" \\c\n', "\t・", "𠮷"])
def test_the_size_is_that_inside_a_json_document(text: str) -> None:
    document = json.dumps({"Message": text}, ensure_ascii=False)

    assert mail_size.json_size(text) == len(document.encode()) - len('{"Message": ""}')


@pytest.mark.parametrize(
    ("limit", "shown", "shortened", "left_out"),
    [
        pytest.param(3 * LONG_SIZE, [LONG, LONG, LONG], 0, 0, id="all in full"),
        pytest.param(3 * LONG_SIZE - 1, [LONG, LONG, SHORT], 1, 0, id="the last shortened"),
        pytest.param(3 * SHORT_SIZE, [SHORT, SHORT, SHORT], 3, 0, id="all shortened"),
        pytest.param(3 * SHORT_SIZE - 1, [SHORT, SHORT], 2, 1, id="the last left out"),
        pytest.param(0, [], 0, 3, id="nothing fits"),
        pytest.param(-9, [], 0, 3, id="less than nothing"),
    ],
)
def test_bullets_are_shortened_from_the_end_before_any_is_left_out(
    limit: int, shown: list[tuple[str, ...]], shortened: int, left_out: int
) -> None:
    fitted = mail_size.fit([BULLET] * 3, limit)

    assert fitted.text == "".join(mail_size.Entry((version,)).rendered()[0] for version in shown)
    assert (fitted.shortened, fitted.left_out) == (shortened, left_out)


def test_what_is_no_bullet_is_not_counted() -> None:
    heading = mail_size.Entry((LONG, SHORT), bullet=False)
    heading_size = mail_size.json_size(heading.rendered()[1])

    assert mail_size.fit([heading, BULLET], heading_size).left_out == 1
    assert mail_size.fit([heading], heading_size).shortened == 0
    assert mail_size.fit([heading], 0).left_out == 0


@given(
    texts=st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=3), max_size=8),
    limit=st.integers(0, 400),
)
@examples(60)
def test_any_entries_stay_within_the_limit_and_are_accounted_for(
    texts: list[list[str]], limit: int
) -> None:
    entries = [
        mail_size.Entry(tuple(tuple(lines[:n]) for n in range(len(lines), 0, -1)))
        for lines in texts
    ]
    fitted = mail_size.fit(entries, limit)

    assert mail_size.json_size(fitted.text) <= limit
    assert fitted.text.count("\n\t・") == len(entries) - fitted.left_out
    assert not [one for one in fitted.text if one not in "\n\t" and safe_text.unseen(one)]
