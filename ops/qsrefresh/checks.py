"""Everything that makes a dropped file silently do nothing, one finding each."""

import enum
import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from qsrefresh import bucket, datasets, dead_letters, subscriptions
from qsrefresh.aws import Aws
from qsrefresh.datasets import Dataset
from qsrefresh.errors import AwsError, OperatorError, ProjectNotFoundError
from qsrefresh.lookalike import (
    composed,
    differences,
    in_toml,
    named,
    oddities,
    other_form,
    right_address,
)
from qsrefresh.output import progress
from qsrefresh.parameter_table import ParameterTable
from qsrefresh.project import (
    Place,
    Project,
    Rule,
    find_project,
    folder_names,
    machine_exists,
    rules_starting,
)
from qsrefresh.registrations import (
    Item,
    dataset_ids,
    folder_of,
    incremental_ids,
    is_ignored,
    nested,
    problem_of_folder,
    problems_of,
    shared_datasets,
    stored_folder,
)

#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
_LOG_POLICIES = 10
_FEW_LOG_POLICIES_LEFT = 2
_MUCH_OF_THE_LIMIT = 0.75
_SAMPLE_FILE = "sample.csv"
_DEPLOY = "sam build && sam deploy"
_FOLDER = "TargetFolderPath"
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_PATTERN_LENGTH = 2048
_FORWARD = 'docs/operations.md, "A bucket in another Region"'
#: Names in one line; the rest are counted.
_SHOWN = 5


class Level(enum.Enum):
    """How a check went."""

    GOOD = "✓"
    WARNING = "!"
    BAD = "✗"


