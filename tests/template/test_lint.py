"""cfn-lint finds nothing in the templates: as written, and as CloudFormation gets them."""

from pathlib import Path

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

from local.services.cloudformation import COMMON_TEMPLATE, TEMPLATE, for_lint


def findings(path: Path) -> list[str]:
    """Return what cfn-lint says about a template, with the suppressions written in it."""
    return [str(match) for match in lint_file(path, config=ManualArgs())]


@pytest.mark.parametrize("path", [COMMON_TEMPLATE, TEMPLATE], ids=["common", "refresh"])
def test_a_template_is_clean(path: Path) -> None:
    assert findings(path) == []


def test_the_translated_template_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "translated.json"
    path.write_text(for_lint(), encoding="utf-8")
    assert findings(path) == []


def test_the_definition_inside_the_translated_template_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "translated.json"
    path.write_text(for_lint().replace('"Type": "Choice"', '"Type": "Chioce"'), encoding="utf-8")
    assert any("Chioce" in finding for finding in findings(path))
