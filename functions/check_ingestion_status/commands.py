"""What a reader copies and pastes: commands for a shell, and lines for a console.

A command is offered only where nothing in it needs quoting: quotes differ from shell to shell, and
whoever may write to the bucket chooses the folder's name. A console takes JSON, and JSON can spell
every name in ASCII.
"""

import json
import re

# No shell gives these a meaning: bash, dash, zsh, fish, PowerShell, cmd.exe.
_PLAIN_FOLDER = re.compile(r"s3://[A-Za-z0-9.-]+/[A-Za-z0-9_.\-/]*")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def plain(folder: str | None) -> bool:
    """Tell whether a folder can stand in a command as it is."""
    return bool(folder and _PLAIN_FOLDER.fullmatch(folder))


def qsrefresh(region: str, project: str, verb: str, folder: str | None, *more: str) -> str | None:
    """Return a command about a folder, None where one of its words would need quoting."""
    words = (region, project, verb)
    if not folder or not all(map(_PLAIN_WORD.fullmatch, words)):
        return None
    if not all(plain(one) or _PLAIN_WORD.fullmatch(one) for one in (folder, *more)):
        return None
    return " ".join(("qsrefresh", "--region", region, "--project", project, verb, folder, *more))


def console_line(value: object) -> str:
    """Return a value as one line of JSON that holds nothing but printable ASCII."""
    return json.dumps(value, separators=(",", ":"))
