"""Read the fields that a registration may leave out, by the rule that the state machine reads by.

Each takes an attribute as DynamoDB stores it, or None, and gives None for what does not count: a
wrong one never stops a refresh.
"""

import re
from collections.abc import Sequence

from payload import mapping, text

# From, to. Fifteen minutes is MaxSettleSeconds's default, 8,760 hours a year.
MIN_ROWS = (1, 999_999_999)
RETRIES = (0, 3)
SETTLE_SECONDS = (0, 900)
FRESH_WITHIN_HOURS = (0, 8760)
_WHOLE = re.compile(r"[0-9]{1,9}")
_MARKER = re.compile(r"[^/*]*\*?[^/*]*")


def whole_number(value: object, bounds: tuple[int, int]) -> int | None:
    """Return a number (N) without sign, fraction or more than nine digits, within its bounds."""
    written = text(mapping(value).get("N"))
    if written is None or not _WHOLE.fullmatch(written):
        return None
    least, most = bounds
    return int(written) if least <= int(written) <= most else None


def marker(value: object) -> str | None:
    """Return the name of the file that starts a refresh: no slash, one asterisk at most."""
    written = text(mapping(value).get("S"))
    return written if written and _MARKER.fullmatch(written) else None


def ids(value: object) -> Sequence[str]:
    """Return the texts of a list; nothing of what is no list."""
    listed = mapping(value).get("L")
    members = listed if isinstance(listed, list) else []
    return [found for member in members if (found := text(mapping(member).get("S")))]


def is_list_of_ids(value: object) -> bool:
    """Tell whether it is a list, and every member of it a text that is not empty."""
    listed = mapping(value).get("L")
    return isinstance(listed, list) and len(ids(value)) == len(listed)
