"""The refreshes of a folder in a stretch of time, and the option that says which."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import click

from qsrefresh.errors import OperatorError
from qsrefresh.output import moment, progress, say
from qsrefresh.project import deployed, watched_places
from qsrefresh.refresh_run import Run, executions_since, read_run
from qsrefresh.registrations import Item, nearest, problem_of_folder, with_slash
from qsrefresh.session import Session

_AGE = re.compile(r"([0-9]{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
#: What a run that went wrong is to Step Functions.
_FAILED = ("FAILED", "TIMED_OUT", "ABORTED")


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


def runs_of(
    session: Session, folder: str, since: timedelta | datetime, failed: bool = False
) -> list[Run]:
    """Return the refreshes of a folder, newest first.

    Raises:
        BadParameter: ``since`` is in the future.
        OperatorError: no file of the folder starts anything.
    """
    begin = moment_of(since, session.aws.now)
    registered = session.table.by_folder()
    wanted = nearest(with_slash(folder), registered)
    if wanted is None:
        wanted = with_slash(folder)
        _refuse_unwatched(session, wanted)
    machine = session.project.refresh_machine_arn
    statuses = _FAILED if failed else ()
    with deployed(session.project):
        return list(_refreshes(session, wanted, registered, machine, begin, statuses))


def moment_of(since: timedelta | datetime, now: datetime) -> datetime:
    """Return the moment that is meant.

    Raises:
        BadParameter: it is in the future.
    """
    begin = now - since if isinstance(since, timedelta) else since
    if begin >= now:
        raise click.BadParameter(
            f"{moment(begin)} is in the future: it is {moment(now)}", param_hint="'--since'"
        )
    return begin


def _refuse_unwatched(session: Session, folder: str) -> None:
    """Refuse an unregistered folder that nobody watches; tell that others are not registered."""
    problem = problem_of_folder(folder, watched_places(session.aws, session.project))
    if problem:
        raise OperatorError(problem, "`qsrefresh list` shows the folders that are registered")
    say(f"Note: {folder} is not registered; `qsrefresh list` shows the folders that are")


def _refreshes(
    session: Session,
    folder: str,
    registered: Mapping[str, Item],
    machine: str,
    begin: datetime,
    statuses: tuple[str, ...],
) -> Iterator[Run]:
    arns = list(executions_since(session.aws, machine, begin, statuses))
    with progress("Reading runs", len(arns)) as advance:
        for arn in arns:
            run = read_run(session.aws, arn)
            advance()
            if run.is_refresh and _belongs(run, folder, registered):
                yield run


def _belongs(run: Run, folder: str, registered: Mapping[str, Item]) -> bool:
    """Tell whether a run is about a folder: by what was registered then, or else is now."""
    if run.registered_folder:
        return run.registered_folder == folder
    dropped = run.drop_folder
    return bool(dropped) and (nearest(str(dropped), registered) or dropped) == folder
