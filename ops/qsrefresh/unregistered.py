"""The folders with files that nobody registered, by what the bucket holds now."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from qsrefresh.aws import Aws
from qsrefresh.errors import AccessDeniedError
from qsrefresh.folder_state import FolderStatus
from qsrefresh.project import Place
from qsrefresh.registrations import nearest, with_slash

#: Each level above a registered folder is a question of its own; what they leave is not told.
_MOST_QUESTIONS = 20


def with_unregistered(
    aws: Aws,
    places: Sequence[Place],
    registered: Collection[str],
    found: Sequence[FolderStatus],
) -> Iterator[FolderStatus]:
    """Yield how the folders stand; what nobody registered is named, and gone when somebody did.

    Files of all unregistered folders are led together, by the folder that is watched. A folder that
    is not registered any more is told as long as a run leads it, or files of it wait.
    """
    for one in found:
        folder, lead = one.state.folder, one.state.lead
        led = lead.leader is not None
        watched = [place for place in places if with_slash(place.folder) == folder]
        if one.registered:
            yield one
        elif watched:
            names = unregistered_folders(aws, watched, registered)
            if names or led:
                yield replace(one, unregistered=names)
        elif led or lead.waiting:
            yield replace(one, unregistered=[folder])


def unregistered_folders(
    aws: Aws, places: Sequence[Place], registered: Collection[str]
) -> list[str]:
    """Return the watched folders that hold files and are not registered, nor is one above them.

    The highest are told: who registers one registers what is below it.
    """
    left = [_MOST_QUESTIONS]
    try:
        found = [
            list(_below(aws, place.bucket, place.prefix, registered, left)) for place in places
        ]
    except AccessDeniedError:
        return [with_slash(place.folder) for place in places]
    return sorted({folder for some in found for folder in some})


def _below(
    aws: Aws, bucket: str, prefix: str, registered: Collection[str], left: list[int]
) -> Iterator[str]:
    root = f"s3://{bucket}/"
    if nearest(root + prefix, registered) or not left[0]:
        return
    left[0] -= 1
    listed = aws.call("s3", "list_objects_v2", Bucket=bucket, Prefix=prefix, Delimiter="/")
    if any(not one["Key"].endswith("/") for one in listed.get("Contents", [])):
        yield root + prefix
    for one in listed.get("CommonPrefixes", []):
        folder = root + one["Prefix"]
        if any(other.startswith(folder) and other != folder for other in registered):
            yield from _below(aws, bucket, one["Prefix"], registered, left)
        elif folder not in registered:
            yield folder
