"""What QuickSight's API answers beyond what moto's does: lists, descriptions, ingestions.

Imitates: ListIngestions, newest first; ListDataSets; lists in pages; a token that no page has;
DescribeDataSet, with the dataset's columns and where they come from; a dataset made of others, in
both shapes of DescribeDataSet; a dataset that DescribeDataSet refuses; the data source of a
dataset, in ListDataSources and DescribeDataSource; DescribeDataSetRefreshProperties;
DescribeAccountSettings, which tells the edition (here always Enterprise); a Region that has no
datasets, which is every other one; lists of what the account has none of.
Does not imitate: types of columns (here each is STRING), creating and changing datasets (they are
unknown operations here), permissions.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from moto.quicksight import urls
from moto.quicksight.responses import QuickSightResponse

from local.services.quicksight import REQUEST_ID, Dataset, LocalQuickSight, QuickSightError

#: Operations whose answer is an empty list of this name.
_NONE_OF = {
    "list_analyses": "AnalysisSummaryList",
    "list_folders": "FolderSummaryList",
    "list_iam_policy_assignments": "IAMPolicyAssignments",
    "list_iam_policy_assignments_for_user": "ActiveAssignments",
    "list_templates": "TemplateSummaryList",
}
#: moto answers these, and nothing comes of it.
_PRETENDED = ("create_data_set",)


class _Answers:
    """The answers to one request, by the operation's name."""

    def __init__(self, quicksight: LocalQuickSight, response: Any) -> None:
        self.quicksight = quicksight
        self.response = response
        self.datasets = quicksight.datasets if response.region == quicksight.world.region else {}

    def _dataset(self) -> Dataset:
        dataset_id = self.response._get_param("DataSetId")
        if dataset_id not in self.datasets:
            raise QuickSightError(
                "ResourceNotFoundException",
                f"DataSet {dataset_id} is not found in region {self.response.region}",
            )
        return self.datasets[dataset_id]

    def _names(self) -> tuple[str, str]:
        return self._dataset().dataset_id, self.response._get_param("IngestionId")

    def _page(self, name: str, members: list[dict[str, Any]]) -> dict[str, Any]:
        size = int(self.response._get_param("max-results") or 100)
        token = self.response._get_param("next-token") or "0"
        if not token.isdecimal() or int(token) > len(members):
            raise QuickSightError("InvalidNextTokenException", "The NextToken value isn't valid.")
        first, end = int(token), int(token) + size
        rest = {"NextToken": str(end)} if end < len(members) else {}
        return {name: members[first:end], **rest, "RequestId": REQUEST_ID}

    def create_ingestion(self) -> dict[str, Any]:
        body = json.loads(self.response.body or "{}")
        kind = body.get("IngestionType", "FULL_REFRESH")
        return self.quicksight.create_ingestion(*self._names(), kind)

    def cancel_ingestion(self) -> dict[str, Any]:
        return self.quicksight.cancel_ingestion(*self._names())

    def describe_ingestion(self) -> dict[str, Any]:
        found = self.quicksight.ingestion(*self._names())
        now = self.quicksight.world.clock.now()
        return {"Ingestion": found.describe(now), "RequestId": REQUEST_ID}

    def list_ingestions(self) -> dict[str, Any]:
        now = self.quicksight.world.clock.now()
        newest = sorted(self._dataset().ingestions.values(), key=lambda one: -one.created)
        return self._page("Ingestions", [one.describe(now) for one in newest])

    def list_data_sets(self) -> dict[str, Any]:
        found = [_summary(self.quicksight, dataset) for dataset in self.datasets.values()]
        return self._page("DataSetSummaries", found)

    def describe_data_set(self) -> dict[str, Any]:
        dataset = self._dataset()
        if dataset.undescribed:
            raise QuickSightError("InvalidParameterValueException", dataset.undescribed)
        return {"DataSet": _described(self.quicksight, dataset), "RequestId": REQUEST_ID}

    def list_data_sources(self) -> dict[str, Any]:
        own = [_data_source(self.quicksight, one) for one in self.datasets.values() if one.folder]
        created = self.response.quicksight_backend.list_data_sources(None)
        return self._page("DataSources", own + created)

    def describe_data_source(self) -> dict[str, Any]:
        name = self.response._get_param("DataSourceId")
        own = {one.dataset_id: one for one in self.datasets.values() if one.folder}
        created = self.response.quicksight_backend.data_sources
        if name in own:
            source = _data_source(self.quicksight, own[name])
        elif name in created:
            source = created[name].to_json()
        else:
            raise QuickSightError("ResourceNotFoundException", f"DataSource {name} is not found")
        return {"DataSource": source, "RequestId": REQUEST_ID}

    def describe_data_set_refresh_properties(self) -> dict[str, Any]:
        dataset = self._dataset()
        if not dataset.incremental:
            raise QuickSightError(
                "ResourceNotFoundException",
                f"Refresh properties of {dataset.dataset_id} are not found",
            )
        window = {"ColumnName": "day", "Size": 1, "SizeUnit": "DAY"}
        refresh = {"IncrementalRefresh": {"LookbackWindow": window}}
        return {"DataSetRefreshProperties": {"RefreshConfiguration": refresh}}

    def describe_account_settings(self) -> dict[str, Any]:
        return {"AccountSettings": {"Edition": "ENTERPRISE"}}


