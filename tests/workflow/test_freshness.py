"""A folder that is older than it promises is told of: once, whatever goes wrong at least once."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest

from local.account import BUCKET, WATCHED, LocalAccount
from local.core.faults import Fault, ServiceError
from local.stepfunctions import integrations
from tests.workflow import promises
from tests.workflow.invariants import Story
from tests.workflow.scenarios import (
    FOLDER,
    PARAMETERS,
    STATE,
    UNMODELLED,
    at_state,
    drop,
    ends_as,
    fail,
    put_item,
    redefined,
    register,
    verdicts,
)

HOUR = 3600
LEAD: dict[str, Any] = {"S3uri": {"S": FOLDER}}


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en")
        yield account


def promise(account: LocalAccount, hours: Any = "24", folder: str = FOLDER, **fields: Any) -> None:
    """Register a folder without datasets, with a promise as it is on the wire."""
    item = {"S3uri": {"S": folder}, "datasets": {"L": []}, **fields}
    if hours is not None:
        item["freshwithin"] = {"N": hours} if isinstance(hours, str) else hours
    account.client("dynamodb").put_item(TableName=PARAMETERS, Item=item)


def refreshed(account: LocalAccount, hours_ago: int, folder: str = FOLDER) -> str:
    """Let a folder have been refreshed so many hours ago, and return when, as it is noted."""
    when = str(int(account.clock.now()) - hours_ago * HOUR)
    item = {"S3uri": {"S": folder}, "lastSucceeded": {"N": when}}
    account.client("dynamodb").put_item(TableName=STATE, Item=item)
    return when


def check(account: LocalAccount, hours: int = 1) -> None:
    account.tick(hours)
    account.settle()


def lead(account: LocalAccount) -> dict[str, Any]:
    (item,) = (one for one in account.items(STATE) if one["S3uri"] == LEAD["S3uri"])
    return {name: value for name, value in item.items() if name != "S3uri"}


def folders_told(account: LocalAccount) -> list[list[str]]:
    """Return the folders that each mail names."""
    return [re.findall(r'\t・"(s3://[^"]*)"', mail.message) for mail in account.mails]


def test_a_breach_is_one_mail_and_the_next_success_the_all_clear(
    account: LocalAccount,
) -> None:
    register(account, "sales")
    promise(account)
    register(account, "sales")
    put_item(account, PARAMETERS, {**account.items(PARAMETERS)[0], "freshwithin": {"N": "24"}})
    drop(account)
    account.settle()
    check(account, 30)
    assert verdicts(account) == ["SUCCESS", "ERROR"]
    drop(account, "b.csv")
    account.settle()
    check(account, 30)
    assert verdicts(account) == ["SUCCESS", "ERROR", "SUCCESS", "ERROR"]


def test_a_refresh_counts_from_its_end_if_its_mail_was_accepted(account: LocalAccount) -> None:
    register(account, "sales")
    drop(account)
    account.settle()
    assert lead(account)["lastSucceeded"] == {"N": str(int(account.clock.now()))}


@pytest.mark.parametrize("trouble", ["a dataset failed", "no mail was accepted"])
def test_a_refresh_without_a_success_mail_does_not_count(
    account: LocalAccount, trouble: str
) -> None:
    register(account, "sales")
    if trouble == "a dataset failed":
        ends_as(account, "sales", {"IngestionStatus": "FAILED"})
    else:
        fail(account, "Send Mail", ServiceError("AuthorizationError"))
    drop(account)
    account.settle()
    assert "leader" not in lead(account)
    assert "lastSucceeded" not in lead(account)


def test_a_hand_over_that_finds_nothing_owed_does_not_count(account: LocalAccount) -> None:
    register(account, "sales")
    counts = {"arrivals": {"N": "3"}, "covered": {"N": "3"}}
    put_item(account, STATE, {**counts, "lastSucceeded": {"N": "1"}})
    account.start({"continues": "arn:x", "folder": FOLDER}, "continues-1")
    account.settle()
    assert account.mails == []
    assert lead(account)["lastSucceeded"] == {"N": "1"}


def test_the_mail_says_since_when_and_what_to_do_first(account: LocalAccount) -> None:
    promise(account, "26")
    when = refreshed(account, 30)
    check(account)
    (mail,) = account.mails
    assert mail.subject == "[ERROR]QuickSight data is out of date"
    at = datetime.fromtimestamp(int(when), tz=UTC)
    said = f"but was last refreshed successfully at {at:%Y-%m-%d %H:%M} UTC."
    assert f'"{FOLDER}" should be refreshed within 26 hours, {said}' in mail.message
    labels = [mail.message.index(label) for label in ("RESULT: ", "DASHBOARDS: ", "FIRST: ")]
    assert labels == sorted(labels)
    assert "its own [SUCCESS] mail is the all-clear" in mail.message
    (run,) = account.executions
    assert mail.message.endswith(str(run.execution_arn))
    assert lead(account)["staleTold"] == {"N": when}


@pytest.mark.parametrize("name", ["Bool", "BOOL"])
def test_a_folder_to_be_ignored_is_not_watched(
    account: LocalAccount, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(integrations._JAVA_NAMES, "BOOL", name)
    promise(account, ignore={"BOOL": True})
    refreshed(account, 100)
    check(account)
    assert account.mails == []


@pytest.mark.parametrize(
    ("hours", "watched"),
    [
        (None, False),
        ("0", False),
        ("1", True),
        ("8760", True),
        ("8761", False),
        ("2.5", False),
        ("-1", False),
        ({"S": "26"}, False),
        ({"BOOL": True}, False),
        ({"L": [{"N": "1"}]}, False),
    ],
)
def test_only_a_promise_of_whole_hours_is_watched(
    account: LocalAccount, hours: Any, watched: bool
) -> None:
    promise(account, hours)
    refreshed(account, 9000)
    check(account)
    assert len(account.mails) == watched


def test_a_folder_that_was_never_refreshed_is_due_from_its_first_check(
    account: LocalAccount,
) -> None:
    promise(account, "2")
    check(account)
    since = datetime.fromtimestamp(account.clock.now(), tz=UTC)
    assert lead(account) == {"watchedSince": {"N": str(int(since.timestamp()))}}
    check(account, 2)
    assert account.mails == []
    check(account, 5)
    (mail,) = account.mails
    assert f"but never was since the watch began at {since:%Y-%m-%d %H:%M} UTC." in mail.message


def test_an_item_that_only_the_check_made_is_claimed_as_if_there_was_none(
    account: LocalAccount,
) -> None:
    register(account, "sales")
    put_item(account, PARAMETERS, {**account.items(PARAMETERS)[0], "freshwithin": {"N": "1"}})
    check(account, 3)
    drop(account)
    account.settle()
    assert verdicts(account) == ["ERROR", "SUCCESS"]
    assert lead(account)["arrivals"] == lead(account)["covered"] == {"N": "1"}


def test_a_success_between_look_and_mark_is_told_of_at_its_own_breach(
    account: LocalAccount,
) -> None:
    promise(account)
    old = refreshed(account, 30)
    at_state(account, "Remember Each Folder", lambda _: update(account, int(account.clock.now())))
    account.faults.add(Fault("dynamodb", "UpdateItem", delay=5))
    check(account)
    assert lead(account)["staleTold"] == {"N": old}
    assert lead(account)["lastSucceeded"] != {"N": old}
    check(account, 23)
    assert len(account.mails) == 1
    check(account, 5)
    assert len(account.mails) == 2


def update(account: LocalAccount, when: int) -> None:
    account.client("dynamodb").update_item(
        TableName=STATE,
        Key=LEAD,
        UpdateExpression="SET lastSucceeded = :when",
        ExpressionAttributeValues={":when": {"N": str(when)}},
    )


def test_a_mark_that_fails_after_the_mail_is_red_and_told_once_more(account: LocalAccount) -> None:
    promise(account)
    refreshed(account, 30)
    marks = fail(account, "Remember Folder", UNMODELLED)
    check(account)
    assert [run.status for run in account.executions] == ["FAILED"]
    account.faults.armed.remove(marks)
    check(account, 10)
    assert verdicts(account) == ["ERROR", "ERROR"]


def test_a_mail_that_is_not_accepted_leaves_no_mark(account: LocalAccount) -> None:
    promise(account)
    refreshed(account, 30)
    account.faults.add(Fault("sns", "Publish", error=ServiceError("AuthorizationError"), times=1))
    check(account)
    assert [run.status for run in account.executions] == ["FAILED"]
    assert "staleTold" not in lead(account)
    check(account)
    assert verdicts(account) == ["ERROR"]


def _mark_before_mail(states: dict[str, Any]) -> None:
    words, marks = states["Gather Stale Words"], states["Remember Each Folder"]
    words["Next"], marks["Output"] = "Remember Each Folder", "{% $states.input %}"
    marks["Next"], states["Announce Stale Folders"]["Next"] = "Send Stale Mail", "More Folders?"


def _forgets_what_it_told(states: dict[str, Any]) -> None:
    _replace_in_rows(states, "$one.staleTold.N", "$one.nothing.N")


def _counts_in_minutes(states: dict[str, Any]) -> None:
    _replace_in_rows(states, "3600 * hours", "60 * hours")


def _replace_in_rows(states: dict[str, Any], old: str, new: str) -> None:
    output = states["Look Up Records"]["Output"]
    assert old in output["rows"]
    output["rows"] = output["rows"].replace(old, new)


@pytest.mark.parametrize(
    ("wrong", "noticed"),
    [
        (None, ""),
        (_mark_before_mail, "nobody was told"),
        (_forgets_what_it_told, "and again"),
        (_counts_in_minutes, "before"),
    ],
)
def test_a_wrong_version_breaks_a_promise(
    account: LocalAccount, wrong: Callable[[dict[str, Any]], None] | None, noticed: str
) -> None:
    def change(definition: dict[str, Any]) -> None:
        if wrong:
            wrong(definition["States"])

    refused = ServiceError("AuthorizationError")
    with redefined(account, change, "check-freshness"):
        promise(account, "5")
        check(account)
        account.faults.add(Fault("sns", "Publish", error=refused, times=1))
        check(account, 9)
    found = list(promises.violations(Story(account)))
    assert bool(found) == bool(noticed)
    assert all(noticed in one for one in found)


def test_a_folder_that_goes_or_changes_its_promise(account: LocalAccount) -> None:
    promise(account)
    refreshed(account, 20)
    promise(account, "48")
    check(account, 10)
    assert account.mails == []
    account.client("dynamodb").delete_item(TableName=PARAMETERS, Key=LEAD)
    check(account, 30)
    assert account.mails == []
    promise(account, "1")
    check(account)
    assert len(account.mails) == 1
    promise(account, "2")
    check(account, 9)
    assert len(account.mails) == 1, "told of this success already"


def test_what_dynamodb_left_unprocessed_is_looked_at_in_the_next_hour(
    account: LocalAccount,
) -> None:
    for name in ("a", "b"):
        promise(account, folder=f"{FOLDER}{name}/")
        refreshed(account, 30, f"{FOLDER}{name}/")
    account.faults.add(Fault("dynamodb", "BatchGetItem", unprocessed=1, times=1))
    check(account)
    (first,) = folders_told(account)
    assert len(first) == 1
    check(account)
    assert sorted(chain(*folders_told(account))) == [f"{FOLDER}a/", f"{FOLDER}b/"]


def test_more_than_a_page_of_folders_is_a_mail_a_page(account: LocalAccount) -> None:
    names = [f"{FOLDER}{number:03}/" for number in range(101)]
    for name in names:
        promise(account, folder=name)
        refreshed(account, 30, name)
    check(account, 2)
    told = folders_told(account)
    assert [len(page) for page in told] == [100, 1]
    assert sorted(chain(*told)) == names


@pytest.mark.parametrize(
    "noted",
    [
        {"lastSucceeded": {"N": "99999999999"}, "watchedSince": {"N": "5"}},
        {"lastSucceeded": {"S": "text"}, "watchedSince": {"N": "5"}},
        {"lastSucceeded": {"N": "1.5"}, "watchedSince": {"N": "5"}},
        {"lastSucceeded": {"L": []}, "watchedSince": {"N": "5"}, "staleTold": {"S": "5"}},
        {"watchedSince": {"N": "5"}, "staleTold": {"NULL": True}},
    ],
)
def test_odd_notes_hide_no_breach(account: LocalAccount, noted: dict[str, Any]) -> None:
    promise(account)
    put_item(account, STATE, noted)
    check(account, 2)
    assert verdicts(account) == ["ERROR"]
    assert lead(account)["staleTold"] == {"N": "5"}


@pytest.mark.parametrize(
    "name", ['"\\{}', "a\nb", "{% $states %}", "\u202eabc", "売上 ", "x" * 900, "'$(rm)'"]
)
def test_a_hostile_name_forges_no_line_and_is_told_of(account: LocalAccount, name: str) -> None:
    folder = f"s3://{BUCKET}/{WATCHED}{name}/"
    promise(account, folder=folder)
    refreshed(account, 30, folder)
    check(account, 2)
    (mail,) = account.mails
    lines = [line for line in mail.message.splitlines() if line.startswith("\t・")]
    assert len(lines) == 1
    assert mail.message.count("\n\t・") == 1
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u2028\u2029\u202a-\u202e]", mail.message)


def test_what_does_not_fit_into_a_mail_is_told_of_in_the_next_hour(account: LocalAccount) -> None:
    rest = '"' * 900
    names = [f"s3://{BUCKET}/{WATCHED}{number:02}{rest}/" for number in range(27)]
    for name in names:
        promise(account, folder=name)
        refreshed(account, 30, name)
    check(account)
    assert 0 < len([item for item in account.items(STATE) if "staleTold" in item]) < 27
    check(account, 3)
    assert len([item for item in account.items(STATE) if "staleTold" in item]) == 27
    assert verdicts(account) == ["ERROR", "ERROR"]
