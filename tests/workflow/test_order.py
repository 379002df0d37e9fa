"""Datasets made of datasets are refreshed after them, and only of good ones."""

import itertools
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.account import WATCHED, LocalAccount
from local.core.clock import AbortedError
from local.services.spice import Rows
from local.stepfunctions.jsonata import evaluate
from tests.asl import STATE_MACHINES, expressions, load
from tests.statemachine.test_asl import CONTEXT, substituted
from tests.workflow.invariants import record_item, refreshes
from tests.workflow.scenarios import FOLDER, drop, redefined, verdicts

#: Dataset → those that are refreshed before it.
Graph = Mapping[str, list[str]]
MAP = "Refresh Each Dataset"
GOOD, FAILED, SKIPPED, SHORT = "good", "failed", "skipped", "short"
LATE, DEAD, GONE = "still running", "dead, with a record", "dead, without a trace"
FATES = (GOOD, GOOD, GOOD, FAILED, SKIPPED, SHORT, LATE, DEAD)
#: After these a dataset holds the newest data there is, and nobody said that it is wrong.
_HOLDS_UP_NOTHING = (GOOD, SKIPPED)


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", RefreshTimeoutSeconds="3600")
        yield account


def register(account: LocalAccount, graph: Graph, **more: dict[str, Any]) -> None:
    """Register a graph; ``more`` is what else a dataset's row says."""
    rows = [
        {"datasetid": f"id-{name}", "datasetname": name}
        | ({"after": [f"id-{parent}" for parent in after]} if after else {})
        | more.get(name, {})
        for name, after in graph.items()
    ]
    account.register([{"S3uri": FOLDER, "datasets": rows}])


def started(graph: Graph, fates: Mapping[str, str]) -> set[str]:
    """Return what must be refreshed: the least set whose parents all are, and are good."""
    found: set[str] = set()
    while True:
        good = {name for name in found if fates.get(name, GOOD) in _HOLDS_UP_NOTHING}
        new = {name for name, after in graph.items() if set(after) <= good}
        if new <= found:
            return found
        found |= new


def let(account: LocalAccount, fates: Mapping[str, str]) -> None:
    """Let datasets end so."""
    endings: dict[str, dict[str, Any]] = {
        FAILED: {"IngestionStatus": "FAILED"},
        SKIPPED: {"IngestionStatus": "COMPLETED", "RowInfo": {"RowsDropped": 1}},
        SHORT: {"IngestionStatus": "COMPLETED", "RowInfo": {"RowsIngested": 1}},
    }
    for name, fate in fates.items():
        dataset = account.quicksight.datasets[f"id-{name}"]
        if fate in endings:

            def outcome(_: Rows, final: dict[str, Any] = endings[fate]) -> dict[str, Any]:
                return final

            dataset.outcome = outcome
        elif fate == LATE:
            dataset.seconds = lambda _: 1e6
    account.dead_child_leaves = "record" if DEAD in fates.values() else "nothing"
    dying = {f"id-{name}" for name, fate in fates.items() if fate in (DEAD, GONE)}

    def entered(manager: Any, event: Any) -> None:
        details = event.get("stateEnteredEventDetails") or {}
        for child in account.children:
            if (
                details.get("name") == "Check Ingestion"
                and child.environment.event_manager is manager
                and child.input["datasetid"] in dying
            ):
                assert child.task
                account.clock.stop_task(child.task, AbortedError())

    account.on_history.append(entered)


def refresh(account: LocalAccount) -> str:
    """Put a file, let everything happen, and return the only mail."""
    drop(account)
    account.settle()
    (mail,) = account.mails
    return mail.message


def asked(account: LocalAccount) -> list[str]:
    """Return which datasets were handed out, in this order."""
    return [str(child.input["datasetname"]) for child in account.children]


def path(account: LocalAccount) -> list[str]:
    (execution,) = account.executions
    return account.path(execution)


def seconds_of(account: LocalAccount, name: str) -> tuple[float, float]:
    (one,) = refreshes(account, f"id-{name}")
    return one.created, one.ends


CHAIN: Graph = {"grandchild": ["child"], "child": ["parent"], "parent": []}


def test_a_child_starts_within_one_look_of_its_parents_end(account: LocalAccount) -> None:
    register(account, {"child": ["parent"], "parent": []})
    account.quicksight.datasets["id-parent"].seconds = lambda _: 600
    account.quicksight.datasets["id-child"].seconds = lambda _: 20
    refresh(account)
    _, parent_ended = seconds_of(account, "parent")
    child_began, _ = seconds_of(account, "child")
    assert 0 <= child_began - parent_ended <= 75  # a look at an unknown refresh of 600 s
    account.mails.clear()
    account.clock.run_for(3600)
    refresh(account)
    newest = [refreshes(account, f"id-{name}")[-1] for name in ("parent", "child")]
    assert 0 <= newest[1].created - newest[0].ends <= 15  # a look at a known one
    assert verdicts(account) == ["SUCCESS"]


