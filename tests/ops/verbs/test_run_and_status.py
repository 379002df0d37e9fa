"""``run``: start a refresh, follow it, and end as it ends."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import WATCHED, LocalAccount
from local.core.faults import Fault, NoAnswerError, ServiceError
from tests.ops.conftest import FOLDER, OTHER, Shell
from tests.ops.test_ending import in_a_terminal
from tests.workflow.scenarios import (
    STATE,
    at_state,
    drop,
    ends_as,
    fail,
    leaders,
    put_item,
    register,
    stop_at,
    verdicts,
)

NO_ANSWER = NoAnswerError("connection lost")


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", SettleSeconds="10")
        yield account


@pytest.fixture
def registered(qsrefresh: Shell) -> LocalAccount:
    register(qsrefresh.account, "one", "two")
    for dataset in qsrefresh.account.quicksight.datasets.values():
        dataset.folder, dataset.rows = None, 2
        dataset.seconds = lambda _: 8
    return qsrefresh.account


def slowly(account: LocalAccount) -> None:
    """Let refreshes take a minute."""
    for dataset in account.quicksight.datasets.values():
        dataset.seconds = lambda _: 60


def starts(account: LocalAccount) -> list[Any]:
    """Return what the runs were given."""
    return [json.loads(str(one.execution_input)) for one in account.executions]


@pytest.mark.usefixtures("registered")
def test_it_starts_a_run_as_by_hand_and_does_not_wait(qsrefresh: Shell) -> None:
    result = qsrefresh("run", FOLDER)
    assert result.exit_code == 0, result.output
    arn = result.stdout.strip()
    assert ":execution:sampleproject-create-and-check-ingestion:" in arn
    assert (
        f"https://ap-northeast-1.console.aws.amazon.com/states/home?region=ap-northeast-1#/v2/executions/details/{arn}"
        in result.stderr
    )
    qsrefresh.account.settle()
    assert starts(qsrefresh.account) == [{"folder": FOLDER}]
    assert verdicts(qsrefresh.account) == ["SUCCESS"]


@pytest.mark.usefixtures("registered")
def test_dry_run_shows_the_very_input_that_is_then_given(qsrefresh: Shell) -> None:
    planned = qsrefresh.json("run", FOLDER, "--dry-run")
    shown = qsrefresh("run", FOLDER, "--dry-run").stdout
    qsrefresh.account.settle()
    assert qsrefresh.account.executions == []
    assert qsrefresh.json("run", FOLDER)["folder"] == FOLDER
    qsrefresh.account.settle()
    assert starts(qsrefresh.account) == [planned["input"]]
    assert planned["stateMachine"] == qsrefresh.account.machine_arn
    assert json.loads(shown.removeprefix("+ ")) == planned["input"]


@pytest.mark.usefixtures("registered")
def test_wait_follows_every_dataset_to_success(qsrefresh: Shell) -> None:
    result = qsrefresh("run", FOLDER.rstrip("/"), "--wait")
    assert result.exit_code == 0, result.output
    lines = result.stderr.splitlines()
    for line in ("Wait For More Files …", "  one: WAITING", "  one: RUNNING", "  two: COMPLETED"):
        assert line in lines
    assert lines[-1] == "SUCCESS after 20 s"
    assert result.stdout.splitlines() == [
        f"SUCCESS  {FOLDER}  20 s",
        "Dataset  Status     Rows  Skipped  Seconds  Error",
        "one      COMPLETED  2     0        8",
        "two      COMPLETED  2     0        8",
    ]
    again = qsrefresh.json("run", FOLDER, "--wait")
    assert (again["verdict"], again["causes"], again["files"]) == ("SUCCESS", [], 1)
    assert [one["rows"] for one in again["datasets"]] == [2, 2]


@pytest.mark.usefixtures("registered")
def test_wait_fails_when_the_refresh_fails_and_says_why(qsrefresh: Shell) -> None:
    failure = {"Type": "DATA_SOURCE_AUTH_FAILED", "Message": "not let in"}
    ends_as(qsrefresh.account, "one", {"IngestionStatus": "FAILED", "ErrorInfo": failure})
    result = qsrefresh("run", FOLDER, "--wait")
    assert result.exit_code == 1
    assert "the refresh ended as ERROR\n" in result.stderr
    for line in (
        "・The refresh of dataset one failed with status FAILED.",
        "  Error type: DATA_SOURCE_AUTH_FAILED",
        '  Message: "not let in"',
        f"To run it again: qsrefresh run {FOLDER} --wait",
    ):
        assert line in result.stdout.splitlines()
    assert "Way out: qsrefresh explain arn:" in result.stderr
    assert result.stdout.startswith(f"ERROR  {FOLDER}")


@pytest.mark.usefixtures("registered")
def test_wait_fails_when_the_run_is_stopped(qsrefresh: Shell) -> None:
    stop_at(qsrefresh.account, "Wait For More Files")
    result = qsrefresh("run", FOLDER, "--wait")
    assert result.exit_code == 1
    assert "ended as DIED\n" in result.stderr
    assert "The run was stopped." in result.stdout
    assert "in the step Wait For More Files" in result.stdout


@pytest.mark.usefixtures("registered")
def test_ctrl_c_stops_watching_but_not_the_refresh(qsrefresh: Shell) -> None:
    looks = []

    def pause(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 4:
            raise KeyboardInterrupt
        qsrefresh.account.clock.run_for(seconds)

    qsrefresh.aws.pause = pause
    result = qsrefresh("run", FOLDER, "--wait")
    assert result.exit_code == 130
    assert result.stdout == ""
    assert f"the refresh goes on: qsrefresh status {FOLDER}" in result.stderr
    (execution,) = qsrefresh.account.executions
    assert execution.status == "RUNNING"
    qsrefresh.account.settle()
    assert execution.status == "SUCCEEDED"
    assert verdicts(qsrefresh.account) == ["SUCCESS"]


@pytest.mark.usefixtures("registered")
def test_a_run_that_joins_follows_the_one_that_leads(qsrefresh: Shell) -> None:
    drop(qsrefresh.account, "b.csv")
    qsrefresh.account.clock.run_for(3)
    (leader,) = leaders(qsrefresh.account)
    found = qsrefresh("run", FOLDER, "--wait", "--json")
    assert found.exit_code == 0, found.output
    assert f"; joined {leader}" in found.stderr
    told = json.loads(found.stdout)
    assert (told["execution"], told["verdict"], told["files"]) == (leader, "SUCCESS", 2)
    assert len(qsrefresh.account.executions) == 2


@pytest.mark.usefixtures("registered")
def test_a_run_that_came_too_late_for_its_leader_follows_the_next_one(qsrefresh: Shell) -> None:
    slowly(qsrefresh.account)
    drop(qsrefresh.account, "b.csv")
    qsrefresh.account.clock.run_for(20)
    (leader,) = leaders(qsrefresh.account)
    found = qsrefresh("run", FOLDER, "--wait", "--json")
    told = json.loads(found.stdout)
    assert (told["execution"] != leader, told["verdict"]) == (True, "SUCCESS")
    assert told["startedBy"] == "files that arrived during the run before"
    assert f"; joined {leader}" in found.stderr
    assert f"; joined {told['execution']}" in found.stderr
    assert verdicts(qsrefresh.account) == ["SUCCESS", "SUCCESS"]


@pytest.mark.usefixtures("registered")
def test_a_leader_that_dies_is_no_success(qsrefresh: Shell) -> None:
    qsrefresh("run", FOLDER, "--wait")
    drop(qsrefresh.account, "b.csv")
    qsrefresh.account.clock.run_for(3)
    stop_at(qsrefresh.account, "Check Ingestion Status")
    result = qsrefresh("run", FOLDER, "--wait")
    assert result.exit_code == 1
    assert "ended as DIED\n" in result.stderr


@pytest.mark.usefixtures("registered")
def test_a_success_that_does_not_cover_the_file_is_none(qsrefresh: Shell) -> None:
    account = qsrefresh.account
    slowly(account)
    drop(account, "b.csv")
    account.clock.run_for(20)
    (leader,) = leaders(account)
    forgotten = {"leader": {"S": leader}, "arrivals": {"N": "1"}, "covered": {"N": "0"}}
    at_state(account, "Check Ingestion Status", lambda _: put_item(account, STATE, forgotten))
    result = qsrefresh("run", FOLDER, "--wait")
    assert result.exit_code == 1
    assert f"{leader} ended without this run's file, and nobody refreshes it" in result.stderr
    assert f"Way out: To run it again: qsrefresh run {FOLDER} --wait" in result.stderr


@pytest.mark.usefixtures("registered")
def test_a_run_whose_file_was_counted_twice_is_followed_to_its_end(qsrefresh: Shell) -> None:
    fail(qsrefresh.account, "Claim Folder", NO_ANSWER, lost=True, times=1)
    assert qsrefresh("run", FOLDER, "--wait").exit_code == 0


def test_a_run_that_aws_does_not_know_yet_is_waited_for(
    registered: LocalAccount, qsrefresh: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    paginator = registered.client("stepfunctions").get_paginator
    misses = [3]

    class Later:
        def paginate(self, **how: Any) -> Any:
            if misses[0]:
                misses[0] -= 1
                answer: Any = {"Error": {"Code": "ExecutionDoesNotExist", "Message": "not yet"}}
                raise ClientError(answer, "GetExecutionHistory")
            return paginator("get_execution_history").paginate(**how)

    def instead(name: str) -> Any:
        return Later() if name == "get_execution_history" else paginator(name)

    monkeypatch.setattr(registered.client("stepfunctions"), "get_paginator", instead)
    assert qsrefresh("run", FOLDER, "--wait").exit_code == 0
    misses[0] = 1000
    assert "ExecutionDoesNotExist" in qsrefresh.refused("run", FOLDER, "--wait")


def ignored(account: LocalAccount) -> None:
    rows = [{"datasetid": "id-one", "datasetname": "one"}]
    bare = {"S3uri": f"{OTHER}bare/", "ignore": True}
    account.register([{"S3uri": OTHER, "ignore": True, "datasets": rows}, bare])


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        (OTHER, f"qsrefresh ignore {OTHER} --off"),
        (f"{OTHER}bare/", f"qsrefresh register {OTHER}bare/ DATASET"),
        ("s3://other/x/", "is not watched"),
        ("nonsense", "must be written s3://BUCKET/FOLDER/"),
        (f"s3://sampleproject-dashboard-data/{WATCHED}nobody/", "is not registered"),
    ],
)
def test_a_run_that_could_refresh_nothing_is_refused(
    registered: LocalAccount, qsrefresh: Shell, folder: str, told: str
) -> None:
    ignored(registered)
    assert told in qsrefresh.refused("run", folder)
    assert registered.executions == []


def test_a_wrong_registration_is_told_before(qsrefresh: Shell) -> None:
    rows = [{"datasetid": "id-one", "datasetname": "one"}, {"datasetid": "id-two"}]
    qsrefresh.account._table("sampleproject-parameters").put_item(
        {
            "S3uri": {"S": FOLDER},
            "datasets": {"L": [{"M": {k: {"S": v} for k, v in row.items()}} for row in rows]},
        }
    )
    result = qsrefresh("run", FOLDER, "--wait")
    assert result.exit_code == 1
    assert "Wrong in" in result.stderr
    assert "The registration is wrong: datasets[1].datasetname" in result.stdout


def test_access_denied_names_the_permission(
    registered: LocalAccount, qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    def deny(**_: Any) -> Any:
        answer: Any = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
        raise ClientError(answer, "StartExecution")

    broken("stepfunctions", "start_execution", deny)
    assert "the permission states:StartExecution" in qsrefresh.refused("run", FOLDER)
    assert registered.executions == []


# ---- status ------------------------------------------------------------------------------------


def test_status_before_during_and_after_a_burst(registered: LocalAccount, qsrefresh: Shell) -> None:
    (before,) = qsrefresh.json("status", FOLDER)
    assert (before["verdict"], before["filesWaiting"], before["running"]) == (None, 0, None)
    for number in range(5):
        drop(registered, f"{number}.csv")
        registered.clock.run_for(1)
    registered.clock.run_for(5)
    (during,) = qsrefresh.json("status", FOLDER)
    (leader,) = leaders(registered)
    assert (during["running"], during["filesWaiting"]) == (leader, 5)
    assert during["runningSince"].startswith("2026-11-2")
    assert f"{FOLDER}  running  -" in qsrefresh("status").stdout
    registered.settle()
    (after,) = qsrefresh.json("status")
    assert (after["verdict"], after["filesWaiting"], after["running"]) == ("SUCCESS", 0, None)
    assert (after["datasets"], after["lastExecution"]) == (2, leader)
    assert after["lastEnded"] >= after["lastStarted"]
    shown = qsrefresh("status", f"{FOLDER}deeper").stdout.splitlines()[1]
    assert f"{FOLDER}  good  " in shown
    assert shown.endswith("0              -")


def test_a_folder_that_is_registered_no_more_is_told_as_long_as_its_files_wait(
    registered: LocalAccount, qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    gone = {"S3uri": {"S": "s3://b/gone/"}, "verdict": {"S": "ERROR"}}
    put_item(registered, STATE, gone)
    assert [one["registered"] for one in qsrefresh.json("status")] == [True]
    put_item(registered, STATE, {**gone, "arrivals": {"N": "1"}})
    assert [one["state"] for one in qsrefresh.json("status")] == ["UNREGISTERED", "NEVER"]
    broken("events", "describe_rule", lambda **_: {"EventPattern": "{}"})
    assert "s3://b/gone/ " in qsrefresh("status").stdout


def test_unregistered_folders_are_named_until_somebody_registers_them(
    registered: LocalAccount, qsrefresh: Shell
) -> None:
    for key in ("nobody/x.csv", "nobody/2026/y.csv", "sales/z.csv", "deep/known/x.csv"):
        registered.drop(WATCHED + key)
    register(registered, "one", folder=f"s3://{registered.bucket}/{WATCHED}deep/known/")
    registered.drop(f"{WATCHED}deep/other/x.csv")
    registered.settle()
    watched = f"s3://{registered.bucket}/{WATCHED}"
    shown = qsrefresh("status").stdout.splitlines()
    names = "deep/other/, nobody/"
    assert shown[1].startswith(f"not registered below {watched}: {names}  unregistered  ")
    for asked in (watched, watched[:-1], f"{watched}nobody/", f"{watched}nobody/deeper"):
        assert qsrefresh("status", asked).stdout.splitlines()[1:] == [shown[1]]
    assert qsrefresh("status", FOLDER).stdout.splitlines()[1].startswith(f"{FOLDER}  ")
    qsrefresh("register", f"{watched}deep/other/", "one")
    assert qsrefresh.json("status", watched)[0]["unregistered"] == [f"{watched}nobody/"]
    qsrefresh("ignore", f"{watched}nobody/")
    assert {one["registered"] for one in qsrefresh.json("status")} == {True}


def test_whoever_may_not_list_the_bucket_sees_the_watched_folder_instead(
    registered: LocalAccount, qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    def deny(**_: Any) -> Any:
        answer: Any = {"Error": {"Code": "AccessDenied", "Message": "no"}}
        raise ClientError(answer, "ListObjectsV2")

    registered.drop(f"{WATCHED}nobody/x.csv")
    registered.settle()
    broken("s3", "list_objects_v2", deny)
    shared = qsrefresh.json("status")[0]
    assert (shared["state"], shared["unregistered"]) == ("UNREGISTERED", [shared["folder"]])


def test_a_file_right_in_the_watched_folder_is_of_a_folder_that_nobody_registered(
    registered: LocalAccount, qsrefresh: Shell
) -> None:
    registered.drop(f"{WATCHED}x.csv")
    registered.settle()
    shared = qsrefresh.json("status")[0]
    assert shared["unregistered"] == [f"s3://{registered.bucket}/{WATCHED}"]


def test_an_ignored_folder_stands_as_ignored(registered: LocalAccount, qsrefresh: Shell) -> None:
    ignored(registered)
    (found,) = qsrefresh.json("status", OTHER)
    assert (found["state"], found["cures"]) == ("IGNORED", [])
    assert qsrefresh("status").stdout.count("  ignored  -") == 2


@pytest.mark.usefixtures("registered")
def test_what_reads_the_past_says_that_the_refresh_stack_is_missing(
    qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    missing: Any = {"Error": {"Code": "", "Message": "it does not exist"}}

    def gone(**which: Any) -> Any:
        missing["Error"]["Code"] = "StateMachineDoesNotExist"
        if "TableName" in which:
            missing["Error"]["Code"] = "ResourceNotFoundException"
        raise ClientError(missing, "operation")

    def pages(client: Any, operation: str) -> Callable[[str], Any]:
        paginator = client.get_paginator

        class Missing:
            def __init__(self, name: str) -> None:
                self.name = name

            def paginate(self, **which: Any) -> Any:
                if self.name == operation and which.get("TableName") != "sampleproject-parameters":
                    gone(**which)
                return paginator(self.name).paginate(**which)

        return Missing

    for service, operation in (("dynamodb", "scan"), ("stepfunctions", "list_executions")):
        broken(service, "get_paginator", pages(qsrefresh.account.client(service), operation))
    broken("dynamodb", "get_item", gone)
    verbs = [["status"], ["history", FOLDER], ["history", FOLDER, "--from-executions"]]
    for verb in verbs:
        told = qsrefresh.refused(*verb)
        assert "the refresh stack of project sampleproject is not deployed" in told
        assert "make deploy PROJECT=sampleproject BUCKET=" in told


def test_status_says_when_the_next_refresh_may_start(
    registered: LocalAccount, qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    stacks = registered.client("cloudformation").describe_stacks
    least = {"ParameterKey": "MinMinutesBetweenRefreshes", "ParameterValue": "45"}

    def with_least(**which: Any) -> Any:
        found = stacks(**which)
        for stack in found["Stacks"]:
            stack["Parameters"] = [*stack["Parameters"], least]
        return found

    broken("cloudformation", "describe_stacks", with_least)
    put_item(registered, STATE, {"lastStarted": {"N": str(int(registered.clock.now()) - 600)}})
    (found,) = qsrefresh.json("status")
    assert found["nextStart"] > found["lastStarted"]
    assert qsrefresh("status").stdout.splitlines()[1].endswith("UTC")
    put_item(registered, STATE, {"lastStarted": {"N": str(int(registered.clock.now()) - 6000)}})
    assert qsrefresh("status").stdout.splitlines()[1].endswith("0              -")


def test_status_names_a_leader_that_is_gone(registered: LocalAccount, qsrefresh: Shell) -> None:
    gone = registered.machine_arn.replace(":stateMachine:", ":execution:") + ":gone"
    put_item(registered, STATE, {"leader": {"S": gone}, "arrivals": {"N": "1"}})
    (found,) = qsrefresh.json("status")
    assert (found["lostRun"], found["running"], found["filesWaiting"]) == (gone, None, 1)
    result = qsrefresh("status")
    assert "  died  " in result.stdout
    assert "qsrefresh explain" not in result.stderr  # AWS does not know it


@pytest.mark.parametrize(
    "leader",
    [{"S": "garbage"}, {"N": "5"}, {"NULL": True}, {"S": "arn:aws:states:x:1:execution:other:run"}],
    ids=str,
)
def test_a_leader_that_is_no_run_of_the_project_is_told(
    registered: LocalAccount, qsrefresh: Shell, broken: Callable[..., None], leader: Any
) -> None:
    # The operator's policy would not let anybody ask about it.
    broken("stepfunctions", "describe_execution", lambda **_: pytest.fail("asked"))
    put_item(registered, STATE, {"leader": leader, "arrivals": {"N": "1"}})
    (found,) = qsrefresh.json("status")
    assert (found["running"], found["filesWaiting"]) == (None, 1)
    assert found["lostRun"] == leader.get("S", json.dumps(leader))
    assert "its run died" in qsrefresh("status").stderr
    past = qsrefresh("history", FOLDER)
    assert (past.exit_code, past.stdout) == (0, "")
    assert f"What leads {FOLDER} on paper is no run" in past.stderr


@pytest.mark.parametrize("name", ["arrivals", "covered", "turn", "lastStarted", "verdict", "run00"])
@pytest.mark.parametrize("value", [{"S": "x"}, {"N": "1E100"}, {"NULL": True}, {"L": []}], ids=str)
def test_odd_items_are_told_as_far_as_they_can_be_read(
    registered: LocalAccount, qsrefresh: Shell, name: str, value: Any
) -> None:
    for key in (FOLDER, f"{FOLDER}#record"):
        put_item(registered, STATE, {"S3uri": {"S": key}, name: value})
    (found,) = qsrefresh.json("status")
    odd = name in ("arrivals", "covered")
    assert found["filesWaiting"] == (None if odd else 0)
    assert (
        qsrefresh("status").stdout.splitlines()[1].endswith(f"{'?' if odd else 0}              -")
    )
    told = qsrefresh("history", FOLDER)
    assert told.exit_code == 0
    assert ("the next file mends them" in told.stderr) == odd
    assert qsrefresh("report", FOLDER, "--html", "-").exit_code == 0


def test_what_1_0_0_remembered_is_understood(registered: LocalAccount, qsrefresh: Shell) -> None:
    started, run = int(registered.clock.now()) - 600, f"{_executions(registered)}:old"
    old = {
        "lastStarted": {"N": str(started)},
        "lastEnded": {"N": str(started + 60)},
        "verdict": {"S": "SUCCESS"},
        "lastExecution": {"S": run},
        "arrivals": {"N": "7"},
        "covered": {"N": "7"},
        "datasets": {"M": {"id-one": {"M": {"rows": {"N": "5"}, "seconds": {"N": "8"}}}}},
    }
    put_item(registered, STATE, old)
    (status,) = qsrefresh.json("status")
    assert (status["verdict"], status["lastExecution"]) == ("SUCCESS", run)
    assert 530 < status["ageSeconds"] < 550
    (past,) = qsrefresh.json("history", FOLDER)
    assert (past["execution"], past["verdict"], past["seconds"]) == (run, "SUCCESS", 60)
    drop(registered, "b.csv")
    registered.settle()
    (status,) = qsrefresh.json("status")
    assert status["lastExecution"] != run
    (new,) = qsrefresh.json("history", FOLDER)
    assert new["execution"] == status["lastExecution"]
    put_item(registered, STATE, old)  # a run of 1.0.0 that outlived the deployment
    assert [one["execution"] for one in qsrefresh.json("history", FOLDER)] == [
        new["execution"],
        run,
    ]


def test_a_refresh_whose_record_could_not_be_written_does_not_pass_for_the_one_before(
    registered: LocalAccount, qsrefresh: Shell
) -> None:
    drop(registered, "a.csv")
    registered.settle()
    registered.clock.run_for(600)
    fail(registered, "Remember Run", ServiceError("AccessDeniedException"))
    drop(registered, "b.csv")
    registered.settle()
    (status,) = qsrefresh.json("status")
    assert (status["verdict"], status["lastEnded"], status["lastExecution"]) == (None, None, None)
    (past,) = qsrefresh.json("history", FOLDER)
    assert status["lastStarted"] > past["endedAt"]
    after = f"{past['startedAt'][:10]} {past['startedAt'][11:16]} UTC"
    assert f"1 run after {after} left no record" in qsrefresh("history", FOLDER).stderr


def test_a_run_that_leads_is_the_first_of_the_history(
    registered: LocalAccount, qsrefresh: Shell
) -> None:
    drop(registered, "a.csv")
    registered.settle()
    drop(registered, "b.csv")
    registered.clock.run_for(3)
    (leader,) = leaders(registered)
    running, before = qsrefresh.json("history", FOLDER)
    assert (running["execution"], running["verdict"], running["files"]) == (leader, "RUNNING", 1)
    assert [one["status"] for one in running["datasets"]] == ["RUNNING", "RUNNING"]
    assert (before["verdict"], qsrefresh.json("history", FOLDER, "--failed")) == ("SUCCESS", [])


def test_a_run_that_died_is_not_hidden_behind_the_one_before(
    registered: LocalAccount, qsrefresh: Shell
) -> None:
    drop(registered, "a.csv")
    registered.settle()
    stop_at(registered, "Wait For More Files")
    drop(registered, "b.csv")
    registered.settle()  # the rule for lost runs frees the folder; its file waits
    past = qsrefresh("history", FOLDER)
    assert f"1 file event of {FOLDER}: no refresh covers them, and no run leads it" in past.stderr
    assert "left no record" in past.stderr
    assert f"{FOLDER}: its run died" in qsrefresh("status").stderr
    lead = qsrefresh.json("status", FOLDER)[0]
    assert (lead["lostRun"], lead["filesWaiting"], lead["state"]) == (None, 1, "DIED")
    (died,) = {one.execution_arn for one in registered.executions if one.status == "ABORTED"}
    counts = {"arrivals": {"N": "2"}, "covered": {"N": "1"}, "turn": {"N": "1"}}
    put_item(registered, STATE, {"leader": {"S": died}, **counts})  # or nothing freed it
    newest, before = qsrefresh.json("history", FOLDER)
    assert (newest["execution"], newest["verdict"]) == (died, "DIED")
    assert newest["causes"] == ["it was stopped, without giving the lead back"]
    assert [one["status"] for one in newest["datasets"]] == ["UNKNOWN", "UNKNOWN"]
    assert (before["verdict"], qsrefresh.json("status")[0]["lostRun"]) == ("SUCCESS", died)
    assert qsrefresh.json("history", FOLDER, "--failed") == [newest]


def recorded(account: LocalAccount, hours_ago: int, **more: Any) -> dict[str, Any]:
    """Return a run of the ring that refreshed nothing."""
    started = int(account.clock.now()) - 3600 * hours_ago
    return {
        "M": {
            "started": {"N": str(started)},
            "ended": {"N": str(started + 60)},
            "verdict": {"S": "ERROR"},
            "execution": {"S": f"{_executions(account)}:{hours_ago}"},
            **more,
        }
    }


def test_what_a_record_tells_of_a_run_that_went_wrong(
    registered: LocalAccount, qsrefresh: Shell
) -> None:
    failed, good = {"status": {"S": "FAILED"}}, {"status": {"S": "COMPLETED"}, "rows": {"N": "5"}}
    runs = {
        "run00": recorded(
            registered,
            3,
            problem={"S": "Check Ingestion Status: Lambda.TooManyRequestsException"},
            registered={"N": "70"},
            refreshed={"N": "60"},
            datasets={"M": {"id-gone": {"M": failed}, "id-two": {"M": good}}},
        ),
        "run01": recorded(
            registered, 2, verdict={"S": "SUCCESS"}, mailed={"BOOL": False}, fileEvents={"N": "3"}
        ),
        "run02": recorded(registered, 1, registered={"N": "0"}),
    }
    put_item(registered, STATE, {"S3uri": {"S": f"{FOLDER}#record"}, **runs})
    put_item(registered, STATE, {"turn": {"N": "3"}})
    unregistered, unmailed, step = qsrefresh.json("history", FOLDER)
    assert "The record holds" not in qsrefresh("history", FOLDER).stderr
    assert unregistered["causes"] == [
        "nothing that can be refreshed is registered for the file's folder"
    ]
    assert (unmailed["verdict"], unmailed["files"]) == ("ERROR", 3)
    assert unmailed["causes"] == ["no mail about it was accepted"]
    assert step["causes"] == [
        "the step Check Ingestion Status failed with Lambda.TooManyRequestsException",
        "the record leaves out 68 datasets; 60 of all were refreshed",
        "id-gone: QuickSight ended it as FAILED",
    ]
    assert [(one["name"], one["rows"]) for one in step["datasets"]] == [
        ("two", 5),
        ("id-gone", None),
    ]


def test_a_full_record_says_how_far_back_it_goes(
    registered: LocalAccount, qsrefresh: Shell
) -> None:
    runs = {f"run{number:02}": recorded(registered, 30 - number) for number in range(30)}
    put_item(registered, STATE, {"S3uri": {"S": f"{FOLDER}#record"}, **runs})
    put_item(registered, STATE, {"turn": {"N": "30"}})
    assert len(qsrefresh.json("history", FOLDER)) == 30
    assert "The record holds the last 30 runs" in qsrefresh("history", FOLDER).stderr
    assert "The record holds" not in qsrefresh("history", FOLDER, "--since", "4h").stderr


def test_a_beginning_in_the_future_counts_as_now(
    registered: LocalAccount, qsrefresh: Shell
) -> None:
    later = str(int(registered.clock.now()) + 10**6)
    put_item(registered, STATE, {"lastStarted": {"N": later}})
    assert qsrefresh("status").stdout.splitlines()[1].endswith("0              -")


def _executions(account: LocalAccount) -> str:
    return account.machine_arn.replace(":stateMachine:", ":execution:")


def test_watch_looks_again_until_ctrl_c(registered: LocalAccount, qsrefresh: Shell) -> None:
    looks = []

    def pause(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 5:
            raise KeyboardInterrupt
        registered.clock.run_for(seconds)

    qsrefresh.aws.pause = pause
    drop(registered, "b.csv")
    result = qsrefresh("status", FOLDER, "--watch")
    assert result.exit_code == 130
    rows = [line for line in result.stdout.splitlines() if line.startswith(FOLDER)]
    assert len(rows) == 5
    assert (" never " in rows[0], " running " in rows[1], " good " in rows[-1]) == (True,) * 3


def test_status_refuses(qsrefresh: Shell) -> None:
    assert qsrefresh("status", "--watch", "--json").exit_code == 2
    assert "is not registered" in qsrefresh.refused("status", FOLDER)
    empty = qsrefresh("status")
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert "qsrefresh register" in empty.stderr


def test_a_fault_of_a_dataset_that_is_gone_is_the_runs_to_tell(
    registered: LocalAccount, qsrefresh: Shell
) -> None:
    del registered.quicksight.datasets["id-one"]
    registered.faults.add(
        Fault("dynamodb", "GetItem", ServiceError("InternalServerError"), times=1)
    )
    result = qsrefresh("run", FOLDER, "--wait")
    assert result.exit_code == 1
    assert "dataset one failed with status ResourceNotFoundException" in result.stdout


def test_a_dataset_that_aws_cannot_describe_does_not_end_the_watching(
    registered: LocalAccount, qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    def refuse(**_: Any) -> Any:
        answer = {"Error": {"Code": "InternalFailureException", "Message": "no"}}
        raise ClientError(answer, "ListIngestions")

    broken("quicksight", "list_ingestions", refuse)
    assert qsrefresh("run", FOLDER, "--wait").exit_code == 0


DRAWN = """
import sys
sys.stderr = sys.stdout
from qsrefresh.output import live_table
with live_table(("Dataset", "Status")) as draw:
    assert draw("Wait For More Files", [("[red]a\\x1b[31m", "WAITING")])
    assert draw("SUCCESS", [("[red]a\\x1b[31m", "COMPLETED")])
