"""Seven situations and the mails they send, in both languages, as ``docs/mails.md``.

The mails are those of real runs in the local account; only the ids of executions are replaced.
``python -m tests.workflow.sample_mails`` writes the page.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from local.account import PROJECT, WATCHED, LocalAccount
from local.services.mail import Mail
from tests.loading import EVENTS, ROOT
from tests.workflow.scenarios import PARAMETERS, stop_at

PAGE = ROOT / "docs" / "mails.md"
LANGUAGES = {"ja": "Japanese", "en": "English"}
KEY = f"{WATCHED}tokyo_covid19/"
GOOD_FILE = (EVENTS / "tokyo_covid19_20261122.csv").read_bytes()
BROKEN_FILE = (EVENTS / "tokyo_covid19_20261123_broken.csv").read_bytes()
_EXECUTION = re.compile(rf"(?<={PROJECT}-create-and-check-ingestion:)[0-9a-f_-]{{36,}}")
_REQUEST = re.compile(r"(?<=Request ID: )\w+")
_HOUR = 3600

_HEAD = """# Sample mails

What the operator gets in seven situations, in Japanese (`NotificationLanguage` `ja`, the default)
and in English. These are the mails of runs in the [local account](dev/local-account.md), where
QuickSight is simulated; only ids of executions and requests are left out.
`python -m tests.workflow.sample_mails` writes this page. What to do about each:
[operations.md](operations.md#what-a-mail-asks-for).
"""


def good_file(account: LocalAccount) -> None:
    """Two good files on two days: the mail about the second compares with the first."""
    account.drop(f"{KEY}20261122.csv", GOOD_FILE)
    account.settle()
    account.mails.clear()
    account.clock.run_for(24 * _HOUR - account.clock.now() % _HOUR)
    account.drop(f"{KEY}20261123.csv", GOOD_FILE)


def broken_rows(account: LocalAccount) -> None:
    """Three rows of the file do not fit its columns."""
    account.drop(f"{KEY}20261123.csv", BROKEN_FILE)


def unreadable_file(account: LocalAccount) -> None:
    """QuickSight cannot read the file: it is not UTF-8 text."""
    account.drop(f"{KEY}20261123.csv", "日付,人数\n".encode("shift_jis"))


def limit_exceeded(account: LocalAccount) -> None:
    """One dataset had all the refreshes that QuickSight allows in 24 hours."""
    dataset = next(iter(account.quicksight.datasets))
    for number in range(account.quicksight.limit):
        account.quicksight.create_ingestion(dataset, f"earlier-{number}", "FULL_REFRESH")
    account.clock.run_for(_HOUR)
    account.drop(f"{KEY}20261123.csv", GOOD_FILE)


def not_registered(account: LocalAccount) -> None:
    """Nobody registered the folder of the file, nor one above it."""
    account.drop(f"{WATCHED}new_project/20261123.csv", GOOD_FILE)


def wrong_registration(account: LocalAccount) -> None:
    """The registration lacks the name of a dataset; the other one is refreshed."""
    table = account.client("dynamodb")
    key = {"S3uri": {"S": f"s3://{account.bucket}/{KEY}"}}
    item = table.get_item(TableName=PARAMETERS, Key=key)["Item"]
    del item["datasets"]["L"][1]["M"]["datasetname"]
    table.put_item(TableName=PARAMETERS, Item=item)
    account.drop(f"{KEY}20261123.csv", GOOD_FILE)


def lost_run(account: LocalAccount) -> None:
    """Somebody stops the run in the console: it cannot report its own end."""
    stop_at(account, "Refresh Each Dataset")
    account.drop(f"{KEY}20261123.csv", GOOD_FILE)


@dataclass(frozen=True)
class Situation:
    """Something that happens, and the verdict of the one mail about it."""

    title: str
    happens: Callable[[LocalAccount], None]
    verdict: str


SITUATIONS = [
    Situation("Everything was refreshed", good_file, "SUCCESS"),
    Situation("Rows were skipped", broken_rows, "ERROR"),
    Situation("A file cannot be read", unreadable_file, "ERROR"),
    Situation("The limit of refreshes is exceeded", limit_exceeded, "ERROR"),
    Situation("A folder is not registered", not_registered, "ERROR"),
    Situation("A registration is wrong", wrong_registration, "ERROR"),
    Situation("A run was lost", lost_run, "ERROR"),
]


def mails_of(language: str) -> dict[str, Mail]:
    """Return the mail of each situation, by its title.

    Raises:
        ValueError: a situation sends none, or more than one.
    """
    found = {}
    with LocalAccount() as account:
        account.deploy(NotificationLanguage=language)
        for situation in SITUATIONS:
            account.reset()
            account.clock.run_for(_HOUR - account.clock.now() % _HOUR)
            account.register()
            situation.happens(account)
            account.settle()
            (found[situation.title],) = account.mails
    return found


def page() -> str:
    """Return the document."""
    mails = {language: mails_of(language) for language in LANGUAGES}
    lines = [_HEAD]
    for situation in SITUATIONS:
        lines += [f"## {situation.title}\n", f"{situation.happens.__doc__}\n"]
        for language, name in LANGUAGES.items():
            mail = mails[language][situation.title]
            text = _REQUEST.sub("…", _EXECUTION.sub("EXECUTION", mail.message)).rstrip()
            lines += [f"{name}:\n", "```text", f"Subject: {mail.subject}\n", text, "```\n"]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
