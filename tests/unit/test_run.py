"""The facts of a run: links, commands, what started it."""

from typing import Any

import pytest

from tests.loading import load_module
from tests.unit.payloads import ACCOUNT, EXECUTION, MACHINE, PROJECT, REGION, payload

run = load_module("check_ingestion_status", "run")


def read(region: str = REGION, **changes: Any) -> Any:
    return run.read_run(payload(**changes), project=PROJECT, region=region)


def executed(arn: Any) -> dict[str, Any]:
    return {"execution": {"id": arn}}


@pytest.mark.parametrize(
    ("partition", "region", "domain"),
    [
        ("aws", "ap-northeast-1", "console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "console.amazonaws-us-gov.com"),
    ],
)
def test_the_execution_link_follows_the_partition(partition: str, region: str, domain: str) -> None:
    arn = f"arn:{partition}:states:{region}:{ACCOUNT}:execution:m:n"

    assert read(region, **executed(arn)).execution_link() == (
        f"https://{region}.{domain}/states/home?region={region}#/v2/executions/details/{arn}"
    )


@pytest.mark.parametrize("arn", [None, 5, "", "arn:aws:states", f"{EXECUTION} x", f"{EXECUTION}\n"])
def test_an_odd_execution_has_no_link(arn: Any) -> None:
    found = read(**executed(arn))

    assert found.execution_link() is None
    assert (found.account, found.partition, found.machine) == ("ACCOUNT_ID", "aws", MACHINE)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")],
)
def test_without_an_execution_the_region_tells_the_partition(region: str, partition: str) -> None:
    assert read(region, execution=None).partition == partition


def test_a_dataset_link_quotes_the_id() -> None:
    link = read().dataset_link("a/b ?\ud800")

    assert link == f"https://{REGION}.quicksight.aws.amazon.com/sn/data-sets/a%2Fb%20%3F%3F"


@pytest.mark.parametrize(
    ("partition", "region", "site"),
    [
        ("aws", "ap-northeast-1", "ap-northeast-1.quicksight.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "cn-north-1.quicksight.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "quicksight.us-gov-west-1.amazonaws.com"),
    ],
)
def test_a_dataset_is_linked_where_its_partition_has_quicksight(
    partition: str, region: str, site: str
) -> None:
    found = read(region, **executed(f"arn:{partition}:states:{region}:{ACCOUNT}:execution:m:n"))

    assert found.dataset_link("a") == f"https://{site}/sn/data-sets/a"


def test_the_table_is_linked_where_its_partition_has_the_console() -> None:
    place = "dynamodbv2/home?region={0}#item-explorer?table=sampleproject-parameters"
    arn = f"arn:aws-cn:states:cn-north-1:{ACCOUNT}:execution:m:n"

    assert read().table_link() == f"https://{REGION}.console.aws.amazon.com/{place.format(REGION)}"
    assert read("cn-north-1", **executed(arn)).table_link() == (
        f"https://cn-north-1.console.amazonaws.cn/{place.format('cn-north-1')}"
    )


@pytest.mark.parametrize(
    ("event", "removed"),
    [
        ({"deletionType": "Permanently Deleted", "versionId": "v"}, True),
        ({"deletionType": "Permanently Deleted", "versionId": ""}, False),
        ({"deletionType": "Delete Marker Created", "versionId": "v"}, False),
        ({}, False),
        ({"deletionType": 5, "versionId": 5}, False),
    ],
)
def test_only_a_bucket_with_versions_removes_one(event: dict[str, Any], removed: bool) -> None:
    assert read(event=event).trigger.removes_version is removed


@pytest.mark.parametrize(
    ("changes", "folder"),
    [
        ({"registered": True}, "s3://b/registered/"),
        ({"registered": False}, "s3://b/upload/"),
        ({"registered": None}, "s3://b/upload/"),
        ({"registered": True, "folder": None}, "s3://b/upload/"),
        ({"registered": False, "uploadFolder": ""}, "s3://b/registered/"),
        ({"folder": 5, "uploadFolder": 5}, None),
    ],
)
def test_the_folder_is_the_registered_one_or_else_that_of_the_file(
    changes: dict[str, Any], folder: str | None
) -> None:
    places = {"folder": "s3://b/registered/", "uploadFolder": "s3://b/upload/"}

    assert read(**{**places, **changes}).folder == folder


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-11-23T12:03:00Z", "2026-11-23T12:03:00+00:00"),
        ("2026-11-23T21:03:00.123+09:00", "2026-11-23T12:03:00.123000+00:00"),
        ("2026-11-23T12:03:00", "2026-11-23T12:03:00+00:00"),
        ("9999-12-31T23:59:00Z", None),
        ("0001-01-01T00:00:00+09:00", None),
        ("yesterday", None),
        (1795435380, None),
    ],
)
def test_times_are_read_as_utc_or_not_at_all(value: Any, shown: str | None) -> None:
    moment = read(event={"time": value}).trigger.time

    assert (moment and moment.isoformat()) == shown


@pytest.mark.usefixtures("in_tokyo")
def test_a_time_without_a_zone_is_utc_wherever_the_function_runs() -> None:
    moment = read(event={"time": "2026-11-23T12:03:00"}).trigger.time
    assert moment.isoformat() == "2026-11-23T12:03:00+00:00"


@pytest.mark.parametrize(("value", "events"), [(3, 3), (None, 1), (0, 1), (-2, 1), ("3", 1)])
def test_at_least_one_file_event_is_behind_a_run(value: Any, events: int) -> None:
    assert read(fileEvents=value).trigger.file_events == events
