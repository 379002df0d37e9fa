"""Where the verbs work: the account, the Region and the project that a command line means."""

import copy
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import click

from qsrefresh.aws import Aws, connect
from qsrefresh.errors import OperatorError
from qsrefresh.language import LANGUAGES, Voice, voice_for
from qsrefresh.parameter_table import ParameterTable
from qsrefresh.project import Project, find_project, stack_parameters

Command = TypeVar("Command", bound=Callable[..., Any])


class Session:
    """One use of the command: the account it works in, and the project there.

    Args:
        connect: called with the profile and the Region when the first call to AWS is due, so that
            --help needs no credentials.
        where: the project, profile and Region asked for, and how to speak.
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

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters of the refresh stack, as ``stack_parameters`` returns them."""
        return stack_parameters(self.aws, self.project)

    @cached_property
    def voice(self) -> Voice:
        """How to speak to the person: in the project's language and zone, unless they say so."""
        given, utc = self._where["lang"], self._where["utc"] is not None
        # Two calls to AWS, which nobody needs who said both.
        known = given is not None and utc
        return voice_for(given, None if known else self._language_of_project(), utc)

    def _language_of_project(self) -> str | None:
        try:
            return self.parameters.get("NotificationLanguage")
        except OperatorError:
            return None  # not deployed, or not allowed: what the verb does says so better


def session_for(context: click.Context, where: dict[str, str | None]) -> Session:
    """Return a command line's session; tests bring an account as the context's object."""
    if isinstance(context.obj, Aws):
        account = context.obj
        return Session(lambda _profile, _region: account, where)
    return Session(connect, where)


pass_session = click.make_pass_decorator(Session)
#: Options that may stand before the verb, or after it.
COMMON = (
    click.Option(
        ["--project"],
        envvar="QSREFRESH_PROJECT",
        show_envvar=True,
        help="ProjectId of the stacks; not needed where only one project is deployed.",
    ),
    click.Option(["--profile"], help="Profile of the AWS credentials, as in the AWS CLI."),
    click.Option(["--region"], help="AWS Region, as in the AWS CLI."),
    click.Option(
        ["--lang"],
        type=click.Choice(LANGUAGES),
        help="Language of what people read; default: that of the project's mails. Japanese: status,"
        " check, history, explain, run and report.",
    ),
    click.Option(
        ["--utc"],
        is_flag=True,
        flag_value="yes",
        default=None,
        help="Show times in UTC; default: JST for a Japanese project, else the computer's zone.",
    ),
)
#: What a shell makes of Ctrl-C.
EXIT_INTERRUPTED = 130


def also_after(verb: click.Command) -> click.Command:
    """Let a verb take the common options, too; its help leaves them to that of qsrefresh."""

    def go_to(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if session := context.find_object(Session):
            session.go_to(str(parameter.name), value)

    for option in COMMON:
        again = copy.copy(option)
        again.hidden, again.expose_value, again.callback, again.envvar = True, False, go_to, None
        verb.params.append(again)
    return verb
