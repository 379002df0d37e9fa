"""The events that the machines announce, held against the schema that the repository publishes."""

import functools
import json
from typing import Any

from jsonschema import Draft202012Validator

from local.account import LocalAccount
from tests.loading import EVENTS

SCHEMA: dict[str, Any] = json.loads(
    (EVENTS / "announcements.schema.json").read_text(encoding="utf-8")
)


def announced(account: LocalAccount) -> list[dict[str, Any]]:
    """Return the events of the project's machines, oldest first."""
    return [one for one in account.events.sent if one["source"].startswith("quicksight-refresh.")]


def details(account: LocalAccount) -> list[dict[str, Any]]:
    """Return their details."""
    return [one["detail"] for one in announced(account)]


def problems_of(kind: str, place: str, value: Any) -> list[str]:
    """Return what the schema says against a part of an event; no field may be missing in it.

    Args:
        kind: the event's detail-type.
        place: ``detail``, or a member of it behind a period.
        value: what stands there.
    """
    (_, *members) = place.split(".")
    schema: dict[str, Any] = {"$ref": f"#/$defs/{kind}"}
    for member in members:
        schema = _strict()["$defs"][kind]["properties"][member]
    if not members:  # what the machine adds
        schema = {**_strict()["$defs"][kind], "required": []}
    validator = Draft202012Validator({**schema, "$defs": _strict()["$defs"]})
    return sorted(error.message for error in validator.iter_errors(value))


def check(account: LocalAccount) -> None:
    """Hold every event that was announced against the schema."""
    for event in announced(account):
        assert list(_validator().iter_errors(event)) == [], event


@functools.cache
def _validator() -> Any:
    Draft202012Validator.check_schema(SCHEMA)
    return Draft202012Validator(_strict())


@functools.cache
def _strict() -> Any:
    """Return the schema without room for fields that it does not name."""

    def closed(schema: Any) -> Any:
        if isinstance(schema, list):
            return [closed(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        inner = {name: closed(one) for name, one in schema.items()}
        named = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
        return {**inner, "additionalProperties": False} if named else inner

    return closed(SCHEMA)
