"""What a run of the refresh did, read from its history: whose files, which datasets, how it ended.

The states and what they ask are those of ``statemachine/sfn.asl.json``.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from qsrefresh import registrations
from qsrefresh.aws import Aws
from qsrefresh.execution_history import RUNNING, Execution, Step, read_execution
from qsrefresh.language import Phrase, Sentence
from qsrefresh.refreshes import DatasetResult, FolderRefresh, Outcome, Trouble, console_link
from qsrefresh.troubles import died, step_failed, unregistered, wrong_registration

#: A Task that gave up → the states where the run then goes on to tell of it.
_TELLING = (
    "Check Ingestion Status",
    "Gather Plain Words",
    "Withdraw Claim",
    "Announce Result",
    "Mail Sent?",
)
#: What AWS answers where this is no failure: somebody else leads, or the first try was applied.
_EXPECTED = {
    "Ask Leader": "Sfn.ExecutionDoesNotExistException",
    "Count Files": "DynamoDB.ConditionalCheckFailedException",
    "Mend Folder": "DynamoDB.ConditionalCheckFailedException",
    "Release Folder": "DynamoDB.ConditionalCheckFailedException",
    "Start Next Run": "StepFunctions.ExecutionAlreadyExistsException",
    "Take Over Folder": "DynamoDB.ConditionalCheckFailedException",
    "Vouch For Leader": "DynamoDB.ConditionalCheckFailedException",
    "Withdraw Claim": "DynamoDB.ConditionalCheckFailedException",
}

#: Where a run ends whose file is not its folder's marker.
_WAITING = "Waiting For Marker"
_ENDS = {
    "Refresh Succeeded": Outcome.SUCCESS,
    "Refresh Failed": Outcome.ERROR,
    "Mail Not Sent": Outcome.ERROR,
    "Joined Running Refresh": Outcome.JOINED,
    "Joined Newer Run": Outcome.JOINED,
    "Folder Ignored": Outcome.NOTHING_TO_DO,
    "Folder Marker Ignored": Outcome.NOTHING_TO_DO,
    _WAITING: Outcome.NOTHING_TO_DO,
}
#: What started a run; the mails' words, where a mail says it.
_ADDED = Phrase(ja="{key} の追加", en="{key} added")
_DELETED = Phrase(ja="{key} の削除", en="{key} deleted")
_CONTINUED = Phrase(
    ja="前の実行の間に届いたファイル", en="files that arrived during the run before"
)
_BY_HAND = Phrase(ja="手動", en="hand")
_BY_NOTHING = Phrase(ja="ファイルを示さない入力", en="an input that names no file")
_BY_OTHERS = Phrase(ja="{given}", en="{given}")
#: As much of ``startedby`` as the machine keeps.
_MOST_OF_STARTEDBY = 100


class Run:
    """One run of the refresh."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self.arn = execution.arn

    # ---- What started it ---------------------------------------------------------------------

    @property
    def key(self) -> str | None:
        """The key of the file that started it."""
        found = at_path(self.execution.input, "detail", "object", "key")
        return found if isinstance(found, str) else None

    @property
    def continues(self) -> str | None:
        """The run that handed late files over to this one."""
        found = at_path(self.execution.input, "continues")
        return found if isinstance(found, str) else None

    @property
    def started_by(self) -> Sentence:
        """What started it."""
        if self.continues:
            return Sentence(_CONTINUED)
        if self.key is not None:
            gone = at_path(self.execution.input, "detail-type") == "Object Deleted"
            return Sentence(_DELETED if gone else _ADDED, {"key": self.key})
        given = at_path(self.execution.input, "startedby")
        if isinstance(given, str) and given:
            return Sentence(_BY_OTHERS, {"given": given[:_MOST_OF_STARTEDBY]})
        by_hand = at_path(self.execution.input, "folder")
        return Sentence(_BY_HAND if by_hand else _BY_NOTHING)

    @property
    def file(self) -> str | None:
        """The name of the file that was added, where it was one."""
        added = at_path(self.execution.input, "detail-type") == "Object Created"
        one = added and not self.continues and self.files in (None, 1)
        return (self.key or "").rpartition("/")[2] or None if one else None

    # ---- What it was for ---------------------------------------------------------------------

    @property
    def drop_folder(self) -> str | None:
        """The folder of the file, or the one given by hand."""
        given = at_path(self.execution.input, "folder")
        if isinstance(given, str):
            return given
        bucket = at_path(self.execution.input, "detail", "bucket", "name")
        if self.key is None or not isinstance(bucket, str):
            return None
        return f"s3://{bucket}/{self.key[: self.key.rfind('/') + 1]}"

    @property
    def lead_folder(self) -> str | None:
        """The folder that it led or joined: the registered one, or the watched one."""
        for name in ("Claim Folder", "Take Over Folder"):
            step = self.execution.step(name)
            found = at_path(step.parameters if step else None, "Key", "S3uri", "S")
            if isinstance(found, str):
                return found
        return None

    @property
    def folder(self) -> str:
        """The folder as people know it: the registered one, or where the file is."""
        registered = self.registered_folder
        return registered or self.drop_folder or self.lead_folder or "-"

    @property
    def registered_folder(self) -> str | None:
        """The folder whose registration counted."""
        step = self._last_look_up
        if step is None or at_path(step.answer, "Item") is None:
            return None
        found = at_path(step.parameters, "Key", "S3uri", "S")
        return found if isinstance(found, str) else None

    @cached_property
    def item(self) -> dict[str, Any] | None:
        """The registration as it was read, None if there was none."""
        step = self._last_look_up
        found = at_path(step.answer if step else None, "Item")
        return found if isinstance(found, dict) else None

    @cached_property
    def _last_look_up(self) -> Step | None:
        """The look-up that counts: the last one that was answered."""
        steps = (step for step in reversed(self.execution.steps) if step.answer is not None)
        return next((step for step in steps if step.name == "Look Up Datasets"), None)

    @property
    def files(self) -> int | None:
        """How many file events it covers."""
        found = at_path(self._check_payload, "fileEvents")
        return found if isinstance(found, int) else None

    # ---- Who leads ---------------------------------------------------------------------------

    @property
    def claim(self) -> Any:
        """The folder's state right after this run counted its file."""
        for name in ("Take Over Folder", "Claim Folder"):
            step = self.execution.step(name)
            if step and (found := at_path(step.answer, "Attributes")) is not None:
                return found
        return None

    @property
    def leader(self) -> str | None:
        """The run that led the folder when this one asked."""
        step = self.execution.step("Ask Leader")
        found = at_path(step.parameters if step else None, "ExecutionArn")
        found = found or at_path(self.claim, "leader", "S")
        return found if isinstance(found, str) else None

    @property
    def leads(self) -> bool:
        """Tell whether it leads its folder, or has led it."""
        return bool(at_path(self.claim, "leader", "S") == self.arn)

    @property
    def arrival(self) -> int | None:
        """The number of its own file event."""
        step = self.execution.step("Claim Folder")
        return _number(at_path(step.answer if step else None, "Attributes", "arrivals"))

    @property
    def covers_up_to(self) -> int | None:
        """The number of the last file event that its refresh covers."""
        step = self.execution.step("Count Files")
        return _number(at_path(step.answer if step else None, "Attributes", "arrivals"))

    @property
    def next_run(self) -> str | None:
        """The run that it started for files that came too late for it."""
        step = self.execution.step("Start Next Run")
        found = at_path(step.answer if step else None, "ExecutionArn")
        return found if isinstance(found, str) else None

    # ---- How it went -------------------------------------------------------------------------

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        if self.execution.status == RUNNING:
            return Outcome.RUNNING
        found = _ENDS.get(self.execution.last_state, Outcome.DIED)
        if found is Outcome.SUCCESS and self.execution.step("Check Ingestion Status") is None:
            return Outcome.NOTHING_TO_DO
        return found

    @property
    def is_refresh(self) -> bool:
        """Tell whether a verdict comes of it: it did not join, and had something to do."""
        if self.outcome is Outcome.RUNNING:
            return self.claim is None or self.leads
        return self.outcome not in (Outcome.JOINED, Outcome.NOTHING_TO_DO)

    @property
    def waited_for_marker(self) -> bool:
        """Tell whether its file started nothing, as it is not its folder's marker."""
        return self.execution.last_state == _WAITING

    @property
    def _check_payload(self) -> Any:
        step = self.execution.step("Check Ingestion Status")
        return at_path(step.parameters if step else None, "Payload")

    @property
    def mail(self) -> tuple[str, str] | None:
        """Subject and text of the mail that SNS took."""
        for name in ("Send Mail With Plain Subject", "Send Mail"):
            step = self.execution.step(name)
            if step and step.answer is not None:
                return str(at_path(step.parameters, "Subject")), str(
                    at_path(step.parameters, "Message")
                )
        return None

    @cached_property
    def given_up(self) -> list[Step]:
        """The steps that failed for good, first first."""
        found = []
        # Who could not claim asks itself first whether the folder's counts are odd.
        steps = [one for one in self.execution.steps if one.name != "Leading This Folder?"]
        for step, then in zip(steps, [*steps[1:], None], strict=True):
            if step.gave_up is None or _EXPECTED.get(step.name) == step.gave_up[0]:
                continue
            if then is None or then.name in _TELLING:
                found.append(step)
        return found

    @cached_property
    def datasets(self) -> list[DatasetResult]:
        """What became of each registered dataset, in the registered order."""
        if self.outcome in (Outcome.JOINED, Outcome.NOTHING_TO_DO):
            return []
        listed = at_path(self._check_payload, "results")
        rows = {
            row.get("datasetid"): row for row in listed or [] if at_path(row, "result") == "dataset"
        }
        nothing = RUNNING if self.outcome is Outcome.RUNNING else "UNKNOWN"
        item = self.item or {}
        names, minima = registrations.dataset_names(item), registrations.minima(item)
        found = []
        for one, before in registrations.order_of(item).items():
            parent = next((each for each in before if not _good(rows, each)), None)
            if one in rows:
                found.append(_result(one, names[one], rows[one], minima[one]))
            elif parent is not None and self._check_payload is not None:
                short = rows.get(parent, {}).get("short") is True
                found.append(
                    DatasetResult(
                        one, names[one], "NOT_STARTED", parent=names[parent], parent_short=short
                    )
                )
            else:
                found.append(DatasetResult(one, names[one], nothing))
        return found

    @property
    def troubles(self) -> list[Trouble]:
        """Why the run did not end well, apart from its datasets; empty if it did."""
        if self.outcome not in (Outcome.ERROR, Outcome.DIED):
            return []
        found = [_gave_up(step) for step in self.given_up]
        if self.outcome is Outcome.DIED:
            found.append(self._death)
        if self.registered_folder is None:
            if self.execution.step("Claim Folder"):
                found.append(unregistered(self.drop_folder, self.lead_folder))
        elif not self.given_up:
            problems = registrations.problems_of(self.item or {})
            found += [wrong_registration(self.folder, problem) for problem in problems]
        return found

    @property
    def _death(self) -> Trouble:
        execution = self.execution
        last = execution.last_state if execution.steps else ""
        return died(execution.status, execution.error, execution.cause, last)

    @property
    def seconds(self) -> int | None:
        """How long it took."""
        return self.refresh.seconds

    @property
    def link(self) -> str:
        """The console's page of it."""
        return console_link(self.arn)

    def as_json(self) -> dict[str, Any]:
        """Return the run for programs."""
        return self.refresh.as_json()

    @property
    def refresh(self) -> FolderRefresh:
        """What people are told of it."""
        return FolderRefresh(
            execution=self.arn,
            folder=self.folder,
            outcome=self.outcome,
            started=self.execution.started,
            ended=self.execution.ended,
            started_by=self.started_by,
            files=self.files,
            file=self.file,
            datasets=self.datasets,
            troubles=self.troubles,
            judged=self._check_payload is not None,
        )


