"""``python -m proofs.second_opinion``: ask the reference JSONata and two validators, and record."""

import collections
import functools
import itertools
import json
import logging
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import click

from local.account import WATCHED, LocalAccount
from local.services.cloudformation import ROOT
from local.stepfunctions import expressions, jsonata
from proofs import evidence
from proofs.second_opinion.recording import (
    DATASETS,
    DEPTHS,
    FILE,
    Asked,
    counted,
    deployed_expressions,
    mentioned,
)
from tests.workflow.fault_matrix import CIRCUMSTANCES, cases, prepare
from tests.workflow.scenarios import FOLDER as WATCHED_FOLDER
from tests.workflow.scenarios import (
    GOOD,
    STATE,
    UNMODELLED,
    at_state,
    drop,
    fail,
    put_item,
    stop_at,
)

HERE = Path(__file__).parent
FOLDER = ROOT / ".build" / "second-opinion"
PACKAGES = ("jsonata@2.0.6", "asl-validator@4.0.0", "amazon-states-language-service@1.16.1")
#: How many evaluations of one expression are kept; those with a result not seen yet come first.
_EACH = 4
_MOST_CHARACTERS = 4000
#: Other scripts, quotes, escapes, line breaks: where two implementations might differ.
_ODD_NAMES = ("東京 'a'\"b\"\\+%🗾", "東京\n\t・\u2028🗾", "か\u3099")


class Recorder:
    """Keeps a few evaluations of each expression, and the largest apart."""

    def __init__(self, account: LocalAccount) -> None:
        self.account = account
        self.kept: dict[str, dict[str, Asked]] = collections.defaultdict(dict)
        self.largest: dict[str, tuple[int, Asked]] = {}

    def listening(self, evaluate: Callable[..., Any]) -> Callable[..., Any]:
        """Return the evaluator, overheard."""

        def overheard(expression: str, bindings: Mapping[str, Any]) -> Any:
            result = "failed"
            try:
                value = evaluate(expression, bindings)
                result = json.dumps(value)
                return value
            finally:
                self._keep(expression.strip(), bindings, result)

        return overheard

    def _keep(self, expression: str, bindings: Mapping[str, Any], result: str) -> None:
        kept = self.kept[expression]
        seen = mentioned(expression, bindings)
        asked = Asked(expression, seen, round(self.account.clock.now() * 1000))
        text = json.dumps(seen)
        members = text.count(",")  # not its length: one long text makes nothing deep
        if members > self.largest.get(expression, (-1, None))[0]:
            self.largest[expression] = (members, asked)
        if result in kept or len(kept) >= _EACH or "stackTrace" in text:
            return  # a stack trace holds the paths of this machine
        if not kept or len(json.dumps(asked.as_json())) < _MOST_CHARACTERS:
            kept[result] = asked


@dataclass(frozen=True)
class Heard:
    """What was evaluated, what of it with the most data, what never, and the definitions."""

    evaluated: list[Asked]
    largest: list[Asked]
    never: set[str]
    definitions: dict[str, str]


def record() -> Heard:
    """Let everything happen, and return what was evaluated meanwhile."""
    with warnings.catch_warnings(), LocalAccount() as account:
        warnings.simplefilter("ignore")
        account.deploy()
        recorder = Recorder(account)
        overheard = recorder.listening(jsonata.evaluate)
        with mock.patch.object(expressions, "evaluate", overheard):
            for name, trouble in itertools.product(_ODD_NAMES, (_none, _functions_fail, _stopped)):
                _happen(account, trouble, functools.partial(_odd_file, name))
            _happen(account, _the_lead_becomes_odd)
            for circumstance in CIRCUMSTANCES:
                _happen(account, circumstance.scene)
            for case in cases():
                _happen(account, case.arm, case.scene)
            _happen(account, _hours_pass)
            _happen(account, _many_datasets)
            _happen(account, _every_wish)
        machines = account.client("stepfunctions").list_state_machines()["stateMachines"]
        definitions = {
            machine["name"]: account.client("stepfunctions").describe_state_machine(
                stateMachineArn=machine["stateMachineArn"]
            )["definition"]
            for machine in machines
        }
        deployed = deployed_expressions(account)
        return Heard(
            [asked for kept in recorder.kept.values() for asked in kept.values()],
            [recorder.largest[expression][1] for expression in sorted(recorder.largest)],
            deployed - set(recorder.kept),
            definitions,
        )


def _happen(account: LocalAccount, *steps: Callable[[LocalAccount], object]) -> None:
    account.reset()
    account.functions.clear()
    for step in (prepare, *steps):
        step(account)
    account.settle()


def _odd_file(name: str, account: LocalAccount) -> None:
    account.drop(f"{WATCHED}{name}/{name}.csv", GOOD)


def _none(_: LocalAccount) -> None:
    """Let everything go well."""


def _many_datasets(account: LocalAccount) -> None:
    """Refresh as many datasets as a folder may have, with and without what the last run left."""
    names = [f"dataset {number}" for number in range(DATASETS)]
    datasets = [{"datasetid": f"id-{name}", "datasetname": name} for name in names]
    kinds: list[dict[str, Any]] = [
        {"ingestiontype": "FULL_REFRESH", "minrows": 1},
        {"retries": 1},
    ]
    rows = [{**one, **kinds[number % 2]} for number, one in enumerate(datasets)]
    third = DATASETS // 3
    for row, parent in zip(rows[third:], datasets, strict=False):  # three generations
        row["after"] = [parent["datasetid"]]
    account.register([{"S3uri": WATCHED_FOLDER, "datasets": rows}])
    for _ in range(2):
        drop(account)
        account.settle()
    fail(account, "Recall Last Run", UNMODELLED)
    drop(account)


