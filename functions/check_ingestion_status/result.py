"""The line 【結果】 / RESULT: how many datasets ended how."""

from collections.abc import Sequence
from enum import Enum, auto

from amounts import number
from language import Phrase, Voice
from names import folder_name
from run import Run
from verdict import STARTING, Kind, Oddity, Outcome, Verdict


class _End(Enum):
    FAILED = auto()
    REFUSED = auto()
    RUNNING = auto()
    UNKNOWN = auto()
    SHORT = auto()
    NOT_STARTED = auto()
    WRONG = auto()
    EMPTY = auto()
    SKIPPED = auto()
    GOOD = auto()


# After 「N件中M件」 / "M of N datasets", or after another of them.
_CLAUSES = {
    _End.FAILED: Phrase(ja="{of}{k}件が失敗", en="{k}{of} failed"),
    _End.REFUSED: Phrase(ja="{of}{k}件は開始できず", en="{k}{of} could not be started"),
    _End.RUNNING: Phrase(ja="{of}{k}件がまだ更新中", en="{k}{of} still being refreshed"),
    _End.UNKNOWN: Phrase(ja="{of}{k}件は結果が不明", en="{k}{of} ended in an unknown way"),
    _End.SHORT: Phrase(
        ja="{of}{k}件は更新したが行数不足", en="{k}{of} refreshed with too few rows"
    ),
    _End.NOT_STARTED: Phrase(ja="{of}{k}件が未開始", en="{k}{of} not started"),
    _End.WRONG: Phrase(
        ja="{of}{k}件は登録に誤りがあり未更新", en="{k}{of} not refreshed (wrong registration)"
    ),
    _End.EMPTY: Phrase(ja="{of}{k}件が空", en="{k}{of} empty now"),
    _End.SKIPPED: Phrase(
        ja="{of}{k}件は更新したが{in_all}{rows}行が欠落",
        en="{k}{of} refreshed without all rows ({rows} skipped{in_all})",
    ),
    _End.GOOD: Phrase(ja="{of}{k}件は成功", en="{k}{of} succeeded"),
}
# Where all of them ended so.
_ALL = {
    _End.FAILED: Phrase(ja="失敗しました", en="failed"),
    _End.REFUSED: Phrase(ja="開始できませんでした", en="could not be started"),
    _End.RUNNING: Phrase(ja="まだ更新中です", en="still being refreshed"),
    _End.UNKNOWN: Phrase(ja="結果が分かりません", en="ended in an unknown way"),
    _End.NOT_STARTED: Phrase(ja="開始していません", en="not started"),
    _End.SHORT: Phrase(ja="更新しましたが、行数が足りません", en="refreshed with too few rows"),
    _End.WRONG: Phrase(
        ja="登録に誤りがあり、更新していません", en="not refreshed: the registration is wrong"
    ),
    _End.EMPTY: Phrase(ja="空になりました", en="empty now"),
    _End.SKIPPED: Phrase(
        ja="更新しましたが、{in_all}{rows}行が抜けました",
        en="refreshed without all rows ({rows} skipped{in_all})",
    ),
    _End.GOOD: Phrase(ja="更新しました", en="refreshed"),
}

WORDS = {
    "result": Phrase(ja="【結果】{folder}{text}", en="RESULT: {folder}{text}"),
    "folder": Phrase(ja="{name}: ", en="{name}: "),
    "one": Phrase(ja="{end}（1件）。", en="1 dataset {end}."),
    "two": Phrase(ja="2件とも{end}。", en="both datasets {end}."),
    "all": Phrase(ja="{n}件すべて{end}。", en="all {n} datasets {end}."),
    "some": Phrase(ja="{clauses}です。", en="{clauses}."),
    "of": Phrase(ja="{n}件中", en=" of {n} datasets"),
    "comma": Phrase(ja="、", en=", "),
    "in_all": Phrase(ja="合わせて", en=" in all"),
    "gap": Phrase(ja="", en=" "),
    "same_cause": Phrase(ja="原因はどれも同じです。", en="All for the same reason."),
    "running": Phrase(
        ja="更新中は失敗とは限りません。この実行は待つのをやめました。",
        en="Still running is not a failure yet; this run stopped waiting.",
    ),
}


def result(voice: Voice, verdict: Verdict, run: Run) -> str:
    """Return the line that a phone shows below the opening line."""
    wrong = {problem.number for problem in verdict.problems} - {None}
    ends = [_end(outcome) for outcome in verdict.outcomes] + [_End.WRONG] * len(wrong)
    said = [
        voice.say(problem.result, **problem.values)
        for problem in verdict.problems[:1]
        if problem.number is None
    ]
    if ends:
        said.append(_counted(voice, verdict.outcomes, ends))
    failed = [outcome for outcome in verdict.outcomes if outcome.kind is Kind.FAILED]
    if len(failed) > 1 and len({outcome.key for outcome in failed}) == 1:
        said.append(voice.say(WORDS["same_cause"]))
    if _End.RUNNING in ends:
        said.append(voice.say(WORDS["running"]))
    name = folder_name(run)
    folder = voice.say(WORDS["folder"], name=name) if name else ""
    return voice.say(WORDS["result"], folder=folder, text=voice.say(WORDS["gap"]).join(said))


def _counted(voice: Voice, outcomes: Sequence[Outcome], ends: Sequence[_End]) -> str:
    skipped = sum(outcome.skipped or 0 for outcome in outcomes if _end(outcome) is _End.SKIPPED)
    in_all = voice.say(WORDS["in_all"]) if ends.count(_End.SKIPPED) > 1 else ""
    values = {"n": len(ends), "rows": number(skipped), "in_all": in_all}
    found = [end for end in _End if end in ends]
    if len(found) == 1:
        how_many = {1: "one", 2: "two"}.get(len(ends), "all")
        return voice.say(WORDS[how_many], end=voice.say(_ALL[found[0]], **values), **values)
    clauses = [
        voice.say(_CLAUSES[end], k=ends.count(end), of="" if place else WORDS["of"], **values)
        for place, end in enumerate(found)
    ]
    return voice.say(WORDS["some"], clauses=voice.say(WORDS["comma"]).join(clauses), **values)


def _end(outcome: Outcome) -> _End:
    if outcome.kind is Kind.GOOD:
        return _End.GOOD
    if outcome.kind is Kind.SKIPPED:
        return _End.EMPTY if outcome.oddity is Oddity.EMPTY else _End.SKIPPED
    if outcome.kind is Kind.NOT_STARTED:
        return _End.NOT_STARTED
    if outcome.kind is Kind.SHORT:
        return _End.EMPTY if outcome.oddity is Oddity.EMPTY else _End.SHORT
    if outcome.still_running:
        return _End.RUNNING
    if outcome.status == "UNKNOWN":
        return _End.UNKNOWN
    return _End.REFUSED if outcome.phase == STARTING else _End.FAILED
