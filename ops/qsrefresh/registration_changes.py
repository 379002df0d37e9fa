"""Carry out a change of registrations: refuse what cannot work, show the plan, then write it."""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import TextIO

from qsrefresh import datasets, registrations
from qsrefresh.errors import InvalidRegistrationError, OperatorError, ProjectNotFoundError
from qsrefresh.lookalike import composed, named
from qsrefresh.options import choose, confirm
from qsrefresh.output import say, write_diff, write_json
from qsrefresh.project import Place, watched_places
from qsrefresh.registrations import Change, Item, folder_of
from qsrefresh.session import Session
from qsrefresh.stopping import stops

#: What files are called that QuickSight reads from S3, or that stand beside them.
#: https://docs.aws.amazon.com/quicksight/latest/user/supported-data-sources.html
_FILE = re.compile(r"\.(clf|csv|elf|gz|jsonl?|log|manifest|parquet|tsv|txt|xlsx?|zip)$", re.I)


def read_text(file: TextIO) -> str:
    """Return what a file says.

    Raises:
        OperatorError: it is written in another encoding, or cannot be read.
    """
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise OperatorError(
            f"{file.name} is not UTF-8 text ({error.reason}, byte {error.start})",
            "save it as UTF-8 and run the command again",
        ) from error


def refuse_invalid(
    session: Session,
    wanted: Sequence[Item],
    known: Mapping[str, datasets.Dataset] | None,
    *,
    only_folders: bool = False,
) -> None:
    """Refuse items that cannot work; datasets are looked at where they are ``known``.

    With ``only_folders`` what else stands in them may be wrong: it was so before.
    """
    places = _places(session)
    problems = []
    for item in wanted:
        folder = folder_of(item)
        whole = [] if only_folders else registrations.problems_of(item)
        found = [f"{field} {text}" for field, text, *_ in whole]
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


def refuse_file(
    session: Session,
    typed: str,
    folder: str,
    registered: Mapping[str, Item],
    chosen: Sequence[str],
) -> None:
    """Refuse the address of a file, and offer its folder."""
    if typed.endswith("/") or folder in registered or not _is_file(session, typed):
        return
    above = typed[: typed.rindex("/") + 1]
    command = shlex.join(["qsrefresh", "register", above, *chosen])
    raise OperatorError(
        f"{typed} is a file: a registration is for a folder, and its files start the refresh",
        f"register the folder that it is in: {command}",
    )


def _is_file(session: Session, typed: str) -> bool:
    """Tell whether an address is that of a file: there is one, or it is called like one."""
    bucket, _, key = typed.removeprefix("s3://").partition("/")
    if not key or bucket not in {place.bucket for place in _places(session)}:
        return False
    if _FILE.search(key):
        return True
    listed = session.aws.call("s3", "list_objects_v2", Bucket=bucket, Prefix=key, MaxKeys=1)
    return any(one["Key"] == key for one in listed.get("Contents", []))


def add_or_replace(change: Change, as_json: bool) -> str:
    """Ask whether to add to what is registered; "" where the change takes no dataset out.

    Raises:
        NotConfirmedError: neither, or there was nobody to ask.
    """
    before, after = change.before or {}, change.after or {}
    kept = registrations.dataset_ids(after)
    gone = [one for one in registrations.dataset_ids(before) if one not in kept]
    if not gone:
        return ""
    if not as_json:
        write_diff(change.diff())
    names = registrations.dataset_names(before)
    listed = ", ".join(names.get(one, one) for one in gone)
    without = "add --add to the command to keep what is registered, or --yes to replace it"
    return choose(
        f"{change.folder} is registered: add to it, or replace it as shown, without {listed}?",
        ("add", "replace", "no"),
        without,
    )


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
    session: Session,
    registered: Mapping[str, Item],
    changes: list[Change],
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    shown: bool = False,
) -> None:
    """Show the plan, and what it stops; then do it, unless it is only to be shown."""
    if not (as_json or shown):
        for change in changes:
            write_diff(change.diff())
    stopped = stops(registered, changes)
    for text in stopped:
        say(f"This stops refreshes: {text}")
    if changes and not dry_run:
        if stopped or any(change.loses for change in changes):
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
