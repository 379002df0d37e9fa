"""Tell in plain words what a run did, step by step, and why it ended as it did."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError, OperatorError
from qsrefresh.execution_history import RUNNING, Execution, Step, read_execution
from qsrefresh.language import Voice
from qsrefresh.project import Project
from qsrefresh.refresh_run import Run, at_path, read_run
from qsrefresh.refreshes import DatasetResult, Outcome
from qsrefresh.registrations import is_ignored

_ARN = re.compile(r"arn:[a-z-]+:states:([a-z0-9-]+):[0-9]{12}:execution:([^:\s]+):[^\s:?&#\"'<>]+")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_MINUTE = 60
_DEATHS = {"ABORTED": "was stopped", "TIMED_OUT": "ran out of time"}


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: datetime
    step: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the line for programs."""
        return {"at": self.at, "step": self.step, "text": self.text}


@dataclass(frozen=True)
class Part:
    """What one child execution of the Map did for its dataset."""

    execution: Execution
    map_run: str

    @property
    def dataset_id(self) -> str:
        """The dataset."""
        return str(at_path(self.execution.input, "datasetid"))

    @property
    def death(self) -> str | None:
        """How it died, if it did."""
        status = self.execution.status
        if status in (RUNNING, "SUCCEEDED"):
            return None
        how = _DEATHS.get(status, "ended with an unexpected error")
        told = ": ".join(part for part in (self.execution.error, self.execution.cause) if part)
        more = f" ({told})" if told and told != "Unknown" else ""
        return f"its part of the run {how} in the step {self.execution.last_state}{more}"

    @property
    def error(self) -> str:
        """QuickSight's whole error, of which the run keeps both ends; empty if it gave none."""
        looks = (step.answer for step in self.execution.steps if step.name == "Check Ingestion")
        found = [at_path(answer, "Ingestion", "ErrorInfo") for answer in looks]
        info = found[-1] if found else None
        parts = (at_path(info, "Type"), at_path(info, "Message"))
        return ": ".join(str(part) for part in parts if part)

    def lines(self) -> Iterator[Line]:
        """Yield what happened to the dataset's refresh."""
        name = at_path(self.execution.input, "datasetname")
        looks: list[str] = []
        for step in self.execution.steps:
            for attempt in step.attempts:
                status = at_path(attempt.answer, "Ingestion", "IngestionStatus")
                if step.name == "Check Ingestion" and isinstance(status, str):
                    looks.append(status)
            if step.name == "Start Ingestion" and step.answer is not None:
                text = f"refresh {at_path(step.parameters, 'IngestionId')} started"
                yield Line(step.entered, step.name, f"{name}: {text}")
            for line in _failures(step):
                yield Line(line.at, line.step, f"{name}: {line.text}")
        last = self.execution.ended or self.execution.started
        if looks:
            seen = " → ".join(dict.fromkeys(looks))
            number = f"{len(looks)} look{'s' * (len(looks) > 1)}"
            yield Line(last, "Check Ingestion", f"{name}: {number}: {seen}")
        if self.death:
            yield Line(last, self.execution.last_state, f"{name}: {self.death}")


class Explanation:
    """What is told about a run."""

    def __init__(self, run: Run, parts: list[Part]) -> None:
        self.run = run
        self.parts = parts
        self._of_dataset = {part.dataset_id: part for part in parts}

    def lines(self) -> list[Line]:
        """Return what happened, in order."""
        found = []
        for step in self.run.execution.steps:
            tell = _TELLERS.get(step.name)
            text = tell(step, self.run) if tell and not _failed(step) else None
            if text:
                at = step.entered if step.map_run else step.exited or step.entered
                found.append(Line(at, step.name, text))
            found += _failures(step)
            if step.map_run:
                wave = [part for part in self.parts if part.map_run == step.map_run]
                parts = [line for part in wave for line in part.lines()]
                found += sorted(parts, key=lambda line: line.at)
        return found

    def why(self) -> list[str]:
        """Return why it ended as it did."""
        run = self.run
        if run.outcome is Outcome.SUCCESS:
            return ["every registered dataset was refreshed with every row"]
        if run.outcome is Outcome.RUNNING:
            return [f"it is still running, in the step {run.execution.last_state}"]
        if run.outcome is Outcome.JOINED:
            return [
                "another run led the folder: it covers this file, and its mail counts:"
                f" qsrefresh explain {run.leader}"
            ]
        if run.outcome is Outcome.NOTHING_TO_DO:
            return [_nothing_to_do(run)]
        told = {
            f"{one.name}: {one.cause}": f"{one.name}: {self._whole(one)}" for one in run.datasets
        }
        found = [told.get(cause, cause) for cause in run.causes]
        if run.outcome is Outcome.DIED or run.execution.last_state == "Mail Not Sent":
            found.append("it could not mail about it itself; the second state machine does")
        return found

    def _whole(self, one: DatasetResult) -> str | None:
        """Return why a dataset was not refreshed, as its own part of the run knows it."""
        part = self._of_dataset.get(one.id)
        if part and part.death and one.status == "UNKNOWN":
            return part.death
        return replace(one, error=part.error).cause if part and part.error else one.cause

    def as_json(self) -> dict[str, Any]:
        """Return the explanation for programs."""
        return {
            **self.run.as_json(),
            "mailSubject": self.run.mail[0] if self.run.mail else None,
            "steps": [line.as_json() for line in self.lines()],
            "why": self.why(),
        }


