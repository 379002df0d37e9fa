"""Rules of services that stand in their documentation only: no model and no schema carries them.

Imitates: characters of a tag; characters of a name; sizes of policies and templates; sizes of
items, expressions and transactions; Publish's limits on a subject; Publish's limits on a message;
what a message attribute may hold; an event pattern that is refused; what an entry of PutEvents may
hold, and all of them together; how far back an alarm looks; what a state machine's names and input
may be; keys of S3.
Does not imitate: quotas that can be raised, but for an event pattern's length.
One entry of ``RULES`` is one rule: the calls, the member, the rule in words, its page, the test;
``EVENT_RULES`` are those of a single entry of PutEvents, which fail it and no other.
"""

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from local.core import event_patterns
from local.core.patterns import matches

KIB = 1024
#: Arguments and results of a Task, the input of an execution, a message of SNS.
#: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
PAYLOAD_BYTES = 256 * KIB

_DOCS = "https://docs.aws.amazon.com/"
_TAGS = _DOCS + "tag-editor/latest/userguide/best-practices-and-strats.html"
_TABLE_TAGS = _DOCS + "amazondynamodb/latest/developerguide/TaggingRestrictions.html"
_DYNAMODB = _DOCS + "amazondynamodb/latest/developerguide/Constraints.html"
_TABLES = _DOCS + "amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html"
_TRANSACTION = _DOCS + "amazondynamodb/latest/APIReference/API_TransactWriteItems.html"
_RULES = _DOCS + "eventbridge/latest/userguide/eb-quota.html"
_EVENTS = _DOCS + "eventbridge/latest/APIReference/API_PutEventsRequestEntry.html"
_ROLES = _DOCS + "IAM/latest/UserGuide/reference_iam-quotas.html"
_QUEUES = _DOCS + "AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html"
_TOPICS = _DOCS + "sns/latest/api/API_CreateTopic.html"
_PUBLISH = _DOCS + "sns/latest/api/API_Publish.html"
_TOPIC_QUOTAS = _DOCS + "general/latest/gr/sns.html"
_FUNCTIONS = _DOCS + "lambda/latest/dg/gettingstarted-limits.html"
_ALARMS = _DOCS + "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
_DASHBOARDS = _DOCS + "AmazonCloudWatch/latest/APIReference/API_PutDashboard.html"
_MACHINES = _DOCS + "step-functions/latest/apireference/API_CreateStateMachine.html"
_EXECUTIONS = _DOCS + "step-functions/latest/apireference/API_StartExecution.html"
_MACHINE_QUOTAS = _DOCS + "step-functions/latest/dg/service-quotas.html"
_ASL = "https://states-language.net/spec.html"
_LOG_GROUPS = _DOCS + "AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"
_KEYS = _DOCS + "AmazonS3/latest/userguide/object-keys.html"
_STACKS = _DOCS + "AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        calls: ``service:Operation`` with spaces between.
        member: the request's member that it is about; empty: the whole request.
        says: the rule in words.
        page: where it is documented.
        refuse: given the member's value, yields AWS's message for each breach.
        code: the error that the service answers with; None: its usual one.
        status: its HTTP status.
    """

    calls: str
    member: str
    says: str
    page: str
    refuse: Callable[[Any], Iterator[str]]
    code: str | None = None
    status: int = 400


def rules_of(service: str, operation: str) -> tuple[Rule, ...]:
    """Return the rules of an operation."""
    return _by_call().get(f"{service}:{operation}", ())


@functools.cache
def _by_call() -> dict[str, tuple[Rule, ...]]:
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in RULES:
        for call in rule.calls.split():
            found[call] = (*found.get(call, ()), rule)
    return found


# ------------------------------------------------------------------ what the rules are made of


def _at_most(limit: int, message: str) -> Callable[[Any], Iterator[str]]:
    """Refuse a text, or an object as JSON, of more bytes of UTF-8."""

    def refuse(value: Any) -> Iterator[str]:
        if size_of(value) > limit:
            yield message

    return refuse


def size_of(value: Any) -> int:
    """Return the bytes of UTF-8 of a text, or of anything else as JSON without spaces."""
    if isinstance(value, (bytes, bytearray)):
        return len(value)
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))


def _of_form(pattern: str, message: str) -> Callable[[Any], Iterator[str]]:
    def refuse(value: Any) -> Iterator[str]:
        if isinstance(value, str) and not matches(pattern, value):
            yield message.format(value=value)

    return refuse


def tags_of(value: Any) -> Iterator[tuple[str, str]]:
    """Return a request's tags, whichever form its service has: key and value."""
    if isinstance(value, dict):
        yield from value.items()
        return
    for tag in value:
        lower = {name.lower(): member for name, member in tag.items()}
        yield str(lower.get("key", "")), str(lower.get("value") or "")


