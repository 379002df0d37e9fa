"""A bucket's notifications are read back whole."""

from typing import Any

import pytest

from local.account import LocalAccount

TOPIC = {
    "Id": "t",
    "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:sampleproject-operation-topic",
    "Events": ["s3:ObjectRemoved:*"],
}


@pytest.mark.parametrize("others", [{}, {"TopicConfigurations": [TOPIC]}], ids=["alone", "others"])
@pytest.mark.parametrize("on", [{"EventBridgeConfiguration": {}}, {}], ids=["on", "off"])
def test_the_configuration_tells_whether_eventbridge_is_on(
    account: LocalAccount, on: dict[str, Any], others: dict[str, Any]
) -> None:
    s3 = account.client("s3")
    where = {"LocationConstraint": "ap-northeast-1"}
    s3.create_bucket(Bucket="another-bucket", CreateBucketConfiguration=where)
    s3.put_bucket_notification_configuration(
        Bucket="another-bucket", NotificationConfiguration={**on, **others}
    )
    found = s3.get_bucket_notification_configuration(Bucket="another-bucket")
    found.pop("ResponseMetadata")
    s3.delete_bucket(Bucket="another-bucket")
    assert found == {**on, **others}
