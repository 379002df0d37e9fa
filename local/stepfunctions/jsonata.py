"""Evaluate the JSONata of a state machine; moto leaves this hook empty.

Imitates: JSONata, by the package ``jsonata-python``; null, which is a value (the library takes
``None`` for undefined); an undefined result, which is an error; no ``$eval``; ``$parse``;
``$random``; ``$string``, which leaves text as it is.
Does not imitate: the limit of one second an expression; ``$partition``, ``$range``, ``$hash``,
``$uuid``, a seed for ``$random``; the reference implementation's integer and regular-expression
details (both run on Python's).
Each expression is compiled once a process, and a few of the library's small steps are shortened.
"""

import functools
import json
import random
import re
from collections.abc import Mapping
from typing import Any

import jsonata
from jsonata.functions import Functions
from jsonata.utils import Utils


class QueryEvaluationError(ValueError):
    """An expression failed or returned nothing: ``States.QueryEvaluationError``."""


_random = random.Random(0)


def seed(source: random.Random) -> None:
    """Let ``$random`` draw from the account's own source."""
    global _random
    _random = source


def _no_eval(*_: Any) -> Any:
    raise QueryEvaluationError(
        "threw an error during evaluation. T1006: Attempted to invoke a non-function"
    )


_FUNCTIONS = {
    "eval": _no_eval,
    "random": lambda: _random.random(),
    "parse": lambda text: with_nulls(json.loads(text)),
}


_UNBOUND = Utils.NONE
_PLAIN = frozenset({str, int, float, bool})


def with_nulls(value: Any) -> Any:
    """Return JSON as the library wants it: ``None`` is its undefined, null a value of its own."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return {key: with_nulls(member) for key, member in value.items()}
    if kind is list:
        return [with_nulls(member) for member in value]
    return Utils.NULL_VALUE if value is None else value


def _lookup(frame: Any, name: str) -> Any:
    """Do what ``Frame.lookup`` does, in a loop, and at once for the hooks that nobody sets.

    Every node of an expression asks twice for a hook, and each answer climbed every scope.
    """
    if name == "__evaluate_entry" or name == "__evaluate_exit":
        return None
    while frame is not None:
        value = frame.bindings.get(name, _UNBOUND)
        if value is not _UNBOUND:
            return value
        frame = frame.parent
    return None


jsonata.Jsonata.Frame.lookup = _lookup
# Each list that a path yields set five flags; each look at an argument imported a module.
for _flag in ("sequence", "outer_wrapper", "tuple_stream", "keep_singleton", "cons"):
    setattr(Utils.JList, _flag, False)
del Utils.JList.__init__
Utils.is_function = staticmethod(lambda o: isinstance(o, jsonata.Jsonata.JFunctionCallable))


class _Encoder(Functions.Encoder):  # type: ignore[misc]  # the library has no types
    """Writes text as JSON.stringify does: as it is, not as escapes of ASCII."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


Functions.Encoder = _Encoder


@functools.cache
def compile_expression(expression: str) -> jsonata.Jsonata:
    """Parse an expression (without ``{% %}``) once.

    Raises:
        QueryEvaluationError: the expression is not JSONata.
    """
    try:
        compiled = jsonata.Jsonata(expression)
    except Exception as error:
        raise QueryEvaluationError(f"{error} in {expression!r}") from error
    compiled.set_output_convert_nulls(False)
    for name, function in _FUNCTIONS.items():
        compiled.register_lambda(name, function)
    return compiled


def _said(error: jsonata.JException) -> str:
    """Return an error's message in the reference implementation's words, values as JSON.

    The library was made by replacing ``function`` with ``Object``, its messages too.
    """
    template = jsonata.JException.error_codes.get(error.error, str(error))
    values = iter((error.current, error.expected, error.extra))

    def filled(place: re.Match[str]) -> str:
        value = next(values, None)
        if place[0].startswith("{{{"):
            return str(value)
        return json.dumps(value, ensure_ascii=False, default=str)

    return re.sub(r"\{\{\{?\w+\}?\}\}", filled, template.replace("Object", "function"))


@functools.cache
def _named(expression: str) -> frozenset[str]:
    return frozenset(re.findall(r"\$(\w+)", expression))


def evaluate(expression: str, bindings: Mapping[str, Any]) -> Any:
    """Return the value of ``expression`` with ``bindings`` (names without ``$``) as JSON types.

    Raises:
        QueryEvaluationError: it cannot be evaluated, or its result is undefined or a function.
    """
    try:
        compiled = compile_expression(expression)
        # $millis and $now read the time of whichever expression was *compiled* last.
        jsonata.Jsonata.CURRENT.jsonata = compiled
        wanted = _named(expression)
        seen = {name: with_nulls(bindings[name]) for name in bindings if name in wanted}
        value = compiled.evaluate(None, seen)
    except QueryEvaluationError:
        raise
    except jsonata.JException as error:
        raise QueryEvaluationError(
            f"threw an error during evaluation. {error.error}: {_said(error)}"
        ) from error
    except Exception as error:
        raise QueryEvaluationError(f"threw an error during evaluation: {error}") from error
    if value is None:
        raise QueryEvaluationError("returned nothing (undefined).")
    return _to_json(value)


def _to_json(value: Any) -> Any:
    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, dict):
        return {key: _to_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_to_json(member) for member in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, str | int | float | bool):
        return value
    raise QueryEvaluationError("returned an unsupported result type.")
