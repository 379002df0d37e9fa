"""``check`` finds each thing that makes a drop do nothing, and names the command that mends it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.account import BUCKET, WATCHED, LocalAccount
from local.services.quicksight import Dataset
from qsrefresh import checks
from qsrefresh.language import Phrase
from tests.ops.conftest import FOLDER, OTHER, TABLE, Shell
from tests.workflow.scenarios import stop_at

ADDRESS = "operator@example.com"
CHECKS = {path.stem for path in Path(str(checks.__file__)).parent.glob("[!_]*.py")}


@pytest.fixture
def healthy(qsrefresh: Shell) -> Iterator[Shell]:
    """A project where everything works."""
    account = qsrefresh.account
    qsrefresh("register", FOLDER, "one", "two")
    qsrefresh("subscribe", ADDRESS)
    token = account.mails[0].message.split()[-1]
    account.client("sns").confirm_subscription(TopicArn=account.mails[0].topic_arn, Token=token)
    yield qsrefresh
    account.client("events").enable_rule(Name=rule(account))
    sqs = account.client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    logs = account.client("logs")
    for policy in logs.describe_resource_policies()["resourcePolicies"]:
        logs.delete_resource_policy(policyName=policy["policyName"])


def rule(account: LocalAccount) -> str:
    """Return the name of the rule that starts the refresh."""
    name: str = account.client("events").list_rule_names_by_target(TargetArn=account.machine_arn)[
        "RuleNames"
    ][0]
    return name


def found(qsrefresh: Shell, level: str, *, code: int) -> list[tuple[str, str]]:
    """Return the findings of a level: what, and what mends it."""
    result = qsrefresh("check", "--json")
    assert result.exit_code == code, result.output
    return [
        (one["text"], one["mend"]) for one in json.loads(result.stdout) if one["level"] == level
    ]


def only_fault(qsrefresh: Shell) -> tuple[str, str]:
    """Return the only thing that is wrong."""
    (fault,) = found(qsrefresh, "bad", code=1)
    return fault


def test_a_healthy_project(healthy: Shell) -> None:
    result = healthy("check")
    assert result.exit_code == 0
    assert {line[0] for line in result.stdout.splitlines()} == {"✓"}
    assert result.stderr.endswith("checks, none failed.\n")


def test_what_works_but_may_surprise_is_counted(healthy: Shell) -> None:
    healthy("register", OTHER, "one")
    result = healthy("check")
    assert result.exit_code == 0
    assert result.stderr.endswith("checks, none failed, 1 to look at.\n")


def test_a_mend_is_the_line_below(healthy: Shell) -> None:
    healthy("unregister", FOLDER, "--yes")
    lines = healthy("check").stdout.splitlines()
    place = lines.index("✗ registrations: no folder is registered to refresh a dataset")
    assert lines[place + 1] == "    → qsrefresh register FOLDER DATASET"


def test_a_bucket_without_events_is_mended_by_the_command_named(healthy: Shell) -> None:
    healthy.account.client("s3").put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={}
    )
    text, mend = only_fault(healthy)
    assert "does not send its events" in text
    assert healthy(*mend.split()[1:], "--yes").exit_code == 0
    assert found(healthy, "bad", code=0) == []


def test_a_bucket_that_is_gone(healthy: Shell, broken: Callable[..., None]) -> None:
    broken("s3", "head_bucket", refusing("404", "HeadBucket"))
    assert "does not exist" in only_fault(healthy)[0]


@pytest.fixture
def elsewhere(healthy: Shell, broken: Callable[..., None]) -> Iterator[Any]:
    """The bucket in another Region; return that Region's EventBridge."""

    def there(**_: Any) -> Any:
        return {"BucketRegion": "eu-west-1", "ResponseMetadata": {"HTTPHeaders": {}}}

    broken("s3", "head_bucket", there)
    events = boto3.client("events", region_name="eu-west-1")
    yield events
    for name in events.list_rules()["Rules"]:
        events.remove_targets(Rule=name["Name"], Ids=["forward"])
        events.delete_rule(Name=name["Name"])


def forward(events: Any, healthy: Shell, **pattern: Any) -> None:
    """Forward the bucket's events as docs/operations.md says."""
    account = healthy.account
    deployed = account.client("events").describe_rule(Name=rule(account))["EventPattern"]
    events.put_rule(Name="p-forward", EventPattern=json.dumps({**json.loads(deployed), **pattern}))
    bus = account.arn("events", "event-bus/default")
    events.put_targets(Rule="p-forward", Targets=[{"Id": "forward", "Arn": bus}])


