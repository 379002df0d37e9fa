"""Which project, which account; and errors that name the way out."""

import json
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import botocore.credentials
import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    LoginRefreshRequired,
    NoCredentialsError,
    ParamValidationError,
    SSOTokenLoadError,
    UnknownServiceError,
)
from click.testing import CliRunner

from local.account import LocalAccount
from local.services.quicksight import Dataset
from qsrefresh.aws import Aws, connect
from qsrefresh.command_line import cli
from qsrefresh.errors import OperatorError
from qsrefresh.project import Rule, find_project, watched_places
from tests.loading import ROOT
from tests.ops.conftest import FOLDER, Shell


@pytest.fixture
def second_project(account: LocalAccount) -> Iterator[None]:
    """Another project's shared stack beside ours, and an export that only looks like one."""
    names = (
        "second-parameters-tablename",
        "second-operation-topic-arn",
        "odd-parameters-tablename",
    )
    outputs = {
        f"Output{number}": {"Value": "x", "Export": {"Name": name}}
        for number, name in enumerate(names)
    }
    resources = {"Topic": {"Type": "AWS::SNS::Topic"}}
    client = account.client("cloudformation")
    body = json.dumps({"Resources": resources, "Outputs": outputs})
    client.create_stack(StackName="second", TemplateBody=body)
    yield
    client.delete_stack(StackName="second")


def test_the_only_project_needs_no_name(qsrefresh: Shell) -> None:
    project = find_project(qsrefresh.aws, None)
    assert project.id == "sampleproject"
    assert project.refresh_machine_arn == qsrefresh.account.machine_arn


@pytest.mark.usefixtures("second_project")
def test_of_several_projects_one_must_be_named(qsrefresh: Shell) -> None:
    told = qsrefresh.refused("list")
    assert "several projects are deployed" in told
    assert "sampleproject, second\n" in told
    assert qsrefresh("--project", "sampleproject", "list").exit_code == 0
    named = CliRunner(env={"QSREFRESH_PROJECT": "sampleproject"})
    assert named.invoke(cli, ["list"], obj=qsrefresh.aws).exit_code == 0


@pytest.mark.usefixtures("second_project")
def test_the_project_may_stand_after_the_verb_and_counts_there(qsrefresh: Shell) -> None:
    assert qsrefresh("list", "--project", "sampleproject").exit_code == 0
    assert qsrefresh("--project", "second", "list", "--project", "sampleproject").exit_code == 0
    assert "--project" not in qsrefresh("list", "--help").stdout


def test_a_project_that_is_not_here(qsrefresh: Shell) -> None:
    told = qsrefresh.refused("--project", "nope", "list")
    assert "project nope is not deployed in the Region ap-northeast-1" in told
    assert "--region" in told


def test_a_region_without_any_project(qsrefresh: Shell) -> None:
    elsewhere = Aws(lambda service: boto3.client(service, region_name="eu-west-1"))
    result = CliRunner().invoke(cli, ["list"], obj=elsewhere)
    assert result.exit_code == 1
    assert "no project is deployed in the Region eu-west-1" in result.stderr
    assert "make deploy PROJECT=sampleproject BUCKET=BUCKET FOLDER=PATH/ EMAIL=" in result.stderr


