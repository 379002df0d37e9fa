"""``make run``: deploy into the local account, drop files, and show the mails.

Everything but AWS is real: the templates, the state machine, the functions, the files.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TextIO

if __name__ == "__main__":  # what follows takes a second to import, and needs no end of its own yet
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))

import click

from local.account import BUCKET, PROJECT, REGISTRATION, WATCHED, LocalAccount
from local.programs.csv_hints import hint
from local.programs.situations import SITUATIONS, Situation
from local.programs.terminal import (
    OUTPUT,
    Show,
    end_well,
    keep_noise_out,
    language_option,
    shown,
    speed_option,
)
from local.services.cloudformation import ROOT

FOLDER = f"{WATCHED}tokyo_covid19/"
GOOD_FILE = ROOT / "events" / "tokyo_covid19_20261122.csv"
BROKEN_FILE = ROOT / "events" / "tokyo_covid19_20261123_broken.csv"
SPEED = 30.0
#: Bytes of a file that take a while to read.
_LARGE = 10_000_000
_SITUATIONS = {situation.name: situation for situation in SITUATIONS}
#: The mails of the last time.
KEPT = OUTPUT / "run"


#: What to try after the samples, after a file of one's own that went well or did not, after SHOW.
_NEXT = {
    "samples": "make run FILE=path/to/my.csv drops a file of yours.",
    "good": "make run SHOW=failure shows a refresh that fails.",
    "bad": "correct the file, and drop it again with the same command.",
    "failure": "make serve keeps this account up, for the AWS CLI and qsrefresh.",
}


def _follow(account: LocalAccount, show: Show, paths: bool) -> None:
    """Run until nothing is left to do, and tell what happened."""
    first, began, wall = len(account.executions), account.clock.now(), time.monotonic()
    mails = len(account.mails)
    show.begin()
    try:
        account.clock.on_tick = show.tick
        account.settle()
    finally:
        account.clock.on_tick = None
        show.end()
    for execution in account.executions[first:]:
        if paths:
            show.line(f"  Path: {' → '.join(account.path(execution))}")
        show.line(
            f"  Execution {execution.status} after {account.clock.now() - began:.0f} s simulated, "
            f"{time.monotonic() - wall:.1f} s here"
        )
    if len(account.executions) == first:
        show.line("  Nothing started: the rule of the template does not match this file.")
    kept = len(list((KEPT / "mails").glob("*.eml")))
    for number, mail in enumerate(account.mails[mails:], start=kept + 1):
        show.mail(mail, mail.save(KEPT / "mails", number))
    show.line()


def _drop(account: LocalAccount, show: Show, what: str, file: Path, paths: bool) -> None:
    key = FOLDER + file.name
    content = file.read_bytes()
    show.line(f"{what}: s3://{BUCKET}/{key}")
    if len(content) > _LARGE:
        show.line(f"  Reading {len(content) / 1e6:,.0f} MB, which takes some seconds.")
    account.drop(key, content)
    _follow(account, show, paths)


def _samples(account: LocalAccount, show: Show, paths: bool) -> str:
    _drop(account, show, "1. Drop a good file", GOOD_FILE, paths)
    _drop(account, show, "2. Drop a file with broken rows", BROKEN_FILE, paths)
    key = FOLDER + BROKEN_FILE.name
    show.line(f"3. Delete it again: s3://{BUCKET}/{key}")
    account.delete(key)
    _follow(account, show, paths)
    return "samples"


def _own(account: LocalAccount, show: Show, paths: bool, file: Path, language: str) -> str:
    _drop(account, show, "Drop your file", file, paths)
    odd = hint(file.read_bytes(), language)
    if odd is not None:
        show.line(f"{file.name}: {odd}")
    good = all("[SUCCESS]" in mail.subject for mail in account.mails)
    return "good" if good and odd is None else "bad"


def _failure(account: LocalAccount, show: Show) -> str:
    lost = next(iter(account.quicksight.datasets))
    show.line(f"Delete dataset {account.quicksight.datasets.pop(lost).name} in QuickSight")
    _drop(account, show, "Drop a good file", GOOD_FILE, paths=False)
    return "failure"


class _OwnFile(click.Path):
    """A file whose ``~`` nobody expanded: not every shell does in FILE=~/my.csv."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Return its path."""
        return super().convert(os.path.expanduser(value), param, ctx)


