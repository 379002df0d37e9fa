"""JSONata as Step Functions evaluates it."""

from typing import Any

import pytest

from local.account import LocalAccount
from local.core.clock import START
from local.core.faults import Fault, ServiceError
from local.stepfunctions.jsonata import QueryEvaluationError, evaluate
from tests.local.machines import GET, Machine


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


def test_the_state_and_the_variables_are_bound(machine: Machine) -> None:
    assign = {"Type": "Pass", "Assign": {"x": "{% $states.input.a %}"}, "Next": "Get"}
    caught = {"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}"}
    get = {**GET, "Output": "{% $states.result %}", "Catch": [{**caught, "Next": "Tell"}]}
    output = {"x": "{% $x %}", "input": "{% $states.input %}"}
    output["state"] = "{% $states.context.State.Name %}"
    tell = {"Type": "Succeed", "Output": output}
    states = {"Assign": assign, "Get": {**get, "Next": "Tell"}, "Tell": tell}
    assert machine.run(states, {"a": 1}).output == {"x": 1, "input": {}, "state": "Tell"}
    machine.account.faults.add(Fault("dynamodb", "GetItem", error=ServiceError("Whatever")))
    told = machine.run(states, {"a": 1}).output
    assert told["input"] == "DynamoDB.AmazonDynamoDBException"


def test_eval_is_not_there() -> None:
    with pytest.raises(QueryEvaluationError, match=r"\$eval"):
        evaluate("$eval('1')", {})


def test_parse_reads_json() -> None:
    assert evaluate("$parse($x)", {"x": '{"a": [1, "データ"]}'}) == {"a": [1, "データ"]}


def test_random_is_between_nought_and_one_and_repeatable(account: LocalAccount) -> None:
    account.reset()
    drawn = [evaluate("$random()", {}) for _ in range(100)]
    assert all(0 <= one < 1 for one in drawn)
    assert len(set(drawn)) == 100
    account.reset()
    assert [evaluate("$random()", {}) for _ in range(100)] == drawn


def test_string_leaves_letters_as_they_are() -> None:
    assert evaluate("$string({'folder': '東京\n🗾'})", {}) == '{"folder":"東京\\n🗾"}'
