"""``qsrefresh datasets``."""

from typing import Any

import click

from qsrefresh import datasets
from qsrefresh.datasets import Dataset, Refresh
from qsrefresh.errors import AwsError
from qsrefresh.language import Voice
from qsrefresh.options import as_json, example
from qsrefresh.output import say, write_json, write_table
from qsrefresh.session import Session, pass_session


@click.command(
    epilog=example("qsrefresh datasets", "qsrefresh datasets sales", "qsrefresh datasets --quick"),
)
@click.argument("search", required=False)
@click.option("--quick", is_flag=True, help="Do not ask for the last refreshes: one call each.")
@as_json
@pass_session
def verb(session: Session, search: str | None, quick: bool, as_json: bool) -> None:
    """List the datasets, with their last refresh.

    With SEARCH, only those with that text in their name. A direct query has no SPICE data: it
    cannot be refreshed, and needs no refresh.
    """
    found = [
        one for one in datasets.datasets(session.aws) if (search or "").lower() in one.name.lower()
    ]
    ids = [] if quick else [one.id for one in found if one.refreshable]
    last = datasets.last_refreshes(session.aws, ids)
    if as_json:
        write_json(
            [
                {
                    "id": one.id,
                    "name": one.name,
                    "importMode": one.import_mode,
                    "refreshable": one.refreshable,
                    **_last_as_json(last.get(one.id)),
                }
                for one in found
            ]
        )
        return
    if not found:
        named = f" with {search} in its name" if search else ""
        say(f"No dataset{named} in the Region {session.aws.region}. Another Region? (--region)")
    elif quick:
        write_table(
            ("Name", "Id", "Import mode"), [(one.name, one.id, one.import_mode) for one in found]
        )
    else:
        write_table(
            ("Name", "Id", "Last refresh", "Status"),
            [_row(session.voice, one, last.get(one.id)) for one in found],
        )


def _row(voice: Voice, one: Dataset, last: Refresh | AwsError | None) -> tuple[str, str, str, str]:
    if isinstance(last, AwsError):
        return one.name, one.id, voice.moment(None), last.message
    status = last.status if last else "-"
    if not one.refreshable:
        status = "cannot be refreshed (direct query)"
    return one.name, one.id, voice.moment(last.created if last else None), status


def _last_as_json(last: Refresh | AwsError | None) -> dict[str, Any]:
    """Return the last refresh, and why it is not known, for programs."""
    refresh = last.as_json() if isinstance(last, Refresh) else None
    return {"lastRefresh": refresh, "problem": last.message if isinstance(last, AwsError) else None}
