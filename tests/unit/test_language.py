"""Both languages say the same things."""

import string
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.loading import load_module

language = load_module("check_ingestion_status", "language")
# Modules with words of their own; those about errors stand in meanings.toml.
MODULES = [
    load_module("check_ingestion_status", name)
    for name in (
        "language",
        *("about_run", "amounts", "caution", "dashboards", "dataset_entries", "failed_step"),
        *("first", "mail", "names", "problem", "registration", "result"),
        *("run_again", "service_message", "unregistered"),
    )
]
# What agrees with a number in English only.
AGREEING = {"s", "are"}
# The only characters that are not ASCII: a cut, and spaces that a mail program does not collapse.
BESIDE_ASCII = str.maketrans("", "", "…\u3000")


def phrases_in(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, language.Phrase):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from phrases_in(f"{name}.{key}", inner)
    elif isinstance(value, tuple):
        for position, inner in enumerate(value):
            yield from phrases_in(f"{name}[{position}]", inner)


def all_phrases(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        yield from phrases_in(f"{module.__name__}.{name}", value)


def phrases_by_name() -> dict[str, Any]:
    """Return every phrase once, under the name of the module that lists it first."""
    found: dict[int, tuple[str, Any]] = {}
    for module in MODULES:
        for name, phrase in all_phrases(module):
            found.setdefault(id(phrase), (name, phrase))
    return dict(found.values())


PHRASES = phrases_by_name()


def placeholders(pattern: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}


def test_the_phrases_of_every_module_are_found() -> None:
    assert {name.partition(".")[0] for name in PHRASES} == {m.__name__ for m in MODULES}
    assert len(PHRASES) > 100


@pytest.mark.parametrize("name", PHRASES)
def test_both_languages_exist_and_fill_in_the_same_names(name: str) -> None:
    phrase = PHRASES[name]

    assert bool(phrase.ja.strip()) == bool(phrase.en.strip())
    assert phrase.en.translate(BESIDE_ASCII).isascii(), "a character of another script"
    assert placeholders(phrase.ja) == placeholders(phrase.en) - AGREEING


def test_a_phrase_is_said_in_the_language_asked_for() -> None:
    phrase = language.Phrase(ja="{n}件", en="{n} left")

    assert phrase.say("ja", n=2) == "2件"
    assert phrase.say("en", n=2) == "2 left"


def test_a_phrase_inside_a_phrase_is_said_in_the_same_language() -> None:
    outer = language.Phrase(ja="原因: {cause}", en="Cause: {cause}")
    inner = language.Phrase(ja="表 {table}", en="table {table}")

    assert outer.say("ja", cause=inner, table="{t}") == "原因: 表 {t}"
    assert outer.say("en", cause=inner, table=language.UNKNOWN) == "Cause: table unknown"


@pytest.mark.parametrize("name", ["ja", "en"])
def test_the_two_languages_are_known(name: str) -> None:
    assert language.language_named(name) == name


@pytest.mark.parametrize("name", ["", "JA", "fr"])
def test_another_language_is_refused_by_name(name: str) -> None:
    with pytest.raises(language.UnknownLanguageError, match="NOTIFICATION_LANGUAGE"):
        language.language_named(name)
