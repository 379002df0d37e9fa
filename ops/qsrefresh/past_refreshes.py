"""The refreshes of a folder in a stretch of time: out of its record, or of its runs if asked."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from qsrefresh import past_executions
from qsrefresh.advice import rerun_command, runs_command
from qsrefresh.errors import OperatorError
from qsrefresh.execution_history import RUNNING
from qsrefresh.folder_record import (
    RING,
    Lead,
    Record,
    RecordedDataset,
    RecordedRun,
    in_order,
)
from qsrefresh.folder_state import execution_of, lead_of, record_of
from qsrefresh.language import Phrase, Sentence, Voice
from qsrefresh.optional_fields import marker
from qsrefresh.output import progress, say
from qsrefresh.past_executions import Waited
from qsrefresh.project import deployed, watched_places
from qsrefresh.refreshes import DatasetResult, FolderRefresh, Outcome, Trouble
from qsrefresh.registrations import (
    Item,
    dataset_names,
    is_ignored,
    meant_folder,
    nearest,
    problem_of_folder,
    with_slash,
)
from qsrefresh.session import Session
from qsrefresh.troubles import died, step_failed

#: Step Functions keeps the history of a run for so long ("Quotas").
_AWS_KEEPS_RUNS = timedelta(days=90)
_AGE = re.compile(r"([0-9]{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FROM_EXECUTIONS = "--from-executions"
_SHARED = Phrase(
    f"登録のないフォルダのファイルは、1つの記録を共有しています。{_FROM_EXECUTIONS} で区別できます",
    "Files of all folders that nobody registered share one record;"
    f" {_FROM_EXECUTIONS} tells them apart",
)
_NOT_REGISTERED = Phrase(
    "注意: {folder} は登録されていません。登録の一覧: qsrefresh list",
    "Note: {folder} is not registered; `qsrefresh list` shows the folders that are",
)
_NO_RUN = Phrase(
    "{folder} の担当として書かれているものは、実行ではありません（{leader}）。"
    "次のファイルが引き継ぎます",
    "What leads {folder} on paper is no run ({leader}): the next file takes over",
)
_ODD_COUNTS = Phrase(
    "{folder} の件数がおかしくなっています。次のファイルが直し、更新します",
    "The counts of {folder} are odd: the next file mends them, and refreshes",
)
_WAITING = Phrase(
    "{folder} のファイルイベント{n}件は、どの更新にも反映されておらず、担当の実行もありません。"
    "その実行が途中で止まったか、次の実行がこれから始まります。手動で更新するには: {command}",
    "{n} file event{s} of {folder}: no refresh covers them, and no run leads it. Their run died, or"
    " the next one is about to start. By hand: {command}",
)
_RING_ENDS = Phrase(
    f"記録にあるのは、{{moment}} からの{RING}回です。それより前: {_FROM_EXECUTIONS}",
    f"The record holds the last {RING} runs, back to {{moment}}. Earlier ones: {_FROM_EXECUTIONS}",
)
_GAP = Phrase(
    "{when}の実行{n}回の記録がありません。途中で止まったか、することがありませんでした。"
    f"{_FROM_EXECUTIONS} で分かります",
    f"{{n}} run{{s}} {{when}} left no record: died, or had nothing to do. {_FROM_EXECUTIONS} tells",
)
_WAITED = Phrase(
    "目印のファイルではなかったため、何も始めなかったファイルイベント: {n}件（最後は{at}、{by}）",
    "{n} file event{s} waited for the folder's marker and started nothing; the last at {at}: {by}",
)
_MARKER = Phrase(
    "目印「{marker}」を待ったファイルは記録に残りません。件数を見るには: {command}",
    "Files that waited for the marker {marker} leave no record. How many did: {command}",
)
_BETWEEN = Phrase("{one} と {other} の間", "between {one} and {other}")
_AFTER = Phrase("{one} よりあと", "after {one}")
#: What the record tells of a run, apart from its datasets: as programs and as people read it.
_NO_MAIL = Phrase("この実行のメールは送れませんでした。", "No mail about it was accepted.")
_NOTHING = Phrase(
    "ファイルのフォルダに、更新できるデータセットが登録されていません。",
    "Nothing that can be refreshed is registered for the file's folder.",
)
_LEFT_OUT = Phrase(
    "記録は{n}件のデータセットを省いています。全体では{refreshed}件が更新されました。",
    "The record leaves out {n} datasets; {refreshed} of all were refreshed.",
)
_OLD = Phrase(
    "1.0.0 は原因を残していません: qsrefresh explain {execution}",
    "1.0.0 kept no cause: qsrefresh explain {execution}",
)
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
        " runs that died, files that waited for their folder's marker, and whole causes. One call"
        " for each run of the project in that time.",
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
        latest_left_none: whether the latest run left no record of itself.
        waited: what waited for the folder's marker, where its runs were read.
    """

    refreshes: Sequence[FolderRefresh]
    notes: Sequence[str] = ()
    latest_left_none: bool = False
    waited: Waited | None = None


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
        return _executed_past(session, named, registered, begin, failed)
    past = _recorded_past(session, kept, registered.get(kept, {}), begin)
    shown = [one for one in past.refreshes if one.started >= begin]
    shared = () if wanted else (session.voice.say(_SHARED),)
    return Past([one for one in shown if one.went_wrong or not failed], [*past.notes, *shared])


