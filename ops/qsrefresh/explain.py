"""Tell in plain words what a run did, step by step, and why it ended as it did."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from qsrefresh.advice import advice, ways
from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError, OperatorError
from qsrefresh.execution_history import RUNNING, Execution, Step, read_execution
from qsrefresh.language import FOR_PROGRAMS, Phrase, Sentence, Voice
from qsrefresh.project import Project
from qsrefresh.refresh_run import Run, at_path, read_run
from qsrefresh.refreshes import DatasetResult, Outcome
from qsrefresh.step_sentences import sentence_about

#: In the name: what AWS allows there (StartExecution) and nobody puts around a link.
_ARN = re.compile(
    r"arn:[a-z-]+:states:([a-z0-9-]+):[0-9]{12}:execution:[^:\s]+:([A-Za-z0-9_.+=@-]+)"
)
_NAME = re.compile(r"[A-Za-z0-9_.+=@-]{1,80}")
#: How people end a sentence, and some mail programs a link.
_ENDS = ".…_"
#: What people put around a name, and what nobody sees.
_AROUND = " \t\r\n<>()[]{}\"'`“”‘’「」『』（）＜＞。、．，,;:!?！？"
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
#: A broken line of a mail: its end, perhaps marked; quotes before the next one; indentation.
_BREAK = re.compile(r"=?\r?\n[>\s]*|\s+")
#: A link may stand, quoted, in a link that stands in another one.
_MOST_QUOTED = 3
_DEATHS = {
    "ABORTED": Phrase("止められました", "was stopped"),
    "TIMED_OUT": Phrase("時間切れになりました", "ran out of time"),
}
_DIED = Phrase("予期しないエラーで終わりました", "ended with an unexpected error")
_PART_DIED = Phrase(
    "このデータセットの処理は、ステップ「{step}」で{how}{more}",
    "its part of the run {how} in the step {step}{more}",
)
_ABOUT = Phrase("{name}: {text}", "{name}: {text}")
_STARTED = Phrase("更新 {id} を開始しました", "refresh {id} started")
_LOOKS = Phrase("{n}回確かめました: {seen}", "{n} look{s}: {seen}")
_REFRESHES = Phrase("{n}件のデータセットを更新します", "it refreshes {n} dataset{s}")
_FIRST_WAVE = Phrase(
    "{text}（第1群: 先に更新するものがないもの）", "{text}; wave 1: those that come after no other"
)
_NEXT_WAVE = Phrase(
    "{text}（第{place}群: その次のもの）", "{text}; wave {place}: what comes after those"
)
_FAILED = Phrase(
    "{step} が失敗しました（{error}{cause}）{often}。{then}",
    "{step} failed{often} with {error}{cause}; {then}",
)
_OFTEN = Phrase("、{n}回", " {n} times")
_GAVE_UP = Phrase("このステップはあきらめました", "the step gave up")
_TRIED_AGAIN = Phrase("やり直しました", "it was tried again")
_WORKED_THEN = Phrase("やり直して成功しました", "it was tried again, and that worked")
_ALL_GOOD = Phrase(
    "登録されたすべてのデータセットを、すべての行まで更新しました",
    "every registered dataset was refreshed with every row",
)
_STILL_RUNNING = Phrase(
    "まだ実行中です（ステップ「{step}」）", "it is still running, in the step {step}"
)
_JOINED = Phrase(
    "別の実行がこのフォルダを担当し、このファイルの分も更新します。メールもその実行のものです:"
    " qsrefresh explain {leader}",
    "another run led the folder: it covers this file, and its mail counts:"
    " qsrefresh explain {leader}",
)
_NO_MAIL = Phrase(
    "この実行は、自分でメールを送れませんでした。2つ目のステートマシンが送ります",
    "it could not mail about it itself; the second state machine does",
)
_IDLE = {
    "Folder Ignored": Phrase(
        "無視するフォルダとして登録されているため、更新もメールもしません",
        "the folder is registered to be ignored: no refresh and no mail",
    ),
    "Folder Marker Ignored": Phrase(
        "フォルダの目印のファイルなので、更新もメールもしません",
        "the file only marks a folder: no refresh and no mail",
    ),
    "Waiting For Marker": Phrase(
        "更新を始めるファイル（登録の startson）ではないため、更新もメールもしません",
        "this is not the file that starts a refresh (startson of the registration): no refresh and"
        " no mail",
    ),
}
_COVERED = Phrase(
    "このファイルは、別の実行がすでに反映していました。更新もメールもしません",
    "another run had covered the file already: no refresh and no mail",
)


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: datetime
    step: str
    text: Sentence

    def as_json(self) -> dict[str, Any]:
        """Return the line for programs."""
        return {"at": self.at, "step": self.step, "text": FOR_PROGRAMS.tell(self.text)}


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
    def death(self) -> Sentence | None:
        """How it died, if it did."""
        status = self.execution.status
        if status in (RUNNING, "SUCCEEDED"):
            return None
        more = f" ({self.told})" if self.told else ""
        how, step = _DEATHS.get(status, _DIED), self.execution.last_state
        return Sentence(_PART_DIED, {"how": how, "step": step, "more": more})

    @property
    def told(self) -> str:
        """What AWS said of its end."""
        parts = (self.execution.error, self.execution.cause)
        return ": ".join(part for part in parts if part and part != "Unknown")

    @property
    def message(self) -> str:
        """QuickSight's whole message, of which the run keeps both ends; empty if it gave none."""
        looks = (step.answer for step in self.execution.steps if step.name == "Check Ingestion")
        found = [at_path(answer, "Ingestion", "ErrorInfo", "Message") for answer in looks]
        return str(found[-1] or "") if found else ""

    def lines(self) -> Iterator[Line]:
        """Yield what happened to the dataset's refresh."""
        name = at_path(self.execution.input, "datasetname")
        looks: list[str] = []

        def about(at: datetime, step: str, text: Sentence) -> Line:
            return Line(at, step, Sentence(_ABOUT, {"name": name, "text": text}))

        for step in self.execution.steps:
            for attempt in step.attempts:
                status = at_path(attempt.answer, "Ingestion", "IngestionStatus")
                if step.name == "Check Ingestion" and isinstance(status, str):
                    looks.append(status)
            if step.name == "Start Ingestion" and step.answer is not None:
                started = at_path(step.parameters, "IngestionId")
                yield about(step.entered, step.name, Sentence(_STARTED, {"id": started}))
            for line in _failures(step):
                yield about(line.at, line.step, line.text)
        last = self.execution.ended or self.execution.started
        if looks:
            seen, n = " → ".join(dict.fromkeys(looks)), len(looks)
            text = Sentence(_LOOKS, {"n": n, "s": "s" * (n > 1), "seen": seen})
            yield about(last, "Check Ingestion", text)
        if self.death:
            yield about(last, self.execution.last_state, self.death)


