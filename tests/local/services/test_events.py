"""Events look like AWS's, and go where the deployed rule sends them."""

import json
from typing import Any

import pytest

from local.account import BUCKET, WATCHED, LocalAccount
from local.core.prose_rules import entry_bytes
from local.services.iam import Use
from tests.loading import load_event
from tests.local.machines import Machine
from tests.workflow.scenarios import dead_letter_queue


def shape(value: Any) -> Any:
    """Reduce an event to the names and types it is made of."""
    if isinstance(value, dict):
        return {key: shape(member) for key, member in value.items()}
    if isinstance(value, list):
        return [shape(member) for member in value]
    return type(value).__name__


def test_a_created_object_is_told_in_the_shape_of_the_sample(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}a.csv")
    (event,) = account.events.sent
    assert shape(event) == shape(load_event("S3ObjectCreated.json"))
    assert event["detail"]["reason"] == "PutObject"


def test_a_deleted_object_is_told_in_the_shape_of_the_sample(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}a.csv")
    account.delete(f"{WATCHED}a.csv")
    event = account.events.sent[-1]
    assert shape(event) == shape(load_event("S3ObjectDeleted.json"))
    assert event["detail"]["deletion-type"] == "Permanently Deleted"


def test_a_multipart_upload_is_one_event(account: LocalAccount) -> None:
    s3, key = account.client("s3"), f"{WATCHED}big.csv"
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=b"a\n1\n")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload=parts)
    (event,) = account.events.sent
    assert event["detail"]["reason"] == "CompleteMultipartUpload"
    assert shape(event) == shape(load_event("S3MultipartCompleted.json"))


def test_the_reason_is_the_api_that_was_called(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}a.csv")
    source = {"Bucket": BUCKET, "Key": f"{WATCHED}a.csv"}
    account.client("s3").copy_object(Bucket=BUCKET, Key=f"{WATCHED}b.csv", CopySource=source)
    account.delete(f"{WATCHED}a.csv")
    reasons = [event["detail"]["reason"] for event in account.events.sent]
    assert reasons == ["PutObject", "CopyObject", "DeleteObject"]


def test_sequencers_grow(account: LocalAccount) -> None:
    for _ in range(3):
        account.drop(f"{WATCHED}a.csv")
    sequencers = [event["detail"]["object"]["sequencer"] for event in account.events.sent]
    assert sequencers == sorted(set(sequencers))


def test_keys_are_not_url_encoded(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}100% a+b データ.csv")
    (event,) = account.events.sent
    assert event["detail"]["object"]["key"] == f"{WATCHED}100% a+b データ.csv"


@pytest.mark.parametrize("twice", [False, True])
def test_an_event_may_be_delivered_twice(account: LocalAccount, twice: bool) -> None:
    account.events.deliver_twice = twice
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    account.events.deliver_twice = False
    assert len(account.executions) == (2 if twice else 1)


def test_an_event_that_cannot_be_delivered_lands_in_the_dead_letter_queue(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account.authorizer, "statements", lambda role: [])
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    assert account.executions == []
    (message,) = dead_letters(account)
    assert json.loads(message["Body"]) == account.events.sent[0]
    assert "states:StartExecution" in account.problems[0]


def test_what_went_wrong_stands_in_the_dead_letters_attributes(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account.authorizer, "statements", lambda role: [])
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    rule, target = file_rule(account)
    (message,) = dead_letters(account)
    told = {name: one["StringValue"] for name, one in message["MessageAttributes"].items()}
    assert "states:StartExecution" in told.pop("ERROR_MESSAGE")
    assert told == {
        "RULE_ARN": rule["Arn"],
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": "NO_PERMISSIONS",
    }


