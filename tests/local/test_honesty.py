"""The table of what is imitated is complete, and its tests are there."""

import re

import pytest

from local.services.cloudformation import ROOT
from tests.local.honesty import FACTS, GRADES, MODULES, OWN, PAGE, Fact, behaviours, page, pinned_by


def test_every_module_says_what_it_imitates_or_has_a_reason_not_to() -> None:
    imitating = {module for module in MODULES if behaviours(module)}
    assert imitating == set(FACTS)
    assert sorted([*imitating, *OWN]) == sorted(MODULES)


@pytest.mark.parametrize("module", sorted(FACTS))
def test_every_behaviour_has_a_fact_and_every_fact_a_behaviour(module: str) -> None:
    assert {fact.covers for fact in FACTS[module]} == set(behaviours(module))


@pytest.mark.parametrize("module", sorted(MODULES))
def test_what_is_imitated_is_said_in_one_place(module: str) -> None:
    text = MODULES[module].read_text(encoding="utf-8")
    assert len(re.findall(r"\bImitates\b", text)) == bool(behaviours(module))


@pytest.mark.parametrize(
    ("module", "fact"),
    [(module, fact) for module, facts in FACTS.items() for fact in facts],
    ids=lambda value: value.text if isinstance(value, Fact) else value,
)
def test_a_fact_has_a_grade_a_source_and_a_test(module: str, fact: Fact) -> None:
    file, name = pinned_by(module, fact)
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert re.search(rf"^ *def {name}\(", text, re.MULTILINE)
    assert fact.grade in GRADES
    assert fact.source
    assert fact.grade != "V" or "](https://" in fact.source


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
