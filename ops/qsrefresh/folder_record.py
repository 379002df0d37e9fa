"""What the runs of a folder left of themselves: the lead item, and the record of its last runs.

Both are described in docs/dev/protocol.md. Pure; and whatever odd thing stands in an item, the rest
of it is told. 1.0.0 kept what it remembered in the lead item: that is understood, too.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from qsrefresh.registrations import Item

#: What a folder's record is called, after the folder's name.
RECORD = "#record"
#: How many runs the ring holds.
RING = 30

_LAST = datetime.max.replace(tzinfo=UTC).timestamp()
#: What the machine takes for a count, so that both judge alike.
_COUNT = re.compile(r"[0-9]{1,15}(\.[0-9]+)?")


@dataclass(frozen=True)
class RecordedDataset:
    """What became of one dataset."""

    id: str
    status: str
    rows: int | None
    skipped: int | None
    seconds: int | None
    error: str = ""
    short: bool = False
    attempts: int | None = None


@dataclass(frozen=True)
class RecordedRun:
    """A run that led the folder and told of its end.

    Attributes:
        file_events: how many file events it covers; each but its own joined it.
        registered: how many datasets it was to refresh; ``datasets`` holds 40 at most.
    """

    execution: str
    started: datetime
    ended: datetime | None
    verdict: str
    mailed: bool
    problem: str
    file_events: int | None
    registered: int | None
    refreshed: int | None
    datasets: tuple[RecordedDataset, ...]


@dataclass(frozen=True)
class LastRefresh:
    """The end that was written last: by a release of 1.0.0, or into the record."""

    started: datetime | None = None
    ended: datetime | None = None
    verdict: str | None = None
    execution: str | None = None


@dataclass(frozen=True)
class Lead:
    """Who leads the folder, and what waits.

    Attributes:
        leader: the run's ARN; or, as JSON, whatever odd thing stands there.
        arrivals, covered: None where no count stands: the next file mends it.
        turn: how often the lead was given back.
        last_succeeded: when a run last refreshed all.
        watched_since: since when it is watched that this happens.
        last: what 1.0.0 wrote at its last release.
    """

    leader: str | None = None
    arrivals: int | None = 0
    covered: int | None = 0
    turn: int = 0
    last_started: datetime | None = None
    last_succeeded: datetime | None = None
    watched_since: datetime | None = None
    last: LastRefresh = LastRefresh()

    @property
    def waiting(self) -> int | None:
        """How many file events no finished refresh covers; None if the counts cannot tell."""
        if self.arrivals is None or self.covered is None or self.covered > self.arrivals:
            return None
        return self.arrivals - self.covered


@dataclass(frozen=True)
class Record:
    """The last runs of a folder.

    Attributes:
        runs: place in the ring → the run there.
        last: the run that was written last.
    """

    runs: Mapping[int, RecordedRun]
    last: LastRefresh = LastRefresh()


def read_lead(item: Item) -> Lead:
    """Return what a lead item says; an item that is not there is an empty one."""
    started = _moment(item.get("lastStarted"))
    return Lead(
        leader=_leader(item.get("leader")),
        arrivals=_count(item.get("arrivals"), 0),
        covered=_count(item.get("covered"), 0),
        turn=_whole(item.get("turn")) or 0,
        last_started=started,
        last_succeeded=_moment(item.get("lastSucceeded")),
        watched_since=_moment(item.get("watchedSince")),
        last=_last(item),
    )


def read_record(item: Item) -> Record:
    """Return what a record says; an item that is not there is an empty one."""
    runs = {place: _run(item.get(f"run{place:02}")) for place in range(RING)}
    return Record({place: run for place, run in runs.items() if run}, _last(item))


def usual_seconds(item: Item) -> dict[str, float]:
    """Return how long each dataset's last good refresh took, dataset id → seconds."""
    found = {
        key: _whole(_map(one).get("seconds")) for key, one in _map(item.get("datasets")).items()
    }
    return {key: seconds for key, seconds in found.items() if seconds is not None}


