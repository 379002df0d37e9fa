"""Change sets: what a template would change, and the stack that comes of it.

Imitates: SAM's transform, which a change set is about the outcome of; a definition in S3; the
acknowledgement that roles need; the empty stack that a first change set leaves, and that another
one takes; a first change set for a stack that is there, which is refused; a name that no stack
exports, refused before anything is made; a change set that changes nothing, which fails; exports
of a stack that was made so; what changes: resources, by their conditions and parameters.
Does not imitate: ``Replacement`` and other details of a change; changes that come by a reference
from one resource to another; CREATE_PENDING (a change set is there at once); a definition that is
read when the change set is executed; other macros; SAM's outside change sets; changes of what moto
cannot change (tables, queue policies), which are shown and not made.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast
from unittest import mock

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import (
    Change,
    ChangeSet,
    CloudFormationBackend,
    Stack,
    cloudformation_backends,
)
from moto.cloudformation.parsing import ResourceMap
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.events.models import Rule
from moto.s3.models import s3_backends
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local.services.resource_requests import definition_of

SAM = "AWS::Serverless-2016-10-31"
REVIEWED = "REVIEW_IN_PROGRESS"
_NOTHING = (
    "The submitted information didn't contain changes. Submit different information to create a"
    " change set."
)
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
_ACKNOWLEDGED = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")
_NEEDS_IAM = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role")


class InsufficientCapabilitiesError(ServiceException):
    """The template makes roles or policies, and nobody said that this is meant."""

    code = "InsufficientCapabilitiesException"

    def __init__(self) -> None:
        super().__init__("Requires capabilities : [CAPABILITY_IAM]")


def transformed(template: dict[str, Any], region: str) -> dict[str, Any]:
    """Return what SAM makes of a template whose code and definitions are in S3."""
    if template.get("Transform") != SAM:
        return template
    translator = Translator({}, Parser(), boto_session=mock.Mock(region_name=region))
    result: dict[str, Any] = translator.translate(
        sam_template=template, parameter_values={}, feature_toggle=None
    )
    return result


def _with_definitions(template: dict[str, Any], account_id: str) -> dict[str, Any]:
    """Return a template with the definitions that its state machines name in S3."""
    for resource in template["Resources"].values():
        place = resource.get("Properties", {}).pop("DefinitionS3Location", None)
        if place is not None:
            found = s3_backends[account_id]["aws"].get_object(place["Bucket"], place["Key"])
            if found is None:
                raise ValidationError(
                    message=f"there is no definition s3://{place['Bucket']}/{place['Key']}"
                )
            resource["Properties"]["DefinitionString"] = found.value.decode()
    return template


@contextmanager
def installed(changed: Callable[[], None]) -> Iterator[None]:
    """Make stacks of change sets.

    Args:
        changed: called after each stack that a change set made or changed.
    """
    asked = _asked(CloudFormationResponse.create_change_set)
    created = _created(CloudFormationBackend.create_change_set)
    with (
        mock.patch.object(CloudFormationResponse, "create_change_set", asked),
        mock.patch.object(
            CloudFormationResponse,
            "_validate_different_update",
            _of_updates(CloudFormationResponse._validate_different_update),
        ),
        mock.patch.object(CloudFormationBackend, "create_change_set", created),
        mock.patch.object(ResourceMap, "build_resource_diff", _differing),
        mock.patch.object(ChangeSet, "_parse_template", _parse),
        mock.patch.object(ChangeSet, "diff", _changes),
        mock.patch.object(ChangeSet, "apply", _applied(changed)),
        mock.patch.object(
            parsing, "parse_and_update_resource", _or_kept(parsing.parse_and_update_resource)
        ),
        mock.patch.object(
            StateMachine,
            "update_from_cloudformation_json",
            classmethod(cast(Any, _machine_updated)),
        ),
        mock.patch.object(
            Rule,
            "update_from_cloudformation_json",
            classmethod(cast(Any, _rule_updated(Rule.update_from_cloudformation_json))),
        ),
    ):
        yield


def _asked(create: Any) -> Any:
    def asked(response: Any) -> ActionResult:
        given = response._get_param("Capabilities", [])
        body = response._get_param("TemplateBody")
        url = response._get_param("TemplateURL")
        template = Stack.parse_template(response._get_stack_from_s3_url(url) if url else body)
        region = response.cloudformation_backend.region_name
        kinds = {one["Type"] for one in transformed(template, region)["Resources"].values()}
        if kinds & set(_NEEDS_IAM) and not set(given) & set(_ACKNOWLEDGED):
            raise InsufficientCapabilitiesError
        result: ActionResult = create(response)
        return result

    return asked


def _of_updates(validate: Any) -> Any:
    def validated(response: Any, *given: Any) -> None:
        # A change set that changes nothing is made, and fails.
        if response._get_action() != "CreateChangeSet":
            validate(response, *given)

    return validated


def _created(create: Any) -> Any:
    def created(
        backend: Any,
        *,
        stack_name: str,
        template: str,
        parameters: dict[str, Any],
        change_set_type: str,
        **others: Any,
    ) -> tuple[str, str]:
        if change_set_type == "CREATE":
            _make_room(backend, stack_name, others["change_set_name"])
        made = transformed(Stack.parse_template(template), backend.region_name)
        made = _with_definitions(made, backend.account_id)
        # What stays as it was comes as the number it stands for.
        values = {name: str(value) for name, value in parameters.items()}
        declared = made.get("Parameters", {})
        defaults = {name: str(one.get("Default", "")) for name, one in declared.items()}
        for name in _imports(made, defaults | values):
            if name not in backend.exports:
                raise ValidationError(message=f"No export named {name} found.")
        change_set_id: str
        change_set_id, stack_id = create(
            backend,
            stack_name=stack_name,
            template=json.dumps(made, ensure_ascii=False),
            parameters=values,
            change_set_type=change_set_type,
            **others,
        )
        change_set = backend.change_sets[change_set_id]
        outputs = change_set.stack.template_dict.get("Outputs")
        if (
            change_set_type == "UPDATE"
            and not change_set.changes
            and outputs == made.get("Outputs")
        ):
            change_set.status, change_set.execution_status = "FAILED", "UNAVAILABLE"
            change_set.status_reason = _NOTHING
        return change_set_id, stack_id

    return created


def _make_room(backend: Any, stack_name: str, change_set_name: str) -> None:
    for there in [one for one in backend.stacks.values() if one.name == stack_name]:
        if there.status != REVIEWED:
            raise ValidationError(
                message=f"Stack [{stack_name}] already exists and cannot be created again with the"
                f" changeSet [{change_set_name}]."
            )
        del backend.stacks[there.stack_id]


def _imports(part: Any, parameters: dict[str, str]) -> Iterator[str]:
    """Yield the names that ``Fn::ImportValue`` asks for, as far as parameters make them up."""
    if isinstance(part, list):
        for one in part:
            yield from _imports(one, parameters)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "Fn::ImportValue":
                text = value["Fn::Sub"] if isinstance(value, dict) else value
                for parameter, given in parameters.items():
                    text = text.replace("${" + parameter + "}", given)
                yield text
            else:
                yield from _imports(value, parameters)


# ------------------------------------------------------------------------ what changes


class _Template:
    """A template with parameters: which resources it makes, and of what, as far as it tells."""

    def __init__(self, resources: Any, template: dict[str, Any], parameters: Any) -> None:
        self.template = template
        if template == {}:
            self.map = resources
            return
        self.map = ResourceMap(
            resources.stack_id,
            resources._parsed_resources["AWS::StackName"],
            parameters,
            {},
            resources._region_name,
            resources._account_id,
            template,
            resources.cross_stack_resources,
        )
        self.map.load_mapping()
        self.map.load_parameters()
        self.map.load_conditions()

    def made(self) -> dict[str, Any]:
        """Return what there is by the conditions, with parameters and conditions filled in."""
        return {
            name: self._filled(body)
            for name, body in self.template.get("Resources", {}).items()
            if "Condition" not in body or self.map.lazy_condition_map[body["Condition"]]
        }

    def _filled(self, part: Any) -> Any:
        if isinstance(part, list):
            return [self._filled(one) for one in part]
        if not isinstance(part, dict):
            return part
        if set(part) == {"Fn::If"}:
            condition, yes, no = part["Fn::If"]
            return self._filled(yes if self.map.lazy_condition_map[condition] else no)
        known = self.map.resolved_parameters
        if set(part) == {"Ref"} and part["Ref"] in known:
            return str(known[part["Ref"]])
        if set(part) == {"Fn::Sub"} and isinstance(part["Fn::Sub"], str):
            text = part["Fn::Sub"]
            for name, value in known.items():
                text = text.replace("${" + name + "}", str(value))
            return text if "${" not in text else {"Fn::Sub": text}
        return {name: self._filled(value) for name, value in part.items()}


def _differing(resources: Any, template: dict[str, Any], parameters: Any = None) -> dict[str, Any]:
    old_template = {} if resources._resource_json_map == {} else resources._template
    old = _Template(resources, old_template, resources.input_parameters).made()
    given = resources.input_parameters if parameters is None else parameters
    new = _Template(resources, template, given).made()
    return {
        "Add": [name for name in new if name not in old],
        "Modify": [name for name in new if name in old and new[name] != old[name]],
        "Remove": [name for name in old if name not in new],
    }


def _parse(change_set: Any) -> None:
    change_set.template_dict = Stack.parse_template(change_set.template)


def _changes(change_set: Any) -> list[Change]:
    resources = change_set.stack.resource_map
    found = resources.build_resource_diff(change_set.template_dict, change_set.parameters)
    old, new = resources._resource_json_map, change_set.template_dict["Resources"]
    return [
        Change(action, name, (new.get(name) or old[name])["Type"])
        for action, names in found.items()
        for name in names
    ]


# ------------------------------------------------------------------------ what comes of it


def _applied(changed: Callable[[], None]) -> Any:
    def apply(change_set: Any) -> None:
        stack: Any = change_set.stack
        backend = cloudformation_backends[stack.account_id][stack.region_name]
        try:
            if change_set.change_set_type == "CREATE":
                _make(stack, change_set, backend.exports)
            else:
                stack.resource_map.update(change_set.template_dict, change_set.parameters)
        finally:
            changed()
        stack.template = change_set.template
        stack._parse_template()
        stack.resource_map._template = stack.template_dict
        stack.resource_map._resource_json_map = stack.template_dict["Resources"]
        stack.parameters = change_set.parameters
        stack.description = stack.template_dict.get("Description")
        stack.output_map = stack._create_output_map()
        for export in stack.exports:
            backend.exports[export.name] = export

    return apply


def _make(stack: Any, change_set: Any, exports: Any) -> None:
    stack.template_dict, stack.parameters = change_set.template_dict, change_set.parameters
    stack.cross_stack_resources = exports
    stack.resource_map = stack._create_resource_map()
    stack.output_map = stack._create_output_map()
    stack.resource_map.create(stack.template_dict)


def _or_kept(update: Any) -> Any:
    def updated(logical_id: str, body: Any, resources: Any, **where: Any) -> Any:
        # What moto cannot change stays as it is.
        return update(logical_id, body, resources, **where) or resources[logical_id]

    return updated


def _machine_updated(
    _: Any,
    original_resource: Any,
    new_resource_name: str,
    cloudformation_json: Any,
    account_id: str,
    region_name: str,
) -> Any:
    properties = cloudformation_json["Properties"]
    backend = stepfunctions_parser_backends[account_id][region_name]
    backend.update_state_machine(
        original_resource.arn, definition_of(properties), properties["RoleArn"]
    )
    return original_resource


def _rule_updated(update: Any) -> Any:
    def updated(_: Any, original_resource: Any, new_resource_name: str, **others: Any) -> Any:
        # A name that CloudFormation made up stays.
        return update(
            original_resource=original_resource,
            new_resource_name=original_resource.name,
            **others,
        )

    return updated