def pasts_of_all(
    session: Session, since: timedelta | datetime, from_executions: bool
) -> list[tuple[str, Past]]:
    """Return the refreshes since then of every folder that is to be refreshed: two reads each.

    Files of folders that nobody registered are told of with the watched folder.

    Raises:
        BadParameter: ``since`` is in the future.
    """
    begin = moment_of(session, since, session.aws.now)
    registered = session.table.by_folder()
    folders = [one for one, item in registered.items() if not is_ignored(item)]
    if from_executions:
        return [
            (one, _executed_past(session, one, registered, begin, failed=False)) for one in folders
        ]
    shared = [with_slash(place.folder) for place in watched_places(session.aws, session.project)]
    found = []
    with progress("Reading records", len(folders)) as advance:
        for folder in (*folders, *(one for one in shared if one not in registered)):
            past = _recorded_past(session, folder, registered.get(folder, {}), begin)
            notes = past.notes
            if folder not in registered:
                notes = [session.voice.say(_SHARED), *notes]
            since_then = [one for one in past.refreshes if one.started >= begin]
            kept = replace(past, refreshes=since_then, notes=notes)
            advance()
            if folder in registered or kept.refreshes:
                found.append((folder, kept))
    return found


def last_run_of(session: Session, folder: str) -> str:
    """Return the run that led a folder last: the one that does, or that wrote, or that died.

    Raises:
        OperatorError: no run of it is known, or no file of it starts anything.
    """
    registered = session.table.by_folder()
    named = meant_folder(folder, registered)
    kept = nearest(named, registered) or _shared_folder(session, named)
    past = _recorded_past(session, kept, {}, datetime.min.replace(tzinfo=UTC))
    newest = past.refreshes[0] if past.refreshes else None
    if newest is None or (past.latest_left_none and newest.outcome is not Outcome.RUNNING):
        # A run that died wrote nothing: only Step Functions knows it.
        begin = newest.started if newest else session.aws.now - _AWS_KEEPS_RUNS
        found, _ = past_executions.runs_of(session, kept, registered, begin, failed=True)
        newest = max([*filter(None, [newest]), *found], key=lambda one: one.started, default=None)
    if newest is None:
        raise OperatorError(
            f"no run of {folder} is known: no file came, or AWS no longer keeps its run",
            f"start one: {rerun_command(named)}",
        )
    return newest.execution


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
    say(session.voice.say(_NOT_REGISTERED, folder=folder))
    return next(
        with_slash(place.folder) for place in places if folder.startswith(with_slash(place.folder))
    )


def _executed_past(
    session: Session, folder: str, registered: Mapping[str, Item], begin: datetime, failed: bool
) -> Past:
    """Return all that the folder's runs since then tell."""
    found, waited = past_executions.runs_of(session, folder, registered, begin, failed)
    notes = [_of_waited(session.voice, waited)] if waited else []
    return Past(found, notes, waited=waited)


