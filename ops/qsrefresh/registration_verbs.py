"""The verbs about registrations: which datasets belong to which folder."""

import shlex
from collections.abc import Mapping, Sequence
from typing import TextIO

import click

from qsrefresh import datasets, registrations
from qsrefresh.command import Desk, as_json, confirm, dry_run, example, pass_desk, yes
from qsrefresh.errors import (
    InvalidRegistrationError,
    NotRegisteredError,
    OperatorError,
    ProjectNotFoundError,
)
from qsrefresh.output import say, write, write_diff, write_json, write_table
from qsrefresh.project import Place, watched_places
from qsrefresh.registrations import Change, Item, folder_of

_FOLDER = "s3://BUCKET/dashboard/data/sales/"


@click.command(
    epilog=example(
        f"qsrefresh register {_FOLDER} Sales 'Sales by region'",
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
@pass_desk
def register(
    desk: Desk,
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
    FOLDER changes. The datasets take the place of those registered for the folder before, unless
    --add is given. What is wrong is told, and then nothing is written.
    """
    only_by_folder = add or ingestion_type or usefor is not None
    if bool(file) == bool(folder) or (folder and not dataset) or (file and only_by_folder):
        raise click.UsageError("give FOLDER and at least one DATASET, or --file and nothing else")
    registered = desk.table.by_folder()
    known = datasets.datasets(desk.aws)
    if file is not None:
        wanted = registrations.read_yaml(_text(file), file.name)
    else:
        folder = registrations.meant_folder(str(folder), registered)
        chosen = [(one.id, one.name) for one in datasets.choose(known, dataset)]
        item = registrations.with_datasets(
            registered.get(folder),
            folder,
            chosen,
            add=add,
            ingestion_type=ingestion_type,
            usefor=usefor,
        )
        wanted = [item]
    _refuse_invalid(desk, wanted, {one.id: one for one in known})
    changes = registrations.plan(registered, wanted)
    _warn(registered, wanted)
    if file is not None:
        _tell_unread(wanted)
    _carry_out(desk, changes, dry_run=dry_run, yes=yes, as_json=as_json)


@click.command("list", epilog=example("qsrefresh list", "qsrefresh list --json | jq '.[].S3uri'"))
@as_json
@pass_desk
def list_registrations(desk: Desk, as_json: bool) -> None:
    """List the registered folders."""
    items = desk.table.items()
    if as_json:
        write_json([registrations.plain(item) for item in items])
        return
    if not items:
        say("Nothing is registered. Register a folder: qsrefresh register FOLDER DATASET")
        return
    write_table(("Folder", "Datasets", "Used for"), [_row(item) for item in items])


@click.command(epilog=example(f"qsrefresh show {_FOLDER}"))
@click.argument("folder")
@as_json
@pass_desk
def show(desk: Desk, folder: str, as_json: bool) -> None:
    """Show what files in a folder refresh.

    The nearest registered folder counts: FOLDER itself, or one above it.
    """
    registered = desk.table.by_folder()
    folder = registrations.meant_folder(folder, registered)
    found = registrations.nearest(folder, registered)
    if found is None:
        raise NotRegisteredError(folder)
    if found != folder:
        say(f"{folder} is not registered itself; its files refresh what is registered for {found}")
    item = registered[found]
    for problem in registrations.problems_of(item):
        say(f"Wrong: {problem.field} {problem.text}")
    if as_json:
        write_json(registrations.plain(item))
    else:
        write(registrations.as_yaml([item]).rstrip("\n"))


@click.command(epilog=example("qsrefresh export > registration.yaml"))
@as_json
@pass_desk
def export(desk: Desk, as_json: bool) -> None:
    """Write all registrations as YAML.

    The file is one that `register --file` takes.
    """
    items = desk.table.items()
    if as_json:
        write_json([registrations.plain(item) for item in items])
    else:
        write(registrations.as_yaml(items).rstrip("\n"))


@click.command(epilog=example(f"qsrefresh unregister {_FOLDER}"))
@click.argument("folder")
@dry_run
@yes
@as_json
@pass_desk
def unregister(desk: Desk, folder: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Forget what is registered for a folder.

    Files there then refresh what is registered for a folder above it; if nothing is, an ERROR mail
    says so. For a folder whose files need no refresh, use `ignore`.
    """
    registered = desk.table.by_folder()
    folder = registrations.meant_folder(folder, registered)
    if folder not in registered:
        raise NotRegisteredError(folder)
    changes = registrations.plan_removal(registered, folder)
    _carry_out(desk, changes, dry_run=dry_run, yes=yes, as_json=as_json)


@click.command(epilog=example("qsrefresh ignore s3://BUCKET/dashboard/data/_archive/"))
@click.argument("folder")
@click.option("--off", is_flag=True, help="Ignore the folder no longer.")
@dry_run
@yes
@as_json
@pass_desk
def ignore(desk: Desk, folder: str, off: bool, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Let a folder's files start nothing.

    Files in FOLDER start nothing and mail nothing. The datasets registered for it stay registered;
    --off makes them count again.
    """
    registered = desk.table.by_folder()
    folder = registrations.meant_folder(folder, registered)
    if off:
        _refuse_off(folder, registered)
    wanted = [registrations.with_ignore(registered.get(folder), folder, not off)]
    _refuse_invalid(desk, wanted, None)
    changes = registrations.plan(registered, wanted)
    _carry_out(desk, changes, dry_run=dry_run, yes=yes, as_json=as_json)


@click.command(epilog=example(f"qsrefresh move {_FOLDER} s3://BUCKET/dashboard/data/sales2/"))
@click.argument("old")
@click.argument("new")
@dry_run
@yes
@as_json
@pass_desk
def move(desk: Desk, old: str, new: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Move a registration to another folder.

    What is registered for OLD is then registered for NEW. Both or neither: nobody finds both
    folders registered, or none. The files stay where they are.
    """
    registered = desk.table.by_folder()
    old, new = registrations.meant_folder(old, registered), registrations.with_slash(new)
    if old not in registered:
        raise NotRegisteredError(old)
    changes = registrations.plan_move(registered, old, new)
    _refuse_invalid(desk, [change.after for change in changes if change.after], None)
    _carry_out(desk, changes, dry_run=dry_run, yes=yes, as_json=as_json)


VERBS: tuple[click.Command, ...] = (
    register,
    list_registrations,
    show,
    unregister,
    ignore,
    move,
    export,
)


def _refuse_off(folder: str, registered: Mapping[str, Item]) -> None:
    """Refuse to let a folder count again that would then be registered for nothing."""
    if folder not in registered:
        raise NotRegisteredError(folder)
    if not registrations.entries(registered[folder]):
        named = shlex.quote(folder)
        raise OperatorError(
            f"{folder} has no datasets that could count again",
            f"register some (qsrefresh register {named} DATASET), or forget the folder"
            f" (qsrefresh unregister {named})",
        )


def _refuse_invalid(
    desk: Desk, wanted: Sequence[Item], known: Mapping[str, datasets.Dataset] | None
) -> None:
    """Refuse items that cannot work; datasets are looked at where they are ``known``."""
    places = _places(desk)
    problems = []
    for item in wanted:
        folder = folder_of(item)
        found = [f"{field} {text}" for field, text in registrations.problems_of(item)]
        if places and (where := registrations.problem_of_folder(folder, places)):
            found.insert(0, where)
        if known is not None:
            found += datasets.problems_with(known, registrations.dataset_ids(item))
            found += _not_incremental(desk, item, known)
        problems += [f"{folder}: {text}" for text in found]
    folders = [folder_of(item) for item in wanted]
    twice = sorted({folder for folder in folders if folders.count(folder) > 1})
    problems += [f"{folder}: it is there twice" for folder in twice]
    if problems:
        raise InvalidRegistrationError(problems, "correct this and run the command again")


def _places(desk: Desk) -> tuple[Place, ...]:
    """Return the watched folders; none, and a note, before the refresh stack is deployed."""
    try:
        return watched_places(desk.aws, desk.project)
    except ProjectNotFoundError:
        say(
            "Note: whether these folders are watched is not checked: the refresh stack of project"
            f" {desk.project.id} is not deployed yet"
        )
        return ()


def _not_incremental(desk: Desk, item: Item, known: Mapping[str, datasets.Dataset]) -> list[str]:
    return [
        f"the dataset {known[one].name} ({one}) has no incremental refresh set up in QuickSight"
        " (Enterprise edition, SQL sources only): leave ingestiontype out"
        for one in registrations.incremental_ids(item)
        if one in known
        and known[one].refreshable
        and not datasets.incremental_allowed(desk.aws, one)
    ]


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


def _carry_out(
    desk: Desk, changes: list[Change], *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Show the plan; then do it, unless it is only to be shown."""
    if not as_json:
        for change in changes:
            write_diff(change.diff())
    if changes and not dry_run:
        if any(change.loses for change in changes):
            confirm(f"Write {_counted(changes)} to {desk.table.name}?", yes)
        desk.table.write(changes)
    if as_json:
        write_json([change.as_json() for change in changes])
    if not changes:
        say("Nothing to do: it is registered like that already.")
    elif dry_run:
        say(f"Nothing was written (--dry-run): {_counted(changes)}.")
    else:
        say(f"Written to {desk.table.name}: {_counted(changes)}.")


def _counted(changes: Sequence[Change]) -> str:
    return f"{len(changes)} change{'s' * (len(changes) != 1)}"


def _row(item: Item) -> tuple[str, str, str]:
    plain = registrations.plain(item)
    rows = plain.get("datasets")
    names = [
        str(one.get("datasetname") or one.get("datasetid")) if isinstance(one, dict) else str(one)
        for one in (rows if isinstance(rows, list) else [])
    ]
    what = ", ".join(names)
    if registrations.is_ignored(item):
        what = f"(ignored) {what}".strip()
    elif registrations.problems_of(item):
        what = f"(wrong, see show) {what}".strip()
    return folder_of(item), what, str(plain.get("usefor", ""))
