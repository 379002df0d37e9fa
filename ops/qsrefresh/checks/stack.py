"""The refresh stack: its machines, its rule, and what that watches."""

import shlex
from collections.abc import Iterator

from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.lookalike import composed, in_ascii, other_form
from qsrefresh.project import Rule, deploying, folder_names, machine_exists

_FOLDER = "TargetFolderPath"
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_PATTERN_LENGTH = 2048


def refresh_stack(check: Check) -> Iterator[Finding]:
    """Refresh stack."""
    project = check.project
    for arn in (
        project.refresh_machine_arn,
        project.lost_run_machine_arn,
        project.freshness_machine_arn,
    ):
        if not machine_exists(check.aws, arn):
            mend = deploying(project.id, new=True)
            yield bad(f"refresh stack: there is no state machine {arn}", mend)
            return
    yield good(f"refresh stack of project {project.id}: its state machines are there")
    if not check.rules:
        yield bad("rule: no EventBridge rule starts the refresh", deploying(project.id))
    for rule in check.rules:
        if not rule.enabled:
            yield bad(f"rule {rule.name} is disabled: files start nothing", enable(rule))
        elif not rule.places:
            text = f"rule {rule.name} was changed by hand: it names no bucket, prefix"
            yield bad(text, deploying(project.id))
        else:
            where = folder_names(rule.places)
            yield good(f"rule {rule.name} is enabled and watches {where}")
            yield from watched_form(rule, project.id)


def watched_form(rule: Rule, project_id: str) -> Iterator[Finding]:
    """Yield how to watch a folder in both Unicode forms of its name, where only one is."""
    given = [place.prefix for place in rule.places]
    folder, other = composed(given[0]), other_form(given[0])
    if folder == other or [folder, other] == given or (folder == given[0] and other in given):
        return
    values = [(f"{_FOLDER}InOtherForm", other)]
    if given[0] != folder:
        values.insert(0, (_FOLDER, folder))
    form = "that people type (NFC)" if given[0] == folder else "that is not the one people type"
    text = (
        f"rule {rule.name} watches {folder} in one Unicode form only, {form}: S3 knows two folders"
    )
    if rule.length_with([folder, other]) > _PATTERN_LENGTH:
        yield warning(f"{text}, and a rule has no room for both", "watch a folder above it")
    else:
        settings = in_ascii(shlex.join(f"{name}={value}" for name, value in values))
        # make takes a dollar for the beginning of a name.
        yield warning(
            text, f"{deploying(project_id)} SET={shlex.quote(settings).replace('$', '$$')}"
        )


def enable(rule: Rule) -> str:
    """Return what enables a rule."""
    return f"aws events enable-rule --name {rule.name}"
