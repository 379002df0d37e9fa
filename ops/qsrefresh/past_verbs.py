"""The verbs for what happened: the last runs of a folder, and one run step by step."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from qsrefresh import explain as explanations
from qsrefresh import report as reports
from qsrefresh.command import Desk, as_json, example, pass_desk
from qsrefresh.errors import OperatorError
from qsrefresh.output import moment, one_line, progress, say, span, write, write_json, write_table
from qsrefresh.project import deployed, watched_places
from qsrefresh.refresh_run import Outcome, Run, executions_since, read_run
from qsrefresh.registrations import Item, nearest, problem_of_folder, with_slash
from qsrefresh.run_verbs import RESULT_TITLES, result_rows

_FOLDER = "s3://BUCKET/dashboard/data/sales/"
_AGE = re.compile(r"([0-9]{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
#: What a run that went wrong is to Step Functions.
_FAILED = ("FAILED", "TIMED_OUT", "ABORTED")
_TITLES = ("Started", "Verdict", "Took", "Files", *RESULT_TITLES)


def _begin(
    _context: click.Context, _parameter: click.Parameter, value: str
) -> timedelta | datetime:
    """Return what the person means: a length of time before now, or a date."""
    if (found := _AGE.fullmatch(value)) and int(found[1]) == 0:
        raise click.BadParameter(f"{value} is no time at all: give one like 12h, 7d or 2w")
    if found:
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        given = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"{value} is neither like 12h, 7d or 2w nor a date like 2026-11-23"
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


since = click.option(
    "--since",
    metavar="WHEN",
    callback=_begin,
    default="7d",
    show_default=True,
    help="How far back: like 12h, 7d, 2w, or a date (UTC). AWS keeps 90 days.",
)


@click.command(
    epilog=example(f"qsrefresh history {_FOLDER}", f"qsrefresh history {_FOLDER} --since 24h")
)
@click.argument("folder")
@since
@click.option("--failed", is_flag=True, help="Only the runs that went wrong.")
@as_json
@pass_desk
def history(
    desk: Desk, folder: str, since: timedelta | datetime, failed: bool, as_json: bool
) -> None:
    """List the last refreshes of a folder.

    Each with what became of every dataset, newest first. Runs that joined another one are left
    out. It takes one call for each run of the project in that time.
    """
    runs = runs_of(desk, folder, since, failed)
    if as_json:
        write_json([run.as_json() for run in runs])
        return
    if runs:
        write_table(_TITLES, [row for run in runs for row in _rows(run)])
        told = next((run for run in runs if run.outcome is not Outcome.SUCCESS), runs[0])
        say(f"What the run of {moment(told.execution.started)} did: qsrefresh explain {told.arn}")
    else:
        say(f"No{' failed' * failed} refresh of {folder} in that time. Look further back: --since")


@click.command(
    epilog=example(
        "qsrefresh explain 'https://…/v2/executions/details/arn:…'",
        "qsrefresh explain EXECUTION --json",
    )
)
@click.argument("execution", metavar="EXECUTION|MAIL-LINK")
@as_json
@pass_desk
def explain(desk: Desk, execution: str, as_json: bool) -> None:
    """Tell what a run did, and why it ended so.

    Give the link that stands in the mail (in quotes), or an execution's ARN or name.
    """
    found = explanations.explain(desk.aws, desk.project, execution)
    if as_json:
        write_json(found.as_json())
        return
    run = found.run
    write(one_line(f"{run.outcome.value}  {run.folder}"))
    write(run.link)
    took = f"; it took {span(run.seconds)}" if run.seconds is not None else ""
    write(one_line(f"Started by {run.started_by}, {moment(run.execution.started)}{took}"))
    for line in found.lines():
        write(one_line(f"  {line.at:%H:%M:%S}  {line.text}"))
    write("Why:")
    for text in found.why():
        write(one_line(f"  - {text}"))


@click.command(epilog=example(f"qsrefresh report {_FOLDER} --since 4w --html report.html"))
@click.argument("folder")
@click.option(
    "--html",
    "file",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Where to write the page; - is stdout.",
)
@since
@as_json
@pass_desk
def report(desk: Desk, folder: str, file: str, since: timedelta | datetime, as_json: bool) -> None:
    """Write a page about a folder's refreshes.

    Pictures of durations and rows over time, and each run with its datasets: one file that loads
    nothing from elsewhere. A page that is there already is replaced.
    """
    if file == "-" and as_json:
        raise click.UsageError("stdout can take the page or JSON, not both")
    now = desk.aws.now
    runs = runs_of(desk, folder, since)
    content = reports.page(with_slash(folder), runs, _moment_of(since, now), now)
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


VERBS: tuple[click.Command, ...] = (history, explain, report)


def runs_of(
    desk: Desk, folder: str, since: timedelta | datetime, failed: bool = False
) -> list[Run]:
    """Return the refreshes of a folder, newest first.

    Raises:
        BadParameter: ``since`` is in the future.
        OperatorError: no file of the folder starts anything.
    """
    begin = _moment_of(since, desk.aws.now)
    registered = desk.table.by_folder()
    wanted = nearest(with_slash(folder), registered)
    if wanted is None:
        wanted = with_slash(folder)
        _refuse_unwatched(desk, wanted)
    machine = desk.project.refresh_machine_arn
    statuses = _FAILED if failed else ()
    with deployed(desk.project):
        return list(_refreshes(desk, wanted, registered, machine, begin, statuses))


def _moment_of(since: timedelta | datetime, now: datetime) -> datetime:
    begin = now - since if isinstance(since, timedelta) else since
    if begin >= now:
        raise click.BadParameter(
            f"{moment(begin)} is in the future: it is {moment(now)}", param_hint="'--since'"
        )
    return begin


def _refuse_unwatched(desk: Desk, folder: str) -> None:
    """Refuse an unregistered folder that nobody watches; tell that others are not registered."""
    problem = problem_of_folder(folder, watched_places(desk.aws, desk.project))
    if problem:
        raise OperatorError(problem, "`qsrefresh list` shows the folders that are registered")
    say(f"Note: {folder} is not registered; `qsrefresh list` shows the folders that are")


def _refreshes(
    desk: Desk,
    folder: str,
    registered: Mapping[str, Item],
    machine: str,
    begin: datetime,
    statuses: tuple[str, ...],
) -> Iterator[Run]:
    arns = list(executions_since(desk.aws, machine, begin, statuses))
    with progress("Reading runs", len(arns)) as advance:
        for arn in arns:
            run = read_run(desk.aws, arn)
            advance()
            if run.is_refresh and _belongs(run, folder, registered):
                yield run


def _belongs(run: Run, folder: str, registered: Mapping[str, Item]) -> bool:
    """Tell whether a run is about a folder: by what was registered then, or else is now."""
    if run.registered_folder:
        return run.registered_folder == folder
    dropped = run.drop_folder
    return bool(dropped) and (nearest(str(dropped), registered) or dropped) == folder


def _rows(run: Run) -> Iterator[tuple[str, ...]]:
    files = "-" if run.files is None else str(run.files)
    head = (moment(run.execution.started), run.outcome.value, span(run.seconds), files)
    results = result_rows(run)
    of_datasets = {f"{one.name}: {one.cause}" for one in run.datasets}
    others = "; ".join(cause for cause in run.causes if cause not in of_datasets)
    if others or not results:
        yield (*head, "", "", "", "", "", others)
        head = ("", "", "", "")
    for row in results:
        yield (*head, *row)
        head = ("", "", "", "")
