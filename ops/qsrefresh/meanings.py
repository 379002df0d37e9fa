"""What an error means and what to do about it: the words of the mails, out of their own file.

The rule of what to look up for which error is that of
``functions/check_ingestion_status/meanings.py``; a property test keeps both in step.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from qsrefresh.language import Phrase

#: The wheel brings the file along; in a checkout it stands where the function reads it.
_FILE = "meanings.toml"
_IN_CHECKOUT = Path(__file__).parents[2] / "functions" / "check_ingestion_status" / _FILE
#: What {file} stands for where no file is known, or more than one.
THE_FILE = Phrase(ja="ファイル", en="the file")
#: Under which label a mail shows the name of an error, by who named it.
_INGESTION = Phrase(ja="エラー種別: {type}", en="Error type: {type}")
_API = Phrase(ja="APIエラー: {type}", en="API error: {type}")
_STEP = Phrase(ja="エラー: {type}", en="Error: {type}")


@dataclass(frozen=True)
class Meaning:
    """What an error means.

    Attributes:
        group: the entry of the file.
        label: names the error by its ``type``; None if it has no name.
        first: the one easiest thing to do.
        steps: how to mend it, in order.
        rerun: what running it again is good for: "mend", "again", "file" or "wait".
    """

    group: str
    label: Phrase | None
    type: str
    cause: Phrase
    first: Phrase
    steps: tuple[Phrase, ...]
    rerun: str

    @property
    def offers_rerun(self) -> bool:
        """Tell whether it makes sense to run it again by hand."""
        return self.rerun in ("mend", "again")


def meaning(error: str, message: str = "", *, checking: bool = False) -> Meaning:
    """Return what an error of a dataset's refresh means; any text gets an answer.

    Args:
        error: ErrorInfo.Type, or an error's name in Step Functions (QuickSight.X, States.X).
        message: what was said with it.
        checking: whether the refresh had begun, and looking at it is what failed.
    """
    found = _of_dataset(error, message)
    return replace(found, first=named("unread").first) if checking else found


def meaning_of_status(status: str) -> Meaning:
    """Return what an IngestionStatus without an error means; "" is a dataset without a result."""
    return named(_book().groups_with("statuses").get(status, "other_status"))


def meaning_of_step(error: str, message: str = "") -> Meaning:
    """Return what the failure of a step of the state machine means."""
    return replace(named(_group_of_step(error, message)), label=_STEP, type=error)


def meaning_of_end(status: str) -> Meaning:
    """Return what it means that a run died, by the status of its execution."""
    return named(_book().groups_with("executions").get(status, "run_failed"))


def named(group: str) -> Meaning:
    """Return an entry of the file; KeyError if there is none."""
    return _book().entry(group)


def complaint(name: str) -> Meaning:
    """Return what is wrong with a registration, and the first step, which mends it."""
    return _book().complaint(name)


def field_meaning(key: str) -> Phrase | None:
    """Return what a field of a registered dataset is, as far as it has to be said."""
    return _book().fields.get(key)


def headline(name: str) -> Phrase:
    """Return the first line about what is no dataset's failure."""
    return _book().headlines[name]


def bare_name(error: str) -> str:
    """Return an error's name without its prefix (QuickSight.ThrottlingException → Throttling…)."""
    return error.rpartition(".")[2] or error


def _of_dataset(error: str, message: str) -> Meaning:
    book = _book()
    if group := book.groups_with("types").get(error):
        return _with_hint(replace(named(group), label=_INGESTION, type=error), message)
    name, by_api_error = bare_name(error), book.groups_with("api_errors")
    if error.startswith("States."):
        return replace(named(by_api_error.get(name, "step_other")), label=_STEP, type=error)
    group = by_api_error.get(name)
    if group is None and "." in error:
        group = book.first_match("api_says", message)
    label = _API if group or "." in error else _INGESTION if error else None
    return _with_hint(replace(named(group or "other_error"), label=label, type=name), message)


def _group_of_step(error: str, message: str) -> str:
    book, name = _book(), bare_name(error)
    # An exception of the functions' own code may say anything; a service's base class must be read.
    own_code = "." not in error or error.startswith("Runtime.")
    searched = name if own_code else f"{name} {message}"
    known = book.groups_with("step_errors").get(name) or book.first_match("step_says", searched)
    if known:
        return known
    function_failed = error and (own_code or error.startswith("Lambda."))
    return "step_function" if function_failed else "step_other"


def _with_hint(found: Meaning, message: str) -> Meaning:
    """Add to the first step what words of the message suggest, and quote them."""
    book = _book()
    if not book.groups[found.group].get("hints"):
        return found
    for pattern, hint in book.hints:
        if seen := pattern.search(message):
            first = Phrase(
                ja=f"{found.first.ja}「{seen[0]}」とあるので、{hint.ja}",
                en=f'{found.first.en} It says "{seen[0]}", so {hint.en}',
            )
            return replace(found, first=first)
    return found


class _Book:
    """The file, by what it is looked up by."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.groups: Mapping[str, Mapping[str, Any]] = content["groups"]
        self._places = content["places"]
        self.headlines = {
            name: Phrase(texts["ja"], texts["en"]) for name, texts in content["headlines"].items()
        }
        self.hints: Sequence[tuple[re.Pattern[str], Phrase]] = [
            (_whole(word), Phrase(hint["ja"], hint["en"]))
            for hint in content["hints"]
            for word in hint["words"]
        ]

        self._complaints = content["registration"]
        self.fields = {
            name: Phrase(texts["ja"], texts["en"]) for name, texts in content["fields"].items()
        }

    def complaint(self, name: str) -> Meaning:
        """Return what is wrong with a registration."""
        words = self._complaints[name]
        cause, first = self._phrase(**words["cause"]), self._phrase(**words["first"])
        return Meaning(f"registration.{name}", None, "", cause, first, (), "mend")

    def groups_with(self, key: str) -> dict[str, str]:
        """Return the members of a list of each group: member → group."""
        return {one: name for name, group in self.groups.items() for one in group.get(key, ())}

    def first_match(self, key: str, text: str) -> str | None:
        """Return the first group whose pattern is found in a text."""
        patterns = ((name, group[key]) for name, group in self.groups.items() if key in group)
        return next((name for name, pattern in patterns if re.search(pattern, text)), None)

    def entry(self, name: str) -> Meaning:
        """Return a group, with its places filled in."""
        group = self.groups[name]
        steps = group.get("steps", {"ja": [], "en": []})
        return Meaning(
            group=name,
            label=None,
            type="",
            cause=self._phrase(**group["cause"]),
            first=self._phrase(**group["first"]),
            steps=tuple(map(self._phrase, steps["ja"], steps["en"])),
            rerun=group["rerun"],
        )

    def _phrase(self, ja: str, en: str) -> Phrase:
        for name, place in self._places.items():
            ja, en = ja.replace(f"<{name}>", place["ja"]), en.replace(f"<{name}>", place["en"])
        return Phrase(ja, en)


@cache
def _book() -> _Book:
    brought = resources.files("qsrefresh") / _FILE
    file = brought if brought.is_file() else _IN_CHECKOUT
    return _Book(tomllib.loads(file.read_text(encoding="utf-8")))


def _whole(word: str) -> re.Pattern[str]:
    # To its ends, so that ThrottlingException is quoted, not Throttl.
    return re.compile(f"[A-Za-z]{{0,40}}{re.escape(word)}[A-Za-z]{{0,40}}", re.IGNORECASE)
