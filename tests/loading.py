"""Load what the tests test: a function's modules and handler, and the sample events."""

import contextlib
import functools
import io
import json
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from local.services.lambdas import LambdaContext, load_function, load_modules

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = ROOT / "functions"
EVENTS = ROOT / "events"


def load_module(function: str, name: str) -> ModuleType:
    """Return a pure module of a function; modules of one function share their siblings."""
    return _pure_modules(function)[name]


def load_handler(function: str, env: Mapping[str, str] | None = None) -> Callable[[Any], Any]:
    """Return a function's handler, imported in `env`, as a callable that takes only the event."""
    handler = load_function(FUNCTIONS / function, environment=env or {})
    context = LambdaContext(function, f"arn:aws:lambda:ap-northeast-1:123456789012:{function}")
    return lambda event: handler(event, context)


@contextlib.contextmanager
def captured_log(service: str) -> Iterator[io.StringIO]:
    """Yield what a function logs; Powertools keeps the stream of a service's first import."""
    (handler,) = (
        handler
        for handler in logging.getLogger(service).handlers
        if type(handler) is logging.StreamHandler
    )
    log = io.StringIO()
    # Not setStream: it flushes the stream before, which an earlier test may have closed.
    before, handler.stream = handler.stream, log
    try:
        yield log
    finally:
        handler.stream = before


def load_event(name: str) -> Any:
    """Return a sample from events/ by its file name: an event, or the list of registrations."""
    content = (EVENTS / name).read_text(encoding="utf-8")
    return json.loads(content) if name.endswith(".json") else yaml.safe_load(content)


def copied(names: Iterable[str], target: Path, source: Path = ROOT) -> None:
    """Copy files and folders into a folder that is made anew: to break them there."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in names:
        if (source / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source / name, target / name, ignore=ignored)
        else:
            shutil.copy(source / name, target / name)


@functools.cache
def _pure_modules(function: str) -> dict[str, ModuleType]:
    folder = FUNCTIONS / function
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem != "app")
    return load_modules(folder, names)