class Explanation:
    """What is told about a run.

    Attributes:
        parts: what was done for each dataset.
        refresh: what became of it, with QuickSight's messages whole.
    """

    def __init__(self, project: Project, run: Run, parts: list[Part]) -> None:
        self.run = run
        self._project = project
        self.parts = parts
        of_dataset = {one.dataset_id: one for one in parts}
        whole = [_whole(one, of_dataset.get(one.id)) for one in run.datasets]
        self.refresh = replace(run.refresh, datasets=whole)

    def lines(self) -> list[Line]:
        """Return what happened, in order."""
        found = []
        for step in self.run.execution.steps:
            text = sentence_about(step, self.run)
            if text:
                found.append(Line(step.exited or step.entered, step.name, text))
            if step.map_run:
                wave = [part for part in self.parts if part.map_run == step.map_run]
                found.append(Line(step.entered, step.name, self._refreshes(step, len(wave))))
                told = [line for part in wave for line in part.lines()]
                found += sorted(told, key=lambda line: line.at)
            found += _failures(step)
        return found

    def _refreshes(self, step: Step, number: int) -> Sentence:
        """Return how many datasets a step refreshes; where they come in waves, which it is."""
        text = Sentence(_REFRESHES, {"n": number, "s": "s" * (number != 1)})
        waves = [one.map_run for one in self.run.execution.steps if one.map_run]
        if len(waves) == 1:
            return text
        place = waves.index(str(step.map_run)) + 1
        words = _FIRST_WAVE if place == 1 else _NEXT_WAVE
        return Sentence(words, {"text": text, "place": place})

    def why(self) -> list[str]:
        """Return why it ended as it did, as programs read it."""
        plain = self._plainly()
        return [FOR_PROGRAMS.tell(one) for one in plain] if plain else self._causes()

    def lines_of_why(self, voice: Voice) -> list[str]:
        """Return why it ended as it did and what to do about it, as people read it."""
        told = [f"・{voice.tell(one)}" for one in self._plainly()]
        if told:
            return told
        advised = advice([self.refresh], self._project)
        lines = [line for one in advised for line in one.lines(voice)]
        if self._mailed_by_another:
            lines.append(voice.say(_NO_MAIL))
        return [*lines, *ways(voice, self.refresh.folder, advised)]

    def as_json(self) -> dict[str, Any]:
        """Return the explanation for programs."""
        advised = advice([self.refresh], self._project)
        return {
            **self.refresh.as_json(),
            "mailSubject": self.run.mail[0] if self.run.mail else None,
            "steps": [line.as_json() for line in self.lines()],
            "why": self.why(),
            "advice": [one.as_json(FOR_PROGRAMS) for one in advised],
        }

    def _plainly(self) -> list[Sentence]:
        """Return why, where nothing went wrong."""
        run = self.run
        if run.outcome is Outcome.SUCCESS:
            return [Sentence(_ALL_GOOD)]
        if run.outcome is Outcome.RUNNING:
            return [Sentence(_STILL_RUNNING, {"step": run.execution.last_state})]
        if run.outcome is Outcome.JOINED:
            return [Sentence(_JOINED, {"leader": run.leader})]
        if run.outcome is Outcome.NOTHING_TO_DO:
            return [Sentence(_IDLE.get(run.execution.last_state, _COVERED))]
        return []

    def _causes(self) -> list[str]:
        more = [_NO_MAIL.en] if self._mailed_by_another else []
        return [*self.refresh.causes, *more]

    @property
    def _mailed_by_another(self) -> bool:
        died = self.run.outcome is Outcome.DIED
        return died or self.run.execution.last_state == "Mail Not Sent"


