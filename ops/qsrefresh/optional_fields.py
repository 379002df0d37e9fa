"""Read the fields that a registration may leave out, by the rule that the state machine reads by.

A wrong field never stops a refresh: it counts as if it were not there. Attributes are given as
DynamoDB stores them; None is one that is missing. The mail and the command ``qsrefresh`` read by
this rule both: the module stands word for word in ``functions/check_ingestion_status/`` and in
``ops/qsrefresh/``, which are packed by themselves.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

# From, to. The bounds of a folder's seconds are those of the parameter SettleSeconds, and a year
# has 8,760 hours.
MIN_ROWS = (1, 999_999_999)
RETRIES = (0, 3)
SETTLE_SECONDS = (0, 900)
FRESH_WITHIN_HOURS = (0, 8760)
_WHOLE = re.compile(r"[0-9]{1,9}")
_MARKER = re.compile(r"[^/*]*\*?[^/*]*")


def whole_number(value: object, bounds: tuple[int, int]) -> int | None:
    """Return a number (N) without sign, fraction or more than nine digits, within its bounds."""
    written = _part(value, "N")
    if not isinstance(written, str) or not _WHOLE.fullmatch(written):
        return None
    least, most = bounds
    return int(written) if least <= int(written) <= most else None


def marker(value: object) -> str | None:
    """Return the name of the file that starts a refresh: no slash, one asterisk at most."""
    written = _part(value, "S")
    legal = isinstance(written, str) and written and _MARKER.fullmatch(written)
    return written if legal else None


def ids(value: object) -> list[str]:
    """Return the texts of a list that are not empty; nothing of what is no list."""
    listed = _part(value, "L")
    texts = [_part(member, "S") for member in listed] if isinstance(listed, list) else []
    return [one for one in texts if isinstance(one, str) and one]


def is_list_of_ids(value: object) -> bool:
    """Tell whether it is a list, and every member of it a text that is not empty."""
    listed = _part(value, "L")
    return isinstance(listed, list) and len(ids(value)) == len(listed)


def in_circles(after: Mapping[str, Collection[str]]) -> set[str]:
    """Return the ids that come, over others, after themselves: id → those that it comes after."""
    before: dict[str, list[str]] = {one: [] for one in after}
    for one, others in after.items():
        for other in others:
            before[other].append(one)
    # Two walks find what leads to each other (S. R. Kosaraju's algorithm).
    seen: set[str] = set()
    ended = [one for start in after for one in _walk(start, after, seen)]
    seen = set()
    groups = [list(_walk(start, before, seen)) for start in reversed(ended)]
    return {one for group in groups if len(group) > 1 for one in group}


def _walk(start: str, ways: Mapping[str, Collection[str]], seen: set[str]) -> Iterator[str]:
    """Yield what is reached and was not seen, each after everything that is reached from it."""
    path = [] if start in seen else [(start, iter(ways[start]))]
    seen.add(start)
    while path:
        one, following = path[-1]
        other = next((other for other in following if other not in seen), None)
        if other is None:
            path.pop()
            yield one
        else:
            seen.add(other)
            path.append((other, iter(ways[other])))


def _part(value: object, kind: str) -> Any:
    return value.get(kind) if isinstance(value, Mapping) else None
