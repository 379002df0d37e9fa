"""What must hold after any schedule of runs, faults and kills (one folder registered or many).

I1  a file event that was counted is covered by a refresh whose count included it, or an ERROR mail
    names its folder;
I2  at most one running execution leads a folder;
I3  a dead leader never blocks a folder past the next event, and hand-overs end.

And of a folder that names its marker (``startson``), the marker starts a refresh, and nothing else.

They are checked on what happened, not on what the state machine wrote down of it: in which order
files arrived, ingestions were created, mails accepted and executions ended (``account.journal``).
Of the machine's own words they use which folder a run claimed, and that it means to lead.
"""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from local.account import PROJECT, LocalAccount
from local.core.journal import Entry
from local.services.mail import Mail
from local.services.quicksight import Ingestion
from tests.markers import starts
from tests.workflow import promises

_READ = TypeDeserializer()
_FOLDERS = re.compile(r"s3://[^'\"\n]+/")
_CLAIMS = ("Claim Folder", "Take Over Folder")
_RELEASES = ("Release Folder", "Withdraw Claim")
#: States that only a run enters that believes to lead.
_LEADING = {"Wait Until Next Start", "Release Folder"}
_JOINED = {"Joined Running Refresh", "Joined Newer Run"}
_UNMARKED = "Waiting For Marker"
_IGNORED = {"Folder Marker Ignored", "Folder Ignored", _UNMARKED}
_NEVER = float("inf")


def state_item(account: LocalAccount, folder: str) -> dict[str, Any]:
    """Return what the state table holds for a folder, as plain values."""
    answer = account.client("dynamodb").get_item(
        TableName="sampleproject-refresh-state", Key={"S3uri": {"S": folder}}
    )
    return {key: _READ.deserialize(value) for key, value in answer.get("Item", {}).items()}


def record_item(account: LocalAccount, folder: str) -> dict[str, Any]:
    """Return what the runs of a folder remember, as plain values."""
    return state_item(account, f"{folder}#record")


def state_items(account: LocalAccount) -> list[dict[str, Any]]:
    """Return every lead item of the state table: what decides, without what is remembered."""
    return [
        {key: _READ.deserialize(value) for key, value in item.items()}
        for item in account.items("sampleproject-refresh-state")
        if item["S3uri"]["S"].endswith("/")
    ]


def refreshes(account: LocalAccount, dataset: str) -> list[Ingestion]:
    """Return a dataset's ingestions, oldest first."""
    found = account.quicksight.datasets[dataset].ingestions.values()
    return sorted(found, key=lambda ingestion: ingestion.created)


@dataclass
class Run:
    """One execution of the refresh machine, as the journal tells of it."""

    arn: str
    given: dict[str, Any]
    status: str
    path: list[str]
    started: float
    ended: float = _NEVER
    calls: list[Entry] = field(default_factory=list)
    children_calls: list[Entry] = field(default_factory=list)

    @property
    def ingestions(self) -> list[Entry]:
        """Return how it created each ingestion."""
        return [e for e in self.children_calls if e.applied and e.text.endswith("CreateIngestion")]

    @property
    def continues(self) -> bool:
        """Tell whether another run handed over to this one: by its name, as by hand anyone may."""
        return "continues" in self.given and ":continues-" in self.arn

    @property
    def killed(self) -> bool:
        """Tell whether it ended where it could not tell of it."""
        return self.status in ("ABORTED", "TIMED_OUT")

    @property
    def folder(self) -> str | None:
        """Return the folder whose item it tried to claim, or was sent to claim."""
        for entry in self.of_state("Claim Folder"):
            assert entry.call is not None
            return str(entry.call.parameters["Key"]["S3uri"]["S"])
        return str(self.given["folder"]) if self.continues else None

    def of_state(self, *names: str) -> Iterator[Entry]:
        """Yield its calls in these states."""
        return (entry for entry in self.calls if entry.text.split(": ")[0] in names)

    @property
    def counted(self) -> float:
        """Return when its file was counted."""
        return next((e.position for e in self.of_state("Claim Folder") if e.applied), _NEVER)

    @property
    def leads(self) -> tuple[float, float] | None:
        """Return from when to when it believed to lead its folder."""
        if not _LEADING & set(self.path):
            return None
        begins = max(entry.position for entry in self.of_state(*_CLAIMS) if entry.applied)
        ends = (
            entry.position
            for entry in self.of_state(*_RELEASES)
            if entry.position > begins
            and (entry.applied or entry.error == "ConditionalCheckFailedException")
        )
        replaced = (
            entry.position
            for entry in self.of_state("Count Files")
            if entry.position > begins and entry.error == "ConditionalCheckFailedException"
        )
        return begins, min(next(ends, self.ended), next(replaced, self.ended))

    @property
    def released(self) -> bool:
        """Tell whether its release took effect."""
        return any(entry.applied for entry in self.of_state(*_RELEASES))

    @property
    def gave_up_releasing(self) -> bool:
        """Tell whether it tried to let go of its folder, and could not."""
        return not self.released and any(self.of_state(*_RELEASES))


