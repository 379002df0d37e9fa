"""Who gets which mails, and whether anybody gets the alarms."""

import difflib
import json
import shlex
from collections.abc import Iterator
from typing import Any

from qsrefresh import subscriptions
from qsrefresh.checks.check import Check, listed
from qsrefresh.checks.finding import Finding, bad, good, warning
from qsrefresh.language import Phrase, Sentence
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
_GO_TO = Phrase(ja="{which}の宛先: {names}", en="{which} go to {names}")
_ALL = Phrase(ja="メール", en="mails")
_ONLY_ERRORS = Phrase(ja="ERRORのメール", en="ERROR mails")
_MATCHING = Phrase(ja="{policy}に合うメール", en="mails that match {policy}")
_ABOUT = Phrase(ja="{folders}についての{mails}", en="{mails} about {folders}")
_OTHERS_GO_TO_NOBODY = Phrase(
    ja="ほかのフォルダについてのメールと、登録のないファイルについてのメールは、誰にも届きません",
    en="mails about other folders, and about files that nobody registered, go to nobody",
)
_LOST_FOLDER = Phrase(
    ja="メール: {address}は{folder}についてのメールを待っていますが、そのフォルダは登録されていま"
    "せん",
    en="mails: {address} gets those about {folder}, which is not registered",
)
_NO_TOPIC = Phrase(
    ja="アラーム: 共有のスタックに、アラームのトピックがまだありません",
    en="alarms: the shared stack has no topic of their own yet",
)
_ALARMS_UNCONFIRMED = Phrase(
    ja="アラーム: {address}はまだ確認されていません。{topic}についてのメール「AWS Notification - Su"
    "bscription Confirmation」のリンクを開いてください。48時間たつとAWSが登録を消します",
    en="alarms: {address} has not confirmed yet: {link} that names {topic}; after 48 hours AWS"
    " forgets it",
)
_TWICE = Phrase(
    ja="アラーム: {address}には同じものが2通ずつ届きます",
    en="alarms: {address} gets each of them twice",
)
_ALARMS_GO_TO = Phrase(ja="アラームの宛先: {names}", en="alarms go to {names}")
_ALARMS_TO_NOBODY = Phrase(ja="アラーム: 誰にも届きません", en="alarms: nobody gets them")
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
    for which, names in _by_choice(policies):
        yield good(_GO_TO, which=which, names=listed(names))
    yield from _lost_folders(check, policies)
    if policies and all("folder" in policy for _, policy in policies):
        yield warning(
            _OTHERS_GO_TO_NOBODY,
            "qsrefresh subscribe EMAIL --errors-only",
        )
    if confirmed:
        yield from _alarms(check, [one for one, policy in policies if not policy])


def _by_choice(
    policies: list[tuple[Subscription, dict[str, Any]]],
) -> list[tuple[Sentence, list[str]]]:
    """Return which mails go to whom: those who get the most first."""
    found: list[tuple[Sentence, list[str]]] = []
    for one, policy in sorted(policies, key=lambda pair: len(pair[1])):
        which = _which(policy)
        names = next((names for known, names in found if known == which), None)
        if names is None:
            found.append((which, names := []))
        names.append(one.endpoint)
    return found


def _which(policy: dict[str, Any]) -> Sentence:
    if not policy:
        return Sentence(_ALL)
    rest = {name: values for name, values in policy.items() if name != "folder"}
    folders = policy.get("folder", [])
    if rest not in ({}, _ERRORS) or not all(isinstance(one, str) for one in folders):
        return Sentence(_MATCHING, {"policy": json.dumps(policy, ensure_ascii=False)})
    mails = _ONLY_ERRORS if rest else _ALL
    if not folders:
        return Sentence(mails)
    return Sentence(_ABOUT, {"mails": mails, "folders": listed(folders)})


def _lost_folders(
    check: Check, policies: list[tuple[Subscription, dict[str, Any]]]
) -> Iterator[Finding]:
    """Yield who waits for mails about a folder that nobody registered, or that has moved."""
    known = {folder_of(item) for item in check.items}
    for one, policy in policies:
        for folder in policy.get("folder", []):
            if isinstance(folder, str) and folder not in known:
                yield warning(
                    _LOST_FOLDER,
                    _about_others(one.endpoint, policy, known, folder),
                    address=one.endpoint,
                    folder=folder,
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
        yield warning(_NO_TOPIC, deploy)
        own = []
    else:
        own = list(subscriptions.subscriptions(check.aws, topic))
    for one in own:
        if not one.confirmed:
            yield warning(_ALARMS_UNCONFIRMED, address=one.endpoint, link=_LINK, topic=one.topic)
    names = [one.endpoint for one in (*everything, *own) if one.confirmed]
    for address in sorted({one for one in names if names.count(one) > 1}):
        mend = f"qsrefresh subscribe {shlex.quote(address)}"
        yield warning(_TWICE, mend, address=address)
    if names:
        yield good(_ALARMS_GO_TO, names=listed(list(dict.fromkeys(names))))
    elif check.parameters.get("Monitoring") != "none":
        yield bad(_ALARMS_TO_NOBODY, "qsrefresh subscribe EMAIL --errors-only")