def _recorded_past(session: Session, folder: str, item: Item, begin: datetime) -> Past:
    """Return all that the folder's two items tell."""
    names = dataset_names(item)
    with deployed(session.project):
        # In this order: a run that ends in between is in the record, and not missing from it.
        lead = lead_of(session.aws, session.project, folder)
        record = record_of(session.aws, session.project, folder)
    told = {run.execution for run in record.runs.values()}
    asked = lead.leader is not None and lead.leader not in told
    leader = execution_of(session.aws, session.project, str(lead.leader)) if asked else None
    ring = in_order(record, lead.turn)
    return Past(
        [*_leading(folder, lead, leader, names), *_recorded(folder, lead, record, names)],
        [
            *_of_lead(session.voice, folder, lead, leader, asked),
            *_of_record(session.voice, record, lead, begin),
            *_of_marker(session.voice, folder, item),
        ],
        bool(ring) and ring[0] is None,
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
    error, cause = str(leader.get("error") or ""), str(leader.get("cause") or "")
    end = died(status, error, cause, "", ", without giving the lead back")
    yield FolderRefresh(
        execution=str(lead.leader),
        folder=folder,
        outcome=outcome,
        started=leader["startDate"].astimezone(UTC),
        ended=stop.astimezone(UTC) if stop else None,
        files=lead.waiting if running else None,
        datasets=[DatasetResult(one, name, result) for one, name in names.items()],
        troubles=[] if running else [end],
        judged=False,
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
                troubles=[] if good else [_told_by_explain(old.execution)],
            )
        )
        found.sort(key=lambda one: one.ended or one.started, reverse=True)
    return found


def _refresh(folder: str, run: RecordedRun, names: Mapping[str, str]) -> FolderRefresh:
    by_id = {one.id: one for one in run.datasets}
    results = [
        _result(by_id[one], names.get(one, one))
        for one in dict.fromkeys((*(known for known in names if known in by_id), *by_id))
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
        troubles=[] if good else list(_troubles(run, len(results))),
    )


def _result(kept: RecordedDataset, name: str) -> DatasetResult:
    return DatasetResult(
        kept.id,
        name,
        kept.status,
        kept.rows,
        kept.skipped,
        kept.seconds,
        error_type=kept.error,
        known=bool(kept.error),
        short=kept.short,
        attempts=kept.attempts,
    )


def _troubles(run: RecordedRun, told: int) -> Iterator[Trouble]:
    if run.problem:
        step, _, error = run.problem.partition(": ")
        yield step_failed(step, error or "an error")
    if not run.mailed:
        yield Trouble("no mail about it was accepted", Sentence(_NO_MAIL))
    if run.registered == 0:
        fact = "nothing that can be refreshed is registered for the file's folder"
        yield Trouble(fact, Sentence(_NOTHING))
    more = (run.registered or 0) - told
    if told and more > 0:
        yield Trouble(
            f"the record leaves out {more} datasets; {run.refreshed} of all were refreshed",
            Sentence(_LEFT_OUT, {"n": more, "refreshed": run.refreshed}),
        )


def _told_by_explain(execution: str) -> Trouble:
    fact = "1.0.0 kept no cause: qsrefresh explain tells it"
    return Trouble(fact, Sentence(_OLD, {"execution": execution}))


# ---- Notes -------------------------------------------------------------------------------------


def _of_lead(
    voice: Voice, folder: str, lead: Lead, leader: Mapping[str, Any] | None, asked: bool
) -> Iterator[str]:
    """Yield what the lead item tells of runs that left no record."""
    if asked and leader is None:
        yield voice.say(_NO_RUN, folder=folder, leader=lead.leader)
    if lead.waiting is None:
        yield voice.say(_ODD_COUNTS, folder=folder)
    elif lead.waiting and lead.leader is None:
        n, command = lead.waiting, rerun_command(folder)
        yield voice.say(_WAITING, n=n, s="s" * (n != 1), folder=folder, command=command)


def _of_waited(voice: Voice, waited: Waited) -> str:
    n, last = waited.files, waited.last
    return voice.say(_WAITED, n=n, s="s" * (n != 1), at=last.started, by=last.started_by)


def _of_marker(voice: Voice, folder: str, item: Item) -> Iterator[str]:
    """Yield where to find what waited for the folder's marker, if it has one."""
    if named := marker(item.get("startson")):
        yield voice.say(_MARKER, marker=named, command=runs_command(folder))


def _of_record(voice: Voice, record: Record, lead: Lead, begin: datetime) -> Iterator[str]:
    """Yield where the record has gaps, and where it ends."""
    ring = in_order(record, lead.turn)
    oldest = next((run for run in reversed(ring) if run), None)
    if oldest and len(ring) == RING and oldest.started > begin:
        yield voice.say(_RING_ENDS, moment=oldest.started)
    newer: RecordedRun | None = None
    gap = 0
    for run in ring:
        if run is None:
            gap += 1
            continue
        if gap and (newer is None or newer.started >= begin):
            when = Sentence(_AFTER, {"one": run.started})
            if newer:
                when = Sentence(_BETWEEN, {"one": run.started, "other": newer.started})
            yield voice.say(_GAP, n=gap, s="s" * (gap != 1), when=when)
        newer, gap = run, 0
