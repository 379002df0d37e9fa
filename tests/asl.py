"""Walk through the state machines' definitions as they are in the repository."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STATE_MACHINES = sorted(
    (Path(__file__).resolve().parent.parent / "statemachine").glob("*.asl.json")
)
_EXPRESSION = re.compile(r"^\{%(.*)%\}$", re.DOTALL)


@dataclass(frozen=True)
class State:
    """One state, with the scope (``States`` object) that it lives in."""

    name: str
    body: dict[str, Any]
    scope: tuple[str, ...]
    siblings: frozenset[str]


def load(path: Path) -> dict[str, Any]:
    """Return a definition, parsed."""
    definition: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return definition


def states(definition: dict[str, Any], scope: tuple[str, ...] = ()) -> Iterator[State]:
    """Yield every state, those inside Map states included."""
    siblings = frozenset(definition["States"])
    for name, body in definition["States"].items():
        yield State(name, body, scope, siblings)
        if "ItemProcessor" in body:
            yield from states(body["ItemProcessor"], (*scope, name))


def targets(body: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the states that may follow a state."""
    for holder in (body, *body.get("Choices", []), *body.get("Catch", [])):
        for field in ("Next", "Default"):
            if field in holder:
                yield holder[field]


def expressions(value: Any) -> Iterator[str]:
    """Yield every JSONata expression inside a value, without its ``{% %}``."""
    for member in walk(value):
        if isinstance(member, str) and (found := _EXPRESSION.match(member)):
            yield found.group(1).strip()


def walk(value: Any) -> Iterator[Any]:
    """Yield a value and everything inside it."""
    yield value
    if isinstance(value, dict):
        for member in value.values():
            yield from walk(member)
    elif isinstance(value, list):
        for member in value:
            yield from walk(member)


def assigned(body: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the variables that a state assigns."""
    for holder in (body, *body.get("Choices", []), *body.get("Catch", [])):
        yield from holder.get("Assign", {})
