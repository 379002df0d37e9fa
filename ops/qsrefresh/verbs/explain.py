"""``qsrefresh explain``."""

import click

from qsrefresh import explain as explanations
from qsrefresh.options import as_json, example
from qsrefresh.output import moment, one_line, span, write, write_json
from qsrefresh.session import Session, pass_session


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
    run = found.run
    write(one_line(f"{run.outcome.value}  {run.folder}"))
    write(run.link)
    took = f"; it took {span(run.seconds)}" if run.seconds is not None else ""
    write(one_line(f"Started by {run.started_by}, {moment(run.execution.started)}{took}"))
    for line in found.lines():
        write(one_line(f"  {line.at:%H:%M:%S}  {line.text}"))
    write("Why:")
    for text in found.why():
        write(one_line(f"  - {text}"))
