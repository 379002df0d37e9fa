"""An address confirms its subscription."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount

ADDRESS = "operator@example.com"
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:sampleproject-operation-topic"


@pytest.fixture
def subscribed(account: LocalAccount) -> Iterator[LocalAccount]:
    """An account with an address that has not confirmed."""
    sns = account.client("sns")
    sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint=ADDRESS)
    yield account
    for one in sns.list_subscriptions()["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])


def listed(account: LocalAccount) -> str:
    """Return the ARN that the list has for the address."""
    found = account.client("sns").list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
    ((address, arn),) = [(one["Endpoint"], one["SubscriptionArn"]) for one in found]
    assert address == ADDRESS
    return str(arn)


def token(account: LocalAccount) -> str:
    return account.mails[-1].message.split()[-1]


def test_an_address_gets_a_token(subscribed: LocalAccount) -> None:
    (mail,) = subscribed.mails
    assert mail.subject == "AWS Notification - Subscription Confirmation"
    assert ADDRESS in mail.message
    assert f"--token {token(subscribed)}" in mail.message


def test_an_address_is_pending_until_its_token_comes_back(subscribed: LocalAccount) -> None:
    assert listed(subscribed) == "PendingConfirmation"
    confirm = subscribed.client("sns").confirm_subscription
    arn = confirm(TopicArn=TOPIC, Token=token(subscribed))["SubscriptionArn"]
    assert arn.startswith(f"{TOPIC}:")
    assert listed(subscribed) == arn


def test_no_other_token_confirms(subscribed: LocalAccount) -> None:
    with pytest.raises(ClientError, match="Token"):
        subscribed.client("sns").confirm_subscription(TopicArn=TOPIC, Token="x")
    assert listed(subscribed) == "PendingConfirmation"


def test_subscribing_again_asks_again(subscribed: LocalAccount) -> None:
    first = token(subscribed)
    subscribed.client("sns").subscribe(TopicArn=TOPIC, Protocol="email", Endpoint=ADDRESS)
    assert len(subscribed.mails) == 2
    subscribed.client("sns").confirm_subscription(TopicArn=TOPIC, Token=first)
    assert listed(subscribed) != "PendingConfirmation"
