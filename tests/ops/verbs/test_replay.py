"""``replay``: what the dead-letter queues hold is sent again, and deleted only after that."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount
from tests.ops.conftest import Shell
from tests.workflow.scenarios import (
    dead_letter_queue,
    drop,
    ending,
    register,
    stop_at,
    verdicts,
)


@pytest.fixture(params=[3])
def dead(
    request: pytest.FixtureRequest, qsrefresh: Shell, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalAccount]:
    """Some files whose events could start nothing."""
    account = qsrefresh.account
    register(account, "one")
    with monkeypatch.context() as patched:
        patched.setattr(account.authorizer, "statements", lambda role: [])
        for number in range(request.param):
            drop(account, f"{number}.csv")
        account.settle()
    assert account.executions == []
    yield account
    account.clock.run_for(61)  # SQS purges a queue once a minute
    for url in account.client("sqs").list_queues()["QueueUrls"]:
        account.client("sqs").purge_queue(QueueUrl=url)


def waiting(account: LocalAccount) -> int:
    """Return how many messages anybody can receive now."""
    sqs = account.client("sqs")
    names = ["ApproximateNumberOfMessages"]
    found = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"][names[0]]
        for url in sqs.list_queues()["QueueUrls"]
    ]
    return sum(map(int, found))


def refusal(code: str, operation: str) -> Callable[..., Any]:
    def refuse(**_: Any) -> Any:
        answer: Any = {"Error": {"Code": code, "Message": "no"}}
        raise ClientError(answer, operation)

    return refuse


@pytest.mark.parametrize("dead", [12], indirect=True)
def test_dry_run_shows_what_is_then_started_and_leaves_the_queue_as_it_is(
    dead: LocalAccount, qsrefresh: Shell
) -> None:
    planned = qsrefresh.json("replay", "--dry-run")
    assert len(planned) == 12
    assert "NO_PERMISSIONS: " in planned[0]["error"]
    assert waiting(dead) == 12
    assert dead.executions == []
    done = qsrefresh.json("replay")
    dead.clock.run_for(1)
    assert sorted(map(str, done)) == sorted(map(str, planned))
    started = {one.name: json.loads(str(one.execution_input)) for one in dead.executions}
    assert started == {one["execution"]: json.loads(one["input"]) for one in planned}
    assert waiting(dead) == 0


def test_it_says_what_it_does(dead: LocalAccount, qsrefresh: Shell) -> None:
    shown = qsrefresh("replay", "--dry-run")
    assert "+ Object Created: dashboard/data/sales/0.csv (NO_PERMISSIONS" in shown.stdout
    assert "Nothing was started or deleted (--dry-run): 3 events." in shown.stderr
    assert "3 events." in qsrefresh("replay").stderr
    assert "the dead-letter queues are empty" in qsrefresh("replay").stderr
    dead.settle()
    assert verdicts(dead) == ["SUCCESS"]


def test_what_could_not_be_started_stays_in_the_queue(
    dead: LocalAccount, qsrefresh: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = dead.client("stepfunctions")
    start = client.start_execution
    number = [0]

    def every_second(**how: Any) -> Any:
        number[0] += 1
        if number[0] % 2:
            return start(**how)
        return refusal("KmsAccessDeniedException", "StartExecution")()

    with monkeypatch.context() as patched:
        patched.setattr(client, "start_execution", every_second)
        told = qsrefresh.refused("replay")
    assert "1 of 3 events could not be sent again, and stay in the queue" in told
    assert waiting(dead) == 1
    assert qsrefresh("replay").exit_code == 0
    dead.settle()
    assert (waiting(dead), len(dead.executions)) == (0, 3)


def test_nothing_is_deleted_where_starting_is_denied(
    dead: LocalAccount, qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    broken("stepfunctions", "start_execution", refusal("AccessDeniedException", "StartExecution"))
    assert "the permission states:StartExecution" in qsrefresh.refused("replay")
    assert waiting(dead) == 3


def test_an_event_that_was_started_but_not_deleted_is_not_started_twice(
    dead: LocalAccount, qsrefresh: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        refused = refusal("InternalError", "DeleteMessage")
        patched.setattr(dead.client("sqs"), "delete_message", refused)
        assert "3 of 3 events" in qsrefresh.refused("replay")
    dead.settle()
    assert (waiting(dead), len(dead.executions)) == (3, 3)
    assert qsrefresh("replay").exit_code == 0
    dead.settle()
    assert (waiting(dead), len(dead.executions)) == (0, 3)


def test_a_lost_run_that_nobody_was_told_of_is_told(
    qsrefresh: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = qsrefresh.account
    register(account, "one")
    stop_at(account, "Wait For More Files")
    (role,) = (
        one["RoleArn"]
        for rule in account.client("events").list_rules()["Rules"]
        for one in account.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if one["Arn"].endswith("report-lost-run")
    )
    statements = account.authorizer.statements
    with monkeypatch.context() as patched:
        patched.setattr(
            account.authorizer, "statements", lambda arn: [] if arn == role else statements(arn)
        )
        drop(account)
        account.settle()
    assert (waiting(account), account.mails) == (1, [])
    (sent,) = qsrefresh.json("replay")
    assert sent["about"].startswith("Step Functions Execution Status Change: arn:")
    account.settle()
    assert ending(account, account.executions[-1]) == "Lost Run Told"
    assert (waiting(account), verdicts(account)) == (0, ["ERROR"])


@pytest.mark.parametrize("answer", ["n\n", "", "y\n"], ids=["no", "nobody there", "yes"])
def test_a_letter_that_is_no_event_is_shown_and_dropped_after_a_yes(
    dead: LocalAccount, qsrefresh: Shell, answer: str
) -> None:
    body = "not JSON\x1b[31m\n" + "x" * 200
    dead.client("sqs").send_message(QueueUrl=dead_letter_queue(dead), MessageBody=body)
    shown = qsrefresh("replay", "--dry-run").stdout
    assert "- no event, but 'not JSON\\x1b[31m\\n" + "x" * 186 + "' … (no reason given)" in shown
    if answer == "y\n":
        done = qsrefresh("replay", input=answer)
        assert (done.exit_code, waiting(dead)) == (0, 0)
        assert "deleted from the queues: 3 events." in done.stderr
        assert "Dropped: 1 event that can start nothing." in done.stderr
    else:
        told = qsrefresh.refused("replay", input=answer)
        assert "1 event can start nothing, and stay in the queue" in told
        assert "Way out: qsrefresh replay --yes drops them" in told
        assert waiting(dead) == 1
        assert qsrefresh("replay", "--yes").exit_code == 0
        assert waiting(dead) == 0
    dead.settle()
    assert len(dead.executions) == 3
