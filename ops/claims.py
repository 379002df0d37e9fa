"""Lines of docs/needs-aws.md that one refresh in a real account settles: what make smoke saw.

Each claim stands in that page, word for word. What cannot be seen (no file was dropped, no dataset
ended) is no failure of the claim.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError
from qsrefresh.execution_history import Step
from qsrefresh.explain import Explanation
from qsrefresh.project import Project
from qsrefresh.refresh_run import at_path

#: What the look cannot tell.
_NOT_SEEN = "not seen"
#: A word that stands in both definitions.
_JAPANESE = "更新"
_FUNCTIONS = ("Produce Ingestion Parameters", "Check Ingestion Status")


@dataclass(frozen=True)
class Evidence:
    """What is there to look at after a refresh; ``key`` is that of the dropped file, if any."""

    aws: Aws
    project: Project
    refresh: Explanation
    key: str | None

    @property
    def children(self) -> Iterator[Step]:
        """The states of the Map's children, one dataset after the other."""
        for part in self.refresh.parts:
            yield from part.execution.steps

    def passed(self, name: str) -> bool:
        """Tell whether the run left a state without an error."""
        step = self.refresh.run.execution.step(name)
        return bool(step and step.exited and not step.gave_up)

    def ingestion(self) -> tuple[str, str] | None:
        """Return dataset and id of an ingestion that this refresh started."""
        for step in self.children:
            if step.name == "Start Ingestion" and step.answer is not None:
                return step.parameters["DataSetId"], step.parameters["IngestionId"]
        return None


@dataclass(frozen=True)
class Claim:
    """A claim: what the page says, what is expected, and how to look.

    Attributes:
        look: returns what was seen, and whether that is as expected; None where nothing was.
    """

    text: str
    expected: str
    look: Callable[[Evidence], tuple[str, bool | None]]


@dataclass(frozen=True)
class Finding:
    """What was seen of a claim."""

    claim: Claim
    seen: str
    good: bool | None

    @property
    def row(self) -> tuple[str, str, str, str]:
        """The claim as a line of a table."""
        mark = {True: "✓", False: "✗", None: "?"}[self.good]
        return mark, self.claim.text, self.claim.expected, self.seen


def findings(evidence: Evidence) -> Iterator[Finding]:
    """Yield what was seen of every claim; a look that is refused sees nothing."""
    for claim in CLAIMS:
        try:
            yield Finding(claim, *claim.look(evidence))
        except AwsError as error:
            yield Finding(claim, f"{_NOT_SEEN}: {error.message}", None)


def _stacks(evidence: Evidence) -> tuple[str, bool]:
    call, found = evidence.aws.call, []
    for resource in (evidence.project.table, evidence.project.refresh_machine_arn):
        answer = call("cloudformation", "describe_stack_resources", PhysicalResourceId=resource)
        name = answer["StackResources"][0]["StackName"]
        (stack,) = call("cloudformation", "describe_stacks", StackName=name)["Stacks"]
        found.append(stack["StackStatus"])
    return ", ".join(found), all(one in ("CREATE_COMPLETE", "UPDATE_COMPLETE") for one in found)


def _functions(evidence: Evidence) -> tuple[str, bool]:
    answered = [name for name in _FUNCTIONS if evidence.passed(name)]
    return f"{', '.join(answered) or 'neither'} answered", len(answered) == len(_FUNCTIONS)


def _passes(name: str) -> Callable[[Evidence], tuple[str, bool]]:
    def look(evidence: Evidence) -> tuple[str, bool]:
        passed = evidence.passed(name)
        return (f"passed {name}" if passed else evidence.refresh.run.execution.last_state), passed

    return look


def _started(evidence: Evidence) -> tuple[str, bool | None]:
    run = evidence.refresh.run
    if evidence.key is None:
        return f"{_NOT_SEEN}: no file was dropped", None
    return f"started by {run.started_by}", run.key is not None


def _key(evidence: Evidence) -> tuple[str, bool | None]:
    run = evidence.refresh.run
    if evidence.key is None or run.key is None:
        return f"{_NOT_SEEN}: no file was dropped", None
    return run.key, run.key == evidence.key


def _path(evidence: Evidence) -> tuple[str, bool]:
    execution = evidence.refresh.run.execution
    wrong = [step.name for step in execution.steps if step.error == "States.QueryEvaluationError"]
    return f"{', '.join(wrong) or 'no step'} failed to evaluate", not wrong