"""


def test_a_terminal_draws_the_rows_again_and_again_and_names_stay_text() -> None:
    said = in_a_terminal(DRAWN, NO_COLOR="1")
    assert "[red]a[U+001B][31m" in said
    assert said.index("WAITING") < said.index("COMPLETED")
    assert "\x1b[2K" in said
    assert "\x1b[31m" not in said


def test_a_promise_stands_beside_the_age_of_the_last_success(
    registered: LocalAccount, qsrefresh: Shell
) -> None:
    qsrefresh("register", FOLDER, "one", "--fresh-within", "24", "--starts-on", "_SUCCESS", "--yes")
    good = int(registered.clock.now()) - 30 * 3600
    put_item(
        registered,
        STATE,
        {
            "lastSucceeded": {"N": str(good)},
            "lastEnded": {"N": str(good)},
            "verdict": {"S": "SUCCESS"},
        },
    )
    result = qsrefresh("status")
    assert "1 d 6 h of 24 h" in result.stdout
    assert "only _SUCCESS starts its refreshes" in result.stderr
    assert f"what waited for it: qsrefresh history {FOLDER} --from-executions" in result.stderr
    (found,) = qsrefresh.json("status")
    assert (found["state"], found["stale"]) == ("STALE", True)
    assert (found["freshWithinHours"], found["startsOn"]) == (24, "_SUCCESS")
    assert found["lastSucceeded"]
