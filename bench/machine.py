"""What depends on the machine: the cost of a simulated look, and of importing a handler."""

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.grid import HOUR
from bench.refresh import BenchError, refresh, register
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


#: Ends a process where it would ask AWS for the first time.
_ENDS_THERE = (
    "import os, sys, botocore.httpsession as http\n"
    "http.URLLib3Session.send = lambda *_: os._exit(7)\n"
    "from qsrefresh.cli import run\nrun()"
)
#: What is timed beside an empty Python: the SDK with one client, and verbs up to their first call.
_STARTS: dict[str, tuple[str, ...]] = {
    "an empty Python": ("-c", ""),
    "`boto3`, and one client": ("-c", "import boto3; boto3.client('cloudformation')"),
    "`qsrefresh status`": ("-c", _ENDS_THERE, "status"),
    "`qsrefresh history FOLDER`": ("-c", _ENDS_THERE, "history", "s3://b/x/"),
    "`qsrefresh check`": ("-c", _ENDS_THERE, "check"),
}
_STARTED = 7
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_DEFAULT_REGION": "ap-northeast-1",
}


def starts() -> dict[str, float]:
    """Return the seconds of CPU until a verb asks AWS for the first time (the least of some)."""
    return {name: _cpu_seconds(words) for name, words in _STARTS.items()}


def _cpu_seconds(words: tuple[str, ...]) -> float:
    took = []
    for _ in range(_IMPORTS):
        began = _cpu_of_children()
        done = subprocess.run(
            [sys.executable, *words], env={**os.environ, **_ENVIRONMENT}, capture_output=True
        )
        if done.returncode != (_STARTED if _ENDS_THERE in words else 0):
            raise BenchError(done.stderr.decode())
        took.append(_cpu_of_children() - began)
    return min(took)  # what else the machine does only adds


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
