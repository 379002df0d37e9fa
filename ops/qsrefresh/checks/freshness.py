"""What tells of folders that are out of date: its rule, and its last check."""

from collections.abc import Iterator
from datetime import timedelta

from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.checks.stack import PUT_BACK, enable
from qsrefresh.freshness import hours_allowed
from qsrefresh.language import Phrase
from qsrefresh.project import schedules_starting

#: The check comes each hour.
_OVERDUE = timedelta(hours=2)
_FAILED = ("FAILED", "TIMED_OUT", "ABORTED")
_READ_ON = 'docs/operations.md, "Dashboards are old"'

_NO_RULE = Phrase(
    ja="データの古さ: 1時間ごとの確認を始めるルールがありません",
    en="freshness: no rule starts the hourly check",
)
_DISABLED = Phrase(
    ja="ルール{name}は無効です。データが古くなったフォルダは、誰にも知らされません",
    en="rule {name} is disabled: nobody is told of folders that are out of date",
)
_NO_PROMISE = Phrase(
    ja="データの古さ: 期限（freshwithin）のあるフォルダはありません",
    en="freshness: no folder is to be refreshed within a time (freshwithin)",
)
_LATE = Phrase(
    ja="データの古さ: {since}から、期限のあるフォルダを確かめていません",
    en="freshness: no check of the watched folders since {since}",
)
_ENDED = Phrase(
    ja="データの古さ: 最後の確認は{status}で終わりました",
    en="freshness: the last check ended as {status}",
)
_CHECKED = Phrase(
    ja="データの古さ: {n}件のフォルダを1時間ごとに確かめています",
    en="freshness: {n} folder{s} checked each hour",
)


def freshness(check: Check) -> Iterator[Finding]:
    """Freshness."""
    default = check.parameters.get("StaleAfterHours", "")
    promised = [item for item in check.active if hours_allowed(item, default)]
    rules = list(schedules_starting(check.aws, check.project.freshness_machine_arn))
    if not rules:
        yield bad(_NO_RULE, PUT_BACK)
    elif off := [rule for rule in rules if not rule.enabled]:
        told = bad if promised else warning
        yield told(_DISABLED, enable(off[0]), name=off[0].name)
    elif promised:
        yield _last_check(check, len(promised))
    else:
        yield good(_NO_PROMISE)


def _last_check(check: Check, watched: int) -> Finding:
    arn = check.project.freshness_machine_arn
    call = check.aws.call
    runs = call("stepfunctions", "list_executions", stateMachineArn=arn, maxResults=1)
    machine = call("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    last = next(iter(runs["executions"]), None)
    since = last["startDate"] if last else machine["creationDate"]
    if check.aws.now - since > _OVERDUE:
        return bad(_LATE, _READ_ON, since=since)
    if last and last["status"] in _FAILED:
        mend = f"aws stepfunctions describe-execution --execution-arn {last['executionArn']}"
        return bad(_ENDED, mend, status=last["status"])
    return good(_CHECKED, n=watched, s="s" * (watched > 1))
