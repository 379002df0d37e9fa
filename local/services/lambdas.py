"""Run a Lambda function's own code in this process, JSON in and JSON out.

Imitates: the handler that the template names (``app.handler``); the names of what is wrong with it;
the function's own environment; the variables that Lambda adds to it; JSON at both ends; the error
payload of an exception; modules that are imported once and stay.
Does not imitate: the sandbox, memory, cold starts, layers (Powertools comes from this environment,
pinned to the layer's version), concurrency, the time-out, Invoke by others than state machines.
"""

import contextlib
import importlib
import importlib.machinery
import importlib.util
import io
import json
import os
import sys
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO, cast

Handler = Callable[[Any, Any], Any]


class HandlerModuleError(ImportError):
    """The module that the template names is not there, or cannot be imported."""


class HandlerNotFoundError(LookupError):
    """The module does not hold the handler that the template names."""


class _FolderFinder:
    """Finds top-level modules in one function's folder, before anything installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is not None:
            return None
        return importlib.machinery.PathFinder.find_spec(name, [str(self.folder)])


def _own_names(folder: Path) -> list[str]:
    return [entry.stem for entry in folder.iterdir() if entry.suffix == ".py" or entry.is_dir()]


def load_modules(folder: Path, names: Sequence[str]) -> dict[str, ModuleType]:
    """Import modules from a function's folder, as Lambda would, and leave no trace.

    Two functions may both have an ``app.py``: neither stays in ``sys.modules``, and ``sys.path``
    is not touched. Modules loaded in one call share their siblings.
    """
    own = _own_names(folder)
    stash = {name: sys.modules.pop(name) for name in own if name in sys.modules}
    finder = _FolderFinder(folder)
    sys.meta_path.insert(0, finder)
    importlib.invalidate_caches()
    try:
        return {name: importlib.import_module(name) for name in names}
    finally:
        sys.meta_path.remove(finder)
        for name in own:
            sys.modules.pop(name, None)
        sys.modules.update(stash)


@contextlib.contextmanager
def _environment(environment: Mapping[str, str]) -> Iterator[None]:
    """Give the function its own environment and nothing of the laptop's (no credentials leak)."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def load_function(
    folder: Path, handler: str = "app.handler", environment: Mapping[str, str] | None = None
) -> Handler:
    """Return the handler of the function in ``folder``, imported in ``environment``.

    Raises:
        HandlerModuleError: the module does not exist, or cannot be imported.
        HandlerNotFoundError: the module has no such handler.
    """
    module_name, _, attribute = handler.rpartition(".")
    if not (folder / f"{module_name}.py").is_file():
        raise HandlerModuleError(f"{folder} holds no module {module_name}.py for {handler!r}")
    environment = {} if environment is None else environment
    try:
        with _environment(environment):
            module = load_modules(folder, [module_name])[module_name]
    except ImportError as error:
        raise HandlerModuleError(f"{handler!r} cannot be imported: {error}") from error
    found = getattr(module, attribute, None)
    if not callable(found):
        raise HandlerNotFoundError(f"{folder / module_name}.py has no function {attribute!r}")

    def invoke(event: Any, context: Any) -> Any:
        with _environment(environment):
            return found(event, context)

    return invoke


@dataclass
class LambdaContext:
    """The part of Lambda's context object that Powertools reads."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    memory_limit_in_mb: int = 128

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left, in milliseconds: always plenty, here."""
        return 30_000


class LogStream(io.TextIOBase):
    """Where handlers print; Powertools keeps hold of the stdout it saw at import."""

    def __init__(self, target: Callable[[], TextIO]) -> None:
        self._target = target

    def write(self, text: str) -> int:
        """Pass text on to wherever the log goes now."""
        return self._target().write(text)

    def flush(self) -> None:
        """Pass the flush on."""
        self._target().flush()


@dataclass
class LocalFunction:
    """One deployed function: loaded at its first call, kept warm afterwards."""

    name: str
    arn: str
    folder: Path
    handler: str
    environment: Mapping[str, str]
    request_id: Callable[[], str] = lambda: str(uuid.uuid4())
    _loaded: Handler | None = None
    log: LogStream = field(default_factory=lambda: LogStream(io.StringIO))

    def invoke(self, payload: str) -> tuple[str, bool]:
        """Call the handler with a JSON payload.

        Returns:
            The JSON answer, and whether it is an error payload.
        """
        context = LambdaContext(self.name, self.arn, self.request_id())
        try:
            with contextlib.redirect_stdout(cast(TextIO, self.log)):
                if self._loaded is None:
                    self._loaded = load_function(self.folder, self.handler, self.environment)
                answer = self._loaded(json.loads(payload), context)
            return json.dumps(answer, ensure_ascii=False), False
        except Exception as error:
            return _error_payload(error, context.aws_request_id), True


def _error_payload(error: Exception, request_id: str) -> str:
    name = type(error).__name__
    if isinstance(error, HandlerModuleError):
        name = "Runtime.ImportModuleError"
    elif isinstance(error, HandlerNotFoundError):
        name = "Runtime.HandlerNotFound"
    payload = {
        "errorMessage": str(error),
        "errorType": name,
        "requestId": request_id,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
    return json.dumps(payload, ensure_ascii=False)
