"""A failure that passes by itself is tried again: how often, when, and what the mail tells."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.account import LocalAccount
from local.core.faults import Call, Fault, NoAnswerError
from local.services.error_names import INTEGRATIONS, operation_of
from local.services.quicksight import Ingestion
from local.services.spice import Rows
from tests.asl import STATE_MACHINES, expressions, load, states
from tests.loading import ROOT, load_module
from tests.workflow.invariants import record_item, refreshes
from tests.workflow.scenarios import FOLDER, drop, ends_as, verdicts

PASSING = "QUERY_TIMEOUT"
GOOD_ROWS = {"RowsIngested": 7, "RowsDropped": 0, "TotalRowsInDataset": 7}


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", RefreshTimeoutSeconds="3600")
        yield account


def register(account: LocalAccount, name: str = "one", **more: Any) -> None:
    account.register(
        [{"S3uri": FOLDER, "datasets": [{"datasetid": "id-one", "datasetname": name, **more}]}]
    )


def fails(account: LocalAccount, times: int, error: str = PASSING, status: str = "FAILED") -> None:
    """Let the first refreshes of the dataset fail, and those after them be good."""
    left = [times]

    def outcome(_: Rows) -> dict[str, Any]:
        left[0] -= 1
        if left[0] < 0:
            return {"IngestionStatus": "COMPLETED", "RowInfo": GOOD_ROWS}
        return {"IngestionStatus": status, "ErrorInfo": {"Type": error, "Message": "no"}}

    account.quicksight.datasets["id-one"].outcome = outcome


def refresh(account: LocalAccount) -> list[Ingestion]:
    """Put a file, let everything happen, and return the dataset's refreshes."""
    drop(account)
    account.settle()
    return refreshes(account, "id-one")


def looks(account: LocalAccount, of: Ingestion) -> list[float]:
    """Return when QuickSight was asked about a refresh."""
    return [
        entry.at
        for entry in account.journal
        if entry.call
        and entry.call.operation == "DescribeIngestion"
        and entry.call.parameters["IngestionId"] == of.ingestion_id
    ]


def test_it_is_tried_again_after_one_two_and_four_minutes(account: LocalAccount) -> None:
    register(account, retries=3)
    fails(account, 3)
    attempts = refresh(account)
    seen = [looks(account, one)[-1] for one in attempts]
    waited = [later.created - end for end, later in zip(seen, attempts[1:], strict=False)]
    assert waited == pytest.approx([60, 120, 240], abs=0.1)
    first = attempts[0].ingestion_id
    assert [one.ingestion_id for one in attempts[1:]] == [f"{first}-r{n}" for n in (1, 2, 3)]
    (mail,) = account.mails
    assert mail.subject.startswith("[SUCCESS]")
    assert f"Attempts: 4 (before: {PASSING}, {PASSING}, {PASSING})" in mail.message
    run = next(v for k, v in record_item(account, FOLDER).items() if k.startswith("run"))
    assert run["datasets"]["id-one"]["attempts"] == 4


def test_a_later_attempt_is_followed_as_closely_as_the_first(account: LocalAccount) -> None:
    register(account, retries=2)
    account.quicksight.datasets["id-one"].seconds = lambda _: 300
    fails(account, 2)
    followed = [[at - one.created for at in looks(account, one)] for one in refresh(account)]
    assert len(followed) == 3
    assert followed[1] == pytest.approx(followed[0], abs=1)
    assert followed[2] == pytest.approx(followed[0], abs=1)


def test_no_more_often_than_registered_and_then_it_is_told(account: LocalAccount) -> None:
    register(account, retries=1)
    fails(account, 9)
    assert len(refresh(account)) == 2
    (mail,) = account.mails
    assert mail.subject.startswith("[ERROR]")
    assert f"Attempts: 2 (before: {PASSING})" in mail.message


