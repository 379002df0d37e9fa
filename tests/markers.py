"""What ``startson`` of a registration means, in plain Python."""

from typing import Any


def is_called(marker: str, file: str) -> bool:
    """Tell whether a file has a marker's name, of which an asterisk may stand for anything."""
    head, asterisk, tail = marker.partition("*")
    long_enough = len(file) >= len(head) + len(tail)
    fits = long_enough and file.startswith(head) and file.endswith(tail)
    return fits if asterisk else file == marker


def starts(marker: str, event: dict[str, Any]) -> bool:
    """Tell whether an event of S3 starts a refresh of a folder with this (legal) marker."""
    file = event["detail"]["object"]["key"].rpartition("/")[2]
    return event["detail-type"] == "Object Created" and is_called(marker, file)
