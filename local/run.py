"""``make run``: deploy into the local account, drop files, and show the mails.

Everything but AWS is real: the templates, the state machine, the functions, the files.
"""

import logging
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from local.account import BUCKET, PROJECT, REGISTRATION, WATCHED, LocalAccount
from local.cloudformation import ROOT
from local.mail import Mail
from local.quicksight import Dataset, Ingestion

OUTPUT = ROOT / ".local"
FOLDER = f"{WATCHED}tokyo_covid19/"
GOOD_FILE = ROOT / "events" / "tokyo_covid19_20261122.csv"
BROKEN_FILE = ROOT / "events" / "tokyo_covid19_20261123_broken.csv"
SPEED = 20.0
_EXIT_TERMINATED = 128 + signal.SIGTERM
_EXIT_INTERRUPTED = 128 + signal.SIGINT


class Show:
    """What a person sees: live rows in a terminal, plain lines elsewhere."""

    def __init__(self, account: LocalAccount) -> None:
        self.account = account
        self.console = Console(highlight=False, soft_wrap=True)
        plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
        self.live = self.console.is_terminal and not plain
        self._view: Live | None = None
        self._said: dict[str, str] = {}
        self._since = 0.0
        self._step = ""

    def line(self, text: str = "") -> None:
        """Print one line of our own."""
        self.console.print(text, markup=False)

    def begin(self) -> None:
        """Start to follow a run."""
        self._since = self.account.clock.now()
        self._said.clear()
        self._step = ""
        if self.live:
            self._view = Live(console=self.console, auto_refresh=False, transient=True)
            self._view.start()

    def end(self) -> None:
        """Stop following; live rows are replaced by plain ones that stay."""
        if self._view is not None:
            self._view.stop()
            self._view = None
            for dataset, ingestion in self._running():
                self.line(self._row(dataset, ingestion))
        else:
            self.tick()

    def entered(self, _manager: object, event: dict[str, dict[str, str]]) -> None:
        """Note the state that the refresh machine is in."""
        details = event.get("stateEnteredEventDetails")
        if details and not hasattr(_manager, "execution_arn"):
            self._step = details["name"]

    def _running(self) -> list[tuple[Dataset, Ingestion]]:
        return [
            (dataset, ingestion)
            for dataset in self.account.quicksight.datasets.values()
            for ingestion in dataset.ingestions.values()
            if ingestion.created >= self._since
        ]

    def _row(self, dataset: Dataset, ingestion: Ingestion) -> str:
        now = self.account.clock.reached()
        status = ingestion.status(now)
        passed = min(now, ingestion.ends) - ingestion.created
        counted = ingestion.final.get("RowInfo", {})
        rows = f", {counted['RowsIngested']} rows" if counted and now >= ingestion.ends else ""
        if rows and counted["RowsDropped"]:
            rows += f", {counted['RowsDropped']} skipped"
        return f"  {dataset.name}: {status} after {passed:.0f} s{rows}"

    def tick(self) -> None:
        """Show where things stand."""
        running = self._running()
        if self._view is not None:
            table = Table.grid()
            for dataset, ingestion in running:
                table.add_row(self._row(dataset, ingestion))
            table.add_row(f"  [{self._step}]" if self._step else "")
            self._view.update(table, refresh=True)
            return
        for dataset, ingestion in running:
            status = ingestion.status(self.account.clock.reached())
            if self._said.get(ingestion.arn) != status:
                self._said[ingestion.arn] = status
                self.line(self._row(dataset, ingestion))

    def mail(self, mail: Mail, path: Path) -> None:
        """Print a mail exactly as the operator gets it."""
        self.line(f"  Mail, kept as {_shown(path)}:")
        self.line("-" * 72)
        # Past rich, which would turn the tabs into spaces.
        self.console.file.write(f"Subject: {mail.subject}\n\n{mail.message}\n")
        self.line("-" * 72)


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _follow(account: LocalAccount, show: Show) -> None:
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
        show.line(f"  Path: {' → '.join(account.path(execution))}")
        show.line(
            f"  Execution {execution.status} after {account.clock.now() - began:.0f} s simulated, "
            f"{time.monotonic() - wall:.1f} s here"
        )
    if len(account.executions) == first:
        show.line("  Nothing started: the rule of the template does not match this file.")
    for number, mail in enumerate(account.mails[mails:], start=mails + 1):
        show.mail(mail, mail.save(OUTPUT / "mails", number))
    show.line()


def _drop(account: LocalAccount, show: Show, what: str, file: Path) -> None:
    key = FOLDER + file.name
    show.line(f"{what}: s3://{BUCKET}/{key}")
    account.drop(key, file.read_bytes())
    _follow(account, show)


def _rehearse(account: LocalAccount, show: Show, own_file: Path | None) -> None:
    if own_file is not None:
        _drop(account, show, "Drop your file", own_file)
        return
    _drop(account, show, "1. Drop a good file", GOOD_FILE)
    _drop(account, show, "2. Drop a file with broken rows", BROKEN_FILE)
    key = FOLDER + BROKEN_FILE.name
    show.line(f"3. Delete it again: s3://{BUCKET}/{key}")
    account.delete(key)
    _follow(account, show)


def _keep_noise_out() -> Path:
    """Send whatever a library says to a file, so that it never drowns what we print."""
    shutil.rmtree(OUTPUT / "mails", ignore_errors=True)
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / "run.log"
    logging.basicConfig(filename=path, filemode="w", level=logging.INFO, encoding="utf-8")
    logging.captureWarnings(True)
    return path


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_EXIT_TERMINATED)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--file",
    "own_file",
    envvar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="Drop this CSV file instead of the three samples.",
)
@click.option(
    "--language",
    envvar="MAIL_LANGUAGE",
    type=click.Choice(["ja", "en"]),
    default="ja",
    show_default=True,
    help="Language of the mails.",
)
@click.option(
    "--speed",
    envvar="SPEED",
    type=click.FloatRange(min=0.1, max=10_000),
    default=SPEED,
    show_default=True,
    help="How many seconds pass in the local account per second here.",
)
def main(own_file: Path | None, language: str, speed: float) -> None:
    """Deploy everything into a local AWS account, drop files, and show the mails.

    Example: make run FILE=path/to/my.csv MAIL_LANGUAGE=en
    """
    if own_file is not None and own_file.suffix.lower() != ".csv":
        raise click.BadParameter(
            f"{own_file} does not end in .csv: the simulated QuickSight reads CSV files only",
            param_hint="FILE",
        )
    noise = _keep_noise_out()
    signal.signal(signal.SIGTERM, _terminate)
    with LocalAccount(speed=speed) as account, noise.open("a", encoding="utf-8") as log:
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
        show.line(f"Registered from {_shown(REGISTRATION)}: {folders}")
        show.line()
        _rehearse(account, show, own_file)
        show.line(f"What the libraries said: {_shown(noise)}")


def run() -> int:
    """Run the command; a closed pipe, Ctrl-C and SIGTERM end it quietly."""
    try:
        main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print("\nStopped.", file=sys.stderr)
        return _EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has seen enough; do not let Python complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(run())
