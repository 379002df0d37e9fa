"""The refreshes of a folder in a stretch of time: out of its record, or of its runs if asked."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from qsrefresh import past_executions
from qsrefresh.errors import OperatorError
from qsrefresh.execution_history import RUNNING
from qsrefresh.folder_record import RING, Lead, Record, RecordedRun, in_order
from qsrefresh.folder_state import execution_of, lead_of, record_of
from qsrefresh.language import Voice
from qsrefresh.output import say
from qsrefresh.project import deployed, watched_places
from qsrefresh.refreshes import DatasetResult, FolderRefresh, Outcome
from qsrefresh.registrations import dataset_names, nearest, problem_of_folder, with_slash
from qsrefresh.session import Session

_AGE = re.compile(r"([0-9]{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FROM_EXECUTIONS = "--from-executions"
_SHARED = (
    "Files of all folders that nobody registered share one record;"
    f" {_FROM_EXECUTIONS} tells them apart"
)
_ENDS = {
    "ABORTED": "it was stopped",
    "TIMED_OUT": "it ran out of time",
    "FAILED": "it ended with an unexpected error",
}
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _begin(
    _context: click.Context, _parameter: click.Parameter, value: str
) -> timedelta | datetime:
    """Return what the person means: a length of time before now, or a date."""
    if (found := _AGE.fullmatch(value)) and int(found[1]) == 0:
        raise click.BadParameter(f"{value} is no time at all: give one like 12h, 7d or 2w")
    if found:
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"{value} is neither like 12h, 7d or 2w nor a date like 2026-11-23"
        ) from None


def which(command: _Command) -> _Command:
    """Add the options that say which refreshes are meant, and where they are read."""
    command = click.option(
        _FROM_EXECUTIONS,
        is_flag=True,
        help="Read every run from Step Functions instead of the folder's record: the last 90 days,"
        " runs that died, and whole causes. One call for each run of the project in that time.",
    )(command)
    return click.option(
        "--since",
        metavar="WHEN",
        callback=_begin,
        default="7d",
        show_default=True,
        help="How far back: like 12h, 7d, 2w, or a date.",
    )(command)


@dataclass(frozen=True)
class Past:
    """The refreshes of a folder, newest first.

    Attributes:
        notes: what a person has to know beside them.
    """

    refreshes: Sequence[FolderRefresh]
    notes: Sequence[str] = ()


def past_of(
    session: Session,
    folder: str,
    since: timedelta | datetime,
    from_executions: bool,
    failed: bool = False,
) -> Past:
    """Return the refreshes of a folder since then.

    Raises:
        BadParameter: ``since`` is in the future.
        OperatorError: no file of the folder starts anything.
    """
    begin = moment_of(session, since, session.aws.now)
    registered = session.table.by_folder()
    wanted = nearest(with_slash(folder), registered)
    kept = wanted or _shared_folder(session, with_slash(folder))
    if from_executions:
        named = wanted or with_slash(folder)
        return Past(past_executions.refreshes(session, named, registered, begin, failed))
    past = _recorded_past(session, kept, dataset_names(registered.get(kept, {})), begin)
    shown = [one for one in past.refreshes if one.started >= begin]
    shared = () if wanted else (_SHARED,)
    return Past([one for one in shown if one.went_wrong or not failed], [*past.notes, *shared])


def moment_of(session: Session, since: timedelta | datetime, now: datetime) -> datetime:
    """Return the moment that is meant.

    Raises:
        BadParameter: it is in the future.
    """
    begin = now - since if isinstance(since, timedelta) else session.voice.meant(since)
    if begin >= now:
        shown, shown_now = map(session.voice.moment, (begin, now))
        raise click.BadParameter(
            f"{shown} is in the future: it is {shown_now}", param_hint="'--since'"
        )
    return begin


def _shared_folder(session: Session, folder: str) -> str:
    """Return the watched folder by which runs for an unregistered folder are led.

    Raises:
        OperatorError: nobody watches it.
    """
    places = watched_places(session.aws, session.project)
    problem = problem_of_folder(folder, places)
    if problem:
        raise OperatorError(problem, "`qsrefresh list` shows the folders that are registered")
    say(f"Note: {folder} is not registered; `qsrefresh list` shows the folders that are")
    return next(
        with_slash(place.folder) for place in places if folder.startswith(with_slash(place.folder))
    )


def _recorded_past(
    session: Session, folder: str, names: Mapping[str, str], begin: datetime
) -> Past:
    """Return all that the folder's two items tell."""
    with deployed(session.project):
        # In this order: a run that ends in between is in the record, and not missing from it.
        lead = lead_of(session.aws, session.project, folder)
        record = record_of(session.aws, session.project, folder)
    told = {run.execution for run in record.runs.values()}
    asked = lead.leader is not None and lead.leader not in told
    leader = execution_of(session.aws, session.project, str(lead.leader)) if asked else None
    return Past(
        [*_leading(folder, lead, leader, names), *_recorded(folder, lead, record, names)],
        [*_of_lead(folder, lead, leader, asked), *_of_record(session.voice, record, lead, begin)],
    )


# ---- Refreshes ---------------------------------------------------------------------------------


