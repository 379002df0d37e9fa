"""The registered folders: valid, watched, and named as people would type them."""

import shlex
from collections.abc import Iterator

from qsrefresh.checks.check import Check, listed
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.lookalike import differences, named, oddities, right_address
from qsrefresh.registrations import (
    Item,
    folder_of,
    nested,
    problem_of_folder,
    problems_of,
    shared_datasets,
    stored_folder,
)


def registrations(check: Check) -> Iterator[Finding]:
    """Registrations."""
    if not check.active:
        mend = "qsrefresh register FOLDER DATASET"
        yield bad("registrations: no folder is registered to refresh a dataset", mend)
        return
    wrong = 0
    for item in check.items:
        where = misplaced(check, folder_of(item))
        texts = [where] if where else []
        texts += [f"{field} {text}" for field, text in problems_of(item)]
        wrong += bool(texts)
        for text in texts:
            mend = moved(check, folder_of(item)) if text == where else again(item)
            yield bad(f"registration of {folder_of(item)}: {text}", mend)
    if not wrong:
        yield good(f"registrations: {len(check.items)}, all valid")


def overlaps(check: Check) -> Iterator[Finding]:
    """Overlaps."""
    for dataset_id, folders in shared_datasets(check.items).items():
        yield warning(
            f"the dataset {dataset_id} is registered for {listed(folders)}: two refreshes at once"
            " queue, or the second ends the first",
            f"qsrefresh show {shlex.quote(folders[0])}",
        )
    for inner, outer in nested([folder_of(item) for item in check.items]).items():
        yield warning(
            f"{inner} is inside {outer}: its files refresh only what it registers itself",
            f"qsrefresh show {shlex.quote(inner)}",
        )


def folder_names(check: Check) -> Iterator[Finding]:
    """Names of folders."""
    folders = [folder_of(item) for item in check.items]
    told = [one for one in folders if misplaced(check, one)]
    for odd in oddities([one for one in folders if one not in told], check.places):
        yield warning(*odd)


def misplaced(check: Check, folder: str) -> str | None:
    """Return why files of a folder start nothing, and which watched one it may be taken for."""
    problem = problem_of_folder(folder, check.places) if check.places else None
    how = differences(folder, right_address(folder, check.places))
    if problem and how and folder.endswith("/"):
        return f"{problem}, but only differs by {', '.join(how)}"
    return problem


def moved(check: Check, folder: str) -> str:
    """Return what mends the address of a registration, as far as it tells what was meant."""
    right = right_address(folder, check.places)
    if right != folder and stored_folder(right) == folder:
        return "watch both Unicode forms first: what is said of the rule"
    if problem_of_folder(right, check.places):
        return f"qsrefresh move {named(folder)} NEW"
    if right in map(folder_of, check.items):
        return f"qsrefresh unregister {named(folder)}"
    return f"qsrefresh move {named(folder)} {shlex.quote(right)}"


def again(item: Item) -> str:
    """Return what registers the folder of an item again."""
    return f"qsrefresh register {shlex.quote(folder_of(item))} DATASET"
