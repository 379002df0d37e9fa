"""What the local account's programs say to a person, and how they end."""

import io
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from local.account import LocalAccount
from local.cloudformation import ROOT
from local.mail import Mail
from local.quicksight import Dataset, Ingestion

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: Mails and what the libraries said are kept here.
OUTPUT = Path(os.environ.get("LOCAL_OUTPUT", ROOT / ".local"))
_EXIT_TERMINATED = 128 + signal.SIGTERM
_EXIT_INTERRUPTED = 128 + signal.SIGINT

language_option = click.option(
    "--language",
    envvar="MAIL_LANGUAGE",
    type=click.Choice(["ja", "en"]),
    default="ja",
    show_default=True,
    help="Language of the mails.",
)


def speed_option(default: float) -> Callable[[_Command], _Command]:
    """Return the option for how fast the local account's time passes, in seconds per second."""
    return click.option(
        "--speed",
        envvar="SPEED",
        type=click.FloatRange(min=0.1, max=10_000),
        default=default,
        show_default=True,
        help="How many seconds pass in the local account per second here.",
    )


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
        rows = ""
        if counted and now >= ingestion.ends:
            number = counted["RowsIngested"]
            rows = f", {number} row{'' if number == 1 else 's'}"
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
        self.line(f"  Mail, kept as {shown(path)}:")
        self.line("-" * 72)
        # Past rich, which would turn the tabs into spaces.
        self.console.file.write(f"Subject: {mail.subject}\n\n{mail.message}\n")
        self.line("-" * 72)


def shown(path: Path) -> str:
    """Return a path as a person in the repository would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def keep_noise_out() -> Path:
    """Send whatever a library says to a file, so that it never drowns what we print."""
    shutil.rmtree(OUTPUT / "mails", ignore_errors=True)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    path = OUTPUT / "run.log"
    logging.basicConfig(filename=path, filemode="w", level=logging.INFO, encoding="utf-8")
    logging.captureWarnings(True)
    return path


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_EXIT_TERMINATED)


def end_well(command: click.Command) -> int:
    """Run a command; a closed pipe, Ctrl-C and SIGTERM end it quietly.

    Returns:
        The exit status: 0, click's own, 130 for Ctrl-C, 143 for SIGTERM.
    """
    signal.signal(signal.SIGTERM, _terminate)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # who reads a pipe sees each line at once
    try:
        command.main(standalone_mode=False)
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
