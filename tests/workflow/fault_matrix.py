"""What can fail, and what the operator then gets: every Task × every error × how often.

Three tables stand here, written by hand: what each error means (``ERRORS``), how each Task is
reached and what comes of it when it gives up (``TASKS``), and what goes wrong without any error of
a Task (``CIRCUMSTANCES``). ``test_fault_matrix.py`` compares the first two with what follows from
the definitions and from AWS's models, and tries every case.
``python -m tests.workflow.fault_matrix`` writes them into ``docs/dev/fault-matrix.md``.
"""

import functools
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from local.account import BUCKET, PROJECT, WATCHED, LocalAccount
from local.core.clock import AbortedError, StoppedError
from local.core.constraints import service_model
from local.core.faults import Call, FailedEntriesError, Fault, NoAnswerError, ServiceError
from local.services.error_names import (
    CLIENT_ERROR,
    FAILED_ENTRY,
    INTEGRATIONS,
    error_name,
    integration_of,
    modelled_errors,
    operation_of,
)
from local.stepfunctions.integrations import FunctionFailedError
from local.stepfunctions.interpreter import ExecutionTimedOutError, HistoryFullError
from tests.asl import STATE_MACHINES, State, load, states
from tests.loading import ROOT
from tests.workflow.scenarios import (
    FOLDER,
    PARAMETERS,
    STATE,
    UNMODELLED,
    at_state,
    drop,
    end_at,
    ends_as,
    fail,
    leaders,
    put_item,
    register,
    stop_at,
)
from tests.workflow.test_refresh import BAD_ITEMS

TIMEOUT = "States.Timeout"
NO_ANSWER = NoAnswerError("connection lost")
FIRST, ALWAYS, ANSWER_LOST = "first call", "every call", "first answer lost"
#: What is not tried again has one call: the first is every.
ONLY = "only call"

# ---- What each error means --------------------------------------------------------------------

HEALS, HOPELESS = "heals", "hopeless"


def _errors(prefix: str, heals: str, hopeless: str) -> dict[str, str]:
    """Name a service's errors in full; no answer, and none in time, heal everywhere."""
    found = {f"{prefix}.{name}Exception": HEALS for name in [*heals.split(), "SdkClient"]}
    found |= {f"{prefix}.{name}Exception": HOPELESS for name in hopeless.split()}
    return {**found, TIMEOUT: HEALS}


#: Operation → error → whether waiting heals it. The base class (such as
#: ``DynamoDB.AmazonDynamoDBException``) also stands for throttling, so it is waited for.
ERRORS: dict[str, dict[str, str]] = {
    "lambda:invoke": _errors(
        "Lambda",
        heals="AWSLambda ClientExecutionTimeout Service TooManyRequests",
        hopeless="ResourceNotFound",
    )
    | {"Lambda.Unknown": HEALS, "Sandbox.Timedout": HEALS, "ValueError": HOPELESS},
    "dynamodb:getItem": _errors(
        "DynamoDB",
        heals="AmazonDynamoDB InternalServerError ProvisionedThroughputExceeded"
        " RequestLimitExceeded",
        hopeless="ResourceNotFound",
    ),
    "dynamodb:updateItem": _errors(
        "DynamoDB",
        heals="AmazonDynamoDB InternalServerError ProvisionedThroughputExceeded"
        " RequestLimitExceeded",
        # Nothing writes to the state table in a transaction.
        hopeless="ConditionalCheckFailed ItemCollectionSizeLimitExceeded ReplicatedWriteConflict"
        " ResourceNotFound TransactionConflict",
    ),
    "aws-sdk:dynamodb:scan": _errors(
        "DynamoDb",
        heals="DynamoDb InternalServerError ProvisionedThroughputExceeded RequestLimitExceeded"
        " Throttling",
        hopeless="ResourceNotFound",
    ),
    "aws-sdk:dynamodb:batchGetItem": _errors(
        "DynamoDb",
        heals="DynamoDb InternalServerError ProvisionedThroughputExceeded RequestLimitExceeded"
        " Throttling",
        hopeless="ResourceNotFound",
    ),
    "aws-sdk:sfn:describeExecution": _errors(
        "Sfn",
        heals="ExecutionDoesNotExist KmsThrottling Sfn",
        hopeless="InvalidArn KmsAccessDenied KmsInvalidState",
    ),
    "aws-sdk:quicksight:createIngestion": _errors(
        "QuickSight",
        heals="InternalFailure QuickSight Throttling",
        hopeless="AccessDenied InvalidParameterValue LimitExceeded ResourceExists ResourceNotFound",
    ),
    "aws-sdk:quicksight:describeIngestion": _errors(
        "QuickSight",
        heals="InternalFailure QuickSight Throttling",
        hopeless="AccessDenied InvalidParameterValue ResourceExists ResourceNotFound",
    ),
    "sns:publish": _errors(
        "SNS",
        heals="AmazonSNS InternalError KMSThrottling",
        hopeless="AuthorizationError EndpointDisabled InvalidParameter InvalidParameterValue"
        " InvalidSecurity KMSAccessDenied KMSDisabled KMSInvalidState KMSNotFound"
        " KMSOptInRequired NotFound PlatformApplicationDisabled Validation",
    ),
    # None is hopeless: the base class stands for throttling and access denied alike, and one more
    # event of a run costs nobody anything.
    "events:putEvents": _errors("EventBridge", heals="AmazonEventBridge Internal", hopeless="")
    | {"EventBridge.FailedEntry": HEALS},
    "states:startExecution": _errors(
        "StepFunctions",
        heals="AWSStepFunctions ExecutionLimitExceeded KmsThrottling",
        hopeless="ExecutionAlreadyExists InvalidArn InvalidExecutionInput InvalidName"
        " KmsAccessDenied KmsInvalidState StateMachineDeleting StateMachineDoesNotExist Validation",
    ),
}

