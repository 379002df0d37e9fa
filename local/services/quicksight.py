"""QuickSight's ingestions and data sets over the real files in the local S3.

Imitates: CreateIngestion; the statuses that DescribeIngestion tells; the rows that it counts; an
ingestion that failed, and why; the moment at which files are read (here when the ingestion is
created); the rows of a dataset that is made of others (here those of the newest complete ingestion
of each, added up, when its own is created); a second ingestion (queued behind the first, or
superseding it); CancelIngestion, of an ingestion that is not over (here with the error
INGESTION_CANCELED); CancelIngestion of one that is over (here refused); errors of an unknown
dataset or ingestion; an ingestion id that is used twice; an ingestion id that is not legal; a
dataset that is a direct query; 32 refreshes in 24 hours; a limit for each dataset by itself.
Does not imitate: other data sources than CSV files in S3 (a dataset without a folder has rows),
SPICE capacity, permissions of people, files that do not end in ``.csv`` (here not read).
What becomes of a file's rows: ``local.services.spice``; what the API answers:
``local.services.quicksight_api``. How long an ingestion takes is ``Dataset.seconds`` (by default a
little, and more for more rows).
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.s3.models import FakeKey, s3_backends

from local.core.world import World
from local.services.spice import Rows, count_rows

REQUEST_ID = "00000000-0000-0000-0000-000000000000"
#: https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateIngestion.html
REFRESHES_A_DAY = 32
#: What DescribeDataSet answers about the datasets of uploaded files, and about some of the new data
#: preparation: https://github.com/aws/aws-cli/issues/9825
FILE_UPLOAD = "The data set type is not supported through API yet"
NEW_PREPARATION = (
    "DescribeDataSet is not supported for this dataSet in new data preparation experience"
)
_DAY_SECONDS = 24 * 3600
_INGESTION_ID = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_TERMINAL = ("COMPLETED", "FAILED", "CANCELLED")


#: Error code → HTTP status of the QuickSight API.
_HTTP_STATUS = {
    "InvalidParameterValueException": 400,
    "InvalidNextTokenException": 400,
    "ResourceNotFoundException": 404,
    "LimitExceededException": 409,
    "ResourceExistsException": 409,
}


class QuickSightError(JsonRESTError):
    """An error answer of the QuickSight API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = _HTTP_STATUS[code]


@dataclass
class Ingestion:
    """One refresh of a dataset, as a timetable over the account's clock."""

    dataset: "Dataset"
    ingestion_id: str
    arn: str
    request_type: str
    created: float
    starts: float
    ends: float
    final: dict[str, Any]
    rows: int = 0
    waits_for: str | None = None
    source: str = "MANUAL"

    def status(self, now: float) -> str:
        """Return the IngestionStatus at an instant."""
        if now >= self.ends:
            return str(self.final["IngestionStatus"])
        if now >= self.starts:
            return "RUNNING"
        return "QUEUED" if self.waits_for or now > self.created + 1 else "INITIALIZED"

    @property
    def is_long(self) -> bool:
        """Whether it takes more than a minute to read its rows."""
        return self.ends - self.starts > 60

    def share(self, now: float) -> float:
        """Return how much of its rows it has read at an instant, from 0 to 1."""
        return min(1.0, max(0.0, (now - self.starts) / (self.ends - self.starts)))

    def describe(self, now: float) -> dict[str, Any]:
        """Return the API's ``Ingestion`` structure; optional members only when there is a value."""
        status = self.status(now)
        shown: dict[str, Any] = {
            "Arn": self.arn,
            "IngestionId": self.ingestion_id,
            "IngestionStatus": status,
            "CreatedTime": datetime.fromtimestamp(self.created, tz=UTC).timestamp(),
            "RequestSource": self.source,
            "RequestType": self.request_type,
        }
        if status == "QUEUED" and self.waits_for:
            shown["QueueInfo"] = {
                "WaitingOnIngestion": self.waits_for,
                "QueuedIngestion": self.ingestion_id,
            }
        if status in _TERMINAL:
            shown["IngestionTimeInSeconds"] = round(max(0, self.ends - self.starts))
            shown.update(self.final)
        return shown

    def end(self, now: float, status: str, error: str, message: str) -> None:
        """Let it end now, before its time."""
        self.ends = now
        self.final = {"IngestionStatus": status, "ErrorInfo": {"Type": error, "Message": message}}


