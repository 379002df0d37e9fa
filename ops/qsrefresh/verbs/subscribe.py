"""``qsrefresh subscribe``."""

import re

import click

from qsrefresh import subscriptions
from qsrefresh.errors import OperatorError
from qsrefresh.options import as_json, dry_run, example
from qsrefresh.output import say, write_diff, write_json
from qsrefresh.session import Session, pass_session

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@click.command(epilog=example("qsrefresh subscribe operator@example.com"))
@click.argument("email")
@dry_run
@as_json
@pass_session
def verb(session: Session, email: str, dry_run: bool, as_json: bool) -> None:
    """Mail the results to EMAIL.

    AWS writes to the address first: no result is mailed to it before the link in that mail was
    opened.
    """
    if not _ADDRESS.fullmatch(email):
        raise OperatorError(f"{email} is no e-mail address", "give one like operator@example.com")
    topic_arn = session.project.topic_arn
    wanted = subscriptions.plan(session.aws, topic_arn, email)
    if not as_json:
        write_diff([f"+ {one.protocol} {one.endpoint} on {topic_arn}" for one in wanted])
    if not dry_run:
        for one in wanted:
            subscriptions.execute(session.aws, topic_arn, one)
    if as_json:
        write_json([{"topic": topic_arn, "email": one.endpoint} for one in wanted])
    if not wanted:
        say(f"Nothing to do: {email} gets the mails already.")
    elif dry_run:
        say("Nobody was subscribed (--dry-run).")
    else:
        say(f"AWS writes to {email} and asks for confirmation: open the link in that mail.")