#: What Step Functions surfaces when it invokes a plain function: a zip file, no VPC, no file
#: system, no key of its own, no version. (The model names errors of all of those for Invoke.)
#: The pages are of docs.aws.amazon.com.
LAMBDA_SURFACES: dict[str, str] = {
    "Lambda.ServiceException": "step-functions/latest/dg/sfn-best-practices.html",
    "Lambda.AWSLambdaException": "the same page; as the base class it is access denied, too",
    "Lambda.SdkClientException": "the same page",
    "Lambda.ClientExecutionTimeoutException": "the same page",
    "Lambda.TooManyRequestsException": "lambda/latest/api/API_Invoke.html: throttled",
    "Lambda.ResourceNotFoundException": "the same page: the function was deleted",
    "Lambda.Unknown": "step-functions/latest/dg/concepts-error-handling.html: out of memory …",
    "Sandbox.Timedout": "step-functions/latest/dg/connect-lambda.html: the function's time-out",
    "ValueError": "step-functions/latest/dg/concepts-error-handling.html: the exception's class",
    TIMEOUT: "the same page: the Task's TimeoutSeconds",
}
#: Those that are not an error answer of Invoke.
_NOT_OF_THE_API = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "ValueError",
)

# ---- What comes of it -------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What a case ends in.

    Attributes:
        title: the mails, as the document says it.
        mails: the verdict of every mail, sorted.
        ends: where every run ended, sorted: its last state, or else its status.
        refreshed: how many refreshes of ``one`` and of ``two`` were completed.
        says: what an ERROR mail contains; ``{task}`` and ``{error}`` are filled in.
    """

    title: str
    mails: tuple[str, ...]
    ends: tuple[str, ...]
    refreshed: tuple[int, int] = (1, 1)
    says: tuple[str, ...] = ()


SUCCEEDED, FAILED = "Refresh Succeeded", "Refresh Failed"
JOINED, NEWER = "Joined Running Refresh", "Joined Newer Run"
CHECKED = "Freshness Checked"
MAIL_NOT_SENT, TOLD, NOT_TOLD = "Mail Not Sent", "Lost Run Told", "Lost Run Not Told"
STEP = ("step {task} failed with", "{error}")
THE_END = (*STEP, "The mail before this one says how the refresh itself went.")
UNKNOWN = ("How each dataset ended is not known",)

GOOD_RUN = Outcome("SUCCESS", ("SUCCESS",), (SUCCEEDED,))
ASCII = replace(GOOD_RUN, title="SUCCESS, with an ASCII subject")
TWICE = replace(GOOD_RUN, title="SUCCESS, twice", mails=("SUCCESS", "SUCCESS"))
ONE_MORE_RUN = replace(GOOD_RUN, ends=(SUCCEEDED, SUCCEEDED))
TWO_RUNS = Outcome(
    "SUCCESS, from each run", ("SUCCESS",) * 2, (JOINED, SUCCEEDED, SUCCEEDED), (2, 2)
)
TWO_JOINED = replace(TWO_RUNS, ends=(JOINED, JOINED, SUCCEEDED, SUCCEEDED))
NOT_STARTED = Outcome("ERROR", ("ERROR",), (FAILED,), (0, 0), STEP)
STRAY = Outcome("ERROR", ("ERROR",), (FAILED,), (0, 0), ("has no registered dataset",))
LOOKALIKE = replace(STRAY, says=("\nRegistered: sales/\n",))
UNSAID = Outcome("the mail as it is", ("SUCCESS",), (FAILED,))
PLAIN = Outcome("ERROR, worded by the machine", ("ERROR",), (FAILED,), says=STEP)
END_FAILED = Outcome("SUCCESS, then ERROR", ("ERROR", "SUCCESS"), (FAILED,), says=THE_END)
NEXT_FAILED = replace(END_FAILED, ends=(FAILED, JOINED))
FROM_OTHER = Outcome(
    "ERROR, from the second machine",
    ("ERROR",),
    (TOLD, MAIL_NOT_SENT),
    says=("MailNotSent", *UNKNOWN),
)
STALE = Outcome("ERROR: data is out of date", ("ERROR",), (CHECKED,), (0, 0), ("is out of date",))
UNCHECKED = Outcome("none: the next hour does the same", (), ("FAILED",), (0, 0))
UNNOTED = replace(STALE, title="the same, and again in the next hour", ends=("FAILED",))
DIED = Outcome("ERROR, from the second machine", ("ERROR",), ("ABORTED", TOLD), (0, 0), UNKNOWN)

# ---- How each Task is reached -----------------------------------------------------------------

Scene = Callable[[LocalAccount], None]


def one_file(account: LocalAccount) -> None:
    """One file arrives."""
    drop(account)


def _slowly(account: LocalAccount, seconds: float = 200) -> None:
    """Let refreshes take longer than a run waits before it looks again: 62 to 82 s."""
    for dataset in account.quicksight.datasets.values():
        dataset.seconds = lambda _: seconds


def two_files(account: LocalAccount) -> None:
    """A second file arrives before the refresh starts."""
    _slowly(account)
    drop(account)
    account.clock.run_for(2)
    drop(account, "b.csv")


def _led_by_nobody(account: LocalAccount) -> None:
    gone = account.machine_arn.replace(":stateMachine:", ":execution:") + ":gone"
    put_item(account, STATE, {"leader": {"S": gone}, "arrivals": {"N": "1"}, "covered": {"N": "1"}})


def leader_gone(account: LocalAccount) -> None:
    """The folder is led by a run that no longer exists."""
    _led_by_nobody(account)
    drop(account)


def led_by_no_run_two_files(account: LocalAccount) -> None:
    """Something leads that is no run, and two files arrive."""
    counts = {"arrivals": {"N": "1"}, "covered": {"N": "1"}}
    put_item(account, STATE, {"leader": {"S": "no-run:gone"}, **counts})
    # Both have counted before either takes over.
    claim = Fault("*", "*", slow=5, when=lambda call: call.state == "Claim Folder")
    account.faults.add(claim)
    drop(account)
    drop(account, "b.csv")


def covered_ahead(account: LocalAccount) -> None:
    """Somebody wrote that more is covered than arrived."""
    put_item(account, STATE, {"arrivals": {"N": "1"}, "covered": {"N": "5"}})
    drop(account)


def lookalike_file(account: LocalAccount) -> None:
    """A file arrives in a folder that is registered in small letters."""
    account.drop(f"{WATCHED}SALES/a.csv")


def claim_gives_up(account: LocalAccount) -> None:
    """Every answer to **Claim Folder** is lost."""
    fail(account, "Claim Folder", NO_ANSWER, lost=True)
    drop(account)


def late_file(account: LocalAccount) -> None:
    """A second file arrives during the refresh."""
    _slowly(account)
    at_state(account, "Refresh Each Dataset", lambda _: drop(account, "late.csv"))
    drop(account)


def long_refresh(account: LocalAccount) -> None:
    """A second file arrives during a refresh that goes on when its run looks again."""
    _slowly(account, 500)
    at_state(account, "Refresh Each Dataset", lambda _: drop(account, "late.csv"))
    drop(account)


def long_refresh_three_files(account: LocalAccount) -> None:
    """The same, and a third file arrives soon after."""

    def two_late(_: str) -> None:
        drop(account, "late.csv")
        account.clock.sleep(20)
        drop(account, "later.csv")

    _slowly(account, 500)
    at_state(account, "Refresh Each Dataset", two_late)
    drop(account)


def subject_refused(account: LocalAccount) -> None:
    """SNS refuses the subject."""
    fail(account, "Send Mail", ServiceError("InvalidParameter"))
    drop(account)


def released_unawares(account: LocalAccount) -> None:
    """The answer to **Release Folder** is lost."""
    fail(account, "Release Folder", NO_ANSWER, lost=True, times=1)
    drop(account)


def stopped(account: LocalAccount) -> None:
    """Somebody stops the run."""
    stop_at(account, "Wait For More Files")
    drop(account)


def stale_folder(account: LocalAccount) -> None:
    """A folder had no refresh for longer than it promises."""
    (item,) = account.items(PARAMETERS)
    put_item(account, PARAMETERS, {**item, "freshwithin": {"N": "24"}})
    long_ago = str(int(account.clock.now()) - 90_000)
    put_item(account, STATE, {"lastSucceeded": {"N": long_ago}})
    account.tick()


@dataclass(frozen=True)
class Reached:
    """A Task in a scene.

    Attributes:
        base: what the scene ends in when the Task does not fail, or heals.
        given_up: what it ends in when the Task gives up.
        special: what it ends in for a single error, and how often that came.
        scenes: another scene for a single error.
        tries: how often it is called, at least, before it gives up on what heals.
    """

    task: str
    operation: str
    scene: Scene
    base: Outcome
    given_up: Outcome
    special: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    scenes: dict[str, Scene] = field(default_factory=dict)
    tries: int = 4


def _both(error: str, outcome: Outcome) -> dict[tuple[str, str], Outcome]:
    return {(error, FIRST): outcome, (error, ALWAYS): outcome}


def _only(*errors: str, becomes: Outcome) -> dict[tuple[str, str], Outcome]:
    return {(error, ONLY): becomes for error in errors}


def _lost(prefix: str, outcome: Outcome) -> dict[tuple[str, str], Outcome]:
    return {(f"{prefix}.{CLIENT_ERROR}", ANSWER_LOST): outcome}


CONDITION = "DynamoDB.ConditionalCheckFailedException"
EXISTS = "QuickSight.ResourceExistsException"
GONE = "Sfn.ExecutionDoesNotExistException"
NO_ARN = "Sfn.InvalidArnException"
STARTED = "StepFunctions.ExecutionAlreadyExistsException"
#: Errors of DynamoDB that a claim meets once: it claims again.
ONCE = [
    f"DynamoDB.{name}Exception"
    for name in (
        *("ConditionalCheckFailed", "ItemCollectionSizeLimitExceeded", "ReplicatedWriteConflict"),
        *("ResourceNotFound", "TransactionConflict"),
    )
]

TASKS: list[Reached] = [
    Reached("Produce Ingestion Parameters", "lambda:invoke", one_file, GOOD_RUN, NOT_STARTED),
    Reached("Look Up Datasets", "dynamodb:getItem", one_file, GOOD_RUN, NOT_STARTED),
    Reached("List Registered Folders", "aws-sdk:dynamodb:scan", lookalike_file, LOOKALIKE, STRAY),
    Reached(
        "Claim Folder",
        "dynamodb:updateItem",
        one_file,
        GOOD_RUN,
        NOT_STARTED,
        _only(*ONCE, becomes=GOOD_RUN),
    ),
    Reached(
        "Mend Folder",
        "dynamodb:updateItem",
        covered_ahead,
        GOOD_RUN,
        NOT_STARTED,
        _only(CONDITION, becomes=GOOD_RUN),
    ),
    Reached(
        "Look At Folder",
        "dynamodb:getItem",
        two_files,
        replace(GOOD_RUN, ends=(JOINED, SUCCEEDED)),
        Outcome("SUCCESS, and ERROR", ("ERROR", "SUCCESS"), (FAILED, SUCCEEDED), says=STEP),
    ),
    Reached(
        "Ask Leader",
        "aws-sdk:sfn:describeExecution",
        long_refresh,
        TWO_RUNS,
        replace(TWO_RUNS, ends=(NEWER, SUCCEEDED, SUCCEEDED)),
        _both(GONE, GOOD_RUN)
        | _only(NO_ARN, becomes=GOOD_RUN)
        | _only("Sfn.KmsAccessDeniedException", "Sfn.KmsInvalidStateException", becomes=TWO_RUNS),
        scenes={GONE: leader_gone, NO_ARN: leader_gone},
    ),
    Reached(
        "Vouch For Leader",
        "dynamodb:updateItem",
        long_refresh_three_files,
        TWO_JOINED,
        TWO_JOINED,
    ),
    Reached(
        "Take Over Folder",
        "dynamodb:updateItem",
        leader_gone,
        GOOD_RUN,
        NOT_STARTED,
        _only(CONDITION, becomes=replace(GOOD_RUN, ends=(NEWER, SUCCEEDED))),
        scenes={CONDITION: led_by_no_run_two_files},
    ),
    Reached(
        "Withdraw Claim",
        "dynamodb:updateItem",
        claim_gives_up,
        replace(NOT_STARTED, says=("Claim Folder",)),
        replace(NOT_STARTED, says=("Claim Folder",)),
    ),
    Reached(
        "Count Files",
        "dynamodb:updateItem",
        one_file,
        GOOD_RUN,
        NOT_STARTED,
        _only(CONDITION, becomes=GOOD_RUN),
    ),
    Reached("Recall Last Run", "dynamodb:getItem", one_file, GOOD_RUN, GOOD_RUN),
    Reached(
        "Start Ingestion",
        "aws-sdk:quicksight:createIngestion",
        one_file,
        GOOD_RUN,
        Outcome(
            "ERROR for this dataset",
            ("ERROR",),
            (FAILED,),
            (0, 1),
            ("could not be started", "{error}"),
        ),
        _only(EXISTS, becomes=GOOD_RUN),
    ),
    Reached(
        "Check Ingestion",
        "aws-sdk:quicksight:describeIngestion",
        one_file,
        GOOD_RUN,
        Outcome(
            "ERROR for this dataset",
            ("ERROR",),
            (FAILED,),
            says=("its result could not be read", "{error}"),
        ),
    ),
    Reached("Check Ingestion Status", "lambda:invoke", one_file, GOOD_RUN, PLAIN),
    Reached(
        "Send Mail",
        "sns:publish",
        one_file,
        GOOD_RUN,
        FROM_OTHER,
        _only(
            "SNS.InvalidParameterException",
            "SNS.InvalidParameterValueException",
            "SNS.ValidationException",
            becomes=ASCII,
        )
        | _lost("SNS", TWICE),
    ),
    Reached(
        "Send Mail With Plain Subject",
        "sns:publish",
        subject_refused,
        ASCII,
        FROM_OTHER,
        _lost("SNS", TWICE),
    ),
    Reached("Announce Result", "events:putEvents", one_file, GOOD_RUN, GOOD_RUN, tries=3),
    Reached("Remember Run", "dynamodb:updateItem", one_file, GOOD_RUN, GOOD_RUN),
    Reached(
        "Release Folder",
        "dynamodb:updateItem",
        one_file,
        GOOD_RUN,
        END_FAILED,
        _only(CONDITION, becomes=GOOD_RUN),
    ),
    Reached(
        "Look For Waiting Files",
        "dynamodb:getItem",
        released_unawares,
        GOOD_RUN,
        ONE_MORE_RUN,
    ),
    Reached(
        "Start Next Run",
        "states:startExecution",
        late_file,
        TWO_RUNS,
        NEXT_FAILED,
        _only(STARTED, becomes=TWO_RUNS),
    ),
    Reached("Look At Lost Run", "aws-sdk:sfn:describeExecution", stopped, DIED, DIED),
    Reached("Free Folder", "dynamodb:updateItem", stopped, DIED, DIED),
    Reached(
        "Send Lost Run Mail",
        "sns:publish",
        stopped,
        DIED,
        Outcome("none", (), ("ABORTED", NOT_TOLD), (0, 0)),
        _lost("SNS", replace(DIED, title="ERROR, twice", mails=("ERROR", "ERROR"))),
    ),
    Reached("Look Up Registrations", "aws-sdk:dynamodb:scan", stale_folder, STALE, UNCHECKED),
    Reached("Look Up Records", "aws-sdk:dynamodb:batchGetItem", stale_folder, STALE, UNCHECKED),
    Reached(
        "Send Stale Mail",
        "sns:publish",
        stale_folder,
        STALE,
        UNCHECKED,
        _lost("SNS", replace(STALE, title="the same, twice", mails=("ERROR", "ERROR"))),
    ),
    Reached("Announce Stale Folders", "events:putEvents", stale_folder, STALE, STALE, tries=3),
    Reached("Remember Folder", "dynamodb:updateItem", stale_folder, STALE, UNNOTED),
    Reached("Announce Lost Run", "events:putEvents", stopped, DIED, DIED, tries=3),
]


@dataclass(frozen=True)
class Case:
    """One Task, one error of it, and how often."""

    reached: Reached
    error: str
    calls: str

    @property
    def covers(self) -> set[tuple[str, str, str]]:
        """Return the Task, error and calls that this case stands for."""
        calls = (FIRST, ALWAYS) if self.calls == ONLY else (self.calls,)
        return {(self.reached.task, self.error, each) for each in calls}

    @property
    def outcome(self) -> Outcome:
        """Say what must come of it."""
        healed = self.calls in (FIRST, ANSWER_LOST)
        usual = self.reached.base if healed else self.reached.given_up
        expected = self.reached.special.get((self.error, self.calls), usual)
        names = {"task": self.reached.task, "error": self.error.rpartition(".")[2]}
        return replace(expected, says=tuple(text.format(**names) for text in expected.says))

    def scene(self, account: LocalAccount) -> None:
        """Make the Task run."""
        self.reached.scenes.get(self.error, self.reached.scene)(account)

    def arm(self, account: LocalAccount) -> Fault:
        """Make the Task fail in the first run that gets to it, and for the dataset ``one`` only."""
        runs: list[str] = []
        fault = Fault("*", "*", when=lambda call: self._hits(account, call, runs))
        fault.times = None if self.calls == ALWAYS else 1
        # These are AWS's way to say that an earlier attempt was applied.
        fault.lost = self.calls == ANSWER_LOST or self.error in (CONDITION, EXISTS, STARTED)
        if self.error == TIMEOUT:
            fault.delay = 61
        elif self.error.endswith(CLIENT_ERROR):
            fault.error = NO_ANSWER
        elif self.error.endswith(FAILED_ENTRY):
            entry = {"ErrorCode": "InternalFailure", "ErrorMessage": "simulated"}
            fault.error = FailedEntriesError({"FailedEntryCount": 1, "Entries": [entry]})
        elif self.error in _NOT_OF_THE_API:
            payload = {"errorType": self.error, "errorMessage": "simulated"}
            fault.error = FunctionFailedError(payload)
        else:
            fault.error = ServiceError(self._code())
        return account.faults.add(fault)

    def _hits(self, account: LocalAccount, call: Call, runs: list[str]) -> bool:
        if call.state != self.reached.task:
            return False
        if call.parameters.get("DataSetId", "id-one") != "id-one":
            return False
        if self.error == CONDITION and call.state == "Take Over Folder":
            # Only where it is true: another run leads by now.
            (leader,) = leaders(account)
            return not leader.endswith(":gone") and leader != call.execution_arn
        runs.append(call.execution_arn)
        return call.execution_arn == runs[0]

    def _code(self) -> str:
        """Return the service's own code for this error."""
        (resource,) = (s.body["Resource"] for s in _tasks() if s.name == self.reached.task)
        integration, action = integration_of(resource)
        operation = operation_of(integration, action)
        for shape in operation.error_shapes:
            if error_name(integration, shape.name, operation) == self.error:
                return str(shape.name)
        if self.error != f"{integration.prefix}.{integration.base}":
            raise LookupError(f"{resource} has no error {self.error}")
        return UNMODELLED.code


