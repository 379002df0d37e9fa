"""``qsrefresh report``."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from qsrefresh import report as reports
from qsrefresh.errors import OperatorError
from qsrefresh.options import FOLDER, as_json, example
from qsrefresh.output import say, write_json
from qsrefresh.past_refreshes import moment_of, past_of, which
from qsrefresh.registrations import with_slash
from qsrefresh.session import Session, pass_session


@click.command(epilog=example(f"qsrefresh report {FOLDER} --since 4w --html report.html"))
@click.argument("folder")
@click.option(
    "--html",
    "file",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Where to write the page; - is stdout.",
)
@which
@as_json
@pass_session
def verb(
    session: Session,
    folder: str,
    file: str,
    since: timedelta | datetime,
    from_executions: bool,
    as_json: bool,
) -> None:
    """Write a page about a folder's refreshes.

    Pictures of durations and rows over time, and each run with its datasets: one file that loads
    nothing from elsewhere. A page that is there already is replaced. It is about the last 30 runs,
    which the folder's record holds; --from-executions finds more.
    """
    if file == "-" and as_json:
        raise click.UsageError("stdout can take the page or JSON, not both")
    now = session.aws.now
    past = past_of(session, folder, since, from_executions)
    runs = past.refreshes
    content = reports.page(
        with_slash(folder), past, moment_of(session, since, now), now, session.voice
    )
    if file == "-":
        click.echo(content, nl=False)
        return
    try:
        Path(file).write_text(content, encoding="utf-8")
    except OSError as error:
        raise OperatorError(
            f"{file} cannot be written: {error.strerror}", "give another FILE with --html"
        ) from error
    if as_json:
        write_json({"file": file, "runs": len(runs)})
    say(f"Written: {file}, {len(runs)} refresh{'es' * (len(runs) != 1)}.")
