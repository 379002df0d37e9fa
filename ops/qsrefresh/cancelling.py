"""Cancel the ingestions of a run that goes on: the run sees it, and ends by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.datasets import is_about_one_dataset
from qsrefresh.errors import AwsError, OperatorError
from qsrefresh.execution_history import RUNNING
from qsrefresh.follow import OVER, own_ingestion, suffix_of
from qsrefresh.project import Project
from qsrefresh.refresh_run import Run
from qsrefresh.refreshes import Outcome


@dataclass(frozen=True)
class Ingestion:
    """An ingestion that goes on."""

    dataset_id: str
    name: str
    id: str
    status: str

    def as_json(self) -> dict[str, Any]:
        """Return the ingestion for programs."""
        return {
            "dataset": self.dataset_id,
            "name": self.name,
            "ingestion": self.id,
            "status": self.status,
        }


def plan(aws: Aws, project: Project, run: Run) -> list[Ingestion]:
    """Return the ingestions of a run that go on; nothing where all have ended.

    Raises:
        OperatorError: the run has ended, or has not begun to refresh.
    """
    if run.outcome is not Outcome.RUNNING:
        raise OperatorError(
            f"that run has ended as {run.outcome.value}: there is nothing to cancel",
            f"qsrefresh explain {run.arn}",
        )
    suffix = suffix_of(run)
    if suffix is None or run.execution.step("Refresh Each Dataset") is None:
        raise OperatorError(
            f"that run has not begun to refresh: it is at the step {run.execution.last_state}",
            f"wait until it has (qsrefresh status), or end it before it begins: aws stepfunctions"
            f" stop-execution --execution-arn {run.arn}",
        )
    return list(_going_on(aws, project, run, suffix))


def _going_on(aws: Aws, project: Project, run: Run, suffix: str) -> Iterator[Ingestion]:
    for one in run.datasets:
        found = own_ingestion(aws, project, one.id, suffix) if one.status == RUNNING else None
        if found and found["IngestionStatus"] not in OVER:
            yield Ingestion(one.id, one.name, found["IngestionId"], found["IngestionStatus"])


def execute(aws: Aws, project: Project, ingestion: Ingestion) -> bool:
    """Cancel an ingestion; return whether it went on until then."""
    try:
        aws.call(
            "quicksight",
            "cancel_ingestion",
            AwsAccountId=project.account_id,
            DataSetId=ingestion.dataset_id,
            IngestionId=ingestion.id,
        )
    except AwsError as error:
        if is_about_one_dataset(error):
            return False
        raise
    return True
