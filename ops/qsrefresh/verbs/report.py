"""``qsrefresh report``."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import click

from qsrefresh.errors import OperatorError
from qsrefresh.options import FOLDER, as_json, example
from qsrefresh.output import say, write_json
from qsrefresh.past_refreshes import moment_of, past_of, pasts_of_all, which
from qsrefresh.registrations import with_slash
from qsrefresh.report import Report, Section
from qsrefresh.session import Session, pass_session


@click.command(
    epilog=example(
        "qsrefresh report --html report.html",
        f"qsrefresh report {FOLDER} --since 4w --html report.html",
    )
)
@click.argument("folder", required=False)
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
    folder: str | None,
    file: str,
    since: timedelta | datetime,
    from_executions: bool,
    as_json: bool,
) -> None:
    """Write a page about refreshes.

    Pictures of durations and rows over time, and each run with its datasets, why it did not end
    well and what to do: one file that loads nothing from elsewhere. A page that is there already is
    replaced. It is about the last 30 runs of a folder, which its record holds; --from-executions
    finds more. Without FOLDER, all registered folders are on it: a row each, then a section each.
    """
    if file == "-" and as_json:
        raise click.UsageError("stdout can take the page or JSON, not both")
    with _target(file) as target:
        now = session.aws.now
        pasts = (
            [(with_slash(folder), past_of(session, folder, since, from_executions))]
            if folder
            else pasts_of_all(session, since, from_executions)
        )
        sections = [Section(one, past) for one, past in pasts]
        report = Report(session.voice, session.project, moment_of(session, since, now), now)
        content = report.page(sections[0]) if folder else report.page_of_all(sections)
        if target is None:
            click.echo(content.encode("utf-8"), nl=False)
            return
        _write(target, content)
    runs = sum(len(past.refreshes) for _, past in pasts)
    if as_json:
        more = {} if folder else {"folders": len(sections)}
        write_json({"file": file, "runs": runs, **more})
    say(f"Written: {file}, {runs} refresh{'es' * (runs != 1)}.")


@contextmanager
def _target(file: str) -> Iterator[Path | None]:
    """Yield where to write, None for stdout; it is tried before anything is read.

    Raises:
        OperatorError: nothing can be written there.
    """
    if file == "-":
        yield None
        return
    path = Path(file)
    new = not path.exists()
    _write(path, None)
    try:
        yield path
    except BaseException:
        if new:
            path.unlink(missing_ok=True)
        raise


def _write(path: Path, content: str | None) -> None:
    try:
        if content is None:
            path.open("ab").close()
        else:
            path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise OperatorError(
            f"{path} cannot be written: {error.strerror}", "give another FILE with --html"
        ) from error
