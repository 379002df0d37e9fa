"""Every permission in the template is needed, and what is needed is there: shown by what happens.

A statement, an action or a character of a resource that is taken away from a deployed role must
change how some traffic ends. Only what a service does by itself (``SERVICE_OWN_CALLS``) is asked
for instead, as the service would ask.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.account import LocalAccount
from local.services.cloudformation import TEMPLATE as TEMPLATE_FILE
from local.services.cloudformation import load
from local.services.iam import (
    SERVICE_OWN_CALLS,
    AccessDeniedError,
    Use,
    allows,
    statements_of,
)
from tests.announcements import announced
from tests.workflow.fault_matrix import (
    Scene,
    late_file,
    leader_gone,
    lookalike_file,
    one_file,
    prepare,
    refreshed,
    stale_folder,
    two_files,
)
from tests.workflow.scenarios import STATE, drop, ending, leaders, verdicts


def stopped_while_children_run(account: LocalAccount) -> None:
    """Somebody stops the run while its children wait for their ingestions."""

    def stop() -> None:
        account.clock.sleep(45)
        (run,) = account.executions
        account.client("stepfunctions").stop_execution(executionArn=run.execution_arn)

    for dataset in account.quicksight.datasets.values():
        dataset.seconds = lambda _: 60
    account.clock.spawn("test: stop", stop)
    drop(account)


#: Traffic that together needs every permission.
SCENES: list[Scene] = [
    one_file,
    two_files,
    leader_gone,
    late_file,
    lookalike_file,
    stopped_while_children_run,
    stale_folder,
]
TEMPLATE = load(TEMPLATE_FILE)
#: The roles of the template, by the names of their resources.
ROLES = {
    name: body["Properties"]
    for name, body in TEMPLATE["Resources"].items()
    if body["Type"] == "AWS::IAM::Role"
}


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    """Both stacks with all that their parameters can add to a role."""
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", TraceWithXRay="true")
        yield account


@dataclass(frozen=True)
class Grant:
    """One action, or one resource, of a statement of a role; places count from 0."""

    role: str
    sid: str
    key: str
    place: int

    def __str__(self) -> str:
        return f"{self.role} {self.sid} {self.key}[{self.place}]"


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def role_of(account: LocalAccount, name: str) -> Any:
    (role,) = (
        role for role in account.authorizer.backend.roles.values() if f"-{name}-" in role.name
    )
    return role


def policies(name: str, role: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a role's own policies, and the shared one, of which functions need a part."""
    yield from role["Policies"]
    if "ManagedPolicyArns" in role and name.endswith("MachineRole"):
        for attached in role["ManagedPolicyArns"]["Fn::If"][1]:
            yield TEMPLATE["Resources"][attached["Ref"]]["Properties"]


def grants(key: str) -> list[Grant]:
    """Return every action or every resource in the template's roles."""
    return [
        Grant(name, statement["Sid"], key, place)
        for name, role in ROLES.items()
        for policy in policies(name, role)
        for statement in policy["PolicyDocument"]["Statement"]
        for place in range(len(statement[key]) if isinstance(statement[key], list) else 1)
    ]


def service_calls(account: LocalAccount) -> list[Use]:
    """Return what services do by themselves, for each role that trusts them."""
    calls = []
    for name in ROLES:
        role = role_of(account, name)
        (statement,) = statements_of(role.assume_role_policy_document)
        for action, resource in SERVICE_OWN_CALLS.get(statement["Principal"]["Service"], []):
            calls.append(Use(role.arn, action, resource.format(log_group=log_group(account, name))))
    return calls


def log_group(account: LocalAccount, role: str) -> str:
    """Return the ARN of the log group of the function that has a role."""
    for found in account.client("lambda").list_functions()["Functions"]:
        if f"-{role}-" in found["Role"]:
            return account.arn("logs", f"log-group:/aws/lambda/{found['FunctionName']}")
    return ""


def allowed(account: LocalAccount, use: Use) -> bool:
    return would_allow(account.authorizer.statements(use.role), use)


def would_allow(statements: list[dict[str, Any]], use: Use) -> bool:
    return allows(statements, use.action, use.resource, dict(use.given))


def what_happens(account: LocalAccount, scene: Scene) -> dict[str, Any]:
    account.reset()
    prepare(account)
    before = [messages(account, url) for url in queues(account)]
    scene(account)
    account.settle()
    return {
        "mails": sorted(verdicts(account)),
        "ends": sorted(ending(account, execution) for execution in account.executions),
        "children": sorted(child.status for child in account.children),
        "refreshed": refreshed(account),
        "leaders": len(leaders(account)),
        "noted": [item.get("staleTold") for item in account.items(STATE)],
        "folders told": [
            re.findall(r"^Folder: (.*)$", mail.message, re.MULTILINE) for mail in account.mails
        ],
        "folders that look alike": [
            re.findall(r"^Registered: (.*)$", mail.message, re.MULTILINE) for mail in account.mails
        ],
        "problems": len(account.problems),
        "announced": sorted(event["detail-type"] for event in announced(account)),
        "dead letters": [
            messages(account, url) - old for url, old in zip(queues(account), before, strict=True)
        ],
    }


