"""Who gets which mails and alarms: the subscriptions of the project's two topics.

A filter policy reads attributes, which every mail has and no alarm: whoever has one on the topic of
the mails gets alarms from their own topic, or not at all.
"""

import enum
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError, OperatorError
from qsrefresh.project import Project

_EMAIL = ("email", "email-json")
_POLICY = "FilterPolicy"
#: What SNS lists for some days instead of the ARN of a subscription that somebody ended.
#: https://github.com/ansible/ansible/pull/20086
_ENDED = "Deleted"
#: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
MOST_FOLDERS = 150
#: Quotes and backslashes must be escaped twice (that page), and what SNS then compares is not said;
#: mails have spaces for control characters, which no attribute may hold.
UNFIT = re.compile(r'["\\\x00-\x1f\x7f-\x9f\ufffe\uffff]')


@dataclass(frozen=True)
class Choice:
    """Which mails somebody wants: all, those that say ERROR, those of some folders."""

    errors_only: bool = False
    folders: tuple[str, ...] = ()

    @property
    def policy(self) -> str:
        """The filter policy on the topic of the mails; empty: every mail, and every alarm."""
        wanted: dict[str, list[str]] = {"verdict": ["ERROR"]} if self.errors_only else {}
        if self.folders:
            wanted["folder"] = sorted(set(self.folders))
        return json.dumps(wanted, ensure_ascii=False) if wanted else ""

    @property
    def wants_alarms(self) -> bool:
        """Whether the alarms have to come from their own topic; they belong to no folder."""
        return self.errors_only and not self.folders


@dataclass(frozen=True)
class Subscription:
    """One subscriber of a topic; ``arn`` is empty until it is confirmed, and when it has ended."""

    topic_arn: str
    endpoint: str
    protocol: str
    arn: str
    ended: bool = False

    @property
    def confirmed(self) -> bool:
        """Tell whether it gets anything."""
        return bool(self.arn)

    @property
    def topic(self) -> str:
        """The topic's name."""
        return self.topic_arn.rpartition(":")[2]

    def is_of(self, address: str) -> bool:
        """Tell whether it is of an e-mail address."""
        return self.protocol in _EMAIL and self.endpoint == address


class Action(enum.Enum):
    """What is done to one subscription; a diff begins with the sign."""

    SUBSCRIBE = "+"
    CHANGE = "~"
    REMOVE = "-"


@dataclass(frozen=True)
class Step:
    """One call; ``policy`` is the filter policy it leaves."""

    action: Action
    of: Subscription
    policy: str = ""

    def __str__(self) -> str:
        text = f"{self.action.value} {self.of.protocol} {self.of.endpoint} on {self.of.topic_arn}"
        return text if self.action is Action.REMOVE else f"{text}: {self.policy or 'everything'}"

    def as_json(self) -> dict[str, Any]:
        """Return the step for programs."""
        return {
            "action": self.action.name.lower(),
            "topic": self.of.topic_arn,
            "email": self.of.endpoint,
            "filter": json.loads(self.policy or "{}"),
        }


def subscriptions(aws: Aws, topic_arn: str) -> Iterator[Subscription]:
    """Yield the subscriptions of a topic."""
    for one in aws.members(
        "sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic_arn
    ):
        # Until the link in the mail of SNS was opened, PendingConfirmation stands there.
        told = one["SubscriptionArn"]
        arn = told if told.startswith("arn:") else ""
        who = one.get("Endpoint", ""), one.get("Protocol", "")
        yield Subscription(topic_arn, *who, arn, ended=told == _ENDED)


def of_address(aws: Aws, project: Project, address: str) -> list[Subscription]:
    """Return what an e-mail address has on both topics, those of the mails first."""
    topics = filter(None, (project.topic_arn, project.alarm_topic_arn))
    return [one for topic in topics for one in subscriptions(aws, topic) if one.is_of(address)]


def policy_of(aws: Aws, subscription: Subscription) -> dict[str, Any]:
    """Return the filter policy of a confirmed subscription; empty: it takes everything."""
    found = aws.call("sns", "get_subscription_attributes", SubscriptionArn=subscription.arn)
    policy: dict[str, Any] = json.loads(found["Attributes"].get(_POLICY) or "{}")
    return policy


def plan(
    aws: Aws, project: Project, address: str, found: list[Subscription], choice: Choice
) -> list[Step]:
    """Return what makes an address get what was chosen; nothing where it does.

    In an order in which no alarm gets lost between two steps.

    Args:
        aws: where the filters of what is there are looked up.
        project: whose topics.
        address: the e-mail address.
        found: what it has on both.
        choice: what it is to get.

    Raises:
        OperatorError: the topic of the alarms is needed, and not there yet.
    """
    if choice.wants_alarms and project.alarm_topic_arn is None:
        raise OperatorError(
            f"project {project.id} has no topic for alarms yet, and no alarm passes a filter",
            f"deploy common/template.yaml again with ProjectId={project.id}, then template.yaml",
        )
    mails = [one for one in found if one.topic_arn == project.topic_arn]
    alarms = [one for one in found if one.topic_arn == project.alarm_topic_arn]
    wanted = _wanted(aws, project.topic_arn, address, mails, choice.policy)
    if choice.wants_alarms and project.alarm_topic_arn:
        return [*_wanted(aws, project.alarm_topic_arn, address, alarms, ""), *wanted]
    return [*wanted, *removal(alarms)]


def _wanted(
    aws: Aws, topic_arn: str, address: str, found: list[Subscription], policy: str
) -> Iterator[Step]:
    confirmed = [one for one in found if one.confirmed]
    if not confirmed:
        yield Step(Action.SUBSCRIBE, Subscription(topic_arn, address, _EMAIL[0], ""), policy)
    for one in confirmed:
        if policy_of(aws, one) != json.loads(policy or "{}"):
            yield Step(Action.CHANGE, one, policy)


def removal(found: list[Subscription]) -> list[Step]:
    """Return what removes subscriptions; one that waits for its confirmation stays."""
    return [Step(Action.REMOVE, one) for one in found if one.confirmed]


def execute(aws: Aws, step: Step) -> None:
    """Do one step; an address that is subscribed gets a mail of SNS that asks for confirmation.

    Raises:
        OperatorError: the address waits for its confirmation, with another filter.
    """
    if step.action is Action.REMOVE:
        aws.call("sns", "unsubscribe", SubscriptionArn=step.of.arn)
    elif step.action is Action.CHANGE:
        # An empty text takes the policy away.
        change = {"AttributeName": _POLICY, "AttributeValue": step.policy}
        aws.call("sns", "set_subscription_attributes", SubscriptionArn=step.of.arn, **change)
    else:
        _subscribe(aws, step)


def _subscribe(aws: Aws, step: Step) -> None:
    try:
        aws.call(
            "sns",
            "subscribe",
            TopicArn=step.of.topic_arn,
            Protocol=step.of.protocol,
            Endpoint=step.of.endpoint,
            Attributes={_POLICY: step.policy} if step.policy else {},
            ReturnSubscriptionArn=True,
        )
    except AwsError as error:
        if "already exists with different attributes" not in error.message:
            raise
        raise OperatorError(
            f"{step.of.endpoint} was asked before, with another choice, and has not confirmed:"
            " AWS changes nothing until then",
            "open the link in the mail of AWS, then run the command again; an address that does not"
            " confirm is forgotten after 48 hours",
        ) from error