def _leading(
    folder: str, lead: Lead, leader: Mapping[str, Any] | None, names: Mapping[str, str]
) -> Iterator[FolderRefresh]:
    """Yield the run that leads and has not told of its end: it goes on, or it died."""
    if leader is None:
        return
    status, stop = leader["status"], leader.get("stopDate")
    running = status == RUNNING
    outcome, result = (Outcome.RUNNING, RUNNING) if running else (Outcome.DIED, "UNKNOWN")
    more = ": ".join(leader[name] for name in ("error", "cause") if leader.get(name))
    cause = f"{_ENDS.get(status, f'it ended as {status}')}{f' ({more})' * bool(more)}"
    yield FolderRefresh(
        execution=str(lead.leader),
        folder=folder,
        outcome=outcome,
        started=leader["startDate"].astimezone(UTC),
        ended=stop.astimezone(UTC) if stop else None,
        files=lead.waiting if running else None,
        datasets=[DatasetResult(one, name, result) for one, name in names.items()],
        causes=[] if running else [f"{cause}, without giving the lead back"],
    )


def _recorded(
    folder: str, lead: Lead, record: Record, names: Mapping[str, str]
) -> list[FolderRefresh]:
    """Return what the record tells, and the last refresh that 1.0.0 wrote into the lead item."""
    runs = [run for run in in_order(record, lead.turn) if run]
    found = [_refresh(folder, run, names) for run in runs]
    old = lead.last
    if old.execution and old.started and old.execution not in {run.execution for run in runs}:
        good = old.verdict == Outcome.SUCCESS.value
        found.append(
            FolderRefresh(
                execution=old.execution,
                folder=folder,
                outcome=Outcome.SUCCESS if good else Outcome.ERROR,
                started=old.started,
                ended=old.ended,
                causes=[] if good else ["1.0.0 kept no cause: qsrefresh explain tells it"],
            )
        )
        found.sort(key=lambda one: one.ended or one.started, reverse=True)
    return found


def _refresh(folder: str, run: RecordedRun, names: Mapping[str, str]) -> FolderRefresh:
    by_id = {one.id: one for one in run.datasets}
    results = [
        DatasetResult(one, names.get(one, one), kept.status, kept.rows, kept.skipped, kept.seconds)
        for one in dict.fromkeys((*(known for known in names if known in by_id), *by_id))
        for kept in (by_id[one],)
    ]
    good = run.verdict == Outcome.SUCCESS.value and run.mailed
    return FolderRefresh(
        execution=run.execution,
        folder=folder,
        outcome=Outcome.SUCCESS if good else Outcome.ERROR,
        started=run.started,
        ended=run.ended,
        files=run.file_events,
        datasets=results,
        causes=[] if good else list(_causes(run, results)),
    )


def _causes(run: RecordedRun, results: Sequence[DatasetResult]) -> Iterator[str]:
    if run.problem:
        step, _, error = run.problem.partition(": ")
        yield f"the step {step} failed with {error or 'an error'}"
    if not run.mailed:
        yield "no mail about it was accepted"
    if run.registered == 0:
        yield "nothing that can be refreshed is registered for the file's folder"
    yield from (f"{one.name}: {one.cause}" for one in results if one.cause)
    more = (run.registered or 0) - len(results)
    if results and more > 0:
        yield f"the record leaves out {more} datasets; {run.refreshed} of all were refreshed"


# ---- Notes -------------------------------------------------------------------------------------


def _of_lead(
    folder: str, lead: Lead, leader: Mapping[str, Any] | None, asked: bool
) -> Iterator[str]:
    """Yield what the lead item tells of runs that left no record."""
    if asked and leader is None:
        yield f"What leads {folder} on paper is no run ({lead.leader}): the next file takes over"
    if lead.waiting is None:
        yield f"The counts of {folder} are odd: the next file mends them, and refreshes"
    elif lead.waiting and lead.leader is None:
        yield (
            f"{lead.waiting} file event{'s' * (lead.waiting != 1)} of {folder}: no refresh covers"
            " them, and no run leads it. Their run died, or the next one is about to start."
            f" By hand: qsrefresh run {shlex.quote(folder)} --wait"
        )


def _of_record(voice: Voice, record: Record, lead: Lead, begin: datetime) -> Iterator[str]:
    """Yield where the record has gaps, and where it ends."""
    ring = in_order(record, lead.turn)
    oldest = next((run for run in reversed(ring) if run), None)
    if oldest and len(ring) == RING and oldest.started > begin:
        yield (
            f"The record holds the last {RING} runs, back to {voice.moment(oldest.started)}."
            f" Earlier ones: {_FROM_EXECUTIONS}"
        )
    newer: RecordedRun | None = None
    gap = 0
    for run in ring:
        if run is None:
            gap += 1
            continue
        if gap and (newer is None or newer.started >= begin):
            began = voice.moment(run.started)
            when = f"between {began} and {voice.moment(newer.started)}" if newer else ""
            yield (
                f"{gap} run{'s' * (gap != 1)} {when or f'after {began}'} left no"
                f" record: died, or had nothing to do. {_FROM_EXECUTIONS} tells"
            )
        newer, gap = run, 0