def cases() -> list[Case]:
    """Return every case of the tables above."""
    return [
        Case(reached, error, calls)
        for reached in TASKS
        for error, meaning in ERRORS[reached.operation].items()
        for calls in ((ONLY,) if meaning == HOPELESS else (FIRST, ALWAYS, ANSWER_LOST))
        if calls != ANSWER_LOST or error.endswith(CLIENT_ERROR)
    ]


def _tasks() -> Iterator[State]:
    for path in STATE_MACHINES:
        yield from (state for state in states(load(path)) if state.body["Type"] == "Task")


def derived() -> set[tuple[str, str, str]]:
    """Return every Task, error and calls that follow from the definitions and AWS's models."""
    found = set()
    for state in _tasks():
        integration, action = integration_of(state.body["Resource"])
        names = set(modelled_errors(integration, operation_of(integration, action)))
        if integration is INTEGRATIONS["lambda"]:
            names = set(LAMBDA_SURFACES)
        no_answer = f"{integration.prefix}.{CLIENT_ERROR}"
        found |= set(itertools.product([state.name], names | {no_answer, TIMEOUT}, [FIRST, ALWAYS]))
        found.add((state.name, no_answer, ANSWER_LOST))
    return found


# ---- What goes wrong without an error of a Task -----------------------------------------------


