"""People's calls, each asked of the policy they have: what docs/operations.md gives them is enough.

Imitates: the permission that an operation needs, where it is not called like the operation; a
transaction, which needs the permission of each of its writes; the resource that it is asked for;
an identity that needs none (GetCallerIdentity); the error by which each service refuses.
Does not imitate: calls over HTTP, which may do everything; policies of resources, conditions on
tags, CloudFormation's own calls for a stack.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local.core.world import World
from local.services.iam import AccessDeniedError, Use, allows

Parameters = Mapping[str, Any]

#: Service as boto3 calls it → the prefix of its permissions, where they differ.
_PREFIXES = {"stepfunctions": "states"}
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_PERMISSIONS = {
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
}
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
_PUBLIC = "parameter/aws/service/"
#: What TransactWriteItems is asked for, one by one.
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
_WRITES = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
_NEEDS_NONE = ("sts:GetCallerIdentity",)
#: Service → code and HTTP status of its refusal.
_DENIED = {
    "cloudformation": ("AccessDenied", 403),
    "quicksight": ("AccessDeniedException", 401),
    "s3": ("AccessDenied", 403),
    "sns": ("AuthorizationError", 403),
    "sqs": ("AccessDenied", 403),
}


class Caller:
    """A person, or a program of theirs, with one policy.

    Args:
        world: where they call.
        statements: those of their policy.

    Attributes:
        uses: every call that was allowed.
    """

    def __init__(self, world: World, statements: Iterable[Mapping[str, Any]]) -> None:
        self._world = world
        self._statements = list(statements)
        self._clients: dict[tuple[str, str], Any] = {}
        self.arn = f"arn:aws:iam::{world.account_id}:user/caller"
        self.uses: set[Use] = set()

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a client that may do what the policy allows, and nothing else."""
        place = region or self._world.region
        if (service, place) not in self._clients:
            config = Config(retries={"total_max_attempts": 1}, user_agent="local")
            made = boto3.client(service, region_name=place, config=config)
            made.meta.events.register("before-parameter-build", self._asked(service, place))
            self._clients[service, place] = made
        return self._clients[service, place]

    def _asked(self, service: str, region: str) -> Callable[..., None]:
        def ask(params: Parameters, model: Any, **_: Any) -> None:
            for action, resource in needed(self._world, region, service, model.name, params):
                if not allows(self._statements, action, resource, {}):
                    raise _refusal(service, model.name, self.arn, action, resource)
                self.uses.add(Use(self.arn, action, resource))

        return ask


def _refusal(service: str, operation: str, arn: str, action: str, resource: str) -> ClientError:
    code, status = _DENIED.get(service, ("AccessDeniedException", 400))
    text = str(AccessDeniedError(arn, action, resource))
    if operation.startswith("Head"):  # an answer to HEAD has no body
        code, text = str(status), "Forbidden"
    error = {"Code": code, "Message": text}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


def needed(
    world: World, region: str, service: str, operation: str, parameters: Parameters
) -> Iterator[tuple[str, str]]:
    """Yield which permission a call needs, on which resource.

    Raises:
        LookupError: it is not known: add it to ``_RESOURCES``.
    """
    prefix = _PREFIXES.get(service, service)
    if (service, operation) == ("dynamodb", "TransactWriteItems"):
        for item in parameters["TransactItems"]:
            for kind, request in item.items():
                yield _WRITES[kind], _arn(world, region, "dynamodb", _table(request))
        return
    action = _PERMISSIONS.get(f"{service}:{operation}", f"{prefix}:{operation}")
    if action in _NEEDS_NONE:
        return
    if action not in _RESOURCES:
        raise LookupError(f"it is not known what {action} is asked for: add it to _RESOURCES")
    resource = _RESOURCES[action](parameters)
    if resource.startswith(_PUBLIC):  # it belongs to no account
        resource = f"arn:aws:ssm:{region}::{resource}"
    full = resource == "*" or resource.startswith("arn:")
    yield action, resource if full else _arn(world, region, prefix, resource)


def _arn(world: World, region: str, service: str, path: str) -> str:
    return f"arn:aws:{service}:{region}:{world.account_id}:{path}"


def _everything(_: Parameters) -> str:
    return "*"


def _given(name: str) -> Callable[[Parameters], str]:
    return lambda parameters: str(parameters[name])