def test_without_retries_nothing_is_tried_again(account: LocalAccount) -> None:
    register(account)
    fails(account, 1)
    assert len(refresh(account)) == 1
    assert "Attempts" not in account.mails[0].message


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("CUSTOMER_ERROR", "FAILED"),
        ("INGESTION_SUPERSEDED", "FAILED"),
        ("REFRESH_SUPPRESSED_BY_EDIT", "FAILED"),
        ("S3_FILE_INACCESSIBLE", "FAILED"),
        ("INGESTION_CANCELED", "CANCELLED"),
        (PASSING, "CANCELLED"),
    ],
)
def test_what_does_not_pass_by_itself_is_not_tried_again(
    account: LocalAccount, error: str, status: str
) -> None:
    register(account, retries=3)
    fails(account, 1, error, status)
    assert len(refresh(account)) == 1


def test_the_lost_answer_of_a_second_start_starts_no_third(account: LocalAccount) -> None:
    register(account, retries=1)
    fails(account, 1)

    def again(call: Call) -> bool:
        is_create = call.operation == "CreateIngestion"
        return is_create and call.parameters["IngestionId"].endswith("-r1")

    fault = Fault("*", "*", NoAnswerError("lost"), lost=True, when=again, times=1)
    account.faults.add(fault)
    assert len(refresh(account)) == 2
    assert fault.hits == 1
    assert verdicts(account) == ["SUCCESS"]


def test_a_second_start_that_is_refused_is_the_last(account: LocalAccount) -> None:
    register(account, retries=3)
    fails(account, 9)
    account.quicksight.limit = 1
    try:
        assert len(refresh(account)) == 1
    finally:
        account.quicksight.limit = 32
    (mail,) = account.mails
    assert "LimitExceededException (CreateIngestion)" in mail.message
    assert f"Attempts: 2 (before: {PASSING})" in mail.message


def test_the_id_of_the_last_attempt_is_legal_for_any_name(account: LocalAccount) -> None:
    register(account, name="x" * 200, retries=3)
    fails(account, 3)
    attempts = refresh(account)
    assert len(attempts) == 4
    assert max(len(one.ingestion_id) for one in attempts) <= 128
    assert len({one.ingestion_id for one in attempts}) == 4


def test_near_the_deadline_nothing_is_tried_again(account: LocalAccount) -> None:
    register(account, retries=3)
    account.quicksight.datasets["id-one"].seconds = lambda _: 1600
    fails(account, 3)
    attempts = refresh(account)
    assert len(attempts) == 2  # the third would begin less than a minute before
    assert max(one.ends for one in attempts) <= attempts[0].created + 3600


def test_what_comes_after_it_waits_for_the_good_attempt(account: LocalAccount) -> None:
    rows = [
        {"datasetid": "id-two", "datasetname": "two", "after": ["id-one"]},
        {"datasetid": "id-one", "datasetname": "one", "retries": 1},
    ]
    account.register([{"S3uri": FOLDER, "datasets": rows}])
    fails(account, 1)
    *_, last = refresh(account)
    (child,) = refreshes(account, "id-two")
    assert child.created >= last.ends
    assert verdicts(account) == ["SUCCESS"]


def test_few_rows_are_not_tried_again(account: LocalAccount) -> None:
    register(account, retries=3, minrows=9)
    ends_as(account, "one", {"IngestionStatus": "COMPLETED", "RowInfo": GOOD_ROWS})
    assert len(refresh(account)) == 1
    assert "with fewer rows than 9" in account.mails[0].message


def test_each_type_that_passes_is_quicksights_and_its_advice_is_to_try_again() -> None:
    definition = load(next(path for path in STATE_MACHINES if path.name == "sfn.asl.json"))
    (finished,) = [one for one in states(definition) if one.name == "Ingestion Finished?"]
    (rule,) = expressions(finished.body["Choices"][0]["Condition"])
    passing = rule.partition("[")[2].partition("]")[0].replace("'", "").split(", ")
    model = operation_of(INTEGRATIONS["aws-sdk:quicksight"], "describeIngestion").service_model
    meanings = load_module("check_ingestion_status", "meanings")
    assert len(passing) == 6
    assert set(passing) <= set(model.shape_for("IngestionErrorType").enum)
    assert {meanings.meaning(one).rerun for one in passing} == {"again"}
    for page in ("operations.md", "operations.ja.md"):
        told = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert [one for one in passing if f"`{one}`" not in told] == []
