"""stdout and stderr that take whatever comes: ``qsrefresh export | head -1`` ends quietly.

A closed pipe is no reason to stop: ``register`` has still to write what it shows, and ``check`` to
end as its findings say. click and rich would both end the process with 1. A disk that is full, or a
stream that is closed, loses data: that is told at the end, once.
"""

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Pipe(io.FileIO):
    """A file descriptor that leads to nowhere once nothing can be written to it.

    Attributes:
        gone: whether its reader has seen enough.
        problem: why else nothing could be written.
    """

    gone = False
    problem: OSError | None = None

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            self.gone = True
        except OSError as error:
            self.problem = error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        return memoryview(data).nbytes


def hold_streams() -> None:
    """Let stdout and stderr take whatever is written to them; nobody answers at a closed stdin."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - it stays open
    sys.stdout, sys.stderr = _held(sys.stdout, 1), _held(sys.stderr, 2)


def nobody_reads() -> bool:
    """Tell whether nothing more can be written to stdout."""
    pipe = _pipe_of(sys.stdout)
    return pipe is not None and (pipe.gone or pipe.problem is not None)


def problem_of_stdout() -> str | None:
    """Return why data was lost on the way to stdout, None if it was not."""
    sys.stdout.flush()
    pipe = _pipe_of(sys.stdout)
    return pipe.problem.strerror if pipe and pipe.problem else None


def _pipe_of(stream: TextIO) -> _Pipe | None:
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw if isinstance(raw, _Pipe) else None


def _held(stream: TextIO | None, descriptor: int) -> TextIO:
    if stream is None:
        return _closed(descriptor)
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


def _closed(descriptor: int) -> TextIO:
    """Return a stream in the place of one that was closed when the process began."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != descriptor:  # else it would be the next file that is opened
        os.dup2(nowhere, descriptor)
    pipe = _Pipe(descriptor, "w", closefd=False)
    pipe.problem = OSError(errno.EBADF, "it is closed")
    return io.TextIOWrapper(io.BufferedWriter(pipe), encoding="utf-8", errors="backslashreplace")
