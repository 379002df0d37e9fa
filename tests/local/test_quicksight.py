"""The simulated QuickSight reads the real files."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import ACCOUNT_ID, BUCKET, LocalAccount
from local.quicksight import Dataset, count_rows

WHO = {"AwsAccountId": ACCOUNT_ID, "DataSetId": "d"}


@pytest.mark.parametrize(
    ("content", "good", "bad"),
    [
        (b"a,b\n1,2\n3,4\n", 2, 0),
        (b"a,b\n1\n1,2,3\n1,2\n", 1, 2),
        (b"", 0, 0),
        (b"a,b\n", 0, 0),
        (b"a,b\n\n1,2\n", 1, 0),
        (b'a,b\n"1,x",2\n', 1, 0),
        ("\ufeff日付,値\n1,2\n".encode(), 1, 0),
    ],
)
def test_rows_that_do_not_fit_the_header_are_dropped(content: bytes, good: int, bad: int) -> None:
    rows = count_rows(iter([("a.csv", content)]))
    assert (rows.good, rows.bad, rows.problem) == (good, bad, None)


def test_a_file_that_is_not_text_is_a_problem_that_names_it() -> None:
    rows = count_rows(iter([("x.csv", b"a,b\n\xff\xfe,1\n")]))
    assert rows.problem is not None
    assert "x.csv" in rows.problem


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
    for seconds in (0, 5, 60):
        account.clock.run_for(seconds)
        seen.append(describe(account, "i"))
    assert [one["IngestionStatus"] for one in seen] == ["INITIALIZED", "RUNNING", "COMPLETED"]
    assert "RowInfo" not in seen[1]
    assert seen[2]["RowInfo"] == {"RowsIngested": 2, "RowsDropped": 0, "TotalRowsInDataset": 2}
    assert seen[2]["IngestionTimeInSeconds"] == 30


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


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        ({"DataSetId": "nobody", "IngestionId": "i"}, "ResourceNotFoundException", 404),
        ({"DataSetId": "d", "IngestionId": "taken"}, "ResourceExistsException", 409),
        ({"DataSetId": "direct", "IngestionId": "i"}, "InvalidParameterValueException", 400),
    ],
)
def test_the_api_refuses_as_quicksight_does(
    account: LocalAccount, dataset: Dataset, arguments: dict[str, str], code: str, status: int
) -> None:
    account.quicksight.add(Dataset("direct", "direct", import_mode="DIRECT_QUERY"))
    client = account.client("quicksight")
    client.create_ingestion(**WHO, IngestionId="taken")
    with pytest.raises(ClientError) as raised:
        client.create_ingestion(AwsAccountId=ACCOUNT_ID, **arguments)
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_the_limit_of_a_rolling_day_is_enforced(account: LocalAccount, dataset: Dataset) -> None:
    client = account.client("quicksight")
    for number in range(32):
        client.create_ingestion(**WHO, IngestionId=f"i{number}")
    with pytest.raises(ClientError, match="LimitExceeded"):
        client.create_ingestion(**WHO, IngestionId="one-too-many")
    account.clock.run_for(24 * 3600 + 1)
    client.create_ingestion(**WHO, IngestionId="next-day")


def test_lists_come_in_pages(account: LocalAccount, dataset: Dataset) -> None:
    for number in range(120):
        account.quicksight.add(Dataset(f"x{number}", f"x{number}"))
    pages = account.client("quicksight").get_paginator("list_data_sets")
    names = [
        found["Name"]
        for page in pages.paginate(AwsAccountId=ACCOUNT_ID)
        for found in page["DataSetSummaries"]
    ]
    assert len(set(names)) == 121
