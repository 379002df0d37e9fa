"""docs/cli.md says what --help says, and --help says how to use each verb."""

import click
import pytest
from click.testing import CliRunner

from qsrefresh.command_line import cli
from tests.loading import ROOT
from tests.ops.cli_doc import PAGE, page

VERBS = sorted(cli.list_commands(click.Context(cli)))


def test_the_page_is_what_help_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "write it again: .venv/bin/python -m tests.ops.cli_doc"
    )


def test_each_verb_is_a_file_of_its_name() -> None:
    files = (ROOT / "ops" / "qsrefresh" / "verbs").glob("[!_]*.py")
    assert sorted(path.stem.replace("_", "-") for path in files) == VERBS


def test_what_is_no_verb_is_a_usage_error() -> None:
    for name in ("nope", "enable_bucket", "__init__"):
        result = CliRunner().invoke(cli, [name])
        assert result.exit_code == 2
        assert f"No such command '{name}'" in result.stderr


def test_the_verbs_that_set_a_project_up() -> None:
    assert set(VERBS) >= {
        "check",
        "datasets",
        "enable-bucket",
        "export",
        "ignore",
        "list",
        "move",
        "register",
        "show",
        "subscribe",
        "unregister",
    }


def test_the_verbs_that_run_and_watch() -> None:
    assert set(VERBS) >= {"explain", "history", "replay", "report", "run", "status"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_help_has_an_example_of_its_verb(verb: str) -> None:
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    assert f"Example:\n  qsrefresh {verb}" in (command.epilog or "")


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_and_every_summary_is_told_in_full(verb: str) -> None:
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    assert not command.get_short_help_str().endswith("...")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help
