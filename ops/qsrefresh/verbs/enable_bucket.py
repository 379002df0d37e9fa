"""``qsrefresh enable-bucket``."""

import click

from qsrefresh import bucket as buckets
from qsrefresh.options import as_json, confirm, dry_run, example, yes
from qsrefresh.output import say, write_diff, write_json
from qsrefresh.session import Session, pass_session


@click.command(epilog=example("qsrefresh enable-bucket BUCKET --dry-run"))
@click.argument("bucket")
@dry_run
@yes
@as_json
@pass_session
def verb(session: Session, bucket: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Switch the bucket's events on.

    EventBridge gets the events of BUCKET. Its other notifications stay: they are read, merged,
    written and read again. AWS may bill the events of the whole bucket, and takes about five
    minutes before the first one comes.
    """
    changes = buckets.plan(session.aws, bucket)
    if not as_json:
        for change in changes:
            write_diff(change.lines())
    if changes and not dry_run:
        confirm(f"Send every event of {bucket} to EventBridge?", yes)
        for change in changes:
            buckets.execute(session.aws, change)
    if as_json:
        write_json([change.as_json() for change in changes])
    if not changes:
        say(f"Nothing to do: {bucket} sends its events to EventBridge already.")
    elif dry_run:
        say("Nothing was written (--dry-run).")
    else:
        say(f"Written and read back: {bucket} sends its events to EventBridge.")
