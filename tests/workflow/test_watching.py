"""Alarms and dashboard look at what is there, and alarm when they should and only then."""

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.cloudformation import parsing
from moto.cloudformation.models import cloudformation_backends

from local.account import LocalAccount
from local.core.faults import Fault
from local.services.cloudformation import TEMPLATE, load
from local.services.iam import allows
from local.stepfunctions.interpreter import ExecutionTimedOutError
from tests.cloudwatch import Data, Key, in_alarm, watched
from tests.docs.pages import page, section
from tests.emf import read_emf
from tests.workflow.scenarios import (
    UNMODELLED,
    drop,
    end_at,
    ends_as,
    fail,
    register,
    stop_at,
)
from tests.workflow.test_metrics import OPERATIONS, table

RESOURCES, CONDITIONS = load(TEMPLATE)["Resources"], load(TEMPLATE)["Conditions"]
ALARMS = {
    name: body for name, body in RESOURCES.items() if body["Type"] == "AWS::CloudWatch::Alarm"
}
TOPICS = ("OperationTopic", "AlarmTopic")
HOUR = 3600
#: What AWS's services publish, with its dimension.
#: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
#: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
#: https://docs.aws.amazon.com/quick/latest/userguide/monitoring-quicksight.html
PUBLISHED = {
    ("AWS/Events", "RuleName"): {
        "FailedInvocations",
        "InvocationsFailedToBeSentToDlq",
        "InvocationsSentToDlq",
    },
    ("AWS/States", "StateMachineArn"): {
        "ExecutionThrottled",
        "ExecutionsAborted",
        "ExecutionsFailed",
        "ExecutionsTimedOut",
    },
    ("AWS/SNS", "TopicName"): {"NumberOfNotificationsFailed"},
    ("AWS/SQS", "QueueName"): {"ApproximateNumberOfMessagesVisible"},
    ("AWS/QuickSight", ""): {
        "IngestionErrorCount",
        "IngestionInvocationCount",
        "IngestionLatency",
        "IngestionRowCount",
    },
}
STATUS_METRICS = {
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
    "FAILED": "ExecutionsFailed",
}


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en")
        yield account


def deployed_as(account: LocalAccount, value: Any, stack: str = "refresh") -> Any:
    """Return a value of a template with its functions resolved to what is deployed."""
    stacks = cloudformation_backends[account.account_id][account.region].stacks.values()
    (found,) = (one for one in stacks if one.name == f"{account.project}-{stack}")
    return parsing.clean_json(value, found.resource_map)


def properties(account: LocalAccount, name: str) -> dict[str, Any]:
    found: dict[str, Any] = deployed_as(account, ALARMS[name]["Properties"])
    return found


def data(account: LocalAccount, log: io.StringIO) -> Data:
    """Return what AWS and the functions would have told CloudWatch so far."""
    found = Data()
    now = account.clock.now()
    for one in read_emf(log.getvalue()):
        found.add(one.namespace, one.name, now, one.value, **dict(one.dimensions))
    add_runs(found, account)
    sqs = account.client("sqs")
    attribute = "ApproximateNumberOfMessages"
    for url in sqs.list_queues()["QueueUrls"]:
        count = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])
        visible = int(count["Attributes"][attribute])
        name = "ApproximateNumberOfMessagesVisible"
        queue = url.rsplit("/", 1)[1]
        found.add("AWS/SQS", name, now, visible, QueueName=queue)
        rule = rule_of(account, queue)
        found.add("AWS/Events", "InvocationsSentToDlq", now, visible, RuleName=rule)
    return found


def add_runs(found: Data, account: LocalAccount, since: float = 0) -> None:
    """Add what AWS tells of runs, and of those that were not started."""
    now = account.clock.now()
    for execution in account.executions:
        started = execution.start_date.timestamp()
        if started > since and (name := STATUS_METRICS.get(str(execution.status))):
            arn = execution.state_machine_arn
            found.add("AWS/States", name, now, 1, StateMachineArn=arn)
    for rule in account.events.failed_invocations:
        found.add("AWS/Events", "FailedInvocations", now, 1, RuleName=rule)
    account.events.failed_invocations.clear()


def rule_of(account: LocalAccount, queue: str) -> str:
    """Return the name of the rule whose dead letters a queue takes."""
    events = account.client("events")
    (rule,) = (
        rule["Name"]
        for rule in events.list_rules()["Rules"]
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if target.get("DeadLetterConfig", {}).get("Arn", "").endswith(f":{queue}")
    )
    return str(rule)


def alarming(account: LocalAccount, found: Data, hours_later: int = 0) -> set[str]:
    """Return the alarms that are in alarm."""
    now = account.clock.now() + hours_later * HOUR
    return {name for name in ALARMS if in_alarm(properties(account, name), found, now)}


