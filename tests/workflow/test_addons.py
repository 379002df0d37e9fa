"""The add-ons at work: deployed beside both stacks, and driven by what they wait for."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.account import LocalAccount
from local.services.cloudformation import ADDONS
from tests.ops.conftest import Shell
from tests.workflow.scenarios import (
    FOLDER,
    UNMODELLED,
    drop,
    ends_as,
    fail,
    register,
    stop_at,
)

OTHER = FOLDER.replace("/sales/", "/stock/")
SLACK = {"SlackWorkspaceId": "T0123ABCDEF", "SlackChannelId": "C0123ABCDEF"}
TEAM = "12345678-abcd-1234-ABCD-123456789012"
TEAMS = {"TeamsTenantId": TEAM, "TeamId": TEAM, "TeamsChannelId": "19%3Aab%40thread.tacv2"}
#: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
TITLE, DESCRIPTION = 250, 8000

Deploy = Callable[..., str]


@pytest.fixture
def deploy(account: LocalAccount) -> Iterator[Deploy]:
    """Return a function that deploys an add-on as people do, and returns its stack's name."""
    client, made = account.client("cloudformation"), []

    def create(name: str, **values: str) -> str:
        (path,) = (one for one in ADDONS if one.stem == name)
        stack = f"sampleproject-{name}"
        values["ProjectId"] = account.project
        client.create_stack(
            StackName=stack,
            TemplateBody=path.read_text(encoding="utf-8"),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in values.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
        )
        (found,) = client.describe_stacks(StackName=stack)["Stacks"]
        assert found["StackStatus"] == "CREATE_COMPLETE"
        made.append(stack)
        return stack

    yield create
    for stack in made:
        client.delete_stack(StackName=stack)
    account.authorizer.forget()


def put(account: LocalAccount, source: str, detail_type: str, detail: dict[str, Any]) -> None:
    """Send an event as AWS's services do, past the check of who may."""
    account.events.put(account.events.envelope(source, detail_type, detail, []))
    account.settle()


def mailed(account: LocalAccount) -> list[tuple[str, str]]:
    """Return which folders' mails came, and what started their runs."""
    found = []
    for mail in account.mails:
        lines = dict(line.split(": ", 1) for line in mail.message.splitlines() if ": " in line)
        if "Started by" in lines:
            found.append((lines["Folder"], lines["Started by"]))
    return found


class TestStartAfter:
    def test_a_glue_job_that_succeeded_starts_a_refresh(
        self, account: LocalAccount, deploy: Deploy
    ) -> None:
        register(account, "sales")
        deploy("start-after", Folder=FOLDER, Kind="glue-job", After="nightly load")
        for name, state in (("nightly load", "FAILED"), ("other", "SUCCEEDED")):
            put(account, "aws.glue", "Glue Job State Change", {"jobName": name, "state": state})
        assert account.executions == []
        succeeded = {"jobName": "nightly load", "state": "SUCCEEDED"}
        put(account, "aws.glue", "Glue Job State Change", succeeded)
        assert mailed(account) == [(FOLDER, "nightly load")]

    def test_a_state_machine_that_succeeded_starts_a_refresh(
        self, account: LocalAccount, deploy: Deploy
    ) -> None:
        register(account, "sales")
        arn = account.arn("states", "stateMachine:etl")
        deploy("start-after", Folder=FOLDER, Kind="state-machine", After=arn)
        for status in ("RUNNING", "FAILED", "SUCCEEDED"):
            detail = {"stateMachineArn": arn, "status": status}
            put(account, "aws.states", "Step Functions Execution Status Change", detail)
        assert mailed(account) == [(FOLDER, arn)]

    def test_the_refresh_of_another_folder_starts_a_refresh(
        self, account: LocalAccount, deploy: Deploy
    ) -> None:
        register(account, "sales")
        register(account, "stock", folder=OTHER)
        deploy("start-after", Folder=OTHER, Kind="folder", After=FOLDER)
        ends_as(account, "sales", {"IngestionStatus": "FAILED"})
        drop(account)
        account.settle()
        assert [folder for folder, _ in mailed(account)] == [FOLDER]
        account.quicksight.datasets["id-sales"].outcome = None
        drop(account)
        account.settle()
        assert [folder for folder, _ in mailed(account)] == [FOLDER, FOLDER, OTHER]
        assert mailed(account)[-1] == (OTHER, FOLDER)

    def test_qsrefresh_is_not_led_astray_by_the_rule(
        self, account: LocalAccount, deploy: Deploy
    ) -> None:
        deploy("start-after", Folder=FOLDER, Kind="glue-job", After="nightly load")
        told = Shell(account)("check").stdout
        assert "StartRule" not in told
        assert "rule sampleproject-refresh-FileEventRule" in told


