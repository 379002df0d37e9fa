"""What moto's CloudFormation makes of a template, nearer to what AWS makes of it.

Imitates: a list's member that is ``AWS::NoValue``, or an ``Fn::If`` that comes to it, and is left
out (moto keeps ``None`` there).
Does not imitate: dashboards. moto makes them but no alarms, so there is nothing to show on ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.cloudformation import parsing


@contextmanager
def installed() -> Iterator[None]:
    """Leave such members and dashboards out."""
    original, class_of = parsing.clean_json, parsing.resource_class_from_type

    def resource_class_from_type(kind: str) -> Any:
        return None if kind == "AWS::CloudWatch::Dashboard" else class_of(kind)

    def clean_json(value: Any, resources: Any) -> Any:
        if not isinstance(value, list):
            return original(value, resources)
        cleaned = [(one, clean_json(one, resources)) for one in value]
        return [result for one, result in cleaned if result is not None or not _may_be_none(one)]

    with (
        mock.patch.object(parsing, "clean_json", clean_json),
        mock.patch.object(parsing, "resource_class_from_type", resource_class_from_type),
    ):
        yield


def _may_be_none(value: Any) -> bool:
    return value == {"Ref": "AWS::NoValue"} or (isinstance(value, dict) and "Fn::If" in value)
