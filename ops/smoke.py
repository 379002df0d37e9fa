"""Prove a deployed project: drop a file, wait for its mail, and leave everything as it was.

It registers a folder of its own below the watched one, with one dataset that is registered anyway,
and reads the mail from a queue that it subscribes to the topic for the while. The dataset is
refreshed once, from the data it has: that is one of the day's refreshes. The file is empty; where
a manifest would read it into a dataset, none is dropped and the run is started by hand.
AWS or, with AWS_ENDPOINT_URL, what stands in for it.
"""

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import click

from claims import Evidence, Finding, findings
from manifests import readers
from qsrefresh.aws import Aws, connect
from qsrefresh.errors import OperatorError
from qsrefresh.execution_history import RUNNING
from qsrefresh.explain import explain
from qsrefresh.output import say, write_table
from qsrefresh.project import Place, file_rules, find_project, watched_places
from qsrefresh.project import Project as Deployed

SECONDS_BETWEEN_LOOKS = 5
#: How long the end of what the deleted file starts is waited for; EventBridge may take a minute.
SECONDS_FOR_THE_DELETION = 300
#: A run gives the lead back after its mail.
SECONDS_FOR_THE_END = 60


@dataclass(frozen=True)
class Trial:
    """A deployed project, and the folder of its own that it is tried with."""

    aws: Aws
    project: Deployed
    place: Place

    @property
    def folder(self) -> str:
        """The key of a folder that nobody else uses."""
        return f"{self.place.prefix}{self.project.id}-smoke-test/"

    @property
    def key(self) -> str:
        """The file's key, with all that an encoding could change."""
        return f"{self.folder}売上 a+b%20c.txt"

    @property
    def uri(self) -> str:
        """The folder as registrations and mails name it."""
        return f"s3://{self.place.bucket}/{self.folder}"


def find(aws: Aws, name: str) -> Trial:
    """Return the deployed project.

    Raises:
        OperatorError: one of its stacks is not there, or its rule names no folder.
    """
    project = find_project(aws, name)
    enabled = (r for r in file_rules(aws, project) if r.enabled and r.places)
    rule = next(enabled, None)
    return Trial(aws, project, rule.places[0] if rule else watched_places(aws, project)[0])


def registered_dataset(trial: Trial) -> dict[str, Any]:
    """Return the first registered dataset, as the table holds it.

    Raises:
        OperatorError: none is registered.
    """
    table = trial.project.table
    for item in trial.aws.members("dynamodb", "scan", "Items", TableName=table):
        for dataset in item.get("datasets", {}).get("L", []):
            if dataset.get("M", {}).get("datasetid", {}).get("S"):
                found: dict[str, Any] = dataset
                return found
    raise OperatorError(
        f"no dataset is registered in {table}", "register one, or name one with DATASET=ID"
    )


