"""The numbers about a run that CloudWatch keeps."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.loading import load_module
from tests.unit.mails import judged, read_run
from tests.unit.payloads import PROJECT, dataset, item, payload, row

measures = load_module("check_ingestion_status", "metrics")

#: 65 seconds after the file event of the payload.
NOW = datetime(2026, 11, 23, 12, 4, 5, tzinfo=UTC)


def groups(*rows: Any, now: datetime = NOW, **changes: Any) -> list[Any]:
    event = payload(rows, **changes)
    return list(measures.measure(judged(event), read_run(event), now))


def values(*rows: Any, **how: Any) -> dict[str, int]:
    """Return the run's own measures by name."""
    group = groups(*rows, **how)[0]
    assert group.dimensions == {"project": PROJECT}
    return {one.name: one.value for one in group.measures}


def test_a_good_run() -> None:
    assert values(row(rows=120, droppedRows=0, seconds=21), fileEvents=3) == {
        "RefreshesSucceeded": 1,
        "RefreshesFailed": 0,
        "DatasetsRefreshed": 1,
        "DatasetsFailed": 0,
        "RowsIngested": 120,
        "RowsSkipped": 0,
        "RefreshSeconds": 21,
        "FileEventsCovered": 3,
        "SecondsToMail": 65,
    }


def test_datasets_add_up_and_the_slowest_counts() -> None:
    found = values(
        row("id-a", rows=100, droppedRows=0, seconds=30),
        row("id-b", rows=10, droppedRows=2, seconds=70),
        row("id-c", status="FAILED", rows=5, droppedRows=5, seconds=900),
        item=item(dataset("id-a"), dataset("id-b"), dataset("id-c"), dataset("id-d")),
    )
    assert found["RefreshesSucceeded"] == 0
    assert found["RefreshesFailed"] == 1
    assert found["DatasetsRefreshed"] == 1
    assert found["DatasetsFailed"] == 3
    assert found["RowsIngested"] == 110
    assert found["RowsSkipped"] == 2
    assert found["RefreshSeconds"] == 70


def test_every_measure_has_the_unit_that_alarms_and_dashboard_ask_for() -> None:
    of_run, of_dataset = groups(row(rows=120, droppedRows=3, seconds=21))
    units = {one.name: one.unit for one in of_run.measures}
    assert {name: unit for name, unit in units.items() if unit != "Count"} == {
        "RefreshSeconds": "Seconds",
        "SecondsToMail": "Seconds",
    }
    assert [one.unit for one in of_dataset.measures] == ["Count"]


def test_what_is_not_known_is_left_out() -> None:
    found = values(row(), event={"key": "", "kind": "", "time": ""})
    left_out = {"RowsIngested", "RowsSkipped", "RefreshSeconds", "SecondsToMail"}
    assert not left_out & set(found)


def test_a_run_that_goes_on_does_not_count_another_files_wait() -> None:
    assert "SecondsToMail" not in values(row(), continues=True)
    assert "SecondsToMail" in values(row(), continues=False)


def test_a_clock_that_is_behind_gives_no_negative_wait() -> None:
    assert values(row(), now=NOW - timedelta(hours=1))["SecondsToMail"] == 0


def test_only_a_dataset_that_skipped_rows_gets_a_dimension() -> None:
    found = groups(
        row("id-a", rows=1, droppedRows=0),
        row("id-b", rows=1, droppedRows=4),
        row("id-c", status="FAILED", droppedRows=9),
        item=item(dataset("id-a"), dataset("id-b"), dataset("id-c")),
    )
    (of_dataset,) = found[1:]
    assert of_dataset.dimensions == {"project": PROJECT, "dataset": "id-b"}
    assert [(one.name, one.value) for one in of_dataset.measures] == [("RowsSkipped", 4)]


@pytest.mark.parametrize("name", [" id", ":id", "売上", "a\nb", "a" * 256])
def test_an_id_that_is_no_dimension_gets_none(name: str) -> None:
    skipped = row(name, rows=1, droppedRows=4)
    assert len(groups(skipped, item=item(dataset(name)))) == 1


@pytest.mark.parametrize("event", [{}, None, {"results": [{}]}, {"event": {"time": "soon"}}])
def test_odd_payloads_give_numbers_too(event: Any) -> None:
    (group,) = measures.measure(judged(event), read_run(event), NOW)
    assert {one.name: one.value for one in group.measures}["RefreshesFailed"] == 1
