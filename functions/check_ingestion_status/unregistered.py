"""The words about a folder that nobody registered, or whose registration only looks like it."""

from commands import console_line
from language import UNKNOWN, Phrase
from lookalike import Difference, Twin, decomposed_marked, differing, find_twin, is_composed
from meanings import headline, named
from problem import BLANK, Problem
from run import Run
from safe_text import PLACE_LIMIT, shorten_place

_RESULT = Phrase(
    ja="登録のないフォルダなので、何も更新していません（ファイル{files}件）。",
    en="nobody registered this folder, so nothing was refreshed (files: {files}).",
)
_DASHBOARDS = Phrase(
    ja="このファイルはどこにも反映されていません。ほかのダッシュボードへの影響はありません。",
    en="this file is in none of them; no other dashboard is affected.",
)
#: How many levels below the watched folder the machine looks up (its step Look Up Datasets).
LEVELS = 11
_TOO_DEEP = Phrase(
    ja="登録は {watched_folder} の下の{levels}階層目までを調べます。それより深いフォルダの登録は"
    "見ていません。",
    en="Registrations are looked up to {levels} levels below {watched_folder}: a deeper one was not"
    " looked at.",
)
_OTHERS = Phrase(
    ja="ほかに{more}件のファイルが届いています。{watched_folder} の下の、登録のない別のフォルダの"
    "ものかもしれません。",
    en="{more} more files arrived, perhaps in other folders below {watched_folder} that nobody"
    " registered.",
)
_NEW_FOLDER = Phrase(ja="新しいフォルダなら、登録します", en="A new folder? Register it")
_ADD_ITEM = Phrase(
    ja="画面で: 次のページの「項目を作成」（Create item）で「JSONビュー」（JSON view）に下の1行を"
    "貼り、DATASET_IDとNAMEを書きかえます。IDはQuickSightのデータセットのページのURLの末尾です。",
    en="In the console: on the next page choose Create item and JSON view, paste the line below,"
    " and replace DATASET_ID and NAME. The id is the end of the address of the dataset's page in"
    " QuickSight.",
)
_TABLE = Phrase(ja="{table_link}", en="{table_link}")
_NEW_ITEM = Phrase(ja="{new_item}", en="{new_item}")
_BY_COMMAND = Phrase(
    ja="またはコマンドで（DATASETはデータセットの名前に）:",
    en="Or by command (DATASET: the dataset's name):",
)
_REGISTER = Phrase(ja="{register_command}", en="{register_command}")
_NO_REFRESH = Phrase(
    ja="更新のいらないフォルダなら、このメールを止めます",
    en="A folder that needs no refresh? This stops these mails",
)
_IGNORE = Phrase(ja="{ignore_command}", en="{ignore_command}")
_IGNORE_ITEM = Phrase(
    ja="画面で、上と同じように次の1行の項目を作ります:",
    en="In the console, create this item in the same way:",
)
_IGNORED_ITEM = Phrase(ja="{ignored_item}", en="{ignored_item}")
_FILE_AGAIN = Phrase(
    ja="登録したあとは、ファイルをもう一度置くと更新が始まります。",
    en="Once it is registered, put a file there again: that starts the refresh.",
)

_NEARLY = Phrase(
    ja="登録とフォルダの名前がわずかに違うため、何も更新していません。",
    en="the folder's name differs slightly from the registered one, so nothing was refreshed.",
)
_PREVIOUS = Phrase(ja="前回のデータのままです。", en="the previous data is still shown.")
TYPE_IT = Phrase(
    ja="S3の画面（コンソール）で、登録どおりの名前のフォルダを開き、そこにファイルを置いてください。"
    "名前は手で入力し、コピーしないでください。",
    en="In the S3 console, open the folder with the registered name and put the file there. Type"
    " the name; do not copy it.",
)
_MEND_IT = Phrase(
    ja="登録のほうを直してください。下の「登録のほうを合わせるとき」のとおりです。",
    en="Correct the registration: see below, To change the registration.",
)
_ARRIVED = Phrase(
    ja="届いたファイル: {arrived}{arrived_form}", en="Arrived: {arrived}{arrived_form}"
)
_REGISTERED = Phrase(
    ja="登録: {registered}{registered_form}", en="Registered: {registered}{registered_form}"
)
_MAC = Phrase(ja="（NFD。Macで付けた名前に多い）", en=" (NFD, as Macs write names)")
_NFC = Phrase(ja="（NFC）", en=" (NFC)")
_CHANGE = Phrase(ja="登録のほうを合わせるとき", en="To change the registration")
_MOVE_BY_COMMAND = Phrase(ja="またはコマンドで:", en="Or by command:")
_MOVE = Phrase(ja="{move_command}", en="{move_command}")
_DUPLICATE = Phrase(
    ja="画面で: 次のページでこの登録の項目を開き、「項目を複製」（Duplicate item）し、"
    "JSONビューで S3uri の値を次の1行に書きかえて保存します。",
    en="In the console: on the next page open the registered item, choose Duplicate item,"
    " and in the JSON view replace the value of S3uri by the next line.",
)
_NEW_KEY = Phrase(ja="{new_key}", en="{new_key}")
_TWIN_OF = Phrase(ja="よく似た登録があります。{how}", en="A registered folder looks like it. {how}")
HOW: dict[Difference, Phrase] = {
    Difference.UNICODE_FORM: Phrase(
        ja="見た目は同じですが、濁点などの付いた文字の書き方（Unicodeの形）が違います。",
        en="They look the same, but a letter with a mark is written in another way (Unicode form).",
    ),
    Difference.SLASH: Phrase(
        ja="「/」が違います（フォルダの終わりには「/」が1つ要ります）。",
        en='A "/" differs (a folder ends with one).',
    ),
    Difference.SPACE: Phrase(ja="空白が違います。", en="A space differs."),
    Difference.INVISIBLE: Phrase(
        ja="見えない文字が違います。", en="A character that one cannot see differs."
    ),
    Difference.CASE: Phrase(
        ja="大文字と小文字が違います。", en="Capital and small letters differ."
    ),
}


