"""What a request breaks of its service's own model: required, type, enum, pattern, least, most.

Imitates: a value that the service's model does not allow, in the service's words; one of another
type; patterns, which the whole value has to meet.
Does not imitate: members that the model does not have; the order of what is told first.
botocore itself checks types, what is required and some minima; the service checks all of it.
Whether a length is one of characters or of UTF-16 code units (Java's) is not documented: here the
fewer of them are not enough, and the more of them too many.
"""

import datetime
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from moto.core.utils import get_service_model

from local.core.patterns import matches


@dataclass(frozen=True)
class Breach:
    """One value that its model does not allow; ``constraint`` in the service's words.

    Attributes:
        path: where, as services write it: ``targets.1.member.id``.
        shown: the value, as services show it: ``Value 'x'``.
        is_type: the value is of another JSON type, which is told in other words, before all else.
    """

    path: str
    shown: str
    constraint: str
    is_type: bool = False

    def __str__(self) -> str:
        return f"{self.shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


_Check = Callable[[Any, str, list[Breach]], None]

_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "boolean": (bool,),
    "structure": (dict,),
    "map": (dict,),
    "list": (list, tuple),
    "blob": (bytes, bytearray, str),
    "timestamp": (str, int, float, datetime.datetime),
}
_CALLED = {
    str: "STRING_VALUE",
    bool: "BOOLEAN_VALUE",
    int: "NUMBER_VALUE",
    float: "DECIMAL_VALUE",
    dict: "START_OBJECT",
    list: "START_ARRAY",
}


def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service: the copy that moto reads requests with.

    To load one takes longer than a thousand checks.
    """
    return get_service_model(service)


@functools.cache
def operation_model(service: str, operation: str) -> OperationModel:
    """Return botocore's model of an operation (``CreateTable``)."""
    return service_model(service).operation_model(operation)


def breaches(service: str, operation: str, parameters: dict[str, Any]) -> list[Breach]:
    """Return what a request breaks of its service's model; empty: nothing."""
    check = _check_of(service, operation)
    found: list[Breach] = []
    if check is not None:
        check(parameters, "", found)
    return found


@functools.cache
def _check_of(service: str, operation: str) -> _Check | None:
    shape = operation_model(service, operation).input_shape
    return None if shape is None else _compiled(shape, {})


def _compiled(shape: Shape, known: dict[str, _Check]) -> _Check:
    """Return a shape's check, made once for each name: shapes hold themselves (AttributeValue)."""
    if shape.name not in known:
        known[shape.name] = lambda *given: known[shape.name](*given)  # until it is there
        known[shape.name] = _made(shape, known)
    return known[shape.name]


def _made(shape: Shape, known: dict[str, _Check]) -> _Check:
    if isinstance(shape, StructureShape):
        inner = _structure(shape, known)
    elif isinstance(shape, MapShape):
        inner = _map(shape, known)
    elif isinstance(shape, ListShape):
        inner = _list(shape, known)
    else:
        inner = _scalar(shape)
    allowed = _PYTHON.get(shape.type_name, (object,))
    no_boolean = shape.type_name in ("integer", "long", "float", "double")
    if getattr(shape, "is_document_type", False):
        return lambda value, path, found: None

    def check(value: Any, path: str, found: list[Breach]) -> None:
        if not isinstance(value, allowed) or (no_boolean and isinstance(value, bool)):
            called = _CALLED.get(type(value), "VALUE_NULL")
            wanted = shape.type_name.title()
            text = f"{called} can not be converted to {wanted}"
            found.append(Breach(path, _shown(value), text, is_type=True))
        else:
            inner(value, path, found)

    return check


def _structure(shape: StructureShape, known: dict[str, _Check]) -> _Check:
    members = {
        name: (_compiled(member, known), _spelled(name)) for name, member in shape.members.items()
    }
    required = tuple(shape.required_members)

    def check(value: Any, path: str, found: list[Breach]) -> None:
        prefix = f"{path}." if path else ""
        for name in required:
            if value.get(name) is None:
                missing = prefix + _spelled(name)
                found.append(Breach(missing, "Value null", "Member must not be null"))
        for name, given in value.items():
            member = members.get(name)
            if member is not None and given is not None:
                member[0](given, prefix + member[1], found)

    return check


def _map(shape: MapShape, known: dict[str, _Check]) -> _Check:
    length = _length(shape)
    key_allowed, value_allowed = _constraints(shape.key), _constraints(shape.value)
    inner = None if value_allowed is not None else _compiled(shape.value, known)

    def check(value: Any, path: str, found: list[Breach]) -> None:
        length(value, path, found)
        for key, given in value.items():
            if key_allowed is not None and not key_allowed.meets(key):
                _whole(value, path, "Map keys", key_allowed, found)
            if value_allowed is not None:
                if not value_allowed.meets(given):
                    _whole(value, path, "Map value", value_allowed, found)
            elif inner is not None:
                inner(given, f"{path}.{key}.member", found)

    return check


