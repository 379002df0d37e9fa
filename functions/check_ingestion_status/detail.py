"""The detail of the event that tells programs how a run ended: docs/events.md describes it.

The state machine adds what it knows itself, even where this function failed: `version`, `project`,
`verdict`, `folder`, `mailed` and `execution`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from names import dataset_name
from run import Run
from safe_text import NAME_LIMIT, shorten, shorten_start
from verdict import Kind, Outcome, Verdict

# EventBridge and Step Functions take 256 KiB; most of that is the mail's, and a reader's queue,
# log or function may take less.
LIMIT = 32 * 1024
# Of QuickSight's identifiers (Quick API reference, "DataSet", DataSetId).
_ID_LIMIT = 512
# An S3 key is at most 1,024 bytes (S3 user guide, "Naming Amazon S3 objects").
_KEY_LIMIT = 1024


def detail(
    verdict: Verdict, run: Run, notification: Mapping[str, Any], ended: datetime
) -> dict[str, Any]:
    """Return the detail in at most LIMIT bytes of JSON: datasets worst first, the rest counted."""
    rows = [_row(outcome) for outcome in verdict.outcomes]
    found: dict[str, Any] = {
        "endedAt": _time(ended),
        "startedBy": _started_by(run),
        "fileEvents": run.trigger.file_events,
        "problems": len(verdict.problems),
        "datasets": [],
        "omitted": len(rows),
        "notification": notification,
    }
    if run.started_at:
        found["startedAt"] = _time(run.started_at)
    spare = LIMIT - _size(found)
    for row in rows:
        spare -= _size(row) + len(", ")
        if spare < 0:
            break
        found["datasets"].append(row)
    found["omitted"] = len(rows) - len(found["datasets"])
    return found


def _row(outcome: Outcome) -> dict[str, Any]:
    # What was not started failed, too: its status tells.
    failed = outcome.kind in (Kind.FAILED, Kind.NOT_STARTED)
    error = outcome.meaning.type if failed and outcome.meaning else ""
    known = {
        "error": shorten(error, NAME_LIMIT) or None,
        "rows": outcome.rows,
        "droppedRows": outcome.skipped,
        "seconds": outcome.seconds,
        "attempts": len(outcome.before) + 1 if outcome.before else None,
    }
    return {
        "id": shorten(outcome.dataset.id, _ID_LIMIT),
        "name": dataset_name(outcome),
        "result": "FAILED" if failed else outcome.kind.name,
        "status": outcome.status,
    } | {name: value for name, value in known.items() if value is not None}


def _started_by(run: Run) -> dict[str, str]:
    trigger = run.trigger
    if run.continues:  # its event is that of the run before
        return {"kind": "PREVIOUS_RUN"}
    kinds = {"Object Created": "FILE_ADDED", "Object Deleted": "FILE_DELETED"}
    kind = kinds.get(trigger.kind or "", "OTHER")
    if trigger.key:
        return {"kind": kind, "name": shorten_start(trigger.key, _KEY_LIMIT)}
    if not trigger.kind and (by := shorten(trigger.by or "", NAME_LIMIT)):
        return {"kind": "INPUT", "name": by}
    return {"kind": kind if trigger.kind else "INPUT"}


def _time(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _size(value: object) -> int:
    """Return the bytes of a value as JSON: a quote or a line break in a text counts twice."""
    return len(json.dumps(value, ensure_ascii=False).encode())