def last_refresh(lead: Lead, record: Record) -> LastRefresh:
    """Return how the last refresh ended, without a verdict if nothing tells.

    A release whose run could not write the record must not pass for the run before.
    """
    found = max(lead.last, record.last, key=lambda one: (_time(one.ended), _time(one.started)))
    if _time(lead.last_started) > _time(found.started):
        return LastRefresh(started=lead.last_started)
    return found


def in_order(record: Record, turn: int) -> list[RecordedRun | None]:
    """Return the runs of the ring, newest first; None for a turn that left no run.

    A place that a turn did not write holds the run of 30 turns before: that one ended before the
    runs of the turns between. Ends tell, not beginnings: a run that waits may lead after a younger.
    """
    latest, fresh, stale = 0.0, list[RecordedRun | None](), list[RecordedRun]()
    # The run of the turn that goes on may have written already.
    for number in range(turn - RING + 1, turn + 1):
        run = record.runs.get(number % RING)
        if run and _end(run) < latest:
            stale.append(run)
            run = None
        if run:
            latest = _end(run)
            fresh.append(run)
        elif 0 <= number < turn and fresh:
            fresh.append(None)
    stale.sort(key=_end)
    return [*reversed([*stale, *fresh])]


def _end(run: RecordedRun) -> float:
    return _time(run.ended or run.started)


def _run(value: Any) -> RecordedRun | None:
    """Return a run of the ring; None for what has no execution or no beginning."""
    of = _map(value)
    execution, started = _text(of.get("execution")), _moment(of.get("started"))
    if not execution or started is None:
        return None
    return RecordedRun(
        execution=execution,
        started=started,
        ended=_moment(of.get("ended")),
        verdict=_text(of.get("verdict")) or "UNKNOWN",
        mailed=_part(of.get("mailed"), "BOOL") is not False,
        problem=_text(of.get("problem")) or "",
        file_events=_whole(of.get("fileEvents")),
        registered=_whole(of.get("registered")),
        refreshed=_whole(of.get("refreshed")),
        datasets=tuple(_datasets(of.get("datasets"), _map(of.get("errors")))),
    )


def _datasets(value: Any, errors: Mapping[str, Any]) -> Iterator[RecordedDataset]:
    for dataset_id, one in sorted(_map(value).items()):
        of = _map(one)
        rows, skipped, seconds = (_whole(of.get(name)) for name in ("rows", "skipped", "seconds"))
        status = _text(of.get("status")) or "UNKNOWN"
        yield RecordedDataset(
            dataset_id,
            status,
            rows,
            skipped,
            seconds,
            error=_text(errors.get(dataset_id)) or "",
            short=_part(of.get("short"), "BOOL") is True,
            attempts=_whole(of.get("attempts")),
        )


def _last(item: Item) -> LastRefresh:
    """Return the last end as both kinds of item write it; only an end makes a refresh."""
    ended, verdict = _moment(item.get("lastEnded")), _text(item.get("verdict"))
    if ended is None and verdict is None:
        return LastRefresh()
    started, execution = _moment(item.get("lastStarted")), _text(item.get("lastExecution"))
    return LastRefresh(started, ended, verdict, execution)


def _leader(value: Any) -> str | None:
    return None if value is None else _text(value) or json.dumps(value, default=str)


def _part(value: Any, kind: str) -> Any:
    return value.get(kind) if isinstance(value, Mapping) else None


def _map(value: Any) -> Mapping[str, Any]:
    found = _part(value, "M")
    return found if isinstance(found, Mapping) else {}


def _text(value: Any) -> str | None:
    found = _part(value, "S")
    return found if isinstance(found, str) else None


def _whole(value: Any) -> int | None:
    found = _part(value, "N")
    known = isinstance(found, str) and _COUNT.fullmatch(found)
    return int(float(found)) if known else None


def _count(value: Any, absent: int) -> int | None:
    return absent if value is None else _whole(value)


def _moment(value: Any) -> datetime | None:
    """Return a time written as seconds since 1970; 0 is none."""
    seconds = _whole(value)
    return datetime.fromtimestamp(seconds, tz=UTC) if seconds and seconds < _LAST else None


def _time(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
