"""One burst of files is one refresh and one mail, and no file is forgotten."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.account import WATCHED, LocalAccount
from local.core.faults import Fault, NoAnswerError, ServiceError
from tests.workflow.invariants import check_invariants, record_item, refreshes, state_item
from tests.workflow.scenarios import FOLDER, at_state, fail, register, verdicts

THROTTLED = ServiceError("ThrottlingException")
LOST = NoAnswerError("the answer was lost")


def drop(account: LocalAccount, name: str = "a.csv", folder: str = "sales/") -> None:
    account.drop(f"{WATCHED}{folder}{name}")


def later(account: LocalAccount, seconds: float, work: Callable[[], Any]) -> None:
    """Do something after a while, on the account's clock."""

    def wait_and_work() -> None:
        account.clock.sleep(seconds)
        work()

    account.clock.spawn(f"test: {seconds}", wait_and_work)


def stop(account: LocalAccount) -> Callable[[str], Any]:
    return lambda arn: account.client("stepfunctions").stop_execution(executionArn=arn)


def test_files_that_arrive_together_are_one_refresh_and_one_mail(account: LocalAccount) -> None:
    register(account, "one", "two")
    for number in range(20):
        drop(account, f"{number}.csv")
    account.settle()
    check_invariants(account)
    assert len(refreshes(account, "id-one")) == 1
    assert verdicts(account) == ["SUCCESS"]
    assert "20" in account.mails[0].message or "19 more" in account.mails[0].message
    ends = [account.path(execution)[-1] for execution in account.executions]
    assert sorted(set(ends)) == ["Joined Running Refresh", "Refresh Succeeded"]


def test_files_that_keep_coming_are_waited_for(account: LocalAccount) -> None:
    register(account, "one")
    for number in range(6):
        later(account, 20 * number, lambda number=number: drop(account, f"{number}.csv"))  # type: ignore[misc]
    account.settle()
    check_invariants(account)
    assert len(refreshes(account, "id-one")) == 1


def test_the_wait_for_more_files_is_bounded(account: LocalAccount) -> None:
    register(account, "one")
    for number in range(60):
        later(account, 10 * number, lambda number=number: drop(account, f"{number}.csv"))  # type: ignore[misc]
    began = account.clock.now()
    account.settle()
    check_invariants(account)
    first = min(ingestion.created for ingestion in refreshes(account, "id-one"))
    assert first - began <= 300 + 30
    assert 2 <= len(refreshes(account, "id-one")) <= 3


@pytest.mark.parametrize(
    ("state", "runs"),
    [
        ("Count Files", 1),
        ("Refresh Each Dataset", 2),
        ("Check Ingestion Status", 2),
        ("Send Mail", 2),
        ("Release Folder", 2),
        ("Files Waiting?", 2),
        ("Mail Sent?", 2),
    ],
)
def test_a_file_that_arrives_in_any_state_of_the_leader_is_covered(
    account: LocalAccount, state: str, runs: int
) -> None:
    register(account, "one")
    at_state(account, state, lambda _: drop(account, "late.csv"))
    drop(account)
    account.settle()
    check_invariants(account)
    assert 1 <= len(refreshes(account, "id-one")) <= max(runs, 2)
    last_drop = max(event["time"] for event in account.events.sent if event["source"] == "aws.s3")
    started = max(ingestion.created for ingestion in refreshes(account, "id-one"))
    assert started >= account.time_of(last_drop)


LEADER_STATES = [
    "Leading This Folder?",
    "Wait Until Next Start",
    "Wait For More Files",
    "Count Files",
    "More Files Arriving?",
    "Refresh Each Dataset",
    "Check Ingestion Status",
    "Send Mail",
    "Announce Result",
    "Folder Led?",
    "Release Folder",
    "Files Waiting?",
    "Mail Sent?",
]


