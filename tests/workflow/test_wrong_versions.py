"""Wrong versions that no schedule catches: what somebody writes into an item, or a late write.

Each scene loses nothing with the real machine; with the wrong version it loses a file, blocks the
folder, or says nothing.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import WATCHED, LocalAccount
from local.core.faults import Call, Fault, NoAnswerError
from proofs.edits import SUBTLE_EDITS
from tests.workflow.invariants import refreshes, state_item
from tests.workflow.scenarios import FOLDER, STATE, at_state, redefined, register, stop_at, verdicts

Scene = Callable[[LocalAccount], None]
COUNTED = {"arrivals": {"N": "3"}, "covered": {"N": "3"}}


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en")
        yield account


def drop(account: LocalAccount, name: str = "a.csv") -> None:
    account.drop(f"{WATCHED}sales/{name}")


def write(account: LocalAccount, item: dict[str, Any]) -> None:
    account.client("dynamodb").put_item(TableName=STATE, Item={"S3uri": {"S": FOLDER}, **item})


def delete(account: LocalAccount) -> None:
    account.client("dynamodb").delete_item(TableName=STATE, Key={"S3uri": {"S": FOLDER}})


def gone(account: LocalAccount) -> dict[str, str]:
    return {"S": account.machine_arn.replace(":stateMachine:", ":execution:") + ":gone"}


def covered_ahead(account: LocalAccount) -> None:
    write(account, {**COUNTED, "covered": {"N": "4"}})
    drop(account)


def deleted_with_a_file_waiting(account: LocalAccount) -> None:
    account.quicksight.datasets["id-one"].seconds = lambda _: 200

    def late(_: str) -> None:
        drop(account, "late.csv")
        account.clock.sleep(120)
        delete(account)

    at_state(account, "Refresh Each Dataset", late)
    drop(account)


def vouched_ahead_by_a_dead_leader(account: LocalAccount) -> None:
    write(account, {**COUNTED, "leader": gone(account), "vouched": {"N": "99"}})
    drop(account)


def deleted_while_the_leader_counts(account: LocalAccount) -> None:
    at_state(account, "Wait For More Files", lambda _: delete(account))
    drop(account)


def garbage_just_before_a_take_over(account: LocalAccount) -> None:
    write(account, {**COUNTED, "leader": gone(account)})
    taking = Fault("*", "*", delay=5, times=1, when=lambda call: call.state == "Take Over Folder")
    account.faults.add(taking)
    at_state(
        account,
        "Take Over Folder",
        lambda _: write(account, {"leader": {"S": "x"}, **COUNTED, "arrivals": {"N": "4"}}),
    )
    drop(account)


def garbage_leads(account: LocalAccount) -> None:
    write(account, {**COUNTED, "leader": {"S": "x"}})
    drop(account)


def _in_flight(account: LocalAccount, state: str) -> list[dict[str, Any]]:
    """Keep the first write of a state back: its caller hears nothing of it."""
    sent: list[dict[str, Any]] = []

    def first(call: Call) -> bool:
        if call.state != state or sent:
            return False
        sent.append(dict(call.parameters))
        return True

    account.faults.add(Fault("*", "*", error=NoAnswerError("no answer"), when=first))
    return sent


def _lands(account: LocalAccount, sent: list[dict[str, Any]]) -> None:
    with contextlib.suppress(ClientError):
        account.client("dynamodb").update_item(**sent[0])


def a_dead_leaders_count_lands_late(account: LocalAccount) -> None:
    account.events.lose_status_changes = True
    sent = _in_flight(account, "Count Files")
    stop_at(account, "Count Files")
    drop(account)
    account.clock.run_for(40)
    drop(account, "b.csv")
    drop(account, "c.csv")
    account.clock.run_for(10)
    _lands(account, sent)


def a_take_over_lands_late(account: LocalAccount) -> None:
    write(account, {**COUNTED, "leader": gone(account)})
    sent = _in_flight(account, "Take Over Folder")
    drop(account)
    account.settle()
    # Meanwhile it was tried again, refreshed and released; this one was on its way all the time.
    sent[0]["ExpressionAttributeValues"][":seen"] = gone(account)
    _lands(account, sent)


def an_old_hand_over_is_started_by_hand(account: LocalAccount) -> None:
    drop(account)
    account.settle()
    account.mails.clear()
    account.clock.run_for(60)
    old = {"continues": account.executions[0].execution_arn, "folder": FOLDER}
    account.client("stepfunctions").start_execution(
        stateMachineArn=account.machine_arn, input=json.dumps(old)
    )


SCENES: dict[str, Scene] = {
    "odd-counts-are-believed": covered_ahead,
    "owed-is-more-than-covered": deleted_with_a_file_waiting,
    "marks-ahead-of-the-count-are-believed": vouched_ahead_by_a_dead_leader,
    "replaced-leader-ends": deleted_while_the_leader_counts,
    "who-cannot-take-over-ends": garbage_just_before_a_take_over,
    "foreign-leader-is-asked-about": garbage_leads,
    "count-vouches-for-itself": a_dead_leaders_count_lands_late,
    "taking-over-needs-no-turn": a_take_over_lands_late,
    "any-input-with-continues-hands-over": an_old_hand_over_is_started_by_hand,
}


def is_lost(account: LocalAccount, scene: Scene) -> bool:
    """Tell whether what started last in a scene was not refreshed, or the folder is not free."""
    register(account, "one")
    scene(account)
    account.settle()
    account.events.lose_status_changes = False
    started = max(
        account.time_of(e["time"]) for e in account.events.sent if "aws.s3" in e["source"]
    )
    if "continues" in account.executions[-1].execution_input:
        started = account.executions[-1].start_date.timestamp()
    last = max((one.created for one in refreshes(account, "id-one")), default=0)
    led = "leader" in state_item(account, FOLDER)
    return last < started or led or "SUCCESS" not in verdicts(account)


def edited(account: LocalAccount, name: str) -> contextlib.AbstractContextManager[None]:
    return redefined(account, lambda definition: SUBTLE_EDITS[name].change(definition["States"]))


def test_every_subtle_wrong_version_has_a_scene() -> None:
    assert set(SCENES) == set(SUBTLE_EDITS)


@pytest.mark.parametrize("name", SCENES)
def test_the_real_machine_loses_nothing(account: LocalAccount, name: str) -> None:
    assert not is_lost(account, SCENES[name])


@pytest.mark.parametrize("name", SCENES)
def test_a_wrong_version_loses_something(account: LocalAccount, name: str) -> None:
    with edited(account, name):
        assert is_lost(account, SCENES[name])
