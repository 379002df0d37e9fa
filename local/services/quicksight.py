"""QuickSight's ingestions and data sets over the real files in the local S3.

Imitates: CreateIngestion; the statuses that DescribeIngestion tells; the rows that it counts; an
ingestion that failed, and why; rows that do not fit their file's header (here dropped and counted);
the moment at which files are read (here when the ingestion is created); a second ingestion (queued
behind the first, or superseding it); errors of an unknown dataset or ingestion; an ingestion id
that is used twice; an ingestion id that is not legal; a dataset that is a direct query; 32
refreshes in 24 hours; a limit for each dataset by itself; ListIngestions, newest first;
ListDataSets; lists in pages; DescribeDataSetRefreshProperties; DescribeAccountSettings, which tells
the edition (here always Enterprise).
Does not imitate: CancelIngestion, types and schemas, other data sources, SPICE capacity,
permissions of people.
How long an ingestion takes is ``Dataset.seconds`` (by default a little, and more for more rows).
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest import mock

from moto.core.exceptions import JsonRESTError
from moto.quicksight import urls
from moto.quicksight.responses import QuickSightResponse
from moto.s3.models import FakeKey, s3_backends

if TYPE_CHECKING:
    from local.account import LocalAccount

#: https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateIngestion.html
REFRESHES_A_DAY = 32
_DAY_SECONDS = 24 * 3600
_INGESTION_ID = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_TERMINAL = ("COMPLETED", "FAILED", "CANCELLED")

#: Error code → HTTP status of the QuickSight API.
_HTTP_STATUS = {
    "InvalidParameterValueException": 400,
    "ResourceNotFoundException": 404,
    "LimitExceededException": 409,
    "ResourceExistsException": 409,
}


class QuickSightError(JsonRESTError):
    """An error answer of the QuickSight API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = _HTTP_STATUS[code]


@dataclass(frozen=True)
class Rows:
    """What one look at a dataset's files counted."""

    good: int
    bad: int
    files: int
    problem: str | None = None


def count_rows(files: Iterator[tuple[str, bytes]]) -> Rows:
    """Count the data rows of CSV files: good ones, and those that do not fit their header."""
    good = bad = number = 0
    for key, content in files:
        number += 1
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return Rows(good, bad, number, f"{key} is not UTF-8 text")
        reader = csv.reader(io.StringIO(text, newline=""))
        header = next(reader, [])
        for row in reader:
            if not row:
                continue
            if len(row) == len(header):
                good += 1
            else:
                bad += 1
    return Rows(good, bad, number)


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
    waits_for: str | None = None
    source: str = "MANUAL"

    def status(self, now: float) -> str:
        """Return the IngestionStatus at an instant."""
        if now >= self.ends:
            return str(self.final["IngestionStatus"])
        if now >= self.starts:
            return "RUNNING"
        return "QUEUED" if self.waits_for or now > self.created + 1 else "INITIALIZED"

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
            shown["IngestionTimeInSeconds"] = round(self.ends - self.starts)
            shown.update(self.final)
        return shown


@dataclass
class Dataset:
    """A SPICE (or direct query) dataset over one S3 folder.

    Attributes:
        folder: ``s3://bucket/folder/`` whose CSV files it reads; None: it has ``rows`` instead.
        seconds: how long an ingestion takes, from the number of rows read.
        outcome: overrides how the next ingestions end: a partial ``Ingestion`` structure
            (``{"IngestionStatus": "FAILED", "ErrorInfo": …}``), called with the files' count.
        incremental: whether an incremental refresh is set up.
    """

    dataset_id: str
    name: str
    folder: str | None = None
    rows: int = 100
    import_mode: str = "SPICE"
    seconds: Callable[[int], float] = lambda rows: 20.0 + rows / 100
    outcome: Callable[[Rows], dict[str, Any]] | None = None
    incremental: bool = False
    ingestions: dict[str, Ingestion] = field(default_factory=dict)


