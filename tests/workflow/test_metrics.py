"""What CloudWatch would read out of the function's log after real traffic."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics

from local.account import WATCHED, LocalAccount
from tests.docs.pages import rows, section
from tests.emf import Datum, read_emf
from tests.loading import EVENTS, ROOT, load_handler
from tests.unit.payloads import payload, row
from tests.workflow.scenarios import BROKEN, drop, ends_as, register

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PROJECT = (("project", "sampleproject"),)


@pytest.fixture
def log(account: LocalAccount) -> Iterator[io.StringIO]:
    before, stream = account.function_log, io.StringIO()
    account.log_to(stream)
    yield stream
    account.log_to(before)


def of_project(log: io.StringIO) -> list[tuple[str, float]]:
    return [(one.name, one.value) for one in read_emf(log.getvalue()) if one.dimensions == PROJECT]


def test_the_sample_file_is_counted(account: LocalAccount, log: io.StringIO) -> None:
    sample = EVENTS / "tokyo_covid19_20261122.csv"
    account.register()
    dropped = account.clock.now()
    account.drop(f"{WATCHED}tokyo_covid19/{sample.name}", sample.read_bytes())
    account.settle()

    lines = len(sample.read_text(encoding="utf-8").splitlines()) - 1
    (mail,) = account.mails
    found = dict(of_project(log))
    assert 0 <= mail.sent - dropped - found.pop("SecondsToMail") < 2
    datasets = account.quicksight.datasets
    assert found == {
        "RefreshesSucceeded": 1,
        "RefreshesFailed": 0,
        "DatasetsRefreshed": len(datasets),
        "DatasetsFailed": 0,
        "RowsIngested": lines * len(datasets),
        "RowsSkipped": 0,
        "RefreshSeconds": int(max(one.seconds(lines) for one in datasets.values())),
        "FileEventsCovered": 1,
    }


def test_skipped_rows_are_counted_for_the_dataset(account: LocalAccount, log: io.StringIO) -> None:
    register(account, "sales")
    drop(account, body=BROKEN)
    account.settle()

    found = read_emf(log.getvalue())
    skipped = {one.dimensions: one.value for one in found if one.name == "RowsSkipped"}
    assert skipped == {PROJECT: 2, (*PROJECT, ("dataset", "id-sales")): 2}
    assert ("RefreshesFailed", 1) in of_project(log)


def test_a_failed_dataset_is_counted(account: LocalAccount, log: io.StringIO) -> None:
    register(account, "sales", "costs")
    ends_as(account, "costs", {"IngestionStatus": "FAILED"})
    drop(account)
    account.settle()

    found = dict(of_project(log))
    assert (found["DatasetsRefreshed"], found["DatasetsFailed"]) == (1, 1)
    assert (found["RefreshesSucceeded"], found["RefreshesFailed"]) == (0, 1)


def test_a_burst_is_one_refresh_that_covers_its_files(
    account: LocalAccount, log: io.StringIO
) -> None:
    register(account, "sales")
    for name in "abc":
        drop(account, f"{name}.csv")
    account.settle()

    assert [value for name, value in of_project(log) if name == "FileEventsCovered"] == [3]


def test_a_hand_over_does_not_count_the_first_files_wait(
    account: LocalAccount, log: io.StringIO
) -> None:
    register(account, "sales")

    def late(call: Any) -> None:
        if call.state == "Start Ingestion":
            account.on_call.remove(late)
            drop(account, "late.csv")

    account.on_call.append(late)
    drop(account)
    account.settle()

    names = [name for name, _ in of_project(log)]
    assert (len(account.mails), names.count("FileEventsCovered")) == (2, 2)
    assert names.count("SecondsToMail") == 1


def test_metrics_that_fail_cost_no_mail(
    account: LocalAccount, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(EphemeralMetrics, "flush_metrics", fails)
    register(account, "sales")
    drop(account)
    account.settle()

    (mail,) = account.mails
    assert mail.subject.startswith("[SUCCESS]")
    assert read_emf(log.getvalue()) == []


def table() -> dict[tuple[str, str], str]:
    """Return name and dimensions of each metric in docs/operations.md, with its unit."""
    found = rows(section("Metrics", OPERATIONS), "Metric", "By", "Unit", "Meaning")
    return {(name, by): unit for name, by, unit, _ in found}


def test_the_table_of_metrics_is_what_a_run_can_emit(capsys: pytest.CaptureFixture[str]) -> None:
    environment = {
        "PROJECT_ID": "sampleproject",
        "NOTIFICATION_LANGUAGE": "en",
        "AWS_REGION": "ap-northeast-1",
    }
    handler = load_handler("check_ingestion_status", env=environment)
    handler(payload([row(rows=5, droppedRows=1, seconds=20)]))

    emitted = {(one.name, by(one)): one.unit for one in read_emf(capsys.readouterr().out)}
    assert table() == emitted


def by(one: Datum) -> str:
    return ", ".join(name for name, _ in one.dimensions)
