"""The command ``qsrefresh``: the options before the verb, and the verbs as they are found."""

import contextlib
import functools
import importlib
import pkgutil

import click

from qsrefresh import verbs
from qsrefresh.addressing import WHERE
from qsrefresh.closed_pipes import hold_streams, problem_of_stdout
from qsrefresh.errors import OperatorError
from qsrefresh.options import example
from qsrefresh.session import COMMON, also_after, session_for


class Verbs(click.Group):
    """The modules in ``verbs/``; each is loaded when somebody asks for it."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all verbs, in order."""
        return sorted(one.name.replace("_", "-") for one in pkgutil.iter_modules(verbs.__path__))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a verb, None if there is none of that name."""
        return _verb(name) if name in self.list_commands(context) else None


@functools.cache
def _verb(name: str) -> click.Command:
    module = importlib.import_module(f"{verbs.__name__}.{name.replace('-', '_')}")
    verb: click.Command = module.verb
    verb.name = name
    return also_after(verb)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=example("qsrefresh datasets", "qsrefresh --region REGION --project PROJECT check"),
)
@click.version_option(package_name="qsrefresh")
@click.pass_context
def cli(context: click.Context, /, **common: str | None) -> None:
    """Set up, run and watch the QuickSight refresh of a project.

    Credentials and Region come from where the AWS CLI takes them. These options may stand before or
    after COMMAND. Data goes to stdout, all else to stderr.
    """
    context.meta[WHERE] = common
    context.obj = session_for(context, common)


cli.params[:0] = COMMON


def run() -> int:
    """Run the command; a closed pipe ends it quietly, data that is lost with an error.

    Raises:
        KeyboardInterrupt: somebody pressed Ctrl-C.
    """
    hold_streams()
    code = _run()
    if code == 0 and (problem := problem_of_stdout()):
        _show(_lost("stdout", problem))
        return 1
    return code


def _run() -> int:
    try:
        code = cli.main(prog_name="qsrefresh", standalone_mode=False)
    except click.ClickException as error:
        return _show(error)
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except OSError as error:  # a terminal that is gone, a file that cannot be read to its end
        return _show(_lost(error.filename or "a stream", error.strerror or str(error)))
    return code if isinstance(code, int) else 0


def _show(error: click.ClickException) -> int:
    with contextlib.suppress(OSError):  # stderr may be what is full
        error.show()
    return error.exit_code


def _lost(what: str, why: str) -> OperatorError:
    way_out = "make room, or write to another place, and run the command again"
    return OperatorError(f"{what} could not be written or read to its end: {why}", way_out)
