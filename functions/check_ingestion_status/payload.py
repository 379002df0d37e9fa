"""Narrow values of unknown type: whatever a payload holds, callers get a type they can use."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

# Far above any row count (2 billion rows a dataset, SPICE quota) and cheap to print.
_LARGEST_COUNT = 10**15


def text(value: object) -> str | None:
    """Return `value` if it is a text that is not empty, else None."""
    return value if isinstance(value, str) and value else None


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[Any]:
    """Return `value` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else ()


def count(value: object) -> int | None:
    """Return `value` as a number of things (whole, not negative, not absurd), else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value <= _LARGEST_COUNT or value != int(value):
        return None
    return int(value)


def json_object(value: object) -> Mapping[str, Any]:
    """Return the JSON object that `value` is, or that it is the text of; else an empty one."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return mapping(value)
