"""Names of folders that look the same, or nearly, and are not: S3 and DynamoDB compare bytes.

What looks alike is decided as in ``functions/check_ingestion_status/lookalike.py``, whose words are
in the mails; a property test keeps both in step.
"""

import re
import shlex
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from qsrefresh.project import Place
from qsrefresh.safe_text import unseen, visible

_SPACES = re.compile(r"\s+")
_ESCAPED = re.compile(r"\\u([0-9A-F]{4})|\\U([0-9A-F]{8})")


class Oddity(NamedTuple):
    """What is odd about the name of a registered folder, and the command that mends it."""

    text: str
    mend: str


def composed(name: str) -> str:
    """Return a name in Unicode form NFC, as everybody but Macs writes names."""
    return unicodedata.normalize("NFC", name)


def other_form(name: str) -> str:
    """Return the other form in which a name comes: as Macs write it (NFD), or as it is given."""
    return name if composed(name) != name else unicodedata.normalize("NFD", name)


def named(name: str) -> str:
    """Return a folder as an argument of a command; the verbs find it by what does not show, too."""
    return shlex.quote(visible(name))


def in_ascii(text: str) -> str:
    """Return a text whose other characters are escaped, so that no editor changes their form."""
    return "".join(
        one
        if one.isascii()
        else f"\\u{ord(one):04X}"
        if ord(one) <= 0xFFFF
        else f"\\U{ord(one):08X}"
        for one in text
    )


def from_ascii(text: str) -> str:
    """Return the text that ``in_ascii`` escaped."""
    return _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def differences(one: str, other: str) -> list[str]:
    """Return what two names differ in that look alike; none where they do not, or are the same."""
    return list(_differences(one, other)) if _bare(one) == _bare(other) else []


def oddities(folders: Collection[str], places: Sequence[Place]) -> Iterator[Oddity]:
    """Yield the registered folders that look like another, or whose own name is easily mistaken."""
    alike: dict[str, list[str]] = {}
    for folder in folders:
        alike.setdefault(_bare(folder), []).append(folder)
    for folder in sorted(folders):
        right = right_address(folder, places)
        twins = alike[_bare(folder)]
        first = min(twins, key=lambda one: (right_address(one, places) != one, one))
        if folder != first:
            how = ", ".join(differences(folder, first))
            text = f"{visible(folder)} looks like {visible(first)}, and is another folder: {how}"
            yield Oddity(text, f"qsrefresh unregister {named(folder)}")
        elif right != folder and _watched(right, places):
            how = ", ".join(differences(folder, right))
            text = f"{visible(folder)} is not what people type: {how}"
            yield Oddity(text, f"qsrefresh move {named(folder)} {shlex.quote(right)}")


def right_address(folder: str, places: Sequence[Place]) -> str:
    """Return the address that was meant: the watched folder as it is, what follows cleaned."""
    for place in places:
        if folder.startswith(place.folder):
            both = [one.folder for one in places if one.folder == composed(place.folder)]
            return (*both, place.folder)[0] + _cleaned(folder.removeprefix(place.folder))
    for above in _upwards(folder):
        for place in places:
            if _bare(above) == _bare(place.folder):
                return place.folder + _cleaned(folder.removeprefix(above))
    return _cleaned(folder)


def _watched(folder: str, places: Sequence[Place]) -> bool:
    return not places or any(folder.startswith(place.folder) for place in places)


def _cleaned(path: str) -> str:
    """Return a path in NFC, without what does not show, spaces at ends of names, with a slash."""
    names = [composed(_seen(name)).strip() for name in path.split("/")]
    cleaned = "/".join(names)
    return cleaned if cleaned.endswith("/") or not cleaned else f"{cleaned}/"


def _upwards(folder: str) -> Iterator[str]:
    while folder.count("/") > 2:  # s3://bucket/
        yield folder
        folder = folder[: folder.rstrip("/").rfind("/") + 1]


def _unslashed(name: str) -> str:
    scheme, _, path = name.rpartition("://")
    return f"{scheme}/{re.sub('/+', '/', path).strip('/')}"


def _seen(name: str) -> str:
    return "".join(one for one in name if one.isspace() or not unseen(one))


# The order matters: what composes may only stand side by side once the invisible is gone.
_WITHOUT: dict[str, Callable[[str], str]] = {
    "an invisible character": _seen,
    "a space": lambda name: _SPACES.sub("", name),
    "Unicode form (NFC, or NFD as Macs write names)": composed,
    "capital and small letters": str.casefold,
    "a slash (a folder ends with one)": _unslashed,
}


def _bare(name: str) -> str:
    for without in _WITHOUT.values():
        name = without(name)
    return name


def _differences(one: str, other: str) -> Iterator[str]:
    """Yield each difference without whose removal the two would not be equal."""
    for difference in _WITHOUT:
        names = [one, other]
        for kind, without in _WITHOUT.items():
            if kind != difference:
                names = [without(name) for name in names]
        if names[0] != names[1]:
            yield difference
