"""Look up what an error means and what to do about it; the words stand in meanings.toml."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from language import Phrase

# Quick user guide, "SPICE ingestion error codes": what AWS says about the types.
EXPLAINED_AT = "https://docs.aws.amazon.com/quick/latest/userguide/errors-spice-ingestion.html"
# What {file} stands for where no file is known, or more than one.
THE_FILE = Phrase(ja="ファイル", en="the file")

# Every value that the words may ask for.
PLACEHOLDERS = (
    *("account", "dataset_id", "error", "file", "machine", "parent", "partition", "permission"),
    *("project", "region", "table", "watched_folder"),
)


class Origin(StrEnum):
    """Who named the error, which decides under which label the mail shows its type."""

    INGESTION = "ingestion"  # ErrorInfo.Type of a refresh: エラー種別 / Error type
    API = "api"  # an error of CreateIngestion or DescribeIngestion: APIエラー / API error
    STEP = "step"  # an error of the state machine or of a function
    NONE = "none"  # no error has a name here: no such line


class Rerun(StrEnum):
    """What running it again is good for; WAIT and FILE: the mail offers no way to do it."""

    MEND = "mend"  # only after something was mended
    AGAIN = "again"  # the first step is to run it again
    FILE = "file"  # putting the corrected file there is the re-run
    WAIT = "wait"  # another refresh is under way: a re-run would do harm, or nothing


class Shown(StrEnum):
    """Which data dashboards show after this."""

    PREVIOUS = "previous"
    NEW = "new"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error means and what to do about it.

    The phrases may name any of PLACEHOLDERS in braces. {file} is a file's name, or THE_FILE.
    """

    group: str
    """The entry of meanings.toml."""
    origin: Origin
    type: str
    """The official name as the consoles show it, without the service before it: SQL_EXCEPTION,
    LimitExceededException. Empty if there is none. Any text: to be made safe before it is shown."""
    cause: Phrase
    """Why, as AWS explains it; a general error is told as general."""
    first: Phrase
    """The one easiest thing to do, for 【まず】 / FIRST; with it, words found in the message."""
    steps: tuple[Phrase, ...]
    """How to mend it, in order, for 対処 / Next step. May be empty."""
    rerun: Rerun
    dashboards: Shown
    general: bool = False
    """Whether only the message tells the cause: it stands before the steps, and EXPLAINED_AT is
    worth its line."""

    @property
    def offers_rerun(self) -> bool:
        """Whether the block "how to run it again" makes sense."""
        return self.rerun in (Rerun.MEND, Rerun.AGAIN)

    def key(self, status: str, message: str, dataset_id: str) -> tuple[str, ...]:
        """Return what is equal for two datasets exactly if one text serves both.

        `message` is without its request id. The id counts only where the words name it.
        """
        named = any("{dataset_id}" in phrase.en for phrase in (self.cause, self.first, *self.steps))
        return status, self.group, self.type, message, dataset_id if named else ""


def meaning(error: str, message: str = "", *, checking: bool = False) -> Meaning:
    """Return what an error of a dataset's refresh means; any text gets a readable answer.

    `error` is ErrorInfo.Type, or an error's name in Step Functions (QuickSight.X, States.X).
    `checking` says that the refresh had begun, and that looking at it is what failed.
    """
    found = _dataset_error(error, message)
    if checking:
        unread = named("unread")
        found = replace(found, first=unread.first, dashboards=unread.dashboards)
    return found


def meaning_of_status(status: str) -> Meaning:
    """Return what an IngestionStatus without an error means; "" is a dataset without a result."""
    return named(_book().by_status.get(status, "other_status"))


def meaning_of_step(error: str, message: str = "") -> Meaning:
    """Return what the failure of a step of the state machine means."""
    found = named(_group_of_step(error, message))
    return replace(found, origin=Origin.STEP, type=error)


def named(group: str) -> Meaning:
    """Return the entry of meanings.toml called `group`; KeyError if there is none."""
    return _book().entries[group]


def headline(name: str) -> Phrase:
    """Return the first line about what is no dataset's failure, by its name in meanings.toml."""
    return _book().headlines[name]


def complaint(name: str) -> tuple[Phrase, Phrase]:
    """Return why a registration is wrong, behind its label, and the first step, which mends it."""
    return _book().complaints[name]


def complaints() -> Mapping[str, tuple[Phrase, Phrase]]:
    """Return all that may be wrong with a registration, by its name in meanings.toml."""
    return _book().complaints


def field_meaning(key: str) -> Phrase:
    """Return what a field of a registered dataset is."""
    return _book().fields[key]


def bare_name(error: str) -> str:
    """Return an error's name without its prefix (QuickSight.ThrottlingException → Throttling…)."""
    return error.rpartition(".")[2] or error


def _dataset_error(error: str, message: str) -> Meaning:
    book = _book()
    if group := book.by_type.get(error):
        return _with_hint(replace(named(group), origin=Origin.INGESTION, type=error), message)
    name = bare_name(error)
    if error.startswith("States."):
        group = book.by_api_error.get(name, "step_other")
        return replace(named(group), origin=Origin.STEP, type=error)
    group = book.by_api_error.get(name)
    if group is None and "." in error:
        group = _first_match(book.api_says, message)
    origin = Origin.API if group or "." in error else Origin.INGESTION if error else Origin.NONE
    return _with_hint(replace(named(group or "other_error"), origin=origin, type=name), message)


