"""``qsrefresh history``."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import click

from qsrefresh.advice import advice, ways
from qsrefresh.language import Phrase, Voice
from qsrefresh.options import FOLDER, as_json, example
from qsrefresh.output import say, write, write_json, write_table
from qsrefresh.past_refreshes import past_of, which
from qsrefresh.refreshes import FolderRefresh, Outcome
from qsrefresh.result_table import RESULT_TITLES, result_rows
from qsrefresh.safe_text import one_line
from qsrefresh.session import Session, pass_session
from qsrefresh.words import headings, outcome_in_words

_EXPLAIN = Phrase(
    ja="{at} の実行がしたこと: qsrefresh explain {execution}",
    en="What the run of {at} did: qsrefresh explain {execution}",
)
_NONE = Phrase(
    ja="その期間に {folder} の更新はありません。もっと前: --since",
    en="No refresh of {folder} in that time. Look further back: --since",
)
_NO_FAILED = Phrase(
    ja="その期間に、失敗した {folder} の更新はありません。もっと前: --since",
    en="No failed refresh of {folder} in that time. Look further back: --since",
)
_TITLES = ("started", "verdict", "took", "files", *RESULT_TITLES)


@click.command(
    epilog=example(f"qsrefresh history {FOLDER}", f"qsrefresh history {FOLDER} --since 24h")
)
@click.argument("folder")
@which
@click.option("--failed", is_flag=True, help="Only the runs that went wrong.")
@as_json
@pass_session
def verb(
    session: Session,
    folder: str,
    since: timedelta | datetime,
    from_executions: bool,
    failed: bool,
    as_json: bool,
) -> None:
    """List the last refreshes of a folder.

    Each with what became of every dataset, newest first, and the number of file events that it
    covers: each has a run of its own, which joined. Below, why refreshes did not end well and what
    to do, as the mails say it. The folder's record holds the last 30 runs; the file that started
    one, and QuickSight's message, only the run itself tells (`explain`).
    """
    past = past_of(session, folder, since, from_executions, failed)
    runs = past.refreshes
    if as_json:
        waited = [past.waited.as_json()] if past.waited else []
        write_json([*(run.as_json() for run in runs), *waited])
    elif runs:
        write_table(
            headings(session.voice, *_TITLES),
            [row for run in runs for row in _rows(session.voice, run)],
        )
        _tell_why(session, runs)
    else:
        say(session.voice.say(_NO_FAILED if failed else _NONE, folder=folder))
    for note in past.notes:
        say(note)


def _tell_why(session: Session, runs: Sequence[FolderRefresh]) -> None:
    """Write why runs did not end well and what to do, each cause once; the newest is explained."""
    voice = session.voice
    advised = advice(runs, session.project)
    newest = runs[0]
    for one in advised:
        write("")
        for line in one.lines(voice):
            write(one_line(line))
    for line in ways(voice, newest.folder, advised) if newest.went_wrong else ():
        write(one_line(line))
    told = next((run for run in runs if run.outcome is not Outcome.SUCCESS), newest)
    say(voice.say(_EXPLAIN, at=told.started, execution=told.execution))


def _rows(voice: Voice, run: FolderRefresh) -> Iterator[tuple[str, ...]]:
    files = "-" if run.files is None else str(run.files)
    head = (
        voice.moment(run.started),
        outcome_in_words(voice, run.outcome.value),
        voice.span(run.seconds),
        files,
    )
    results = result_rows(run.datasets)
    if not results:
        yield (*head, "", "", "", "", "", "")
        head = ("", "", "", "")
    for row in results:
        yield (*head, *row)
        head = ("", "", "", "")
