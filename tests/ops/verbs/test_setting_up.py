"""Datasets, the bucket's events, the mail's addresses."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.account import BUCKET, LocalAccount
from local.services.quicksight import Dataset
from tests.ops.conftest import Shell

STUCK = "cannot be refreshed (direct query)"
ADDRESS = "operator@example.com"


def refusing_one(qsrefresh: Shell, code: str, dataset_id: str) -> Callable[..., Any]:
    """Return a ListIngestions that AWS refuses for one dataset."""
    ask = qsrefresh.account.client("quicksight").list_ingestions

    def answer(**which: Any) -> Any:
        if which["DataSetId"] == dataset_id:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "ListIngestions")
        return ask(**which)

    return answer


class TestDatasets:
    def test_names_ids_and_what_cannot_be_refreshed(self, qsrefresh: Shell) -> None:
        lines = qsrefresh("datasets").stdout.splitlines()
        assert lines[0].split() == ["Name", "Id", "Last", "refresh", "Status"]
        assert lines[1].split() == ["direct", "id-direct", "-", *STUCK.split()]
        assert lines[2].split() == ["one", "id-one", "-", "-"]

    def test_the_last_refresh_and_its_status(self, qsrefresh: Shell, account: LocalAccount) -> None:
        account.quicksight.datasets["id-one"].outcome = lambda _: {
            "IngestionStatus": "FAILED",
            "ErrorInfo": {"Type": "S3_FILE_INACCESSIBLE", "Message": "no"},
        }
        for ingestion in ("first", "second"):
            account.quicksight.create_ingestion("id-one", ingestion, "FULL_REFRESH")
            account.clock.run_for(300)
        found = {one["id"]: one for one in qsrefresh.json("datasets")}
        refresh = found["id-one"]["lastRefresh"]
        assert refresh["status"] == "FAILED"
        assert refresh["error"] == "S3_FILE_INACCESSIBLE: no"
        assert found["id-two"]["lastRefresh"] is None
        assert found["id-direct"]["refreshable"] is False
        assert "FAILED" in qsrefresh("datasets", "one").stdout

    def test_a_search_names_only_those(self, qsrefresh: Shell) -> None:
        qsrefresh.account.quicksight.add(Dataset("id-jp", "東京都の検査陽性者数"))
        assert [one["id"] for one in qsrefresh.json("datasets", "検査")] == ["id-jp"]
        assert [one["name"] for one in qsrefresh.json("datasets", "ONE")] == ["one"]

    def test_a_search_without_a_hit_says_so(self, qsrefresh: Shell) -> None:
        result = qsrefresh("datasets", "nope")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "No dataset with nope in its name in the Region ap-northeast-1" in result.stderr

    def test_quick_shows_only_what_it_asked_for(self, qsrefresh: Shell) -> None:
        lines = qsrefresh("datasets", "--quick").stdout.splitlines()
        assert [line.split() for line in lines[:3]] == [
            ["Name", "Id", "Import", "mode"],
            ["direct", "id-direct", "DIRECT_QUERY"],
            ["one", "id-one", "SPICE"],
        ]

    def test_names_cannot_command_the_terminal(self, qsrefresh: Shell) -> None:
        qsrefresh.account.quicksight.add(Dataset("id-evil", "\x1b[2J[red]x\n\u202ey"))
        stdout = qsrefresh("datasets", "x", "--quick").stdout
        assert "\x1b" not in stdout
        assert "\u202e" not in stdout
        assert "[red]x" in stdout

    @pytest.mark.parametrize("code", ["InternalFailureException", "ResourceNotFoundException"])
    def test_a_dataset_that_aws_cannot_describe_hides_no_other(
        self, qsrefresh: Shell, broken: Callable[..., None], code: str
    ) -> None:
        qsrefresh.account.quicksight.create_ingestion("id-two", "good", "FULL_REFRESH")
        broken("quicksight", "list_ingestions", refusing_one(qsrefresh, code, "id-one"))
        lines = qsrefresh("datasets").stdout.splitlines()
        assert lines[2].split()[:3] == ["one", "id-one", "-"]
        assert f"quicksight:ListIngestions failed: {code}: no" in lines[2]
        assert lines[3].split()[:2] == ["two", "id-two"]
        found = {one["id"]: one for one in qsrefresh.json("datasets")}
        assert found["id-one"]["lastRefresh"] is None
        assert code in found["id-one"]["problem"]
        assert found["id-two"]["lastRefresh"]["status"]
        assert found["id-two"]["problem"] is None

    @pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException"])
    def test_what_would_refuse_every_dataset_ends_the_list(
        self, qsrefresh: Shell, broken: Callable[..., None], code: str
    ) -> None:
        broken("quicksight", "list_ingestions", refusing_one(qsrefresh, code, "id-one"))
        assert "no)" in qsrefresh.refused("datasets")

    def test_every_page_is_read(self, qsrefresh: Shell) -> None:
        for number in range(250):
            qsrefresh.account.quicksight.add(Dataset(f"id-{number}", f"name {number}"))
        assert len(qsrefresh.json("datasets", "--quick")) == 253


OTHERS = {
    "QueueConfigurations": [
        {
            "Id": "q",
            "QueueArn": "arn:aws:sqs:ap-northeast-1:123456789012:uploads",
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {
                "Key": {
                    "FilterRules": [
                        {"Name": "prefix", "Value": "入力/"},
                        {"Name": "suffix", "Value": ".csv"},
                    ]
                }
            },
        }
    ],
    "TopicConfigurations": [
        {
            "Id": "t",
            "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:deletions",
            "Events": ["s3:ObjectRemoved:*"],
        }
    ],
    "LambdaFunctionConfigurations": [
        {
            "Id": "l",
            "LambdaFunctionArn": "arn:aws:lambda:ap-northeast-1:123456789012:function:scan",
            "Events": ["s3:ObjectCreated:Put", "s3:ObjectCreated:Copy"],
        }
    ],
}


class TestEnableBucket:
    @pytest.fixture
    def others(self, qsrefresh: Shell) -> None:
        """Other people's notifications, and no EventBridge."""
        account = qsrefresh.account
        account.client("sqs").create_queue(QueueName="uploads")
        account.client("sns").create_topic(Name="deletions")
        self.put(account, OTHERS)

    @staticmethod
    def put(account: LocalAccount, configuration: dict[str, Any]) -> None:
        account.client("s3").put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration=configuration
        )

    @pytest.mark.usefixtures("others")
    def test_queue_topic_and_function_keep_their_notifications(self, qsrefresh: Shell) -> None:
        result = qsrefresh("enable-bucket", BUCKET, input="y\n")
        assert result.exit_code == 0
        assert qsrefresh.notifications() == {**OTHERS, "EventBridgeConfiguration": {}}
        assert result.stdout.splitlines() == [
            f"update {BUCKET}",
            "+ EventBridgeConfiguration",
            "  keep LambdaFunction notification l: s3:ObjectCreated:Put, s3:ObjectCreated:Copy",
            "  keep Queue notification q: s3:ObjectCreated:*",
            "  keep Topic notification t: s3:ObjectRemoved:*",
        ]

    @pytest.mark.usefixtures("others")
    def test_a_dry_run_shows_exactly_what_is_then_done(self, qsrefresh: Shell) -> None:
        (plan,) = qsrefresh.json("enable-bucket", BUCKET, "--dry-run")
        shown = qsrefresh("enable-bucket", BUCKET, "--dry-run").stdout
        assert qsrefresh.notifications() == plan["before"] == OTHERS
        assert qsrefresh("enable-bucket", BUCKET, "--yes").stdout == shown
        assert qsrefresh.notifications() == plan["after"]

    def test_a_bucket_without_any(self, qsrefresh: Shell) -> None:
        self.put(qsrefresh.account, {})
        qsrefresh.refused("enable-bucket", BUCKET)
        assert qsrefresh("enable-bucket", BUCKET, "--yes").exit_code == 0
        assert qsrefresh.notifications() == {"EventBridgeConfiguration": {}}

    def test_one_that_is_on_already(self, qsrefresh: Shell) -> None:
        result = qsrefresh("enable-bucket", BUCKET)
        assert (result.exit_code, result.stdout) == (0, "")
        assert "Nothing to do" in result.stderr

    def test_no_such_bucket(self, qsrefresh: Shell) -> None:
        told = qsrefresh.refused("enable-bucket", "no-such-bucket", "--yes")
        assert "there is no bucket no-such-bucket" in told

    @pytest.mark.parametrize(
        "name", [f"s3://{BUCKET}", f"s3://{BUCKET}/x/", f"arn:aws:s3:::{BUCKET}", "my bucket", ""]
    )
    def test_what_is_no_name_of_a_bucket_is_refused(self, qsrefresh: Shell, name: str) -> None:
        told = qsrefresh.refused("enable-bucket", name, "--yes")
        assert f"'{name}' is no bucket's name" in told
        assert "Way out: give its name without s3://" in told

    def test_a_bucket_of_another_region(self, qsrefresh: Shell) -> None:
        there = {"LocationConstraint": "eu-west-1"}
        s3 = boto3.client("s3", region_name="eu-west-1")
        s3.create_bucket(Bucket="far-away", CreateBucketConfiguration=there)
        told = qsrefresh.refused("enable-bucket", "far-away", "--yes")
        s3.delete_bucket(Bucket="far-away")
        assert "is in the Region eu-west-1, not in ap-northeast-1" in told

    @pytest.mark.usefixtures("others")
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_what_somebody_else_writes_meanwhile_is_told(
        self, qsrefresh: Shell, broken: Callable[..., None], when: str
    ) -> None:
        account = qsrefresh.account
        read = account.client("s3").get_bucket_notification_configuration
        theirs = {"TopicConfigurations": OTHERS["TopicConfigurations"]}
        looks = []

        def racing(**parameters: Any) -> Any:
            looks.append(parameters)
            if len(looks) == {"before": 2, "after": 3}[when]:
                self.put(account, theirs)
            return read(**parameters)

        broken("s3", "get_bucket_notification_configuration", racing)
        result = qsrefresh("enable-bucket", BUCKET, "--yes")
        assert result.exit_code == 1
        assert "somebody else changed the notifications" in result.stderr
        assert qsrefresh.notifications() == theirs
