"""Which requests CloudFormation makes for a resource: the service checks them, not the schema.

Imitates: a resource's properties as the requests that create it; texts and numbers that stand for
each other in a template; ``{{resolve:ssm:…}}``, the value of a public parameter (here that of
Powertools only).
Does not imitate: names that CloudFormation makes up, which always fit; requests that change a
resource.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.core.constraints import operation_model
from local.core.refusals import Refusal, refusal

Properties = dict[str, Any]

#: Stands for a name that CloudFormation makes up.
_MADE_UP = "made-up-by-CloudFormation"
#: What the Java SDK calls a service, where CloudFormation quotes it.
_SDK_NAMES = {
    "chatbot": "Chatbot",
    "cloudwatch": "CloudWatch",
    "dynamodb": "DynamoDb",
    "events": "EventBridge",
    "iam": "Iam",
    "lambda": "Lambda",
    "logs": "CloudWatchLogs",
    "scheduler": "Scheduler",
    "sns": "Sns",
    "sqs": "Sqs",
    "stepfunctions": "Sfn",
}


@dataclass(frozen=True)
class Request:
    """One request to a service, with parameters as boto3 takes them."""

    service: str
    operation: str
    parameters: dict[str, Any]


class NoRequestKnownError(LookupError):
    """A type of resource that this module does not know."""


def requests_for(kind: str, properties: Properties) -> list[Request]:
    """Return the requests that create a resource with these properties, all of them resolved.

    Raises:
        NoRequestKnownError: extend ``_REQUESTS``.
    """
    made = _REQUESTS.get(kind)
    if made is None:
        raise NoRequestKnownError(
            f"no request is known for {kind}: add it to _REQUESTS in {__name__}"
        )
    return [
        Request(service, operation, _as_model(service, operation, parameters))
        for service, operation, parameters in made(properties)
    ]


def refusal_of(kind: str, properties: Properties) -> tuple[Request, Refusal] | None:
    """Return the first request for a resource that its service refuses, and its answer."""
    for request in requests_for(kind, properties):
        refused = refusal(request.service, request.operation, request.parameters)
        if refused:
            return request, refused
    return None


def reason(request: Request, refused: Refusal) -> str:
    """Return a refusal as CloudFormation's events quote it."""
    return (
        f'Resource handler returned message: "{refused.message} (Service: '
        f"{_SDK_NAMES[request.service]}, Status Code: {refused.status}, Request ID: "
        '00000000-0000-0000-0000-000000000000)" (RequestToken: '
        "00000000-0000-0000-0000-000000000000, HandlerErrorCode: InvalidRequest)"
    )


# ------------------------------------------------------------------------ texts for numbers


def _as_model(service: str, operation: str, parameters: Properties) -> Properties:
    shape = operation_model(service, operation).input_shape
    value: Properties = _coerced(parameters, shape)
    return value