@pytest.mark.usefixtures("elsewhere")
def test_a_bucket_of_another_region(healthy: Shell) -> None:
    text, mend = only_fault(healthy)
    assert "is in the Region eu-west-1: its events never come" in text
    assert mend.endswith('docs/operations.md, "A bucket in another Region"')


def test_a_bucket_whose_events_are_forwarded_is_a_warning(healthy: Shell, elsewhere: Any) -> None:
    forward(elsewhere, healthy)
    ((text, mend),) = found(healthy, "warning", code=0)
    assert text == (
        f"bucket {BUCKET} is in the Region eu-west-1: the rule p-forward there forwards its events"
        " to ap-northeast-1"
    )
    assert mend.endswith('docs/operations.md, "A bucket in another Region"')


def test_a_rule_that_forwards_something_else_or_is_disabled_does_not_count(
    healthy: Shell, elsewhere: Any
) -> None:
    forward(elsewhere, healthy, source=["aws.glue"])
    assert "never come" in only_fault(healthy)[0]
    forward(elsewhere, healthy)
    elsewhere.disable_rule(Name="p-forward")
    assert "never come" in only_fault(healthy)[0]


@pytest.mark.usefixtures("elsewhere")
def test_events_of_a_bucket_elsewhere_are_switched_on_there(healthy: Shell) -> None:
    healthy.account.client("s3").put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={}
    )
    assert only_fault(healthy)[1] == f"qsrefresh enable-bucket {BUCKET} --region eu-west-1"


def test_a_disabled_rule(healthy: Shell) -> None:
    events = healthy.account.client("events")
    events.disable_rule(Name=rule(healthy.account))
    text, mend = only_fault(healthy)
    assert "is disabled: files start nothing" in text
    assert mend == f"aws events enable-rule --name {rule(healthy.account)}"


def test_no_rule_at_all(healthy: Shell, broken: Callable[..., None]) -> None:
    name = rule(healthy.account)
    events = healthy.account.client("events")
    paginator = events.get_paginator

    class WithoutIt:
        def paginate(self, **which: Any) -> Any:
            for page in paginator("list_rule_names_by_target").paginate(**which):
                yield {"RuleNames": [one for one in page["RuleNames"] if one != name]}

    broken(
        "events",
        "get_paginator",
        lambda one: WithoutIt() if one == "list_rule_names_by_target" else paginator(one),
    )
    text, mend = only_fault(healthy)
    assert "no EventBridge rule starts the refresh" in text
    assert mend == 'docs/operations.md, "A rule that was changed by hand"'


def test_a_rule_that_matches_nothing_in_a_watched_folder_is_put_back(
    healthy: Shell, broken: Callable[..., None]
) -> None:
    broken("events", "test_event_pattern", lambda **_: {"Result": False})
    text, mend = only_fault(healthy)
    assert f"no enabled rule matches a file in {FOLDER}" in text
    assert mend == 'docs/operations.md, "A rule that was changed by hand"'


def test_a_folder_that_the_rule_does_not_match(healthy: Shell) -> None:
    elsewhere = f"s3://{BUCKET}/elsewhere/"
    healthy.account.register(
        [{"S3uri": elsewhere, "datasets": [{"datasetid": "id-one", "datasetname": "one"}]}]
    )
    first, second = found(healthy, "bad", code=1)
    assert f"registration of {elsewhere}: the folder is not under" in first[0]
    assert f"no enabled rule matches a file in {elsewhere}" in second[0]
    assert second[1] == f"qsrefresh unregister {elsewhere}"


def test_a_wrong_item(healthy: Shell) -> None:
    healthy.account.client("dynamodb").put_item(
        TableName=TABLE, Item={"S3uri": {"S": OTHER}, "datasets": {"L": []}}
    )
    text, mend = only_fault(healthy)
    assert text == f"registration of {OTHER}: datasets holds no dataset"
    assert mend == f"qsrefresh register {OTHER} DATASET"


def test_a_dataset_that_is_gone_or_a_direct_query(healthy: Shell) -> None:
    datasets = healthy.account.quicksight.datasets
    del datasets["id-one"]
    datasets["id-two"].import_mode = "DIRECT_QUERY"
    texts = [text for text, _ in found(healthy, "bad", code=1)]
    assert "there is no dataset id-one" in texts[0]
    assert "two (id-two) is a direct query" in texts[1]