@dataclass(frozen=True)
class _Told:
    """An ERROR mail: when it was accepted, about which run, by itself or after its death."""

    position: int
    about: str
    by_itself: bool
    folders: frozenset[str]
    text: str


class Story:
    """An account's journal, sorted into runs, file events and mails."""

    def __init__(self, account: LocalAccount) -> None:
        self.account = account
        self.runs: dict[str, Run] = {}
        parents = {child.arn: child.parent_arn for child in account.children}
        for execution in account.executions:
            if execution.state_machine_arn == account.machine_arn:
                given = json.loads(execution.execution_input)
                arn = execution.execution_arn
                path = account.path(execution)
                self.runs[arn] = Run(arn, given, str(execution.status), path, _NEVER)
        self.files: dict[str, tuple[int, str]] = {}
        published = []
        for entry in account.journal:
            run = self.runs.get(parents.get(entry.subject, entry.subject))
            if entry.kind == "file event":
                self.files[entry.subject] = (entry.position, entry.text)
            elif (
                entry.kind == "call"
                and entry.call
                and entry.applied
                and entry.call.operation == "Publish"
            ):
                published.append(entry)
            if run is None:
                continue
            if entry.kind == "call":
                (run.calls if entry.subject == run.arn else run.children_calls).append(entry)
            elif entry.kind == "started":
                run.started = entry.position
            elif entry.kind == "ended":
                run.ended = entry.position
        assert len(published) == len(account.mails), "a mail that no machine sent"
        self.mails = list(zip(published, account.mails, strict=True))
        self.stale = [one for one in self.mails if promises.MACHINE in one[0].subject]
        errors = [one for one in self.mails if _is_error(one[1]) and one not in self.stale]
        self.told = [self._told(*sent) for sent in errors]
        self._last_created: dict[str, int] = {}
        for run in self.runs.values():
            for entry in run.ingestions:
                assert entry.call is not None
                dataset = entry.call.parameters["DataSetId"]
                last = self._last_created.get(dataset, -1)
                self._last_created[dataset] = max(last, entry.position)

    def _told(self, entry: Entry, mail: Mail) -> _Told:
        folders = frozenset(_FOLDERS.findall(mail.message))
        if entry.subject in self.runs:
            return _Told(entry.position, entry.subject, True, folders, mail.message)
        about = next((arn for arn in self.runs if arn in mail.message), "")
        return _Told(entry.position, about, False, folders, mail.message)

    def created_after(self, dataset: str, position: float) -> bool:
        """Tell whether an ingestion of a dataset was created after a position of the journal."""
        return self._last_created.get(dataset, -1) > position

    def by_folder(self) -> dict[str, list[Run]]:
        """Return the runs that claimed each folder."""
        found: dict[str, list[Run]] = {}
        for run in self.runs.values():
            if run.folder is not None:
                found.setdefault(run.folder, []).append(run)
        return found


def check_invariants(account: LocalAccount, leaders: int = 1, untold_deaths: bool = False) -> None:
    """Assert I1 to I3 on an account where nothing runs any more."""
    found = violations(account, leaders, untold_deaths)
    assert found == [], "\n".join(found)


