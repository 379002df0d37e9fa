"""Run one refresh in an account and measure it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from local.account import BUCKET, WATCHED, LocalAccount
from local.core.faults import Call
from local.services.spice import Rows

KEY = f"{WATCHED}bench/data.csv"
FOLDER = f"s3://{BUCKET}/{WATCHED}bench/"
#: Standard machines, beyond the 4,000 transitions a month that are free.
#: https://aws.amazon.com/step-functions/pricing/
USD_PER_TRANSITION = 0.025 / 1000


class BenchError(RuntimeError):
    """A measured run did not end as it should: its figures would be of something else."""


@dataclass(frozen=True)
class Refresh:
    """What one refresh of a folder took.

    Attributes:
        looks: describeIngestion calls, dataset by dataset.
        late: seconds between an ingestion's end and the look that saw it, dataset by dataset.
        transitions: states entered, and retries, in the parent and its children.
        parent_transitions: those of the parent alone.
        history: events of the largest execution, parent or child.
        status: how the parent ended.
        mails: the subjects of the mails sent.
    """

    looks: tuple[int, ...]
    late: tuple[float, ...]
    transitions: int
    parent_transitions: int
    history: int
    status: str
    mails: tuple[str, ...]


def dataset_id(number: int) -> str:
    """Return the id of a registered dataset."""
    return f"dataset-{number:03d}"


def register(account: LocalAccount, datasets: int) -> None:
    """Forget all that was, and register so many datasets for one folder."""
    account.reset()
    rows = [
        {"datasetid": dataset_id(number), "datasetname": f"Dataset {number}"}
        for number in range(datasets)
    ]
    account.register([{"S3uri": FOLDER, "datasets": rows}])


def transitions(history: Sequence[Any]) -> int:
    """Count what is billed: each state entered, and each retry of a Task."""
    kinds = [str(event["type"]) for event in history]
    entered = sum("stateEnteredEventDetails" in event for event in history)
    retries = kinds.count("TaskScheduled") - kinds.count("TaskStateEntered")
    return entered + max(0, retries)


def refresh(
    account: LocalAccount,
    seconds: Sequence[float],
    files: int = 1,
    outcome: Callable[[Rows], dict[str, Any]] | None = None,
    ends: str | None = "SUCCEEDED",
) -> Refresh:
    """Drop files, let the refresh run, and measure it.

    Args:
        account: with as many datasets registered as there are ``seconds``.
        seconds: how long each dataset's ingestion runs.
        files: how many files are dropped in the same moment.
        outcome: how the ingestions end; None: with all their rows.
        ends: the status in which the first execution has to end; None: in any.

    Raises:
        BenchError: it did not.
    """
    datasets = [account.quicksight.datasets[dataset_id(n)] for n in range(len(seconds))]
    for dataset, length in zip(datasets, seconds, strict=True):
        dataset.seconds = lambda _, length=length: length  # type: ignore[misc]
        dataset.outcome = outcome
    looks = dict.fromkeys((dataset.dataset_id for dataset in datasets), 0)
    seen = dict.fromkeys(looks, 0.0)

    def looked(call: Call) -> None:
        if call.operation == "DescribeIngestion":
            looks[call.parameters["DataSetId"]] += 1
            seen[call.parameters["DataSetId"]] = account.clock.now()

    executions, children = len(account.executions), len(account.children)
    mails = len(account.mails)
    account.on_call.append(looked)
    for number in range(files):
        account.drop(KEY if files == 1 else f"{KEY}.{number}.csv")
    account.settle()
    account.on_call.remove(looked)
    status = str(account.executions[executions].status)
    if ends is not None and status != ends:
        raise BenchError(f"the refresh ended {status}: {account.executions[executions].cause}")
    parents = [account.history(execution) for execution in account.executions[executions:]]
    own = [
        child.environment.event_manager._history_event_list for child in account.children[children:]
    ]
    return Refresh(
        looks=tuple(looks.values()),
        late=tuple(
            seen[dataset.dataset_id]
            - max(ingestion.ends for ingestion in dataset.ingestions.values())
            for dataset in datasets
        ),
        transitions=sum(map(transitions, parents + own)),
        parent_transitions=sum(map(transitions, parents)),
        history=max(map(len, parents + own)),
        status=status,
        mails=tuple(mail.subject for mail in account.mails[mails:]),
    )
