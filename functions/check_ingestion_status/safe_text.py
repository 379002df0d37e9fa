"""Make text that other people chose safe to show on one line of a mail."""

import re

NAME_LIMIT = 100
MESSAGE_LIMIT = 300
# An S3 key is at most 1,024 bytes (S3 user guide, "Naming Amazon S3 objects"), plus the bucket.
FOLDER_LIMIT = 1100

# Control characters (with tab and line feed), line and paragraph separators, bidi overrides.
_UNSAFE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]")
# JSON can carry half a surrogate pair; UTF-8 cannot.
_LONE_SURROGATE = re.compile("[\\ud800-\\udfff]")


def one_line(value: str) -> str:
    """Return `value` with every character that could break or reverse a line made a space."""
    return _LONE_SURROGATE.sub("\ufffd", _UNSAFE.sub(" ", value)).strip()


def shorten(value: str, limit: int) -> str:
    """Return `value` on one line of at most `limit` characters, its end cut off if need be."""
    line = one_line(value)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def shorten_start(value: str, limit: int) -> str:
    """Return `value` on one line of at most `limit` characters, keeping its end (a file name)."""
    line = one_line(value)
    return line if len(line) <= limit else "…" + line[len(line) - limit + 1 :]
