"""What happens to the local account in tests and sample runs: traffic, and what goes wrong."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from local.account import BUCKET, WATCHED, LocalAccount
from local.core.clock import StoppedError
from local.core.faults import Fault, ServiceError
from local.services.spice import Rows
from tests.asl import STATE_MACHINES, load, states

FOLDER = f"s3://{BUCKET}/{WATCHED}sales/"
PARAMETERS = "sampleproject-parameters"
STATE = "sampleproject-refresh-state"
GOOD = b"day,sales\n1,10\n2,20\n"
BROKEN = b"day,sales\n1,10\n2\n3,30,?\n"
#: A code that no service's model knows: what throttling and access denied are to the old SDKs.
UNMODELLED = ServiceError("UnheardOfException")

_ENDS = {
    state.name
    for path in STATE_MACHINES
    for state in states(load(path))
    if state.body["Type"] in ("Succeed", "Fail") and not state.scope
}


def register(account: LocalAccount, *names: str, folder: str = FOLDER) -> None:
    """Register datasets for a folder, and create them; their ids are ``id-NAME``."""
    datasets = [{"datasetid": f"id-{name}", "datasetname": name} for name in names]
    account.register([{"S3uri": folder, "datasets": datasets}])


def drop(account: LocalAccount, name: str = "a.csv", body: bytes = GOOD) -> None:
    """Put a file into the registered folder."""
    account.drop(f"{WATCHED}sales/{name}", body)


def put_item(account: LocalAccount, table: str, item: dict[str, Any]) -> None:
    """Write an item for the folder as it is on the wire."""
    account.client("dynamodb").put_item(TableName=table, Item={"S3uri": {"S": FOLDER}, **item})


def at_state(account: LocalAccount, name: str, work: Callable[[str], Any], times: int = 1) -> None:
    """Do something the moment that a run enters a state; ``work`` gets the run's ARN."""
    left = [times]

    def entered(manager: Any, event: Any) -> None:
        details = event.get("stateEnteredEventDetails")
        if details and details["name"] == name and left[0]:
            left[0] -= 1
            arn = next(
                execution.execution_arn
                for execution in account.executions
                if execution.exec_worker
                and execution.exec_worker.env
                and execution.exec_worker.env.event_manager is manager
            )
            account.clock.spawn(f"test: {name}", lambda: work(arn))

    account.on_history.append(entered)


def stop_at(account: LocalAccount, state: str) -> None:
    """Stop the first run that enters a state, as StopExecution does."""
    stop = account.client("stepfunctions").stop_execution
    at_state(account, state, lambda arn: stop(executionArn=arn))


def end_at(account: LocalAccount, state: str, error: StoppedError) -> None:
    """Let the first run that enters a state die of something that no Catch sees."""

    def end(arn: str) -> None:
        (task,) = (task for task in account.clock.tasks if task.name == arn)
        account.clock.stop_task(task, error)

    at_state(account, state, end)


def fail(account: LocalAccount, state: str, error: Exception, **how: Any) -> Fault:
    """Make every call of a Task fail (``how``: see :class:`local.core.faults.Fault`)."""
    return account.faults.add(Fault("*", "*", error, when=lambda call: call.state == state, **how))


def ends_as(account: LocalAccount, name: str, final: dict[str, Any]) -> None:
    """Let a dataset's ingestions end with this part of the ``Ingestion`` structure."""

    def outcome(_: Rows) -> dict[str, Any]:
        return final

    account.quicksight.datasets[f"id-{name}"].outcome = outcome


def ending(account: LocalAccount, execution: Any) -> str:
    """Return the state that an execution ended in; its status, if it ended before any."""
    path = account.path(execution)
    return path[-1] if path and path[-1] in _ENDS else str(execution.status)


@contextlib.contextmanager
def redefined(
    account: LocalAccount, change: Callable[[dict[str, Any]], None], machine: str = ""
) -> Iterator[None]:
    """Let a machine (of a name; else the refresh) be another one: after a change in place."""
    client, arn = account.client("stepfunctions"), account.machine_arn
    if machine:
        arn = account.arn("states", f"stateMachine:{account.project}-{machine}")
    real = client.describe_state_machine(stateMachineArn=arn)["definition"]
    definition = json.loads(real)
    change(definition)
    other = json.dumps(definition, ensure_ascii=False)
    client.update_state_machine(stateMachineArn=arn, definition=other)
    try:
        yield
    finally:
        client.update_state_machine(stateMachineArn=arn, definition=real)


def dead_letter_queue(account: LocalAccount) -> str:
    """Return the address of the queue of file events that could start no run."""
    urls = account.client("sqs").list_queues()["QueueUrls"]
    (url,) = [url for url in urls if "FileEventDeadLetter" in url]
    return str(url)


def verdicts(account: LocalAccount) -> list[str]:
    """Return SUCCESS or ERROR for every mail, oldest first."""
    return [mail.subject.split("]")[0].strip("[") for mail in account.mails]


def leaders(account: LocalAccount) -> list[str]:
    """Return the runs that lead a folder, as the state table has it."""
    return [item["leader"]["S"] for item in account.items(STATE) if "leader" in item]
