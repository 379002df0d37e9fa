"""Find the registered folder that somebody takes for the one that a file came to."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from safe_text import named, unseen, visible

_SPACES = re.compile(r"\s+")


class Difference(StrEnum):
    """What two names differ in that look the same, or nearly; in the order of the mail."""

    UNICODE_FORM = "unicode_form"
    SLASH = "slash"
    SPACE = "space"
    INVISIBLE = "invisible"
    CASE = "case"


def _composed(name: str) -> str:
    # S3 and DynamoDB compare bytes. Macs write names in form NFD, where the mark of が is a
    # character of its own; everybody else writes NFC.
    return unicodedata.normalize("NFC", name)


def _unslashed(name: str) -> str:
    scheme, _, path = name.rpartition("://")
    return f"{scheme}/{re.sub('/+', '/', path).strip('/')}"


def _unspaced(name: str) -> str:
    return _SPACES.sub("", name)


def _seen(name: str) -> str:
    return "".join(one for one in name if one.isspace() or not unseen(one))


# The order matters: what composes may only stand side by side once the invisible is gone.
_WITHOUT: dict[Difference, Callable[[str], str]] = {
    Difference.INVISIBLE: _seen,
    Difference.SPACE: _unspaced,
    Difference.UNICODE_FORM: _composed,
    Difference.CASE: str.casefold,
    Difference.SLASH: _unslashed,
}


@dataclass(frozen=True, slots=True)
class Twin:
    """A registered folder beside the folder (that of the file, or one above) it is taken for."""

    registered: str
    folder: str
    differences: tuple[Difference, ...]


def find_twin(folder: str, registered: Iterable[str]) -> Twin | None:
    """Return the registered folder that looks most like `folder`, or like a folder above it."""
    known = {_bare(one): one for one in registered if one}
    for place in _upwards(folder):
        if (twin := known.get(_bare(place))) and twin != place:
            return Twin(twin, place, tuple(_differences(twin, place)))
    return None


def is_composed(name: str) -> bool:
    """Tell whether a name is in form NFC, as everybody but Macs writes names."""
    return _composed(name) == name


def differing(one: str, other: str) -> tuple[str, str]:
    """Return the parts of two folders after what they have in common, from a name on."""
    parts = [one.split("/"), other.split("/")]
    # Of a folder that ends with a slash, the last part is empty: show the name before it.
    last = min(len(one) - 1 - (not one[-1] and len(one) > 1) for one in parts)
    same = next((n for n in range(last) if parts[0][n] != parts[1][n]), last)
    return "/".join(parts[0][same:]), "/".join(parts[1][same:])


def decomposed_marked(name: str) -> str:
    """Return a name, made visible, with each mark that NFC would join to its letter by number."""
    marked = []
    for index, one in enumerate(name):
        joins = index and unicodedata.combining(one) and len(_composed(name[index - 1] + one)) == 1
        marked.append(named(one) if joins else one)
    return visible("".join(marked))


def _upwards(folder: str) -> Iterator[str]:
    while folder.count("/") > 3:  # s3://bucket/folder/
        yield folder
        folder = folder[: folder.rstrip("/").rfind("/") + 1]


def _bare(name: str) -> str:
    for without in _WITHOUT.values():
        name = without(name)
    return name


def _differences(one: str, other: str) -> Iterator[Difference]:
    """Yield each difference without whose removal the two would not be equal."""
    for difference in Difference:
        names = [one, other]
        for kind, without in _WITHOUT.items():
            if kind is not difference:
                names = [without(name) for name in names]
        if names[0] != names[1]:
            yield difference
