"""Deploy the real templates: translate the SAM one as ``sam deploy`` would, then create the stacks.

Imitates: SAM's transform (by ``aws-sam-translator``); a function's code from its own folder;
``DefinitionSubstitutions``, put into the definition as they are.
Does not imitate: drift; resources that moto's CloudFormation does not know (SNS
subscriptions and policies, queue policies, alarms): they are checked, and stand for themselves.
"""

import copy
import functools
import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from unittest import mock
from urllib.parse import urlparse

from moto.cloudformation import responses, utils
from moto.cloudformation.models import Stack
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.utils import cfn_to_api_tags
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from local.services import template_gaps
from local.services.resource_requests import definition_of

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
COMMON_TEMPLATE = ROOT / "common" / "template.yaml"
#: What people may deploy beside both, each by itself.
ADDONS = tuple(sorted((ROOT / "addons").glob("*.yaml")))
ARTIFACTS_BUCKET = "local-deployment-artifacts"


def load(path: Path) -> dict[str, Any]:
    """Return a template as CloudFormation reads it, short forms (``!Ref``) resolved."""
    return copy.deepcopy(_parsed(path.read_text(encoding="utf-8")))


@functools.cache
def _parsed(text: str) -> dict[str, Any]:
    template: dict[str, Any] = yaml_parse(text)
    return template


def translate(path: Path = TEMPLATE, region: str = "ap-northeast-1") -> dict[str, Any]:
    """Return the SAM template as plain CloudFormation, definitions and code locations inlined."""
    template = load(path)
    definitions: dict[str, Any] = {}
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::StateMachine":
            file = path.parent / properties.pop("DefinitionUri")
            definitions[name] = json.loads(file.read_text(encoding="utf-8"))
            properties["Definition"] = definitions[name]
        elif resource["Type"] == "AWS::Serverless::Function":
            key = f"{Path(properties['CodeUri'])}.zip"
            properties["CodeUri"] = {"Bucket": ARTIFACTS_BUCKET, "Key": key}
    translator = Translator({}, Parser(), boto_session=mock.Mock(region_name=region))
    translated: dict[str, Any] = translator.translate(
        sam_template=template, parameter_values={}, feature_toggle=None
    )
    for name, definition in definitions.items():
        properties = translated["Resources"][name]["Properties"]
        properties.pop("DefinitionString", None)
        properties["Definition"] = definition
    return translated


def zip_folder(folder: Path) -> bytes:
    """Return a function's folder as the archive that ``sam deploy`` uploads."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in sorted(one for one in folder.rglob("*.*") if one.suffix in (".py", ".toml")):
            archive.writestr(zipfile.ZipInfo(str(file.relative_to(folder))), file.read_bytes())
    return buffer.getvalue()


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's CloudFormation create state machines that run, and delete them."""

    def create(
        _: Any, name: str, resource: Any, account_id: str, region: str, /, **__: Any
    ) -> StateMachine:
        properties = resource["Properties"]
        backend = stepfunctions_parser_backends[account_id][region]
        return backend.create_state_machine(
            properties.get("StateMachineName", name),
            definition_of(properties),
            properties["RoleArn"],
            tags=cfn_to_api_tags(properties.get("Tags", [])),
            sm_type=properties.get("StateMachineType", "STANDARD"),
        )

    def delete(_: Any, arn: str, __: Any, account_id: str, region: str) -> None:
        stepfunctions_parser_backends[account_id][region].delete_state_machine(arn)

    def parse_template(text: str) -> dict[str, Any]:
        """Read JSON as JSON: a reader of YAML takes half of a deployment's time for it."""
        try:
            template: dict[str, Any] = json.loads(text)
        except ValueError:
            return copy.deepcopy(_parsed(text))
        return template

    by_address = utils.get_stack_from_s3_url

    def get_stack_from_s3_url(address: str, account_id: str, partition: str) -> str:
        """Find a template at this server, too: moto knows the addresses of AWS."""
        parts = urlparse(address)
        if not re.search(r"\.amazonaws\.com(\.cn)?$", parts.hostname or ""):
            address = f"https://s3.amazonaws.com{parts.path}"
        text: str = by_address(address, account_id=account_id, partition=partition)
        return text

    with (
        template_gaps.installed(),
        mock.patch.object(responses, "get_stack_from_s3_url", get_stack_from_s3_url),
        mock.patch.object(
            StateMachine, "create_from_cloudformation_json", classmethod(cast(Any, create))
        ),
        mock.patch.object(
            StateMachine, "delete_from_cloudformation_json", classmethod(cast(Any, delete))
        ),
        mock.patch.object(Stack, "parse_template", staticmethod(parse_template)),
    ):
        yield


def for_lint() -> str:
    """Return the translated refresh template as text that cfn-lint can read.

    Its schema of definitions knows no partition but the one spelled out, and no expression for
    MaxConcurrency (https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
    allows one): both are filled in here, for the lint only.
    """
    text = json.dumps(translate(), indent=1, ensure_ascii=False)
    text = text.replace('"MaxConcurrency": "{% $ceil(${MaxConcurrency}) %}"', '"MaxConcurrency": 0')
    return text.replace("${Partition}", "aws") + "\n"