def test_an_incremental_refresh_that_is_no_longer_set_up(healthy: Shell) -> None:
    account = healthy.account
    account.quicksight.add(Dataset("id-sql", "sql", incremental=True))
    healthy("register", OTHER, "sql", "--type", "INCREMENTAL_REFRESH")
    assert found(healthy, "bad", code=0) == []
    account.quicksight.datasets["id-sql"].incremental = False
    assert "no incremental refresh set up" in only_fault(healthy)[0]


def test_a_dataset_that_aws_cannot_describe_hides_no_other(
    healthy: Shell, broken: Callable[..., None]
) -> None:
    account = healthy.account
    for number in range(25):
        account.quicksight.create_ingestion("id-two", f"new{number}", "FULL_REFRESH")
    paginator = account.client("quicksight").get_paginator

    class ExceptOne:
        def paginate(self, **which: Any) -> Any:
            if which.get("DataSetId") == "id-one":
                refusing("InternalFailureException", "ListIngestions")()
            return paginator("list_ingestions").paginate(**which)

    broken(
        "quicksight",
        "get_paginator",
        lambda one: ExceptOne() if one == "list_ingestions" else paginator(one),
    )
    unreadable, much = found(healthy, "warning", code=0)
    assert unreadable[0].startswith(
        "the dataset one (id-one) cannot be looked at: quicksight:ListIng"
    )
    assert unreadable[1] == ""
    assert "two was refreshed 25 times" in much[0]


def test_an_incremental_setting_that_aws_cannot_tell_hides_no_other(
    healthy: Shell, broken: Callable[..., None]
) -> None:
    account = healthy.account
    for name in ("sql", "torn"):
        account.quicksight.add(Dataset(f"id-{name}", name, incremental=True))
    healthy("register", OTHER, "torn", "sql", "--type", "INCREMENTAL_REFRESH")
    account.quicksight.datasets["id-sql"].incremental = False
    ask = account.client("quicksight").describe_data_set_refresh_properties

    def answer(**which: Any) -> Any:
        if which["DataSetId"] == "id-torn":
            refusing("InternalFailureException", "DescribeDataSetRefreshProperties")()
        return ask(**which)

    broken("quicksight", "describe_data_set_refresh_properties", answer)
    assert "id-sql has no incremental refresh" in only_fault(healthy)[0]
    ((text, _),) = found(healthy, "warning", code=1)
    assert text.startswith("the dataset torn (id-torn) cannot be looked at: ")


def test_a_dataset_in_two_folders_and_a_nested_folder_are_warnings(healthy: Shell) -> None:
    healthy("register", OTHER, "one")
    healthy("ignore", f"{FOLDER}old/", "--yes")
    texts = [text for text, _ in found(healthy, "warning", code=0)]
    assert texts[0].startswith(f"the dataset id-one is registered for {FOLDER}, {OTHER}")
    assert texts[1].startswith(f"{FOLDER}old/ is inside {FOLDER}")


def test_an_ignored_folder_shares_no_dataset(healthy: Shell) -> None:
    healthy("register", OTHER, "one")
    healthy("ignore", OTHER, "--yes")
    assert found(healthy, "warning", code=0) == []


def test_mails_to_nobody_and_to_somebody_unconfirmed(qsrefresh: Shell) -> None:
    qsrefresh("register", FOLDER, "one")
    assert only_fault(qsrefresh) == ("mails: nobody is subscribed", "qsrefresh subscribe EMAIL")
    qsrefresh("subscribe", ADDRESS)
    text, mend = only_fault(qsrefresh)
    assert text.startswith(f"mails: {ADDRESS} has not confirmed yet: open the link")
    assert mend.endswith(f"qsrefresh subscribe {ADDRESS}")


def test_a_second_address_unconfirmed_is_a_warning(healthy: Shell) -> None:
    healthy("subscribe", "second@example.com")
    ((text, _),) = found(healthy, "warning", code=0)
    assert text.startswith("mails: second@example.com has not confirmed yet")


def confirm_all(account: LocalAccount) -> None:
    for mail in account.mails:
        if mail.subject == "AWS Notification - Subscription Confirmation":
            account.client("sns").confirm_subscription(
                TopicArn=mail.topic_arn, Token=mail.message.split()[-1]
            )


def about_mails(qsrefresh: Shell, level: str, *, code: int) -> list[str]:
    """Return what is said about mails and alarms."""
    return [
        text for text, _ in found(qsrefresh, level, code=code) if "mails" in text or "alarm" in text
    ]


