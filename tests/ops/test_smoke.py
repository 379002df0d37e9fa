"""make smoke, against the local account: it tells what it saw, and leaves nothing behind."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

import smoke
from local.account import LocalAccount
from qsrefresh.aws import Aws
from qsrefresh.errors import OperatorError
from tests.workflow.scenarios import drop, ends_as, register


@pytest.fixture(autouse=True)
def refreshed_once(account: LocalAccount) -> None:
    register(account, "sales")
    drop(account)
    account.settle()
    account.mails.clear()
    account.executions.clear()
    account.children.clear()


def left(account: LocalAccount) -> dict[str, Any]:
    """Return what somebody could find that the test made."""
    topic = account.arn("sns", f"{account.project}-operation-topic")
    bucket = account.client("s3").list_objects_v2(Bucket=account.bucket)
    return {
        "registrations": [item["S3uri"]["S"] for item in account.items("sampleproject-parameters")],
        "states": account.items("sampleproject-refresh-state"),
        "files": [one["Key"] for one in bucket.get("Contents", [])],
        "queues": len(account.client("sqs").list_queues()["QueueUrls"]),
        "subscriptions": account.client("sns").list_subscriptions_by_topic(TopicArn=topic)[
            "Subscriptions"
        ],
    }


def run(account: LocalAccount, said: list[str], minutes: int = 15, **how: Any) -> str:
    subject, _ = smoke.smoke(
        Aws(account.client, lambda _: account.settle()),
        how.get("project", account.project),
        how.get("dataset"),
        minutes,
        said.append,
        how.get("drop", False),
    )
    return subject


def test_a_working_project_mails_and_is_as_it_was(account: LocalAccount) -> None:
    before, said = left(account), list[str]()

    subject = run(account, said)

    assert subject.startswith("[SUCCESS]")
    assert subject in said[-1]
    assert left(account) == before
    account.settle()
    assert len(account.mails) == 1
    assert [account.path(one)[-1] for one in account.executions] == [
        "Refresh Succeeded",
        "Folder Ignored",
    ]


def test_what_runs_keep_of_the_folder_is_gone_too(account: LocalAccount) -> None:
    before = left(account)
    folder = f"s3://{account.bucket}/{account.watched}{account.project}-smoke-test/"
    record = {"S3uri": {"S": f"{folder}#record"}, "verdict": {"S": "SUCCESS"}}
    account.client("dynamodb").put_item(TableName="sampleproject-refresh-state", Item=record)
    run(account, [])
    assert left(account) == before


def test_a_refresh_that_fails_is_told_and_cleaned_up(account: LocalAccount) -> None:
    before = left(account)
    ends_as(account, "sales", {"IngestionStatus": "FAILED"})

    assert run(account, []).startswith("[ERROR]")
    assert left(account) == before


def test_no_mail_in_time_is_an_error_and_cleaned_up(account: LocalAccount) -> None:
    before = left(account)
    account.client("events").disable_rule(Name=rule(account))
    try:
        with pytest.raises(OperatorError, match="no mail came within 1 minutes"):
            run(account, [], minutes=1)
        assert left(account) == before
        assert account.mails == []
    finally:
        account.client("events").enable_rule(Name=rule(account))


def rule(account: LocalAccount) -> str:
    events = account.client("events")
    (name,) = events.list_rule_names_by_target(TargetArn=account.machine_arn)["RuleNames"]
    return str(name)


def test_a_schedule_as_the_first_target_is_no_folder(account: LocalAccount) -> None:
    events = account.client("events")
    events.put_rule(Name="a-schedule", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="a-schedule", Targets=[{"Id": "x", "Arn": account.machine_arn}])
    try:
        assert run(account, []).startswith("[SUCCESS]")
    finally:
        events.remove_targets(Rule="a-schedule", Ids=["x"])
        events.delete_rule(Name="a-schedule")


def data_source(account: LocalAccount, manifest: Any, name: str = "sales files") -> None:
    """Make an S3 data source whose manifest says this."""
    key = "manifests/sales.json"
    account.client("s3").put_object(Bucket=account.bucket, Key=key, Body=json.dumps(manifest))
    place = {"Bucket": account.bucket, "Key": key}
    account.client("quicksight").create_data_source(
        AwsAccountId=account.account_id,
        DataSourceId="source",
        Name=name,
        Type="S3",
        DataSourceParameters={"S3Parameters": {"ManifestFileLocation": place}},
    )


@pytest.fixture
def no_data_source(account: LocalAccount) -> Iterator[None]:
    yield
    account.client("quicksight").delete_data_source(
        AwsAccountId=account.account_id, DataSourceId="source"
    )


@pytest.mark.usefixtures("no_data_source")
def test_no_file_is_dropped_that_a_manifest_would_read_into_a_dataset(
    account: LocalAccount,
) -> None:
    prefix = f"s3://{account.bucket}/{account.watched}"
    data_source(account, {"fileLocations": [{"URIPrefixes": [prefix]}]})
    before, said = left(account), list[str]()

    assert run(account, said, drop=True).startswith("[SUCCESS]")

    assert left(account) == before
    dropped = [one.text for one in account.journal if one.kind == "file event"]
    assert not [key for key in dropped if "smoke-test" in key]
    manifest = f"s3://{account.bucket}/manifests/sales.json"
    assert said[0] == (
        f"No file in {prefix}sampleproject-smoke-test/: the manifest {manifest} of the data source"
        f" sales files reads {prefix}"
    )
    assert "that files start one is not proven" in said[1]


@pytest.mark.usefixtures("no_data_source")
def test_a_manifest_of_another_folder_is_no_hindrance(account: LocalAccount) -> None:
    prefix = f"s3://{account.bucket}/{account.watched}sales/"
    data_source(account, {"fileLocations": [{"URIPrefixes": [prefix]}]})
    said = list[str]()
    run(account, said)
    assert said[0].startswith("Dropped s3://")


@pytest.mark.usefixtures("no_data_source")
@pytest.mark.parametrize("drop", [False, True])
def test_of_a_manifest_that_cannot_be_read_people_have_to_know(
    account: LocalAccount, drop: bool
) -> None:
    data_source(account, ["no manifest"])
    said = list[str]()
    run(account, said, drop=drop)
    assert "of the data source sales files cannot be read from here" in said[0]
    assert any(line.startswith("Dropped") for line in said) == drop
    assert any("DROP=1" in line for line in said) != drop


def test_a_dataset_can_be_named(account: LocalAccount) -> None:
    register(account, "costs", folder=f"s3://{account.bucket}/elsewhere/")

    run(account, [], dataset="id-costs")

    (child,) = account.children
    assert "id-costs" in str(child.input)


def test_a_project_that_is_not_there_is_named(account: LocalAccount) -> None:
    with pytest.raises(OperatorError, match="project other is not deployed"):
        run(account, [], project="other")


def test_a_table_without_datasets_is_told(account: LocalAccount) -> None:
    account.client("dynamodb").delete_item(
        TableName="sampleproject-parameters",
        Key={"S3uri": account.items("sampleproject-parameters")[0]["S3uri"]},
    )
    with pytest.raises(OperatorError, match="no dataset is registered"):
        run(account, [])


@pytest.mark.parametrize(
    ("subject", "code"), [("[SUCCESS]good", 0), ("[ERROR]bad", 1)], ids=["success", "error"]
)
def test_the_exit_code_is_the_verdict(
    monkeypatch: pytest.MonkeyPatch, subject: str, code: int
) -> None:
    monkeypatch.setattr(smoke, "smoke", lambda *_: (subject, []))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    assert CliRunner().invoke(smoke.main, ["sampleproject"]).exit_code == code
