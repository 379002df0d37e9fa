"""A folder's own ways: the file that starts its refresh, and how long it waits for company."""

from decimal import Decimal
from typing import Any

import pytest

from local.account import WATCHED, LocalAccount
from tests.workflow.invariants import check_invariants, refreshes, state_items
from tests.workflow.scenarios import FOLDER, at_state, drop, ending, ends_as, register, verdicts

WAITING = "Waiting For Marker"


def register_with(account: LocalAccount, folder: str = FOLDER, **fields: Any) -> None:
    """Register a dataset for a folder that has ways of its own."""
    name = folder.rstrip("/").rpartition("/")[2]
    datasets = [{"datasetid": f"id-{name}", "datasetname": name}]
    account.register([{"S3uri": folder, "datasets": datasets, **fields}])
    ends_as(account, name, {"IngestionStatus": "COMPLETED"})  # whether a file can be read or not


def endings(account: LocalAccount) -> list[str]:
    return [ending(account, execution) for execution in account.executions]


@pytest.mark.parametrize(
    ("marker", "name", "started"),
    [
        ("_SUCCESS", "_SUCCESS", True),
        ("_SUCCESS", "x_SUCCESS", False),
        ("_SUCCESS", "_success", False),
        ("_SUCCESS", "_SUCCESS/a.csv", False),
        ("_SUCCESS", "year=2026/_SUCCESS", True),
        ("*.done", "sales.done", True),
        ("*.done", "sales.done.csv", False),
        ("aa*aa", "aaa", False),
        ("a.b+(c)[1]", "a.b+(c)[1]", True),
        ("a.b+(c)[1]", "aXbb+(c)[1]", False),
        ("完了*", "完了 2026-11-26", True),
    ],
)
def test_only_its_marker_starts_a_folder_that_names_one(
    account: LocalAccount, marker: str, name: str, started: bool
) -> None:
    register_with(account, startson=marker)
    drop(account, name)
    account.settle()
    check_invariants(account)
    assert endings(account) == ["Refresh Succeeded" if started else WAITING]
    assert verdicts(account) == (["SUCCESS"] if started else [])
    assert bool(state_items(account)) == started


def test_a_wrong_marker_is_told_and_every_file_starts(account: LocalAccount) -> None:
    register_with(account, startson="a/b")
    drop(account)
    account.settle()
    assert len(refreshes(account, "id-sales")) == 1
    (mail,) = account.mails
    assert mail.subject.startswith("[ERROR]")
    assert "startson" in mail.message


def test_a_deleted_marker_starts_nothing(account: LocalAccount) -> None:
    register_with(account, startson="_SUCCESS")
    for name in ("_SUCCESS", "a.csv"):
        drop(account, name)
        account.settle()
        account.delete(f"{WATCHED}sales/{name}")
        account.settle()
    check_invariants(account)
    assert endings(account) == ["Refresh Succeeded", WAITING, WAITING, WAITING]


def test_the_nearest_registered_folder_says_what_its_marker_is(account: LocalAccount) -> None:
    register_with(account, startson="_SUCCESS")
    register_with(account, f"{FOLDER}daily/")
    register_with(account, f"{FOLDER}hourly/", startson="*.ok")
    for name in ("daily/a.csv", "daily/_SUCCESS", "hourly/_SUCCESS", "hourly/a.ok"):
        drop(account, name)
        account.settle()
    check_invariants(account)
    ended = "Refresh Succeeded"
    assert endings(account) == [ended, ended, WAITING, ended]
    assert refreshes(account, "id-sales") == []


def test_a_folder_that_is_ignored_stays_ignored(account: LocalAccount) -> None:
    account.register([{"S3uri": FOLDER, "startson": "_SUCCESS", "ignore": True}])
    drop(account, "_SUCCESS")
    account.settle()
    assert endings(account) == ["Folder Ignored"]


def test_a_start_by_hand_needs_no_marker(account: LocalAccount) -> None:
    register_with(account, startson="_SUCCESS")
    account.start({"folder": FOLDER}, "by-hand")
    account.settle()
    check_invariants(account)
    assert verdicts(account) == ["SUCCESS"]


def test_what_arrives_during_a_refresh_is_handed_over_for_markers_only(
    account: LocalAccount,
) -> None:
    register_with(account, startson="_SUCCESS")
    at_state(account, "Refresh Each Dataset", lambda _: drop(account, "part-1.csv"))
    drop(account, "_SUCCESS")
    account.settle()
    assert sorted(endings(account)) == ["Refresh Succeeded", WAITING]

    at_state(account, "Refresh Each Dataset", lambda _: drop(account, "_SUCCESS"))
    drop(account, "_SUCCESS")
    account.settle()
    check_invariants(account)
    names = [execution.execution_arn.rpartition(":")[2] for execution in account.executions]
    assert [name.startswith("continues-") for name in names].count(True) == 1
    assert len(refreshes(account, "id-sales")) == 3


def test_a_marker_that_is_named_while_a_run_waits_changes_nothing_for_it(
    account: LocalAccount,
) -> None:
    register(account, "one")

    def name_one(_: str) -> None:
        account.register([{**registered, "startson": "_SUCCESS"}])

    registered = {"S3uri": FOLDER, "datasets": [{"datasetid": "id-one", "datasetname": "one"}]}
    at_state(account, "Wait For More Files", name_one)
    drop(account)
    account.settle()
    assert verdicts(account) == ["SUCCESS"]


@pytest.mark.parametrize(
    ("seconds", "waited"),
    [(0, 0), (120, 120), (900, 300), (901, 30), ("120", 30), (Decimal("2.5"), 30), (None, 30)],
)
def test_a_folder_settles_for_its_own_time_within_the_stacks_most(
    account: LocalAccount, seconds: Any, waited: float
) -> None:
    register_with(account, **({} if seconds is None else {"settleseconds": seconds}))
    began = account.clock.now()
    drop(account)
    account.settle()
    check_invariants(account)
    (refresh,) = refreshes(account, "id-sales")
    assert refresh.created - began == pytest.approx(waited, abs=5)
    right = isinstance(seconds, int) and seconds <= 900
    assert verdicts(account) == ["SUCCESS" if right or seconds is None else "ERROR"]


def test_a_folders_own_time_is_bounded_as_the_stacks_is(account: LocalAccount) -> None:
    register_with(account, settleseconds=200)
    began = account.clock.now()

    def keep_dropping() -> None:
        for number in range(6):
            drop(account, f"{number}.csv")
            account.clock.sleep(70)

    account.clock.spawn("test: files", keep_dropping)
    account.settle()
    check_invariants(account)
    first = refreshes(account, "id-sales")[0]
    assert first.created - began == pytest.approx(300, abs=5)
