"""What is registered for a folder: read it, say what is wrong with it, plan its change.

Items are kept as DynamoDB gives them out, so that nothing in them is lost on the way. The rule of
what makes an item valid is that of ``functions/check_ingestion_status/registration.py``; a property
test keeps both in step.
"""

import difflib
import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from qsrefresh.errors import InvalidRegistrationError, OperatorError
from qsrefresh.lookalike import composed
from qsrefresh.optional_fields import (
    FRESH_WITHIN_HOURS,
    MIN_ROWS,
    RETRIES,
    SETTLE_SECONDS,
    ids,
    in_circles,
    is_list_of_ids,
    marker,
    whole_number,
)
from qsrefresh.project import Place, folder_names
from qsrefresh.safe_text import visible

Item = dict[str, Any]

KEY = "S3uri"
INGESTION_TYPES = ("FULL_REFRESH", "INCREMENTAL_REFRESH")
INCREMENTAL = "INCREMENTAL_REFRESH"
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_MAX_KEY_BYTES = 1024
_NUMBERS_OF_FOLDER = {"settleseconds": SETTLE_SECONDS, "freshwithin": FRESH_WITHIN_HOURS}
#: What counts instead where a folder's own number is wrong.
_PARAMETERS = {"settleseconds": "SettleSeconds", "freshwithin": "StaleAfterHours"}
_NUMBERS_OF_DATASET = {"minrows": MIN_ROWS, "retries": RETRIES}
FIELDS = (KEY, "usefor", "ignore", "settleseconds", "startson", "freshwithin", "datasets")
_ENTRY_FIELDS = ("datasetid", "datasetname", "ingestiontype", "after", *_NUMBERS_OF_DATASET)
#: The order people write an item in; DynamoDB keeps none.
_ORDER = (*FIELDS, *_ENTRY_FIELDS)
#: How much of a field's name must be right for it to be taken for a slip of the pen.
_ALIKE = 0.8
_FIX_FILE = "correct it and register again; events/SampleIngestionParameter.yaml is an example"


class Problem(NamedTuple):
    """What is wrong with one field of an item.

    ``cause`` names the mail's words about it in meanings.toml, ``values`` what only they need.
    """

    field: str
    text: str
    cause: str
    values: tuple[tuple[str, object], ...] = ()


# ---- Reading ----------------------------------------------------------------------------------


def folder_of(item: Item) -> str:
    """Return the folder that an item registers."""
    return _text(item.get(KEY))


def is_ignored(item: Item) -> bool:
    """Tell whether files of the folder start nothing."""
    return _part(item.get("ignore"), "BOOL") is True


def entries(item: Item) -> list[dict[str, Any]]:
    """Return the registered datasets' fields, those of no use left out."""
    listed = _part(item.get("datasets"), "L")
    fields = [_part(entry, "M") for entry in listed] if isinstance(listed, list) else []
    return [entry for entry in fields if isinstance(entry, dict)]


def dataset_ids(item: Item) -> list[str]:
    """Return the ids of the registered datasets, each once."""
    ids = [_text(entry.get("datasetid")) for entry in entries(item)]
    return list(dict.fromkeys(one for one in ids if one))


def dataset_names(item: Item) -> dict[str, str]:
    """Return the datasets that a run refreshes, id → name: those without a mistake, each once."""
    return {
        dataset_id: _text(entry.fields["datasetname"])
        for dataset_id, entry in _valid_entries(item).items()
    }


def order_of(item: Item) -> dict[str, list[str]]:
    """Return the datasets that a run refreshes, each with those of them that come before it."""
    valid = _valid_entries(item)
    return {
        dataset_id: [
            one for one in ids(entry.fields.get("after")) if one in valid and one != dataset_id
        ]
        for dataset_id, entry in valid.items()
    }


def minima(item: Item) -> dict[str, int]:
    """Return how many rows each dataset that a run refreshes has to have; 0 where nobody said."""
    return {
        dataset_id: whole_number(entry.fields.get("minrows"), MIN_ROWS) or 0
        for dataset_id, entry in _valid_entries(item).items()
    }


