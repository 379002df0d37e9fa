"""Draw looks over duration: the only module that needs matplotlib."""

import math
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from bench.grid import DURATIONS, FIXED_WAITS, KNOWN, UNKNOWN, duration_text
from bench.jobs import Results

#: As dark on white as it is light on a dark page.
_INK = "#767676"
_STYLES = {
    KNOWN: ("#2a9d4e", "-", "o"),
    UNKNOWN: ("#3b82d6", "-", "s"),
    "every 30 s\n(Airflow's operator)": ("#a86fd1", "--", "^"),
    "every 10 s": ("#d9722b", "--", "D"),
}
_TICKS = (1, 10, 100, 1000)


def draw(results: Results, path: Path) -> None:
    """Write the picture; the same figures give the same file."""
    settings = {
        "svg.hashsalt": "looks",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 11,
        "text.color": _INK,
        "axes.edgecolor": _INK,
        "axes.labelcolor": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
    }
    with matplotlib.rc_context(settings):
        figure = _figure(results)
        figure.savefig(path, transparent=True, metadata={"Date": None})


def _lines(results: Results) -> dict[str, list[tuple[int, float]]]:
    lines: dict[str, list[tuple[int, float]]] = {
        kind: [(seconds, results.cells[kind][seconds, 1].looks_median) for seconds in DURATIONS]
        for kind in (KNOWN, UNKNOWN)
    }
    ten, thirty = FIXED_WAITS
    for name, wait in zip(list(_STYLES)[2:], (thirty, ten), strict=True):
        lines[name] = [(run.seconds, run.looks) for run in results.fixed[wait]]
    return lines


def _figure(results: Results) -> Figure:
    figure = Figure(figsize=(8, 4.8), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    for name, points in _lines(results).items():
        colour, dash, marker = _STYLES[name]
        x, y = zip(*points, strict=True)
        axes.plot(x, y, dash, color=colour, marker=marker, markersize=5, linewidth=2, zorder=3)
        axes.annotate(
            name,
            (x[-1], y[-1]),
            xytext=(10, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontweight="bold",
            annotation_clip=False,
        )
    died = [run for runs in results.fixed.values() for run in runs if run.died]
    for run in died:
        axes.plot(run.seconds, run.looks, "x", color=_INK, markersize=13, markeredgewidth=2)
        axes.annotate(
            f"its history is full\nafter {run.looks:,} looks",
            (run.seconds, run.looks),
            xytext=(-14, 0),
            textcoords="offset points",
            ha="right",
            va="center",
        )
    axes.set_xticks(DURATIONS, [duration_text(seconds) for seconds in DURATIONS])
    axes.set_yticks(_TICKS, [f"{tick:,}" for tick in _TICKS])
    axes.minorticks_off()
    axes.set_ylim(0.8, 6000)
    axes.set_xlim(DURATIONS[0] / math.sqrt(2), DURATIONS[-1] * math.sqrt(2))
    axes.set_xlabel("how long the ingestion takes")
    axes.set_ylabel("looks at it (DescribeIngestion)")
    axes.grid(color=_INK, alpha=0.25, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
