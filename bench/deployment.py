"""Accounts with the stacks deployed: as they are, or with another waiting rule to compare with."""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.account import LocalAccount
from local.services.cloudformation import ROOT, TEMPLATE

#: The longest refresh of the grid is 12 hours: give up after the 22 that the template allows.
TIMEOUT_SECONDS = 79_200
_PARTS = ("template.yaml", "statemachine", "functions")


@contextlib.contextmanager
def deployed(wait: int | None = None, inline: bool = False) -> Iterator[LocalAccount]:
    """Give an account with both stacks.

    Args:
        wait: wait this many seconds before every look, in place of the rule.
        inline: follow the datasets in an inline Map, in place of the distributed one.
    """
    with contextlib.ExitStack() as stack:
        template = TEMPLATE
        if wait is not None or inline:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            template = _edited(Path(folder), wait, inline)
        account = stack.enter_context(LocalAccount())
        account.deploy(
            template=template,
            NotificationLanguage="en",
            RefreshTimeoutSeconds=str(TIMEOUT_SECONDS),
        )
        yield account


def _edited(folder: Path, wait: int | None, inline: bool) -> Path:
    """Copy what is deployed, and edit the refresh's definition."""
    for part in _PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part)
        else:
            shutil.copy(ROOT / part, folder / part)
    file = folder / "statemachine" / "sfn.asl.json"
    definition: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    refresh = definition["States"]["Refresh Each Dataset"]
    if wait is not None:
        refresh["ItemProcessor"]["States"]["Wait Before Checking"]["Seconds"] = wait
    if inline:
        refresh["ItemProcessor"]["ProcessorConfig"] = {"Mode": "INLINE"}
        del refresh["Label"], refresh["ToleratedFailurePercentage"]
    file.write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")
    return folder / TEMPLATE.name
