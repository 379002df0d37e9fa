"""The policies of docs/operations.md are enough for what they are for, and hold nothing else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import click
import pytest
import yaml

import smoke
from local.account import BUCKET, LocalAccount
from local.services.callers import Caller
from local.services.cloudformation import COMMON_TEMPLATE, TEMPLATE, load, translate
from local.services.iam import allows
from local.services.quicksight import Dataset
from qsrefresh.aws import Aws
from qsrefresh.command_line import cli
from qsrefresh.errors import AccessDeniedError
from tests.docs.permissions import (
    MOST_CHARACTERS,
    PAGE,
    POLICIES,
    SERVICES,
    Statement,
    document,
    filled,
    handled,
    page,
)
from tests.loading import ROOT
from tests.ops.conftest import FOLDER, OTHER, Shell
from tests.workflow.scenarios import dead_letter_queue, drop, register, stop_at

HEADINGS = [pytest.param(title, id=title) for title in POLICIES]


def as_deployed(title: str, account: LocalAccount) -> list[Statement]:
    """Return a policy with the names of the account in it."""
    here = {"ACCOUNT": account.account_id, "REGION": account.region}
    return filled(POLICIES[title], PROJECT=account.project, BUCKET=BUCKET, **here)


def aws_of(caller: Caller, account: LocalAccount) -> Aws:
    def elsewhere(region: str) -> Aws:
        return Aws(lambda service: caller.client(service, region), account.clock.run_for, elsewhere)

    return elsewhere(account.region)


def unused(policy: list[Statement], caller: Caller) -> list[tuple[str, str]]:
    """Return the actions and resources of a policy that no call needed."""
    found = []
    for statement in policy:
        for action in statement["Action"]:
            one = [{**statement, "Action": action}]
            if not any(allows(one, use.action, use.resource, {}) for use in caller.uses):
                found.append((action, ""))
        for resource in statement["Resource"]:
            one = [{**statement, "Resource": resource}]
            if not any(allows(one, use.action, use.resource, {}) for use in caller.uses):
                found.append(("", resource))
    return found


def test_the_page_shows_the_policies() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "write it again: .venv/bin/python -m tests.docs.permissions"


@pytest.mark.parametrize("title", HEADINGS)
def test_a_policy_is_no_longer_than_iam_takes(title: str) -> None:
    text = json.dumps(document(POLICIES[title]), separators=(",", ":"))
    assert len(text) < MOST_CHARACTERS


@pytest.mark.parametrize("title", HEADINGS)
def test_every_action_exists_and_is_asked_for_such_a_resource(title: str) -> None:
    """By the Service Authorization Reference, as cfn-lint brings it along."""
    for statement in POLICIES[title]:
        for action in statement["Action"]:
            service, _, name = action.partition(":")
            known = SERVICES[service]["Actions"][name.lower()]
            if "Resources" not in known:
                assert statement["Resource"] == ["*"], action


class TestOperator:
    @pytest.fixture
    def operator(self, account: LocalAccount) -> Caller:
        return Caller(account.world, as_deployed("Operator", account))

    @pytest.fixture
    def qsrefresh(self, account: LocalAccount, operator: Caller) -> Iterator[Shell]:
        """The command, with nothing but the operator's policy; the bucket sends no events yet."""
        for name in ("one", "two"):
            account.quicksight.add(Dataset(f"id-{name}", name, incremental=True))
        put = account.client("s3").put_bucket_notification_configuration
        put(Bucket=BUCKET, NotificationConfiguration={})
        shell = Shell(account)
        shell.aws = aws_of(operator, account)
        yield shell
        put(Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}})

    def test_every_verb_works_under_exactly_this_policy(
        self,
        qsrefresh: Shell,
        operator: Caller,
        account: LocalAccount,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        entered: set[str] = set()

        def enter(*line: str, code: int = 0) -> str:
            result = qsrefresh(*line)
            assert result.exit_code == code, (line, result.output)
            assert "access denied" not in result.output
            entered.add(line[0])
            return result.stdout

        self._set_up(enter, tmp_path)
        self._run(enter, account)
        self._tell_the_past(enter, account, tmp_path)
        self._replay(enter, account, monkeypatch)
        enter("check", code=1)  # the address is not confirmed
        self._subscribe(enter, account, operator.client("sns"))
        enter("unregister", FOLDER, "--yes")
        assert entered == set(cli.list_commands(click.Context(cli)))
        assert unused(as_deployed("Operator", account), operator) == []

    @staticmethod
    def _set_up(enter: Any, tmp_path: Path) -> None:
        enter("datasets")
        file = tmp_path / "registration.yaml"
        item = {"S3uri": OTHER, "datasets": [{"datasetid": "id-two", "datasetname": "two"}]}
        file.write_text(yaml.safe_dump(item), encoding="utf-8")
        enter("register", "--file", str(file))
        enter("apply", str(file))
        enter("register", FOLDER, "one", "two")
        enter("register", FOLDER, "two", "--type", "INCREMENTAL_REFRESH", "--yes")
        enter("move", OTHER, f"{FOLDER}moved/", "--yes")
        enter("ignore", f"{FOLDER}moved/", "--yes")
        for verb in ("list", "export"):
            enter(verb)
        enter("show", FOLDER)
        enter("enable-bucket", BUCKET, "--yes")
        enter("subscribe", "operator@example.com")

    @staticmethod
    def _subscribe(enter: Any, account: LocalAccount, sns: Any) -> None:
        account.mails.clear()
        enter("subscribe", "errors@example.com", "--errors-only")
        for mail in list(account.mails):
            token = mail.message.split()[-1]
            sns.confirm_subscription(
                TopicArn=mail.topic_arn, Token=token, AuthenticateOnUnsubscribe="true"
            )
        enter("subscribe", "errors@example.com", "--folder", FOLDER)
        enter("check", code=1)  # now nobody gets the alarms
        enter("unsubscribe", "errors@example.com", "--yes")

    @staticmethod
    def _run(enter: Any, account: LocalAccount) -> None:
        account.quicksight.datasets["id-two"].seconds = lambda _: 120.0
        drop(account)
        account.clock.run_for(60)
        enter("status")
        enter("run", FOLDER, "--wait")  # it is too late for the run that leads
        account.settle()
        drop(account, "b.csv")
        account.clock.run_for(3)
        stop_at(account, "Check Ingestion Status")
        enter("run", FOLDER, "--wait", code=1)
        account.settle()
        drop(account, "c.csv")
        account.clock.run_for(60)
        enter("cancel", FOLDER, "--yes")
        account.settle()

    @staticmethod
    def _tell_the_past(enter: Any, account: LocalAccount, tmp_path: Path) -> None:
        stop_at(account, "Wait For More Files")
        drop(account, "b.csv")
        account.settle()
        enter("history", FOLDER)
        enter("history", FOLDER, "--from-executions")
        enter("report", FOLDER, "--html", str(tmp_path / "report.html"))
        runs = [one.execution_arn for one in account.executions]
        for arn in [*runs, *(child.arn for child in account.children)]:
            enter("explain", arn)

    @staticmethod
    def _replay(enter: Any, account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(account.authorizer, "statements", lambda role: [])
            drop(account, "c.csv")
            account.settle()
        assert dead_letter_queue(account)
        enter("replay", "--dry-run")
        enter("replay")
        account.settle()

    def test_it_holds_what_finds_a_rule_that_forwards(
        self,
        qsrefresh: Shell,
        operator: Caller,
        account: LocalAccount,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        there: Any = {"BucketRegion": "eu-west-1", "ResponseMetadata": {"HTTPHeaders": {}}}
        monkeypatch.setattr(operator.client("s3"), "head_bucket", lambda **_: there)
        assert qsrefresh("enable-bucket", BUCKET, "--yes").exit_code == 1
        account.client("s3").put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        events = boto3.client("events", region_name="eu-west-1")
        events.put_rule(Name="p-forward", EventPattern=json.dumps({"source": ["aws.s3"]}))
        bus = account.arn("events", "event-bus/default")
        events.put_targets(Rule="p-forward", Targets=[{"Id": "forward", "Arn": bus}])
        try:
            told = qsrefresh("check").stdout
        finally:
            events.remove_targets(Rule="p-forward", Ids=["forward"])
            events.delete_rule(Name="p-forward")
        assert "the rule p-forward there forwards its events" in told
        assert "access denied" not in told

    def test_what_it_does_not_hold_is_refused(
        self, operator: Caller, account: LocalAccount
    ) -> None:
        aws = aws_of(operator, account)
        with pytest.raises(AccessDeniedError, match=r"s3:PutObject on resource: arn:aws:s3:::"):
            aws.call("s3", "put_object", Bucket=BUCKET, Key="a.csv", Body=b"")
        with pytest.raises(AccessDeniedError, match="dynamodb:Scan"):
            list(aws.members("dynamodb", "scan", "Items", TableName="other-parameters"))


def test_make_smoke_works_under_both_policies(account: LocalAccount) -> None:
    register(account, "sales")
    drop(account)
    account.settle()
    policies = [as_deployed(title, account) for title in ("Operator", "make smoke")]
    caller = Caller(account.world, [statement for policy in policies for statement in policy])
    place = {"Bucket": BUCKET, "Key": "manifest.json"}
    account.client("s3").put_object(**place, Body=b'{"fileLocations": []}')
    account.client("quicksight").create_data_source(
        AwsAccountId=account.account_id,
        DataSourceId="source",
        Name="source",
        Type="S3",
        DataSourceParameters={"S3Parameters": {"ManifestFileLocation": place}},
    )
    aws = aws_of(caller, account)
    aws.pause = lambda _: account.settle()
    subject, found = smoke.smoke(aws, account.project, None, 15, lambda _: None)
    assert subject.startswith("[SUCCESS]")
    assert [one.seen for one in found if "denied" in one.seen] == []
    assert unused(policies[1], caller) == []


#: Type of a resource → its ARN, made of its physical id.
ARNS = {
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:{here}:alarm:{id}",
    "AWS::CloudWatch::Dashboard": "arn:aws:cloudwatch::{account}:dashboard/{id}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{here}:table/{id}",
    "AWS::Events::Rule": "arn:aws:events:{here}:rule/{id}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy/{id}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{id}",
    "AWS::Lambda::Function": "arn:aws:lambda:{here}:function:{id}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{here}:log-group:{id}",
    "AWS::SNS::Subscription": "arn:aws:sns:{here}:sampleproject-operation-topic:{id}",
    "AWS::SNS::Topic": "{id}",
    "AWS::SQS::Queue": "arn:aws:sqs:{here}:{name}",
    "AWS::StepFunctions::StateMachine": "{id}",
}


def test_the_deployer_may_call_what_cloudformation_calls_for_every_resource(
    account: LocalAccount,
) -> None:
    policy = as_deployed("Deployer", account)
    here, seen = f"{account.region}:{account.account_id}", set()
    for stack, logical, kind in resources(account):
        assert kind in ARNS, f"say in ARNS how the ARN of {kind} is made of its id"
        identity = physical(account, stack, logical)
        values = {"id": identity, "name": identity.rpartition("/")[2], "here": here}
        arn = ARNS[kind].format(**values, account=account.account_id)
        for action in handled(kind):
            own = action.partition(":")[0] == arn.split(":")[2]
            asked = arn if own else f"arn:aws:iam::{account.account_id}:role/{stack}-Role-X"
            assert allows(policy, action, asked, {}), (action, asked)
        seen.add(kind)
    assert seen == set(ARNS)


def resources(account: LocalAccount) -> Iterator[tuple[str, str, str]]:
    """Yield stack, logical id and type of all that the templates can make."""
    refresh = translate(TEMPLATE, account.region)
    for name, template in (("common", load(COMMON_TEMPLATE)), ("refresh", refresh)):
        for logical, body in template["Resources"].items():
            if body["Type"] not in ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"):
                yield f"{account.project}-{name}", logical, body["Type"]


def physical(account: LocalAccount, stack: str, logical: str) -> str:
    """Return a resource's name; for what moto does not make, one as CloudFormation makes it up."""
    found = account.client("cloudformation").list_stack_resources(StackName=stack)
    for one in found["StackResourceSummaries"]:
        if one.get("LogicalResourceId") == logical:
            return str(one["PhysicalResourceId"])
    return f"{stack}-{logical}-1A2B3C4D5E6F"


def test_the_deployer_may_do_what_the_page_says(account: LocalAccount) -> None:
    policy = as_deployed("Deployer", account)
    layer = re.search(
        r"--name (/aws/service/\S+)", (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    )
    assert layer
    parameter = f"arn:aws:ssm:{account.region}::parameter{layer[1]}"
    for action in ("ssm:GetParameter", "ssm:GetParameters"):
        assert allows(policy, action, parameter, {})
    for stack in ("sampleproject-common", "sampleproject-refresh", "aws-sam-cli-managed-default"):
        arn = account.arn("cloudformation", f"stack/{stack}/id")
        for action in ("CreateChangeSet", "ExecuteChangeSet", "DescribeStacks", "DeleteStack"):
            assert allows(policy, f"cloudformation:{action}", arn, {})
    assert not allows(policy, "dynamodb:Scan", account.arn("dynamodb", "table/x-parameters"), {})
