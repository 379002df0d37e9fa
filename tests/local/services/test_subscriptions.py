"""An address confirms its subscription, changes its filter, and leaves."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount

ADDRESS = "operator@example.com"
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:sampleproject-operation-topic"


@pytest.fixture
def subscribed(account: LocalAccount) -> LocalAccount:
    """An account with an address that has not confirmed."""
    subscribe(account)
    return account


def subscribe(account: LocalAccount, **attributes: str) -> str:
    answer = account.client("sns").subscribe(
        TopicArn=TOPIC, Protocol="email", Endpoint=ADDRESS, Attributes=attributes
    )
    return str(answer["SubscriptionArn"])


def confirm(account: LocalAccount) -> str:
    """Confirm with the newest token, and return the ARN."""
    confirmed = account.client("sns").confirm_subscription(TopicArn=TOPIC, Token=token(account))
    return str(confirmed["SubscriptionArn"])


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


def published(account: LocalAccount, **attributes: str) -> bool:
    """Publish a message with text attributes, and tell whether the address gets it."""
    given = {name: {"DataType": "String", "StringValue": one} for name, one in attributes.items()}
    account.client("sns").publish(TopicArn=TOPIC, Message="x", MessageAttributes=given)
    return account.mails[-1] in account.inbox(ADDRESS)


def test_who_has_not_confirmed_gets_nothing(subscribed: LocalAccount) -> None:
    assert not published(subscribed)
    subscribed.client("sns").confirm_subscription(
        TopicArn=TOPIC, Token=subscribed.mails[0].message.split()[-1]
    )
    assert published(subscribed)
    assert [mail.subject for mail in subscribed.inbox("other@example.com")] == []


def test_a_filter_counts_from_the_start(account: LocalAccount) -> None:
    subscribe(account, FilterPolicy=json.dumps({"verdict": ["ERROR"]}))
    confirm(account)
    assert published(account, verdict="ERROR")
    assert not published(account, verdict="SUCCESS")
    assert not published(account)


def test_subscribing_again_with_another_filter_is_refused(account: LocalAccount) -> None:
    subscribe(account, FilterPolicy='{"verdict": ["ERROR"]}')
    subscribe(account, FilterPolicy='{"verdict": ["ERROR"]}')
    subscribe(account)
    before = len(account.mails)
    with pytest.raises(ClientError, match="Subscription already exists with different attributes"):
        subscribe(account, FilterPolicy='{"verdict": ["SUCCESS"]}')
    assert len(account.mails) == before


def set_policy(account: LocalAccount, arn: str, policy: str) -> None:
    account.client("sns").set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=policy
    )


def attributes(account: LocalAccount, arn: str) -> dict[str, Any]:
    found = account.client("sns").get_subscription_attributes(SubscriptionArn=arn)
    return dict(found["Attributes"])


def test_a_confirmed_subscription_is_changed_and_its_filter_taken_away(
    subscribed: LocalAccount,
) -> None:
    arn = confirm(subscribed)
    set_policy(subscribed, arn, '{"verdict": ["ERROR"]}')
    assert attributes(subscribed, arn)["FilterPolicy"] == '{"verdict": ["ERROR"]}'
    assert attributes(subscribed, arn)["FilterPolicyScope"] == "MessageAttributes"
    assert not published(subscribed)
    set_policy(subscribed, arn, "")
    assert not {"FilterPolicy", "FilterPolicyScope"} & set(attributes(subscribed, arn))
    assert published(subscribed)


def test_what_waits_can_be_neither_changed_nor_removed(subscribed: LocalAccount) -> None:
    arn = subscribe(subscribed)
    sns = subscribed.client("sns")
    assert attributes(subscribed, arn)["PendingConfirmation"] == "true"
    assert [one["SubscriptionArn"] for one in sns.list_subscriptions()["Subscriptions"]] == [
        "PendingConfirmation"
    ]
    for pending in (arn, "PendingConfirmation"):
        with pytest.raises(ClientError, match="Invalid parameter: SubscriptionArn"):
            sns.unsubscribe(SubscriptionArn=pending)
        with pytest.raises(ClientError, match="Invalid parameter: SubscriptionArn"):
            set_policy(subscribed, pending, "")
    assert listed(subscribed) == "PendingConfirmation"
    confirm(subscribed)
    assert attributes(subscribed, arn)["PendingConfirmation"] == "false"
    sns.unsubscribe(SubscriptionArn=arn)
    assert not published(subscribed)


def test_a_filter_is_refused_in_the_words_of_the_call(subscribed: LocalAccount) -> None:
    with pytest.raises(ClientError, match="Invalid parameter: Attributes Reason: FilterPolicy: "):
        subscribe(subscribed, FilterPolicy="{invalid}")
    arn = confirm(subscribed)
    with pytest.raises(ClientError, match="Invalid parameter: FilterPolicy: failed to parse JSON"):
        set_policy(subscribed, arn, "{invalid}")
    with pytest.raises(ClientError, match="does not imitate the scope MessageBody"):
        subscribed.client("sns").set_subscription_attributes(
            SubscriptionArn=arn, AttributeName="FilterPolicyScope", AttributeValue="MessageBody"
        )
