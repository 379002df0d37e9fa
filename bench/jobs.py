"""The measurements as jobs of their own, so that every core of the machine has work."""

import logging
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from bench.deployment import deployed
from bench.freshness import FOLDERS, Freshness, freshness
from bench.grid import (
    DATASETS,
    DURATIONS,
    FIXED_WAITS,
    HOUR,
    KNOWN,
    MINUTE,
    UNKNOWN,
    Cell,
    Fixed,
    duration_text,
    measure,
    measure_fixed,
)
from bench.machine import ColdImport, Speed, cold_imports, speed, starts
from bench.reads import Reads, reads
from bench.scenarios import (
    BURSTS,
    CROWD,
    Burst,
    Crowd,
    Failure,
    Faster,
    burst,
    crowd,
    failure,
    faster,
)

_T = TypeVar("_T")
_FASTER = (10 * MINUTE, HOUR, 12 * HOUR)
_FAILURES = ("S3_FILE_INACCESSIBLE", "INGESTION_SUPERSEDED")


@dataclass(frozen=True)
class Results:
    """Everything that was measured."""

    cells: dict[str, dict[tuple[int, int], Cell]]
    fixed: dict[int, list[Fixed]]
    faster: list[Faster]
    failures: list[Failure]
    bursts: list[Burst]
    reads: list[Reads]
    freshness: list[Freshness]
    crowds: list[Crowd]
    speed: Speed
    imports: list[ColdImport]
    starts: dict[str, float]


def keep_noise_out() -> None:
    """Let what the libraries say go nowhere."""
    logging.captureWarnings(True)
    logging.getLogger().addHandler(logging.NullHandler())


def _machine() -> tuple[Speed, list[ColdImport]]:
    with deployed() as account:
        return speed(account), cold_imports(account)


def _cells(seconds: int) -> dict[int, dict[str, Cell]]:
    with deployed() as account:
        return {datasets: measure(account, seconds, datasets) for datasets in DATASETS}


def _fixed(wait: int) -> list[Fixed]:
    with deployed(wait) as account:
        return [measure_fixed(account, wait, seconds) for seconds in DURATIONS]


def _surprises() -> tuple[list[Faster], list[Failure], list[Burst]]:
    with deployed() as account:
        return (
            [faster(account, expected) for expected in _FASTER],
            [failure(account, error) for error in _FAILURES],
            [burst(account, files) for files in BURSTS],
        )


def _reads() -> list[Reads]:
    with deployed() as account:
        return reads(account)


def _freshness() -> list[Freshness]:
    with deployed() as account:
        return [freshness(account, folders) for folders in FOLDERS]


def measure_all(say: Callable[[str], None]) -> Results:
    """Measure everything: first what depends on the machine, alone; then the rest in parallel."""
    say("the machine")
    own_speed, imports = _machine()
    with ProcessPoolExecutor(
        os.cpu_count(), multiprocessing.get_context("spawn"), keep_noise_out
    ) as pool:

        def start(what: str, job: Callable[..., _T], *arguments: object) -> "Future[_T]":
            future = pool.submit(job, *arguments)
            future.add_done_callback(lambda _: say(what))
            return future

        # The longest first.
        cells = {
            seconds: start(duration_text(seconds), _cells, seconds)
            for seconds in reversed(DURATIONS)
        }
        fixed = {wait: start(f"fixed {wait} s", _fixed, wait) for wait in FIXED_WAITS}
        full = start("inline Map", crowd, *CROWD, 10, True)
        ours = start("distributed Map", crowd, *CROWD)
        checks = start("freshness", _freshness)
        surprises = start("surprises and bursts", _surprises)
        afterwards = start("reads after a burst", _reads)
        found = surprises.result()
        return Results(
            cells={
                kind: {
                    (seconds, datasets): cells[seconds].result()[datasets][kind]
                    for seconds in DURATIONS
                    for datasets in DATASETS
                }
                for kind in (KNOWN, UNKNOWN)
            },
            fixed={wait: future.result() for wait, future in fixed.items()},
            faster=found[0],
            failures=found[1],
            bursts=found[2],
            reads=afterwards.result(),
            freshness=checks.result(),
            crowds=[full.result(), ours.result()],
            speed=own_speed,
            imports=imports,
            starts=starts(),
        )
