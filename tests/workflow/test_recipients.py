"""Who gets which mail of a real refresh, and each alarm of the deployed stack exactly once."""

import json

import pytest

from local.account import WATCHED, LocalAccount
from qsrefresh.subscriptions import Choice
from tests.ops.conftest import Shell
from tests.workflow.scenarios import FOLDER, drop, ends_as, register, stop_at
from tests.workflow.test_watching import ALARMS, properties

OTHER = FOLDER.replace("/sales/", "/stock/")
PLAIN, ERRORS, SALES, SALES_ERRORS = (
    f"{name}@example.com" for name in ("plain", "errors", "sales", "sales-errors")
)


def confirm(account: LocalAccount) -> None:
    for mail in account.mails:
        token = mail.message.split()[-1]
        account.client("sns").confirm_subscription(TopicArn=mail.topic_arn, Token=token)
    account.mails.clear()


@pytest.fixture
def subscribed(account: LocalAccount) -> LocalAccount:
    """Two folders, and four people who chose differently."""
    register(account, "sales")
    register(account, "stock", folder=OTHER)
    qsrefresh = Shell(account)
    qsrefresh("subscribe", PLAIN)
    qsrefresh("subscribe", ERRORS, "--errors-only")
    qsrefresh("subscribe", SALES, "--folder", FOLDER)
    qsrefresh("subscribe", SALES_ERRORS, "--folder", FOLDER, "--errors-only")
    confirm(account)
    return account


def got(account: LocalAccount) -> dict[str, int]:
    """Return how many mails each person got, and forget them."""
    counts = {
        address: len(account.inbox(address)) for address in (PLAIN, ERRORS, SALES, SALES_ERRORS)
    }
    account.mails.clear()
    return {address: count for address, count in counts.items() if count}


def test_a_success_goes_to_all_but_those_who_want_errors(subscribed: LocalAccount) -> None:
    drop(subscribed)
    subscribed.settle()
    assert got(subscribed) == {PLAIN: 1, SALES: 1}


def test_an_error_goes_to_all_but_those_of_other_folders(subscribed: LocalAccount) -> None:
    for name in ("sales", "stock"):
        ends_as(subscribed, name, {"IngestionStatus": "FAILED"})
    drop(subscribed)
    subscribed.settle()
    assert got(subscribed) == {PLAIN: 1, ERRORS: 1, SALES: 1, SALES_ERRORS: 1}
    subscribed.drop(f"{WATCHED}stock/a.csv")
    subscribed.settle()
    assert got(subscribed) == {PLAIN: 1, ERRORS: 1}


def test_a_file_that_nobody_registered_is_told_to_those_without_a_folder(
    subscribed: LocalAccount,
) -> None:
    subscribed.drop(f"{WATCHED}new/a.csv")
    subscribed.settle()
    assert got(subscribed) == {PLAIN: 1, ERRORS: 1}


def test_a_run_that_died_is_told_to_those_of_its_folder(subscribed: LocalAccount) -> None:
    stop_at(subscribed, "Refresh Each Dataset")
    drop(subscribed)
    subscribed.settle()
    assert got(subscribed) == {PLAIN: 1, ERRORS: 1, SALES: 1, SALES_ERRORS: 1}


def test_folders_that_are_out_of_date_are_told_to_those_of_any_of_them(
    subscribed: LocalAccount,
) -> None:
    for folder in (OTHER, FOLDER):
        dataset = {"datasetid": f"id-{folder[-6:-1]}", "datasetname": "x"}
        subscribed.register([{"S3uri": folder, "freshwithin": 1, "datasets": [dataset]}])
        subscribed.tick(3)
        subscribed.settle()
        got_by_all = {PLAIN: 1, ERRORS: 1, SALES: 1, SALES_ERRORS: 1}
        assert got(subscribed) == (got_by_all if folder == FOLDER else {PLAIN: 1, ERRORS: 1})


def alarm(account: LocalAccount, name: str) -> None:
    """Publish as CloudWatch does: to each topic that the alarm acts on, without attributes."""
    for topic in properties(account, name)["AlarmActions"]:
        account.client("sns").publish(TopicArn=topic, Subject=f"ALARM: {name}", Message="{}")


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_comes_once_to_whoever_gets_alarms(subscribed: LocalAccount, name: str) -> None:
    alarm(subscribed, name)
    assert got(subscribed) == {PLAIN: 1, ERRORS: 1}


def test_no_filter_takes_the_place_of_the_alarms_topic(
    subscribed: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way that suggests itself: SNS takes the policy, and lets no alarm through."""
    monkeypatch.setattr(Choice, "policy", '{"verdict": ["ERROR", {"exists": false}]}')
    monkeypatch.setattr(Choice, "wants_alarms", False)
    qsrefresh = Shell(subscribed)
    assert qsrefresh("subscribe", ERRORS, "--errors-only").exit_code == 0
    alarm(subscribed, "RefreshAbortedAlarm")
    assert got(subscribed) == {PLAIN: 1}
    for address in (PLAIN, SALES, SALES_ERRORS):
        qsrefresh("unsubscribe", address, "--yes")
    findings = json.loads(qsrefresh("check", "--json").stdout)
    assert [one["text"] for one in findings if one["level"] == "bad"][-1:] == [
        "alarms: nobody gets them"
    ]
