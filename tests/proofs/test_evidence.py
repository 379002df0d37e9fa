"""Commands write into docs/dev/evidence.md, each between its own marks."""

import json
import re

import pytest

from proofs.edits import EDITS
from proofs.evidence import PAGE, marks, written
from proofs.second_opinion.recording import FILE, counted
from tests.docs.pages import rows
from tests.loading import FUNCTIONS
from tests.proofs.test_explorer import NASTY, SCHEDULES

TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = re.findall(r"<!-- written by (.+) -->", TEXT)


def test_commands_write_into_the_page() -> None:
    assert "make soak" in COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_only_what_is_between_the_marks_is_changed(command: str) -> None:
    first, last = marks(command)
    before, after = TEXT.split(first)[0], TEXT.split(last)[1]
    assert written(TEXT, command, ["| new |"]) == f"{before}{first}\n| new |\n\n{last}{after}"


def test_the_modules_it_names_are_there() -> None:
    named = {row[0] for row in rows(TEXT, "Module", "Left as it was by nobody noticing", "Why")}
    there = {path.stem for path in FUNCTIONS.glob("*/*.py")}
    assert named
    assert named <= there, "write the module's new name, or run make mutate"


def test_wrong_protocols_and_schedules_are_as_many_as_are_tried() -> None:
    assert f"\n{len(EDITS)} wrong versions of the protocol" in TEXT
    assert f"{SCHEDULES + len(NASTY)} schedules." in TEXT


def test_the_second_opinions_are_those_recorded() -> None:
    lines = counted(json.loads(FILE.read_text(encoding="utf-8")))
    new = written(TEXT, "make second-opinion", lines)
    assert new == TEXT, "make second-opinion writes both, the recording and these numbers"
