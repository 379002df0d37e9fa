"""``qsrefresh unsubscribe``."""

import click

from qsrefresh import subscriptions
from qsrefresh.errors import OperatorError
from qsrefresh.options import as_json, confirm, dry_run, example, yes
from qsrefresh.output import say, write_diff, write_json
from qsrefresh.session import Session, pass_session


@click.command(epilog=example("qsrefresh unsubscribe operator@example.com"))
@click.argument("email")
@dry_run
@yes
@as_json
@pass_session
def verb(session: Session, email: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Send EMAIL neither mails nor alarms any more.

    An address that has not confirmed gets nothing, and cannot be removed: AWS forgets it by itself
    48 hours after it was asked.
    """
    found = subscriptions.of_address(session.aws, session.project, email)
    if not found:
        raise OperatorError(f"{email} is not subscribed", "who is: qsrefresh check")
    steps = subscriptions.removal(found)
    if not as_json:
        write_diff(map(str, steps))
    if steps and not dry_run:
        confirm(f"Unsubscribe {email}?", yes)
        for step in steps:
            subscriptions.execute(session.aws, step)
    if as_json:
        write_json([step.as_json() for step in steps])
    if dry_run:
        say("Nobody was unsubscribed (--dry-run).")
    for one in found:
        if not one.confirmed:
            say(
                f"{email} has not confirmed {one.topic} and gets nothing from there, but may still"
                " open the link in the mail of AWS. AWS forgets it 48 hours after it was asked."
            )
