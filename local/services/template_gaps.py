"""What moto's CloudFormation makes of a template, nearer to what AWS makes of it.

Imitates: a list's member that is ``AWS::NoValue``, or an ``Fn::If`` that comes to it, and is left
out (moto keeps ``None`` there); ``ManagedPolicyArns`` of a role; the policy of a topic; a schedule;
a resource that moto cannot make, which has a name and an ARN all the same, for whatever refers to
it.
Does not imitate: what such a resource does (alarms, subscriptions, policies of queues, channels of
chats).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from unittest import mock

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.iam.models import Role, iam_backends
from moto.scheduler.models import scheduler_backends
from moto.sns.models import sns_backends
from moto.utilities.utils import get_partition


class NotMade(CloudFormationModel):
    """Stands for a resource that moto cannot make."""

    def __init__(self, name: str, kind: str, account_id: str, region: str) -> None:
        self.name = name
        self.arn = f"arn:aws:{kind.split('::')[1].lower()}:{region}:{account_id}:{name}"

    @property
    def physical_resource_id(self) -> str:
        """What ``Ref`` comes to."""
        return self.name

    @staticmethod
    def cloudformation_type() -> str:
        """Be none that moto would find by itself."""
        return "Local::Not::Made"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """It has what is asked for."""
        return True

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """What ``Fn::GetAtt`` comes to."""
        return self.arn if attribute_name.endswith("Arn") else self.name

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "NotMade":
        """Make nothing."""
        return cls(resource_name, kwargs["ResourceType"], account_id, region_name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        """Stay as it is."""
        return original_resource

    def delete(self, _account_id: str, _region: str) -> None:
        """Nothing is there to delete."""


class TopicPolicy(NotMade):
    """The policy of topics, which moto makes only when it is asked for by itself."""

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "TopicPolicy":
        """Give each topic the policy."""
        cls._write(cloudformation_json["Properties"], account_id, region_name)
        return cls(resource_name, kwargs["ResourceType"], account_id, region_name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Any:
        """Give each topic the new one."""
        cls._write(cloudformation_json["Properties"], account_id, region_name)
        return original_resource

    @staticmethod
    def _write(properties: dict[str, Any], account_id: str, region: str) -> None:
        for arn in properties["Topics"]:
            topic = sns_backends[account_id][region].get_topic(arn)
            topic.policy = json.dumps(properties["PolicyDocument"])


class Schedule(NotMade):
    """A schedule of EventBridge Scheduler, in its default group."""

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "Schedule":
        """Make it."""
        given = cloudformation_json["Properties"]
        made = cls(
            given.get("Name", resource_name), kwargs["ResourceType"], account_id, region_name
        )
        nothing: Any = None
        scheduler_backends[account_id][region_name].create_schedule(
            description=given.get("Description", ""),
            end_date=nothing,
            flexible_time_window=given["FlexibleTimeWindow"],
            group_name="default",
            kms_key_arn=nothing,
            name=made.name,
            schedule_expression=given["ScheduleExpression"],
            schedule_expression_timezone=given.get("ScheduleExpressionTimezone", "UTC"),
            start_date=nothing,
            state=given.get("State", "ENABLED"),
            target=given["Target"],
            action_after_completion=None,
        )
        return made

    def delete(self, account_id: str, region: str) -> None:
        """Delete it."""
        scheduler_backends[account_id][region].delete_schedule("default", self.name)


#: Types that moto's CloudFormation does not know, though its services do.
_MADE = {"AWS::SNS::TopicPolicy": TopicPolicy, "AWS::Scheduler::Schedule": Schedule}


@contextmanager
def installed() -> Iterator[None]:
    """Leave such members out, attach policies, and let a resource that is not made stand there."""
    original, class_of = parsing.clean_json, parsing.resource_class_from_type
    create_role = Role.create_from_cloudformation_json

    def create(
        _: Any, name: str, resource: Any, account_id: str, region: str, /, **others: Any
    ) -> Role:
        role: Role = create_role(name, resource, account_id, region, **others)
        for arn in resource["Properties"].get("ManagedPolicyArns", []):
            iam_backends[account_id][get_partition(region)].attach_role_policy(arn, role.name)
        return role

    def resource_class_from_type(kind: str) -> Any:
        return _MADE.get(kind) or class_of(kind) or NotMade

    def clean_json(value: Any, resources: Any) -> Any:
        if not isinstance(value, list):
            return original(value, resources)
        cleaned = [(one, clean_json(one, resources)) for one in value]
        return [result for one, result in cleaned if result is not None or not _may_be_none(one)]

    with (
        mock.patch.object(Role, "create_from_cloudformation_json", classmethod(cast(Any, create))),
        mock.patch.object(parsing, "clean_json", clean_json),
        mock.patch.object(parsing, "resource_class_from_type", resource_class_from_type),
    ):
        yield


def _may_be_none(value: Any) -> bool:
    return value == {"Ref": "AWS::NoValue"} or (isinstance(value, dict) and "Fn::If" in value)
