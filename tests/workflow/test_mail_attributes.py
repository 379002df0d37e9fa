"""Every mail says, for the filters of subscriptions, its verdict and its folder."""

from typing import Any

import pytest

from local.account import BUCKET, WATCHED, LocalAccount
from local.core.faults import Fault, ServiceError
from tests.workflow.fault_matrix import leader_gone, prepare, stopped, subject_refused
from tests.workflow.scenarios import FOLDER, UNMODELLED, drop, fail, register, verdicts

WATCHED_FOLDER = f"s3://{BUCKET}/{WATCHED}"


def attributes(account: LocalAccount) -> list[dict[str, Any]]:
    account.settle()
    assert all(
        value["Type"] == "String" for mail in account.mails for value in mail.attributes.values()
    )
    found = [{name: value["Value"] for name, value in m.attributes.items()} for m in account.mails]
    assert [one["verdict"] for one in found] == verdicts(account)
    return found


def test_a_success_names_the_registered_folder(account: LocalAccount) -> None:
    prepare(account)
    account.drop(f"{WATCHED}sales/2026/a.csv")
    assert attributes(account) == [{"verdict": "SUCCESS", "folder": FOLDER}]


def test_an_error_names_it_too_even_where_the_function_failed(account: LocalAccount) -> None:
    prepare(account)
    fail(account, "Check Ingestion Status", UNMODELLED)
    drop(account)
    assert attributes(account) == [{"verdict": "ERROR", "folder": FOLDER}]


@pytest.mark.parametrize("state", ["", "Produce Ingestion Parameters", "Look Up Datasets"])
def test_without_a_registered_folder_it_is_the_watched_one(
    account: LocalAccount, state: str
) -> None:
    if state:
        fail(account, state, UNMODELLED)
    account.drop(f"{WATCHED}nobody/a.csv")
    assert attributes(account) == [{"verdict": "ERROR", "folder": WATCHED_FOLDER}]


def test_the_mail_without_the_functions_subject_has_the_verdict_alone(
    account: LocalAccount,
) -> None:
    prepare(account)
    subject_refused(account)
    assert attributes(account) == [{"verdict": "SUCCESS"}]


def test_a_failed_hand_over_is_an_error_of_the_same_folder(account: LocalAccount) -> None:
    prepare(account)
    fail(account, "Release Folder", ServiceError("ResourceNotFoundException"))
    drop(account)
    expected = [{"verdict": verdict, "folder": FOLDER} for verdict in ("SUCCESS", "ERROR")]
    assert attributes(account) == expected


def test_a_lost_run_names_the_folder_that_it_led(account: LocalAccount) -> None:
    prepare(account)
    stopped(account)
    assert attributes(account) == [{"verdict": "ERROR", "folder": FOLDER}]


def test_a_lost_run_that_led_nothing_names_the_folder_of_its_file(account: LocalAccount) -> None:
    prepare(account)
    leader_gone(account)
    account.clock.run_for(2)
    (run,) = account.executions
    account.client("stepfunctions").stop_execution(executionArn=run.execution_arn)
    assert attributes(account) == [{"verdict": "ERROR", "folder": FOLDER}]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"folder": FOLDER + "a\x01\tb/"}, FOLDER + "a  b/"),
        ({"folder": FOLDER + "\x7f\x9f\uffff売上\U0001f600/"}, FOLDER + "   売上\U0001f600/"),
        ({"folder": "\x00"}, " "),
        ({"folder": ""}, WATCHED_FOLDER),
        ({}, WATCHED_FOLDER),
    ],
    ids=str,
)
def test_no_name_costs_the_mail_of_a_lost_run(
    account: LocalAccount, given: dict[str, Any], shown: str
) -> None:
    account.faults.add(Fault("lambda", "*", delay=30))
    run = account.start(given, "odd")
    account.clock.run_for(5)
    account.client("stepfunctions").stop_execution(executionArn=run.execution_arn)
    assert attributes(account) == [{"verdict": "ERROR", "folder": shown}]


@pytest.mark.parametrize("name", ["a\x01\tb", "\x7f\x9f\uffff", "売上\U0001f600", '"\\'])
def test_no_name_of_a_folder_costs_a_mail_its_attributes(account: LocalAccount, name: str) -> None:
    folder = f"{FOLDER}{name}/"
    register(account, "one", folder=folder)
    account.drop(f"{WATCHED}sales/{name}/a.csv")
    clean = "".join(one if one.isprintable() else " " for one in folder)
    assert attributes(account) == [{"verdict": "SUCCESS", "folder": clean}]
