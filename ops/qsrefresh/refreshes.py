"""A refresh as people are told of it, wherever that was read: how it ended, dataset by dataset."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

#: Step Functions developer guide, "Regions and endpoints": each partition has its own console.
_CONSOLES = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}


class Outcome(enum.Enum):
    """How a run ended."""

    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    ERROR = "ERROR"
    DIED = "DIED"
    JOINED = "JOINED"
    NOTHING_TO_DO = "NOTHING_TO_DO"


@dataclass(frozen=True)
class DatasetResult:
    """What became of one dataset in a run."""

    id: str
    name: str
    status: str
    rows: int | None = None
    skipped_rows: int | None = None
    seconds: int | None = None
    error: str = ""

    @property
    def refreshed(self) -> bool:
        """Tell whether every row is in: the rule of Check Ingestion Status."""
        return self.status == "COMPLETED" and not self.skipped_rows

    @property
    def cause(self) -> str | None:
        """Why it was not refreshed with every row."""
        if self.refreshed or self.status == Outcome.RUNNING.value:
            return None
        if self.status == "COMPLETED":
            return f"rows skipped: {self.skipped_rows}"
        told = f" ({self.error})" if self.error else ""
        texts = {
            "START_FAILED": f"the refresh did not start{told}",
            "CHECK_FAILED": f"its result could not be read{told}",
            "TIMED_OUT": f"it was not finished when the run stopped waiting{told}",
            "UNKNOWN": f"no result came back{told}",
        }
        return texts.get(self.status, f"QuickSight ended it as {self.status}{told}")

    def as_json(self) -> dict[str, Any]:
        """Return the result for programs."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "refreshed": self.refreshed,
            "rows": self.rows,
            "skippedRows": self.skipped_rows,
            "seconds": self.seconds,
            "cause": self.cause,
        }


@dataclass(frozen=True)
class FolderRefresh:
    """One refresh of a folder.

    Attributes:
        execution: the ARN of its run.
        started_by: what started it, in words; None where only its run can tell.
        files: how many file events it covers.
        causes: why it did not end well, the first cause first.
    """

    execution: str
    folder: str
    outcome: Outcome
    started: datetime
    ended: datetime | None = None
    started_by: str | None = None
    files: int | None = None
    datasets: Sequence[DatasetResult] = ()
    causes: Sequence[str] = ()

    @property
    def seconds(self) -> int | None:
        """How long it took."""
        return None if self.ended is None else round((self.ended - self.started).total_seconds())

    @property
    def went_wrong(self) -> bool:
        """Tell whether it ended, and not well."""
        return self.outcome in (Outcome.ERROR, Outcome.DIED)

    def as_json(self) -> dict[str, Any]:
        """Return the refresh for programs."""
        return {
            "execution": self.execution,
            "folder": self.folder,
            "startedBy": self.started_by,
            "startedAt": self.started,
            "endedAt": self.ended,
            "seconds": self.seconds,
            "verdict": self.outcome.value,
            "files": self.files,
            "datasets": [one.as_json() for one in self.datasets],
            "causes": list(self.causes),
            "link": console_link(self.execution),
        }


def console_link(arn: str) -> str:
    """Return the console's page of an execution."""
    _, partition, _, region, *_ = arn.split(":")
    domain = _CONSOLES.get(partition, "console.aws.amazon.com")
    return (
        f"https://{region}.{domain}/states/home?region={region}#/v2/executions/details/"
        f"{quote(arn, safe=':/-_.')}"
    )
