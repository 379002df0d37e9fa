"""The verbs for what happens now: start a refresh, and see how the folders stand."""

import json
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence

import click

from qsrefresh import folder_state, registrations
from qsrefresh.closed_pipes import nobody_reads
from qsrefresh.command import Desk, as_json, dry_run, example, pass_desk
from qsrefresh.errors import NotRegisteredError, OperatorError
from qsrefresh.folder_state import FolderStatus
from qsrefresh.follow import Follower, Progress, View
from qsrefresh.output import (
    live_table,
    moment,
    one_line,
    say,
    span,
    write,
    write_diff,
    write_json,
    write_table,
)
from qsrefresh.project import watched_places
from qsrefresh.refresh_run import Outcome, Run, console_link
from qsrefresh.registrations import with_slash

_FOLDER = "s3://BUCKET/dashboard/data/sales/"
_EXIT_INTERRUPTED = 130
_SECONDS_BETWEEN_LOOKS = 10
_DATASET_TITLES = ("Dataset", "Status", "Elapsed", "Expected", "Rows")
_STATUS_TITLES = (
    "Folder",
    "Last refresh",
    "Verdict",
    "Age",
    "Running since",
    "Files waiting",
    "Not before",
)


@click.command(
    epilog=example(f"qsrefresh run {_FOLDER}", f"qsrefresh run {_FOLDER} --wait && echo done")
)
@click.argument("folder")
@click.option("--wait", is_flag=True, help="Follow the refresh; end with 0 only on SUCCESS.")
@dry_run
@as_json
@pass_desk
def run(desk: Desk, folder: str, wait: bool, dry_run: bool, as_json: bool) -> None:
    """Refresh a folder's datasets now.

    As if a file had been dropped there: a mail tells how it went, and it counts as one refresh of
    the day. If a refresh of FOLDER is about to start, this joins it; --wait then follows that one.
    Ctrl-C stops watching, not the refresh.
    """
    folder = with_slash(folder)
    _refuse_pointless(desk, folder)
    machine = desk.project.refresh_machine_arn
    given = json.dumps({"folder": folder}, ensure_ascii=False)
    if dry_run:
        if as_json:
            write_json({"stateMachine": machine, "input": json.loads(given)})
        else:
            write_diff([f"+ {given}"])
        say("Nothing was started (--dry-run).")
        return
    started = desk.aws.call(
        "stepfunctions", "start_execution", stateMachineArn=machine, input=given
    )
    arn = started["executionArn"]
    if not wait:
        link = console_link(arn)
        if as_json:
            write_json({"execution": arn, "folder": folder, "link": link})
        else:
            write(arn)
        say(f"Started. To see how it goes: qsrefresh status {shlex.quote(folder)}; {link}")
        return
    say(f"Started: {arn}")
    try:
        follower = _followed(desk, arn)
    except KeyboardInterrupt:
        say(f"\nStopped watching; the refresh goes on: qsrefresh status {shlex.quote(folder)}")
        raise click.exceptions.Exit(_EXIT_INTERRUPTED) from None
    _tell_end(follower, as_json)


@click.command(epilog=example("qsrefresh status", f"qsrefresh status {_FOLDER} --watch"))
@click.argument("folder", required=False)
@click.option("--watch", is_flag=True, help="Look again every 10 seconds, until Ctrl-C.")
@as_json
@pass_desk
def status(desk: Desk, folder: str | None, watch: bool, as_json: bool) -> None:
    """Show how the folders stand.

    The last refresh and its verdict, the run that leads the folder now, the files that no finished
    refresh covers yet, and the time before which the next refresh does not start. Folders that
    are not registered share a row, which is there when files came into one of them.
    """
    if watch and as_json:
        raise click.UsageError("give --watch or --json, not both")

    def look() -> list[FolderStatus]:
        registered = desk.table.by_folder()
        found = folder_state.statuses(desk.aws, desk.project, registered)
        return [_of(folder, found, registered)] if folder else found

    if watch:
        try:
            _watch(desk, look)
        except KeyboardInterrupt:
            raise click.exceptions.Exit(_EXIT_INTERRUPTED) from None
        return
    found = look()
    if as_json:
        write_json([one.as_json() for one in found])
        return
    if not found:
        say("Nothing is registered. Register a folder: qsrefresh register FOLDER DATASET")
        return
    write_table(_STATUS_TITLES, _rows(desk, found))
    _tell_lost(found)


VERBS: tuple[click.Command, ...] = (run, status)


def _registered(desk: Desk, folder: str) -> tuple[str, registrations.Item]:
    """Return the folder whose registration files of ``folder`` refresh, and that registration.

    Raises:
        NotRegisteredError: neither it nor a folder above it is registered.
    """
    registered = desk.table.by_folder()
    found = registrations.nearest(with_slash(folder), registered)
    if found is None:
        raise NotRegisteredError(folder)
    return found, registered[found]


def _refuse_pointless(desk: Desk, folder: str) -> None:
    """Refuse a run that could refresh nothing."""
    problem = registrations.problem_of_folder(folder, watched_places(desk.aws, desk.project))
    if problem:
        raise OperatorError(problem, "`qsrefresh list` shows the folders that can be refreshed")
    nearest, item = _registered(desk, folder)
    if registrations.is_ignored(item):
        named = shlex.quote(nearest)
        again = f"make it count again: qsrefresh ignore {named} --off"
        if not registrations.entries(item):
            again = f"register what to refresh: qsrefresh register {named} DATASET"
        raise OperatorError(f"{nearest} is to be ignored: a run would do nothing", again)
    for problem_of_item in registrations.problems_of(item):
        say(f"Wrong in {nearest}: {problem_of_item.field} {problem_of_item.text}")