@pytest.mark.parametrize(("after", "rows"), [([], 1), (["parent"], 3)])
def test_a_child_shows_the_rows_its_parent_has_now_only_if_it_comes_after_it(
    account: LocalAccount, after: list[str], rows: int
) -> None:
    register(account, {"child": after, "parent": []})
    account.quicksight.datasets["id-child"].parents = ("id-parent",)
    account.quicksight.datasets["id-parent"].seconds = lambda _: 600
    account.drop(f"{WATCHED}sales/a.csv", "day,sales\n1,10\n")
    account.settle()
    account.drop(f"{WATCHED}sales/a.csv", "day,sales\n1,10\n2,20\n3,30\n")
    account.settle()
    assert [refreshes(account, f"id-{one}")[-1].rows for one in ("parent", "child")] == [3, rows]
    assert verdicts(account) == ["SUCCESS", "SUCCESS"]


def test_a_chain_of_three_is_three_waves(account: LocalAccount) -> None:
    register(account, CHAIN)
    refresh(account)
    assert asked(account) == ["parent", "child", "grandchild"]
    assert path(account).count(MAP) == 3
    assert verdicts(account) == ["SUCCESS"]


def test_without_after_there_is_one_wave_and_one_transition_more(account: LocalAccount) -> None:
    register(account, {"a": [], "b": []})
    refresh(account)
    after = path(account).index(MAP)
    following = path(account)[after : after + 3]
    assert following == [MAP, "Any Dataset To Refresh?", "Check Ingestion Status"]


def test_a_child_waits_for_all_of_its_parents_of_any_wave(account: LocalAccount) -> None:
    register(account, {"all": ["a", "b", "c"], "a": [], "b": ["a"], "c": []})
    refresh(account)
    assert asked(account) == ["a", "c", "b", "all"]


@pytest.mark.parametrize("fate", [FAILED, SHORT, LATE, DEAD, GONE])
def test_nothing_is_made_of_a_bad_parent(account: LocalAccount, fate: str) -> None:
    register(account, {**CHAIN, "other": []}, parent={"minrows": 2})
    let(account, {"parent": fate})
    message = refresh(account)
    assert asked(account) == ["parent", "other"]
    assert verdicts(account) == ["ERROR"]
    assert path(account).count(MAP) == 1
    assert message.count("failed with status NOT_STARTED") == 2
    assert message.index("NOT_STARTED") > message.index("taset parent")


def test_skipped_rows_hold_nothing_up(account: LocalAccount) -> None:
    register(account, CHAIN)
    let(account, {"parent": SKIPPED})
    refresh(account)
    assert asked(account) == ["parent", "child", "grandchild"]
    assert verdicts(account) == ["ERROR"]


def test_a_circle_and_what_comes_after_it_is_never_started(account: LocalAccount) -> None:
    graph = {"a": ["b"], "b": ["a"], "after": ["a", "good"], "good": []}
    register(account, graph)
    message = refresh(account)
    assert asked(account) == ["good"]
    assert verdicts(account) == ["ERROR"]
    assert message.count("goes in a circle") == 2
    assert message.count("failed with status NOT_STARTED") == 3


def test_nothing_but_a_circle_refreshes_nothing_and_is_told(account: LocalAccount) -> None:
    register(account, {"a": ["b"], "b": ["a"]})
    refresh(account)
    assert asked(account) == []
    assert verdicts(account) == ["ERROR"]


def test_a_map_that_fails_in_its_second_wave_is_told_with_the_first(account: LocalAccount) -> None:
    """As where the results of a wave are too large: its children ran, nobody knows how."""
    big = {name: ["parent"] for name in map(str, range(30))}
    register(account, {"parent": [], **big, "last": ["0"]})
    for name in big:

        def outcome(_: Rows) -> dict[str, Any]:
            return {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": "X" * 9000}}

        account.quicksight.datasets[f"id-{name}"].outcome = outcome
    message = refresh(account)
    assert f"step {MAP} failed with DataLimitExceeded" in message
    assert "Dataset parent was refreshed." in message
    assert "last" not in asked(account)
    statuses = {name: one["status"] for name, one in _remembered(account).items()}
    assert statuses["id-parent"] == "COMPLETED"
    assert statuses["id-0"] == "UNKNOWN"


def _remembered(account: LocalAccount) -> dict[str, dict[str, Any]]:
    (run,) = [v for k, v in record_item(account, FOLDER).items() if k.startswith("run")]
    found: dict[str, dict[str, Any]] = run["datasets"]
    return found


def test_the_record_tells_what_was_not_started_from_what_is_not_known(
    account: LocalAccount,
) -> None:
    register(account, {**CHAIN, "other": []})
    let(account, {"parent": GONE})
    refresh(account)
    statuses = {name: one["status"] for name, one in _remembered(account).items()}
    assert statuses == {
        "id-parent": "UNKNOWN",
        "id-child": "NOT_STARTED",
        "id-grandchild": "NOT_STARTED",
        "id-other": "COMPLETED",
    }


def test_the_record_tells_of_too_few_rows(account: LocalAccount) -> None:
    register(account, {"few": [], "enough": []}, few={"minrows": 2}, enough={"minrows": 2})
    let(account, {"few": SHORT})
    refresh(account)
    found = _remembered(account)
    assert found["id-few"]["short"] is True
    assert (found["id-few"]["rows"], found["id-enough"]["status"]) == (1, "COMPLETED")
    assert "short" not in found["id-enough"]


def test_one_at_a_time_is_enough(account: LocalAccount) -> None:
    def narrow(definition: dict[str, Any]) -> None:
        definition["States"][MAP]["MaxConcurrency"] = 1

    register(account, {"z": ["y", "x"], "y": ["x"], "x": [], "w": []})
    with redefined(account, narrow):
        refresh(account)
    assert asked(account) == ["x", "w", "y", "z"]
    spans = sorted(seconds_of(account, name) for name in "wxyz")
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans))
    assert verdicts(account) == ["SUCCESS"]


