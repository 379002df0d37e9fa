"""Where the verbs work: the account, the Region and the project that a command line means."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import click

from qsrefresh.aws import Aws, connect
from qsrefresh.parameter_table import ParameterTable
from qsrefresh.project import Project, find_project

Command = TypeVar("Command", bound=Callable[..., Any])


class Session:
    """One use of the command: the account it works in, and the project there.

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


def session_for(context: click.Context, where: dict[str, str | None]) -> Session:
    """Return a command line's session; tests bring an account as the context's object."""
    if isinstance(context.obj, Aws):
        account = context.obj
        return Session(lambda _profile, _region: account, where)
    return Session(connect, where)


pass_session = click.make_pass_decorator(Session)
_WHERE = ("project", "profile", "region")
#: What a shell makes of Ctrl-C.
EXIT_INTERRUPTED = 130


def also_after(verb: click.Command) -> click.Command:
    """Let a verb take the options that say where; its help leaves them to that of qsrefresh."""

    def go_to(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if session := context.find_object(Session):
            session.go_to(str(parameter.name), value)

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
