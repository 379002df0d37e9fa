"""Switch a bucket's events for EventBridge on, and keep its other notifications as they are."""

import re
from dataclasses import dataclass
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError, ChangedMeanwhileError, OperatorError
from qsrefresh.language import FOR_PROGRAMS, Phrase, Voice

_EVENT_BRIDGE = "EventBridgeConfiguration"
_UPDATED = Phrase(ja="バケット{bucket}の通知設定の変更", en="update {bucket}")
_KEPT = Phrase(
    ja="  {kind}の通知{name}はそのまま: {events}", en="  keep {kind} notification {name}: {events}"
)
#: What boto3 takes for one: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_NAME = re.compile(r"[A-Za-z0-9._-]{1,255}")
_GIVE_NAME = "give its name without s3://; `aws s3 ls` lists the buckets of this account"
Notifications = dict[str, Any]


@dataclass(frozen=True)
class BucketChange:
    """A bucket's notifications as they are, and as they are to be."""

    bucket: str
    before: Notifications
    after: Notifications

    def lines(self, voice: Voice = FOR_PROGRAMS) -> list[str]:
        """Return the change as people read it."""
        kept = [
            voice.say(
                _KEPT,
                kind=kind.removesuffix("Configurations"),
                name=one.get("Id", ""),
                events=", ".join(one.get("Events", [])),
            )
            for kind, members in sorted(self.before.items())
            if isinstance(members, list)
            for one in members
        ]
        return [voice.say(_UPDATED, bucket=self.bucket), f"+ {_EVENT_BRIDGE}", *kept]

    def as_json(self) -> dict[str, Any]:
        """Return the change for programs."""
        return {"bucket": self.bucket, "before": self.before, "after": self.after}


def region_of(aws: Aws, bucket: str) -> str | None:
    """Return the Region of a bucket of this account, None if there is no such bucket."""
    try:
        found = aws.call("s3", "head_bucket", Bucket=bucket, ExpectedBucketOwner=aws.account_id)
    except AwsError as error:
        if error.code in ("404", "NoSuchBucket"):
            return None
        raise
    headers = found["ResponseMetadata"]["HTTPHeaders"]
    return str(found.get("BucketRegion") or headers.get("x-amz-bucket-region", ""))


def notifications(aws: Aws, bucket: str) -> Notifications:
    """Return a bucket's notification configuration."""
    found = aws.call(
        "s3",
        "get_bucket_notification_configuration",
        Bucket=bucket,
        ExpectedBucketOwner=aws.account_id,
    )
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def sends_events(configuration: Notifications) -> bool:
    """Tell whether EventBridge gets the bucket's events."""
    return _EVENT_BRIDGE in configuration


def plan(aws: Aws, bucket: str) -> list[BucketChange]:
    """Return the change that switches the events on; nothing where they are on already.

    Raises:
        OperatorError: there is no such bucket here.
    """
    if not _NAME.fullmatch(bucket):
        raise OperatorError(f"{bucket!r} is no bucket's name", _GIVE_NAME)
    region = region_of(aws, bucket)
    if region is None:
        raise OperatorError(f"there is no bucket {bucket}", _GIVE_NAME)
    if region != aws.region:
        raise OperatorError(
            f"the bucket {bucket} is in the Region {region}, not in {aws.region}: its events"
            " reach a rule here only where they are forwarded (docs/operations.md,"
            ' "A bucket in another Region")',
            f"add --region {region} to the command; deploy the stacks there, or forward the events",
        )
    before = notifications(aws, bucket)
    if sends_events(before):
        return []
    return [BucketChange(bucket, before, {**before, _EVENT_BRIDGE: {}})]


def execute(aws: Aws, change: BucketChange) -> None:
    """Write the configuration, and read it back.

    Raises:
        ChangedMeanwhileError: it is not what the plan was made for, or not what was written.
    """
    # S3 has no conditional write here: looking again makes the gap small, and the check finds out.
    _expect(notifications(aws, change.bucket), change.before, change.bucket)
    aws.call(
        "s3",
        "put_bucket_notification_configuration",
        Bucket=change.bucket,
        NotificationConfiguration=change.after,
        ExpectedBucketOwner=aws.account_id,
        # Those of other people stay as they are, even where their queue is gone.
        SkipDestinationValidation=True,
    )
    _expect(notifications(aws, change.bucket), change.after, change.bucket)


def _expect(found: Notifications, wanted: Notifications, bucket: str) -> None:
    if _comparable(found) != _comparable(wanted):
        raise ChangedMeanwhileError(
            f"somebody else changed the notifications of {bucket} meanwhile",
            f"look at them (aws s3api get-bucket-notification-configuration --bucket {bucket})"
            " and run the command again",
        )


def _comparable(value: Any, name: str = "") -> Any:
    """Return a configuration without what means nothing: order, and S3's spelling of `Prefix`."""
    if isinstance(value, dict):
        return {
            key: _comparable(member, key)
            for key, member in value.items()
            if member or key == _EVENT_BRIDGE
        }
    if isinstance(value, list):
        return sorted((_comparable(member) for member in value), key=str)
    return str(value).lower() if name == "Name" else value
