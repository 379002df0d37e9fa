"""The bullets about what is no dataset's failure."""

from typing import Any

import pytest

from tests.unit.mails import block_of, blocks, lines
from tests.unit.payloads import FOLDER, PROJECT, REGION, WATCHED, dataset, item, row

LANGUAGES = pytest.mark.parametrize("language", ["ja", "en"])


@LANGUAGES
@pytest.mark.parametrize(
    ("stored", "field"),
    [
        ({}, "datasets"),
        (item(dataset(), dataset("b"), dataset("c", "")), "datasets[2].datasetname"),
        (item(dataset(), ignore={"S": "yes"}), "ignore"),
    ],
)
def test_a_wrong_registration_names_folder_field_and_the_way_out(
    language: str, stored: Any, field: str
) -> None:
    headline, cause, *others = block_of("\t・", language, item=stored, results=[])[:12]

    assert field in headline
    assert FOLDER in headline
    assert cause.startswith(("原因: ", "Cause: "))
    assert others[-1] == f"qsrefresh --region {REGION} --project {PROJECT} show {FOLDER}"
    assert any(one.endswith("#item-explorer?table=sampleproject-parameters") for one in others)


@LANGUAGES
def test_the_way_out_that_several_share_is_said_once(language: str) -> None:
    found = lines(language, item=item(*[None] * 3))

    assert sum(line.startswith("\t・") for line in found) == 3
    assert sum("#item-explorer" in line for line in found) == 1
    assert sum(" show s3://" in line for line in found) == 1


def test_datasets_are_numbered_as_people_count_and_as_the_console_does() -> None:
    stored = item(dataset("a"), dataset("b"), None, dataset("b"), dataset("id-x", ""))
    found = lines("en", [row("a"), row("b")], item=stored)

    assert [line for line in found if line.startswith(("Cause: dataset", "Its place in"))] == [
        "Cause: dataset number 3 is not a pair of datasetid and datasetname.",
        "Its place in the console: number 2 of datasets (they count from 0)",
        "Cause: dataset number 4 has the id of number 2: it is registered twice"
        " (and refreshed once).",
        "Its place in the console: number 3 of datasets (they count from 0)",
        "Cause: dataset number 5 has no datasetname, or it is empty or not a text.",
        "Its place in the console: number 4 of datasets (they count from 0)",
    ]
    assert "Id of dataset number 5: id-x" in found


@LANGUAGES
def test_more_mistakes_than_anybody_reads_are_counted(language: str) -> None:
    bullets = [line for line in lines(language, item=item(*[None] * 30)) if "\t・" in line]

    assert bullets[-1] in (
        f"\t・登録内容の誤りが、ほかに10件あります（フォルダ {FOLDER}）。",
        f"\t・The registration has 10 more errors (folder {FOLDER}).",
    )


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({"registered": False}, f"{WATCHED}new/ has no registered dataset."),
        ({"registered": False, "uploadFolder": ""}, f"{FOLDER} has no registered dataset."),
        (
            {"registered": False, "uploadFolder": None, "folder": None},
            "unknown has no registered dataset.",
        ),
        ({"registered": 5}, f"The registration could not be checked (folder {FOLDER})."),
        (
            {"registered": 5, "folder": ""},
            "The registration could not be checked (folder unknown).",
        ),
    ],
)
def test_a_problem_names_the_folder_it_is_about(changes: dict[str, Any], headline: str) -> None:
    assert f"\t・{headline}" in lines("en", **{"uploadFolder": f"{WATCHED}new/", **changes})


@LANGUAGES
def test_a_failed_step_is_named_with_what_to_do(language: str) -> None:
    problem = {
        "step": "Look Up Datasets",
        "error": "DynamoDB.AmazonDynamoDBException",
        "cause": "User: x is not authorized to perform: dynamodb:GetItem (Service:"
        " AmazonDynamoDBv2; Status Code: 400; Error Code: AccessDenied; Request ID:"
        " 0-1; Proxy: null)",
    }
    headline, _, step, message, request = block_of(
        "\t・", language, registered=False, problem=problem
    )

    assert "Look Up Datasets" in headline
    assert "AmazonDynamoDBException" in headline
    assert "IAM" in step
    assert message.endswith(("dynamodb:GetItem」", 'dynamodb:GetItem"'))
    assert request.endswith("0-1")


@LANGUAGES
def test_an_unexpected_error_of_a_function_names_its_log(language: str) -> None:
    problem = {"step": "Produce Ingestion Parameters", "error": "KeyError"}

    assert "/aws/lambda/sampleproject-*" in "".join(lines(language, problem=problem))


@LANGUAGES
def test_a_problem_stands_before_the_datasets(language: str) -> None:
    stored = item(dataset("a", "a"), dataset("b", ""))
    found = blocks(language, [row("a", "FAILED")], item=stored)
    bullets = [block[0] for block in found if block[0].startswith("\t・")]

    assert "datasets[1].datasetname" in bullets[0]
    assert "FAILED" in bullets[1]
