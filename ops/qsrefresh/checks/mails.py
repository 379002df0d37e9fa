"""Who gets which mails, and whether anybody gets the alarms."""

import difflib
import json
import shlex
from collections.abc import Iterator
from typing import Any

from qsrefresh import subscriptions
from qsrefresh.checks.check import Check, listed
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.language import Phrase
from qsrefresh.registrations import folder_of
from qsrefresh.subscriptions import Subscription

_LINK = 'open the link in the mail "AWS Notification - Subscription Confirmation"'
_ERRORS = {"verdict": ["ERROR"]}

_NOBODY = Phrase(ja="メール: 誰も登録されていません", en="mails: nobody is subscribed")
_ENDED = Phrase(
    ja="メール: {address}の登録が、この数日のうちに解除されました。メールを受け取った人は誰でも解"
    "除できます",
    en="mails: {address} was unsubscribed in the last days: whoever gets one of its mails can do"
    " that",
)
_UNCONFIRMED = Phrase(
    ja="メール: {address}はまだ確認されていません。メール「AWS Notification - Subscription Confir"
    "mation」のリンクを"
    "開くか、もう一度送ってください",
    en="mails: {address} has not confirmed yet: {link}, or ask for another",
)
#: How much of a name must be right for another to be taken for a slip of the pen.
_NEAR = 0.8


def subscribers(check: Check) -> Iterator[Finding]:
    """Mails."""
    found = list(subscriptions.subscriptions(check.aws, check.project.topic_arn))
    confirmed = [one for one in found if one.confirmed]
    alive = {one.endpoint for one in found if not one.ended}
    for one in found:
        again = f"qsrefresh subscribe {shlex.quote(one.endpoint)}"
        level = warning if confirmed else bad
        if one.ended and one.endpoint not in alive:
            yield level(_ENDED, again, address=one.endpoint)
        elif not one.confirmed and not one.ended:
            yield level(_UNCONFIRMED, again, address=one.endpoint, link=_LINK)
    if not found:
        yield bad(_NOBODY, "qsrefresh subscribe EMAIL")
    policies = [(one, subscriptions.policy_of(check.aws, one)) for one in confirmed]
    for which, names in _by_choice(policies).items():
        yield good(f"{which} go to {listed(names)}")
    yield from _lost_folders(check, policies)
    if policies and all("folder" in policy for _, policy in policies):
        yield warning(
            "mails about other folders, and about files that nobody registered, go to nobody",
            "qsrefresh subscribe EMAIL --errors-only",
        )
    if confirmed:
        yield from _alarms(check, [one for one, policy in policies if not policy])


def _by_choice(policies: list[tuple[Subscription, dict[str, Any]]]) -> dict[str, list[str]]:
    """Return which mails go to whom: those who get the most first."""
    found: dict[str, list[str]] = {}
    for one, policy in sorted(policies, key=lambda pair: len(pair[1])):
        found.setdefault(_which(policy), []).append(one.endpoint)
    return found


def _which(policy: dict[str, Any]) -> str:
    if not policy:
        return "mails"
    rest = {name: values for name, values in policy.items() if name != "folder"}
    folders = policy.get("folder", [])
    if rest not in ({}, _ERRORS) or not all(isinstance(one, str) for one in folders):
        return f"mails that match {json.dumps(policy, ensure_ascii=False)}"
    mails = "ERROR mails" if rest else "mails"
    return f"{mails} about {listed(folders)}" if folders else mails


def _lost_folders(
    check: Check, policies: list[tuple[Subscription, dict[str, Any]]]
) -> Iterator[Finding]:
    """Yield who waits for mails about a folder that nobody registered, or that has moved."""
    known = {folder_of(item) for item in check.items}
    for one, policy in policies:
        for folder in policy.get("folder", []):
            if isinstance(folder, str) and folder not in known:
                yield warning(
                    f"mails: {one.endpoint} gets those about {folder}, which is not registered",
                    _about_others(one.endpoint, policy, known, folder),
                )


def _about_others(address: str, policy: dict[str, Any], known: set[str], lost: str) -> str:
    """Return what lets an address get the mails about its other folders, or the one meant."""
    folders = [one for one in policy["folder"] if one in known]
    folders += difflib.get_close_matches(lost, known - set(folders), n=1, cutoff=_NEAR)
    words = [word for one in folders for word in ("--folder", one)]
    errors = ["--errors-only"] if _ERRORS.items() <= policy.items() else []
    return shlex.join(["qsrefresh", "subscribe", address, *errors, *words])


def _alarms(check: Check, everything: list[Subscription]) -> Iterator[Finding]:
    topic = check.project.alarm_topic_arn
    if topic is None:
        deploy = "deploy common/template.yaml again, then template.yaml"
        yield warning("alarms: the shared stack has no topic of their own yet", deploy)
        own = []
    else:
        own = list(subscriptions.subscriptions(check.aws, topic))
    for one in own:
        if not one.confirmed:
            yield warning(
                f"alarms: {one.endpoint} has not confirmed yet: {_LINK} that names {one.topic};"
                " after 48 hours AWS forgets it",
            )
    names = [one.endpoint for one in (*everything, *own) if one.confirmed]
    for address in sorted({one for one in names if names.count(one) > 1}):
        mend = f"qsrefresh subscribe {shlex.quote(address)}"
        yield warning(f"alarms: {address} gets each of them twice", mend)
    if names:
        yield good(f"alarms go to {listed(list(dict.fromkeys(names)))}")
    elif check.parameters.get("Monitoring") != "none":
        yield bad("alarms: nobody gets them", "qsrefresh subscribe EMAIL --errors-only")