@pytest.mark.parametrize("state", LEADER_STATES)
def test_a_leader_that_is_stopped_anywhere_never_blocks_its_folder(
    account: LocalAccount, state: str
) -> None:
    register(account, "one")
    at_state(account, state, stop(account))
    drop(account)
    account.settle()
    check_invariants(account)
    drop(account, "next.csv")
    account.settle()
    check_invariants(account)
    assert "leader" not in state_item(account, FOLDER)
    assert "SUCCESS" in verdicts(account)


@pytest.mark.parametrize("state", LEADER_STATES)
def test_followers_of_a_stopped_leader_take_over(account: LocalAccount, state: str) -> None:
    register(account, "one")
    at_state(account, state, stop(account))
    for number in range(3):
        later(account, 5 * number, lambda number=number: drop(account, f"{number}.csv"))  # type: ignore[misc]
    account.settle()
    check_invariants(account)
    assert "leader" not in state_item(account, FOLDER)


def test_the_same_event_delivered_twice_is_one_refresh(account: LocalAccount) -> None:
    register(account, "one")
    account.events.deliver_twice = True
    drop(account)
    account.settle()
    account.events.deliver_twice = False
    check_invariants(account)
    assert len(refreshes(account, "id-one")) == 1
    assert verdicts(account) == ["SUCCESS"]


WRITES = ["Claim Folder", "Release Folder", "Start Next Run", "Take Over Folder", "Count Files"]


@pytest.mark.parametrize("state", WRITES)
@pytest.mark.parametrize("how", ["answer lost once", "gives up though applied", "gives up"])
def test_a_write_that_fails_leaves_nothing_forgotten(
    account: LocalAccount, state: str, how: str
) -> None:
    register(account, "one")
    if state in ("Start Next Run",):
        at_state(account, "Refresh Each Dataset", lambda _: drop(account, "late.csv"))
    if state == "Take Over Folder":
        at_state(account, "Refresh Each Dataset", stop(account))
        later(account, 35, lambda: drop(account, "late.csv"))
    account.faults.add(
        Fault(
            "*",
            "*",
            error=LOST,
            lost=how != "gives up",
            times=1 if how == "answer lost once" else None,
            when=lambda call: call.state == state,
        )
    )
    drop(account)
    account.settle()
    account.faults.clear()
    check_invariants(account)
    drop(account, "after.csv")
    account.settle()
    check_invariants(account)
    assert "leader" not in state_item(account, FOLDER)
    assert verdicts(account)[-1] == "SUCCESS"


@pytest.mark.parametrize("operation", ["UpdateItem", "GetItem"])
def test_dynamodb_down_for_ever_is_told_and_healed_by_the_next_file(
    account: LocalAccount, operation: str
) -> None:
    register(account, "one")
    account.faults.add(Fault("dynamodb", operation, error=ServiceError("InternalServerError")))
    drop(account)
    account.settle()
    assert verdicts(account)[0] == "ERROR"
    account.faults.clear()
    drop(account, "after.csv")
    account.settle()
    check_invariants(account)
    assert verdicts(account)[-1] == "SUCCESS"


def test_who_cannot_claim_leaves_the_lead_to_whoever_has_it(account: LocalAccount) -> None:
    register(account, "one")
    account.quicksight.datasets["id-one"].seconds = lambda _: 3600

    def late(_: str) -> None:
        account.faults.add(
            Fault(
                "dynamodb",
                "UpdateItem",
                error=ServiceError("ValidationException"),
                when=lambda call: call.state == "Claim Folder",
            )
        )
        drop(account, "late.csv")

    at_state(account, "Refresh Each Dataset", late)
    drop(account)
    account.settle()
    check_invariants(account)
    leader, other = account.executions
    assert "Withdraw Claim" in account.path(other)
    assert account.path(leader)[-1] == "Refresh Succeeded"
    assert "Start Next Run" not in account.path(leader)


def test_a_throttled_start_of_the_next_run_is_retried(account: LocalAccount) -> None:
    register(account, "one")
    at_state(account, "Refresh Each Dataset", lambda _: drop(account, "late.csv"))
    fault = account.faults.add(Fault("stepfunctions", "StartExecution", error=THROTTLED, times=3))
    drop(account)
    account.settle()
    check_invariants(account)
    assert fault.hits == 3
    assert verdicts(account) == ["SUCCESS", "SUCCESS"]