def violations(account: LocalAccount, leaders: int = 1, untold_deaths: bool = False) -> list[str]:
    """Return what does not hold on an account where nothing runs any more.

    Args:
        account: the account.
        leaders: how many may lead at once: 2 where a running leader was believed not to exist.
        untold_deaths: whether the status changes of executions were lost on their way.
    """
    running = [e.execution_arn for e in account.executions if e.status == "RUNNING"]
    if running:
        return [f"still running: {', '.join(running)}"]
    story = Story(account)
    return [
        *_files_forgotten(story, untold_deaths),
        *_owed_unseen(story, untold_deaths),
        *_too_many_leaders(story, leaders),
        *_joined_the_dead(story),
        *_leaders_left(story, untold_deaths),
        *_refreshes_for_nothing(story),
        *_hand_overs_for_nothing(story),
        *_ends_untold(story, untold_deaths),
        *_markers_mistaken(story),
        *promises.violations(story),
    ]


def _is_error(mail: Mail) -> bool:
    return mail.subject.startswith("[ERROR]")


def _files_forgotten(story: Story, untold_deaths: bool) -> Iterator[str]:
    """I1, and I3's first half, for each file event and each start by hand."""
    account = story.account
    watched = f"s3://{account.bucket}/{account.watched}"
    started: dict[str, list[Run]] = {}
    for run in story.runs.values():
        if isinstance(identity := run.given.get("id"), str):
            started.setdefault(identity, []).append(run)
    for identity, (position, key) in story.files.items():
        if not f"s3://{account.bucket}/{key}".startswith(watched):
            continue
        mine = started.get(identity, [])
        folder = f"s3://{account.bucket}/{key.rpartition('/')[0]}/"
        if not _remembered(story, mine, position, folder, untold_deaths):
            yield f"I1: {key} ({identity}) is neither refreshed nor told of"
    for run in story.runs.values():
        by_hand = "folder" in run.given and not run.continues
        if by_hand and not _remembered(
            story, [run], run.started, run.given["folder"], untold_deaths
        ):
            yield f"I1: the start by hand {run.arn} is neither refreshed nor told of"


def _remembered(
    story: Story, mine: list[Run], position: float, folder: str, untold_deaths: bool
) -> bool:
    if mine and all(_IGNORED & set(run.path) for run in mine):
        return True
    locked = next((run.folder for run in mine if run.folder), None)
    datasets = _datasets(story.account, locked or folder)
    if datasets and all(story.created_after(dataset, position) for dataset in datasets):
        return True
    if any(told.position > position and _tells(story, told, mine, locked) for told in story.told):
        return True
    return untold_deaths and _died_with(story, mine, locked)


def _tells(story: Story, told: _Told, mine: list[Run], locked: str | None) -> bool:
    about = story.runs.get(told.about)
    if about is None:
        return False
    if about in mine:
        return bool(told.folders) or _key(about) in told.text
    counted = min((run.counted for run in mine), default=_NEVER)
    if about.folder is None or about.folder != locked or told.position < counted:
        return False
    if not told.by_itself and counted > about.ended:
        return False  # who comes after a leader's death must take over, and not lean on its mail
    return any(folder.startswith(locked) for folder in told.folders)


def _key(run: Run) -> str:
    """Return what names the folder of a run that failed before it read its own input."""
    return str(run.given["detail"]["object"]["key"] if "detail" in run.given else run.arn)


def _died_with(story: Story, mine: list[Run], locked: str | None) -> bool:
    """Tell whether nobody could have known: this run, or the leader it was counted under, died."""
    if all(run.killed for run in mine):
        return True
    counted = min(run.counted for run in mine)
    return any(
        run.killed and run.folder == locked and counted < run.ended for run in story.runs.values()
    )


def _owed_unseen(story: Story, untold_deaths: bool) -> Iterator[str]:
    """An item that owes files, or that somebody still leads, was told of."""
    for item in state_items(story.account):
        folder = item["S3uri"]
        if item.get("arrivals", 0) > item.get("covered", 0) or "leader" in item:
            about = [story.runs[told.about] for told in story.told if told.about in story.runs]
            if not untold_deaths and not any(run.folder == folder for run in about):
                yield f"I1: {folder} waits unseen"


def _too_many_leaders(story: Story, leaders: int) -> Iterator[str]:
    """I2, from when each run believed to lead."""
    for folder, runs in story.by_folder().items():
        changes = []
        for run in runs:
            if run.leads is not None:
                begins, ends = run.leads
                changes += [(begins, 1), (ends, -1)]
        most = max(itertools.accumulate(step for _, step in sorted(changes)), default=0)
        if most > leaders:
            yield f"I2: {most} executions lead {folder} at once"


