"""``apply``: the registrations are what a file says; what ``export`` writes changes nothing."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from local.account import LocalAccount
from tests.ops.conftest import FOLDER, OTHER, TABLE, Shell

ONE = {"M": {"datasetid": {"S": "id-one"}, "datasetname": {"S": "one"}}}
GOOD = {"S3uri": {"S": FOLDER}, "datasets": {"L": [ONE]}}
OTHERS: dict[str, Any] = {"S3uri": {"S": OTHER}, "ignore": {"BOOL": True}}


def put(account: LocalAccount, *items: dict[str, Any]) -> None:
    for item in items:
        account.client("dynamodb").put_item(TableName=TABLE, Item=item)


def odd_items(number: int) -> list[dict[str, Any]]:
    """Return items as nobody would write them, and DynamoDB takes them."""
    chance = random.Random(number)
    values: list[dict[str, Any]] = [
        {"N": "1E30"},
        {"N": "3.14159265358979323846264338327950288"},
        {"N": "12345678901234567890123456789012345678"},
        {"N": "-1E-130"},
        {"B": bytes(range(256))},
        {"BS": [b"a", b"\xff"]},
        {"NS": ["1", "2.5", "1E+100"]},
        {"SS": ["no", "\u200f", "東京"]},
        {"NULL": True},
        {"BOOL": False},
        {"L": []},
        {"M": {}},
        {"M": {"x": {"M": {"y": {"S": "S"}}}, "<<": {"S": "a"}}},
        {"S": "yes"},
        {"S": "1.0"},
        {"S": "a\nS3uri: forged"},
        {"S": "\u202e\u061c\ufeff\x00\x7f\x85\u2028"},
        {"S": "か\u3099 が"},
        {"S": "# no comment"},
        {"S": " " * 3},
        {"L": [{"L": [{"M": {"x": {"NS": ["7"]}}}]}]},
    ]
    names = [
        "datasets",
        "ignore",
        "usefor",
        "Datasets",
        "data-sets",
        "a: b",
        "\u200b",
        "x\ny",
        "null",
    ]
    folders = [
        FOLDER,
        "s3://b/no-slash",
        "s3://b/\u200b/",
        "nonsense",
        "s3://b/か\u3099/",
        "true",
        "7",
    ]
    items = []
    for place in range(number):
        fields = chance.sample(names, chance.randrange(1, len(names)))
        item = {name: chance.choice(values) for name in fields}
        items.append({**item, "S3uri": {"S": f"{folders[place % len(folders)]}{place // 7 or ''}"}})
    return items


def apply(qsrefresh: Shell, items: Any, *options: str) -> Result:
    text = items if isinstance(items, str) else json.dumps(items)
    return qsrefresh("apply", "-", *options, input=text)


def test_100_odd_items_exported_and_applied_are_unchanged(
    account: LocalAccount, qsrefresh: Shell
) -> None:
    put(account, *odd_items(100))
    before = qsrefresh.items()
    assert len(before) == 100
    exported = qsrefresh("export")
    for options in ((), ("--prune",), ("--prune", "--dry-run")):
        result = apply(qsrefresh, exported.stdout_bytes.decode("utf-8"), *options)
        assert (result.exit_code, result.stdout) == (0, ""), result.output
        assert "Nothing to do: it is registered like that already." in result.stderr
    assert qsrefresh.items() == before


def test_an_empty_table_exported_and_applied_stays_empty(qsrefresh: Shell) -> None:
    exported = qsrefresh("export").stdout
    assert exported == "[]\n"
    assert apply(qsrefresh, exported, "--prune").exit_code == 0
    assert "is empty" in qsrefresh.refused("apply", "-", "--prune", input="")


def test_the_table_becomes_what_the_file_says(account: LocalAccount, qsrefresh: Shell) -> None:
    put(account, OTHERS)
    rows = [{"datasetid": "id-one", "datasetname": "one"}]
    result = apply(qsrefresh, [{"S3uri": FOLDER, "datasets": rows}])
    assert result.exit_code == 0, result.output
    assert f"create {FOLDER}" in result.stdout
    assert f"Not in <stdin>, and left as it is: {OTHER}; --prune unregisters it" in result.stderr
    assert qsrefresh.items() == {FOLDER: GOOD, OTHER: OTHERS}
    again = apply(qsrefresh, [{"S3uri": FOLDER, "datasets": rows}], "--dry-run")
    assert again.exit_code == 0
    assert "Nothing to do" in again.stderr


def test_drift_is_exit_code_2_and_changes_nothing(account: LocalAccount, qsrefresh: Shell) -> None:
    put(account, GOOD, OTHERS)
    before = qsrefresh.items()
    rows = [{"datasetid": "id-two", "datasetname": "two"}]
    for file, options, code in (
        ([{"S3uri": FOLDER, "datasets": rows}], ("--dry-run",), 2),
        ([{"S3uri": OTHER, "ignore": True}], ("--dry-run",), 0),
        ([{"S3uri": OTHER, "ignore": True}], ("--dry-run", "--prune"), 2),
    ):
        assert apply(qsrefresh, file, *options).exit_code == code
    planned = apply(qsrefresh, [{"S3uri": FOLDER, "datasets": rows}], "--dry-run", "--json")
    assert (planned.exit_code, [one["action"] for one in json.loads(planned.stdout)]) == (
        2,
        ["update"],
    )
    assert qsrefresh.items() == before


def test_it_asks_before_it_removes(account: LocalAccount, qsrefresh: Shell, tmp_path: Path) -> None:
    put(account, GOOD, OTHERS)
    file = tmp_path / "items.yaml"
    file.write_text(f"S3uri: {OTHER}\nignore: true\n", encoding="utf-8")
    told = qsrefresh.refused("apply", str(file), "--prune", input="n\n")
    assert "This stops refreshes: files in" in told
    assert "nothing was changed" in told
    assert qsrefresh("apply", str(file), "--prune", input="y\n").exit_code == 0
    assert qsrefresh.items() == {OTHER: OTHERS}
    put(account, GOOD)
    assert qsrefresh("apply", str(file), "--prune", "--yes").exit_code == 0
    assert qsrefresh.items() == {OTHER: OTHERS}


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"S3uri": FOLDER}, "datasets is missing"),
        ({"S3uri": FOLDER, "Datasets": []}, "the field Datasets is not known: write datasets"),
        ({"S3uri": "s3://other/x/", "ignore": True}, "the bucket other is not watched"),
        (
            {"S3uri": FOLDER, "datasets": [{"datasetid": "id-no", "datasetname": "no"}]},
            "id-no",
        ),
        ([{"S3uri": OTHER, "ignore": True}] * 2, "it is there twice"),
    ],
)
def test_what_is_to_change_has_to_be_right(qsrefresh: Shell, item: Any, told: str) -> None:
    assert told in qsrefresh.refused("apply", "-", input=json.dumps(item))


def test_what_was_wrong_before_may_stay(account: LocalAccount, qsrefresh: Shell) -> None:
    wrong = {"S3uri": {"S": "s3://elsewhere/x"}, "Datasets": {"N": "7"}}
    put(account, wrong)
    rows = [{"datasetid": "id-one", "datasetname": "one"}]
    file = [{"S3uri": "s3://elsewhere/x", "Datasets": 7}, {"S3uri": FOLDER, "datasets": rows}]
    assert apply(qsrefresh, file, "--prune").exit_code == 0
    assert qsrefresh.items() == {"s3://elsewhere/x": wrong, FOLDER: GOOD}


def test_a_new_folder_gets_the_form_that_people_type(qsrefresh: Shell) -> None:
    typed = f"{OTHER}か\u3099/"
    result = apply(qsrefresh, [{"S3uri": typed, "ignore": True}])
    assert list(qsrefresh.items()) == [f"{OTHER}が/"]
    assert "Unicode form" in result.stderr


def test_the_export_is_utf_8_and_hides_nothing(account: LocalAccount, qsrefresh: Shell) -> None:
    put(account, {**OTHERS, "usefor": {"S": "売上\u200b"}})
    exported = qsrefresh("export").stdout_bytes.decode("utf-8")
    assert 'usefor: "売上\\u200B"\n' in exported
