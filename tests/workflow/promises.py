"""What must hold of folders that promise to be fresh: a breach is told, not before, and once.

A breach belongs to what it is counted from: the last good refresh, or the beginning of the watch.
It is told at the first check that succeeds after the hours are over. It may be told once more
where the mail's answer was lost, or where the check failed before it could note what it told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from local.core.journal import Entry

if TYPE_CHECKING:
    from tests.workflow.invariants import Story

MACHINE = ":sampleproject-check-freshness:"
HOUR = 3600
_ZONES = {"JST": timezone(timedelta(hours=9)), "UTC": UTC}
_LINE = re.compile(
    r"^\t・\D*?[「\"](?P<folder>s3://.*?/)[」\"]"
    r".*(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d) (?P<zone>JST|UTC)"
)


@dataclass(frozen=True)
class Told:
    """One folder in one stale mail, and the minute that it is counted from."""

    entry: Entry
    folder: str
    minute: int


def violations(story: "Story") -> Iterator[str]:
    """Yield what does not hold."""
    account = story.account
    told = [one for entry, mail in story.stale for one in _lines(entry, mail.message)]
    checks = [
        run
        for run in account.executions
        if MACHINE in run.execution_arn and str(run.status) == "SUCCEEDED"
    ]
    good = {run.execution_arn for run in checks}
    for item in account.items(f"{account.project}-parameters"):
        written = item.get("freshwithin", {}).get("N", "")
        hours = int(written) if written.isdecimal() else 0
        folder = item["S3uri"]["S"]
        counted = sorted(_counted_from(story, folder))
        ends = [at for at, _ in counted[1:]] + [account.clock.now()]
        for (at, since), until in zip(counted, ends, strict=False):
            mine = [one for one in told if (one.folder, one.minute) == (folder, since // 60)]
            due = max(at, since + hours * HOUR)
            looks = [run.start_date.timestamp() for run in checks]
            if hours and any(due < look < until - 60 for look in looks) and not mine:
                yield f"stale: {folder} was due at {due}, and nobody was told"
            if mine and (not hours or mine[0].entry.at < since + hours * HOUR):
                yield f"stale: {folder} was told of at {mine[0].entry.at}, before {due}"
            for one in mine[:-1]:
                if one.entry.subject in good and not one.entry.error:
                    yield f"stale: {folder} was told of at {one.entry.at}, and again"


def _counted_from(story: "Story", folder: str) -> Iterator[tuple[float, int]]:
    """Yield when each good refresh, and the beginning of the watch, was noted, and its time."""
    for entry in story.account.journal:
        if not (entry.kind == "call" and entry.applied and entry.call):
            continue
        parameters, state = entry.call.parameters, entry.text.split(": ")[0]
        if parameters.get("Key", {}).get("S3uri", {}).get("S") != folder:
            continue
        values = parameters.get("ExpressionAttributeValues", {})
        if state == "Release Folder" and ":ended" in values:
            yield entry.at, int(values[":ended"]["N"])
        elif "watchedSince" in parameters.get("ExpressionAttributeNames", {}).values():
            yield entry.at, int(values[":since"]["N"])


def _lines(entry: Entry, message: str) -> Iterator[Told]:
    for line in message.splitlines():
        if found := _LINE.match(line):
            at = datetime.strptime(found["at"], "%Y-%m-%d %H:%M")
            minute = at.replace(tzinfo=_ZONES[found["zone"]]).timestamp() // 60
            yield Told(entry, found["folder"], int(minute))
