"""``cancel``: the ingestions of one run end, and the run says so itself."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount
from tests.ops.conftest import FOLDER, OTHER, Shell
from tests.workflow.scenarios import drop, leaders, register, verdicts


@pytest.fixture
def refreshing(qsrefresh: Shell) -> LocalAccount:
    """A run whose two ingestions go on."""
    account = qsrefresh.account
    register(account, "one", "two")
    for dataset in account.quicksight.datasets.values():
        dataset.folder, dataset.rows = None, 2
        dataset.seconds = lambda _: 600
    drop(account)
    account.clock.run_for(200)
    return account


def statuses(account: LocalAccount) -> list[str]:
    """Return how the ingestions stand."""
    now = account.clock.now()
    datasets = account.quicksight.datasets.values()
    return [one.status(now) for dataset in datasets for one in dataset.ingestions.values()]


@pytest.mark.parametrize("by", ["folder", "below it", "execution"])
def test_it_asks_cancels_and_says_what_follows(
    refreshing: LocalAccount, qsrefresh: Shell, by: str
) -> None:
    (leader,) = leaders(refreshing)
    which = {"folder": FOLDER[:-1], "below it": f"{FOLDER}x/", "execution": leader}[by]
    assert "Way out: answer y, or add --yes" in qsrefresh.refused("cancel", which, input="")
    planned = qsrefresh.json("cancel", which, "--dry-run")
    assert statuses(refreshing) == ["RUNNING", "RUNNING"]
    result = qsrefresh("cancel", which, input="y\n")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"- one: RUNNING ({planned[0]['ingestion']})\n- two: RUNNING (")
    assert "Cancelled: 2 ingestions." in result.stderr
    assert statuses(refreshing) == ["CANCELLED", "CANCELLED"]
    refreshing.settle()
    assert verdicts(refreshing) == ["ERROR"]
    (again,) = (line for line in result.stderr.splitlines() if "after all: " in line)
    for dataset in refreshing.quicksight.datasets.values():
        dataset.seconds = lambda _: 8
    assert qsrefresh(*again.split("qsrefresh ")[1].split()).exit_code == 0


def test_files_that_arrived_meanwhile_start_the_next_refresh(
    refreshing: LocalAccount, qsrefresh: Shell
) -> None:
    drop(refreshing, "b.csv")
    refreshing.clock.run_for(5)
    assert len(qsrefresh.json("cancel", FOLDER, "--yes")) == 2
    for dataset in refreshing.quicksight.datasets.values():
        dataset.seconds = lambda _: 8
    refreshing.settle()
    assert verdicts(refreshing) == ["ERROR", "SUCCESS"]


def test_one_that_ends_before_it_is_cancelled_is_told(
    refreshing: LocalAccount, qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    cancel = refreshing.client("quicksight").cancel_ingestion

    def too_late(**which: Any) -> Any:
        if which["DataSetId"] == "id-one":
            answer: Any = {"Error": {"Code": "InvalidParameterValueException", "Message": "over"}}
            raise ClientError(answer, "CancelIngestion")
        return cancel(**which)

    broken("quicksight", "cancel_ingestion", too_late)
    said = qsrefresh("cancel", FOLDER, "--yes").stderr
    assert "Cancelled: 1 ingestion." in said
    assert "one: QuickSight cancelled nothing, it had ended." in said


def test_what_cannot_be_cancelled(refreshing: LocalAccount, qsrefresh: Shell) -> None:
    (leader,) = leaders(refreshing)
    assert f"no run refreshes {OTHER} now" in qsrefresh.refused("cancel", OTHER)
    for dataset in refreshing.quicksight.datasets.values():
        for one in dataset.ingestions.values():
            one.ends = refreshing.clock.now()
    nothing = qsrefresh("cancel", FOLDER)
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "none of its ingestions goes on" in nothing.stderr
    refreshing.settle()
    told = qsrefresh.refused("cancel", leader)
    assert "that run has ended as SUCCESS" in told
    assert f"Way out: qsrefresh explain {leader}" in told
    drop(refreshing, "b.csv")
    refreshing.clock.run_for(3)
    told = qsrefresh.refused("cancel", FOLDER)
    assert "has not begun to refresh: it is at the step Wait For More Files" in told
    assert "aws stepfunctions stop-execution --execution-arn arn:" in told


def test_programs_are_told_what_was_cancelled(refreshing: LocalAccount, qsrefresh: Shell) -> None:
    done = json.loads(qsrefresh("cancel", FOLDER, "--yes", "--json").stdout)
    assert [(one["dataset"], one["status"]) for one in done] == [
        ("id-one", "RUNNING"),
        ("id-two", "RUNNING"),
    ]
    assert refreshing.quicksight.datasets["id-one"].ingestions.keys() == {done[0]["ingestion"]}
