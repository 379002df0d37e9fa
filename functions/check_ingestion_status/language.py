"""The two languages of the mail, and phrases that exist in both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

Language: TypeAlias = Literal["ja", "en"]


class UnknownLanguageError(ValueError):
    """NOTIFICATION_LANGUAGE is neither ja nor en."""


class Phrase(NamedTuple):
    """One text in both languages; {names} in braces are filled in when it is said."""

    ja: str
    en: str

    def say(self, language: Language, **values: object) -> str:
        """Return the text in `language`; a value that is a phrase is said in it too."""
        pattern = self.ja if language == "ja" else self.en
        return pattern.format_map(_Said(language, values))


class _Said(dict[str, object]):
    """Values to fill in; a phrase among them is said, with the same values, when it is used."""

    def __init__(self, language: Language, values: dict[str, object]) -> None:
        super().__init__(values)
        self._language = language
        self._values = values

    def __getitem__(self, name: str) -> object:
        value = super().__getitem__(name)
        return value.say(self._language, **self._values) if isinstance(value, Phrase) else value


@dataclass(frozen=True, slots=True)
class Voice:
    """Says phrases in one language; any of them may name `facts`."""

    language: Language
    facts: Mapping[str, object] = field(default_factory=dict)

    def say(self, phrase: Phrase, **values: object) -> str:
        """Return a phrase with its values, and the facts, filled in."""
        return phrase.say(self.language, **{**self.facts, **values})


UNKNOWN = Phrase(ja="不明", en="unknown")


def language_named(name: str) -> Language:
    """Return the language called `name`; raise UnknownLanguageError for any other than ja, en."""
    if name == "ja":
        return "ja"
    if name == "en":
        return "en"
    raise UnknownLanguageError(f"NOTIFICATION_LANGUAGE is {name!r}: set it to ja or en.")
