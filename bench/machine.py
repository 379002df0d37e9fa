"""What depends on the machine: the cost of a simulated look, and of importing a handler."""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.grid import HOUR
from bench.refresh import refresh, register
from local.account import LocalAccount

_IMPORTS = 9


@dataclass(frozen=True)
class Speed:
    """How fast the local account is here.

    Attributes:
        looks: how many were timed.
        cpu: seconds for them, on one core, everything else of the refresh included.
        simulated: seconds that passed on the account's clock meanwhile.
    """

    looks: int
    cpu: float
    simulated: float


def speed(account: LocalAccount, datasets: int = 10, seconds: int = 4 * HOUR) -> Speed:
    """Time one refresh without history; a first one, not timed, warms everything up."""
    register(account, 1)
    refresh(account, [60])
    register(account, datasets)
    began, cpu = account.clock.now(), time.process_time()
    run = refresh(account, [seconds] * datasets)
    return Speed(
        looks=sum(run.looks),
        cpu=time.process_time() - cpu,
        simulated=account.clock.now() - began,
    )


@dataclass(frozen=True)
class ColdImport:
    """How long a new Python process takes that imports a function's handler and ends."""

    function: str
    ratio: float


def cold_imports(account: LocalAccount) -> list[ColdImport]:
    """Compare each function's ``app`` with a module that does nothing."""
    found = []
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as empty:
        Path(empty, "app.py").write_text("", encoding="utf-8")
        for name in sorted(account._template_functions):
            function = account.function(name)
            environment = {**function.environment, "PYTHONPYCACHEPREFIX": cache}
            bare = _import_seconds(Path(empty), environment)
            own = _import_seconds(function.folder, environment)
            found.append(ColdImport(function.folder.name, own / bare))
    return found


def _import_seconds(folder: Path, environment: Mapping[str, str]) -> float:
    """Return the median of several new processes; the first fills the cache of byte code."""
    took = []
    for _ in range(_IMPORTS + 1):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", "import app"], cwd=folder, env=dict(environment), check=True
        )
        took.append(time.perf_counter() - began)
    return statistics.median(took[1:])


def this_machine() -> str:
    """Name the machine as far as it matters."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
