"""Every error gets a cause and a next step."""

from typing import Any

import botocore.session
import pytest

from tests.loading import load_module

advice = load_module("check_ingestion_status", "advice")

QUICKSIGHT = botocore.session.get_session().get_service_model("quicksight")
INGESTION_ERRORS = QUICKSIGHT.shape_for("IngestionErrorType").enum
API_ERRORS = {
    error.name
    for operation in ("CreateIngestion", "DescribeIngestion")
    for error in QUICKSIGHT.operation_model(operation).error_shapes
}


def group(found: Any) -> str:
    (name,) = [name for name, known in advice.ADVICE.items() if known is found]
    return str(name)


def test_every_ingestion_error_of_the_api_model_has_a_group() -> None:
    assert len(INGESTION_ERRORS) == 45
    assert set(advice.GROUP_OF_INGESTION_ERROR) == set(INGESTION_ERRORS)


def test_every_api_error_of_the_model_has_a_group() -> None:
    assert set(advice.GROUP_OF_API_ERROR) >= API_ERRORS


def test_every_group_of_the_tables_exists() -> None:
    groups = {*advice.GROUP_OF_INGESTION_ERROR.values(), *advice.GROUP_OF_API_ERROR.values()}

    assert groups <= set(advice.ADVICE)


@pytest.mark.parametrize(
    ("error", "message", "expected"),
    [
        ("S3_FILE_INACCESSIBLE", "", "s3_access"),
        ("INGESTION_SUPERSEDED", "", "superseded"),
        ("A_TYPE_OF_TOMORROW", "", "other_error"),
        ("QuickSight.LimitExceededException", "", "limit_exceeded"),
        ("QuickSight.SdkClientException", "", "no_answer"),
        ("QuickSight.QuickSightException", "User is not authorized to perform", "access_denied"),
        ("QuickSight.QuickSightException", "what?", "other_error"),
        ("States.Timeout", "", "no_answer"),
        ("States.QueryEvaluationError", "", "step_other"),
        ("", "", "other_error"),
    ],
)
def test_a_datasets_error_is_explained(error: str, message: str, expected: str) -> None:
    assert group(advice.dataset_advice(error, message)) == expected


@pytest.mark.parametrize(
    ("error", "message", "expected"),
    [
        ("UnrecognisedUploadError", "The event has no …, not authorized", "step_upload"),
        ("DynamoDB.AmazonDynamoDBException", "User: x is not authorized to", "step_denied"),
        ("DynamoDB.AmazonDynamoDBException", "Rate exceeded: Throttling", "step_temporary"),
        ("DynamoDB.ResourceNotFoundException", "", "step_not_found"),
        ("DynamoDB.ProvisionedThroughputExceededException", "", "step_temporary"),
        ("Lambda.TooManyRequestsException", "", "step_temporary"),
        ("Lambda.AWSLambdaException", "is not authorized: lambda:InvokeFunction", "step_denied"),
        ("Lambda.Unknown", "", "step_function"),
        ("Sandbox.Timedout", "", "step_temporary"),
        ("States.Timeout", "", "step_temporary"),
        ("States.DataLimitExceeded", "", "step_too_much_data"),
        ("States.QueryEvaluationError", "", "step_other"),
        ("KeyError", "'timeout'", "step_function"),
        ("Runtime.ImportModuleError", "", "step_function"),
        ("", "", "step_other"),
    ],
)
def test_a_steps_error_is_explained(error: str, message: str, expected: str) -> None:
    assert group(advice.step_advice(error, message)) == expected


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("limit_exceeded", ("24", "32", "8", "Enterprise", "Standard")),
        ("not_found", ("{region}", "{dataset_id}", "aws quicksight list-data-sets")),
        ("access_denied", ("IAM", "{permission}")),
        ("still_running", ("RefreshTimeoutSeconds",)),
    ],
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_advice_says_what_people_need(name: str, words: tuple[str, ...], language: str) -> None:
    said = "".join(getattr(phrase, language) for phrase in advice.ADVICE[name])

    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("name", ["superseded", "suppressed_by_edit"])
def test_a_refresh_overtaken_by_another_points_to_the_newer_one(name: str) -> None:
    assert "今回のファイルも読み込みます" in advice.ADVICE[name].step.ja
    assert "reads these files too" in advice.ADVICE[name].step.en


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("QuickSight.ThrottlingException", "ThrottlingException"),
        ("a.b.C", "C"),
        ("A_B", "A_B"),
        ("A.", "A."),
    ],
)
def test_the_bare_name_has_no_prefix(error: str, name: str) -> None:
    assert advice.bare_name(error) == name
