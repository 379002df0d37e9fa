"""``qsrefresh replay``."""

from collections.abc import Iterator

import click

from qsrefresh import dead_letters
from qsrefresh.dead_letters import Letter
from qsrefresh.errors import AccessDeniedError, AwsError, OperatorError
from qsrefresh.options import as_json, dry_run, example
from qsrefresh.output import say, write_diff, write_json
from qsrefresh.safe_text import one_line
from qsrefresh.session import Session, pass_session


@click.command(epilog=example("qsrefresh replay --dry-run", "qsrefresh replay"))
@dry_run
@as_json
@pass_session
def verb(session: Session, dry_run: bool, as_json: bool) -> None:
    """Send the dead-letter queues' events again.

    Each event starts the run that it could not start before, and is deleted from its queue only
    after that. An event starts one run, however often this is tried. Several files of one folder
    are one refresh.
    """
    read: list[Letter] = []
    kept: list[Letter] = []
    failures: list[str] = []
    try:
        for letters in _batches(session):
            read += letters
            kept += letters
            for letter in letters:
                if not as_json:
                    told = f"+ {letter.about} ({letter.error or 'no reason given'})"
                    write_diff([one_line(told)])
                if dry_run:
                    continue
                try:
                    dead_letters.send_again(session.aws, letter)
                    kept.remove(letter)
                except AccessDeniedError:
                    raise  # it would be the same for all the others
                except AwsError as error:
                    failures.append(f"{letter.about}: {error.message}")
    finally:
        dead_letters.put_back(session.aws, kept)
    if as_json:
        write_json([letter.as_json() for letter in read])
    if failures:
        raise OperatorError(
            f"{len(failures)} of {_counted(read)} could not be sent again, and stay in the queue:"
            f" {'; '.join(failures)}",
            "deal with that, and run the command again: nothing is started twice",
        )
    if not read:
        say("Nothing to do: the dead-letter queues are empty.")
    elif dry_run:
        say(f"Nothing was started or deleted (--dry-run): {_counted(read)}.")
    else:
        say(f"Sent again, and deleted from the queues: {_counted(read)}.")


def _batches(session: Session) -> Iterator[list[Letter]]:
    for queue in dead_letters.queues(session.aws, session.project):
        yield from dead_letters.batches(session.aws, queue)


def _counted(read: list[Letter]) -> str:
    return f"{len(read)} event{'s' * (len(read) != 1)}"
