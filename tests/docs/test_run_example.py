"""The run that the README shows is the one that happens: what is dropped, and the mail."""

import re

from local.account import BUCKET, LocalAccount
from local.programs.run import BROKEN_FILE, FOLDER, GOOD_FILE, SPEED
from tests.docs.test_readme import README, blocks

JAPANESE, ENGLISH, *_ = blocks(README, "console")


def test_the_english_mail_is_as_shown(account: LocalAccount) -> None:
    account.register()
    for file in (GOOD_FILE, BROKEN_FILE):
        account.drop(FOLDER + file.name, file.read_bytes())
        account.settle()

    mail = account.mails[-1]
    happened = f"Subject: {mail.subject}\n\n{mail.message}".splitlines()
    shown = ENGLISH[ENGLISH.index("Subject: ") :].splitlines()
    assert shown[-1] == "…"
    assert happened[: len(shown) - 1] == shown[:-1]


def test_what_is_dropped_is_as_shown() -> None:
    for number, block, file in ((1, JAPANESE, GOOD_FILE), (2, ENGLISH, BROKEN_FILE)):
        (dropped,) = re.findall(rf"^{number}\. Drop .*: (s3://.*)$", block, re.MULTILINE)
        assert dropped == f"s3://{BUCKET}/{FOLDER}{file.name}"


def test_time_is_as_shown() -> None:
    assert f"time runs {SPEED:g} times faster." in JAPANESE
