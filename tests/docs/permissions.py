"""The IAM policies of docs/operations.md, made from tables of calls.

``python -m tests.docs.permissions`` writes them into the page. What qsrefresh and make smoke call
stands here, and the tests run both under exactly these policies. What CloudFormation calls for a
stack is said by the resources' own schemas (``handlers``), which cfn-lint brings along.
"""

import json
import re
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from local.services.cloudformation import COMMON_TEMPLATE, ROOT, TEMPLATE, load, translate

PAGE = ROOT / "docs" / "operations.md"
#: The Service Authorization Reference, as cfn-lint brings it along.
SERVICES = json.loads(
    (files("cfnlint") / "data/AdditionalSpecs/Policies.json").read_text(encoding="utf-8")
)
_REGION = "us-east-1"  # the schemas of all Regions name the same permissions
_WIDTH = 118
#: AWS counts a managed policy without white space.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MOST_CHARACTERS = 6144

Statement = dict[str, Any]
#: Resources → actions.
Calls = Mapping[str | tuple[str, ...], Iterable[str]]

_HERE = "REGION:ACCOUNT"
_QUEUES = f"arn:aws:sqs:{_HERE}:PROJECT-*"
_TOPICS = tuple(f"arn:aws:sns:{_HERE}:PROJECT-{name}-topic*" for name in ("alarm", "operation"))
_STACKS = tuple(
    f"arn:aws:cloudformation:{_HERE}:stack/{name}/*"
    for name in ("PROJECT-common", "PROJECT-refresh")
)

#: What the verbs of qsrefresh call. A rule that forwards is in another Region.
OPERATOR: Calls = {
    "*": (
        "cloudformation:DescribeStackResources",
        "cloudformation:ListExports",
        "events:ListRuleNamesByTarget",
        "events:TestEventPattern",
        "logs:DescribeResourcePolicies",
        "quicksight:DescribeAccountSettings",
        "quicksight:ListDataSets",
        "quicksight:ListIngestions",
    ),
    f"arn:aws:quicksight:{_HERE}:dataset/*": (
        "quicksight:CancelIngestion",
        "quicksight:DescribeDataSet",
        "quicksight:DescribeDataSetRefreshProperties",
    ),
    _STACKS[1]: ("cloudformation:DescribeStacks",),
    "arn:aws:events:*:ACCOUNT:rule/*": ("events:DescribeRule", "events:ListTargetsByRule"),
    f"arn:aws:dynamodb:{_HERE}:table/PROJECT-parameters": (
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
    ),
    f"arn:aws:dynamodb:{_HERE}:table/PROJECT-refresh-state": ("dynamodb:GetItem", "dynamodb:Scan"),
    (
        f"arn:aws:states:{_HERE}:stateMachine:PROJECT-*",
        f"arn:aws:states:{_HERE}:execution:PROJECT-*",
        f"arn:aws:states:{_HERE}:mapRun:PROJECT-*",
    ): (
        "states:DescribeExecution",
        "states:DescribeMapRun",
        "states:DescribeStateMachine",
        "states:GetExecutionHistory",
        "states:ListExecutions",
        "states:StartExecution",
    ),
    _QUEUES: (
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
    ),
    _TOPICS: (
        "sns:ConfirmSubscription",  # by the command that subscribe prints
        "sns:GetSubscriptionAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:SetSubscriptionAttributes",
        "sns:Subscribe",
        "sns:Unsubscribe",
    ),
    "arn:aws:s3:::BUCKET": (
        "s3:GetBucketNotification",
        "s3:ListBucket",
        "s3:PutBucketNotification",
    ),
}
#: What make smoke calls on top.
SMOKE: Calls = {
    "*": ("quicksight:ListDataSources",),
    _STACKS[0]: ("cloudformation:DescribeStacks",),
    f"arn:aws:quicksight:{_HERE}:dataset/*": ("quicksight:CreateIngestion",),
    f"arn:aws:dynamodb:{_HERE}:table/PROJECT-refresh-state": ("dynamodb:DeleteItem",),
    f"arn:aws:sqs:{_HERE}:PROJECT-smoke-test-*": (
        "sqs:CreateQueue",
        "sqs:DeleteQueue",
        "sqs:SetQueueAttributes",
    ),
    "arn:aws:s3:::BUCKET/*": ("s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
}

_SAM_STACK = f"arn:aws:cloudformation:{_HERE}:stack/aws-sam-cli-managed-default/*"
_SAM_BUCKET = "arn:aws:s3:::aws-sam-cli-managed-default-*"
_OUR_BUCKET = "arn:aws:s3:::qsrefresh-artifacts-ACCOUNT-*"
#: What make deploy and both CLIs of AWS call themselves, before CloudFormation does the rest.
#: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-permissions-cloudformation.html
_COMMAND_LINES: Calls = {
    "*": ("cloudformation:GetTemplateSummary",),
    (*_STACKS, _SAM_STACK): (
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
        "cloudformation:DeleteStack",
        "cloudformation:DescribeChangeSet",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStacks",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:GetTemplate",
        "cloudformation:ListStackResources",
        "cloudformation:TagResource",
    ),
    "arn:aws:cloudformation:REGION:aws:transform/Serverless-2016-10-31": (
        "cloudformation:CreateChangeSet",
    ),
    (_SAM_BUCKET, _OUR_BUCKET): (  # the star stands for their objects, too
        "s3:CreateBucket",
        "s3:DeleteObject",
        "s3:GetBucketLocation",
        "s3:GetBucketPolicy",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketTagging",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutObject",
    ),
    "arn:aws:ssm:REGION::parameter/aws/service/powertools/*": (
        "ssm:GetParameter",
        "ssm:GetParameters",
    ),
    "arn:aws:lambda:REGION:*:layer:*": ("lambda:GetLayerVersion",),
}
#: Service → what its resources in both stacks are called.
_NAMES: dict[str, tuple[str, ...]] = {
    "cloudwatch": (
        f"arn:aws:cloudwatch:{_HERE}:alarm:PROJECT-*",
        "arn:aws:cloudwatch::ACCOUNT:dashboard/PROJECT-*",
    ),
    "dynamodb": (f"arn:aws:dynamodb:{_HERE}:table/PROJECT-*",),
    "events": (f"arn:aws:events:{_HERE}:rule/PROJECT-*",),
    "iam": ("arn:aws:iam::ACCOUNT:policy/PROJECT-*", "arn:aws:iam::ACCOUNT:role/PROJECT-*"),
    "lambda": (f"arn:aws:lambda:{_HERE}:function:PROJECT-*",),
    "logs": (
        f"arn:aws:logs:{_HERE}:log-group:/aws/lambda/PROJECT-*",
        f"arn:aws:logs:{_HERE}:log-group:/aws/vendedlogs/states/PROJECT-*",
    ),
    "sns": _TOPICS,
    "sqs": (_QUEUES,),
    "states": (f"arn:aws:states:{_HERE}:stateMachine:PROJECT-*",),
}
#: Service as types of resources call it → the prefix of its permissions, where they differ.
_PREFIXES = {"stepfunctions": "states"}
#: Permissions of a handler for what these templates do not do: data, copies of it, other services.
_UNUSED = re.compile(
    r"BatchWriteItem|CapacityProvider|CreateLogStream|DescribeLogStreams|Import"
    r"|(Enable|Disable|Update)Kinesis|(Group|User)Policy|KmsKey|PermissionsBoundary|PublishVersion|PutLogEvents|Replica"
    r"|RuntimeAlias|ServiceLinkedRole|:(Delete|Get|Put|Update)Item$|:Query$|:Scan$"
)


def handled(kind: str) -> list[str]:
    """Return the permissions that CloudFormation's handlers of a type of resource need here."""
    service = kind.split("::")[1].lower()
    own = ("iam", _PREFIXES.get(service, service))
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, kind).schema["handlers"]
    found = {
        action
        for event, handler in handlers.items()
        if event != "list"
        for action in handler["permissions"]
    }
    return sorted(one for one in found if one.partition(":")[0] in own and not _UNUSED.search(one))


