"""What a service answers to a request that it refuses for what is in it.

Imitates: each service's error code for a value that its model does not allow; several such values
in one answer.
Does not imitate: what depends on the account, such as names that are taken.
"""

import functools
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.core import prose_rules
from local.core.constraints import Breach, breaches, service_model

#: What services answer whose code is not that of their protocol.
#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
#: https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateIngestion.html
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
_CODES = {
    "logs": "InvalidParameterException",
    "quicksight": "InvalidParameterValueException",
    "sqs": "InvalidParameterValue",
    "s3": "InvalidArgument",
}
#: The code for a rule that only prose has, where it is another one than for the model's rules.
_PROSE_CODES = {"sns": "InvalidParameter"}


@dataclass(frozen=True)
class Refusal:
    """An error answer: its code, its text and its HTTP status."""

    code: str
    message: str
    status: int = 400

    def as_client_error(self, operation: str) -> ClientError:
        """Return it as boto3 raises it."""
        answer: Any = {
            "Error": {"Code": self.code, "Message": self.message},
            "ResponseMetadata": {
                "HTTPStatusCode": self.status,
                "RequestId": "00000000-0000-0000-0000-000000000000",
            },
        }
        return ClientError(answer, operation)


def refusal(service: str, operation: str, parameters: dict[str, Any]) -> Refusal | None:
    """Return what a service answers to a request that breaks a rule; None: it breaks none.

    Args:
        service: botocore's name of it (``stepfunctions``).
        operation: as in its API (``CreateStateMachine``).
        parameters: as boto3 takes them.
    """
    found = breaches(service, operation, parameters)
    if found:
        return _of_model(service, found)
    for rule in prose_rules.rules_of(service, operation):
        value = parameters if not rule.member else parameters.get(rule.member)
        for message in rule.refuse(value) if value is not None else ():
            code = rule.code or _PROSE_CODES.get(service) or _code(service)
            return Refusal(code, message, rule.status)
    return None


def _of_model(service: str, found: list[Breach]) -> Refusal:
    for one in found:
        if one.is_type:
            code = "MalformedInput" if _is_query(service) else "SerializationException"
            return Refusal(code, one.constraint)
    missing = [one for one in found if one.constraint == "Member must not be null"]
    if service == "sqs" and missing:
        name = missing[0].path
        text = f"The request must contain the parameter {name[0].upper()}{name[1:]}."
        return Refusal("MissingParameter", text)
    errors = "validation error" + ("s" if len(found) > 1 else "")
    text = f"{len(found)} {errors} detected: {'; '.join(map(str, found))}"
    return Refusal(_code(service), text)


def _code(service: str) -> str:
    if service in _CODES:
        return _CODES[service]
    return "ValidationError" if _is_query(service) else "ValidationException"


@functools.cache
def _is_query(service: str) -> bool:
    """Tell whether a service is of the oldest kind; its errors have kept their names since."""
    return "query" in service_model(service).metadata.get("protocols", ["query"])