@dataclass(frozen=True)
class Finding:
    """One line of the check; ``mend`` is the command that mends it."""

    level: Level
    text: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the finding for programs."""
        return {"level": self.level.name.lower(), "text": self.text, "mend": self.mend}


def good(text: str) -> Finding:
    """Return the finding that all is well."""
    return Finding(Level.GOOD, text)


def bad(text: str, mend: str) -> Finding:
    """Return the finding that something does not work."""
    return Finding(Level.BAD, text, mend)


def warning(text: str, mend: str) -> Finding:
    """Return the finding that something may surprise."""
    return Finding(Level.WARNING, text, mend)


class Check:
    """What the checks look at; each thing is read once, when the first check needs it."""

    def __init__(self, aws: Aws, project: Project) -> None:
        self.aws = aws
        self.project = project

    @cached_property
    def rules(self) -> list[Rule]:
        """The rules that start the refresh."""
        return list(rules_starting(self.aws, self.project.refresh_machine_arn))

    @cached_property
    def places(self) -> list[Place]:
        """What they watch."""
        return [place for rule in self.rules for place in rule.places]

    @cached_property
    def items(self) -> list[Item]:
        """The registrations."""
        return ParameterTable(self.aws, self.project.table).items()

    @cached_property
    def active(self) -> list[Item]:
        """The registrations that are to refresh something."""
        return [item for item in self.items if not is_ignored(item)]

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        """The datasets of the account, by id."""
        return {dataset.id: dataset for dataset in datasets.datasets(self.aws)}

    def registered(self, item: Item) -> list[str]:
        """Return the registered datasets of an item that exist and can be refreshed."""
        known = (self.datasets.get(one) for one in dataset_ids(item))
        return [dataset.id for dataset in known if dataset and dataset.refreshable]


def findings(aws: Aws, project_id: str | None) -> Iterator[Finding]:
    """Yield what every check found; one that cannot be made is told and the next one is made."""
    try:
        project = find_project(aws, project_id)
    except ProjectNotFoundError as error:
        yield bad(f"shared stack: {error.message}", error.way_out)
        return
    yield good(f"shared stack of project {project.id}: table {project.table}, topic")
    check = Check(aws, project)
    for one in _CHECKS:
        try:
            yield from one(check)
        except OperatorError as error:
            yield bad(f"{_subject(one)} could not be checked: {error.message}", error.way_out)


def _refresh_stack(check: Check) -> Iterator[Finding]:
    """Refresh stack."""
    project = check.project
    for arn in (project.refresh_machine_arn, project.lost_run_machine_arn):
        if not machine_exists(check.aws, arn):
            mend = f"deploy template.yaml with ProjectId={project.id}: {_DEPLOY}"
            yield bad(f"refresh stack: there is no state machine {arn}", mend)
            return
    yield good(f"refresh stack of project {project.id}: its state machines are there")
    if not check.rules:
        yield bad("rule: no EventBridge rule starts the refresh", _DEPLOY)
    for rule in check.rules:
        if not rule.enabled:
            yield bad(f"rule {rule.name} is disabled: files start nothing", _enable(rule))
        elif not rule.places:
            yield bad(f"rule {rule.name} was changed by hand: it names no bucket, prefix", _DEPLOY)
        else:
            where = folder_names(rule.places)
            yield good(f"rule {rule.name} is enabled and watches {where}")
            yield from _watched_form(rule)


def _watched_form(rule: Rule) -> Iterator[Finding]:
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
        lines = ", ".join(in_toml(f"{name}={value}") for name, value in values)
        yield warning(text, f"in samconfig.toml: {lines}; then {_DEPLOY}")


def _bucket(check: Check) -> Iterator[Finding]:
    """Bucket."""
    places = {place.bucket: place for rule in check.rules for place in rule.places}
    for name in sorted(places):
        yield _bucket_of(check, places[name])


def _bucket_of(check: Check, place: Place) -> Finding:
    name, here = place.bucket, check.project.region
    region = bucket.region_of(check.aws, name)
    if region is None:
        return bad(f"bucket {name} does not exist", f"aws s3 mb s3://{name} --region {here}")
    if not bucket.sends_events(bucket.notifications(check.aws, name)):
        where = "" if region == here else f" --region {region}"
        return bad(
            f"bucket {name} does not send its events to EventBridge",
            f"qsrefresh{where} enable-bucket {name}",
        )
    if region == here:
        return good(f"bucket {name} is in {region} and sends its events to EventBridge")
    forwarding = _forwarding(check, place, region)
    if forwarding is None:
        return bad(
            f"bucket {name} is in the Region {region}: its events never come to {here}",
            f"deploy both stacks in {region}, or forward its events: {_FORWARD}",
        )
    return warning(
        f"bucket {name} is in the Region {region}: the rule {forwarding} there forwards its events"
        f" to {here}",
        f"what can get lost on that way: {_FORWARD}",
    )


def _forwarding(check: Check, place: Place, region: str) -> str | None:
    """Return the rule of another Region that sends a bucket's events here, None if none does."""
    there = check.aws.elsewhere(region)
    event = json.dumps(_sample_event(check.project, place.folder, region))
    for rule in rules_starting(there, check.project.event_bus_arn):
        if rule.enabled and _matches(there, rule, event):
            return rule.name
    return None


def _registrations(check: Check) -> Iterator[Finding]:
    """Registrations."""
    if not check.active:
        mend = "qsrefresh register FOLDER DATASET"
        yield bad("registrations: no folder is registered to refresh a dataset", mend)
        return
    wrong = 0
    for item in check.items:
        where = _misplaced(check, folder_of(item))
        texts = [where] if where else []
        texts += [f"{field} {text}" for field, text in problems_of(item)]
        wrong += bool(texts)
        for text in texts:
            mend = _moved(check, folder_of(item)) if text == where else _again(item)
            yield bad(f"registration of {folder_of(item)}: {text}", mend)
    if not wrong:
        yield good(f"registrations: {len(check.items)}, all valid")


