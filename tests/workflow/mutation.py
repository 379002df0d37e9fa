"""Break the refresh machine's definition in one place after the other: is each noticed?

Mutants: a Retry or Catch less, an error name less in a Retry, a Choice's rule less, a condition of
a write less, an assigned variable less, a state skipped. Each runs through the cases of the fault
matrix that have to do with the state, then what goes wrong around the Tasks, then schedules of the
explorer, until one of them fails. Survivors are listed.

``python -m tests.workflow.mutation --sample 100``
"""

import copy
import functools
import json
import logging
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click

from local.account import LocalAccount
from local.cloudformation import ROOT
from tests.asl import load
from tests.workflow.explorer import Explorer, settle_of
from tests.workflow.fault_matrix import CIRCUMSTANCES, cases
from tests.workflow.test_fault_matrix import (
    test_an_error_of_a_task_is_healed_or_told as check_case,
)
from tests.workflow.test_fault_matrix import (
    test_what_goes_wrong_around_the_tasks_is_told as check_circumstance,
)

DEFINITION = ROOT / "statemachine" / "sfn.asl.json"
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
        if _noticed_by_the_matrix(account, Mutant("Check Ingestion", "", "", _nothing)):
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
    left = list(_survivors_of_the_matrix(chosen))
    left = list(_survivors_of_the_explorer(left))
    for mutant in left:
        click.echo(f"SURVIVED  {mutant}")
    noticed = len(chosen) - len(left)
    click.echo(
        f"{noticed} of {len(chosen)} mutants noticed ({everything} in all), "
        f"{time.monotonic() - began:.0f} s"
    )
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
