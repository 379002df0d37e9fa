"""Templates, read nearer to how CloudFormation reads them."""

from typing import Any, cast

import pytest
from moto.cloudformation import parsing

from local.services import template_gaps

NO_VALUE = {"Ref": "AWS::NoValue"}


class Resources(dict[str, Any]):
    """As much of moto's map of resources as an ``Fn::If`` asks for."""

    def __init__(self) -> None:
        super().__init__({"AWS::NoValue": None})
        self.lazy_condition_map = {"Holds": True, "DoesNot": False}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, NO_VALUE, 2], [1, 2]),
        ([{"Fn::If": ["Holds", NO_VALUE, 1]}], []),
        ([{"Fn::If": ["DoesNot", NO_VALUE, 1]}], [1]),
        ({"a": [{"b": [NO_VALUE]}]}, {"a": [{"b": []}]}),
    ],
)
def test_no_value_is_left_out_of_a_list(value: Any, expected: Any) -> None:
    with template_gaps.installed():
        found = parsing.clean_json(value, cast(Any, Resources()))
    assert found == expected


def test_a_dashboard_is_not_made() -> None:
    assert parsing.resource_class_from_type("AWS::CloudWatch::Dashboard")
    with template_gaps.installed():
        assert parsing.resource_class_from_type("AWS::CloudWatch::Dashboard") is None
        assert parsing.resource_class_from_type("AWS::SQS::Queue")
