"""Read what people registered for a folder, and say what is wrong with it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from language import UNKNOWN, Phrase
from payload import mapping, sequence, text
from problem import Problem
from safe_text import FOLDER_LIMIT, shorten

# QuickSight API reference, "CreateIngestion", IngestionType.
INGESTION_TYPES = ("FULL_REFRESH", "INCREMENTAL_REFRESH")
# Enough to see the pattern; the rest are counted.
_PROBLEM_LIMIT = 20

_WRONG = Phrase(
    ja="登録内容に誤りがあります: {field}（フォルダ {folder}）。",
    en="The registration is wrong: {field} (folder {folder}).",
)
_MORE = Phrase(
    ja="登録内容の誤りが、ほかに{count}件あります（フォルダ {folder}）。",
    en="The registration has {count} more errors (folder {folder}).",
)
_UNREGISTERED = Phrase(
    ja="{upload_folder} には、更新するデータセットが登録されていません。",
    en="{upload_folder} has no registered dataset.",
)
_UNKNOWN = Phrase(
    ja="登録内容を確認できませんでした（フォルダ {folder}）。",
    en="The registration could not be checked (folder {folder}).",
)
_EXAMPLE = Phrase(ja="記入例: {example}", en="Example: {example}")
_CORRECT = Phrase(
    ja="対処: 登録ファイルを直し、aws ddb put {table} file://registration.yaml で登録し直してから、"
    "再実行してください。",
    en="Next step: Correct the file, register again with aws ddb put {table}"
    " file://registration.yaml and run it again.",
)

EXAMPLES: dict[str, Phrase] = {
    "datasets": Phrase(
        ja='datasets: [{{datasetid: "0a1b2c3d-…", datasetname: "売上"}}]',
        en='datasets: [{{datasetid: "0a1b2c3d-...", datasetname: "Sales"}}]',
    ),
    "entry": Phrase(
        ja='- {{datasetid: "0a1b2c3d-…", datasetname: "売上"}}',
        en='- {{datasetid: "0a1b2c3d-...", datasetname: "Sales"}}',
    ),
    "datasetid": Phrase(
        ja='datasetid: "0a1b2c3d-1111-2222-3333-444455556666"'
        "（QuickSightのデータセット画面のURLの末尾）",
        en='datasetid: "0a1b2c3d-1111-2222-3333-444455556666"'
        " (the end of the address of the dataset's page in QuickSight)",
    ),
    "datasetname": Phrase(ja='datasetname: "売上"', en='datasetname: "Sales"'),
    "ingestiontype": Phrase(
        ja='ingestiontype: "FULL_REFRESH" または "INCREMENTAL_REFRESH"（省略可）',
        en='ingestiontype: "FULL_REFRESH" or "INCREMENTAL_REFRESH" (may be left out)',
    ),
    "ignore": Phrase(ja="ignore: true（引用符なし）", en="ignore: true (without quotes)"),
}

CAUSES: dict[str, Phrase] = {
    "datasets_absent": Phrase(
        ja="原因: datasets（データセットの一覧）がありません。",
        en="Cause: datasets (the list of datasets) is missing.",
    ),
    "datasets_not_list": Phrase(
        ja="原因: datasets が一覧（リスト）になっていません。",
        en="Cause: datasets is not a list.",
    ),
    "datasets_empty": Phrase(
        ja="原因: datasets にデータセットが1件もありません。",
        en="Cause: datasets holds no dataset.",
    ),
    "entry_not_map": Phrase(
        ja="原因: {number}番目のデータセットが、datasetid と datasetname の組になっていません。",
        en="Cause: Dataset number {number} is not a pair of datasetid and datasetname.",
    ),
    "text_missing": Phrase(
        ja="原因: {number}番目のデータセットの {key} が、ないか、空か、文字列以外になっています。",
        en="Cause: Dataset number {number} has no {key}, or it is not a text, or it is empty.",
    ),
    "ingestiontype_wrong": Phrase(
        ja="原因: {number}番目のデータセットの ingestiontype が、決められた値ではありません。",
        en="Cause: The ingestiontype of dataset number {number} is none of the allowed values.",
    ),
    "registered_twice": Phrase(
        ja="原因: {number}番目のデータセットは{first}番目と同じIDで、二重に登録されています"
        "（更新は1回だけ行います）。",
        en="Cause: Dataset number {number} has the id of number {first}: it is registered twice"
        " (and refreshed once).",
    ),
    "ignore_not_boolean": Phrase(
        ja="原因: ignore が true または false になっていません。",
        en="Cause: ignore is neither true nor false.",
    ),
    "ignored": Phrase(
        ja="原因: このフォルダは ignore: true で登録されているため、何も更新しません。",
        en="Cause: This folder is registered with ignore: true, so nothing is refreshed.",
    ),
    "unregistered": Phrase(
        ja="原因: このフォルダにも、{watched_folder} までの上位のフォルダにも登録がありません。",
        en="Cause: Neither this folder nor a folder above it, up to {watched_folder},"
        " is registered.",
    ),
    "unknown": Phrase(
        ja="原因: 登録されているかどうかを、ステートマシンから受け取れませんでした。",
        en="Cause: The state machine did not pass on whether the folder is registered.",
    ),
}

_REGISTER = Phrase(
    ja="対処: 次のどれかで登録してから、再実行してください。qsrefresh register {quoted}"
    " データセット名／aws ddb put {table} file://registration.yaml／DynamoDBコンソールで"
    "テーブル {table} に S3uri = {upload_folder} の項目を追加",
    en="Next step: Register it and run it again: qsrefresh register {quoted} DATASET; or"
    " aws ddb put {table} file://registration.yaml; or add an item with S3uri = {upload_folder} to"
    " the table {table} in the DynamoDB console.",
)
_REGISTER_EXAMPLE = Phrase(
    ja='記入例: - {{S3uri: "{upload_folder}", datasets: [{{datasetid: "0a1b2c3d-…",'
    ' datasetname: "売上"}}]}}（更新が不要なフォルダは datasets の代わりに ignore: true）',
    en='Example: - {{S3uri: "{upload_folder}", datasets: [{{datasetid: "0a1b2c3d-...",'
    ' datasetname: "Sales"}}]}} (a folder that needs no refresh: ignore: true instead of datasets)',
)
_OTHER_FOLDERS = Phrase(
    ja="補足: ほかに{more}件のファイルが届いています。{watched_folder} の下の、登録のない別の"
    "フォルダのものかもしれません。",
    en="Note: {more} more files arrived, perhaps in other folders below {watched_folder} that"
    " nobody registered.",
)
_LOOK_AGAIN = Phrase(
    ja="対処: 下の「実行の詳細」を確認し、再実行してください。",
    en="Next step: Look at the execution below and run it again.",
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset that can be refreshed."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Registration:
    """The datasets to refresh, in their registered order, and what is wrong with the item."""

    datasets: tuple[Dataset, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Complaint(NamedTuple):
    field: str
    cause: str
    example: str
    values: Mapping[str, object]


def read_registration(item: object, folder: str | None) -> Registration:
    """Read a registration as DynamoDB stores it; a wrong one never raises, it has problems.

    A dataset is valid with a non-empty datasetid and datasetname and, if it has an
    ingestiontype, one of INGESTION_TYPES. Of several with one id the first counts.
    """
    fields = mapping(item)
    datasets, complaints = _distinct(_entries(fields))
    complaints = [*_complaints_on_ignore(fields), *_complaints_on_list(fields), *complaints]
    if not datasets and not complaints:
        complaints = [_Complaint("ignore", "ignored", "ignore", {})]
    return Registration(tuple(datasets), tuple(_problems(complaints, folder)))


def unregistered(upload_folder: str | None, watched_folder: str | None, files: int) -> Problem:
    """Return the problem of a folder that nobody registered.

    All such folders share one run, which knows the first file's folder and how many `files` came.
    """
    others = (_OTHER_FOLDERS,) if files > 1 else ()
    shown = _shown(upload_folder)
    return Problem(
        _UNREGISTERED,
        (CAUSES["unregistered"], _REGISTER, _REGISTER_EXAMPLE, *others),
        {
            "upload_folder": shown,
            "quoted": shlex.quote(shown) if isinstance(shown, str) else shown,
            "watched_folder": _shown(watched_folder),
            "more": files - 1,
        },
    )


def unknown_registration(folder: str | None) -> Problem:
    """Return the problem of a run that does not say whether its folder is registered."""
    return Problem(_UNKNOWN, (CAUSES["unknown"], _LOOK_AGAIN), {"folder": _shown(folder)})


def _entries(fields: Mapping[str, Any]) -> Sequence[Any]:
    return sequence(mapping(fields.get("datasets")).get("L"))


def _complaints_on_ignore(fields: Mapping[str, Any]) -> Iterator[_Complaint]:
    ignore = fields.get("ignore")
    if ignore is not None and not isinstance(mapping(ignore).get("BOOL"), bool):
        yield _Complaint("ignore", "ignore_not_boolean", "ignore", {})


def _complaints_on_list(fields: Mapping[str, Any]) -> Iterator[_Complaint]:
    if fields.get("datasets") is None:
        # A folder to ignore needs no datasets.
        if mapping(fields.get("ignore")).get("BOOL") is not True:
            yield _Complaint("datasets", "datasets_absent", "datasets", {})
    elif not isinstance(mapping(fields["datasets"]).get("L"), list):
        yield _Complaint("datasets", "datasets_not_list", "datasets", {})
    elif not _entries(fields):
        yield _Complaint("datasets", "datasets_empty", "datasets", {})


def _distinct(entries: Sequence[Any]) -> tuple[list[Dataset], list[_Complaint]]:
    datasets: list[Dataset] = []
    complaints: list[_Complaint] = []
    first_number: dict[str, int] = {}
    for index, entry in enumerate(entries):
        wrong = list(_complaints_on_entry(entry, index))
        complaints += wrong
        if wrong:
            continue
        dataset = Dataset(_text_at(entry, "datasetid"), _text_at(entry, "datasetname"))
        if dataset.id in first_number:
            values = {"number": index + 1, "first": first_number[dataset.id]}
            field = f"datasets[{index}].datasetid"
            complaints.append(_Complaint(field, "registered_twice", "datasetid", values))
            continue
        first_number[dataset.id] = index + 1
        datasets.append(dataset)
    return datasets, complaints


def _complaints_on_entry(entry: object, index: int) -> Iterator[_Complaint]:
    fields = mapping(entry).get("M")
    number = {"number": index + 1}
    if not isinstance(fields, Mapping):
        yield _Complaint(f"datasets[{index}]", "entry_not_map", "entry", number)
        return
    for key in ("datasetid", "datasetname"):
        if not _text_at(entry, key):
            values = {**number, "key": key}
            yield _Complaint(f"datasets[{index}].{key}", "text_missing", key, values)
    given = fields.get("ingestiontype")
    if given is not None and _text_at(entry, "ingestiontype") not in INGESTION_TYPES:
        field = f"datasets[{index}].ingestiontype"
        yield _Complaint(field, "ingestiontype_wrong", "ingestiontype", number)


def _text_at(entry: object, key: str) -> str:
    return text(mapping(mapping(mapping(entry).get("M")).get(key)).get("S")) or ""


def _problems(complaints: Sequence[_Complaint], folder: str | None) -> Iterator[Problem]:
    for complaint in complaints[:_PROBLEM_LIMIT]:
        values = {
            "field": complaint.field,
            "folder": _shown(folder),
            "example": EXAMPLES[complaint.example],
            **complaint.values,
        }
        yield Problem(_WRONG, (CAUSES[complaint.cause], _EXAMPLE, _CORRECT), values)
    if extra := len(complaints[_PROBLEM_LIMIT:]):
        yield Problem(_MORE, (_CORRECT,), {"count": extra, "folder": _shown(folder)})


def _shown(folder: str | None) -> str | Phrase:
    return shorten(folder or "", FOLDER_LIMIT) or UNKNOWN