def queues(account: LocalAccount) -> list[str]:
    return sorted(account.client("sqs").list_queues()["QueueUrls"])


def messages(account: LocalAccount, url: str) -> int:
    name = "ApproximateNumberOfMessages"
    found = account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(found["Attributes"][name])


@dataclass
class Usual:
    """What happens with the roles as they are deployed, and which permissions that takes."""

    happened: dict[Scene, dict[str, Any]]
    uses: dict[Scene, set[Use]]
    of_services: list[Use]

    def of_role(self, arn: str) -> list[Use]:
        """Return what a role's permissions are needed for."""
        found = {use for uses in self.uses.values() for use in uses} | set(self.of_services)
        return [use for use in found if use.role == arn]


@pytest.fixture(scope="module")
def usual(deployed: LocalAccount) -> Usual:
    happened, uses = {}, {}
    for scene in SCENES:
        happened[scene] = what_happens(deployed, scene)
        uses[scene] = set(deployed.authorizer.uses)
    return Usual(happened, uses, service_calls(deployed))


@pytest.fixture
def roles(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> Iterator["Roles"]:
    yield Roles(account, monkeypatch)
    monkeypatch.undo()
    account.authorizer.forget()


class Roles:
    """The deployed roles, to be edited."""

    def __init__(self, account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
        self.account = account
        self.monkeypatch = monkeypatch

    def statement(self, grant: Grant) -> dict[str, Any]:
        arn = role_of(self.account, grant.role).arn
        statements = self.account.authorizer.statements(arn)
        (found,) = (statement for statement in statements if statement["Sid"] == grant.sid)
        return found

    def narrowed(self, grant: Grant) -> dict[str, Any]:
        """Return the grant's statement with this action or resource only."""
        statement = self.statement(grant)
        return {**statement, grant.key: listed(statement[grant.key])[grant.place]}

    def change(self, grant: Grant, value: str | None) -> None:
        """Replace an action or a resource of a deployed role, or take it away."""
        statement = self.statement(grant)
        values = listed(statement[grant.key])
        values[grant.place : grant.place + 1] = [value] if value else []
        arn = role_of(self.account, grant.role).arn
        edited = [
            {**one, grant.key: values} if one is statement else one
            for one in self.account.authorizer.statements(arn)
        ]
        self.monkeypatch.setitem(self.account.authorizer._statements, arn, edited)


def is_noticed(roles: Roles, usual: Usual, grant: Grant) -> bool:
    """Tell whether traffic ends otherwise, or a service is refused, now that a grant changed."""
    account = roles.account
    if not all(allowed(account, call) for call in usual.of_services):
        return True
    arn = role_of(account, grant.role).arn
    missing = {
        scene: [use for use in uses if use.role == arn and not allowed(account, use)]
        for scene, uses in usual.uses.items()
    }
    scenes = [scene for scene, uses in missing.items() if uses]
    return any(what_happens(account, scene) != usual.happened[scene] for scene in scenes)


def test_the_usual_traffic_ends_as_it_should(usual: Usual) -> None:
    mails = {scene.__name__: happened["mails"] for scene, happened in usual.happened.items()}
    assert mails == {
        "one_file": ["SUCCESS"],
        "two_files": ["SUCCESS"],
        "leader_gone": ["SUCCESS"],
        "late_file": ["SUCCESS", "SUCCESS"],
        "lookalike_file": ["ERROR"],
        "stopped_while_children_run": ["ERROR"],
        "stale_folder": ["ERROR"],
    }
    for happened in usual.happened.values():
        assert happened["dead letters"] == [0, 0]
        assert happened["problems"] == 0


def test_services_may_do_what_they_do_by_themselves(account: LocalAccount) -> None:
    calls = service_calls(account)
    assert calls
    assert [call for call in calls if not allowed(account, call)] == []


@pytest.mark.parametrize("grant", [*grants("Action"), *grants("Resource")], ids=str)
def test_nothing_is_granted_that_is_not_used(roles: Roles, usual: Usual, grant: Grant) -> None:
    narrowed = roles.narrowed(grant)
    needed = usual.of_role(role_of(roles.account, grant.role).arn)
    assert any(would_allow([narrowed], use) for use in needed)


@pytest.mark.parametrize("grant", [*grants("Action"), *grants("Resource")], ids=str)
def test_what_is_taken_away_is_missed(roles: Roles, usual: Usual, grant: Grant) -> None:
    roles.change(grant, None)
    assert is_noticed(roles, usual, grant)


@pytest.mark.parametrize("grant", grants("Resource"), ids=str)
def test_a_resource_that_is_one_character_off_is_noticed(
    roles: Roles, usual: Usual, grant: Grant
) -> None:
    resource = listed(roles.statement(grant)["Resource"])[grant.place]
    roles.change(grant, off_by_one(resource, len(resource) - 1))
    assert is_noticed(roles, usual, grant)


@pytest.mark.parametrize("grant", grants("Resource"), ids=str)
def test_every_character_of_a_resource_decides_about_a_call(
    roles: Roles, usual: Usual, grant: Grant
) -> None:
    narrowed = roles.narrowed(grant)
    used = [
        use
        for use in usual.of_role(role_of(roles.account, grant.role).arn)
        if would_allow([narrowed], use)
    ]
    idle = [
        place
        for place in range(len(narrowed["Resource"]))
        if all(
            would_allow([{**narrowed, "Resource": off_by_one(narrowed["Resource"], place)}], use)
            for use in used
        )
    ]
    assert idle == []


def conditions() -> list[tuple[str, str, str, str]]:
    """Return role, statement, operator and key of every condition in a role's policies."""
    return [
        (name, statement["Sid"], operator, key)
        for name, role in ROLES.items()
        for policy in policies(name, role)
        for statement in policy["PolicyDocument"]["Statement"]
        for operator, entries in statement.get("Condition", {}).items()
        for key in entries
    ]


@pytest.mark.parametrize(("name", "sid", "operator", "key"), conditions())
def test_every_character_of_a_condition_decides_about_a_call(
    account: LocalAccount, usual: Usual, name: str, sid: str, operator: str, key: str
) -> None:
    role = role_of(account, name).arn
    (statement,) = (one for one in account.authorizer.statements(role) if one["Sid"] == sid)
    used = [use for use in usual.of_role(role) if would_allow([statement], use)]
    assert used
    value = statement["Condition"][operator][key]
    for place in range(len(value)):
        entries = {**statement["Condition"][operator], key: off_by_one(value, place)}
        changed = {**statement["Condition"], operator: entries}
        assert not any(would_allow([{**statement, "Condition": changed}], use) for use in used)


def off_by_one(resource: str, place: int) -> str:
    """Return a resource with one character replaced."""
    other = "x" if resource[place] != "x" else "y"
    return resource[:place] + other + resource[place + 1 :]


#: Role → traffic that makes its service take it; Lambda takes its roles when it makes a function.
TAKEN_BY: dict[str, Scene] = {
    "FileEventRuleRole": one_file,
    "RefreshStateMachineRole": one_file,
    "LostRunRuleRole": stopped_while_children_run,
    "ReportLostRunStateMachineRole": stopped_while_children_run,
    "CheckFreshnessRuleRole": stale_folder,
    "CheckFreshnessStateMachineRole": stale_folder,
}


def trusted_values() -> list[tuple[str, str, str, int]]:
    """Return role, operator, key and place of every value in the conditions of a trust policy."""
    return [
        (name, operator, key, place)
        for name, role in ROLES.items()
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
        for operator, entries in statement["Condition"].items()
        for key, values in entries.items()
        for place in range(len(values) if isinstance(values, list) else 1)
    ]


@pytest.mark.parametrize(("name", "operator", "key", "place"), trusted_values())
def test_whom_a_role_trusts_decides_who_may_take_it(
    account: LocalAccount,
    usual: Usual,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    operator: str,
    key: str,
    place: int,
) -> None:
    role = role_of(account, name)
    document = json.loads(role.assume_role_policy_document)
    condition = document["Statement"][0]["Condition"][operator]
    values = listed(condition[key])
    values[place] = off_by_one(values[place], len(values[place]) - 1)
    condition[key] = values
    monkeypatch.setattr(role, "assume_role_policy_document", json.dumps(document))
    if name in TAKEN_BY:
        assert what_happens(account, TAKEN_BY[name]) != usual.happened[TAKEN_BY[name]]
    else:
        with pytest.raises(AccessDeniedError):
            take_as_lambda(account, role)


@pytest.mark.parametrize("name", sorted(set(ROLES) - set(TAKEN_BY)))
def test_lambda_may_take_the_functions_roles(account: LocalAccount, name: str) -> None:
    take_as_lambda(account, role_of(account, name))


def take_as_lambda(account: LocalAccount, role: Any) -> None:
    source = {"aws:SourceAccount": account.account_id}
    account.authorizer.check_trust(role.arn, "lambda.amazonaws.com", source)