class LocalQuickSight:
    """Every dataset of the account, and what its API answers."""

    def __init__(self, account: "LocalAccount") -> None:
        self.account = account
        self.datasets: dict[str, Dataset] = {}
        self.limit = REFRESHES_A_DAY
        self.second_ingestion = "queued"

    def add(self, dataset: Dataset) -> Dataset:
        """Create a dataset."""
        self.datasets[dataset.dataset_id] = dataset
        return dataset

    def reset(self) -> None:
        """Forget every dataset."""
        self.datasets.clear()

    def _dataset(self, dataset_id: str) -> Dataset:
        found = self.datasets.get(dataset_id)
        if found is None:
            raise QuickSightError(
                "ResourceNotFoundException",
                f"DataSet {dataset_id} is not found in region {self.account.region}",
            )
        return found

    def _arn(self, path: str) -> str:
        return self.account.arn("quicksight", path)

    def _read(self, dataset: Dataset) -> Rows:
        if dataset.folder is None:
            return Rows(dataset.rows, 0, 1)
        bucket, _, prefix = dataset.folder.removeprefix("s3://").partition("/")
        return count_rows(self._files(bucket, prefix))

    def _files(self, bucket: str, prefix: str) -> Iterator[tuple[str, bytes]]:
        backend = s3_backends[self.account.account_id]["aws"]
        for name, found in sorted(backend.buckets[bucket].keys.items()):
            file = isinstance(found, FakeKey) and name.lower().endswith(".csv")
            if file and name.startswith(prefix):
                yield name, found.value

    def _ends_as(self, dataset: Dataset, rows: Rows) -> dict[str, Any]:
        if dataset.outcome is not None:
            return dataset.outcome(rows)
        if rows.problem or not rows.files:
            return {
                "IngestionStatus": "FAILED",
                "ErrorInfo": {
                    "Type": "S3_FILE_INACCESSIBLE",
                    "Message": rows.problem or f"No file was found under {dataset.folder}",
                },
            }
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
        dataset = self._dataset(dataset_id)
        now = self.account.clock.now()
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
                one.ends = now
                one.final = {
                    "IngestionStatus": "FAILED",
                    "ErrorInfo": {
                        "Type": "INGESTION_SUPERSEDED",
                        "Message": "A newer ingestion was created.",
                    },
                }
        elif running:
            last = max(running, key=lambda one: one.ends)
            starts, waits_for = last.ends, last.ingestion_id
        ingestion = Ingestion(
            dataset=dataset,
            ingestion_id=ingestion_id,
            arn=self._arn(f"dataset/{dataset_id}/ingestion/{ingestion_id}"),
            request_type=request,
            created=now,
            starts=starts,
            ends=starts + dataset.seconds(rows.good + rows.bad),
            final=self._ends_as(dataset, rows),
            waits_for=waits_for,
        )
        dataset.ingestions[ingestion_id] = ingestion
        return {
            "Arn": ingestion.arn,
            "IngestionId": ingestion_id,
            "IngestionStatus": "INITIALIZED",
            "RequestId": "00000000-0000-0000-0000-000000000000",
        }

    def ingestion(self, dataset_id: str, ingestion_id: str) -> Ingestion:
        """Return one ingestion, or answer as the API does."""
        found = self._dataset(dataset_id).ingestions.get(ingestion_id)
        if found is None:
            raise QuickSightError(
                "ResourceNotFoundException",
                f"Ingestion {ingestion_id} is not found in region {self.account.region}",
            )
        return found

    def summary(self, dataset: Dataset) -> dict[str, Any]:
        """Return the API's ``DataSetSummary``, as far as anybody here reads it."""
        return {
            "Arn": self._arn(f"dataset/{dataset.dataset_id}"),
            "DataSetId": dataset.dataset_id,
            "Name": dataset.name,
            "ImportMode": dataset.import_mode,
        }

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Give moto's QuickSight what it lacks, in this process and over HTTP."""
        quicksight = self

        def describe_ingestion(response: Any) -> str:
            found = quicksight.ingestion(
                response._get_param("DataSetId"), response._get_param("IngestionId")
            )
            return json.dumps({"Ingestion": found.describe(quicksight.account.clock.now())})

        def create_ingestion(response: Any) -> str:
            body = json.loads(response.body or "{}")
            return json.dumps(
                quicksight.create_ingestion(
                    response._get_param("DataSetId"),
                    response._get_param("IngestionId"),
                    body.get("IngestionType", "FULL_REFRESH"),
                )
            )

        def list_ingestions(response: Any) -> str:
            dataset = quicksight._dataset(response._get_param("DataSetId"))
            now = quicksight.account.clock.now()
            newest = sorted(dataset.ingestions.values(), key=lambda one: -one.created)
            page, token = _page(response, newest)
            return json.dumps({"Ingestions": [one.describe(now) for one in page], **token})

        def list_data_sets(response: Any) -> str:
            page, token = _page(response, list(quicksight.datasets.values()))
            summaries = [quicksight.summary(dataset) for dataset in page]
            return json.dumps({"DataSetSummaries": summaries, **token})

        def describe_data_set_refresh_properties(response: Any) -> str:
            dataset = quicksight._dataset(response._get_param("DataSetId"))
            if not dataset.incremental:
                raise QuickSightError(
                    "ResourceNotFoundException",
                    f"Refresh properties of {dataset.dataset_id} are not found",
                )
            window = {"ColumnName": "day", "Size": 1, "SizeUnit": "DAY"}
            refresh = {"IncrementalRefresh": {"LookbackWindow": window}}
            return json.dumps({"DataSetRefreshProperties": {"RefreshConfiguration": refresh}})

        def describe_account_settings(_: Any) -> str:
            return json.dumps({"AccountSettings": {"Edition": "ENTERPRISE"}})

        answers = locals()
        root = r"{0}/accounts/(?P<account_id>[\d]+)/data-sets/(?P<datasetid>[^/.]+)"
        paths = {f"{root}/ingestions$": QuickSightResponse.dispatch}
        paths[f"{root}/refresh-properties$"] = QuickSightResponse.dispatch
        with mock.patch.dict(urls.url_paths, paths):
            patches = [
                mock.patch.object(QuickSightResponse, name, answers[name], create=True)
                for name in (
                    "describe_ingestion",
                    "create_ingestion",
                    "list_ingestions",
                    "list_data_sets",
                    "describe_data_set_refresh_properties",
                    "describe_account_settings",
                )
            ]
            for patch in patches:
                patch.start()
            try:
                yield
            finally:
                for patch in patches:
                    patch.stop()


def _page(response: Any, members: list[Any]) -> tuple[list[Any], dict[str, str]]:
    size = int(response._get_param("max-results") or 100)
    first = int(response._get_param("next-token") or 0)
    rest = {"NextToken": str(first + size)} if first + size < len(members) else {}
    return members[first : first + size], rest