# ---- Following ---------------------------------------------------------------------------------


def _followed(desk: Desk, arn: str) -> Follower:
    """Show a run until the refresh that covers it has ended."""
    follower = Follower(desk.aws, desk.project, arn)
    told: set[str] = set()
    with live_table(_DATASET_TITLES) as draw:
        for view in follower.views():
            rows = [_progress_row(one) for one in view.datasets]
            if not draw(_headline(view.run, arn), rows):
                for line in _news(view, arn):
                    if line not in told:
                        told.add(line)
                        say(one_line(line))
    return follower


def _news(view: View, arn: str) -> list[str]:
    """Return what a look saw, where no terminal draws it."""
    return [_headline(view.run, arn), *(f"  {one.name}: {one.status}" for one in view.datasets)]


def _headline(run: Run, arn: str) -> str:
    joined = f"; joined {run.arn}" if run.arn != arn else ""
    if run.outcome is not Outcome.RUNNING:
        return f"{run.outcome.value} after {span(run.seconds)}{joined}"
    return f"{run.execution.last_state or 'Starting'} …{joined}"


def _progress_row(one: Progress) -> tuple[str, str, str, str, str]:
    rows = "-" if one.rows is None else str(one.rows)
    return one.name, one.status, span(one.elapsed), span(one.expected), rows


def _tell_end(follower: Follower, as_json: bool) -> None:
    """Write what came of it.

    Raises:
        OperatorError: it was no SUCCESS.
    """
    run = follower.run
    assert run is not None
    if as_json:
        write_json(run.as_json())
    else:
        write(one_line(f"{run.outcome.value}  {run.folder}  {span(run.seconds)}"))
        if run.datasets:
            write_table(RESULT_TITLES, result_rows(run))
    if run.outcome is not Outcome.SUCCESS:
        told = "; ".join(run.causes) or "it ended without a refresh"
        raise OperatorError(
            one_line(f"the refresh ended as {run.outcome.value}: {told}"),
            f"qsrefresh explain {run.arn}",
        )
    if not follower.covered:
        raise OperatorError(
            f"{run.arn} ended without this run's file, and nobody refreshes it",
            f"run it again: qsrefresh run {shlex.quote(run.folder)} --wait",
        )


RESULT_TITLES = ("Dataset", "Status", "Rows", "Skipped", "Seconds", "Cause")


def result_rows(run: Run) -> Sequence[tuple[str, ...]]:
    """Return what became of each dataset, for a table."""
    return [
        (
            one.name,
            one.status,
            *map(_shown, (one.rows, one.skipped_rows, one.seconds)),
            one.cause or "",
        )
        for one in run.datasets
    ]


def _shown(number: int | None) -> str:
    return "-" if number is None else str(number)


# ---- Status ------------------------------------------------------------------------------------


def _of(
    folder: str, found: Sequence[FolderStatus], registered: Mapping[str, registrations.Item]
) -> FolderStatus:
    """Return how the folder stands whose run files of ``folder`` start.

    Raises:
        NotRegisteredError: it is not registered, and no file came into it.
        OperatorError: it is to be ignored.
    """
    named = registrations.meant_folder(folder, registered)
    rows = {one.state.folder: one for one in found}
    nearest = registrations.nearest(named, {**registered, **rows})
    if nearest is None:
        raise NotRegisteredError(folder)
    if nearest not in rows:
        raise OperatorError(
            f"{nearest} is to be ignored: nothing is refreshed for it",
            f"`qsrefresh show {shlex.quote(nearest)}` shows what is registered",
        )
    return rows[nearest]


def _rows(desk: Desk, found: Sequence[FolderStatus]) -> list[tuple[str, ...]]:
    shared = set() if all(one.registered for one in found) else _shared(desk)
    return [_row(one, shared) for one in found]


def _shared(desk: Desk) -> set[str]:
    """Return the watched folders, by which runs for unregistered folders are led."""
    try:
        return {with_slash(place.folder) for place in watched_places(desk.aws, desk.project)}
    except OperatorError:
        return set()  # only a name is at stake: `check` says what is wrong with the rule


def _watch(desk: Desk, look: Callable[[], list[FolderStatus]]) -> None:
    """Show the folders again and again, until somebody stops it or nobody reads it any more."""
    with live_table(_STATUS_TITLES) as draw:
        while True:
            found = look()
            rows = _rows(desk, found)
            if not draw(moment(found[0].now) if found else "", rows):
                write_table(_STATUS_TITLES, rows)
                if nobody_reads():
                    return
            desk.aws.pause(_SECONDS_BETWEEN_LOOKS)


def _row(one: FolderStatus, shared: Collection[str]) -> tuple[str, ...]:
    state = one.state
    name = state.folder if one.registered else f"{state.folder} (not registered)"
    if not one.registered and state.folder in shared:
        # Files of folders that nobody registered are led together, by the folder that is watched.
        name = f"all unregistered folders below {state.folder}"
    running = f"{moment(one.running_since)}" if one.running_since else "-"
    return (
        name,
        moment(state.last_started),
        state.verdict or "-",
        span(one.age),
        "lost" if one.lost else running,
        str(state.waiting),
        moment(one.next_start) if one.next_start > one.now else "-",
    )


def _tell_lost(found: Sequence[FolderStatus]) -> None:
    for one in found:
        if one.lost:
            say(
                f"The run that leads {one.state.folder} has ended without giving it back; the next"
                f" file takes over. To find out why: qsrefresh explain {one.state.leader}"
            )
