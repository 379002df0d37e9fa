"""An inline Map runs within its execution."""

from typing import Any

from tests.local.machines import Machine


def each(*states: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Build an inline Map over ``$states.input.items``."""
    return {
        "Type": "Map",
        "Items": "{% $states.input.items %}",
        "ItemProcessor": {"StartAt": states[0][0], "States": dict(states)},
        "End": True,
    }


WAIT = ("Wait", {"Type": "Wait", "Seconds": "{% $states.input %}", "End": True})


def test_at_most_forty_iterations_run_at_once(machine: Machine) -> None:
    for number, seconds in ((40, 10), (41, 20)):
        began = machine.account.clock.now()
        machine.run({"Each": each(WAIT)}, {"items": [10] * number})
        assert machine.account.clock.now() - began == seconds


def test_iterations_fill_the_history_of_their_execution(machine: Machine) -> None:
    execution = machine.run({"Each": each(WAIT)}, {"items": [1, 2, 3]})
    assert machine.account.path(execution) == ["Each", "Wait", "Wait", "Wait"]
    machine.account.history_limit = 100
    execution = machine.run({"Each": each(WAIT)}, {"items": [1] * 30})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert len(machine.account.history(execution)) == 100


def test_an_iteration_that_fails_fails_the_map_and_ends_the_others(machine: Machine) -> None:
    began = machine.account.clock.now()
    rule = {"Condition": "{% $states.input = 0 %}", "Next": "Die"}
    question = ("Zero?", {"Type": "Choice", "Choices": [rule], "Default": "Wait"})
    die = ("Die", {"Type": "Fail", "Error": "Dead", "Cause": "on purpose"})
    execution = machine.run({"Each": each(question, die, WAIT)}, {"items": [1000, 0]})
    assert (execution.status, execution.error) == ("FAILED", "Dead")
    assert machine.account.clock.now() == began


def test_an_iterations_own_error_is_the_maps(machine: Machine) -> None:
    bad = ("Bad", {"Type": "Pass", "Output": "{% $missing %}", "End": True})
    execution = machine.run({"Each": each(bad)}, {"items": [1]})
    assert (execution.status, execution.error) == ("FAILED", "States.QueryEvaluationError")
    assert "state 'Bad'" in execution.cause
    assert "specified for the field 'Output'" in execution.cause


def test_iterations_end_with_their_execution(machine: Machine) -> None:
    began = machine.account.clock.now()
    execution = machine.run({"Each": each(WAIT)}, {"items": [1000, 1000]}, TimeoutSeconds=50)
    assert execution.status == "TIMED_OUT"
    assert machine.account.clock.now() - began == 50
    assert machine.account.clock.tasks == set()
