"""The dead-letter queues: events that started nothing."""

from collections.abc import Iterator

from qsrefresh import dead_letters
from qsrefresh.aws import Aws
from qsrefresh.checks.check import Check
from qsrefresh.checks.finding import Finding, bad, good
from qsrefresh.project import deploying, rules_starting


def dead_letter_queues(check: Check) -> Iterator[Finding]:
    """Dead-letter queues."""
    lost = rules_starting(check.aws, check.project.lost_run_machine_arn)
    arns = sorted({rule.dead_letter_queue or "" for rule in (*check.rules, *lost)})
    for arn in arns:
        if not arn:
            text = "dead-letter queues: a rule has none, lost events leave no trace"
            yield bad(text, deploying(check.project.id))
            continue
        name = arn.rsplit(":", 1)[1]
        waiting = _messages(check.aws, dead_letters.queue_url(check.aws, arn))
        if waiting:
            yield bad(
                f"dead-letter queue {name} holds {waiting} event{'s' * (waiting > 1)} that started"
                " nothing",
                "qsrefresh replay",
            )
        else:
            yield good(f"dead-letter queue {name} is empty")


def _messages(aws: Aws, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = aws.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=names)
    return sum(int(answer["Attributes"].get(name, 0)) for name in names)
