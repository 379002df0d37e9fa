"""Every request that comes over HTTP, from boto3 here or from anywhere, is checked before it acts.

Imitates: a request that breaks a rule is answered with its service's error, and does nothing.
Does not imitate: parameters that a service does not know, which are left out; requests to S3 but
for the length of keys.
"""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.responses import ActionResult, BaseResponse
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend

from local.core.constraints import operation_model, service_model
from local.core.refusals import Refusal, refusal

#: What writes a key in S3, and where the key stands among the arguments.
_S3_WRITES = {"put_object": 1, "create_multipart_upload": 1}


class _RefusedError(ServiceException):
    """moto looks an error up where its class comes from: not in a service of its own."""


def _refused(response: BaseResponse) -> Refusal | None:
    service, operation = response.boto3_service_name, response._get_action()
    if service == "s3" or not operation:
        return None
    try:
        operation_model(service, operation)
    except (OperationNotFoundError, UnknownServiceError):
        return None
    return refusal(service, operation, _parameters(response, service, operation))


def _parameters(response: BaseResponse, service: str, operation: str) -> dict[str, Any]:
    """Read a request as botocore's model has it, as boto3 would have been given it."""
    request: Any = response.normalized_request
    protocol = determine_request_protocol(service_model(service), request.content_type)
    parser = PROTOCOL_PARSERS[protocol](operation_model(service, operation))
    return parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": response.uri_match,
        }
    )


@contextmanager
def installed() -> Iterator[None]:
    """Check requests, in this process and over HTTP."""
    call_action = BaseResponse.call_action

    def checked(response: BaseResponse) -> Any:
        refused = _refused(response)
        if refused is None:
            return call_action(response)
        error = _RefusedError(refused.code, refused.message)
        with warnings.catch_warnings():  # moto's, of codes that no model has
            warnings.simplefilter("ignore")
            _, headers, body = response.serialized(ActionResult(error))
        return refused.status, {**headers, "status": str(refused.status)}, body

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(BaseResponse, "call_action", checked))
        for name, place in _S3_WRITES.items():
            write = _with_checked_key(getattr(S3Backend, name), place)
            stack.enter_context(mock.patch.object(S3Backend, name, write))
        yield


def _with_checked_key(write: Any, place: int) -> Any:
    def checked(backend: S3Backend, *given: Any, **named: Any) -> Any:
        key = named["key_name"] if "key_name" in named else given[place]
        refused = refusal("s3", "PutObject", {"Bucket": "any", "Key": key})
        if refused:
            raise S3ClientError(refused.code, refused.message)
        return write(backend, *given, **named)

    return checked
