"""``explain`` names the true cause, whatever went wrong."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from local.account import LocalAccount
from qsrefresh.step_sentences import TELLERS
from tests.asl import load, states
from tests.loading import ROOT
from tests.ops.conftest import FOLDER, TABLE, Shell
from tests.reported_messages import FEDERATED_QUERY
from tests.workflow.fault_matrix import ALWAYS, CIRCUMSTANCES, FIRST, ONLY, cases, prepare
from tests.workflow.scenarios import drop, stop_at


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", RefreshTimeoutSeconds="600", SettleSeconds="10")
        yield account


@pytest.fixture(autouse=True)
def restored_functions(account: LocalAccount) -> Iterator[None]:
    yield
    account.functions.clear()


def circumstance(title: str) -> Callable[[LocalAccount], None]:
    (found,) = (one for one in CIRCUMSTANCES if one.title == title)
    return found.scene


def case(task: str, error: str, calls: str) -> Callable[[LocalAccount], None]:
    (found,) = (
        one for one in cases() if (one.reached.task, one.error, one.calls) == (task, error, calls)
    )

    def scene(account: LocalAccount) -> None:
        found.arm(account)
        found.scene(account)

    return scene


GONE = "QuickSight.ResourceNotFoundException"
TRUE_CAUSES: list[tuple[Callable[[LocalAccount], None], str, str]] = [
    (
        circumstance("`FAILED`, with `ErrorInfo`"),
        "ERROR",
        "one: QuickSight ended it as FAILED (DATA_SOURCE_AUTH_FAILED: not let in)",
    ),
    (circumstance("with a skipped row"), "ERROR", "one: rows skipped: 1"),
    (
        circumstance("not before the deadline"),
        "ERROR",
        "one: it was not finished when the run stopped waiting (TIMED_OUT: RUNNING)",
    ),
    (circumstance("it was deleted"), "ERROR", f"one: the refresh did not start ({GONE}"),
    (circumstance("it had all refreshes of the day"), "ERROR", "The limit of 32 ingestions"),
    (
        circumstance("it is stopped and leaves nothing"),
        "ERROR",
        "one: its part of the run was stopped in the step Wait Before Checking",
    ),
    (
        circumstance("it fills its history and leaves AWS's record of it"),
        "ERROR",
        "The execution reached the maximum number of history events (150)",
    ),
    (circumstance("no id"), "ERROR", "registration: datasets[0].datasetid is missing"),
    (circumstance("there is none"), "ERROR", f"nothing is registered for {FOLDER}"),
    (
        circumstance('`{"folder": 7}`'),
        "ERROR",
        "the step Produce Ingestion Parameters failed with UnrecognisedUploadError",
    ),
    (
        circumstance("**Check Ingestion Status**: `null`"),
        "ERROR",
        "the step Check Ingestion Status failed with States.QueryEvaluationError",
    ),
    (
        circumstance("timed out, in **Wait For More Files**"),
        "DIED",
        "it ran out of time in the step Wait For More Files",
    ),
    (
        circumstance("every call is refused"),
        "ERROR",
        "the step Send Mail failed with SNS.AuthorizationErrorException",
    ),
    (circumstance("the folder is to be ignored"), "NOTHING_TO_DO", "registered to be ignored"),
    (
        case("Claim Folder", "DynamoDB.AmazonDynamoDBException", ALWAYS),
        "ERROR",
        "the step Claim Folder failed with DynamoDB.AmazonDynamoDBException, 6 times",
    ),
    (
        case("Start Ingestion", "QuickSight.AccessDeniedException", ONLY),
        "ERROR",
        "one: the refresh did not start (QuickSight.AccessDeniedException",
    ),
    (
        case("Check Ingestion", "QuickSight.ThrottlingException", ALWAYS),
        "ERROR",
        "one: its result could not be read (QuickSight.ThrottlingException",
    ),
    (
        case("Release Folder", "DynamoDB.ResourceNotFoundException", ONLY),
        "ERROR",
        "the step Release Folder failed with DynamoDB.ResourceNotFoundException",
    ),
]


@pytest.mark.parametrize(
    ("scene", "verdict", "cause"),
    TRUE_CAUSES,
    ids=[f"{verdict}: {cause[:50]}" for _, verdict, cause in TRUE_CAUSES],
)
def test_the_true_cause_is_named(
    account: LocalAccount,
    qsrefresh: Shell,
    scene: Callable[[LocalAccount], None],
    verdict: str,
    cause: str,
) -> None:
    prepare(account)
    scene(account)
    account.settle()
    arn = account.executions[0].execution_arn
    found = qsrefresh.json("explain", arn)
    assert found["verdict"] == verdict
    assert any(cause in text for text in found["why"]), found["why"]


def test_a_long_message_is_told_whole(account: LocalAccount, qsrefresh: Shell) -> None:
    prepare(account)
    account.quicksight.datasets["id-one"].outcome = lambda _: {
        "IngestionStatus": "FAILED",
        "ErrorInfo": {"Type": "SQL_EXCEPTION", "Message": FEDERATED_QUERY},
    }
    drop(account)
    account.settle()
    found = qsrefresh.json("explain", account.executions[0].execution_arn)
    told = f"one: QuickSight ended it as FAILED (SQL_EXCEPTION: {FEDERATED_QUERY})"
    assert found["why"] == [told]
    (newest, *_) = qsrefresh.json("history", FOLDER, "--from-executions")
    start, end, left_out = FEDERATED_QUERY[:110], FEDERATED_QUERY[-170:], len(FEDERATED_QUERY) - 280
    kept = f"{start} …[{left_out} characters left out]… {end}"
    assert newest["causes"] == [told.replace(FEDERATED_QUERY, kept)]
    assert "Rate exceeded" in kept


@pytest.mark.parametrize(
    ("task", "error"),
    [
        ("Count Files", "DynamoDB.AmazonDynamoDBException"),
        ("Check Ingestion", "QuickSight.ThrottlingException"),
    ],
)
def test_a_retry_that_worked_is_told_and_is_no_cause(
    account: LocalAccount, qsrefresh: Shell, task: str, error: str
) -> None:
    prepare(account)
    case(task, error, FIRST)(account)
    account.settle()
    found = qsrefresh.json("explain", account.executions[0].execution_arn)
    assert found["verdict"] == "SUCCESS"
    assert found["why"] == ["every registered dataset was refreshed with every row"]
    (line,) = (one["text"] for one in found["steps"] if "failed" in one["text"])
    assert f"{task} failed with {error}" in line
    assert line.endswith("it was tried again, and that worked")


def one_run(account: LocalAccount) -> str:
    prepare(account)
    drop(account)
    account.settle()
    return str(account.executions[0].execution_arn)


def test_a_good_run_is_told_step_by_step(account: LocalAccount, qsrefresh: Shell) -> None:
    arn = one_run(account)
    lines = qsrefresh("explain", arn).stdout.splitlines()
    assert lines[0] == f"SUCCESS  {FOLDER}"
    assert lines[1].startswith("Started by dashboard/data/sales/a.csv added, 2026-11-2")
    assert lines[-4:-1] == [
        "Why:",
        "  ・every registered dataset was refreshed with every row",
        "Execution:",
    ]
    assert lines[-1].endswith(arn)
    told = [line[12:] for line in lines[2:-2]]
    assert told[:6] == [
        f"the folder is {FOLDER}",
        f"registered for {FOLDER}: one, two",
        f"it takes the lead of {FOLDER} (file event number 1)",
        "it waited 10 s for more files",
        "it counts the file events up to number 1",
        "it refreshes 2 datasets",
    ]
    assert "one: 1 look: COMPLETED" in told
    assert told[-5:-2] == [
        "the results are judged: good",
        "mail sent: [SUCCESS]QuickSight refresh succeeded",
        "it gives the lead back",
    ]


def test_each_wave_is_told_with_its_own_datasets(account: LocalAccount, qsrefresh: Shell) -> None:
    rows = [
        {"datasetid": "id-child", "datasetname": "child", "after": ["id-parent"]},
        {"datasetid": "id-parent", "datasetname": "parent"},
    ]
    account.register([{"S3uri": FOLDER, "datasets": rows}])
    drop(account)
    account.settle()
    answer = qsrefresh("explain", account.executions[0].execution_arn).stdout
    told = ["wave 1", "parent: refresh ", "wave 2", "child: refresh "]
    assert [answer.count(text) for text in told] == [1, 1, 1, 1]
    assert sorted(told, key=answer.index) == told


def test_a_wrong_registration_is_told_as_the_mail_tells_it(
    account: LocalAccount, qsrefresh: Shell
) -> None:
    rows = [{"datasetid": "id-one", "datasetname": "one"}, {"datasetid": "id-two"}]
    listed = [{"M": {name: {"S": value} for name, value in row.items()}} for row in rows]
    item = {"S3uri": {"S": FOLDER}, "datasets": {"L": listed}}
    account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    drop(account)
    account.settle()
    mail = account.mails[0].message
    for language, lines in (
        ("en", ["The registration is wrong: datasets[1].datasetname", "Cause: dataset number 2 "]),
        ("ja", ["登録内容に誤りがあります: datasets[1].datasetname", "原因: 2番目のデータセット"]),
    ):
        told = qsrefresh("explain", FOLDER, "--lang", language).stdout
        for line in lines:
            assert line in told
            assert line in mail or language == "ja"


def test_what_was_kept_back_is_told_as_the_mail_tells_it(
    account: LocalAccount, qsrefresh: Shell
) -> None:
    account.quicksight.datasets["id-one"].rows = 5
    rows = [
        {"datasetid": "id-one", "datasetname": "parent", "minrows": 10000},
        {"datasetid": "id-two", "datasetname": "child", "after": ["id-one"]},
    ]
    account.register([{"S3uri": FOLDER, "datasets": rows}])
    drop(account)
    account.settle()
    mail = account.mails[0].message
    told = qsrefresh("explain", FOLDER).stdout
    for line in (
        "・Dataset parent was refreshed, but with fewer rows than 10,000.",
        "・The refresh of dataset child failed with status NOT_STARTED.",
        'Cause: "parent", which comes before it, has too few rows, so it was not started.',
    ):
        assert line in told
        assert line in mail
    parent, child = qsrefresh.json("history", FOLDER, "--from-executions")[0]["datasets"]
    assert (parent["refreshed"], parent["cause"]) == (False, "fewer rows than 10000")
    assert child["cause"] == "it was not started: parent, which comes before it, was not refreshed"


def test_a_file_name_cannot_forge_a_line(account: LocalAccount, qsrefresh: Shell) -> None:
    prepare(account)
    drop(account, "a\nWhy:\n  - all is well.csv")
    account.settle()
    lines = qsrefresh("explain", account.executions[0].execution_arn).stdout.splitlines()
    assert lines[1].startswith("Started by dashboard/data/sales/a Why:   - all is well.csv added")
    assert lines.count("Why:") == 1


def test_the_mails_own_link_is_enough(account: LocalAccount, qsrefresh: Shell) -> None:
    arn = one_run(account)
    (link,) = (line for line in account.mails[0].message.splitlines() if arn in line)
    by_link = qsrefresh.json("explain", link)
    assert by_link == qsrefresh.json("explain", arn.rpartition(":")[2])
    assert by_link["execution"] == arn
    assert by_link["mailSubject"] == "[SUCCESS]QuickSight refresh succeeded"
    child = account.children[0].arn
    assert qsrefresh.json("explain", child)["execution"] == arn


def test_a_link_is_found_in_whatever_was_put_around_it(
    account: LocalAccount, qsrefresh: Shell
) -> None:
    arn = one_run(account)
    (link,) = (line for line in account.mails[0].message.splitlines() if arn in line)
    quoted = quote(link, safe="")
    broken = f"{link[:90]}\n{link[90:170]}\r\n> {link[170:]}"
    for given in (
        f"{link}.",
        f"<{link}>",
        f"（{link}）。",
        f"「{arn}」",
        f"see {arn}, please",
        f"\u200b{arn}\u200b",
        f"  {arn.rpartition(':')[2]}. ".replace(". ", " "),
        broken,
        f"{link[:200]}=\n{link[200:]}",
        f"https://apc01.safelinks.protection.outlook.com/?url={quoted}&data=05%7C01&reserved=0",
        f"https://apc01.safelinks.protection.outlook.com/?url={quote(quoted)}&reserved=0",
        f"https://www.google.com/url?q={quoted}&source=gmail",
        f"https://urldefense.com/v3/__{link.replace('#', '*')}__;Iw!!abc$",
        f"{link}\nProject: sampleproject",
    ):
        assert qsrefresh.json("explain", given)["execution"] == arn, given


def test_a_folder_stands_for_its_last_run(account: LocalAccount, qsrefresh: Shell) -> None:
    assert "no run of" in qsrefresh.refused("explain", FOLDER)
    arn = one_run(account)
    assert qsrefresh.json("explain", FOLDER)["execution"] == arn
    assert qsrefresh.json("explain", f"{FOLDER}deeper")["execution"] == arn
    account.clock.run_for(3600)
    stop_at(account, "Wait For More Files")
    drop(account, "b.csv")
    account.clock.run_for(1)
    account.settle()  # the rule for lost runs has freed the folder
    found = qsrefresh.json("explain", FOLDER)
    assert (found["verdict"], found["execution"] != arn) == ("DIED", True)
    account.clock.run_for(3600)
    drop(account, "c.csv")
    account.clock.run_for(3)
    (running, *_) = (
        one.execution_arn for one in reversed(account.executions) if one.status == "RUNNING"
    )
    assert qsrefresh.json("explain", FOLDER)["execution"] == running


def test_why_and_what_to_do_are_the_mails(account: LocalAccount, qsrefresh: Shell) -> None:
    prepare(account)
    account.quicksight.datasets["id-one"].outcome = lambda _: {
        "IngestionStatus": "FAILED",
        "ErrorInfo": {"Type": "DATA_SOURCE_AUTH_FAILED", "Message": "not let in"},
    }
    drop(account)
    account.settle()
    arn = account.executions[0].execution_arn
    mail = account.mails[0].message.splitlines()
    lines = qsrefresh("explain", arn).stdout.splitlines()
    told = [line.strip() for line in lines[lines.index("Why:") + 1 :]]
    for label in ("Error type: ", "Cause: ", "Next step: ", "https://"):
        (line,) = (one for one in told[:-1] if one.startswith(label))
        assert line in mail
    assert f"To run it again: qsrefresh run {FOLDER} --wait" in told
    (one,) = qsrefresh.json("explain", arn)["advice"]
    assert f"Cause: {one['cause']}" in mail
    assert (one["errorType"], one["message"]) == ("DATA_SOURCE_AUTH_FAILED", "not let in")


def test_its_commands_go_where_this_one_went(account: LocalAccount, qsrefresh: Shell) -> None:
    prepare(account)
    circumstance("`FAILED`, with `ErrorInfo`")(account)
    account.settle()
    told = qsrefresh("--project", "sampleproject", "explain", FOLDER).stdout
    assert f"To run it again: qsrefresh --project sampleproject run {FOLDER} --wait" in told


def test_what_started_it_is_told_in_the_words_it_was_given(
    account: LocalAccount, qsrefresh: Shell
) -> None:
    prepare(account)
    given = {"folder": FOLDER, "startedby": "Glue job nightly\n" + "x" * 200}
    account.start(given, "by-a-job")
    account.settle()
    lines = qsrefresh("explain", FOLDER).stdout.splitlines()
    assert lines[1].startswith(f"Started by Glue job nightly {'x' * 83}, 2026-")


def test_the_second_machines_run_leads_to_the_one_that_died(
    account: LocalAccount, qsrefresh: Shell
) -> None:
    prepare(account)
    circumstance("stopped, in **Wait For More Files**")(account)
    account.settle()
    died, told = account.executions
    found = qsrefresh.json("explain", told.execution_arn)
    assert (found["execution"], found["verdict"]) == (died.execution_arn, "DIED")
    assert found["why"][-1].endswith("the second state machine does")


def test_a_run_that_joined_names_the_one_whose_mail_counts(
    account: LocalAccount, qsrefresh: Shell
) -> None:
    prepare(account)
    drop(account)
    account.clock.run_for(2)
    drop(account, "b.csv")
    account.clock.run_for(2)
    leader, joins = (one.execution_arn for one in account.executions)
    running = qsrefresh.json("explain", leader)["why"]
    assert running == ["it is still running, in the step Wait For More Files"]
    account.settle()
    found = qsrefresh.json("explain", joins)
    assert (found["verdict"], f"qsrefresh explain {leader}" in found["why"][0]) == ("JOINED", True)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("what is this", "is neither an execution nor a link to one"),
        ("nobody", "AWS keeps runs for 90 days"),
        ("arn:aws:states:eu-west-1:123456789012:execution:m:n", "qsrefresh --region eu-west-1"),
        (
            "arn:aws:states:ap-northeast-1:123456789012:execution:other:n",
            "is no run of project sampleproject",
        ),
    ],
)
def test_what_is_no_run_is_refused(qsrefresh: Shell, given: str, told: str) -> None:
    assert told in qsrefresh.refused("explain", given)


def test_every_task_of_the_machine_is_told() -> None:
    machine: dict[str, Any] = load(ROOT / "statemachine" / "sfn.asl.json")
    tasks = {
        state.name
        for state in states(machine)
        if state.body["Type"] in ("Task", "Map") and not state.scope
    }
    assert tasks <= set(TELLERS)
    assert set(TELLERS) <= {state.name for state in states(machine)}
