"""``qsrefresh ignore``."""

import shlex
from collections.abc import Mapping

import click

from qsrefresh import registrations
from qsrefresh.errors import NotRegisteredError, OperatorError
from qsrefresh.options import as_json, dry_run, example, yes
from qsrefresh.registration_changes import carry_out, refuse_invalid, tell_form
from qsrefresh.registrations import Item
from qsrefresh.session import Session, pass_session


@click.command(epilog=example("qsrefresh ignore s3://BUCKET/dashboard/data/_archive/"))
@click.argument("folder")
@click.option("--off", is_flag=True, help="Ignore the folder no longer.")
@dry_run
@yes
@as_json
@pass_session
def verb(session: Session, folder: str, off: bool, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Let a folder's files start nothing.

    Files in FOLDER start nothing and mail nothing. The datasets registered for it stay registered;
    --off makes them count again.
    """
    registered = session.table.by_folder()
    typed, folder = folder, registrations.meant_folder(folder, registered)
    tell_form(typed, folder)
    if off:
        _refuse_off(folder, registered)
    wanted = [registrations.with_ignore(registered.get(folder), folder, not off)]
    refuse_invalid(session, wanted, None, only_folders=not off)
    changes = registrations.plan(registered, wanted)
    carry_out(session, registered, changes, dry_run=dry_run, yes=yes, as_json=as_json)


def _refuse_off(folder: str, registered: Mapping[str, Item]) -> None:
    """Refuse to let a folder count again that would then be registered for nothing."""
    if folder not in registered:
        raise NotRegisteredError(folder, registered)
    if not registrations.entries(registered[folder]):
        named = shlex.quote(folder)
        raise OperatorError(
            f"{folder} has no datasets that could count again",
            f"register some (qsrefresh register {named} DATASET), or forget the folder"
            f" (qsrefresh unregister {named})",
        )
