"""Which stack a resource belongs to.

Imitates: DescribeStackResources by the physical id of a resource (moto knows it by the stack's name
only).
Does not imitate: stacks that were deleted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.cloudformation.responses import CloudFormationResponse, StackResourceDTO
from moto.core.responses import ActionResult


@contextmanager
def installed() -> Iterator[None]:
    """Answer by physical id, too."""
    by_name = CloudFormationResponse.describe_stack_resources

    def describe_stack_resources(response: Any) -> ActionResult:
        wanted = response._get_param("PhysicalResourceId")
        for stack in response.cloudformation_backend.stacks.values() if wanted else ():
            # Asked for all, moto parses again whatever its CloudFormation does not know.
            parsed = stack.resource_map._parsed_resources.values()
            known = [one for one in parsed if hasattr(one, "physical_resource_id")]
            if any(one.physical_resource_id == wanted for one in known):
                found = [StackResourceDTO(stack, one) for one in known]
                return ActionResult({"StackResources": found})
        return by_name(response)

    with mock.patch.object(
        CloudFormationResponse, "describe_stack_resources", describe_stack_resources
    ):
        yield
