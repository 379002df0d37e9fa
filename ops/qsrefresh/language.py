"""The two languages of what people read, and times as they read them: in a zone that is named."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal, NamedTuple, TypeAlias, get_args

Language: TypeAlias = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

#: The mails of a Japanese project tell times in it, too.
JST = timezone(timedelta(hours=9), "JST")
#: POSIX.1-2017, "Environment Variables": in this order; an empty one counts as not set.
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


class Phrase(NamedTuple):
    """One text in both languages; what stands in braces is filled in when it is said."""

    ja: str
    en: str


class Seconds(float):
    """A length of time among the values of a sentence."""


@dataclass(frozen=True)
class Sentence:
    """A phrase with its values, to be said in whatever language and zone somebody reads."""

    phrase: Phrase
    values: Mapping[str, object] = field(default_factory=dict)


def sentence(ja: str, en: str, **values: object) -> Sentence:
    """Return a sentence; a value may be a phrase or a sentence, too."""
    return Sentence(Phrase(ja, en), values)


_NONE = Phrase(ja="-", en="-")
#: Unit → its seconds, the unit of its rest, the seconds of that.
_SPANS = (
    (86400, Phrase(ja="{n}日", en="{n} d"), 3600, Phrase(ja="{n}時間", en=" {n} h")),
    (3600, Phrase(ja="{n}時間", en="{n} h"), 60, Phrase(ja="{n}分", en=" {n} min")),
)
_MINUTES = Phrase(ja="{n}分", en="{n} min")
_SECONDS = Phrase(ja="{n}秒", en="{n} s")


@dataclass(frozen=True)
class Voice:
    """Says phrases in one language, and times in one zone.

    Attributes:
        zone: None is the zone of the computer.
    """

    language: Language = "en"
    zone: tzinfo | None = UTC

    def say(self, phrase: Phrase, **values: object) -> str:
        """Return a phrase with its values; a phrase among them is said with the others."""
        told = {name: self._told(one) for name, one in values.items()}
        plain = {name: one for name, one in told.items() if not isinstance(one, Phrase)}
        said = {
            name: self.say(one, **plain) for name, one in told.items() if isinstance(one, Phrase)
        }
        return (phrase.ja if self.language == "ja" else phrase.en).format_map({**plain, **said})

    def tell(self, one: Sentence) -> str:
        """Return a sentence."""
        return self.say(one.phrase, **one.values)

    def _told(self, value: object) -> object:
        if isinstance(value, Sentence):
            return self.tell(value)
        if isinstance(value, Seconds):
            return self.span(value)
        return self.moment(value) if isinstance(value, datetime) else value

    def moment(self, at: datetime | None) -> str:
        """Return a day and a time: 2026-11-26 22:06 JST."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M %Z") if at else self.say(_NONE)

    def day(self, at: datetime) -> date:
        """Return the day that a time belongs to."""
        return at.astimezone(self.zone).date()

    def meant(self, given: datetime) -> datetime:
        """Return a time that somebody typed: without a zone, it is one of those shown."""
        if given.tzinfo:
            return given
        return given.replace(tzinfo=self.zone) if self.zone else given.astimezone()

    def clock(self, at: datetime) -> str:
        """Return a time of day: 22:06:58."""
        return at.astimezone(self.zone).strftime("%H:%M:%S")

    def span(self, seconds: float | None) -> str:
        """Return a length of time: 2 h 5 min."""
        if seconds is None:
            return self.say(_NONE)
        whole = max(0, round(seconds))
        for size, unit, below, part in _SPANS:
            if whole >= size:
                rest = whole % size // below
                return self.say(unit, n=whole // size) + (self.say(part, n=rest) if rest else "")
        minutes = whole >= 120
        return self.say(_MINUTES if minutes else _SECONDS, n=whole // 60 if minutes else whole)


#: What programs read does not depend on who asks.
FOR_PROGRAMS = Voice()


def voice_for(given: str | None, of_project: str | None, utc: bool) -> Voice:
    """Return how to speak to the person at the keyboard.

    Args:
        given: the language asked for, if any.
        of_project: the language of the project's mails, None without a project. A Japanese project
            lives by Japanese time, in whatever language people read about it.
        utc: whether times are to be in UTC; else they are in the project's zone or the computer's.
    """
    zone = UTC if utc else JST if of_project == "ja" else None
    return Voice(_known(given) or _known(of_project) or of_locale(os.environ), zone)


def of_locale(environment: Mapping[str, str]) -> Language:
    """Return the language that the environment asks for."""
    found = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    return _known(found[:2].lower()) or "en"


def _known(name: str | None) -> Language | None:
    return next((one for one in LANGUAGES if one == name), None)