def test_hand_overs_end(account: LocalAccount) -> None:
    register(account, "one")
    at_state(account, "Refresh Each Dataset", lambda _: drop(account, "late.csv"), times=3)
    drop(account)
    account.settle()
    check_invariants(account)
    continued = [
        execution for execution in account.executions if "continues" in execution.execution_input
    ]
    assert 1 <= len(continued) <= 3
    assert len(refreshes(account, "id-one")) == 4


def test_a_describe_execution_that_is_stale_or_throttled_loses_nothing(
    account: LocalAccount,
) -> None:
    register(account, "one")
    account.faults.add(Fault("stepfunctions", "DescribeExecution", error=THROTTLED, times=4))
    for number in range(5):
        drop(account, f"{number}.csv")
    account.settle()
    check_invariants(account)
    assert verdicts(account) == ["SUCCESS"]


def test_a_leader_believed_gone_costs_one_more_refresh_at_most(account: LocalAccount) -> None:
    register(account, "one")
    gone = ServiceError("ExecutionDoesNotExist")
    account.faults.add(Fault("stepfunctions", "DescribeExecution", error=gone))
    drop(account, "a.csv")
    later(account, 2, lambda: drop(account, "b.csv"))
    account.settle()
    check_invariants(account, leaders=2)
    assert len(refreshes(account, "id-one")) <= 2


def test_a_child_folder_registered_while_its_parent_runs(account: LocalAccount) -> None:
    register(account, "parent")

    def register_child(_: str) -> None:
        register(account, "child", folder=f"{FOLDER}child/")
        drop(account, "b.csv", "sales/child/")

    at_state(account, "Refresh Each Dataset", register_child)
    drop(account, "a.csv", "sales/child/")
    account.settle()
    check_invariants(account)
    assert len(refreshes(account, "id-parent")) == 1
    assert len(refreshes(account, "id-child")) == 1


def test_a_thousand_stray_files_would_be_one_mail_as_fifty_are(account: LocalAccount) -> None:
    for number in range(50):
        drop(account, "a.csv", f"stray{number}/")
    account.settle()
    assert verdicts(account) == ["ERROR"]
    check_invariants(account)


def test_a_folder_unregistered_during_its_run_still_ends(account: LocalAccount) -> None:
    register(account, "one")

    def unregister(_: str) -> None:
        account.client("dynamodb").delete_item(
            TableName="sampleproject-parameters", Key={"S3uri": {"S": FOLDER}}
        )
        drop(account, "late.csv")

    at_state(account, "Refresh Each Dataset", unregister)
    drop(account)
    account.settle()
    check_invariants(account)
    assert "ERROR" in verdicts(account)


def test_a_file_that_joins_is_refreshed_by_the_registration_it_came_with(
    account: LocalAccount,
) -> None:
    register(account, "one")

    def register_more() -> None:
        register(account, "one", "two")
        drop(account, "b.csv")

    later(account, 20, register_more)
    drop(account)
    account.settle()
    check_invariants(account)
    assert verdicts(account) == ["SUCCESS"]
    assert [len(refreshes(account, name)) for name in ("id-one", "id-two")] == [1, 1]


def test_a_watched_folder_registered_while_a_stray_file_waits_is_refreshed(
    account: LocalAccount,
) -> None:
    def register_all() -> None:
        register(account, "one", folder=f"s3://{account.bucket}/{WATCHED}")
        drop(account, "b.csv")

    later(account, 20, register_all)
    drop(account, folder="stray/")
    account.settle()
    check_invariants(account)
    assert verdicts(account) == ["SUCCESS"]
    assert len(refreshes(account, "id-one")) == 1


def test_a_folder_unregistered_while_its_run_waits_is_told(account: LocalAccount) -> None:
    register(account, "one")
    delete = account.client("dynamodb").delete_item
    key = {"S3uri": {"S": FOLDER}}
    later(account, 20, lambda: delete(TableName="sampleproject-parameters", Key=key))
    drop(account)
    account.settle()
    check_invariants(account)
    assert verdicts(account) == ["ERROR"]
    assert refreshes(account, "id-one") == []


