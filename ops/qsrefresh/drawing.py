"""What people see: tables, diffs, findings and progress, drawn by rich, which is slow to import."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from qsrefresh.addressing import addressed
from qsrefresh.output import say
from qsrefresh.safe_text import one_line, printable

#: Wide enough that nothing is cut or wrapped where no terminal sets a width.
_UNLIMITED_WIDTH = 10_000
_PROGRESS_AFTER_SECONDS = 1.0


def write_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows for people: as wide as the terminal, or as they are where there is none."""
    write(_fitting(_console(), titles, list(rows)))


def _fitting(
    console: Console, titles: Sequence[str], rows: Sequence[Sequence[str]]
) -> Table | Text:
    """Return a table; or a block for each row, where an id, a folder or a name would break.

    People copy them: they stay whole. Only what has spaces may take several lines.
    """
    table = _table(titles, rows)
    unlimited = console.options.update(max_width=_UNLIMITED_WIDTH)
    needed = console.measure(table, options=unlimited).maximum
    if not console.is_terminal or needed <= console.width or _whole(console, table, titles, rows):
        return table
    return Text("\n".join(line for row in rows for line in _block(titles, row)))


def _whole(
    console: Console, table: Table, titles: Sequence[str], rows: Sequence[Sequence[str]]
) -> bool:
    """Tell whether a table that is too narrow breaks long cells between words only."""
    drawn = "\n".join("".join(part.text for part in line) for line in console.render_lines(table))
    longest = max((cell_len(row[0]) for row in rows), default=0)
    words = (word for cells in (titles, *rows) for cell in cells for word in one_line(cell).split())
    return longest <= console.width // 3 and all(word in drawn for word in words)


def _block(titles: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    """Yield a row's lines; empty cells, as where it goes on with the row before, have none."""
    first, *others = row
    if first:
        yield one_line(first)
    for title, cell in zip(titles[1:], others, strict=True):
        if cell:
            yield one_line(f"  {title}: {cell}")


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    return table


@contextmanager
def live_table(titles: Sequence[str]) -> Iterator[Callable[[str, Iterable[Sequence[str]]], bool]]:
    """Yield a function that draws a line and rows over those before; False without a terminal."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        yield lambda _line, _rows: False
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def draw(line: str, rows: Iterable[Sequence[str]]) -> bool:
            shown = _fitting(console, titles, list(rows))
            live.update(Group(Text(one_line(line)), shown), refresh=True)
            return True

        yield draw


def write_diff(lines: Iterable[str]) -> None:
    """Write a diff, additions green and removals red."""
    colours = {"+": "green", "-": "red"}
    for line in lines:
        write(Text(one_line(line), style=colours.get(line[:1], "")))


def write_finding(mark: str, text: str, mend: str) -> None:
    """Write what a check found, and below it the commands that mend it, each in a line."""
    colours = {"✓": "green", "!": "yellow", "✗": "red"}
    line = Text.assemble((mark, colours.get(mark, "")), " ", one_line(text))
    for command in filter(None, addressed(mend).split("\n")):
        line.append(f"\n    → {one_line(command)}")
    write(line)


def write(thing: str | Text | Table) -> None:
    """Write one thing on stdout, in colour only where a terminal shows it."""
    thing = Text(printable(thing)) if isinstance(thing, str) else thing
    # A line of text is never broken: people copy commands and YAML out of it.
    soft_wrap = isinstance(thing, Text)
    console = _console()
    if console.is_terminal:
        console.print(thing, soft_wrap=soft_wrap)
        return
    console = _console(width=_UNLIMITED_WIDTH)
    with console.capture() as capture:
        console.print(thing, soft_wrap=soft_wrap)
    for line in capture.get().removesuffix("\n").split("\n"):
        click.echo(line.rstrip())


def _console(width: int | None = None) -> Console:
    return Console(highlight=False, markup=False, emoji=False, file=sys.stdout, width=width)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """Yield a function to call after each step; from the second second on, people see how far."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
    )
    task = bar.add_task(what, total=total)
    began, shown = time.monotonic(), False

    def advance() -> None:
        nonlocal shown
        bar.advance(task)
        if not shown and time.monotonic() - began > _PROGRESS_AFTER_SECONDS:
            shown = True
            if console.is_terminal:
                bar.start()
            else:
                say(f"{what} …")

    try:
        yield advance
    finally:
        if bar.live.is_started:
            bar.stop()
