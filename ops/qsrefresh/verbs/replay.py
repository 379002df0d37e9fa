"""``qsrefresh replay``."""

from collections.abc import Iterator

import click

from qsrefresh import dead_letters
from qsrefresh.dead_letters import Letter
from qsrefresh.errors import AccessDeniedError, AwsError, NotConfirmedError, OperatorError
from qsrefresh.options import as_json, confirm, dry_run, example, yes
from qsrefresh.output import say, write_diff, write_json
from qsrefresh.safe_text import one_line
from qsrefresh.session import Session, pass_session


@click.command(epilog=example("qsrefresh replay --dry-run", "qsrefresh replay"))
@dry_run
@yes
@as_json
@pass_session
def verb(session: Session, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Send the dead-letter queues' events again.

    Each event starts the run that it could not start before, and is deleted from its queue only
    after that. An event starts one run, however often this is tried. Several files of one folder
    are one refresh. What is no event can start nothing: you see it, and are asked whether to drop
    it.
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
                    sign = "+" if letter.can_start else "-"
                    told = f"{sign} {letter.about} ({letter.error or 'no reason given'})"
                    write_diff([one_line(told)])
                if dry_run or not letter.can_start:
                    continue
                try:
                    dead_letters.send_again(session.aws, letter)
                    kept.remove(letter)
                except AccessDeniedError:
                    raise  # it would be the same for all the others
                except AwsError as error:
                    failures.append(f"{letter.about}: {error.message}")
        useless = [one for one in kept if not one.can_start]
        dropped = bool(useless and not dry_run) and _dropped(session, useless, yes)
        kept = [one for one in kept if not (dropped and one in useless)]
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
    if useless and not (dropped or dry_run):
        raise OperatorError(
            f"{_counted(useless)} can start nothing, and stay in the queue",
            "qsrefresh replay --yes drops them",
        )
    if not read:
        say("Nothing to do: the dead-letter queues are empty.")
    elif dry_run:
        say(f"Nothing was started or deleted (--dry-run): {_counted(read)}.")
    else:
        sent = [one for one in read if one not in useless]
        say(f"Sent again, and deleted from the queues: {_counted(sent)}.")
        if useless:
            say(f"Dropped: {_counted(useless)} that can start nothing.")


def _dropped(session: Session, useless: list[Letter], yes: bool) -> bool:
    """Drop letters that can start nothing; return whether somebody agreed."""
    try:
        confirm(f"Drop {_counted(useless)} that can start nothing (shown with -)?", yes)
    except NotConfirmedError:
        return False
    for letter in useless:
        dead_letters.drop(session.aws, letter)
    return True


def _batches(session: Session) -> Iterator[list[Letter]]:
    for queue in dead_letters.queues(session.aws, session.project):
        yield from dead_letters.batches(session.aws, queue)


def _counted(read: list[Letter]) -> str:
    return f"{len(read)} event{'s' * (len(read) != 1)}"
