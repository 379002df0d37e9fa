"""Whatever stands in the lead item or the record, the next files are refreshed or told."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.account import WATCHED, LocalAccount
from tests.workflow.invariants import refreshes, state_item
from tests.workflow.scenarios import FOLDER, STATE, at_state, register, verdicts

Item = dict[str, Any]
#: What can stand where a number should.
TEXT, LIST, NOTHING = {"S": "x"}, {"L": [{"N": "1"}]}, {"NULL": True}


def number(text: str) -> Item:
    return {"N": text}


def led_by(account: LocalAccount, name: str, machine: str = "") -> Item:
    """Return a leader attribute that names an execution."""
    arn = account.machine_arn.replace(":stateMachine:", ":execution:")
    return {"S": f"{arn}{machine}:{name}"}


COUNTED: Item = {"arrivals": number("3"), "covered": number("3")}
#: What somebody, or another version, wrote into the lead item.
LEAD_ITEMS: dict[str, Item] = {
    **{f"leader {kind}": {"leader": value, **COUNTED} for kind, value in {
        "text": TEXT, "a number": number("1"), "a list": LIST, "null": NOTHING,
        "true": {"BOOL": True}, "a map": {"M": {"S": TEXT}},
        "of another machine": {"S": "arn:aws:states:us-east-1:123456789012:execution:x:y"},
    }.items()},
    **{f"covered {kind}": {"arrivals": number("3"), "covered": value} for kind, value in {
        "one ahead": number("4"), "four ahead": number("7"), "text": TEXT, "null": NOTHING,
        "negative": number("-2"), "10^30": number("1" + 30 * "0"),
    }.items()},
    **{f"arrivals {kind}": {"arrivals": value, "covered": number("3")} for kind, value in {
        "text": TEXT, "a list": LIST, "null": NOTHING, "negative": number("-5"),
        "with a fraction": number("1.5"), "10^30": number("1" + 30 * "0"),
        "10^15": number("1" + 15 * "0"),
    }.items()},
    "arrivals missing": {"covered": number("3")},
    "covered missing": {"arrivals": number("3")},
    **{f"lastStarted {kind}": {**COUNTED, "lastStarted": value} for kind, value in {
        "in the future": number("9999999999"), "text": TEXT, "negative": number("-1"),
        "10^100": number("1" + 100 * "0"),
    }.items()},
    **{f"turn {kind}": {**COUNTED, "turn": value} for kind, value in {
        "text": TEXT, "negative": number("-1"), "10^30": number("1" + 30 * "0"), "null": NOTHING,
    }.items()},
    **{f"vouched {kind}": {**COUNTED, "vouched": value} for kind, value in {
        "ahead": number("99"), "text": TEXT, "null": NOTHING,
    }.items()},
}  # fmt: skip
RECORDS: dict[str, Item] = {
    "datasets a list": {"datasets": LIST},
    "datasets a long text": {"datasets": {"S": "x" * 240_000}},
    "larger than an answer": {"datasets": {"S": "x" * 390_000}},
    "a dataset that is text": {"datasets": {"M": {"id-one": TEXT}}},
    "odd figures": {"datasets": {"M": {"id-one": {"M": {"seconds": TEXT, "rows": NOTHING}}}}},
    "a negative length": {"datasets": {"M": {"id-one": {"M": {"seconds": number("-100")}}}}},
    "a length of 10^30 s": {
        "datasets": {"M": {"id-one": {"M": {"seconds": number("1" + 30 * "0")}}}}
    },
    "a run that is text": {"run00": TEXT, "run01": LIST},
}


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", MinMinutesBetweenRefreshes="45")
        yield account


def drop(account: LocalAccount, name: str = "a.csv") -> None:
    account.drop(f"{WATCHED}sales/{name}")


def write(account: LocalAccount, item: Item, key: str = FOLDER) -> None:
    account.client("dynamodb").put_item(TableName=STATE, Item={"S3uri": {"S": key}, **item})


def check_that_two_files_are_refreshed(account: LocalAccount) -> None:
    for files in (1, 2):
        began = account.clock.now()
        drop(account, f"{files}.csv")
        account.settle()
        assert verdicts(account) == ["SUCCESS"] * files
        assert len(refreshes(account, "id-one")) == files
        assert refreshes(account, "id-one")[-1].created >= began
    item = state_item(account, FOLDER)
    assert "leader" not in item
    assert item["arrivals"] == item["covered"]


@pytest.mark.parametrize("name", LEAD_ITEMS)
def test_an_odd_lead_item_heals_with_the_next_file(account: LocalAccount, name: str) -> None:
    register(account, "one")
    write(account, LEAD_ITEMS[name])
    check_that_two_files_are_refreshed(account)


@pytest.mark.parametrize("name", ["gone", "!", "no:such:run"])
def test_a_leader_that_never_ran_is_taken_over(account: LocalAccount, name: str) -> None:
    register(account, "one")
    write(account, {"leader": led_by(account, name), **COUNTED})
    check_that_two_files_are_refreshed(account)


def test_a_child_leads_nothing(account: LocalAccount) -> None:
    register(account, "one")
    write(account, {"leader": led_by(account, "x", "/RefreshEachDataset"), **COUNTED})
    check_that_two_files_are_refreshed(account)


@pytest.mark.parametrize("name", RECORDS)
def test_an_odd_record_costs_no_refresh(account: LocalAccount, name: str) -> None:
    register(account, "one")
    write(account, RECORDS[name], f"{FOLDER}#record")
    drop(account)
    account.settle()
    drop(account, "b.csv")
    account.settle()
    assert verdicts(account)[-1] == "SUCCESS"
    assert len(verdicts(account)) == 2
    if name != "larger than an answer":
        assert verdicts(account) == ["SUCCESS", "SUCCESS"]


MEANWHILE: dict[str, Callable[[Item], Item]] = {
    "a million more arrivals": lambda item: {**item, "arrivals": number("1000000")},
    "covered far ahead": lambda item: {**item, "covered": number("1000000000")},
    "the leader garbage": lambda item: {**item, "leader": TEXT},
    "nobody leads": lambda item: {key: item[key] for key in item if key != "leader"},
    "the counts deleted": lambda item: {"leader": item["leader"]},
}


@pytest.mark.parametrize("state", ["Wait For More Files", "Refresh Each Dataset", "Send Mail"])
@pytest.mark.parametrize("name", MEANWHILE)
def test_what_is_written_while_a_leader_runs_loses_no_file(
    account: LocalAccount, name: str, state: str
) -> None:
    register(account, "one")

    def tamper(_: str) -> None:
        table = account.client("dynamodb")
        item = table.get_item(TableName=STATE, Key={"S3uri": {"S": FOLDER}})["Item"]
        table.put_item(TableName=STATE, Item={**MEANWHILE[name](item), "S3uri": {"S": FOLDER}})
        for number_ in range(4):
            drop(account, f"late{number_}.csv")

    at_state(account, state, tamper)
    drop(account)
    account.settle()
    last = max(
        account.time_of(event["time"])
        for event in account.events.sent
        if event["source"] == "aws.s3"
    )
    assert max(one.created for one in refreshes(account, "id-one")) >= last
    assert len(account.mails) <= 4
    account.mails.clear()
    drop(account, "next.csv")
    account.settle()
    assert verdicts(account) == ["SUCCESS"]
    assert "leader" not in state_item(account, FOLDER)


@pytest.mark.parametrize("state", ["Wait For More Files", "Refresh Each Dataset", "Release Folder"])
def test_an_item_that_is_deleted_while_a_leader_runs_loses_no_file(
    account: LocalAccount, state: str
) -> None:
    register(account, "one")

    def delete(_: str) -> None:
        account.client("dynamodb").delete_item(TableName=STATE, Key={"S3uri": {"S": FOLDER}})

    at_state(account, state, delete)
    drop(account)
    drop(account, "b.csv")
    account.settle()
    assert set(verdicts(account)) == {"SUCCESS"}
    account.mails.clear()
    drop(account, "next.csv")
    account.settle()
    assert verdicts(account) == ["SUCCESS"]


@pytest.mark.explore
def test_a_folder_of_1900_datasets_is_told_and_locks_nothing(account: LocalAccount) -> None:
    register(account, *(str(number) for number in range(1900)))
    drop(account)
    account.settle()
    assert verdicts(account) == ["ERROR"]
    item = state_item(account, FOLDER)
    assert "leader" not in item
    assert len(str(item)) < 1000
    register(account, "one")
    drop(account, "next.csv")
    account.settle()
    assert verdicts(account) == ["ERROR", "SUCCESS"]
    assert len(refreshes(account, "id-one")) == 1
