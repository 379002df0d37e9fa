"""The machine's ``short`` and the function's judgement are one rule for whatever is answered."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from local.stepfunctions.jsonata import evaluate
from tests.asl import STATE_MACHINES, expressions, load, states
from tests.loading import load_module
from tests.unit.mails import judged
from tests.unit.payloads import dataset, item, payload

VERDICT = load_module("check_ingestion_status", "verdict")
STATUSES = ["COMPLETED", "COMPLETED", "FAILED", "CANCELLED", "RUNNING", "PAUSED"]
REFRESH = {
    state.name: state.body
    for path in STATE_MACHINES
    if path.name == "sfn.asl.json"
    for state in states(load(path))
}


def output(name: str, given: Any, result: Any = None) -> Any:
    """Return what a state of the Map hands on."""
    (expression,) = expressions(REFRESH[name]["Output"])
    return evaluate(expression, {"states": {"input": given, "result": result}})


def counts() -> st.SearchStrategy[dict[str, int]]:
    rows = st.integers(0, 12)
    return st.fixed_dictionaries(
        {}, optional={"RowsIngested": rows, "TotalRowsInDataset": rows, "RowsDropped": rows}
    )


def answers() -> st.SearchStrategy[dict[str, Any]]:
    """Answers of DescribeIngestion: every member of it but the status is optional."""
    return st.fixed_dictionaries(
        {"IngestionStatus": st.sampled_from(STATUSES)}, optional={"RowInfo": counts()}
    )


@given(answer=answers(), least=st.integers(0, 12))
def test_both_call_the_same_datasets_short(answer: dict[str, Any], least: int) -> None:
    asked = {"result": "dataset", "datasetid": "id-a", "plan": {"minrows": least}}
    seen = output("Check Ingestion", asked, {"Ingestion": answer})
    row = output("Ingestion Ended", seen)
    stored = item(dataset(minrows={"N": str(least)}))
    (found,) = judged(payload([row], item=stored)).outcomes

    assert row.get("short", False) is (found.kind is VERDICT.Kind.SHORT)


def test_a_look_writes_anew_whether_it_is_short() -> None:
    asked = {"plan": {"minrows": 5}, "short": True}
    enough = {"IngestionStatus": "COMPLETED", "RowInfo": {"TotalRowsInDataset": 5}}

    assert output("Check Ingestion", asked, {"Ingestion": enough})["short"] is False
    assert (
        output("Check Ingestion", asked, {"Ingestion": {"IngestionStatus": "RUNNING"}})["short"]
        is False
    )
