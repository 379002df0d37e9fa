"""Ask a role's own policies before each call that a machine, rule or function makes.

Imitates: actions, in whatever case; resources and their wildcards; conditions, which all have to
hold; ``ForAllValues:``, which holds of no value too; a refusal where no statement allows; an
explicit deny that wins; the policies of the role as deployed, inline and attached; the trust policy
of the role that a service takes; a resource's own policy, where a service asks; what a service does
in a role's name by itself (listed in ``SERVICE_OWN_CALLS``, as nothing here does it).
Does not imitate: permission boundaries, service control policies, sessions, policy variables.
"""

import fnmatch
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from moto.iam.models import IAMBackend, Role, iam_backends

#: Service → what it does in a role's name by itself: actions, and the resource that they are asked
#: for, where ``{log_group}`` stands for the ``Arn`` of a function's log group (on AWS it ends in
#: ``:*``, for its streams). No call here shows them being used.
SERVICE_OWN_CALLS: dict[str, list[tuple[str, str]]] = {
    # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html, checked for "*"
    "states.amazonaws.com": [
        (f"logs:{action}", "*")
        for action in (
            "CreateLogDelivery",
            "CreateLogStream",
            "DeleteLogDelivery",
            "DescribeLogGroups",
            "DescribeResourcePolicies",
            "GetLogDelivery",
            "ListLogDeliveries",
            "PutLogEvents",
            "PutResourcePolicy",
            "UpdateLogDelivery",
        )
    ]
    # Where tracing is on:
    # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
    + [
        (f"xray:{action}", "*")
        for action in (
            "GetSamplingRules",
            "GetSamplingTargets",
            "PutTelemetryRecords",
            "PutTraceSegments",
        )
    ],
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html: the log group is
    # there already.
    "lambda.amazonaws.com": [
        ("logs:CreateLogStream", "{log_group}"),
        ("logs:PutLogEvents", "{log_group}"),
        # https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html, where tracing is on
        ("xray:PutTelemetryRecords", "*"),
        ("xray:PutTraceSegments", "*"),
    ],
}


#: Key of a condition → its value in a request, or its values where it may have several.
Context = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Use:
    """One call that a role made: what ``granted but unused`` is checked against.

    ``given``: what the request had for conditions, as the items of a ``Context``.
    """

    role: str
    action: str
    resource: str
    given: tuple[tuple[str, str | tuple[str, ...]], ...] = ()


class AccessDeniedError(Exception):
    """A role may not do this."""

    def __init__(self, role: str, action: str, resource: str) -> None:
        super().__init__(
            f"User: {role} is not authorized to perform: {action} on resource: {resource} "
            f"because no identity-based policy allows the {action} action"
        )
        self.action = action


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(member) for member in value]


def _matches(patterns: Iterable[str], value: str, ignore_case: bool = False) -> bool:
    for pattern in patterns:
        # fnmatch knows character classes; IAM does not.
        glob = pattern.replace("[", "[[]")
        if ignore_case:
            glob, value = glob.lower(), value.lower()
        if fnmatch.fnmatchcase(value, glob):
            return True
    return False


_OPERATORS: dict[str, Callable[[list[str], str], bool]] = {
    "StringEquals": lambda wanted, actual: actual in wanted,
    "ArnEquals": _matches,
    "ArnLike": _matches,
    "Bool": lambda wanted, actual: actual.lower() in [value.lower() for value in wanted],
}


#: Every value of the request has to pass.
_OF_ALL = "ForAllValues:"


def conditions_hold(condition: Mapping[str, Any] | None, context: Context) -> bool:
    """Tell whether every condition of a statement holds for this request.

    Raises:
        ValueError: an operator that this module does not imitate.
    """
    for operator, entries in (condition or {}).items():
        name = operator.removeprefix(_OF_ALL)
        test = _OPERATORS.get(name)
        if test is None:
            raise ValueError(
                f"IAM condition operator {operator} is not imitated: add it to _OPERATORS"
            )
        for key, wanted in entries.items():
            actual = context.get(key)
            if name != operator:
                values = (actual,) if isinstance(actual, str) else actual or ()
                if not all(test(_listed(wanted), value) for value in values):
                    return False
            # What an operator for one value makes of several is not documented.
            elif not isinstance(actual, str) or not test(_listed(wanted), actual):
                return False
    return True