def kinds() -> set[str]:
    """Return the types of resources in both stacks."""
    templates = (load(COMMON_TEMPLATE), translate(TEMPLATE, _REGION))
    return {body["Type"] for one in templates for body in one["Resources"].values()}


def _handlers() -> dict[str | tuple[str, ...], list[str]]:
    calls: dict[str | tuple[str, ...], list[str]] = defaultdict(list)
    for action in sorted({action for kind in kinds() for action in handled(kind)}):
        service, _, name = action.partition(":")
        if service not in _NAMES:
            raise LookupError(f"what {service} calls its resources is not known: add it to _NAMES")
        typed = SERVICES[service]["Actions"][name.lower()].get("Resources")
        calls[_NAMES[service] if typed else "*"].append(action)
    return calls


def statements(*tables: Calls) -> list[Statement]:
    """Return the statements of a policy: one for each set of resources."""
    merged: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for table in tables:
        for resources, actions in table.items():
            merged[(resources,) if isinstance(resources, str) else resources] |= set(actions)
    return [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": sorted(resources)}
        for resources, actions in merged.items()
    ]


#: Title in the page → statements of its policy.
POLICIES = {
    "Operator": statements(OPERATOR),
    "make smoke": statements(SMOKE),
    "Deployer": statements(_COMMAND_LINES, _handlers()),
}


def document(of: list[Statement]) -> dict[str, Any]:
    """Return a policy's document."""
    return {"Version": "2012-10-17", "Statement": of}


def filled(of: list[Statement], **values: str) -> list[Statement]:
    """Return statements with the capital words replaced by what they stand for."""
    text = json.dumps(of)
    for name, value in values.items():
        text = re.sub(rf"\b{name}\b", value, text)
    found: list[Statement] = json.loads(text)
    return found


def block(of: list[Statement]) -> str:
    """Return a policy as the page shows it: as few lines as its width allows."""
    shown = []
    for statement in of:
        shown.append('  {"Effect": "Allow",')
        shown += _listed("Action", statement["Action"], "],")
        shown += _listed("Resource", statement["Resource"], "]},")
    body = "\n".join(shown).removesuffix(",")
    return f'```json\n{{"Version": "2012-10-17", "Statement": [\n{body}\n]}}\n```\n'


def _listed(name: str, values: list[str], end: str) -> Iterator[str]:
    first = f'   "{name}": ['
    text = ", ".join(json.dumps(one) for one in values) + end
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent="     ", break_on_hyphens=False
    )


def page(text: str) -> str:
    """Return the page with every policy as the tables say."""
    for title, of in POLICIES.items():
        heading = re.compile(rf"(^### {re.escape(title)}\n.*?)```json\n.*?```\n", re.M | re.S)
        assert heading.search(text), f"no block of JSON under the heading {title}"
        text = heading.sub(lambda found, of=of: found[1] + block(of), text, count=1)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
