"""The line before all others: data that QuickSight took, and that a person should look at."""

from collections.abc import Iterator, Sequence

from amounts import number
from language import Phrase, Voice
from lookalike import decomposed_marked, differing
from names import dataset_names
from run import Run
from safe_text import NAME_LIMIT, shorten_place
from verdict import Oddity, Outcome

_MOST = 3

WORDS = {
    "caution": Phrase(ja="【注意】{text}", en="CAUTION: {text}"),
    "no_rows": Phrase(
        ja="{name}に取り込まれたのは0行です{before}。", en="0 rows were read into {name}{before}."
    ),
    "all_skipped": Phrase(
        ja="{name}は全{skipped}行がスキップされ、取り込みは0行です{before}。",
        en="all {skipped} rows of {name} were skipped; 0 were read{before}.",
    ),
    "dropped": Phrase(
        ja="{name}の行数が大きく減りました: {before_rows}行 → {rows}行。",
        en="{name} lost most of its rows: {before_rows} before, {rows} now.",
    ),
    "before": Phrase(ja="（前回 {rows}行）", en=" (last time {rows})"),
    "other_form": Phrase(
        ja="ファイルは、登録と見た目が同じ別のフォルダ（{arrived}、NFD）にあります。",
        en="the file lies in another folder that looks like the registered one ({arrived}, NFD).",
    ),
    "more": Phrase(ja="ほかにも{n}件あります。", en="There are {n} more."),
    "separator": Phrase(ja="", en=" "),
}


def caution(voice: Voice, outcomes: Sequence[Outcome], run: Run) -> str:
    """Return the line about odd data, empty where there is none."""
    odd = [outcome for outcome in outcomes if outcome.oddity is not None]
    said = list(_sentences(voice, odd[:_MOST]))
    if extra := len(odd[_MOST:]):
        said.append(voice.say(WORDS["more"], n=extra))
    if run.in_other_form:
        arrived, _ = differing(run.upload_folder or "", run.folder or "")
        shown = shorten_place(decomposed_marked(arrived), NAME_LIMIT)
        said.append(voice.say(WORDS["other_form"], arrived=shown))
    if not said:
        return ""
    return voice.say(WORDS["caution"], text=voice.say(WORDS["separator"]).join(said))


def _sentences(voice: Voice, odd: Sequence[Outcome]) -> Iterator[str]:
    for outcome in odd:
        last = outcome.last_rows
        before = "" if last is None else voice.say(WORDS["before"], rows=number(last))
        kind = "dropped" if outcome.oddity is Oddity.DROPPED else "no_rows"
        if kind == "no_rows" and outcome.skipped:
            kind = "all_skipped"
        yield voice.say(
            WORDS[kind],
            name=dataset_names(voice, [outcome]),
            before=before,
            before_rows=number(last or 0),
            rows=number(outcome.rows_now or 0),
            skipped=number(outcome.skipped or 0),
        )
