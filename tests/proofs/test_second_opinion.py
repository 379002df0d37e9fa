"""The local account's JSONata answers as the reference implementation did when it was asked."""

import json
import warnings
from typing import Any

import pytest

from local.account import LocalAccount
from proofs.second_opinion.recording import DEPTHS, FILE, deployed_expressions, ours

RECORDED: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
DEPTHS_FOUND: dict[str, int] = json.loads(DEPTHS.read_text(encoding="utf-8"))


#: How deep an expression may be counted with 300 datasets. The time box of the reference
#: implementation's test suite stops at 100, and Step Functions stops with its words ("Stack
#: overflow error: Check for non-terminating recursive function"); whether it counts alike is not
#: known.
DEEPEST = 50


def test_what_nobody_has_asked_about_is_listed() -> None:
    # A warning, not a failure: asking needs Node.js and the network, and an edit may be harmless.
    with LocalAccount() as account:
        account.deploy()
        deployed = deployed_expressions(account)
    assert deployed
    asked = {one["expression"] for one in RECORDED} & set(DEPTHS_FOUND)
    for expression in sorted(deployed - asked):
        warnings.warn(f"not asked yet (make second-opinion asks): {expression[:200]}", stacklevel=1)


def test_no_expression_grows_deep_with_the_number_of_datasets() -> None:
    assert {one: depth for one, depth in DEPTHS_FOUND.items() if depth >= DEEPEST} == {}


def test_nothing_that_was_recorded_tells_of_a_machine() -> None:
    assert "stackTrace" not in FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("place", range(0, len(RECORDED), 40))
def test_both_answer_the_same(place: int) -> None:
    for one in RECORDED[place : place + 40]:
        answered = {key: one[key] for key in ("value", "failed") if key in one}
        assert ours(one) == answered, one["expression"]