def _csv_only(_: click.Context, __: click.Parameter, file: Path | None) -> Path | None:
    if file is not None and file.suffix.lower() != ".csv":
        raise click.BadParameter(
            "it does not end in .csv, and the simulated QuickSight reads CSV files only"
        )
    return file


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--file",
    "own_file",
    envvar="FILE",
    type=_OwnFile(exists=True, dir_okay=False, readable=True, path_type=Path),
    callback=_csv_only,
    help="Drop this CSV file instead of the three samples.",
)
@click.option(
    "--show",
    "shown_case",
    envvar="SHOW",
    type=click.Choice(["failure", "path", *_SITUATIONS]),
    help="failure: the mails about a failing refresh, in both languages, instead of the samples;"
    " path: the states that each run passed, too; any other: the mail of that situation.",
)
@language_option
@speed_option(SPEED)
def main(own_file: Path | None, shown_case: str | None, language: str, speed: float) -> None:
    """Deploy everything into a local AWS account, drop files, and show the mails.

    Example: make run FILE=path/to/my.csv MAIL_LANGUAGE=en
    """
    if own_file and shown_case not in (None, "path"):
        raise click.ClickException(
            f"SHOW={shown_case} drops a sample, so FILE would be ignored.\n"
            "Way out: leave out SHOW or FILE."
        )
    noise = keep_noise_out(KEPT)
    paths = shown_case == "path"
    with noise.open("a", encoding="utf-8") as log:
        if shown_case in _SITUATIONS:
            ending = _situation(language, log, _SITUATIONS[shown_case])
        elif shown_case == "failure":
            for each in ("ja", "en"):
                ending = _run(speed, each, log, _failure)
        elif own_file is None:
            ending = _run(speed, language, log, partial(_samples, paths=paths))
        else:
            ending = _run(
                speed, language, log, partial(_own, paths=paths, file=own_file, language=language)
            )
    click.echo(f"What the libraries said: {shown(noise)}")
    click.echo(f"Next: {_NEXT[ending]}")


def _situation(language: str, log: TextIO, situation: Situation) -> str:
    """Show one mail; in virtual time, for some situations take a day."""
    with LocalAccount() as account:
        show = Show(account)
        show.line("Simulated AWS account in this process. Nothing leaves this machine.")
        show.line(f"{situation.title}: {situation.happens.__doc__}")
        account.deploy(NotificationLanguage=language)
        account.log_to(log)
        mail = situation.mail(account)
        show.mail(mail, mail.save(KEPT / "mails", 1))
    return "failure"


def _run(
    speed: float, language: str, log: TextIO, happens: Callable[[LocalAccount, Show], str]
) -> str:
    """Let something happen in a new account; return what ``happens`` does."""
    with LocalAccount(speed=speed) as account:
        show = Show(account)
        account.on_history.append(show.entered)
        show.line(
            f"Simulated AWS account in this process; time runs {speed:g} times faster. "
            "Nothing leaves this machine."
        )
        account.deploy(NotificationLanguage=language)
        account.log_to(log)
        show.line(f"Deployed stacks {PROJECT}-common and {PROJECT}-refresh.")
        items = account.register()
        folders = ", ".join(item["S3uri"] for item in items)
        show.line(f"Registered from {shown(REGISTRATION)}: {folders}")
        show.line()
        return happens(account, show)


if __name__ == "__main__":
    sys.exit(end_well(main))
