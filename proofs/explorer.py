"""Explore schedules of the real state machines: who calls what first, and what goes wrong.

A schedule is a number: it makes a small scenario (files and when they arrive, kills, lost answers,
retries that run out, throttling, slow calls, stale reads), and the order in which the executions'
service calls are interleaved. After each schedule the invariants must hold, and once the faults
have stopped one more file into each folder must be refreshed and leave no leader. The same number
always gives the same schedule.

A fifth of them name a marker (``startson``), and files come that are none. In a tenth a run that
announces its result is killed or gets no answer.

Left out: an answer that is lost and whose write lands after the retry. For the claim it is known
and accepted; the other writes carry conditions.

``python -m proofs.explorer --schedules 500`` explores, ``--seed 7`` prints one schedule,
``--edit ask-without-waiting`` explores a wrong version of the protocol (``edits.py``).
"""

import collections
import datetime
import hashlib
import json
import logging
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from local.account import BUCKET, WATCHED, LocalAccount
from local.core.faults import Call, Fault, NoAnswerError, ServiceError
from local.core.journal import Entry
from local.services.quicksight import Dataset
from proofs.edits import EDITS
from tests.workflow.invariants import Run, Story, state_items, violations

FOLDER = f"s3://{BUCKET}/{WATCHED}sales/"
CHILD = f"{FOLDER}child/"
_KEYS = {FOLDER: f"{WATCHED}sales/", CHILD: f"{WATCHED}sales/child/"}
_STRAY_KEY = f"{WATCHED}stray/"

#: More executions than any schedule has a reason for.
_MOST_EXECUTIONS = 30
_ALIGNMENT_SECONDS = 3600
#: A power of two, so that waits that cancel out do so exactly.
_GRAIN_SECONDS = 2.0**-18

WINDOWS = ("count–ingest", "last ingest–release", "release–start", "take-over race")

#: The states of a leader, in order.
_LEADER_STATES = (
    "Wait Until Next Start",
    "Wait For More Files",
    "Count Files",
    "Refresh Each Dataset",
    "Check Ingestion Status",
    "Send Mail",
    "Remember Run",
    "Release Folder",
    "Files Waiting?",
    "Start Next Run",
    "Mail Sent?",
)
_CALLS = (
    "Produce Ingestion Parameters",
    "Look Up Datasets",
    "Claim Folder",
    "Look At Folder",
    "Ask Leader",
    "Vouch For Leader",
    "Take Over Folder",
    "Count Files",
    "Recall Last Run",
    "Start Ingestion",
    "Check Ingestion",
    "Check Ingestion Status",
    "Send Mail",
    "Remember Run",
    "Release Folder",
    "Look For Waiting Files",
    "Start Next Run",
    "Withdraw Claim",
)
_WRITES = ("Claim Folder", "Take Over Folder", "Count Files", "Release Folder", "Start Next Run")


# ---------------------------------------------------------------------------------- scenarios


@dataclass(frozen=True)
class Arrival:
    """A file, or a start by hand, so many seconds after the beginning or another thing.

    Attributes:
        key: the object's key.
        seconds: how long after.
        state: what starts the count: any run's entering of this state (``death``: a kill).
        by_hand: no file, but the folder's refresh started by hand.
    """

    key: str
    seconds: float
    state: str = ""
    by_hand: bool = False


@dataclass(frozen=True)
class Kill:
    """The end of a run, so many seconds after it entered a state or made its so-manieth call."""

    run: int
    seconds: float
    state: str = ""
    call: int = 0


@dataclass(frozen=True)
class Upset:
    """What goes wrong with the calls of a state: of one run, or of all."""

    state: str
    run: int | None = None
    error: str = ""
    lost: bool = False
    times: int | None = 1
    delay: float = 0
    stale: float = 0


@dataclass
class Scenario:
    """Everything of a schedule that is not the order of calls."""

    theme: str
    settle: int = 30
    arrivals: list[Arrival] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    upsets: list[Upset] = field(default_factory=list)
    latency: float = 0
    ingestion_seconds: list[float] = field(default_factory=lambda: [20.0])
    child: str = ""
    failing: bool = False
    marker: str = ""
    delivered_twice: bool = False
    untold_deaths: bool = False
    believed_gone: bool = False
    ordered: bool = False


def settle_of(seed: int) -> int:
    """Return the SettleSeconds of a schedule: a quarter of them refresh at once."""
    return 0 if seed % 4 == 3 else 30


