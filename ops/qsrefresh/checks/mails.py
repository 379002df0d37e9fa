"""Who gets the mails."""

import shlex
from collections.abc import Iterator

from qsrefresh import subscriptions
from qsrefresh.checks.check import Check, listed
from qsrefresh.checks.finding import Finding, bad, good, warning


def subscribers(check: Check) -> Iterator[Finding]:
    """Mails."""
    found = list(subscriptions.subscriptions(check.aws, check.project.topic_arn))
    confirmed = [one for one in found if one.confirmed]
    for one in found:
        if not one.confirmed:
            yield (warning if confirmed else bad)(
                f"mails: {one.endpoint} has not confirmed yet",
                'open the link in the mail "AWS Notification - Subscription Confirmation"; to get'
                f" it again: qsrefresh subscribe {shlex.quote(one.endpoint)}",
            )
    if confirmed:
        yield good(f"mails go to {listed([one.endpoint for one in confirmed])}")
    elif not found:
        yield bad("mails: nobody is subscribed", "qsrefresh subscribe EMAIL")
