"""E-mail subscriptions wait for their confirmation.

Imitates: a mail with a token to an address that was subscribed; ``PendingConfirmation`` in place of
its ARN until then; ConfirmSubscription with that token, and no other; another mail when it is
subscribed again.
Does not imitate: Subscribe's own answer ``pending confirmation``, the link in that mail (it shows a
command in its place), tokens that expire, mails held back until then: the local account shows every
mail anyway.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.core.responses import ActionResult
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription
from moto.sns.responses import SNSResponse

from local.core.clock import Clock
from local.services.mail import Mail

SUBJECT = "AWS Notification - Subscription Confirmation"
_PENDING = "PendingConfirmation"
_MAIL = ("email", "email-json")


def _token(subscription: Subscription) -> str:
    return subscription.arn.rsplit(":", 1)[1]


def _is_pending(subscription: Subscription) -> bool:
    return subscription.protocol in _MAIL and not subscription.confirmed


def _listed(subscription: Subscription) -> Subscription:
    if not _is_pending(subscription):
        return subscription
    shown = copy.copy(subscription)
    shown.arn = _PENDING
    return shown


def _confirmation(subscription: Subscription, now: float) -> Mail:
    topic = subscription.topic.arn
    message = (
        f"You have chosen to subscribe {subscription.endpoint} to the topic {topic}.\n\n"
        "AWS would put a link here. In this simulated account, confirm with:\n"
        f"aws sns confirm-subscription --topic-arn {topic} --token {_token(subscription)}\n"
    )
    return Mail(topic, SUBJECT, message, now)


@contextmanager
def installed(clock: Clock, sent: Callable[[Mail], None]) -> Iterator[None]:
    """Let e-mail subscriptions begin unconfirmed."""
    subscribe = SNSBackend.subscribe
    by_topic = SNSBackend.list_subscriptions_by_topic

    def backend_subscribe(backend: SNSBackend, *given: Any, **named: Any) -> Subscription:
        subscription = subscribe(backend, *given, **named)
        if _is_pending(subscription):
            sent(_confirmation(subscription, clock.now()))
        return subscription

    def list_subscriptions_by_topic(response: Any) -> ActionResult:
        found, token = by_topic(
            response.backend, response._get_param("TopicArn"), response._get_param("NextToken")
        )
        return ActionResult({"Subscriptions": [_listed(one) for one in found], "NextToken": token})

    def confirm_subscription(response: Any) -> ActionResult:
        topic, token = response._get_param("TopicArn"), response._get_param("Token")
        for one in response.backend.subscriptions.values():
            if one.topic.arn == topic and _token(one) == token:
                one.confirmed = True
                return ActionResult({"SubscriptionArn": one.arn})
        raise SNSInvalidParameter("Invalid parameter: Token")

    with (
        mock.patch.object(SNSBackend, "subscribe", backend_subscribe),
        mock.patch.object(SNSResponse, "list_subscriptions_by_topic", list_subscriptions_by_topic),
        mock.patch.object(SNSResponse, "confirm_subscription", confirm_subscription),
    ):
        yield
