"""What went wrong apart from a single dataset's refresh."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from language import Phrase
from service_message import NOTHING, Said

BLANK = Phrase(ja="", en="")


@dataclass(frozen=True, slots=True)
class Problem:
    """One bullet of the mail, and what its first lines say; all phrases are filled from `values`.

    A dataset that cannot be refreshed because of its registration has its place there as `number`;
    then the mail counts it, and `result` is not said.
    """

    headline: Phrase
    details: tuple[Phrase, ...]
    first: Phrase
    result: Phrase
    dashboards: Phrase
    values: Mapping[str, object] = field(default_factory=dict)
    said: Said = NOTHING
    closing: tuple[Phrase, ...] = ()
    """Lines after the last of all problems that have them in common."""
    number: int | None = None
    reruns: bool = True
    """Whether it helps to run it again, once it is mended."""