@dataclass
class Dataset:
    """A SPICE (or direct query) dataset over one S3 folder.

    Attributes:
        folder: ``s3://bucket/folder/`` whose CSV files it reads; None: it has ``rows`` instead.
        columns: their names; None: it gets them from its first good file.
        parents: the ids of the datasets that it is made of, instead of a folder: it has the rows
            that they had when its ingestion was created.
        prepared_anew: whether it was made with the new data preparation.
        undescribed: the message with which DescribeDataSet refuses it, such as ``FILE_UPLOAD``.
        seconds: how long an ingestion takes, from the number of rows read.
        outcome: overrides how the next ingestions end: a partial ``Ingestion`` structure
            (``{"IngestionStatus": "FAILED", "ErrorInfo": …}``), called with the files' count.
        incremental: whether an incremental refresh is set up.
    """

    dataset_id: str
    name: str
    folder: str | None = None
    rows: int = 100
    columns: tuple[str, ...] | None = None
    parents: tuple[str, ...] = ()
    prepared_anew: bool = False
    undescribed: str = ""
    import_mode: str = "SPICE"
    seconds: Callable[[int], float] = lambda rows: 20.0 + math.sqrt(rows) / 10
    outcome: Callable[[Rows], dict[str, Any]] | None = None
    incremental: bool = False
    created: float = 0.0
    ingestions: dict[str, Ingestion] = field(default_factory=dict)


