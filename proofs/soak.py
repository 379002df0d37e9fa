"""Days of traffic and trouble through the real state machines: is anything lost, or silent?

Thirty folders, eighty datasets; single files, bursts, deletes; every third folder waits for its
marker, which comes last or not at all, and promises to be fresh; storms of throttling, answers
lost, QuickSight down for two hours, executions killed. Everything is drawn from one seed, in the
local account (simulated services, virtual time). Judged by ``invariants.py``.

``python -m proofs.soak`` writes what it counted into docs/dev/evidence.md.
"""

import collections
import logging
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from local.account import BUCKET, WATCHED, LocalAccount
from local.core.faults import Call, Fault, NoAnswerError, ServiceError
from proofs import evidence
from proofs.figures import transitions
from tests.workflow.invariants import Story, state_items, violations

MARKER = "_SUCCESS"
HOUR = 3600.0
DAY = 24 * HOUR
FOLDERS = 30
DATASETS = 80
#: From so many seconds to an hour: most refreshes are short, some are not.
_LENGTHS = (20, 20, 40, 90, 300, 900, 3600)
_STORM = {
    "dynamodb": "ThrottlingException",
    "lambda": "TooManyRequestsException",
    "quicksight": "ThrottlingException",
    "sns": "ThrottledException",
    "stepfunctions": "ThrottlingException",
}
#: https://aws.amazon.com/step-functions/pricing/ (Standard, us-east-1)
_DOLLARS_PER_TRANSITION = 0.025 / 1000


@dataclass(frozen=True)
class Trouble:
    """When what goes wrong, in seconds from the beginning."""

    storms: tuple[tuple[float, float], ...]
    outage: tuple[float, float]


def trouble_of(chance: random.Random, days: int) -> Trouble:
    """Draw a storm of ten minutes for each day, and one outage of QuickSight."""
    storms = []
    for day in range(days):
        begins = day * DAY + chance.uniform(0, DAY - HOUR)
        storms.append((begins, begins + HOUR / 6))
    begins = (days - 1) / 2 * DAY
    return Trouble(tuple(storms), (begins, begins + 2 * HOUR))


def folder_key(number: int) -> str:
    """Return the key prefix of a folder; every tenth lies inside the one before."""
    name = f"folder{number:02d}/"
    return f"{WATCHED}folder{number - 1:02d}/{name}" if number % 10 == 5 else f"{WATCHED}{name}"


WITH_MARKER = {"startson": MARKER, "settleseconds": 0, "freshwithin": 12}


def has_marker(number: int) -> bool:
    """Tell whether a folder waits for its marker."""
    return number % 3 == 1


def register(account: LocalAccount, chance: random.Random, folders: int, datasets: int) -> None:
    """Register the datasets, some with rows of their own, some over the files of the folder."""
    owners = [number % folders for number in range(datasets)]
    for number in range(folders):
        ids = [place for place, owner in enumerate(owners) if owner == number]
        account.register(
            [
                {
                    "S3uri": f"s3://{BUCKET}/{folder_key(number)}",
                    "datasets": [
                        {"datasetid": f"id-{place}", "datasetname": f"データセット {place}"}
                        for place in ids
                    ],
                    **(WITH_MARKER if has_marker(number) else {}),
                }
            ]
        )
    for dataset in account.quicksight.datasets.values():
        dataset.seconds = _around(chance.choice(_LENGTHS), chance)


def _around(seconds: float, chance: random.Random) -> Callable[[int], float]:
    return lambda _: seconds * chance.uniform(0.9, 1.1)


def arm(account: LocalAccount, trouble: Trouble, chance: random.Random, began: float) -> None:
    """Let calls fail while there is trouble, and one answer in two hundred get lost."""

    def within(*windows: tuple[float, float]) -> bool:
        now = account.clock.now() - began
        return any(begins <= now < ends for begins, ends in windows)

    account.faults.add(
        Fault("quicksight", "*", NoAnswerError(), when=lambda _: within(trouble.outage))
    )
    for service, code in _STORM.items():

        def stormy(_: Call) -> bool:
            return within(*trouble.storms) and chance.random() < 0.5

        account.faults.add(Fault(service, "*", ServiceError(code), when=stormy))
    account.faults.add(
        Fault("*", "*", NoAnswerError(), lost=True, when=lambda _: chance.random() < 0.005)
    )


def traffic(account: LocalAccount, number: int, days: int, seed: str) -> None:
    """Put files into a folder for days: now and then one, now and then many, and delete some."""
    chance = random.Random(seed)
    clock, ends = account.clock, account.clock.now() + days * DAY
    kept: list[str] = []
    while True:
        clock.sleep(chance.expovariate(1 / (6 * HOUR)))
        if clock.now() >= ends:
            return
        if kept and chance.random() < 0.15:
            account.delete(kept.pop(chance.randrange(len(kept))))
            continue
        for _ in range(chance.choice([1, 1, 1, 2, 3, 12])):
            key = f"{folder_key(number)}{clock.now():.0f}-{chance.randrange(10**6)}.csv"
            account.drop(key)
            kept.append(key)
            clock.sleep(chance.choice([0, 0, 1, 20]))
        if has_marker(number) and chance.random() < 0.9:
            account.drop(f"{folder_key(number)}{MARKER}", b"")


