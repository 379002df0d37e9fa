"""Room for the log delivery of the state machines."""

from collections.abc import Iterator

from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, good, warning

#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
_LOG_POLICIES = 10
_FEW_LOG_POLICIES_LEFT = 2


def log_policies(check: Check) -> Iterator[Finding]:
    """Log resource policies."""
    number = sum(
        1 for _ in check.aws.members("logs", "describe_resource_policies", "resourcePolicies")
    )
    text = f"CloudWatch Logs: {number} of {_LOG_POLICIES} resource policies are used"
    if number > _LOG_POLICIES - _FEW_LOG_POLICIES_LEFT:
        mend = "aws logs describe-resource-policies; aws logs delete-resource-policy --policy-name"
        yield warning(f"{text}: soon no state machine can log here", f"{mend} NAME")
    else:
        yield good(text)
