"""``qsrefresh run``."""

import json

import click

from qsrefresh import registrations
from qsrefresh.advice import WORDS, lines_about, rerun_command
from qsrefresh.errors import NotRegisteredError, OperatorError
from qsrefresh.follow import Follower, Progress, View
from qsrefresh.language import Phrase, Voice
from qsrefresh.lookalike import named
from qsrefresh.options import FOLDER, as_json, dry_run, example
from qsrefresh.output import (
    live_table,
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
from qsrefresh.safe_text import one_line
from qsrefresh.session import EXIT_INTERRUPTED, Session, pass_session
from qsrefresh.words import headings, outcome_in_words

_STARTED = Phrase(
    ja="開始しました。様子を見るには: qsrefresh status {folder}; {link}",
    en="Started. To see how it goes: qsrefresh status {folder}; {link}",
)
_STARTED_RUN = Phrase(ja="開始しました: {execution}", en="Started: {execution}")
_STOPPED = Phrase(
    ja="見るのをやめました。更新は続いています: qsrefresh status {folder}",
    en="Stopped watching; the refresh goes on: qsrefresh status {folder}",
)
_STARTING = Phrase(ja="開始中", en="Starting")
_ENDED = Phrase(ja="{verdict}（{span}）", en="{verdict} after {span}")
_JOINED = Phrase(ja="。{execution} に合流しました", en="; joined {execution}")
_NO_SUCCESS = Phrase(
    ja="更新は正常に終わりませんでした（{verdict}）", en="the refresh ended as {verdict}"
)
_NO_REFRESH = Phrase(
    ja="更新をせずに終わりました（{verdict}）", en="it ended without a refresh ({verdict})"
)
_NOT_COVERED = Phrase(
    ja="{execution} は、この実行のファイルを反映せずに終わり、引き受ける実行がありません",
    en="{execution} ended without this run's file, and nobody refreshes it",
)
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
    folder = _meant(session, folder)
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
        say(session.voice.say(_STARTED, folder=named(folder), link=link))
        return
    say(session.voice.say(_STARTED_RUN, execution=arn))
    try:
        follower = _followed(session, arn)
    except KeyboardInterrupt:
        click.echo(err=True)
        say(session.voice.say(_STOPPED, folder=named(folder)))
        raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
    _tell_end(session, follower, as_json)


def _meant(session: Session, folder: str) -> str:
    """Return the registered folder that is meant, however it is typed; or the one that is given."""
    registered = session.table.by_folder()
    meant = registrations.meant_folder(folder, registered)
    return meant if meant in registered else with_slash(folder)


def _refuse_pointless(session: Session, folder: str) -> None:
    """Refuse a run that could refresh nothing."""
    problem = registrations.problem_of_folder(folder, watched_places(session.aws, session.project))
    if problem:
        raise OperatorError(problem, "`qsrefresh list` shows the folders that can be refreshed")
    nearest, item = _registered(session, folder)
    if registrations.is_ignored(item):
        shown = named(nearest)
        again = f"make it count again: qsrefresh ignore {shown} --off"
        if not registrations.entries(item):
            again = f"register what to refresh: qsrefresh register {shown} DATASET"
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
    joined = voice.say(_JOINED, execution=run.arn) if run.arn != arn else ""
    if run.outcome is not Outcome.RUNNING:
        ended = outcome_in_words(voice, run.outcome.value)
        return voice.say(_ENDED, verdict=ended, span=voice.span(run.seconds)) + joined
    return f"{run.execution.last_state or voice.say(_STARTING)} …{joined}"


def _progress_row(voice: Voice, one: Progress) -> tuple[str, str, str, str, str]:
    rows = "-" if one.rows is None else str(one.rows)
    return one.name, one.status, voice.span(one.elapsed), voice.span(one.expected), rows


def _tell_end(session: Session, follower: Follower, as_json: bool) -> None:
    """Write what came of it.

    Raises:
        OperatorError: it was no SUCCESS.
    """
    run, voice = follower.run, session.voice
    assert run is not None
    if as_json:
        write_json(run.as_json())
    else:
        ended = outcome_in_words(voice, run.outcome.value)
        write(one_line(f"{ended}  {run.folder}  {voice.span(run.seconds)}"))
        if run.datasets:
            write_table(headings(voice, *RESULT_TITLES), result_rows(run.datasets))
        for line in lines_about(voice, run.refresh, session.project):
            write(one_line(line))
    if run.outcome is not Outcome.SUCCESS:
        idle = not run.refresh.went_wrong
        raise OperatorError(
            voice.say(_NO_REFRESH if idle else _NO_SUCCESS, verdict=run.outcome.value),
            f"qsrefresh explain {run.arn}",
        )
    if not follower.covered:
        raise OperatorError(
            voice.say(_NOT_COVERED, execution=run.arn),
            voice.say(WORDS["again"], command=rerun_command(run.folder)),
        )
