"""``qsrefresh show``."""

import click

from qsrefresh import registrations
from qsrefresh.errors import NotRegisteredError
from qsrefresh.options import FOLDER, as_json, example
from qsrefresh.output import say, write, write_json
from qsrefresh.registration_changes import tell_form
from qsrefresh.session import Session, pass_session


@click.command(epilog=example(f"qsrefresh show {FOLDER}"))
@click.argument("folder")
@as_json
@pass_session
def verb(session: Session, folder: str, as_json: bool) -> None:
    """Show what files in a folder refresh.

    The nearest registered folder counts: FOLDER itself, or one above it.
    """
    registered = session.table.by_folder()
    typed, folder = folder, registrations.meant_folder(folder, registered)
    found = registrations.nearest(folder, registered)
    if found is None:
        raise NotRegisteredError(folder, registered)
    if found != folder:
        say(f"{folder} is not registered itself; its files refresh what is registered for {found}")
    if found == folder:
        tell_form(typed, folder)
    item = registered[found]
    for problem in registrations.problems_of(item):
        say(f"Wrong: {problem.field} {problem.text}")
    if as_json:
        write_json(registrations.plain(item))
    else:
        write(registrations.as_yaml([item]).rstrip("\n"))
