"""The refreshes of a folder as Step Functions keeps them: every run, each read by itself."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from qsrefresh.aws import Aws
from qsrefresh.output import progress
from qsrefresh.project import deployed
from qsrefresh.refresh_run import Run, read_run
from qsrefresh.refreshes import FolderRefresh
from qsrefresh.registrations import Item, nearest
from qsrefresh.session import Session

#: What a run that went wrong is to Step Functions.
_FAILED = ("FAILED", "TIMED_OUT", "ABORTED")


def refreshes(
    session: Session, folder: str, registered: Mapping[str, Item], begin: datetime, failed: bool
) -> list[FolderRefresh]:
    """Return the refreshes of a folder since then, newest first."""
    machine, statuses = session.project.refresh_machine_arn, _FAILED if failed else ()
    found = []
    with deployed(session.project):
        arns = list(_executions_since(session.aws, machine, begin, statuses))
        with progress("Reading runs", len(arns)) as advance:
            for arn in arns:
                run = read_run(session.aws, arn)
                advance()
                if run.is_refresh and _belongs(run, folder, registered):
                    found.append(run.refresh)
    return found


def _executions_since(
    aws: Aws, machine_arn: str, since: datetime, statuses: Sequence[str]
) -> Iterator[str]:
    """Yield the executions that started since then, newest first."""
    found = []
    for status in statuses or ("",):
        wanted = {"statusFilter": status} if status else {}
        for one in aws.members(
            "stepfunctions", "list_executions", "executions", stateMachineArn=machine_arn, **wanted
        ):
            if one["startDate"] < since:
                break  # they come newest first
            found.append((one["startDate"], one["executionArn"]))
    found.sort(key=lambda one: one[0], reverse=True)
    yield from (arn for _, arn in found)


def _belongs(run: Run, folder: str, registered: Mapping[str, Item]) -> bool:
    """Tell whether a run is about a folder: by what was registered then, or else is now."""
    if run.registered_folder:
        return run.registered_folder == folder
    dropped = run.drop_folder
    return bool(dropped) and (nearest(str(dropped), registered) or dropped) == folder