def explain(aws: Aws, project: Project, text: str) -> Explanation:
    """Return what there is to tell about a run.

    Args:
        aws: where the run is.
        project: whose run it is.
        text: an execution's ARN or name, or a link to it as the mails have it.

    Raises:
        OperatorError: it is none of these, or AWS does not know that run (any more).
    """
    arn = _arn(aws, project, text)
    try:
        run = read_run(aws, _refresh_arn(aws, project, arn))
    except AwsError as error:
        if error.code in ("ExecutionDoesNotExist", "InvalidArn"):
            raise OperatorError(
                f"AWS knows no run {arn}",
                "AWS keeps runs for 90 days; those of a folder: qsrefresh history FOLDER --json",
            ) from error
        raise
    map_runs = [step.map_run for step in run.execution.steps if step.map_run]
    return Explanation(run, [part for one in map_runs for part in _parts(aws, one)])


def _arn(aws: Aws, project: Project, text: str) -> str:
    found = _ARN.search(unquote(text))
    if found is None:
        if not _NAME.fullmatch(text):
            raise OperatorError(
                f"{text} is neither an execution nor a link to one",
                "give the link of the mail in quotes, or one from qsrefresh history FOLDER --json",
            )
        machine = project.refresh_machine_arn
        return machine.replace(":stateMachine:", ":execution:") + f":{text}"
    if found[1] != aws.region:
        raise OperatorError(
            f"that run is in the Region {found[1]}, and this command works in {aws.region}",
            f"qsrefresh --region {found[1]} explain …",
        )
    return found[0]


def _refresh_arn(aws: Aws, project: Project, arn: str) -> str:
    """Return the refresh run behind an execution: itself, or the one that it belongs to."""
    machine = arn.rpartition(":")[0].replace(":execution:", ":stateMachine:")
    if machine == project.lost_run_machine_arn:
        lost = at_path(read_execution(aws, arn).input, "detail", "executionArn")
        return str(lost)
    if machine.startswith(f"{project.refresh_machine_arn}/"):
        child = aws.call("stepfunctions", "describe_execution", executionArn=arn)
        run = aws.call("stepfunctions", "describe_map_run", mapRunArn=child["mapRunArn"])
        return str(run["executionArn"])
    if machine != project.refresh_machine_arn:
        raise OperatorError(
            f"{arn} is no run of project {project.id}",
            "another project? Say which one with --project",
        )
    return arn


def _parts(aws: Aws, map_run: str) -> Iterator[Part]:
    for one in aws.members("stepfunctions", "list_executions", "executions", mapRunArn=map_run):
        yield Part(read_execution(aws, one["executionArn"]), map_run)


# ---- Sentences ---------------------------------------------------------------------------------


def _failed(step: Step) -> bool:
    return step.gave_up is not None


def _failures(step: Step) -> Iterator[Line]:
    """Yield what failed in a step: each error once, and whether it was tried again."""
    errors: dict[str, list[datetime]] = {}
    causes = {}
    for attempt in step.failures:
        errors.setdefault(str(attempt.error), []).append(attempt.ended or attempt.at)
        causes[attempt.error] = attempt.cause
    if step.error:
        errors[step.error], causes[step.error] = [step.exited or step.entered], step.cause
    for error, times in errors.items():
        cause = f": {causes[error]}" if causes[error] else ""
        often = f" {len(times)} times" if len(times) > 1 else ""
        last = step.gave_up and step.gave_up[0] == error
        then = "the step gave up" if last else "it was tried again, and that worked"
        if not last and step.gave_up:
            then = "it was tried again"
        yield Line(times[-1], step.name, f"{step.name} failed{often} with {error}{cause}; {then}")