class LocalQuickSight:
    """Every dataset of the account, and what its API answers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.datasets: dict[str, Dataset] = {}
        self.limit = REFRESHES_A_DAY
        self.second_ingestion = "queued"
        self._looked: tuple[Any, Rows] | None = None

    def add(self, dataset: Dataset) -> Dataset:
        """Create a dataset."""
        dataset.created = self.world.clock.now()
        self.datasets[dataset.dataset_id] = dataset
        return dataset

    def reset(self) -> None:
        """Forget every dataset."""
        self.datasets.clear()

    def dataset(self, dataset_id: str) -> Dataset:
        """Return a dataset, or answer as the API does."""
        found = self.datasets.get(dataset_id)
        if found is None:
            raise QuickSightError(
                "ResourceNotFoundException",
                f"DataSet {dataset_id} is not found in region {self.world.region}",
            )
        return found

    def arn(self, path: str) -> str:
        """Return the ARN of something in QuickSight."""
        return self.world.arn("quicksight", path)

    def _read(self, dataset: Dataset) -> Rows:
        if dataset.parents:
            parents = [self.dataset(parent) for parent in dataset.parents]
            return Rows(sum(map(self._read_parent, parents)), 0, len(parents))
        if dataset.folder is None:
            return Rows(dataset.rows, 0, 1)
        files = self._files(dataset.folder)
        look = (dataset.columns, [(name, file.etag) for name, file in files])
        if self._looked is None or self._looked[0] != look:  # two datasets often have one folder
            contents = ((name, file.value) for name, file in files)
            self._looked = look, count_rows(contents, dataset.columns)
        rows = self._looked[1]
        dataset.columns = rows.columns
        return rows

    def _read_parent(self, dataset: Dataset) -> int:
        """Return the rows that a dataset made of this one copies now."""
        if dataset.import_mode != "SPICE":
            return self._read(dataset).good
        now = self.world.clock.now()
        complete = [one for one in dataset.ingestions.values() if one.status(now) == "COMPLETED"]
        if not complete:
            return 0
        newest = max(complete, key=lambda one: one.ends)
        return int(newest.final.get("RowInfo", {}).get("TotalRowsInDataset", newest.rows))

    def _files(self, folder: str) -> list[tuple[str, FakeKey]]:
        bucket, _, prefix = folder.removeprefix("s3://").partition("/")
        keys = s3_backends[self.world.account_id]["aws"].buckets[bucket].keys
        return [
            (name, file)
            for name, file in sorted(keys.items())
            if isinstance(file, FakeKey)
            and name.startswith(prefix)
            and name.lower().endswith(".csv")
        ]

    def _ends_as(self, dataset: Dataset, rows: Rows) -> dict[str, Any]:
        if dataset.outcome is not None:
            return dataset.outcome(rows)
        error = {"Type": "CUSTOMER_ERROR", "Message": rows.error}
        if not rows.files:
            message = f"No file was found under {dataset.folder}"
            error = {"Type": "S3_FILE_INACCESSIBLE", "Message": message}
        if error["Message"]:
            return {"IngestionStatus": "FAILED", "ErrorInfo": error}
        return {
            "IngestionStatus": "COMPLETED",
            "RowInfo": {
                "RowsIngested": rows.good,
                "RowsDropped": rows.bad,
                "TotalRowsInDataset": rows.good,
            },
            "IngestionSizeInBytes": rows.good * 64,
        }

    def create_ingestion(self, dataset_id: str, ingestion_id: str, request: str) -> dict[str, Any]:
        """CreateIngestion."""
        dataset = self.dataset(dataset_id)
        now = self.world.clock.now()
        if not _INGESTION_ID.fullmatch(ingestion_id):
            raise QuickSightError(
                "InvalidParameterValueException", f"IngestionId {ingestion_id!r} is not legal"
            )
        if dataset.import_mode != "SPICE":
            raise QuickSightError(
                "InvalidParameterValueException", f"DataSet {dataset_id} is not a SPICE dataset"
            )
        if ingestion_id in dataset.ingestions:
            raise QuickSightError(
                "ResourceExistsException", "The resource specified already exists."
            )
        recent = [one for one in dataset.ingestions.values() if one.created > now - _DAY_SECONDS]
        if len(recent) >= self.limit:
            raise QuickSightError(
                "LimitExceededException",
                f"The limit of {self.limit} ingestions in 24 hours is reached for {dataset_id}",
            )
        rows = self._read(dataset)
        running = [one for one in dataset.ingestions.values() if one.ends > now]
        starts, waits_for = now + 2, None
        if running and self.second_ingestion == "superseded":
            for one in running:
                one.end(now, "FAILED", "INGESTION_SUPERSEDED", "A newer ingestion was created.")
        elif running:
            last = max(running, key=lambda one: one.ends)
            starts, waits_for = last.ends, last.ingestion_id
        ingestion = Ingestion(
            dataset=dataset,
            ingestion_id=ingestion_id,
            arn=self.arn(f"dataset/{dataset_id}/ingestion/{ingestion_id}"),
            request_type=request,
            created=now,
            starts=starts,
            ends=starts + dataset.seconds(rows.good + rows.bad),
            final=self._ends_as(dataset, rows),
            rows=rows.good + rows.bad,
            waits_for=waits_for,
        )
        dataset.ingestions[ingestion_id] = ingestion
        return {
            "Arn": ingestion.arn,
            "IngestionId": ingestion_id,
            "IngestionStatus": "INITIALIZED",
            "RequestId": REQUEST_ID,
        }

    def ingestion(self, dataset_id: str, ingestion_id: str) -> Ingestion:
        """Return one ingestion, or answer as the API does."""
        found = self.dataset(dataset_id).ingestions.get(ingestion_id)
        if found is None:
            raise QuickSightError(
                "ResourceNotFoundException",
                f"Ingestion {ingestion_id} is not found in region {self.world.region}",
            )
        return found

    def cancel_ingestion(self, dataset_id: str, ingestion_id: str) -> dict[str, Any]:
        """CancelIngestion; whatever waits for this ingestion comes sooner."""
        ingestion = self.ingestion(dataset_id, ingestion_id)
        now = self.world.clock.now()
        if now >= ingestion.ends:
            raise QuickSightError(
                "InvalidParameterValueException",
                f"Ingestion {ingestion_id} is over: {ingestion.status(now)}",
            )
        over, freed = ingestion.ends, ingestion.ends - max(now, ingestion.starts)
        ingestion.end(now, "CANCELLED", "INGESTION_CANCELED", "The ingestion was canceled.")
        for one in ingestion.dataset.ingestions.values():
            if one.starts >= over:
                one.starts -= freed
                one.ends -= freed
            if one.waits_for == ingestion_id:
                one.waits_for = ingestion.waits_for
        return {
            "Arn": ingestion.arn,
            "IngestionId": ingestion_id,
            "RequestId": REQUEST_ID,
        }
