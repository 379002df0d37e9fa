"""What thousands of files in a minute cost, beside what they cost with 1.0.0.

Counted in the local account (simulated services, virtual time), from the real state machines.
``python -m proofs.floods 100 1000`` measures these sizes only.
"""

import logging
import sys
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from local.account import WATCHED, LocalAccount
from proofs.figures import deployed
from tests.workflow.invariants import Story, check_invariants
from tests.workflow.scenarios import register

SIZES = (100, 1_000, 3_500, 10_000)
SHORT, LONG = 20, 3_600
#: How long the files keep coming, seconds.
MINUTE = 60
#: When a refresh is long, they begin this long after the file that it was for: it has begun.
UNDER_WAY = 120
#: What a flood may cost: mails, and state transitions of a run that joins, in the mean. The second
#: holds from so many files on: of fewer, during a long refresh, a larger share asks for the leader.
MOST_MAILS, MOST_TRANSITIONS, MANY = 2, 10.3, 1_000

#: Files and seconds of the refresh → what 1.0.0 printed of them, in this order: mails, false
#: ERRORs, refreshes, DescribeExecution calls, throttled, transitions of a joining file, longest
#: follower (seconds). Measured with 1.0.0 in its local account on 2026-11-25; "~": of a model of
#: its steps, which gave 3,768 throttled where 3,758 were measured (false ERRORs are there mails
#: less refreshes); "*": the mean of all runs.
BEFORE = {
    (100, SHORT): ("1", "0", "1", "99", "0", "10.00", "57"),
    (1_000, SHORT): ("1", "0", "1", "999", "0", "11.5*", "118"),
    (3_500, SHORT): ("8", "7", "1", "7,250", "3,758", "13.5*", "206"),
    (10_000, SHORT): ("1,799", "1,798", "1", "~33,329", "25,211", "13.6*", "~1,033"),
    (1_000, LONG): ("2", "0", "2", "1,000", "0", "10.00", "149"),
    (3_500, LONG): ("~8", "~6", "~2", "~7,329", "~3,835", "~11.1", "~553"),
    (10_000, LONG): ("~1,797", "~1,795", "~2", "~33,464", "~25,259", "~11.8", "~1,034"),
}


@dataclass(frozen=True)
class Flood:
    """What a flood cost.

    Attributes:
        files: how many files arrived within a minute.
        seconds: how long a refresh takes.
        mails: how many mails were sent.
        false_errors: how many of them said ERROR, where nothing was wrong.
        refreshes: how many runs refreshed the datasets.
        asked: how many calls of DescribeExecution there were, throttled ones included.
        throttled: how many of them found the quota used up.
        transitions: how many states a run that refreshed nothing entered, in the mean.
        longest: how many seconds the longest of these runs took.
    """

    files: int
    seconds: int
    mails: int
    false_errors: int
    refreshes: int
    asked: int
    throttled: int
    transitions: float
    longest: float

    def missed(self) -> list[str]:
        """Return each target that the flood does not reach."""
        targets = {
            f"{self.mails:,} mails": self.mails <= MOST_MAILS,
            f"{self.false_errors:,} false ERRORs": self.false_errors == 0,
            f"{self.throttled:,} throttled calls": self.throttled == 0,
            f"{self.transitions:.2f} transitions": self.transitions <= MOST_TRANSITIONS
            or self.files < MANY,
        }
        return [what for what, reached in targets.items() if not reached]

    def cells(self) -> tuple[str, ...]:
        """Return the columns of the table, in the order of ``BEFORE``."""
        counts = (self.mails, self.false_errors, self.refreshes, self.asked, self.throttled)
        return (
            *(f"{count:,}" for count in counts),
            f"{self.transitions:.2f}",
            f"{self.longest:,.0f}",
        )


def measure(account: LocalAccount, files: int, seconds: int) -> Flood:
    """Let so many files arrive within a minute and count; a long refresh is under way by then."""
    account.reset()
    register(account, "one", "two")
    for dataset in account.quicksight.datasets.values():
        dataset.seconds = lambda _: seconds
    began = account.clock.now()
    if seconds == LONG:
        account.drop(f"{WATCHED}sales/first.csv")
        began += UNDER_WAY

    def arrive() -> None:
        for number in range(files):
            account.clock.sleep(began + number * MINUTE / files - account.clock.now())
            account.drop(f"{WATCHED}sales/{number}.csv")

    account.clock.spawn("files", arrive)
    account.settle()
    check_invariants(account)
    return _counted(account, files, seconds)


def _counted(account: LocalAccount, files: int, seconds: int) -> Flood:
    runs = list(Story(account).runs.values())
    joining = [run for run in runs if not run.ingestions]
    calls = [entry.call for entry in account.journal if entry.call]
    lasted = _lasted(account)
    return Flood(
        files=files,
        seconds=seconds,
        mails=len(account.mails),
        false_errors=sum(mail.subject.startswith("[ERROR]") for mail in account.mails),
        refreshes=len(runs) - len(joining),
        asked=sum(call.operation == "DescribeExecution" for call in calls),
        throttled=account.describe_execution.throttled,
        transitions=sum(len(run.path) for run in joining) / len(joining),
        longest=max(lasted[run.arn] for run in joining),
    )


def _lasted(account: LocalAccount) -> dict[str, float]:
    """Return how many seconds each execution took."""
    began = {entry.subject: entry.at for entry in account.journal if entry.kind == "started"}
    ended = {entry.subject: entry.at for entry in account.journal if entry.kind == "ended"}
    return {arn: at - began[arn] for arn, at in ended.items() if arn in began}


def table(floods: list[Flood]) -> Table:
    """Return floods, each beside what 1.0.0 made of it."""
    made = Table(
        title=f"Files in {MINUTE} s (simulated)",
        caption="~ from a model of 1.0.0's steps · * mean of all its runs",
    )
    made.add_column("files, refresh")
    for name in (
        "mails",
        "false ERRORs",
        "refreshes",
        "DescribeExecution",
        "throttled",
        "transitions per joining file",
        "longest follower (s)",
    ):
        made.add_column(name, justify="right")
    for flood in floods:
        name = f"{flood.files:,}, {'an hour' if flood.seconds == LONG else f'{flood.seconds} s'}"
        made.add_row(name, *flood.cells())
        if before := BEFORE.get((flood.files, flood.seconds)):
            source = "from a model" if before[0].startswith("~") else "measured"
            made.add_row(f"  1.0.0, {source}", *before)
    return made


def print_all(sizes: tuple[int, ...] = SIZES) -> int:
    """Measure floods of these sizes and print the table; return 1 if a target is missed, else 0."""
    floods = []
    for files in sizes:
        for seconds in (SHORT, LONG):
            with deployed() as account:
                floods.append(measure(account, files, seconds))
    console = Console(width=130)
    console.print(table(floods))
    missed = [f"{flood.files:,} files: {what}" for flood in floods for what in flood.missed()]
    for line in missed:
        console.print(f"Target missed: {line}", style="red")
    return int(bool(missed))


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(print_all(tuple(int(size) for size in sys.argv[1:]) or SIZES))
