"""Three commands at night, for the pages on operations: what stands, why, and the refresh again.

``python -m tests.ops.night`` prints what they show in English, with ``ja`` behind it in Japanese:
to be put into docs/operations.md and docs/operations.ja.md.
"""

import math
import os
import shlex
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any
from unittest import mock

from click.testing import CliRunner

from local.account import LocalAccount
from local.services.quicksight import Dataset
from qsrefresh import drawing
from qsrefresh.aws import Aws
from qsrefresh.command_line import cli
from tests.ops.conftest import FOLDER
from tests.workflow.scenarios import drop

COMMANDS = (
    "qsrefresh status",
    f"qsrefresh explain {FOLDER}",
    f"qsrefresh run {FOLDER} --wait",
)
_NAMES = {"ja": ("売上", "店舗"), "en": ("Sales", "Shops")}
_FAILURE = {
    "IngestionStatus": "FAILED",
    "ErrorInfo": {
        "Type": "DATA_SOURCE_AUTH_FAILED",
        "Message": "Access denied for user 'quick'@'10.0.0.7' (using password: YES)",
    },
}


def transcript(account: LocalAccount, language: str) -> str:
    """Return what a terminal shows in a deployed account whose mails are in ``language``."""
    names = _NAMES[language]
    rows = [{"datasetid": f"id-{n}", "datasetname": name} for n, name in enumerate(names, 1)]
    for one in rows:
        account.quicksight.add(Dataset(one["datasetid"], one["datasetname"]))
    account.register([{"S3uri": FOLDER, "datasets": rows}])
    account.quicksight.datasets["id-1"].outcome = lambda _: _FAILURE
    drop(account, "sales_20261126.csv")
    account.settle()
    return "\n".join(_shown(account))


def _shown(account: LocalAccount) -> Iterator[str]:
    aws = Aws(account.client, account.clock.run_for)
    for command in COMMANDS:
        if command == COMMANDS[-1]:  # somebody has entered the new password
            account.quicksight.datasets["id-1"].outcome = None
        program, *arguments = shlex.split(command)
        # However slow the machine is: nothing about progress.
        with mock.patch.object(drawing, "_PROGRESS_AFTER_SECONDS", math.inf):
            done: Any = CliRunner().invoke(cli, arguments, obj=aws, prog_name=program)
        yield f"$ {command}"
        yield done.output.rstrip("\n")


def main() -> None:
    """Print it."""
    warnings.simplefilter("ignore")
    os.environ["TZ"] = "UTC"
    time.tzset()
    language = (sys.argv[1:] or ["en"])[0]
    with LocalAccount() as account:
        account.deploy(NotificationLanguage=language)
        print(transcript(account, language))


if __name__ == "__main__":
    main()
