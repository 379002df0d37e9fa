"""``qsrefresh unregister``."""

import click

from qsrefresh import registrations
from qsrefresh.errors import NotRegisteredError
from qsrefresh.options import FOLDER, as_json, dry_run, example, yes
from qsrefresh.registration_changes import carry_out
from qsrefresh.session import Session, pass_session


@click.command(epilog=example(f"qsrefresh unregister {FOLDER}"))
@click.argument("folder")
@dry_run
@yes
@as_json
@pass_session
def verb(session: Session, folder: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Forget what is registered for a folder.

    Files there then refresh what is registered for a folder above it; if nothing is, an ERROR mail
    says so. For a folder whose files need no refresh, use `ignore`.
    """
    registered = session.table.by_folder()
    folder = registrations.meant_folder(folder, registered)
    if folder not in registered:
        raise NotRegisteredError(folder, registered)
    changes = registrations.plan_removal(registered, folder)
    carry_out(session, registered, changes, dry_run=dry_run, yes=yes, as_json=as_json)
