"""The pictures of a report: how long each run took, and the rows of each dataset over time."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from qsrefresh.language import Phrase, Voice
from qsrefresh.page import text, tone
from qsrefresh.refreshes import DatasetResult, FolderRefresh
from qsrefresh.words import outcome_in_words

_WIDTH, _HEIGHT = 360, 120
_MARGIN = 8
_BOTTOM = _HEIGHT - _MARGIN
_WIDEST_BAR = 20.0
_LEAST_BAR_HEIGHT = 3.0

WORDS = {
    "durations": Phrase(ja="実行ごとの所要時間", en="Duration of each run"),
    "up_to": Phrase(ja="最長 {most}", en="up to {most}"),
    "durations_alt": Phrase(ja="{n}回の実行の所要時間", en="{n} runs and how long each took"),
    "rows": Phrase(ja="データセットごとの行数", en="Rows of each dataset"),
    "up_to_rows": Phrase(ja="最大 {n}行", en="up to {n} rows"),
    "rows_alt": Phrase(ja="{name}の行数の推移", en="Rows of {name}, run by run"),
    "point": Phrase(ja="{at}: {n}行", en="{at}: {n} rows"),
}


class _Scale:
    """Where a run is in a picture, and how high a value.

    Each run has a place of its own: by the clock, runs of one busy morning would hide each other.
    """

    def __init__(self, runs: Sequence[FolderRefresh], most: float) -> None:
        self.slot = (_WIDTH - 2 * _MARGIN) / max(len(runs), 1)
        self._places = {run.execution: number for number, run in enumerate(reversed(runs))}
        self._most = max(most, 1.0)

    def x(self, run: FolderRefresh) -> float:
        """Return the middle of a run's place, the oldest left."""
        return round(_MARGIN + self.slot * (self._places[run.execution] + 0.5), 1)

    def y(self, value: float) -> float:
        """Return how far down a value is."""
        return round(_BOTTOM - value / self._most * (_BOTTOM - 2 * _MARGIN), 1)


def durations(voice: Voice, runs: Sequence[FolderRefresh]) -> str:
    """Draw a bar for each run: how long it took, how it ended."""
    if not runs:
        return ""
    most = max(run.seconds or 0 for run in runs)
    heading = _heading(voice, "h3", "durations", voice.say(WORDS["up_to"], most=voice.span(most)))
    label = voice.say(WORDS["durations_alt"], n=len(runs))
    return _figure(voice, heading, label, _bars(voice, runs, _Scale(runs, most)), runs)


def trends(voice: Voice, runs: Sequence[FolderRefresh]) -> Iterator[str]:
    """Draw the rows of each dataset, run by run."""
    found: dict[str, list[tuple[FolderRefresh, DatasetResult]]] = {}
    for run in reversed(runs):
        for one in run.datasets:
            found.setdefault(one.id, []).append((run, one))
    if found:
        yield f"<h3>{text(voice.say(WORDS['rows']))}</h3>"
    for points in found.values():
        name = points[-1][1].name
        most = max(one.rows or 0 for _, one in points)
        up_to = text(voice.say(WORDS["up_to_rows"], n=most))
        heading = f"<h4>{text(name)} <span class='quiet'>{up_to}</span></h4>"
        shapes = _trend(voice, points, _Scale(runs, most))
        yield _figure(voice, heading, voice.say(WORDS["rows_alt"], name=name), shapes, runs)


def _heading(voice: Voice, tag: str, word: str, more: str) -> str:
    said = text(voice.say(WORDS[word]))
    return f"<{tag}>{said} <span class='quiet'>{text(more)}</span></{tag}>"


def _figure(
    voice: Voice, heading: str, label: str, shapes: Iterable[str], runs: Sequence[FolderRefresh]
) -> str:
    ends = (runs[-1].started, runs[0].started)
    return (
        f"{heading}<figure><svg viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img'"
        f" aria-label='{text(label)}'>{_days(voice, runs)}{''.join(shapes)}</svg><figcaption"
        f" class='quiet'>{''.join(f'<span>{text(voice.moment(at))}</span>' for at in ends)}"
        "</figcaption></figure>"
    )


def _days(voice: Voice, runs: Sequence[FolderRefresh]) -> str:
    """Draw a line wherever a new day begins, by the reader's clock."""
    scale = _Scale(runs, 1)
    oldest_first = list(reversed(runs))
    return "".join(
        f"<path class='day' d='M{scale.x(run) - scale.slot / 2:.1f} 0v{_HEIGHT}'/>"
        for before, run in pairwise(oldest_first)
        if voice.day(before.started) != voice.day(run.started)
    )


def _bars(voice: Voice, runs: Sequence[FolderRefresh], scale: _Scale) -> Iterator[str]:
    width = min(_WIDEST_BAR, 0.7 * scale.slot)
    for run in reversed(runs):
        middle, top = scale.x(run), min(scale.y(run.seconds or 0), _BOTTOM - _LEAST_BAR_HEIGHT)
        ended = outcome_in_words(voice, run.outcome.value)
        told = text(f"{voice.moment(run.started)}: {ended}, {voice.span(run.seconds)}")
        yield (
            f"<rect class='{tone(run)}' x='{middle - width / 2:.1f}' y='{top:.1f}'"
            f" width='{width:.1f}' height='{_BOTTOM - top:.1f}'><title>{told}</title></rect>"
        )
        if tone(run) == "bad":
            # Red alone is not seen by everybody.
            yield _cross(middle, top - 7)


def _cross(x: float, y: float) -> str:
    return f"<path class='cross' d='M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6'/>"


def _trend(
    voice: Voice, points: Sequence[tuple[FolderRefresh, DatasetResult]], scale: _Scale
) -> Iterator[str]:
    known = [(run, one, scale.y(one.rows)) for run, one in points if one.rows is not None]
    if len(known) > 1:
        line = " ".join(f"{scale.x(run)},{y}" for run, _, y in known)
        yield f"<polyline class='trend' points='{line}'/>"
    for run, one, y in known:
        told = text(voice.say(WORDS["point"], at=run.started, n=one.rows))
        shown = "good" if one.refreshed else "bad"
        x = scale.x(run)
        yield f"<circle class='{shown}' cx='{x}' cy='{y}' r='3.5'><title>{told}</title></circle>"
        if not one.refreshed:
            yield _cross(x, y - 9)
    for run, one in points:
        if one.rows is None and one.cause:
            yield _cross(scale.x(run), _BOTTOM - 4)