def test_a_shared_stack_without_its_refresh_stack(
    qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    broken("events", "get_paginator", lambda _: NoPages())
    told = qsrefresh.refused("run", FOLDER)
    assert "the refresh stack of project sampleproject is not deployed" in told
    assert "make deploy PROJECT=sampleproject BUCKET=" in told


def test_a_folder_can_be_registered_before_the_refresh_stack_is_deployed(
    qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    qsrefresh.account.quicksight.add(Dataset("id-one", "one"))
    broken("events", "get_paginator", lambda _: NoPages())
    done = qsrefresh("register", "s3://not-watched-yet/a/", "one")
    assert done.exit_code == 0
    assert "is not checked: the refresh stack of project sampleproject" in done.stderr
    assert qsrefresh.json("show", "s3://not-watched-yet/a/")


class NoPages:
    """A list that is empty."""

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        """Return no page."""
        return []


@pytest.mark.parametrize(
    ("pattern", "places"),
    [
        ({"detail": {"bucket": {"name": ["b"]}, "object": {"key": [{"prefix": "東京/"}]}}}, 1),
        (
            {
                "detail": {
                    "bucket": {"name": ["b", "c"]},
                    "object": {"key": [{"prefix": "x/"}, {"prefix": "y/"}]},
                }
            },
            4,
        ),
        ({"detail": {"bucket": {"name": ["b"]}, "object": {"key": [{"wildcard": "*"}]}}}, 0),
        ({"detail": {"bucket": {"name": [{"prefix": "b"}]}}}, 0),
        ({"source": ["aws.s3"]}, 0),
    ],
)
def test_what_a_rule_watches_is_read_from_its_pattern(pattern: Any, places: int) -> None:
    assert len(Rule("r", True, json.dumps(pattern), None).places) == places


def test_a_pattern_changed_by_hand_is_told(qsrefresh: Shell, broken: Callable[..., None]) -> None:
    broken("events", "describe_rule", lambda **_: {"EventPattern": "{}", "State": "ENABLED"})
    with pytest.raises(OperatorError, match="changed by hand"):
        watched_places(qsrefresh.aws, find_project(qsrefresh.aws, None))


def test_a_schedule_that_somebody_added_is_no_folder(
    qsrefresh: Shell, account: LocalAccount
) -> None:
    events = account.client("events")
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="nightly", Targets=[{"Id": "x", "Arn": account.machine_arn}])
    try:
        assert len(watched_places(qsrefresh.aws, find_project(qsrefresh.aws, None))) == 1
    finally:
        events.remove_targets(Rule="nightly", Ids=["x"])
        events.delete_rule(Name="nightly")


def refusal(code: str, message: str = "no") -> ClientError:
    """Return AWS's refusal of ListExports."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "ListExports")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refusal("AccessDenied"), "the permission cloudformation:ListExports"),
        (
            refusal("AccessDenied", "User: x is not authorized to perform: kms:Decrypt on y"),
            "the permission kms:Decrypt",
        ),
        (refusal("Throttling", "Rate exceeded"), "wait a minute and run the command again"),
        (refusal("ExpiredToken"), "aws sso login"),
        (refusal("ValidationError"), "cloudformation:ListExports failed: ValidationError: no"),
        (NoCredentialsError(), "there are no AWS credentials"),
        (SSOTokenLoadError(error_msg="expired"), "aws sso login"),
        (LoginRefreshRequired(), "log in again (aws login"),
        (ParamValidationError(report="Invalid name"), "correct it and run the command again"),
        (UnknownServiceError(service_name="x", known_service_names=""), "aws configure list"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS_ENDPOINT_URL"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_every_failure_names_the_way_out(
    qsrefresh: Shell, broken: Callable[..., None], error: Exception, told: str
) -> None:
    def fail(_: str) -> Any:
        raise error

    broken("cloudformation", "get_paginator", fail)
    assert told in qsrefresh.refused("list")


def test_permissions_that_are_called_otherwise(
    qsrefresh: Shell, broken: Callable[..., None]
) -> None:
    def fail(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")

    broken("s3", "head_bucket", fail)
    assert "the permission s3:ListBucket" in qsrefresh.refused("enable-bucket", "b")


def test_no_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(cli, ["datasets"])
    assert result.exit_code == 1
    assert "set AWS_DEFAULT_REGION, or give --region" in result.stderr
    with pytest.raises(OperatorError, match="which Region"):
        connect(None, None)


@pytest.mark.usefixtures("qsrefresh")
@pytest.mark.parametrize(
    ("region", "told"),
    [("a b", "give a Region like ap-northeast-1"), ("", "it is not known which Region")],
)
def test_what_is_no_region_is_told(region: str, told: str, monkeypatch: Any) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(cli, ["--region", region, "list"])
    assert result.exit_code == 1
    assert told in result.stderr


@pytest.fixture(params=["<!doctype html><p>", "<html><p>It works!</p></html>"])
def web_server(request: Any) -> Iterator[str]:
    """A server that is not AWS, and its address without http://."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(request.param.encode())

        def log_message(self, *_: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("scheme", ["", "http://"])
@pytest.mark.parametrize("verb", ["list", "datasets"])
def test_what_is_not_aws_is_told(web_server: str, scheme: str, verb: str) -> None:
    line = ["--region", "ap-northeast-1", verb]
    result = CliRunner(env={"AWS_ENDPOINT_URL": scheme + web_server}).invoke(cli, line)
    assert result.exit_code == 1
    assert "AWS cannot be reached" in result.stderr
    assert "the Region's name and AWS_ENDPOINT_URL" in result.stderr


@pytest.mark.parametrize("line", ["--profile nope list", "list --profile nope"])
def test_a_profile_stands_before_or_after_the_verb(line: str) -> None:
    result = CliRunner().invoke(cli, line.split())
    assert result.exit_code == 1
    assert "(nope) could not be found" in result.stderr


def test_no_such_profile() -> None:
    with pytest.raises(OperatorError, match="nope"):
        connect("nope", None)


@pytest.fixture
def logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A profile as `aws login` writes it, whose session is not on this machine any more."""
    config = tmp_path / "config"
    session = "arn:aws:iam::123456789012:user/ann"
    config.write_text(f"[profile ann]\nregion = ap-northeast-1\nlogin_session = {session}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_LOGIN_CACHE_DIRECTORY", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("logged_in")
def test_a_login_that_is_over_says_how_to_log_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.credentials, "EC", object())  # as where awscrt is installed
    result = CliRunner().invoke(cli, ["--profile", "ann", "list"])
    assert result.exit_code == 1
    assert "there are no AWS credentials" in result.stderr
    assert "log in again (aws login" in result.stderr


@pytest.mark.usefixtures("logged_in")
def test_a_login_without_the_library_it_needs_names_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(botocore.credentials, "EC", None)  # as where awscrt is missing
    result = CliRunner().invoke(cli, ["--profile", "ann", "list"])
    assert result.exit_code == 1
    assert "is not installed beside qsrefresh" in result.stderr
    assert f"Way out: {sys.executable} -m pip install 'botocore[crt]'" in result.stderr


def test_the_wheel_asks_for_what_a_login_needs() -> None:
    """https://github.com/boto/botocore, 1.41.0: the first with a LoginProvider."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "boto3[crt]>=1.41" in project["dependencies"]


@pytest.mark.usefixtures("qsrefresh")
def test_ordinary_credentials_and_region_are_used() -> None:
    for line in ("--region ap-northeast-1 list --json", "list --json --region ap-northeast-1"):
        result = CliRunner().invoke(cli, line.split())
        assert (result.exit_code, json.loads(result.stdout)) == (0, [])


@pytest.mark.parametrize("date", ["Tue, 24 Nov 2026 01:02:03 GMT", None])
def test_the_time_is_aws_own(qsrefresh: Shell, broken: Callable[..., None], date: Any) -> None:
    headers = {"date": date} if date else {}
    answer = {"ResponseMetadata": {"HTTPHeaders": headers}}
    broken("sts", "get_caller_identity", lambda: answer)
    expected = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC) if date else datetime.now(UTC)
    assert abs(qsrefresh.aws.now - expected) < timedelta(seconds=5)
