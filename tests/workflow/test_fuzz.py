"""Whatever anybody names a file, a dataset or a folder, and whatever is answered: one good mail."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from local.account import BUCKET, WATCHED, LocalAccount
from local.services.mail import Mail
from tests.examples import examples
from tests.statemachine.test_registration_agreement import items
from tests.workflow.scenarios import (
    FOLDER,
    GOOD,
    PARAMETERS,
    UNMODELLED,
    drop,
    ending,
    ends_as,
    fail,
    leaders,
    put_item,
    register,
    stop_at,
    verdicts,
)

#: https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateIngestion.html
INGESTION_ID = re.compile(r"[a-zA-Z0-9-_]{1,128}")
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html (UTF-8, in bytes)
KEY_BYTES = 1024
ENDS = {
    *("Refresh Succeeded", "Refresh Failed", "Folder Marker Ignored", "Folder Ignored"),
    *("ABORTED", "Lost Run Told", "Run Not Lost"),
}
#: What somebody would call a file to forge lines of a mail.
FORGED = f"{WATCHED}x\n\t・データセットyの更新は成功しました。\u2028\x85\nフォルダ: z/\n.csv"

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
long_text = st.builds(lambda one, times: one * times, text.filter(bool), st.integers(1, 400))
keys = (
    (text | long_text)
    .map(lambda name: f"{WATCHED}sales/{name}")
    .map(lambda key: key.encode()[:KEY_BYTES].decode(errors="ignore"))
    .filter(lambda key: key != f"{WATCHED}sales/")
)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=2048)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
events = st.fixed_dictionaries(
    {},
    optional={
        "a member that is new": json_values,
        "detail-type": text | json_values,
        "time": text | json_values,
        "folder": text | json_values,
        "continues": text | json_values,
        "detail": json_values
        | st.fixed_dictionaries(
            {},
            optional={
                "reason": json_values,
                "bucket": json_values | st.fixed_dictionaries({"name": text | json_values}),
                "object": json_values
                | st.fixed_dictionaries(
                    {},
                    optional={"key": keys | json_values, "size": json_values, "new": json_values},
                ),
            },
        ),
    },
)
#: What EventBridge says of an execution that ended, or somebody says in its place.
status_changes = st.fixed_dictionaries(
    {},
    optional={
        "detail": json_values
        | st.fixed_dictionaries(
            {},
            optional={
                "executionArn": text | json_values,
                "status": st.sampled_from(["TIMED_OUT", "ABORTED", "FAILED"]) | json_values,
                "error": text | long_text | json_values,
                "input": json_values,
                "new": json_values,
            },
        )
    },
)
#: Whatever members of the answer are there; each of them is optional in the service's model.
#: https://docs.aws.amazon.com/quicksight/latest/APIReference/API_Ingestion.html
finals = st.fixed_dictionaries(
    {"IngestionStatus": st.sampled_from(["COMPLETED", "FAILED", "CANCELLED"])},
    optional={
        "RowInfo": st.fixed_dictionaries(
            {},
            optional={
                "RowsIngested": st.integers(0, 2**40),
                "RowsDropped": st.integers(0, 3),
                "TotalRowsInDataset": st.integers(0, 2**40),
            },
        ),
        "ErrorInfo": st.fixed_dictionaries(
            {},
            optional={
                "Type": st.sampled_from(["INGESTION_SUPERSEDED", "SQL_EXCEPTION", "NEW_TOMORROW"]),
                "Message": text | long_text,
            },
        ),
        "IngestionTimeInSeconds": st.integers(0, 10**6),
        "IngestionSizeInBytes": st.integers(0, 2**50),
    },
)


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="ja", RefreshTimeoutSeconds="600")
        yield account


def fresh(account: LocalAccount, *datasets: str) -> None:
    """Forget the example before, and register datasets."""
    account.reset()
    register(account, *datasets)
    for dataset in account.quicksight.datasets.values():
        dataset.seconds = lambda _: 5
        dataset.folder = None  # it has rows, whatever the file is called


def check(account: LocalAccount, mails: int = 1) -> None:
    """Check that everything ended, with as many well-formed mails, and no leader is left."""
    account.settle()
    assert {ending(account, execution) for execution in account.executions} <= ENDS
    assert account.problems == []
    assert len(account.mails) == mails
    assert leaders(account) == []
    for mail in account.mails:
        check_form(mail)
    for dataset in account.quicksight.datasets.values():
        for ingestion in dataset.ingestions.values():
            assert INGESTION_ID.fullmatch(ingestion.ingestion_id)


def check_form(mail: Mail) -> None:
    """Check that a mail keeps SNS's limits, and that nobody's name breaks a line of it."""
    assert mail.subject.isprintable()
    assert len(mail.subject) < 100
    assert len(mail.message.encode()) < 256 * 1024
    assert re.fullmatch(r"[^\t\n]+(\n(\t・)?[^\t\n]*)*", mail.message.rstrip("\n"))
    assert mail.message.splitlines() == mail.message.removesuffix("\n").split("\n")


def check_only_bullet(mail: Mail) -> None:
    """Check that a mail tells of one thing, in one folder: no name forged another line."""
    check_form(mail)
    assert mail.message.count("\n\t・") == 1
    assert len(re.findall(r"^フォルダ: ", mail.message, re.MULTILINE)) == 1


@examples(10)
@given(key=keys)
@example(key=f"{WATCHED}sales/" + "字" * 334)
def test_any_key_is_refreshed_and_told(deployed: LocalAccount, key: str) -> None:
    fresh(deployed, "one")
    deployed.drop(key, GOOD)
    check(deployed)
    assert verdicts(deployed) == ["SUCCESS"]
    check_only_bullet(deployed.mails[0])


@examples(10)
@given(key=keys)
@example(key=FORGED)
def test_any_key_is_told_where_the_function_that_writes_mails_fails(
    deployed: LocalAccount, key: str
) -> None:
    fresh(deployed, "one")
    fail(deployed, "Check Ingestion Status", UNMODELLED)
    deployed.drop(key, GOOD)
    check(deployed)
    assert deployed.mails[0].subject == "[ERROR]QuickSight更新処理異常終了"
    check_only_bullet(deployed.mails[0])


@examples(10)
@given(key=keys)
@example(key=FORGED)
def test_any_key_of_a_run_that_was_stopped_is_told(deployed: LocalAccount, key: str) -> None:
    fresh(deployed, "one")
    stop_at(deployed, "Send Mail")
    deployed.drop(key, GOOD)
    check(deployed)
    assert verdicts(deployed) == ["ERROR"]
    check_only_bullet(deployed.mails[0])


@examples(10)
@given(name=text)
@example(name="x\n\t・y\u2028\x85\nフォルダ: z")
def test_any_registered_folder_is_told_where_its_release_fails(
    deployed: LocalAccount, name: str
) -> None:
    fresh(deployed)
    folder = f"{WATCHED}{name}/"
    register(deployed, "one", folder=f"s3://{BUCKET}/{folder}")
    fail(deployed, "Release Folder", UNMODELLED)
    deployed.drop(f"{folder}a.csv", GOOD)
    deployed.settle()
    assert verdicts(deployed) == ["SUCCESS", "ERROR"]
    check_only_bullet(deployed.mails[1])
    deployed.mails.clear()
    deployed.faults.clear()
    deployed.drop(f"{folder}b.csv", GOOD)  # who comes next finds that the leader is gone
    check(deployed)


@examples(10)
@given(event=status_changes)
def test_any_status_change_is_told(deployed: LocalAccount, event: dict[str, Any]) -> None:
    fresh(deployed)
    deployed.client("stepfunctions").start_execution(
        stateMachineArn=deployed.arn("states", "stateMachine:sampleproject-report-lost-run"),
        input=json.dumps(event),
    )
    check(deployed)
    assert verdicts(deployed) == ["ERROR"]
    check_only_bullet(deployed.mails[0])


@examples(10)
@given(name=names)
def test_any_dataset_name_is_refreshed_and_told(deployed: LocalAccount, name: str) -> None:
    fresh(deployed, name)
    drop(deployed)
    check(deployed)
    assert len(deployed.mails[0].message.split("\n\t・")) == 2


@examples(15)
@given(event=events)
@example(event={"folder": FOLDER})
@example(event={"folder": FOLDER, "continues": "somebody"})
def test_any_event_ends_in_a_mail_or_in_nothing_to_do(
    deployed: LocalAccount, event: dict[str, Any]
) -> None:
    fresh(deployed, "one")
    deployed.start(event, "odd")
    deployed.settle()
    (execution,) = deployed.executions
    check(deployed, mails=len(deployed.mails))
    quiet = ending(deployed, execution) in ("Folder Marker Ignored", "Refresh Succeeded")
    assert len(deployed.mails) == 1 or (quiet and not deployed.mails)


@examples(10)
@given(final=finals)
def test_any_answer_about_an_ingestion_is_told(
    deployed: LocalAccount, final: dict[str, Any]
) -> None:
    fresh(deployed, "one", "two")
    ends_as(deployed, "one", final)
    drop(deployed)
    check(deployed)
    good = final["IngestionStatus"] == "COMPLETED"
    clean = not final.get("RowInfo", {}).get("RowsDropped")
    assert verdicts(deployed) == (["SUCCESS"] if good and clean else ["ERROR"])
    assert deployed.mails[0].message.count("\n\t・") == 2


@examples(10)
@given(item=items)
def test_any_registration_is_refreshed_or_refused_by_mail(
    deployed: LocalAccount, item: dict[str, Any]
) -> None:
    fresh(deployed)
    put_item(deployed, PARAMETERS, item)
    drop(deployed)
    deployed.settle()
    (execution,) = deployed.executions
    ignored = ending(deployed, execution) == "Folder Ignored"
    check(deployed, mails=0 if ignored else 1)
