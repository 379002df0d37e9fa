"""The handler of the step "Check Ingestion Status": every payload gives a mail."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.services.lambdas import LambdaContext, load_modules
from tests.examples import examples
from tests.loading import FUNCTIONS, captured_log, load_handler, load_module
from tests.unit.payloads import EXECUTION, PROJECT, REGION, dataset, item, payload, row

safe_text = load_module("check_ingestion_status", "safe_text")

ENVIRONMENT = {"PROJECT_ID": PROJECT, "NOTIFICATION_LANGUAGE": "ja", "AWS_REGION": REGION}
HANDLERS = {
    language: load_handler(
        "check_ingestion_status", env={**ENVIRONMENT, "NOTIFICATION_LANGUAGE": language}
    )
    for language in ("ja", "en")
}

# Line breaks, tabs, bidi marks and the bullet are what a forged line would need; fillers, variation
# selectors and odd spaces are what nobody sees.
TEXT = (
    st.text(
        st.sampled_from(
            "a売𠮷 /\u200b\u3164\ufe0f\u3000\xa0\u3099"
            "\n\r\t・\u2028\u2029\x85\u202e\u2066{}\"'\\\ud800"
        )
    )
    | st.text()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
STATUSES = st.sampled_from(
    ["COMPLETED", "FAILED", "CANCELLED", "RUNNING", "TIMED_OUT", "START_FAILED", "CHECK_FAILED"]
)
IDS = st.sampled_from(["id-a", "id-b", "id-c"])
ROWS = st.fixed_dictionaries(
    {
        "result": st.sampled_from(["dataset", "dataset", "dataset", "other"]),
        "datasetid": IDS | JSON,
    },
    optional={
        "datasetname": TEXT,
        "status": STATUSES | JSON,
        "rows": st.integers() | JSON,
        "droppedRows": st.sampled_from([0, 0, 1, None]) | JSON,
        "totalRows": JSON,
        "seconds": JSON,
        "error": st.fixed_dictionaries(
            {}, optional={"type": TEXT, "message": TEXT, "end": TEXT, "length": JSON}
        )
        | JSON,
        "waiting": st.fixed_dictionaries({"QueuedIngestion": TEXT}) | JSON,
    },
)
FIELDS = {
    "execution": st.fixed_dictionaries({"id": TEXT, "startedAt": st.datetimes().map(str)}) | JSON,
    "folder": TEXT | JSON,
    "uploadFolder": TEXT | JSON,
    "watchedFolder": JSON,
    "event": st.fixed_dictionaries({"key": TEXT, "kind": TEXT, "time": TEXT}) | JSON,
    "fileEvents": st.integers() | JSON,
    "registered": st.booleans() | JSON,
    "item": st.lists(st.builds(dataset, IDS | TEXT, TEXT) | JSON, min_size=1, max_size=3).map(
        lambda entries: item(*entries)
    )
    | JSON,
    "results": st.lists(ROWS | JSON, max_size=4) | JSON,
    "registeredFolders": st.lists(TEXT | JSON, max_size=3) | JSON,
    "problem": st.none() | st.fixed_dictionaries({"step": TEXT, "cause": TEXT}) | JSON,
    "history": st.dictionaries(IDS, st.fixed_dictionaries({"rows": JSON})) | JSON,
}

CHANGES = {name: FIELDS[name] for name in ("registered", "problem", "event", "history")}


def test_returns_status_mail_and_detail_and_nothing_else() -> None:
    report = HANDLERS["ja"](payload([row(rows=5)]))

    assert set(report) == {"Status", "Subject", "Message", "Detail"}
    assert [one["rows"] for one in report["Detail"]["datasets"]] == [5]
    assert report["Detail"]["endedAt"] > report["Detail"]["startedAt"]
    assert report["Status"] is True
    assert report["Subject"] == "[SUCCESS]QuickSight更新処理正常終了"
    assert report["Message"].startswith("QuickSightの更新は正常終了しました。\n\t・")


def test_a_detail_that_cannot_be_written_costs_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise ValueError("of a kind that nobody thought of")

    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    app = load_modules(FUNCTIONS / "check_ingestion_status", ["app"])["app"]
    monkeypatch.setattr(app, "detail", fails)
    report = app.handler(payload([row()]), LambdaContext("f", "arn"))
    assert (report["Status"], report["Detail"]) == (True, {})


def test_a_failure_is_reported_as_false() -> None:
    assert HANDLERS["en"](payload([]))["Status"] is False


def test_the_mail_is_in_the_language_and_on_the_project_of_the_environment() -> None:
    environment = {**ENVIRONMENT, "PROJECT_ID": "other", "NOTIFICATION_LANGUAGE": "en"}
    report = load_handler("check_ingestion_status", env=environment)(payload([row()]))

    assert "Project: other" in report["Message"]


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_a_missing_setting_fails_at_import_with_its_name(name: str) -> None:
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}

    with pytest.raises(KeyError, match=name):
        load_handler("check_ingestion_status", env=environment)


def test_logs_one_json_line_with_the_execution_as_correlation_id() -> None:
    with captured_log("check-ingestion-status") as log:
        HANDLERS["ja"](payload([row(status="FAILED")]))

    (line,) = log.getvalue().splitlines()
    entry = json.loads(line)
    assert entry["correlation_id"] == EXECUTION
    assert entry["success"] is False
    assert entry["statuses"] == {"id-a": "FAILED"}


@pytest.mark.parametrize("event", [{}, [], None, {"execution": None}, {"results": [{}]}])
def test_next_to_nothing_is_still_an_error_mail(event: Any) -> None:
    for handler in HANDLERS.values():
        report = handler(event)

        assert report["Status"] is False
        assert "\n\t・" in report["Message"]


def assert_well_formed(report: dict[str, Any]) -> None:
    subject, message = report["Subject"], report["Message"]
    assert subject.startswith("[SUCCESS]" if report["Status"] else "[ERROR]")
    assert subject.isprintable()
    assert len(subject) < 100
    # Step Functions developer guide, "Quotas": 256 KiB for what a state hands on, as JSON.
    assert len(json.dumps(report, ensure_ascii=False).encode()) <= 256 * 1024
    # Only line feeds and the tabs of our own bullets, whatever came in.
    assert re.fullmatch(r"[^\t\n]+(\n(\t・)?[^\t\n]*)*\n", message)
    assert message.rstrip("\n").splitlines() == message.rstrip("\n").split("\n")
    assert not [one for one in message if one not in "\n\t" and safe_text.unseen(one)]
    for line in message.splitlines():
        assert not line.startswith(" ")
        assert not re.search(r"https://\S*(quicksight|console)\.aws\S*", line) or " " not in line


def good(result: Any, dataset_id: str) -> bool:
    return (
        isinstance(result, dict)
        and result.get("result") == "dataset"
        and result.get("datasetid") == dataset_id
        and result.get("status") == "COMPLETED"
        and not result.get("droppedRows")
    )


@given(event=st.fixed_dictionaries({}, optional=FIELDS), language=st.sampled_from(["ja", "en"]))
@examples(100)
def test_any_payload_gives_a_well_formed_mail(event: dict[str, Any], language: str) -> None:
    assert_well_formed(HANDLERS[language](event))


@given(
    registered=st.lists(IDS, min_size=1, max_size=3, unique=True),
    lost=st.sets(IDS, max_size=1),
    extra=st.lists(ROWS, max_size=2),
    changes=st.just({}) | st.fixed_dictionaries({}, optional=CHANGES),
)
@examples(100)
def test_success_needs_a_good_row_for_every_registered_dataset(
    registered: list[str], lost: set[str], extra: list[Any], changes: dict[str, Any]
) -> None:
    results = [row(dataset_id) for dataset_id in registered if dataset_id not in lost] + extra
    entries = [dataset(dataset_id, dataset_id) for dataset_id in registered]
    event = payload(results, item=item(*entries), **changes)
    report = HANDLERS["en"](event)

    assert_well_formed(report)
    undisturbed = event["registered"] is True and event.get("problem") is None
    every_good = all(any(good(r, dataset_id) for r in results) for dataset_id in registered)
    if report["Status"]:
        assert undisturbed
        assert every_good
    if undisturbed:
        assert report["Status"] or extra or not every_good
        assert report["Message"].count("\n\t・") >= len(registered)


@given(name=TEXT.filter(bool), message=TEXT, key=TEXT)
@examples(50)
def test_any_name_message_and_key_leave_one_bullet_per_dataset(
    name: str, message: str, key: str
) -> None:
    results = [row(status="FAILED", error={"type": "SQL_EXCEPTION", "message": message})]
    event = payload(
        results,
        item=item(dataset(name=name), dataset("id-b")),
        event={"key": key, "kind": "Object Created"},
    )
    for handler in HANDLERS.values():
        report = handler(event)

        assert_well_formed(report)
        assert report["Message"].count("\n\t・") == 2
