"""Policies decide: action, resource, condition; a deny wins."""

from typing import Any

import pytest

from local.iam import allows, conditions_hold

TABLE = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/parameters"
ALLOW = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE}


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("dynamodb:GetItem", TABLE, True),
        ("DynamoDB:getitem", TABLE, True),
        ("dynamodb:PutItem", TABLE, False),
        ("dynamodb:GetItem", TABLE + "s", False),
        ("dynamodb:GetItem", TABLE.upper(), False),
    ],
)
def test_action_and_resource_must_match(action: str, resource: str, allowed: bool) -> None:
    assert allows([ALLOW], action, resource, {}) is allowed


@pytest.mark.parametrize(
    ("pattern", "resource", "allowed"),
    [
        ("arn:*:dataset/*/ingestion/*", "arn:aws:x:dataset/a/ingestion/b", True),
        ("arn:*:dataset/*/ingestion/*", "arn:aws:x:dataset/a", False),
        ("arn:[a]", "arn:a", False),
        ("arn:?", "arn:a", True),
    ],
)
def test_wildcards_are_those_of_iam(pattern: str, resource: str, allowed: bool) -> None:
    statement = {"Effect": "Allow", "Action": ["a:*"], "Resource": [pattern]}
    assert allows([statement], "a:Do", resource, {}) is allowed


def test_an_explicit_deny_wins() -> None:
    deny = {**ALLOW, "Effect": "Deny"}
    assert allows([ALLOW, deny], "dynamodb:GetItem", TABLE, {}) is False


@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        (None, {}, True),
        ({"StringEquals": {"k": "v"}}, {"k": "v"}, True),
        ({"StringEquals": {"k": ["u", "v"]}}, {"k": "v"}, True),
        ({"StringEquals": {"k": "v"}}, {"k": "w"}, False),
        ({"StringEquals": {"k": "v"}}, {}, False),
        ({"ArnLike": {"k": "arn:*:rule/*"}}, {"k": "arn:aws:rule/x"}, True),
        ({"Bool": {"k": "false"}}, {"k": "true"}, False),
        ({"StringEquals": {"k": "v"}, "ArnEquals": {"a": "b"}}, {"k": "v", "a": "c"}, False),
    ],
)
def test_every_condition_must_hold(
    condition: dict[str, Any] | None, context: dict[str, str], holds: bool
) -> None:
    assert conditions_hold(condition, context) is holds


def test_an_unknown_operator_is_refused_rather_than_ignored() -> None:
    with pytest.raises(ValueError, match="DateLessThan"):
        conditions_hold({"DateLessThan": {"k": "v"}}, {"k": "v"})
