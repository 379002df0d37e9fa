"""What is recorded: expressions, what they saw, and what the reference implementation answered."""

import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import time_machine

from local.account import LocalAccount
from local.stepfunctions import jsonata
from tests.asl import expressions

FILE = Path(__file__).with_name("recorded.json")
#: Expression → how deep the reference implementation counted it, with so many datasets.
DEPTHS = Path(__file__).with_name("depths.json")
DATASETS = 300
_VARIABLE = re.compile(r"\$([A-Za-z]\w*)")
_STATES = re.compile(r"\$states\.(\w+)")


@dataclass(frozen=True)
class Asked:
    """One evaluation: the expression, the names it mentions, and the time in milliseconds."""

    expression: str
    bindings: dict[str, Any]
    millis: int

    def as_json(self) -> dict[str, Any]:
        """Return it as it is written into the file."""
        return {
            "expression": self.expression,
            "bindings": self.bindings,
            "millis": self.millis,
        }


def mentioned(expression: str, bindings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of what an expression could see that it mentions."""
    names = set(_VARIABLE.findall(expression))
    found = {name: value for name, value in bindings.items() if name in names and name != "states"}
    if "states" in names:
        members = set(_STATES.findall(expression))
        states = bindings["states"]
        found["states"] = {name: states[name] for name in states if name in members}
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def deployed_expressions(account: LocalAccount) -> set[str]:
    """Return every expression of both definitions, as deployed."""
    client = account.client("stepfunctions")
    return {
        expression
        for machine in client.list_state_machines()["stateMachines"]
        for expression in expressions(
            json.loads(
                client.describe_state_machine(stateMachineArn=machine["stateMachineArn"])[
                    "definition"
                ]
            )
        )
    }


class _Half:
    """A source of chance that always says the same."""

    def random(self) -> float:
        return 0.5


@contextmanager
def _at(millis: int) -> Iterator[None]:
    moment = datetime.datetime.fromtimestamp(millis / 1000, tz=datetime.UTC)
    with time_machine.travel(moment, tick=False), mock.patch.object(jsonata, "_random", _Half()):
        yield


def ours(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the local account's evaluator answers, in the form of the recording."""
    with _at(asked["millis"]):
        try:
            return {"value": jsonata.evaluate(asked["expression"], asked["bindings"])}
        except jsonata.QueryEvaluationError:
            return {"failed": True}


def counted(recorded: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines for the page: how many expressions were asked about, and how often."""
    yield "| What | How many |"
    yield "|---|---:|"
    yield f"| Expressions | {len({one['expression'] for one in recorded}):,} |"
    yield f"| Evaluations, answered alike | {len(recorded):,} |"