def _definition(evidence: Evidence) -> tuple[str, bool]:
    machine = evidence.project.refresh_machine_arn
    answer = evidence.aws.call("stepfunctions", "describe_state_machine", stateMachineArn=machine)
    found = _JAPANESE in answer["definition"]
    return ("as written" if found else "another text"), found


def _without(*errors: str) -> Callable[[Evidence], tuple[str, bool | None]]:
    def look(evidence: Evidence) -> tuple[str, bool | None]:
        steps = list(evidence.children)
        seen = sorted({str(one.error) for step in steps for one in step.failures})
        if not steps:
            return _NOT_SEEN, None
        return ", ".join(seen) or "no error", not any(
            name in one for one in seen for name in errors
        )

    return look


def _rows(evidence: Evidence) -> tuple[str, bool | None]:
    answers: list[Any] = [
        at_path(attempt.answer, "Ingestion")
        for step in evidence.children
        for attempt in step.attempts
    ]
    ended = [one for one in answers if at_path(one, "IngestionStatus") == "COMPLETED"]
    if not ended:
        return f"{_NOT_SEEN}: no ingestion completed", None
    names = sorted(at_path(ended[-1], "RowInfo") or {})
    return ", ".join(names) or "none", {"RowsIngested", "RowsDropped"} <= set(names)


def _newest_first(evidence: Evidence) -> tuple[str, bool | None]:
    if (started := evidence.ingestion()) is None:
        return f"{_NOT_SEEN}: no ingestion started", None
    account = evidence.project.account_id
    answer = evidence.aws.call(
        "quicksight", "list_ingestions", AwsAccountId=account, DataSetId=started[0]
    )
    times = [one["CreatedTime"] for one in answer["Ingestions"]]
    if len(times) < 2:
        return f"{_NOT_SEEN}: only one ingestion", None
    return f"{times[0]:%H:%M:%S}, {times[1]:%H:%M:%S}", times == sorted(times, reverse=True)


def _twice(evidence: Evidence) -> tuple[str, bool | None]:
    if (started := evidence.ingestion()) is None:
        return f"{_NOT_SEEN}: no ingestion started", None
    dataset, ingestion = started
    try:
        evidence.aws.call(
            "quicksight",
            "create_ingestion",
            AwsAccountId=evidence.project.account_id,
            DataSetId=dataset,
            IngestionId=ingestion,
        )
    except AwsError as error:
        if error.code.startswith("AccessDenied"):
            raise
        return error.code, error.code == "ResourceExistsException"
    return "a second ingestion", False


#: The first line is what breaks most, as in the page.
CLAIMS = (
    Claim("Both stacks deploy", "CREATE_COMPLETE or UPDATE_COMPLETE", _stacks),
    Claim(
        "Lambda may take roles whose trust asks for `aws:SourceAccount`",
        "both functions answered",
        _functions,
    ),
    Claim(
        "Step Functions may take its role when `aws:SourceArn` is the machine,"
        " or its Map's children",
        "passed Refresh Each Dataset",
        _passes("Refresh Each Dataset"),
    ),
    Claim(
        "EventBridge may take its role when `aws:SourceArn` is `rule/*`",
        "started by the file",
        _started,
    ),
    Claim(
        "The Map's `Items` and `ItemSelector` evaluate as written",
        "passed Refresh Each Dataset",
        _passes("Refresh Each Dataset"),
    ),
    Claim(
        "What `$ceil` and `$floor` return counts as an integer for `Seconds`",
        "passed Wait For More Files",
        _passes("Wait For More Files"),
    ),
    Claim(
        "AWS evaluates the expressions as the local account does",
        "no step failed to evaluate",
        _path,
    ),
    Claim(
        "`dataset/*/ingestion/*` is all that the role needs",
        "no AccessDeniedException",
        _without("AccessDenied"),
    ),
    Claim(
        "An ingestion is known to DescribeIngestion a second after CreateIngestion",
        "no ResourceNotFoundException",
        _without("ResourceNotFound"),
    ),
    Claim("EventBridge gives keys as they are, not URL-encoded", "the key as it was given", _key),
    Claim("Japanese in the definitions arrives as written", "as written", _definition),
    Claim(
        "An ingestion id used twice is answered with `ResourceExistsException`",
        "ResourceExistsException",
        _twice,
    ),
    Claim("A COMPLETED ingestion reports its rows", "RowsIngested and RowsDropped", _rows),
    Claim("ListIngestions names the newest first", "times that go back", _newest_first),
)
