"""What the two terminals show when somebody sets a project up by ``qsrefresh``, for the walk.

``python -m tests.ops.transcript`` prints both with mails in English, with ``ja`` behind it in
Japanese. Everything is made by the programs themselves in the
local account, but for the line that the AWS CLI prints.
"""

import io
import math
import re
import shlex
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from click.testing import CliRunner

from local.account import BUCKET, LocalAccount
from local.programs import serve
from local.programs.terminal import Show
from local.services.cloudformation import ROOT
from qsrefresh import output
from qsrefresh.aws import Aws
from qsrefresh.command_line import cli

_SERVE = "$ make serve EMPTY=1 SPEED=10 MAIL_LANGUAGE={language}"
_SPEED = 10
#: What differs from run to run: an id, a time of day, the name that CloudFormation made up.
_DIFFERS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b\d\d:\d\d\b|\b[A-Z0-9]{12}\b")
#: Long lines that the README's first transcript shows.
_LEFT_OUT = re.compile(r"^(Started: |  Path: )")


def masked(text: str) -> str:
    """Return a transcript with what differs from run to run crossed out."""
    return _DIFFERS.sub("~", text)


def transcript(account: LocalAccount, folder: Path, language: str) -> tuple[str, str]:
    """Follow what ``make serve EMPTY=1`` says in a deployed account; return both terminals.

    The mails are in the language of the account, ``language``, and kept in ``folder``.
    """
    first = io.StringIO()
    show = Show(account)
    show.console.file = first
    serve.prepare(account, empty=True)
    serve.announce(show, serve.PORT, _SPEED, empty=True)
    watch = serve.Watch(account, show, folder)
    account.on_mail.append(watch.mail)
    account.on_execution.append(watch.execution)
    second = "\n".join(_entered(account, _commands(first.getvalue())))
    said = first.getvalue().replace(str(folder), f".local/serve-{serve.PORT}/mails")
    return f"{_SERVE.format(language=language)}\n{_shortened(said)}", second


def _commands(announced: str) -> list[str]:
    return re.findall(r"^  ((?:qsrefresh|aws) .*)$", announced, re.MULTILINE)


def _entered(account: LocalAccount, commands: list[str]) -> Iterator[str]:
    aws = Aws(account.client)
    for command in commands:
        yield f"$ {command}"
        program, *arguments = shlex.split(command)
        if program == "qsrefresh":
            # However slow the machine is: nothing about progress.
            with mock.patch.object(output, "_PROGRESS_AFTER_SECONDS", math.inf):
                done = CliRunner().invoke(cli, arguments, obj=aws, prog_name=program)
            yield _shortened(done.output)
            continue
        *_, file, folder = arguments
        key = folder.removeprefix(f"s3://{BUCKET}/") + Path(file).name
        yield f"upload: {file} to s3://{BUCKET}/{key}"
        account.drop(key, (ROOT / file).read_bytes())
        account.settle()


def _shortened(text: str) -> str:
    """Return the text with … for each run of lines that are left out."""
    lines: list[str] = []
    for line in text.splitlines():
        if not _LEFT_OUT.match(line):
            lines.append(line)
        elif lines and lines[-1] != "…":
            lines.append("…")
    return "\n".join(lines).strip("\n")


def main() -> None:
    """Print both terminals."""
    warnings.simplefilter("ignore")
    with LocalAccount() as account, TemporaryDirectory() as folder:
        language = (sys.argv[1:] or ["en"])[0]
        account.deploy(NotificationLanguage=language)
        print("\n\n".join(transcript(account, Path(folder), language)))


if __name__ == "__main__":
    main()
