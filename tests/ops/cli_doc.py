"""``python -m tests.ops.cli_doc`` writes docs/cli.md, made of what ``--help`` says."""

import click

from qsrefresh.command_line import cli
from tests.loading import ROOT

PAGE = ROOT / "docs" / "cli.md"
_WIDTH = 80
_INTRODUCTION = """\
# The command line: qsrefresh

Sets a project up, starts and watches refreshes, and finds out what happened, or why nothing did.
`make serve` says how to try it without an AWS account. To install it: `pipx install .` in a clone
of this repository; `make serve` and `make test` install it into `.venv/`.

Data goes to stdout (`--json` for programs), everything else to stderr. Times stand with their zone:
JST for a project whose mails are in Japanese, else the computer's; in JSON always UTC. It ends with
0, with 1 when something failed (an error's last line names the way out), with 2 when the command
line was wrong, with 130 after Ctrl-C.

It reads the stacks' exports, the rule and the tables, and needs no configuration of its own.
Registrations are written only where nobody changed them meanwhile; up to 100 or 4 MB at once, all
or none.

This page is made of the command's own help: `.venv/bin/python -m tests.ops.cli_doc`.
"""


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        **command.context_settings,
    )


def _help(context: click.Context) -> str:
    lines = context.command.get_help(context).splitlines()
    return "\n".join(["```text", *(line.rstrip() for line in lines), "```", ""])


def page() -> str:
    """Return the page."""
    root = _context(cli, "qsrefresh", None)
    parts = [_INTRODUCTION, _help(root)]
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        assert command is not None
        parts += [f"## {name}\n", _help(_context(command, name, root))]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
