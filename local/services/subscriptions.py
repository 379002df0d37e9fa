"""E-mail subscriptions wait for their confirmation, and take what their filter policy lets through.

Imitates: a mail with a token to an address that was subscribed; ``PendingConfirmation`` in place of
its ARN until then; ConfirmSubscription with that token, and no other; another mail when it is
subscribed again; Subscribe for a subscription that is there, refused with other attributes than it
has (moto changes them); SetSubscriptionAttributes, which an empty policy makes take everything
again; a subscription that waits, which can be neither changed nor removed; a filter policy that is
refused, in the words of each call.
Does not imitate: Subscribe's own answer ``pending confirmation``, the link in that mail (it shows a
command in its place), tokens that expire, the 48 hours after which SNS forgets who did not confirm.
"""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from moto.core.responses import ActionResult
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription
from moto.sns.responses import SNSResponse
from moto.sns.utils import FilterPolicyMatcher

from local.core.clock import Clock
from local.services import filter_policies
from local.services.filter_policies import Attributes, FilterRefusedError
from local.services.mail import Mail

SUBJECT = "AWS Notification - Subscription Confirmation"
_PENDING = "PendingConfirmation"
_MAIL = ("email", "email-json")
#: What SNS writes before a reason of Subscribe and of SetSubscriptionAttributes.
_SUBSCRIBE, _SET = "Invalid parameter: Attributes Reason: ", "Invalid parameter: "
_POLICY, _SCOPE = "FilterPolicy", "FilterPolicyScope"


def recipients(backend: SNSBackend, topic_arn: str, attributes: Attributes) -> tuple[str, ...]:
    """Return the addresses that get a message of a topic, in the order of their subscriptions."""
    return tuple(
        one.endpoint
        for one in backend.subscriptions.values()
        if one.topic.arn == topic_arn
        and one.protocol in _MAIL
        and one.confirmed
        and filter_policies.matches(_policy(one), attributes)
    )


def _policy(subscription: Subscription) -> dict[str, list[Any]]:
    policy: dict[str, list[Any]] = json.loads(subscription.attributes.get(_POLICY) or "{}")
    return policy


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
    return Mail(topic, SUBJECT, message, now, to=(subscription.endpoint,))


def _check(name: str, value: Any, before: str) -> None:
    try:
        if name == _POLICY and value:
            filter_policies.check(value)
        if name == _SCOPE and value != "MessageAttributes":
            raise FilterRefusedError(f"the local account does not imitate the scope {value}")
    except FilterRefusedError as error:
        raise SNSInvalidParameter(f"{before}{error}") from error


def _refuse_pending(backend: SNSBackend, arn: str) -> None:
    """Refuse to change or remove what waits: its lists have no ARN for it."""
    if not arn.startswith("arn:"):
        text = f"Invalid parameter: SubscriptionArn Reason: {arn} does not start with arn"
        raise SNSInvalidParameter(text)
    found = backend.subscriptions.get(arn)
    if found and _is_pending(found):
        raise SNSInvalidParameter("Invalid parameter: SubscriptionArn Reason: not confirmed yet")


@contextmanager
def installed(clock: Clock, sent: Callable[[Mail], None]) -> Iterator[None]:
    """Let e-mail subscriptions begin unconfirmed, and filter."""
    subscribe, by_topic = SNSBackend.subscribe, SNSBackend.list_subscriptions_by_topic
    unsubscribe, everything = SNSBackend.unsubscribe, SNSBackend.list_subscriptions
    set_attribute = SNSBackend.set_subscription_attributes
    attributes_of = SNSBackend.get_subscription_attributes
    subscribe_call, set_call = SNSResponse.subscribe, SNSResponse.set_subscription_attributes

    def backend_subscribe(backend: SNSBackend, *given: Any, **named: Any) -> Subscription:
        subscription = subscribe(backend, *given, **named)
        if _is_pending(subscription):
            sent(_confirmation(subscription, clock.now()))
        return subscription

    def subscribe_checked(response: Any) -> ActionResult:
        wanted = response._get_attributes()
        for name, value in wanted.items():
            _check(name, value, _SUBSCRIBE)
        place = [response._get_param(name) for name in ("TopicArn", "Endpoint", "Protocol")]
        found = response.backend._find_subscription(*place)
        if found and any(found.attributes.get(name) != one for name, one in wanted.items()):
            text = f"{_SUBSCRIBE}Subscription already exists with different attributes"
            raise SNSInvalidParameter(text)
        return subscribe_call(response)

    def set_checked(backend: SNSBackend, arn: str, name: str, value: Any) -> None:
        _check(name, value, _SET)
        set_attribute(backend, arn, name, value)
        if name == _POLICY and not value:
            del backend.subscriptions[arn].attributes[name]

    def set_refused(response: Any) -> ActionResult:
        _refuse_pending(response.backend, response._get_param("SubscriptionArn"))
        return set_call(response)

    def unsubscribe_checked(backend: SNSBackend, arn: str) -> None:
        _refuse_pending(backend, arn)
        unsubscribe(backend, arn)

    def get_attributes(backend: SNSBackend, arn: str) -> dict[str, Any]:
        found: dict[str, Any] = attributes_of(backend, arn)
        return found | {"PendingConfirmation": _is_pending(backend.subscriptions[arn])}

    def list_subscriptions_by_topic(response: Any) -> ActionResult:
        found, token = by_topic(
            response.backend, response._get_param("TopicArn"), response._get_param("NextToken")
        )
        return ActionResult({"Subscriptions": [_listed(one) for one in found], "NextToken": token})

    def list_subscriptions(response: Any) -> ActionResult:
        found, token = everything(response.backend, next_token=response._get_param("NextToken"))
        return ActionResult({"Subscriptions": [_listed(one) for one in found], "NextToken": token})

    def confirm_subscription(response: Any) -> ActionResult:
        topic, token = response._get_param("TopicArn"), response._get_param("Token")
        for one in response.backend.subscriptions.values():
            if one.topic.arn == topic and _token(one) == token:
                one.confirmed = True
                return ActionResult({"SubscriptionArn": one.arn})
        raise SNSInvalidParameter("Invalid parameter: Token")

    def matches(matcher: FilterPolicyMatcher, attributes: Attributes | None, _: str) -> bool:
        return filter_policies.matches(matcher.filter_policy, attributes or {})

    with ExitStack() as stack:
        for owner, name, instead in (
            (SNSBackend, "subscribe", backend_subscribe),
            (SNSBackend, "set_subscription_attributes", set_checked),
            (SNSBackend, "get_subscription_attributes", get_attributes),
            (SNSBackend, "unsubscribe", unsubscribe_checked),
            (SNSResponse, "subscribe", subscribe_checked),
            (SNSResponse, "set_subscription_attributes", set_refused),
            (SNSResponse, "list_subscriptions", list_subscriptions),
            (SNSResponse, "list_subscriptions_by_topic", list_subscriptions_by_topic),
            (SNSResponse, "confirm_subscription", confirm_subscription),
            (FilterPolicyMatcher, "matches", matches),
        ):
            stack.enter_context(mock.patch.object(owner, name, instead))
        yield
