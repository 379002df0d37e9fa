"""The topics' and the queues' own policies: who may send, who may not, and that each word counts.

moto keeps no policy of a topic or queue that CloudFormation creates, so they are resolved against
the deployed stacks and asked here.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from moto.cloudformation import parsing
from moto.cloudformation.models import cloudformation_backends

from local.account import LocalAccount
from local.services.cloudformation import COMMON_TEMPLATE, TEMPLATE, load
from local.services.iam import allows

Document = dict[str, Any]
HOLDERS = {
    name: (stack, body["Properties"]["PolicyDocument"])
    for stack, path in (("common", COMMON_TEMPLATE), ("refresh", TEMPLATE))
    for name, body in load(path)["Resources"].items()
    if body["Type"] in ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
}
TOPICS = {"OperationTopicPolicy": "operation-topic", "AlarmTopicPolicy": "alarm-topic"}
every_holder = pytest.mark.parametrize("holder", HOLDERS)


@dataclass(frozen=True)
class Request:
    """A call on the topic or queue, by whom, and whether it must be let in."""

    principal: str
    action: str
    source: str
    allowed: bool
    account: str = "123456789012"
    tls: str = "true"


def resolved(account: LocalAccount, holder: str) -> Document:
    stack, document = HOLDERS[holder]
    stacks = cloudformation_backends[account.account_id][account.region].stacks.values()
    (found,) = (one for one in stacks if one.name == f"{account.project}-{stack}")
    answer: Document = parsing.clean_json(document, found.resource_map)
    return answer


def requests(account: LocalAccount, holder: str) -> Iterator[Request]:
    """Yield calls that come, and others that differ from them in one point."""
    if holder in TOPICS:
        mine, alarms = account.arn("sns", "x"), "cloudwatch.amazonaws.com"
        root = f"arn:aws:iam::{account.account_id}:root"
        alarm = account.arn("cloudwatch", "alarm:sampleproject-refresh-FreshnessNotCheckedAlarm-1")
        # What an operator's role does with a topic: README, operations.md, qsrefresh.
        for action in (
            "GetTopicAttributes",
            "ListSubscriptionsByTopic",
            "Publish",
            "SetTopicAttributes",
            "Subscribe",
        ):
            yield Request(root, f"sns:{action}", mine, True)
        yield Request(root, "sns:DeleteTopic", mine, False)
        yield Request(root, "sns:Publish", mine, False, tls="false")
        yield Request("arn:aws:iam::999999999999:root", "sns:Publish", mine, False)
        yield Request(alarms, "sns:Publish", alarm, True)
        yield Request(alarms, "sns:Publish", alarm, False, tls="false")
        yield Request(alarms, "sns:Publish", alarm, False, account="999999999999")
        yield Request(alarms, "sns:Publish", account.arn("cloudwatch", "rule:x"), False)
        yield Request(alarms, "sns:Subscribe", alarm, False)
        yield Request("events.amazonaws.com", "sns:Publish", alarm, False)
        return
    rule = rule_of(account, holder)
    yield Request("events.amazonaws.com", "sqs:SendMessage", rule, True)
    yield Request("events.amazonaws.com", "sqs:SendMessage", rule, False, tls="false")
    yield Request("events.amazonaws.com", "sqs:SendMessage", f"{rule}x", False)
    yield Request("events.amazonaws.com", "sqs:ReceiveMessage", rule, False)
    yield Request("sns.amazonaws.com", "sqs:SendMessage", rule, False)


def rule_of(account: LocalAccount, holder: str) -> str:
    """Return the rule whose dead letters go to a policy's queue."""
    wanted = holder.removesuffix("DeadLetterQueuePolicy")
    events = account.client("events")
    (arn,) = (one["Arn"] for one in events.list_rules()["Rules"] if f"-{wanted}" in one["Name"])
    return str(arn)


def answers(account: LocalAccount, holder: str, document: Document) -> list[bool]:
    """Return whether the policy lets in each of the requests."""
    return [
        allows(
            [one for one in document["Statement"] if speaks_of(one, request.principal)],
            request.action,
            resource_of(account, holder),
            {
                "aws:SourceArn": request.source,
                "aws:SourceAccount": request.account,
                "aws:SecureTransport": request.tls,
            },
        )
        for request in requests(account, holder)
    ]


def speaks_of(statement: Document, principal: str) -> bool:
    named = statement["Principal"]
    return named == "*" or principal in named.values()


def resource_of(account: LocalAccount, holder: str) -> str:
    if holder in TOPICS:
        return account.arn("sns", f"sampleproject-{TOPICS[holder]}")
    wanted = holder.removesuffix("Policy")
    urls = account.client("sqs").list_queues()["QueueUrls"]
    (name,) = (url.rsplit("/", 1)[1] for url in urls if f"-{wanted}-" in url)
    return account.arn("sqs", name)


def expected(account: LocalAccount, holder: str) -> list[bool]:
    return [request.allowed for request in requests(account, holder)]


@every_holder
def test_only_who_should_is_let_in(account: LocalAccount, holder: str) -> None:
    assert answers(account, holder, resolved(account, holder)) == expected(account, holder)


def without_a_part(document: Document) -> Iterator[tuple[str, Document]]:
    """Yield the policy without one statement, condition or action each."""
    for number, statement in enumerate(document["Statement"]):
        shorter = copy.deepcopy(document)
        del shorter["Statement"][number]
        yield f"{statement['Sid']}", shorter
        for operator, entries in statement.get("Condition", {}).items():
            for key in entries:
                shorter = copy.deepcopy(document)
                del shorter["Statement"][number]["Condition"][operator][key]
                yield f"{statement['Sid']}: {operator} {key}", shorter
        for action in statement["Action"] if isinstance(statement["Action"], list) else ():
            shorter = copy.deepcopy(document)
            shorter["Statement"][number]["Action"].remove(action)
            yield f"{statement['Sid']}: {action}", shorter


@every_holder
def test_a_part_that_is_taken_away_is_missed(account: LocalAccount, holder: str) -> None:
    unnoticed = [
        part
        for part, document in without_a_part(resolved(account, holder))
        if answers(account, holder, document) == expected(account, holder)
    ]
    assert unnoticed == []


def test_every_topic_and_queue_has_such_a_policy() -> None:
    for path in (COMMON_TEMPLATE, TEMPLATE):
        resources = load(path)["Resources"]
        for name, body in resources.items():
            if body["Type"] in ("AWS::SNS::Topic", "AWS::SQS::Queue"):
                held = resources[f"{name}Policy"]["Properties"]
                assert [{"Ref": name}] in (held.get("Topics"), held.get("Queues"))
                # alias/aws/sns and alias/aws/sqs keep alarms and EventBridge out.
                assert not {"KmsMasterKeyId"} & set(body["Properties"])
