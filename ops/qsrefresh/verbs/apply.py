"""``qsrefresh apply``."""

from collections.abc import Mapping
from typing import TextIO

import click

from qsrefresh import datasets, registrations
from qsrefresh.errors import InvalidRegistrationError
from qsrefresh.options import as_json, dry_run, example, yes
from qsrefresh.output import say
from qsrefresh.registration_changes import carry_out, read_text, refuse_invalid, tell_form
from qsrefresh.registrations import KEY, Change, Item, folder_of
from qsrefresh.session import Session, pass_session

#: The table is not what the file says.
_EXIT_DRIFT = 2


@click.command(
    epilog=example(
        "qsrefresh apply registration.yaml --dry-run",
        "qsrefresh apply registration.yaml --prune",
        "qsrefresh export | qsrefresh apply -",
    )
)
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--prune", is_flag=True, help="Unregister the folders that FILE does not name.")
@dry_run
@yes
@as_json
@pass_session
def verb(
    session: Session, file: TextIO, prune: bool, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Make the registrations what FILE says.

    FILE is what `export` writes; - reads stdin. What is registered like that already is left alone,
    whatever it is; what is to change has to be right. Folders that FILE does not name stay, unless
    --prune is given. Asks before anything is removed, or stops. With --dry-run it ends with 2 if
    the registrations differ from FILE: for a pipeline that watches for drift.
    """
    registered = session.table.by_folder()
    wanted = [
        _in_form(item, registered) for item in registrations.parse_yaml(read_text(file), file.name)
    ]
    changes = registrations.plan(registered, wanted)
    _refuse_wrong(session, wanted, changes)
    left = sorted(set(registered) - {folder_of(item) for item in wanted})
    if prune:
        changes += [Change(folder, registered[folder], None) for folder in left]
    carry_out(session, registered, changes, dry_run=dry_run, yes=yes, as_json=as_json)
    if left and not prune:
        named = f"{left[0]}{f' and {len(left) - 1} more' if len(left) > 1 else ''}"
        say(f"Not in {file.name}, and left as it is: {named}; --prune unregisters it")
    if dry_run and changes:
        raise click.exceptions.Exit(_EXIT_DRIFT)


def _in_form(item: Item, registered: Mapping[str, Item]) -> Item:
    """Return an item for the folder as it is registered; for a new one, in the form people type."""
    typed = folder_of(item)
    if typed in registered or not typed.endswith("/"):
        return item
    folder = registrations.meant_folder(typed, registered)
    tell_form(typed, folder)
    return {**item, KEY: {"S": folder}}


def _refuse_wrong(session: Session, wanted: list[Item], changes: list[Change]) -> None:
    """Refuse what cannot work of what is to change; what stays was so before."""
    folders = [folder_of(item) for item in wanted]
    if twice := sorted({folder for folder in folders if folders.count(folder) > 1}):
        problems = [f"{folder}: it is there twice" for folder in twice]
        raise InvalidRegistrationError(problems, "leave one of them, and run the command again")
    new = [change.after for change in changes if change.after]
    if not new:
        return
    slips = [f"{folder_of(item)}{text}" for item in new for text in registrations.misspelt(item)]
    if slips:
        raise InvalidRegistrationError(slips, "correct this and run the command again")
    known = {one.id: one for one in datasets.datasets(session.aws)}
    refuse_invalid(session, new, known)
