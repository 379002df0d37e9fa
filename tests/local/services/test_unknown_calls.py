"""Whatever is asked, the answer is one of AWS's: never HTML, and no traceback."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import HeadersDict
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from moto.core.utils import get_service_model
from moto.quicksight.responses import QuickSightResponse

from local.account import ACCOUNT_ID, REGION, LocalAccount
from local.programs.serve import HOST, serving
from local.services import unknown_calls

#: Operations that moto does not know, by protocol.
UNKNOWN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "query": ("sns", "get_data_protection_policy", {"ResourceArn": "x"}),
    "json": ("stepfunctions", "redrive_execution", {"executionArn": "x"}),
    "rest-json": ("lambda", "list_code_signing_configs", {}),
    "rest-json by name": ("quicksight", "list_themes", {"AwsAccountId": ACCOUNT_ID}),
    "rest-xml": ("route53", "list_cidr_collections", {}),
    "cbor": ("cloudwatch", "list_managed_insight_rules", {"ResourceARN": "x"}),
    "no such service": ("cloud9", "list_environments", {}),
}
HERE = ("rest-json", "rest-json by name", "no such service")


@pytest.fixture
def address(account: LocalAccount) -> Iterator[str]:
    with serving(0) as server:
        yield f"http://{HOST}:{server.port}"


def error(service: str, operation: str, address: str | None = None, **how: Any) -> dict[str, Any]:
    """Return the error of a call; a client of AWS's has to understand it."""
    client = boto3.client(
        service,
        region_name=how.pop("region", REGION),
        endpoint_url=address,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(ClientError) as raised:
        getattr(client, operation)(**how)
    answer: Any = raised.value.response
    found: dict[str, Any] = answer["Error"]
    return found | {"Status": answer["ResponseMetadata"]["HTTPStatusCode"]}


@pytest.mark.parametrize("case", UNKNOWN)
def test_an_operation_that_nobody_knows_is_unknown_over_http(address: str, case: str) -> None:
    service, operation, parameters = UNKNOWN[case]
    found = error(service, operation, address, **parameters)
    assert (found["Code"], found["Status"]) == ("UnknownOperationException", 404)
    assert found["Message"].startswith("The local account does not know ")
    assert "<" not in found["Message"]


@pytest.mark.parametrize("case", HERE)
def test_an_operation_that_nobody_knows_is_unknown_in_this_process(
    account: LocalAccount, case: str
) -> None:
    service, operation, parameters = UNKNOWN[case]
    found = error(service, operation, **parameters)
    assert (found["Code"], found["Status"]) == ("UnknownOperationException", 404)


@pytest.mark.parametrize("service", ["ec2", "s3", "route53", "iam", "events", "logs", "apigateway"])
def test_an_error_has_the_form_of_its_protocol(service: str) -> None:
    status, headers, body = unknown_calls.error(service, {}, "InternalFailure", "a < b & c")
    protocol = get_service_model(service).protocol
    answer: Any = {"status_code": status, "headers": HeadersDict(headers), "body": body}
    parser: Any = create_parser(protocol)
    parsed = parser.parse(answer, None)
    assert parsed["Error"]["Code"] == "InternalFailure"
    assert parsed["Error"]["Message"] == "a < b & c"


def test_a_call_at_which_moto_breaks_is_an_internal_failure(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuickSightResponse, "list_users", lambda _: [][1])
    found = error("quicksight", "list_users", address, AwsAccountId=ACCOUNT_ID, Namespace="default")
    assert (found["Code"], found["Status"]) == ("InternalFailure", 500)
    assert "could not answer GET /accounts/" in found["Message"]


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
        ("dynamodb", "list_tables", "InvalidSignatureException"),
        ("stepfunctions", "list_state_machines", "InvalidSignatureException"),
    ],
)
def test_a_region_that_does_not_exist_is_refused(
    address: str, service: str, operation: str, code: str
) -> None:
    found = error(service, operation, address, region="ap-northeast-9")
    assert (found["Code"], found["Status"]) == (code, 403)
    assert found["Message"] == (
        "Credential should be scoped to a valid region, not 'ap-northeast-9'."
    )
