"""One rule in two languages: what a registration asks for.

The state machine acts on it (JSONata), the function tells of the rest (Python). Whatever DynamoDB
can hold, both must name the same datasets in the same order, each with the same wishes, or the mail
would tell of refreshes that nobody started.
"""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from local.stepfunctions.jsonata import evaluate
from tests.asl import STATE_MACHINES, expressions, load, states
from tests.loading import load_module
from tests.markers import is_called

registration = load_module("check_ingestion_status", "registration")
RUN = load_module("check_ingestion_status", "run").read_run({}, project="p", region="r")

FOLDER = "s3://sampleproject-dashboard-data/dashboard/data/sales/"
BODIES = {state.name: state.body for path in STATE_MACHINES for state in states(load(path))}
LOOK_UP = BODIES["Look Up Datasets"]["Assign"]
PROMISES = BODIES["Look Up Registrations"]["Output"]
#: The stack's own seconds and hours, where a folder has none.
SETTLE, STALE = 30, 50

Value = dict[str, Any]


def s(text: str) -> Value:
    """Return a text as DynamoDB gives it out."""
    return {"S": text}


def dataset(**fields: Value) -> Value:
    """Return one entry of the list."""
    return {"M": fields}


def registered(*entries: Value) -> Value:
    """Return an item with these entries."""
    return {"datasets": {"L": list(entries)}}


def assigned(variable: str, item: Value, **variables: Any) -> Any:
    """Return what the state machine makes of an item."""
    (expression,) = expressions({variable: LOOK_UP[variable]})
    expression = expression.replace("${SettleSeconds}", str(SETTLE))
    return evaluate(expression, {"states": {"result": {"Item": item}}, **variables})


def picked_by_the_machine(item: Value) -> list[Value]:
    """Return what the state machine would refresh."""
    found = assigned("datasets", item)
    assert isinstance(found, list)
    return found


def valid_for_the_function(item: Value) -> list[Value]:
    """Return the datasets that the mail expects results of, in the machine's words."""
    found = registration.read_registration(item, FOLDER, RUN)
    return [
        {
            "datasetid": one.id,
            "datasetname": one.name[:100],
            "after": list(one.after),
            **({"minrows": one.min_rows} if one.min_rows else {}),
            **({"retries": one.retries} if one.retries else {}),
        }
        for one in found.datasets
    ]


