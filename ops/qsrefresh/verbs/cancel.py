"""``qsrefresh cancel``."""

import click

from qsrefresh import cancelling, explain, registrations
from qsrefresh.cancelling import Ingestion
from qsrefresh.errors import OperatorError
from qsrefresh.folder_state import lead_of
from qsrefresh.lookalike import named
from qsrefresh.options import FOLDER, as_json, confirm, dry_run, example, yes
from qsrefresh.output import say, write_diff, write_json
from qsrefresh.refresh_run import Run
from qsrefresh.safe_text import one_line
from qsrefresh.session import Session, pass_session


@click.command(epilog=example(f"qsrefresh cancel {FOLDER}", "qsrefresh cancel EXECUTION --yes"))
@click.argument("which", metavar="FOLDER|EXECUTION")
@dry_run
@yes
@as_json
@pass_session
def verb(session: Session, which: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Cancel a refresh that goes on.

    Its ingestions that have not ended are cancelled in QuickSight; their datasets keep the data
    they have. The run sees it and ends by itself, with an ERROR mail; files that arrived meanwhile
    start the next refresh.
    """
    run = _run(session, which)
    wanted = cancelling.plan(session.aws, session.project, run)
    if not as_json:
        write_diff([one_line(f"- {one.name}: {one.status} ({one.id})") for one in wanted])
    done: list[Ingestion] = []
    if wanted and not dry_run:
        confirm(f"Cancel {_counted(wanted)} of the refresh of {run.folder}?", yes)
        done = [one for one in wanted if cancelling.execute(session.aws, session.project, one)]
    if as_json:
        write_json([one.as_json() for one in (wanted if dry_run else done)])
    if not wanted:
        say("Nothing to do: none of its ingestions goes on.")
    elif dry_run:
        say(f"Nothing was cancelled (--dry-run): {_counted(wanted)}.")
    else:
        _tell_what_follows(run, wanted, done)


def _run(session: Session, which: str) -> Run:
    """Return the run that is meant: the one given, or the one that leads a folder.

    Raises:
        OperatorError: no run leads it.
    """
    if not which.strip().startswith("s3://"):
        return explain.explain(session.aws, session.project, which).run
    registered = session.table.by_folder()
    meant = registrations.meant_folder(which.strip(), registered)
    folder = registrations.nearest(meant, registered) or meant
    leader = lead_of(session.aws, session.project, folder).leader
    if leader is None or ":execution:" not in leader:
        raise OperatorError(f"no run refreshes {folder} now", f"qsrefresh status {named(folder)}")
    return explain.explain(session.aws, session.project, leader).run


def _tell_what_follows(run: Run, wanted: list[Ingestion], done: list[Ingestion]) -> None:
    say(f"Cancelled: {_counted(done)}.")
    for one in wanted:
        if one not in done:
            say(f"{one.name}: QuickSight cancelled nothing, it had ended.")
    if done:
        say(
            "The run sees it at its next look, refreshes nothing that comes after, and mails ERROR;"
            " the dashboards keep the data they have. Datasets whose turn has not come yet are"
            " still refreshed: then cancel again. Files that arrived meanwhile start the next"
            " refresh."
        )
        say(f"To refresh the folder after all: qsrefresh run {named(run.folder)} --wait")


def _counted(some: list[Ingestion]) -> str:
    return f"{len(some)} ingestion{'s' * (len(some) != 1)}"
