"""The table of what is imitated is complete, and its tests are there."""

import ast
import re

import pytest

from local.cloudformation import ROOT
from tests.local.honesty import FACTS, GRADES, PAGE, Fact, page

#: They imitate what makes a local account usable, or mend moto; no fact about AWS decides there.
OUR_OWN = {"executions", "queues", "stacks", "template_gaps"}


def test_every_module_that_imitates_has_a_fact() -> None:
    imitating = {
        path.stem
        for path in (ROOT / "local").glob("*.py")
        if "Imitates" in (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")
    }
    assert imitating - OUR_OWN <= {fact.module for fact in FACTS}
    assert {fact.module for fact in FACTS} <= {p.stem for p in (ROOT / "local").glob("*.py")}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.text)
def test_a_fact_has_a_grade_a_source_and_a_test(fact: Fact) -> None:
    file, _, name = fact.test.partition("::")
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert re.search(rf"^ *def {name}\(", text, re.MULTILINE)
    assert fact.grade in GRADES
    assert fact.source


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
