"""``qsrefresh move``."""

import click

from qsrefresh import registrations
from qsrefresh.errors import NotRegisteredError
from qsrefresh.options import FOLDER, as_json, dry_run, example, yes
from qsrefresh.registration_changes import carry_out, refuse_invalid, tell_form
from qsrefresh.registrations import stored_folder
from qsrefresh.session import Session, pass_session


@click.command(epilog=example(f"qsrefresh move {FOLDER} s3://BUCKET/dashboard/data/sales2/"))
@click.argument("old")
@click.argument("new")
@dry_run
@yes
@as_json
@pass_session
def verb(session: Session, old: str, new: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Move a registration to another folder.

    What is registered for OLD is then registered for NEW. Both or neither: nobody finds both
    folders registered, or none. The files stay where they are.
    """
    registered = session.table.by_folder()
    typed, old, new = new, registrations.meant_folder(old, registered), stored_folder(new)
    tell_form(typed, new)
    if old not in registered:
        raise NotRegisteredError(old, registered)
    changes = registrations.plan_move(registered, old, new)
    refuse_invalid(
        session, [change.after for change in changes if change.after], None, only_folders=True
    )
    carry_out(session, registered, changes, dry_run=dry_run, yes=yes, as_json=as_json)
