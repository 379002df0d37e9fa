"""Each situation and the mail it sends, in both languages, as ``docs/mails.md``.

The mails are those of real runs in the local account; only the ids of executions are replaced.
``python -m tests.workflow.sample_mails`` writes the page.
"""

import re

from local.account import PROJECT, LocalAccount
from local.programs.situations import SITUATIONS
from local.services.mail import Mail
from tests.loading import ROOT

PAGE = ROOT / "docs" / "mails.md"
LANGUAGES = {"ja": "日本語", "en": "English"}
_EXECUTION = re.compile(
    rf"((?<={PROJECT}-create-and-check-ingestion:)|(?<={PROJECT}-check-freshness:))[0-9a-z_-]{{20,}}"
)
_REQUEST = re.compile(r"(?<=Request id: )\S+|(?<=リクエストID: )\S+|(?<=Request ID: )[\w-]+")

_HEAD = """# Sample mails

What the operator gets in {count} situations, in Japanese (`NotificationLanguage` `ja`, the default)
and in English. These are the mails of runs in the [local account](dev/local-account.md), where
QuickSight is simulated; only ids of executions and requests are left out. `make run SHOW=success`
shows one of them; the name of each stands beside its title.
`python -m tests.workflow.sample_mails` writes this page. What to do about each:
[operations.md](operations.md#what-a-mail-asks-for).

{count}の場面で届くメールを、日本語（`NotificationLanguage`は`ja`、既定値）と英語で示します。
[模擬アカウント](dev/local-account.md)で動かしたときのメールです（QuickSightは模擬です）。
省いたのは、実行とリクエストのIDだけです。
`make run SHOW=success`のように、見出しの下の名前を指定すると、その1通を手元で見られます。
それぞれのメールにどう対応するか:
[operations.ja.md](operations.ja.md#メールが来たら)。
"""


def mails_of(language: str) -> dict[str, Mail]:
    """Return the mail of each situation, by its title."""
    found = {}
    with LocalAccount() as account:
        account.deploy(NotificationLanguage=language)
        for situation in SITUATIONS:
            account.reset()
            found[situation.title] = situation.mail(account)
    return found


def page() -> str:
    """Return the document."""
    mails = {language: mails_of(language) for language in LANGUAGES}
    lines = [_HEAD.format(count=len(SITUATIONS))]
    for situation in SITUATIONS:
        lines += [
            f"## {situation.title} / {situation.japanese}\n",
            f"`{situation.name}`: {situation.happens.__doc__}\n",
        ]
        for language, name in LANGUAGES.items():
            mail = mails[language][situation.title]
            text = _REQUEST.sub("…", _EXECUTION.sub("EXECUTION", mail.message)).rstrip()
            lines += [f"{name}:\n", "```text", f"Subject: {mail.subject}\n", text, "```\n"]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