class _Entry(NamedTuple):
    place: int
    fields: dict[str, Any]


def _valid_entries(item: Item) -> dict[str, _Entry]:
    """Return the datasets that a run refreshes, by id; of several with one id the first."""
    listed = _part(item.get("datasets"), "L")
    found: dict[str, _Entry] = {}
    for index, entry in enumerate(listed if isinstance(listed, list) else []):
        if not list(_problems_of_entry(entry, "")):
            fields = entry["M"]
            found.setdefault(_text(fields["datasetid"]), _Entry(index, fields))
    return found


def incremental_ids(item: Item) -> list[str]:
    """Return the ids of the datasets that are to be refreshed incrementally."""
    return [
        _text(entry.get("datasetid"))
        for entry in entries(item)
        if _text(entry.get("ingestiontype")) == INCREMENTAL
    ]


def plain(item: Item) -> dict[str, Any]:
    """Return an item as JSON writes it."""
    from boto3.dynamodb.types import TypeDeserializer  # slow to import, and few verbs need it

    read = TypeDeserializer().deserialize
    return {name: _ordered(read(item[name])) for name in _in_order(item)}


def as_yaml(items: Sequence[Item]) -> str:
    """Return items as a file that ``register --file`` and ``apply`` take, with nothing lost."""
    from qsrefresh import registration_yaml  # slow to import, and few verbs need it

    return registration_yaml.dump(items, _in_order)


def parse_yaml(text: str, name: str) -> list[Item]:
    """Return the items of a file: one, a list of them, or none where its list is empty.

    Raises:
        InvalidRegistrationError: it is not such a file.
    """
    items = _items(text, name)
    if problems := [text for number, item in enumerate(items, 1) for text in _no_key(item, number)]:
        raise InvalidRegistrationError(problems, _FIX_FILE)
    return items


def read_yaml(text: str, name: str) -> list[Item]:
    """Return the items of a file as a person writes it: one, or a list of them.

    Raises:
        InvalidRegistrationError: it is not such a file, or a field is misspelt.
    """
    items = _items(text, name)
    problems = [
        problem
        for number, item in enumerate(items, 1)
        for problem in (
            [f"item {number}{wrong}" for wrong in misspelt(item)] or _no_key(item, number)
        )
    ]
    if problems or not items:
        raise InvalidRegistrationError(problems or [f"{name} holds no item"], _FIX_FILE)
    return items


def _items(text: str, name: str) -> list[Item]:
    from qsrefresh import registration_yaml  # slow to import, and few verbs need it

    if not text.strip():
        raise InvalidRegistrationError([f"{name} is empty"], _FIX_FILE)
    try:
        return [_part(one, "M") or {} for one in registration_yaml.load(text, name)]
    except ValueError as error:
        raise InvalidRegistrationError([str(error)], _FIX_FILE) from error


def _no_key(item: Item, number: int) -> Iterator[str]:
    if not folder_of(item):
        yield f"item {number} of the file has no {KEY} with the folder's address"


def misspelt(item: Item) -> Iterator[str]:
    """Yield which fields of an item look like a slip of the pen, with the place before each."""
    yield from (f": {text}" for text in _misspelt(item, FIELDS))
    for index, entry in enumerate(entries(item)):
        yield from (f", datasets[{index}]: {text}" for text in _misspelt(entry, _ENTRY_FIELDS))


def _misspelt(names: Iterable[object], known: Sequence[str]) -> Iterator[str]:
    for name in map(str, names):
        meant = None if name in _ORDER else _meant(name, known)
        if meant:
            yield f"the field {name} is not known: write {meant}"


def _meant(name: str, known: Sequence[str]) -> str | None:
    """Return the known field that a name differs from by case, a separator or a slip of the pen."""
    plain_names = {one.lower(): one for one in known}
    written = re.sub("[-_ ]", "", name).lower()
    alike = difflib.get_close_matches(written, plain_names, n=1, cutoff=_ALIKE)
    return plain_names[alike[0]] if alike and abs(len(alike[0]) - len(written)) <= 1 else None


