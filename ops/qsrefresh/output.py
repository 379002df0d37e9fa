"""What people and programs read: data on stdout, narration on stderr.

What has to be drawn is in ``drawing``, which is loaded when there is something to show.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import click

from qsrefresh.addressing import addressed
from qsrefresh.safe_text import one_line


def say(text: str) -> None:
    """Tell the person something, on one line; programs that read stdout do not see it."""
    click.echo(one_line(addressed(text)), err=True)


def write_json(data: object) -> None:
    """Write data for programs: nothing but printable ASCII, whatever a name holds."""
    click.echo(json.dumps(data, indent=2, default=_plain))


def write(text: str) -> None:
    """Write text on stdout."""
    from qsrefresh import drawing

    drawing.write(text)


def write_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows for people: as wide as the terminal, or as they are where there is none."""
    from qsrefresh import drawing

    drawing.write_table(titles, rows)


def write_diff(lines: Iterable[str]) -> None:
    """Write a diff, additions green and removals red."""
    from qsrefresh import drawing

    drawing.write_diff(lines)


def write_finding(mark: str, text: str, mend: str) -> None:
    """Write what a check found, and below it the commands that mend it, each in a line."""
    from qsrefresh import drawing

    drawing.write_finding(mark, text, mend)


def live_table(
    titles: Sequence[str],
) -> AbstractContextManager[Callable[[str, Iterable[Sequence[str]]], bool]]:
    """Return a context with a function that draws a line and rows over those before.

    It returns False without a terminal.
    """
    from qsrefresh import drawing

    return drawing.live_table(titles)


def progress(what: str, total: int | None = None) -> AbstractContextManager[Callable[[], None]]:
    """Return a context with a function to call after each step.

    From the second second on, people see how far it is.
    """
    from qsrefresh import drawing

    return drawing.progress(what, total)


def _plain(value: Any) -> Any:
    """Return what DynamoDB or AWS gave us as JSON can hold it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
