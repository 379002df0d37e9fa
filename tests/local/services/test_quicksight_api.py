"""What QuickSight's API tells of datasets and their ingestions, in this process and over HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from local.account import ACCOUNT_ID, BUCKET, REGION, LocalAccount
from local.core.constraints import service_model
from local.programs.serve import HOST, serving
from local.services.quicksight import FILE_UPLOAD, NEW_PREPARATION, Dataset

WHO = {"AwsAccountId": ACCOUNT_ID, "DataSetId": "d"}


@pytest.fixture
def dataset(account: LocalAccount) -> Dataset:
    account.client("s3").put_object(Bucket=BUCKET, Key="f/a.csv", Body="日付,値\n1,2\n".encode())
    return account.quicksight.add(Dataset("d", "売上", f"s3://{BUCKET}/f/"))


def over_http(address: str, service: str, region: str = REGION) -> Any:
    """Return a client as anybody has it who talks to ``make serve``."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=address,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@pytest.fixture
def address(account: LocalAccount) -> Iterator[str]:
    with serving(0) as server:
        yield f"http://{HOST}:{server.port}"


def refusal(call: Callable[..., Any], **how: Any) -> tuple[str, int]:
    """Return the error's name and status."""
    with pytest.raises(ClientError) as raised:
        call(**how)
    answer: Any = raised.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_aws_sdk_for_pandas_finds_no_gap(
    account: LocalAccount, dataset: Dataset, address: str
) -> None:
    """Its functions of the module ``quicksight``, as the calls that they make."""
    everything = {"AwsAccountId": ACCOUNT_ID}
    client = over_http(address, "quicksight")
    for call, name in {
        "list_dashboards": "DashboardSummaryList",
        "list_templates": "TemplateSummaryList",
    }.items():
        assert getattr(client, call)(**everything)[name] == []
    for call, name, identity in (
        ("list_data_sets", "DataSetSummaries", "DataSetId"),
        ("list_data_sources", "DataSources", "DataSourceId"),
    ):
        (found,) = getattr(client, call)(**everything)[name]
        assert (found["Name"], found[identity]) == ("売上", "d")
    assert client.describe_data_set(**WHO)["DataSet"]["DataSetId"] == "d"
    source = client.describe_data_source(**everything, DataSourceId="d")["DataSource"]
    assert source["Status"] == "CREATION_SUCCESSFUL"
    nobody = {**everything, "DataSourceId": "nobody"}
    assert refusal(client.describe_data_source, **nobody) == ("ResourceNotFoundException", 404)

    one = {**WHO, "IngestionId": "i"}
    assert client.create_ingestion(**one)["IngestionId"] == "i"
    assert refusal(client.create_ingestion, **one) == ("ResourceExistsException", 409)
    (listed,) = client.list_ingestions(**WHO)["Ingestions"]
    assert listed == client.describe_ingestion(**one)["Ingestion"]
    assert client.cancel_ingestion(**one)["IngestionId"] == "i"
    assert client.describe_ingestion(**one)["Ingestion"]["IngestionStatus"] == "CANCELLED"
    assert refusal(client.cancel_ingestion, **one) == ("InvalidParameterValueException", 400)
    unknown = {**WHO, "IngestionId": "nobody"}
    assert refusal(client.cancel_ingestion, **unknown) == ("ResourceNotFoundException", 404)


def test_what_the_account_has_none_of_is_an_empty_list(account: LocalAccount) -> None:
    client, who = account.client("quicksight"), {"AwsAccountId": ACCOUNT_ID}
    space = who | {"Namespace": "default"}
    assert client.list_templates(**who)["TemplateSummaryList"] == []
    assert client.list_analyses(**who)["AnalysisSummaryList"] == []
    assert client.list_folders(**who)["FolderSummaryList"] == []
    assert client.list_iam_policy_assignments(**space)["IAMPolicyAssignments"] == []
    user = space | {"UserName": "u"}
    assert client.list_iam_policy_assignments_for_user(**user)["ActiveAssignments"] == []


def described(account: LocalAccount, dataset_id: str) -> dict[str, Any]:
    """Return a dataset as DescribeDataSet tells it, checked against the model."""
    call = account.client("quicksight").describe_data_set
    found: dict[str, Any] = call(AwsAccountId=ACCOUNT_ID, DataSetId=dataset_id)["DataSet"]
    shape = service_model("quicksight").shape_for("DataSet")
    assert ParamValidator().validate(found, shape).generate_report() == ""
    return found


def test_a_dataset_tells_its_columns_and_where_they_come_from(
    account: LocalAccount, dataset: Dataset
) -> None:
    assert described(account, "d")["OutputColumns"] == []
    account.client("quicksight").create_ingestion(**WHO, IngestionId="i")
    found = described(account, "d")
    columns = [{"Name": "日付", "Type": "STRING"}, {"Name": "値", "Type": "STRING"}]
    assert found["OutputColumns"] == columns
    (table,) = found["PhysicalTableMap"].values()
    assert table["S3Source"]["InputColumns"] == columns
    assert table["S3Source"]["DataSourceArn"] == account.arn("quicksight", "datasource/d")
    (logical,) = found["LogicalTableMap"].values()
    assert logical["Source"] == {"PhysicalTableId": next(iter(found["PhysicalTableMap"]))}
    assert "DataPrepConfiguration" not in found


