"""How wide letters are in a picture, and where its lines break."""

import unicodedata
from collections.abc import Iterator

FONT = "-apple-system, 'Hiragino Sans', 'Noto Sans CJK JP', 'Noto Sans', sans-serif"


def width_of(character: str) -> float:
    """Return about how wide a character is, in units of the font's size."""
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    return {"i": 0.28, "l": 0.28, " ": 0.3, ".": 0.3}.get(character, 0.56)


def wrapped(line: str, room: float) -> Iterator[str]:
    """Yield a line in pieces that fit, broken at a space where there is one near the end."""
    while line:
        used, end = 0.0, 0
        while end < len(line) and used + width_of(line[end]) <= room:
            used += width_of(line[end])
            end += 1
        space = line.rfind(" ", 0, end) + 1
        if end < len(line) and space > end * 2 // 3:
            end = space
        yield line[:end].rstrip(" ")
        line = line[end:]
