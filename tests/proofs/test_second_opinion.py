"""The local account's JSONata answers as the reference implementation did when it was asked."""

import json
import warnings
from typing import Any

import pytest

from local.account import LocalAccount
from proofs.second_opinion.recording import FILE, deployed_expressions, ours

RECORDED: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))


def test_what_nobody_has_asked_about_is_listed() -> None:
    # A warning, not a failure: asking needs Node.js and the network, and an edit may be harmless.
    with LocalAccount() as account:
        account.deploy()
        deployed = deployed_expressions(account)
    assert deployed
    for expression in sorted(deployed - {one["expression"] for one in RECORDED}):
        warnings.warn(f"not asked yet (make second-opinion asks): {expression[:200]}", stacklevel=1)


def test_nothing_that_was_recorded_tells_of_a_machine() -> None:
    assert "stackTrace" not in FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("place", range(0, len(RECORDED), 40))
def test_both_answer_the_same(place: int) -> None:
    for one in RECORDED[place : place + 40]:
        answered = {key: one[key] for key in ("value", "failed") if key in one}
        assert ours(one) == answered, one["expression"]
