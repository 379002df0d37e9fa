"""Read what people registered for a folder, and say what is wrong with it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from language import UNKNOWN, Phrase
from meanings import complaint as complaint_words
from meanings import field_meaning, headline
from optional_fields import (
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
from payload import mapping, sequence, text
from problem import Problem
from run import Run
from safe_text import NAME_LIMIT, PLACE_LIMIT, shorten_place

# QuickSight API reference, "CreateIngestion", IngestionType.
INGESTION_TYPES = ("FULL_REFRESH", "INCREMENTAL_REFRESH")
# Enough to see the pattern; the rest are counted.
_PROBLEM_LIMIT = 20

_MORE = Phrase(
    ja="登録内容の誤りが、ほかに{count}件あります（フォルダ {folder}）。",
    en="The registration has {count} more errors (folder {folder}).",
)
_UNKNOWN = Phrase(
    ja="登録内容を確認できませんでした（フォルダ {folder}）。",
    en="The registration could not be checked (folder {folder}).",
)
_UNKNOWN_CAUSE = Phrase(
    ja="原因: 登録されているかどうかを、ステートマシンから受け取れませんでした。",
    en="Cause: the state machine did not pass on whether the folder is registered.",
)
_ID = Phrase(
    ja="{number}番目のデータセットのID: {dataset_id}",
    en="Id of dataset number {number}: {dataset_id}",
)
_NOTHING_REFRESHED = Phrase(
    ja="登録に誤りがあるため、何も更新していません。",
    en="the registration is wrong, so nothing was refreshed.",
)
_WRONG_TOO = Phrase(ja="登録に誤りがあります。", en="the registration has an error.")
_PREVIOUS = Phrase(ja="前回のデータのままです。", en="the previous data is still shown.")
_NOT_KNOWN = Phrase(ja="新しいデータか前回のままか、分かりません。", en="they may be new or old.")
_AGAIN = Phrase(
    ja="ファイルをもう一度、同じフォルダに置いてください。",
    en="Put the file into the same folder again.",
)

# Left out of account: the refresh went on without it, so that running it again adds nothing.
_UNHEEDED = (
    "after_unknown",
    "after_itself",
    "after_not_list",
    "number_wrong",
    "folder_number_wrong",
    "startson_wrong",
)
# What the machine goes by where the folder's own is wrong: field → its bounds, and the parameter.
_OF_FOLDER = {
    "settleseconds": (SETTLE_SECONDS, "SettleSeconds"),
    "freshwithin": (FRESH_WITHIN_HOURS, "StaleAfterHours"),
}
_OF_DATASET = {"minrows": MIN_ROWS, "retries": RETRIES}
_PLACE = Phrase(
    ja="画面での場所: datasets の {index}（画面は0から数えます）",
    en="Its place in the console: number {index} of datasets (they count from 0)",
)
_IN_CONSOLE = Phrase(
    ja="画面で: 次のページでこのフォルダの項目を開き、直して保存します。",
    en="In the console: on the next page open the item of this folder, correct and save it.",
)
_TABLE = Phrase(ja="{table_link}", en="{table_link}")
_SHOW = Phrase(ja="コマンドで、今の登録を見る:", en="By command, see what is registered:")
_COMMAND = Phrase(ja="{show_command}", en="{show_command}")


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset that can be refreshed."""

    id: str
    name: str
    incremental: bool = False
    after: tuple[str, ...] = ()
    """Ids of datasets of this registration that are refreshed before it."""
    min_rows: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Registration:
    """The datasets to refresh, in their registered order, and what is wrong with the item."""

    datasets: tuple[Dataset, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Complaint(NamedTuple):
    field: str
    cause: str
    values: Mapping[str, object]
    place: int | None = None

    @property
    def unrefreshed(self) -> int | None:
        """The number of the dataset that is left out because of this."""
        kept = self.cause in (*_UNHEEDED, "registered_twice", "after_circle")
        return None if self.place is None or kept else self.place + 1


def read_registration(item: object, folder: str | None, run: Run) -> Registration:
    """Read a registration as DynamoDB stores it; a wrong one never raises, it has problems.

    A dataset is valid with a non-empty datasetid and datasetname and, if it has an
    ingestiontype, one of INGESTION_TYPES. Of several with one id the first counts. What else is
    wrong is left out of account, and told last.
    """
    fields = mapping(item)
    datasets, complaints = _distinct(_entries(fields))
    complaints = [*_complaints_on_ignore(fields), *_complaints_on_list(fields), *complaints]
    if not datasets and not complaints:
        complaints = [_Complaint("ignore", "ignored", {})]
    complaints += _complaints_on_order(_entries(fields), datasets)
    complaints += _complaints_on_folder(fields)
    for index, entry in enumerate(_entries(fields)):
        complaints += _complaints_on_wishes(entry, index)
    result = _WRONG_TOO if datasets else _NOTHING_REFRESHED
    return Registration(tuple(datasets), tuple(_problems(complaints, folder, result, run)))


def unknown_registration(folder: str | None) -> Problem:
    """Return the problem of a run that does not say whether its folder is registered."""
    return Problem(
        _UNKNOWN,
        (_UNKNOWN_CAUSE,),
        first=_AGAIN,
        result=Phrase(
            ja="登録を確認できなかったため、何も更新していません。",
            en="the registration could not be checked, so nothing was refreshed.",
        ),
        dashboards=_NOT_KNOWN,
        values={"folder": _shown(folder)},
    )


def _entries(fields: Mapping[str, Any]) -> Sequence[Any]:
    return sequence(mapping(fields.get("datasets")).get("L"))


def _complaints_on_ignore(fields: Mapping[str, Any]) -> Iterator[_Complaint]:
    ignore = fields.get("ignore")
    if ignore is not None and not isinstance(mapping(ignore).get("BOOL"), bool):
        yield _Complaint("ignore", "ignore_not_boolean", {})


def _complaints_on_list(fields: Mapping[str, Any]) -> Iterator[_Complaint]:
    if fields.get("datasets") is None:
        # A folder to ignore needs no datasets.
        if mapping(fields.get("ignore")).get("BOOL") is not True:
            yield _Complaint("datasets", "datasets_absent", {})
    elif not isinstance(mapping(fields["datasets"]).get("L"), list):
        yield _Complaint("datasets", "datasets_not_list", {})
    elif not _entries(fields):
        yield _Complaint("datasets", "datasets_empty", {})


def _distinct(entries: Sequence[Any]) -> tuple[list[Dataset], list[_Complaint]]:
    datasets: list[Dataset] = []
    complaints: list[_Complaint] = []
    first_number: dict[str, int] = {}
    for index, entry in enumerate(entries):
        wrong = list(_complaints_on_entry(entry, index))
        complaints += wrong
        if wrong:
            continue
        written = entry["M"]
        dataset = Dataset(
            _text_at(entry, "datasetid"),
            _text_at(entry, "datasetname"),
            incremental=_text_at(entry, "ingestiontype") == "INCREMENTAL_REFRESH",
            after=tuple(ids(written.get("after"))),
            min_rows=whole_number(written.get("minrows"), MIN_ROWS) or 0,
            retries=whole_number(written.get("retries"), RETRIES) or 0,
        )
        if dataset.id in first_number:
            values = {"number": index + 1, "index": index, "first_number": first_number[dataset.id]}
            field = f"datasets[{index}].datasetid"
            complaints.append(_Complaint(field, "registered_twice", values, index))
            continue
        first_number[dataset.id] = index + 1
        datasets.append(dataset)
    known = set(first_number)
    return [_waiting_for(dataset, known) for dataset in datasets], complaints


def _waiting_for(dataset: Dataset, known: Collection[str]) -> Dataset:
    """Return a dataset that waits for those only that are refreshed too."""
    after = (one for one in dataset.after if one in known and one != dataset.id)
    return replace(dataset, after=tuple(after))


def _complaints_on_entry(entry: object, index: int) -> Iterator[_Complaint]:
    fields = mapping(entry).get("M")
    number = {"number": index + 1, "index": index}
    if not isinstance(fields, Mapping):
        yield _Complaint(f"datasets[{index}]", "entry_not_map", number, index)
        return
    for key in ("datasetid", "datasetname"):
        if not _text_at(entry, key):
            values = {**number, "key": key, "meaning": field_meaning(key)}
            if key == "datasetname" and (dataset_id := _text_at(entry, "datasetid")):
                values["dataset_id"] = shorten_place(dataset_id, NAME_LIMIT)
            yield _Complaint(f"datasets[{index}].{key}", "text_missing", values, index)
    given = fields.get("ingestiontype")
    if given is not None and _text_at(entry, "ingestiontype") not in INGESTION_TYPES:
        field = f"datasets[{index}].ingestiontype"
        yield _Complaint(field, "ingestiontype_wrong", number, index)


def _complaints_on_order(
    entries: Sequence[Any], datasets: Sequence[Dataset]
) -> Iterator[_Complaint]:
    """Yield what is wrong with the order of the datasets that can be refreshed."""
    circles = in_circles({dataset.id: dataset.after for dataset in datasets})
    left = {dataset.id: dataset for dataset in datasets}
    unknown: list[_Complaint] = []
    for index, entry in enumerate(entries):
        if list(_complaints_on_entry(entry, index)):
            continue
        dataset = left.pop(_text_at(entry, "datasetid"), None)
        if dataset is None:  # another has its id, and counts instead
            continue
        field, number = f"datasets[{index}].after", {"number": index + 1, "index": index}
        if dataset.id in circles:
            yield _Complaint(field, "after_circle", number, index)
        for one in dict.fromkeys(ids(entry["M"].get("after"))):
            if one not in dataset.after:
                cause = "after_itself" if one == dataset.id else "after_unknown"
                values = {**number, "parent": shorten_place(one, NAME_LIMIT)}
                unknown.append(_Complaint(field, cause, values, index))
    yield from unknown


def _complaints_on_folder(fields: Mapping[str, Any]) -> Iterator[_Complaint]:
    for key, (bounds, parameter) in _OF_FOLDER.items():
        if fields.get(key) is not None and whole_number(fields[key], bounds) is None:
            values = {"key": key, "parameter": parameter, "least": bounds[0], "most": bounds[1]}
            yield _Complaint(key, "folder_number_wrong", values)
    if fields.get("startson") is not None and marker(fields["startson"]) is None:
        yield _Complaint("startson", "startson_wrong", {})


def _complaints_on_wishes(entry: object, index: int) -> Iterator[_Complaint]:
    fields = mapping(mapping(entry).get("M"))
    number = {"number": index + 1, "index": index}
    if fields.get("after") is not None and not is_list_of_ids(fields["after"]):
        yield _Complaint(f"datasets[{index}].after", "after_not_list", number, index)
    for key, bounds in _OF_DATASET.items():
        if fields.get(key) is not None and whole_number(fields[key], bounds) is None:
            values = {**number, "key": key, "least": bounds[0], "most": bounds[1]}
            yield _Complaint(f"datasets[{index}].{key}", "number_wrong", values, index)


def _text_at(entry: object, key: str) -> str:
    return text(mapping(mapping(mapping(entry).get("M")).get(key)).get("S")) or ""


def _problems(
    complaints: Sequence[_Complaint], folder: str | None, result: Phrase, run: Run
) -> Iterator[Problem]:
    shown = _shown(folder)
    command = run.command("show", folder)
    closing = (_IN_CONSOLE, _TABLE, *((_SHOW, _COMMAND) if command else ()))
    common = {"folder": shown, "table_link": run.table_link(), "show_command": command or ""}
    for complaint in complaints[:_PROBLEM_LIMIT]:
        cause, first = complaint_words(complaint.cause)
        values = {**common, "field": complaint.field, **complaint.values}
        place = () if complaint.place is None else (_PLACE,)
        identity = (_ID,) if "dataset_id" in values else ()
        yield Problem(
            headline("registration"),
            (cause, *identity, *place),
            first=first,
            result=result,
            dashboards=_PREVIOUS,
            values=values,
            closing=closing,
            number=complaint.unrefreshed,
            reruns=complaint.cause not in _UNHEEDED,
        )
    if extra := len(complaints[_PROBLEM_LIMIT:]):
        more = {**common, "count": extra}
        yield Problem(_MORE, (), _AGAIN, result, _PREVIOUS, more, closing=closing)


def _shown(folder: str | None) -> str | Phrase:
    return shorten_place(folder or "", PLACE_LIMIT) or UNKNOWN
