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
from local.programs.words import LANGUAGES, Language, words
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
            show.say("path", states=" → ".join(account.path(execution)))
        passed = {"simulated": account.clock.now() - began, "real": time.monotonic() - wall}
        show.say("ended", status=execution.status, **passed)
    if len(account.executions) == first:
        show.say("nothing started")
    kept = len(list((KEPT / "mails").glob("*.eml")))
    for number, mail in enumerate(account.mails[mails:], start=kept + 1):
        show.mail(mail, mail.save(KEPT / "mails", number))
    show.line()


def _drop(account: LocalAccount, show: Show, what: str, file: Path, paths: bool) -> None:
    key = FOLDER + file.name
    content = file.read_bytes()
    show.line(f"{show.words(what)}: s3://{BUCKET}/{key}")
    if len(content) > _LARGE:
        show.say("reading", megabytes=len(content) / 1e6)
    account.drop(key, content)
    _follow(account, show, paths)


def drop_sample(account: LocalAccount, show: Show, paths: bool = False) -> None:
    """Drop the good sample file, and tell what comes of it."""
    _drop(account, show, "good file", GOOD_FILE, paths)


def _samples(account: LocalAccount, show: Show, paths: bool) -> str:
    drop_sample(account, show, paths)
    _drop(account, show, "broken file", BROKEN_FILE, paths)
    key = FOLDER + BROKEN_FILE.name
    show.line(f"{show.words('delete')}: s3://{BUCKET}/{key}")
    account.delete(key)
    _follow(account, show, paths)
    return "samples"


def _own(account: LocalAccount, show: Show, paths: bool, file: Path, language: Language) -> str:
    _drop(account, show, "own file", file, paths)
    odd = hint(file.read_bytes(), language)
    if odd is not None:
        show.line(f"{file.name}: {odd}")
    good = all("[SUCCESS]" in mail.subject for mail in account.mails)
    return "good" if good and odd is None else "bad"


def _failure(account: LocalAccount, show: Show) -> str:
    lost = next(iter(account.quicksight.datasets))
    show.say("delete dataset", name=account.quicksight.datasets.pop(lost).name)
    _drop(account, show, "good file alone", GOOD_FILE, paths=False)
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
def main(own_file: Path | None, shown_case: str | None, language: Language, speed: float) -> None:
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
            for each in LANGUAGES:
                ending = _run(speed, each, log, _failure)
        elif own_file is None:
            ending = _run(speed, language, log, partial(_samples, paths=paths))
        else:
            ending = _run(
                speed, language, log, partial(_own, paths=paths, file=own_file, language=language)
            )
    click.echo(words("log", language, path=shown(noise)))
    click.echo(words("next", language, what=words(f"after {ending}", language)))


def _situation(language: Language, log: TextIO, situation: Situation) -> str:
    """Show one mail; in virtual time, for some situations take a day."""
    with LocalAccount() as account:
        show = Show(account, language)
        show.line("Simulated AWS account in this process. Nothing leaves this machine.")
        show.line(f"{situation.title}: {situation.happens.__doc__}")
        account.deploy(NotificationLanguage=language)
        account.log_to(log)
        mail = situation.mail(account)
        show.mail(mail, mail.save(KEPT / "mails", 1))
    return "failure"


def _run(
    speed: float, language: Language, log: TextIO, happens: Callable[[LocalAccount, Show], str]
) -> str:
    """Let something happen in a new account; return what ``happens`` does."""
    with LocalAccount(speed=speed) as account:
        show = Show(account, language)
        account.on_history.append(show.entered)
        show.say("simulated", speed=speed)
        account.deploy(NotificationLanguage=language)
        account.log_to(log)
        show.say("deployed", project=PROJECT)
        items = account.register()
        folders = ", ".join(item["S3uri"] for item in items)
        show.say("registered", file=shown(REGISTRATION), folders=folders)
        show.line()
        return happens(account, show)


if __name__ == "__main__":
    sys.exit(end_well(main))
