"""Regular expressions of the service models, which are Java's, as Python's.

Java's ``matches()`` takes the whole value, and its classes of digits and words know ASCII only.
"""

import functools
import re
import unicodedata

_PROPERTY = re.compile(r"\\[pP]\{")
_TOKEN = re.compile(r"\\([pP])\{(\w+)\}|\[\^?|\\.|\]", re.DOTALL)
#: A range of surrogate pairs, which is how Java writes everything beyond U+FFFF.
_BEYOND = r"\uD800\uDC00-\uDBFF\uDFFF"


class PatternNotKnownError(ValueError):
    """A pattern that cannot be read: extend this module."""


def matches(pattern: str, value: str) -> bool:
    """Tell whether a value meets a pattern of a service model."""
    beyond = ""
    if not value.isascii() and _PROPERTY.search(pattern):
        beyond = "".join(sorted({one for one in value if one > "\x7f"}))
    return _compiled(pattern, beyond).fullmatch(value) is not None


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str, beyond: str) -> re.Pattern[str]:
    """Compile; ``beyond``: the characters beyond ASCII that classes have to know."""
    text = pattern.replace(_BEYOND, r"\U00010000-\U0010FFFF").replace(r"\z", r"\Z")
    text = re.sub(r"(\\[wds])-(?!\])", r"\1\\-", text)
    try:
        return re.compile(_spelled_out(text, beyond), re.ASCII)
    except re.error as error:
        raise PatternNotKnownError(f"{pattern!r}: {error}") from error


def _spelled_out(pattern: str, beyond: str) -> str:
    r"""Write ``\p{L}`` as the characters that it stands for: Python does not know it."""
    inside = False

    def spelled(found: re.Match[str]) -> str:
        nonlocal inside
        token = found.group()
        if found[1]:
            members = _members(found[2], found[1] == "P", beyond)
            return members if inside else f"[{members}]"
        if token[0] in "[]":
            inside = token != "]"
        return token

    return _TOKEN.sub(spelled, pattern)


def _members(name: str, others: bool, beyond: str) -> str:
    alphabet = [*map(chr, range(128)), *beyond]
    return re.escape("".join(one for one in alphabet if _has(name, one) is not others))


def _has(name: str, character: str) -> bool:
    if name == "ASCII":
        return character.isascii()
    if name == "Print":
        return " " <= character <= "~"
    return unicodedata.category(character).startswith(name)
