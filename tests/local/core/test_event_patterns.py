"""Event patterns: which EventBridge takes, and why not the others."""

import json
from typing import Any

import pytest

from local.core.event_patterns import MalformedPatternError, check

_NO_LIST = "Value of anything-but must be an array or single string/number value."
_AFFIX = "prefix/suffix match pattern must be a string"
_CASE = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."

#: A matcher, which stands in ``{"detail": {"key": [matcher]}}``, and the reason against it: each is
#: a kind that AWS was recorded to refuse, with this reason.
RECORDED: list[tuple[Any, str]] = [
    ({"prefix": 1}, "prefix match pattern must be a string"),
    ({"prefix": ["a"]}, "prefix match pattern must be a string"),
    ({"suffix": 1}, "suffix match pattern must be a string"),
    ({"suffix": ["a"]}, "suffix match pattern must be a string"),
    ({"equals-ignore-case": ["a"]}, "equals-ignore-case match pattern must be a string"),
    ({"equals-ignore-case": {"prefix": "a"}}, "equals-ignore-case match pattern must be a string"),
    ({"wildcard": 1}, "wildcard match pattern must be a string"),
    ({"wildcard": ["a*"]}, "wildcard match pattern must be a string"),
    ({"wildcard": "a**b"}, "Consecutive wildcard characters at pos 2"),
    ({"EXISTS": True}, "Unrecognized match type EXISTS"),
    ({"NUMERIC": ["=", 5]}, "Unrecognized match type NUMERIC"),
    ({"numeric": 10}, "Value of numeric must be an array."),
    ({"numeric": [">", 0, ">", 0]}, "Bad numeric range operator: >"),
    ({"numeric": [">", 0, "<"]}, "Value of < must be numeric"),
    ({"cidr": "a"}, "Malformed CIDR, one '/' required"),
    ({"cidr": "a/b"}, "Malformed CIDR, mask bits must be an integer"),
    ({"cidr": "a.1/8"}, "Nonstandard IP address: a.1"),
    ({"cidr": ["a"]}, "prefix match pattern must be a string"),
    ({"anything-but": None}, _NO_LIST),
    ({"anything-but": {"prefix": {"equals-ignore-case": "a"}}}, _NO_LIST),
    ({"anything-but": {"suffix": {"equals-ignore-case": "a"}}}, _NO_LIST),
    (
        {"anything-but": ["a", None]},
        "Inside anything but list, start|null|boolean is not supported.",
    ),
    ({"anything-but": {"prefix": ""}}, "Null prefix/suffix not allowed"),
    ({"anything-but": {"suffix": ""}}, "Null prefix/suffix not allowed"),
    ({"anything-but": {"prefix": 1}}, _AFFIX),
    ({"anything-but": {"prefix": [1, "a"]}}, _AFFIX),
    ({"anything-but": {"suffix": [None, "a"]}}, _AFFIX),
    ({"anything-but": {"equals-ignore-case": 1}}, _CASE),
    ({"anything-but": {"equals-ignore-case": [1, 2]}}, _CASE),
    ({"anything-but": {"wildcard": 1}}, "wildcard match pattern must be a string"),
    ({"anything-but": {"wildcard": [1, "a*"]}}, "wildcard match pattern must be a string"),
    (
        {"wildcard": "*:*:*:*:*:a"},
        "Rule is too complex - try using fewer wildcard characters or fewer repeating character "
        "sequences after a wildcard character",
    ),
]
WHOLE: list[tuple[str, str]] = [
    ('["a"]', "Filter is not an object"),
    ('{"a": "b"}', '"a" must be an object or an array'),
    ('{"a": 42}', '"a" must be an object or an array'),
    ('{"a": []}', "Empty arrays are not allowed"),
    ('{"a": {}}', "Empty objects are not allowed"),
    ("{}", "Empty objects are not allowed"),
    ('{"a": [["b"]]}', "Match value must be String, number, true, false, or null"),
    ('{"$or": [{"a": ["b"]}]}', "There must have at least 2 Objects in $or relationship."),
    ('{"$or": ["a", "b"]}', "Only JSON object is allowed in array of $or relationship."),
    (
        '{"$or": [{"prefix": ["a"]}, {"b": ["c"]}]}',
        "prefix is Ruler reserved fieldName which cannot be used inside $or.",
    ),
    ('{"a": [{"prefix": "b", "suffix": "c"}]}', "Only one key allowed in match expression"),
    ('{"a": [{"numeric": ["<", 1, ">", 0]}]}', "Too many elements in numeric expression"),
    ('{"a": [{"numeric": [">", 1, "<", 0]}]}', "Bottom must be less than top"),
    ('{"a": [{"numeric": ["~", 1]}]}', "Unrecognized numeric range operator: ~"),
    ('{"a": [{"exists": "true"}]}', "exists match pattern must be either true or false."),
    ("{'a': ['b']}", "not JSON"),
]


@pytest.mark.parametrize(
    ("text", "reason"),
    [(json.dumps({"detail": {"key": [one]}}), why) for one, why in RECORDED] + WHOLE,
)
def test_a_malformed_pattern_is_refused_with_eventbridges_reason(text: str, reason: str) -> None:
    with pytest.raises(MalformedPatternError) as refused:
        check(text)
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "日本/"}]}}},
        {"prefix": ["a field may be called so"]},
        {"a": [None, True, 1.5, "x", {"exists": False}]},
        {"a": [{"prefix": {"equals-ignore-case": "x"}}, {"suffix": ""}]},
        {"a": [{"anything-but": 1}, {"anything-but": [1, 2]}, {"anything-but": {"prefix": ["x"]}}]},
        {"a": [{"anything-but": {"wildcard": "*/x/*"}}, {"wildcard": r"\*\\*"}]},
        {"a": [{"numeric": [">=", 1, "<", 2]}, {"numeric": ["=", 1]}]},
        {"a": [{"cidr": "10.0.0.0/8"}, {"cidr": "2001:db8::/32"}]},
        {"$or": [{"a": ["x"]}, {"b": {"c": ["y"]}}]},
    ],
    ids=json.dumps,
)
def test_a_valid_pattern_is_taken(pattern: dict[str, Any]) -> None:
    check(json.dumps(pattern))


def test_a_name_may_stand_twice() -> None:
    check('{"a": ["x"], "a": ["y"]}')
