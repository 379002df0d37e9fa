"""Wrong versions of the order and of second attempts: each does something that ours never does."""

import collections
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.account import LocalAccount
from local.services.spice import Rows
from proofs.edits import ORDER_EDITS
from tests.workflow.invariants import refreshes
from tests.workflow.scenarios import redefined
from tests.workflow.test_order import FAILED, GONE, SHORT, asked, let, refresh, register

Scene = Callable[[LocalAccount], list[str]]
#: Runs of these go round for ever: their history is full at so many events, not at 25,000.
ENDLESS = ("left-keeps-what-was-handed-out", "handed-out-is-what-has-a-result")
HISTORY = 200


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", RefreshTimeoutSeconds="3600")
        yield account


def a_family(account: LocalAccount, **fates: str) -> str:
    """Refresh a parent, its child and another one, and return the mail."""
    graph = {"child": ["parent"], "parent": [], "grandchild": ["child"]}
    register(account, graph, parent={"minrows": 2})
    let(account, fates)
    return refresh(account)


def twice(account: LocalAccount) -> list[str]:
    counted = collections.Counter(asked(account))
    return [f"{name} was handed out {n} times" for name, n in counted.items() if n > 1]


def all_are_good(account: LocalAccount) -> list[str]:
    message = a_family(account)
    good = "all 3 datasets" in message or message.startswith("The QuickSight refresh succeeded.")
    return twice(account) + ([] if good else [f"not a success: {message}"])


def a_child_dies_without_a_trace(account: LocalAccount) -> list[str]:
    a_family(account, child=GONE)
    return twice(account)


def few_rows(account: LocalAccount) -> list[str]:
    a_family(account, parent=SHORT)
    return [f"{name} was refreshed" for name in asked(account) if name != "parent"]


def a_failed_parent(account: LocalAccount) -> list[str]:
    a_family(account, parent=FAILED)
    return [f"{name} was refreshed" for name in asked(account) if name != "parent"]


def results_of_a_second_wave_are_too_large(account: LocalAccount) -> list[str]:
    register(account, {"parent": [], **{name: ["parent"] for name in map(str, range(30))}})
    for number in range(30):

        def outcome(_: Rows) -> dict[str, Any]:
            return {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": "X" * 9000}}

        account.quicksight.datasets[f"id-{number}"].outcome = outcome
    message = refresh(account)
    return [] if "Dataset parent was refreshed." in message else ["the first wave is not told"]


def tried_again(account: LocalAccount, seconds: float = 600, error: str = "QUERY_TIMEOUT") -> None:
    register(account, {"one": []}, one={"retries": 2})
    dataset, left = account.quicksight.datasets["id-one"], [1]

    def outcome(_: Rows) -> dict[str, Any]:
        left[0] -= 1
        if left[0] < 0:
            return {"IngestionStatus": "COMPLETED"}
        return {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": error}}

    dataset.outcome, dataset.seconds = outcome, lambda _: seconds
    refresh(account)


def a_long_attempt_then_a_short_one(account: LocalAccount) -> list[str]:
    tried_again(account)
    last = refreshes(account, "id-one")[-1]
    looks = [
        entry.at
        for entry in account.journal
        if entry.call and entry.call.parameters.get("IngestionId") == last.ingestion_id
    ]
    between = [later - earlier for earlier, later in itertools.pairwise(looks)]
    return [] if between[0] <= 15 else [f"first looked at after {between[0]:.0f} s"]


def a_second_attempt(account: LocalAccount) -> list[str]:
    tried_again(account)
    number = len(refreshes(account, "id-one"))
    return [] if number == 2 else [f"{number} attempts"]


def a_broken_file(account: LocalAccount) -> list[str]:
    tried_again(account, error="CUSTOMER_ERROR")
    number = len(refreshes(account, "id-one"))
    return [] if number == 1 else [f"{number} attempts"]


def hardly_any_time_is_left(account: LocalAccount) -> list[str]:
    tried_again(account, seconds=3300)
    number = len(refreshes(account, "id-one"))
    return [] if number == 1 else [f"{number} attempts"]


SCENES: dict[str, Scene] = {
    "left-keeps-what-was-handed-out": all_are_good,
    "handed-out-is-what-has-a-result": a_child_dies_without_a_trace,
    "few-rows-hold-nothing-up": few_rows,
    "a-dead-parent-holds-nothing-up": a_failed_parent,
    "a-map-that-fails-is-not-caught": results_of_a_second_wave_are_too_large,
    "earlier-waves-are-forgotten": all_are_good,
    "a-second-attempt-is-timed-from-the-first": a_long_attempt_then_a_short_one,
    "every-attempt-has-the-same-id": a_second_attempt,
    "whatever-failed-is-tried-again": a_broken_file,
    "attempts-go-past-the-deadline": hardly_any_time_is_left,
}


def test_every_wrong_version_has_a_scene() -> None:
    assert set(SCENES) == set(ORDER_EDITS)


@pytest.mark.parametrize("scene", dict.fromkeys(SCENES.values()), ids=lambda one: one.__name__)
def test_the_real_machine_does_nothing_of_it(account: LocalAccount, scene: Scene) -> None:
    assert scene(account) == []


@pytest.mark.parametrize("name", SCENES)
def test_a_wrong_version_is_noticed(account: LocalAccount, name: str) -> None:
    before, edit = account.history_limit, ORDER_EDITS[name]
    account.history_limit = HISTORY if name in ENDLESS else before
    try:
        with redefined(account, lambda definition: edit.change(definition["States"])):
            assert SCENES[name](account) != []
    finally:
        account.history_limit = before