def file_rule(account: LocalAccount) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rule for files, and its target."""
    events = account.client("events")
    (rule,) = (one for one in events.list_rules()["Rules"] if "FileEvent" in one["Name"])
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    return rule, target


def dead_letters(account: LocalAccount) -> list[dict[str, Any]]:
    """Return the messages of the queue of file events that could start no run."""
    found: list[dict[str, Any]] = account.client("sqs").receive_message(
        QueueUrl=dead_letter_queue(account), MessageAttributeNames=["All"], MaxNumberOfMessages=10
    )["Messages"]
    return found


@pytest.mark.parametrize("enabled", [True, False])
def test_a_rule_takes_what_matches_its_pattern_while_it_is_enabled(
    account: LocalAccount, enabled: bool
) -> None:
    rule, _ = file_rule(account)
    events = account.client("events")
    if not enabled:
        events.disable_rule(Name=rule["Name"])
    account.drop(f"{WATCHED}a.csv")
    account.drop("elsewhere/a.csv")
    account.settle()
    events.enable_rule(Name=rule["Name"])
    started = [json.loads(str(one.execution_input)) for one in account.executions]
    keys = [event["detail"]["object"]["key"] for event in started]
    assert keys == ([f"{WATCHED}a.csv"] if enabled else [])


def test_a_run_has_the_event_as_input(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    (run,) = account.executions
    assert json.loads(str(run.execution_input)) == account.events.sent[0]


def test_a_run_has_the_events_id_in_its_name(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    (run,) = account.executions
    assert run.name.startswith(f"{account.events.sent[0]['id']}_")
    assert len(run.name) <= 80


def test_a_machine_is_started_as_the_targets_role(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, target = file_rule(account)
    statements = account.authorizer.statements
    monkeypatch.setattr(
        account.authorizer,
        "statements",
        lambda role: [] if role == target["RoleArn"] else statements(role),
    )
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    assert account.executions == []
    monkeypatch.undo()
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    assert Use(target["RoleArn"], "states:StartExecution", target["Arn"]) in account.authorizer.uses


def test_a_role_that_does_not_trust_the_rule_starts_nothing(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule, target = file_rule(account)
    role = account.authorizer.backend.get_role_by_arn(target["RoleArn"])
    trust = str(role.assume_role_policy_document)
    assert ":rule/*" in trust
    for part, other in ((":rule/*", ":rule/other"), (account.account_id, "0" * 12)):
        monkeypatch.setattr(role, "assume_role_policy_document", trust.replace(part, other))
        account.drop(f"{WATCHED}a.csv")
        account.settle()
    assert account.executions == []
    assert rule["Name"] in account.problems[1]


def statuses(account: LocalAccount) -> list[dict[str, Any]]:
    """Return the details of the events about executions."""
    return [one["detail"] for one in account.events.sent if one["source"] == "aws.states"]


def test_each_status_of_an_execution_is_an_event(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    (run,) = account.executions
    first, last = statuses(account)
    assert (first["status"], last["status"]) == ("RUNNING", "FAILED")  # nothing is registered
    for detail in (first, last):
        assert detail["executionArn"] == run.execution_arn
        assert detail["stateMachineArn"] == account.machine_arn
        assert detail["name"] == run.name
        assert json.loads(detail["input"]) == json.loads(str(run.execution_input))
        assert detail["startDate"] == round(run.start_date.timestamp() * 1000)
    assert first["stopDate"] is None
    assert last["stopDate"] == round(account.clock.now() * 1000)


def test_an_event_about_a_status_has_every_member(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    first, last = statuses(account)
    nothing = dict.fromkeys(
        ("stateMachineVersionArn", "stateMachineAliasArn", "redriveDate", "outputDetails")
    )
    running = "Execution is RUNNING and cannot be redriven"
    for detail, redrive in ((first, ("NOT_REDRIVABLE", running)), (last, ("REDRIVABLE", None))):
        assert detail | nothing | {"redriveCount": 0} == detail
        assert (detail["redriveStatus"], detail["redriveStatusReason"]) == redrive


def test_the_event_about_a_failure_tells_error_and_cause(account: LocalAccount) -> None:
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    (run,) = account.executions
    first, last = statuses(account)
    assert (first["error"], first["cause"]) == (None, None)
    assert (last["error"], last["cause"]) == (run.error, run.cause)
    assert last["error"]


def test_the_event_about_a_success_tells_its_output(machine: Machine) -> None:
    machine.run({"Done": {"Type": "Succeed", "Output": {"Arg1": "更新"}}})
    first, last = statuses(machine.account)
    assert (first["output"], first["outputDetails"]) == (None, None)
    assert (last["output"], last["outputDetails"]) == ('{"Arg1":"更新"}', {"included": True})


#: Twice escaped, a quote takes four bytes of the 248 KiB.
@pytest.mark.parametrize(("quotes", "included"), [(63_000, True), (64_000, False)])
def test_an_input_that_is_too_long_is_left_out_of_the_event(
    account: LocalAccount, quotes: int, included: bool
) -> None:
    account.start({"text": '"' * quotes}, "long")
    account.settle()
    detail = statuses(account)[0]
    assert detail["inputDetails"] == {"included": included}
    assert (detail["input"] is None) is not included


def test_an_event_about_a_status_may_never_come(account: LocalAccount) -> None:
    account.events.lose_status_changes = True
    account.drop(f"{WATCHED}a.csv")
    account.settle()
    assert len(account.executions) == 1
    assert statuses(account) == []


@pytest.mark.parametrize(("prefix", "matches"), [(WATCHED, True), ("elsewhere/", False)])
def test_a_pattern_can_be_tried_on_an_event(
    account: LocalAccount, prefix: str, matches: bool
) -> None:
    account.drop(f"{WATCHED}a.csv")
    answer = account.client("events").test_event_pattern(
        EventPattern=json.dumps({"detail": {"object": {"key": [{"prefix": prefix}]}}}),
        Event=json.dumps(account.events.sent[0]),
    )
    assert answer["Result"] is matches


def test_a_schedule_sees_no_events(account: LocalAccount) -> None:
    events = account.client("events")
    events.put_rule(Name="schedule", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="schedule", Targets=[{"Id": "x", "Arn": account.machine_arn}])
    try:
        account.drop("elsewhere/a.csv")
        account.settle()
        assert not account.executions
    finally:
        events.remove_targets(Rule="schedule", Ids=["x"])
        events.delete_rule(Name="schedule")


ENTRY = {"Source": "shop.orders", "DetailType": "Order Paid", "Detail": '{"number": 1}'}


def put(account: LocalAccount, *entries: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = account.client("events").put_events(Entries=list(entries))[
        "Entries"
    ]
    return found


def test_an_event_that_anybody_puts_has_an_envelope(account: LocalAccount) -> None:
    (answer,) = put(account, {**ENTRY, "Resources": ["arn:a"], "EventBusName": "default"})
    (event,) = account.events.sent
    assert shape(event) == shape(load_event("S3ObjectCreated.json") | {"detail": {"number": 1}})
    assert event["id"] == answer["EventId"]
    assert (event["source"], event["detail-type"]) == ("shop.orders", "Order Paid")
    assert (event["resources"], event["detail"]) == (["arn:a"], {"number": 1})


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        (
            {"Source": ""},
            "InvalidArgument",
            "Parameter Source is not valid. Reason: Source is a required argument.",
        ),
        (
            {"DetailType": ""},
            "InvalidArgument",
            "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
        ),
        (
            {"Detail": ""},
            "InvalidArgument",
            "Parameter Detail is not valid. Reason: Detail is a required argument.",
        ),
        (
            {"Source": "aws.states"},
            "NotAuthorizedForSourceException",
            "Not authorized for the source.",
        ),
        ({"Source": "shop orders"}, "InvalidArgument", "Source is not valid"),
        ({"Source": "s" * 257}, "InvalidArgument", "Source is not valid"),
        ({"DetailType": "d" * 129}, "InvalidArgument", "DetailType is not valid"),
        ({"Detail": '"text"'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[]"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "{"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a": NaN}'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": f'{{"a": {2**63}}}'}, "MalformedDetail", "Detail is malformed."),
        ({"EventBusName": "other"}, "InvalidArgument", "no event bus other"),
    ],
    ids=str,
)
def test_an_entry_that_breaks_a_rule_fails_and_no_other(
    account: LocalAccount, changed: dict[str, str], code: str, message: str
) -> None:
    first, wrong, last = put(account, ENTRY, {**ENTRY, **changed}, ENTRY)
    assert wrong["ErrorCode"] == code
    assert message in wrong["ErrorMessage"]
    assert [event["id"] for event in account.events.sent] == [first["EventId"], last["EventId"]]


def test_what_just_keeps_the_rules_is_sent(account: LocalAccount) -> None:
    small = {"Source": "a" * 256, "DetailType": "é" * 128, "Detail": f'{{"a": {-(2**63)}}}'}
    arn = account.arn("events", "event-bus/default")
    put(account, small, {**ENTRY, "EventBusName": arn})
    assert len(account.events.sent) == 2


def test_a_lone_surrogate_makes_a_detail_malformed(account: LocalAccount) -> None:
    (answer,) = account.events.put_events([{**ENTRY, "Detail": '{"a": "\ud800"}'}])
    assert answer["ErrorCode"] == "MalformedDetail"


def test_an_entrys_size_is_that_of_its_parts() -> None:
    assert entry_bytes({"Source": "é", "DetailType": "ab", "Detail": "{}"}) == 6
    assert entry_bytes({"Source": "", "Resources": ["abc", "de"], "Time": 1}) == 19


def queue_for(account: LocalAccount, source: str) -> tuple[str, str]:
    """Let a rule send the events of a source to a queue; return its URL, and the rule's ARN."""
    sqs, events = account.client("sqs"), account.client("events")
    url = sqs.create_queue(QueueName="results")["QueueUrl"]
    arn = account.arn("sqs", "results")
    pattern = json.dumps({"source": [source]})
    rule = events.put_rule(Name="to-queue", EventPattern=pattern)["RuleArn"]
    events.put_targets(Rule="to-queue", Targets=[{"Id": "queue", "Arn": arn}])
    return url, rule


