"""docs/dev/third-party.md names everything that the repository asks a package manager for."""

import re

import pytest

from proofs.second_opinion.__main__ import PACKAGES
from tests.loading import ROOT

PAGE = (ROOT / "docs" / "dev" / "third-party.md").read_text(encoding="utf-8")
TOLD = set(
    re.findall(
        r"[\w-]+",
        "\n".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| ")),
    )
)
#: By another name there.
CALLED = {"aws-lambda-powertools": "Powertools", "aws-sam-cli": "SAM"}
ASKED = {
    name
    for path in (ROOT / "requirements").glob("*.in")
    for name in re.findall(r"^[\w-]+", path.read_text(encoding="utf-8"), re.MULTILINE)
    if not name.startswith("-")
}


@pytest.mark.parametrize("name", sorted(ASKED))
def test_every_python_package_is_named(name: str) -> None:
    assert CALLED.get(name, name) in TOLD


@pytest.mark.parametrize("package", PACKAGES)
def test_every_npm_package_is_named(package: str) -> None:
    assert package.partition("@")[0] in TOLD