def _sample_keys(check: Check) -> Iterator[Finding]:
    """Sample files."""
    rules = [rule for rule in check.rules if rule.enabled]
    if not rules:
        return  # the check of the refresh stack says so, and how to mend it
    missed = []
    with progress("Asking EventBridge", len(check.active)) as advance:
        for item in check.active:
            event = json.dumps(_sample_event(check.project, folder_of(item), check.project.region))
            if not any(_matches(check.aws, rule, event) for rule in rules):
                missed.append(item)
            advance()
    for item in missed:
        yield bad(
            f"no enabled rule matches a file in {folder_of(item)}: it would start nothing",
            _matching_again(check, folder_of(item)),
        )
    if check.active and not missed:
        yield good("a sample file in every registered folder matches the rule")


def _matching_again(check: Check, folder: str) -> str:
    """Return what mends a folder whose files start nothing: the rule itself may be at fault."""
    rules = [rule for rule in check.rules if not problem_of_folder(folder, rule.places)]
    if not all(rule.places for rule in check.rules) or any(rule.enabled for rule in rules):
        return _DEPLOY
    if rules:
        return _enable(rules[0])
    return _moved(check, folder)


def _matches(aws: Aws, rule: Rule, event: str) -> bool:
    answer = aws.call("events", "test_event_pattern", EventPattern=rule.pattern, Event=event)
    return bool(answer["Result"])


def _sample_event(project: Project, folder: str, region: str) -> dict[str, Any]:
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


def _mails(check: Check) -> Iterator[Finding]:
    """Mails."""
    found = list(subscriptions.subscriptions(check.aws, check.project.topic_arn))
    confirmed = [one for one in found if one.confirmed]
    for one in found:
        if not one.confirmed:
            yield (warning if confirmed else bad)(
                f"mails: {one.endpoint} has not confirmed yet",
                'open the link in the mail "AWS Notification - Subscription Confirmation"; to get'
                f" it again: qsrefresh subscribe {shlex.quote(one.endpoint)}",
            )
    if confirmed:
        yield good(f"mails go to {_listed([one.endpoint for one in confirmed])}")
    elif not found:
        yield bad("mails: nobody is subscribed", "qsrefresh subscribe EMAIL")


def _dead_letter_queues(check: Check) -> Iterator[Finding]:
    """Dead-letter queues."""
    lost = rules_starting(check.aws, check.project.lost_run_machine_arn)
    arns = sorted({rule.dead_letter_queue or "" for rule in (*check.rules, *lost)})
    for arn in arns:
        if not arn:
            yield bad("dead-letter queues: a rule has none, lost events leave no trace", _DEPLOY)
            continue
        name = arn.rsplit(":", 1)[1]
        waiting = _messages(check.aws, dead_letters.queue_url(check.aws, arn))
        if waiting:
            yield bad(
                f"dead-letter queue {name} holds {waiting} event{'s' * (waiting > 1)} that started"
                " nothing",
                "qsrefresh replay",
            )
        else:
            yield good(f"dead-letter queue {name} is empty")


def _messages(aws: Aws, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = aws.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=names)
    return sum(int(answer["Attributes"].get(name, 0)) for name in names)


def _registered_datasets(check: Check) -> Iterator[Finding]:
    """Registered datasets."""
    wrong = False
    for item in check.active:
        for text in datasets.problems_with(check.datasets, dataset_ids(item)):
            wrong = True
            yield bad(f"registration of {folder_of(item)}: {text}", _again(item))
        for dataset_id in set(incremental_ids(item)) & set(check.registered(item)):
            try:
                allowed = datasets.incremental_allowed(check.aws, dataset_id)
            except AwsError as error:
                if not datasets.is_about_one_dataset(error):
                    raise
                wrong = True
                yield _unreadable(check, dataset_id, error)
                continue
            if not allowed:
                wrong = True
                text = f"the dataset {dataset_id} has no incremental refresh set up in QuickSight"
                yield bad(f"registration of {folder_of(item)}: {text}", _again(item))
    number = len({one for item in check.active for one in dataset_ids(item)})
    if number and not wrong:
        yield good(f"registered datasets: {number}, all here and SPICE")


