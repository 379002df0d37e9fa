"""The line 【ダッシュボード】 / DASHBOARDS: whether people see old, new, incomplete or no data."""

from collections.abc import Sequence
from enum import Enum, auto

from amounts import number
from language import Phrase, Voice
from meanings import Shown
from names import dataset_names
from run import Run
from verdict import STARTING, Kind, Oddity, Outcome, Verdict

# QuickSight API reference, "CreateIngestion": no such dataset here, so nothing was started; whoever
# deleted it took its data along.
_NOT_FOUND = "ResourceNotFoundException"


class _Data(Enum):
    """What a dashboard shows, what needs its reader's attention most first."""

    EMPTY = auto()
    MAYBE_EMPTY = auto()
    DROPPED = auto()
    INCOMPLETE = auto()
    PREVIOUS = auto()
    PREVIOUS_OR_NONE = auto()
    RUNNING = auto()
    UNKNOWN = auto()
    NEW = auto()


# {s} and {are} agree with the number of datasets in English.
_SHOWN = {
    _Data.EMPTY: Phrase(
        ja="{names}空です。前回のデータも表示されません。",
        en="{names} {are} empty; the earlier data is gone too.",
    ),
    _Data.MAYBE_EMPTY: Phrase(ja="{names}空かもしれません。", en="{names} may be empty."),
    _Data.DROPPED: Phrase(
        ja="{names}新しい{rows}行だけを表示しています。",
        en="{names} show{s} the new {rows} rows only.",
    ),
    _Data.INCOMPLETE: Phrase(
        ja="{names}新しいデータですが、{in_all}{skipped}行足りません。",
        en="{names} show{s} the new data without {skipped} rows{in_all}.",
    ),
    _Data.PREVIOUS: Phrase(
        ja="{names}前回のデータのままです。", en="{names} keep{s} showing the previous data."
    ),
    _Data.PREVIOUS_OR_NONE: Phrase(
        ja="{names}前回のデータのままか、表示できません。",
        en="{names} show{s} the previous data, or none.",
    ),
    _Data.RUNNING: Phrase(
        ja="{names}今は前回のデータです。更新が終わると自動で切り替わります。",
        en="{names} show{s} the previous data for now, and the new data as soon as the refresh"
        " ends.",
    ),
    _Data.UNKNOWN: Phrase(
        ja="{names}新しいデータか前回のままか、分かりません。",
        en="{names} may show new or old data.",
    ),
    _Data.NEW: Phrase(ja="{names}新しいデータです。", en="{names} show{s} the new data."),
}
_IN_ALL = Phrase(ja="合わせて", en=" in all")
_ABOUT = Phrase(ja="{names}は", en="{names}")
_BOTH = Phrase(ja="2件とも", en="both datasets")
_EVERY = Phrase(ja="{n}件とも", en="all {n} datasets")

WORDS = {
    "dashboards": Phrase(ja="【ダッシュボード】{text}", en="DASHBOARDS: {text}"),
    "others_new": Phrase(ja="ほかは新しいデータです。", en="The others show the new data."),
    "wrong": Phrase(
        ja="登録に誤りのあるデータセットは前回のデータのままです。",
        en="Datasets with a wrong registration keep showing the previous data.",
    ),
    "other_form": Phrase(
        ja="届いたファイルの分は、含まれていないかもしれません。",
        en="They may lack the file that arrived.",
    ),
    "gap": Phrase(ja="", en=" "),
}


def dashboards(voice: Voice, verdict: Verdict, run: Run) -> str:
    """Return the line about what people see now."""
    outcomes = verdict.outcomes
    shown = {data: [o for o in outcomes if _data(o) is data] for data in _Data}
    said = [
        _sentence(voice, data, found, every=len(found) == len(outcomes))
        for data, found in shown.items()
        if found and data is not _Data.NEW
    ]
    if any(problem.number for problem in verdict.problems):
        said.append(voice.say(WORDS["wrong"]))
    if new := shown[_Data.NEW]:
        only = _sentence(voice, _Data.NEW, new, every=len(new) == len(outcomes))
        said.append(voice.say(WORDS["others_new"]) if said and len(new) > 1 else only)
        if run.in_other_form:
            said.append(voice.say(WORDS["other_form"]))
    if not said and verdict.problems:
        problem = verdict.problems[0]
        said.append(voice.say(problem.dashboards, **problem.values))
    return voice.say(WORDS["dashboards"], text=voice.say(WORDS["gap"]).join(said))


def _sentence(voice: Voice, data: _Data, found: Sequence[Outcome], *, every: bool) -> str:
    names = voice.say(_ABOUT, names=dataset_names(voice, found))
    if every and len(found) > 1:
        names = voice.say(_BOTH if len(found) == 2 else _EVERY, n=len(found))
    values = {
        "rows": number(sum(outcome.rows_now or 0 for outcome in found)),
        "skipped": number(sum(outcome.skipped or 0 for outcome in found)),
        "in_all": voice.say(_IN_ALL) if len(found) > 1 else "",
        "s": "s" if len(found) == 1 else "",
        "are": "is" if len(found) == 1 else "are",
    }
    return voice.say(_SHOWN[data], names=names, **values)


def _data(outcome: Outcome) -> _Data:
    if outcome.kind in (Kind.FAILED, Kind.NOT_STARTED):
        return _after_failure(outcome)
    if outcome.oddity is Oddity.DROPPED and outcome.kind is Kind.SKIPPED:
        return _Data.INCOMPLETE
    if outcome.oddity is not None:
        return _Data[outcome.oddity.name]
    if outcome.kind is Kind.SHORT:
        return _Data.MAYBE_EMPTY if outcome.rows_now is None else _Data.DROPPED
    return _Data.INCOMPLETE if outcome.kind is Kind.SKIPPED else _Data.NEW


def _after_failure(outcome: Outcome) -> _Data:
    if outcome.still_running:
        return _Data.RUNNING
    if outcome.phase == STARTING and outcome.status == _NOT_FOUND:
        return _Data.PREVIOUS_OR_NONE
    shown = outcome.meaning.dashboards if outcome.meaning else Shown.UNKNOWN
    return {Shown.PREVIOUS: _Data.PREVIOUS, Shown.NEW: _Data.NEW}.get(shown, _Data.UNKNOWN)
