"""How a run ended is an event, once for each run that mails, and costs a run nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from local.account import BUCKET, WATCHED, LocalAccount
from local.core.faults import FailedEntriesError, Fault, NoAnswerError, ServiceError
from local.stepfunctions.payloads import ERROR as TOO_LARGE
from tests.announcements import announced, details
from tests.workflow.fault_matrix import (
    Scene,
    late_file,
    one_file,
    prepare,
    stale_folder,
    stopped,
    two_files,
)
from tests.workflow.scenarios import (
    FOLDER,
    PARAMETERS,
    STATE,
    UNMODELLED,
    drop,
    ending,
    fail,
    leaders,
    put_item,
    verdicts,
)

MACHINE_FIELDS = {"version", "project", "verdict", "folder", "mailed", "execution"}


def in_short(account: LocalAccount) -> list[tuple[str, str, bool]]:
    account.settle()
    return [(one["verdict"], one["folder"], one["mailed"]) for one in details(account)]


def test_a_success_is_announced_with_what_machine_and_function_know(account: LocalAccount) -> None:
    prepare(account)
    drop(account)
    account.settle()
    (run,) = account.executions
    (event,) = announced(account)
    assert event["source"] == "quicksight-refresh.sampleproject"
    assert event["detail-type"] == "QuickSight Refresh Ended"
    assert event["resources"] == [account.machine_arn, run.execution_arn]
    detail = event["detail"]
    assert {name: detail[name] for name in MACHINE_FIELDS} == {
        "version": "1",
        "project": "sampleproject",
        "verdict": "SUCCESS",
        "folder": FOLDER,
        "mailed": True,
        "execution": run.execution_arn,
    }
    assert [(one["name"], one["result"]) for one in detail["datasets"]] == [
        ("one", "GOOD"),
        ("two", "GOOD"),
    ]
    assert detail["startedBy"] == {"kind": "FILE_ADDED", "name": f"{WATCHED}sales/a.csv"}
    assert detail["notification"]["content"]["title"] == f"{account.mails[0].subject} - sales"


def test_the_verdict_is_exact_where_the_function_failed(account: LocalAccount) -> None:
    prepare(account)
    fail(account, "Check Ingestion Status", UNMODELLED)
    account.drop(f"{WATCHED}sales/<!here>/a.csv")
    assert in_short(account) == [("ERROR", FOLDER, True)]
    (detail,) = details(account)
    assert set(detail) == MACHINE_FIELDS | {"notification"}
    content = detail["notification"]["content"]
    assert content["title"] == account.mails[0].subject
    assert content["description"] == FOLDER


def test_without_a_registered_folder_the_watched_one_is_named(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}nobody/a.csv")
    assert in_short(account) == [("ERROR", f"s3://{BUCKET}/{WATCHED}", True)]


def test_an_event_says_that_no_mail_was_accepted(account: LocalAccount) -> None:
    prepare(account)
    fail(account, "Send Mail", UNMODELLED)
    drop(account)
    assert in_short(account)[:1] == [("SUCCESS", FOLDER, False)]


def test_runs_that_join_announce_nothing(account: LocalAccount) -> None:
    prepare(account)
    two_files(account)
    assert in_short(account) == [("SUCCESS", FOLDER, True)]
    assert details(account)[0]["fileEvents"] == len(account.executions) == 2


def test_a_run_that_took_over_files_announces_too(account: LocalAccount) -> None:
    prepare(account)
    late_file(account)
    assert in_short(account) == [("SUCCESS", FOLDER, True)] * 2
    assert details(account)[1]["startedBy"] == {"kind": "PREVIOUS_RUN"}
    first, second = (detail["execution"] for detail in details(account))
    assert first != second


@pytest.mark.parametrize("mail", ["accepted", "refused"])
def test_the_mail_about_a_failed_hand_over_announces_nothing_more(
    account: LocalAccount, mail: str
) -> None:
    prepare(account)
    fail(account, "Release Folder", ServiceError("ResourceNotFoundException"))
    if mail == "refused":
        fail(account, "Send Mail", ServiceError("AuthorizationError"), skip=1)
    drop(account)
    assert in_short(account)[0] == ("SUCCESS", FOLDER, True)
    ended = [one for one in announced(account) if one["detail-type"] == "QuickSight Refresh Ended"]
    assert len(ended) == 1


def test_a_function_from_before_says_nothing_and_breaks_nothing(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(account)
    function = account.function("sampleproject-check-ingestion-status")
    invoke = function.invoke

    def without_detail(payload: str) -> tuple[str, bool]:
        answer, failed = invoke(payload)
        return answer.replace('"Detail":', '"Other":'), failed

    monkeypatch.setattr(function, "invoke", without_detail)
    drop(account)
    assert in_short(account) == [("SUCCESS", FOLDER, True)]
    assert set(details(account)[0]) == MACHINE_FIELDS


# ---- Whatever happens to it, all else is as if it had not


def end_of_all(account: LocalAccount, scene: Scene) -> dict[str, Any]:
    prepare(account)
    scene(account)
    account.settle()
    return {
        "mails": [(mail.subject, mail.message, mail.attributes) for mail in account.mails],
        "ends": [ending(account, execution) for execution in account.executions],
        "leaders": leaders(account),
        "problems": account.problems,
    }


def refused(code: str) -> Callable[[], Fault]:
    return lambda: Fault("events", "PutEvents", ServiceError(code))


ANSWER = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
#: How PutEvents fails, every time.
FAULTS: dict[str, Callable[[], Fault]] = {
    "internal": refused("InternalException"),
    "throttled": refused("ThrottlingException"),
    "access denied": refused("AccessDeniedException"),
    "not valid": refused("ValidationException"),
    "an entry fails": lambda: Fault("events", "PutEvents", FailedEntriesError(ANSWER)),
    "no answer": lambda: Fault("events", "PutEvents", NoAnswerError()),
    "its answer is lost": lambda: Fault("events", "PutEvents", NoAnswerError(), lost=True),
    "it hangs": lambda: Fault("events", "PutEvents", delay=3600),
    "its answer hangs": lambda: Fault("events", "PutEvents", slow=3600),
}


@pytest.mark.parametrize("scene", [one_file, stopped, stale_folder], ids=lambda one: one.__name__)
def test_whatever_happens_to_the_event_all_else_is_the_same(
    account: LocalAccount, scene: Scene
) -> None:
    usual = end_of_all(account, scene)
    count = len(announced(account))
    assert count
    for name, fault in FAULTS.items():
        account.reset()
        armed = account.faults.add(fault())
        assert _without_times(end_of_all(account, scene)) == _without_times(usual), name
        assert armed.hits == 3 * count, name
    account.reset()
    account.authorizer.forget()
    with pytest.MonkeyPatch.context() as changed:
        without = _without_permission(account)
        changed.setattr(account.authorizer, "statements", without)
        assert _without_times(end_of_all(account, scene)) == _without_times(usual)
    assert announced(account) == []


def _without_permission(account: LocalAccount) -> Callable[[str], list[dict[str, Any]]]:
    statements = account.authorizer.statements
    return lambda role: [one for one in statements(role) if one["Action"] != "events:PutEvents"]


def _without_times(found: dict[str, Any]) -> Any:
    """Drop what a later run is called by: its event's time and name."""
    kept = {**found, "mails": []}
    for subject, message, attributes in found["mails"]:
        lines = message.splitlines()
        told = [one for one in lines if "/executions/details/" not in one and " UTC" not in one]
        kept["mails"].append((subject, told, attributes))
    return kept


