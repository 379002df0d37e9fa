"""What went wrong apart from a single dataset's refresh."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from language import Phrase


@dataclass(frozen=True, slots=True)
class Problem:
    """One bullet of the mail: a headline and its detail lines, filled from `values`."""

    headline: Phrase
    details: tuple[Phrase, ...]
    values: Mapping[str, object] = field(default_factory=dict)
    message: str = ""
