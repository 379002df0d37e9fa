"""What docs/security.md promises, tried in the local account."""

import io
import json
import re
from collections.abc import Iterator

import pytest

from local.account import BUCKET, WATCHED, LocalAccount
from tests.docs.pages import rows, section
from tests.docs.roles import HEAD, page, table
from tests.loading import ROOT
from tests.workflow.scenarios import GOOD, UNMODELLED, drop, fail, register

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
#: What would forge a line, end a quote, run a command, or reverse what is read.
HOSTILE = (
    "x'; touch owned; '\n\t・データセットAの更新は成功しました。\u202e$(id)`id`{% 1 %}\r<b>.csv"
)


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    """Both stacks with the limit on refreshes that the page advises."""
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="ja", MinMinutesBetweenRefreshes="45")
        yield account


def test_the_table_of_roles_is_the_templates() -> None:
    assert page() in PAGE
    told = rows(section("What each role may do", PAGE), *HEAD)
    assert len(told) == len(table())


def test_a_hostile_key_forges_nothing(account: LocalAccount) -> None:
    log = io.StringIO()
    account.log_to(log)
    register(account, "sales")
    drop(account, HOSTILE)
    account.settle()
    (mail,) = account.mails
    assert mail.subject.startswith("[SUCCESS]")
    assert mail.message.count("\n\t・") == 1
    assert not re.search(r"[\u202a-\u202e\r]", mail.message)
    entries = [json.loads(line) for line in log.getvalue().splitlines()]
    assert entries
    assert all(isinstance(entry, dict) for entry in entries)


def test_a_hostile_folder_puts_no_command_into_the_mail(account: LocalAccount) -> None:
    folder = "a'; touch owned; '$(id)/"
    register(account, "sales", folder=f"s3://{BUCKET}/{WATCHED}{folder}")
    fail(account, "Refresh Each Dataset", UNMODELLED)
    fail(account, "Start Ingestion", UNMODELLED)
    account.drop(f"{WATCHED}{folder}a.csv", GOOD)
    account.settle()
    (mail,) = account.mails
    (line,) = re.findall(r"^\{.*$", mail.message, re.MULTILINE)
    assert json.loads(line) == {"folder": f"s3://{BUCKET}/{WATCHED}{folder}"}
    assert not re.search(r"^(aws|qsrefresh) ", mail.message, re.MULTILINE)


def test_dots_in_a_key_lead_nowhere(account: LocalAccount) -> None:
    register(account, "sales")
    account.drop(f"{WATCHED}other/../sales/a.csv", GOOD)
    account.settle()
    (mail,) = account.mails
    assert mail.subject.startswith("[ERROR]")
    assert not account.children


def test_stray_files_that_drip_in_are_as_few_mails_as_promised(account: LocalAccount) -> None:
    register(account, "sales")
    began = account.clock.now()

    def drip() -> None:
        for number in range(12):
            account.drop(f"{WATCHED}stray{number}/a.csv", GOOD)
            account.clock.sleep(600)

    account.clock.spawn("test: drip", drip)
    account.settle()
    hours = (account.clock.now() - began) / 3600
    assert 2 <= len(account.mails) <= hours * 60 / 45 + 1
    assert not account.children


def test_an_ignored_folder_causes_no_mail(account: LocalAccount) -> None:
    account.register([{"S3uri": f"s3://{BUCKET}/{WATCHED}incoming/", "ignore": True}])
    account.drop(f"{WATCHED}incoming/deeper/a.csv", GOOD)
    account.settle()
    assert account.mails == []
