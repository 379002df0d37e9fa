"""Find a project's resources: by the shared stack's exports, the names and the rule's pattern."""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from qsrefresh.aws import Aws
from qsrefresh.errors import AwsError, OperatorError, ProjectNotFoundError

_TABLE_EXPORT = "-parameters-tablename"
_TOPIC_EXPORT = "-operation-topic-arn"
_ALARM_TOPIC_EXPORT = "-alarm-topic-arn"
_SCHEME = "s3://"
#: What Step Functions and DynamoDB call it.
_MISSING = ("StateMachineDoesNotExist", "ResourceNotFoundException")


@dataclass(frozen=True)
class Project:
    """A project: what both stacks are known by.

    ``alarm_topic_arn`` is None where the shared stack is that of 1.0.0.
    """

    id: str
    table: str
    topic_arn: str
    alarm_topic_arn: str | None = None

    @property
    def region(self) -> str:
        """The Region of both stacks."""
        return self.topic_arn.split(":")[3]

    @property
    def account_id(self) -> str:
        """The account of both stacks."""
        return self.topic_arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The part of AWS that the Region belongs to, the second word of every ARN."""
        return self.topic_arn.split(":")[1]

    @property
    def event_bus_arn(self) -> str:
        """Where EventBridge takes the events that its rules here see."""
        return f"arn:{self.partition}:events:{self.region}:{self.account_id}:event-bus/default"

    @property
    def state_table(self) -> str:
        """The table in which runs keep who leads which folder, and how it went."""
        return f"{self.id}-refresh-state"

    @property
    def refresh_machine_arn(self) -> str:
        """The state machine that refreshes."""
        return self._machine_arn("create-and-check-ingestion")

    @property
    def lost_run_machine_arn(self) -> str:
        """The state machine that tells of lost runs."""
        return self._machine_arn("report-lost-run")

    @property
    def freshness_machine_arn(self) -> str:
        """The state machine that tells of folders that are out of date."""
        return self._machine_arn("check-freshness")

    def _machine_arn(self, name: str) -> str:
        where = f"{self.partition}:states:{self.region}:{self.account_id}"
        return f"arn:{where}:stateMachine:{self.id}-{name}"


@dataclass(frozen=True)
class Place:
    """A watched folder, with everything below it."""

    bucket: str
    prefix: str

    @property
    def folder(self) -> str:
        """The folder as registrations write it."""
        return f"{_SCHEME}{self.bucket}/{self.prefix}"


@dataclass(frozen=True)
class Rule:
    """An EventBridge rule that starts a state machine."""

    name: str
    enabled: bool
    pattern: str
    dead_letter_queue: str | None

    @property
    def is_for_files(self) -> bool:
        """Whether it takes events of files: addons/start-after.yaml makes rules for others."""
        sources = _mapping(json.loads(self.pattern or "{}")).get("source")
        return sources is None or "aws.s3" in sources

    @property
    def places(self) -> tuple[Place, ...]:
        """What the rule watches, as far as its pattern says it with whole names and prefixes."""
        detail = _mapping(_mapping(json.loads(self.pattern or "{}")).get("detail"))
        buckets = _mapping(detail.get("bucket")).get("name") or []
        keys = _mapping(detail.get("object")).get("key") or []
        return tuple(
            Place(bucket, prefix)
            for bucket in buckets
            if isinstance(bucket, str)
            for key in keys
            if isinstance(prefix := _mapping(key).get("prefix"), str)
        )

    def length_with(self, prefixes: list[str]) -> int:
        """Return how long the pattern is with these prefixes, were each letter escaped."""
        pattern = json.loads(self.pattern)
        pattern["detail"]["object"]["key"] = [{"prefix": prefix} for prefix in prefixes]
        return len(json.dumps(pattern))


def projects(aws: Aws) -> Iterator[Project]:
    """Yield the projects whose shared stack is in this account and Region."""
    exports = {
        export["Name"]: export["Value"]
        for export in aws.members("cloudformation", "list_exports", "Exports")
    }
    for name, table in sorted(exports.items()):
        project_id = name.removesuffix(_TABLE_EXPORT)
        topic = exports.get(project_id + _TOPIC_EXPORT)
        if name.endswith(_TABLE_EXPORT) and topic:
            yield Project(project_id, table, topic, exports.get(project_id + _ALARM_TOPIC_EXPORT))


def deploying(project_id: str, *, new: bool = False) -> str:
    """Return the command that deploys a project, or updates it."""
    values = " BUCKET=BUCKET FOLDER=PATH/ EMAIL=ADDRESS" if new else ""
    return f"make deploy PROJECT={project_id}{values}"


def find_project(aws: Aws, project_id: str | None) -> Project:
    """Return the project asked for; without a name, the only one there is.

    Raises:
        ProjectNotFoundError: it is not here, or there are several to choose from.
    """
    found = {project.id: project for project in projects(aws)}
    here = f"in the Region {aws.region}"
    if not found:
        raise ProjectNotFoundError(
            f"no project is deployed {here}: no stack exports a name ending in {_TABLE_EXPORT}",
            "is it another Region (--region) or account (--profile)? Otherwise, in a clone of the"
            f" repository: {deploying('sampleproject', new=True)}",
        )
    names = ", ".join(found)
    if project_id is None:
        if len(found) == 1:
            return next(iter(found.values()))
        raise ProjectNotFoundError(
            f"several projects are deployed {here}: {names}",
            "say which one with --project, or set QSREFRESH_PROJECT",
        )
    if project_id not in found:
        raise ProjectNotFoundError(
            f"project {project_id} is not deployed {here}; deployed: {names}",
            "is it another Region (--region)? Otherwise, in a clone of the repository:"
            f" {deploying(project_id, new=True)}",
        )
    return found[project_id]


def rules_starting(aws: Aws, machine_arn: str) -> Iterator[Rule]:
    """Yield the rules that start a state machine when an event matches their pattern."""
    for name, rule in _rules_of(aws, machine_arn):
        if "EventPattern" not in rule:
            continue  # a schedule that somebody added
        targets = aws.members("events", "list_targets_by_rule", "Targets", Rule=name)
        queues = [
            _mapping(target.get("DeadLetterConfig")).get("Arn")
            for target in targets
            if target["Arn"] == machine_arn
        ]
        queue = next((arn for arn in queues if arn), None)
        yield Rule(name, rule.get("State") == "ENABLED", rule["EventPattern"], queue)


def file_rules(aws: Aws, project: Project) -> list[Rule]:
    """Return the rules by which files start the refresh."""
    rules = rules_starting(aws, project.refresh_machine_arn)
    return [rule for rule in rules if rule.is_for_files]


def schedules_starting(aws: Aws, machine_arn: str) -> Iterator[Rule]:
    """Yield the rules that start a state machine at times of their own."""
    for name, rule in _rules_of(aws, machine_arn):
        if "ScheduleExpression" in rule:
            yield Rule(name, rule.get("State") == "ENABLED", "", None)


def _rules_of(aws: Aws, machine_arn: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in aws.members(
        "events", "list_rule_names_by_target", "RuleNames", TargetArn=machine_arn
    ):
        yield name, aws.call("events", "describe_rule", Name=name)


def watched_places(aws: Aws, project: Project) -> tuple[Place, ...]:
    """Return the folders whose files start refreshes.

    Raises:
        ProjectNotFoundError: the refresh stack is missing.
        OperatorError: its rule does not say what it watches in a way that can be read.
    """
    rules = file_rules(aws, project)
    if not rules:
        raise not_deployed(project, f"no EventBridge rule starts {project.refresh_machine_arn}")
    places = tuple(place for rule in rules for place in rule.places)
    if not places:
        raise OperatorError(
            f"the pattern of the rule {rules[0].name} names no bucket and prefix: it was changed"
            " by hand",
            f"deploy it again, in a clone of the repository: {deploying(project.id)}",
        )
    return places


def not_deployed(project: Project, why: str) -> ProjectNotFoundError:
    """Return the error that the refresh stack is missing."""
    return ProjectNotFoundError(
        f"the refresh stack of project {project.id} is not deployed in the Region"
        f" {project.region}: {why}",
        f"in a clone of the repository: {deploying(project.id, new=True)}",
    )


@contextmanager
def deployed(project: Project) -> Iterator[None]:
    """Say that the refresh stack is missing where something of it is looked for in vain.

    Raises:
        ProjectNotFoundError: its state machine or its table is missing.
    """
    try:
        yield
    except AwsError as error:
        if error.code in _MISSING:
            raise not_deployed(project, error.message) from error
        raise


def stack_parameters(aws: Aws, project: Project) -> dict[str, str]:
    """Return the parameters of the refresh stack that can be read back.

    CloudFormation gives ``?`` for every character that is not ASCII: such a value is left out.
    """
    resources = aws.call(
        "cloudformation",
        "describe_stack_resources",
        PhysicalResourceId=project.refresh_machine_arn,
    )["StackResources"]
    if not resources:
        return {}
    name = resources[0]["StackName"]
    (stack,) = aws.call("cloudformation", "describe_stacks", StackName=name)["Stacks"]
    given = {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])}
    return {name: value for name, value in given.items() if "?" not in value}


def machine_exists(aws: Aws, machine_arn: str) -> bool:
    """Tell whether a state machine is there."""
    try:
        aws.call("stepfunctions", "describe_state_machine", stateMachineArn=machine_arn)
    except AwsError as error:
        if error.code == "StateMachineDoesNotExist":
            return False
        raise
    return True


def folder_names(places: Sequence[Place]) -> str:
    """Return watched folders for a sentence, each once: the two forms of one look the same."""
    return ", ".join(dict.fromkeys(unicodedata.normalize("NFC", one.folder) for one in places))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
