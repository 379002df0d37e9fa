"""Which datasets a dataset is made of, as far as QuickSight tells.

https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DescribeDataSet.html
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.errors import AccessDeniedError, AwsError
from qsrefresh.output import progress


def parents(aws: Aws, dataset_ids: Sequence[str]) -> dict[str, list[str] | AwsError]:
    """Return the ids of the datasets that each is made of, or why that is not known.

    One call a dataset. QuickSight refuses to describe some, such as those of uploaded files. Who
    may not describe one is not asked about the next.
    """
    account = aws.account_id
    found: dict[str, list[str] | AwsError] = {}
    denied: AwsError | None = None
    with progress("Looking at what datasets are made of", len(dataset_ids)) as advance:
        for dataset_id in dataset_ids:
            try:
                found[dataset_id] = denied or _parents(aws, account, dataset_id)
            except AwsError as error:
                found[dataset_id] = error
                denied = error if isinstance(error, AccessDeniedError) else None
            advance()
    return found


def _parents(aws: Aws, account: str, dataset_id: str) -> list[str]:
    answer = aws.call("quicksight", "describe_data_set", AwsAccountId=account, DataSetId=dataset_id)
    arns = _arns(answer.get("DataSet", {}))
    return list(dict.fromkeys(arn.rpartition("/")[2] for arn in arns))


def _arns(dataset: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parents in both shapes that a description has."""
    for table in (dataset.get("LogicalTableMap") or {}).values():
        yield from filter(None, [table.get("Source", {}).get("DataSetArn")])
    tables = (dataset.get("DataPrepConfiguration") or {}).get("SourceTableMap") or {}
    for table in tables.values():
        yield from filter(None, [table.get("DataSet", {}).get("DataSetArn")])
