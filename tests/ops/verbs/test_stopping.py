"""Whatever stops refreshes says so and asks: nobody switches a folder off by accident."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ops.conftest import FOLDER, OTHER, Shell

BELOW = f"{FOLDER}tokyo/"
ONE = {"datasetid": "id-one", "datasetname": "one"}
NOTHING = f"files in {FOLDER} will refresh nothing any more (now: one, two)"
SILENT = "and no mail will say so"
MAILED = "and an ERROR mail will say so each time"


@pytest.fixture
def registered(qsrefresh: Shell) -> Shell:
    """A folder with two datasets."""
    qsrefresh("register", FOLDER, "one", "two")
    return qsrefresh


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ignore", FOLDER], f"{NOTHING}, {SILENT}"),
        (["ignore", BELOW], f"files in {BELOW} will refresh nothing any more (now: one, two)"),
        (["unregister", FOLDER], f"{NOTHING}, {MAILED}"),
        (["move", FOLDER, OTHER], f"{NOTHING}, {MAILED}"),
        (["register", BELOW, "two"], f"files in {BELOW} will no longer refresh one"),
        (["register", "--file", "FILE"], f"files in {FOLDER} will no longer refresh two"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_it_says_what_stops_and_asks(
    registered: Shell, tmp_path: Path, arguments: list[str], told: str
) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(yaml.safe_dump([{"S3uri": FOLDER, "datasets": [ONE]}]), encoding="utf-8")
    arguments = [str(path) if one == "FILE" else one for one in arguments]
    for answer in ("n\n", ""):
        stderr = registered.refused(*arguments, input=answer)
        assert f"This stops refreshes: {told}" in stderr
        assert "Way out: answer y, or add --yes" in stderr
    planned = registered(*arguments, "--dry-run")
    assert (planned.exit_code, "This stops" in planned.stderr) == (0, True)
    assert registered(*arguments, input="y\n").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["ignore", OTHER],
        ["register", OTHER, "one"],
        ["register", BELOW, "one", "two"],
        ["register", FOLDER, "two", "one"],
        ["ignore", FOLDER, "--off"],
    ],
    ids=" ".join,
)
def test_what_stops_nothing_asks_nothing(registered: Shell, arguments: list[str]) -> None:
    result = registered(*arguments)
    assert (result.exit_code, "This stops" in result.stderr) == (0, False)


def test_files_below_a_folder_that_is_taken_away_go_on_with_the_one_above(
    registered: Shell,
) -> None:
    registered("register", BELOW, "one", "--yes")
    result = registered("unregister", BELOW, input="y\n")
    assert (result.exit_code, "This stops" in result.stderr) == (0, False)


def test_a_folder_whose_files_start_nothing_stops_nothing(registered: Shell) -> None:
    bare: list[Any] = [{"S3uri": OTHER[:-1], "datasets": [ONE]}]
    registered.account.register(bare)
    moved = registered("move", OTHER[:-1], OTHER, "--yes")
    assert (moved.exit_code, "This stops" in moved.stderr) == (0, False)
