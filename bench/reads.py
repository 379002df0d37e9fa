"""What qsrefresh reads to tell of a folder after a burst: each file started a run of its own."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.model import OperationModel
from click.testing import CliRunner

from bench.refresh import FOLDER, KEY, BenchError, dataset_id, register
from local.account import LocalAccount
from qsrefresh.aws import Aws
from qsrefresh.command_line import cli

#: How many files the page tells of, all within a minute.
FILES = 500
VERBS = (
    ("status",),
    ("history", FOLDER),
    ("report", FOLDER, "--html", "-"),
    ("history", FOLDER, "--from-executions"),
)
_MINUTE = 60


@dataclass(frozen=True)
class Reads:
    """The calls of one use of a verb.

    Attributes:
        state: those of the state table.
        runs: those that are about runs, all of them of Step Functions.
        others: what finds the project, its parameters, its registrations and the time.
    """

    verb: str
    state: int
    runs: int
    others: int


def reads(account: LocalAccount, files: int = FILES) -> list[Reads]:
    """Measure it after so many files, when all is done."""
    register(account, 2)
    for number in (0, 1):
        account.quicksight.datasets[dataset_id(number)].seconds = lambda _: 20.0
    for number in range(files):
        account.drop(f"{KEY}-{number}", b"day,sales\n1,10\n")
        account.clock.run_for(_MINUTE / files)
    account.settle()
    return [_of(account, verb) for verb in VERBS]


def _of(account: LocalAccount, verb: tuple[str, ...]) -> Reads:
    kinds: list[str] = []

    def count(model: OperationModel, params: dict[str, Any], **_: object) -> None:
        if "refresh-state" in str(params["body"]):
            kinds.append("state")
        else:
            service = model.service_model.service_name
            kinds.append("runs" if service == "stepfunctions" else "others")

    def client(service: str) -> Any:
        made = boto3.client(service, region_name=account.region)  # its own: nobody else is counted
        made.meta.events.register("before-call", count)
        return made

    result = CliRunner().invoke(cli, verb, obj=Aws(client, account.clock.run_for))
    if result.exit_code:
        raise BenchError(result.output)
    shown = [word for word in verb if word not in (FOLDER, "--html", "-")]
    return Reads(
        " ".join(shown), **{kind: kinds.count(kind) for kind in ("state", "runs", "others")}
    )
