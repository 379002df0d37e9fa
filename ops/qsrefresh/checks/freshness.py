"""What tells of folders that are out of date: its rule, and its last check."""

from collections.abc import Iterator
from datetime import UTC, timedelta

from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.checks.stack import PUT_BACK, enable
from qsrefresh.freshness import hours_allowed
from qsrefresh.project import schedules_starting

#: The check comes each hour.
_OVERDUE = timedelta(hours=2)
_FAILED = ("FAILED", "TIMED_OUT", "ABORTED")
_READ_ON = 'docs/operations.md, "Dashboards are old"'


def freshness(check: Check) -> Iterator[Finding]:
    """Freshness."""
    default = check.parameters.get("StaleAfterHours", "")
    promised = [item for item in check.active if hours_allowed(item, default)]
    rules = list(schedules_starting(check.aws, check.project.freshness_machine_arn))
    if not rules:
        yield bad("freshness: no rule starts the hourly check", PUT_BACK)
    elif off := [rule for rule in rules if not rule.enabled]:
        told = bad if promised else warning
        text = f"rule {off[0].name} is disabled: nobody is told of folders that are out of date"
        yield told(text, enable(off[0]))
    elif promised:
        yield _last_check(check, len(promised))
    else:
        yield good("freshness: no folder is to be refreshed within a time (freshwithin)")


def _last_check(check: Check, watched: int) -> Finding:
    arn = check.project.freshness_machine_arn
    call = check.aws.call
    runs = call("stepfunctions", "list_executions", stateMachineArn=arn, maxResults=1)
    machine = call("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    last = next(iter(runs["executions"]), None)
    since = last["startDate"] if last else machine["creationDate"]
    if check.aws.now - since > _OVERDUE:
        when = f"{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return bad(f"freshness: no check of the watched folders since {when}", _READ_ON)
    if last and last["status"] in _FAILED:
        mend = f"aws stepfunctions describe-execution --execution-arn {last['executionArn']}"
        return bad(f"freshness: the last check ended as {last['status']}", mend)
    return good(f"freshness: {watched} folder{'s' * (watched > 1)} checked each hour")