@dataclass(frozen=True)
class Circumstance:
    """Something that goes wrong around the Tasks."""

    group: str
    title: str
    scene: Scene
    outcome: Outcome


def _red(refreshed: tuple[int, int], *says: str) -> Outcome:
    return Outcome("ERROR", ("ERROR",), (FAILED,), refreshed, says)


def _quiet(end: str) -> Outcome:
    return Outcome("none", (), (end,), (0, 0))


def _dead(end: str, refreshed: tuple[int, int] = (0, 0)) -> Outcome:
    return replace(DIED, ends=(TOLD, end), refreshed=refreshed)


def terminal_statuses() -> list[str]:
    """Return the statuses in QuickSight's model that end an ingestion."""
    shape = service_model("quicksight").shape_for("IngestionStatus")
    return [name for name in shape.enum if name not in ("INITIALIZED", "QUEUED", "RUNNING")]


def _endings() -> Iterator[Circumstance]:
    group = "An ingestion ends"
    failure = {"Type": "DATA_SOURCE_AUTH_FAILED", "Message": "not let in"}
    rows = {"RowsIngested": 7, "RowsDropped": 0, "TotalRowsInDataset": 7}
    for status, with_failure, with_rows in itertools.product(
        terminal_statuses(), (False, True), (False, True)
    ):
        final: dict[str, Any] = {"IngestionStatus": status}
        final |= {"ErrorInfo": failure} if with_failure else {}
        final |= {"RowInfo": rows} if with_rows else {}

        def scene(account: LocalAccount, final: dict[str, Any] = final) -> None:
            ends_as(account, "one", final)
            drop(account)

        good = status == "COMPLETED"
        said = [status, *(["not let in"] if with_failure else [])]
        members = " and ".join(f"`{name}`" for name in final if name != "IngestionStatus")
        title = f"`{status}`, {f'with {members}' if members else 'and no more'}"
        yield Circumstance(group, title, scene, GOOD_RUN if good else _red((0, 1), *said))

    def skip_rows(account: LocalAccount) -> None:
        drop(account, body=b"day,sales\n1,10\n2\n")

    def never(account: LocalAccount) -> None:
        account.quicksight.datasets["id-one"].seconds = lambda _: 1e9
        drop(account)

    yield Circumstance(group, "with a skipped row", skip_rows, _red((1, 1), "rows skipped: 1"))
    yield Circumstance(group, "not before the deadline", never, _red((0, 1), "TIMED_OUT"))