def _tags(
    key_pattern: str, value_pattern: str, bad_key: str, bad_value: str
) -> Callable[[Any], Iterator[str]]:
    def refuse(value: Any) -> Iterator[str]:
        for key, text in tags_of(value):
            reserved = key.lower().startswith("aws:")
            if reserved or not 1 <= len(key) <= 128 or not matches(key_pattern, key):
                yield bad_key.format(key=key, value=text)
            if len(text) > 256 or not matches(value_pattern, text):
                yield bad_value.format(key=key, value=text)

    return refuse


#: What every other service takes in a tag, and what DynamoDB does: no ``@``, and "letters" that
#: nobody has shown to be more than those of ASCII.
TAG = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"
TABLE_TAG = r"[a-zA-Z0-9 \t_.:/=+\-]*"


def _expressions(request: dict[str, Any]) -> Iterator[str]:
    for name, value in request.items():
        if not name.endswith("Expression") or not isinstance(value, str):
            continue
        if size_of(value) > 4 * KIB:
            size = f"expression size: {size_of(value)}"
            yield (f"Invalid {name}: Expression size has exceeded the maximum allowed size; {size}")
        if len(value) > 600 and len(_OPERATOR.findall(value)) > 300:
            yield f"Invalid {name}: The expression contains too many operators; limit: 300"


_OPERATOR = re.compile(
    r"<>|<=|>=|[=<>+\-]|\b(?:AND|OR|NOT|IN|BETWEEN|SET|REMOVE|ADD|DELETE"
    r"|if_not_exists|list_append|attribute_exists|attribute_not_exists|attribute_type"
    r"|begins_with|contains|size)\b",
    re.IGNORECASE,
)