@pytest.fixture
def log(account: LocalAccount) -> Iterator[io.StringIO]:
    before, stream = account.function_log, io.StringIO()
    account.log_to(stream)
    sqs = account.client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        while messages := sqs.receive_message(QueueUrl=url).get("Messages"):
            for one in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    yield stream
    account.log_to(before)


def refuse(account: LocalAccount, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    """Let one role do nothing."""
    usual = account.authorizer.statements
    monkeypatch.setattr(
        account.authorizer, "statements", lambda arn: [] if f"-{role}-" in arn else usual(arn)
    )


Circumstance = Callable[[LocalAccount, pytest.MonkeyPatch], None]


def stopped(account: LocalAccount, _: pytest.MonkeyPatch) -> None:
    stop_at(account, "Refresh Each Dataset")


def timed_out(account: LocalAccount, _: pytest.MonkeyPatch) -> None:
    end_at(account, "Refresh Each Dataset", ExecutionTimedOutError())


def not_started(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(account, monkeypatch, "FileEventRuleRole")


def lost_and_not_started(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(account, monkeypatch, "LostRunRuleRole")
    stopped(account, monkeypatch)


def lost_and_not_told(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(account, "Send Lost Run Mail", UNMODELLED)
    stopped(account, monkeypatch)


def failed(account: LocalAccount, _: pytest.MonkeyPatch) -> None:
    ends_as(account, "sales", {"IngestionStatus": "FAILED"})


def nothing(account: LocalAccount, _: pytest.MonkeyPatch) -> None:
    pass


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        (nothing, set()),
        (failed, set()),
        (stopped, {"RefreshAbortedAlarm"}),
        (timed_out, {"RefreshTimedOutAlarm"}),
        (not_started, {"FileEventDeadLetterAlarm"}),
        (lost_and_not_started, {"RefreshAbortedAlarm", "LostRunDeadLetterAlarm"}),
        (lost_and_not_told, {"RefreshAbortedAlarm", "LostRunNotToldAlarm"}),
    ],
)
def test_what_happens_alarms_as_it_should(
    account: LocalAccount,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    happens: Circumstance,
    expected: set[str],
) -> None:
    register(account, "sales")
    drop(account, "before.csv")
    account.settle()
    with monkeypatch.context() as patched:
        happens(account, patched)
        drop(account)
        account.settle()
    assert alarming(account, data(account, log)) == expected


def check_fails(account: LocalAccount, _: pytest.MonkeyPatch) -> None:
    fail(account, "Look Up Registrations", UNMODELLED)


def check_times_out(account: LocalAccount, _: pytest.MonkeyPatch) -> None:
    account.faults.add(Fault("dynamodb", "Scan", delay=5))
    end_at(account, "Look Up Registrations", ExecutionTimedOutError())


def check_is_not_started(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(account, monkeypatch, "CheckFreshnessRuleRole")


@pytest.mark.parametrize("happens", [check_fails, check_times_out, check_is_not_started, nothing])
def test_two_of_three_hours_without_a_check_alarm(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch, happens: Circumstance
) -> None:
    found, alarms = Data(), []
    for circumstance in (happens, nothing, happens, nothing, nothing):
        since = account.clock.now()
        with monkeypatch.context() as patched:
            circumstance(account, patched)
            account.tick()
            account.settle()
        account.faults.clear()
        add_runs(found, account, since)
        alarms.append("FreshnessNotCheckedAlarm" in alarming(account, found))
    assert alarms == [False, False, happens is not nothing, False, False]


@pytest.mark.parametrize(
    ("name", "minutes", "expected"),
    [
        ("RefreshThrottledAlarm", [2], False),
        ("RefreshThrottledAlarm", [2, 7], False),
        ("RefreshThrottledAlarm", [2, 7, 12], True),
        ("MailNotDeliveredAlarm", [], False),
        ("MailNotDeliveredAlarm", [2], True),
        ("FileEventNotKeptAlarm", [], False),
        ("FileEventNotKeptAlarm", [2], True),
        ("LostRunNotKeptAlarm", [], False),
        ("LostRunNotKeptAlarm", [2], True),
    ],
)
def test_what_only_aws_can_cause_alarms_too(
    account: LocalAccount, name: str, minutes: list[int], expected: bool
) -> None:
    found = Data()
    machine = account.machine_arn
    topic = f"{account.project}-operation-topic"
    for minute in minutes:
        time = account.clock.now() - 60 * minute
        if name == "RefreshThrottledAlarm":
            found.add("AWS/States", "ExecutionThrottled", time, 5, StateMachineArn=machine)
        elif name.endswith("NotKeptAlarm"):
            rule = deployed_as(account, {"Ref": name.replace("NotKeptAlarm", "Rule")})
            found.add("AWS/Events", "InvocationsFailedToBeSentToDlq", time, 1, RuleName=rule)
        else:
            found.add("AWS/SNS", "NumberOfNotificationsFailed", time, 1, TopicName=topic)
    assert (name in alarming(account, found)) is expected


def test_every_alarm_is_covered_above() -> None:
    assert set(ALARMS) == {
        "FileEventDeadLetterAlarm",
        "FileEventNotKeptAlarm",
        "FreshnessNotCheckedAlarm",
        "LostRunDeadLetterAlarm",
        "LostRunNotKeptAlarm",
        "LostRunNotToldAlarm",
        "MailNotDeliveredAlarm",
        "RefreshAbortedAlarm",
        "RefreshThrottledAlarm",
        "RefreshTimedOutAlarm",
    }


def names(account: LocalAccount) -> dict[str, set[str]]:
    """Return what is deployed, as CloudWatch's dimensions name it."""
    machines = account.client("stepfunctions").list_state_machines()["stateMachines"]
    topics = account.client("sns").list_topics()["Topics"]
    queues = account.client("sqs").list_queues()["QueueUrls"]
    return {
        "StateMachineArn": {one["stateMachineArn"] for one in machines},
        "TopicName": {one["TopicArn"].rsplit(":", 1)[1] for one in topics},
        "QueueName": {url.rsplit("/", 1)[1] for url in queues},
        "RuleName": {one["Name"] for one in account.client("events").list_rules()["Rules"]},
    }


def exists(account: LocalAccount, key: Key) -> bool:
    """Tell whether somebody publishes a metric: the functions, or AWS for something deployed."""
    namespace, name, dimensions = key
    keys = [one for one, _ in dimensions]
    if namespace == "QuickSightRefresh":
        return (name, ", ".join(keys)) in table() and dict(dimensions)["project"] == account.project
    if name not in PUBLISHED[namespace, "".join(keys)]:
        return False
    return all(value in names(account)[one] for one, value in dimensions)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_watches_what_exists_and_mails_the_operators(
    account: LocalAccount, name: str
) -> None:
    found = properties(account, name)
    assert all(exists(account, key) for key in watched(found).keys)
    topics = [deployed_as(account, {"Ref": topic}, "common") for topic in TOPICS]
    assert found["AlarmActions"] == topics
    context = {
        "aws:SourceAccount": account.account_id,
        "aws:SourceArn": account.arn("cloudwatch", f"alarm:{account.project}-refresh-{name}-1"),
        "aws:SecureTransport": "true",
    }
    for logical_id, topic in zip(TOPICS, topics, strict=True):
        statements = [
            one
            for one in deployed_as(account, policy(f"{logical_id}Policy"), "common")["Statement"]
            if one["Principal"] in ("*", {"Service": "cloudwatch.amazonaws.com"})
        ]
        assert allows(statements, "sns:Publish", topic, context)


def policy(name: str) -> Any:
    return load(TEMPLATE.parent / "common" / "template.yaml")["Resources"][name]["Properties"][
        "PolicyDocument"
    ]


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_looks_back_no_further_than_cloudwatch_can(
    account: LocalAccount, name: str
) -> None:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    period = watched(properties(account, name)).period
    looked_back = period * ALARMS[name]["Properties"]["EvaluationPeriods"]
    assert looked_back <= (604_800 if period >= HOUR else 86_400)


def described(account: LocalAccount, name: str, language: str) -> str:
    """Return an alarm's text as it is in projects with mails in a language."""
    text, variables = ALARMS[name]["Properties"]["AlarmDescription"]["Fn::Sub"]
    condition, japanese, none = variables["InJapanese"]["Fn::If"]
    assert CONDITIONS[condition] == {"Fn::Equals": [{"Ref": "NotificationLanguage"}, "ja"]}
    first = {"Fn::Sub": japanese["Fn::Sub"] if language == "ja" else none}
    return str(deployed_as(account, first)) + str(
        deployed_as(account, {"Fn::Sub": [text, {"InJapanese": ""}]})
    )


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_what_it_means_and_what_to_do(
    account: LocalAccount, name: str, language: str
) -> None:
    text = described(account, name, language)
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    # 1,024, and not said of what: bytes, with room. A project's name has up to 35, a queue's 80.
    longest = text.replace(account.project, "p" * 35)
    assert len(re.sub(r"[\w-]+DeadLetterQueue[\w-]*", "q" * 80, longest, flags=re.A).encode()) < 900
    lines = text.splitlines()
    labels = ["RESULT: ", "DASHBOARDS: ", "FIRST: "]
    if language == "ja":
        labels = ["【結果】", "【ダッシュボード】", "【まず】", *labels]
    assert [label for label, line in zip(labels, lines, strict=True) if line.startswith(label)] == (
        labels
    )
    *japanese, result, dashboards, first = lines
    for line in (result, dashboards, first):
        assert re.fullmatch(r"[ -~]+", line)
    assert account.project in result
    assert re.search(r"\b([Ll]ook|ask|run the refresh)\b", first)
    for heading in re.findall(r'docs/operations.md, "([^"]+)"', text):
        assert section(heading, OPERATIONS)
    for heading in re.findall(r"docs/operations.ja.mdの「([^」]+)」", text):
        assert section(heading, page("operations.ja.md"))
    assert "docs/operations.md" not in "".join(japanese), "send them to docs/operations.ja.md"
    if japanese:
        assert account.project in japanese[0]
        assert "ください" in japanese[-1]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_mail_not_delivered_says_how_long_aws_remembers_it(
    account: LocalAccount, language: str
) -> None:
    # https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
    text = described(account, "MailNotDeliveredAlarm", language)
    assert "seven days" in text
    assert ("7日間" in text) == (language == "ja")


@pytest.mark.parametrize("name", ["RefreshAbortedAlarm", "RefreshTimedOutAlarm"])
def test_an_alarm_that_may_double_a_mail_says_so(account: LocalAccount, name: str) -> None:
    assert "A mail about the same run usually comes too" in described(account, name, "en")
    assert "同じ実行についてのメールが届いていれば" in described(account, name, "ja")


#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
SEARCH = re.compile(
    r"""^SEARCH\('\{AWS/QuickSight,DatasetId\} MetricName="(\w+)"', '\w+', 3600\)$"""
)


def dashboard(account: LocalAccount) -> list[dict[str, Any]]:
    """Return the dashboard's widgets, with the names of alarms for their ARNs."""
    text = RESOURCES["RefreshDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    text = re.sub(r"\$\{(\w+Alarm)\.Arn\}", r"\1", text)
    body = json.loads(deployed_as(account, {"Fn::Sub": text}))
    widgets: list[dict[str, Any]] = body["widgets"]
    return widgets


def shown(account: LocalAccount) -> set[Key]:
    """Return the metrics on the dashboard."""
    keys = set()
    for widget in dashboard(account):
        for metric in widget["properties"].get("metrics", []):
            words = [word for word in metric if isinstance(word, str)]
            if words:
                namespace, name, *rest = words
                keys.add((namespace, name, tuple(zip(rest[::2], rest[1::2], strict=True))))
    return keys


def test_the_dashboard_shows_what_exists(account: LocalAccount) -> None:
    assert [key for key in shown(account) if not exists(account, key)] == []


def test_the_dashboard_shows_every_metric_of_the_project_and_of_the_alarms(
    account: LocalAccount,
) -> None:
    project = (("project", account.project),)
    ours = {("QuickSightRefresh", name, project) for name, by in table() if by == "project"}
    watches = {key for name in ALARMS for key in watched(properties(account, name)).keys}
    assert ours | watches <= shown(account)


def test_the_dashboard_shows_quicksights_own_metrics(account: LocalAccount) -> None:
    own = {name for namespace, name, _ in shown(account) if namespace == "AWS/QuickSight"}
    searched = {
        name
        for widget in dashboard(account)
        for metric in widget["properties"].get("metrics", [])
        if isinstance(metric[0], dict)
        for name in SEARCH.findall(metric[0]["expression"])
    }
    assert own | searched == PUBLISHED["AWS/QuickSight", ""]


def test_the_dashboard_shows_every_alarm_there_is(account: LocalAccount) -> None:
    (widget,) = (one for one in dashboard(account) if one["type"] == "alarm")
    assert sorted(widget["properties"]["alarms"]) == sorted(ALARMS)


def test_the_dashboard_fits_the_page_and_the_template(account: LocalAccount) -> None:
    row = 0
    for widget in dashboard(account):
        row += widget["width"]
        if widget["type"] == "metric":
            assert widget["properties"]["region"] == account.region
            assert widget["properties"]["title"]
        # CloudWatch API reference, "Dashboard Body Structure and Syntax": 24 columns.
        if row >= 24:
            assert row == 24
            row = 0
    text = TEMPLATE.read_text(encoding="utf-8")
    begin = text.index("  RefreshDashboard:")
    assert len(text[begin : text.index("\nOutputs:")].splitlines()) < 80
