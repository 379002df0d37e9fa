"""``qsrefresh status``."""

from collections.abc import Callable, Mapping, Sequence

import click

from qsrefresh import folder_state, registrations
from qsrefresh.advice import runs_command
from qsrefresh.closed_pipes import nobody_reads
from qsrefresh.errors import NotRegisteredError, OperatorError
from qsrefresh.folder_state import FolderStatus
from qsrefresh.language import Phrase, Voice
from qsrefresh.options import FOLDER, as_json, example
from qsrefresh.output import live_table, say, write_json, write_table
from qsrefresh.project import Place, watched_places
from qsrefresh.safe_text import one_line
from qsrefresh.session import EXIT_INTERRUPTED, Session, pass_session
from qsrefresh.standing import MEANINGS, WORDS, Standing
from qsrefresh.unregistered import with_unregistered
from qsrefresh.words import headings

_SECONDS_BETWEEN_LOOKS = 10
_TITLES = ("folder", "state", "last", "age", "running_since", "waiting", "not_before")
#: Unregistered folders in one line; the rest are counted.
_SHOWN = 5
_UNREGISTERED = Phrase(
    ja="{folder} の下の未登録: {names}", en="not registered below {folder}: {names}"
)
_MORE = Phrase(ja="、ほか{n}", en=" and {n} more")
_PROMISE = Phrase(ja="（{hours}時間以内）", en=" of {hours} h")
_MARKER = Phrase(
    ja="    このフォルダの更新は「{marker}」だけが始めます。それが届いていないのかもしれません。"
    "それを待ったファイル: {command}",
    en="    only {marker} starts its refreshes: it may be what does not come; what waited for it:"
    " {command}",
)
_NOTHING = Phrase(
    ja="登録されているフォルダがありません。登録するには: qsrefresh register FOLDER DATASET",
    en="Nothing is registered. Register a folder: qsrefresh register FOLDER DATASET",
)


@click.command(epilog=example("qsrefresh status", f"qsrefresh status {FOLDER} --watch"))
@click.argument("folder", required=False)
@click.option("--watch", is_flag=True, help="Look again every 10 seconds, until Ctrl-C.")
@as_json
@pass_session
def verb(session: Session, folder: str | None, watch: bool, as_json: bool) -> None:
    """Show how the folders stand.

    In one word: good; running; error, died, stranded (files wait, and no run will take them),
    unknown, never refreshed, stale (later than it should be), unregistered: each with the command
    that brings it back; or ignored. Beside it the last refresh, the files that no finished refresh
    covers yet, and the time before which the next refresh does not start.
    """
    if watch and as_json:
        raise click.UsageError("give --watch or --json, not both")

    def look() -> list[FolderStatus]:
        registered = session.table.by_folder()
        found = folder_state.statuses(session.aws, session.project, registered, session.parameters)
        if not all(one.registered for one in found):
            places = _places(session)
            found = list(with_unregistered(session.aws, places, registered, found))
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
    voice = session.voice
    if not found:
        say(voice.say(_NOTHING))
        return
    write_table(headings(voice, *_TITLES), [_row(voice, one) for one in found])
    for one in found:
        _tell_cures(voice, one)


def _of(
    folder: str, found: Sequence[FolderStatus], registered: Mapping[str, registrations.Item]
) -> FolderStatus:
    """Return how the folder stands whose run files of ``folder`` start.

    Raises:
        NotRegisteredError: it is not registered, and no file came into it.
    """
    named = registrations.meant_folder(folder, registered)
    rows = {one.state.folder: one for one in found}
    nearest = registrations.nearest(named, {**registered, **rows})
    if nearest is None:
        raise NotRegisteredError(folder, registered)
    return rows[nearest]


def _places(session: Session) -> tuple[Place, ...]:
    """Return the watched folders, by which runs for unregistered folders are led."""
    try:
        return watched_places(session.aws, session.project)
    except OperatorError:
        return ()  # only names are at stake: `check` says what is wrong with the rule


def _watch(session: Session, look: Callable[[], list[FolderStatus]]) -> None:
    """Show the folders again and again, until somebody stops it or nobody reads it any more."""
    with live_table(headings(session.voice, *_TITLES)) as draw:
        while True:
            found = look()
            voice = session.voice
            titles, rows = headings(voice, *_TITLES), [_row(voice, one) for one in found]
            if not draw(voice.moment(found[0].now) if found else "", rows):
                write_table(titles, rows)
                if nobody_reads():
                    return
            session.aws.pause(_SECONDS_BETWEEN_LOOKS)


def _row(voice: Voice, one: FolderStatus) -> tuple[str, ...]:
    lead, last = one.state.lead, one.state.last
    return (
        _name(voice, one),
        voice.say(WORDS[one.standing]),
        voice.moment(last.started),
        _age(voice, one),
        voice.moment(one.running_since),
        "?" if lead.waiting is None else str(lead.waiting),
        voice.moment(one.next_start if one.next_start > one.now else None),
    )


def _age(voice: Voice, one: FolderStatus) -> str:
    """Return how old the last refresh is; where there is a promise, the last good one beside it."""
    good = one.state.lead.last_succeeded
    if not one.hours:
        return voice.span(one.age)
    age = (one.now - good).total_seconds() if good else None
    return voice.span(age) + voice.say(_PROMISE, hours=one.hours)


def _name(voice: Voice, one: FolderStatus) -> str:
    folder = one.state.folder
    if one.standing is not Standing.UNREGISTERED or list(one.unregistered) == [folder]:
        return folder
    names = [name.removeprefix(folder) or name for name in one.unregistered]
    more = voice.say(_MORE, n=len(names) - _SHOWN) if len(names) > _SHOWN else ""
    return voice.say(_UNREGISTERED, folder=folder, names=", ".join(names[:_SHOWN]) + more)


def _tell_cures(voice: Voice, one: FolderStatus) -> None:
    """Tell what is the matter with a folder, and below it the commands that bring it back."""
    if not one.standing.needs_somebody:
        return
    folders = ", ".join(one.unregistered) or one.state.folder
    say(one_line(voice.say(MEANINGS[one.standing], folder=folders, hours=one.hours)))
    if one.marker and one.standing in (Standing.STALE, Standing.NEVER):
        command = runs_command(one.state.folder)
        say(one_line(voice.say(_MARKER, marker=one.marker, command=command)))
    for cure in one.cures:
        say(one_line(f"    → {cure}"))
