"""Break the definitions in one place after the other: is each noticed?

Mutants: a Retry or Catch less, an error name less in a Retry, a Choice's rule less, a condition of
a write less, an assigned variable less, a state skipped. Each runs through the cases of the fault
matrix that have to do with the state, then what goes wrong around the Tasks, then schedules of the
explorer (the refresh machine's), then the other tests of the state machines, until one of them
fails. Every core judges; each in a local account, or a copy of the tests, of its own.

``python -m proofs.mutate_definitions`` writes what it counted into docs/dev/evidence.md.
"""

import copy
import functools
import json
import logging
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from local.account import LocalAccount
from local.services.cloudformation import ROOT
from proofs import evidence
from proofs.explorer import Explorer, settle_of
from tests.asl import STATE_MACHINES, load
from tests.loading import copied
from tests.workflow.fault_matrix import CIRCUMSTANCES, cases
from tests.workflow.test_fault_matrix import (
    test_an_error_of_a_task_is_healed_or_told as check_case,
)
from tests.workflow.test_fault_matrix import (
    test_what_goes_wrong_around_the_tasks_is_told as check_circumstance,
)

COMMAND = "python -m proofs.mutate_definitions"
_REFRESH = ROOT / "statemachine" / "sfn.asl.json"
#: Where broken definitions stand, each beside a copy of the tests.
WORK = ROOT / ".build" / "mutation" / "definitions"
_COPIED = (
    *("bench", "common", "docs", "events", "functions", "local", "ops", "proofs"),
    *("statemachine", "tests", "README.md", "pyproject.toml", "template.yaml"),
)
_OTHER_TESTS = ("tests/statemachine", "tests/workflow", "tests/docs/test_run_example.py")
#: A mutant that nobody notices, and why nothing is lost by it.
EXPLAINED = {
    f"sfn: {state}: without assigning {name}": (
        "The number is read again before anything is decided by it; an older one costs one refresh"
        " more at most."
    )
    for state, name in (("Take Over Folder", "arrivals"),)
} | {
    "sfn: Compose Plain Mail: without assigning refreshed": (
        "It is false already: what a failed Task would have assigned is not assigned. It stands"
        " there for who reads the mail's text."
    )
}
_SCHEDULES = [seed for seed in range(40) if settle_of(seed) == 30]
#: More than any case needs; a mutant that never ends has noticed itself.
_MOST_EXECUTIONS = 40
_MOST_EVENTS = 2000

Change = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Mutant:
    """One change of one state; ``inside`` is the Map that it lives in, or empty."""

    machine: Path
    state: str
    what: str
    inside: str
    change: Change

    def applied_to(self, definition: dict[str, Any]) -> dict[str, Any]:
        """Return the changed definition."""
        changed = copy.deepcopy(definition)
        states = changed["States"]
        if self.inside:
            states = states[self.inside]["ItemProcessor"]["States"]
        self.change(states[self.state])
        return changed

    @property
    def of_the_refresh(self) -> bool:
        """Whether it breaks the machine that refreshes, not one of those that only tell."""
        return self.machine == _REFRESH

    @property
    def machine_name(self) -> str:
        """What its machine is called, after the project's name."""
        return {
            "sfn.asl.json": "create-and-check-ingestion",
            "lost_run.asl.json": "report-lost-run",
            "check_freshness.asl.json": "check-freshness",
        }[self.machine.name]

    def __str__(self) -> str:
        return f"{self.machine.name.removesuffix('.asl.json')}: {self.state}: {self.what}"


def _mutants_of(machine: Path, definition: dict[str, Any], inside: str = "") -> Iterator[Mutant]:
    for name, body in definition["States"].items():
        for what, change in _changes(body, definition["States"]):
            yield Mutant(machine, name, what, inside, change)
        if "ItemProcessor" in body:
            yield from _mutants_of(machine, body["ItemProcessor"], name)


@functools.cache
def mutants() -> list[Mutant]:
    """Return every mutant of every definition, in the same order each time."""
    return [mutant for path in STATE_MACHINES for mutant in _mutants_of(path, load(path))]


@functools.cache
def _mutant(number: int) -> Mutant:
    """Return a mutant by its place; what stands at ``_UNBROKEN`` changes nothing."""
    if number == _UNBROKEN:
        return Mutant(_REFRESH, "Check Ingestion", "", "Refresh Each Dataset", _nothing)
    return mutants()[number]


_UNBROKEN = -1
_OWN_NAME = "':me': {'S': $states.context.Execution.Id}, "