def _datasets() -> Iterator[Circumstance]:
    group = "A dataset cannot be refreshed"

    def delete(account: LocalAccount) -> None:
        del account.quicksight.datasets["id-one"]
        drop(account)

    def reach_limit(account: LocalAccount) -> None:
        for number in range(account.quicksight.limit):
            account.quicksight.create_ingestion("id-one", f"old-{number}", "FULL_REFRESH")
        account.clock.run_for(3600)
        drop(account)

    def direct(account: LocalAccount) -> None:
        account.quicksight.datasets["id-one"].import_mode = "DIRECT_QUERY"
        drop(account)

    for title, scene, said in (
        ("it was deleted", delete, "ResourceNotFoundException"),
        ("it had all refreshes of the day", reach_limit, "LimitExceededException"),
        ("it is in direct query mode", direct, "InvalidParameterValueException"),
    ):
        yield Circumstance(group, title, scene, _red((0, 1), said))


def _stop_child(account: LocalAccount) -> None:
    def entered(manager: Any, event: Any) -> None:
        details = event.get("stateEnteredEventDetails") or {}
        for child in account.children:
            if (
                details.get("name") == "Wait Before Checking"
                and child.environment.event_manager is manager
                and child.input["datasetid"] == "id-one"
            ):
                assert child.task
                account.clock.stop_task(child.task, AbortedError())

    account.on_history.append(entered)
    drop(account)


def _fill_child(account: LocalAccount) -> None:
    account.history_limit = 150
    account.quicksight.datasets["id-one"].seconds = lambda _: 500
    drop(account)


