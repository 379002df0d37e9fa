"""Policies decide: action, resource, condition; a deny wins."""

import contextlib
import json
from typing import Any

import pytest

from local.account import LocalAccount
from local.services.iam import AccessDeniedError, allows, conditions_hold, service_may
from tests.local.machines import STATES_ROLE, role_that_may

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


@pytest.mark.parametrize(
    ("operator", "values", "holds"),
    [
        ("ForAllValues:StringEquals", ("u", "v"), True),
        ("ForAllValues:StringEquals", ("u", "w"), False),
        ("ForAllValues:StringEquals", "v", True),
        ("ForAllValues:StringEquals", "w", False),
        ("ForAllValues:StringEquals", (), True),
        ("ForAllValues:StringEquals", None, True),
        ("StringEquals", ("u", "v"), False),
    ],
)
def test_all_values_of_a_request_may_have_to_hold(
    operator: str, values: str | tuple[str, ...] | None, holds: bool
) -> None:
    context = {} if values is None else {"k": values}
    assert conditions_hold({operator: {"k": ["u", "v"]}}, context) is holds


QUEUE = "arn:aws:sqs:ap-northeast-1:123456789012:q"
RULE = {"aws:SourceArn": "arn:aws:events:ap-northeast-1:123456789012:rule/r"}


@pytest.mark.parametrize(
    ("changed", "may"),
    [
        ({}, True),
        ({"Principal": "*"}, True),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, False),
        ({"Principal": {"AWS": "*"}}, False),
        ({"Action": "sqs:ReceiveMessage"}, False),
        ({"Resource": QUEUE + "r"}, False),
        ({"Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:r:1:rule/s"}}}, False),
    ],
    ids=str,
)
def test_a_resources_policy_says_which_service_may_do_what(
    changed: dict[str, Any], may: bool
) -> None:
    allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
    whom = {"Principal": {"Service": ["events.amazonaws.com"]}}
    where = {"Condition": {"ArnEquals": RULE}}
    policy = json.dumps({"Statement": [{**allow, **whom, **where, **changed}]})
    assert service_may(policy, "events.amazonaws.com", "sqs:SendMessage", QUEUE, RULE) is may
    assert not service_may(None, "events.amazonaws.com", "sqs:SendMessage", QUEUE, RULE)


def test_an_unknown_operator_is_refused_rather_than_ignored() -> None:
    with pytest.raises(ValueError, match="DateLessThan"):
        conditions_hold({"DateLessThan": {"k": "v"}}, {"k": "v"})


def test_a_role_has_the_inline_policies_that_were_deployed(account: LocalAccount) -> None:
    roles = [one for one in account.authorizer.backend.roles.values() if "FileEvent" in one.name]
    ((statement,),) = [account.authorizer.statements(role.arn) for role in roles]
    assert statement["Action"] == "states:StartExecution"
    assert statement["Resource"] == account.machine_arn


CONTEXT = {"aws:SourceAccount": "1", "aws:SourceArn": "arn:aws:events:x:1:rule/a"}


@pytest.mark.parametrize(
    ("service", "context", "trusted"),
    [
        ("events.amazonaws.com", CONTEXT, True),
        ("states.amazonaws.com", CONTEXT, False),
        ("events.amazonaws.com", CONTEXT | {"aws:SourceAccount": "2"}, False),
        ("events.amazonaws.com", CONTEXT | {"aws:SourceArn": "arn:aws:events:x:1:other"}, False),
    ],
)
def test_a_role_is_taken_only_by_whom_it_trusts(
    account: LocalAccount, service: str, context: dict[str, str], trusted: bool
) -> None:
    conditions = {
        "StringEquals": {"aws:SourceAccount": "1"},
        "ArnLike": {"aws:SourceArn": "arn:aws:events:x:1:rule/*"},
    }
    trust = json.loads(STATES_ROLE)
    trust["Statement"][0] |= {
        "Principal": {"Service": "events.amazonaws.com"},
        "Condition": conditions,
    }
    role = role_that_may(account, trust=json.dumps(trust))
    with contextlib.nullcontext() if trusted else pytest.raises(AccessDeniedError):
        account.authorizer.check_trust(role, service, context)
