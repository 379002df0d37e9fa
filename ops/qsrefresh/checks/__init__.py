"""Everything that makes a dropped file silently do nothing, one finding each."""

from collections.abc import Callable, Iterator

from qsrefresh.aws import Aws
from qsrefresh.checks import (
    buckets,
    datasets,
    folders,
    freshness,
    logs,
    mails,
    markers,
    order,
    queues,
    runs,
    sample_files,
    stack,
)
from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good
from qsrefresh.errors import OperatorError, ProjectNotFoundError
from qsrefresh.language import Phrase
from qsrefresh.project import find_project

_NO_SHARED_STACK = Phrase(ja="共有のスタック: {error}", en="shared stack: {error}")
_SHARED_STACK = Phrase(
    ja="プロジェクト{project}の共有のスタック: テーブル{table}とトピックがあります",
    en="shared stack of project {project}: table {table}, topic",
)
_UNCHECKED = Phrase(
    ja="確かめられませんでした（{subject}）: {error}",
    en="{subject} could not be checked: {error}",
)

#: In the order they are told; the first line of a check's docstring is its subject.
_CHECKS: tuple[Callable[[Check], Iterator[Finding]], ...] = (
    stack.refresh_stack,
    buckets.bucket_events,
    folders.registrations,
    sample_files.sample_keys,
    runs.last_runs,
    datasets.registered_datasets,
    order.order,
    markers.markers,
    folders.overlaps,
    folders.folder_names,
    mails.subscribers,
    queues.dead_letter_queues,
    freshness.freshness,
    logs.log_policies,
    datasets.refreshes_today,
)


def findings(aws: Aws, project_id: str | None) -> Iterator[Finding]:
    """Yield what every check found; one that cannot be made is told and the next one is made."""
    try:
        project = find_project(aws, project_id)
    except ProjectNotFoundError as error:
        yield bad(_NO_SHARED_STACK, error.way_out, error=error.message)
        return
    yield good(_SHARED_STACK, project=project.id, table=project.table)
    check = Check(aws, project)
    for one in _CHECKS:
        try:
            yield from one(check)
        except OperatorError as error:
            yield bad(_UNCHECKED, error.way_out, subject=_subject(one), error=error.message)


def _subject(check: Callable[[Check], Iterator[Finding]]) -> str:
    return (check.__doc__ or "").rstrip(".")
