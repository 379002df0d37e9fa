"""A filter policy takes what SNS's pages say, and SNS refuses the others in the words recorded."""

import json
from typing import Any

import pytest

from local.services.filter_policies import FilterRefusedError, check, matches

NONE: dict[str, dict[str, str]] = {}


def text(**values: str) -> dict[str, dict[str, str]]:
    return {name: {"Type": "String", "Value": value} for name, value in values.items()}


def array(*values: Any) -> dict[str, dict[str, str]]:
    return {"folder": {"Type": "String.Array", "Value": json.dumps(values)}}


ERROR = text(verdict="ERROR", folder="s3://b/sales/")


@pytest.mark.parametrize(
    ("policy", "attributes", "expected"),
    [
        ({"verdict": ["ERROR"]}, ERROR, True),
        ({"verdict": ["error"]}, ERROR, False),
        ({"verdict": ["ERR"]}, ERROR, False),
        ({"verdict": ["SUCCESS", "ERROR"]}, ERROR, True),
        # A text that is JSON is a text: moto looks for the policy's value inside of it.
        ({"verdict": ["ERROR"]}, text(verdict='["ERROR"]'), False),
        ({"verdict": ["ERR"]}, text(verdict='"ERROR"'), False),
    ],
)
def test_texts_are_compared_letter_by_letter(
    policy: dict[str, Any], attributes: dict[str, dict[str, str]], expected: bool
) -> None:
    assert matches(policy, attributes) is expected


@pytest.mark.parametrize(
    ("value", "folder", "expected"),
    [
        ({"prefix": "s3://b/"}, "s3://b/sales/", True),
        ({"prefix": "S3://"}, "s3://b/sales/", False),
        ({"suffix": "/sales/"}, "s3://b/sales/", True),
        ({"suffix": "sales"}, "s3://b/sales/", False),
        ({"anything-but": "s3://b/sales/"}, "s3://b/sales/", False),
        ({"anything-but": ["x", "s3://b/sales/"]}, "s3://b/sales/", False),
        ({"anything-but": ["x", "y"]}, "s3://b/sales/", True),
        ({"anything-but": {"prefix": "s3://c/"}}, "s3://b/sales/", True),
        ({"anything-but": {"prefix": "s3://b/"}}, "s3://b/sales/", False),
    ],
)
def test_a_value_may_be_an_operator(value: dict[str, Any], folder: str, expected: bool) -> None:
    assert matches({"folder": [value]}, text(folder=folder)) is expected
    assert matches({"folder": [value]}, text(other=folder)) is False


def test_every_key_has_to_match() -> None:
    both = {"verdict": ["ERROR"], "folder": ["s3://b/sales/"]}
    assert matches(both, ERROR)
    assert not matches(both, text(verdict="ERROR", folder="s3://b/stock/"))
    assert not matches(both, text(verdict="ERROR"))


def test_one_member_of_an_array_suffices() -> None:
    assert matches({"folder": ["b"]}, array("a", "b"))
    assert matches({"folder": [{"anything-but": ["a"]}]}, array("a", "b"))
    assert not matches({"folder": [{"anything-but": ["a", "b"]}]}, array("a", "b"))
    assert matches({"folder": [{"prefix": "b"}]}, array("a", "bc"))
    assert not matches({"folder": ["c"]}, array("a", "b", 1, None))


def test_numbers_and_binary_values_are_not_compared_with_texts() -> None:
    assert not matches({"n": ["1"]}, {"n": {"Type": "Number", "Value": "1"}})
    assert matches({"n": [{"exists": True}]}, {"n": {"Type": "Number", "Value": "1"}})


@pytest.mark.parametrize(("exists", "expected"), [(True, False), (False, True)])
def test_exists_asks_for_the_key_alone(exists: bool, expected: bool) -> None:
    assert matches({"verdict": [{"exists": exists}]}, text(other="x")) is expected
    assert matches({"verdict": [{"exists": exists}]}, ERROR) is exists


def test_no_policy_takes_a_message_without_attributes() -> None:
    assert matches({}, NONE)
    for value in ("ERROR", {"exists": False}, {"anything-but": "ERROR"}, {"prefix": ""}):
        assert not matches({"verdict": [value]}, NONE)


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("{invalid}", "FilterPolicy: failed to parse JSON."),
        ("[]", "FilterPolicy: Filter is not an object"),
        ('{"k": {"a": ["b"]}}', "scope MessageAttributes does not support nested filter policy"),
        ('{"k": "v"}', 'FilterPolicy: "k" must be an object or an array'),
        ('{"k": []}', "FilterPolicy: Empty arrays are not allowed"),
        ('{"k": [["v"]]}', "Match value must be String, number, true, false, or null"),
        ('{"k": [{"wrong": true}]}', "FilterPolicy: Unrecognized match type wrong"),
        ('{"k": [{"suffix": "a", "prefix": "b"}]}', "Only one key allowed in match expression"),
        ('{"k": [{"suffix": 100}]}', "suffix match pattern must be a string"),
        ('{"k": [{"exists": "no"}]}', "exists match pattern must be either true or false."),
        (json.dumps({key: ["v"] for key in "abcdef"}), "can not have more than 5 keys"),
        (json.dumps({"k": [str(n) for n in range(151)]}), "Filter policy is too complex"),
        (json.dumps({"k": ["a"] * 16, "l": ["b"] * 10}), "Filter policy is too complex"),
        ('{"k": [1]}', "does not imitate 1"),
        ('{"k": [{"numeric": ["=", 1]}]}', 'does not imitate {"numeric": ["=", 1]}'),
        ('{"k": ["a\\"b"]}', "does not imitate"),
        ('{"k": ["a\\\\b"]}', "does not imitate"),
    ],
)
def test_what_sns_refuses_or_nobody_here_imitates_is_refused(policy: str, reason: str) -> None:
    with pytest.raises(FilterRefusedError) as refused:
        check(policy)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"verdict": ["ERROR"]},
        {"verdict": ["ERROR"], "folder": [f"s3://b/{n}/" for n in range(150)]},
        {"folder": [{"prefix": "s3://"}, {"anything-but": {"suffix": "/"}}, {"exists": False}]},
    ],
)
def test_what_sns_takes_is_taken(policy: dict[str, Any]) -> None:
    check(json.dumps(policy))
