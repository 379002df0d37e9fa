"""Turn what started a run into the folder to refresh and the suffix of its ingestion ids."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypedDict

_WAY_OUT = (
    'Start the state machine with an "Object Created" or "Object Deleted" event of Amazon S3,'
    ' or by hand with {"folder": "s3://BUCKET/FOLDER/"}.'
)


class UnrecognisedUploadError(ValueError):
    """The event names neither an S3 object nor a folder; the message says what is missing."""


class IngestionParameters(TypedDict):
    """What the state machine needs to look a folder up and to name its ingestions."""

    targetPrefix: str
    composedPrefix: str
    ingestionidSuffix: str


def ingestion_parameters(event: object, now: datetime) -> IngestionParameters:
    """Return the folder of the object (or the folder given by hand) and a suffix made of `now`.

    Macs write names in another Unicode form (NFD) than people type (NFC), and S3 and DynamoDB
    compare bytes: `composedPrefix` is the folder in NFC where that differs, else empty.
    `event` is an S3 event as EventBridge delivers it, or a start by hand carrying `folder`.
    Raises UnrecognisedUploadError when it names neither.
    """
    folder = _folder(event)
    composed = unicodedata.normalize("NFC", folder)
    return {
        "targetPrefix": folder,
        "composedPrefix": "" if composed == folder else composed,
        "ingestionidSuffix": now.astimezone(UTC).strftime("%Y%m%d_%H%M%S_%f"),
    }


def _folder(event: object) -> str:
    given = event.get("folder") if isinstance(event, Mapping) else None
    if given is not None:
        return _checked(given)
    bucket = _text_at(event, "detail", "bucket", "name")
    # The key is taken raw: EventBridge does not URL-encode it, un-quoting would spoil + and %.
    key = _text_at(event, "detail", "object", "key")
    parent, slash, _ = key.rpartition("/")
    return f"s3://{bucket}/{parent}{slash}"


def _checked(folder: object) -> str:
    if isinstance(folder, str) and folder.startswith("s3://") and folder.endswith("/"):
        bucket = folder.removeprefix("s3://").partition("/")[0]
        if bucket:
            return folder
    raise UnrecognisedUploadError(
        "The field folder does not name a folder: it must start with s3://BUCKET/ and end"
        f" with a slash. {_WAY_OUT}"
    )


def _text_at(event: object, *path: str) -> str:
    value = event
    for depth, name in enumerate(path, start=1):
        value = value.get(name) if isinstance(value, Mapping) else None
        if value is None:
            raise UnrecognisedUploadError(
                f"The event has no {'.'.join(path)} ({'.'.join(path[:depth])} is missing)."
                f" {_WAY_OUT}"
            )
    if not isinstance(value, str) or not value:
        raise UnrecognisedUploadError(
            f"The event's {'.'.join(path)} is not a non-empty text. {_WAY_OUT}"
        )
    return value
