"""Prove a deployed project: drop a file, wait for its mail, and leave everything as it was.

It registers a folder of its own below the watched one, with one dataset that is registered anyway,
and reads the mail from a queue that it subscribes to the topic for the while. The dataset is
refreshed once, from the data it has: that is one of the day's refreshes. The file is empty.
AWS or, with AWS_ENDPOINT_URL, what stands in for it.
"""

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

SECONDS_BETWEEN_LOOKS = 5
#: How long the end of what the deleted file starts is waited for; EventBridge may take a minute.
SECONDS_FOR_THE_DELETION = 300


#: Gives the client of a service.
Client = Callable[[str], Any]


class SmokeError(Exception):
    """The project cannot be tried, or did not do what it should; the text says the way out."""


@dataclass(frozen=True)
class Project:
    """What is deployed, as far as it takes to try it."""

    name: str
    machine: str
    topic: str
    table: str
    bucket: str
    watched: str

    @property
    def folder(self) -> str:
        """The key of a folder that nobody else uses."""
        return f"{self.watched}{self.name}-smoke-test/"

    @property
    def uri(self) -> str:
        """The folder as registrations and mails name it."""
        return f"s3://{self.bucket}/{self.folder}"


def find(client: Client, name: str) -> Project:
    """Return the deployed project.

    Raises:
        SmokeError: one of its stacks is not there.
    """
    exports = _all(client("cloudformation"), "list_exports", "Exports")
    values = {one["Name"]: one["Value"] for one in exports}
    machines = _all(client("stepfunctions"), "list_state_machines", "stateMachines")
    arns = {one["name"]: one["stateMachineArn"] for one in machines}
    try:
        topic = values[f"{name}-operation-topic-arn"]
        table = values[f"{name}-parameters-tablename"]
        machine = arns[f"{name}-create-and-check-ingestion"]
    except KeyError as missing:
        raise SmokeError(
            f"There is no {missing} in this account and Region: is project {name} deployed here?"
        ) from missing
    events = client("events")
    rules = events.list_rule_names_by_target(TargetArn=machine)["RuleNames"]
    if not rules:
        raise SmokeError(f"No rule starts {machine}: deploy the refresh stack again.")
    detail = json.loads(events.describe_rule(Name=rules[0])["EventPattern"])["detail"]
    bucket, key = detail["bucket"]["name"][0], detail["object"]["key"][0]["prefix"]
    return Project(name, machine, topic, table, bucket, key)


def registered_dataset(client: Client, project: Project) -> dict[str, Any]:
    """Return the first registered dataset, as the table holds it.

    Raises:
        SmokeError: none is registered.
    """
    for item in _all(client("dynamodb"), "scan", "Items", TableName=project.table):
        for dataset in item.get("datasets", {}).get("L", []):
            if dataset.get("M", {}).get("datasetid", {}).get("S"):
                found: dict[str, Any] = dataset
                return found
    raise SmokeError(f"No dataset is registered in {project.table}: register one, or name one.")


