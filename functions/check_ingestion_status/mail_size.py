"""Fit the bullets of a mail into a number of bytes: shorten first, leave out last."""

from collections.abc import Sequence
from dataclasses import dataclass

from safe_text import one_line


@dataclass(frozen=True, slots=True)
class Bullet:
    """A headline and its details, from the fullest version to the tersest.

    Only this class writes line breaks; whatever its texts hold, each stays one line.
    """

    versions: tuple[tuple[str, ...], ...]

    def rendered(self) -> tuple[str, ...]:
        """Return every version as text: a bullet line, then detail lines."""
        return tuple(_render(version) for version in self.versions)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The text of the bullets that fit, and how many were shortened or left out."""

    text: str
    shortened: int
    left_out: int


def fit(bullets: Sequence[Bullet], limit: int) -> Fitted:
    """Return as much of `bullets` as fits into `limit` UTF-8 bytes, the first ones fullest."""
    rendered = [bullet.rendered() for bullet in bullets]
    tersest = [_size(versions[-1]) for versions in rendered]
    kept = len(rendered)
    spare = limit - sum(tersest)
    while spare < 0 and kept:
        kept -= 1
        spare += tersest[kept]
    texts: list[str] = []
    shortened = 0
    for versions, smallest in zip(rendered[:kept], tersest, strict=False):
        chosen = next(v for v in versions if _size(v) - smallest <= spare or v is versions[-1])
        spare -= _size(chosen) - smallest
        shortened += chosen is not versions[0]
        texts.append(chosen)
    return Fitted("".join(texts), shortened, len(rendered) - kept)


def _render(version: tuple[str, ...]) -> str:
    headline, *details = version
    lines = [f"\n\t・{one_line(headline)}", *(f"\n\t\t{one_line(line)}" for line in details)]
    return "".join(lines)


def _size(text: str) -> int:
    return len(text.encode())