def test_who_gets_which_mails_and_alarms(healthy: Shell) -> None:
    healthy("register", OTHER, "two", "--yes")
    healthy("subscribe", "errors@example.com", "--errors-only")
    healthy("subscribe", "sales@example.com", "--folder", FOLDER)
    healthy("subscribe", "both@example.com", "--folder", OTHER, "--folder", FOLDER, "--errors-only")
    confirm_all(healthy.account)
    assert about_mails(healthy, "good", code=0) == [
        f"mails go to {ADDRESS}",
        "ERROR mails go to errors@example.com",
        f"mails about {FOLDER} go to sales@example.com",
        f"ERROR mails about {FOLDER}, {OTHER} go to both@example.com",
        f"alarms go to {ADDRESS}, errors@example.com",
    ]
    assert about_mails(healthy, "warning", code=0) == []
    said = healthy("check", "--lang", "ja").stdout.splitlines()
    assert "✓ ERRORのメールの宛先: errors@example.com" in said
    assert f"✓ {FOLDER}についてのメールの宛先: sales@example.com" in said
    assert f"✓ アラームの宛先: {ADDRESS}, errors@example.com" in said
    assert [line for line in said if not re.search("[ぁ-ヿ一-鿿]", line)] == []


def test_nobody_gets_the_alarms(qsrefresh: Shell) -> None:
    qsrefresh("register", FOLDER, "one")
    qsrefresh("subscribe", ADDRESS, "--folder", FOLDER)
    confirm_all(qsrefresh.account)
    assert only_fault(qsrefresh) == (
        "alarms: nobody gets them",
        "qsrefresh subscribe EMAIL --errors-only",
    )
    assert about_mails(qsrefresh, "warning", code=1) == [
        "mails about other folders, and about files that nobody registered, go to nobody"
    ]


