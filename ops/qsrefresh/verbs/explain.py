"""``qsrefresh explain``."""

import click

from qsrefresh import explain as explanations
from qsrefresh.options import as_json, example
from qsrefresh.output import one_line, write, write_json
from qsrefresh.session import Session, pass_session
from qsrefresh.words import outcome_in_words


@click.command(
    epilog=example(
        "qsrefresh explain 'https://…/v2/executions/details/arn:…'",
        "qsrefresh explain EXECUTION --json",
    )
)
@click.argument("execution", metavar="EXECUTION|MAIL-LINK")
@as_json
@pass_session
def verb(session: Session, execution: str, as_json: bool) -> None:
    """Tell what a run did, and why it ended so.

    Give the link that stands in the mail (in quotes), or an execution's ARN or name.
    """
    found = explanations.explain(session.aws, session.project, execution)
    if as_json:
        write_json(found.as_json())
        return
    run, voice = found.run, session.voice
    write(one_line(f"{outcome_in_words(voice, run.outcome.value)}  {run.folder}"))
    write(run.link)
    took = f"; it took {voice.span(run.seconds)}" if run.seconds is not None else ""
    write(one_line(f"Started by {run.started_by}, {voice.moment(run.execution.started)}{took}"))
    for line in found.lines():
        write(one_line(f"  {voice.clock(line.at)}  {line.text}"))
    write("Why:")
    for text in found.why():
        write(one_line(f"  - {text}"))