def _changes(body: dict[str, Any], states: dict[str, Any]) -> Iterator[tuple[str, Change]]:
    for key in ("Retry", "Catch", "Choices"):
        for place, member in enumerate(body.get(key, [])):
            label = member.get("ErrorEquals") or f"→ {member.get('Next')}"
            yield f"without {key} {label}", _without(key, place)
            names = member.get("ErrorEquals", [])
            if key == "Retry" and len(names) > 1:
                for name in names:
                    yield f"without {name} in Retry", _without_name(place, name)
    if "ConditionExpression" in body.get("Arguments", {}):
        yield "without its condition", _without_condition
    for name in body.get("Assign", {}):
        yield f"without assigning {name}", _without_variable(name)
    skipped = states.get(body.get("Next", ""), {})
    if "Next" in skipped:
        yield f"skips {body['Next']}", _next(skipped["Next"])


def _without(key: str, place: int) -> Change:
    def change(body: dict[str, Any]) -> None:
        del body[key][place]
        if not body[key]:
            del body[key]
            if key == "Choices":  # a Choice without a rule is not legal
                body[key] = [{"Condition": "{% false %}", "Next": body["Default"]}]

    return change


def _without_name(place: int, name: str) -> Change:
    return lambda body: body["Retry"][place]["ErrorEquals"].remove(name)


def _without_condition(body: dict[str, Any]) -> None:
    arguments = body["Arguments"]
    left = json.dumps({**arguments, "ConditionExpression": "", "ExpressionAttributeValues": {}})
    del arguments["ConditionExpression"]
    values = arguments.get("ExpressionAttributeValues", {})
    if isinstance(values, str):  # one expression: that of Release Folder
        arguments["ExpressionAttributeValues"] = values.replace(_OWN_NAME, "")
        return
    for name in list(values):
        if name not in left:
            del arguments["ExpressionAttributeValues"][name]
    if not arguments.get("ExpressionAttributeValues", True):
        del arguments["ExpressionAttributeValues"]


def _without_variable(name: str) -> Change:
    return lambda body: body["Assign"].pop(name)


def _nothing(_: dict[str, Any]) -> None:
    """Change nothing: what is not broken must pass."""


def _next(name: str) -> Change:
    return lambda body: body.update(Next=name)


# ------------------------------------------------------------------------------------- judging
# Each judge tells whether a mutant goes unnoticed. It runs in processes of its own, each of which
# deploys once; functions cannot be handed to them, so a mutant goes by its number.


@functools.cache
def _account() -> LocalAccount:
    account = LocalAccount()
    account.__enter__()
    account.deploy(NotificationLanguage="en", RefreshTimeoutSeconds="600")
    _bounded(account)
    return account


@functools.cache
def _deployed(arn: str) -> dict[str, Any]:
    client = _account().client("stepfunctions")
    found: dict[str, Any] = json.loads(
        client.describe_state_machine(stateMachineArn=arn)["definition"]
    )
    return found


def _bounded(account: LocalAccount) -> None:
    """Let an account's runs end, even those that would not."""

    def settle() -> None:
        account.history_limit = min(account.history_limit, _MOST_EVENTS)
        account.clock.run(
            until=lambda: len(account.executions) > _MOST_EXECUTIONS or not account.clock.tasks
        )
        assert len(account.executions) <= _MOST_EXECUTIONS, "it never ends"

    account.settle = settle  # type: ignore[method-assign]


def unnoticed_by_the_matrix(number: int) -> bool:
    """Run the cases that have to do with the mutant's state, then the circumstances."""
    mutant, account = _mutant(number), _account()
    client = account.client("stepfunctions")
    arn = account.arn("states", f"stateMachine:{account.project}-{mutant.machine_name}")
    real = _deployed(arn)
    wrong = json.dumps(mutant.applied_to(real), ensure_ascii=False)
    try:
        client.update_state_machine(stateMachineArn=arn, definition=wrong)
    except client.exceptions.ClientError:
        return False  # not even a definition
    try:
        return _passes(account, mutant)
    finally:
        client.update_state_machine(stateMachineArn=arn, definition=json.dumps(real))


def _passes(account: LocalAccount, mutant: Mutant) -> bool:
    near = [case for case in cases() if case.reached.task == mutant.state]
    checks = [functools.partial(check_case, account, case) for case in near]
    checks += [functools.partial(check_circumstance, account, one) for one in CIRCUMSTANCES]
    for check in checks:
        account.reset()
        account.functions.clear()
        try:
            check()
        except Exception:
            account.clock.stop_all()
            return False
    return True


