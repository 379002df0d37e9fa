"""``qsrefresh history``."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import click

from qsrefresh.language import Voice
from qsrefresh.options import FOLDER, as_json, example
from qsrefresh.output import say, write_json, write_table
from qsrefresh.past_refreshes import past_of, which
from qsrefresh.refreshes import FolderRefresh, Outcome
from qsrefresh.result_table import RESULT_TITLES, result_rows
from qsrefresh.session import Session, pass_session
from qsrefresh.words import headings, outcome_in_words

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
    covers: each has a run of its own, which joined. The folder's record holds the last 30 runs; why
    a dataset failed, and the file that started it, only the run itself tells.
    """
    past = past_of(session, folder, since, from_executions, failed)
    runs = past.refreshes
    if as_json:
        write_json([run.as_json() for run in runs])
    elif runs:
        write_table(
            headings(session.voice, *_TITLES),
            [row for run in runs for row in _rows(session.voice, run)],
        )
        told = next((run for run in runs if run.outcome is not Outcome.SUCCESS), runs[0])
        when = session.voice.moment(told.started)
        say(f"What the run of {when} did: qsrefresh explain {told.execution}")
    else:
        say(f"No{' failed' * failed} refresh of {folder} in that time. Look further back: --since")
    for note in past.notes:
        say(note)


def _rows(voice: Voice, run: FolderRefresh) -> Iterator[tuple[str, ...]]:
    files = "-" if run.files is None else str(run.files)
    head = (
        voice.moment(run.started),
        outcome_in_words(voice, run.outcome.value),
        voice.span(run.seconds),
        files,
    )
    results = result_rows(run.datasets)
    of_datasets = {f"{one.name}: {one.cause}" for one in run.datasets}
    others = "; ".join(cause for cause in run.causes if cause not in of_datasets)
    if others or not results:
        yield (*head, "", "", "", "", "", others)
        head = ("", "", "", "")
    for row in results:
        yield (*head, *row)
        head = ("", "", "", "")