def unread_fields(items: Iterable[Item]) -> dict[str, list[str]]:
    """Return the fields that the application does not read: name → folders of their items."""
    found: dict[str, list[str]] = {}
    for item in items:
        names = [name for name in item if name not in FIELDS]
        for entry in entries(item):
            names += [f"datasets[].{name}" for name in entry if name not in _ENTRY_FIELDS]
        for name in dict.fromkeys(names):
            found.setdefault(name, []).append(folder_of(item))
    return found


# ---- What is wrong with an item ----------------------------------------------------------------


def problems_of(item: Item) -> list[Problem]:
    """Return what the application will complain about when it reads this item."""
    return [
        *_problems_of_ignore(item),
        *_problems_of_list(item),
        *_problems_of_entries(item),
        *_problems_of_order(item),
        *_problems_of_folder(item),
        *_problems_of_all_wishes(item),
    ]


def _problems_of_ignore(item: Item) -> Iterator[Problem]:
    if "ignore" in item and not isinstance(_part(item["ignore"], "BOOL"), bool):
        yield Problem("ignore", "must be true or false, without quotes", "ignore_not_boolean")


def _problems_of_list(item: Item) -> Iterator[Problem]:
    if "datasets" not in item:
        if not is_ignored(item):
            text = "is missing: list the datasets, or set ignore: true"
            yield Problem("datasets", text, "datasets_absent")
        return
    listed = _part(item["datasets"], "L")
    if not isinstance(listed, list):
        yield Problem("datasets", "must be a list", "datasets_not_list")
    elif not listed:
        yield Problem("datasets", "holds no dataset", "datasets_empty")


def _problems_of_entries(item: Item) -> Iterator[Problem]:
    listed = _part(item.get("datasets"), "L")
    first: dict[str, int] = {}
    for index, entry in enumerate(listed if isinstance(listed, list) else []):
        wrong = list(_problems_of_entry(entry, f"datasets[{index}]"))
        yield from wrong
        if wrong:
            continue
        dataset_id = _text(entry["M"]["datasetid"])
        if dataset_id in first:
            text = f"has the id of dataset number {first[dataset_id]}: it is there twice"
            values = (("first_number", first[dataset_id]),)
            yield Problem(f"datasets[{index}].datasetid", text, "registered_twice", values)
        first.setdefault(dataset_id, index + 1)


def _problems_of_entry(entry: object, field: str) -> Iterator[Problem]:
    fields = _part(entry, "M")
    if not isinstance(fields, dict):
        yield Problem(field, "must have a datasetid and a datasetname", "entry_not_map")
        return
    for name in ("datasetid", "datasetname"):
        if not _text(fields.get(name)):
            text = "is missing or empty, or no text (put it in quotes)"
            yield Problem(f"{field}.{name}", text, "text_missing")
    if "ingestiontype" in fields and _text(fields["ingestiontype"]) not in INGESTION_TYPES:
        text = f"must be {' or '.join(INGESTION_TYPES)}, or be left out"
        yield Problem(f"{field}.ingestiontype", text, "ingestiontype_wrong")


def _problems_of_order(item: Item) -> Iterator[Problem]:
    order = order_of(item)
    circles = in_circles(order)
    for dataset_id, entry in _valid_entries(item).items():
        field = f"datasets[{entry.place}].after"
        if dataset_id in circles:
            text = "goes in a circle: the dataset could not start"
            yield Problem(field, text, "after_circle")
        for one in dict.fromkeys(ids(entry.fields.get("after"))):
            if one == dataset_id:
                values = (("parent", visible(one)),)
                yield Problem(field, "names the dataset itself", "after_itself", values)
            elif one not in order:
                text = f"names {visible(one)}, which is no dataset of this folder"
                yield Problem(field, text, "after_unknown", (("parent", visible(one)),))


def _problems_of_numbers(
    fields: Item, bounds: Mapping[str, tuple[int, int]], where: str
) -> Iterator[Problem]:
    for name, (least, most) in bounds.items():
        if name in fields and whole_number(fields[name], (least, most)) is None:
            text = f"must be a whole number from {least} to {most}, without quotes"
            values = (("least", least), ("most", most), ("parameter", _PARAMETERS.get(name)))
            cause = "folder_number_wrong" if name in _PARAMETERS else "number_wrong"
            yield Problem(f"{where}{name}", text, cause, values)


