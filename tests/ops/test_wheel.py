"""``pipx install .`` brings the command, and nothing else of the repository."""

import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from tests.loading import ROOT


def test_the_wheel_holds_the_command_line_only(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (entry,) = (name for name in names if name.endswith("entry_points.txt"))
        points = archive.read(entry).decode()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"qsrefresh"}
    ops = ROOT / "ops"
    modules = {str(path.relative_to(ops)) for path in (ops / "qsrefresh").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == modules
    assert "qsrefresh = qsrefresh.cli:run" in points