def test_a_schedule_starts_a_refresh_by_the_clock_of_its_zone(
    account: LocalAccount, deploy: Deploy
) -> None:
    register(account, "sales")
    stack = deploy(
        "start-by-schedule", Folder=FOLDER, Schedule="0 * * * ? *", TimeZone="Asia/Kolkata"
    )
    account.tick(2)
    account.settle()
    assert mailed(account) == [(FOLDER, f"schedule {stack}")] * 2
    by_clock = [one for one in account.executions if one.state_machine_arn == account.machine_arn]
    assert [one.start_date.minute for one in by_clock] == [30, 30]  # it is 5 h 30 min ahead of UTC


class TestChats:
    @pytest.mark.parametrize(("name", "values"), [("slack", SLACK), ("teams", TEAMS)])
    def test_each_result_is_shown(
        self, account: LocalAccount, deploy: Deploy, name: str, values: dict[str, str]
    ) -> None:
        register(account, "sales")
        deploy(name, **values)
        drop(account)
        account.settle()
        (shown,) = chat(account)
        assert shown["content"]["title"].startswith("[SUCCESS]")

    def test_only_errors_are_shown_where_so_chosen(
        self, account: LocalAccount, deploy: Deploy
    ) -> None:
        register(account, "sales")
        deploy("slack", **SLACK, Show="errors")
        drop(account)
        account.settle()
        assert chat(account) == []
        ends_as(account, "sales", {"IngestionStatus": "FAILED"})
        drop(account)
        account.settle()
        (shown,) = chat(account)
        assert shown["content"]["title"].startswith("[ERROR]")

    @pytest.mark.parametrize(
        "name",
        ['a "b"', "a\\b", "a\nb", "a\u202eb", "<!channel>", "[x](https://e.com)", "売" * 400],
    )
    def test_whatever_a_file_and_a_dataset_are_called_is_legal(
        self, account: LocalAccount, deploy: Deploy, name: str
    ) -> None:
        register(account, name)
        ends_as(account, name, {"IngestionStatus": "FAILED"})
        deploy("slack", **SLACK)
        drop(account, f"{name[:200]}.csv")
        account.settle()
        assert len(chat(account)) == 1

    def test_a_run_whose_function_fails_is_shown(
        self, account: LocalAccount, deploy: Deploy
    ) -> None:
        register(account, "sales")
        deploy("slack", **SLACK, Show="errors")
        fail(account, "Check Ingestion Status", UNMODELLED)
        drop(account)
        account.settle()
        (shown,) = chat(account)
        assert shown["content"]["title"].startswith("[ERROR]")

    def test_a_run_that_died_is_shown(self, account: LocalAccount, deploy: Deploy) -> None:
        register(account, "sales")
        deploy("slack", **SLACK, Show="errors")
        stop_at(account, "Refresh Each Dataset")
        drop(account)
        account.settle()
        assert len(chat(account)) == 1

    def test_folders_that_are_out_of_date_are_shown(
        self, account: LocalAccount, deploy: Deploy
    ) -> None:
        dataset = {"datasetid": "id-sales", "datasetname": "sales"}
        account.register([{"S3uri": FOLDER, "freshwithin": 1, "datasets": [dataset]}])
        deploy("slack", **SLACK)
        account.tick(4)
        account.settle()
        assert len(chat(account)) == 1


def chat(account: LocalAccount) -> list[dict[str, Any]]:
    """Return what a chat shows: messages that are custom notifications, within their limits."""
    found = []
    for mail in account.mails:
        if "ChatTopic" in mail.topic_arn:
            shown = json.loads(mail.message)
            assert (shown["version"], shown["source"]) == ("1.0", "custom")
            content = shown["content"]
            assert content["textType"] == "client-markdown"
            assert 1 <= len(content["title"]) <= TITLE
            assert 1 <= len(content["description"]) <= DESCRIPTION
            found.append(shown)
    return found
