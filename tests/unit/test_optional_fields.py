"""The fields that a registration may leave out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.loading import ROOT, load_module

fields = load_module("check_ingestion_status", "optional_fields")


def test_the_command_reads_by_the_very_same_rule() -> None:
    places = ("functions/check_ingestion_status", "ops/qsrefresh")
    one, other = (ROOT / place / "optional_fields.py" for place in places)
    assert one.read_text(encoding="utf-8") == other.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"N": "1"}, 1),
        ({"N": "999999999"}, 999_999_999),
        ({"N": "0"}, None),
        ({"N": "1000000000"}, None),
        ({"N": "-1"}, None),
        ({"N": "2.5"}, None),
        ({"N": "1E+3"}, None),
        ({"N": "١"}, None),
        ({"N": "10\n"}, None),
        ({"N": 10}, None),
        ({"S": "10000"}, None),
        ({"L": [{"N": "1"}]}, None),
        ({"NULL": True}, None),
        ("10", None),
        (None, None),
    ],
)
def test_a_whole_number_has_nothing_but_digits(value: Any, found: int | None) -> None:
    assert fields.whole_number(value, fields.MIN_ROWS) == found


@pytest.mark.parametrize(
    ("written", "legal"),
    [
        ("_SUCCESS", True),
        ("*.done", True),
        ("*", True),
        ("aa*aa", True),
        ("完了", True),
        ("a.b+(c)[1]?", True),
        ("", False),
        ("a/b", False),
        ("a*b*c", False),
        ("**", False),
    ],
)
def test_a_marker_is_a_name_with_one_asterisk_at_most(written: str, legal: bool) -> None:
    assert fields.marker({"S": written}) == (written if legal else None)


@pytest.mark.parametrize("value", [{"N": "1"}, {"L": [{"S": "a"}]}, {"SS": ["a"]}, None])
def test_a_marker_is_a_text(value: Any) -> None:
    assert fields.marker(value) is None


def test_of_a_list_the_ids_count() -> None:
    mixed = {"L": [{"S": "a"}, {"N": "1"}, {"S": ""}, {"L": [{"S": "b"}]}, {"S": "c"}]}
    assert fields.ids(mixed) == ["a", "c"]
    assert not fields.is_list_of_ids(mixed)
    assert fields.is_list_of_ids({"L": []})
    for other in ({"S": "a"}, {"SS": ["a"]}, {"M": {"L": {"S": "a"}}}, None):
        assert fields.ids(other) == []
        assert not fields.is_list_of_ids(other)


@given(
    st.dictionaries(st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefg"), max_size=2))
)
def test_in_a_circle_is_what_comes_after_itself(after: dict[str, list[str]]) -> None:
    order = {
        one: [other for other in others if other in after and other != one]
        for one, others in after.items()
    }
    reached = {one: set(others) for one, others in order.items()}
    for _ in order:
        for one in order:
            reached[one] |= {far for other in reached[one] for far in reached[other]}
    assert fields.in_circles(order) == {one for one in order if one in reached[one]}


def test_what_hangs_on_a_circle_or_between_two_is_in_none() -> None:
    after = {"a": "b", "b": "a", "c": "b", "d": "ce", "e": "f", "f": "e", "g": ""}
    assert fields.in_circles(after) == set("abef")


def test_a_long_order_is_no_deep_recursion() -> None:
    after = {str(number): [str(number - 1)] for number in range(1, 9000)} | {"0": []}
    assert fields.in_circles(after) == set()
    assert len(fields.in_circles({**after, "0": ["8999"]})) == 9000