def _table(parameters: Parameters) -> str:
    return f"table/{parameters['TableName']}"


def _rule(parameters: Parameters) -> str:
    return f"rule/{parameters.get('Name') or parameters['Rule']}"


def _queue(parameters: Parameters) -> str:
    return str(parameters.get("QueueName") or parameters["QueueUrl"].rpartition("/")[2])


def _executions(parameters: Parameters) -> str:
    return str(parameters.get("mapRunArn") or parameters["stateMachineArn"])


def _topic(parameters: Parameters) -> str:
    return str(parameters["SubscriptionArn"]).rpartition(":")[0]


def _bucket(parameters: Parameters) -> str:
    return f"arn:aws:s3:::{parameters['Bucket']}"


def _object(parameters: Parameters) -> str:
    return f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}"


def _stack(parameters: Parameters) -> str:
    return f"stack/{parameters['StackName']}/id"


#: Permission → the resource it is asked for, of a call with these parameters: the Service
#: Authorization Reference, https://docs.aws.amazon.com/service-authorization/latest/reference/
_RESOURCES: dict[str, Callable[[Parameters], str]] = {
    "cloudformation:CreateChangeSet": _stack,
    "cloudformation:DeleteChangeSet": _stack,
    "cloudformation:DeleteStack": _stack,
    "cloudformation:DescribeChangeSet": _stack,
    "cloudformation:DescribeStackEvents": _stack,
    "cloudformation:DescribeStacks": _stack,
    "cloudformation:ExecuteChangeSet": _stack,
    # By the id of a resource no stack is named: what AWS asks for then is not documented.
    "cloudformation:DescribeStackResources": _everything,
    "cloudformation:ListExports": _everything,
    "dynamodb:DeleteItem": _table,
    "dynamodb:DescribeTable": _table,
    "dynamodb:GetItem": _table,
    "dynamodb:PutItem": _table,
    "dynamodb:Scan": _table,
    "events:DescribeRule": _rule,
    "events:ListRuleNamesByTarget": _everything,
    "events:ListTargetsByRule": _rule,
    "events:TestEventPattern": _everything,
    "logs:DescribeResourcePolicies": _everything,
    "quicksight:CancelIngestion": lambda given: (
        f"dataset/{given['DataSetId']}/ingestion/{given['IngestionId']}"
    ),
    "quicksight:CreateIngestion": lambda given: (
        f"dataset/{given['DataSetId']}/ingestion/{given['IngestionId']}"
    ),
    "quicksight:DescribeAccountSettings": _everything,
    "quicksight:DescribeDataSet": lambda given: f"dataset/{given['DataSetId']}",
    "quicksight:DescribeDataSetRefreshProperties": lambda given: f"dataset/{given['DataSetId']}",
    "quicksight:ListDataSets": _everything,
    "quicksight:ListDataSources": _everything,
    "quicksight:ListIngestions": _everything,
    "s3:CreateBucket": _bucket,
    "s3:DeleteObject": _object,
    "s3:GetBucketNotification": _bucket,
    "s3:GetObject": _object,
    "s3:ListBucket": _bucket,
    "s3:PutBucketNotification": _bucket,
    "s3:PutObject": _object,
    "sns:ConfirmSubscription": _given("TopicArn"),
    "sns:GetSubscriptionAttributes": _topic,
    "sns:ListSubscriptionsByTopic": _given("TopicArn"),
    "sns:SetSubscriptionAttributes": _topic,
    "sns:Subscribe": _given("TopicArn"),
    "sns:Unsubscribe": _topic,
    "sqs:ChangeMessageVisibility": _queue,
    "sqs:CreateQueue": _queue,
    "sqs:DeleteMessage": _queue,
    "sqs:DeleteQueue": _queue,
    "sqs:GetQueueAttributes": _queue,
    "sqs:GetQueueUrl": _queue,
    "sqs:ReceiveMessage": _queue,
    "sqs:SetQueueAttributes": _queue,
    "ssm:GetParameter": lambda given: f"parameter{given['Name']}",
    "states:DescribeExecution": _given("executionArn"),
    "states:DescribeMapRun": _given("mapRunArn"),
    "states:DescribeStateMachine": _given("stateMachineArn"),
    "states:GetExecutionHistory": _given("executionArn"),
    "states:ListExecutions": _executions,
    "states:StartExecution": _given("stateMachineArn"),
}
