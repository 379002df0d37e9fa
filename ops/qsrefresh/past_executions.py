"""The refreshes of a folder as Step Functions keeps them: every run, each read by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.output import progress
from qsrefresh.project import deployed
from qsrefresh.refresh_run import Run, read_run
from qsrefresh.refreshes import FolderRefresh
from qsrefresh.registrations import Item, nearest
from qsrefresh.session import Session

#: What a run that went wrong is to Step Functions.
_FAILED = ("FAILED", "TIMED_OUT", "ABORTED")


@dataclass(frozen=True)
class Waited:
    """The file events that started nothing: their folder names its marker, and they were none.

    Attributes:
        files: how many.
        last: the run of the last one.
    """

    files: int
    last: FolderRefresh

    def as_json(self) -> dict[str, Any]:
        """Return them for programs: the last one's run, and how many there were."""
        return {**self.last.as_json(), "verdict": "WAITED_FOR_MARKER", "files": self.files}


def runs_of(
    session: Session, folder: str, registered: Mapping[str, Item], begin: datetime, failed: bool
) -> tuple[list[FolderRefresh], Waited | None]:
    """Return the refreshes of a folder since then, newest first, and what waited for its marker.

    Of runs that failed, nothing waited.
    """
    machine, statuses = session.project.refresh_machine_arn, _FAILED if failed else ()
    found, waited = [], []
    with deployed(session.project):
        arns = list(_executions_since(session.aws, machine, begin, statuses))
        with progress("Reading runs", len(arns)) as advance:
            for arn in arns:
                run = read_run(session.aws, arn)
                advance()
                if not _belongs(run, folder, registered):
                    continue
                if run.is_refresh:
                    found.append(run.refresh)
                elif run.waited_for_marker:
                    waited.append(run.refresh)
    return found, Waited(len(waited), waited[0]) if waited else None


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
