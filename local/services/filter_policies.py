"""Which messages of a topic a subscription takes: its filter policy over their attributes.

Imitates: texts, compared letter by letter; prefix and suffix; anything-but; exists; every key of a
policy, which one of its values has to match; a String.Array, any of whose members may match; a
message without attributes, which matches no policy, ``exists: false`` included (moto lets it pass);
a policy that SNS refuses.
Does not imitate: other operators, numbers and ``$or``, and policies over the message's body
(refused here); the quarter of an hour that a change may take; how quotes and backslashes have to be
escaped twice (such a value is refused here).
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from local.core import event_patterns

#: Name → ``Type`` and ``Value``, as SNS passes them on.
Attributes = Mapping[str, Mapping[str, str]]

#: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
_MOST_KEYS = 5
_MOST_COMBINATIONS = 150
_OPERATORS = ("prefix", "suffix", "anything-but", "exists")


class FilterRefusedError(ValueError):
    """Why SNS refuses a filter policy."""


def check(text: str) -> None:
    """Refuse a policy that SNS refuses, or that this module does not imitate.

    Raises:
        FilterRefusedError: with the reason, in SNS's words where they are known.
    """
    try:
        policy = json.loads(text)
    except ValueError as error:
        raise FilterRefusedError("FilterPolicy: failed to parse JSON.") from error
    if not isinstance(policy, dict):
        raise FilterRefusedError("FilterPolicy: Filter is not an object")
    if any(isinstance(values, dict) for values in policy.values()):
        raise FilterRefusedError(
            "Filter policy scope MessageAttributes does not support nested filter policy"
        )
    if len(policy) > _MOST_KEYS:
        raise FilterRefusedError("FilterPolicy: Filter policy can not have more than 5 keys")
    if policy:
        _check_values(text)
    if math.prod(len(values) for values in policy.values()) > _MOST_COMBINATIONS:
        raise FilterRefusedError("FilterPolicy: Filter policy is too complex")
    for values in policy.values():
        for value in values:
            _check_imitated(value)


def _check_values(text: str) -> None:
    """SNS and EventBridge read values alike: the reasons recorded of both are the same."""
    try:
        event_patterns.check(text)
    except event_patterns.MalformedPatternError as error:
        raise FilterRefusedError(f"FilterPolicy: {error}") from error


def _check_imitated(value: Any) -> None:
    operator, given = ("", value) if not isinstance(value, dict) else next(iter(value.items()))
    given = given.get("prefix", given.get("suffix")) if isinstance(given, dict) else given
    texts = given if isinstance(given, list) else [given]
    if operator == "exists":
        return
    known = not operator or operator in _OPERATORS
    if not known or not all(isinstance(one, str) and not set(one) & set('"\\') for one in texts):
        shown = json.dumps(value, ensure_ascii=False)
        raise FilterRefusedError(f"the local account does not imitate {shown} in a filter policy")


def matches(policy: Mapping[str, list[Any]], attributes: Attributes) -> bool:
    """Tell whether a subscription with this policy takes a message with these attributes."""
    if not policy:
        return True
    # https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
    if not attributes:
        return False
    return all(
        any(_matches(value, _texts(attributes, name)) for value in values)
        for name, values in policy.items()
    )


def _texts(attributes: Attributes, name: str) -> list[str] | None:
    """Return an attribute's texts; None: it is not there, or of a type that is not compared."""
    found = attributes.get(name)
    if found is None:
        return None
    if found["Type"] == "String.Array":
        return [one for one in json.loads(found["Value"]) if isinstance(one, str)]
    return [found["Value"]] if found["Type"] == "String" else []


def _matches(value: Any, texts: list[str] | None) -> bool:
    if value in ({"exists": True}, {"exists": False}):
        return (texts is not None) is bool(value["exists"])
    return any(_text_matches(value, text) for text in texts or ())


def _text_matches(value: Any, text: str) -> bool:
    if isinstance(value, str):
        return text == value
    ((operator, given),) = value.items()
    if operator == "anything-but":
        return not any(_text_matches(one, text) for one in _listed(given))
    starts: bool = text.startswith(given) if operator == "prefix" else text.endswith(given)
    return starts


def _listed(given: Any) -> list[Any]:
    """Return what anything-but excludes, one text or affix each."""
    if not isinstance(given, dict):
        return given if isinstance(given, list) else [given]
    ((operator, texts),) = given.items()
    return [{operator: one} for one in (texts if isinstance(texts, list) else [texts])]
