"""``qsrefresh register``."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

import click

from qsrefresh import datasets, registrations
from qsrefresh.dataset_parents import parents
from qsrefresh.errors import AwsError, NotRegisteredError
from qsrefresh.optional_fields import FRESH_WITHIN_HOURS, MIN_ROWS, RETRIES, SETTLE_SECONDS
from qsrefresh.options import FOLDER, as_json, dry_run, example, yes
from qsrefresh.output import say
from qsrefresh.registration_changes import (
    add_or_replace,
    carry_out,
    read_text,
    refuse_file,
    refuse_invalid,
    tell_form,
)
from qsrefresh.registrations import KEY, Item, folder_of
from qsrefresh.session import Session, pass_session


@click.command(
    epilog=example(
        f"qsrefresh register {FOLDER} Sales 'Sales by region'",
        f"qsrefresh register {FOLDER} --starts-on _SUCCESS --fresh-within 26",
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
    "ingestiontype",
    type=click.Choice(registrations.INGESTION_TYPES),
    help="How to refresh these datasets; QuickSight's default is FULL_REFRESH.",
)
@click.option(
    "--after",
    multiple=True,
    metavar="DATASET",
    help="Refresh these datasets after that one of the folder; may be given several times.",
)
@click.option(
    "--no-order",
    is_flag=True,
    help="Do not look which of them are made of others, to refresh those first.",
)
@click.option(
    "--minrows",
    type=click.IntRange(0, MIN_ROWS[1]),
    help="Fewer rows in these datasets are an ERROR; 0 takes the limit out.",
)
@click.option(
    "--retries",
    type=click.IntRange(*RETRIES),
    help="How often to try these datasets again after a failure that may pass.",
)
@click.option(
    "--settle",
    "settleseconds",
    type=click.IntRange(*SETTLE_SECONDS),
    help="Seconds without a new file before this folder's refresh starts.",
)
@click.option(
    "--starts-on",
    "startson",
    metavar="NAME",
    help="Only this file starts the folder's refresh, such as _SUCCESS or '*.done'; '': every one.",
)
@click.option(
    "--fresh-within",
    "freshwithin",
    type=click.IntRange(*FRESH_WITHIN_HOURS),
    help="Mail when no refresh of this folder succeeded for so many hours; 0: never.",
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
    ingestiontype: str | None,
    after: tuple[str, ...],
    no_order: bool,
    minrows: int | None,
    retries: int | None,
    settleseconds: int | None,
    startson: str | None,
    freshwithin: int | None,
    usefor: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Register datasets for a folder.

    Each DATASET (an id, an exact name, or the address of its page) is refreshed when a file in
    FOLDER changes. Where others are registered for the folder, you are asked whether to add these
    to them (as --add does) or to replace them (as --yes does). What is wrong is told, and then
    nothing is written. A dataset that is made of others of the folder is refreshed after them. With
    no DATASET, those that are registered stay, and only what is given of the folder changes.
    """
    of_each = {
        "ingestiontype": ingestiontype,
        "minrows": "" if minrows == 0 else minrows,
        "retries": retries,
    }
    of_folder = {
        "usefor": usefor,
        "settleseconds": settleseconds,
        "startson": startson,
        "freshwithin": freshwithin,
    }
    about_datasets = add or no_order or after or _given(of_each)
    enough = dataset or (_given(of_folder) and not about_datasets)
    if (
        bool(file) == bool(folder)
        or (folder and not enough)
        or (file and (about_datasets or _given(of_folder)))
    ):
        raise click.UsageError(
            "give FOLDER and at least one DATASET, FOLDER and what else it should do, or --file and"
            " nothing else"
        )
    registered = session.table.by_folder()
    known = datasets.datasets(session.aws)
    shown = False
    if file is not None:
        wanted = registrations.read_yaml(read_text(file), file.name)
        wanted = [_in_form(item, registered) for item in wanted]
    else:
        typed, folder = str(folder), registrations.meant_folder(str(folder), registered)
        tell_form(typed, folder)
        refuse_file(session, typed, folder, registered, dataset)
        if not dataset and folder not in registered:
            raise NotRegisteredError(folder, registered)
        chosen = [(one.id, one.name) for one in datasets.choose(known, dataset)]
        item_with = functools.partial(
            _item_with,
            registered.get(folder),
            folder,
            chosen,
            [one.id for one in datasets.choose(known, after)],
            functools.cache(lambda: {} if no_order else _made_of(session, chosen)),
            of_each=of_each,
            of_folder=of_folder,
        )
        wanted = [item_with(add=add or not dataset)]
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


def _given(fields: Mapping[str, object]) -> bool:
    return any(value is not None for value in fields.values())


def _item_with(
    item: Item | None,
    folder: str,
    chosen: Sequence[tuple[str, str]],
    after: Sequence[str],
    made_of: Callable[[], dict[str, list[str]]],
    *,
    add: bool,
    of_each: Mapping[str, object],
    of_folder: Mapping[str, object],
) -> Item:
    """Return the item with the chosen datasets, in the order asked for, and parents first."""
    wanted = registrations.with_datasets(
        item, folder, chosen, add=add, of_each=of_each, of_folder=of_folder
    )
    names = dict(chosen)
    wanted = registrations.with_after(wanted, {one: after for one in names if one not in after})
    if len(registrations.dataset_ids(wanted)) < 2:
        return wanted
    wanted = registrations.with_order(wanted, made_of())
    for dataset_id in registrations.missing_order(wanted, made_of()):
        say(
            f"Note: {names[dataset_id]} is made of a dataset that is registered to come after it:"
            " that order is left as it is"
        )
    return wanted


def _made_of(session: Session, chosen: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Return what each of the chosen datasets is made of, where QuickSight tells."""
    names, made_of = dict(chosen), {}
    for dataset_id, found in parents(session.aws, list(names)).items():
        if isinstance(found, AwsError):
            say(
                f"Note: what {names[dataset_id]} is made of could not be looked at: {found.message}"
            )
        else:
            made_of[dataset_id] = found
    return made_of


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


def _tell_unread(wanted: Sequence[Item]) -> None:
    for name, folders in registrations.unread_fields(wanted).items():
        more = f" and {len(folders) - 1} more" if len(folders) > 1 else ""
        say(f"Note: the field {name} of {folders[0]}{more} is kept, but no refresh reads it")