def unregistered(
    upload_folder: str | None,
    watched_folder: str | None,
    files: int,
    registered: list[str],
    run: Run,
) -> Problem:
    """Return the problem of a folder that nobody registered, or not quite like that.

    All such folders share one run, which knows the first file's folder and how many `files` came.
    `registered` are the folders that are; they may be some of them, or none.
    """
    twin = find_twin(upload_folder or "", registered)
    return _lookalike(twin, files, run) if twin else _new(upload_folder, watched_folder, files, run)


def _new(upload_folder: str | None, watched_folder: str | None, files: int, run: Run) -> Problem:
    entry = {"M": {"datasetid": {"S": "DATASET_ID"}, "datasetname": {"S": "NAME"}}}
    key = {"S3uri": {"S": upload_folder}}
    register = run.command("register", upload_folder, "DATASET")
    ignore = run.command("ignore", upload_folder)
    ways: tuple[Phrase, ...] = ()
    found = named("unregistered")
    if upload_folder:
        command = (_BY_COMMAND, _REGISTER) if register else ()
        stop = (_IGNORE,) if ignore else (_IGNORE_ITEM, _IGNORED_ITEM)
        ways = (
            *(BLANK, _NEW_FOLDER, _ADD_ITEM, _TABLE, _NEW_ITEM, *command),
            *(BLANK, _NO_REFRESH, *stop, BLANK, _FILE_AGAIN),
        )
    return Problem(
        headline("unregistered"),
        (
            found.cause,
            *((_TOO_DEEP,) if _levels(upload_folder, watched_folder) > LEVELS else ()),
            *((_OTHERS,) if files > 1 else ()),
            *ways,
        ),
        first=found.first,
        result=_RESULT,
        dashboards=_DASHBOARDS,
        values={
            "upload_folder": _shown(upload_folder),
            "watched_folder": _shown(watched_folder),
            "levels": LEVELS,
            "files": files,
            "more": files - 1,
            "table_link": run.table_link(),
            "new_item": console_line({**key, "datasets": {"L": [entry]}}),
            "ignored_item": console_line({**key, "ignore": {"BOOL": True}}),
            "register_command": register or "",
            "ignore_command": ignore or "",
        },
        reruns=False,
    )


def _levels(folder: str | None, watched_folder: str | None) -> int:
    """Return how many levels a folder lies below another."""
    below = (folder or "").removeprefix(watched_folder or "")
    return below.count("/") if below != folder else 0


def _lookalike(twin: Twin, files: int, run: Run) -> Problem:
    move = run.command("move", twin.registered, twin.folder)
    by_form = Difference.UNICODE_FORM in twin.differences
    arrived, registered = differing(twin.folder, twin.registered)
    way = (_DUPLICATE, _TABLE, _NEW_KEY, *((_MOVE_BY_COMMAND, _MOVE) if move else ()))
    how = Phrase(
        ja="".join(HOW[one].ja for one in twin.differences),
        en=" ".join(HOW[one].en for one in twin.differences),
    )
    # Nobody can put a file into a folder whose name has no last slash, or ends with a space.
    mend = twin.registered[-1:] != "/" or twin.differences == (Difference.SLASH,)
    return Problem(
        headline("unregistered"),
        (_TWIN_OF, _ARRIVED, _REGISTERED, BLANK, _CHANGE, *way, _FILE_AGAIN),
        first=_MEND_IT if mend else TYPE_IT,
        result=_NEARLY,
        dashboards=_PREVIOUS,
        values={
            "upload_folder": _shown(twin.folder),
            "how": how,
            "files": files,
            "arrived": _marked(arrived),
            "registered": _marked(registered),
            "arrived_form": _form(arrived) if by_form else "",
            "registered_form": _form(registered) if by_form else "",
            "table_link": run.table_link(),
            "new_key": console_line({"S": twin.folder}),
            "move_command": move or "",
        },
        reruns=False,
    )


def _marked(folder: str) -> str:
    return shorten_place(decomposed_marked(folder), PLACE_LIMIT)


def _form(folder: str) -> Phrase:
    return _NFC if is_composed(folder) else _MAC


def _shown(folder: str | None) -> str | Phrase:
    return shorten_place(folder or "", PLACE_LIMIT) or UNKNOWN
