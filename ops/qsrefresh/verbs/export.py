"""``qsrefresh export``."""

import click

from qsrefresh import registrations
from qsrefresh.options import as_json, example
from qsrefresh.output import write_json
from qsrefresh.session import Session, pass_session


@click.command(epilog=example("qsrefresh export > registration.yaml"))
@as_json
@pass_session
def verb(session: Session, as_json: bool) -> None:
    """Write all registrations as YAML.

    With nothing lost, in UTF-8 whatever the terminal: `qsrefresh export | qsrefresh apply -`
    changes nothing. What does not show stands as an escape, in double quotes.
    """
    items = session.table.items()
    if as_json:
        write_json([registrations.plain(item) for item in items])
    else:
        click.echo(registrations.as_yaml(items).encode("utf-8"), nl=False)
