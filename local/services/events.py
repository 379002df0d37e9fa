"""EventBridge: from a change in S3 or in an execution, through the deployed rules, to targets.

Imitates: S3's events in AWS's own shape, in place of moto's; the reason in them; one event for a
multipart upload; keys as they are, not URL-encoded; sequencers that grow; delivery at least once
(``deliver_twice``); the rules' own patterns; a state machine that is started with the event as its
input; its execution's name, which begins with the event's id; the target's role, as which it is
started; that role's trust policy; the dead-letter queue of a target that cannot be reached; what
went wrong, in the message's attributes; what could not be delivered and has no such queue
(``failed_invocations``); events of executions that never come (``lose_status_changes``); rules with
a rate, which send their event while :meth:`EventBridge.tick` lets time pass; TestEventPattern;
PutEvents, which fails the entries that break a rule and sends the others; what PutEvents is asked
for; queues as targets, whose policy decides; topics as targets, whose policy decides, but for its
conditions; a target's constant ``Input``; ``InputPath``.
Does not imitate: other targets, input transformers, paths of more than names, a role for a topic,
retries that succeed later, other buses (an entry for one fails), a time of an entry's own,
archives; versioned buckets, uploads by POST; ``cron`` expressions.
"""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast
from unittest import mock

from botocore.exceptions import ClientError
from moto.events.models import EventPattern, EventsBackend, Rule, events_backends
from moto.events.responses import EventsHandler
from moto.s3 import notifications

from local.core.prose_rules import refused_event
from local.core.world import World
from local.services.iam import AccessDeniedError, Authorizer, Context, service_may
from local.services.shortcuts import Shortcuts

#: moto's name of what happened → AWS's ``reason``.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
_REASONS = {
    "s3:ObjectCreated:Put": ("Object Created", "PutObject"),
    "s3:ObjectCreated:Copy": ("Object Created", "CopyObject"),
    "s3:ObjectCreated:CompleteMultipartUpload": ("Object Created", "CompleteMultipartUpload"),
    "s3:ObjectRemoved:Delete": ("Object Deleted", "DeleteObject"),
}
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_PATH = re.compile(r"\$(\.[A-Za-z][\w-]*)*")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def asked_for(world: World, parameters: dict[str, Any]) -> Iterator[tuple[str, Context]]:
    """Yield what PutEvents needs ``events:PutEvents`` on: a bus, and what conditions may look at.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html; AWS's example
    takes ``events:source`` for many values, ``events:detail-type`` for one.
    """
    for entry in parameters["Entries"]:
        bus = str(entry.get("EventBusName") or "default")
        resource = bus if bus.startswith("arn:") else world.arn("events", f"event-bus/{bus}")
        source, detail_type = entry.get("Source"), entry.get("DetailType")
        given: dict[str, str | tuple[str, ...]] = {}
        if source:
            given["events:source"] = (str(source),)
        if detail_type:
            given["events:detail-type"] = str(detail_type)
        yield resource, given


