"""Who may import whom in this repository; imports for type checkers count like all others."""

import ast
import graphlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loading import ROOT

#: Folder → what it may import of this repository, by the names that imports begin with.
MAY = {
    "statemachine": set(),
    "ops": {"qsrefresh"},
    "local": {"local"},
    "bench": {"bench", "local", "qsrefresh"},
    "proofs": {"proofs", "tests", "local", "bench", "qsrefresh"},
}
OURS = {*MAY, "tests", "qsrefresh"}
#: A function finds Python's own modules, its layer, and the modules beside it.
ON_LAMBDA = {*sys.stdlib_module_names, "aws_lambda_powertools"}
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
#: The floors of local/ from the ground up: each may import itself and those below.
FLOORS = ["core", "services", "stepfunctions", "account", "programs"]


def imported(path: Path) -> Iterator[str]:
    """Yield the whole name of everything that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms(path: Path) -> set[str]:
    """Return what the names of a file's imports begin with."""
    return {name.partition(".")[0] for name in imported(path)}


@pytest.mark.parametrize("folder", MAY)
def test_a_folder_imports_only_what_it_may(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        assert rooms(path) & OURS <= MAY[folder], path


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_stands_alone(function: str) -> None:
    files = list((ROOT / "functions" / function).glob("*.py"))
    for path in files:
        assert rooms(path) <= ON_LAMBDA | {one.stem for one in files}, path


#: Module of local/ → its file; → the modules of it that it imports.
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "local").rglob("*.py"))
}
IMPORTS = {
    module: {
        name if name in FILES else name.rpartition(".")[0]
        for name in imported(path)
        if name.startswith("local.")
    }
    for module, path in FILES.items()
}


@pytest.mark.parametrize("module", [one for one in IMPORTS if one != "local"])
def test_no_import_of_the_local_account_runs_upward(module: str) -> None:
    floor = FLOORS.index(module.split(".")[1])
    for other in IMPORTS[module]:
        assert FLOORS.index(other.split(".")[1]) <= floor, f"{module} imports {other}"


def test_no_modules_of_the_local_account_import_each_other_in_a_circle() -> None:
    graphlib.TopologicalSorter(IMPORTS).prepare()  # raises CycleError, which shows the circle
