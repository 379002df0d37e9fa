"""The dead-letter queues: events that started nothing."""

from collections.abc import Iterator

from qsrefresh import dead_letters
from qsrefresh.aws import Aws
from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good
from qsrefresh.checks.stack import PUT_BACK
from qsrefresh.language import Phrase
from qsrefresh.project import rules_starting

_NONE = Phrase(
    ja="デッドレターキュー: 付いていないルールがあり、失われたイベントの跡が残りません",
    en="dead-letter queues: a rule has none, lost events leave no trace",
)
_HOLDS = Phrase(
    ja="デッドレターキュー{queue}に、何も始められなかったイベントが{n}件あります",
    en="dead-letter queue {queue} holds {n} event{s} that started nothing",
)
_EMPTY = Phrase(ja="デッドレターキュー{queue}は空です", en="dead-letter queue {queue} is empty")


def dead_letter_queues(check: Check) -> Iterator[Finding]:
    """Dead-letter queues."""
    lost = rules_starting(check.aws, check.project.lost_run_machine_arn)
    arns = sorted({rule.dead_letter_queue or "" for rule in (*check.rules, *lost)})
    for arn in arns:
        if not arn:
            yield bad(_NONE, PUT_BACK)
            continue
        name = arn.rsplit(":", 1)[1]
        waiting = _messages(check.aws, dead_letters.queue_url(check.aws, arn))
        if waiting:
            about = {"queue": name, "n": waiting, "s": "s" * (waiting > 1)}
            yield bad(_HOLDS, "qsrefresh replay", **about)
        else:
            yield good(_EMPTY, queue=name)


def _messages(aws: Aws, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = aws.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=names)
    return sum(int(answer["Attributes"].get(name, 0)) for name in names)
