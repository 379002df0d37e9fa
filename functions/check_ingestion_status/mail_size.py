"""Fit the entries of a mail into a number of bytes: shorten first, leave out last."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from safe_text import one_line


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines about one thing, from the fullest version to the tersest.

    Only this class writes line breaks and bullets; whatever its texts hold, each stays one line.
    An empty line of a version is a blank line of the mail.
    """

    versions: tuple[tuple[str, ...], ...]
    bullet: bool = True
    """Whether the first line of each version is a bullet of the mail."""
    apart: bool = True
    """Whether a blank line stands before it."""

    def rendered(self) -> tuple[str, ...]:
        """Return every version as text that begins with a line break."""
        return tuple(self._render(version) for version in self.versions)

    def close(self) -> "Entry":
        """Return it without a blank line before it."""
        return replace(self, apart=False)

    def _render(self, version: tuple[str, ...]) -> str:
        if not version:
            return ""
        before = "\n" * (1 + self.apart) + "\t・" * self.bullet
        return before + "\n".join(map(one_line, version))


@dataclass(frozen=True, slots=True)
class Fitted:
    """The text of the entries that fit, and how many bullets were shortened or left out."""

    text: str
    shortened: int
    left_out: int


def fit(entries: Sequence[Entry], limit: int) -> Fitted:
    """Return as much of `entries` as fits into `limit` bytes of JSON, the first ones fullest."""
    rendered = [entry.rendered() for entry in entries]
    tersest = [json_size(versions[-1]) for versions in rendered]
    kept = len(rendered)
    spare = limit - sum(tersest)
    while spare < 0 and kept:
        kept -= 1
        spare += tersest[kept]
    texts: list[str] = []
    shortened = 0
    for entry, versions, smallest in zip(entries[:kept], rendered, tersest, strict=False):
        sizes = map(json_size, versions)
        chosen = next(
            version
            for version, size in zip(versions, sizes, strict=True)
            if size - smallest <= spare or version is versions[-1]
        )
        spare -= json_size(chosen) - smallest
        shortened += entry.bullet and chosen is not versions[0]
        texts.append(chosen)
    left_out = sum(entry.bullet for entry in entries[kept:])
    return Fitted("".join(texts), shortened, left_out)


def json_size(text: str) -> int:
    """Return the bytes of a text inside a JSON document: a quote or a line break counts twice."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2
