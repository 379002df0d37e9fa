"""``qsrefresh list``."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from qsrefresh import registrations
from qsrefresh.options import as_json, example
from qsrefresh.output import say, write_json, write_table
from qsrefresh.registrations import Item, folder_of
from qsrefresh.session import Session, pass_session


@click.command(epilog=example("qsrefresh list", "qsrefresh list --json | jq '.[].S3uri'"))
@as_json
@pass_session
def verb(session: Session, as_json: bool) -> None:
    """List the registered folders."""
    items = session.table.items()
    if as_json:
        write_json([registrations.plain(item) for item in items])
        return
    if not items:
        say("Nothing is registered. Register a folder: qsrefresh register FOLDER DATASET")
        return
    write_table(("Folder", "Datasets", "Used for"), [_row(item) for item in items])


def _row(item: Item) -> tuple[str, str, str]:
    plain = registrations.plain(item)
    rows = plain.get("datasets")
    names = [
        _dataset(one) if isinstance(one, dict) else str(one)
        for one in (rows if isinstance(rows, list) else [])
    ]
    what = "; ".join([", ".join(names), *_promises(plain)])
    if registrations.is_ignored(item):
        what = f"(ignored) {what}".strip()
    elif registrations.problems_of(item):
        what = f"(wrong, see show) {what}".strip()
    return folder_of(item), what, str(plain.get("usefor", ""))


def _dataset(row: Mapping[str, Any]) -> str:
    """Return a dataset's name, and whether it waits for others."""
    name = str(row.get("datasetname") or row.get("datasetid"))
    after = row.get("after")
    return f"{name} (after {len(after)})" if isinstance(after, list) and after else name


def _promises(plain: Mapping[str, Any]) -> Iterator[str]:
    """Yield when the folder's refresh starts, and how old its data may be."""
    if "startson" in plain:
        yield f"starts on {plain['startson']}"
    if "settleseconds" in plain:
        yield f"settles for {plain['settleseconds']} s"
    if "freshwithin" in plain:
        yield f"fresh within {plain['freshwithin']} h"
