"""Take tables that are there into a stack, as ``--import-existing-resources`` does.

Imitates: a change set that takes a table over: one with a static name in the template, and a
``DeletionPolicy`` that keeps it; what it says of it, ``Import``; its items, as they are, also where
the stack is rolled back; a table that is there and is not taken over, which fails the stack that
would make it (moto makes it anew).
Does not imitate: other resources, tables of another stack, drift of what was taken over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast
from unittest import mock

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import ChangeSet
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

KEPT = ("Retain", "RetainExceptOnCreate")
#: Names of the tables that the change set which is being executed may take over.
_takes_over: ContextVar[frozenset[str]] = ContextVar("_takes_over", default=frozenset())


def importable(template: dict[str, Any]) -> frozenset[str]:
    """Return the names of the tables that a template may take over."""
    kept = (one for one in template["Resources"].values() if one.get("DeletionPolicy") in KEPT)
    return frozenset(name for name in map(_table_name, kept) if name)


def _mark_imports(change_set: Any) -> None:
    """Say of a table that is there that it is imported, not added."""
    tables = dynamodb_backends[change_set.stack.account_id][change_set.stack.region_name].tables
    resources = change_set.template_dict["Resources"]
    for change in change_set.changes:
        name = _table_name(resources[change.logical_resource_id])
        if name in change_set.takes_over and name in tables:
            change.action = "Import"


def _kept(template: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Return a template that keeps the tables it takes over, also when it is rolled back."""
    resources = {
        name: {**body, "DeletionPolicy": "Retain"} if _table_name(body) in names else body
        for name, body in template["Resources"].items()
    }
    return {**template, "Resources": resources}


def _table_name(resource: dict[str, Any]) -> Any:
    name = resource.get("Properties", {}).get("TableName")
    return name if resource["Type"] == "AWS::DynamoDB::Table" and isinstance(name, str) else None


@contextmanager
def installed() -> Iterator[None]:
    """Let change sets take tables over."""
    create_change_set = CloudFormationResponse.create_change_set
    apply, create = ChangeSet.apply, Table.create_from_cloudformation_json

    def create_and_note(response: Any) -> ActionResult:
        result = create_change_set(response)
        if response._get_bool_param("ImportExistingResources", False):
            change_set = response.cloudformation_backend.change_sets[
                cast(dict[str, Any], result.result)["Id"]
            ]
            change_set.takes_over = importable(change_set.template_dict)
            _mark_imports(change_set)
        return result

    def apply_and_take_over(change_set: Any) -> None:
        names: frozenset[str] = getattr(change_set, "takes_over", frozenset())
        change_set.template_dict = _kept(change_set.template_dict, names)
        token = _takes_over.set(names)
        try:
            apply(change_set)
        finally:
            _takes_over.reset(token)

    def create_or_take_over(
        _: Any, name: str, resource: Any, account_id: str, region: str, /, **others: Any
    ) -> Table:
        tables = dynamodb_backends[account_id][region].tables
        if name in _takes_over.get() and name in tables:
            return tables[name]
        if name in tables:
            kind = "AWS::DynamoDB::Table"
            message = f"Resource of type '{kind}' with identifier '{name}' already exists."
            raise ValidationError(message=message)
        return create(name, resource, account_id, region, **others)

    with (
        mock.patch.object(CloudFormationResponse, "create_change_set", create_and_note),
        mock.patch.object(ChangeSet, "apply", apply_and_take_over),
        mock.patch.object(
            Table, "create_from_cloudformation_json", classmethod(cast(Any, create_or_take_over))
        ),
    ):
        yield
