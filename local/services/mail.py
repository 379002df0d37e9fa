"""Where the operators' mail goes: shown, and kept as a file.

Imitates: a mail to the topic's subscribers, with subject, text and attributes as published; a topic
that is not there (moto speaks of an endpoint).
Does not imitate: the footer that SNS adds, delivery itself: a mail that nobody gets is kept, too.
"""

import email.message
import email.policy
import email.utils
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from moto.sns.exceptions import TopicNotFound
from moto.sns.models import SNSBackend

from local.core.clock import Clock

_VERDICT = re.compile(r"\[(SUCCESS|ERROR)\]")


@dataclass(frozen=True)
class Mail:
    """One mail as an operator gets it; ``sent`` in seconds since 1970 on the account's clock.

    ``attributes``: name → ``Type`` and ``Value`` (text; of a String.Array its JSON). Filters read
    them, people do not see them. ``to``: the addresses that get it, confirmed and not filtered.
    """

    topic_arn: str
    subject: str
    message: str
    sent: float
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    to: tuple[str, ...] = ()

    def as_eml(self) -> bytes:
        """Return the mail as an ``.eml`` file."""
        made = email.message.EmailMessage(policy=email.policy.SMTP)
        made["From"] = "AWS Notifications (simulated) <no-reply@sns.amazonaws.com>"
        made["To"] = "operator@example.com"
        made["Subject"] = self.subject
        made["Date"] = email.utils.formatdate(self.sent)
        made.set_content(self.message)
        return made.as_bytes()

    def save(self, folder: Path, number: int) -> Path:
        """Write the mail into ``folder`` and return the file."""
        folder.mkdir(parents=True, exist_ok=True)
        verdict = _VERDICT.match(self.subject)
        path = folder / f"{number:02d}-{verdict[1] if verdict else 'OTHER'}.eml"
        path.write_bytes(self.as_eml())
        return path


@contextmanager
def installed(
    clock: Clock,
    sent: Callable[[Mail], None],
    recipients: Callable[[SNSBackend, str, dict[str, dict[str, str]]], tuple[str, ...]],
) -> Iterator[None]:
    """Keep every mail that anybody publishes, with the addresses that get it."""
    original = SNSBackend.publish

    def publish(backend: SNSBackend, message: str, **arguments: Any) -> Any:
        subject, topic = arguments.get("subject"), arguments.get("arn")
        if topic not in backend.topics and ":endpoint/" not in str(topic):
            raise TopicNotFound
        answer = original(backend, message, **arguments)
        attributes = arguments.get("message_attributes") or {}
        to = recipients(backend, str(topic), attributes)
        sent(Mail(str(topic), subject or "", message, clock.now(), attributes, to))
        return answer

    with mock.patch.object(SNSBackend, "publish", publish):
        yield
