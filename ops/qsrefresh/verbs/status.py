"""``qsrefresh status``."""

import shlex
from collections.abc import Callable, Collection, Mapping, Sequence

import click

from qsrefresh import folder_state, registrations
from qsrefresh.closed_pipes import nobody_reads
from qsrefresh.errors import NotRegisteredError, OperatorError
from qsrefresh.folder_state import FolderStatus
from qsrefresh.language import Voice
from qsrefresh.options import FOLDER, as_json, example
from qsrefresh.output import live_table, say, write_json, write_table
from qsrefresh.project import watched_places
from qsrefresh.registrations import with_slash
from qsrefresh.session import EXIT_INTERRUPTED, Session, pass_session

_SECONDS_BETWEEN_LOOKS = 10
_TITLES = (
    "Folder",
    "Last refresh",
    "Verdict",
    "Age",
    "Running since",
    "Files waiting",
    "Not before",
)


@click.command(epilog=example("qsrefresh status", f"qsrefresh status {FOLDER} --watch"))
@click.argument("folder", required=False)
@click.option("--watch", is_flag=True, help="Look again every 10 seconds, until Ctrl-C.")
@as_json
@pass_session
def verb(session: Session, folder: str | None, watch: bool, as_json: bool) -> None:
    """Show how the folders stand.

    The last refresh and its verdict, the run that leads the folder now, the files that no finished
    refresh covers yet, and the time before which the next refresh does not start. No verdict: its
    run could not write one. Folders that are not registered share a row, which is there when files
    came into one of them.
    """
    if watch and as_json:
        raise click.UsageError("give --watch or --json, not both")

    def look() -> list[FolderStatus]:
        registered = session.table.by_folder()
        found = folder_state.statuses(session.aws, session.project, registered)
        return [_of(folder, found, registered)] if folder else found

    if watch:
        try:
            _watch(session, look)
        except KeyboardInterrupt:
            raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
        return
    found = look()
    if as_json:
        write_json([one.as_json() for one in found])
        return
    if not found:
        say("Nothing is registered. Register a folder: qsrefresh register FOLDER DATASET")
        return
    write_table(_TITLES, _rows(session, found))
    _tell_odd(found)


def _of(
    folder: str, found: Sequence[FolderStatus], registered: Mapping[str, registrations.Item]
) -> FolderStatus:
    """Return how the folder stands whose run files of ``folder`` start.

    Raises:
        NotRegisteredError: it is not registered, and no file came into it.
        OperatorError: it is to be ignored.
    """
    named = registrations.meant_folder(folder, registered)
    rows = {one.state.folder: one for one in found}
    nearest = registrations.nearest(named, {**registered, **rows})
    if nearest is None:
        raise NotRegisteredError(folder, registered)
    if nearest not in rows:
        raise OperatorError(
            f"{nearest} is to be ignored: nothing is refreshed for it",
            f"`qsrefresh show {shlex.quote(nearest)}` shows what is registered",
        )
    return rows[nearest]


def _rows(session: Session, found: Sequence[FolderStatus]) -> list[tuple[str, ...]]:
    shared = set() if all(one.registered for one in found) else _shared(session)
    return [_row(session.voice, one, shared) for one in found]


def _shared(session: Session) -> set[str]:
    """Return the watched folders, by which runs for unregistered folders are led."""
    try:
        return {with_slash(place.folder) for place in watched_places(session.aws, session.project)}
    except OperatorError:
        return set()  # only a name is at stake: `check` says what is wrong with the rule


def _watch(session: Session, look: Callable[[], list[FolderStatus]]) -> None:
    """Show the folders again and again, until somebody stops it or nobody reads it any more."""
    with live_table(_TITLES) as draw:
        while True:
            found = look()
            rows = _rows(session, found)
            if not draw(session.voice.moment(found[0].now) if found else "", rows):
                write_table(_TITLES, rows)
                if nobody_reads():
                    return
            session.aws.pause(_SECONDS_BETWEEN_LOOKS)


def _row(voice: Voice, one: FolderStatus, shared: Collection[str]) -> tuple[str, ...]:
    state = one.state
    name = state.folder if one.registered else f"{state.folder} (not registered)"
    if not one.registered and state.folder in shared:
        # Files of folders that nobody registered are led together, by the folder that is watched.
        name = f"all unregistered folders below {state.folder}"
    return (
        name,
        voice.moment(state.last.started),
        state.last.verdict or "-",
        voice.span(one.age),
        "lost" if one.lost else voice.moment(one.running_since),
        "?" if state.lead.waiting is None else str(state.lead.waiting),
        voice.moment(one.next_start if one.next_start > one.now else None),
    )


def _tell_odd(found: Sequence[FolderStatus]) -> None:
    for one in found:
        folder, lead = one.state.folder, one.state.lead
        if one.lost:
            why = f" To find out why: qsrefresh explain {lead.leader}"
            say(
                f"The run that leads {folder} has ended without giving it back; the next"
                f" file takes over.{why * (':execution:' in str(lead.leader))}"
            )
        elif lead.leader is None and lead.waiting != 0:
            say(
                f"No run leads {folder}, and files wait: their run died, or the next one is about"
                f" to start. What became of the last ones: qsrefresh history {shlex.quote(folder)}"
            )
