"""The registered folders: valid, watched, and named as people would type them."""

import difflib
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from qsrefresh.checks.check import SHOWN, Check, listed
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.datasets import Dataset, id_in_address
from qsrefresh.errors import OperatorError
from qsrefresh.language import Phrase
from qsrefresh.lookalike import differences, named, oddities, right_address
from qsrefresh.registrations import (
    Item,
    entries,
    folder_of,
    is_ignored,
    nested,
    problem_of_folder,
    problems_of,
    shared_datasets,
    stored_folder,
)
from qsrefresh.unregistered import unregistered_folders

#: How much of a name must be right for another to be taken for a slip of the pen.
_NEAR = 0.8
#: What people type who mean that a folder is not ignored.
_NO = re.compile(r"'(false|no|off|0|)'", re.I)

#: What is wrong with it is told in English, as when it is registered.
REGISTRATION = Phrase(ja="{folder}の登録: {problem}", en="registration of {folder}: {problem}")
_NONE = Phrase(
    ja="登録: データセットを更新するフォルダが1つも登録されていません",
    en="registrations: no folder is registered to refresh a dataset",
)
_VALID = Phrase(ja="登録: {n}件、どれも正しい形です", en="registrations: {n}, all valid")
_SHARED = Phrase(
    ja="データセット{id}が複数のフォルダに登録されています: {folders}。同時に更新すると、順番待ち"
    "になるか、後の更新が前の更新を"
    "終わらせます。両方のファイルを読む場合だけ、これで正しいです",
    en="the dataset {id} is registered for {folders}: two refreshes at once queue, or the second"
    " ends the first; good only if it reads the files of both",
)
_NESTED = Phrase(
    ja="{inner}は{outer}の中にあります。そこのファイルは、{inner}に登録されたものだけを更新します",
    en="{inner} is inside {outer}: its files refresh only what it registers itself",
)


def registrations(check: Check) -> Iterator[Finding]:
    """Registrations."""
    if not check.active:
        folders = unregistered_folders(
            check.aws, check.places, [folder_of(one) for one in check.items]
        )
        mends = [f"qsrefresh register {named(one)} DATASET" for one in folders[:SHOWN]]
        mend = "\n".join(mends) or "qsrefresh register FOLDER DATASET"
        yield bad(_NONE, mend)
        return
    wrong = False
    for item in check.items:
        folder = folder_of(item)
        texts: dict[str, list[str]] = {}
        if where := misplaced(check, folder):
            texts[moved(check, folder)] = [where]
        # Files of an ignored folder start nothing: what else stands there is read by nobody.
        problems = [] if is_ignored(item) else problems_of(item)
        for field, text, *_ in problems:
            mend = _mended(check, item, [one.field for one in problems])
            texts.setdefault(mend, []).append(f"{field} {text}")
        for mend, found in texts.items():
            wrong = True
            yield bad(REGISTRATION, mend, folder=folder, problem="; ".join(found))
    if not wrong:
        yield good(_VALID, n=len(check.items))


def _mended(check: Check, item: Item, wrong: Sequence[str]) -> str:
    """Return what mends the wrong fields of an item: an odd `ignore` is meant as it reads."""
    folder = named(folder_of(item))
    if "ignore" in wrong and not _NO.search(str(item["ignore"])):
        return f"qsrefresh ignore {folder}"
    return f"qsrefresh ignore {folder} --off" if list(wrong) == ["ignore"] else again(check, item)


def overlaps(check: Check) -> Iterator[Finding]:
    """Overlaps."""
    for dataset_id, folders in shared_datasets(check.items).items():
        yield warning(_SHARED, id=dataset_id, folders=listed(folders))
    for inner, outer in nested([folder_of(item) for item in check.items]).items():
        yield warning(_NESTED, inner=inner, outer=outer)


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
        return ""  # what is said of the rule mends it: both Unicode forms are to be watched
    if problem_of_folder(right, check.places):
        right = _nearly_watched(check, right)
    if not right or right in map(folder_of, check.items):
        return f"qsrefresh unregister {named(folder)}"
    return f"qsrefresh move {named(folder)} {shlex.quote(right)}"


def _nearly_watched(check: Check, folder: str) -> str:
    """Return the watched folder that a slip of the pen made of this one; "" if none is near."""
    for place in check.places:
        depth = place.folder.count("/")
        parts = folder.split("/")
        pairs = zip(parts[:depth], place.folder.split("/"), strict=False)
        near = len(parts) > depth and all(
            difflib.SequenceMatcher(None, *pair).ratio() >= _NEAR for pair in pairs
        )
        right = place.folder + "/".join(parts[depth:])
        if near and not problem_of_folder(right, check.places):
            return right
    return ""


def again(check: Check, item: Item) -> str:
    """Return what registers the datasets of a folder again that are there and can be refreshed.

    One that is gone may be there under another id, or a name that is nearly the same.
    """
    try:
        known = [one for one in check.datasets.values() if one.refreshable]
    except OperatorError:
        known = []  # what is registered is wrong all the same
    meant = (_meant(known, row) for row in entries(item))
    ids = list(dict.fromkeys(one for one in meant if one)) or ["DATASET"]
    return " ".join(("qsrefresh register", named(folder_of(item)), *map(shlex.quote, ids)))


def _meant(known: Sequence[Dataset], row: dict[str, Any]) -> str | None:
    """Return the id of the dataset that a row means."""
    dataset_id, name = (_text(row.get(field)) for field in ("datasetid", "datasetname"))
    written = (dataset_id, id_in_address(dataset_id))
    found = [one.id for one in known if one.id in written]
    near = difflib.get_close_matches(name, [one.name for one in known], n=1, cutoff=_NEAR)
    found += [one.id for one in known if near and one.name == near[0]]
    return found[0] if found else None


def _text(value: Any) -> str:
    found = value.get("S") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
