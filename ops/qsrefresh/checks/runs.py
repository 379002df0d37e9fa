"""How the folders stand: what their last runs left, and what waits for the next."""

from collections.abc import Iterator

from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.folder_record import in_order
from qsrefresh.folder_state import FolderStatus, record_of, statuses
from qsrefresh.language import Voice
from qsrefresh.refreshes import Outcome
from qsrefresh.registrations import folder_of
from qsrefresh.standing import MEANINGS, Standing
from qsrefresh.unregistered import with_unregistered

_GOOD = Outcome.SUCCESS.value
_MAY_SURPRISE = (Standing.UNREGISTERED, Standing.UNKNOWN)


def last_runs(check: Check) -> Iterator[Finding]:
    """Last refreshes."""
    registered = {folder_of(item): item for item in check.items}
    found = statuses(check.aws, check.project, registered)
    wrong = False
    for one in with_unregistered(check.aws, check.places, registered, found):
        # A folder that has yet to see its first file is as it should be.
        if one.standing.needs_somebody and one.standing is not Standing.NEVER:
            wrong = True
            level = warning if one.standing in _MAY_SURPRISE else bad
            yield level(f"{_text(one)}{_died(check, one)}", "\n".join(one.cures))
    if registered and not wrong:
        yield good("last refreshes: no folder waits for anybody")


def _text(one: FolderStatus) -> str:
    folder, lead = one.state.folder, one.state.lead
    if lead.waiting is None and one.registered:
        return f"the counts of {folder} in the state table are odd: the next run mends them"
    if one.lost and one.culprit is None and one.registered:
        return f"what leads {folder} on paper is no run: {lead.leader}; the next run takes over"
    folders = ", ".join(one.unregistered) or folder
    return Voice().say(MEANINGS[one.standing], folder=folders, hours=one.hours)


def _died(check: Check, one: FolderStatus) -> str:
    """Return how many runs died since the last good one."""
    if not one.registered:
        return ""
    ring = in_order(record_of(check.aws, check.project, one.state.folder), one.state.lead.turn)
    good_ones = (place for place, run in enumerate(ring) if run and run.verdict == _GOOD)
    died = ring[: next(good_ones, len(ring))].count(None)
    return f" ({died} run{'s' * (died != 1)} since the last good one died)" if died else ""
