"""The dead-letter queues: events that could not start their state machine."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError
from qsrefresh.project import Project, rules_starting
from qsrefresh.refresh_run import at_path

#: Long enough to start and delete a batch, short enough that nobody waits for what was only read.
_SECONDS_HIDDEN = 120
_AT_ONCE = 10
#: Longer than none: then every server of the queue is asked.
_SECONDS_TO_WAIT = 1
_ALREADY_STARTED = "ExecutionAlreadyExists"
#: How much of a letter that is no event is shown.
_SHOWN = 200


@dataclass(frozen=True)
class Queue:
    """A queue, and the state machine that its events were for."""

    name: str
    url: str
    machine_arn: str


@dataclass(frozen=True)
class Letter:
    """One event that could not start its state machine."""

    queue: Queue
    message_id: str
    receipt: str
    body: str
    error: str

    @property
    def execution_name(self) -> str:
        """The run's name, always the same: the letter cannot start two."""
        return f"replay-{self.message_id}"

    @property
    def can_start(self) -> bool:
        """Tell whether a run can be started with it: Step Functions takes nothing but JSON."""
        try:
            json.loads(self.body)
        except ValueError:
            return False
        return True

    @property
    def about(self) -> str:
        """What the event tells of; the beginning of what is none."""
        if not self.can_start:
            return f"no event, but {self.body[:_SHOWN]!r}{' …' * (len(self.body) > _SHOWN)}"
        event = json.loads(self.body)
        key = at_path(event, "detail", "object", "key")
        lost = at_path(event, "detail", "executionArn")
        what = at_path(event, "detail-type") or "event"
        return f"{what}: {key or lost or '-'}"

    def as_json(self) -> dict[str, Any]:
        """Return what is sent again, for programs."""
        return {
            "queue": self.queue.name,
            "message": self.message_id,
            "about": self.about,
            "error": self.error,
            "stateMachine": self.queue.machine_arn,
            "execution": self.execution_name,
            "input": self.body,
            "canStart": self.can_start,
        }


def queue_url(aws: Aws, arn: str) -> str:
    """Return the address of a queue."""
    name = arn.rsplit(":", 1)[1]
    return str(aws.call("sqs", "get_queue_url", QueueName=name)["QueueUrl"])


def queues(aws: Aws, project: Project) -> list[Queue]:
    """Return the dead-letter queues of the project's rules."""
    found: dict[str, Queue] = {}
    for machine in (project.refresh_machine_arn, project.lost_run_machine_arn):
        for rule in rules_starting(aws, machine):
            arn = rule.dead_letter_queue
            if arn and arn not in found:
                found[arn] = Queue(arn.rsplit(":", 1)[1], queue_url(aws, arn), machine)
    return list(found.values())


def batches(aws: Aws, queue: Queue) -> Iterator[list[Letter]]:
    """Yield what a queue holds, a few at once, and hide it from other readers for two minutes."""
    seen: set[str] = set()
    while True:
        answer = aws.call(
            "sqs",
            "receive_message",
            QueueUrl=queue.url,
            MaxNumberOfMessages=_AT_ONCE,
            VisibilityTimeout=_SECONDS_HIDDEN,
            WaitTimeSeconds=_SECONDS_TO_WAIT,
            MessageAttributeNames=["All"],
        )
        new = [one for one in answer.get("Messages", []) if one["MessageId"] not in seen]
        if not new:
            return
        seen |= {one["MessageId"] for one in new}
        yield [_letter(queue, one) for one in new]


def send_again(aws: Aws, letter: Letter) -> None:
    """Start the run; only then delete the letter."""
    try:
        aws.call(
            "stepfunctions",
            "start_execution",
            stateMachineArn=letter.queue.machine_arn,
            name=letter.execution_name,
            input=letter.body,
        )
    except AwsError as error:
        # An earlier replay started it, and could not delete it.
        if error.code != _ALREADY_STARTED:
            raise
    drop(aws, letter)


def drop(aws: Aws, letter: Letter) -> None:
    """Delete a letter."""
    aws.call("sqs", "delete_message", QueueUrl=letter.queue.url, ReceiptHandle=letter.receipt)


def put_back(aws: Aws, read: Sequence[Letter]) -> None:
    """Let others see letters again that were only read."""
    for letter in read:
        aws.call(
            "sqs",
            "change_message_visibility",
            QueueUrl=letter.queue.url,
            ReceiptHandle=letter.receipt,
            VisibilityTimeout=0,
        )


def _letter(queue: Queue, message: dict[str, Any]) -> Letter:
    attributes = message.get("MessageAttributes", {})
    told = (attributes.get(name, {}).get("StringValue") for name in ("ERROR_CODE", "ERROR_MESSAGE"))
    return Letter(
        queue,
        message["MessageId"],
        message["ReceiptHandle"],
        message["Body"],
        ": ".join(part for part in told if part),
    )
