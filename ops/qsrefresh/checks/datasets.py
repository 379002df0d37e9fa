"""The registered datasets: there, of the right kind, and below their daily limit."""

import shlex
from collections.abc import Iterator

from qsrefresh import datasets
from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.checks.folders import REGISTRATION, again
from qsrefresh.errors import AwsError
from qsrefresh.language import Phrase
from qsrefresh.lookalike import named
from qsrefresh.project import deploying
from qsrefresh.registrations import dataset_ids, folder_of, incremental_ids

_MUCH_OF_THE_LIMIT = 0.75

_ALL_HERE = Phrase(
    ja="登録されているデータセット: {n}件。どれもあり、SPICEです",
    en="registered datasets: {n}, all here and SPICE",
)
_OFTEN = Phrase(
    ja="{name}は24時間に{n}回更新されました。上限は{most}回です（{edition}）",
    en="{name} was refreshed {n} times in the last 24 hours, of {most} ({edition})",
)
_TODAY = Phrase(
    ja="24時間の更新: 多くて{n}回、上限は{most}回です（{edition}）",
    en="refreshes in the last 24 hours: {n} of {most} at most ({edition})",
)
_UNREADABLE = Phrase(
    ja="データセット{name}（{id}）を調べられません: {error}",
    en="the dataset {name} ({id}) cannot be looked at: {error}",
)


def registered_datasets(check: Check) -> Iterator[Finding]:
    """Registered datasets."""
    wrong = False
    for item in check.active:
        for text in datasets.problems_with(check.datasets, dataset_ids(item)):
            wrong = True
            yield bad(REGISTRATION, again(check, item), folder=folder_of(item), problem=text)
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
                yield bad(REGISTRATION, mend, folder=folder_of(item), problem=text)
    number = len({one for item in check.active for one in dataset_ids(item)})
    if number and not wrong:
        yield good(_ALL_HERE, n=number)


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
        about = {"name": check.datasets[dataset_id].name, "n": count, "most": limit}
        level = bad if count >= limit else warning
        yield level(_OFTEN, mend, **about, edition=edition)
    if known and not much:
        yield good(_TODAY, n=max(known.values()), most=limit, edition=edition)


def _unreadable(check: Check, dataset_id: str, error: AwsError) -> Finding:
    name = check.datasets[dataset_id].name
    return warning(_UNREADABLE, name=name, id=dataset_id, error=error.message)