def test_the_mail_about_a_stray_file_says_that_others_may_lie_elsewhere(
    account: LocalAccount,
) -> None:
    drop(account, folder="stray/")
    drop(account, folder="elsewhere/")
    account.settle()
    (mail,) = account.mails
    assert "1 more files arrived, perhaps in other folders" in mail.message


def test_a_run_that_goes_on_after_all_is_not_told_as_lost(account: LocalAccount) -> None:
    register(account, "one")
    account.quicksight.datasets["id-one"].seconds = lambda _: 600

    def tell(arn: str) -> None:
        news = {"detail": {"executionArn": arn, "status": "ABORTED"}}
        account.client("stepfunctions").start_execution(
            stateMachineArn=account.arn(
                "states", f"stateMachine:{account.project}-report-lost-run"
            ),
            input=json.dumps(news),
        )

    at_state(account, "Refresh Each Dataset", tell)
    drop(account)
    account.settle()
    check_invariants(account)
    assert verdicts(account) == ["SUCCESS"]
    ends = {account.path(execution)[-1] for execution in account.executions}
    assert ends == {"Refresh Succeeded", "Run Not Lost"}


def test_the_mail_about_late_files_does_not_name_the_file_before(account: LocalAccount) -> None:
    register(account, "one")
    at_state(account, "Refresh Each Dataset", lambda _: drop(account, "late.csv"))
    drop(account)
    account.settle()
    first, second = account.mails
    assert "Started by: a.csv added" in first.message
    assert "Started by: files that arrived during the previous run (1)" in second.message