def scenario_of(seed: int) -> Scenario:
    """Make the scenario of a schedule; most steer towards one race, all may take more trouble."""
    chance = random.Random(seed)
    theme = chance.choice(list(_THEMES))
    made = Scenario(theme, settle_of(seed))
    made.latency = chance.choice([0, 0, 0.3, 2.0])
    made.ingestion_seconds = [
        chance.choice([3.0, 15.0, 40.0, 120.0]) for _ in range(chance.choice([1, 1, 2]))
    ]
    _THEMES[theme](made, chance)
    if chance.random() < 0.4:
        made.arrivals.append(_arrival(chance, made))
    for _ in range(chance.choice([0, 0, 1, 2])):
        made.upsets.append(_upset(chance))
    if chance.random() < 0.15:
        made.kills.append(_kill(chance))
    made.failing = chance.random() < 0.12
    made.delivered_twice = made.delivered_twice or chance.random() < 0.08
    if made.kills and chance.random() < 0.3:
        made.untold_deaths = True
    if chance.random() < 0.3:
        made.upsets.append(_stale(chance))
    if chance.random() < 0.2:
        _name_a_marker(made, chance)
    made.ordered = len(made.ingestion_seconds) > 1 and chance.random() < 0.7
    if chance.random() < 0.1:
        _trouble_the_announcement(made, chance)
    return made


def _trouble_the_announcement(made: Scenario, chance: random.Random) -> None:
    """Let the mail be sent and the event not: a kill in between, or no answer to it."""
    run = chance.choice([0, 0, 1])
    if chance.random() < 0.4:
        made.kills.append(Kill(run, chance.choice([0.0, 1.0]), state="Announce Result"))
        return
    lost = chance.random() < 0.5
    times = chance.choice([1, 2, None])
    made.upsets.append(Upset("Announce Result", run, "lost", lost=lost, times=times))


def _name_a_marker(made: Scenario, chance: random.Random) -> None:
    """Let every other file be the marker, and some come that are none."""
    made.marker = "*.csv"
    for _ in range(chance.randint(1, 3)):
        other = _arrival(chance, made)
        key = other.key.replace("a.csv", "part-0.csv.gz")
        made.arrivals.append(replace(other, key=key, by_hand=False))


def _file(folder: str = FOLDER) -> str:
    return f"{_KEYS[folder]}a.csv"


def _arrival(chance: random.Random, made: Scenario) -> Arrival:
    key = _file(CHILD) if made.child and chance.random() < 0.5 else _file()
    if chance.random() < 0.5:
        return Arrival(key, chance.choice([0, 0, 1, 5, 31, 45, 70, 100]) + chance.random())
    state = chance.choice(_LEADER_STATES)
    return Arrival(key, chance.choice([0, 0, 0.5, 3]), state, by_hand=chance.random() < 0.1)


def _kill(chance: random.Random) -> Kill:
    run, seconds = chance.choice([0, 0, 1, 2]), chance.choice([0.0, 0.0, 1.0, 8.0])
    if chance.random() < 0.5:
        return Kill(run, seconds, state=chance.choice(_LEADER_STATES))
    return Kill(run, seconds, call=chance.randint(1, 12))


def _upset(chance: random.Random) -> Upset:
    state = chance.choice(_CALLS + 2 * _WRITES)
    run = chance.choice([None, 0, 0, 1, 2])
    kind = chance.choice(["lost", "lost", "refused", "throttled", "applied, gives up", "gives up"])
    if kind == "lost":
        return Upset(state, run, "lost", lost=True, times=chance.choice([1, 1, 2]))
    if kind == "refused":
        return Upset(state, run, "lost", times=chance.randint(1, 3))
    if kind == "throttled":
        return Upset(state, run, "ThrottlingException", times=chance.randint(1, 4))
    return Upset(state, run or 0, "lost", lost=kind != "gives up", times=None)


def _stale(chance: random.Random) -> Upset:
    return Upset("Ask Leader", stale=chance.uniform(2, 9.5), times=None)


def _count_and_ingest(made: Scenario, chance: random.Random) -> None:
    made.arrivals = [Arrival(_file(), 0)]
    state = chance.choice(["More Files Arriving?", "Refresh Each Dataset"])
    made.arrivals.append(Arrival(_file(), chance.uniform(0, 1), state))
    made.upsets.append(Upset("Start Ingestion", delay=chance.uniform(2, 10), times=None))


