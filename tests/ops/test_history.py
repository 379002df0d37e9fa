"""``history`` and ``report``: the last refreshes of a folder, as a list and as a page."""

from collections.abc import Iterator

import pytest

from local.account import LocalAccount
from tests.ops.conftest import FOLDER, OTHER, Shell
from tests.workflow.scenarios import drop, ends_as, register, stop_at

HOUR = 3600


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    """One account with a past: six refreshes, which no test changes."""
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", SettleSeconds="10")
        six_refreshes(account)
        yield account


@pytest.fixture
def account(deployed: LocalAccount) -> LocalAccount:
    """The account, with its past."""
    return deployed


def six_refreshes(account: LocalAccount) -> None:
    """One good, one of two files, one with a skipped row, one failed, one stopped, one by hand."""
    register(account, "one", "two")
    for dataset in account.quicksight.datasets.values():
        dataset.seconds = lambda rows: 5.0 + rows
    drop(account)
    account.clock.run_for(24 * HOUR)
    drop(account, "b.csv")
    account.clock.run_for(2)
    drop(account, "c.csv")
    account.clock.run_for(HOUR)
    drop(account, "d.csv", b"day,sales\n1,10\n2\n")
    account.clock.run_for(HOUR)
    account.drop(f"{account.watched}elsewhere/x.csv")
    failure = {"Type": "DATA_SOURCE_AUTH_FAILED", "Message": "not let in"}
    ends_as(account, "one", {"IngestionStatus": "FAILED", "ErrorInfo": failure})
    drop(account, "e.csv")
    account.clock.run_for(HOUR)
    account.quicksight.datasets["id-one"].outcome = None
    stop_at(account, "Wait For More Files")
    drop(account, "f.csv")
    account.clock.run_for(HOUR)
    account.delete(f"{account.watched}sales/d.csv")
    account.settle()


def test_each_refresh_with_what_became_of_every_dataset(qsrefresh: Shell) -> None:
    found = qsrefresh.json("history", FOLDER)
    assert [one["verdict"] for one in found] == [
        "SUCCESS",
        "DIED",
        "ERROR",
        "ERROR",
        "SUCCESS",
        "SUCCESS",
    ]
    assert [one["files"] for one in found] == [2, None, 1, 1, 2, 1]
    assert found[0]["startedBy"] == "dashboard/data/sales/d.csv deleted"
    assert found[1]["causes"] == ["it was stopped in the step Wait For More Files"]
    told = "one: QuickSight ended it as FAILED (DATA_SOURCE_AUTH_FAILED: not let in)"
    assert found[2]["causes"] == [told, "two: rows skipped: 1"]
    assert found[3]["causes"] == ["one: rows skipped: 1", "two: rows skipped: 1"]
    assert found[3]["datasets"][0] == {
        "id": "id-one",
        "name": "one",
        "status": "COMPLETED",
        "refreshed": False,
        "rows": 7,
        "skippedRows": 1,
        "seconds": 13,
        "cause": "rows skipped: 1",
    }
    assert [one["status"] for one in found[1]["datasets"]] == ["UNKNOWN", "UNKNOWN"]
    assert found[5]["seconds"] > 10
    assert found[5]["link"].endswith(found[5]["execution"])


def test_a_verdict_is_success_exactly_if_every_dataset_was_refreshed(qsrefresh: Shell) -> None:
    for one in qsrefresh.json("history", FOLDER):
        refreshed = all(dataset["refreshed"] for dataset in one["datasets"])
        assert (one["verdict"] == "SUCCESS") == refreshed


def test_only_what_went_wrong_and_only_since_then(qsrefresh: Shell) -> None:
    every = qsrefresh.json("history", FOLDER)
    failed = qsrefresh.json("history", FOLDER, "--failed")
    assert failed == [one for one in every if one["verdict"] != "SUCCESS"]
    assert qsrefresh.json("history", FOLDER, "--since", "6h") == every[:5]
    assert qsrefresh.json("history", FOLDER, "--since", "2020-01-01") == every
    assert qsrefresh.json("history", FOLDER, "--since", every[0]["startedAt"]) == every[:1]


def test_it_is_read_as_a_table(qsrefresh: Shell) -> None:
    lines = qsrefresh("history", FOLDER).stdout.splitlines()
    assert lines[0].split() == [
        *("Started", "Verdict", "Took", "Files"),
        *("Dataset", "Status", "Rows", "Skipped", "Seconds", "Cause"),
    ]
    died = next(line for line in lines if " DIED " in line)
    assert died.endswith("it was stopped in the step Wait For More Files")
    assert sum("rows skipped: 1" in line for line in lines) == 3
    assert len(lines) == 1 + 6 * 2 + 1


def test_a_folder_is_told_apart_from_its_neighbours(qsrefresh: Shell) -> None:
    assert qsrefresh.json("history", f"{FOLDER}deeper/") == qsrefresh.json("history", FOLDER)
    (elsewhere,) = qsrefresh.json("history", FOLDER.replace("sales", "elsewhere"))
    assert elsewhere["causes"][0].startswith("nothing is registered for")
    nothing = qsrefresh("history", OTHER)
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "--since" in nothing.stderr


@pytest.mark.parametrize("when", ["yesterday", "7y", "", "2026-13-01"])
def test_a_time_that_is_none_is_refused(qsrefresh: Shell, when: str) -> None:
    result = qsrefresh("history", FOLDER, "--since", when)
    assert result.exit_code == 2
    assert "is neither like 12h" in result.stderr