def _summary(quicksight: LocalQuickSight, dataset: Dataset) -> dict[str, Any]:
    """Return the API's ``DataSetSummary``."""
    return {
        "Arn": quicksight.arn(f"dataset/{dataset.dataset_id}"),
        "DataSetId": dataset.dataset_id,
        "Name": dataset.name,
        "ImportMode": dataset.import_mode,
        "CreatedTime": dataset.created,
        "LastUpdatedTime": dataset.created,
    }


def _described(quicksight: LocalQuickSight, dataset: Dataset) -> dict[str, Any]:
    """Return the API's ``DataSet``: the summary, the columns, and what they are made of."""
    columns = [{"Name": name, "Type": "STRING"} for name in dataset.columns or ()]
    parents = [quicksight.arn(f"dataset/{name}") for name in dataset.parents]
    physical = {} if parents else {"table": _physical(quicksight, dataset, columns)}
    shape = _new_preparation if dataset.prepared_anew else _logical_tables
    return _summary(quicksight, dataset) | {
        "PhysicalTableMap": physical,
        "OutputColumns": columns,
        "ConsumedSpiceCapacityInBytes": 0,
        **shape(dataset.name, columns, list(physical), parents),
    }


def _data_source(quicksight: LocalQuickSight, dataset: Dataset) -> dict[str, Any]:
    """Return the API's ``DataSource``: each dataset over a folder has one, with a manifest."""
    assert dataset.folder is not None
    bucket, _, _ = dataset.folder.removeprefix("s3://").partition("/")
    manifest = {"Bucket": bucket, "Key": f"manifests/{dataset.dataset_id}.json"}
    return {
        "Arn": quicksight.arn(f"datasource/{dataset.dataset_id}"),
        "DataSourceId": dataset.dataset_id,
        "Name": dataset.name,
        "Type": "S3",
        "Status": "CREATION_SUCCESSFUL",
        "CreatedTime": dataset.created,
        "LastUpdatedTime": dataset.created,
        "DataSourceParameters": {"S3Parameters": {"ManifestFileLocation": manifest}},
    }


def _physical(
    quicksight: LocalQuickSight, dataset: Dataset, columns: list[dict[str, Any]]
) -> dict[str, Any]:
    source = {"DataSourceArn": quicksight.arn(f"datasource/{dataset.dataset_id}")}
    if dataset.folder is None:
        table = {**source, "Name": dataset.name, "InputColumns": columns}
        return {"RelationalTable": table}
    settings = {"Format": "CSV", "ContainsHeader": True, "Delimiter": ","}
    return {"S3Source": {**source, "UploadSettings": settings, "InputColumns": columns}}


def _logical_tables(
    name: str, _columns: list[dict[str, Any]], tables: list[str], parents: list[str]
) -> dict[str, Any]:
    sources = [{"PhysicalTableId": table} for table in tables]
    sources += [{"DataSetArn": parent} for parent in parents]
    logical = {
        f"logical-{number}": {"Alias": name[:64], "Source": source}
        for number, source in enumerate(sources)
    }
    return {"LogicalTableMap": logical}


def _new_preparation(
    name: str, columns: list[dict[str, Any]], tables: list[str], parents: list[str]
) -> dict[str, Any]:
    sources: list[dict[str, Any]] = [{"PhysicalTableId": table} for table in tables]
    sources += [{"DataSet": {"DataSetArn": one, "InputColumns": columns}} for one in parents]
    numbered = {f"source-{number}": source for number, source in enumerate(sources)}
    steps = {
        f"import-{source}": {
            "ImportTableStep": {"Alias": name[:64], "Source": {"SourceTableId": source}}
        }
        for source in numbered
    }
    end = {"Alias": name[:64], "Source": {"TransformOperationId": next(iter(steps))}}
    return {
        "DataPrepConfiguration": {
            "SourceTableMap": numbered,
            "TransformStepMap": steps,
            "DestinationTableMap": {"destination": end},
        }
    }


def _unknown(_: Any) -> str:
    raise NotImplementedError


def _answering(
    quicksight: LocalQuickSight, operation: Callable[[_Answers], dict[str, Any]]
) -> Callable[[Any], str]:
    return lambda response: json.dumps(operation(_Answers(quicksight, response)))


@contextmanager
def installed(quicksight: LocalQuickSight) -> Iterator[None]:
    """Give moto's QuickSight what it lacks, in this process and over HTTP."""
    answers = {
        name: _answering(quicksight, operation)
        for name, operation in vars(_Answers).items()
        if not name.startswith("_")
    }
    answers |= {
        name: _answering(quicksight, lambda answers, none=none: answers._page(none, []))  # type: ignore[misc]
        for name, none in _NONE_OF.items()
    }
    answers |= dict.fromkeys(_PRETENDED, _unknown)
    anything = {r"{0}/(?P<path>.+)$": QuickSightResponse.dispatch}
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(urls.url_paths, anything))
        for name, answer in answers.items():
            patch = mock.patch.object(QuickSightResponse, name, answer, create=True)
            stack.enter_context(patch)
        yield
