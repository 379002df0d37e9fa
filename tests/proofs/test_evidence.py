"""Commands write into docs/dev/evidence.md, each between its own marks."""

import re

import pytest

from proofs.evidence import PAGE, marks, written

TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = re.findall(r"<!-- written by (.+) -->", TEXT)


def test_commands_write_into_the_page() -> None:
    assert "make soak" in COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_only_what_is_between_the_marks_is_changed(command: str) -> None:
    first, last = marks(command)
    before, after = TEXT.split(first)[0], TEXT.split(last)[1]
    assert written(TEXT, command, ["| new |"]) == f"{before}{first}\n| new |\n\n{last}{after}"