def item_bytes(item: dict[str, Any]) -> int:
    """Return an item's size as DynamoDB counts it: names, values, and a little for each list.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(size_of(name) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind in ("S", "B"):
        return size_of(content)
    if kind == "N":
        return _number_bytes(content)
    if kind in ("SS", "BS"):
        return sum(map(size_of, content))
    if kind == "NS":
        return sum(map(_number_bytes, content))
    if kind == "L":
        return 3 + sum(1 + _value_bytes(one) for one in content)
    if kind == "M":
        return 3 + sum(1 + size_of(name) + _value_bytes(one) for name, one in content.items())
    return 1


def _number_bytes(number: str) -> int:
    digits = len(re.sub(r"[^0-9]|^0+|(?:[eE].*)", "", number).strip("0"))
    return (digits + 1) // 2 + 1 + number.startswith("-")


def _item(item: Any) -> Iterator[str]:
    if item_bytes(item) > 400 * KIB:
        yield "Item size has exceeded the maximum allowed size"


def _written_items(request: Any) -> Iterator[dict[str, Any]]:
    for one in request:
        for action in one.values():
            yield action.get("Item", action.get("Key", {}))


def _batch(tables: Any) -> Iterator[str]:
    for requests in tables.values():
        for item in _written_items(requests):
            yield from _item(item)


def _transaction(items: Any) -> Iterator[str]:
    written = list(_written_items(items))
    for item in written:
        yield from _item(item)
    if sum(map(item_bytes, written)) > 4 * KIB * KIB:
        yield "The aggregate size of the items in the transaction exceeded 4 MB"


def _pattern(text: Any) -> Iterator[str]:
    if len(text) > 2048:
        yield f"Event pattern is not valid. Reason: {len(text)} characters, more than 2048"
        return
    try:
        event_patterns.check(text)
    except event_patterns.MalformedPatternError as error:
        yield f"Event pattern is not valid. Reason: {error}"


def _trust_policy(text: Any) -> Iterator[str]:
    if len(re.sub(r"\s", "", text)) > 2048:
        yield "Cannot exceed quota for ACLSizePerRole: 2048"


def _inline_policy(text: Any) -> Iterator[str]:
    if len(re.sub(r"\s", "", text)) > 10_240:
        yield "Maximum policy size of 10240 bytes exceeded for role"


def _topic_attributes(attributes: Any) -> Iterator[str]:
    name, policy = attributes.get("DisplayName"), attributes.get("Policy")
    if name is not None and not matches(r"[\p{L}\p{N}_ \t\-]{0,100}", name):
        yield "Invalid parameter: Attributes Reason: Invalid value for attribute: DisplayName"
    if policy is not None and size_of(policy) > 30_720:
        yield "Invalid parameter: Policy Error: policy is longer than 30720 bytes"


def _topic_attribute(request: Any) -> Iterator[str]:
    name, value = request.get("AttributeName"), request.get("AttributeValue")
    if value is not None:
        yield from _topic_attributes({name: value})


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _subject(text: Any) -> Iterator[str]:
    if not text or len(text) > 99 or _CONTROL.search(text):
        yield "Invalid parameter: Subject"


def _message(text: Any) -> Iterator[str]:
    if not text:
        yield "Invalid parameter: Empty message"
    elif size_of(text) > PAYLOAD_BYTES:
        yield "Invalid parameter: Message too long"


def _attribute_names(attributes: Any) -> Iterator[str]:
    for name in attributes:
        if not matches(
            r"(?!\.)(?!(?i:aws\.|amazon\.))(?!.*\.\.)[A-Za-z0-9_.\-]{1,256}(?<!\.)", name
        ):
            yield f"Invalid parameter: {name} Reason: not a message attribute's name"


#: With a label of one's own behind a period.
_ATTRIBUTE_TYPE = r"(String|Number|Binary)(\.[^\x00-\x1f]+)?"


def _attribute_values(attributes: Any) -> Iterator[str]:
    for name, attribute in attributes.items():
        kind = attribute.get("DataType") or ""
        about = f"The message attribute '{name}'"
        if not matches(_ATTRIBUTE_TYPE, kind):
            yield (
                f"{about} has an invalid message attribute type, the set of supported type prefixes"
                " is Binary, Number, and String."
            )
            continue
        member = "BinaryValue" if kind.startswith("Binary") else "StringValue"
        value = attribute.get(member)
        if not value:
            yield (
                f"{about} must contain non-empty message attribute value for message attribute type"
                f" '{kind}'."
            )
        elif member == "StringValue" and _NOT_IN_ATTRIBUTES.search(value):
            yield f"Invalid non-alphanumeric character was found in the message attribute {name}."
        elif kind == "String.Array" and not _is_array(value):
            yield f"{about} of type 'String.Array' must be a JSON array of scalars."


#: XML 1.0 has no other characters, and the API is XML.
_NOT_IN_ATTRIBUTES = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _is_array(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, list) and not any(isinstance(one, (dict, list)) for one in found)


def _all_entries(entries: Any) -> Iterator[str]:
    if sum(map(entry_bytes, entries)) >= KIB * KIB:
        yield "Total size of the entries in the request is over the limit."


def entry_bytes(entry: dict[str, Any]) -> int:
    """Return the size of an entry of PutEvents as EventBridge counts it.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
    """
    texts = [entry.get(name) or "" for name in ("Source", "DetailType", "Detail")]
    return 14 * ("Time" in entry) + sum(map(size_of, [*texts, *(entry.get("Resources") or [])]))


def _not_valid(name: str, reason: str) -> str:
    return f"Parameter {name} is not valid. Reason: {reason}"


def _given(name: str) -> Callable[[Any], Iterator[str]]:
    def refuse(value: Any) -> Iterator[str]:
        if not value:
            yield _not_valid(name, f"{name} is a required argument.")

    return refuse


def _own_source(value: Any) -> Iterator[str]:
    if value.startswith("aws."):
        yield "Not authorized for the source."


def _detail_type(value: Any) -> Iterator[str]:
    if len(value) > 128:
        yield _not_valid("DetailType", "DetailType is longer than 128 characters.")


def _detail(text: Any) -> Iterator[str]:
    try:
        text.encode()  # a lone surrogate is no UTF-8
        detail = json.loads(text, parse_int=_int64, parse_constant=_no_json)
    except (ValueError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        yield "Detail is malformed."


def _int64(digits: str) -> int:
    if not -(2**63) <= int(digits) < 2**63:
        raise ValueError(f"{digits} is no number of EventBridge")
    return int(digits)


def _no_json(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def refused_event(entry: dict[str, Any]) -> tuple[str, str] | None:
    """Return why EventBridge fails an entry of PutEvents: code and message; None: it takes it."""
    for rule in EVENT_RULES:
        for message in rule.refuse(entry.get(rule.member)):
            return str(rule.code), message
    return None


def _function_name(name: Any) -> Iterator[str]:
    if not name.startswith("arn:") and len(name) > 64:
        yield (
            f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy "
            "constraint: Member must have length less than or equal to 64"
        )


def _environment(environment: Any) -> Iterator[str]:
    variables = environment.get("Variables", {})
    size = size_of(variables)
    if size > 4 * KIB:
        yield (
            "Lambda was unable to configure your environment variables because the environment "
            f"variables you have provided exceeded the 4KB limit. String measured: {size}"
        )


def _looks_back(request: Any) -> Iterator[str]:
    metrics = [metric.get("MetricStat", {}) for metric in request.get("Metrics", [])]
    periods = [request.get("Period"), *(metric.get("Period") for metric in metrics)]
    for period in [one for one in periods if one]:
        seconds = period * request.get("EvaluationPeriods", 1)
        if period < 3600 and seconds > 86_400:
            yield (
                "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must "
                "be <= 86400) for alarms using period < 3600"
            )
        if seconds > 604_800:
            yield (
                "Metrics cannot be checked across more than a week (EvaluationPeriods * Period "
                "must be <= 604800) for alarms using period >= 3600"
            )


def _dashboard(body: Any) -> Iterator[str]:
    try:
        widgets = json.loads(body).get("widgets", [])
    except ValueError:
        yield "The field DashboardBody must be a valid JSON object"
        return
    if len(widgets) > 500:
        yield "The dashboard has more than 500 widgets"


_INVALID_MACHINE = "Invalid State Machine Definition"


def _machine(text: Any) -> Iterator[str]:
    try:
        definition = json.loads(text)
    except ValueError as error:
        yield f"{_INVALID_MACHINE}: 'INVALID_JSON_DESCRIPTION: {error}'"
        return
    for name, state in _states(definition):
        if len(name) > 80:
            yield f"{_INVALID_MACHINE}: 'the name {name!r} is longer than 80 characters'"
        for retrier in state.get("Retry", []):
            if retrier.get("MaxDelaySeconds", 1) >= 31_622_400:
                yield f"{_INVALID_MACHINE}: 'MaxDelaySeconds of {name!r} is too large'"


def _states(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in definition.get("States", {}).items():
        yield name, state
        inner: Iterable[Any] = (
            state.get("ItemProcessor"),
            state.get("Iterator"),
            *state.get("Branches", []),
        )
        for one in inner:
            if one:
                yield from _states(one)


#: A name of a machine or an execution holds none of these: white space, brackets, wildcards,
#: special and control characters.
_SFN_NAME = r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff]*"

_TAG_KEY = (
    "Tag keys may only contain unicode letters, digits, whitespace, or one of these symbols: "
    "_ . : / = + - @"
)
_TAG_VALUE = _TAG_KEY.replace("keys", "values")
_SNS_TAG = "Invalid parameter: Tags Reason: The given tag(s) contain invalid characters"
_TAG_RULE = (
    "letters, white space, digits, _ . : / = + - @; a key of 1 to 128, no aws:; a value of 256"
)

RULES: tuple[Rule, ...] = (
    # ---- tags
    Rule(
        "dynamodb:CreateTable dynamodb:TagResource",
        "Tags",
        "letters, white space, digits, + - = . _ : /; a key of 1 to 128, no aws:; a value of 256",
        _TABLE_TAGS,
        _tags(
            TABLE_TAG,
            TABLE_TAG,
            "The Tag Key provided is invalid, Key: {key}",
            "The Tag Value provided is invalid, Value: {value}",
        ),
    ),
    Rule(
        "sns:CreateTopic sns:TagResource",
        "Tags",
        _TAG_RULE,
        _TAGS,
        _tags(TAG, TAG, _SNS_TAG, _SNS_TAG),
        "InvalidParameter",
    ),
    Rule("sqs:CreateQueue", "tags", _TAG_RULE, _TAGS, _tags(TAG, TAG, _TAG_KEY, _TAG_VALUE)),
    Rule("sqs:TagQueue", "Tags", _TAG_RULE, _TAGS, _tags(TAG, TAG, _TAG_KEY, _TAG_VALUE)),
    Rule(
        "events:PutRule events:TagResource cloudwatch:PutMetricAlarm cloudwatch:TagResource"
        " cloudformation:CreateStack cloudformation:UpdateStack cloudformation:CreateChangeSet",
        "Tags",
        _TAG_RULE,
        _TAGS,
        _tags(TAG, TAG, _TAG_KEY, _TAG_VALUE),
    ),
    Rule(
        "stepfunctions:CreateStateMachine stepfunctions:TagResource",
        "tags",
        _TAG_RULE,
        _DOCS + "step-functions/latest/apireference/API_Tag.html",
        _tags(TAG, TAG, _TAG_KEY, _TAG_VALUE),
    ),
    Rule(
        "lambda:CreateFunction",
        "Tags",
        _TAG_RULE,
        _TAGS,
        _tags(TAG, TAG, _TAG_KEY, _TAG_VALUE),
        "InvalidParameterValueException",
    ),
    # ---- DynamoDB
    Rule(
        "dynamodb:CreateTable",
        "TableName",
        "3 to 255 of a-z A-Z 0-9 _ . -",
        _TABLES,
        _of_form(
            r"[a-zA-Z0-9_.\-]{3,255}",
            "Invalid table/index name.  Table/index names must be between 3 and 255 characters"
            " long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'",
        ),
    ),
    Rule(
        "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:Query"
        " dynamodb:Scan",
        "",
        "an expression of 4 KB, with 300 operators and functions",
        _DYNAMODB,
        _expressions,
    ),
    Rule(
        "dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:Query dynamodb:Scan",
        "ExpressionAttributeValues",
        "2 MB of values in an expression",
        _DYNAMODB,
        _at_most(2 * KIB * KIB, "ExpressionAttributeValues exceeds max size"),
    ),
    Rule("dynamodb:PutItem", "Item", "an item of 400 KB", _DYNAMODB, _item),
    Rule("dynamodb:BatchWriteItem", "RequestItems", "an item of 400 KB", _DYNAMODB, _batch),
    Rule(
        "dynamodb:TransactWriteItems",
        "TransactItems",
        "4 MB in a transaction (100 items are in the model)",
        _TRANSACTION,
        _transaction,
    ),
    # ---- EventBridge
    Rule(
        "events:PutRule events:TestEventPattern",
        "EventPattern",
        "a valid pattern of 2,048 characters",
        _RULES,
        _pattern,
        "InvalidEventPatternException",
    ),
    Rule(
        "events:PutEvents",
        "Entries",
        "less than 1 MB in all: sources, detail-types, details, resources, 14 bytes for a time",
        _DOCS + "eventbridge/latest/userguide/eb-putevents.html",
        _all_entries,
    ),
    # ---- IAM
    Rule(
        "iam:CreateRole",
        "AssumeRolePolicyDocument",
        "2,048 characters without white space",
        _ROLES,
        _trust_policy,
        "LimitExceeded",
        409,
    ),
    Rule(
        "iam:PutRolePolicy",
        "PolicyDocument",
        "10,240 characters without white space, over all policies of a role",
        _ROLES,
        _inline_policy,
        "LimitExceeded",
        409,
    ),
    # ---- SQS
    Rule(
        "sqs:CreateQueue",
        "QueueName",
        "1 to 80 of A-Z a-z 0-9 _ -, and .fifo",
        _QUEUES,
        _of_form(
            r"(?=.{1,80}$)[A-Za-z0-9_\-]+(\.fifo)?",
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ),
    ),
    # ---- SNS
    Rule(
        "sns:CreateTopic",
        "Name",
        "1 to 256 of A-Z a-z 0-9 _ -, and .fifo",
        _TOPICS,
        _of_form(r"(?=.{1,256}$)[A-Za-z0-9_\-]+(\.fifo)?", "Invalid parameter: Topic Name"),
    ),
    Rule(
        "sns:CreateTopic",
        "Attributes",
        "DisplayName: 100 letters, digits, - _, spaces, tabs; a policy of 30,720 bytes",
        _TOPIC_QUOTAS,
        _topic_attributes,
    ),
    Rule(
        "sns:SetTopicAttributes",
        "",
        "DisplayName: 100 letters, digits, - _, spaces, tabs; a policy of 30,720 bytes",
        _TOPIC_QUOTAS,
        _topic_attribute,
    ),
    Rule(
        "sns:Publish",
        "Subject",
        "1 to 99 characters, no control characters, no line or paragraph separators",
        _PUBLISH,
        _subject,
    ),
    Rule("sns:Publish", "Message", "1 to 262,144 bytes", _PUBLISH, _message),
    Rule(
        "sns:Publish",
        "MessageAttributes",
        "names: 1 to 256 of A-Z a-z 0-9 _ - ., no period at an end or beside another, not AWS.",
        _DOCS + "sns/latest/dg/sns-message-attributes.html",
        _attribute_names,
    ),
    Rule(
        "sns:Publish",
        "MessageAttributes",
        "type String, String.Array (JSON), Number or Binary; a value of XML characters, not empty",
        _DOCS + "sns/latest/dg/sns-message-attributes.html",
        _attribute_values,
        "ParameterValueInvalid",
    ),
    # ---- Lambda
    Rule(
        "lambda:CreateFunction",
        "FunctionName",
        "64 characters",
        _DOCS + "lambda/latest/api/API_CreateFunction.html",
        _function_name,
        "InvalidParameterValueException",
    ),
    Rule(
        "lambda:CreateFunction",
        "Environment",
        "4 KB of variables",
        _FUNCTIONS,
        _environment,
        "InvalidParameterValueException",
    ),
    Rule(
        "lambda:Invoke",
        "Payload",
        "6 MB",
        _FUNCTIONS,
        _at_most(6 * KIB * KIB, "Request must be smaller than 6291456 bytes"),
        "RequestTooLargeException",
        413,
    ),
    # ---- CloudWatch
    Rule(
        "cloudwatch:PutMetricAlarm",
        "",
        "Period x EvaluationPeriods: a day, or a week where a period is an hour or more",
        _ALARMS,
        _looks_back,
    ),
    Rule(
        "cloudwatch:PutDashboard",
        "DashboardName",
        "1 to 255 of A-Z a-z 0-9 - _",
        _DASHBOARDS,
        _of_form(
            r"[A-Za-z0-9_\-]{1,255}",
            "The value {value} for field DashboardName contains invalid characters. It can only"
            " contain alphanumerics, dash (-) and underscore (_).",
        ),
        "InvalidParameterInput",
    ),
    Rule(
        "cloudwatch:PutDashboard",
        "DashboardBody",
        "JSON with 500 widgets",
        _DOCS + "AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html",
        _dashboard,
        "InvalidParameterInput",
    ),
    # ---- Step Functions
    Rule(
        "stepfunctions:CreateStateMachine",
        "name",
        "no white space, brackets, wildcards, special or control characters",
        _MACHINES,
        _of_form(_SFN_NAME, "Invalid Name: '{value}'"),
        "InvalidName",
    ),
    Rule(
        "stepfunctions:StartExecution",
        "name",
        "no white space, brackets, wildcards, special or control characters",
        _EXECUTIONS,
        _of_form(_SFN_NAME, "Invalid Name: '{value}'"),
        "InvalidName",
    ),
    Rule(
        "stepfunctions:StartExecution",
        "input",
        "262,144 bytes (the model counts characters)",
        _MACHINE_QUOTAS,
        _at_most(
            PAYLOAD_BYTES,
            "1 validation error detected: Value at 'input' failed to satisfy constraint: Member"
            " must have length less than or equal to 262144",
        ),
    ),
    Rule(
        "stepfunctions:CreateStateMachine",
        "definition",
        "names of states of 80 characters; MaxDelaySeconds less than 31,622,400",
        _ASL,
        _machine,
        "InvalidDefinition",
    ),
    # ---- CloudWatch Logs
    Rule(
        "logs:CreateLogGroup",
        "logGroupName",
        "does not begin with aws/",
        _LOG_GROUPS,
        _of_form(r"(?!aws/).*", "Log groups starting with AWS/ are reserved for AWS."),
    ),
    # ---- S3
    Rule(
        "s3:PutObject s3:CopyObject s3:CreateMultipartUpload",
        "Key",
        "1,024 bytes of UTF-8",
        _KEYS,
        _at_most(1024, "Your key is too long"),
        "KeyTooLongError",
    ),
    # ---- CloudFormation
    Rule(
        "cloudformation:CreateStack cloudformation:CreateChangeSet",
        "StackName",
        "1 to 128 letters, digits and hyphens, a letter first",
        _DOCS + "AWSCloudFormation/latest/APIReference/API_CreateStack.html",
        _of_form(
            r"[a-zA-Z][-a-zA-Z0-9]{0,127}|arn:.*",
            "1 validation error detected: Value '{value}' at 'stackName' failed to satisfy"
            " constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
        ),
    ),
    Rule(
        "cloudformation:CreateStack cloudformation:UpdateStack cloudformation:CreateChangeSet"
        " cloudformation:ValidateTemplate",
        "TemplateBody",
        "51,200 bytes, if it is not in S3",
        _STACKS,
        _at_most(
            51_200,
            "1 validation error detected: Value '<template>' at 'templateBody' failed to satisfy"
            " constraint: Member must have length less than or equal to 51200",
        ),
    ),
)

EVENT_RULES: tuple[Rule, ...] = (
    *(
        Rule("events:PutEvents", name, "given", _EVENTS, _given(name), "InvalidArgument")
        for name in ("Source", "DetailType", "Detail")
    ),
    Rule(
        "events:PutEvents",
        "Source",
        "does not begin with aws.",
        _DOCS + "eventbridge/latest/userguide/eb-events-structure.html",
        _own_source,
        "NotAuthorizedForSourceException",
    ),
    Rule(
        "events:PutEvents",
        "Source",
        "1 to 256 of A-Z a-z 0-9 . - _ /",
        _DOCS + "scheduler/latest/APIReference/API_EventBridgeParameters.html",
        _of_form(r"[/.\-_A-Za-z0-9]{1,256}", _not_valid("Source", "it has other characters.")),
        "InvalidArgument",
    ),
    Rule(
        "events:PutEvents",
        "DetailType",
        "128 characters",
        _EVENTS,
        _detail_type,
        "InvalidArgument",
    ),
    Rule(
        "events:PutEvents",
        "Detail",
        "a JSON object in UTF-8, its whole numbers of 64 bits",
        _DOCS + "eventbridge/latest/APIReference/API_PutEvents.html",
        _detail,
        "MalformedDetail",
    ),
)