def _joined_the_dead(story: Story) -> Iterator[str]:
    """I3: who leaves its file to a leader leaves it to one that lived after it was counted."""
    for folder, runs in story.by_folder().items():
        for run in runs:
            if not _JOINED & set(run.path):
                continue
            led = [other.leads for other in runs if other is not run and other.leads]
            alive = any(begins < run.ended and run.counted < ends for begins, ends in led)
            if not alive and not any(_tells(story, told, [run], folder) for told in story.told):
                yield f"I3: {run.arn} left its file to a dead leader of {folder}"


def _leaders_left(story: Story, untold_deaths: bool) -> Iterator[str]:
    """I3: whoever could let go of its folder did."""
    for item in state_items(story.account):
        run = story.runs.get(item.get("leader", ""))
        if run is None or run.gave_up_releasing or (run.killed and untold_deaths):
            continue
        yield f"I3: {run.arn} ended and still leads {item['S3uri']}"


def _refreshes_for_nothing(story: Story) -> Iterator[str]:
    """Each refresh that was released covered a file event of its own."""
    for folder, runs in story.by_folder().items():
        refreshed = [run for run in runs if run.ingestions and run.released]
        events = _counted_events(runs)
        if len(refreshed) > events:
            yield f"waste: {len(refreshed)} refreshes of {folder} for {events} file events"


def _counted_events(runs: list[Run]) -> int:
    """Return how often a file event was counted; a retried count may count twice."""
    return sum(
        entry.applied for run in runs if not run.continues for entry in run.of_state("Claim Folder")
    )


def _hand_overs_for_nothing(story: Story) -> Iterator[str]:
    """I3's second half: each hand-over has a cause of its own, so they end."""
    for folder, runs in story.by_folder().items():
        started = [e for run in runs for e in run.of_state("Start Next Run") if e.applied]
        causes = _counted_events(runs) + sum(
            entry.error == "ConditionalCheckFailedException"
            for run in runs
            for entry in run.of_state(*_RELEASES)
        )
        causes += sum(entry.error != "" for entry in started)
        if len(started) > causes:
            yield f"I3: {len(started)} hand-overs of {folder} for {causes} causes"


def _ends_untold(story: Story, untold_deaths: bool) -> Iterator[str]:
    """Whoever failed is told of, and whoever refreshed sent a mail."""
    for run in story.runs.values():
        if run.killed and untold_deaths:
            continue
        told = any(told.about == run.arn for told in story.told)
        if run.status != "SUCCEEDED" and not told:
            if not untold_deaths or not {"Mail Not Sent"} & set(run.path):
                yield f"silent: {run.arn} ended as {run.status} and nobody was told"
        elif (
            run.ingestions
            and not told
            and not any(entry.subject == run.arn for entry, _ in story.mails)
        ):
            yield f"silent: {run.arn} refreshed and sent no mail"


def _markers_mistaken(story: Story) -> Iterator[str]:
    """Who waits for a marker is none, and who claims a folder that names one is it."""
    items = story.account.items(f"{PROJECT}-parameters")
    markers = {item["S3uri"]["S"]: item.get("startson", {}).get("S") for item in items}
    for run in story.runs.values():
        if "detail" not in run.given:
            continue
        key = run.given["detail"]["object"]["key"]
        above = _upwards(f"s3://{story.account.bucket}/{key.rpartition('/')[0]}/")
        marker = next((markers[folder] for folder in above if folder in markers), None)
        starting = marker is None or starts(marker, run.given)
        if _UNMARKED in run.path and starting:
            yield f"marker: {key} should start a refresh, and waited for a marker"
        if run.folder is not None and not starting:
            yield f"marker: {key} is not {marker}, and started a refresh"


def _upwards(folder: str) -> list[str]:
    names = folder.removeprefix("s3://").strip("/").split("/")
    return [f"s3://{'/'.join(names[:length])}/" for length in range(len(names), 2, -1)]


def _datasets(account: LocalAccount, folder: str) -> list[str]:
    """Return the datasets over the nearest folder that ever was registered."""
    for candidate in _upwards(folder):
        found = account.quicksight.datasets.values()
        here = [dataset.dataset_id for dataset in found if dataset.folder == candidate]
        if here:
            return here
    return []
