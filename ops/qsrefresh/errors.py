"""What can go wrong; each error says what happened and names the way out."""

import difflib
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

import click

from qsrefresh.addressing import addressed
from qsrefresh.safe_text import one_line

#: How much of a name must be right for another to be taken for a slip of the pen.
_NEAR = 0.8


class OperatorError(click.ClickException):
    """An error for the person at the keyboard: what happened, one by one, and the way out."""

    def __init__(self, message: str, way_out: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.way_out = addressed(way_out)
        self.details = details

    def show(self, file: IO[Any] | None = None) -> None:
        """Print both on stderr."""
        details = (f"  - {detail}" for detail in self.details)
        for line in (f"Error: {self.message}", *details, f"Way out: {self.way_out}"):
            click.echo(one_line(line), file=file, err=True)


class AwsError(OperatorError):
    """AWS refused a call; ``code`` is its name of the error, ``answer`` all that it said."""

    def __init__(self, code: str, message: str, way_out: str, answer: Mapping[str, Any]) -> None:
        super().__init__(message, way_out)
        self.code = code
        self.answer = answer


class AccessDeniedError(AwsError):
    """The credentials may not do this."""


class ProjectNotFoundError(OperatorError):
    """The project's stacks are not in this account and Region."""


class NotRegisteredError(OperatorError):
    """The folder has no registration."""

    def __init__(self, folder: str, registered: Iterable[str]) -> None:
        near = difflib.get_close_matches(folder, list(registered), n=1, cutoff=_NEAR)
        meant = f"is {near[0]} meant? Else " if near else ""
        super().__init__(
            f"{folder} is not registered",
            f"{meant}`qsrefresh list` shows the folders that are;"
            f" to register it: qsrefresh register {shlex.quote(folder)} DATASET",
        )


class InvalidRegistrationError(OperatorError):
    """What should be registered cannot work; every reason is told."""

    def __init__(self, problems: Sequence[str], way_out: str) -> None:
        super().__init__("nothing was written:", way_out, problems)


class ChangedMeanwhileError(OperatorError):
    """Somebody else changed what was about to be changed."""


class NotConfirmedError(OperatorError):
    """The person said no, or there was nobody to ask."""

    def __init__(self, way_out: str = "answer y, or add --yes to the command") -> None:
        super().__init__("nothing was changed: it was not confirmed", way_out)