def _whole(one: DatasetResult, part: Part | None) -> DatasetResult:
    """Return what became of a dataset as its own part of the run knows it."""
    if part is None:
        return one
    if part.death and one.status == "UNKNOWN":
        return replace(one, death=part.death, message=part.told)
    return replace(one, message=part.message) if part.message and one.error_type else one


def explain(aws: Aws, project: Project, text: str) -> Explanation:
    """Return what there is to tell about a run.

    Args:
        aws: where the run is.
        project: whose run it is.
        text: an execution's ARN or name, or a link to it as the mails have it, with whatever a
            mail program or a person put around it.

    Raises:
        OperatorError: it is none of these, or AWS does not know that run (any more).
    """
    arns = _meant(aws, project, text)
    for arn in arns:
        try:
            run = read_run(aws, _refresh_arn(aws, project, arn))
        except AwsError as error:
            if error.code in ("ExecutionDoesNotExist", "InvalidArn"):
                continue
            raise
        map_runs = [step.map_run for step in run.execution.steps if step.map_run]
        return Explanation(project, run, [part for one in map_runs for part in _parts(aws, one)])
    raise OperatorError(
        f"AWS knows no run {arns[0]}",
        "AWS keeps runs for 90 days; those of a folder: qsrefresh history FOLDER --json",
    )


def _meant(aws: Aws, project: Project, text: str) -> list[str]:
    """Return the executions that may be meant, the likeliest first."""
    found = list(dict.fromkeys(_arns(text)))
    if not found:
        name = _UNSEEN.sub("", text).strip(_AROUND)
        if not _NAME.fullmatch(name):
            raise OperatorError(
                f"{text} is neither an execution nor a link to one",
                "give the link of the mail in quotes, or one from qsrefresh history FOLDER --json",
            )
        machine = project.refresh_machine_arn
        found = [machine.replace(":stateMachine:", ":execution:") + f":{name}"]
    region = found[0].split(":")[3]
    if region != aws.region:
        raise OperatorError(
            f"that run is in the Region {region}, and this command works in {aws.region}",
            f"qsrefresh --region {region} explain …",
        )
    return found


def _arns(text: str) -> Iterator[str]:
    """Yield what an ARN in a text may be: a line may have broken in it, or right behind it."""
    shown = _UNSEEN.sub("", text)
    for one in (_BREAK.sub("", shown), shown):
        for _ in range(_MOST_QUOTED):
            if found := _ARN.search(one):
                yield found[0].rstrip(_ENDS)
                yield found[0]
                break
            one = unquote(one)


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


# ---- What failed in a step ---------------------------------------------------------------------


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
        last = step.gave_up and step.gave_up[0] == error
        then = _GAVE_UP if last else _TRIED_AGAIN if step.gave_up else _WORKED_THEN
        values = {
            "step": step.name,
            "often": Sentence(_OFTEN, {"n": len(times)}) if len(times) > 1 else "",
            "error": error,
            "cause": f": {causes[error]}" if causes[error] else "",
            "then": then,
        }
        yield Line(times[-1], step.name, Sentence(_FAILED, values))
