"""Break the refresh machine's definition in one place after the other: is each noticed?

Mutants: a Retry or Catch less, an error name less in a Retry, a Choice's rule less, a condition of
a write less, an assigned variable less, a state skipped. Each runs through the cases of the fault
matrix that have to do with the state, then what goes wrong around the Tasks, then schedules of the
explorer, then the other tests of the state machines, until one of them fails.

``python -m tests.workflow.mutation`` writes what it counted into docs/evidence.md.
"""

import copy
import functools
import json
import logging
import random
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click

from local.account import LocalAccount
from local.cloudformation import ROOT
from tests import evidence
from tests.asl import load
from tests.loading import copied
from tests.workflow.explorer import Explorer, settle_of
from tests.workflow.fault_matrix import CIRCUMSTANCES, cases
from tests.workflow.test_fault_matrix import (
    test_an_error_of_a_task_is_healed_or_told as check_case,
)
from tests.workflow.test_fault_matrix import (
    test_what_goes_wrong_around_the_tasks_is_told as check_circumstance,
)

COMMAND = "python -m tests.workflow.mutation"
DEFINITION = ROOT / "statemachine" / "sfn.asl.json"
#: Where a broken definition stands beside a copy of the tests.
WORK = ROOT / ".build" / "mutation" / "definition"
_COPIED = (
    *("bench", "common", "docs", "events", "functions", "local", "ops", "statemachine", "tests"),
    *("README.md", "pyproject.toml", "template.yaml"),
)
#: Not the recordings: they tell that something changed, not that it is wrong.
_OTHER_TESTS = (
    *("tests/statemachine", "tests/workflow", "tests/docs/test_run_example.py"),
    *("--ignore", "tests/statemachine/test_second_opinion.py"),
    *("--ignore", "tests/workflow/test_fault_matrix.py"),
    *("--ignore", "tests/workflow/test_explorer.py"),
)
#: A mutant that nobody notices, and why nothing is lost by it.
EXPLAINED = {
    f"{state}: without assigning {name}": (
        "The number is read again before anything is decided by it; an older one costs one refresh"
        " more at most."
    )
    for state, name in (
        ("Take Over Folder", "arrivals"),
        ("Take Over Folder", "counted"),
        ("Count Files", "arrivals"),
        ("Release Idle Folder", "arrivals"),
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

    def __str__(self) -> str:
        return f"{self.state}: {self.what}"


def mutants(definition: dict[str, Any], inside: str = "") -> Iterator[Mutant]:
    """Yield every mutant of a definition."""
    for name, body in definition["States"].items():
        following = {**definition["States"]}
        for what, change in _changes(body, following):
            yield Mutant(name, what, inside, change)
        if "ItemProcessor" in body:
            yield from mutants(body["ItemProcessor"], name)


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
    for name in list(arguments.get("ExpressionAttributeValues", {})):
        if name not in left:
            del arguments["ExpressionAttributeValues"][name]
    if not arguments.get("ExpressionAttributeValues", True):
        del arguments["ExpressionAttributeValues"]


def _without_variable(name: str) -> Change:
    return lambda body: body["Assign"].pop(name)


def _nothing(_: dict[str, Any]) -> None:
    """Change nothing: what is not broken must pass."""


_UNBROKEN = Mutant("Check Ingestion", "", "Refresh Each Dataset", _nothing)


def _next(name: str) -> Change:
    return lambda body: body.update(Next=name)


# ------------------------------------------------------------------------------------- judging


def _substituted(deployed: str, mutant: Mutant) -> str:
    return json.dumps(mutant.applied_to(json.loads(deployed)), ensure_ascii=False)


def _bounded(account: LocalAccount) -> None:
    """Let an account's runs end, even those that would not."""

    def settle() -> None:
        account.history_limit = min(account.history_limit, _MOST_EVENTS)
        account.clock.run(
            until=lambda: len(account.executions) > _MOST_EXECUTIONS or not account.clock.tasks
        )
        assert len(account.executions) <= _MOST_EXECUTIONS, "it never ends"

    account.settle = settle  # type: ignore[method-assign]


def _noticed_by_the_matrix(account: LocalAccount, mutant: Mutant) -> bool:
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
            return True
    return False


def _survivors_of_the_matrix(all_mutants: list[Mutant]) -> Iterator[Mutant]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", RefreshTimeoutSeconds="600")
        _bounded(account)
        client = account.client("stepfunctions")
        arn = account.machine_arn
        real = client.describe_state_machine(stateMachineArn=arn)["definition"]
        if _noticed_by_the_matrix(account, _UNBROKEN):
            raise click.ClickException("the definition as it is fails the fault matrix")
        for mutant in all_mutants:
            try:
                client.update_state_machine(
                    stateMachineArn=arn, definition=_substituted(real, mutant)
                )
            except client.exceptions.ClientError:
                continue  # not even a definition
            if not _noticed_by_the_matrix(account, mutant):
                yield mutant
            click.echo(".", nl=False, err=True)


def _survivors_of_the_explorer(all_mutants: list[Mutant]) -> Iterator[Mutant]:
    with Explorer(30) as explorer:
        for mutant in all_mutants:
            with explorer.changed(mutant.applied_to):
                if not any(explorer.run(seed).violations for seed in _SCHEDULES):
                    yield mutant


def _survivors_of_other_tests(all_mutants: list[Mutant]) -> Iterator[Mutant]:
    copied(_COPIED, WORK)
    if said := _said_by_other_tests(_UNBROKEN):
        raise click.ClickException(f"the definition as it is fails other tests:\n{said}")
    for mutant in all_mutants:
        if not _said_by_other_tests(mutant):
            yield mutant
        click.echo(".", nl=False, err=True)


def _said_by_other_tests(mutant: Mutant) -> str:
    """Return what pytest says about a mutant; empty if it notices nothing."""
    changed = json.dumps(mutant.applied_to(load(DEFINITION)), indent=2, ensure_ascii=False)
    (WORK / DEFINITION.relative_to(ROOT)).write_text(changed + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *_OTHER_TESTS],
        cwd=WORK,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in (0, 1):
        raise click.ClickException(f"pytest did not run:\n{done.stdout}")
    return done.stdout if done.returncode else ""


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


def _survivors_of_simulations(all_mutants: list[Mutant]) -> Iterator[Mutant]:
    yield from _survivors_of_the_explorer(list(_survivors_of_the_matrix(all_mutants)))


_JUDGES: dict[str, Callable[[list[Mutant]], Iterator[Mutant]]] = {
    f"the fault matrix and {len(_SCHEDULES)} schedules of the explorer": _survivors_of_simulations,
    "other tests of the state machines": _survivors_of_other_tests,
}


@click.command()
@click.option("--sample", type=int, help="Try so many, drawn by chance; default: all.")
@click.option("--seed", default=1, show_default=True, help="Draws the sample.")
def main(sample: int | None, seed: int) -> None:
    """Break the definition in one place after the other (simulated services).

    Example: python -m tests.workflow.mutation --sample 50
    """
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    began = time.monotonic()
    chosen = list(mutants(load(DEFINITION)))
    everything = len(chosen)
    if sample is not None:
        chosen = random.Random(seed).sample(chosen, min(sample, everything))
    left, noticed = chosen, {}
    for who, survivors in _JUDGES.items():
        before = len(left)
        left = list(survivors(left))
        noticed[who] = before - len(left)
        click.echo(f"noticed by {who}: {noticed[who]} of {before}")
    for mutant in left:
        click.echo(f"SURVIVED  {mutant}")
    click.echo(
        f"{len(chosen) - len(left)} of {len(chosen)} mutants noticed ({everything} in all), "
        f"{time.monotonic() - began:.0f} s"
    )
    evidence.write(COMMAND, shown(len(chosen), everything, noticed, left))
    sys.exit(1 if {str(mutant) for mutant in left} - set(EXPLAINED) else 0)


if __name__ == "__main__":
    main()
