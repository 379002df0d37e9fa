"""Whatever a name holds: JSON is plain ASCII, and what people read hides and forges nothing.

Names come from whoever may write to the bucket, or may name a dataset or a registration.
"""

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.account import LocalAccount
from local.services.quicksight import Dataset
from qsrefresh.errors import OperatorError
from qsrefresh.safe_text import one_line, printable, visible
from tests.ops.conftest import FOLDER, OTHER, Shell
from tests.workflow.scenarios import drop, stop_at

FORGED = "FORGED: all is well"
#: Line ends, an escape, marks of direction (RLM, LRM, ALM, an override), what has no width, DEL.
HOSTILE = (
    f"x\n{FORGED}\r\n{FORGED}\x1b[31m\u200f\u200e\u061c\u202e\u200b\ufeff\u2028{FORGED}\x85\x7f"
)
HOSTILE_FOLDER = f"{OTHER}{HOSTILE}/"
HOSTILE_KEY = "\u200f\u202e\u200b\ufeffb.csv"


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", SettleSeconds="10")
        yield account


@pytest.fixture
def hostile(account: LocalAccount, qsrefresh: Shell) -> Shell:
    """An account full of hostile names: a dataset, registrations, a file, an error, a stop."""
    account.quicksight.add(Dataset("id-hostile", HOSTILE))
    rows = [{"datasetid": "id-hostile", "datasetname": HOSTILE}]
    account.register(
        [
            {"S3uri": FOLDER, "usefor": HOSTILE, "datasets": rows},
            {"S3uri": HOSTILE_FOLDER, HOSTILE: HOSTILE, "datasets": rows},
        ]
    )
    failure = {"Type": "SQL_EXCEPTION", "Message": HOSTILE}
    account.quicksight.datasets["id-hostile"].outcome = lambda _: {
        "IngestionStatus": "FAILED",
        "ErrorInfo": failure,
    }
    drop(account, HOSTILE_KEY)
    account.settle()
    return qsrefresh


def calls(folder: Path) -> list[tuple[str, ...]]:
    """Return a call of every verb."""
    page, file = str(folder / "report.html"), str(folder / "items.yaml")
    return [
        ("list",),
        ("show", FOLDER),
        ("show", HOSTILE_FOLDER),
        ("export",),
        ("datasets",),
        ("datasets", "--quick"),
        ("check",),
        ("status",),
        ("status", FOLDER),
        ("history", FOLDER),
        ("history", FOLDER, "--from-executions"),
        ("history", FOLDER, "--failed"),
        ("explain", FOLDER),
        ("report", FOLDER, "--html", page),
        ("run", FOLDER, "--dry-run"),
        ("run", FOLDER, "--wait"),
        ("register", FOLDER, "one", "--usefor", HOSTILE, "--dry-run"),
        ("register", "--file", file, "--dry-run"),
        ("ignore", HOSTILE_FOLDER, "--dry-run"),
        ("unregister", HOSTILE_FOLDER, "--dry-run"),
        ("move", HOSTILE_FOLDER, f"{OTHER}new/", "--dry-run"),
        ("subscribe", "operator@example.com", "--dry-run"),
        ("replay", "--dry-run"),
    ]


def test_23_calls_write_json_of_printable_ascii_only(hostile: Shell, tmp_path: Path) -> None:
    exported = hostile("export")
    (tmp_path / "items.yaml").write_bytes(exported.stdout_bytes)
    every = calls(tmp_path)
    assert len(every) == 23
    for call in every:
        result = hostile(*call, "--json")
        assert json.loads(result.stdout) is not None, call
        odd = [byte for byte in result.stdout_bytes if not 32 <= byte < 127 and byte != 10]
        assert odd == [], call
        assert_nothing_hides(call, result.stderr)


def test_nothing_that_people_read_hides_or_forges_a_line(hostile: Shell, tmp_path: Path) -> None:
    (tmp_path / "items.yaml").write_bytes(hostile("export").stdout_bytes)
    for call in calls(tmp_path):
        result = hostile(*call)
        assert_nothing_hides(call, result.stdout)
        assert_nothing_hides(call, result.stderr)


@pytest.mark.parametrize(
    "call",
    [
        ("show", f"s3://b/{HOSTILE}/"),
        ("explain", HOSTILE),
        ("run", f"s3://{HOSTILE}/x/"),
        ("ignore", HOSTILE),
        ("register", FOLDER, f"{HOSTILE}?"),
        ("unregister", HOSTILE_FOLDER),
        ("history", f"s3://{HOSTILE}/x/"),
    ],
    ids=lambda call: call[0],
)
def test_an_error_hides_and_forges_nothing(hostile: Shell, call: tuple[str, ...]) -> None:
    result = hostile(*call, input="")
    assert result.exit_code == 1
    assert_nothing_hides(call, result.output)


def assert_nothing_hides(call: object, text: str) -> None:
    for line in text.split("\n"):
        assert not line.lstrip(" -・+").startswith(FORGED), (call, line)
        hidden = [one for one in line if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")]
        assert hidden == [], (call, line)


def test_a_stop_with_a_hostile_cause_is_told_on_one_line(
    account: LocalAccount, hostile: Shell
) -> None:
    stop_at(account, "Wait For More Files")
    drop(account, "c.csv")
    account.settle()
    assert_nothing_hides("explain", hostile("explain", FOLDER).stdout)


@given(st.text())
def test_a_line_is_one_line_and_two_lines_stay_two(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    assert printable(text).count("\n") == text.count("\n")
    assert visible(visible(text)) == visible(text)
    for one in (one_line(text), printable(text).replace("\n", "")):
        one.encode("utf-8")
        assert not [each for each in one if unicodedata.category(each) in ("Cc", "Cf", "Cs")]


def test_what_does_not_show_is_told_by_its_number() -> None:
    assert one_line("a\u200fb\u061cc\u200bd") == "a[U+200F]b[U+061C]c[U+200B]d"
    assert one_line("東京　データ") == "東京　データ"
    error = OperatorError("a\nb", "c\u202ed", ["e\r\nf"])
    assert error.details == ["e\r\nf"]