def _overlaps(check: Check) -> Iterator[Finding]:
    """Overlaps."""
    for dataset_id, folders in shared_datasets(check.items).items():
        yield warning(
            f"the dataset {dataset_id} is registered for {_listed(folders)}: two refreshes at once"
            " queue, or the second ends the first",
            f"qsrefresh show {shlex.quote(folders[0])}",
        )
    for inner, outer in nested([folder_of(item) for item in check.items]).items():
        yield warning(
            f"{inner} is inside {outer}: its files refresh only what it registers itself",
            f"qsrefresh show {shlex.quote(inner)}",
        )


def _folder_names(check: Check) -> Iterator[Finding]:
    """Names of folders."""
    folders = [folder_of(item) for item in check.items]
    told = [one for one in folders if _misplaced(check, one)]
    for odd in oddities([one for one in folders if one not in told], check.places):
        yield warning(*odd)


def _log_policies(check: Check) -> Iterator[Finding]:
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


def _refreshes_today(check: Check) -> Iterator[Finding]:
    """Refreshes in the last 24 hours."""
    ids = sorted({one for item in check.active for one in check.registered(item)})
    if not ids:
        return
    limit, edition = datasets.daily_limit(check.aws)
    counts = datasets.refreshes_today(check.aws, ids, check.aws.now)
    for dataset_id, error in counts.items():
        if isinstance(error, AwsError):
            yield _unreadable(check, dataset_id, error)
    known = {one: count for one, count in counts.items() if not isinstance(count, AwsError)}
    much = {one: count for one, count in known.items() if count > limit * _MUCH_OF_THE_LIMIT}
    mend = (
        "sam deploy with MinMinutesBetweenRefreshes="
        f"{24 * 60 // limit} (samconfig.toml), so that the limit can never be reached"
    )
    for dataset_id, count in much.items():
        text = (
            f"{check.datasets[dataset_id].name} was refreshed {count} times in the last 24 hours,"
            f" of {limit} ({edition})"
        )
        yield (bad if count >= limit else warning)(text, mend)
    if known and not much:
        most = max(known.values())
        yield good(f"refreshes in the last 24 hours: {most} of {limit} at most ({edition})")


def _unreadable(check: Check, dataset_id: str, error: AwsError) -> Finding:
    text = f"the dataset {check.datasets[dataset_id].name} cannot be looked at: {error.message}"
    account = f"--aws-account-id {check.project.account_id}"
    which = f"--data-set-id {shlex.quote(dataset_id)}"
    return warning(text, f"aws quicksight describe-data-set {account} {which}")


_CHECKS: tuple[Callable[[Check], Iterator[Finding]], ...] = (
    _refresh_stack,
    _bucket,
    _registrations,
    _sample_keys,
    _registered_datasets,
    _overlaps,
    _folder_names,
    _mails,
    _dead_letter_queues,
    _log_policies,
    _refreshes_today,
)


def _enable(rule: Rule) -> str:
    return f"aws events enable-rule --name {rule.name}"


def _subject(check: Callable[[Check], Iterator[Finding]]) -> str:
    return (check.__doc__ or "").rstrip(".")


def _misplaced(check: Check, folder: str) -> str | None:
    """Return why files of a folder start nothing, and which watched one it may be taken for."""
    problem = problem_of_folder(folder, check.places) if check.places else None
    how = differences(folder, right_address(folder, check.places))
    if problem and how and folder.endswith("/"):
        return f"{problem}, but only differs by {', '.join(how)}"
    return problem


def _moved(check: Check, folder: str) -> str:
    """Return what mends the address of a registration, as far as it tells what was meant."""
    right = right_address(folder, check.places)
    if right != folder and stored_folder(right) == folder:
        return "watch both Unicode forms first: what is said of the rule"
    if problem_of_folder(right, check.places):
        return f"qsrefresh move {named(folder)} NEW"
    if right in map(folder_of, check.items):
        return f"qsrefresh unregister {named(folder)}"
    return f"qsrefresh move {named(folder)} {shlex.quote(right)}"


def _again(item: Item) -> str:
    return f"qsrefresh register {shlex.quote(folder_of(item))} DATASET"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
