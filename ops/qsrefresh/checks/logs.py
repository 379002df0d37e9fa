"""Room for the log delivery of the state machines."""

from collections.abc import Iterator

from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, good, warning
from qsrefresh.language import Phrase

#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
_LOG_POLICIES = 10
_FEW_LOG_POLICIES_LEFT = 2

_USED = Phrase(
    ja="CloudWatch Logs: リソースポリシーは{most}個のうち{n}個が使われています",
    en="CloudWatch Logs: {n} of {most} resource policies are used",
)
_FEW_LEFT = Phrase(
    ja="CloudWatch Logs: リソースポリシーは{most}個のうち{n}個が使われています（{names}）。まもな"
    "くステートマシンのログを"
    "出せなくなります。要らないものを消してください",
    en="CloudWatch Logs: {n} of {most} resource policies are used ({names}): soon no state machine"
    " can log here; delete one that nobody needs",
)


def log_policies(check: Check) -> Iterator[Finding]:
    """Log resource policies."""
    found = check.aws.members("logs", "describe_resource_policies", "resourcePolicies")
    names = [one["policyName"] for one in found]
    about = {"n": len(names), "most": _LOG_POLICIES}
    if len(names) > _LOG_POLICIES - _FEW_LOG_POLICIES_LEFT:
        mend = "aws logs delete-resource-policy --policy-name NAME"
        yield warning(_FEW_LEFT, mend, **about, names=", ".join(names))
    else:
        yield good(_USED, **about)