def smoke(
    aws: Aws,
    name: str,
    dataset: str | None,
    minutes: int,
    say: Callable[[str], object],
    drop: bool = False,
) -> tuple[str, list[Finding]]:
    """Drop a file; return its mail's subject and what was seen; undo everything in any case.

    Raises:
        OperatorError: no mail came in time, or the project cannot be tried.
    """
    trial = find(aws, name)
    given = {"M": {"datasetid": {"S": dataset}, "datasetname": {"S": dataset}}} if dataset else None
    chosen = given or registered_dataset(trial)
    with ExitStack() as undo:
        queue = _listen(trial, undo)
        _register(trial, {"datasets": {"L": [chosen]}})
        undo.callback(_remove_registration, trial)
        if dropped := _may_drop(trial, drop, say):
            trial.aws.call("s3", "put_object", Bucket=trial.place.bucket, Key=trial.key, Body=b"")
            undo.callback(_remove_file, trial, say)
            say(f"Dropped s3://{trial.place.bucket}/{trial.key}")
        else:
            machine, start = trial.project.refresh_machine_arn, json.dumps({"folder": trial.uri})
            aws.call("stepfunctions", "start_execution", stateMachineArn=machine, input=start)
            say("Started the refresh by hand, without a file: that files start one is not proven")
        say(f"Waiting for the mail, {minutes} minutes at most")
        started = time.monotonic()
        for looks in range(minutes * 60 // SECONDS_BETWEEN_LOOKS + 1):
            if looks:
                aws.pause(SECONDS_BETWEEN_LOOKS)
            for subject, message in _mails(aws, queue):
                if trial.uri in message:
                    say(f"After {time.monotonic() - started:.0f} seconds: {subject}")
                    return subject, _look(trial, message, dropped)
    raise OperatorError(
        f"no mail came within {minutes} minutes",
        f"look at the newest execution of {trial.project.refresh_machine_arn}; if there is none:"
        f" qsrefresh --project {name} check",
    )


def _look(trial: Trial, message: str, dropped: bool) -> list[Finding]:
    """Return what the refresh shows that a mail is about, once its run has ended."""
    found = explain(trial.aws, trial.project, message)
    for _ in range(SECONDS_FOR_THE_END // SECONDS_BETWEEN_LOOKS):
        if found.run.execution.status != RUNNING:
            break
        trial.aws.pause(SECONDS_BETWEEN_LOOKS)
        found = explain(trial.aws, trial.project, message)
    evidence = Evidence(trial.aws, trial.project, found, trial.key if dropped else None)
    return list(findings(evidence))


def _may_drop(trial: Trial, drop: bool, say: Callable[[str], object]) -> bool:
    """Tell whether no manifest would read the file into a dataset; say which would, or may."""
    found = list(readers(trial.aws, trial.place.bucket, trial.key))
    for reader in found:
        say(
            f"No file in {trial.uri}: {reader}" if reader.location or not drop else f"But: {reader}"
        )
    unknown = all(reader.location is None for reader in found)
    if found and unknown and not drop:
        say("Do you know that none of them covers that folder? Then say DROP=1")
    return not found or (unknown and drop)


def _listen(trial: Trial, undo: ExitStack) -> str:
    """Subscribe a queue to the topic, and return its URL."""
    call, topic = trial.aws.call, trial.project.topic_arn
    # SQS takes the name of a deleted queue again after a minute only.
    name = f"{trial.project.id}-smoke-test-{secrets.token_hex(4)}"
    url: str = call("sqs", "create_queue", QueueName=name)["QueueUrl"]
    undo.callback(call, "sqs", "delete_queue", QueueUrl=url)
    arn = call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["QueueArn"])
    queue = arn["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    call("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"Policy": policy})
    subscription = call(
        "sns",
        "subscribe",
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    undo.callback(call, "sns", "unsubscribe", SubscriptionArn=subscription)
    return url


def _mails(aws: Aws, queue: str) -> Iterator[tuple[str, str]]:
    """Yield subject and text of what the topic sent meanwhile."""
    found = aws.call("sqs", "receive_message", QueueUrl=queue, MaxNumberOfMessages=10)
    for one in found.get("Messages", []):
        sent = json.loads(one["Body"])
        yield sent.get("Subject", ""), sent.get("Message", "")


def _register(trial: Trial, what: dict[str, Any]) -> None:
    item = {"S3uri": {"S": trial.uri}, "usefor": {"S": "make smoke"}, **what}
    trial.aws.call("dynamodb", "put_item", TableName=trial.project.table, Item=item)


def _remove_registration(trial: Trial) -> None:
    state = trial.project.state_table
    # Runs keep who leads a folder, and beside it what became of its refreshes.
    for table, name in ((trial.project.table, ""), (state, ""), (state, "#record")):
        key = {"S3uri": {"S": trial.uri + name}}
        trial.aws.call("dynamodb", "delete_item", TableName=table, Key=key)


def _remove_file(trial: Trial, say: Callable[[str], object]) -> None:
    """Delete the file; the folder is ignored meanwhile, so that this causes no refresh and mail."""
    _register(trial, {"ignore": {"BOOL": True}})
    before = _newest_run(trial)
    trial.aws.call("s3", "delete_object", Bucket=trial.place.bucket, Key=trial.key)
    for looks in range(SECONDS_FOR_THE_DELETION // SECONDS_BETWEEN_LOOKS):
        if looks:
            trial.aws.pause(SECONDS_BETWEEN_LOOKS)
        newest = _newest_run(trial)
        if newest and newest != before and newest[1] != "RUNNING":
            return
    say("The deletion started no run yet: an ERROR mail about an unregistered folder may follow.")


def _newest_run(trial: Trial) -> tuple[str, str] | None:
    """Return ARN and status of the newest run."""
    machine = trial.project.refresh_machine_arn
    answer = trial.aws.call(
        "stepfunctions", "list_executions", stateMachineArn=machine, maxResults=1
    )
    found = answer["executions"]
    return (found[0]["executionArn"], found[0]["status"]) if found else None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("project")
@click.option("--dataset", help="Id of the dataset to refresh; default: the first registered one.")
@click.option(
    "--minutes",
    type=click.IntRange(1, 1440),
    default=15,
    show_default=True,
    help="How long to wait for the mail.",
)
@click.option("--drop", is_flag=True, help="Drop the file although some manifests cannot be read.")
def main(project: str, dataset: str | None, minutes: int, drop: bool) -> None:
    """Try a deployed PROJECT: drop a file, wait for its mail, clean up.

    Example: make smoke PROJECT=sampleproject MINUTES=30
    """
    subject, found = smoke(connect(None, None), project, dataset, minutes, say, drop)
    write_table(("", "Claim", "Expected", "Seen"), [one.row for one in found])
    if not subject.startswith("[SUCCESS]"):
        say("The mail came, but the refresh failed: read it for the reason.")
        sys.exit(1)
    if wrong := sum(one.good is False for one in found):
        say(f"{wrong} of {len(found)} claims are wrong: docs/needs-aws.md says what to do.")
        sys.exit(1)


if __name__ == "__main__":
    main()
