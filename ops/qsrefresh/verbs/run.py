"""``qsrefresh run``."""

import json
import shlex

import click

from qsrefresh import registrations
from qsrefresh.errors import NotRegisteredError, OperatorError
from qsrefresh.follow import Follower, Progress, View
from qsrefresh.language import Voice
from qsrefresh.options import FOLDER, as_json, dry_run, example
from qsrefresh.output import (
    live_table,
    one_line,
    say,
    write,
    write_diff,
    write_json,
    write_table,
)
from qsrefresh.project import watched_places
from qsrefresh.refresh_run import Run
from qsrefresh.refreshes import Outcome, console_link
from qsrefresh.registrations import with_slash
from qsrefresh.result_table import RESULT_TITLES, result_rows
from qsrefresh.session import EXIT_INTERRUPTED, Session, pass_session
from qsrefresh.words import headings, outcome_in_words

_DATASET_TITLES = ("dataset", "status", "elapsed", "expected", "rows")


@click.command(
    epilog=example(f"qsrefresh run {FOLDER}", f"qsrefresh run {FOLDER} --wait && echo done")
)
@click.argument("folder")
@click.option("--wait", is_flag=True, help="Follow the refresh; end with 0 only on SUCCESS.")
@dry_run
@as_json
@pass_session
def verb(session: Session, folder: str, wait: bool, dry_run: bool, as_json: bool) -> None:
    """Refresh a folder's datasets now.

    As if a file had been dropped there: a mail tells how it went, and it counts as one refresh of
    the day. If a refresh of FOLDER is about to start, this joins it; --wait then follows that one.
    Ctrl-C stops watching, not the refresh.
    """
    folder = with_slash(folder)
    _refuse_pointless(session, folder)
    machine = session.project.refresh_machine_arn
    given = json.dumps({"folder": folder}, ensure_ascii=False)
    if dry_run:
        if as_json:
            write_json({"stateMachine": machine, "input": json.loads(given)})
        else:
            write_diff([f"+ {given}"])
        say("Nothing was started (--dry-run).")
        return
    started = session.aws.call(
        "stepfunctions", "start_execution", stateMachineArn=machine, input=given
    )
    arn = started["executionArn"]
    if not wait:
        link = console_link(arn)
        if as_json:
            write_json({"execution": arn, "folder": folder, "link": link})
        else:
            write(arn)
        say(f"Started. To see how it goes: qsrefresh status {shlex.quote(folder)}; {link}")
        return
    say(f"Started: {arn}")
    try:
        follower = _followed(session, arn)
    except KeyboardInterrupt:
        say(f"\nStopped watching; the refresh goes on: qsrefresh status {shlex.quote(folder)}")
        raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
    _tell_end(session.voice, follower, as_json)


def _refuse_pointless(session: Session, folder: str) -> None:
    """Refuse a run that could refresh nothing."""
    problem = registrations.problem_of_folder(folder, watched_places(session.aws, session.project))
    if problem:
        raise OperatorError(problem, "`qsrefresh list` shows the folders that can be refreshed")
    nearest, item = _registered(session, folder)
    if registrations.is_ignored(item):
        named = shlex.quote(nearest)
        again = f"make it count again: qsrefresh ignore {named} --off"
        if not registrations.entries(item):
            again = f"register what to refresh: qsrefresh register {named} DATASET"
        raise OperatorError(f"{nearest} is to be ignored: a run would do nothing", again)
    for problem_of_item in registrations.problems_of(item):
        say(f"Wrong in {nearest}: {problem_of_item.field} {problem_of_item.text}")


def _registered(session: Session, folder: str) -> tuple[str, registrations.Item]:
    """Return the folder whose registration files of ``folder`` refresh, and that registration.

    Raises:
        NotRegisteredError: neither it nor a folder above it is registered.
    """
    registered = session.table.by_folder()
    found = registrations.nearest(with_slash(folder), registered)
    if found is None:
        raise NotRegisteredError(folder, registered)
    return found, registered[found]


def _followed(session: Session, arn: str) -> Follower:
    """Show a run until the refresh that covers it has ended."""
    follower = Follower(session.aws, session.project, arn)
    voice, told = session.voice, set[str]()
    with live_table(headings(voice, *_DATASET_TITLES)) as draw:
        for view in follower.views():
            rows = [_progress_row(voice, one) for one in view.datasets]
            if not draw(_headline(voice, view.run, arn), rows):
                for line in _news(voice, view, arn):
                    if line not in told:
                        told.add(line)
                        say(one_line(line))
    return follower


def _news(voice: Voice, view: View, arn: str) -> list[str]:
    """Return what a look saw, where no terminal draws it."""
    return [
        _headline(voice, view.run, arn),
        *(f"  {one.name}: {one.status}" for one in view.datasets),
    ]


def _headline(voice: Voice, run: Run, arn: str) -> str:
    joined = f"; joined {run.arn}" if run.arn != arn else ""
    if run.outcome is not Outcome.RUNNING:
        return (
            f"{outcome_in_words(voice, run.outcome.value)} after {voice.span(run.seconds)}{joined}"
        )
    return f"{run.execution.last_state or 'Starting'} …{joined}"


def _progress_row(voice: Voice, one: Progress) -> tuple[str, str, str, str, str]:
    rows = "-" if one.rows is None else str(one.rows)
    return one.name, one.status, voice.span(one.elapsed), voice.span(one.expected), rows


def _tell_end(voice: Voice, follower: Follower, as_json: bool) -> None:
    """Write what came of it.

    Raises:
        OperatorError: it was no SUCCESS.
    """
    run = follower.run
    assert run is not None
    if as_json:
        write_json(run.as_json())
    else:
        ended = outcome_in_words(voice, run.outcome.value)
        write(one_line(f"{ended}  {run.folder}  {voice.span(run.seconds)}"))
        if run.datasets:
            write_table(headings(voice, *RESULT_TITLES), result_rows(run.datasets))
    if run.outcome is not Outcome.SUCCESS:
        told = "; ".join(run.causes) or "it ended without a refresh"
        raise OperatorError(
            one_line(f"the refresh ended as {run.outcome.value}: {told}"),
            f"qsrefresh explain {run.arn}",
        )
    if not follower.covered:
        raise OperatorError(
            f"{run.arn} ended without this run's file, and nobody refreshes it",
            f"run it again: qsrefresh run {shlex.quote(run.folder)} --wait",
        )
