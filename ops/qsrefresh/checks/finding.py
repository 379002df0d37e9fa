"""What a check says: how it went, and the command that mends it."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from qsrefresh.addressing import addressed
from qsrefresh.language import Phrase, Voice


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
    text: str | Phrase
    mend: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, voice: Voice) -> str:
        """Return what people read; what AWS says, and details of a registration, are English."""
        return self.text if isinstance(self.text, str) else voice.say(self.text, **self.values)

    def as_json(self) -> dict[str, str]:
        """Return the finding for programs."""
        return {
            "level": self.level.name.lower(),
            "text": self.told(Voice()),
            "mend": addressed(self.mend),
        }


def good(text: str | Phrase, **values: object) -> Finding:
    """Return the finding that all is well."""
    return Finding(Level.GOOD, text, values=values)


def note(text: str | Phrase, mend: str = "", **values: object) -> Finding:
    """Return the finding that something is worth knowing, although all may be well."""
    return Finding(Level.NOTE, text, mend, values)


def bad(text: str | Phrase, mend: str, **values: object) -> Finding:
    """Return the finding that something does not work."""
    return Finding(Level.BAD, text, mend, values)


def warning(text: str | Phrase, mend: str = "", **values: object) -> Finding:
    """Return the finding that something may surprise; there may be nothing to mend."""
    return Finding(Level.WARNING, text, mend, values)
