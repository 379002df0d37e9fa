"""Folders that wait for their marker: who is told when it does not come?"""

import shlex
from collections.abc import Iterator

from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, warning
from qsrefresh.freshness import hours_allowed
from qsrefresh.optional_fields import marker
from qsrefresh.registrations import folder_of

_A_DAY_AND_A_BIT = 26


def markers(check: Check) -> Iterator[Finding]:
    """Markers."""
    waiting = [item for item in check.active if marker(item.get("startson"))]
    if not waiting:
        return
    of_stack = check.parameters.get("StaleAfterHours", "")
    for item in waiting:
        if not hours_allowed(item, of_stack):
            folder = folder_of(item)
            yield warning(
                f"{folder} starts on {marker(item['startson'])} only, and nobody is told when"
                " that file does not come: it has no freshwithin",
                f"qsrefresh register {shlex.quote(folder)} --fresh-within {_A_DAY_AND_A_BIT}",
            )
