"""What make smoke says of docs/needs-aws.md: right in the local account, wrong where it is not."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

import smoke
from claims import CLAIMS, Finding
from local.account import LocalAccount
from local.core.faults import ServiceError
from qsrefresh.aws import Aws
from tests.docs.pages import rows
from tests.loading import ROOT
from tests.workflow.scenarios import drop, ends_as, fail, register

PAGE = (ROOT / "docs" / "needs-aws.md").read_text(encoding="utf-8")
TOLD = rows(PAGE, "Claim", "Why in doubt", "Command", "Expected", "If not")


def found(account: LocalAccount, drop_anyway: bool = False) -> dict[str, Finding]:
    """Return what was seen, by the first words of the claim."""
    aws = Aws(account.client, lambda _: account.settle())
    _, seen = smoke.smoke(aws, account.project, None, 15, lambda _: None, drop_anyway)
    return {one.claim.text: one for one in seen}


def refusal(code: str) -> ClientError:
    """Return QuickSight's refusal of a call."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateIngestion")


def claim(start: str) -> str:
    (text,) = (one.text for one in CLAIMS if one.text.startswith(start))
    return text


@pytest.fixture(autouse=True)
def refreshed_once(account: LocalAccount) -> None:
    register(account, "sales")
    drop(account)
    account.settle()


def test_every_line_of_the_page_that_names_make_smoke_is_looked_at() -> None:
    named = [text for text, _, command, *_ in TOLD if command.startswith("make smoke")]
    assert sorted(named) == sorted(one.text for one in CLAIMS)


def test_they_stand_in_the_order_of_the_page() -> None:
    order = [text for text, *_ in TOLD]
    places = [order.index(one.text) for one in CLAIMS]
    assert places == sorted(places)


def test_in_the_local_account_every_claim_is_right(account: LocalAccount) -> None:
    assert {text: one.seen for text, one in found(account).items() if one.good is not True} == {}


def test_the_table_is_printed_and_a_wrong_claim_is_no_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    seen = [Finding(CLAIMS[0], "ROLLBACK_COMPLETE", False), Finding(CLAIMS[1], "not seen", None)]
    monkeypatch.setattr(smoke, "smoke", lambda *_: ("[SUCCESS]good", seen))
    result = CliRunner().invoke(smoke.main, ["sampleproject"])
    assert result.exit_code == 1
    head, first, second = result.stdout.splitlines()
    assert head.split() == ["Claim", "Expected", "Seen"]
    cells = [cell.strip() for cell in first.split("  ") if cell.strip()]
    assert cells == ["✗", CLAIMS[0].text, CLAIMS[0].expected, "ROLLBACK_COMPLETE"]
    assert second.startswith("? ")
    assert "1 of 2 claims are wrong: docs/needs-aws.md" in result.stderr


def encoded(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if EventBridge encoded keys like S3's own notifications."""
    put = account.events.put

    def encode(event: dict[str, Any]) -> None:
        if event["source"] == "aws.s3":
            thing = event["detail"]["object"]
            thing["key"] = quote_plus(thing["key"], safe="/")
        put(event)

    monkeypatch.setattr(account.events, "put", encode)


def another_answer(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a repeated ingestion id were taken."""
    create = account.quicksight.create_ingestion
    monkeypatch.setattr(
        account.client("quicksight"),
        "create_ingestion",
        lambda **given: create(given["DataSetId"], f"{given['IngestionId']}-2", "FULL_REFRESH"),
    )


def no_rows(account: LocalAccount, _: pytest.MonkeyPatch) -> None:
    ends_as(account, "sales", {"IngestionStatus": "COMPLETED"})


def unknown_at_first(account: LocalAccount, _: pytest.MonkeyPatch) -> None:
    fail(account, "Check Ingestion", ServiceError("ResourceNotFoundException"), times=1)


def denied(account: LocalAccount, _: pytest.MonkeyPatch) -> None:
    fail(account, "Start Ingestion", ServiceError("AccessDeniedException"))


def garbled(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    client = account.client("stepfunctions")
    monkeypatch.setattr(client, "describe_state_machine", lambda **_: {"definition": "????"})


def oldest_first(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    client = account.client("quicksight")
    listed = client.list_ingestions
    monkeypatch.setattr(
        client, "list_ingestions", lambda **how: {"Ingestions": listed(**how)["Ingestions"][::-1]}
    )


def half_made(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    client = account.client("cloudformation")
    monkeypatch.setattr(
        client, "describe_stacks", lambda **_: {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE"}]}
    )


@pytest.mark.parametrize(
    ("spoil", "start", "seen"),
    [
        (half_made, "Both stacks", "ROLLBACK_COMPLETE, ROLLBACK_COMPLETE"),
        (encoded, "EventBridge gives keys", "%E5%A3%B2%E4%B8%8A+a%2Bb%2520c.txt"),
        (another_answer, "An ingestion id used twice", "a second ingestion"),
        (no_rows, "A COMPLETED ingestion", "none"),
        (unknown_at_first, "An ingestion is known", "QuickSight.ResourceNotFoundException"),
        (denied, "`dataset/*/ingestion/*`", "QuickSight.AccessDeniedException"),
        (garbled, "Japanese in the definitions", "another text"),
        (oldest_first, "ListIngestions", ", "),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_claim_that_is_wrong_is_seen(
    account: LocalAccount,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[LocalAccount, pytest.MonkeyPatch], None],
    start: str,
    seen: str,
) -> None:
    spoil(account, monkeypatch)
    finding = found(account)[claim(start)]
    assert finding.good is False, finding
    assert seen in finding.seen


def test_a_look_that_is_refused_sees_nothing(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> Any:
        raise refusal("AccessDeniedException")

    monkeypatch.setattr(account.client("quicksight"), "create_ingestion", refuse)
    finding = found(account)[claim("An ingestion id used twice")]
    assert finding.good is None
    assert finding.seen.startswith("not seen: access denied: quicksight:CreateIngestion")


def test_without_a_file_nothing_is_said_of_events(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoke, "_may_drop", lambda *_: False)
    seen = found(account)
    for start in ("EventBridge may take", "EventBridge gives keys"):
        finding = seen[claim(start)]
        assert (finding.good, finding.seen) == (None, "not seen: no file was dropped")
