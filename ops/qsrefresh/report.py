"""A folder's refreshes as one page: no script, nothing from elsewhere, readable on a phone."""

import html
import statistics
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from string import Template

from qsrefresh.language import Voice
from qsrefresh.past_refreshes import Past
from qsrefresh.refreshes import DatasetResult, FolderRefresh, Outcome
from qsrefresh.safe_text import printable

_WIDTH, _HEIGHT = 360, 120
_MARGIN = 8
_BOTTOM = _HEIGHT - _MARGIN
_WIDEST_BAR = 20.0
_LEAST_BAR_HEIGHT = 3.0

_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>Refreshes of $folder</title>
<style>
:root { color-scheme: light dark; --good: #1a7f5a; --bad: #c62828; --line: #8884; --soft: #8881; }
@media (prefers-color-scheme: dark) { :root { --good: #4cc38a; --bad: #ff6b6b; } }
* { box-sizing: border-box; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem; }
h1 { font-size: 1.3rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p { margin: .2rem 0; }
.folder, .cause, summary, h3 { overflow-wrap: anywhere; }
.quiet { opacity: .75; font-size: .875rem; }
.tiles { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr));
  list-style: none; margin: 1rem 0 0; padding: 0; }
.tiles li { background: var(--soft); border-radius: .5rem; padding: .5rem .7rem; }
.tiles b { display: block; font-size: 1.35rem; font-weight: 600; }
figure { margin: 0; }
figcaption { display: flex; justify-content: space-between; }
svg { display: block; width: 100%; height: auto; background: var(--soft); border-radius: .5rem; }
.good { color: var(--good); fill: var(--good); }
.bad { color: var(--bad); fill: var(--bad); }
.running { fill: currentColor; }
.trend { fill: none; stroke: currentColor; stroke-width: 1.5; }
.day { fill: none; stroke: var(--line); }
.cross { fill: none; stroke: var(--bad); stroke-width: 1.5; }
h3 { font-size: .95rem; margin: 1rem 0 .3rem; }
details { border-top: 1px solid var(--line); padding: .45rem 0; }
summary { cursor: pointer; }
summary b { margin: 0 .4em; }
dl { display: grid; grid-template-columns: 2fr 1fr 1fr 1fr; gap: .2rem .8rem; margin: .2rem 0; }
dl div { min-width: 0; }
dt { font-size: .75rem; opacity: .75; }
dd { margin: 0; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>QuickSight refreshes</h1>
<p class="folder">$folder</p>
<p class="quiet">$period</p>
$notes
$tiles
$picture
$datasets
<h2>Runs</h2>
$runs
</body>
</html>
""")


def page(folder: str, past: Past, begin: datetime, now: datetime, voice: Voice) -> str:
    """Return the page about a folder's refreshes."""
    runs = past.refreshes
    return _PAGE.substitute(
        folder=_text(folder),
        period=_text(f"{voice.moment(begin)} to {voice.moment(now)}"),
        notes="".join(f"<p class='quiet cause'>{_text(note)}</p>" for note in past.notes),
        tiles=_tiles(voice, runs),
        picture=_picture(voice, runs),
        datasets="\n".join(_trends(voice, runs)),
        runs="\n".join(_card(voice, run) for run in runs) or "<p>No refresh in this time.</p>",
    )


def _text(value: object) -> str:
    """Return other people's text as the page can show it: never as markup."""
    return html.escape(printable(str(value)))


def _number(value: int | None) -> str:
    return "–" if value is None else str(value)


def _tone(run: FolderRefresh) -> str:
    tones = {Outcome.SUCCESS: "good", Outcome.RUNNING: "running"}
    return tones.get(run.outcome, "bad")


# ---- Numbers -----------------------------------------------------------------------------------


def _tiles(voice: Voice, runs: Sequence[FolderRefresh]) -> str:
    good = sum(run.outcome is Outcome.SUCCESS for run in runs)
    bad = sum(_tone(run) == "bad" for run in runs)
    skipped = sum(one.skipped_rows or 0 for run in runs for one in run.datasets)
    seconds = [run.seconds for run in runs if run.seconds is not None]
    tiles = [
        ("refreshes", str(len(runs))),
        ("good", str(good)),
        ("went wrong", str(bad)),
        ("rows skipped", str(skipped)),
        ("usual duration", voice.span(statistics.median(seconds) if seconds else None)),
        ("longest", voice.span(max(seconds, default=None))),
    ]
    listed = "".join(f"<li><b>{_text(value)}</b>{_text(name)}</li>" for name, value in tiles)
    return f'<ul class="tiles">{listed}</ul>'


# ---- Pictures ----------------------------------------------------------------------------------


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


def _figure(
    voice: Voice, heading: str, label: str, shapes: Iterable[str], runs: Sequence[FolderRefresh]
) -> str:
    ends = (runs[-1].started, runs[0].started)
    return (
        f"{heading}<figure><svg viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img'"
        f" aria-label='{_text(label)}'>{_days(runs)}{''.join(shapes)}</svg><figcaption"
        f" class='quiet'>{''.join(f'<span>{_text(voice.moment(at))}</span>' for at in ends)}"
        "</figcaption></figure>"
    )


def _days(runs: Sequence[FolderRefresh]) -> str:
    """Draw a line wherever a new day begins."""
    scale = _Scale(runs, 1)
    oldest_first = list(reversed(runs))
    return "".join(
        f"<path class='day' d='M{scale.x(run) - scale.slot / 2:.1f} 0v{_HEIGHT}'/>"
        for before, run in pairwise(oldest_first)
        if before.started.date() != run.started.date()
    )


def _picture(voice: Voice, runs: Sequence[FolderRefresh]) -> str:
    """Draw a bar for each run: how long it took, how it ended."""
    if not runs:
        return ""
    most = max(run.seconds or 0 for run in runs)
    heading = (
        f"<h2>Duration of each run <span class='quiet'>up to {_text(voice.span(most))}</span></h2>"
    )
    label = f"{len(runs)} runs and how long each took"
    return _figure(voice, heading, label, _bars(voice, runs, _Scale(runs, most)), runs)


def _bars(voice: Voice, runs: Sequence[FolderRefresh], scale: _Scale) -> Iterator[str]:
    width = min(_WIDEST_BAR, 0.7 * scale.slot)
    for run in reversed(runs):
        middle, top = scale.x(run), min(scale.y(run.seconds or 0), _BOTTOM - _LEAST_BAR_HEIGHT)
        told = _text(
            f"{voice.moment(run.started)}: {run.outcome.value}, {voice.span(run.seconds)}"
            f" {'; '.join(run.causes)}"
        )
        yield (
            f"<rect class='{_tone(run)}' x='{middle - width / 2:.1f}' y='{top:.1f}'"
            f" width='{width:.1f}' height='{_BOTTOM - top:.1f}'><title>{told}</title></rect>"
        )
        if _tone(run) == "bad":
            # Red alone is not seen by everybody.
            yield _cross(middle, top - 7)


def _cross(x: float, y: float) -> str:
    return f"<path class='cross' d='M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6'/>"


def _trends(voice: Voice, runs: Sequence[FolderRefresh]) -> Iterator[str]:
    """Draw the rows of each dataset, run by run."""
    found: dict[str, list[tuple[FolderRefresh, DatasetResult]]] = {}
    for run in reversed(runs):
        for one in run.datasets:
            found.setdefault(one.id, []).append((run, one))
    if found:
        yield "<h2>Rows of each dataset</h2>"
    for points in found.values():
        name = points[-1][1].name
        most = max(one.rows or 0 for _, one in points)
        heading = f"<h3>{_text(name)} <span class='quiet'>up to {most} rows</span></h3>"
        shapes = _trend(voice, points, _Scale(runs, most))
        yield _figure(voice, heading, f"Rows of {name}, run by run", shapes, runs)


def _trend(
    voice: Voice, points: Sequence[tuple[FolderRefresh, DatasetResult]], scale: _Scale
) -> Iterator[str]:
    known = [(run, one, scale.y(one.rows)) for run, one in points if one.rows is not None]
    if len(known) > 1:
        line = " ".join(f"{scale.x(run)},{y}" for run, _, y in known)
        yield f"<polyline class='trend' points='{line}'/>"
    for run, one, y in known:
        told = _text(f"{voice.moment(run.started)}: {one.rows} rows. {one.cause or ''}")
        tone = "good" if one.refreshed else "bad"
        x = scale.x(run)
        yield f"<circle class='{tone}' cx='{x}' cy='{y}' r='3.5'><title>{told}</title></circle>"
        if not one.refreshed:
            yield _cross(x, y - 9)
    for run, one in points:
        if one.rows is None and one.cause:
            yield _cross(scale.x(run), _BOTTOM - 4)


# ---- Runs --------------------------------------------------------------------------------------


def _card(voice: Voice, run: FolderRefresh) -> str:
    """Return one run, folded; what went wrong is open."""
    state = " open" if _tone(run) == "bad" else ""
    causes = "".join(f"<p class='cause bad'>{_text(cause)}</p>" for cause in run.causes)
    files = "" if run.files is None else f"{run.files} file event{'s' * (run.files != 1)}"
    started = f"Started by {voice.tell(run.started_by)}" if run.started_by else ""
    told = ", ".join(part for part in (started, files) if part)
    return (
        f"<details{state} data-run='{_text(run.execution.rpartition(':')[2])}'><summary>"
        f"{_text(voice.moment(run.started))}<b class='{_tone(run)}'>{run.outcome.value}</b>"
        f"{_text(voice.span(run.seconds))}</summary>"
        f"<p class='quiet cause'>{_text(told)}</p>"
        f"{causes}{''.join(map(_result, run.datasets))}</details>"
    )


def _result(one: DatasetResult) -> str:
    cells = [
        ("status", one.status),
        ("rows", _number(one.rows)),
        ("skipped", _number(one.skipped_rows)),
        ("seconds", _number(one.seconds)),
    ]
    listed = "".join(
        f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in cells
    )
    return f"<h3>{_text(one.name)}</h3><dl data-dataset='{_text(one.id)}'>{listed}</dl>"
