"""``qsrefresh export``."""

import click

from qsrefresh import registrations
from qsrefresh.options import as_json, example
from qsrefresh.output import write, write_json
from qsrefresh.session import Session, pass_session


@click.command(epilog=example("qsrefresh export > registration.yaml"))
@as_json
@pass_session
def verb(session: Session, as_json: bool) -> None:
    """Write all registrations as YAML.

    The file is one that `register --file` takes.
    """
    items = session.table.items()
    if as_json:
        write_json([registrations.plain(item) for item in items])
    else:
        write(registrations.as_yaml(items).rstrip("\n"))
