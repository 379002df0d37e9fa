"""What the local account's programs say to a person, and how they end."""

import io
import logging
import math
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from local.account import LocalAccount
from local.programs.words import LANGUAGES, Language, words
from local.services.cloudformation import ROOT
from local.services.mail import Mail
from local.services.quicksight import Dataset, Ingestion

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_BLANKS = " \t\u3000"
_Command = TypeVar("_Command", bound=Callable[..., Any])

#: Mails and what the libraries said are kept here, in a folder of each program.
OUTPUT = Path(os.environ.get("LOCAL_OUTPUT", ROOT / ".local"))
#: By setting, where more can be said than what settings there are.
_WAYS_OUT = {"FILE": "give the path of a CSV file, as in make run FILE=path/to/my.csv"}
_EXIT_TERMINATED = 128 + signal.SIGTERM
_EXIT_INTERRUPTED = 128 + signal.SIGINT

#: Seconds of wall-clock time that nobody should wait without being told so.
LONG_WAIT = 10.0
_FASTEST = 10_000


def language_of(environment: Mapping[str, str]) -> Language:
    """Return the mails' language, ``ja`` or ``en``, for the locale that an environment names.

    Without a locale it is Japanese, as in the template.
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "C")
    nothing_said = locale.partition(".")[0] in ("C", "POSIX")
    return "ja" if nothing_said or locale.startswith("ja") else "en"


language_option = click.option(
    "--language",
    envvar="MAIL_LANGUAGE",
    type=click.Choice(LANGUAGES),
    default=lambda: language_of(os.environ),
    show_default="that of LANG",
    help="Language of the mails, and of what is said about them.",
)


def _a_number(_: click.Context, __: click.Parameter, speed: float) -> float:
    if math.isnan(speed):  # which is in every range, for click
        raise click.BadParameter("it is not a number")
    return speed


def speed_option(default: float) -> Callable[[_Command], _Command]:
    """Return the option for how fast the local account's time passes, in seconds per second."""
    return click.option(
        "--speed",
        envvar="SPEED",
        type=click.FloatRange(min=0.1, max=_FASTEST),
        callback=_a_number,
        default=default,
        show_default=True,
        help="How many seconds pass in the local account per second here.",
    )


