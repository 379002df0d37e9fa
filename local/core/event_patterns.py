"""Whether EventBridge takes an event pattern, and why not.

Imitates: malformed event patterns, which PutRule and TestEventPattern refuse with
``InvalidEventPatternException``.
Does not imitate: the place in the source that AWS adds to its reason; how complex wildcards may be
(here: four in a value).
"""

import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any

#: A wildcard pattern whose states multiply is refused as too complex; where AWS stops is not
#: documented. Recorded: five wildcards with ``:`` between them are too many.
_MOST_WILDCARDS = 4
_OR = "$or"


class MalformedPatternError(ValueError):
    """Why EventBridge refuses a pattern, in its words."""


def check(text: str) -> None:
    """Refuse a pattern that EventBridge refuses.

    Raises:
        MalformedPatternError: with EventBridge's reason.
    """
    try:
        pattern = json.loads(text, object_pairs_hook=_Pairs)
    except ValueError as error:
        raise MalformedPatternError(f"not JSON: {error}") from error
    if not isinstance(pattern, _Pairs):
        raise MalformedPatternError("Filter is not an object")
    _object(pattern, inside_or=False)


class _Pairs(list[tuple[str, Any]]):
    """An object's members, a name that stands twice included."""


def _object(members: _Pairs, inside_or: bool) -> None:
    if not members:
        raise MalformedPatternError("Empty objects are not allowed")
    for name, value in members:
        if name == _OR:
            _alternatives(value)
        elif inside_or and name in _RESERVED:
            raise MalformedPatternError(
                f"{name} is Ruler reserved fieldName which cannot be used inside {_OR}."
            )
        elif isinstance(value, _Pairs):
            _object(value, inside_or)
        elif isinstance(value, list):
            _values(value)
        else:
            raise MalformedPatternError(f'"{name}" must be an object or an array')


def _alternatives(members: Any) -> None:
    if not isinstance(members, list) or isinstance(members, _Pairs):
        raise MalformedPatternError(f"It must be an Array followed with {_OR}.")
    for one in members:
        if not isinstance(one, _Pairs):
            raise MalformedPatternError(
                f"Only JSON object is allowed in array of {_OR} relationship."
            )
        _object(one, inside_or=True)
    if len(members) < 2:
        raise MalformedPatternError(f"There must have at least 2 Objects in {_OR} relationship.")


def _values(values: list[Any]) -> None:
    if not values:
        raise MalformedPatternError("Empty arrays are not allowed")
    for value in values:
        if isinstance(value, _Pairs):
            _matcher(value)
        elif isinstance(value, list):
            raise MalformedPatternError("Match value must be String, number, true, false, or null")


def _matcher(members: _Pairs) -> None:
    if not members:
        raise MalformedPatternError("Match expression name not found")
    name, value = members[0]
    test = _MATCHERS.get(name)
    if test is None:
        raise MalformedPatternError(f"Unrecognized match type {name}")
    test(value)
    if len(members) > 1:
        raise MalformedPatternError("Only one key allowed in match expression")


def _text(what: str) -> Callable[[Any], None]:
    def test(value: Any) -> None:
        if not isinstance(value, str):
            raise MalformedPatternError(f"{what} match pattern must be a string")

    return test


def _affix(what: str) -> Callable[[Any], None]:
    """``prefix`` and ``suffix``: a text, or one whose case does not matter."""

    def test(value: Any) -> None:
        if not isinstance(value, _Pairs):
            _text(what)(value)
            return
        name = value[0][0] if value else ""
        if name != "equals-ignore-case":
            raise MalformedPatternError(f"Unsupported {what} pattern: {name}")
        _text("equals-ignore-case")(value[0][1])
        if len(value) > 1:
            raise MalformedPatternError("Only one key allowed in match expression")

    return test


def _exists(value: Any) -> None:
    if not isinstance(value, bool):
        raise MalformedPatternError("exists match pattern must be either true or false.")


def _cidr(value: Any) -> None:
    _text("prefix")(value)  # EventBridge's own word for it
    address, slash, bits = str(value).partition("/")
    if not slash or "/" in bits:
        raise MalformedPatternError("Malformed CIDR, one '/' required")
    if not re.fullmatch(r"[0-9]+", bits):
        raise MalformedPatternError("Malformed CIDR, mask bits must be an integer")
    try:
        version = ipaddress.ip_address(address).version
    except ValueError as error:
        raise MalformedPatternError(f"Nonstandard IP address: {address}") from error
    if int(bits) > (32 if version == 4 else 128):
        raise MalformedPatternError("Malformed CIDR, mask bits out of range")