def _problems_of_folder(item: Item) -> Iterator[Problem]:
    yield from _problems_of_numbers(item, _NUMBERS_OF_FOLDER, "")
    if "startson" in item and marker(item["startson"]) is None:
        text = "must be the name of a file: no slash, one asterisk at most"
        yield Problem("startson", text, "startson_wrong")


def _problems_of_all_wishes(item: Item) -> Iterator[Problem]:
    listed = _part(item.get("datasets"), "L")
    for index, entry in enumerate(listed if isinstance(listed, list) else []):
        fields = _part(entry, "M")
        if isinstance(fields, dict):
            yield from _problems_of_wishes(fields, f"datasets[{index}]")


def _problems_of_wishes(fields: dict[str, Any], field: str) -> Iterator[Problem]:
    if "after" in fields and not is_list_of_ids(fields["after"]):
        yield Problem(f"{field}.after", "must be a list of datasetids", "after_not_list")
    yield from _problems_of_numbers(fields, _NUMBERS_OF_DATASET, f"{field}.")


def problem_of_folder(folder: str, places: Sequence[Place]) -> str | None:
    """Return why files of a folder would never start a refresh, None if they would."""
    bucket, slash, key = folder.removeprefix("s3://").partition("/")
    if not folder.startswith("s3://") or not bucket or not slash:
        return "the folder must be written s3://BUCKET/FOLDER/"
    if not folder.endswith("/"):
        return f"the folder must end with a slash: {folder}/"
    if len(key.encode("utf-8", "replace")) > _MAX_KEY_BYTES:
        return f"the folder is longer than S3 allows ({_MAX_KEY_BYTES} bytes)"
    if bucket not in {place.bucket for place in places}:
        return f"the bucket {bucket} is not watched; watched: {folder_names(places)}"
    if not any(bucket == place.bucket and key.startswith(place.prefix) for place in places):
        text = f"the folder is not under the watched folder {folder_names(places)}"
        if any(composed(folder).startswith(composed(place.folder)) for place in places):
            text += " (its Unicode form differs: `qsrefresh check` says how to watch both)"
        return text
    return None


def shared_datasets(items: Iterable[Item]) -> dict[str, list[str]]:
    """Return the datasets that several folders refresh: id → folders."""
    folders: dict[str, list[str]] = {}
    for item in items:
        if not is_ignored(item):
            for dataset_id in dataset_ids(item):
                folders.setdefault(dataset_id, []).append(folder_of(item))
    return {one: sorted(where) for one, where in folders.items() if len(where) > 1}


def with_slash(folder: str) -> str:
    """Return a folder as registrations write it."""
    return folder if folder.endswith("/") else f"{folder}/"


def stored_folder(folder: str) -> str:
    """Return the address to register: with its last slash, in the Unicode form NFC."""
    return with_slash(composed(folder))


def meant_folder(folder: str, registered: Collection[str]) -> str:
    """Return the folder that people mean, who leave its last slash out, or copy it from a Mac.

    An item that lacks the slash itself is meant by its own address: it must be possible to mend.
    What does not show may be given by its number, as it is told: [U+200B].
    """
    for given in (folder, with_slash(folder)):
        if given in registered:
            return given
        if shown := next((one for one in registered if visible(one) == given), None):
            return shown
    stored = stored_folder(folder)
    forms = (one for one in sorted(registered) if composed(one) == stored)
    return stored if stored in registered else next(forms, stored)


def nested(folders: Collection[str]) -> dict[str, str]:
    """Return the folders inside a registered one: folder → the nearest that it is taken out of."""
    found = {folder: nearest(_parent(folder), folders) for folder in sorted(folders)}
    return {inner: outer for inner, outer in found.items() if outer}


def nearest(folder: str, folders: Collection[str]) -> str | None:
    """Return the folder whose registration files of ``folder`` refresh: itself, or one above."""
    while folder.removeprefix("s3://").count("/") > 0:
        if folder in folders:
            return folder
        folder = _parent(folder)
    return None


