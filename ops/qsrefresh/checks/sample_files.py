"""Files that would be dropped: does a rule match them?"""

import json
from collections.abc import Iterator
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good
from qsrefresh.checks.folders import moved
from qsrefresh.checks.stack import PUT_BACK, enable
from qsrefresh.language import Phrase
from qsrefresh.output import progress
from qsrefresh.project import Project, Rule
from qsrefresh.registrations import folder_of, problem_of_folder

_SAMPLE_FILE = "sample.csv"

_NO_MATCH = Phrase(
    ja="{folder}のファイルに合う有効なルールがありません。ファイルを置いても何も始まりません",
    en="no enabled rule matches a file in {folder}: it would start nothing",
)
_MATCH = Phrase(
    ja="登録されているどのフォルダのファイルも、ルールに合います",
    en="a sample file in every registered folder matches the rule",
)


def sample_keys(check: Check) -> Iterator[Finding]:
    """Sample files."""
    rules = [rule for rule in check.rules if rule.enabled]
    if not rules:
        return  # the check of the refresh stack says so, and how to mend it
    missed = []
    with progress("Asking EventBridge", len(check.active)) as advance:
        for item in check.active:
            event = json.dumps(sample_event(check.project, folder_of(item), check.project.region))
            if not any(matches(check.aws, rule, event) for rule in rules):
                missed.append(item)
            advance()
    for item in missed:
        folder = folder_of(item)
        yield bad(_NO_MATCH, _matching_again(check, folder), folder=folder)
    if check.active and not missed:
        yield good(_MATCH)


def _matching_again(check: Check, folder: str) -> str:
    """Return what mends a folder whose files start nothing: the rule itself may be at fault."""
    rules = [rule for rule in check.rules if not problem_of_folder(folder, rule.places)]
    if not all(rule.places for rule in check.rules) or any(rule.enabled for rule in rules):
        return PUT_BACK
    if rules:
        return enable(rules[0])
    return moved(check, folder)


def matches(aws: Aws, rule: Rule, event: str) -> bool:
    """Tell whether EventBridge says that a rule matches an event."""
    answer = aws.call("events", "test_event_pattern", EventPattern=rule.pattern, Event=event)
    return bool(answer["Result"])


def sample_event(project: Project, folder: str, region: str) -> dict[str, Any]:
    """Return what S3 says when a file is dropped into a folder."""
    name, _, key = folder.removeprefix("s3://").partition("/")
    return {
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000000",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": project.account_id,
        "time": "2026-01-01T00:00:00Z",
        "region": region,
        "resources": [f"arn:{project.partition}:s3:::{name}"],
        "detail": {
            "version": "0",
            "bucket": {"name": name},
            "object": {"key": f"{key}{_SAMPLE_FILE}", "size": 1},
            "reason": "PutObject",
        },
    }
