"""The entries about datasets: one bullet each; what several have in common is said once."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from amounts import duration, number, share
from first import hidden_id
from language import UNKNOWN, Phrase, Voice
from mail_size import Entry
from meanings import EXPLAINED_AT, Meaning, Origin, named
from names import dataset_name, file_name
from run import Run
from safe_text import NAME_LIMIT, has_hidden, shorten, shorten_place
from verdict import CHECKING, Kind, Outcome

_TERSE_NAME_LIMIT = 30
# Beyond that, links are most of what a phone shows.
_LINKED_IN_GROUP = 3

WORDS = {
    "good": Phrase(
        ja="データセット{name}の更新は成功しました。", en="Dataset {name} was refreshed."
    ),
    "skipped": Phrase(
        ja="データセット{name}は、{skipped}行をスキップして更新しました。",
        en="Dataset {name} was refreshed, but not completely: rows skipped: {skipped}.",
    ),
    "failed": Phrase(
        ja="データセット{name}の更新は失敗し、ステータス{status}を戻しました。",
        en="The refresh of dataset {name} failed with status {status}.",
    ),
    "short": Phrase(
        ja="データセット{name}は更新されましたが、行数が下限（{min_rows}行）を下回っています。",
        en="Dataset {name} was refreshed, but with fewer rows than {min_rows}.",
    ),
    "in_common": Phrase(ja="次の{n}件に共通:", en="The next {n} have this in common:"),
    "type": Phrase(ja="エラー種別: {type}", en="Error type: {type}"),
    "api": Phrase(ja="APIエラー: {type}", en="API error: {type}"),
    "api_call": Phrase(ja="APIエラー: {type}（{call}）", en="API error: {type} ({call})"),
    "step": Phrase(ja="エラー: {type}", en="Error: {type}"),
    "cause": Phrase(ja="原因: {cause}", en="Cause: {cause}"),
    "next_step": Phrase(ja="対処: {steps}", en="Next step: {steps}"),
    "steps_gap": Phrase(ja="", en=" "),
    "explained": Phrase(ja="種別の説明（AWS）:", en="The type, explained by AWS:"),
    "last_seen": Phrase(ja="最後に見た状態: {status}。", en="Last seen: {status}."),
    "took_last": Phrase(ja="前回の所要は{duration}です。", en="Last time it took {duration}."),
    "waiting": Phrase(ja="待機中の更新: {waiting}", en="In the queue: {waiting}"),
    "id": Phrase(ja="登録のID: {id}", en="Registered id: {id}"),
    "numbers": Phrase(ja="　　{numbers}", en="　　{numbers}"),
    "comma": Phrase(ja="、", en=", "),
    "rows": Phrase(ja="行数 {rows}{more}", en="{rows} row{s}{more}"),
    "rows_read": Phrase(ja="取り込み {rows}行{more}", en="{rows} row{s} read{more}"),
    "rows_unreported": Phrase(ja="行数 報告なし{more}", en="rows not reported{more}"),
    "in_dataset": Phrase(ja="データセット全体 {rows}", en="{rows} in the whole dataset"),
    "last_time": Phrase(ja="前回 {rows}", en="last time {rows}"),
    "brackets": Phrase(ja="（{inside}）", en=" ({inside})"),
    "skipped_rows": Phrase(ja="スキップ {skipped}行（{share}）", en="{skipped} skipped ({share})"),
    "skipped_rows_only": Phrase(ja="スキップ {skipped}行", en="{skipped} skipped"),
    "skipped_unreported": Phrase(ja="スキップ 報告なし", en="skipped rows not reported"),
    "attempts": Phrase(
        ja="再試行: {n}回目で終了（それまでのエラー: {before}）",
        en="Attempts: {n} (before: {before})",
    ),
    "took": Phrase(ja="所要 {duration}", en="{duration}"),
}

_HEADLINES = {
    Kind.GOOD: "good",
    Kind.SKIPPED: "skipped",
    Kind.SHORT: "short",
    Kind.FAILED: "failed",
    Kind.NOT_STARTED: "failed",
}
# Refreshed, but not as it should be: the numbers tell most.
_INCOMPLETE = (Kind.SHORT, Kind.SKIPPED)
_TYPES = {Origin.INGESTION: "type", Origin.API: "api", Origin.STEP: "step"}


def dataset_entries(voice: Voice, outcomes: Sequence[Outcome], run: Run) -> Iterator[Entry]:
    """Yield the entries, those of one cause together, else in the order of `outcomes`."""
    writer = _Writer(voice, run)
    order = {outcome.key: place for place, outcome in reversed(list(enumerate(outcomes)))}
    together = sorted(outcomes, key=lambda outcome: order[outcome.key])
    for _, alike in groupby(together, key=lambda outcome: outcome.key):
        group = list(alike)
        if group[0].kind is Kind.GOOD:
            yield from writer.good(group)
        elif len(group) == 1:
            yield writer.alone(group[0])
        else:
            yield from writer.together(group)


class _Writer:
    """Says everything about the datasets of one run in one language."""

    def __init__(self, voice: Voice, run: Run) -> None:
        self._voice = voice
        self._run = run

    def good(self, group: Sequence[Outcome]) -> Iterator[Entry]:
        for place, outcome in enumerate(group):
            numbers = self._say("numbers", numbers=self._numbers(outcome))
            odd = outcome.oddity is not None
            link = (self._link(outcome),) if odd else ()
            tried = (self._say("numbers", numbers=line) for line in self._tried(outcome))
            headline = self._headline(outcome, NAME_LIMIT)
            terse = self._headline(outcome, _TERSE_NAME_LIMIT)
            # Odd ones stand first, each by itself; the others are a plain list.
            apart = place == 0 or odd or group[place - 1].oddity is not None
            full = (headline, numbers, *tried, *link)
            yield Entry((full, (headline,), (terse,)), apart=apart)

    def alone(self, outcome: Outcome) -> Entry:
        own, link = list(self._own_lines(outcome)), self._link(outcome)
        if outcome.kind in _INCOMPLETE:
            about = self._about(outcome)
            return self._bullet(outcome, (*own, *about, link), (*own, link))
        about = self._about(outcome, self._said(outcome))
        return self._bullet(
            outcome,
            (*about, *own, outcome.said.request_line(self._voice), link),
            (*self._about(outcome), *own, link),
            (self._type(outcome), link),
        )

    def together(self, group: Sequence[Outcome]) -> Iterator[Entry]:
        first = group[0]
        heading = self._say("in_common", n=len(group))
        said = self._said(first, len(group))
        versions = (self._about(first, said), self._about(first), [self._type(first)])
        yield Entry(tuple((heading, *filter(None, lines)) for lines in versions), bullet=False)
        for outcome in group:
            link = [self._link(outcome)] if len(group) <= _LINKED_IN_GROUP else []
            request = [outcome.said.request_line(self._voice)] if link else []
            own = (*self._own_lines(outcome), *request, *link)
            yield self._bullet(outcome, own, link, apart=False)

    def _bullet(self, outcome: Outcome, *bodies: Sequence[str], apart: bool = True) -> Entry:
        headline = self._headline(outcome, NAME_LIMIT)
        terse = self._headline(outcome, _TERSE_NAME_LIMIT)
        full = [(headline, *filter(None, body)) for body in bodies]
        return Entry((*full, (headline,), (terse,)), apart=apart)

    def _headline(self, outcome: Outcome, limit: int) -> str:
        name = dataset_name(outcome, limit) or UNKNOWN
        status = shorten(outcome.status, limit) or UNKNOWN
        kind = _HEADLINES[outcome.kind]
        least = number(outcome.dataset.min_rows)
        return self._say(kind, name=name, status=status, skipped=outcome.skipped, min_rows=least)

    def _about(self, outcome: Outcome, said: str = "") -> list[str]:
        """Return the lines on type, cause and next step, and where it stands among them, `said`.

        Where only the message tells the cause, it comes before the next step.
        """
        found = outcome.meaning
        if found is None:
            return []
        values = self._values(outcome, found)
        steps = [self._voice.say(step, **values) for step in found.steps]
        next_step = self._say("next_step", steps=self._say("steps_gap").join(steps))
        cause = self._say("cause", cause=self._cause(outcome, found))
        explained = [self._say("explained"), EXPLAINED_AT] if found.general and said else []
        after = [next_step] if steps else []
        if outcome.kind in _INCOMPLETE:  # its numbers tell the rest
            return after
        words = [said, *after] if found.general else [*after, said]
        return [self._type(outcome), cause, *words, *explained]

    def _cause(self, outcome: Outcome, found: Meaning) -> str:
        """Return why it failed; that the refresh had begun is part of it."""
        began = [named("unread").cause] if outcome.phase == CHECKING else []
        values = self._values(outcome, found)
        causes = [self._voice.say(cause, **values) for cause in (*began, found.cause)]
        return self._say("steps_gap").join(causes)

    def _type(self, outcome: Outcome) -> str:
        found = outcome.meaning
        if found is None or found.origin not in _TYPES or not found.type:
            return ""
        word = _TYPES[found.origin]
        word = "api_call" if word == "api" and outcome.call else word
        return self._say(word, type=shorten(found.type, NAME_LIMIT), call=outcome.call)

    def _values(self, outcome: Outcome, found: Meaning) -> dict[str, object]:
        return {
            "dataset_id": shorten_place(outcome.dataset.id, NAME_LIMIT),
            "permission": outcome.permission,
            "error": shorten(found.type, NAME_LIMIT) or UNKNOWN,
            "file": file_name(self._run),
            "parent": _parent_name(outcome),
        }

    def _said(self, outcome: Outcome, datasets: int = 1) -> str:
        if outcome.still_running or not outcome.said.start:
            return ""
        return outcome.said.line(self._voice, "quicksight", datasets)

    def _own_lines(self, outcome: Outcome) -> Iterator[str]:
        """Yield what is said of this dataset only, whatever it has in common with others."""
        if outcome.still_running:
            yield self._last_seen(outcome)
        if outcome.waiting:
            yield self._say("waiting", waiting=", ".join(outcome.waiting))
        if outcome.kind in _INCOMPLETE:
            yield self._numbers(outcome)
        yield from self._tried(outcome)
        if has_hidden(outcome.dataset.id):
            yield self._say("id", id=shorten_place(outcome.dataset.id, NAME_LIMIT))
            yield hidden_id(self._voice, outcome)

    def _tried(self, outcome: Outcome) -> Iterator[str]:
        """Yield that it was tried again, if it was, and of what."""
        if outcome.before:
            before = self._say("comma").join(outcome.before)
            yield self._say("attempts", n=len(outcome.before) + 1, before=before)

    def _last_seen(self, outcome: Outcome) -> str:
        seen = outcome.said.start or outcome.status
        said = [self._say("last_seen", status=shorten(seen, NAME_LIMIT))]
        if outcome.last_seconds is not None:
            took = duration(self._voice, outcome.last_seconds)
            said.append(self._say("took_last", duration=took))
        return self._say("steps_gap").join(said)

    def _link(self, outcome: Outcome) -> str:
        # An id with a character that nobody sees leads to no page.
        leads = outcome.dataset.id and not has_hidden(outcome.dataset.id)
        nothing_there = outcome.kind is Kind.NOT_STARTED
        return self._run.dataset_link(outcome.dataset.id) if leads and not nothing_there else ""

    def _numbers(self, outcome: Outcome) -> str:
        """Return what is known of rows and duration, now and last time."""
        parts = [self._rows(outcome)]
        if outcome.skipped:
            parts.append(self._skipped(outcome.skipped, outcome.rows))
        elif outcome.rows is not None and outcome.skipped is None:
            parts.append(self._say("skipped_unreported"))
        if outcome.seconds is not None:
            took = duration(self._voice, outcome.seconds)
            parts.append(self._say("took", duration=took))
        return self._say("comma").join(parts)

    def _rows(self, outcome: Outcome) -> str:
        inside = []
        if outcome.rows is not None and outcome.total_rows not in (None, outcome.rows):
            inside.append(self._say("in_dataset", rows=number(outcome.total_rows or 0)))
        if outcome.last_rows is not None:
            inside.append(self._say("last_time", rows=number(outcome.last_rows)))
        joined = self._say("comma").join(inside)
        more = self._say("brackets", inside=joined) if inside else ""
        if outcome.rows is None:
            return self._say("rows_unreported", more=more)
        word = "rows_read" if outcome.kind is Kind.SKIPPED else "rows"
        plural = "" if outcome.rows == 1 else "s"
        return self._say(word, rows=number(outcome.rows), more=more, s=plural)

    def _skipped(self, skipped: int, rows: int | None) -> str:
        if rows is None:
            return self._say("skipped_rows_only", skipped=number(skipped))
        part = share(skipped, skipped + rows)
        return self._say("skipped_rows", skipped=number(skipped), share=part)

    def _say(self, word: str, **values: object) -> str:
        return self._voice.say(WORDS[word], **values)


def _parent_name(outcome: Outcome) -> str | Phrase:
    """Return what people call the dataset that this one waited for."""
    parent = outcome.parent
    return "" if parent is None else shorten(parent.name, NAME_LIMIT) or UNKNOWN