@functools.cache
def _explorer() -> Explorer:
    return Explorer(30).__enter__()


def unnoticed_by_the_explorer(number: int) -> bool:
    """Run schedules of several runs against each other."""
    mutant = _mutant(number)
    if not mutant.of_the_refresh:
        return True
    with _explorer().changed(mutant.applied_to):
        return not any(_explorer().run(seed).violations for seed in _SCHEDULES)


@functools.cache
def _tree() -> Path:
    tree = WORK / str(os.getpid())
    copied(_COPIED, tree)
    return tree


def unnoticed_by_other_tests(number: int) -> bool:
    """Run the other tests of the state machines over a copy of the tree with the mutant in it."""
    mutant = _mutant(number)
    changed = mutant.applied_to(load(mutant.machine))
    text = json.dumps(changed, indent=2, ensure_ascii=False) + "\n"
    broken = _tree() / mutant.machine.relative_to(ROOT)
    broken.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *_OTHER_TESTS],
        cwd=_tree(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    broken.write_text(mutant.machine.read_text(encoding="utf-8"), encoding="utf-8")
    if done.returncode not in (0, 1):
        raise click.ClickException(f"pytest did not run:\n{done.stdout}")
    if number == _UNBROKEN and done.returncode:
        raise click.ClickException(f"other tests fail where nothing is broken:\n{done.stdout}")
    return done.returncode == 0


Judge = Callable[[int], bool]
_JUDGES: dict[str, Judge] = {
    "the fault matrix": unnoticed_by_the_matrix,
    f"{len(_SCHEDULES)} schedules of the explorer": unnoticed_by_the_explorer,
    "other tests of the state machines": unnoticed_by_other_tests,
}


def _quiet() -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")


def unnoticed(judge: Judge, numbers: list[int], who: str) -> list[int]:
    """Return the mutants that a judge does not notice.

    Raises:
        click.ClickException: it notices something where nothing is broken.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, _quiet) as pool:
        if not pool.submit(judge, _UNBROKEN).result():
            raise click.ClickException(f"the definitions as they are fail {who}")
        answers = pool.map(judge, numbers)
        with click.progressbar(answers, length=len(numbers), label=who, file=sys.stderr) as bar:
            return [number for number, left in zip(numbers, bar, strict=True) if left]


def shown(tried: int, everything: int, noticed: dict[str, int], left: list[Mutant]) -> list[str]:
    """Return the lines for the page: who noticed how many, and each survivor with its reason."""
    drawn = "" if tried == everything else f" (drawn by chance from {everything})"
    return [
        "| Mutants | How many |",
        "|---|---:|",
        f"| Tried{drawn} | {tried} |",
        *(f"| Noticed by {who} | {count} |" for who, count in noticed.items()),
        f"| Noticed by nothing | {len(left)} |",
        "",
        *(f"- {mutant}. {EXPLAINED.get(str(mutant), 'Not explained yet.')}" for mutant in left),
    ]


@click.command()
@click.option("--sample", type=int, help="Try so many, drawn by chance; default: all.")
@click.option("--seed", default=1, show_default=True, help="Draws the sample.")
def main(sample: int | None, seed: int) -> None:
    """Break the definitions in one place after the other (simulated services).

    Example: python -m proofs.mutate_definitions --sample 50
    """
    began = time.monotonic()
    shutil.rmtree(WORK, ignore_errors=True)  # each process of a run before left a copy
    everything = len(mutants())
    chosen = list(range(everything))
    if sample is not None:
        chosen = sorted(random.Random(seed).sample(chosen, min(sample, everything)))
    left, noticed = chosen, {}
    for who, judge in _JUDGES.items():
        before, left = left, unnoticed(judge, left, who)
        noticed[who] = len(before) - len(left)
        click.echo(f"noticed by {who}: {noticed[who]} of {len(before)}")
    survivors = [mutants()[number] for number in left]
    for mutant in survivors:
        click.echo(f"SURVIVED  {mutant}")
    click.echo(
        f"{len(chosen) - len(left)} of {len(chosen)} mutants noticed ({everything} in all), "
        f"{time.monotonic() - began:.0f} s"
    )
    evidence.write(COMMAND, shown(len(chosen), everything, noticed, survivors))
    sys.exit(1 if {str(mutant) for mutant in survivors} - set(EXPLAINED) else 0)


if __name__ == "__main__":
    main()
