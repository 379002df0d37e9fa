"""Who gets the mails: the subscriptions of the project's topic."""

from collections.abc import Iterator
from dataclasses import dataclass

from qsrefresh.aws import Aws

_EMAIL = ("email", "email-json")


@dataclass(frozen=True)
class Subscription:
    """One subscriber of the topic."""

    endpoint: str
    protocol: str
    confirmed: bool

    @property
    def is_mail(self) -> bool:
        """Tell whether it is an e-mail address."""
        return self.protocol in _EMAIL


def subscriptions(aws: Aws, topic_arn: str) -> Iterator[Subscription]:
    """Yield the subscriptions of a topic."""
    for one in aws.members(
        "sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic_arn
    ):
        # Until the link in the mail of SNS was opened, PendingConfirmation stands there.
        confirmed = one["SubscriptionArn"].startswith("arn:")
        yield Subscription(one.get("Endpoint", ""), one.get("Protocol", ""), confirmed)


def plan(aws: Aws, topic_arn: str, address: str) -> list[Subscription]:
    """Return the subscription to make (or to ask for again); nothing where it is confirmed."""
    for one in subscriptions(aws, topic_arn):
        if one.is_mail and one.endpoint == address and one.confirmed:
            return []
    return [Subscription(address, _EMAIL[0], confirmed=False)]


def execute(aws: Aws, topic_arn: str, wanted: Subscription) -> None:
    """Subscribe the address: SNS writes to it and asks for confirmation."""
    aws.call(
        "sns",
        "subscribe",
        TopicArn=topic_arn,
        Protocol=wanted.protocol,
        Endpoint=wanted.endpoint,
        ReturnSubscriptionArn=True,
    )
