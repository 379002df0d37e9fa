"""Break the functions' modules in one place after the other: is each noticed?

Mutants are made and judged by mutmut: operators, numbers, texts, arguments, statements inside
functions, each tried against the tests beside this file. It works on a copy below .build/, where
a module has the place and the name that mutmut knows it by.

``python -m proofs.mutate_functions`` writes what it counted into docs/dev/evidence.md.
"""

import collections
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from local.services.cloudformation import ROOT
from proofs import evidence
from tests.loading import FUNCTIONS, copied

COMMAND = "python -m proofs.mutate_functions"
WORK = ROOT / ".build" / "mutation"
_NEEDED = ("common", "events", "local", "proofs", "statemachine", "template.yaml", "tests")
_SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
do_not_mutate = ["src/app.py"]
also_copy = {needed}
pytest_add_cli_args_test_selection = ["tests/unit"]
# Not captured: the log handler of a first run would write into a stream that is closed by then.
# Not selected: what a mutant imports is mutmut.
pytest_add_cli_args = ["-s", "--deselect", "tests/unit/test_function_folders.py"]
"""

#: What a mutant that nobody notices changes, and why nothing can notice.
EXPLAINED = {
    "outcome.skipped or 1": "Only a dataset with skipped rows comes here.",
    "marked, None,": "Only a dataset without any row needs it; this one has some.",
    'run.folder or "XXXX"': "Neither text has a folder in it.",
    'self.execution or "XXXX"': "Neither text is an ARN.",
    'text(value) or "XXXX"': "Neither text is a time.",
    'safe="XX:/-_.XX"': "The letter X is safe anyway.",
    'safe="XXXX"': "The letter X is safe anyway.",
    "strict=None": "To Python, None is the same as False.",
    "ensure_ascii=None": "To Python, None is the same as False.",
    "tersest, )": "False is what Python takes if nothing is said.",
}


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test noticed."""

    module: str
    before: str
    after: str

    @property
    def explanation(self) -> str | None:
        """Why nothing could notice it, if that is known."""
        return next((why for what, why in EXPLAINED.items() if what in self.after), None)


def prepare(function: Path, work: Path) -> None:
    """Copy what the tests need, with the function's modules where mutmut looks for them."""
    copied(_NEEDED, work)
    files = [path.name for path in function.iterdir() if path.suffix in (".py", ".toml")]
    copied(files, work / "src", source=function)
    # Mutants appear in mutants/src; the tests look for them in mutants/functions.
    others = [path.name for path in FUNCTIONS.iterdir() if path.is_dir() and path != function]
    copied(others, work / "mutants" / "functions", source=FUNCTIONS)
    (work / "mutants" / "functions" / function.name).symlink_to(Path("..", "src"))
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings += _SETTINGS.format(needed=list(_NEEDED[:-1]))
    (work / "pyproject.toml").write_text(settings, encoding="utf-8")


def _mutmut(work: Path, *arguments: str) -> str:
    log = work / f"{arguments[0]}.log"
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [sys.executable, "-m", "mutmut", *arguments],
            cwd=work,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise click.ClickException(f"mutmut {arguments[0]} failed: see {log.relative_to(ROOT)}")
    return log.read_text(encoding="utf-8")


def judge(function: Path) -> tuple[int, list[Survivor]]:
    """Return how many mutants a function has, and those that nothing noticed."""
    work = WORK / function.name
    prepare(function, work)
    _mutmut(work, "run")
    states = collections.Counter[str]()
    left: list[str] = []
    for line in _mutmut(work, "results", "--all", "true").splitlines():
        name, _, state = line.strip().partition(": ")
        states[state] += 1
        if state not in ("killed", "timeout"):
            left.append(name)
    if not states["killed"]:
        raise click.ClickException(f"no mutant of {function.name} was noticed: the run is broken")
    return states.total(), [_survivor(work, name) for name in left]


def _survivor(work: Path, name: str) -> Survivor:
    lines = _mutmut(work, "show", name).splitlines()
    changed = [line for line in lines if re.match(r"[-+](?![-+])", line)]
    before = " ".join(line[1:].strip() for line in changed if line[0] == "-")
    after = " ".join(line[1:].strip() for line in changed if line[0] == "+")
    return Survivor(name.partition(".")[0], before, after)


def shown(total: int, survivors: list[Survivor]) -> Iterator[str]:
    """Yield the lines for the page: the score, and each survivor with its reason."""
    yield f"{total - len(survivors):,} of {total:,} noticed. The others:"
    yield ""
    yield "| Module | Left as it was by nobody noticing | Why |"
    yield "|---|---|---|"
    for one in sorted(survivors, key=lambda one: (one.module, one.after)):
        code = one.after.replace("|", "\\|")
        yield f"| {one.module} | `{code}` | {one.explanation or 'not explained yet'} |"


@click.command()
def main() -> None:
    """Break the functions' modules in one place after the other (minutes).

    Example: python -m proofs.mutate_functions
    """
    total, survivors = 0, []
    for function in sorted(path.parent for path in FUNCTIONS.glob("*/app.py")):
        log = (WORK / function.name / "run.log").relative_to(ROOT)
        click.echo(f"{function.name}: mutants are tried (some minutes; progress: {log})")
        count, left = judge(function)
        click.echo(f"{function.name}: {count - len(left):,} of {count:,} noticed")
        total += count
        survivors += left
    for one in survivors:
        click.echo(f"SURVIVED  {one.module}: {one.before}  →  {one.after}")
    evidence.write(COMMAND, shown(total, survivors))
    sys.exit(1 if any(one.explanation is None for one in survivors) else 0)


if __name__ == "__main__":
    main()
