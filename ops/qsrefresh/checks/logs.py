"""Room for the log delivery of the state machines."""

from collections.abc import Iterator

from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, good, warning

#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
_LOG_POLICIES = 10
_FEW_LOG_POLICIES_LEFT = 2


def log_policies(check: Check) -> Iterator[Finding]:
    """Log resource policies."""
    found = check.aws.members("logs", "describe_resource_policies", "resourcePolicies")
    names = [one["policyName"] for one in found]
    number = len(names)
    text = f"CloudWatch Logs: {number} of {_LOG_POLICIES} resource policies are used"
    if number > _LOG_POLICIES - _FEW_LOG_POLICIES_LEFT:
        yield warning(
            f"{text} ({', '.join(names)}): soon no state machine can log here; delete one that"
            " nobody needs",
            "aws logs delete-resource-policy --policy-name NAME",
        )
    else:
        yield good(text)