def _ingest_and_release(made: Scenario, chance: random.Random) -> None:
    made.arrivals = [Arrival(_file(), 0)]
    state = chance.choice(["Check Ingestion Status", "Send Mail"])
    made.arrivals.append(Arrival(_file(), chance.uniform(0, 1), state))
    slow = chance.choice(["Send Mail", "Release Folder"])
    made.upsets.append(Upset(slow, delay=chance.uniform(2, 10), times=None))
    if chance.random() < 0.4:
        made.upsets.append(Upset("Release Folder", 0, "lost", lost=True))


def _release_and_start(made: Scenario, chance: random.Random) -> None:
    """The folder is free, a hand-over on its way: a file comes, or who waits looks just then."""
    made.arrivals = [
        Arrival(_file(), 0),
        Arrival(_file(), chance.uniform(0, 2), "Refresh Each Dataset"),
    ]
    slow = chance.uniform(2, 12)
    if chance.random() < 0.5:
        made.arrivals.append(Arrival(_file(), chance.uniform(0, 1), "Start Next Run"))
    else:
        made.ingestion_seconds = [chance.uniform(48, 62)]
        slow = chance.uniform(35, 58)
    made.upsets.append(Upset("Start Next Run", 0, delay=slow, times=None))


def _take_over_together(made: Scenario, chance: random.Random) -> None:
    made.arrivals = [Arrival(_file(), 0)]
    made.arrivals += [Arrival(_file(), chance.uniform(0, 12)) for _ in range(2)]
    made.kills = [Kill(0, chance.uniform(0, 20), state=chance.choice(_LEADER_STATES[:3]))]
    made.upsets.append(Upset("Take Over Folder", delay=chance.uniform(1, 30), times=None))


def _take_over_late(made: Scenario, chance: random.Random) -> None:
    """A dead leader's folder is freed while a follower is about to take it over, and led anew."""
    made.arrivals = [Arrival(_file(), 0)]
    made.arrivals.append(Arrival(_file(), chance.uniform(0, 2), "Refresh Each Dataset"))
    made.arrivals.append(Arrival(_file(), chance.uniform(55, 70), "death"))
    made.kills = [Kill(0, chance.uniform(2, 5), state="Refresh Each Dataset")]
    made.upsets.append(Upset("Take Over Folder", delay=chance.uniform(20, 50), times=None))


def _leader_dies(made: Scenario, chance: random.Random) -> None:
    made.arrivals = [
        Arrival(_file(), 0),
        Arrival(_file(), chance.uniform(0, 4), "death"),
    ]
    if chance.random() < 0.5:
        made.arrivals.append(Arrival(_file(), chance.uniform(20, 90), "death"))
    made.kills = [Kill(0, chance.uniform(0, 8), state=chance.choice(_LEADER_STATES[:7]))]
    made.untold_deaths = chance.random() < 0.5
    made.upsets.append(Upset("Ask Leader", stale=chance.uniform(6, 9.5), times=None))


def _answers_get_lost(made: Scenario, chance: random.Random) -> None:
    made.arrivals = [Arrival(_file(), 0)]
    if chance.random() < 0.7:
        made.arrivals.append(Arrival(_file(), chance.uniform(0, 5), "Refresh Each Dataset"))
    made.ingestion_seconds = [chance.choice([40.0, 120.0])]
    state = chance.choice(["Release Folder", "Release Folder", *_WRITES])
    times = chance.choice([1, 1, 2, None])
    made.upsets.append(Upset(state, 0, "lost", lost=True, times=times))
    if chance.random() < 0.3:
        made.upsets.append(Upset("Withdraw Claim", 0, "lost", times=None))


def _release_is_lost(made: Scenario, chance: random.Random) -> None:
    """The leader cannot know whether files wait; with one, its hand-over finds nothing owed."""
    made.arrivals = [Arrival(_file(), 0)]
    if chance.random() < 0.5:
        made.arrivals.append(Arrival(_file(), chance.uniform(0, 5), "Refresh Each Dataset"))
    made.ingestion_seconds = [chance.choice([40.0, 120.0])]
    made.upsets.append(
        Upset("Release Folder", 0, "lost", lost=True, times=chance.choice([1, 1, 2]))
    )


def _release_is_slow(made: Scenario, chance: random.Random) -> None:
    made.arrivals = [
        Arrival(_file(), 0),
        Arrival(_file(), chance.uniform(0, 5), "Release Folder"),
    ]
    error = chance.choice(["ThrottlingException", "ProvisionedThroughputExceededException"])
    times = chance.choice([5, 7])
    made.upsets.append(Upset("Release Folder", 0, error, times=5 if error[0] == "T" else times))


