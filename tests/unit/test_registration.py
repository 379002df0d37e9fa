"""Which datasets a registration asks for, and what is wrong with it."""

from typing import Any

import pytest

from tests.loading import load_event, load_module
from tests.unit.mails import read_run
from tests.unit.payloads import FOLDER, dataset, item, payload

meanings = load_module("check_ingestion_status", "meanings")
registration = load_module("check_ingestion_status", "registration")


def read(stored: Any) -> Any:
    return registration.read_registration(stored, FOLDER, read_run(payload()))


def complaints(stored: Any) -> list[tuple[str, str]]:
    """Return field and cause of every problem."""
    causes = {cause: name for name, (cause, _) in meanings.complaints().items()}
    return [(p.values["field"], causes[p.details[0]]) for p in read(stored).problems]


def as_stored(value: Any) -> dict[str, Any]:
    """Return a plain value as DynamoDB stores it."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, list):
        return {"L": [as_stored(inner) for inner in value]}
    if isinstance(value, dict):
        return {"M": {key: as_stored(inner) for key, inner in value.items()}}
    return {"S": value}


def test_the_sample_registration_is_right() -> None:
    sample, archive = load_event("SampleIngestionParameter.yaml")
    found = read(as_stored(sample)["M"])

    registered = [(entry["datasetid"], entry["datasetname"]) for entry in sample["datasets"]]
    assert [(entry.id, entry.name) for entry in found.datasets] == registered
    assert found.problems == ()
    assert sample["S3uri"] == FOLDER
    assert archive == {"S3uri": FOLDER.replace("tokyo_covid19", "_archive"), "ignore": True}


@pytest.mark.parametrize("kind", [None, "FULL_REFRESH", "INCREMENTAL_REFRESH"])
def test_an_ingestion_type_is_optional(kind: str | None) -> None:
    entry = dataset(**({"ingestiontype": {"S": kind}} if kind else {}))

    assert len(read(item(entry)).datasets) == 1
    assert complaints(item(entry)) == []


@pytest.mark.parametrize(
    ("stored", "field", "cause"),
    [
        pytest.param({}, "datasets", "datasets_absent", id="no datasets"),
        pytest.param(None, "datasets", "datasets_absent", id="no item"),
        pytest.param({"datasets": None}, "datasets", "datasets_absent", id="null"),
        pytest.param({"datasets": {"S": "x"}}, "datasets", "datasets_not_list", id="a text"),
        pytest.param({"datasets": {"M": {}}}, "datasets", "datasets_not_list", id="a map"),
        pytest.param({"datasets": {"NULL": True}}, "datasets", "datasets_not_list", id="NULL"),
        pytest.param({"datasets": []}, "datasets", "datasets_not_list", id="not DynamoDB JSON"),
        pytest.param(item(), "datasets", "datasets_empty", id="an empty list"),
        pytest.param(item({"S": "id"}), "datasets[0]", "entry_not_map", id="entry is a text"),
        pytest.param(item(None), "datasets[0]", "entry_not_map", id="entry is null"),
        pytest.param(item(dataset("")), "datasets[0].datasetid", "text_missing", id="empty id"),
        pytest.param(item(dataset(7)), "datasets[0].datasetid", "text_missing", id="odd id"),
        pytest.param(
            item({"M": {"datasetid": {"S": "a"}}}),
            "datasets[0].datasetname",
            "text_missing",
            id="no name",
        ),
        pytest.param(
            item(dataset(), {"M": {"datasetid": {"S": "b"}, "datasetname": {"N": "5"}}}),
            "datasets[1].datasetname",
            "text_missing",
            id="name is a number",
        ),
        pytest.param(
            item(dataset(ingestiontype={"S": "full_refresh"})),
            "datasets[0].ingestiontype",
            "ingestiontype_wrong",
            id="unknown ingestion type",
        ),
        pytest.param(
            item(dataset(ingestiontype={"NULL": True})),
            "datasets[0].ingestiontype",
            "ingestiontype_wrong",
            id="ingestion type is null",
        ),
        pytest.param(
            item(dataset("a"), dataset("b"), dataset("a", "Again")),
            "datasets[2].datasetid",
            "registered_twice",
            id="twice",
        ),
        pytest.param(
            item(dataset(), ignore={"S": "true"}), "ignore", "ignore_not_boolean", id="ignore"
        ),
        pytest.param({"ignore": {"BOOL": True}}, "ignore", "ignored", id="ignored folder"),
        pytest.param(
            item(dataset(minrows={"S": "10000"})),
            "datasets[0].minrows",
            "number_wrong",
            id="rows in quotes",
        ),
        pytest.param(
            item(dataset(retries={"N": "4"})), "datasets[0].retries", "number_wrong", id="retries"
        ),
        pytest.param(
            item(dataset("a"), dataset("b", after={"S": "a"})),
            "datasets[1].after",
            "after_not_list",
            id="an order that is a text",
        ),
        pytest.param(
            item(dataset("a"), dataset("b", after={"L": [{"S": "a"}, {"N": "1"}]})),
            "datasets[1].after",
            "after_not_list",
            id="an order with a number",
        ),
        pytest.param(
            item(dataset("a", after={"L": [{"S": "x"}, {"S": "x"}]})),
            "datasets[0].after",
            "after_unknown",
            id="after nobody",
        ),
        pytest.param(
            item(dataset("a", after={"L": [{"S": "a"}]})),
            "datasets[0].after",
            "after_itself",
            id="after itself",
        ),
        pytest.param(
            item(dataset(), settleseconds={"N": "901"}),
            "settleseconds",
            "folder_number_wrong",
            id="settleseconds",
        ),
        pytest.param(
            item(dataset(), freshwithin={"S": "26"}),
            "freshwithin",
            "folder_number_wrong",
            id="freshwithin",
        ),
        pytest.param(
            item(dataset(), startson={"S": "a/b"}), "startson", "startson_wrong", id="marker"
        ),
    ],
)
def test_what_is_wrong_is_named(stored: Any, field: str, cause: str) -> None:
    assert complaints(stored) == [(field, cause)]


def test_everything_wrong_with_one_dataset_is_named() -> None:
    entry = {"M": {"ingestiontype": {"S": "x"}}}

    fields = [field for field, _ in complaints(item(entry))]
    assert fields == [f"datasets[0].{k}" for k in ("datasetid", "datasetname", "ingestiontype")]


def test_valid_datasets_are_kept_beside_wrong_ones_in_order_and_once() -> None:
    stored = item(dataset("b"), dataset(""), dataset("a"), dataset("b", "Later"))

    assert [(d.id, d.name) for d in read(stored).datasets] == [("b", "Sales"), ("a", "Sales")]


def test_a_wrong_dataset_does_not_hide_a_right_one_with_its_id() -> None:
    stored = item(dataset("a", ""), dataset("a", "Right"))

    assert [d.name for d in read(stored).datasets] == ["Right"]
    assert [field for field, _ in complaints(stored)] == ["datasets[0].datasetname"]


def test_many_problems_are_counted_not_listed() -> None:
    problems = read(item(*[None] * 500)).problems

    assert len(problems) == 21
    assert problems[-1].values["count"] == 480


def test_only_a_dataset_that_is_not_refreshed_counts_as_wrong() -> None:
    stored = item(dataset("a"), dataset("a"), dataset("b", ""), None, ignore={"S": "true"})

    assert [one.number for one in read(stored).problems] == [None, None, 3, 4]


def after(*dataset_ids: str) -> dict[str, Any]:
    """Return the list of those that come before."""
    return {"L": [{"S": dataset_id} for dataset_id in dataset_ids]}


def test_of_a_circle_only_its_own_datasets_are_named() -> None:
    stored = item(
        dataset("a", after=after("b")),
        dataset("b", after=after("a")),
        dataset("c", after=after("b")),
        dataset("d", after=after("x", "y", "a", "x")),
    )
    assert complaints(stored) == [
        ("datasets[0].after", "after_circle"),
        ("datasets[1].after", "after_circle"),
        ("datasets[3].after", "after_unknown"),
        ("datasets[3].after", "after_unknown"),
    ]
    assert [one.after for one in read(stored).datasets] == [("b",), ("a",), ("b",), ("a",)]


def test_what_is_left_out_of_account_stops_nothing_and_is_told_after_what_does() -> None:
    wrong = {"minrows": {"N": "0"}, "retries": {"S": "1"}, "after": {"NULL": True}}
    stored = item(dataset("a", **wrong), dataset("b", ""), startson={"N": "1"})
    found = read(stored)

    (kept,) = found.datasets
    assert (kept.id, kept.min_rows, kept.retries, kept.after) == ("a", 0, 0, ())
    told = [(p.values["field"], p.number, p.reruns) for p in found.problems]
    assert told == [
        ("datasets[1].datasetname", 2, True),
        ("startson", None, False),
        ("datasets[0].after", None, False),
        ("datasets[0].minrows", None, False),
        ("datasets[0].retries", None, False),
    ]


def test_an_incremental_refresh_is_known_as_one() -> None:
    entries = (dataset("a"), dataset("b", ingestiontype={"S": "INCREMENTAL_REFRESH"}))

    assert [one.incremental for one in read(item(*entries)).datasets] == [False, True]