def _group_of_step(error: str, message: str) -> str:
    book, name = _book(), bare_name(error)
    # An exception of our own code may say anything; a service's base class must be read.
    own_code = "." not in error or error.startswith("Runtime.")
    searched = name if own_code else f"{name} {message}"
    group = book.by_step_error.get(name) or _first_match(book.step_says, searched)
    if group:
        return group
    function_failed = error and (own_code or error.startswith("Lambda."))
    return "step_function" if function_failed else "step_other"


def _first_match(patterns: Sequence[tuple[re.Pattern[str], str]], text: str) -> str | None:
    return next((group for pattern, group in patterns if pattern.search(text)), None)


def _with_hint(found: Meaning, message: str) -> Meaning:
    """Add to the first step what words of the message suggest, and quote them."""
    book = _book()
    if found.group not in book.hinted:
        return found
    for pattern, hint in book.hints:
        if seen := pattern.search(message):
            first = Phrase(
                ja=f"{found.first.ja}「{seen[0]}」とあるので、{hint.ja}",
                en=f'{found.first.en} It says "{seen[0]}", so {hint.en}',
            )
            return replace(found, first=first)
    return found


@dataclass(frozen=True, slots=True)
class _Book:
    """All of meanings.toml, by what it is looked up by."""

    entries: Mapping[str, Meaning]
    headlines: Mapping[str, Phrase]
    complaints: Mapping[str, tuple[Phrase, Phrase]]
    fields: Mapping[str, Phrase]
    by_type: Mapping[str, str]
    by_api_error: Mapping[str, str]
    by_status: Mapping[str, str]
    by_step_error: Mapping[str, str]
    api_says: Sequence[tuple[re.Pattern[str], str]]
    step_says: Sequence[tuple[re.Pattern[str], str]]
    hinted: frozenset[str]
    hints: tuple[tuple[re.Pattern[str], Phrase], ...]


@cache
def _book() -> _Book:
    # Where something failed, not at import: a good run needs neither parser nor words.
    import tomllib

    text = Path(__file__).with_name("meanings.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    groups: Mapping[str, Any] = content["groups"]
    places = {name: _phrase(place) for name, place in content["places"].items()}
    return _Book(
        entries={name: _entry(name, group, places) for name, group in groups.items()},
        headlines={name: _phrase(texts) for name, texts in content["headlines"].items()},
        complaints={
            name: (_labelled(words["cause"]), _phrase(words["first"]))
            for name, words in content["registration"].items()
        },
        fields={name: _phrase(texts) for name, texts in content["fields"].items()},
        by_type=_by_member(groups, "types"),
        by_api_error=_by_member(groups, "api_errors"),
        by_status=_by_member(groups, "statuses"),
        by_step_error=_by_member(groups, "step_errors"),
        api_says=_patterns(groups, "api_says"),
        step_says=_patterns(groups, "step_says"),
        hinted=frozenset(name for name, group in groups.items() if group.get("hints")),
        hints=tuple(
            (_whole(word), _phrase(hint)) for hint in content["hints"] for word in hint["words"]
        ),
    )


def _labelled(texts: Mapping[str, str]) -> Phrase:
    return Phrase(ja=f"原因: {texts['ja']}", en=f"Cause: {texts['en']}")


def _by_member(groups: Mapping[str, Any], key: str) -> dict[str, str]:
    return {one: name for name, group in groups.items() for one in group.get(key, ())}


def _patterns(groups: Mapping[str, Any], key: str) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(group[key]), name) for name, group in groups.items() if key in group]


def _entry(name: str, group: Mapping[str, Any], places: Mapping[str, Phrase]) -> Meaning:
    steps = group.get("steps", {"ja": [], "en": []})
    return Meaning(
        group=name,
        origin=Origin.NONE,
        type="",
        cause=_phrase(group["cause"], places),
        first=_phrase(group["first"], places),
        steps=tuple(
            _phrase({"ja": ja, "en": en}, places)
            for ja, en in zip(steps["ja"], steps["en"], strict=True)
        ),
        rerun=Rerun(group["rerun"]),
        dashboards=Shown(group["dashboards"]),
        general=group.get("general", False),
    )


def _phrase(texts: Mapping[str, str], places: Mapping[str, Phrase] | None = None) -> Phrase:
    ja, en = texts["ja"], texts["en"]
    for name, place in (places or {}).items():
        ja, en = ja.replace(f"<{name}>", place.ja), en.replace(f"<{name}>", place.en)
    return Phrase(ja, en)


def _whole(word: str) -> re.Pattern[str]:
    # To its ends, so that ThrottlingException is quoted, not Throttl.
    return re.compile(f"[A-Za-z]{{0,40}}{re.escape(word)}[A-Za-z]{{0,40}}", re.IGNORECASE)