@pytest.mark.parametrize("anew", [False, True], ids=["logical tables", "new data preparation"])
def test_a_dataset_tells_which_ones_it_is_made_of(
    account: LocalAccount, dataset: Dataset, anew: bool
) -> None:
    account.quicksight.add(Dataset("e", "e"))
    account.quicksight.add(Dataset("child", "child", parents=("d", "e"), prepared_anew=anew))
    found = described(account, "child")
    if anew:
        sources = found["DataPrepConfiguration"]["SourceTableMap"].values()
        parents = [one["DataSet"]["DataSetArn"] for one in sources]
    else:
        parents = [one["Source"]["DataSetArn"] for one in found["LogicalTableMap"].values()]
    assert parents == [account.arn("quicksight", f"dataset/{name}") for name in ("d", "e")]
    assert found["PhysicalTableMap"] == {}
    assert ("LogicalTableMap" in found) != anew


@pytest.mark.parametrize("words", [FILE_UPLOAD, NEW_PREPARATION])
def test_what_cannot_be_described_is_refused_in_the_words_of_the_service(
    account: LocalAccount, dataset: Dataset, words: str
) -> None:
    dataset.undescribed = words
    with pytest.raises(ClientError, match=words) as refused:
        account.client("quicksight").describe_data_set(**WHO)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_dataset_of_the_new_preparation_may_be_over_a_folder(
    account: LocalAccount, dataset: Dataset
) -> None:
    dataset.prepared_anew = True
    found = described(account, "d")
    (source,) = found["DataPrepConfiguration"]["SourceTableMap"].values()
    assert source == {"PhysicalTableId": next(iter(found["PhysicalTableMap"]))}


def test_another_region_has_no_datasets(
    account: LocalAccount, dataset: Dataset, address: str
) -> None:
    account.client("quicksight").create_ingestion(**WHO, IngestionId="i")
    client = over_http(address, "quicksight", "us-east-1")
    assert client.list_data_sets(AwsAccountId=ACCOUNT_ID)["DataSetSummaries"] == []
    assert client.list_data_sources(AwsAccountId=ACCOUNT_ID)["DataSources"] == []
    one = {**WHO, "IngestionId": "i"}
    for call in (client.describe_ingestion, client.create_ingestion, client.cancel_ingestion):
        assert refusal(call, **one) == ("ResourceNotFoundException", 404)
    with pytest.raises(ClientError, match="region us-east-1"):
        client.describe_data_set(**WHO)


@pytest.mark.parametrize("token", ["x", "-1", "101"])
def test_a_token_that_no_page_has_is_refused(account: LocalAccount, token: str) -> None:
    call = account.client("quicksight").list_data_sets
    how = {"AwsAccountId": ACCOUNT_ID, "NextToken": token}
    assert refusal(call, **how) == ("InvalidNextTokenException", 400)


def test_ingestions_are_listed_newest_first(account: LocalAccount, dataset: Dataset) -> None:
    client = account.client("quicksight")
    for name in ("old", "newer", "newest"):
        client.create_ingestion(**WHO, IngestionId=name)
        account.clock.run_for(60)
    listed = client.list_ingestions(**WHO)["Ingestions"]
    assert [one["IngestionId"] for one in listed] == ["newest", "newer", "old"]
    assert listed[0] == client.describe_ingestion(**WHO, IngestionId="newest")["Ingestion"]


def test_datasets_are_listed_with_name_and_mode(account: LocalAccount, dataset: Dataset) -> None:
    account.quicksight.add(Dataset("direct", "データ", import_mode="DIRECT_QUERY"))
    listed = account.client("quicksight").list_data_sets(AwsAccountId=ACCOUNT_ID)
    assert [
        (one["DataSetId"], one["Name"], one["ImportMode"]) for one in listed["DataSetSummaries"]
    ] == [("d", "売上", "SPICE"), ("direct", "データ", "DIRECT_QUERY")]
    assert listed["DataSetSummaries"][0]["Arn"] == account.arn("quicksight", "dataset/d")


def test_refresh_properties_are_there_where_incremental_refresh_is_set_up(
    account: LocalAccount, dataset: Dataset
) -> None:
    account.quicksight.add(Dataset("sql", "sql", incremental=True))
    call = account.client("quicksight").describe_data_set_refresh_properties
    found = call(AwsAccountId=ACCOUNT_ID, DataSetId="sql")["DataSetRefreshProperties"]
    assert found["RefreshConfiguration"]["IncrementalRefresh"]["LookbackWindow"]["Size"] == 1
    how = {**WHO}
    assert refusal(call, **how) == ("ResourceNotFoundException", 404)


def test_the_account_is_of_the_enterprise_edition(account: LocalAccount) -> None:
    found = account.client("quicksight").describe_account_settings(AwsAccountId=ACCOUNT_ID)
    assert found["AccountSettings"]["Edition"] == "ENTERPRISE"


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