def statements_of(document: Any) -> list[dict[str, Any]]:
    """Return the statements of a policy document (JSON text or object)."""
    parsed = json.loads(document) if isinstance(document, str) else document
    statements = parsed["Statement"]
    return [statements] if isinstance(statements, dict) else list(statements)


def allows(
    statements: Iterable[Mapping[str, Any]],
    action: str,
    resource: str,
    context: Context,
) -> bool:
    """Evaluate statements: an explicit deny wins, then any allow, else no."""
    allowed = False
    for statement in statements:
        if not _matches(_listed(statement.get("Action")), action, ignore_case=True):
            continue
        if not _matches(_listed(statement.get("Resource", "*")), resource):
            continue
        if not conditions_hold(statement.get("Condition"), context):
            continue
        if statement["Effect"] == "Deny":
            return False
        allowed = True
    return allowed


def service_may(
    policy: str | None, service: str, action: str, resource: str, context: Context
) -> bool:
    """Tell whether a resource's own policy (JSON; None: it has none) lets a service do this."""
    statements = [
        statement
        for statement in (statements_of(policy) if policy else [])
        if statement.get("Principal") == "*"
        or service in _listed(cast(dict[str, Any], statement["Principal"]).get("Service"))
    ]
    return allows(statements, action, resource, {"aws:SecureTransport": "true"} | dict(context))


def _attached(role: Role) -> list[str]:
    """Return the documents of the policies attached to a role, as they are in force."""
    versions = [one for policy in role.managed_policies.values() for one in policy.versions]
    return [one.document for one in versions if one.is_default]


class Authorizer:
    """Decides for every call, and remembers what was used."""

    def __init__(self, account_id: str, partition: str = "aws") -> None:
        self.account_id = account_id
        self._partition = partition
        self.uses: set[Use] = set()
        self._statements: dict[str, list[dict[str, Any]]] = {}

    @property
    def backend(self) -> IAMBackend:
        """Where moto keeps roles and policies."""
        found: IAMBackend = iam_backends[self.account_id][self._partition]
        return found

    def statements(self, role_arn: str) -> list[dict[str, Any]]:
        """Return every statement of the role's policies."""
        if role_arn not in self._statements:
            role = self.backend.get_role_by_arn(role_arn)
            self._statements[role_arn] = [
                statement
                for document in (*role.policies.values(), *_attached(role))
                for statement in statements_of(document)
            ]
        return self._statements[role_arn]

    def forget(self) -> None:
        """Read the policies anew: a role was changed."""
        self._statements.clear()

    def check(
        self,
        role_arn: str,
        action: str,
        resource: str,
        context: Context | None = None,
    ) -> None:
        """Let a call pass, and note it, or refuse it.

        Raises:
            AccessDeniedError: no statement of the role allows it, or one denies it.
        """
        given = dict(context or {})
        always = {"aws:PrincipalAccount": self.account_id, "aws:SecureTransport": "true"}
        if not allows(self.statements(role_arn), action, resource, always | given):
            raise AccessDeniedError(role_arn, action, resource)
        self.uses.add(Use(role_arn, action, resource, tuple(given.items())))

    def check_trust(self, role_arn: str, service: str, context: Context) -> None:
        """Let a service take a role, or refuse it.

        Raises:
            AccessDeniedError: the role does not trust the service under these conditions.
        """
        document = self.backend.get_role_by_arn(role_arn).assume_role_policy_document
        for statement in statements_of(document):
            principals = _listed(cast(dict[str, Any], statement["Principal"]).get("Service"))
            if (
                statement["Effect"] == "Allow"
                and service in principals
                and conditions_hold(statement.get("Condition"), context)
            ):
                return
        raise AccessDeniedError(f"service {service}", "sts:AssumeRole", role_arn)
