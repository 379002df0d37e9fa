"""Carry out a change of registrations: refuse what cannot work, show the plan, then write it."""

import shlex
from collections.abc import Mapping, Sequence

from qsrefresh import datasets, registrations
from qsrefresh.errors import InvalidRegistrationError, ProjectNotFoundError
from qsrefresh.lookalike import composed, named
from qsrefresh.options import confirm
from qsrefresh.output import say, write_diff, write_json
from qsrefresh.project import Place, watched_places
from qsrefresh.registrations import Change, Item, folder_of
from qsrefresh.session import Session


def refuse_invalid(
    session: Session, wanted: Sequence[Item], known: Mapping[str, datasets.Dataset] | None
) -> None:
    """Refuse items that cannot work; datasets are looked at where they are ``known``."""
    places = _places(session)
    problems = []
    for item in wanted:
        folder = folder_of(item)
        found = [f"{field} {text}" for field, text in registrations.problems_of(item)]
        if places and (where := registrations.problem_of_folder(folder, places)):
            found.insert(0, where)
        if known is not None:
            found += datasets.problems_with(known, registrations.dataset_ids(item))
            found += _not_incremental(session, item, known)
        problems += [f"{folder}: {text}" for text in found]
    folders = [folder_of(item) for item in wanted]
    twice = sorted({folder for folder in folders if folders.count(folder) > 1})
    problems += [f"{folder}: it is there twice" for folder in twice]
    if problems:
        raise InvalidRegistrationError(problems, "correct this and run the command again")


def tell_form(typed: str, folder: str) -> None:
    """Tell in which Unicode form a folder is registered, where it is not the one typed, or NFC."""
    if composed(folder) != folder:
        move = f"qsrefresh move {named(folder)} {shlex.quote(composed(folder))}"
        say(
            f"Note: {folder} is registered in another Unicode form than people type, as Macs write"
            f" names (NFD): files under the typed name do not refresh it. To mend it: {move}"
        )
    elif composed(typed) != typed:
        say(
            f"Note: {folder} is registered in the Unicode form that people type (NFC), not in the"
            " one given (NFD, as Macs write names): files under either name refresh it"
        )


def carry_out(
    session: Session, changes: list[Change], *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Show the plan; then do it, unless it is only to be shown."""
    if not as_json:
        for change in changes:
            write_diff(change.diff())
    if changes and not dry_run:
        if any(change.loses for change in changes):
            confirm(f"Write {_counted(changes)} to {session.table.name}?", yes)
        session.table.write(changes)
    if as_json:
        write_json([change.as_json() for change in changes])
    if not changes:
        say("Nothing to do: it is registered like that already.")
    elif dry_run:
        say(f"Nothing was written (--dry-run): {_counted(changes)}.")
    else:
        say(f"Written to {session.table.name}: {_counted(changes)}.")


def _places(session: Session) -> tuple[Place, ...]:
    """Return the watched folders; none, and a note, before the refresh stack is deployed."""
    try:
        return watched_places(session.aws, session.project)
    except ProjectNotFoundError:
        say(
            "Note: whether these folders are watched is not checked: the refresh stack of project"
            f" {session.project.id} is not deployed yet"
        )
        return ()


def _not_incremental(
    session: Session, item: Item, known: Mapping[str, datasets.Dataset]
) -> list[str]:
    return [
        f"the dataset {known[one].name} ({one}) has no incremental refresh set up in QuickSight"
        " (Enterprise edition, SQL sources only): leave ingestiontype out"
        for one in registrations.incremental_ids(item)
        if one in known
        and known[one].refreshable
        and not datasets.incremental_allowed(session.aws, one)
    ]


def _counted(changes: Sequence[Change]) -> str:
    return f"{len(changes)} change{'s' * (len(changes) != 1)}"
