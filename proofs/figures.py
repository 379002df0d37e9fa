"""What a burst of files costs, beside what one run for each file would cost.

Every figure of the burst is counted in the local account (simulated services, virtual time), from
the real state machines; one run a file is one run's figures times the files.
``python -m proofs.figures`` prints the table.
"""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from local.account import BUCKET, WATCHED, LocalAccount
from tests.workflow.invariants import check_invariants, refreshes, state_item

FOLDER = f"s3://{BUCKET}/{WATCHED}sales/"
_ENTERED = "stateEnteredEventDetails"


@dataclass(frozen=True)
class Figures:
    """What a burst was, and what came of it.

    Attributes:
        name: what arrived, in words.
        files: how many files arrived.
        refreshes: how many runs refreshed the datasets.
        ingestions: how many ingestions QuickSight ran.
        refused: how many of them it refused.
        mails: how many mails were sent.
        transitions: how many state transitions were billed.
        throttled: how many DescribeExecution calls found the bucket empty.
        covered: whether the last refresh began after the last file.
        meanwhile: how many refreshes began before the time of the burst was over.
    """

    name: str
    files: int
    refreshes: int
    ingestions: int
    refused: int
    mails: int
    transitions: int
    throttled: int
    covered: bool
    meanwhile: int


@dataclass(frozen=True)
class Burst:
    """Files that arrive so many seconds after the beginning, and how the stack is deployed."""

    name: str
    datasets: int
    instants: tuple[float, ...]
    folders: int = 1
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def seconds(self) -> float:
        """Return how long the files keep coming, the time to the next one included."""
        return len(self.instants) * (self.instants[-1] / max(1, len(self.instants) - 1))


AT_ONCE = Burst("100 files within 20 s", 2, tuple(number / 5 for number in range(100)))
SPREAD = Burst("100 files, one every 5 s", 2, tuple(5.0 * number for number in range(100)))
SUB_FOLDERS = Burst(
    "1,000 files over 20 sub-folders within 20 s",
    1,
    tuple(number / 50 for number in range(1000)),
    folders=20,
)
ALL_DAY = Burst(
    "a file every 3 min for 8 h, MinMinutesBetweenRefreshes=45",
    1,
    tuple(180.0 * number for number in range(160)),
    parameters=(("MinMinutesBetweenRefreshes", "45"),),
)
BURSTS = (AT_ONCE, SPREAD, SUB_FOLDERS, ALL_DAY)


@contextmanager
def deployed(parameters: tuple[tuple[str, str], ...] = ()) -> Iterator[LocalAccount]:
    """Deploy an account with these parameters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # moto names the resources that it does not know
        with LocalAccount() as account:
            values: dict[str, Any] = dict(parameters)
            account.deploy(NotificationLanguage="en", **values)
            yield account


def measure(account: LocalAccount, burst: Burst) -> Figures:
    """Let the files of a burst arrive in an account deployed for it, and count."""
    account.reset()
    names = [f"dataset {number}" for number in range(burst.datasets)]
    datasets = [{"datasetid": f"id-{name}", "datasetname": name} for name in names]
    account.register([{"S3uri": FOLDER, "datasets": datasets}])
    began, last = account.clock.now(), 0

    def arrive() -> None:
        nonlocal last
        for number, instant in enumerate(burst.instants):
            account.clock.sleep(began + instant - account.clock.now())
            part = f"part{number % burst.folders}/" if burst.folders > 1 else ""
            account.drop(f"{WATCHED}sales/{part}{number}.csv")
        last = len(account.journal)

    account.clock.spawn("files", arrive)
    account.settle()
    check_invariants(account)
    created = [e for e in account.journal if e.text == "Start Ingestion: CreateIngestion"]
    accepted = [entry for entry in created if entry.applied]
    children = {child.arn: child.parent_arn for child in account.children}
    item = state_item(account, FOLDER)
    return Figures(
        name=burst.name,
        files=len(burst.instants),
        refreshes=len({children[entry.subject] for entry in accepted}),
        ingestions=sum(len(refreshes(account, f"id-{name}")) for name in names),
        refused=len(created) - len(accepted),
        mails=len(account.mails),
        transitions=transitions(account),
        throttled=account.describe_execution.throttled,
        covered=accepted[-1].position > last and item["covered"] == item["arrivals"],
        meanwhile=len({children[e.subject] for e in accepted if e.at <= began + burst.seconds}),
    )


def transitions(account: LocalAccount) -> int:
    """Return how many states were entered, those of the Map's children included."""
    histories = [account.history(execution) for execution in account.executions]
    histories += [list(c.environment.event_manager._history_event_list) for c in account.children]
    return sum(_ENTERED in event for history in histories for event in history)


def one_run_a_file(account: LocalAccount, burst: Burst) -> Figures:
    """Return what a burst would cost with a run for each file."""
    one = measure(account, Burst("one file", burst.datasets, (0.0,)))
    count: Callable[[int], int] = lambda figure: figure * len(burst.instants)  # noqa: E731
    return Figures(
        name="one run a file",
        files=len(burst.instants),
        refreshes=count(one.refreshes),
        ingestions=count(one.ingestions),
        refused=0,
        mails=count(one.mails),
        transitions=count(one.transitions),
        throttled=0,
        covered=True,
        meanwhile=count(one.meanwhile),
    )


def table(rows: list[tuple[Figures, Figures]]) -> Table:
    """Return bursts beside one run a file."""
    made = Table(title="One burst, one refresh (simulated) – in brackets: one run a file")
    made.add_column("files")
    for name in ("refreshes", "ingestions", "mails", "transitions"):
        made.add_column(name, justify="right")
    for burst, single in rows:
        made.add_row(
            burst.name,
            *(
                f"{getattr(burst, name):,} ({getattr(single, name):,})"
                for name in ("refreshes", "ingestions", "mails", "transitions")
            ),
        )
    return made


def print_all() -> None:
    """Measure every burst and print the table."""
    rows = []
    for burst in BURSTS:
        with deployed(burst.parameters) as account:
            rows.append((measure(account, burst), one_run_a_file(account, burst)))
    Console(width=110).print(table(rows))


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print_all()
