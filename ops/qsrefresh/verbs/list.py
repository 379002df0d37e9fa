"""``qsrefresh list``."""

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
        str(one.get("datasetname") or one.get("datasetid")) if isinstance(one, dict) else str(one)
        for one in (rows if isinstance(rows, list) else [])
    ]
    what = ", ".join(names)
    if registrations.is_ignored(item):
        what = f"(ignored) {what}".strip()
    elif registrations.problems_of(item):
        what = f"(wrong, see show) {what}".strip()
    return folder_of(item), what, str(plain.get("usefor", ""))
