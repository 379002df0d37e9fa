"""``qsrefresh explain``."""

import click

from qsrefresh import explain as explanations
from qsrefresh.language import Phrase
from qsrefresh.options import FOLDER, as_json, example
from qsrefresh.output import write, write_json
from qsrefresh.past_refreshes import last_run_of
from qsrefresh.refreshes import console_link
from qsrefresh.safe_text import one_line
from qsrefresh.session import Session, pass_session
from qsrefresh.words import outcome_in_words

_STARTED = Phrase(ja="きっかけ: {by}、開始: {at}{took}", en="Started by {by}, {at}{took}")
_TOOK = Phrase(ja="、所要: {span}", en="; it took {span}")
_WHY = Phrase(ja="なぜ:", en="Why:")
_DETAILS = Phrase(ja="実行の詳細:", en="Execution:")


@click.command(
    epilog=example(
        "qsrefresh explain 'https://…/v2/executions/details/arn:…'",
        f"qsrefresh explain {FOLDER}",
    )
)
@click.argument("execution", metavar="EXECUTION|MAIL-LINK|FOLDER")
@as_json
@pass_session
def verb(session: Session, execution: str, as_json: bool) -> None:
    """Tell what a run did, why, and what to do.

    Give the link that stands in the mail (in quotes; what a mail program put around it does not
    matter), an execution's ARN or name, or a folder: then it is about its last run.
    """
    if execution.strip().startswith("s3://"):
        execution = last_run_of(session, execution.strip())
    found = explanations.explain(session.aws, session.project, execution)
    if as_json:
        write_json(found.as_json())
        return
    run, voice = found.run, session.voice
    write(one_line(f"{outcome_in_words(voice, run.outcome.value)}  {run.folder}"))
    took = voice.say(_TOOK, span=voice.span(run.seconds)) if run.seconds is not None else ""
    started = run.execution.started
    write(one_line(voice.say(_STARTED, by=run.started_by, at=started, took=took)))
    for line in found.lines():
        write(one_line(f"  {voice.clock(line.at)}  {voice.tell(line.text)}"))
    write(voice.say(_WHY))
    for text in found.lines_of_why(voice):
        write(one_line(f"  {text}"))
    write(voice.say(_DETAILS))
    write(console_link(run.arn))
