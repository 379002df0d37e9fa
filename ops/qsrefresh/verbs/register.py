"""``qsrefresh register``."""

import functools
from collections.abc import Mapping, Sequence
from typing import TextIO

import click

from qsrefresh import datasets, registrations
from qsrefresh.errors import OperatorError
from qsrefresh.options import FOLDER, as_json, dry_run, example, yes
from qsrefresh.output import say
from qsrefresh.registration_changes import (
    add_or_replace,
    carry_out,
    refuse_file,
    refuse_invalid,
    tell_form,
)
from qsrefresh.registrations import KEY, Item, folder_of
from qsrefresh.session import Session, pass_session


@click.command(
    epilog=example(
        f"qsrefresh register {FOLDER} Sales 'Sales by region'",
        "qsrefresh register --file registration.yaml --dry-run",
    )
)
@click.argument("folder", required=False)
@click.argument("dataset", nargs=-1)
@click.option(
    "--file",
    "file",
    type=click.File(encoding="utf-8"),
    help="Register what this YAML file says: one item or a list of them; - reads stdin.",
)
@click.option("--add", is_flag=True, help="Keep the datasets that are registered already.")
@click.option(
    "--type",
    "ingestion_type",
    type=click.Choice(registrations.INGESTION_TYPES),
    help="How to refresh these datasets; QuickSight's default is FULL_REFRESH.",
)
@click.option("--usefor", help="A note for people.")
@dry_run
@yes
@as_json
@pass_session
def verb(
    session: Session,
    folder: str | None,
    dataset: tuple[str, ...],
    file: TextIO | None,
    add: bool,
    ingestion_type: str | None,
    usefor: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Register datasets for a folder.

    Each DATASET (an id, an exact name, or the address of its page) is refreshed when a file in
    FOLDER changes. Where others are registered for the folder, you are asked whether to add these
    to them (as --add does) or to replace them (as --yes does). What is wrong is told, and then
    nothing is written.
    """
    only_by_folder = add or ingestion_type or usefor is not None
    if bool(file) == bool(folder) or (folder and not dataset) or (file and only_by_folder):
        raise click.UsageError("give FOLDER and at least one DATASET, or --file and nothing else")
    registered = session.table.by_folder()
    known = datasets.datasets(session.aws)
    shown = False
    if file is not None:
        wanted = registrations.read_yaml(_text(file), file.name)
        wanted = [_in_form(item, registered) for item in wanted]
    else:
        typed, folder = str(folder), registrations.meant_folder(str(folder), registered)
        tell_form(typed, folder)
        refuse_file(session, typed, folder, registered, dataset)
        chosen = [(one.id, one.name) for one in datasets.choose(known, dataset)]
        item_with = functools.partial(
            registrations.with_datasets,
            registered.get(folder),
            folder,
            chosen,
            ingestion_type=ingestion_type,
            usefor=usefor,
        )
        wanted = [item_with(add=add)]
        replaces = registrations.Change(folder, registered.get(folder), wanted[0])
        answer = "" if add or yes or dry_run else add_or_replace(replaces, as_json)
        if answer == "add":
            wanted = [item_with(add=True)]
        shown = answer == "replace"
    refuse_invalid(session, wanted, {one.id: one for one in known})
    changes = registrations.plan(registered, wanted)
    _warn(registered, wanted)
    if file is not None:
        _tell_unread(wanted)
    carry_out(
        session,
        registered,
        changes,
        dry_run=dry_run,
        yes=yes or shown,
        as_json=as_json,
        shown=shown,
    )


def _in_form(item: Item, registered: Mapping[str, Item]) -> Item:
    """Return an item of a file for the folder as it is registered, or is to be: in form NFC."""
    typed = folder_of(item)
    folder = registrations.meant_folder(typed, registered)
    if not typed.endswith("/"):
        return item  # whether it is meant is for the person to say
    tell_form(typed, folder)
    return {**item, KEY: {"S": folder}}


def _warn(registered: Mapping[str, Item], wanted: Sequence[Item]) -> None:
    """Tell what works, but perhaps not as expected."""
    after = {**registered, **{folder_of(item): item for item in wanted}}
    changed = {folder_of(item) for item in wanted}
    for dataset_id, folders in registrations.shared_datasets(after.values()).items():
        if changed & set(folders):
            say(f"Note: the dataset {dataset_id} is registered for {', '.join(folders)}")
    for inner, outer in registrations.nested(after).items():
        if changed & {inner, outer}:
            say(f"Note: files in {inner} refresh only what it registers, not what {outer} does")


def _text(file: TextIO) -> str:
    """Return what a file says.

    Raises:
        OperatorError: it is written in another encoding.
    """
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise OperatorError(
            f"{file.name} is not UTF-8 text ({error.reason}, byte {error.start})",
            "save it as UTF-8 and run the command again",
        ) from error


def _tell_unread(wanted: Sequence[Item]) -> None:
    for name, folders in registrations.unread_fields(wanted).items():
        more = f" and {len(folders) - 1} more" if len(folders) > 1 else ""
        say(f"Note: the field {name} of {folders[0]}{more} is kept, but no refresh reads it")