def read_run(aws: Aws, arn: str) -> Run:
    """Return a run."""
    return Run(read_execution(aws, arn))


def _good(rows: Mapping[str, Mapping[str, Any]], dataset_id: str) -> bool:
    """Tell whether a dataset is such that those after it are started: the machine's rule."""
    row = rows.get(dataset_id, {})
    return row.get("status") == "COMPLETED" and row.get("short") is not True


def _result(dataset_id: str, name: str, row: Mapping[str, Any], minimum: int) -> DatasetResult:
    error = row.get("error") or {}
    before = row.get("before")
    return DatasetResult(
        dataset_id,
        name,
        status=str(row.get("status", "UNKNOWN")),
        rows=_whole(row.get("rows")),
        skipped_rows=_whole(row.get("droppedRows")),
        seconds=_whole(row.get("seconds")),
        error_type=str(error.get("type") or ""),
        message=_message(error),
        minimum=minimum,
        short=row.get("short") is True,
        attempts=_whole(row.get("attempts")),
        before=[str(one) for one in before] if isinstance(before, list) else [],
    )


def _message(error: Mapping[str, Any]) -> str:
    """Return an error's message; of a long one the run keeps both ends."""
    message = str(error.get("message") or "")
    if end := error.get("end"):
        left_out = (_whole(error.get("length")) or 0) - len(message) - len(str(end))
        message += f" …[{left_out:,} characters left out]… {end}"
    return message


def _gave_up(step: Step) -> Trouble:
    error, cause = step.gave_up or ("", "")
    return step_failed(step.name, error, cause, len(step.failures))


def at_path(value: Any, *path: str) -> Any:
    """Return a member deep inside a value, None where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _number(value: Any) -> int | None:
    """Return a number as DynamoDB writes it."""
    found = at_path(value, "N")
    return int(found) if isinstance(found, str) else None


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
