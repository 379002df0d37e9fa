"""What a stack's resources would be, in any partition and Region, without making any.

For checks that a deployment here cannot make: moto has one partition, and a deployment takes time.
"""

import re
from collections.abc import Mapping
from typing import Any
from unittest import mock

from moto.cloudformation import parsing
from moto.cloudformation.parsing import Export, OutputMap, ResourceMap

from local.services import template_gaps
from local.services.template_gaps import NotMade

#: Type → its ARN after partition and service.
_ARNS = {
    "AWS::CloudWatch::Alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::IAM::ManagedPolicy": "iam::{account}:policy/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{name}",
}
#: Types whose ``Ref`` is their ARN.
_REFERS_BY_ARN = ("AWS::IAM::ManagedPolicy", "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine")
_DOMAINS = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}
_ACCOUNT_ID = "123456789012"

#: Logical id → type and properties, all of them resolved.
Resources = dict[str, tuple[str, dict[str, Any]]]


class DryDeployment:
    """Both stacks' resources, one stack after the other, which sees the exports of those before.

    Args:
        region: where they would be.
        partition: its partition.
    """

    def __init__(self, region: str, partition: str) -> None:
        self.region = region
        self.partition = partition
        self.exports: dict[str, Export] = {}

    def add(self, name: str, template: dict[str, Any], values: Mapping[str, str]) -> Resources:
        """Return what a stack would create: only what its conditions ask for."""
        found: Resources = {}
        generate = parsing.parse_resource_and_generate_name

        def noting(logical_id: str, resource: dict[str, Any], resources: ResourceMap) -> Any:
            made = generate(logical_id, resource, resources)
            found[logical_id] = (resource["Type"], made[1]["Properties"])
            return made

        with (
            template_gaps.installed(),
            mock.patch.object(parsing, "resource_class_from_type", return_value=NotMade),
            mock.patch.object(parsing, "parse_resource_and_generate_name", noting),
            mock.patch.object(NotMade, "create_from_cloudformation_json", self._stand_in),
        ):
            resources = ResourceMap(
                f"arn:{self.partition}:cloudformation:{self.region}:{_ACCOUNT_ID}:stack/{name}/1",
                name,
                dict(values),
                {},
                self.region,
                _ACCOUNT_ID,
                template,
                self.exports,
            )
            resources._parsed_resources |= {
                "AWS::Partition": self.partition,
                "AWS::URLSuffix": _DOMAINS.get(self.partition, "amazonaws.com"),
            }
            resources.load()
            for logical_id in template["Resources"]:
                resources[logical_id]
            outputs = OutputMap(resources, template, name)
            self.exports |= {one.name: one for one in outputs.exports}
        return found

    def _stand_in(self, name: str, _: Any, account: str, region: str, **how: Any) -> NotMade:
        kind = how["ResourceType"]
        # A name that CloudFormation makes up is cut to what the service takes.
        name = name if re.fullmatch(r".{1,64}", name) else name[:64]
        made = NotMade(name, kind, account, region)  # type: ignore[abstract]  # of moto in name only
        if kind in _ARNS:
            path = _ARNS[kind].format(region=region, account=account, name=name)
            made.arn = f"arn:{self.partition}:{path}"
        if kind in _REFERS_BY_ARN:
            made.name = made.arn
        return made