#: Few enough that one dataset is often there twice; odd enough to trip a comparison.
texts = st.one_of(
    st.sampled_from(["", " ", "a", "b", "0", "true", "FULL_REFRESH", "INCREMENTAL_REFRESH"]),
    st.sampled_from(["full_refresh", "東京都の検査陽性者数", "a\nb", "🗾", "'", '"', "{% 1 %}"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
#: As DynamoDB gives them out: without zeros before or behind, never with a plus.
numbers = st.one_of(
    st.integers(-3, 5).map(str),
    st.sampled_from(["899", "900", "901", "999999999", "1000000000", "2.5", "1E+25", "8760"]),
)
#: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
values: st.SearchStrategy[Value] = st.recursive(
    st.one_of(
        texts.map(s),
        numbers.map(lambda number: {"N": number}),
        st.booleans().map(lambda truth: {"BOOL": truth}),
        st.just({"NULL": True}),
        st.lists(texts, min_size=1, max_size=2).map(lambda members: {"SS": members}),
        st.lists(numbers, min_size=1, max_size=2).map(lambda members: {"NS": members}),
        st.just({"B": "YQ=="}),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: {"L": members}),
        st.dictionaries(
            st.sampled_from(
                ["datasetid", "datasetname", "ingestiontype", "after", "S", "M", "L", "N"]
            ),
            inner,
            max_size=3,
        ).map(lambda members: {"M": members}),
    ),
    max_leaves=6,
)
likely_types = st.sampled_from([*registration.INGESTION_TYPES, "full_refresh", ""]).map(s)
likely_numbers = numbers.map(lambda number: {"N": number})
likely_orders = st.lists(texts.map(s), max_size=3).map(lambda members: {"L": members})
wishes = {
    "after": st.one_of(likely_orders, values),
    "minrows": st.one_of(likely_numbers, values),
    "retries": st.one_of(likely_numbers, values),
}
right_datasets = st.fixed_dictionaries(
    {"datasetid": texts.map(s), "datasetname": texts.map(s)},
    optional={"ingestiontype": likely_types, "owner": values, **wishes},
)
odd_datasets = st.fixed_dictionaries(
    {},
    optional={
        "datasetid": st.one_of(texts.map(s), values),
        "datasetname": st.one_of(texts.map(s), values),
        "ingestiontype": st.one_of(likely_types, values),
        **wishes,
    },
)
entries = st.one_of(
    right_datasets.map(lambda fields: dataset(**fields)),
    right_datasets.map(lambda fields: dataset(**fields)),
    odd_datasets.map(lambda fields: dataset(**fields)),
    values,
)
of_folder = {
    "settleseconds": st.one_of(likely_numbers, values),
    "startson": st.one_of(texts.map(s), values),
    "freshwithin": st.one_of(likely_numbers, values),
}
few_ids = st.sampled_from("abcd").map(s)
ordered_datasets = st.fixed_dictionaries(
    {
        "datasetid": few_ids,
        "datasetname": st.just(s("A")),
        "after": st.lists(st.one_of(few_ids, few_ids, st.just(s("x"))), max_size=2).map(
            lambda members: {"L": members}
        ),
    }
)
items = st.one_of(
    st.lists(ordered_datasets.map(lambda fields: dataset(**fields)), max_size=6).map(
        lambda members: registered(*members)
    ),
    st.lists(entries, min_size=1, max_size=6).map(lambda members: registered(*members)),
    st.fixed_dictionaries({}, optional={"datasets": values, "ignore": values, **of_folder}),
)


@given(items)
@example({})
@example(registered())
@example(registered(dataset(datasetid=s("a"), datasetname=s("A"))))
@example(registered(*[dataset(datasetid=s("a"), datasetname=s(name)) for name in "AB"]))
@example(
    registered(
        dataset(datasetid=s("a"), datasetname=s("")),
        dataset(datasetid=s("b"), datasetname=s("B")),
        dataset(datasetid=s("a"), datasetname=s("A")),
    )
)
@example({"datasets": {"M": {"datasetid": s("a"), "datasetname": s("A")}}})
@example(registered({"L": [dataset(datasetid=s("a"), datasetname=s("A"))]}))
@example(registered(dataset(datasetid={"SS": ["a"]}, datasetname=s("A"))))
@example(
    registered(
        dataset(datasetid=s("a"), datasetname=s("A"), after={"L": [s("b"), s("x"), s("a")]}),
        dataset(datasetid=s("b"), datasetname=s("B"), minrows={"N": "999999999"}),
        dataset(datasetid=s("c"), datasetname=s("C"), retries={"N": "3"}, after={"SS": ["a"]}),
        dataset(datasetid=s("d"), datasetname=s("D"), after={"L": [s("a"), {"N": "1"}, s("")]}),
    )
)
@example(registered(dataset(datasetid=s("a"), datasetname=s("x" * 101), minrows=s("10"))))
def test_machine_and_function_name_the_same_datasets(item: Value) -> None:
    rows = [{**row} for row in picked_by_the_machine(item)]
    for row in rows:
        row.pop("ingestiontype", None)
    assert rows == valid_for_the_function(item)


fields = load_module("check_ingestion_status", "optional_fields")


@given(st.one_of(likely_numbers, values))
@example({"N": "900"})
@example({"N": "901"})
def test_a_folder_settles_for_its_own_time_or_the_stacks(value: Value) -> None:
    own = fields.whole_number(value, fields.SETTLE_SECONDS)
    assert assigned("settle", {"settleseconds": value}) == (SETTLE if own is None else own)


@given(st.one_of(likely_numbers, values))
@example({"N": "8760"})
@example({"N": "8761"})
def test_a_folder_is_fresh_within_its_own_hours_or_the_stacks(value: Value) -> None:
    own = fields.whole_number(value, fields.FRESH_WITHIN_HOURS)
    hours = STALE if own is None else own
    (expression,) = expressions({"folders": PROMISES["folders"]})
    item = {"S3uri": s(FOLDER), "freshwithin": value}
    found = evaluate(
        expression.replace("${StaleAfterHours}", str(STALE)),
        {"states": {"result": {"Items": [item]}}},
    )
    assert found == ([{"folder": FOLDER, "hours": hours}] if hours else [])


def awaits(startson: Value, key: str, kind: str = "Object Created") -> bool:
    """Tell whether the machine takes a file for one that starts nothing."""
    found = assigned("awaitsMarker", {"startson": startson}, event={"kind": kind, "key": key})
    assert isinstance(found, bool)
    return found


names = st.text("a*_./+b", max_size=6)


@given(st.one_of(names.map(s), texts.map(s), values), names, names)
@example(s("_SUCCESS"), "", "_SUCCESS")
@example(s("_SUCCESS"), "", "x_SUCCESS")
@example(s("_SUCCESS"), "", "_success")
@example(s("_SUCCESS"), "", "_SUCCESS/a.csv")
@example(s("_SUCCESS"), "deep/er", "_SUCCESS")
@example(s("aa*aa"), "", "aaa")
@example(s("aa*aa"), "", "aaaa")
@example(s("a.b+(c)[1]"), "", "a.b+(c)[1]")
@example(s("a.b+(c)[1]"), "", "aXbb+(c)[1]")
@example(s("*"), "", "a")
@example(s("*.done"), "", "日本\n.done")
@example(s(""), "", "")
def test_only_its_marker_starts_a_folder_that_names_one(
    startson: Value, place: str, name: str
) -> None:
    marker = fields.marker(startson)
    key = f"dashboard/data/sales/{place}/{name}"
    file = key.rsplit("/", 1)[-1]
    assert awaits(startson, key) == (marker is not None and not is_called(marker, file))
    assert awaits(startson, key, "Object Deleted") == (marker is not None)
    assert not awaits(startson, "", "")  # by hand, or a hand-over


@given(items)
def test_the_machine_passes_on_only_ingestion_types_that_the_function_allows(item: Value) -> None:
    allowed = {None, *registration.INGESTION_TYPES}
    assert {row.get("ingestiontype") for row in picked_by_the_machine(item)} <= allowed


@pytest.mark.parametrize("given_type", [*registration.INGESTION_TYPES, None])
def test_the_first_of_two_with_one_id_brings_its_own_ingestion_type(given_type: str | None) -> None:
    kind = {"ingestiontype": s(given_type)} if given_type else {}
    first = dataset(datasetid=s("a"), datasetname=s("A"), **kind)
    other = dataset(datasetid=s("a"), datasetname=s("B"), ingestiontype=s("INCREMENTAL_REFRESH"))
    (row,) = picked_by_the_machine(registered(first, other))
    assert row.get("ingestiontype") == given_type
    assert row["datasetname"] == "A"


@pytest.mark.parametrize("ingestion_type", registration.INGESTION_TYPES)
def test_every_ingestion_type_that_the_function_allows_is_passed_on(ingestion_type: str) -> None:
    entry = dataset(datasetid=s("a"), datasetname=s("A"), ingestiontype=s(ingestion_type))
    assert picked_by_the_machine(registered(entry)) == [
        {"datasetid": "a", "datasetname": "A", "ingestiontype": ingestion_type, "after": []}
    ]