class EventBridge:
    """The default bus of the account."""

    def __init__(self, world: World, authorizer: Authorizer, shortcuts: Shortcuts) -> None:
        self.world = world
        self._authorizer = authorizer
        self._shortcuts = shortcuts
        self.deliver_twice = False
        self.lose_status_changes = False
        self.sent: list[dict[str, Any]] = []
        #: The names of the rules whose event could not be delivered and went into no queue.
        self.failed_invocations: list[str] = []
        self._sequencer = self._ticked = 0

    def reset(self) -> None:
        """Forget what was sent, and deliver everything once again."""
        self.deliver_twice = self.lose_status_changes = False
        self.sent.clear()
        self.failed_invocations.clear()
        self._ticked = 0

    # --------------------------------------------------------------- sources

    def s3_event(self, name: str, bucket: Any, key: Any) -> dict[str, Any]:
        """Return the event that S3 sends for a change of an object, in AWS's shape."""
        detail_type, reason = _REASONS[name]
        self._sequencer += 1
        thing: dict[str, Any] = {"key": key.name}
        deleted = detail_type == "Object Deleted"
        if not deleted:
            thing |= {"size": key.size, "etag": key.etag.strip('"')}
        thing["sequencer"] = f"00{self._sequencer:014X}"
        detail = {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": thing,
            "request-id": f"{self.world.clock.random.getrandbits(64):016X}",
            "requester": self.world.account_id,
            "source-ip-address": "192.0.2.1",
            "reason": reason,
        }
        if deleted:
            detail["deletion-type"] = "Permanently Deleted"
        return self.envelope("aws.s3", detail_type, detail, [f"arn:aws:s3:::{bucket.name}"])

    def status_changed(self, execution_arn: str, detail: dict[str, Any]) -> None:
        """Tell of an execution's new status, unless that is lost."""
        if self.lose_status_changes:  # they are delivered on a best-effort basis
            return
        event = "Step Functions Execution Status Change"
        self.put(self.envelope("aws.states", event, detail, [execution_arn]))

    def put_events(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send the events that break no rule; answer for each entry, in their order."""
        return [self._put_entry(entry) for entry in entries]

    def _put_entry(self, entry: dict[str, Any]) -> dict[str, Any]:
        refused = refused_event(entry)
        bus = str(entry.get("EventBusName") or "default")
        if bus not in ("default", self.world.arn("events", "event-bus/default")):
            refused = "InvalidArgument", f"The local account has no event bus {bus}."
        if refused:
            return {"ErrorCode": refused[0], "ErrorMessage": refused[1]}
        event = self.envelope(
            entry["Source"],
            entry["DetailType"],
            json.loads(entry["Detail"]),
            list(entry.get("Resources") or []),
        )
        self.put(event)
        return {"EventId": event["id"]}

    def envelope(
        self, source: str, detail_type: str, detail: dict[str, Any], resources: list[str]
    ) -> dict[str, Any]:
        """Wrap a detail as EventBridge does."""
        now = datetime.fromtimestamp(self.world.clock.now(), tz=UTC)
        return {
            "version": "0",
            "id": str(uuid.UUID(int=self.world.clock.random.getrandbits(128), version=4)),
            "detail-type": detail_type,
            "source": source,
            "account": self.world.account_id,
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self.world.region,
            "resources": resources,
            "detail": detail,
        }

    def from_s3(self, _account_id: str, bucket: Any, event_name: Any, key: Any) -> None:
        """Take the place of moto's dispatcher, which swallows every exception."""
        name = getattr(event_name, "value", str(event_name))
        # moto announces a multipart upload twice: as what it is, and as a Put before.
        twice = name == "s3:ObjectCreated:Put" and getattr(key, "multipart", None)
        if name in _REASONS and not twice:
            self.put(self.s3_event(name, bucket, key))

    def tick(self, seconds: int) -> None:
        """Let time pass, and each enabled rule with a rate send its event whenever it is due.

        Their clock is this method's: time that passes otherwise does not move it.
        """
        end = self._ticked + seconds
        while self._ticked < end:
            due = {rule.name: _rate(rule) for rule in self._rules() if rule.scheduled_expression}
            steps = [period - self._ticked % period for period in due.values()]
            step = min([*steps, end - self._ticked])
            self.world.clock.run_for(step)
            self._ticked += step
            for rule in list(self._rules()):
                if rule.name in due and self._ticked % due[rule.name] == 0:
                    event = self.envelope("aws.events", "Scheduled Event", {}, [rule.arn])
                    self._to_targets(rule, event)

    # -------------------------------------------------------------- delivery

    def put(self, event: dict[str, Any]) -> None:
        """Send an event through every enabled rule whose pattern it matches."""
        self.sent.append(event)
        if event["source"] == "aws.s3":
            self.world.journal.file_event(event)
        for rule in list(self._rules()):
            if _matches(rule, event):
                self._to_targets(rule, event)

    def _to_targets(self, rule: Rule, event: dict[str, Any]) -> None:
        for target in rule.targets if rule.state == "ENABLED" else ():
            for _ in range(2 if self.deliver_twice else 1):
                self._later(rule, target, event)

    def _rules(self) -> Iterator[Rule]:
        backend = events_backends[self.world.account_id][self.world.region]
        yield from backend.event_buses["default"].rules.values()

    def _later(self, rule: Rule, target: dict[str, Any], event: dict[str, Any]) -> None:
        self.world.clock.spawn(f"deliver {event['id']}", lambda: self._deliver(rule, target, event))

    def _deliver(self, rule: Rule, target: dict[str, Any], event: dict[str, Any]) -> None:
        try:
            self._reach(rule, target, event)
        except (AccessDeniedError, ClientError) as error:
            self.world.problems.append(f"{rule.name} could not reach its target: {error}")
            self._to_dead_letters(rule, target, event, error)

    def _reach(self, rule: Rule, target: dict[str, Any], event: dict[str, Any]) -> None:
        arn = target["Arn"]
        if ":stateMachine:" in arn:
            self._start(rule, target, event)
        elif ":sqs:" in arn:
            self._send(rule, target, event)
        elif ":sns:" in arn:
            self._publish(target, event)
        else:
            raise ValueError(f"target {arn} of rule {rule.name} is no machine, queue or topic")

    def _publish(self, target: dict[str, Any], event: dict[str, Any]) -> None:
        if "RoleArn" in target:  # some pages forbid it, others ask for it
            raise ValueError(f"a role for the topic {target['Arn']} is not imitated")
        arn, client = target["Arn"], self.world.client("sns")
        policy = client.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy")
        # "You can't use Condition blocks in Amazon SNS topic policies for EventBridge":
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
        if not service_may(policy, "events.amazonaws.com", "sns:Publish", arn, {}):
            raise AccessDeniedError("service events.amazonaws.com", "sns:Publish", arn)
        client.publish(TopicArn=arn, Message=_payload(target, event))

    def _send(self, rule: Rule, target: dict[str, Any], event: dict[str, Any]) -> None:
        arn, client = target["Arn"], self.world.client("sqs")
        url = client.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"]
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        policy = found.get("Attributes", {}).get("Policy")
        given = {"aws:SourceAccount": self.world.account_id, "aws:SourceArn": rule.arn}
        if not service_may(policy, "events.amazonaws.com", "sqs:SendMessage", arn, given):
            raise AccessDeniedError("service events.amazonaws.com", "sqs:SendMessage", arn)
        client.send_message(QueueUrl=url, MessageBody=_payload(target, event))

    def _start(self, rule: Rule, target: dict[str, Any], event: dict[str, Any]) -> None:
        unique = uuid.UUID(int=self.world.clock.random.getrandbits(128), version=4)
        name = f"{event['id']}_{unique}"
        self.start_machine("events.amazonaws.com", rule.arn, target, name, _payload(target, event))

    def start_machine(
        self, service: str, source: str, target: dict[str, Any], name: str, given: str
    ) -> None:
        """Start a state machine as a service does, for a rule or schedule of this account.

        Raises:
            AccessDeniedError: the target's role does not trust the service, or may not start it.
        """
        arn, world = target["Arn"], self.world
        context = {"aws:SourceAccount": world.account_id, "aws:SourceArn": source}
        self._authorizer.check_trust(target["RoleArn"], service, context)
        self._authorizer.check(target["RoleArn"], "states:StartExecution", arn)
        parameters = {"stateMachineArn": arn, "name": name, "input": given}
        if self._shortcuts.answer("stepfunctions", "StartExecution", parameters) is None:
            world.client("stepfunctions").start_execution(**parameters)

    def _to_dead_letters(
        self, rule: Rule, target: dict[str, Any], event: dict[str, Any], error: Exception
    ) -> None:
        queue_arn = target.get("DeadLetterConfig", {}).get("Arn")
        if queue_arn is None:
            self.failed_invocations.append(rule.name)
            return
        client = self.world.client("sqs")
        url = client.get_queue_url(QueueName=queue_arn.rsplit(":", 1)[1])["QueueUrl"]
        code = "NO_PERMISSIONS" if isinstance(error, AccessDeniedError) else "SDK_CLIENT_ERROR"
        attributes = {
            "RULE_ARN": rule.arn,
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": code,
            "ERROR_MESSAGE": str(error)[:500],
        }
        client.send_message(
            QueueUrl=url,
            MessageBody=json.dumps(event, ensure_ascii=False),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
            },
        )

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Send what happens in S3, and what anybody puts, through this module."""

        def test_event_pattern(handler: Any) -> tuple[str, dict[str, Any]]:
            pattern = EventPattern.load(handler._get_param("EventPattern"))
            event = json.loads(handler._get_param("Event"))
            return json.dumps({"Result": bool(pattern.matches_event(event))}), {}

        with (
            mock.patch.object(EventsHandler, "test_event_pattern", test_event_pattern),
            mock.patch.object(notifications, "_send_event_bridge_message", self.from_s3),
            mock.patch.object(EventsBackend, "put_events", lambda _, given: self.put_events(given)),
        ):
            yield


def _payload(target: dict[str, Any], event: dict[str, Any]) -> str:
    """Return what a target gets: its constant input, a part of the event, or all of it."""
    if "InputTransformer" in target:
        raise ValueError(f"the input transformer of {target['Arn']} is not imitated")
    if "Input" in target:
        return str(target["Input"])
    path, part = target.get("InputPath", "$"), event
    if not _PATH.fullmatch(path):
        raise ValueError(f"the path {path} of {target['Arn']} is not imitated")
    for name in path.split(".")[1:]:
        if name not in part:
            raise ValueError(f"{path} leads nowhere: what {target['Arn']} gets is not documented")
        part = part[name]
    return json.dumps(part, ensure_ascii=False)


def _rate(rule: Rule) -> int:
    found = _RATE.fullmatch(rule.scheduled_expression or "")
    if not found:
        raise ValueError(f"{rule.scheduled_expression} of rule {rule.name}: only rates are known")
    return int(found[1]) * _SECONDS[found[2]]


def _matches(rule: Rule, event: dict[str, Any]) -> bool:
    pattern = rule.event_pattern
    # A schedule has no pattern and sees no events; moto lets it see all.
    return bool(pattern.get_pattern()) and bool(pattern.matches_event(cast(Any, event)))
