"""Small state machines, to be run one after another."""

import itertools
import json
from typing import Any

from local.account import LocalAccount

STATES_ROLE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "states.amazonaws.com"},
            }
        ],
    }
)
GET = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:getItem",
    "Arguments": {"TableName": "sampleproject-parameters", "Key": {"S3uri": {"S": "x"}}},
}
DONE = {"Type": "Succeed", "Output": "{% $states.input %}"}
_NUMBERS = itertools.count()


def role_that_may(account: LocalAccount, *statements: dict[str, Any], trust: str = "") -> str:
    """Create a role with these statements in its policy, and return its ARN."""
    iam = account.client("iam")
    name = f"r{next(_NUMBERS)}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust or STATES_ROLE)["Role"]
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    return str(role["Arn"])


def may(action: str, effect: str = "Allow") -> dict[str, Any]:
    """Build a statement about an action on whatever resource."""
    return {"Effect": effect, "Action": action, "Resource": "*"}


def task(resource: str, **arguments: Any) -> dict[str, Any]:
    """Build a Task that ends its machine."""
    resource = f"arn:aws:states:::{resource}"
    return {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True}


class Machine:
    """Runs small definitions, one after another."""

    def __init__(self, account: LocalAccount, role: str) -> None:
        self.account = account
        self.role = role

    def create(self, states: dict[str, Any], **extra: Any) -> str:
        """Create a machine and return its ARN."""
        definition = {
            "QueryLanguage": "JSONata",
            "StartAt": next(iter(states)),
            "States": states,
            **extra,
        }
        created = self.account.client("stepfunctions").create_state_machine(
            name=f"m{next(_NUMBERS)}", definition=json.dumps(definition), roleArn=self.role
        )
        return str(created["stateMachineArn"])

    def run(self, states: dict[str, Any], payload: Any = None, **extra: Any) -> Any:
        """Create a machine, run it once and return the execution."""
        arn = self.create(states, **extra)
        self.account.client("stepfunctions").start_execution(
            stateMachineArn=arn, name="e", input=json.dumps(payload or {})
        )
        self.account.settle()
        return next(one for one in self.account.executions if one.state_machine_arn == arn)
