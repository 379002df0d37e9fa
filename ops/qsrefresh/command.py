"""What the verbs have in common: options, the account they work in, and asking before they do."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import click

from qsrefresh.aws import Aws, connect
from qsrefresh.errors import NotConfirmedError
from qsrefresh.parameter_table import ParameterTable
from qsrefresh.project import Project, find_project

Command = TypeVar("Command", bound=Callable[..., Any])


class Desk:
    """What the person works at: the account, and the project in it.

    Args:
        connect: called with the profile and the Region when the first call to AWS is due, so that
            --help needs no credentials.
        where: the project, profile and Region asked for.
    """

    def __init__(
        self, connect: Callable[[str | None, str | None], Aws], where: dict[str, str | None]
    ) -> None:
        self._connect = connect
        self._where = where

    def go_to(self, name: str, value: str | None) -> None:
        """Take what is given after the verb: it is nearer, and counts."""
        if value is not None:
            self._where[name] = value

    @property
    def project_id(self) -> str | None:
        """The project asked for, None for the only one there is."""
        return self._where["project"]

    @cached_property
    def aws(self) -> Aws:
        """The account and Region."""
        return self._connect(self._where["profile"], self._where["region"])

    @cached_property
    def project(self) -> Project:
        """The project."""
        return find_project(self.aws, self.project_id)

    @cached_property
    def table(self) -> ParameterTable:
        """The project's registrations."""
        return ParameterTable(self.aws, self.project.table)


def desk_for(context: click.Context, where: dict[str, str | None]) -> Desk:
    """Return the desk of a command line; tests bring their own account as the context's object."""
    if isinstance(context.obj, Aws):
        account = context.obj
        return Desk(lambda _profile, _region: account, where)
    return Desk(connect, where)


pass_desk = click.make_pass_decorator(Desk)
_WHERE = ("project", "profile", "region")


def also_after(verb: click.Command) -> click.Command:
    """Let a verb take the options that say where; its help leaves them to that of qsrefresh."""

    def go_to(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if desk := context.find_object(Desk):
            desk.go_to(str(parameter.name), value)

    for name in _WHERE:
        verb.params.append(
            click.Option(
                [f"--{name}"],
                hidden=True,
                expose_value=False,
                callback=go_to,
                help="The same as before the verb.",
            )
        )
    return verb


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
        Abort: somebody pressed Ctrl-C.
    """
    if yes:
        return
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort as error:
        # click makes one error of Ctrl-C and of an end of stdin.
        if isinstance(error.__context__, KeyboardInterrupt):
            raise
        click.echo(err=True)
        agreed = False
    if not agreed:
        raise NotConfirmedError