def _children() -> Iterator[Circumstance]:
    ways: list[tuple[str, Scene, int]] = [
        ("is stopped", _stop_child, 1),
        ("fills its history", _fill_child, 0),
    ]
    for (how, way, done), leaves in itertools.product(ways, ("record", "nothing")):

        def scene(account: LocalAccount, way: Scene = way, leaves: str = leaves) -> None:
            account.dead_child_leaves = leaves
            way(account)

        left = "AWS's record of it" if leaves == "record" else "nothing"
        title = f"it {how} and leaves {left}"
        outcome = _red((done, 1), "The refresh of dataset one failed", "UNKNOWN")
        yield Circumstance("A child of the Map dies", title, scene, outcome)


def _in_order(account: LocalAccount, **wishes: Any) -> None:
    """Register ``two`` after ``one``, which may ask for more."""
    one = {"datasetid": "id-one", "datasetname": "one", **wishes}
    two = {"datasetid": "id-two", "datasetname": "two", "after": ["id-one"]}
    account.register([{"S3uri": FOLDER, "datasets": [two, one]}])
    for dataset in account.quicksight.datasets.values():
        dataset.seconds = lambda _: 5


def _fail_at_length(account: LocalAccount, rows: Iterable[dict[str, Any]]) -> None:
    """Let each refresh fail with 9,000 characters: thirty are more than a Map's results may be."""
    for row in rows:
        account.quicksight.datasets[row["datasetid"]].outcome = lambda _: {
            "IngestionStatus": "FAILED",
            "ErrorInfo": {"Type": "X" * 9000},
        }


def _orders() -> Iterator[Circumstance]:
    group = "One dataset comes after another"
    few = {"IngestionStatus": "COMPLETED", "RowInfo": {"RowsIngested": 7}}
    held_back = "failed with status NOT_STARTED"

    def fails(account: LocalAccount) -> None:
        _in_order(account)
        ends_as(account, "one", {"IngestionStatus": "FAILED"})
        drop(account)

    def is_short(account: LocalAccount) -> None:
        _in_order(account, minrows=9)
        ends_as(account, "one", few)
        drop(account)

    def never_ends(account: LocalAccount) -> None:
        _in_order(account)
        account.quicksight.datasets["id-one"].seconds = lambda _: 1e9
        drop(account)

    def is_refused(account: LocalAccount) -> None:
        _in_order(account)
        del account.quicksight.datasets["id-one"]
        drop(account)

    def circle(account: LocalAccount) -> None:
        _in_order(account, after=["id-two"])
        drop(account)

    yield Circumstance(group, "that one fails", fails, _red((0, 0), held_back))
    outcome = _red((1, 0), held_back, "with fewer rows than 9")
    yield Circumstance(group, "that one has too few rows", is_short, outcome)
    outcome = _red((0, 0), held_back, "TIMED_OUT")
    yield Circumstance(group, "that one is not finished before the deadline", never_ends, outcome)
    yield Circumstance(group, "that one cannot be started", is_refused, _red((0, 0), held_back))
    yield Circumstance(group, "and each after the other", circle, _red((0, 0), "in a circle"))
    for leaves in ("record", "nothing"):

        def dies(account: LocalAccount, leaves: str = leaves) -> None:
            _in_order(account)
            account.dead_child_leaves = leaves
            _stop_child(account)

        left = "AWS's record of it" if leaves == "record" else "nothing"
        title = f"the child that follows that one is stopped and leaves {left}"
        yield Circumstance(group, title, dies, _red((0, 0), held_back))

    def too_large(account: LocalAccount) -> None:
        many = [
            {"datasetid": f"id-{n}", "datasetname": f"d{n}", "after": ["id-one"]} for n in range(30)
        ]
        rows = [{"datasetid": "id-one", "datasetname": "one"}, *many]
        account.register([{"S3uri": FOLDER, "datasets": rows}])
        _fail_at_length(account, many)
        drop(account)

    said = "step Refresh Each Dataset failed with DataLimitExceeded"
    outcome = _red((1, 0), said, "Dataset one was refreshed.")
    title = "the results of the second wave are larger than 256 KiB"
    yield Circumstance(group, title, too_large, outcome)


