"""Calls to AWS: every page of an answer, and errors that name the way out."""

import functools
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidConfigError,
    InvalidRegionError,
    LoginError,
    MissingDependencyException,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError
from botocore.session import Session

from qsrefresh.errors import AccessDeniedError, AwsError, OperatorError

_ATTEMPTS = 8
_DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation")
_THROTTLED = (
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)
_BAD_CREDENTIALS = (
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)
#: Service as botocore calls it → the prefix of its permissions, where they differ.
_PREFIXES = {"stepfunctions": "states"}
#: Permissions that are not called like the operation that needs them.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_PERMISSIONS = {
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "dynamodb:TransactWriteItems": "dynamodb:PutItem, UpdateItem and DeleteItem",
}
_NO_CREDENTIALS = (
    CredentialRetrievalError,
    InvalidConfigError,
    LoginError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
#: botocore raises the last two for an address without http:// and for a page that is no answer.
_FAILURES = (ClientError, BotoCoreError, ResponseParserError, KeyError, ValueError)
_NAMED_ACTION = re.compile(r"not authorized to perform: ([A-Za-z0-9-]+:[A-Za-z0-9]+)")
_LOG_IN = (
    "set AWS_PROFILE, or give --profile, or log in again (aws login, aws sso login, aws configure);"
    " `aws sts get-caller-identity` shows whether it worked"
)


class Aws:
    """The account and Region that the credentials lead to.

    Args:
        client: makes the SDK's client of a service; called once for each.
        pause: lets seconds pass; a simulated account has a clock of its own.
        elsewhere: returns the same account in another Region; called with its name.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        pause: Callable[[float], None] = time.sleep,
        elsewhere: Callable[[str], "Aws"] | None = None,
    ) -> None:
        self._make = client
        self.pause = pause
        self.elsewhere = elsewhere or (lambda region: connect(None, region))
        self._clients: dict[str, Any] = {}

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call an operation.

        Raises:
            OperatorError: it failed; the message says why and names the way out.
        """
        try:
            client = self._client(service)
            answer: dict[str, Any] = getattr(client, operation)(**parameters)
        except _FAILURES as error:
            raise _translated(error, service) from error
        return answer

    def members(
        self, service: str, operation: str, member: str, **parameters: Any
    ) -> Iterator[Any]:
        """Yield one member after the other of a list that AWS gives out in pages."""
        try:
            for page in self._client(service).get_paginator(operation).paginate(**parameters):
                yield from page.get(member, [])
        except _FAILURES as error:
            raise _translated(error, service) from error

    @functools.cached_property
    def account_id(self) -> str:
        """The account's number; asking needs no permission."""
        return str(self.call("sts", "get_caller_identity")["Account"])

    @property
    def now(self) -> datetime:
        """The time by AWS's clock: that of a simulated account is not ours."""
        answer = self.call("sts", "get_caller_identity")
        date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        return parsedate_to_datetime(date) if date else datetime.now(UTC)

    @property
    def region(self) -> str:
        """The Region that everything happens in."""
        try:
            return str(self._client("sts").meta.region_name)
        except _FAILURES as error:
            raise _translated(error, "sts") from error

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._make(service)
        return self._clients[service]


def connect(profile: str | None, region: str | None) -> Aws:
    """Return the account that the ordinary credentials and Region of Python's SDK lead to.

    boto3 would find the same, and take twice as long to start: it brings along what uploads files.

    Raises:
        OperatorError: there is no such profile, or no Region is set.
    """
    try:
        session = Session(profile=profile)
        session.get_scoped_config()  # asks for the profile, which the Region may not need
        here = region or session.get_config_variable("region")
        if not here:
            # Some services would answer without one, from another Region than people mean.
            raise NoRegionError()
    except BotoCoreError as error:
        raise _translated(error, "sts") from error
    config = Config(retries={"mode": "standard", "total_max_attempts": _ATTEMPTS})
    return Aws(
        lambda service: session.create_client(service, region_name=here, config=config),
        elsewhere=lambda other: connect(profile, other),
    )


def _translated(error: Exception, service: str) -> OperatorError:
    if isinstance(error, ClientError):
        return _refused(error, service)
    if isinstance(error, NoRegionError):
        return OperatorError(
            "it is not known which Region to work in", "set AWS_DEFAULT_REGION, or give --region"
        )
    if isinstance(error, ProfileNotFound):
        return OperatorError(str(error), "`aws configure list-profiles` shows those that exist")
    if isinstance(error, _NO_CREDENTIALS):
        return OperatorError(f"there are no AWS credentials ({error})", _LOG_IN)
    if isinstance(error, MissingDependencyException):
        return OperatorError(
            f"what these credentials need is not installed beside qsrefresh ({error})",
            f"{shlex.quote(sys.executable)} -m pip install 'botocore[crt]'",
        )
    if isinstance(error, InvalidRegionError):
        return OperatorError(str(error), "give a Region like ap-northeast-1 with --region")
    if isinstance(error, ParamValidationError):
        return OperatorError(f"AWS was not asked: {error}", "correct it and run the command again")
    if isinstance(error, BotoCoreError) and not isinstance(
        error, ConnectionError | HTTPClientError
    ):
        return OperatorError(
            f"AWS was not asked: {error}", "`aws configure list` shows the settings"
        )
    told = "what answers there is not AWS" if isinstance(error, KeyError) else error
    return OperatorError(
        f"AWS cannot be reached ({told})",
        "check the network, the Region's name and AWS_ENDPOINT_URL (it begins with http)",
    )


def _refused(error: ClientError, service: str) -> AwsError:
    code = str(error.response.get("Error", {}).get("Code", "Unknown"))
    said = str(error.response.get("Error", {}).get("Message", ""))
    action = _action(service, str(error.operation_name), said)
    kind = AwsError
    if code in _DENIED or (code == "403" and service == "s3"):
        kind = AccessDeniedError
        message = f"access denied: {action} ({said})"
        way_out = f"ask the account's administrator for the permission {action}"
    elif code in _THROTTLED:
        message = f"AWS throttles {action}, after {_ATTEMPTS} attempts still ({said})"
        way_out = "wait a minute and run the command again"
    elif code in _BAD_CREDENTIALS:
        message, way_out = f"AWS does not accept the credentials ({said})", _LOG_IN
    else:
        message = f"{action} failed: {code}: {said}"
        way_out = "is it the right Region and account? `aws sts get-caller-identity` names it"
    return kind(code, message, way_out, error.response)


def _action(service: str, operation: str, said: str) -> str:
    named = _NAMED_ACTION.search(said)
    if named:
        return named.group(1)
    action = f"{_PREFIXES.get(service, service)}:{operation}"
    return _PERMISSIONS.get(action, action)