def _every_wish(account: LocalAccount) -> None:
    """Register what may be asked for, rightly and wrongly; let files come that are a marker."""
    rows = [
        {"datasetid": "1", "datasetname": "あ" * 200, "minrows": 1, "retries": 3},
        {"datasetid": "0", "datasetname": "child", "after": ["1", "1", "0", "nobody", 7, ""]},
        {"datasetid": "last", "datasetname": "last", "after": ["0"], "minrows": 999999999},
        {"datasetid": "wrong", "datasetname": "wrong", "after": "1", "minrows": "1", "retries": 4},
        {"datasetid": "1", "datasetname": "twice", "after": ["last"]},
        {"datasetid": "circle", "datasetname": "c", "after": ["last", "round"], "minrows": -1},
        {"datasetid": "round", "datasetname": "r", "after": ["circle"]},
    ]
    item: dict[str, Any] = {"S3uri": WATCHED_FOLDER, "datasets": rows, "freshwithin": 1}
    for startson, settle in (("*.csv", 900), ("a*.csv", 901), ("aa*aa", "30"), ("a/b", 0), (1, 2)):
        account.register([{**item, "startson": startson, "settleseconds": settle}])
        for name in ("a.csv", "aaa", "deep/ab.csv"):
            drop(account, name)
            account.settle()
        account.delete(f"{WATCHED}sales/a.csv")
        account.tick(2)


def _hours_pass(account: LocalAccount) -> None:
    """Let one folder break its promise, and another be seen for the first time."""
    one = {"datasets": [{"datasetid": "id-one", "datasetname": "one"}], "freshwithin": 1}
    account.register([{"S3uri": WATCHED_FOLDER, **one}])
    drop(account)
    account.tick(4)
    account.register([{"S3uri": f"{WATCHED_FOLDER}new/", **one}])
    account.tick(1)


def _functions_fail(account: LocalAccount) -> None:
    fail(account, "Check Ingestion Status", UNMODELLED)


def _the_lead_becomes_odd(account: LocalAccount) -> None:
    """Let a run that waits find that somebody wrote over the leader."""
    odd = {"leader": {"S": "nobody"}, "arrivals": {"N": "2"}, "covered": {"N": "0"}}
    drop(account, "a.csv")
    drop(account, "b.csv")
    at_state(account, "Look At Folder", lambda _: put_item(account, STATE, odd))


def _stopped(account: LocalAccount) -> None:
    stop_at(account, "Send Mail")


def _node(program: str, *arguments: str, given: str = "") -> Any:
    done = subprocess.run(
        ["node", str(HERE / program), *arguments],
        input=given,
        env={**os.environ, "NODE_PATH": str(FOLDER / "node_modules")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{program} failed: {done.stderr.strip()}")
    return json.loads(done.stdout)


def _install() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            ["npm", "install", "--no-save", "--no-package-lock", "--silent", *PACKAGES],
            cwd=FOLDER,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise click.ClickException(
            f"npm could not install {', '.join(PACKAGES)} ({error}).\n"
            "Way out: install Node.js with npm, check the network, and run it again."
        ) from error


def _depths(heard: Heard) -> dict[str, int]:
    """Return how deep each expression was counted where it saw the most."""
    given = json.dumps([asked.as_json() for asked in heard.largest])
    found = _node("evaluate.js", given=given)
    return {asked.expression: one["depth"] for asked, one in zip(heard.largest, found, strict=True)}


@click.command()
def main() -> None:
    """Evaluate the definitions' JSONata by the reference implementation, and validate them."""
    logging.disable(logging.CRITICAL)
    _install()
    heard = record()
    given = json.dumps([asked.as_json() for asked in heard.evaluated])
    answers = _node("evaluate.js", given=given)
    lines = [
        json.dumps({**asked.as_json(), **found["answer"]}, ensure_ascii=False)
        for asked, found in zip(heard.evaluated, answers, strict=True)
    ]
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    evidence.write("make second-opinion", counted(json.loads(FILE.read_text(encoding="utf-8"))))
    asked = {one.expression for one in heard.evaluated}
    click.echo(f"Evaluated {len(lines)} times: {len(asked)} expressions.")
    depths = _depths(heard)
    DEPTHS.write_text(
        json.dumps(depths, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8"
    )
    click.echo(f"Counted no deeper than {max(depths.values())} with {DATASETS} datasets.")
    for expression in sorted(heard.never):
        click.echo(f"Never evaluated: {expression}")
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in heard.definitions.items():
            paths.append(Path(folder) / f"{name}.json")
            paths[-1].write_text(text, encoding="utf-8")
        complaints = _node("validate.js", *map(str, paths))
    for complaint in complaints:
        click.echo(complaint)
    click.echo(
        f"Validators' complaints about {len(heard.definitions)} definitions: {len(complaints)}"
    )
    sys.exit(1 if complaints or heard.never else 0)


if __name__ == "__main__":
    main()
