"""A mail's bullets fit: shortened first, left out last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.loading import load_module

layout = load_module("check_ingestion_status", "mail_size")

LONG = ("head", "detail " * 5)
SHORT = ("head",)
BULLET = layout.Bullet((LONG, SHORT))
LONG_SIZE, SHORT_SIZE = (len(text.encode()) for text in BULLET.rendered())


def test_a_bullet_is_a_marked_line_and_indented_details() -> None:
    assert BULLET.rendered()[0] == "\n\t・head\n\t\t" + ("detail " * 5).strip()


def test_a_bullets_texts_cannot_start_lines() -> None:
    (text,) = layout.Bullet((("a\n\t・b", "c\u2028\t・d"),)).rendered()

    assert text == "\n\t・a  ・b\n\t\tc  ・d"


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
    fitted = layout.fit([BULLET] * 3, limit)

    assert fitted.text == "".join(layout.Bullet((version,)).rendered()[0] for version in shown)
    assert (fitted.shortened, fitted.left_out) == (shortened, left_out)


@given(
    texts=st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=3), max_size=8),
    limit=st.integers(0, 400),
)
@examples(60)
def test_any_bullets_stay_within_the_limit_and_are_accounted_for(
    texts: list[list[str]], limit: int
) -> None:
    bullets = [
        layout.Bullet(tuple(tuple(lines[:n]) for n in range(len(lines), 0, -1))) for lines in texts
    ]
    fitted = layout.fit(bullets, limit)

    assert len(fitted.text.encode()) <= limit
    assert fitted.text.count("\n\t・") == len(bullets) - fitted.left_out
