"""The table of docs/security.md that says what each role may do, made from the template.

``python -m tests.docs.roles`` prints it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from local.services.cloudformation import TEMPLATE, load

REFRESH = load(TEMPLATE)
HEAD = ("Role", "Taken by", "May", "On")


def table() -> list[tuple[str, str, str, str]]:
    """Return the table's rows: one for each statement of each role."""
    return [row for name, body in REFRESH["Resources"].items() for row in _rows(name, body)]


def _rows(name: str, body: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    if body["Type"] != "AWS::IAM::Role":
        return
    properties = body["Properties"]
    (trust,) = properties["AssumeRolePolicyDocument"]["Statement"]
    for condition, policy in _policies(properties):
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = ", ".join(f"`{one}`" for one in _many(statement["Action"]))
            what = ", ".join(_shown(one) for one in _many(statement["Resource"]))
            for entries in statement.get("Condition", {}).values():
                for key, value in entries.items():
                    text = value["Fn::Sub"] if isinstance(value, dict) else value
                    what += f", {key.removeprefix('events:')}"
                    what += f" `{text.replace('${ProjectId}', 'P')}` only"
            if condition:
                reference, value = REFRESH["Conditions"][condition]["Fn::Equals"]
                what += f" (only with `{reference['Ref']}={value}`)"
            yield f"`{name}`", trust["Principal"]["Service"], actions, what


def _policies(role: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each policy of a role, after the name of its condition or nothing."""
    yield from (("", policy) for policy in role["Policies"])
    if "ManagedPolicyArns" in role:
        condition, attached, _ = role["ManagedPolicyArns"]["Fn::If"]
        for one in attached:
            yield condition, REFRESH["Resources"][one["Ref"]]["Properties"]


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _shown(resource: Any) -> str:
    """Return a resource by its logical id, its export or the end of its ARN."""
    if resource == "*":
        return "everything"
    text = json.dumps(resource)
    if "Fn::ImportValue" in resource:
        (found,) = re.findall(r"\$\{ProjectId\}-([\w-]+)", text)
        return f"the shared stack's `P-{found.removesuffix('-arn').removesuffix('-tablename')}`"
    if "Fn::Sub" in resource:
        end = text.split("${AWS::AccountId}:")[1].strip('"}')
        if end == "event-bus/default":
            return "the default event bus"
        return f"`{end.replace('${ProjectId}', 'P')}`"
    return f"`{resource.get('Ref') or resource['Fn::GetAtt'][0]}`"


def page() -> str:
    """Return the table as Markdown."""
    lines = [HEAD, tuple("---" for _ in HEAD), *table()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    print(page(), end="")