def _list(shape: ListShape, known: dict[str, _Check]) -> _Check:
    length = _length(shape)
    member_allowed = _constraints(shape.member)
    inner = None if member_allowed is not None else _compiled(shape.member, known)

    def check(value: Any, path: str, found: list[Breach]) -> None:
        length(value, path, found)
        for number, given in enumerate(value, 1):
            if member_allowed is not None:
                if not member_allowed.meets(given):
                    _whole(value, path, "Member", member_allowed, found)
            elif inner is not None:
                inner(given, f"{path}.{number}.member", found)

    return check


def _whole(value: Any, path: str, what: str, allowed: "_Allowed", found: list[Breach]) -> None:
    """Note what members break: services show the whole list or map, and every rule of a member."""
    if isinstance(value, dict):
        shown = "{" + ", ".join(f"{key}={one}" for key, one in value.items()) + "}"
    else:
        shown = "[" + ", ".join(str(one) for one in value) + "]"
    text = f"{what} must satisfy constraint: [{', '.join(allowed.texts)}]"
    found.append(Breach(path, f"Value '{shown}'", text))


@dataclass(frozen=True)
class _Allowed:
    """What a scalar must be: one text and one test for each constraint."""

    python: tuple[type, ...]
    texts: tuple[str, ...]
    tests: tuple[Callable[[Any], bool], ...]

    def meets(self, value: Any) -> bool:
        """Tell whether a value meets them all."""
        return isinstance(value, self.python) and all(test(value) for test in self.tests)


@functools.cache
def _constraints(shape: Shape) -> _Allowed | None:
    """Return a scalar's constraints; None: it is no scalar, or has none."""
    if isinstance(shape, (StructureShape, MapShape, ListShape)):
        return None
    made = [*_bounds(shape), *_enum_and_pattern(shape)]
    if not made:
        return None
    texts, tests = zip(*made, strict=True)
    return _Allowed(_PYTHON.get(shape.type_name, (object,)), texts, tests)


def _bounds(shape: Shape) -> list[tuple[str, Callable[[Any], bool]]]:
    most, least = shape.metadata.get("max"), shape.metadata.get("min")
    made: list[tuple[str, Callable[[Any], bool]]] = []
    if shape.type_name in ("integer", "long", "float", "double"):
        if most is not None:
            made.append(
                (f"Member must have value less than or equal to {most}", lambda v: v <= most)
            )
        if least is not None:
            made.append(
                (f"Member must have value greater than or equal to {least}", lambda v: v >= least)
            )
        return made
    if shape.type_name not in ("string", "blob", "list", "map"):
        return made
    if most is not None:
        size = _units if shape.type_name == "string" else len
        made.append(
            (f"Member must have length less than or equal to {most}", lambda v: size(v) <= most)
        )
    if least:
        made.append(
            (f"Member must have length greater than or equal to {least}", lambda v: len(v) >= least)
        )
    return made


def _units(value: str) -> int:
    """Return a text's length in UTF-16 code units, as Java counts."""
    return len(value) if value.isascii() else len(value.encode("utf-16-le", "surrogatepass")) // 2


def _enum_and_pattern(shape: Shape) -> list[tuple[str, Callable[[Any], bool]]]:
    made: list[tuple[str, Callable[[Any], bool]]] = []
    if shape.type_name != "string":
        return made
    values, pattern = getattr(shape, "enum", None), shape.metadata.get("pattern")
    if values:
        known = frozenset(values)
        text = f"Member must satisfy enum value set: [{', '.join(values)}]"
        made.append((text, lambda v: v in known))
    if pattern:
        text = f"Member must satisfy regular expression pattern: {pattern}"
        made.append((text, lambda v: matches(pattern, v)))
    return made


def _scalar(shape: Shape) -> _Check:
    allowed = _constraints(shape)
    if allowed is None:
        return lambda value, path, found: None
    pairs = tuple(zip(allowed.texts, allowed.tests, strict=True))

    def check(value: Any, path: str, found: list[Breach]) -> None:
        for text, test in pairs:
            if not test(value):
                found.append(Breach(path, _shown(value), text))

    return check


def _length(shape: Shape) -> _Check:
    pairs = tuple(_bounds(shape))

    def check(value: Any, path: str, found: list[Breach]) -> None:
        for text, test in pairs:
            if not test(value):
                found.append(Breach(path, _shown(value), text))

    return check


def _shown(value: Any) -> str:
    return "Value null" if value is None else f"Value '{value}'"


def _spelled(name: str) -> str:
    return name[0].lower() + name[1:]
