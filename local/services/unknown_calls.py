"""What is answered to a call that nobody here knows, and to one at which moto breaks.

Imitates: UnknownOperationException for an operation that is not there; InternalFailure for a call
that could not be answered; the refusal of a signature for a Region that does not exist.
Does not imitate: the name that query services give an unknown operation (InvalidAction).
moto answers such calls in HTML, or raises. The form is that of the service's protocol, so that
every client finds the name and a sentence.
"""

import functools
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock
from xml.sax.saxutils import escape

import botocore.session
from botocore.exceptions import UnknownServiceError
from moto.backend_index import backend_url_patterns
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model

Answer = tuple[int, dict[str, str], bytes]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: Services that sign with another name than botocore has for them.
_SIGNED_AS = {"monitoring": "cloudwatch", "states": "stepfunctions", "email": "ses"}
#: Name → HTTP status, of https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/common-errors.html
_HTTP_STATUS = {"UnknownOperationException": 404, "InternalFailure": 500}
#: Protocol → what is around an error.
_XML = {
    "ec2": "<Response><Errors>{}</Errors></Response>",
    "query": "<ErrorResponse>{}</ErrorResponse>",
    "rest-xml": "<ErrorResponse>{}</ErrorResponse>",
    "s3": "{}",
}
_REASONS = {403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}


def error(service: str, headers: Mapping[str, str], code: str, message: str) -> Answer:
    """Return an error answer in the form of the service's protocol.

    Args:
        service: its name, in botocore or in a signature.
        headers: the request's, by their names in lower case.
        code: the error's name.
        message: what a person reads.
    """
    status = _HTTP_STATUS.get(code, 403)
    protocol = headers.get("smithy-protocol") or _protocol(service)
    if protocol == "rpc-v2-cbor":
        body = b"\xa2" + b"".join(map(_cbor, ("__type", code, "message", message)))
        return status, {"Content-Type": "application/cbor", "smithy-protocol": protocol}, body
    if protocol in _XML:
        inner = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        text = '<?xml version="1.0"?>' + _XML[protocol].format(inner)
        return status, {"Content-Type": "text/xml"}, text.encode()
    body = json.dumps({"__type": code, "message": message}).encode()
    return status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}, body


def _cbor(text: str) -> bytes:
    content = text.encode()
    return b"\x79" + len(content).to_bytes(2, "big") + content


@functools.cache
def _protocol(service: str) -> str:
    if service == "s3":
        return "s3"
    try:
        return str(get_service_model(_SIGNED_AS.get(service, service)).protocol)
    except UnknownServiceError:
        return "json"


def unknown(service: str, headers: Mapping[str, str], operation: str) -> Answer:
    """Return the answer to an operation that nobody here knows."""
    message = (
        f"The local account does not know {operation} of {service}. On AWS this call may work: "
        "docs/dev/imitated.md says what is imitated."
    )
    return error(service, headers, "UnknownOperationException", message)


@functools.cache
def _regions() -> frozenset[str]:
    session = botocore.session.get_session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("s3", partition, allow_non_regional=False)
    )


def wrong_region(service: str, headers: Mapping[str, str], region: str) -> Answer | None:
    """Return the refusal of a call to a Region that does not exist; None for the others."""
    if region in _regions() or region == "aws-global":
        return None
    xml = _protocol(service) in _XML
    code = "SignatureDoesNotMatch" if xml else "InvalidSignatureException"
    message = f"Credential should be scoped to a valid region, not '{region}'."
    return error(service, headers, code, message)


def _scope(headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the Region and the service that a request is signed for; S3's for an unsigned one."""
    _, _, credential = headers.get("authorization", "").partition("Credential=")
    parts = credential.split(",")[0].split("/")
    return (parts[2], parts[3]) if len(parts) == 5 else ("us-east-1", "s3")


def answering(application: Application) -> Application:
    """Wrap moto's server: whatever it answers in HTML, or not at all, is answered as AWS does."""

    def answered(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        region, service = _scope(headers)
        refused = wrong_region(service, headers, region)
        if refused is not None:
            return _send(refused, start)
        begun: list[Any] = []
        try:
            body = b"".join(application(environ, lambda *how: begun.append(how)))
        except Exception:
            logging.exception("%s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            begun, body = [("500" if _is_in_moto(service, region) else "404", [])], b""
        status, sent = begun[-1][:2]
        kind = dict(sent).get("Content-Type", "text/html")
        if int(status.split()[0]) < 400 or not kind.startswith("text/html") or _is_answer(body):
            start(*begun[-1])
            return [body]
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        operation = operation or f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        if status.startswith("404"):
            return _send(unknown(service, headers, operation), start)
        message = f"The local account could not answer {operation} of {service}."
        return _send(error(service, headers, "InternalFailure", message), start)

    return answered


def _is_in_moto(service: str, region: str) -> bool:
    host = f"https://{service}.{region}.amazonaws.com"
    return any(pattern.match(host) for _, pattern in backend_url_patterns)


def _is_answer(body: bytes) -> bool:
    """Whether a body is the protocol's, although moto calls everything HTML that it can."""
    return body.lstrip()[:1] == b"{" or body.lstrip()[:5] in (b"<?xml", b"<Erro")


def _send(answer: Answer, start: Callable[..., Any]) -> Iterable[bytes]:
    status, headers, body = answer
    length = {"Content-Length": str(len(body))}
    start(f"{status} {_REASONS[status]}", list((headers | length).items()))
    return [body]


@contextmanager
def installed() -> Iterator[None]:
    """Let moto answer so in this process, too."""
    call, request = BaseResponse.call_action, BotocoreStubber.process_request

    def call_action(response: Any) -> Any:
        try:
            answer = call(response)
        except NotImplementedError:
            answer = None
        if answer is not None and (answer[0] != 404 or answer[2] != ""):
            return answer
        headers = {name.lower(): value for name, value in dict(response.headers).items()}
        operation = response._get_action() or f"{response.method} {response.path}"
        return unknown(response.boto3_service_name, headers, operation)

    def process_request(stubber: Any, sent: Any) -> Any:
        answer = request(stubber, sent)
        if answer != (404, {}, "Not yet implemented"):
            return answer
        headers = {name.lower(): _text(value) for name, value in sent.headers.items()}
        _, service = _scope(headers)
        return unknown(service, headers, f"{sent.method} {sent.url}")

    with (
        mock.patch.object(BaseResponse, "call_action", call_action),
        mock.patch.object(BotocoreStubber, "process_request", process_request),
    ):
        yield


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
