"""Make text that other people chose safe to show on one line of a mail."""

import re
import unicodedata
from functools import lru_cache

NAME_LIMIT = 100
# An S3 key is at most 1,024 bytes (S3 user guide, "Naming Amazon S3 objects"), plus the bucket.
FOLDER_LIMIT = 1100
# Long enough for most folders; the whole one stands beside "Folder:" at the end of the mail.
PLACE_LIMIT = 160

# Unicode, "General Category": control, format, half of a surrogate pair, unassigned, line and
# paragraph separators. None of them shows where it stands, and some break or reverse a line.
_UNSEEN_CATEGORIES = ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")
# Unicode, "Default Ignorable Code Points": what shows nothing although its category would.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_VARIATIONS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_FILLER = re.compile(f"[{_FILLERS}{_VARIATIONS}]")
# Spaces that a reader takes for another one, or for none (all of category Zs but these two).
_PLAIN_SPACES = " \u3000"
_SIDE_BY_SIDE = re.compile(r"^[ \u3000]+|[ \u3000]+$|[ \u3000]{2,}")
_HIDDEN_MARK = re.compile(r"\[U\+[0-9A-F]{4,6}\]")


def unseen(character: str) -> bool:
    """Tell whether a character shows nothing, or another width than its reader expects."""
    category = unicodedata.category(character)
    odd_space = category == "Zs" and character not in _PLAIN_SPACES
    return category in _UNSEEN_CATEGORIES or odd_space or bool(_FILLER.match(character))


def named(character: str) -> str:
    """Return a character by its number: [U+3000]."""
    return f"[U+{ord(character):04X}]"


def visible(value: str) -> str:
    """Return an id, a key or a folder with each character that does not show by its number.

    Spaces count where nobody sees them: at an end, and beside each other. Nothing is dropped, so
    two values that differ look different.
    """
    spaced = _SIDE_BY_SIDE.sub(lambda found: "".join(map(named, found[0])), value)
    if _all_seen(spaced):
        return spaced
    return "".join(named(one) if unseen(one) else one for one in spaced)


def one_line(value: str) -> str:
    """Return a name or a message on one line: what does not show is left out, or is a space."""
    if _all_seen(value):
        return value
    return "".join(map(_in_line, value))


def shorten(value: str, limit: int) -> str:
    """Return `value` on one line of at most `limit` characters, its end cut off if need be."""
    line = one_line(value)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def shorten_place(value: str, limit: int) -> str:
    """Return a folder or a key, made visible, in at most `limit` characters: both ends of it."""
    shown = visible(value)
    if len(shown) <= limit:
        return shown
    start, end = (limit - 1) // 3, limit - 1 - (limit - 1) // 3
    return f"{shown[:start]}…{shown[len(shown) - end :]}"


def shorten_start(value: str, limit: int) -> str:
    """Return a key, made visible, in at most `limit` characters, keeping its end (a file name)."""
    shown = visible(value)
    return shown if len(shown) <= limit else "…" + shown[len(shown) - limit + 1 :]


def has_hidden(value: str) -> bool:
    """Tell whether `value` holds anything that its reader cannot see."""
    return visible(value) != value


def hidden_in(value: str) -> list[str]:
    """Return what does not show in `value` by its numbers, each once: ["[U+3000]"]."""
    return list(dict.fromkeys(_HIDDEN_MARK.findall(visible(value))))


def _all_seen(value: str) -> bool:
    """Tell, at once for the whole of it, whether no character is unseen."""
    return value.replace("\u3000", "").isprintable() and not _FILLER.search(value)


@lru_cache(maxsize=4096)
def _in_line(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":  # JSON can carry half a surrogate pair; UTF-8 cannot
        return "\ufffd"
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return character if character in _PLAIN_SPACES else " "
    return "" if unseen(character) else character
