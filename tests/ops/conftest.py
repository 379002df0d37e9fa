"""``qsrefresh`` at work in the local account."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from click.testing import CliRunner, Result

from local.account import BUCKET, WATCHED, LocalAccount
from local.services.quicksight import Dataset
from qsrefresh.aws import Aws
from qsrefresh.command_line import cli

TABLE = "sampleproject-parameters"
FOLDER = f"s3://{BUCKET}/{WATCHED}sales/"
OTHER = f"s3://{BUCKET}/{WATCHED}stock/"


def in_region(region: str) -> Aws:
    """Return the same account in another Region."""
    return Aws(lambda service: boto3.client(service, region_name=region), elsewhere=in_region)


class Shell:
    """Runs ``qsrefresh`` as a person would, in the account of the test."""

    def __init__(self, account: LocalAccount) -> None:
        self.account = account
        self.aws = Aws(account.client, account.clock.run_for, in_region)

    def __call__(self, *arguments: str, input: str | None = None) -> Result:
        """Run it and return how it ended, whatever that is."""
        return CliRunner().invoke(
            cli, arguments, obj=self.aws, input=input, catch_exceptions=False, prog_name="qsrefresh"
        )

    def json(self, *arguments: str) -> Any:
        """Return what it writes for programs; it must succeed."""
        result = self(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def refused(self, *arguments: str, input: str | None = None) -> str:
        """Return what it says when it fails; the table and the bucket must be as before."""
        before = self.state()
        result = self(*arguments, input=input)
        assert result.exit_code == 1, result.output
        assert "Way out: " in result.stderr
        assert self.state() == before
        return result.stderr

    def items(self) -> dict[str, Any]:
        """Return the registrations, by folder."""
        found = self.account.client("dynamodb").scan(TableName=TABLE)["Items"]
        return {item["S3uri"]["S"]: item for item in found}

    def put(self, item: dict[str, Any]) -> None:
        """Write a registration that a verb would refuse; its datasets are left alone."""
        typed = {name: TypeSerializer().serialize(value) for name, value in item.items()}
        self.account.client("dynamodb").put_item(TableName=TABLE, Item=typed)

    def notifications(self) -> dict[str, Any]:
        """Return the bucket's notification configuration."""
        client = self.account.client("s3")
        found = client.get_bucket_notification_configuration(Bucket=BUCKET)
        return {name: value for name, value in found.items() if name != "ResponseMetadata"}

    def subscriptions(self) -> list[dict[str, Any]]:
        """Return the topic's subscriptions."""
        topic = self.account.arn("sns", "sampleproject-operation-topic")
        client = self.account.client("sns")
        found: list[dict[str, Any]] = client.list_subscriptions_by_topic(TopicArn=topic)[
            "Subscriptions"
        ]
        return found

    def state(self) -> Any:
        """Return everything that a verb can change."""
        return self.items(), self.notifications(), self.subscriptions()


@pytest.fixture
def qsrefresh(account: LocalAccount) -> Iterator[Shell]:
    """The command, three datasets, and the bucket and topic as after a deployment."""
    for name in ("one", "two"):
        account.quicksight.add(Dataset(f"id-{name}", name))
    account.quicksight.add(Dataset("id-direct", "direct", import_mode="DIRECT_QUERY"))
    yield Shell(account)
    account.client("s3").put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, account: LocalAccount) -> Callable[..., None]:
    """Return a way to make an operation of a service do something else."""

    def replace(service: str, operation: str, instead: Callable[..., Any]) -> None:
        monkeypatch.setattr(account.client(service), operation, instead)

    return replace
