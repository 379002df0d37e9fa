"""JSONata as Step Functions evaluates it."""

from typing import Any

import pytest

from local.account import LocalAccount
from local.core.clock import START
from local.stepfunctions.jsonata import QueryEvaluationError, evaluate


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("[$x]", [1, 2]),
        ("$x[$ > 1]", 2),
        ("[$x[$ > 1]]", [2]),
        ("[$x[$ > 5]]", []),
        ("null", None),
        ("$exists($nothing)", False),
        ("$parse('{\"a\": 1}').a", 1),
        ("4 / 2", 2),
        ("false and $error('not reached')", False),
    ],
)
def test_values_are_json(expression: str, value: Any) -> None:
    assert evaluate(expression, {"x": [1, 2]}) == value


@pytest.mark.parametrize(
    "expression", ["$nothing", "$states.input.missing", "1 +", "$sum('a')", "$sum"]
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


def test_eval_is_not_there() -> None:
    with pytest.raises(QueryEvaluationError, match="T1006"):
        evaluate("$eval('1')", {})


def test_parse_reads_json() -> None:
    assert evaluate("$parse($x)", {"x": '{"a": [1, "データ"]}'}) == {"a": [1, "データ"]}


def test_null_is_a_value() -> None:
    assert evaluate("$type($x)", {"x": None}) == "null"
    assert evaluate("[$x.*.($ = null)]", {"x": {"a": None}}) == [True]
    assert evaluate("$type($parse($x))", {"x": "null"}) == "null"


def test_random_is_between_nought_and_one_and_repeatable(account: LocalAccount) -> None:
    account.reset()
    drawn = [evaluate("$random()", {}) for _ in range(100)]
    assert all(0 <= one < 1 for one in drawn)
    assert len(set(drawn)) == 100
    account.reset()
    assert [evaluate("$random()", {}) for _ in range(100)] == drawn


def test_string_leaves_letters_as_they_are() -> None:
    assert evaluate("$string({'folder': '東京\n🗾'})", {}) == '{"folder":"東京\\n🗾"}'
