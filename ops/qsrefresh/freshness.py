"""Whether a folder's data is older than somebody said it may be. Pure."""

from datetime import datetime, timedelta
from typing import Any

from qsrefresh.folder_record import Lead
from qsrefresh.registrations import Item

#: The longest that can be asked for: a year.
_MOST_HOURS = 8760


def hours_allowed(item: Item, of_stack: str) -> int:
    """Return the hours within which the folder is to be refreshed; 0: nobody watches.

    Args:
        item: the registration; its ``freshwithin`` counts if it is a whole number of hours.
        of_stack: the parameter StaleAfterHours, which counts otherwise.
    """
    own = _hours(item.get("freshwithin", {}).get("N"))
    return own if own is not None else _hours(of_stack) or 0


def is_stale(lead: Lead, hours: int, now: datetime) -> bool:
    """Tell whether the hours are over since the last success, or since the watch began."""
    # A time of the future counts as none, as for the machine that tells.
    soon = now + timedelta(hours=1)
    known = [one for one in (lead.last_succeeded, lead.watched_since) if one and one < soon]
    return bool(hours and known) and max(known) + timedelta(hours=hours) < now


def _hours(written: Any) -> int | None:
    known = isinstance(written, str) and written.isascii() and written.isdecimal()
    return int(written) if known and int(written) <= _MOST_HOURS else None