@pytest.mark.parametrize("allowed", [True, False])
def test_a_queue_gets_what_its_policy_lets_the_rule_send(
    account: LocalAccount, allowed: bool
) -> None:
    url, rule = queue_for(account, "shop.orders")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": account.arn("sqs", "results"),
        "Condition": {"ArnEquals": {"aws:SourceArn": rule if allowed else rule + "2"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs, events = account.client("sqs"), account.client("events")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    put(account, ENTRY, {**ENTRY, "Source": "shop.stock"})
    account.settle()
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    sqs.delete_queue(QueueUrl=url)
    events.remove_targets(Rule="to-queue", Ids=["queue"])
    events.delete_rule(Name="to-queue")
    assert [json.loads(one["Body"]) for one in got] == account.events.sent[: int(allowed)]
    assert [("sqs:SendMessage" in one) for one in account.problems] == [True] * (not allowed)


def check_rule(account: LocalAccount) -> dict[str, Any]:
    """Return the rule that starts something each hour."""
    rules = account.client("events").list_rules()["Rules"]
    (found,) = (rule for rule in rules if "ScheduleExpression" in rule)
    return dict(found)


def test_a_rule_with_a_rate_sends_its_event_once_a_period(account: LocalAccount) -> None:
    began = account.clock.now()
    account.tick(2)
    account.clock.run_for(5000)  # moves no schedule
    account.tick(1)
    account.settle()
    inputs = [json.loads(str(run.execution_input)) for run in account.executions]
    assert [account.time_of(one["time"]) - began for one in inputs] == [3600, 7200, 15_800]
    assert {(one["source"], one["detail-type"], str(one["detail"])) for one in inputs} == {
        ("aws.events", "Scheduled Event", "{}")
    }
    assert inputs[0]["resources"] == [check_rule(account)["Arn"]]


def test_a_disabled_rule_with_a_rate_sends_nothing(account: LocalAccount) -> None:
    name = check_rule(account)["Name"]
    account.client("events").disable_rule(Name=name)
    account.tick(2)
    account.client("events").enable_rule(Name=name)
    account.settle()
    assert account.executions == []


def test_what_cannot_be_delivered_without_a_queue_is_counted_and_gone(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account.authorizer, "statements", lambda arn: [])
    account.tick()
    account.settle()
    assert account.events.failed_invocations == [check_rule(account)["Name"]]
    assert account.executions == []


MAY_PUBLISH = {
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": "*",
}
FROM_HERE = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
ODD = 'a "b" \\ c\nd'


def to_topic(account: LocalAccount, statement: dict[str, Any], **target: str) -> list[str]:
    """Put an event through a rule whose target is a topic, and return what was published there."""
    sns, events = account.client("sns"), account.client("events")
    arn = sns.create_topic(Name="chat")["TopicArn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    events.put_rule(Name="to-topic", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="to-topic", Targets=[{"Id": "chat", "Arn": arn, **target}])
    detail = {"notification": {"title": ODD}, "verdict": "ERROR"}
    try:
        put(account, {"Source": "shop", "DetailType": "sold", "Detail": json.dumps(detail)})
        account.settle()
    finally:
        sns.delete_topic(TopicArn=arn)
        events.remove_targets(Rule="to-topic", Ids=["chat"])
        events.delete_rule(Name="to-topic")
    return [mail.message for mail in account.mails if mail.topic_arn == arn]


def test_a_topic_gets_the_event_without_a_subject(account: LocalAccount) -> None:
    (message,) = to_topic(account, MAY_PUBLISH)
    assert json.loads(message) == account.events.sent[0]
    assert account.mails[0].subject == ""


def test_a_part_of_the_event_is_legal_json_whatever_is_in_it(account: LocalAccount) -> None:
    (message,) = to_topic(account, MAY_PUBLISH, InputPath="$.detail.notification")
    assert json.loads(message) == {"title": ODD}


def test_a_constant_input_is_given_as_it_is(account: LocalAccount) -> None:
    assert to_topic(account, MAY_PUBLISH, Input='{"a": 1}') == ['{"a": 1}']


def test_a_topics_policy_decides_and_no_condition_of_it_holds(account: LocalAccount) -> None:
    assert to_topic(account, {**MAY_PUBLISH, "Principal": {"AWS": "*"}}) == []
    assert to_topic(account, {**MAY_PUBLISH, "Condition": FROM_HERE}) == []
    assert account.events.failed_invocations == ["to-topic", "to-topic"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"InputPath": "$.detail[0]"}, "is not imitated"),
        ({"InputPath": "$.detail.nothing"}, "leads nowhere"),
        ({"RoleArn": "arn:aws:iam::123456789012:role/r"}, "a role for the topic"),
    ],
)
def test_what_is_not_documented_of_a_target_is_refused(
    account: LocalAccount, target: dict[str, str], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        to_topic(account, MAY_PUBLISH, **target)
