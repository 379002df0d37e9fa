"""Commands that we print: they work where they are pasted, whatever options we were given."""

import pkgutil
import re
import shlex
from collections.abc import Mapping

import click

from qsrefresh import verbs

#: Where the options that say where are kept during one use of the command.
WHERE = "qsrefresh.where"
_VERBS = "|".join(one.name.replace("_", "-") for one in pkgutil.iter_modules(verbs.__path__))
_OURS = re.compile(rf"(?<![\w./-])qsrefresh (?=(?:{_VERBS})\b)")
_AWS = re.compile(r"(?<![\w./-])aws (?=[a-z0-9-]+ [a-z])")


def addressed(text: str) -> str:
    """Return a text with the profile, Region and project that we were given in its commands."""
    context = click.get_current_context(silent=True)
    where = context.meta.get(WHERE, {}) if context else {}
    ours, aws = (
        _options(where, names)
        for names in (("profile", "region", "project"), ("profile", "region"))
    )
    text = _OURS.sub(lambda _: f"qsrefresh {ours}", text)
    return _AWS.sub(lambda _: f"aws {aws}", text)


def _options(where: Mapping[str, str | None], names: tuple[str, ...]) -> str:
    given = ((name, where.get(name)) for name in names)
    return "".join(f"--{name} {shlex.quote(value)} " for name, value in given if value)
