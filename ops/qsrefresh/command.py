"""What the verbs have in common: options, the account they work in, and asking before they do."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import click

from qsrefresh.aws import Aws, connect
from qsrefresh.errors import NotConfirmedError
from qsrefresh.project import Project, find_project
from qsrefresh.table import ParameterTable

Command = TypeVar("Command", bound=Callable[..., Any])


class Desk:
    """What the person works at: the account, and the project in it.

    Args:
        connect: called when the first call to AWS is due, so that --help needs no credentials.
        project_id: the project asked for, None for the only one there is.
    """

    def __init__(self, connect: Callable[[], Aws], project_id: str | None = None) -> None:
        self._connect = connect
        self.project_id = project_id

    @cached_property
    def aws(self) -> Aws:
        """The account and Region."""
        return self._connect()

    @cached_property
    def project(self) -> Project:
        """The project."""
        return find_project(self.aws, self.project_id)

    @cached_property
    def table(self) -> ParameterTable:
        """The project's registrations."""
        return ParameterTable(self.aws, self.project.table)


def desk_for(
    context: click.Context, project: str | None, profile: str | None, region: str | None
) -> Desk:
    """Return the desk of a command line; tests bring their own account as the context's object."""
    if isinstance(context.obj, Aws):
        account = context.obj
        return Desk(lambda: account, project)
    return Desk(lambda: connect(profile, region), project)


pass_desk = click.make_pass_decorator(Desk)

as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")
dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
yes = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


def example(*lines: str) -> str:
    """Return the end of a help text that shows command lines as they are."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def confirm(question: str, yes: bool) -> None:
    """Ask before something that cannot be taken back.

    Raises:
        NotConfirmedError: the answer was no, or there was nobody to answer.
    """
    if yes:
        return
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        agreed = False
    if not agreed:
        raise NotConfirmedError
