"""QuickSight's datasets and their refreshes."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError, OperatorError
from qsrefresh.language import Sentence, sentence
from qsrefresh.output import progress

_SPICE = "SPICE"
#: On-demand refreshes of a dataset in 24 hours, by edition.
#: https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateIngestion.html
_DAILY_LIMITS = {"STANDARD": 8}
_DAILY_LIMIT = 32
_DAY = timedelta(days=1)
#: A dataset's page in QuickSight: its id stands behind this.
_PAGE = re.compile(r"/data-sets/([^/?#\s]+)")
#: Errors of QuickSight's calls that are about the dataset asked for, not about who asks: one may be
#: so broken that AWS cannot describe it (github.com/cds-snc/notification-terraform/pull/937).
_OF_ONE_DATASET = (
    *("InternalFailure", "InternalFailureException", "InvalidParameterValueException"),
    *("ResourceExistsException", "ResourceNotFoundException"),
)
T = TypeVar("T")


@dataclass(frozen=True)
class Dataset:
    """A dataset of the account."""

    id: str
    name: str
    import_mode: str

    @property
    def refreshable(self) -> bool:
        """Tell whether it can be refreshed: a direct query always shows the source's data."""
        return self.import_mode == _SPICE


@dataclass(frozen=True)
class Refresh:
    """One refresh of a dataset."""

    created: datetime
    status: str
    rows: int | None
    error: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the refresh for programs."""
        return {
            "at": self.created,
            "status": self.status,
            "rows": self.rows,
            "error": self.error,
        }


def datasets(aws: Aws) -> list[Dataset]:
    """Return every dataset of the account in this Region, sorted by name."""
    found = []
    with progress("Listing datasets") as advance:
        for one in aws.members(
            "quicksight", "list_data_sets", "DataSetSummaries", AwsAccountId=aws.account_id
        ):
            found.append(Dataset(one["DataSetId"], one.get("Name", ""), one.get("ImportMode", "")))
            advance()
    return sorted(found, key=lambda dataset: (dataset.name, dataset.id))


def last_refreshes(aws: Aws, dataset_ids: Sequence[str]) -> dict[str, Refresh | AwsError | None]:
    """Return the last refresh of each dataset; QuickSight has no call that lists them all.

    A dataset that QuickSight cannot tell of has its error instead, and hides no other.
    """
    account = aws.account_id
    return _of_each(
        dataset_ids, "Asking for the last refreshes", lambda one: _last_refresh(aws, account, one)
    )


def refreshes_today(
    aws: Aws, dataset_ids: Sequence[str], now: datetime
) -> dict[str, int | AwsError]:
    """Return how many on-demand refreshes each dataset had in the last 24 hours, or its error."""
    account = aws.account_id
    return _of_each(
        dataset_ids,
        "Counting refreshes",
        lambda one: _count_since(aws, account, one, now - _DAY),
    )


def is_about_one_dataset(error: AwsError) -> bool:
    """Tell whether the other datasets can still be asked for."""
    return error.code in _OF_ONE_DATASET


def _of_each(
    dataset_ids: Sequence[str], label: str, ask: Callable[[str], T]
) -> dict[str, T | AwsError]:
    found: dict[str, T | AwsError] = {}
    with progress(label, len(dataset_ids)) as advance:
        for dataset_id in dataset_ids:
            try:
                found[dataset_id] = ask(dataset_id)
            except AwsError as error:
                if not is_about_one_dataset(error):
                    raise
                found[dataset_id] = error
            advance()
    return found


def _last_refresh(aws: Aws, account: str, dataset_id: str) -> Refresh | None:
    answer = aws.call("quicksight", "list_ingestions", AwsAccountId=account, DataSetId=dataset_id)
    newest = max(answer.get("Ingestions", []), key=lambda one: one["CreatedTime"], default=None)
    return _refresh(newest) if newest else None


def _count_since(aws: Aws, account: str, dataset_id: str, since: datetime) -> int:
    count = 0
    for one in aws.members(
        "quicksight", "list_ingestions", "Ingestions", AwsAccountId=account, DataSetId=dataset_id
    ):
        if one["CreatedTime"].astimezone(UTC) <= since:
            break  # they come newest first
        count += one.get("RequestSource") == "MANUAL"
    return count


def daily_limit(aws: Aws) -> tuple[int, Sentence]:
    """Return the limit of on-demand refreshes in 24 hours, and the edition it is for."""
    try:
        answer = aws.call("quicksight", "describe_account_settings", AwsAccountId=aws.account_id)
    except AwsError:
        return _DAILY_LIMIT, sentence(
            ja="Enterprise Editionの場合。Standard Editionは8回",
            en="the Enterprise edition; the Standard edition has 8",
        )
    edition = str(answer.get("AccountSettings", {}).get("Edition", ""))
    told = sentence("{name} Edition", "the {name} edition", name=edition.capitalize())
    return _DAILY_LIMITS.get(edition, _DAILY_LIMIT), told


def incremental_allowed(aws: Aws, dataset_id: str) -> bool:
    """Tell whether a dataset is set up for incremental refreshes (SQL sources only)."""
    try:
        answer = aws.call(
            "quicksight",
            "describe_data_set_refresh_properties",
            AwsAccountId=aws.account_id,
            DataSetId=dataset_id,
        )
    except AwsError as error:
        if error.code in ("ResourceNotFoundException", "InvalidParameterValueException"):
            return False
        raise
    properties = answer.get("DataSetRefreshProperties", {})
    return bool(properties.get("RefreshConfiguration", {}).get("IncrementalRefresh"))


def choose(known: Sequence[Dataset], wanted: Iterable[str]) -> list[Dataset]:
    """Return the datasets that people mean by an id, an exact name or the address of its page.

    Raises:
        OperatorError: there is none, or several have that name, or one is meant twice.
    """
    chosen: list[Dataset] = []
    for text in wanted:
        dataset = _chosen(known, text)
        if dataset in chosen:
            raise OperatorError(
                f"the dataset {dataset.name} ({dataset.id}) is given twice", "give it once"
            )
        chosen.append(dataset)
    return chosen


def _chosen(known: Sequence[Dataset], text: str) -> Dataset:
    if not text.strip():
        raise OperatorError(
            "the id or name of a dataset is empty", "`qsrefresh datasets` lists them"
        )
    by_id = [dataset for dataset in known if dataset.id in (text, id_in_address(text))]
    found = by_id or [dataset for dataset in known if dataset.name == text]
    if len(found) == 1:
        return found[0]
    if not found:
        raise OperatorError(
            f"no dataset here has the id or the exact name {text}",
            "`qsrefresh datasets` lists them; another Region? (--region)",
        )
    ids = ", ".join(dataset.id for dataset in found)
    raise OperatorError(f"{len(found)} datasets are called {text}", f"give the id of one: {ids}")


def id_in_address(text: str) -> str | None:
    """Return the id that stands in the address of a dataset's page, None in any other text."""
    found = _PAGE.search(text)
    return found[1] if found else None


def problems_with(known: Mapping[str, Dataset], dataset_ids: Iterable[str]) -> Iterator[str]:
    """Yield why registered datasets cannot be refreshed."""
    for dataset_id in dataset_ids:
        if written := id_in_address(dataset_id):
            told = f"write {written}, its part after /data-sets/"
            yield f"the datasetid {dataset_id} is an address: {told}"
        elif dataset_id not in known:
            yield f"there is no dataset {dataset_id} in this account and Region"
        elif not known[dataset_id].refreshable:
            yield (
                f"the dataset {known[dataset_id].name} ({dataset_id}) is a direct query:"
                " it has no SPICE data to refresh"
            )


def _refresh(ingestion: Mapping[str, Any]) -> Refresh:
    error = ingestion.get("ErrorInfo") or {}
    told = ": ".join(str(error[name]) for name in ("Type", "Message") if error.get(name))
    return Refresh(
        created=ingestion["CreatedTime"].astimezone(UTC),
        status=ingestion["IngestionStatus"],
        rows=ingestion.get("RowInfo", {}).get("RowsIngested"),
        error=told or None,
    )