def _wildcard(value: Any) -> None:
    _text("wildcard")(value)
    # Positions count from the opening quote, as the pattern's parser sees it.
    plain = re.sub(r"\\[*\\]", "..", value)
    double, escape = plain.find("**"), plain.find("\\")
    if double >= 0:
        raise MalformedPatternError(f"Consecutive wildcard characters at pos {double + 1}")
    if escape >= 0:
        raise MalformedPatternError(f"Invalid escape character at pos {escape + 1}")
    if plain.count("*") > _MOST_WILDCARDS:
        raise MalformedPatternError(
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character"
            " sequences after a wildcard character"
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _numeric(value: Any) -> None:
    if not isinstance(value, list) or isinstance(value, _Pairs):
        raise MalformedPatternError("Value of numeric must be an array.")
    operator = value[0] if value else "]"
    if not isinstance(operator, str) or not value:
        raise MalformedPatternError(f"Invalid member in numeric match: {operator}")
    if operator not in ("=", "<", "<=", ">", ">="):
        raise MalformedPatternError(f"Unrecognized numeric range operator: {operator}")
    if len(value) < 2 or not _is_number(value[1]):
        called = "equals" if operator == "=" else operator
        raise MalformedPatternError(f"Value of {called} must be numeric")
    if len(value) > 2:
        _upper_end(operator, value[1], value[2:])


def _upper_end(operator: str, bottom: float, rest: list[Any]) -> None:
    if operator not in (">", ">="):
        raise MalformedPatternError("Too many elements in numeric expression")
    if not isinstance(rest[0], str):
        raise MalformedPatternError(f"Bad value in numeric range: {rest[0]}")
    if rest[0] not in ("<", "<="):
        raise MalformedPatternError(f"Bad numeric range operator: {rest[0]}")
    if len(rest) < 2 or not _is_number(rest[1]):
        raise MalformedPatternError(f"Value of {rest[0]} must be numeric")
    if len(rest) > 2:
        raise MalformedPatternError("Too many terms in numeric range expression")
    if bottom >= rest[1]:
        raise MalformedPatternError("Bottom must be less than top")


def _anything_but(value: Any) -> None:
    if isinstance(value, _Pairs):
        _anything_but_like(value)
    elif isinstance(value, list):
        if not all(isinstance(one, str) or _is_number(one) for one in value):
            raise MalformedPatternError(
                "Inside anything but list, start|null|boolean is not supported."
            )
        if len({isinstance(one, str) for one in value}) != 1:
            raise MalformedPatternError(
                "Inside anything but list, either all values are number or string, "
                "mixed type is not supported"
            )
    else:
        _one_or_many(value)


def _one_or_many(value: Any) -> None:
    if isinstance(value, _Pairs) or not (isinstance(value, (str, list)) or _is_number(value)):
        raise MalformedPatternError(
            "Value of anything-but must be an array or single string/number value."
        )


def _anything_but_like(members: _Pairs) -> None:
    if not members:
        raise MalformedPatternError("Anything-But expression name not found")
    name, value = members[0]
    if name not in ("equals-ignore-case", "prefix", "suffix", "wildcard"):
        raise MalformedPatternError(f"Unsupported anything-but pattern: {name}")
    _one_or_many(value)
    for one in value if isinstance(value, list) else [value]:
        if name == "wildcard":
            _wildcard(one)
        elif not isinstance(one, str):
            raise MalformedPatternError(
                "prefix/suffix match pattern must be a string"
                if name in ("prefix", "suffix")
                else f"Inside anything-but/{name} list, number|start|null|boolean is not supported."
            )
        elif not one and name != "equals-ignore-case":
            raise MalformedPatternError("Null prefix/suffix not allowed")
    if len(members) > 1:
        raise MalformedPatternError("Too many elements in numeric expression")


_MATCHERS: dict[str, Callable[[Any], None]] = {
    "exactly": _text("exact"),
    "prefix": _affix("prefix"),
    "suffix": _affix("suffix"),
    "equals-ignore-case": _text("equals-ignore-case"),
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "exists": _exists,
    "numeric": _numeric,
    "cidr": _cidr,
}
#: Names that cannot be fields inside ``$or``: https://github.com/aws/event-ruler, "reserved".
_RESERVED = frozenset(_MATCHERS) | {
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
}
