"""What a check says: how it went, and the command that mends it."""

import enum
from dataclasses import dataclass

from qsrefresh.addressing import addressed


class Level(enum.Enum):
    """How a check went."""

    GOOD = "✓"
    NOTE = "·"
    WARNING = "!"
    BAD = "✗"


@dataclass(frozen=True)
class Finding:
    """One line of the check; ``mend`` is the command that mends it, or several, each in a line."""

    level: Level
    text: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the finding for programs."""
        return {"level": self.level.name.lower(), "text": self.text, "mend": addressed(self.mend)}


def good(text: str) -> Finding:
    """Return the finding that all is well."""
    return Finding(Level.GOOD, text)


def note(text: str, mend: str = "") -> Finding:
    """Return the finding that something is worth knowing, although all may be well."""
    return Finding(Level.NOTE, text, mend)


def bad(text: str, mend: str) -> Finding:
    """Return the finding that something does not work."""
    return Finding(Level.BAD, text, mend)


def warning(text: str, mend: str = "") -> Finding:
    """Return the finding that something may surprise; there may be nothing to mend."""
    return Finding(Level.WARNING, text, mend)