def _leader_believed_gone(made: Scenario, chance: random.Random) -> None:
    made.arrivals = [Arrival(_file(), 0)]
    # Who comes while the leader counts does not ask.
    state = chance.choice(["Wait For More Files", "Refresh Each Dataset"])
    made.arrivals.append(Arrival(_file(), chance.uniform(0, 20), state))
    made.ingestion_seconds = [chance.choice([40.0, 120.0])]
    # The question and its three retries, of one follower.
    made.upsets.append(Upset("Ask Leader", error="ExecutionDoesNotExist", times=4))
    made.believed_gone = True


def _asked_and_vouched(made: Scenario, chance: random.Random) -> None:
    """Several wait during a long refresh; who asks first tells the others."""
    made.arrivals = [Arrival(_file(), 0)]
    made.arrivals += [
        Arrival(_file(), chance.uniform(0, 25), "Refresh Each Dataset") for _ in range(3)
    ]
    made.ingestion_seconds = [chance.choice([120.0, 200.0])]
    made.upsets.append(Upset("Vouch For Leader", delay=chance.uniform(0, 20), times=None))
    if chance.random() < 0.5:
        made.upsets.append(Upset("Ask Leader", error="ThrottlingException", times=2))


def _dead_when_asked_about(made: Scenario, chance: random.Random) -> None:
    """The answer is older than the death, and another file came in between."""
    made.arrivals = [
        Arrival(_file(), 0),
        Arrival(_file(), chance.uniform(0, 2), "Refresh Each Dataset"),
        Arrival(_file(), chance.uniform(0, 2), "death"),
    ]
    made.ingestion_seconds = [120.0]
    made.kills = [Kill(0, chance.uniform(60, 72), state="Refresh Each Dataset")]
    made.untold_deaths = chance.random() < 0.7
    made.upsets.append(Upset("Ask Leader", stale=9.5, times=None))
    made.upsets.append(Upset("Vouch For Leader", delay=chance.uniform(0, 8), times=None))


def _folders_in_folders(made: Scenario, chance: random.Random) -> None:
    made.child = chance.choice(["", "before", "meanwhile"])
    keys = [_file(), _file(CHILD), f"{WATCHED}sales/unregistered/a.csv", f"{_STRAY_KEY}a.csv"]
    for _ in range(chance.randint(2, 4)):
        made.arrivals.append(Arrival(chance.choice(keys), chance.choice([0, 0, 2, 33, 50])))
    made.arrivals.append(Arrival(chance.choice(keys), 0, chance.choice(_LEADER_STATES)))


def _burst(made: Scenario, chance: random.Random) -> None:
    instant = chance.choice([0.0, 0.0, 5.0])
    made.arrivals = [Arrival(_file(), instant) for _ in range(chance.randint(2, 4))]
    made.arrivals.append(Arrival(_file(), chance.choice([0, 20]), by_hand=True))
    made.delivered_twice = chance.random() < 0.5


_THEMES: dict[str, Callable[[Scenario, random.Random], None]] = {
    "between count and ingestion": _count_and_ingest,
    "between ingestion and release": _ingest_and_release,
    "between release and next start": _release_and_start,
    "several take over": _take_over_together,
    "late take-over": _take_over_late,
    "the leader dies": _leader_dies,
    "answers get lost": _answers_get_lost,
    "a release is answered late": _release_is_lost,
    "a slow release": _release_is_slow,
    "a leader believed gone": _leader_believed_gone,
    "asked and vouched for": _asked_and_vouched,
    "dead when asked about": _dead_when_asked_about,
    "folders in folders": _folders_in_folders,
    "a burst": _burst,
}


# ------------------------------------------------------------------------------------- running


@dataclass
class Outcome:
    """What one schedule showed."""

    seed: int
    scenario: Scenario
    violations: list[str]
    interleaving: str
    windows: collections.Counter[str]
    trace: list[str]


