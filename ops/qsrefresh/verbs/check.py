"""``qsrefresh check``."""

import click

from qsrefresh import checks
from qsrefresh.checks.finding import Level
from qsrefresh.language import Phrase
from qsrefresh.options import as_json, example
from qsrefresh.output import say, write_finding, write_json
from qsrefresh.session import Session, pass_session

_GOOD = Phrase(
    ja="{n}件を確かめました。問題はありません{more}。", en="{n} checks, none failed{more}."
)
_WRONG = Phrase(
    ja="{n}件を確かめました。問題: {wrong}件{more}。", en="{wrong} of {n} checks failed{more}."
)
_LOOK = Phrase(ja="（見てほしいもの: {odd}件）", en=", {odd} to look at")
_NOTHING = Phrase(ja="", en="")


@click.command(epilog=example("qsrefresh check", "qsrefresh check --json"))
@as_json
@pass_session
def verb(session: Session, as_json: bool) -> None:
    """Find why a dropped file would do nothing.

    Each line is ✓, · (good to know), ! (works, but look at it) or ✗ with the command that mends it.
    Ends with 1 if there is a ✗.
    """
    found, voice = [], session.voice
    for finding in checks.findings(session.aws, session.project_id):
        found.append(finding)
        if not as_json:
            write_finding(finding.level.value, finding.told(voice), finding.mend)
    if as_json:
        write_json([finding.as_json() for finding in found])
    wrong = sum(finding.level is Level.BAD for finding in found)
    odd = sum(finding.level is Level.WARNING for finding in found)
    more = _LOOK if odd else _NOTHING
    say(voice.say(_WRONG if wrong else _GOOD, n=len(found), wrong=wrong, odd=odd, more=more))
    if wrong:
        raise click.exceptions.Exit(1)
