"""Items of DynamoDB as YAML and back, with nothing lost: numbers, sets, binary, any text.

A text that holds what does not show, or a line end, is written in double quotes with its escapes:
no name can forge a line of the file, and no editor changes what nobody sees.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import yaml

from qsrefresh.safe_text import unseen

Attribute = dict[str, Any]
Item = dict[str, Attribute]

#: DynamoDB developer guide, "Service, account, and table quotas": nested attributes, numbers (38
#: digits, up to 9.99 times ten to the power of 125) and the size of an item; every value of a list
#: takes a byte of it at least.
_MOST_LEVELS = 32
_MOST_DIGITS = 38
_LARGEST, _SMALLEST = Decimal("1E+126"), Decimal("1E-130")
_MOST_VALUES = 400 * 1024
_TAG = "tag:yaml.org,2002:"
_SETS = {"S": "SS", "N": "NS", "B": "BS"}
#: A whole number of more digits is written as a power of ten.
_MOST_PLAIN_DIGITS = 40


# ---- Writing ------------------------------------------------------------------------------------


def dump(items: Sequence[Item], in_order: Callable[[Iterable[str]], list[str]]) -> str:
    """Return items as a YAML list; ``in_order`` sorts the names of fields."""
    node = yaml.SequenceNode(
        f"{_TAG}seq", [_map_node(item, in_order) for item in items], flow_style=not items
    )
    text = yaml.serialize(node, Dumper=yaml.SafeDumper, allow_unicode=True, width=float("inf"))
    # What does not show stands in double quotes: there, every character has an escape.
    return "".join(one if one == "\n" or not unseen(one) else _escape(one) for one in text)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04X}" if number <= 0xFFFF else f"\\U{number:08X}"


def _map_node(fields: Item, in_order: Callable[[Iterable[str]], list[str]]) -> yaml.MappingNode:
    pairs = [(_text_node(name), _node(fields[name], in_order)) for name in in_order(fields)]
    return yaml.MappingNode(f"{_TAG}map", pairs, flow_style=not pairs)


def _node(attribute: Attribute, in_order: Callable[[Iterable[str]], list[str]]) -> yaml.Node:
    ((kind, value),) = attribute.items()
    if kind == "M":
        return _map_node(value, in_order)
    if kind == "L":
        members = [_node(member, in_order) for member in value]
        return yaml.SequenceNode(f"{_TAG}seq", members, flow_style=not members)
    if kind in _SETS.values():
        members = [_scalar(kind[0], member) for member in value]
        members.sort(key=lambda member: str(member.value))
        nothing = [(member, yaml.ScalarNode(f"{_TAG}null", "null")) for member in members]
        return yaml.MappingNode(f"{_TAG}set", nothing, flow_style=False)
    return _scalar(kind, value)


def _scalar(kind: str, value: Any) -> yaml.ScalarNode:
    if kind == "N":
        return _number_node(Decimal(value))
    if kind == "B":
        return yaml.ScalarNode(f"{_TAG}binary", base64.b64encode(bytes(value)).decode())
    if kind == "BOOL":
        return yaml.ScalarNode(f"{_TAG}bool", "true" if value else "false")
    if kind == "NULL":
        return yaml.ScalarNode(f"{_TAG}null", "null")
    return _text_node(value)


def _text_node(text: str) -> yaml.ScalarNode:
    style = '"' if any(map(unseen, text)) else None
    return yaml.ScalarNode(f"{_TAG}str", text, style=style)


def _number_node(number: Decimal) -> yaml.ScalarNode:
    sign, digits, exponent = number.normalize(_exactly(number)).as_tuple()
    assert isinstance(exponent, int)  # DynamoDB holds no infinity
    if exponent >= 0 and len(digits) + exponent <= _MOST_PLAIN_DIGITS:
        return yaml.ScalarNode(f"{_TAG}int", str(int(number)))
    # YAML 1.1 takes for a number only what has a point, and a sign before the power of ten.
    first, *others = map(str, digits)
    power = exponent + len(others)
    shown = f"{'-' * sign}{first}.{''.join(others) or '0'}"
    return yaml.ScalarNode(f"{_TAG}float", shown if power == 0 else f"{shown}E{power:+d}")


def _exactly(number: Decimal) -> Context:
    """Return arithmetic that rounds nothing of a number."""
    return Context(prec=max(1, len(number.as_tuple().digits)))


# ---- Reading ------------------------------------------------------------------------------------


def load(text: str, name: str) -> list[Attribute]:
    """Return what a file holds as attributes: the members of its list, or the one thing that it is.

    Raises:
        ValueError: it is not YAML, or holds what no item can; the message says what and where.
    """
    try:
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        if node is None:
            return []
        listed = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return [_Reader(name).attribute(one) for one in listed]
    except yaml.MarkedYAMLError as error:
        parts = (error.context, error.problem)
        told = ", ".join(part for part in parts if part)
        mark = error.problem_mark or error.context_mark
        raise ValueError(f"{name} is not YAML: {told}{_place(name, mark)}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"{name} is not YAML: {error}") from error
    except RecursionError:
        raise ValueError(f"{name} is nested more deeply than anybody can read") from None


def _place(name: str, mark: Any) -> str:
    return f" ({name}, line {mark.line + 1}, column {mark.column + 1})" if mark else ""


class _Reader:
    """Reads one item."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._values = 0
        self._above: list[yaml.Node] = []
        self._constructor = yaml.constructor.SafeConstructor()

    def attribute(self, node: yaml.Node) -> Attribute:
        """Return a node as an attribute."""
        self._values += 1
        if self._values > _MOST_VALUES:
            raise self._error(node, "holds more values than an item of DynamoDB can")
        if any(one is node for one in self._above):
            raise self._error(node, "an anchor stands inside itself")
        if len(self._above) > _MOST_LEVELS:
            raise self._error(node, f"nested more than {_MOST_LEVELS} levels deep")
        self._above.append(node)
        try:
            return self._read(node)
        finally:
            self._above.pop()

    def _read(self, node: yaml.Node) -> Attribute:
        kind = node.tag.removeprefix(_TAG)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, kind)
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return {"L": [self.attribute(member) for member in node.value]}
        if isinstance(node, yaml.MappingNode) and kind == "set":
            return self._set(node)
        if isinstance(node, yaml.MappingNode) and kind == "map":
            fields = self._fields(node)
            return {"M": {name: self.attribute(value) for name, value in fields.items()}}
        raise self._error(node, f"DynamoDB has no {node.tag.removeprefix(_TAG)}")

    def _fields(self, node: yaml.MappingNode) -> dict[str, yaml.Node]:
        """Return a map's fields; what ``<<`` brings gives way to what is written."""
        own: dict[str, yaml.Node] = {}
        merged: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._error(key, "the name of a field must be text")
            if key.tag == f"{_TAG}merge":
                for other in self._merged(value):
                    merged = {**self._fields(other), **merged}
            elif not key.value:
                raise self._error(key, "a field has no name")
            elif key.value in own:
                raise self._error(key, f"the field {key.value} is there twice")
            else:
                own[key.value] = value
        return {**merged, **own}

    def _merged(self, node: yaml.Node) -> Iterator[yaml.MappingNode]:
        others = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for other in others:
            self._values += 1
            inside = any(one is other for one in self._above)
            if not isinstance(other, yaml.MappingNode) or inside or self._values > _MOST_VALUES:
                raise self._error(other, "<< must name maps that it does not stand in")
            self._above.append(other)
            yield other
            self._above.pop()

    def _set(self, node: yaml.MappingNode) -> Attribute:
        members = [self.attribute(key) for key, _ in node.value]
        kinds = {kind for member in members for kind in member}
        if len(kinds) != 1 or not kinds <= set(_SETS):
            raise self._error(node, "a set must hold texts, or numbers, or binary values")
        (kind,) = kinds
        return {_SETS[kind]: [member[kind] for member in members]}

    def _scalar(self, node: yaml.ScalarNode, kind: str) -> Attribute:
        text = node.value
        try:
            if kind == "str":
                text.encode("utf-8")
                return {"S": text}
            if kind == "null":
                return {"NULL": True}
            if kind == "bool":
                return {"BOOL": self._constructor.construct_yaml_bool(node)}
            if kind == "binary":
                return {"B": base64.b64decode("".join(text.split()), validate=True)}
            if kind == "int":
                return {"N": self._number(Decimal(self._constructor.construct_yaml_int(node)))}
            if kind == "float":
                return {"N": self._number(Decimal(text.replace("_", "")))}
        except (ArithmeticError, LookupError, ValueError, binascii.Error) as error:
            why = "" if isinstance(error, InvalidOperation | LookupError) else f": {error}"
            raise self._error(node, f"DynamoDB cannot hold {text!r}{why}") from error
        what = "date: put it in quotes" if kind == "timestamp" else kind
        raise self._error(node, f"DynamoDB cannot hold a {what}")

    def _number(self, number: Decimal) -> str:
        if not number.is_finite():
            raise ValueError("it is no number")
        if number and not _SMALLEST <= number.copy_abs() < _LARGEST:
            raise ValueError("its power of ten is too large or too small")
        exact = number.normalize(_exactly(number))
        _, digits, exponent = exact.as_tuple()
        assert isinstance(exponent, int)
        if len(digits) > _MOST_DIGITS:
            raise ValueError(f"it has more than {_MOST_DIGITS} digits")
        whole = exponent >= 0 and len(digits) + exponent <= _MOST_DIGITS
        return str(int(exact)) if whole else str(exact)

    def _error(self, node: yaml.Node, text: str) -> ValueError:
        return ValueError(f"{text}{_place(self._name, node.start_mark)}")