def _coerced(value: Any, shape: Shape | None) -> Any:
    """Give a value the form that the service's model asks for, as far as it has one."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        names = {name.lower(): name for name in shape.members}
        known = {names.get(name.lower(), name): one for name, one in value.items()}
        return {
            name: _coerced(one, shape.members.get(name))
            for name, one in known.items()
            if one is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_coerced(one, shape.member) for one in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: _coerced(one, shape.value) for name, one in value.items()}
    return _scalar(value, shape.type_name if shape is not None else "")


#: Publisher of Powertools' layers: https://docs.aws.amazon.com/powertools/python/latest/
_POWERTOOLS = "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3:1"


def _scalar(value: Any, wanted: str) -> Any:
    if isinstance(value, str) and value.startswith("{{resolve:ssm:/aws/service/powertools/"):
        return _POWERTOOLS
    if wanted in ("integer", "long") and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if wanted in ("float", "double") and isinstance(value, str):
        return float(value)
    if wanted == "boolean" and value in ("true", "false"):
        return value == "true"
    if wanted == "string" and isinstance(value, bool):
        return str(value).lower()
    if wanted == "string" and isinstance(value, (int, float)):
        return str(value)
    return value


def _text(document: Any) -> str | None:
    """Return a document as the text that the API takes."""
    if document is None or isinstance(document, str):
        return document
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _tag_map(properties: Properties) -> dict[str, Any]:
    tags = properties.get("Tags", {})
    return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def _without(properties: Properties, *names: str) -> Properties:
    return {name: value for name, value in properties.items() if name not in names}


# ------------------------------------------------------------------------ one for each type

_Requests = Iterator[tuple[str, str, Properties]]


def _topic(given: Properties) -> _Requests:
    attributes = _without(given, "TopicName", "Tags", "Subscription")
    yield (
        "sns",
        "CreateTopic",
        {
            "Name": given.get("TopicName", _MADE_UP),
            "Attributes": {name: _text(value) for name, value in attributes.items()},
            "Tags": given.get("Tags"),
        },
    )


def _subscription(given: Properties) -> _Requests:
    names = ("TopicArn", "Protocol", "Endpoint")
    yield "sns", "Subscribe", {name: given.get(name) for name in names}


def _topic_policy(given: Properties) -> _Requests:
    for topic in given["Topics"]:
        policy = {"AttributeName": "Policy", "AttributeValue": _text(given["PolicyDocument"])}
        yield "sns", "SetTopicAttributes", {"TopicArn": topic, **policy}


def _queue(given: Properties) -> _Requests:
    attributes = _without(given, "QueueName", "Tags")
    yield (
        "sqs",
        "CreateQueue",
        {
            "QueueName": given.get("QueueName", _MADE_UP),
            "Attributes": {name: _text(value) for name, value in attributes.items()},
            "tags": _tag_map(given),
        },
    )


def _queue_policy(given: Properties) -> _Requests:
    for queue in given["Queues"]:
        attributes = {"Policy": _text(given["PolicyDocument"])}
        yield "sqs", "SetQueueAttributes", {"QueueUrl": queue, "Attributes": attributes}


def _table(given: Properties) -> _Requests:
    later = ("PointInTimeRecoverySpecification", "TimeToLiveSpecification")
    name = {"TableName": given.get("TableName", _MADE_UP)}
    yield "dynamodb", "CreateTable", _without(given, *later) | name
    if later[0] in given:
        yield "dynamodb", "UpdateContinuousBackups", name | {later[0]: given[later[0]]}
    if later[1] in given:
        yield "dynamodb", "UpdateTimeToLive", name | {later[1]: given[later[1]]}


def _rule(given: Properties) -> _Requests:
    name = given.get("Name", _MADE_UP)
    pattern = {"Name": name, "EventPattern": _text(given.get("EventPattern"))}
    yield "events", "PutRule", _without(given, "Targets") | pattern
    yield "events", "PutTargets", {"Rule": name, "Targets": given.get("Targets", [])}


def _role(given: Properties) -> _Requests:
    name = {"RoleName": given.get("RoleName", _MADE_UP)}
    trust = {"AssumeRolePolicyDocument": _text(given["AssumeRolePolicyDocument"])}
    yield "iam", "CreateRole", _without(given, "Policies", "ManagedPolicyArns") | name | trust
    for arn in given.get("ManagedPolicyArns", []):
        yield "iam", "AttachRolePolicy", name | {"PolicyArn": arn}
    before = ""
    for policy in given.get("Policies", []):
        document = _text(policy["PolicyDocument"]) or ""
        named = {"PolicyName": policy["PolicyName"], "PolicyDocument": document}
        yield "iam", "PutRolePolicy", name | named
        before += document
    if before:  # the quota is one over all policies of a role
        yield "iam", "PutRolePolicy", name | {"PolicyName": "all", "PolicyDocument": before}


def _managed_policy(given: Properties) -> _Requests:
    named = {"PolicyName": given.get("ManagedPolicyName", _MADE_UP)}
    document = {"PolicyDocument": _text(given["PolicyDocument"])}
    names = ("Description", "Path")
    yield "iam", "CreatePolicy", named | document | {one: given.get(one) for one in names}


def _log_group(given: Properties) -> _Requests:
    name = {"logGroupName": given.get("LogGroupName", _MADE_UP)}
    yield "logs", "CreateLogGroup", name | {"tags": _tag_map(given) or None}
    if "RetentionInDays" in given:
        yield "logs", "PutRetentionPolicy", name | {"retentionInDays": given["RetentionInDays"]}


def _function(given: Properties) -> _Requests:
    name = {"FunctionName": given.get("FunctionName", _MADE_UP), "Tags": _tag_map(given)}
    yield "lambda", "CreateFunction", given | name


def _permission(given: Properties) -> _Requests:
    yield "lambda", "AddPermission", given | {"StatementId": _MADE_UP}


def _machine(given: Properties) -> _Requests:
    definition = definition_of(given)
    yield (
        "stepfunctions",
        "CreateStateMachine",
        {
            "name": given.get("StateMachineName", _MADE_UP),
            "definition": definition,
            "roleArn": given["RoleArn"],
            "type": given.get("StateMachineType"),
            "loggingConfiguration": given.get("LoggingConfiguration"),
            "tracingConfiguration": given.get("TracingConfiguration"),
            "tags": given.get("Tags"),
        },
    )


def definition_of(given: Properties) -> str:
    """Return the definition with its placeholders replaced, as they are.

    Raises:
        ValueError: a placeholder that nothing substitutes.
    """
    text: str = given.get("DefinitionString") or json.dumps(given["Definition"], ensure_ascii=False)
    for name, value in given.get("DefinitionSubstitutions", {}).items():
        text = text.replace("${" + name + "}", str(value))
    left = re.search(r"\$\{[A-Za-z0-9_]+\}", text)
    if left:
        raise ValueError(f"the definition uses {left.group()}, which nothing substitutes")
    return text


def _alarm(given: Properties) -> _Requests:
    yield "cloudwatch", "PutMetricAlarm", given | {"AlarmName": given.get("AlarmName", _MADE_UP)}


def _dashboard(given: Properties) -> _Requests:
    name = {"DashboardName": given.get("DashboardName", _MADE_UP)}
    yield "cloudwatch", "PutDashboard", given | name


def _schedule(given: Properties) -> _Requests:
    yield "scheduler", "CreateSchedule", given | {"Name": given.get("Name", _MADE_UP)}


def _slack_channel(given: Properties) -> _Requests:
    channel = {"SlackTeamId": given.get("SlackWorkspaceId"), **_channel(given)}
    yield "chatbot", "CreateSlackChannelConfiguration", channel


def _teams_channel(given: Properties) -> _Requests:
    names = {"ChannelId": given.get("TeamsChannelId"), "TenantId": given.get("TeamsTenantId")}
    channel = {**names, **_channel(given)}
    yield "chatbot", "CreateMicrosoftTeamsChannelConfiguration", channel


def _channel(given: Properties) -> Properties:
    others = ("SlackWorkspaceId", "TeamsChannelId", "TeamsTenantId", "GuardrailPolicies")
    return _without(given, *others) | {"GuardrailPolicyArns": given.get("GuardrailPolicies")}


_REQUESTS: dict[str, Callable[[Properties], _Requests]] = {
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": _teams_channel,
    "AWS::Chatbot::SlackChannelConfiguration": _slack_channel,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::DynamoDB::Table": _table,
    "AWS::Events::Rule": _rule,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Permission": _permission,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::StepFunctions::StateMachine": _machine,
}