def _parent(folder: str) -> str:
    return folder[: folder[:-1].rfind("/") + 1]


# ---- Planning a change -------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What is to become of one item; ``before`` is what it was when the plan was made."""

    folder: str
    before: Item | None
    after: Item | None

    @property
    def action(self) -> str:
        """What it does, in a word."""
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"

    @property
    def loses(self) -> bool:
        """Tell whether something that people typed in is gone afterwards."""
        if self.before is None:
            return False
        after = self.after or {}
        gone = set(self.before) - set(after) - {"ignore"}
        return bool(gone or set(dataset_ids(self.before)) - set(dataset_ids(after)))

    def diff(self) -> list[str]:
        """Return the change as people read it."""
        before, after = (
            as_yaml([item]).splitlines() if item else [] for item in (self.before, self.after)
        )
        lines = difflib.unified_diff(before, after, lineterm="")
        body = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
        return [f"{self.action} {self.folder}", *body]

    def as_json(self) -> dict[str, Any]:
        """Return the change for programs."""
        return {
            "action": self.action,
            "folder": self.folder,
            "before": plain(self.before) if self.before else None,
            "after": plain(self.after) if self.after else None,
        }


def plan(registered: Mapping[str, Item], wanted: Iterable[Item]) -> list[Change]:
    """Return the changes that turn what is registered into what is wanted."""
    changes = (Change(folder_of(item), registered.get(folder_of(item)), item) for item in wanted)
    return [change for change in changes if _meaning(change.before) != _meaning(change.after)]


def plan_removal(registered: Mapping[str, Item], folder: str) -> list[Change]:
    """Return the change that unregisters a folder."""
    return [Change(folder, registered[folder], None)]


def plan_move(registered: Mapping[str, Item], old: str, new: str) -> list[Change]:
    """Return the changes that register for ``new`` what is registered for ``old``.

    Raises:
        OperatorError: something is registered for ``new`` already, or it is ``old``.
    """
    if new == old:
        raise OperatorError(f"OLD and NEW are the same folder, {old}", "give another folder as NEW")
    if new in registered:
        raise OperatorError(
            f"{new} is registered already",
            f"choose another folder, or first: qsrefresh unregister {shlex.quote(new)}",
        )
    moved = {**registered[old], KEY: {"S": new}}
    return [Change(old, registered[old], None), Change(new, None, moved)]


def with_datasets(
    item: Item | None,
    folder: str,
    chosen: Sequence[tuple[str, str]],
    *,
    add: bool = False,
    of_each: Mapping[str, Any] | None = None,
    of_folder: Mapping[str, Any] | None = None,
) -> Item:
    """Return an item that refreshes the chosen datasets (id and name).

    What is registered of them already stays as it is, unless it is wrong, and so does everything
    else in the item. Of the fields of each chosen dataset and of the folder, None leaves one as it
    is, and an empty text takes it out.
    """
    before = {_text(entry.get("datasetid")): entry for entry in entries(item or {})}
    rows = dict(before) if add else {}
    for dataset_id, name in chosen:
        new = {"datasetid": {"S": dataset_id}, "datasetname": {"S": name}}
        kept = _right(before.get(dataset_id, {}))
        rows[dataset_id] = _with_fields({**new, **kept}, of_each or {})
    for dataset_id, _ in chosen:
        rows[dataset_id] = _right_order(rows[dataset_id], rows)
    circles = in_circles(order_of({"datasets": {"L": [{"M": row} for row in rows.values()]}}))
    for dataset_id in circles:
        rows[dataset_id].pop("after")
    listed = [{"M": row} for row in rows.values()]
    wanted = {**(item or {}), KEY: {"S": folder}, "datasets": {"L": listed}}
    wanted.pop("ignore", None)
    wrong = {problem.field for problem in _problems_of_folder(wanted)}
    right = {name: value for name, value in wanted.items() if name not in wrong}
    return _with_fields(right, of_folder or {})