class Explorer:
    """One deployed account that schedules run in, one after the other; a context manager.

    Args:
        settle: the deployed SettleSeconds.
    """

    def __init__(self, settle: int = 30) -> None:
        self.settle = settle
        self._stack = ExitStack()

    def __enter__(self) -> "Explorer":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # moto names the resources that it does not know
            self.account = self._stack.enter_context(LocalAccount())
            self.account.deploy(NotificationLanguage="en", SettleSeconds=str(self.settle))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @contextmanager
    def edited(self, name: str | None) -> Iterator[None]:
        """Run a wrong version of the refresh machine for a while; None: the real one."""
        if name is None:
            yield
            return
        with self.changed(EDITS[name].applied_to):
            yield

    @contextmanager
    def changed(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[None]:
        """Run another definition of the refresh machine for a while."""
        client = self.account.client("stepfunctions")
        arn = self.account.machine_arn
        real = client.describe_state_machine(stateMachineArn=arn)["definition"]
        wrong = json.dumps(change(json.loads(real)), ensure_ascii=False)
        client.update_state_machine(stateMachineArn=arn, definition=wrong)
        try:
            yield
        finally:
            client.update_state_machine(stateMachineArn=arn, definition=real)

    def run(self, seed: int) -> Outcome:
        """Run one schedule and judge it."""
        scenario = scenario_of(seed)
        if scenario.settle != self.settle:
            raise ValueError(f"schedule {seed} needs SettleSeconds={scenario.settle}")
        return _Schedule(self.account, scenario, seed).run()


class _Schedule:
    """One run of one scenario."""

    def __init__(self, account: LocalAccount, scenario: Scenario, seed: int) -> None:
        self.account = account
        self.scenario = scenario
        self.seed = seed
        self.chance = random.Random(~seed)
        self.calls: collections.Counter[str] = collections.Counter()
        self.arrivals = list(scenario.arrivals)
        self.kills = list(scenario.kills)
        self.asking = 0

    def run(self) -> Outcome:
        account, scenario = self.account, self.scenario
        account.clock.stop_all()
        # Begin at a whole hour: rounding of times must not depend on the schedules before.
        account.clock.sleep(-account.clock.now() % _ALIGNMENT_SECONDS)
        account.seed = self.seed
        account.reset()
        self.began = account.clock.now()
        self._register()
        self._arm()
        found = self._settle()
        story = Story(account) if not found else None
        end = len(account.journal)
        leaders = 2 if scenario.believed_gone else 1
        found = found or violations(account, leaders, scenario.untold_deaths)
        found = found or list(self._out_of_order(story))
        found = found or self._one_more_file(leaders)
        entries = list(account.journal)
        names = self._names()
        calls = [f"{names(e.subject)} {e.text}" for e in entries[:end] if e.kind == "call"]
        return Outcome(
            self.seed,
            scenario,
            found,
            hashlib.sha256("\n".join(calls).encode()).hexdigest()[:16],
            windows_hit(story, entries[:end]) if story else collections.Counter(),
            [self._line(entry, names) for entry in entries],
        )

    # ------------------------------------------------------------------ the scenario's doings

    def _register(self) -> None:
        ids = [f"id-{number}" for number in range(len(self.scenario.ingestion_seconds))]
        self._register_folder(FOLDER, ids)
        if self.scenario.child == "before":
            self._register_folder(CHILD, ["id-child"])
        for dataset, seconds in zip(ids, self.scenario.ingestion_seconds, strict=True):
            made = self.account.quicksight.datasets[dataset]
            made.seconds = lambda _, seconds=seconds: seconds  # type: ignore[misc]
            if self.scenario.failing:
                made.outcome = lambda _: {
                    "IngestionStatus": "FAILED",
                    "ErrorInfo": {"Type": "QUERY_TIMEOUT", "Message": "no"},
                }

    def _register_folder(self, folder: str, ids: Sequence[str]) -> None:
        datasets = [
            {"datasetid": one, "datasetname": one.removeprefix("id-"), **self._wishes(place, ids)}
            for place, one in enumerate(ids)
        ]
        marker = {"startson": self.scenario.marker} if self.scenario.marker else {}
        self.account.register([{"S3uri": folder, "datasets": datasets, **marker}])

    def _wishes(self, place: int, ids: Sequence[str]) -> dict[str, Any]:
        """Return what a dataset asks for: to be tried again, and to come after the one before."""
        if not self.scenario.ordered:
            return {}
        return {"retries": 1} | ({"after": [ids[place - 1]]} if place else {})

    def _arm(self) -> None:
        account, scenario = self.account, self.scenario
        account.on_call.append(self._called)
        account.on_history.append(self._entered)
        account.on_execution.append(self._ended)
        account.events.deliver_twice = scenario.delivered_twice
        account.events.lose_status_changes = scenario.untold_deaths
        for upset in scenario.upsets:
            account.faults.add(self._fault(upset))
        if scenario.latency:
            account.faults.add(Fault("*", "*", delay=self._latency, slow=self._latency))
        else:
            # Two runs that start at once would get one suffix for their ingestions' ids: read the
            # time at different instants, and answer at the same again.
            account.faults.add(
                Fault(
                    "lambda",
                    "Invoke",
                    when=self._producing,
                    delay=lambda: self.asking * _GRAIN_SECONDS,
                    slow=lambda: (256 - self.asking) * _GRAIN_SECONDS,
                )
            )
        for arrival in [one for one in self.arrivals if not one.state]:
            self._later(arrival.seconds, lambda arrival=arrival: self._arrive(arrival))  # type: ignore[misc]
        if scenario.child == "meanwhile":
            self._later(35, lambda: self._register_folder(CHILD, ["id-child"]))

    def _fault(self, upset: Upset) -> Fault:
        error = {"": None, "lost": NoAnswerError("the answer was lost")}.get(
            upset.error, ServiceError(upset.error)
        )
        return Fault(
            "*",
            "*",
            error=error,
            lost=upset.lost,
            times=upset.times,
            delay=upset.delay or self._latency,
            slow=self._latency,
            stale=upset.stale,
            when=lambda call: (
                call.state == upset.state
                and (upset.run is None or self._number(call.execution_arn) == upset.run)
            ),
        )

    def _latency(self) -> float:
        most = self.scenario.latency
        return self.chance.uniform(0, most) if most and self.chance.random() < 0.6 else 0.0

    def _producing(self, call: Call) -> bool:
        self.asking = 1 + self._number(call.execution_arn) % 255
        return call.state == "Produce Ingestion Parameters"

    def _number(self, arn: str) -> int:
        """Return which run this is, or which run's child, counted from 0; 254: none of both."""
        parent = next((one.parent_arn for one in self.account.children if one.arn == arn), arn)
        runs = [e.execution_arn for e in self._runs()]
        return runs.index(parent) if parent in runs else 254

    def _runs(self) -> list[Any]:
        account = self.account
        return [e for e in account.executions if e.state_machine_arn == account.machine_arn]

    def _later(self, seconds: float, work: Callable[[], Any]) -> None:
        def wait_and_work() -> None:
            if seconds:
                self.account.clock.sleep(seconds)
            work()

        self.account.clock.spawn("explorer", wait_and_work)

    def _arrive(self, arrival: Arrival) -> None:
        if arrival.by_hand:
            folder = f"s3://{BUCKET}/{arrival.key.rpartition('/')[0]}/"
            self.account.start({"folder": folder}, f"by-hand-{len(self.account.executions)}")
        else:
            self.account.drop(arrival.key)

    def _trigger(self, state: str) -> None:
        for arrival in [one for one in self.arrivals if one.state == state]:
            self.arrivals.remove(arrival)
            self._later(arrival.seconds, lambda arrival=arrival: self._arrive(arrival))  # type: ignore[misc]

    def _entered(self, manager: Any, event: Any) -> None:
        entered = event.get("stateEnteredEventDetails")
        if entered is None:
            return
        self._trigger(entered["name"])
        for kill in [one for one in self.kills if one.state == entered["name"]]:
            runs = self._runs()
            if kill.run < len(runs) and _manager_of(runs[kill.run]) is manager:
                self._kill(kill, runs[kill.run])

    def _called(self, call: Call) -> None:
        self.calls[call.execution_arn] += 1
        for kill in [one for one in self.kills if one.call == self.calls[call.execution_arn]]:
            runs = self._runs()
            if kill.run < len(runs) and runs[kill.run].execution_arn == call.execution_arn:
                self._kill(kill, runs[kill.run])

    def _kill(self, kill: Kill, execution: Any) -> None:
        self.kills.remove(kill)

        def stop() -> None:
            if execution.status == "RUNNING":
                self.account.client("stepfunctions").stop_execution(
                    executionArn=execution.execution_arn
                )

        self._later(kill.seconds, stop)

    def _ended(self, execution: Any) -> None:
        if execution.status == "ABORTED":
            self._trigger("death")

    # ------------------------------------------------------------------------------- judging

    def _out_of_order(self, story: Story | None) -> Iterator[str]:
        """Yield each refresh of what comes after another that did not wait for its good end."""
        if story is None or not self.scenario.ordered:
            return
        for run in story.runs.values():
            made: dict[str, list[Entry]] = collections.defaultdict(list)
            for entry in run.ingestions:
                assert entry.call is not None
                made[entry.call.parameters["DataSetId"]].append(entry)
            if child := made["id-1"]:
                good = [self._good_since(entry) for entry in made["id-0"]]
                if not any(end <= child[0].at for end in good):
                    yield f"order: {run.arn} refreshed id-1 before id-0 was good"

    def _good_since(self, created: Entry) -> float:
        """Return when an ingestion ended well; never is later than any time."""
        assert created.call is not None
        dataset = self.account.quicksight.datasets[created.call.parameters["DataSetId"]]
        ingestion = dataset.ingestions[created.call.parameters["IngestionId"]]
        good = ingestion.final["IngestionStatus"] == "COMPLETED"
        return ingestion.ends if good else float("inf")

    def _settle(self) -> list[str]:
        account = self.account
        account.clock.run(until=lambda: len(account.executions) > _MOST_EXECUTIONS)
        if len(account.executions) > _MOST_EXECUTIONS:
            account.clock.stop_all()
            return [f"I3: more than {_MOST_EXECUTIONS} executions: hand-overs do not end"]
        return []

    def _one_more_file(self, leaders: int) -> list[str]:
        """Drop a file into each folder with all faults gone: it must be refreshed."""
        account = self.account
        account.faults.clear()
        for listeners in (account.on_call, account.on_history, account.on_execution):
            listeners.clear()
        account.events.deliver_twice = account.events.lose_status_changes = False
        for dataset in account.quicksight.datasets.values():
            dataset.outcome = None
        position = len(account.journal)
        registered = sorted({d.folder for d in account.quicksight.datasets.values() if d.folder})
        for folder in registered:
            account.drop(f"{_KEYS[folder]}probe.csv")
        account.drop(f"{_STRAY_KEY}probe.csv")
        found = self._settle()
        if found:
            return found
        story = Story(account)
        for dataset in account.quicksight.datasets.values():
            found += self._not_refreshed(story, dataset, position)
        for item in state_items(account):
            if "leader" in item:
                found.append(f"I3: after one more file {item['S3uri']} still has a leader")
            if item["arrivals"] > item["covered"]:
                found.append(f"I1: after one more file {item['S3uri']} still owes a refresh")
        return found + violations(account, leaders, self.scenario.untold_deaths)

    @staticmethod
    def _not_refreshed(story: Story, dataset: Dataset, position: int) -> list[str]:
        succeeded = any(
            sent.position > position
            and mail.subject.startswith("[SUCCESS]")
            and sent.subject in story.runs
            and story.runs[sent.subject].folder == dataset.folder
            for sent, mail in story.mails
        )
        if succeeded and story.created_after(dataset.dataset_id, position):
            return []
        return [f"I3: one more file into {dataset.folder} was not refreshed"]

    # ------------------------------------------------------------------------------- showing

    def _names(self) -> Callable[[str], str]:
        """Return how executions are called: #1, #2 …, their children #1.1 …, !1 for lost runs."""
        names: dict[str, str] = {}
        kinds: collections.Counter[str] = collections.Counter()
        for execution in self.account.executions:
            own = execution.state_machine_arn == self.account.machine_arn
            kind = "#" if own else "!"
            kinds[kind] += 1
            names[execution.execution_arn] = f"{kind}{kinds[kind]}"
        for child in self.account.children:
            parent = names[child.parent_arn]
            kinds[parent] += 1
            names[child.arn] = f"{parent}.{kinds[parent]}"
        return lambda arn: names.get(arn, "")

    def _line(self, entry: Entry, names: Callable[[str], str]) -> str:
        who = names(entry.subject) or "S3"
        text = entry.text if entry.kind == "call" else f"{entry.kind}: {entry.text}"
        if entry.error:
            text += f"  [{entry.error}{'' if entry.applied else ', not applied'}]"
        return f"{entry.at - self.began:10.3f}  {who:6} {text}"


def _manager_of(execution: Any) -> Any:
    worker = execution.exec_worker
    return worker.env.event_manager if worker and worker.env else None


# ------------------------------------------------------------------------------- race windows


def windows_hit(story: Story, entries: Sequence[Entry]) -> collections.Counter[str]:
    """Count how often a call of another run fell into each of the named windows."""
    hits: collections.Counter[str] = collections.Counter()
    for runs in story.by_folder().values():
        for run in runs:
            others = [other for other in runs if other is not run]
            claims = [other.counted for other in others]
            for name, opens, closes in _windows_of(run):
                hits[name] += any(opens < claim < closes for claim in claims)
            hits["take-over race"] += _raced(story, run, others, entries)
    return hits


def _windows_of(run: Run) -> Iterator[tuple[str, int, int]]:
    created = [entry.position for entry in run.ingestions]
    if not created:
        return
    counts = [e.position for e in run.of_state("Count Files") if e.applied]
    last_count = max((p for p in counts if p < created[0]), default=created[0])
    yield "count–ingest", last_count, created[0]
    release = next((e.position for e in run.of_state("Release Folder") if e.applied), None)
    if release is None:
        return
    looks = [e.position for e in run.children_calls if e.position < release]
    yield "last ingest–release", max(looks), release
    start = next((e.position for e in run.of_state("Start Next Run") if e.applied), None)
    if start is not None:
        yield "release–start", release, start


def _raced(story: Story, run: Run, others: Sequence[Run], entries: Sequence[Entry]) -> bool:
    """Tell whether the lead changed between a run's question and its taking over."""
    took = next((entry.position for entry in run.of_state("Take Over Folder")), None)
    asked = max((e.position for e in run.of_state("Ask Leader")), default=None)
    if took is None or asked is None:
        return False
    changes = [other.leads[0] for other in others if other.leads]
    changes += [
        entry.position
        for entry in entries
        if entry.applied
        and entry.text.split(": ")[0] in ("Release Folder", "Withdraw Claim", "Free Folder")
        and entry.call is not None
        and entry.call.parameters["Key"]["S3uri"]["S"] == run.folder
    ]
    return any(asked < change < took for change in changes)


# -------------------------------------------------------------------------------- command line


def explore(
    seeds: Sequence[int], edit: str | None = None, stop_at_first: bool = False
) -> Iterator[Outcome]:
    """Run schedules, those of one deployment after the other."""
    for settle in sorted({settle_of(seed) for seed in seeds}, reverse=True):
        with Explorer(settle) as explorer, explorer.edited(edit):
            for seed in seeds:
                if settle_of(seed) == settle:
                    outcome = explorer.run(seed)
                    yield outcome
                    if stop_at_first and outcome.violations:
                        return


def _print_schedule(outcome: Outcome) -> None:
    click.echo(f"schedule {outcome.seed}: {outcome.scenario}", err=True)
    for line in outcome.trace:
        click.echo(line)
    for violation in outcome.violations:
        click.echo(f"VIOLATED  {violation}")


@click.command()
@click.option("--schedules", default=500, show_default=True, help="How many schedules to run.")
@click.option("--first", default=0, show_default=True, help="The first schedule's number.")
@click.option("--seed", type=int, help="Run this one schedule and print its trace.")
@click.option(
    "--edit", type=click.Choice(sorted(EDITS)), help="Explore a wrong version of the protocol."
)
def main(schedules: int, first: int, seed: int | None, edit: str | None) -> None:
    """Interleave executions of the real state machines (simulated services, virtual time).

    Example: python -m proofs.explorer --schedules 100
    """
    logging.disable(logging.CRITICAL)
    if seed is not None:
        (outcome,) = explore([seed], edit)
        _print_schedule(outcome)
        sys.exit(1 if outcome.violations else 0)
    began = datetime.datetime.now(tz=datetime.UTC)
    seen: set[str] = set()
    hits: collections.Counter[str] = collections.Counter()
    failed: list[Outcome] = []
    with click.progressbar(
        explore(range(first, first + schedules), edit), length=schedules, file=sys.stderr
    ) as outcomes:
        for outcome in outcomes:
            seen.add(outcome.interleaving)
            hits.update(outcome.windows)
            if outcome.violations:
                failed.append(outcome)
    table = Table(title="Schedules of the real state machines (simulated services)")
    table.add_column("what")
    table.add_column("how many", justify="right")
    table.add_row("schedules", str(schedules))
    table.add_row("distinct interleavings", str(len(seen)))
    for window in WINDOWS:
        table.add_row(f"race window {window}", str(hits[window]))
    table.add_row("violations", str(len(failed)))
    Console().print(table)
    for outcome in failed:
        click.echo(f"schedule {outcome.seed} ({outcome.scenario.theme}): {outcome.violations[0]}")
        edited = f" --edit {edit}" if edit else ""
        click.echo(f"  see it: python -m proofs.explorer --seed {outcome.seed}{edited}", err=True)
    click.echo(f"{datetime.datetime.now(tz=datetime.UTC) - began}", err=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
