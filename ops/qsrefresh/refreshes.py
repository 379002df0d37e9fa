"""A refresh as people are told of it, wherever that was read: how it ended, dataset by dataset."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from qsrefresh.language import FOR_PROGRAMS, Sentence
from qsrefresh.meanings import Meaning

#: Step Functions developer guide, "Regions and endpoints": each partition has its own console.
_CONSOLES = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
#: Amazon Quick user guide, "AWS Regions, websites, IP address ranges, and endpoints".
_QUICKSIGHT = {
    "aws-cn": "{region}.quicksight.amazonaws.cn",
    "aws-us-gov": "quicksight.{region}.amazonaws.com",
}


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
    """What became of one dataset in a run.

    Attributes:
        error_type: ErrorInfo.Type, or the name of an error of QuickSight's API.
        message: what came with it.
        minimum: how many rows it is to have at least, 0 if nobody said.
        short: it was refreshed, with fewer.
        attempts: how often its refresh was started, None where that is not known.
        before: what ended the attempts before the last.
        parent: name of the first dataset that comes before it and was not refreshed.
        parent_short: that one was refreshed, with too few rows.
        known: whether it is known which error it was, if one was told.
        death: how its own part of the run died, where that is known.
    """

    id: str
    name: str
    status: str
    rows: int | None = None
    skipped_rows: int | None = None
    seconds: int | None = None
    error_type: str = ""
    message: str = ""
    minimum: int = 0
    short: bool = False
    attempts: int | None = None
    before: Sequence[str] = ()
    parent: str = ""
    parent_short: bool = False
    known: bool = True
    death: Sentence | None = None

    @property
    def refreshed(self) -> bool:
        """Tell whether every row is in, and enough are: the rule of Check Ingestion Status."""
        return self.status == "COMPLETED" and not self.skipped_rows and not self.short

    @property
    def cause(self) -> str | None:
        """Why it was not refreshed with every row, as programs read it."""
        if self.refreshed or self.status == Outcome.RUNNING.value:
            return None
        if self.death:
            return FOR_PROGRAMS.tell(self.death)
        if self.status == "COMPLETED":
            few = f"fewer rows than {self.minimum}"
            return few if self.short else f"rows skipped: {self.skipped_rows}"
        error = ": ".join(part for part in (self.error_type, self.message) if part)
        told = f" ({error})" if error else ""
        after = f": {self.parent}, which comes before it, was not refreshed" if self.parent else ""
        texts = {
            "START_FAILED": f"the refresh did not start{told}",
            "CHECK_FAILED": f"its result could not be read{told}",
            "TIMED_OUT": f"it was not finished when the run stopped waiting{told}",
            "NOT_STARTED": f"it was not started{after}",
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
            "errorType": self.error_type or None,
            "attempts": self.attempts,
            "before": list(self.before),
        }


@dataclass(frozen=True)
class Trouble:
    """What went wrong in a run that is no dataset's own failure.

    Attributes:
        fact: as programs read it.
        headline: as people read it.
        meaning: what it means, where the mails have words for it.
        message: what was said with it.
        values: what the words may name.
    """

    fact: str
    headline: Sentence | None = None
    meaning: Meaning | None = None
    message: str = ""
    values: Sequence[tuple[str, object]] = ()


@dataclass(frozen=True)
class FolderRefresh:
    """One refresh of a folder.

    Attributes:
        execution: the ARN of its run.
        started_by: what started it; None where only its run can tell.
        files: how many file events it covers.
        file: the name of its file, where there was one only.
        troubles: why it did not end well, apart from its datasets; the first cause first.
        judged: whether it is known what became of the datasets.
    """

    execution: str
    folder: str
    outcome: Outcome
    started: datetime
    ended: datetime | None = None
    started_by: Sentence | None = None
    files: int | None = None
    file: str | None = None
    datasets: Sequence[DatasetResult] = ()
    troubles: Sequence[Trouble] = ()
    judged: bool = True

    @property
    def seconds(self) -> int | None:
        """How long it took."""
        return None if self.ended is None else round((self.ended - self.started).total_seconds())

    @property
    def went_wrong(self) -> bool:
        """Tell whether it ended, and not well."""
        return self.outcome in (Outcome.ERROR, Outcome.DIED)

    @property
    def causes(self) -> list[str]:
        """Why it did not end well, as programs read it."""
        own = [f"{one.name}: {one.cause}" for one in self.datasets if one.cause]
        known = [*(one.fact for one in self.troubles), *(own if self.judged else [])]
        return known if self.went_wrong else []

    def as_json(self) -> dict[str, Any]:
        """Return the refresh for programs."""
        return {
            "execution": self.execution,
            "folder": self.folder,
            "startedBy": FOR_PROGRAMS.tell(self.started_by) if self.started_by else None,
            "startedAt": self.started,
            "endedAt": self.ended,
            "seconds": self.seconds,
            "verdict": self.outcome.value,
            "files": self.files,
            "datasets": [one.as_json() for one in self.datasets],
            "causes": self.causes,
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


def dataset_link(execution: str, dataset_id: str) -> str:
    """Return QuickSight's page of a dataset, in the Region of an execution."""
    _, partition, _, region, *_ = execution.split(":")
    domain = _QUICKSIGHT.get(partition, "{region}.quicksight.aws.amazon.com").format(region=region)
    return f"https://{domain}/sn/data-sets/{quote(dataset_id, safe='', errors='replace')}"