class Show:
    """What a person sees: live rows in a terminal, plain lines elsewhere."""

    def __init__(self, account: LocalAccount, language: Language = "en") -> None:
        self.account = account
        self.language = language
        self.console = Console(highlight=False, soft_wrap=True)
        plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
        self.live = self.console.is_terminal and not plain
        self._view: Live | None = None
        self._said: dict[str, str] = {}
        self._since = 0.0
        self._step = ""
        self._announced: set[str] = set()

    def words(self, name: str, /, **values: object) -> str:
        """Return a sentence of ours in the language of the person."""
        return words(name, self.language, **values)

    def say(self, name: str, /, **values: object) -> None:
        """Print a sentence of ours."""
        self.line(self.words(name, **values))

    def line(self, text: str = "", *, whole: bool = False) -> None:
        """Print one line of our own; in a terminal, at words, unless it is to stay ``whole``."""
        if self.console.is_terminal and not whole:
            self._wrapped(text)
        else:
            self.console.print(text, markup=False)

    def _wrapped(self, text: str) -> None:
        body = text.lstrip(_BLANKS)
        indent = cell_len(text[: len(text) - len(body)].expandtabs(4))
        for part in Text(body).wrap(self.console, max(20, self.console.width - indent)) or [""]:
            self.console.print(" " * indent + str(part).rstrip(), markup=False)

    def begin(self) -> None:
        """Start to follow a run."""
        self._since = self.account.clock.now()
        self._said.clear()
        self._announced.clear()
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
            rows = self.words("one row" if number == 1 else "rows", number=number)
        if rows and counted["RowsDropped"]:
            rows += self.words("skipped", number=counted["RowsDropped"])
        if status == "RUNNING" and ingestion.is_long:
            done = ingestion.share(now) * ingestion.rows
            rows = self.words("progress", done=done, all=ingestion.rows)
        return self.words("row", name=dataset.name, status=status, seconds=passed, rows=rows)

    def tick(self) -> None:
        """Show where things stand."""
        running = self._running()
        self._tell_long_waits(running)
        if self._view is not None:
            table = Table.grid()
            for dataset, ingestion in running:
                table.add_row(self._row(dataset, ingestion))
            table.add_row(f"  [{self._step}]" if self._step else "")
            self._view.update(table, refresh=True)
            return
        for dataset, ingestion in running:
            now = self.account.clock.reached()
            stage = ingestion.status(now)
            if ingestion.is_long:
                stage += f" {int(ingestion.share(now) * 4)}"
            if self._said.get(ingestion.arn) != stage:
                self._said[ingestion.arn] = stage
                self.line(self._row(dataset, ingestion))

    def _tell_long_waits(self, running: list[tuple[Dataset, Ingestion]]) -> None:
        """Say how long something takes here, and the setting that shortens it."""
        clock = self.account.clock
        for dataset, ingestion in running:
            what = self.words("long rows", number=ingestion.rows, name=dataset.name)
            self._announce(ingestion.arn, ingestion.ends - ingestion.created, what)
        due = clock.due()
        if due is not None and not any(one.arn in self._announced for _, one in running):
            self._announce(self._step, due - clock.reached(), self._step)

    def _announce(self, key: str, seconds: float, what: str) -> None:
        speed = self.account.clock.speed
        if speed is None or not key or key in self._announced or seconds / speed <= LONG_WAIT:
            return
        self._announced.add(key)
        enough = min(_FASTEST, math.ceil(seconds / LONG_WAIT))
        self.say("long wait", what=what, seconds=seconds / speed, speed=enough)

    def mail(self, mail: Mail, path: Path) -> None:
        """Print a mail exactly as the operator gets it; in a terminal, at words."""
        rule = "-" * min(72, self.console.width if self.console.is_terminal else 72)
        self.say("kept mail", path=shown(path))
        self.line(rule)
        for line in f"Subject: {mail.subject}\n\n{mail.message}".split("\n"):
            fits = cell_len(line.expandtabs()) <= self.console.width or "://" in line
            if self.console.is_terminal and not fits:
                self._wrapped(line)
            else:  # past rich, which would turn the tabs into spaces
                self.console.file.write(f"{line}\n")
        self.line(rule)


def shown(path: Path) -> str:
    """Return a path as a person in the repository would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def keep_noise_out(folder: Path) -> Path:
    """Send whatever a library says to a file, so that it never drowns what we print.

    Args:
        folder: where the program keeps this file and, in ``mails``, its mails; emptied of those.
    """
    shutil.rmtree(folder / "mails", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "libraries.log"
    logging.basicConfig(filename=path, filemode="w", level=logging.INFO, encoding="utf-8")
    logging.captureWarnings(True)
    return path


class _Pipe(io.FileIO):
    """A file descriptor whose reader (head, less) may see enough: that ends the program well."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            raise SystemExit(0) from None  # click and rich would make it 1


def end_well(command: click.Command, *, until_stopped: bool = False) -> int:
    """Run a command; a closed pipe, Ctrl-C and SIGTERM end it quietly.

    Args:
        command: what to run.
        until_stopped: whether it has no end but Ctrl-C or SIGTERM; make is then told of no error.

    Returns:
        The exit status: 0, click's own, 130 for Ctrl-C, 143 for SIGTERM.
    """

    def terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(0 if until_stopped else _EXIT_TERMINATED)

    signal.signal(signal.SIGTERM, terminate)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_Pipe(sys.stdout.fileno(), "w", closefd=False)),
            encoding=sys.stdout.encoding,
            errors=sys.stdout.errors,
            line_buffering=True,  # who reads a pipe sees each line at once
        )
    try:
        command.main(standalone_mode=False)
    except click.ClickException as error:
        _explain(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print("\nStopped.", file=sys.stderr)
        return 0 if until_stopped else _EXIT_INTERRUPTED
    return 0


def _explain(error: click.ClickException) -> None:
    """Say what is wrong with a value by the name that people gave it: make run FILE=..."""
    name = getattr(getattr(error, "param", None), "envvar", None)
    if isinstance(name, str) and name in os.environ:
        click.echo(f"Error: {name}={os.environ[name]}: {error.message}", err=True)
        click.echo(f"Way out: {_WAYS_OUT.get(name, 'make help lists the settings.')}", err=True)
    else:
        error.show()
