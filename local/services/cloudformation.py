"""Deploy the real templates: translate the SAM one as ``sam deploy`` would, then create the stacks.

Imitates: SAM's transform (by ``aws-sam-translator``); a function's code from its own folder;
``DefinitionSubstitutions``, put into the definition as they are; parameter values checked against
the template, and its ``Rules``, before anything is created.
Does not imitate: change sets, drift; resources that moto's CloudFormation does not know (SNS
subscriptions and policies, queue policies, alarms): they are checked, and stand for themselves.
"""

import copy
import functools
import io
import json
import operator
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

from moto.cloudformation.models import Stack
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.utils import cfn_to_api_tags
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from local.services import template_gaps
from local.services.resource_requests import definition_of

if TYPE_CHECKING:
    from local.account import LocalAccount

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
COMMON_TEMPLATE = ROOT / "common" / "template.yaml"
ARTIFACTS_BUCKET = "local-deployment-artifacts"


class ParameterRefusedError(ValueError):
    """A parameter value does not meet its template's constraint."""


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


def check_parameters(template: Mapping[str, Any], values: Mapping[str, str]) -> None:
    """Refuse values as CloudFormation would, before anything is created.

    Raises:
        ParameterRefusedError: a value is missing, or outside its template's constraints.
    """
    for name, declared in template.get("Parameters", {}).items():
        if name not in values and "Default" not in declared:
            raise ParameterRefusedError(f"Parameters: [{name}] must have values")
        value = str(values.get(name, declared.get("Default")))
        refused = (
            ("AllowedPattern" in declared and not re.fullmatch(declared["AllowedPattern"], value))
            or (
                "AllowedValues" in declared
                and value not in [str(allowed) for allowed in declared["AllowedValues"]]
            )
            or ("MinValue" in declared and float(value) < float(declared["MinValue"]))
            or ("MaxValue" in declared and float(value) > float(declared["MaxValue"]))
            or ("MinLength" in declared and len(value) < int(declared["MinLength"]))
            or ("MaxLength" in declared and len(value) > int(declared["MaxLength"]))
        )
        if refused:
            raise ParameterRefusedError(
                f"Parameter {name} failed to satisfy constraint: "
                f"{declared.get('ConstraintDescription', 'see the template')}"
            )
    unknown = set(values) - set(template.get("Parameters", {}))
    if unknown:
        raise ParameterRefusedError(f"Parameters: {sorted(unknown)} do not exist in the template")


def check_rules(template: Mapping[str, Any], values: Mapping[str, str]) -> None:
    """Refuse what a rule of the template refuses, before anything is created.

    Args:
        template: as CloudFormation reads it.
        values: parameters by name, and ``AWS::Region``.

    Raises:
        ParameterRefusedError: an assertion does not hold.
    """
    for name, rule in template.get("Rules", {}).items():
        if "RuleCondition" in rule and not _holds(rule["RuleCondition"], values):
            continue
        for assertion in rule["Assertions"]:
            if not _holds(assertion["Assert"], values):
                raise ParameterRefusedError(f"Rule {name}: {assertion['AssertDescription']}")


def _holds(given: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    """Evaluate a rule's function: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html."""
    ((function, arguments),) = given.items()
    if function == "Fn::Not":
        return not _holds(arguments[0], values)
    if function in ("Fn::And", "Fn::Or"):
        return (all if function == "Fn::And" else any)(_holds(one, values) for one in arguments)
    first, second = (values[one["Ref"]] if "Ref" in one else one for one in arguments)
    tests = {"Fn::Equals": operator.eq, "Fn::Contains": operator.contains}
    if function not in tests:
        raise ValueError(
            f"{function} in a rule is not imitated: add it to local.services.cloudformation"
        )
    return bool(tests[function](first, second))


def zip_folder(folder: Path) -> bytes:
    """Return a function's folder as the archive that ``sam deploy`` uploads."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in sorted(folder.rglob("*.py")):
            archive.writestr(zipfile.ZipInfo(str(file.relative_to(folder))), file.read_bytes())
    return buffer.getvalue()


@contextmanager
def installed(account: "LocalAccount") -> Iterator[None]:
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

    read_yaml = Stack.parse_template

    def parse_template(text: str) -> dict[str, Any]:
        """Read JSON as JSON: moto's reader of YAML takes half of a deployment's time for it."""
        try:
            template: dict[str, Any] = json.loads(text)
        except ValueError:
            return read_yaml(text)
        return template

    with (
        template_gaps.installed(),
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
