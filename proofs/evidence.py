"""Write what a command counted into docs/dev/evidence.md, between the command's own marks."""

import re
from collections.abc import Iterable

from local.services.cloudformation import ROOT

PAGE = ROOT / "docs" / "dev" / "evidence.md"


def marks(command: str) -> tuple[str, str]:
    """Return the lines that begin and end what a command writes."""
    return f"<!-- written by {command} -->\n", f"<!-- end of {command} -->\n"


def written(page: str, command: str, lines: Iterable[str]) -> str:
    """Return the page with these lines between the command's marks, and all else as it was."""
    first, last = marks(command)
    text = "\n".join(["", *lines, "", ""])
    return re.sub(
        re.escape(first) + ".*?" + re.escape(last),
        lambda _: first + text + last,
        page,
        flags=re.DOTALL,
    )


def write(command: str, lines: Iterable[str]) -> None:
    """Write these lines into the page."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(written(page, command, lines), encoding="utf-8")