def test_nobody_has_to_get_alarms_that_are_not_there(
    qsrefresh: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    qsrefresh("register", FOLDER, "one")
    qsrefresh("subscribe", ADDRESS, "--folder", FOLDER)
    confirm_all(qsrefresh.account)
    monkeypatch.setattr(
        "qsrefresh.checks.check.stack_parameters", lambda *_: {"Monitoring": "none"}
    )
    assert found(qsrefresh, "bad", code=0) == []


def test_alarms_that_wait_or_come_twice(healthy: Shell) -> None:
    healthy("subscribe", "errors@example.com", "--errors-only")
    account = healthy.account
    waiting = [text for text, _ in found(healthy, "warning", code=0)]
    assert any(one.startswith("alarms: errors@example.com has not confirmed") for one in waiting)
    account.client("sns").subscribe(
        TopicArn=account.arn("sns", "sampleproject-alarm-topic"), Protocol="email", Endpoint=ADDRESS
    )
    confirm_all(account)
    assert found(healthy, "warning", code=0) == [
        (f"alarms: {ADDRESS} gets each of them twice", f"qsrefresh subscribe {ADDRESS}")
    ]
    healthy("subscribe", ADDRESS)
    assert found(healthy, "warning", code=0) == []


def test_mails_about_a_folder_that_has_moved(healthy: Shell) -> None:
    healthy("subscribe", "sales@example.com", "--folder", FOLDER)
    confirm_all(healthy.account)
    healthy("move", FOLDER, OTHER, "--yes")
    assert found(healthy, "warning", code=0) == [
        (
            f"mails: sales@example.com gets those about {FOLDER}, which is not registered",
            f"qsrefresh subscribe sales@example.com --folder {OTHER}",
        )
    ]


def test_a_filter_of_somebodys_own_is_shown(healthy: Shell) -> None:
    account = healthy.account
    account.client("sns").subscribe(
        TopicArn=account.arn("sns", "sampleproject-operation-topic"),
        Protocol="email",
        Endpoint="own@example.com",
        Attributes={"FilterPolicy": '{"verdict": [{"prefix": "E"}]}'},
    )
    confirm_all(account)
    told = about_mails(healthy, "good", code=0)
    assert 'mails that match {"verdict": [{"prefix": "E"}]} go to own@example.com' in told


@pytest.mark.parametrize("queue", ["FileEvent", "LostRun"])
def test_an_event_in_a_dead_letter_queue(healthy: Shell, queue: str) -> None:
    sqs = healthy.account.client("sqs")
    (url,) = (url for url in sqs.list_queues()["QueueUrls"] if queue in url)
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    text, mend = only_fault(healthy)
    assert text.endswith("holds 1 event that started nothing")
    assert mend == "qsrefresh replay"


def test_few_log_policies_left(healthy: Shell) -> None:
    logs = healthy.account.client("logs")
    for number in range(9):
        logs.put_resource_policy(policyName=f"p{number}", policyDocument="{}")
    ((text, mend),) = found(healthy, "warning", code=0)
    assert "9 of 10 resource policies" in text
    assert "delete-resource-policy" in mend


@pytest.mark.parametrize(
    ("refreshes", "level", "code"), [(24, "good", 0), (25, "warning", 0), (32, "bad", 1)]
)
def test_refreshes_of_the_last_24_hours(
    healthy: Shell, refreshes: int, level: str, code: int
) -> None:
    account = healthy.account
    for number in range(3):
        account.quicksight.create_ingestion("id-one", f"old{number}", "FULL_REFRESH")
    account.clock.run_for(25 * 3600)
    for number in range(refreshes):
        account.quicksight.create_ingestion("id-one", f"new{number}", "FULL_REFRESH")
    for number in range(32):
        account.quicksight.create_ingestion("id-two", f"schedule{number}", "FULL_REFRESH")
    for ingestion in account.quicksight.datasets["id-two"].ingestions.values():
        ingestion.source = "SCHEDULED"
    (text,) = (text for text, _ in found(healthy, level, code=code) if "last 24 hours" in text)
    assert str(refreshes) in text
    assert "of 32" in text


def test_no_refresh_stack(healthy: Shell, broken: Callable[..., None]) -> None:
    missing = refusing("StateMachineDoesNotExist", "DescribeStateMachine")
    broken("stepfunctions", "describe_state_machine", missing)
    text, mend = only_fault(healthy)
    assert text.startswith("refresh stack: there is no state machine")
    assert mend.startswith("make deploy PROJECT=sampleproject BUCKET=")


def test_no_shared_stack(healthy: Shell, broken: Callable[..., None]) -> None:
    result = healthy("--project", "other", "check")
    assert result.exit_code == 1
    assert result.stdout.startswith("✗ shared stack: project other is not deployed")


def test_a_check_that_is_not_permitted_is_told_and_the_others_go_on(
    healthy: Shell, broken: Callable[..., None]
) -> None:
    broken("sqs", "get_queue_attributes", refusing("AccessDenied", "GetQueueAttributes"))
    text, mend = only_fault(healthy)
    assert text.startswith("Dead-letter queues could not be checked: access denied")
    assert "sqs:GetQueueAttributes" in mend
    assert found(healthy, "good", code=1)[-1][0].startswith("refreshes in the last 24 hours")


def test_a_drop_works_exactly_where_the_check_finds_nothing(healthy: Shell) -> None:
    account = healthy.account
    mails = len(account.mails)
    account.drop(f"{WATCHED}sales/a.csv")
    account.settle()
    assert account.mails[mails].subject.startswith("[SUCCESS]")


def refusing(code: str, operation: str) -> Callable[..., Any]:
    """Return a call that AWS refuses."""

    def refuse(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)

    return refuse


def test_a_japanese_operator_reads_what_is_wrong_and_the_same_commands(healthy: Shell) -> None:
    account = healthy.account
    account.client("events").disable_rule(Name=rule(account))
    stop_at(account, "Wait For More Files")
    healthy("run", FOLDER)
    account.settle()
    said = healthy("check", "--lang", "ja")
    lines = said.stdout.splitlines()
    assert f"✗ ルール{rule(account)}が無効です。ファイルを置いても何も始まりません" in lines
    died = next(line for line in lines if "途中で停止しました" in line)
    assert died.startswith(f"✗ {FOLDER}: 更新の実行が途中で停止しました。")
    commands = [line for line in lines if "→" in line]
    assert commands == [line for line in healthy("check").stdout.splitlines() if "→" in line]
    assert said.stderr.splitlines()[-1].endswith("件を確かめました。問題: 2件。")
    status = healthy("status", "--lang", "ja")
    assert status.stdout.splitlines()[0].split()[:3] == ["フォルダ", "状態", "前回の更新"]
    assert "  途中で停止  " in status.stdout
    assert f"{FOLDER}: 更新の実行が途中で停止しました。" in status.stderr


def test_every_sentence_of_a_check_has_the_same_values_in_both_languages() -> None:
    modules = [checks, *(vars(checks)[name] for name in dir(checks) if name in CHECKS)]
    phrases = [one for of in modules for one in vars(of).values() if isinstance(one, Phrase)]
    assert len(phrases) > 30
    for phrase in phrases:
        ja, en = (set(re.findall(r"{(\w+)}", text)) for text in phrase)
        assert ja - en == set(), phrase
        assert en - ja <= {"s", "link"}, phrase
