"""What reaches a mail through the real machines, and the mails that they write by themselves."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from local.account import BUCKET, WATCHED, LocalAccount
from local.core.faults import ServiceError
from tests.workflow.scenarios import (
    FOLDER,
    GOOD,
    UNMODELLED,
    drop,
    ends_as,
    fail,
    register,
    stop_at,
    verdicts,
)

#: https://github.com/awslabs/aws-athena-query-federation/issues/2949, without its ids: the cause
#: stands at the end of a long message.
THROTTLED = (
    "GENERIC_USER_ERROR: Encountered an exception[com.example.connector.lambda.exceptions."
    "ExampleConnectorException] from your LambdaFunction[arn:aws:lambda:ap-northeast-1:123456789012"
    ":function:example_connector_function_name] executed in context[S3SpillLocation{bucket="
    "'123456789012-example-spill', key='123456789012/000000000000000000000000000000000000/"
    "000000000000000000000000000000000000', directory=true}] with message[slow down: Rate exceeded]"
)
LABELS = ["RESULT: ", "DASHBOARDS: ", "FIRST: "]
#: Names that no shell, or no reader, takes for what they are.
ODD = ["a'; touch owned; '$(id)", "売上", "a b", "a\u200bb", "a\nb", "a\u3000"]


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en")
        yield account


@pytest.fixture
def account(deployed: LocalAccount) -> LocalAccount:
    deployed.reset()
    return deployed


def only_mail(account: LocalAccount) -> str:
    account.settle()
    (mail,) = account.mails
    return mail.message


def failed_with(account: LocalAccount, message: str) -> str:
    register(account, "one")
    error = {"Type": "SQL_EXCEPTION", "Message": message}
    ends_as(account, "one", {"IngestionStatus": "FAILED", "ErrorInfo": error})
    drop(account)
    return only_mail(account)


def test_a_long_message_keeps_both_ends(account: LocalAccount) -> None:
    told = failed_with(account, THROTTLED)
    left_out = len(THROTTLED) - 280

    assert f"QuickSight's message ({len(THROTTLED)} characters): " in told
    assert f'"{THROTTLED[:110]} …[{left_out} characters left out]… {THROTTLED[-170:]}"' in told
    assert 'It says "Rate exceeded"' in told


@pytest.mark.parametrize("length", [0, 1, 299, 300])
def test_a_shorter_message_is_whole(account: LocalAccount, length: int) -> None:
    message = ("x" * 297 + "end")[-length:] if length else ""
    told = failed_with(account, message)

    assert (f'QuickSight\'s message: "{message}"' in told) is bool(message)
    assert "left out" not in told


def test_the_child_hands_on_no_more_of_a_message_than_before(account: LocalAccount) -> None:
    failed_with(account, "売" * 9000)
    run = json.dumps(account.history(account.executions[0]), default=str, ensure_ascii=False)

    assert max(map(len, re.findall("売+", run))) == 170


@pytest.mark.parametrize("words", ["no", THROTTLED])
def test_what_step_functions_adds_is_taken_off_first(account: LocalAccount, words: str) -> None:
    register(account, "one")
    fail(account, "Start Ingestion", ServiceError("LimitExceededException", words))
    drop(account)
    told = only_mail(account)

    assert words[-100:] in told
    assert "(Service:" not in told
    assert "\nRequest id: " in told
    assert "API error: LimitExceededException (CreateIngestion)" in told


def removed(account: LocalAccount, reason: str, **of_object: str) -> str:
    register(account, "one")
    drop(account, "current.csv")
    account.settle()
    account.mails.clear()
    detail = {
        "bucket": {"name": BUCKET},
        "object": {"key": f"{WATCHED}sales/current.csv", **of_object},
        "reason": reason,
        "deletion-type": "Permanently Deleted",
    }
    account.start({"detail-type": "Object Deleted", "detail": detail}, "removed")
    line = next(one for one in only_mail(account).splitlines() if one.startswith("Started by: "))
    return line.removeprefix("Started by: ")


def test_an_old_version_that_expires_is_not_told_as_the_file(account: LocalAccount) -> None:
    assert removed(account, "Lifecycle Expiration", **{"version-id": "EXAMPLE"}) == (
        "an old version of current.csv removed by a lifecycle rule; the file itself is unchanged"
    )


def test_a_delete_marker_that_is_removed_may_bring_the_file_back(account: LocalAccount) -> None:
    assert removed(account, "DeleteObject", **{"version-id": "EXAMPLE"}) == (
        "one version of current.csv, or its delete marker, removed"
        " (if the marker, the file is back)"
    )


def test_without_versions_a_removed_file_is_deleted(account: LocalAccount) -> None:
    assert removed(account, "DeleteObject") == "current.csv deleted"


def stopped(account: LocalAccount) -> None:
    stop_at(account, "Refresh Each Dataset")


def no_function(account: LocalAccount) -> None:
    fail(account, "Check Ingestion Status", UNMODELLED)


def no_release(account: LocalAccount) -> None:
    fail(account, "Release Folder", UNMODELLED)


@pytest.mark.parametrize("happens", [stopped, no_function, no_release])
def test_a_mail_that_a_machine_writes_answers_first(account: LocalAccount, happens: Any) -> None:
    register(account, "one")
    happens(account)
    drop(account)
    account.settle()
    told = account.mails[-1].message
    lines = told.splitlines()

    starts = [label for line in lines[:12] for label in LABELS if line.startswith(label)]
    assert starts == LABELS
    assert told.count("\n\t・") == 1
    assert "\t\t" not in told
    assert f'{{"folder":"{FOLDER}"}}' in lines
    assert f"qsrefresh --region ap-northeast-1 --project sampleproject run {FOLDER}" in lines
    assert lines[-1].startswith("https://")
    assert all(" " not in line for line in lines if "https://" in line)


@pytest.mark.parametrize("happens", [stopped, no_function, no_release])
@pytest.mark.parametrize("name", ODD)
def test_a_folder_that_needs_quotes_is_in_no_command(
    account: LocalAccount, happens: Any, name: str
) -> None:
    folder = f"{FOLDER}{name}/"
    register(account, "one", folder=folder)
    happens(account)
    account.drop(f"{WATCHED}sales/{name}/a.csv", GOOD)
    account.settle()
    told = account.mails[-1].message
    lines = told.splitlines()

    assert not any(line.startswith(("qsrefresh ", "aws ")) for line in lines)
    pasted = [json.loads(line) for line in lines if line.startswith("{")]
    assert pasted == ([] if "\u200b" in name or "\n" in name else [{"folder": folder}])
    assert told.count("\n\t・") == 1
    assert "\u200b" not in told


def test_the_input_of_a_plain_mail_really_runs_the_refresh(account: LocalAccount) -> None:
    register(account, "one")
    fail(account, "Check Ingestion Status", UNMODELLED)
    drop(account)
    line = next(one for one in only_mail(account).splitlines() if one.startswith("{"))
    account.faults.clear()
    account.start(json.loads(line), "again")
    account.settle()

    assert verdicts(account) == ["ERROR", "SUCCESS"]


NFD = unicodedata.normalize("NFD", "店舗データ")


def look_ups(account: LocalAccount) -> int:
    return account.path(account.executions[0]).count("Look Up Datasets")


@pytest.mark.parametrize("below", ["", "2026/"])
def test_a_folder_named_on_a_mac_is_found_with_one_look_up_more(
    account: LocalAccount, below: str
) -> None:
    register(account, "one", folder=f"s3://{BUCKET}/{WATCHED}店舗データ/")
    account.quicksight.datasets["id-one"].folder = None
    account.drop(f"{WATCHED}店舗データ/{below}a.csv")
    account.settle()
    as_typed = look_ups(account)
    account.executions.clear()
    account.drop(f"{WATCHED}{NFD}/{below}a.csv")
    account.settle()

    assert look_ups(account) == as_typed + 1
    assert verdicts(account) == ["SUCCESS", "SUCCESS"]
    assert "CAUTION" not in account.mails[0].message
    assert "CAUTION: the file lies in another folder" in account.mails[1].message


def test_a_folder_registered_in_the_form_of_a_mac_stays_found(account: LocalAccount) -> None:
    register(account, "one", folder=f"s3://{BUCKET}/{WATCHED}{NFD}/")
    account.drop(f"{WATCHED}{NFD}/a.csv")

    assert "CAUTION" not in only_mail(account)
    assert verdicts(account) == ["SUCCESS"]


@pytest.mark.parametrize(
    ("registered", "arrived", "shown"),
    [
        ("sales/", "SALES/", "sales/"),
        ("sales", "sales/", "sales"),
        ("sales/\u3000", "sales/", "sales/[U+3000]"),
        ("sa\u200bles/", "sales/2026/", "sa[U+200B]les/"),
        ("店舗データ", "店舗データ/", "店舗データ"),
        (f"{NFD}/", "店舗データ/", "店舗テ[U+3099]ータ/ (NFD, as Macs write names)"),
        ("Cafe\u0301/", "cafe\u0301/", "Cafe[U+0301]/"),
    ],
)
def test_a_registered_folder_that_looks_alike_is_shown(
    account: LocalAccount, registered: str, arrived: str, shown: str
) -> None:
    register(account, "one", folder=f"s3://{BUCKET}/{WATCHED}{registered}")
    account.drop(f"{WATCHED}{arrived}a.csv")

    assert f"\nRegistered: {shown}\n" in only_mail(account)


def test_without_the_registered_folders_the_mail_is_sent_all_the_same(
    account: LocalAccount,
) -> None:
    register(account, "one")
    fail(account, "List Registered Folders", UNMODELLED)
    account.drop(f"{WATCHED}SALES/a.csv")
    told = only_mail(account)

    assert "has no registered dataset" in told
    assert "Registered: " not in told


def test_more_folders_than_a_payload_can_hold_do_no_harm(account: LocalAccount) -> None:
    register(account, "one", folder=f"s3://{BUCKET}/{WATCHED}{'売' * 200}/0/")
    names = [f"s3://{BUCKET}/{WATCHED}{'売' * 200}/{'在' * number}/" for number in range(1, 101)]
    for name in names:
        account.client("dynamodb").put_item(
            TableName="sampleproject-parameters", Item={"S3uri": {"S": name}}
        )
    account.drop(f"{WATCHED}{'売' * 200}/{'庫' * 100}/a.csv")

    assert "has no registered dataset" in only_mail(account)
