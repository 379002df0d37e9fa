"""stdout and stderr that outlive their readers: ``qsrefresh export | head -1`` ends quietly.

A closed pipe is no reason to stop: ``register`` has still to write what it shows, and ``check`` to
end as its findings say. click and rich would both end the process with 1.
"""

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Pipe(io.FileIO):
    """A file descriptor that leads to nowhere once its reader is gone."""

    gone = False

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            self.gone = True
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return memoryview(data).nbytes


def hold_streams() -> None:
    """Let stdout and stderr take whatever is written to them."""
    sys.stdout, sys.stderr = _held(sys.stdout), _held(sys.stderr)


def nobody_reads() -> bool:
    """Tell whether the reader of stdout has seen enough."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return isinstance(raw, _Pipe) and raw.gone


def _held(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    # A terminal that cannot show a character gets its number, not a crash.
    stream.reconfigure(errors="backslashreplace")
    if stream.isatty():
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(_Pipe(stream.fileno(), "w", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
    )
