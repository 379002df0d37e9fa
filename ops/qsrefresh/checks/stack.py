"""The refresh stack: its machines, its rule, and what that watches."""

import shlex
from collections.abc import Iterator

from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.language import Phrase
from qsrefresh.lookalike import composed, in_ascii, other_form
from qsrefresh.project import Rule, deploying, folder_names, machine_exists

#: A deployment without a change of its own puts nothing back.
PUT_BACK = 'docs/operations.md, "A rule that was changed by hand"'
_FOLDER = "TargetFolderPath"
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_PATTERN_LENGTH = 2048

_NO_MACHINE = Phrase(
    ja="更新のスタック: ステートマシン{arn}がありません",
    en="refresh stack: there is no state machine {arn}",
)
_MACHINES = Phrase(
    ja="プロジェクト{project}の更新のスタック: ステートマシンがあります",
    en="refresh stack of project {project}: its state machines are there",
)
_NO_RULE = Phrase(
    ja="ルール: 更新を開始するEventBridgeのルールがありません",
    en="rule: no EventBridge rule starts the refresh",
)
_DISABLED = Phrase(
    ja="ルール{rule}が無効です。ファイルを置いても何も始まりません",
    en="rule {rule} is disabled: files start nothing",
)
_CHANGED = Phrase(
    ja="ルール{rule}が手で変更されていて、バケットとプレフィックスがありません",
    en="rule {rule} was changed by hand: it names no bucket, prefix",
)
_WATCHES = Phrase(
    ja="ルール{rule}は有効で、{folder}を監視しています",
    en="rule {rule} is enabled and watches {folder}",
)
_TYPED = Phrase(ja="入力される形（NFC）", en="that people type (NFC)")
_NOT_TYPED = Phrase(ja="入力される形ではない形", en="that is not the one people type")
_ONE_FORM = Phrase(
    ja="ルール{rule}は{folder}を、Unicodeの片方の形（{form}）でだけ監視しています。S3では別のフォルダです",
    en="rule {rule} watches {folder} in one Unicode form only, {form}: S3 knows two folders",
)
_NO_ROOM = Phrase(
    ja="ルール{rule}は{folder}をUnicodeの片方の形（{form}）でだけ監視していて、両方は書ききれません",
    en="rule {rule} watches {folder} in one Unicode form only, {form}: S3 knows two folders, and a"
    " rule has no room for both",
)


def refresh_stack(check: Check) -> Iterator[Finding]:
    """Refresh stack."""
    project = check.project
    for arn in (
        project.refresh_machine_arn,
        project.lost_run_machine_arn,
        project.freshness_machine_arn,
    ):
        if not machine_exists(check.aws, arn):
            yield bad(_NO_MACHINE, deploying(project.id, new=True), arn=arn)
            return
    yield good(_MACHINES, project=project.id)
    if not check.rules:
        yield bad(_NO_RULE, PUT_BACK)
    for rule in check.rules:
        if not rule.enabled:
            yield bad(_DISABLED, enable(rule), rule=rule.name)
        elif not rule.places:
            yield bad(_CHANGED, PUT_BACK, rule=rule.name)
        else:
            yield good(_WATCHES, rule=rule.name, folder=folder_names(rule.places))
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
    about = {
        "rule": rule.name,
        "folder": folder,
        "form": _TYPED if given[0] == folder else _NOT_TYPED,
    }
    if rule.length_with([folder, other]) > _PATTERN_LENGTH:
        yield warning(_NO_ROOM, "watch a folder above it", **about)
    else:
        settings = in_ascii(shlex.join(f"{name}={value}" for name, value in values))
        # make takes a dollar for the beginning of a name.
        mend = f"{deploying(project_id)} SET={shlex.quote(settings).replace('$', '$$')}"
        yield warning(_ONE_FORM, mend, **about)


def enable(rule: Rule) -> str:
    """Return what enables a rule."""
    return f"aws events enable-rule --name {rule.name}"
