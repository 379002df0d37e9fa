"""The last lines of a mail: the folder, what started the run, when, and where to look at it."""

from collections.abc import Iterator

from amounts import moment
from language import UNKNOWN, Phrase, Voice
from run import Run, Trigger
from safe_text import FOLDER_LIMIT, NAME_LIMIT, shorten, shorten_place, shorten_start

WORDS = {
    "folder": Phrase(ja="フォルダ: {folder}", en="Folder: {folder}"),
    "trigger": Phrase(ja="きっかけ: {what}{more}{time}", en="Started by: {what}{more}{time}"),
    "more": Phrase(ja=" ほか{n}件", en=", and {n} more"),
    "time": Phrase(ja="（{time}）", en=", {time}"),
    "started": Phrase(ja="開始: {time}", en="Started at: {time}"),
    "project": Phrase(ja="プロジェクト: {project}", en="Project: {project}"),
    "execution": Phrase(ja="実行の詳細:", en="Execution:"),
    "no_execution": Phrase(ja="実行の詳細: 不明", en="Execution: unknown"),
    "by_hand": Phrase(ja="手動", en="a start by hand"),
    "continued": Phrase(
        ja="前の実行の間に届いたファイル{n}件",
        en="files that arrived during the previous run ({n})",
    ),
    "added": Phrase(ja="{key} の追加", en="{key} added"),
    "deleted": Phrase(ja="{key} の削除", en="{key} deleted"),
    "expired": Phrase(
        ja="{key} の削除（ライフサイクルルール）", en="{key} deleted by a lifecycle rule"
    ),
    "old_version_expired": Phrase(
        ja="{key} の以前のバージョンの削除（ライフサイクルルール）。今のファイルはそのままです",
        en="an old version of {key} removed by a lifecycle rule; the file itself is unchanged",
    ),
    # An event does not tell which of the two it was.
    "version_deleted": Phrase(
        ja="{key} の1つのバージョン、または削除マーカーの削除"
        "（削除マーカーなら、ファイルが元に戻りました）",
        en="one version of {key}, or its delete marker, removed (if the marker, the file is back)",
    ),
    "other": Phrase(ja="{key}（{kind}）", en="{key} ({kind})"),
}


def about_run(voice: Voice, run: Run) -> Iterator[str]:
    """Yield the lines; the long link is the very last."""
    folder = shorten_place(run.folder or "", FOLDER_LIMIT) or UNKNOWN
    yield voice.say(WORDS["folder"], folder=folder)
    yield _trigger(voice, run)
    if run.started_at:
        yield voice.say(WORDS["started"], time=moment(voice, run.started_at))
    yield voice.say(WORDS["project"], project=run.project)
    if link := run.execution_link():
        yield voice.say(WORDS["execution"])
        yield link
    else:
        yield voice.say(WORDS["no_execution"])


def _trigger(voice: Voice, run: Run) -> str:
    trigger = run.trigger
    if run.continues:  # its event is that of the run before
        what = voice.say(WORDS["continued"], n=trigger.file_events)
        return voice.say(WORDS["trigger"], what=what, more="", time="")
    extra = trigger.file_events - 1
    time = ""
    if trigger.time:
        shown = moment(voice, trigger.time, day_of=run.started_at)
        time = voice.say(WORDS["time"], time=shown)
    more = voice.say(WORDS["more"], n=extra) if extra else ""
    return voice.say(WORDS["trigger"], what=_what(voice, trigger, run), more=more, time=time)


def _what(voice: Voice, trigger: Trigger, run: Run) -> str:
    if not trigger.key and not trigger.kind:
        return shorten(trigger.by or "", NAME_LIMIT) or voice.say(WORDS["by_hand"])
    key = shorten_start(_relative(trigger.key or "", run), NAME_LIMIT) or UNKNOWN
    kind = shorten(trigger.kind or "", NAME_LIMIT) or UNKNOWN
    return voice.say(WORDS[_kind(trigger)], key=key, kind=kind)


def _kind(trigger: Trigger) -> str:
    if trigger.kind == "Object Created":
        return "added"
    if trigger.kind != "Object Deleted":
        return "other"
    # A lifecycle rule removes for good only versions that are not the current one, and delete
    # markers with nothing behind them (S3 user guide, "Expiring objects").
    by_rule = trigger.reason == "Lifecycle Expiration"
    if trigger.removes_version:
        return "old_version_expired" if by_rule else "version_deleted"
    return "expired" if by_rule else "deleted"


def _relative(key: str, run: Run) -> str:
    """Return the key as seen from the run's folder, which the mail names beside it."""
    prefix = (run.folder or "").removeprefix("s3://").partition("/")[2]
    return key.removeprefix(prefix) or key
