"""What make audit lets pass has a reason, and make audit is part of what every change must pass."""

from typing import Any

import pytest

from local.services.cloudformation import COMMON_TEMPLATE, TEMPLATE, load
from proofs.audit import TOOLS, reasons

ROOT = TEMPLATE.parent
SKIPS = [
    (name, tool, one)
    for path in (COMMON_TEMPLATE, TEMPLATE)
    for name, body in load(path)["Resources"].items()
    for tool in TOOLS
    for one in body.get("Metadata", {}).get(tool, {}).get("skip", [])
]


@pytest.mark.parametrize(("name", "tool", "skip"), SKIPS)
def test_a_finding_that_stays_has_a_reason(name: str, tool: str, skip: dict[str, Any]) -> None:
    assert set(skip) == {"id", "comment"}
    assert len(skip["comment"].split()) >= 4


def test_reasons_stand_beside_single_resources_only() -> None:
    assert len(reasons()) == len(SKIPS)
    for path in (COMMON_TEMPLATE, TEMPLATE):
        template = load(path)
        assert not set(TOOLS) & set(template["Metadata"])
        assert "checkov:skip" not in path.read_text(encoding="utf-8")


def test_every_change_is_audited() -> None:
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert run.index("make test") < run.index("make audit")


def test_the_tools_are_pinned_with_hashes_and_without_an_index() -> None:
    text = (ROOT / "requirements/audit.txt").read_text(encoding="utf-8")
    for tool in TOOLS:
        assert f"\n{tool}==" in text
    assert "--index" not in text
    assert "--hash=sha256:" in text
