"""``make serve``: keep the local account up on 127.0.0.1, for the AWS CLI and ``qsrefresh``.

The same account as ``make run``, reachable over HTTP through moto's own server. Requests are
answered in its threads; executions run in this one, in real time unless told otherwise.
"""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # what follows takes a second to import, and needs no end of its own yet
    for _number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(_number, lambda *_: os._exit(0))

import click
from click.core import ParameterSource
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.stepfunctions.parser.backend.execution import Execution
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local.account import BUCKET, PROJECT, REGION, WATCHED, LocalAccount
from local.programs.run import GOOD_FILE
from local.programs.terminal import (
    OUTPUT,
    Show,
    end_well,
    keep_noise_out,
    language_option,
    shown,
    speed_option,
)
from local.programs.words import Language
from local.services.mail import Mail
from local.services.unknown_calls import answering

HOST = "127.0.0.1"
PORT = 5577
FOLDER = f"s3://{BUCKET}/{WATCHED}tokyo_covid19/"
#: The state in which a run ends that leaves its file to another one.
JOINED = "Joined Running Refresh"


class _QuietHandler(WSGIRequestHandler):
    """Keeps one line a request out of what we print."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


def _free_port(wanted: int) -> int:
    """Return ``wanted`` if nobody listens there, else a port that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise OSError(f"no free port on {HOST}")


@contextlib.contextmanager
def serving(port: int) -> Iterator[BaseWSGIServer]:
    """Answer AWS's API on ``port`` (or a free one) in threads of their own."""
    app = answering(DomainDispatcherApplication(create_backend_app))
    server = make_server(HOST, _free_port(port), app, threaded=True, request_handler=_QuietHandler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, name="http", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def announce(show: Show, port: int, speed: float, empty: bool) -> None:
    """Say what is there, and which lines talk to it."""
    pace = show.words("real time") if speed == 1 else show.words("faster", speed=speed)
    show.say("serving", address=f"http://{HOST}:{port}", pace=pace)
    if empty:
        show.say("empty", bucket=BUCKET)
    else:
        show.say("full", project=PROJECT, bucket=BUCKET)
    show.line()
    show.say("cli")
    show.say("second terminal")
    show.line(
        f"  export AWS_ENDPOINT_URL=http://{HOST}:{port} AWS_DEFAULT_REGION={REGION}", whole=True
    )
    show.line("  export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing", whole=True)
    show.line("  . .venv/bin/activate", whole=True)
    if empty:
        where = f"PROJECT={PROJECT} BUCKET={BUCKET} FOLDER={WATCHED}"
        how = f"EMAIL=operator@example.com YES=1 MAIL_LANGUAGE={show.language}"
        show.line(f"  make deploy {where} {how}", whole=True)
        show.line("  qsrefresh datasets", whole=True)
        show.line(f"  qsrefresh register {FOLDER} tokyo_covid19_patients", whole=True)
    show.line("  qsrefresh check", whole=True)
    show.line(f"  aws s3 cp {shown(GOOD_FILE)} {FOLDER}", whole=True)
    show.line()
    show.say("mails here")
    show.line()


class Watch:
    """Prints what happens, as it happens, and keeps the mails in a folder.

    Args:
        account: whose executions and mails.
        show: where it is printed.
        mails: the folder.
        paths: whether the states that a run passed are printed, too.
    """

    def __init__(self, account: LocalAccount, show: Show, mails: Path, paths: bool = False) -> None:
        self.account = account
        self.show = show
        self.mails = mails
        self.paths = paths
        self.running: set[str] = set()
        self.told: set[str] = set()
        self.joined = 0

    def execution(self, execution: Execution) -> None:
        """Tell of an execution's start or end; of those that join another, only how many."""
        if execution.status == "RUNNING":
            if not self.running:
                self._started(execution)
            self.running.add(execution.execution_arn)
            return
        self.running.discard(execution.execution_arn)
        path = self.account.path(execution)
        if path[-1:] == [JOINED]:
            self.joined += 1
            return
        if execution.execution_arn not in self.told:
            self._started(execution)
        self._tell_joined()
        if self.paths:
            self.show.say("path", states=" → ".join(path))
        self.show.say("status", status=execution.status)
        self.show.line()

    def mail(self, mail: Mail) -> None:
        """Show a mail and keep it."""
        self._tell_joined()
        number = len(self.account.mails)
        self.show.mail(mail, mail.save(self.mails, number))

    def _started(self, execution: Execution) -> None:
        self.told.add(execution.execution_arn)
        self.show.say("started", machine=execution.state_machine.name, name=execution.name)

    def _tell_joined(self) -> None:
        if self.joined:
            self.show.say("one joined" if self.joined == 1 else "joined", number=self.joined)
            self.joined = 0


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--port",
    envvar="PORT",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Where to listen. Without it, a free port is taken if somebody else listens there.",
)
@click.option(
    "--show",
    "shown_case",
    envvar="SHOW",
    type=click.Choice(["path"]),
    help="path: the states that each run passed, too.",
)
@speed_option(1.0)
@language_option
@click.option(
    "--empty",
    envvar="EMPTY",
    is_flag=True,
    help="Deploy nothing: a bucket and datasets, as before make deploy.",
)
def main(port: int, speed: float, language: Language, empty: bool, shown_case: str | None) -> None:
    """Keep the local AWS account up, and show the mails.

    Example: make serve SPEED=10 MAIL_LANGUAGE=en
    """
    wanted, port = port, _free_port(port)
    source = click.get_current_context().get_parameter_source("port")
    if wanted not in (port, 0) and source is not ParameterSource.DEFAULT:
        raise click.ClickException(
            f"PORT={wanted}: somebody listens there already.\n"
            "Way out: make serve PORT=0 takes a free one."
        )
    kept = OUTPUT / f"serve-{port}"
    noise = keep_noise_out(kept)
    with contextlib.ExitStack() as stack:
        account = stack.enter_context(LocalAccount(speed=speed))
        log = stack.enter_context(noise.open("a", encoding="utf-8"))
        account.log_to(log)
        prepare(account, language, empty)
        show = Show(account, language)
        watch = Watch(account, show, kept / "mails", paths=shown_case == "path")
        account.on_mail.append(watch.mail)
        account.on_execution.append(watch.execution)
        server = stack.enter_context(serving(port))
        if wanted not in (port, 0):
            show.say("other port", wanted=wanted, port=server.port)
        announce(show, server.port, speed, empty)
        sys.stdout.flush()
        account.clock.run(forever=True)


def prepare(account: LocalAccount, language: str, empty: bool) -> None:
    """Deploy and register; if ``empty``, make the bucket and the datasets only."""
    if empty:
        account.create_bucket()
        account.add_datasets()
    else:
        account.deploy(NotificationLanguage=language)
        account.register()


if __name__ == "__main__":
    sys.exit(end_well(main, until_stopped=True))
