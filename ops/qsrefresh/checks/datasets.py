"""The registered datasets: there, of the right kind, and below their daily limit."""

import shlex
from collections.abc import Iterator

from qsrefresh import datasets
from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.checks.folders import again
from qsrefresh.errors import AwsError
from qsrefresh.lookalike import named
from qsrefresh.project import deploying
from qsrefresh.registrations import dataset_ids, folder_of, incremental_ids

_MUCH_OF_THE_LIMIT = 0.75


def registered_datasets(check: Check) -> Iterator[Finding]:
    """Registered datasets."""
    wrong = False
    for item in check.active:
        for text in datasets.problems_with(check.datasets, dataset_ids(item)):
            wrong = True
            yield bad(f"registration of {folder_of(item)}: {text}", again(check, item))
        for dataset_id in set(incremental_ids(item)) & set(check.registered(item)):
            try:
                allowed = datasets.incremental_allowed(check.aws, dataset_id)
            except AwsError as error:
                if not datasets.is_about_one_dataset(error):
                    raise
                wrong = True
                yield _unreadable(check, dataset_id, error)
                continue
            if not allowed:
                wrong = True
                text = f"the dataset {dataset_id} has no incremental refresh set up in QuickSight"
                full = f"{shlex.quote(dataset_id)} --add --type FULL_REFRESH"
                mend = f"qsrefresh register {named(folder_of(item))} {full}"
                yield bad(f"registration of {folder_of(item)}: {text}", mend)
    number = len({one for item in check.active for one in dataset_ids(item)})
    if number and not wrong:
        yield good(f"registered datasets: {number}, all here and SPICE")


def refreshes_today(check: Check) -> Iterator[Finding]:
    """Refreshes in the last 24 hours."""
    ids = sorted({one for item in check.active for one in check.registered(item)})
    if not ids:
        return
    limit, edition = datasets.daily_limit(check.aws)
    counts = datasets.refreshes_today(check.aws, ids, check.aws.now)
    for dataset_id, error in counts.items():
        if isinstance(error, AwsError):
            yield _unreadable(check, dataset_id, error)
    known = {one: count for one, count in counts.items() if not isinstance(count, AwsError)}
    much = {one: count for one, count in known.items() if count > limit * _MUCH_OF_THE_LIMIT}
    mend = f"{deploying(check.project.id)} SET=MinMinutesBetweenRefreshes={24 * 60 // limit}"
    for dataset_id, count in much.items():
        text = (
            f"{check.datasets[dataset_id].name} was refreshed {count} times in the last 24 hours,"
            f" of {limit} ({edition})"
        )
        yield (bad if count >= limit else warning)(text, mend)
    if known and not much:
        most = max(known.values())
        yield good(f"refreshes in the last 24 hours: {most} of {limit} at most ({edition})")


def _unreadable(check: Check, dataset_id: str, error: AwsError) -> Finding:
    name = check.datasets[dataset_id].name
    return warning(f"the dataset {name} ({dataset_id}) cannot be looked at: {error.message}")
