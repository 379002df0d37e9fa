"""``qsrefresh check``."""

import click

from qsrefresh import checks
from qsrefresh.checks.finding import Level
from qsrefresh.options import as_json, example
from qsrefresh.output import say, write_finding, write_json
from qsrefresh.session import Session, pass_session


@click.command(epilog=example("qsrefresh check", "qsrefresh check --json"))
@as_json
@pass_session
def verb(session: Session, as_json: bool) -> None:
    """Find why a dropped file would do nothing.

    Each line is ✓, · (good to know), ! (works, but look at it) or ✗ with the command that mends it.
    Ends with 1 if there is a ✗.
    """
    found = []
    for finding in checks.findings(session.aws, session.project_id):
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
