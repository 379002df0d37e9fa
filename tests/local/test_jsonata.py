"""JSONata as Step Functions evaluates it."""

from typing import Any

import pytest

from local.clock import START
from local.jsonata import QueryEvaluationError, evaluate


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("[$x]", [1, 2]),
        ("$x[$ > 1]", 2),
        ("[$x[$ > 1]]", [2]),
        ("[$x[$ > 5]]", []),
        ("null", None),
        ("$exists($nothing)", False),
        ("$partition([1,2,3], 2)", [[1, 2], [3]]),
        ("$range(0, 10, 5)", [0, 5, 10]),
        ("$parse('{\"a\": 1}').a", 1),
        ("$hash('a', 'SHA-256')[0..3]", None),
        ("4 / 2", 2),
        ("false and $error('not reached')", False),
    ],
)
def test_values_are_json(expression: str, value: Any) -> None:
    if value is None and expression != "null":
        assert isinstance(evaluate("$hash('a', 'SHA-256')", {}), str)
    else:
        assert evaluate(expression, {"x": [1, 2]}) == value


@pytest.mark.parametrize(
    "expression", ["$nothing", "$states.input.missing", "$eval('1')", "1 +", "$sum('a')", "$sum"]
)
def test_what_has_no_value_is_an_error(expression: str) -> None:
    with pytest.raises(QueryEvaluationError):
        evaluate(expression, {"states": {"input": {}}})


def test_text_with_quotes_and_backslashes_stays_as_it_is() -> None:
    text = 'a "quoted" \\ back\n'
    assert evaluate("$x", {"x": text}) == text


def test_the_time_is_the_clocks_at_every_evaluation(account: Any) -> None:
    first = evaluate("$millis()", {})
    account.clock.run_for(5)
    assert evaluate("$millis()", {}) - first == 5000
    assert first >= START.timestamp() * 1000
