"""The GitHub workflow for forks: pinned, without rights, on every supported Python."""

import re
import tomllib
from typing import Any

import yaml

from tests.loading import ROOT

TEXT = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
# YAML 1.1 reads the key `on` as true.
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
(JOB,) = WORKFLOW["jobs"].values()


def test_every_action_is_pinned_by_its_commit_and_says_its_version() -> None:
    lines = [line for line in TEXT.splitlines() if "uses:" in line]
    assert len(lines) == 2
    for line in lines:
        assert re.search(r"uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_it_may_read_the_code_and_nothing_else() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "permissions" not in JOB
    # This trigger would run a stranger's code with the repository's own rights.
    assert set(WORKFLOW[True]) == {"push", "pull_request"}
    assert "secrets." not in TEXT
    (checkout,) = (step for step in JOB["steps"] if "checkout" in step.get("uses", ""))
    assert checkout["with"]["persist-credentials"] is False


def test_it_runs_the_gate_on_every_supported_python() -> None:
    assert [step["run"] for step in JOB["steps"] if "run" in step] == ["make test PYTHONS=python"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    first, behind = map(int, re.findall(r"3\.(\d+)", project["requires-python"]))
    assert JOB["strategy"]["matrix"]["python"] == [f"3.{minor}" for minor in range(first, behind)]


def test_no_expression_reaches_a_shell() -> None:
    for step in JOB["steps"]:
        assert "${{" not in step.get("run", "")
