"""What must hold for the folder of every function, whatever it does."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loading import FUNCTIONS, load_module

FOLDERS = sorted(path.parent for path in FUNCTIONS.glob("*/app.py"))
BY_NAME = pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
ENVIRONMENT = {"PROJECT_ID": "p", "NOTIFICATION_LANGUAGE": "ja", "AWS_REGION": "ap-northeast-1"}

# What the handler itself imports, beyond what Powertools brings along.
IMPORTED = """
import sys
import aws_lambda_powertools, aws_lambda_powertools.utilities.typing
before = set(sys.modules)
import app
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


def own_modules(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.py")}


def test_both_functions_are_found() -> None:
    assert [f.name for f in FOLDERS] == ["check_ingestion_status", "produce_ingestion_parameters"]


@BY_NAME
def test_no_module_hides_another_of_the_same_name(folder: Path) -> None:
    # The function's folder comes first on Lambda's path.
    installed = set(importlib.metadata.packages_distributions())

    assert own_modules(folder) & (sys.stdlib_module_names | installed) == set()


@BY_NAME
def test_the_handler_imports_powertools_and_the_standard_library_only(folder: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-c", IMPORTED],
        cwd=folder,
        env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    allowed = {"aws_lambda_powertools", *own_modules(folder), *sys.stdlib_module_names}
    assert set(listed.stdout.split()) <= allowed


@BY_NAME
def test_only_the_handler_reads_the_environment(folder: Path) -> None:
    readers = {path.name for path in folder.glob("*.py") if "environ" in path.read_text("utf-8")}

    assert readers <= {"app.py"}


@BY_NAME
def test_the_handlers_module_is_thin(folder: Path) -> None:
    text = (folder / "app.py").read_text("utf-8")
    handler = text[text.index("def handler") :]

    assert len(handler.splitlines()) <= 25


def test_modules_of_a_function_share_their_siblings() -> None:
    mail = load_module("check_ingestion_status", "mail")

    assert mail.Phrase is load_module("check_ingestion_status", "language").Phrase