def test_an_event_that_is_too_large_costs_nothing(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(account)
    function = account.function("sampleproject-check-ingestion-status")
    large = '{"Status":true,"Subject":"[SUCCESS]s","Message":"m","Detail":{"a":"%s"}}'
    answer = large % ("x" * (256 * 1024 - 200))
    monkeypatch.setattr(function, "invoke", lambda payload: (answer, False))
    drop(account)
    account.settle()
    assert verdicts(account) == ["SUCCESS"]
    assert announced(account) == []
    (run,) = account.executions
    assert TOO_LARGE in str(account.history(run))
    assert ending(account, run) == "Refresh Succeeded"


def test_a_hang_holds_the_folder_for_half_a_minute(account: LocalAccount) -> None:
    def held() -> float:
        prepare(account)
        drop(account)
        account.settle()
        (run,) = account.executions
        assert run.stop_date
        return run.stop_date.timestamp() - account.mails[0].sent

    usual = held()
    account.reset()
    account.faults.add(FAULTS["it hangs"]())
    assert 30 <= held() - usual <= 36


def test_a_lost_run_is_announced_with_what_is_known_of_it(account: LocalAccount) -> None:
    prepare(account)
    stopped(account)
    account.settle()
    lost, told = account.executions
    (event,) = announced(account)
    assert event["detail-type"] == "QuickSight Refresh Lost"
    assert event["resources"] == [told.state_machine_arn, told.execution_arn]
    content = event["detail"]["notification"]["content"]
    assert content["title"] == account.mails[0].subject
    assert content["description"] == f"ABORTED: {FOLDER}"
    known = {name: value for name, value in event["detail"].items() if name != "notification"}
    assert known == {
        "version": "1",
        "project": "sampleproject",
        "verdict": "ERROR",
        "folder": FOLDER,
        "mailed": True,
        "execution": lost.execution_arn,
        "status": "ABORTED",
    }


def test_stale_folders_are_announced_after_their_mail(account: LocalAccount) -> None:
    prepare(account)
    stale_folder(account)
    account.settle()
    (event,) = announced(account)
    (check,) = account.executions
    assert event["detail-type"] == "QuickSight Folders Stale"
    assert event["resources"] == [check.state_machine_arn, check.execution_arn]
    detail = event["detail"]
    (folder,) = detail["folders"]
    assert (folder["folder"], folder["hours"]) == (FOLDER, 24)
    told = account.time_of(folder["lastSucceeded"])
    assert [told] == [int(one["lastSucceeded"]["N"]) for one in account.items(STATE)]
    content = detail["notification"]["content"]
    assert (content["title"], content["description"]) == (account.mails[0].subject, FOLDER)


def test_a_folder_that_was_never_refreshed_is_announced_with_its_watch(
    account: LocalAccount,
) -> None:
    prepare(account)
    (item,) = account.items(PARAMETERS)
    put_item(account, PARAMETERS, {**item, "freshwithin": {"N": "1"}})
    account.tick(4)
    account.settle()
    (detail,) = details(account)
    (folder,) = detail["folders"]
    assert set(folder) == {"folder", "hours", "watchedSince"}


def test_a_lost_run_that_no_mail_tells_of_is_announced_all_the_same(account: LocalAccount) -> None:
    prepare(account)
    stopped(account)
    fail(account, "Send Lost Run Mail", UNMODELLED)
    assert in_short(account) == [("ERROR", FOLDER, False)]
    ends = [ending(account, execution) for execution in account.executions]
    assert ends == ["ABORTED", "Lost Run Not Told"]


@pytest.mark.parametrize("name", ["<!channel>", "\x00\x01", '"\\', "x" * 3000, ""])
def test_any_name_of_a_lost_runs_folder_makes_a_legal_event(
    account: LocalAccount, name: str
) -> None:
    account.faults.add(Fault("lambda", "*", delay=30))
    run = account.start({"folder": name}, "odd")
    account.clock.run_for(5)
    account.client("stepfunctions").stop_execution(executionArn=run.execution_arn)
    assert len(in_short(account)) == 1
    content = details(account)[0]["notification"]["content"]
    assert content["description"].startswith("ABORTED: ")
    assert not set("<>") & set(content["description"])
