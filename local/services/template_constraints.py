"""What a template asks of its parameters and of the place it is deployed to.

Imitates: parameter values checked against the template, and its ``Rules``, before anything is
created, whoever asks for the stack or the change set.
Does not imitate: parameters of other types than ``String`` and ``Number``; updates of a stack.
"""

import operator
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class ParameterRefusedError(ValueError):
    """A parameter value does not meet its template's constraint."""


def check_parameters(template: Mapping[str, Any], values: Mapping[str, str]) -> None:
    """Refuse values as CloudFormation would, before anything is created.

    Raises:
        ParameterRefusedError: a value is missing, or outside its template's constraints.
    """
    for name, declared in template.get("Parameters", {}).items():
        if name not in values and "Default" not in declared:
            raise ParameterRefusedError(f"Parameters: [{name}] must have values")
        value = str(values.get(name, declared.get("Default")))
        if _breaks(declared, value):
            raise ParameterRefusedError(
                f"Parameter {name} failed to satisfy constraint: "
                f"{declared.get('ConstraintDescription', 'see the template')}"
            )
    unknown = set(values) - set(template.get("Parameters", {}))
    if unknown:
        raise ParameterRefusedError(f"Parameters: {sorted(unknown)} do not exist in the template")


def _breaks(declared: Mapping[str, Any], value: str) -> bool:
    if declared["Type"] == "Number" and not _NUMBER.fullmatch(value):
        return True
    allowed = [str(one) for one in declared.get("AllowedValues", [value])]
    return (
        value not in allowed
        or not re.fullmatch(declared.get("AllowedPattern", r"(?s:.*)"), value)
        or ("MinValue" in declared and float(value) < float(declared["MinValue"]))
        or ("MaxValue" in declared and float(value) > float(declared["MaxValue"]))
        or ("MinLength" in declared and len(value) < int(declared["MinLength"]))
        or ("MaxLength" in declared and len(value) > int(declared["MaxLength"]))
    )


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
        raise ValueError(f"{function} in a rule is not imitated: add it to {__name__}")
    return bool(tests[function](first, second))


@contextmanager
def installed() -> Iterator[None]:
    """Check what comes to CloudFormation's API."""
    with ExitStack() as stack:
        for name in ("create_stack", "create_change_set"):
            original = getattr(CloudFormationBackend, name)
            stack.enter_context(mock.patch.object(CloudFormationBackend, name, _checked(original)))
        yield


def _checked(create: Any) -> Any:
    def checked(backend: Any, *, template: str, parameters: dict[str, str], **others: Any) -> Any:
        read = Stack.parse_template(template)
        try:
            check_parameters(read, parameters)
            check_rules(read, {**parameters, "AWS::Region": backend.region_name})
        except ParameterRefusedError as refused:
            raise ValidationError(message=str(refused)) from refused
        return create(backend, template=template, parameters=parameters, **others)

    return checked
