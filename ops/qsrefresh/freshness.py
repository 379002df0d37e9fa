"""Whether a folder's data is older than somebody said it may be. Pure."""

from datetime import datetime, timedelta

from qsrefresh.folder_record import Lead
from qsrefresh.optional_fields import FRESH_WITHIN_HOURS, whole_number
from qsrefresh.registrations import Item


def hours_allowed(item: Item, of_stack: str) -> int:
    """Return the hours within which the folder is to be refreshed; 0: nobody watches.

    Args:
        item: the registration; its ``freshwithin`` counts if it is a whole number of hours.
        of_stack: the parameter StaleAfterHours, which counts otherwise.
    """
    own = whole_number(item.get("freshwithin"), FRESH_WITHIN_HOURS)
    return own if own is not None else whole_number({"N": of_stack}, FRESH_WITHIN_HOURS) or 0


def is_stale(lead: Lead, hours: int, now: datetime) -> bool:
    """Tell whether the hours are over since the last success, or since the watch began."""
    # A time of the future counts as none, as for the machine that tells.
    soon = now + timedelta(hours=1)
    known = [one for one in (lead.last_succeeded, lead.watched_since) if one and one < soon]
    return bool(hours and known) and max(known) + timedelta(hours=hours) < now
