"""What several verbs take and ask: their common options, the end of their help, and a yes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from qsrefresh.errors import NotConfirmedError
from qsrefresh.safe_text import one_line

#: Stands for a folder in the examples of the help.
FOLDER = "s3://BUCKET/dashboard/data/sales/"

as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")
dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
yes = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


def example(*lines: str) -> str:
    """Return the end of a help text that shows command lines as they are."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def confirm(question: str, yes: bool) -> None:
    """Ask before something that cannot be taken back.

    Raises:
        NotConfirmedError: the answer was no, or there was nobody to answer.
        Abort: somebody pressed Ctrl-C.
    """
    if yes:
        return
    with _somebody_there(NotConfirmedError()):
        if click.confirm(one_line(question), err=True):
            return
    raise NotConfirmedError


def choose(question: str, answers: Sequence[str], without: str) -> str:
    """Return one of the answers, as somebody types it.

    Raises:
        NotConfirmedError: the last answer was given, or there was nobody to answer; ``without``
            is how to do without the question.
    """
    refused = NotConfirmedError(without)
    with _somebody_there(refused):
        answer: str = click.prompt(one_line(question), type=click.Choice(answers), err=True)
    if answer == answers[-1]:
        raise refused
    return answer


@contextmanager
def _somebody_there(refused: NotConfirmedError) -> Iterator[None]:
    try:
        yield
    except click.Abort as error:
        # click makes one error of Ctrl-C and of an end of stdin.
        if isinstance(error.__context__, KeyboardInterrupt):
            raise
        click.echo(err=True)
        raise refused from error
