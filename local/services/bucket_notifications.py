"""What a bucket's notification configuration is, when it is read back.

Imitates: GetBucketNotificationConfiguration, which tells whether EventBridge gets the bucket's
events (moto keeps that, and leaves it out of its answer).
Does not imitate: the check of destinations when a configuration is written, the five minutes
before EventBridge gets the first event.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.s3.responses import S3Response

_EVENT_BRIDGE = "<EventBridgeConfiguration/></NotificationConfiguration>"


@contextmanager
def installed() -> Iterator[None]:
    """Answer with the whole configuration."""
    original = S3Response.get_bucket_notification

    def get_bucket_notification(response: Any) -> Any:
        status, headers, body = original(response)
        text = body.decode() if isinstance(body, bytes) else body
        found = response.backend.get_bucket_notification_configuration(response.bucket_name)
        if found is not None and found.event_bridge is not None:
            opened = re.sub(r"/>\s*$", ">", text).removesuffix("</NotificationConfiguration>")
            text = opened + _EVENT_BRIDGE
        return status, headers, text

    with mock.patch.object(S3Response, "get_bucket_notification", get_bucket_notification):
        yield
