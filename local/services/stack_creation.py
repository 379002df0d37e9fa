"""How the creation of a stack ends when a service refuses one of its resources.

Imitates: a refused resource, CREATE_FAILED with its service's reason; the stack that is rolled back
then, ROLLBACK_COMPLETE; what a rollback deletes, the last first; ``DeletionPolicy: Retain``, which
a rollback keeps; ``RetainExceptOnCreate``, which a rollback deletes and the deletion of the stack
keeps; a name that is there already, which fails the creation; a stack that was rolled back, which
nothing but its deletion takes.
Does not imitate: resources that are made at the same time; events of resources that succeed;
updates that are rolled back (an update that is refused is answered with the error).
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Event, Stack
from moto.cloudformation.parsing import OutputMap, ResourceMap
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from local.services import resource_requests

#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
_KEPT_BY_ROLLBACK = ("Retain",)
_KEPT_BY_DELETION = ("Retain", "RetainExceptOnCreate")
ROLLED_BACK = "ROLLBACK_COMPLETE"


class ResourceFailedError(Exception):
    """A resource could not be made; ``reason`` as CloudFormation's event has it."""

    def __init__(self, logical_id: str, kind: str, reason: str) -> None:
        super().__init__(f"{logical_id} ({kind}): {reason}")
        self.logical_id = logical_id
        self.kind = kind
        self.reason = reason


class StackFailedError(RuntimeError):
    """A stack could not be created: which resource, and the service's reason."""


def raise_if_failed(client: Any, name: str) -> None:
    """Look at a new stack through CloudFormation's API.

    Raises:
        StackFailedError: it was rolled back.
    """
    if client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] != ROLLED_BACK:
        return
    for event in client.describe_stack_events(StackName=name)["StackEvents"]:
        if event["ResourceStatus"] == "CREATE_FAILED":
            raise StackFailedError(
                f"stack {name} ended in {ROLLED_BACK}: {event['LogicalResourceId']} "
                f"({event['ResourceType']}): {event['ResourceStatusReason']}"
            )


@contextmanager
def installed() -> Iterator[None]:
    """Check each resource before it is made, and roll back a stack that fails."""
    with ExitStack() as stack:
        patch = _patching(stack)
        patch(parsing, "parse_resource_and_generate_name", _checked)
        patch(parsing, "parse_and_create_resource", _naming_the_failed)
        patch(CloudFormationBackend, "create_stack", _or_rolled_back)
        patch(CloudFormationBackend, "execute_change_set", _executed_or_rolled_back)
        patch(CloudFormationBackend, "update_stack", _updated)
        patch(ResourceMap, "delete", lambda _: lambda made: _delete(made, _KEPT_BY_DELETION))
        yield


def _patching(stack: ExitStack) -> Callable[[Any, str, Callable[[Any], Any]], None]:
    def patch(owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        stack.enter_context(mock.patch.object(owner, name, wrap(getattr(owner, name))))

    return patch


def _checked(generate: Any) -> Any:
    def checked(logical_id: str, template: dict[str, Any], resources: ResourceMap) -> Any:
        made = generate(logical_id, template, resources)
        if made:
            refused = resource_requests.refusal_of(template["Type"], made[1]["Properties"])
            if refused:
                reason = resource_requests.reason(*refused)
                raise ResourceFailedError(logical_id, template["Type"], reason)
        return made

    return checked


def _naming_the_failed(create_resource: Any) -> Any:
    def create(logical_id: str, template: dict[str, Any], *given: Any, **named: Any) -> Any:
        try:
            return create_resource(logical_id, template, *given, **named)
        except (ServiceException, HTTPException) as error:
            raise ResourceFailedError(logical_id, template["Type"], str(error)) from error

    return create


def _or_rolled_back(create_stack: Any) -> Any:
    def create(backend: Any, name: str, *given: Any, **named: Any) -> Stack:
        try:
            created: Stack = create_stack(backend, name, *given, **named)
        except ResourceFailedError as failed:
            created = next(one for one in backend.stacks.values() if one.name == name)
            _roll_back(backend, created, failed)
        return created

    return create


def _executed_or_rolled_back(execute: Any) -> Any:
    def executed(backend: Any, change_set_name: str, stack_name: str | None = None) -> None:
        change_set = backend.describe_change_set(change_set_name)
        stack = backend.stacks[change_set.stack_id]
        _refuse_rolled_back(stack)
        try:
            execute(backend, change_set_name, stack_name)
        except ResourceFailedError as failed:
            if change_set.change_set_type != "CREATE":
                raise ValidationError(message=str(failed)) from failed
            _roll_back(backend, stack, failed)

    return executed


def _updated(update_stack: Any) -> Any:
    def update(backend: Any, name: str, *given: Any, **named: Any) -> Stack:
        _refuse_rolled_back(backend.get_stack(name))
        try:
            updated: Stack = update_stack(backend, name, *given, **named)
        except ResourceFailedError as failed:
            raise ValidationError(message=str(failed)) from failed
        return updated

    return update


def _refuse_rolled_back(stack: Stack) -> None:
    if stack.status == ROLLED_BACK:
        raise ValidationError(
            message=f"Stack:{stack.stack_id} is in {ROLLED_BACK} state and can not be updated."
        )


def _roll_back(backend: CloudFormationBackend, stack: Stack, failed: ResourceFailedError) -> None:
    _note(stack, failed.logical_id, failed.kind, "CREATE_FAILED", failed.reason)
    stack._add_stack_event(
        "ROLLBACK_IN_PROGRESS",
        resource_status_reason=f"The following resource(s) failed to create: [{failed.logical_id}]."
        " Rollback requested by user.",
    )
    _delete(stack.resource_map, _KEPT_BY_ROLLBACK, stack)
    for name, export in list(backend.exports.items()):
        if export.exporting_stack_id == stack.stack_id:
            del backend.exports[name]
    # Whoever looked at a resource or an output of it now would make it again.
    stack.resource_map._resource_json_map = {}
    stack.output_map = OutputMap(stack.resource_map, {}, stack.stack_id)
    stack.status = ROLLED_BACK
    stack._add_stack_event(ROLLED_BACK)


def _delete(resources: ResourceMap, kept: tuple[str, ...], stack: Stack | None = None) -> None:
    """Delete what was made, the last first: nothing is made before what it refers to."""
    made = resources._parsed_resources
    for logical_id in reversed([one for one in made if one in resources._resource_json_map]):
        template = resources._resource_json_map[logical_id]
        stays = template.get("DeletionPolicy") in kept
        if not stays:
            resources._delete_resource(made.pop(logical_id), template)
        if stack is not None:
            status = "DELETE_SKIPPED" if stays else "DELETE_COMPLETE"
            _note(stack, logical_id, template["Type"], status)


def _note(stack: Stack, logical_id: str, kind: str, status: str, reason: str | None = None) -> None:
    stack.events.append(
        Event(
            stack_id=stack.stack_id,
            stack_name=stack.name,
            logical_resource_id=logical_id,
            physical_resource_id="",
            resource_type=kind,
            resource_status=status,
            resource_status_reason=reason,
            resource_properties=None,
        )
    )
