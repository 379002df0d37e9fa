"""The run that each README shows is the one that happens: what is dropped, and the mail."""

import re
from pathlib import Path

import pytest

from local.account import BUCKET, LocalAccount
from local.programs.run import FOLDER, GOOD_FILE, SPEED
from tests.docs.pages import blocks
from tests.loading import ROOT


@pytest.mark.parametrize(("language", "name"), [("en", "README.md"), ("ja", "README.ja.md")])
def test_the_run_is_as_shown(language: str, name: str) -> None:
    (shown,) = blocks(Path(ROOT / name).read_text(encoding="utf-8"), "console")
    assert shown.startswith(f"$ make run MAIL_LANGUAGE={language}\n")
    assert f"time runs {SPEED:g} times faster." in shown
    (dropped,) = re.findall(r"^1\. Drop .*: (s3://.*)$", shown, re.MULTILINE)
    assert dropped == f"s3://{BUCKET}/{FOLDER}{GOOD_FILE.name}"

    with LocalAccount() as account:
        account.deploy(NotificationLanguage=language)
        account.register()
        account.drop(FOLDER + GOOD_FILE.name, GOOD_FILE.read_bytes())
        account.settle()
        (mail,) = account.mails
    happened = f"Subject: {mail.subject}\n\n{mail.message}".splitlines()
    *lines, cut = shown[shown.index("Subject: ") :].splitlines()
    assert cut == "…"
    assert lines == happened[: len(lines)], "copy the mail anew from make run"