@pytest.mark.parametrize("seed", range(6))
def test_a_run_refreshes_exactly_what_can_be(account: LocalAccount, seed: int) -> None:
    chance = random.Random(seed)
    names = [f"n{number}" for number in range(chance.randint(2, 9))]
    graph = {name: chance.sample(names, chance.choice([0, 0, 1, 2])) for name in names}
    graph = {name: [one for one in after if one != name] for name, after in graph.items()}
    fates = {name: chance.choice(FATES) for name in names if chance.random() < 0.5}
    register(account, graph, **{name: {"minrows": 2} for name in names})
    let(account, fates)
    refresh(account)
    assert sorted(asked(account)) == sorted(started(graph, fates))
    assert path(account).count(MAP) <= len(names)


# ---- The rule alone, as it stands in the definition ---------------------------------------------


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    names = [f"d{number}" for number in range(draw(st.integers(1, 7)))]
    parents = st.lists(st.sampled_from(names), max_size=3, unique=True)
    return {name: [one for one in draw(parents) if one != name] for name in names}


@given(graph=graphs(), data=st.data())
def test_waves_hand_out_the_least_set_of_which_all_parents_are_good(
    graph: dict[str, list[str]], data: st.DataObject
) -> None:
    fates = {name: data.draw(st.sampled_from((*FATES, GONE))) for name in graph}
    states = load(next(path for path in STATE_MACHINES if path.name == "sfn.asl.json"))["States"]
    rows = [{"datasetid": name, "datasetname": name, "after": graph[name]} for name in graph]
    variables = {"datasets": rows, "ingestionidSuffix": "s", "earlier": [], "results": []}
    given = _value(states["Recall Last Run"]["Output"], variables, {}, {"Item": {}})
    handed_out: list[list[str]] = []
    while True:
        items = _value(states[MAP]["Items"], variables, given)
        handed_out.append([item["datasetid"] for item in items])
        result = [row for item in items for row in _rows(item["datasetid"], fates)]
        variables["results"] = _value(states[MAP]["Assign"]["results"], variables, given, result)
        given = _value(states[MAP]["Output"], variables, given, result)
        (rule,) = states["Any Dataset To Refresh?"]["Choices"]
        if not _value(rule["Condition"], variables, given):
            break
        variables["earlier"] = _value(rule["Assign"]["earlier"], variables, given)
    every = [one for wave in handed_out for one in wave]
    assert sorted(every) == sorted(started(graph, fates))
    assert len(handed_out) <= max(1, len(graph))
    kept = [*variables["earlier"], *variables["results"]]
    assert len(kept) == len([one for one in every if fates[one] != GONE])


def _value(field: str, variables: dict[str, Any], given: Any, result: Any = None) -> Any:
    (expression,) = expressions(field)
    states = {"input": given, "result": result, "context": CONTEXT}
    return evaluate(substituted(expression), {**variables, "states": states})


def _rows(name: str, fates: Mapping[str, str]) -> list[dict[str, Any]]:
    row: dict[str, Any] = {"result": "dataset", "datasetid": name, "status": "COMPLETED"}
    endings: dict[str, list[dict[str, Any]]] = {
        FAILED: [{**row, "status": "FAILED"}],
        SKIPPED: [{**row, "droppedRows": 3}],
        SHORT: [{**row, "short": True}],
        LATE: [{**row, "status": "TIMED_OUT"}],
        DEAD: [{"ExecutionArn": "arn", "Input": json.dumps({"datasetid": name})}],
        GONE: [],
    }
    return endings.get(fates[name], [row])
