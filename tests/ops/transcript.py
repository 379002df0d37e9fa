"""What the two terminals show when somebody sets a project up by command, for the walk.

``python -m tests.ops.transcript`` writes both into docs/walkthrough.md and its Japanese twin.
Everything is made by the programs themselves in the local account, but for what the AWS CLI prints.
"""

import io
import json
import logging
import math
import re
import shlex
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from click.testing import CliRunner

import deploy
from local.account import BUCKET, LocalAccount
from local.programs import serve
from local.programs.terminal import Show
from local.programs.words import LANGUAGES, Language
from local.services.cloudformation import ROOT
from qsrefresh import drawing
from qsrefresh.aws import Aws
from qsrefresh.command_line import cli

_SERVE = "$ make serve EMPTY=1 SPEED=10 MAIL_LANGUAGE={language}"
_SPEED = 10
PAGES: dict[Language, Path] = {
    "en": ROOT / "docs" / "walkthrough.md",
    "ja": ROOT / "docs" / "walkthrough.ja.md",
}
_SHOWN = re.compile(r"^```console\n.*?^```\n", re.MULTILINE | re.DOTALL)
#: What differs from run to run: an id, a time of day, the name that CloudFormation made up.
_DIFFERS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b\d\d:\d\d\b|\b[A-Z0-9]{12}\b"
    r"|\d+(?= changes$|件の変更$)",
    re.MULTILINE,
)
#: Long lines that the README's first transcript shows, and what grows with the templates.
_LEFT_OUT = re.compile(r"^(Started: |開始: s|  Path: |\+ \d+ AWS::)")


def masked(text: str) -> str:
    """Return a transcript with what differs from run to run crossed out."""
    return _DIFFERS.sub("~", text)


def transcript(account: LocalAccount, folder: Path, language: Language) -> tuple[str, str]:
    """Follow what ``make serve EMPTY=1`` says in an empty account; return both terminals.

    The mails are in ``language``, and kept in ``folder``.
    """
    first = io.StringIO()
    show = Show(account, language)
    show.console.file = first
    serve.prepare(account, language, empty=True)
    serve.announce(show, serve.PORT, _SPEED, empty=True)
    watch = serve.Watch(account, show, folder)
    account.on_mail.append(watch.mail)
    account.on_execution.append(watch.execution)
    second = "\n".join(_entered(account, first))
    said = first.getvalue().replace(str(folder), f".local/serve-{serve.PORT}/mails")
    return f"{_SERVE.format(language=language)}\n{_shortened(said)}", second


def _commands(announced: str) -> list[str]:
    return re.findall(r"^  ((?:make|qsrefresh|aws) .*)$", announced, re.MULTILINE)


def _entered(account: LocalAccount, first: io.StringIO) -> Iterator[str]:
    """Yield what the second terminal shows, with what the first one asks for."""
    aws = Aws(account.client, lambda _: None)
    for command in _commands(first.getvalue()):
        if command == "qsrefresh check":
            yield from _confirmed(account, first.getvalue())
        yield f"$ {command}"
        program, *arguments = shlex.split(command)
        # However slow the machine is: nothing about progress.
        with mock.patch.object(drawing, "_PROGRESS_AFTER_SECONDS", math.inf):
            if program == "make":
                yield _shortened(_made(aws, arguments[1:]), "✓ ")
                continue
            if program == "qsrefresh":
                done = CliRunner().invoke(cli, arguments, obj=aws, prog_name=program)
                yield _shortened(done.output)
                continue
        *_, file, folder = arguments
        key = folder.removeprefix(f"s3://{BUCKET}/") + Path(file).name
        yield f"upload: {file} to s3://{BUCKET}/{key}"
        account.drop(key, (ROOT / file).read_bytes())
        account.settle()


def _confirmed(account: LocalAccount, mailed: str) -> Iterator[str]:
    """Yield the command of the first mail, and what the AWS CLI answers."""
    (command,) = re.findall(r"^aws sns confirm-subscription .*$", mailed, re.MULTILINE)
    yield f"$ {command}"
    *_, topic, _, token = shlex.split(command)
    answer = account.client("sns").confirm_subscription(TopicArn=topic, Token=token)
    yield json.dumps({"SubscriptionArn": answer["SubscriptionArn"]}, indent=4)


def _made(aws: Aws, variables: list[str]) -> str:
    """Return what ``make deploy`` says with these variables."""
    with mock.patch.object(deploy, "connect", return_value=aws):
        done = CliRunner(env=dict(one.split("=") for one in variables)).invoke(deploy.main)
    return done.output


def _shortened(text: str, *beginnings: str) -> str:
    """Return the text with … for each run of lines that are left out."""
    lines: list[str] = []
    for line in text.splitlines():
        if not _LEFT_OUT.match(line) and not line.startswith(beginnings):
            lines.append(line)
        elif lines and lines[-1] != "…":
            lines.append("…")
    return "\n".join(lines).strip("\n")


def rewritten(page: str, *terminals: str) -> str:
    """Return a page with these terminals in the place of its own."""
    left = iter(terminals)
    return _SHOWN.sub(lambda _: f"```console\n{next(left)}\n```\n", page)


def main() -> None:
    """Write both terminals into both pages."""
    warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())
    for language in LANGUAGES:
        path = PAGES[language]
        with LocalAccount() as account, TemporaryDirectory() as folder:
            made = transcript(account, Path(folder), language)
        path.write_text(rewritten(path.read_text(encoding="utf-8"), *made), encoding="utf-8")


if __name__ == "__main__":
    main()