def kills(account: LocalAccount, days: int, seed: str) -> Iterator[str]:
    """Stop a running execution, two a day; yields each one's ARN."""
    chance = random.Random(seed)
    ends = account.clock.now() + days * DAY
    while True:
        account.clock.sleep(chance.uniform(0, DAY))
        if account.clock.now() >= ends:
            return
        running = [
            one.execution_arn
            for one in account.executions
            if one.status == "RUNNING" and one.state_machine_arn == account.machine_arn
        ]
        if running:
            victim = chance.choice(running)
            account.client("stepfunctions").stop_execution(executionArn=victim)
            yield victim


def soak(
    days: int, seed: int, folders: int = FOLDERS, datasets: int = DATASETS
) -> tuple[list[str], list[tuple[str, str]]]:
    """Run it; return what was violated, and what was counted."""
    wall = time.monotonic()
    chance = random.Random(seed)
    with LocalAccount(seed=seed) as account:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # moto names the resources that it does not know
            account.deploy()
        register(account, chance, folders, datasets)
        killed: list[str] = []
        arm(account, trouble_of(chance, days), chance, account.clock.now())
        for number in range(folders):

            def work(number: int = number) -> None:
                traffic(account, number, days, f"{seed} {number}")

            account.clock.spawn(f"traffic {number}", work)
        account.clock.spawn("kills", lambda: killed.extend(kills(account, days, f"{seed} kills")))
        for _ in range(days * 24):
            account.tick()
        account.settle()
        return violations(account), list(_counted(account, days, seed, killed, wall))


def _counted(
    account: LocalAccount, days: int, seed: int, killed: list[str], wall: float
) -> Iterator[tuple[str, str]]:
    story = Story(account)
    verdicts = collections.Counter(mail.subject.split("]")[0] + "]" for mail in account.mails)
    accepted = sum(len(run.ingestions) for run in story.runs.values())
    refreshing = sum(bool(run.ingestions) for run in story.runs.values())
    moved = transitions(account)
    waiting = [item for item in state_items(account) if item["arrivals"] > item["covered"]]
    yield "Days, seed", f"{days}, {seed}"
    registered = {dataset.folder for dataset in account.quicksight.datasets.values()}
    yield "Folders, datasets", f"{len(registered)}, {len(account.quicksight.datasets)}"
    yield "File events", f"{len(story.files):,}"
    yield "Executions of the refresh machine", f"{len(story.runs):,}"
    unmarked = sum("Waiting For Marker" in run.path for run in story.runs.values())
    yield "of them for files that waited for a marker", f"{unmarked:,}"
    yield "of them killed", f"{len(killed):,}"
    yield "Calls refused or left without an answer", f"{_failed_calls(account):,}"
    yield "Refreshes", f"{refreshing:,}"
    yield "Ingestions", f"{accepted:,}"
    yield "Mails: SUCCESS", f"{verdicts['[SUCCESS]']:,}"
    yield "Mails: ERROR", f"{verdicts['[ERROR]']:,}"
    stale = sum("古くなって" in mail.subject for mail in account.mails)
    yield "of them about folders that are out of date", f"{stale:,}"
    yield "State transitions", f"{moved:,} (about {moved * _DOLLARS_PER_TRANSITION:.2f} USD)"
    yield "Folders that still wait at the end, each told by mail", f"{len(waiting):,}"
    yield "Wall time", f"{time.monotonic() - wall:.0f} s"


def _failed_calls(account: LocalAccount) -> int:
    return sum(entry.kind == "call" and bool(entry.error) for entry in account.journal)


def shown(broken: list[str], counted: list[tuple[str, str]]) -> list[str]:
    """Return the lines of the page's table."""
    return [
        "| What | How many |",
        "|---|---:|",
        *(f"| {what} | {number} |" for what, number in counted),
        f"| Lost events, silent failures, other broken promises | {len(broken)} |",
    ]


@click.command()
@click.option("--days", default=14, show_default=True, help="How many virtual days.")
@click.option("--seed", default=1, show_default=True, help="Draws everything.")
def main(days: int, seed: int) -> None:
    """Send days of traffic and trouble through the real state machines (simulated services).

    Example: python -m proofs.soak --days 2 --seed 5
    """
    logging.disable(logging.CRITICAL)
    broken, counted = soak(days, seed)
    for what, number in counted:
        click.echo(f"{what}: {number}")
    for line in broken[:20]:
        click.echo(f"BROKEN  {line}")
    click.echo(f"Broken promises: {len(broken)}")
    evidence.write("make soak", shown(broken, counted))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