def smoke(
    client: Client,
    name: str,
    dataset: str | None,
    minutes: int,
    say: Callable[[str], object],
    wait: Callable[[float], object] = time.sleep,
) -> str:
    """Drop a file and return the subject of its mail; undo everything, whatever happens.

    Raises:
        SmokeError: no mail came in time, or the project cannot be tried.
    """
    project = find(client, name)
    given = {"M": {"datasetid": {"S": dataset}, "datasetname": {"S": dataset}}} if dataset else None
    chosen = given or registered_dataset(client, project)
    with ExitStack() as undo:
        queue = _listen(client, project, undo)
        _register(client, project, {"datasets": {"L": [chosen]}})
        undo.callback(_remove_registration, client, project)
        key = f"{project.folder}empty.txt"
        client("s3").put_object(Bucket=project.bucket, Key=key, Body=b"")
        undo.callback(_remove_file, client, project, key, say, wait)
        say(f"Dropped s3://{project.bucket}/{key}; waiting for the mail, {minutes} minutes at most")
        started = time.monotonic()
        for looks in range(minutes * 60 // SECONDS_BETWEEN_LOOKS + 1):
            if looks:
                wait(SECONDS_BETWEEN_LOOKS)
            for subject, message in _mails(client, queue):
                if project.uri in message:
                    say(f"After {time.monotonic() - started:.0f} seconds: {subject}")
                    return subject
    raise SmokeError(
        f"No mail within {minutes} minutes. Look at the newest execution of {project.machine}; "
        "if there is none: does the bucket send its events to EventBridge?"
    )


def _listen(client: Client, project: Project, undo: ExitStack) -> str:
    """Subscribe a queue to the topic, and return its URL."""
    sqs, sns = client("sqs"), client("sns")
    # SQS takes the name of a deleted queue again after a minute only.
    name = f"{project.name}-smoke-test-{secrets.token_hex(4)}"
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    undo.callback(sqs.delete_queue, QueueUrl=url)
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    queue = arn["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": project.topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    subscription = sns.subscribe(
        TopicArn=project.topic, Protocol="sqs", Endpoint=queue, ReturnSubscriptionArn=True
    )
    undo.callback(sns.unsubscribe, SubscriptionArn=subscription["SubscriptionArn"])
    return url


def _mails(client: Client, queue: str) -> Iterator[tuple[str, str]]:
    """Yield subject and text of what the topic sent meanwhile."""
    found = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    for one in found.get("Messages", []):
        sent = json.loads(one["Body"])
        yield sent.get("Subject", ""), sent.get("Message", "")


def _register(client: Client, project: Project, what: dict[str, Any]) -> None:
    item = {"S3uri": {"S": project.uri}, "usefor": {"S": "make smoke"}, **what}
    client("dynamodb").put_item(TableName=project.table, Item=item)


def _remove_registration(client: Client, project: Project) -> None:
    dynamodb, key = client("dynamodb"), {"S3uri": {"S": project.uri}}
    for table in (project.table, f"{project.name}-refresh-state"):
        dynamodb.delete_item(TableName=table, Key=key)


def _remove_file(
    client: Client,
    project: Project,
    key: str,
    say: Callable[[str], object],
    wait: Callable[[float], object],
) -> None:
    """Delete the file; the folder is ignored meanwhile, so that this causes no refresh and mail."""
    _register(client, project, {"ignore": {"BOOL": True}})
    before = _newest_run(client, project)
    client("s3").delete_object(Bucket=project.bucket, Key=key)
    for looks in range(SECONDS_FOR_THE_DELETION // SECONDS_BETWEEN_LOOKS):
        if looks:
            wait(SECONDS_BETWEEN_LOOKS)
        newest = _newest_run(client, project)
        if newest and newest != before and newest[1] != "RUNNING":
            return
    say("The deletion started no run yet: an ERROR mail about an unregistered folder may follow.")


def _newest_run(client: Client, project: Project) -> tuple[str, str] | None:
    """Return ARN and status of the newest run."""
    found = client("stepfunctions").list_executions(stateMachineArn=project.machine, maxResults=1)[
        "executions"
    ]
    return (found[0]["executionArn"], found[0]["status"]) if found else None


def _all(service: Any, call: str, member: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    for page in service.get_paginator(call).paginate(**arguments):
        yield from page[member]


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
def main(project: str, dataset: str | None, minutes: int) -> None:
    """Try a deployed PROJECT: drop a file, wait for its mail, clean up.

    Example: make smoke PROJECT=sampleproject MINUTES=30
    """
    try:
        subject = smoke(cache(boto3.client), project, dataset, minutes, click.echo)
    except (SmokeError, BotoCoreError, ClientError) as error:
        raise click.ClickException(str(error)) from error
    if not subject.startswith("[SUCCESS]"):
        click.echo("The mail came, but the refresh failed: read it for the reason.", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
