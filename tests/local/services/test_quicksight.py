"""The simulated QuickSight reads the real files."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import ACCOUNT_ID, BUCKET, LocalAccount
from local.services.quicksight import Dataset

WHO = {"AwsAccountId": ACCOUNT_ID, "DataSetId": "d"}


@pytest.fixture
def dataset(account: LocalAccount) -> Dataset:
    account.client("s3").put_object(Bucket=BUCKET, Key="f/a.csv", Body=b"a\n1\n2\n")
    return account.quicksight.add(Dataset("d", "d", f"s3://{BUCKET}/f/", seconds=lambda _: 30))


def describe(account: LocalAccount, ingestion: str) -> dict[str, Any]:
    answer = account.client("quicksight").describe_ingestion(**WHO, IngestionId=ingestion)
    found: dict[str, Any] = answer["Ingestion"]
    return found


def test_an_ingestion_goes_through_its_statuses(account: LocalAccount, dataset: Dataset) -> None:
    account.client("quicksight").create_ingestion(**WHO, IngestionId="i")
    seen = []
    for seconds in (0, 1.5, 5, 60):
        account.clock.run_for(seconds)
        seen.append(describe(account, "i")["IngestionStatus"])
    assert seen == ["INITIALIZED", "QUEUED", "RUNNING", "COMPLETED"]


def test_an_ingestion_that_is_over_tells_its_rows_and_time(
    account: LocalAccount, dataset: Dataset
) -> None:
    account.client("s3").put_object(Bucket=BUCKET, Key="f/b.csv", Body=b"a\n3\n4,4\n")
    account.client("quicksight").create_ingestion(**WHO, IngestionId="i")
    account.clock.run_for(5)
    assert not {"RowInfo", "IngestionTimeInSeconds"} & set(describe(account, "i"))
    account.clock.run_for(60)
    found = describe(account, "i")
    assert found["RowInfo"] == {"RowsIngested": 3, "RowsDropped": 1, "TotalRowsInDataset": 3}
    assert found["IngestionTimeInSeconds"] == 30
    assert found["RequestSource"] == "MANUAL"


def test_an_ingestion_that_failed_says_why(account: LocalAccount, dataset: Dataset) -> None:
    account.client("s3").put_object(Bucket=BUCKET, Key="f/b.csv", Body=b"\xff\xfe")
    account.client("quicksight").create_ingestion(**WHO, IngestionId="i")
    account.clock.run_for(60)
    found = describe(account, "i")
    assert found["IngestionStatus"] == "FAILED"
    assert found["ErrorInfo"]["Type"] == "CUSTOMER_ERROR"
    assert "f/b.csv" in found["ErrorInfo"]["Message"]


def test_a_folder_without_files_fails(account: LocalAccount, dataset: Dataset) -> None:
    account.client("s3").delete_object(Bucket=BUCKET, Key="f/a.csv")
    account.client("quicksight").create_ingestion(**WHO, IngestionId="i")
    account.clock.run_for(60)
    assert describe(account, "i")["ErrorInfo"] == {
        "Type": "S3_FILE_INACCESSIBLE",
        "Message": f"No file was found under s3://{BUCKET}/f/",
    }


def test_a_child_has_the_rows_that_its_parents_had_when_it_was_created(
    account: LocalAccount, dataset: Dataset
) -> None:
    account.quicksight.add(Dataset("live", "live", import_mode="DIRECT_QUERY", rows=1000))
    account.quicksight.add(Dataset("child", "child", parents=("d", "live")))
    found = []

    def refresh(dataset_id: str, then: float = 60) -> None:
        name = f"i{account.clock.now():.0f}"
        who = {**WHO, "DataSetId": dataset_id, "IngestionId": name}
        account.client("quicksight").create_ingestion(**who)
        if dataset_id == "child":
            found.append(account.quicksight.ingestion("child", name).final["RowInfo"])
        account.clock.run_for(then)

    refresh("child")  # nothing was ever read into its parent
    refresh("d")
    refresh("child")
    account.client("s3").put_object(Bucket=BUCKET, Key="f/b.csv", Body=b"a\n3\n")
    refresh("d", then=10)
    refresh("child")  # its parent is still at work
    dataset.outcome = lambda rows: {"IngestionStatus": "FAILED"}
    refresh("d")
    refresh("child")
    assert [rows["TotalRowsInDataset"] for rows in found] == [1000, 1002, 1002, 1003]


def test_a_dataset_remembers_its_columns_from_one_ingestion_to_the_next(
    account: LocalAccount, dataset: Dataset
) -> None:
    client = account.client("quicksight")
    client.create_ingestion(**WHO, IngestionId="i")
    account.client("s3").put_object(Bucket=BUCKET, Key="f/a.csv", Body=b"a,b\n1,2\n")
    client.create_ingestion(**WHO, IngestionId="j")
    account.clock.run_for(120)
    assert describe(account, "i")["IngestionStatus"] == "COMPLETED"
    assert describe(account, "j")["RowInfo"]["RowsDropped"] == 1
    assert dataset.columns == ("a",)


@pytest.mark.parametrize("request_type", ["FULL_REFRESH", "INCREMENTAL_REFRESH"])
@pytest.mark.parametrize("straight", [True, False])
def test_an_ingestion_is_created_under_its_id(
    account: LocalAccount, dataset: Dataset, request_type: str, straight: bool
) -> None:
    how = {**WHO, "IngestionId": "i", "IngestionType": request_type}
    if straight:
        answer: Any = account.stepfunctions.shortcuts.answer("quicksight", "CreateIngestion", how)
    else:
        answer = account.client("quicksight").create_ingestion(**how)
    assert answer["IngestionId"] == "i"
    assert answer["IngestionStatus"] == "INITIALIZED"
    assert answer["Arn"] == account.arn("quicksight", "dataset/d/ingestion/i")
    assert describe(account, "i")["RequestType"] == request_type


def test_a_file_that_came_after_the_start_is_not_in_it(
    account: LocalAccount, dataset: Dataset
) -> None:
    account.client("quicksight").create_ingestion(**WHO, IngestionId="i")
    account.client("s3").put_object(Bucket=BUCKET, Key="f/b.csv", Body=b"a\n3\n")
    account.clock.run_for(60)
    assert describe(account, "i")["RowInfo"]["RowsIngested"] == 2


@pytest.mark.parametrize(("mode", "first"), [("queued", "RUNNING"), ("superseded", "FAILED")])
def test_a_second_ingestion_waits_or_supersedes(
    account: LocalAccount, dataset: Dataset, mode: str, first: str
) -> None:
    account.quicksight.second_ingestion = mode
    client = account.client("quicksight")
    client.create_ingestion(**WHO, IngestionId="i")
    account.clock.run_for(10)
    client.create_ingestion(**WHO, IngestionId="j")
    account.quicksight.second_ingestion = "queued"
    assert describe(account, "i")["IngestionStatus"] == first
    if mode == "queued":
        assert describe(account, "j")["QueueInfo"]["WaitingOnIngestion"] == "i"
    account.clock.run_for(120)
    assert describe(account, "j")["IngestionStatus"] == "COMPLETED"


@pytest.mark.parametrize("seconds", [0, 1.5, 5], ids=["initialized", "queued", "running"])
def test_an_ingestion_that_is_not_over_can_be_cancelled(
    account: LocalAccount, dataset: Dataset, seconds: float
) -> None:
    client = account.client("quicksight")
    client.create_ingestion(**WHO, IngestionId="i")
    account.clock.run_for(seconds)
    answer = client.cancel_ingestion(**WHO, IngestionId="i")
    assert answer["Arn"] == account.arn("quicksight", "dataset/d/ingestion/i")
    found = describe(account, "i")
    assert found["IngestionStatus"] == "CANCELLED"
    assert found["ErrorInfo"]["Type"] == "INGESTION_CANCELED"
    assert "RowInfo" not in found
    account.clock.run_for(120)
    assert describe(account, "i") == found


def test_an_ingestion_that_is_over_cannot_be_cancelled(
    account: LocalAccount, dataset: Dataset
) -> None:
    client = account.client("quicksight")
    client.create_ingestion(**WHO, IngestionId="i")
    account.clock.run_for(120)
    cancel = client.cancel_ingestion
    refused("InvalidParameterValueException", 400, cancel, DataSetId="d", IngestionId="i")
    assert describe(account, "i")["IngestionStatus"] == "COMPLETED"


def three_in_a_row(account: LocalAccount) -> None:
    for name in ("i", "j", "k"):
        account.client("quicksight").create_ingestion(**WHO, IngestionId=name)
    account.clock.run_for(10)


def test_what_waits_for_a_cancelled_ingestion_comes_sooner(
    account: LocalAccount, dataset: Dataset
) -> None:
    three_in_a_row(account)
    account.client("quicksight").cancel_ingestion(**WHO, IngestionId="i")
    account.clock.run_for(1)
    assert describe(account, "j")["IngestionStatus"] == "RUNNING"
    account.clock.run_for(30)
    assert describe(account, "j")["IngestionStatus"] == "COMPLETED"
    assert describe(account, "k")["IngestionStatus"] == "RUNNING"


def test_a_cancelled_ingestion_that_waited_is_left_out_of_the_queue(
    account: LocalAccount, dataset: Dataset
) -> None:
    three_in_a_row(account)
    account.client("quicksight").cancel_ingestion(**WHO, IngestionId="j")
    assert describe(account, "i")["IngestionStatus"] == "RUNNING"
    assert describe(account, "k")["QueueInfo"]["WaitingOnIngestion"] == "i"
    account.clock.run_for(25)
    assert describe(account, "k")["IngestionStatus"] == "RUNNING"


def refused(code: str, status: int, call: Callable[..., Any], **how: Any) -> None:
    """Expect an error of the API."""
    with pytest.raises(ClientError) as raised:
        call(AwsAccountId=ACCOUNT_ID, **how)
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize(
    ("operation", "how"),
    [
        ("create_ingestion", {"DataSetId": "nobody", "IngestionId": "i"}),
        ("describe_ingestion", {"DataSetId": "nobody", "IngestionId": "i"}),
        ("describe_ingestion", {"DataSetId": "d", "IngestionId": "nobody"}),
        ("cancel_ingestion", {"DataSetId": "nobody", "IngestionId": "i"}),
        ("cancel_ingestion", {"DataSetId": "d", "IngestionId": "nobody"}),
        ("list_ingestions", {"DataSetId": "nobody"}),
        ("describe_data_set", {"DataSetId": "nobody"}),
        ("describe_data_set_refresh_properties", {"DataSetId": "nobody"}),
    ],
)
def test_what_is_not_there_is_not_found(
    account: LocalAccount, dataset: Dataset, operation: str, how: dict[str, str]
) -> None:
    call = getattr(account.client("quicksight"), operation)
    refused("ResourceNotFoundException", 404, call, **how)


def test_an_ingestion_id_is_used_once(account: LocalAccount, dataset: Dataset) -> None:
    create = account.client("quicksight").create_ingestion
    create(**WHO, IngestionId="i")
    refused("ResourceExistsException", 409, create, DataSetId="d", IngestionId="i")


@pytest.mark.parametrize("name", ["a:b", "データ", "a b"])
def test_an_ingestion_id_has_letters_digits_hyphens_and_underscores(
    account: LocalAccount, dataset: Dataset, name: str
) -> None:
    create = account.client("quicksight").create_ingestion
    create(**WHO, IngestionId="aZ0-_" + "x" * 123)
    refused("InvalidParameterValueException", 400, create, DataSetId="d", IngestionId=name)


def test_a_direct_query_cannot_be_refreshed(account: LocalAccount) -> None:
    account.quicksight.add(Dataset("direct", "direct", import_mode="DIRECT_QUERY"))
    create = account.client("quicksight").create_ingestion
    refused("InvalidParameterValueException", 400, create, DataSetId="direct", IngestionId="i")


def fill(account: LocalAccount) -> None:
    for number in range(32):
        account.client("quicksight").create_ingestion(**WHO, IngestionId=f"i{number}")


def test_the_limit_of_a_rolling_day_is_enforced(account: LocalAccount, dataset: Dataset) -> None:
    create = account.client("quicksight").create_ingestion
    fill(account)
    refused("LimitExceededException", 409, create, DataSetId="d", IngestionId="one-too-many")
    account.clock.run_for(24 * 3600 + 1)
    create(**WHO, IngestionId="next-day")


def test_each_dataset_has_a_limit_of_its_own(account: LocalAccount, dataset: Dataset) -> None:
    account.quicksight.add(Dataset("other", "other"))
    fill(account)
    account.client("quicksight").create_ingestion(
        AwsAccountId=ACCOUNT_ID, DataSetId="other", IngestionId="i"
    )
