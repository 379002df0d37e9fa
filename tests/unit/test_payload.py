"""Values of unknown type become usable ones, or nothing."""

from typing import Any

import pytest

from tests.loading import load_module

narrow = load_module("check_ingestion_status", "payload")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (7, 7),
        (7.0, 7),
        (10**15, 10**15),
        (7.5, None),
        (-1, None),
        (True, None),
        (False, None),
        ("7", None),
        (None, None),
        ([], None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
    ],
)
def test_a_count_is_whole_and_not_negative(value: Any, expected: int | None) -> None:
    found = narrow.count(value)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("value", "expected"), [("a", "a"), ("", None), (1, None), (None, None)])
def test_a_text_is_not_empty(value: Any, expected: str | None) -> None:
    assert narrow.text(value) == expected


def test_an_object_or_array_of_the_wrong_type_is_empty() -> None:
    assert narrow.mapping([1]) == {}
    assert narrow.mapping({"a": 1}) == {"a": 1}
    assert list(narrow.sequence("abc")) == []
    assert narrow.sequence([1]) == [1]
