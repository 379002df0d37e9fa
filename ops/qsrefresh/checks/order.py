"""Datasets made of datasets: is each refreshed after those that it reads?"""

import shlex
from collections.abc import Iterator, Mapping, Sequence

from qsrefresh.checks.check import Check, listed
from qsrefresh.checks.finding import Finding, note, warning
from qsrefresh.dataset_parents import parents
from qsrefresh.errors import AccessDeniedError, AwsError
from qsrefresh.registrations import (
    Item,
    dataset_ids,
    folder_of,
    missing_order,
    order_of,
    with_order,
)

_ADD_ON = "addons/start-after.yaml starts a folder when another one was refreshed"


def order(check: Check) -> Iterator[Finding]:
    """Order of the datasets."""
    ids = sorted({one for item in check.active for one in check.registered(item)})
    found = parents(check.aws, ids) if len(ids) > 1 else {}
    made_of = {one: known for one, known in found.items() if not isinstance(known, AwsError)}
    for item in check.active:
        yield from _too_early(check, item, made_of)
        yield from _elsewhere(check, item, made_of)
    yield from _unknown(check, found)


def _too_early(check: Check, item: Item, made_of: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    folder = shlex.quote(folder_of(item))
    mended = order_of(with_order(item, made_of))
    for child, lacking in missing_order(item, made_of).items():
        names = [check.datasets[one].name for one in lacking if one in check.datasets]
        text = (
            f"{check.datasets[child].name} is made of {listed(names)}, and is refreshed beside it:"
            f" it then shows the data from before; it lacks after: {list(lacking)}"
        )
        mend = f"qsrefresh register {folder} {shlex.quote(child)} --add"
        if not set(lacking) <= set(mended[child]):
            text, mend = f"{text}; what is registered goes the other way round", ""
        yield warning(text, mend)


def _elsewhere(check: Check, item: Item, made_of: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    here = order_of(item)
    for child in here:
        for parent in made_of.get(child, ()):
            others = [one for one in check.active if parent in dataset_ids(one)]
            if parent not in here and others:
                text = (
                    f"{check.datasets[child].name} of {folder_of(item)} is made of a dataset that"
                    f" {folder_of(others[0])} refreshes: folders are not refreshed in an order"
                )
                yield note(text, _ADD_ON)


def _unknown(check: Check, found: Mapping[str, list[str] | AwsError]) -> Iterator[Finding]:
    """Yield why the order could not be checked, each reason once."""
    reasons: dict[str, list[str]] = {}
    ways_out: dict[str, str] = {}
    for dataset_id, error in found.items():
        if isinstance(error, AwsError):
            reasons.setdefault(error.message, []).append(check.datasets[dataset_id].name)
            ways_out[error.message] = error.way_out if isinstance(error, AccessDeniedError) else ""
    for reason, names in reasons.items():
        text = f"the order of {listed(names)} could not be checked: {reason}"
        yield note(text, ways_out[reason])
