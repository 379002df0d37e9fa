"""``qsrefresh subscribe``."""

import re
from collections.abc import Iterable, Iterator

import click

from qsrefresh import subscriptions
from qsrefresh.errors import NotRegisteredError, OperatorError
from qsrefresh.options import FOLDER, as_json, dry_run, example
from qsrefresh.output import say, write_diff, write_json
from qsrefresh.registrations import meant_folder
from qsrefresh.session import Session, pass_session
from qsrefresh.subscriptions import MOST_FOLDERS, UNFIT, Action, Choice, Step, Subscription

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@click.command(
    epilog=example(
        "qsrefresh subscribe operator@example.com",
        "qsrefresh subscribe operator@example.com --errors-only",
        f"qsrefresh subscribe sales@example.com --folder {FOLDER}",
    )
)
@click.argument("email")
@click.option("--errors-only", is_flag=True, help="Mails that say ERROR only, and the alarms.")
@click.option(
    "--folder",
    "folders",
    multiple=True,
    metavar="FOLDER",
    help="Mails about this registered folder only, and no alarms; may be given several times.",
)
@dry_run
@as_json
@pass_session
def verb(
    session: Session,
    email: str,
    errors_only: bool,
    folders: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Choose which mails EMAIL gets.

    Every mail and every alarm, without options. AWS writes to a new address first: nothing comes
    before the link in that mail was opened. For an address that gets mails already, this changes
    which.
    """
    if not _ADDRESS.fullmatch(email):
        raise OperatorError(f"{email} is no e-mail address", "give one like operator@example.com")
    choice = Choice(errors_only, tuple(_registered(session, folders)))
    found = subscriptions.of_address(session.aws, session.project, email)
    steps = subscriptions.plan(session.aws, session.project, email, found, choice)
    if not as_json:
        write_diff(map(str, steps))
    if not dry_run:
        for step in steps:
            subscriptions.execute(session.aws, step)
    if as_json:
        write_json([step.as_json() for step in steps])
    if not steps:
        say(f"Nothing to do: {email} gets that already.")
    elif dry_run:
        say("Nobody was subscribed, and nothing changed (--dry-run).")
    else:
        for line in _told(session, email, steps):
            say(line)
    for line in _limits(session, email, choice, found):
        say(line)


def _registered(session: Session, folders: Iterable[str]) -> Iterator[str]:
    """Yield the folders as mails name them.

    Raises:
        OperatorError: one is not registered, or cannot be filtered by.
    """
    registered = session.table.by_folder() if folders else {}
    for number, typed in enumerate(dict.fromkeys(folders), 1):
        folder = meant_folder(typed, registered)
        if folder not in registered:
            raise NotRegisteredError(folder, registered)
        if UNFIT.search(folder):
            raise OperatorError(
                f"{folder} has a quote, a backslash or a control character: no filter of AWS finds"
                " those safely",
                "subscribe without --folder",
            )
        if number > MOST_FOLDERS:
            raise OperatorError(
                f"a filter of AWS takes {MOST_FOLDERS} folders at most",
                "subscribe without --folder, or to fewer",
            )
        yield folder


def _told(session: Session, email: str, steps: list[Step]) -> Iterator[str]:
    """Yield what the person has to do and to know now."""
    asked = [step.of.topic_arn for step in steps if step.action is Action.SUBSCRIBE]
    if asked:
        yield f"AWS writes to {email} and asks for confirmation{_what_for(session, asked)}"
        yield (
            "Whoever gets a mail forwarded, or a program that follows links, can then unsubscribe"
            " this address. Not if you confirm so, with what stands after Token= in that link:"
        )
    for topic in asked:
        yield (
            "  aws sns confirm-subscription --authenticate-on-unsubscribe true"
            f" --topic-arn {topic} --token TOKEN"
        )
    if any(step.action is Action.CHANGE for step in steps):
        yield "AWS takes up to 15 minutes until the change counts."


def _what_for(session: Session, asked: list[str]) -> str:
    if len(asked) > 1:
        return ", twice, for the mails and for the alarms: open the link in both."
    if asked == [session.project.alarm_topic_arn]:
        return " for the alarms: open the link in that mail. No alarm comes before."
    return ": open the link in that mail."


def _limits(
    session: Session, email: str, choice: Choice, found: list[Subscription]
) -> Iterator[str]:
    """Yield what the choice leaves out, and what it cannot take back."""
    if choice.folders:
        yield f"Alarms belong to no folder: {email} gets none."
    waiting = [one.topic_arn for one in found if not one.confirmed]
    if session.project.alarm_topic_arn in waiting and not choice.wants_alarms:
        yield f"AWS still waits for {email} to confirm the alarms: leave that mail alone."
