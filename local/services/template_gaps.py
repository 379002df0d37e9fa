"""What moto's CloudFormation makes of a template, nearer to what AWS makes of it.

Imitates: a list's member that is ``AWS::NoValue``, or an ``Fn::If`` that comes to it, and is left
out (moto keeps ``None`` there); ``ManagedPolicyArns`` of a role; a deleted stack that leaves what
is ``RetainExceptOnCreate``.
Does not imitate: dashboards. moto makes them but no alarms, so there is nothing to show on ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from unittest import mock

from moto.cloudformation import parsing
from moto.iam.models import Role, iam_backends
from moto.utilities.utils import get_partition


@contextmanager
def installed() -> Iterator[None]:
    """Leave such members and dashboards out, attach policies, and leave what stays."""
    original, class_of = parsing.clean_json, parsing.resource_class_from_type
    create_role = Role.create_from_cloudformation_json
    delete_all = parsing.ResourceMap.delete

    def delete(resources: parsing.ResourceMap) -> None:
        declared = resources._resource_json_map
        resources._resource_json_map = {
            name: {**body, "DeletionPolicy": "Retain"} if _stays(body) else body
            for name, body in declared.items()
        }
        try:
            delete_all(resources)
        finally:
            resources._resource_json_map = declared

    def create(
        _: Any, name: str, resource: Any, account_id: str, region: str, /, **others: Any
    ) -> Role:
        role: Role = create_role(name, resource, account_id, region, **others)
        for arn in resource["Properties"].get("ManagedPolicyArns", []):
            iam_backends[account_id][get_partition(region)].attach_role_policy(arn, role.name)
        return role

    def resource_class_from_type(kind: str) -> Any:
        return None if kind == "AWS::CloudWatch::Dashboard" else class_of(kind)

    def clean_json(value: Any, resources: Any) -> Any:
        if not isinstance(value, list):
            return original(value, resources)
        cleaned = [(one, clean_json(one, resources)) for one in value]
        return [result for one, result in cleaned if result is not None or not _may_be_none(one)]

    with (
        mock.patch.object(Role, "create_from_cloudformation_json", classmethod(cast(Any, create))),
        mock.patch.object(parsing.ResourceMap, "delete", delete),
        mock.patch.object(parsing, "clean_json", clean_json),
        mock.patch.object(parsing, "resource_class_from_type", resource_class_from_type),
    ):
        yield


def _stays(resource: dict[str, Any]) -> bool:
    return resource.get("DeletionPolicy") == "RetainExceptOnCreate"


def _may_be_none(value: Any) -> bool:
    return value == {"Ref": "AWS::NoValue"} or (isinstance(value, dict) and "Fn::If" in value)