def _right(row: dict[str, Any]) -> dict[str, Any]:
    """Return a registered dataset without the fields that the application complains about."""
    problems = (*_problems_of_entry({"M": row}, ""), *_problems_of_wishes(row, ""))
    wrong = {problem.field for problem in problems}
    return {name: value for name, value in row.items() if f".{name}" not in wrong}


def _right_order(row: dict[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Return a dataset that comes after others of the item only."""
    own = _text(row["datasetid"])
    kept = [{"S": one} for one in ids(row.get("after")) if one in known and one != own]
    rest = {name: value for name, value in row.items() if name != "after"}
    return {**rest, "after": {"L": kept}} if kept else rest


def _with_fields(item: Item, fields: Mapping[str, Any]) -> Item:
    given = {name: value for name, value in fields.items() if value is not None}
    kept = {name: value for name, value in item.items() if given.get(name) != ""}
    if not given:
        return kept
    from boto3.dynamodb.types import TypeSerializer  # slow to import, and few verbs need it

    write = TypeSerializer().serialize
    typed = {name: write(value) for name, value in given.items() if value != ""}
    return {**kept, **typed}


def missing_order(item: Item, made_of: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the datasets that are made of others of this item, with those that ``after`` lacks."""
    order = order_of(item)
    lacking = {
        one: [other for other in made_of.get(one, ()) if other in order and other not in before]
        for one, before in order.items()
    }
    return {one: [*others] for one, others in lacking.items() if others}


def with_order(item: Item, made_of: Mapping[str, Sequence[str]]) -> Item:
    """Return an item where each dataset comes after those of it that it is made of.

    Nothing is taken out of what people typed in, and nothing added that goes in a circle with it.
    """
    order = order_of(item)
    added: dict[str, Sequence[str]] = {}
    for dataset_id, others in missing_order(item, made_of).items():
        longer = {**order, dataset_id: [*order[dataset_id], *others]}
        if not in_circles(longer) - in_circles(order):
            order, added[dataset_id] = longer, others
    return with_after(item, added) if added else item


def with_after(item: Item, others: Mapping[str, Sequence[str]]) -> Item:
    """Return an item where datasets (by id) come after others, too."""
    listed = list(item["datasets"]["L"])
    for dataset_id, (place, fields) in _valid_entries(item).items():
        typed = ids(fields.get("after"))
        if new := [one for one in others.get(dataset_id, ()) if one not in typed]:
            after = {"L": [{"S": one} for one in (*typed, *new)]}
            listed[place] = {"M": {**fields, "after": after}}
    return {**item, "datasets": {"L": listed}}


def with_ignore(item: Item | None, folder: str, ignored: bool) -> Item:
    """Return an item that ignores its folder, or does so no longer; its datasets stay."""
    wanted = {**(item or {}), KEY: {"S": folder}}
    wanted.pop("ignore", None)
    return {**wanted, "ignore": {"BOOL": True}} if ignored else wanted


# ---- Values ------------------------------------------------------------------------------------


def _part(value: object, kind: str) -> Any:
    return value.get(kind) if isinstance(value, dict) else None


def _text(value: object) -> str:
    found = _part(value, "S")
    return found if isinstance(found, str) else ""


def _meaning(value: Any) -> Any:
    """Return an attribute map without what DynamoDB writes in several ways: sets and numbers."""
    if isinstance(value, dict):
        for kind, read in (("SS", str), ("NS", Decimal), ("BS", bytes)):
            if list(value) == [kind] and isinstance(value[kind], list):
                return {kind: {read(member) for member in value[kind]}}
        if list(value) == ["N"] and isinstance(value["N"], str):
            return {"N": Decimal(value["N"])}
        return {name: _meaning(member) for name, member in value.items()}
    return [_meaning(member) for member in value] if isinstance(value, list) else value


def _in_order(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else 99, name))


def _ordered(value: Any) -> Any:
    """Return a value as JSON writes it: fields in people's order, numbers as numbers."""
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in _in_order(value)}
    if isinstance(value, list):
        return [_ordered(member) for member in value]
    if isinstance(value, set):
        return {_ordered(member) for member in value}
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return bytes(value) if hasattr(value, "__bytes__") else value  # boto3's Binary
