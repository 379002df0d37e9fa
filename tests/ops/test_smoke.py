"""make smoke, against the local account: it tells what it saw, and leaves nothing behind."""

from typing import Any

import pytest
from click.testing import CliRunner

import smoke
from local.account import LocalAccount
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
    return smoke.smoke(
        account.client,
        how.get("project", account.project),
        how.get("dataset"),
        minutes,
        said.append,
        how.get("wait", lambda _: account.settle()),
    )


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


def test_a_refresh_that_fails_is_told_and_cleaned_up(account: LocalAccount) -> None:
    before = left(account)
    ends_as(account, "sales", {"IngestionStatus": "FAILED"})

    assert run(account, []).startswith("[ERROR]")
    assert left(account) == before


def test_no_mail_in_time_is_an_error_and_cleaned_up(account: LocalAccount) -> None:
    before = left(account)
    account.client("events").disable_rule(Name=rule(account))
    try:
        with pytest.raises(smoke.SmokeError, match="No mail within 1 minutes"):
            run(account, [], minutes=1)
        assert left(account) == before
        assert account.mails == []
    finally:
        account.client("events").enable_rule(Name=rule(account))


def rule(account: LocalAccount) -> str:
    events = account.client("events")
    (name,) = events.list_rule_names_by_target(TargetArn=account.machine_arn)["RuleNames"]
    return str(name)


def test_a_dataset_can_be_named(account: LocalAccount) -> None:
    register(account, "costs", folder=f"s3://{account.bucket}/elsewhere/")

    run(account, [], dataset="id-costs")

    (child,) = account.children
    assert "id-costs" in str(child.input)


def test_a_project_that_is_not_there_is_named(account: LocalAccount) -> None:
    with pytest.raises(smoke.SmokeError, match="is project other deployed here"):
        run(account, [], project="other")


def test_a_table_without_datasets_is_told(account: LocalAccount) -> None:
    account.client("dynamodb").delete_item(
        TableName="sampleproject-parameters",
        Key={"S3uri": account.items("sampleproject-parameters")[0]["S3uri"]},
    )
    with pytest.raises(smoke.SmokeError, match="No dataset is registered"):
        run(account, [])


@pytest.mark.parametrize(
    ("subject", "code"), [("[SUCCESS]good", 0), ("[ERROR]bad", 1)], ids=["success", "error"]
)
def test_the_exit_code_is_the_verdict(
    monkeypatch: pytest.MonkeyPatch, subject: str, code: int
) -> None:
    monkeypatch.setattr(smoke, "smoke", lambda *_: subject)
    assert CliRunner().invoke(smoke.main, ["sampleproject"]).exit_code == code
