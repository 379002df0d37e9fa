"""The verbs that set a project up: its datasets, its bucket, its mails, and whether all is well."""

import re
from typing import Any

import click

from qsrefresh import bucket as buckets
from qsrefresh import checks, datasets, subscriptions
from qsrefresh.checks import Level
from qsrefresh.command import Desk, as_json, confirm, dry_run, example, pass_desk, yes
from qsrefresh.datasets import Dataset, Refresh
from qsrefresh.errors import AwsError, OperatorError
from qsrefresh.output import moment, say, write_diff, write_finding, write_json, write_table

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@click.command(
    "datasets",
    epilog=example("qsrefresh datasets", "qsrefresh datasets sales", "qsrefresh datasets --quick"),
)
@click.argument("search", required=False)
@click.option("--quick", is_flag=True, help="Do not ask for the last refreshes: one call each.")
@as_json
@pass_desk
def list_datasets(desk: Desk, search: str | None, quick: bool, as_json: bool) -> None:
    """List the datasets, with their last refresh.

    With SEARCH, only those with that text in their name. A direct query has no SPICE data: it
    cannot be refreshed, and needs no refresh.
    """
    found = [
        one for one in datasets.datasets(desk.aws) if (search or "").lower() in one.name.lower()
    ]
    ids = [] if quick else [one.id for one in found if one.refreshable]
    last = datasets.last_refreshes(desk.aws, ids)
    if as_json:
        write_json(
            [
                {
                    "id": one.id,
                    "name": one.name,
                    "importMode": one.import_mode,
                    "refreshable": one.refreshable,
                    **_last_as_json(last.get(one.id)),
                }
                for one in found
            ]
        )
        return
    if not found:
        named = f" with {search} in its name" if search else ""
        say(f"No dataset{named} in the Region {desk.aws.region}. Another Region? (--region)")
    elif quick:
        write_table(
            ("Name", "Id", "Import mode"), [(one.name, one.id, one.import_mode) for one in found]
        )
    else:
        write_table(
            ("Name", "Id", "Last refresh", "Status"), [_row(one, last.get(one.id)) for one in found]
        )


def _row(one: Dataset, last: Refresh | AwsError | None) -> tuple[str, str, str, str]:
    if isinstance(last, AwsError):
        return one.name, one.id, moment(None), last.message
    status = last.status if last else "-"
    if not one.refreshable:
        status = "cannot be refreshed (direct query)"
    return one.name, one.id, moment(last.created if last else None), status


def _last_as_json(last: Refresh | AwsError | None) -> dict[str, Any]:
    """Return the last refresh, and why it is not known, for programs."""
    refresh = last.as_json() if isinstance(last, Refresh) else None
    return {"lastRefresh": refresh, "problem": last.message if isinstance(last, AwsError) else None}


@click.command(epilog=example("qsrefresh check", "qsrefresh check --json"))
@as_json
@pass_desk
def check(desk: Desk, as_json: bool) -> None:
    """Find why a dropped file would do nothing.

    Each line is ✓, ! (works, but look at it) or ✗ with the command that mends it. Ends with 1 if
    there is a ✗.
    """
    found = []
    for finding in checks.findings(desk.aws, desk.project_id):
        found.append(finding)
        if not as_json:
            write_finding(finding.level.value, finding.text, finding.mend)
    if as_json:
        write_json([finding.as_json() for finding in found])
    wrong = sum(finding.level is Level.BAD for finding in found)
    odd = sum(finding.level is Level.WARNING for finding in found)
    more = f", {odd} to look at" if odd else ""
    if wrong:
        say(f"{wrong} of {len(found)} checks failed{more}.")
        raise click.exceptions.Exit(1)
    say(f"{len(found)} checks, none failed{more}.")


@click.command("enable-bucket", epilog=example("qsrefresh enable-bucket BUCKET --dry-run"))
@click.argument("bucket")
@dry_run
@yes
@as_json
@pass_desk
def enable_bucket(desk: Desk, bucket: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Switch the bucket's events on.

    EventBridge gets the events of BUCKET. Its other notifications stay: they are read, merged,
    written and read again. AWS may bill the events of the whole bucket, and takes about five
    minutes before the first one comes.
    """
    changes = buckets.plan(desk.aws, bucket)
    if not as_json:
        for change in changes:
            write_diff(change.lines())
    if changes and not dry_run:
        confirm(f"Send every event of {bucket} to EventBridge?", yes)
        for change in changes:
            buckets.execute(desk.aws, change)
    if as_json:
        write_json([change.as_json() for change in changes])
    if not changes:
        say(f"Nothing to do: {bucket} sends its events to EventBridge already.")
    elif dry_run:
        say("Nothing was written (--dry-run).")
    else:
        say(f"Written and read back: {bucket} sends its events to EventBridge.")


@click.command(epilog=example("qsrefresh subscribe operator@example.com"))
@click.argument("email")
@dry_run
@as_json
@pass_desk
def subscribe(desk: Desk, email: str, dry_run: bool, as_json: bool) -> None:
    """Mail the results to EMAIL.

    AWS writes to the address first: no result is mailed to it before the link in that mail was
    opened.
    """
    if not _ADDRESS.fullmatch(email):
        raise OperatorError(f"{email} is no e-mail address", "give one like operator@example.com")
    topic_arn = desk.project.topic_arn
    wanted = subscriptions.plan(desk.aws, topic_arn, email)
    if not as_json:
        write_diff([f"+ {one.protocol} {one.endpoint} on {topic_arn}" for one in wanted])
    if not dry_run:
        for one in wanted:
            subscriptions.execute(desk.aws, topic_arn, one)
    if as_json:
        write_json([{"topic": topic_arn, "email": one.endpoint} for one in wanted])
    if not wanted:
        say(f"Nothing to do: {email} gets the mails already.")
    elif dry_run:
        say("Nobody was subscribed (--dry-run).")
    else:
        say(f"AWS writes to {email} and asks for confirmation: open the link in that mail.")


VERBS: tuple[click.Command, ...] = (list_datasets, check, enable_bucket, subscribe)