def _looked_up(step: Step, run: Run) -> str | None:
    folder = at_path(step.parameters, "Key", "S3uri", "S")
    item = at_path(step.answer, "Item")
    for before in itertools.takewhile(lambda one: one is not step, run.execution.steps):
        same = (before.name, before.parameters) == (step.name, step.parameters)
        if same and at_path(before.answer, "Item") == item:
            return None  # read again, and nothing new
    if not isinstance(item, dict):
        return f"nothing is registered for {folder}"
    if is_ignored(item):
        return f"{folder} is registered to be ignored"
    listed = ", ".join(one.name for one in run.datasets) or "no dataset that can be refreshed"
    return f"registered for {folder}: {listed}"


def _claimed(step: Step, run: Run) -> str:
    if at_path(step.answer, "Attributes", "leader", "S") == run.arn:
        return f"it takes the lead of {run.lead_folder} (file event number {run.arrival})"
    return f"another run leads {run.lead_folder}: {run.leader}"


def _waited(what: str) -> Callable[[Step, Run], str | None]:
    def tell(step: Step, _: Run) -> str | None:
        if step.exited is None:
            return f"it waits {what}"
        seconds = (step.exited - step.entered).total_seconds()
        return f"it waited {Voice().span(seconds)} {what}" if seconds >= 1 else None

    return tell


def _asked(step: Step, _: Run) -> str:
    return f"the run that leads is {at_path(step.answer, 'Status')}"


def _counted(step: Step, _: Run) -> str:
    number = at_path(step.answer, "Attributes", "arrivals", "N")
    return f"it counts the file events up to number {number}"


def _refreshes(step: Step, run: Run) -> str:
    number = len(run.datasets)
    text = f"it refreshes {number} dataset{'s' * (number != 1)}"
    waves = [one.map_run for one in run.execution.steps if one.map_run]
    place = waves.index(step.map_run) + 1 if step.map_run in waves else 1
    if place > 1:
        return f"wave {place}: what comes after those"
    return f"{text}; wave 1: those that come after no other" if len(waves) > 1 else text


def _judged(step: Step, _: Run) -> str:
    payload = at_path(step.answer, "Payload")
    return f"the results are judged: {'good' if at_path(payload, 'Status') else 'not good'}"


def _sent(step: Step, _: Run) -> str:
    return f"mail sent: {at_path(step.parameters, 'Subject')}"


def _started_next(_: Step, run: Run) -> str:
    return f"files came during the refresh; the next run is for them: {run.next_run}"


def _looked(step: Step, _: Run) -> str:
    found = {
        name: at_path(step.answer, "Item", name, "N") or "none"
        for name in ("arrivals", "covered", "vouched")
    }
    return (
        f"of {found['arrivals']} file events {found['covered']} are covered, and the run that leads"
        f" is known to have lived after number {found['vouched']}"
    )


def _silent(_step: Step, _run: Run) -> None:
    return None


def _says(text: str) -> Callable[[Step, Run], str]:
    return lambda _step, _run: text


def _prepared(step: Step, _: Run) -> str:
    return f"the folder is {at_path(step.answer, 'Payload', 'targetPrefix')}"


def _nothing_to_do(run: Run) -> str:
    texts = {
        "Folder Ignored": "the folder is registered to be ignored: no refresh and no mail",
        "Folder Marker Ignored": "the file only marks a folder: no refresh and no mail",
    }
    idle = "another run had covered the file already: no refresh and no mail"
    return texts.get(run.execution.last_state, idle)


#: What to tell of a step that went well; every Task has an entry.
_TELLERS: dict[str, Callable[[Step, Run], str | None]] = {
    "Produce Ingestion Parameters": _prepared,
    "Look Up Datasets": _looked_up,
    "List Registered Folders": _says("it looks for a registered folder that looks like this one"),
    "Claim Folder": _claimed,
    "Mend Folder": _says("it mends the folder's counts, which no run can have written"),
    "Wait Before Asking": _waited("before it looked whether its file is in good hands"),
    "Look At Folder": _looked,
    "Ask Leader": _asked,
    "Vouch For Leader": _says("it tells the others that wait that the run lives"),
    "Joined Running Refresh": _says("it joins that run"),
    "Take Over Folder": _says("it takes the lead from a run that ended without giving it back"),
    "Joined Newer Run": _says("a newer run took the lead first: it joins that one"),
    "Withdraw Claim": _says("it gives the lead back"),
    "Wait Until Next Start": _waited("because the folder's last refresh started not long before"),
    "Wait For More Files": _waited("for more files"),
    "Count Files": _counted,
    "Recall Last Run": _silent,
    "Refresh Each Dataset": _refreshes,
    "Check Ingestion Status": _judged,
    "Compose Plain Mail": _says("it writes a plain mail, without the function"),
    "Send Mail": _sent,
    "Send Mail With Plain Subject": _sent,
    "Remember Run": _silent,
    "Release Folder": _says("it gives the lead back"),
    "Look For Waiting Files": _says("it looks whether files came during the refresh"),
    "Start Next Run": _started_next,
}