def _attempts() -> Iterator[Circumstance]:
    group = "A failure that passes by itself, with `retries` 1"
    once = "Attempts: 2 (before: QUERY_TIMEOUT)"

    def failing(account: LocalAccount, times: int, before: int = 0) -> None:
        _in_order(account, retries=1)
        for number in range(before):
            account.quicksight.create_ingestion("id-one", f"old-{number}", "FULL_REFRESH")
        account.clock.run_for(3600)
        left = [times]

        def outcome(_: Any) -> dict[str, Any]:
            left[0] -= 1
            if left[0] < 0:
                return {"IngestionStatus": "COMPLETED"}
            return {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": "QUERY_TIMEOUT"}}

        account.quicksight.datasets["id-one"].outcome = outcome
        drop(account)

    def fails_once(account: LocalAccount) -> None:
        failing(account, 1)

    def fails_twice(account: LocalAccount) -> None:
        failing(account, 2)

    def at_the_limit(account: LocalAccount) -> None:
        failing(account, 1, before=account.quicksight.limit - 1)

    yield Circumstance(group, "it passes", fails_once, GOOD_RUN)
    yield Circumstance(group, "it does not pass", fails_twice, _red((0, 0), once))
    outcome = _red((0, 0), once, "LimitExceededException")
    yield Circumstance(group, "the day has no refresh left for it", at_the_limit, outcome)


def _registrations() -> Iterator[Circumstance]:
    group = "The registration is wrong"
    for title, item, named in BAD_ITEMS:

        def scene(account: LocalAccount, item: dict[str, Any] = item) -> None:
            put_item(account, PARAMETERS, item)
            drop(account)

        good = title in ("twice", "ignore is text")
        yield Circumstance(group, title, scene, _red((int(good), 0), FOLDER, named))

    def unregister(account: LocalAccount) -> None:
        account.client("dynamodb").delete_item(TableName=PARAMETERS, Key={"S3uri": {"S": FOLDER}})
        drop(account)

    yield Circumstance(group, "there is none", unregister, _red((0, 0), FOLDER))

    def large(account: LocalAccount) -> None:
        row = {"M": {"datasetid": {"S": "id-one"}, "datasetname": {"S": "x" * 2000}}}
        put_item(account, PARAMETERS, {"datasets": {"L": [row] * 180}})
        drop(account)

    said = "So many datasets are registered for one folder"
    yield Circumstance(group, "it is larger than 256 KiB", large, _red((0, 0), said))

    def many(account: LocalAccount) -> None:
        rows = [{"datasetid": f"id-{n}", "datasetname": f"d{n}"} for n in range(30)]
        account.register([{"S3uri": FOLDER, "datasets": rows}])
        _fail_at_length(account, rows)
        drop(account)

    said = "step Refresh Each Dataset failed with DataLimitExceeded"
    yield Circumstance(group, "its results are larger than 256 KiB", many, _red((0, 0), said))

    def unreadable_at_last(account: LocalAccount) -> None:
        fail(account, "Look Up Datasets", UNMODELLED, skip=1)
        drop(account)

    said = "step Look Up Datasets failed with"
    outcome = _red((0, 0), said)
    yield Circumstance(
        group, "it cannot be read again before the refresh", unreadable_at_last, outcome
    )


#: Inputs that no S3 event has.
BAD_EVENTS: list[Any] = [
    {},
    {"detail": {}},
    {"detail": {"bucket": {"name": BUCKET}}},
    {"detail": {"bucket": {"name": BUCKET}, "object": {"key": ""}}},
    {"detail": {"bucket": {"name": 7}, "object": {"key": ["a"]}}},
    {"detail": "text"},
    {"folder": "no such place"},
    {"folder": 7},
    ["a list"],
    "text",
]


def _events() -> Iterator[Circumstance]:
    for number, event in enumerate(BAD_EVENTS):

        def scene(account: LocalAccount, event: Any = event, number: int = number) -> None:
            account.start(event, f"odd-{number}")

        outcome = _red((0, 0), "Produce Ingestion Parameters")
        yield Circumstance("The event is wrong", f"`{json.dumps(event)}`", scene, outcome)

    def marker(account: LocalAccount) -> None:
        account.drop(f"{WATCHED}sales/", b"")

    def ignore(account: LocalAccount) -> None:
        put_item(account, PARAMETERS, {"ignore": {"BOOL": True}})
        drop(account)

    def wait_for_marker(account: LocalAccount) -> None:
        (item,) = account.items(PARAMETERS)
        put_item(account, PARAMETERS, {**item, "startson": {"S": "_SUCCESS"}})
        drop(account)

    group = "There is nothing to refresh"
    yield Circumstance(
        group, "a folder is made in the console", marker, _quiet("Folder Marker Ignored")
    )
    yield Circumstance(group, "the folder is to be ignored", ignore, _quiet("Folder Ignored"))
    yield Circumstance(
        group, "the folder waits for its marker", wait_for_marker, _quiet("Waiting For Marker")
    )


_MAIL = {"Status": True, "Subject": "[SUCCESS]subject", "Message": "message"}
ODD_ANSWERS: list[tuple[str, str, Any, Outcome]] = [
    *(
        (function, title, answer, outcome)
        for function, outcome in (
            ("Produce Ingestion Parameters", NOT_STARTED),
            ("Check Ingestion Status", PLAIN),
        )
        for title, answer in (("`null`", None), ("an empty object", {}), ("text", "text"))
    ),
    (
        "Produce Ingestion Parameters",
        "a number to end the ingestion ids with",
        {"targetPrefix": FOLDER, "ingestionidSuffix": 7},
        NOT_STARTED,
    ),
    (
        "Produce Ingestion Parameters",
        "no folder: `null`",
        {"targetPrefix": None, "ingestionidSuffix": "x"},
        NOT_STARTED,
    ),
    ("Check Ingestion Status", "no verdict: `null`", {**_MAIL, "Status": None}, UNSAID),
    ("Check Ingestion Status", "no subject: `null`", {**_MAIL, "Subject": None}, PLAIN),
    ("Check Ingestion Status", "a subject of two lines", {**_MAIL, "Subject": "a\nb"}, ASCII),
    (
        "Check Ingestion Status",
        "a subject of 100 characters",
        {**_MAIL, "Subject": "x" * 100},
        ASCII,
    ),
    ("Check Ingestion Status", "an empty message", {**_MAIL, "Message": ""}, FROM_OTHER),
    (
        "Check Ingestion Status",
        "more than 256 KiB",
        {**_MAIL, "Message": "x" * 262_145},
        replace(PLAIN, says=("step {task} failed with", "States.DataLimitExceeded")),
    ),
]


def _odd_answers() -> Iterator[Circumstance]:
    for step, title, answer, outcome in ODD_ANSWERS:

        def scene(account: LocalAccount, step: str = step, answer: Any = answer) -> None:
            function = account.function(f"{PROJECT}-{step.lower().replace(' ', '-')}")
            function._loaded = lambda event, context: answer
            drop(account)

        names = {"task": step, "error": "QueryEvaluationError"}
        told = replace(outcome, says=tuple(text.format(**names) for text in outcome.says))
        yield Circumstance("A function answers oddly", f"**{step}**: {title}", scene, told)


def _whole_runs() -> Iterator[Circumstance]:
    deaths: list[tuple[str, StoppedError, str]] = [
        ("stopped", AbortedError(), "ABORTED"),
        ("timed out", ExecutionTimedOutError(), "TIMED_OUT"),
        ("its history full", HistoryFullError("full"), "FAILED"),
    ]
    places = [("Wait For More Files", (0, 0)), ("Check Ingestion Status", (1, 1))]
    for (state, refreshed), (how, death, status) in itertools.product(places, deaths):

        def scene(account: LocalAccount, state: str = state, death: StoppedError = death) -> None:
            end_at(account, state, death)
            drop(account)

        title = f"{how}, in **{state}**"
        yield Circumstance("The whole run dies", title, scene, _dead(status, refreshed))

    def refuse(account: LocalAccount) -> None:
        account.faults.add(Fault("sns", "Publish", error=ServiceError("AuthorizationError")))
        drop(account)

    outcome = Outcome("none", (), (NOT_TOLD, MAIL_NOT_SENT))
    yield Circumstance("SNS takes no mail at all", "every call is refused", refuse, outcome)


def _ends_of_runs() -> Iterator[Circumstance]:
    group = "The end of the run fails, and a mail is to tell"

    def scene(account: LocalAccount, refused: str) -> None:
        fail(account, "Start Next Run", UNMODELLED)
        fail(account, "Send Mail", ServiceError(refused), skip=1)
        late_file(account)

    untold = Outcome(
        "SUCCESS, then ERROR from the second machine",
        ("ERROR", "SUCCESS"),
        (JOINED, TOLD, MAIL_NOT_SENT),
        says=("MailNotSent", *UNKNOWN),
    )
    said = tuple(text.format(task="Start Next Run", error="StepFunctions") for text in THE_END)
    told = replace(NEXT_FAILED, title="SUCCESS, then ERROR, with an ASCII subject", says=said)
    for title, refused, outcome in (
        ("SNS takes no more", "AuthorizationError", untold),
        ("SNS refuses the subject", "InvalidParameter", told),
    ):
        happens = functools.partial(scene, refused=refused)
        yield Circumstance(group, title, happens, outcome)


CIRCUMSTANCES: list[Circumstance] = [
    *_endings(),
    *_datasets(),
    *_children(),
    *_orders(),
    *_attempts(),
    *_registrations(),
    *_events(),
    *_odd_answers(),
    *_whole_runs(),
    *_ends_of_runs(),
]


# ---- What the tests do with it ----------------------------------------------------------------


def prepare(account: LocalAccount) -> None:
    """Register the two datasets that every case refreshes."""
    register(account, "one", "two")
    for dataset in account.quicksight.datasets.values():
        dataset.seconds = lambda _: 5


def refreshed(account: LocalAccount) -> tuple[int, int]:
    """Return how many of each dataset's refreshes were completed."""
    now = account.clock.now()

    def completed(name: str) -> int:
        found = account.quicksight.datasets.get(f"id-{name}")
        return sum(
            one.status(now) == "COMPLETED" and not one.ingestion_id.startswith("old-")
            for one in (found.ingestions.values() if found else ())
        )

    return completed("one"), completed("two")


# ---- As a document ----------------------------------------------------------------------------

PAGE = ROOT / "docs" / "dev" / "fault-matrix.md"

_HEAD = """# What can fail, and what you then get

Every call that the two state machines make, with every error that AWS's models give it; and what
goes wrong around the calls. Each line is tried in the local account, by
[test_fault_matrix.py](../../tests/workflow/test_fault_matrix.py): {cases} cases for the calls,
{circumstances} around them. `python -m tests.workflow.fault_matrix` writes this page.

In every case, each dataset that has no fault of its own is refreshed once the run knows of it, and
the next file finds the folder free.

One mail is the rule. There are two where two things are to be told: each run tells of its own
refresh, and a refresh that went well may end badly. There are two of the same where SNS took a mail
and its answer was lost: told twice is better than not told. There is none where nothing is to be
told, and where SNS takes none: then the run is red, and its error is `MailNotSent`.
"""


def _codes(errors: Iterable[str]) -> str:
    """Name errors by what stands after the service's prefix."""
    return ", ".join(
        f"`{error if error in (TIMEOUT, 'Sandbox.Timedout') else error.rpartition('.')[2]}`"
        for error in errors
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(*rows: tuple[str, ...]) -> Iterator[str]:
    yield _row(*rows[0])
    yield "|" + "---|" * len(rows[0])
    yield from (_row(*row) for row in rows[1:])


def _what_errors_mean() -> Iterator[str]:
    yield "## What each error means\n"
    yield "Names without the service's prefix.\n"
    rows = [("Operation", "Tried again", "Told at once")]
    for operation, errors in ERRORS.items():
        heals = [error for error, meaning in errors.items() if meaning == HEALS]
        hopeless = [error for error, meaning in errors.items() if meaning == HOPELESS]
        rows.append((f"`{operation}`", _codes(heals), _codes(hopeless)))
    yield from _table(*rows)


def _how_it_ends(outcome: Outcome) -> str:
    whose = {(0, 0): "nothing", (0, 1): "the others", (1, 0): "the first, or what is right"}
    return whose.get(outcome.refreshed, "everything")


def _tasks_give_up() -> Iterator[str]:
    yield "\n## What comes of it\n"
    yield 'An error that heals in time leaves the mail as under "heals".\n'
    rows = [("Task", "When", "It heals", "It gives up", "Then refreshed", "But")]
    for one in TASKS:
        when = (one.scene.__doc__ or "").rstrip(".")
        rows.append(
            (
                f"**{one.task}**",
                when,
                one.base.title,
                one.given_up.title,
                _how_it_ends(one.given_up),
                "; ".join(_exceptions(one)),
            )
        )
    yield from _table(*rows)


def _exceptions(one: Reached) -> Iterator[str]:
    for title, found in itertools.groupby(one.special.items(), key=lambda entry: entry[1].title):
        whats: dict[str, None] = {}
        for (error, calls), _ in found:
            scene = one.scenes.get(error)
            place = f" ({(scene.__doc__ or '').rstrip('.')})" if scene else ""
            whats["its answer is lost" if calls == ANSWER_LOST else f"{_codes([error])}{place}"] = (
                None
            )
        yield f"{', '.join(whats)}: {title}"


def _circumstances() -> Iterator[str]:
    yield "\n## What goes wrong around the calls\n"
    rows = [("What", "How", "Mail", "Refreshed")]
    for group, found in itertools.groupby(CIRCUMSTANCES, key=lambda one: one.group):
        by_outcome: dict[tuple[str, str], list[str]] = {}
        for one in found:
            key = (one.outcome.title, _how_it_ends(one.outcome))
            by_outcome.setdefault(key, []).append(one.title)
        for number, ((mail, then), titles) in enumerate(by_outcome.items()):
            rows.append(("" if number else group, "; ".join(titles), mail, then))
    yield from _table(*rows)


def page() -> str:
    """Return the document."""
    head = _HEAD.format(cases=len(cases()), circumstances=len(CIRCUMSTANCES))
    lines = [head, *_what_errors_mean(), *_tasks_give_up(), *_circumstances()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