def test_a_run_is_remembered_and_each_datasets_last_good_refresh(account: LocalAccount) -> None:
    register(account, "one", "two")
    drop(account)
    account.settle()
    lead, record = state_item(account, FOLDER), record_item(account, FOLDER)
    assert set(lead) == {"S3uri", "arrivals", "covered", "lastStarted", "lastSucceeded", "turn"}
    assert lead["covered"] == lead["arrivals"] == lead["turn"] == 1
    run = record["run00"]
    assert run["verdict"] == record["verdict"] == "SUCCESS"
    assert run["execution"] == record["lastExecution"] == account.executions[0].execution_arn
    assert record["lastEnded"] == run["ended"] >= record["lastStarted"] >= run["started"]
    assert (run["mailed"], run["problem"], run["fileEvents"]) == (True, "", 1)
    assert (run["registered"], run["refreshed"]) == (2, 2)
    good = {"status": "COMPLETED", "rows": 1, "skipped": 0, "seconds": 20}
    assert run["datasets"]["id-one"] == good
    assert record["datasets"]["id-one"] == {"rows": 1, "seconds": 20}
    failed = {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": "SQL_EXCEPTION", "Message": "no"}}
    account.quicksight.datasets["id-one"].outcome = lambda _: failed
    drop(account)
    account.settle()
    record = record_item(account, FOLDER)
    assert record["datasets"]["id-one"] == {"rows": 1, "seconds": 20}
    assert (record["verdict"], record["run01"]["refreshed"]) == ("ERROR", 1)
    assert record["run01"]["datasets"]["id-one"]["status"] == "FAILED"
    assert (run["errors"], record["run01"]["errors"]) == ({}, {"id-one": "SQL_EXCEPTION"})
    assert record["run00"] == run


def test_the_record_is_a_ring_of_thirty_runs(account: LocalAccount) -> None:
    register(account, "one")
    for number in range(32):
        drop(account, f"{number}.csv")
        account.settle()
    record = record_item(account, FOLDER)
    runs = sorted(name for name in record if name.startswith("run"))
    assert runs == [f"run{slot:02}" for slot in range(30)]
    newest = max(runs, key=lambda name: record[name]["started"])
    assert newest == "run01"
    assert record[newest]["execution"] == account.executions[-1].execution_arn


def test_a_record_is_bounded_whatever_a_folder_has(account: LocalAccount) -> None:
    names = [f"{number:03}{'x' * 58}" for number in range(120)]
    datasets = [{"datasetid": name, "datasetname": name} for name in names]
    odd = {"datasetid": "日本" * 10, "datasetname": "odd"}
    account.register([{"S3uri": FOLDER, "datasets": [odd, *datasets]}])
    drop(account)
    account.settle()
    record = record_item(account, FOLDER)
    assert (len(record["run00"]["datasets"]), len(record["datasets"])) == (40, 100)
    assert record["run00"]["registered"] == 121
    assert "日本" * 10 not in record["datasets"]
    failed = {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": "X" * 99, "Message": "no"}}
    for dataset in account.quicksight.datasets.values():
        dataset.outcome = lambda _: failed
    drop(account)
    account.settle()
    errors = record_item(account, FOLDER)["run01"]["errors"]
    assert (len(errors), set(errors.values())) == (40, {"X" * 60})
    assert "日本" * 10 not in errors


@pytest.mark.parametrize("state", ["Recall Last Run", "Remember Run"])
def test_a_run_without_memory_is_a_run_all_the_same(account: LocalAccount, state: str) -> None:
    register(account, "one")
    fail(account, state, ServiceError("UnheardOfException"))
    for name in ("a.csv", "b.csv"):
        drop(account, name)
        account.settle()
        check_invariants(account)
    assert verdicts(account) == ["SUCCESS", "SUCCESS"]


@pytest.mark.parametrize(
    "old",
    [
        {},
        {"datasets": {"S": "odd"}},
        {"datasets": {"M": {"id-one": {"S": "odd"}}}},
        {"datasets": {"M": {"id-one": {"M": {"seconds": {"S": "odd"}, "rows": {"NULL": True}}}}}},
        {"lastStarted": {"S": "yesterday"}, "arrivals": {"N": "5"}, "covered": {"N": "5"}},
        # What 1.0.0 left behind; its memory may fill the item to the brim.
        {
            "arrivals": {"N": "7"},
            "covered": {"N": "7"},
            "lastStarted": {"N": "1700000000"},
            "lastEnded": {"N": "1700000100"},
            "verdict": {"S": "SUCCESS"},
            "lastExecution": {"S": "arn:of:a:run"},
            "datasets": {"M": {f"{n:03}{'x' * 1900}": {"M": {}} for n in range(150)}},
        },
    ],
)
def test_items_that_another_version_wrote_do_no_harm(
    account: LocalAccount, old: dict[str, Any]
) -> None:
    register(account, "one")
    account.client("dynamodb").put_item(
        TableName="sampleproject-refresh-state", Item={"S3uri": {"S": FOLDER}, **old}
    )
    drop(account)
    account.settle()
    assert verdicts(account) == ["SUCCESS"]
    assert record_item(account, FOLDER)["datasets"]["id-one"]["seconds"] == 20
    assert "datasets" not in state_item(account, FOLDER)


def test_a_lost_run_frees_its_folder_and_says_how_many_files_wait(account: LocalAccount) -> None:
    register(account, "one")
    at_state(account, "Refresh Each Dataset", stop(account))
    drop(account, "folder/in/a folder.csv")
    account.settle()
    (mail,) = account.mails
    assert mail.subject.startswith("[ERROR]")
    assert f"{FOLDER}folder/in/" in mail.message
    assert "a folder.csv" in mail.message
    assert "Files waiting: 1" in mail.message
    assert "leader" not in state_item(account, FOLDER)
    lost = account.executions[0].execution_arn
    assert lost in mail.message


def test_the_input_in_a_lost_runs_mail_really_runs_the_refresh(account: LocalAccount) -> None:
    register(account, "one")
    at_state(account, "Refresh Each Dataset", stop(account))
    drop(account)
    account.settle()
    line = next(one for one in account.mails[0].message.splitlines() if one.startswith("{"))
    account.start(json.loads(line), "again")
    account.settle()
    assert verdicts(account)[-1] == "SUCCESS"
    check_invariants(account)
