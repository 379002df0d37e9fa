"""Every command that is printed to mend something is run where it is printed, and mends it.

One table of situations. Each is made in a healthy project, the verb is run, what it prints below
the finding is run as it stands (only what nobody but the person can know is filled in), and then
the verb must not tell of it any more.
"""

import re
import shlex
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.account import BUCKET, REGION, WATCHED, LocalAccount
from local.services.quicksight import Dataset
from tests import loading
from tests.ops.conftest import FOLDER, OTHER, Shell
from tests.workflow.scenarios import STATE, drop, ends_as, put_item, stop_at

ONE = {"datasetid": "id-one", "datasetname": "one"}
TWO = {"datasetid": "id-two", "datasetname": "two"}
ROOT = f"s3://{BUCKET}/{WATCHED}"
ADDRESS = "operator@example.com"
#: What stands in a command for what only the person knows.
KNOWN = {"DATASET": "two", "EMAIL": ADDRESS, "NAME": "p0"}
#: To every question that a command asks.
ANSWERS = "y\nreplace\ny\n"


@dataclass
class Situation:
    """What is the case, the verb that tells of it, and what its finding says.

    Attributes:
        last: only the last of several commands is run: each would do by itself.
        known: what the person fills in, beyond what is filled in everywhere.
        after: what happens besides before the verb is run again.
        names: what the commands must name.
    """

    arrange: Callable[[Shell], Any]
    told: str
    verb: str = "check"
    last: bool = False
    after: Callable[[Shell], Any] = lambda shell: None
    known: dict[str, str] = field(default_factory=dict)
    names: str = ""


def registered(**item: Any) -> Callable[[Shell], None]:
    """Return what writes an item as somebody types it in the console, over that of the folder."""
    return lambda shell: shell.put({"S3uri": FOLDER, **item})


def rows(*given: Any, **item: Any) -> Callable[[Shell], None]:
    return registered(datasets=list(given), **item)


def elsewhere(folder: str, **item: Any) -> Callable[[Shell], None]:
    """Return what writes an item for another folder."""
    return lambda shell: shell.put({"S3uri": folder, "datasets": [TWO], **item})


def state(**item: Any) -> Callable[[Shell], None]:
    return lambda shell: put_item(shell.account, STATE, item)


def refreshed(shell: Shell) -> None:
    drop(shell.account)
    shell.account.settle()


def failed(shell: Shell) -> None:
    """Let a refresh fail, and heal what made it fail."""
    failure = {"Type": "DATA_SOURCE_AUTH_FAILED", "Message": "not let in"}
    ends_as(shell.account, "one", {"IngestionStatus": "FAILED", "ErrorInfo": failure})
    refreshed(shell)
    shell.account.quicksight.datasets["id-one"].outcome = None


def stale(shell: Shell) -> None:
    shell("register", FOLDER, "one", "two", "--fresh-within", "5")
    refreshed(shell)
    shell.account.clock.run_for(6 * 3600)


def died(shell: Shell) -> None:
    """Let a run die after a good one; the rule for lost runs frees the folder."""
    refreshed(shell)
    stop_at(shell.account, "Wait For More Files")
    drop(shell.account, "b.csv")
    shell.account.settle()


def died_unfreed(shell: Shell) -> None:
    died(shell)
    (arn,) = {one.execution_arn for one in shell.account.executions if one.status == "ABORTED"}
    counts = {"arrivals": {"N": "2"}, "covered": {"N": "1"}, "turn": {"N": "1"}}
    put_item(shell.account, STATE, {"leader": {"S": arn}, **counts})


def unregistered(shell: Shell) -> None:
    shell.account.drop(f"{WATCHED}new/a b.csv")
    shell.account.settle()


def recreated(shell: Shell) -> None:
    """Make a registered dataset again: its name is the same, its id is not."""
    del shell.account.quicksight.datasets["id-one"]
    shell.account.quicksight.add(Dataset("id-new", "one"))


def renamed(shell: Shell) -> None:
    del shell.account.quicksight.datasets["id-one"]
    shell.put({"S3uri": FOLDER, "datasets": [{**ONE, "datasetname": "Sales per region"}]})
    shell.account.quicksight.add(Dataset("id-new", "Sales per regions"))


def gone(shell: Shell) -> None:
    del shell.account.quicksight.datasets["id-one"]


def direct(shell: Shell) -> None:
    shell.account.quicksight.datasets["id-two"].import_mode = "DIRECT_QUERY"


def incremental(shell: Shell) -> None:
    shell.put({"S3uri": FOLDER, "datasets": [ONE, {**TWO, "ingestiontype": "INCREMENTAL_REFRESH"}]})


def events_off(shell: Shell) -> None:
    shell.account.client("s3").put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={}
    )


def bucket_gone(shell: Shell) -> None:
    shell.account.client("s3").delete_bucket(Bucket=BUCKET)


def rule_off(shell: Shell) -> None:
    events = shell.account.client("events")
    (name,) = events.list_rule_names_by_target(TargetArn=shell.account.machine_arn)["RuleNames"]
    events.disable_rule(Name=name)


def freshness_off(shell: Shell) -> None:
    events = shell.account.client("events")
    for one in events.list_rules()["Rules"]:
        if "ScheduleExpression" in one:
            events.disable_rule(Name=one["Name"])


def nothing_registered(shell: Shell) -> None:
    shell("unregister", FOLDER, "--yes")
    shell.account.drop(f"{WATCHED}new/a.csv")


def letter(body: str, queue: str = "FileEventDeadLetter") -> Callable[[Shell], None]:
    def send(shell: Shell) -> None:
        sqs = shell.account.client("sqs")
        (url,) = (one for one in sqs.list_queues()["QueueUrls"] if queue in one)
        sqs.send_message(QueueUrl=url, MessageBody=body)

    return send


def nobody(shell: Shell) -> None:
    sns = shell.account.client("sns")
    for one in sns.list_subscriptions()["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])


def unconfirmed(shell: Shell) -> None:
    nobody(shell)
    shell("subscribe", ADDRESS)


def lost_folder(shell: Shell) -> None:
    nobody(shell)
    shell("register", OTHER, "two")
    shell("subscribe", ADDRESS, "--errors-only", "--folder", FOLDER, "--folder", OTHER)
    confirm(shell)
    shell("unregister", OTHER, "--yes")


def made_of(shell: Shell) -> None:
    shell.account.quicksight.datasets["id-one"].parents = ("id-two",)


def confirm(shell: Shell) -> None:
    """Open the links in the mails of SNS, as only the person can."""
    for mail in shell.account.mails:
        token = mail.message.split()[-1]
        if "confirm" in mail.message.lower():
            client = shell.account.client("sns")
            client.confirm_subscription(TopicArn=mail.topic_arn, Token=token)


def few_log_policies(shell: Shell) -> None:
    for number in range(9):
        name = f"p{number}"
        shell.account.client("logs").put_resource_policy(policyName=name, policyDocument="{}")


NFD = unicodedata.normalize("NFD", f"{ROOT}データ/")
SITUATIONS = {
    # The registrations, as people mistype them.
    "slash forgotten": Situation(elsewhere(OTHER[:-1]), "must end with a slash"),
    "space pasted": Situation(elsewhere(f"{OTHER} "), "must end with a slash"),
    "invisible character": Situation(elsewhere(f"{OTHER[:-1]}\u200b/"), "is not what people type"),
    "form of a Mac": Situation(elsewhere(NFD), "Unicode form"),
    "twin": Situation(elsewhere(f"{FOLDER[:-1]} /"), "looks like"),
    "slip in the watched folder": Situation(
        elsewhere(f"s3://{BUCKET}/dashbord/data/stock/"), "is not under the watched folder"
    ),
    "not watched at all": Situation(elsewhere(f"s3://{BUCKET}/x/"), "is not under the watched"),
    "another bucket": Situation(elsewhere("s3://other/x/"), "the bucket other is not watched"),
    "slash forgotten, and no name": Situation(
        elsewhere(OTHER[:-1], datasets=[{"datasetid": "id-one"}]), "must end with a slash"
    ),
    "ignore as text": Situation(elsewhere(OTHER, ignore="true"), "ignore must be true or false"),
    "ignore as text, no dataset": Situation(
        elsewhere(OTHER, ignore="true", datasets=[]), "ignore must be true or false"
    ),
    "not to be ignored, as text": Situation(
        elsewhere(OTHER, ignore="false"), "ignore must be true or false"
    ),
    "neither ignored nor a dataset": Situation(
        elsewhere(OTHER, ignore="no", datasets=[]), "ignore must be true or false"
    ),
    "no list": Situation(registered(), "datasets is missing"),
    "no dataset": Situation(rows(), "datasets holds no dataset"),
    "no name": Situation(rows(TWO, {"datasetid": "id-one"}), "datasetname is missing"),
    "twice": Situation(rows(ONE, TWO, ONE), "it is there twice"),
    "not a map": Situation(rows("one", TWO), "must have a datasetid"),
    "odd kind": Situation(rows({**ONE, "ingestiontype": "FULL"}), "must be FULL_REFRESH or"),
    "odd numbers": Situation(
        rows({**ONE, "minrows": "5", "retries": 9}, TWO), "minrows must be a whole number"
    ),
    "odd order": Situation(rows({**ONE, "after": ["id-x", "id-two"]}, TWO), "names id-x"),
    "circle": Situation(
        rows({**ONE, "after": ["id-two"]}, {**TWO, "after": ["id-one"]}), "goes in a circle"
    ),
    "odd settings": Situation(
        rows(ONE, settleseconds=901, startson="a/b"), "settleseconds must be a whole number"
    ),
    "nothing registered": Situation(nothing_registered, "no folder is registered", after=refreshed),
    # The datasets.
    "address for an id": Situation(
        rows({**ONE, "datasetid": "https://x.quicksight.aws/sn/data-sets/id-one"}), "is an address"
    ),
    "dataset made again": Situation(recreated, "there is no dataset id-one", names="id-new"),
    "dataset renamed and made again": Situation(
        renamed, "there is no dataset id-one", names="id-new"
    ),
    "dataset gone": Situation(gone, "there is no dataset id-one"),
    "direct query": Situation(direct, "is a direct query"),
    "not incremental": Situation(incremental, "no incremental refresh set up"),
    # The way of a file.
    "events off": Situation(events_off, "does not send its events"),
    "bucket gone": Situation(bucket_gone, "does not exist"),
    "rule off": Situation(rule_off, "is disabled"),
    "dead letter": Situation(letter('{"folder": "x"}'), "holds 1 event"),
    "letter that is no event": Situation(letter("not JSON", "LostRunDeadLetter"), "holds 1 event"),
    "nobody subscribed": Situation(nobody, "nobody is subscribed", after=confirm),
    "not confirmed": Situation(unconfirmed, "has not confirmed", after=confirm),
    "mails about a folder that is gone": Situation(lost_folder, "which is not registered"),
    "made of others": Situation(made_of, "it lacks after: ['id-two']"),
    "marker without a promise": Situation(
        rows(ONE, TWO, startson="_SUCCESS"), "nobody is told when that file does not come"
    ),
    "freshness not checked": Situation(freshness_off, "nobody is told of folders that are out of"),
    "log policies": Situation(few_log_policies, "9 of 10 resource policies"),
    # How the folders stand.
    **{
        f"{name}, {verb}": Situation(arrange, told, verb)
        for verb in ("check", "status")
        for name, arrange, told in (
            ("error", failed, "the last refresh ended as ERROR"),
            ("died", died, "its run died"),
            ("died, not freed", died_unfreed, "its run died"),
            ("stale", stale, "it should be refreshed within 5 h"),
            ("stranded", state(arrivals={"N": "1"}), "files wait"),
        )
    },
    "never": Situation(lambda _: None, "it was never refreshed", "status"),
    "unknown": Situation(
        state(lastStarted={"N": "1700000000"}), "could not write down how it ended", "status"
    ),
    "garbage leads": Situation(
        state(leader={"S": "x"}, arrivals={"N": "1"}), "on paper is no run: x; the next run takes"
    ),
    "odd counts": Situation(state(arrivals={"S": "x"}), "in the state table are odd"),
    "covered ahead": Situation(
        state(arrivals={"N": "1"}, covered={"N": "9"}), "in the state table are odd"
    ),
    "unregistered, to register": Situation(
        unregistered, "nobody registered", "status", known={"ignore": ""}
    ),
    "unregistered, to ignore": Situation(unregistered, "nobody registered", last=True),
}


@pytest.fixture
def healthy(qsrefresh: Shell) -> Iterator[Shell]:
    """A project where everything works, and whose datasets need no file."""
    account = qsrefresh.account
    for name in ("one", "two"):
        account.quicksight.datasets[f"id-{name}"].folder = None
        account.quicksight.datasets[f"id-{name}"].rows = 2
    qsrefresh("register", FOLDER, "one", "two")
    qsrefresh("subscribe", ADDRESS)
    confirm(qsrefresh)
    account.mails.clear()
    yield qsrefresh
    events, logs, sqs = (account.client(name) for name in ("events", "logs", "sqs"))
    for one in events.list_rule_names_by_target(TargetArn=account.machine_arn)["RuleNames"]:
        events.enable_rule(Name=one)
    for policy in logs.describe_resource_policies()["resourcePolicies"]:
        logs.delete_resource_policy(policyName=policy["policyName"])
    account.clock.run_for(61)  # SQS purges a queue once a minute
    for url in sqs.list_queues()["QueueUrls"]:
        sqs.purge_queue(QueueUrl=url)


def remedies(shell: Shell, situation: Situation) -> list[str]:
    """Return the commands below what the verb tells of a situation."""
    said = shell(situation.verb)
    lines = iter((said.stdout + said.stderr).splitlines())
    found: list[str] = []
    for line in lines:
        if situation.told in line:
            for below in lines:
                if not below.startswith("    → "):
                    break
                found.append(below.removeprefix("    → "))
            assert found, f"nothing mends: {line}"
            return found
    return []


def run(shell: Shell, command: str, known: dict[str, str]) -> None:
    """Run a command as it was printed."""
    words = [known.get(word, word) for word in shlex.split(command)]
    if words[0] == "qsrefresh":
        result = shell(*words[1:], input=ANSWERS)
        assert result.exit_code == 0, (command, result.output)
    else:
        by_aws_cli(shell.account, *words[1:])
    shell.account.settle()


def by_aws_cli(account: LocalAccount, service: str, operation: str, *words: str) -> None:
    """Do what the AWS CLI does with its words."""
    if (service, operation) == ("s3", "mb"):
        assert words[1:] == ("--region", REGION)
        where: Any = {"LocationConstraint": REGION}
        name = words[0].removeprefix("s3://")
        account.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=where)
        return
    names = [
        "".join(part.capitalize() for part in word.removeprefix("--").split("-"))
        for word in words[::2]
    ]
    client = account.client(service)
    given = dict(zip(names, words[1::2], strict=True))
    spelling = client.meta.service_model.operation_model(
        "".join(part.capitalize() for part in operation.split("-"))
    ).input_shape.members
    call = getattr(client, operation.replace("-", "_"))
    call(**{next(one for one in spelling if one.lower() == k.lower()): v for k, v in given.items()})


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_is_printed_mends_it(healthy: Shell, name: str) -> None:
    situation = SITUATIONS[name]
    situation.arrange(healthy)
    commands = remedies(healthy, situation)
    assert commands, healthy(situation.verb).output
    assert not any(re.search(r"\bFOLDER\b|\bNEW\b", one) for one in commands)
    assert situation.names in " ".join(commands)
    if situation.last:
        commands = commands[-1:]
    for command in commands:
        if command.split()[1] not in situation.known:
            run(healthy, command, KNOWN)
    situation.after(healthy)
    assert remedies(healthy, situation) == []


def test_whoever_was_unsubscribed_by_somebody_is_subscribed_again(
    healthy: Shell, broken: Callable[..., None]
) -> None:
    paginator = healthy.account.client("sns").get_paginator
    ended = {"SubscriptionArn": "Deleted", "Endpoint": "gone@example.com", "Protocol": "email"}

    class WithEnded:
        """As SNS lists it for some days beside what is there."""

        def paginate(self, **which: Any) -> Any:
            yield {
                "Subscriptions": [ended] if which["TopicArn"].endswith("operation-topic") else []
            }
            yield from paginator("list_subscriptions_by_topic").paginate(**which)

    broken("sns", "get_paginator", lambda _: WithEnded())
    situation = Situation(lambda _: None, "was unsubscribed in the last days")
    (command,) = remedies(healthy, situation)
    run(healthy, command, KNOWN)
    assert remedies(healthy, situation) == []


@dataclass
class Mailed:
    """What a mail tells, the verbs of the commands in it, and the one that is run."""

    arrange: Callable[[Shell], Any]
    verbs: list[str]
    command: str
    file: str = "sales/b.csv"


def wrong_row(shell: Shell) -> None:
    shell.put({"S3uri": FOLDER, "datasets": [ONE, {"datasetid": "id-two"}]})
    refreshed(shell)


def without_slash(shell: Shell) -> None:
    shell.put({"S3uri": OTHER[:-1], "datasets": [TWO]})
    shell.account.drop(f"{WATCHED}stock/a.csv")
    shell.account.settle()


def new_folder(shell: Shell) -> None:
    shell.account.drop(f"{WATCHED}new/a.csv")
    shell.account.settle()


MAILED = {
    "failed": Mailed(failed, ["run"], "run"),
    "died": Mailed(died, ["run"], "run"),
    "to register": Mailed(new_folder, ["register", "ignore"], "register", "new/b.csv"),
    "to ignore": Mailed(new_folder, ["register", "ignore"], "ignore", "new/b.csv"),
    "nearly registered": Mailed(without_slash, ["move"], "move", "stock/b.csv"),
    "wrong registration": Mailed(wrong_row, ["show", "run"], "show"),
}


@pytest.mark.parametrize("name", MAILED)
def test_what_a_mail_says_is_run_as_it_stands_and_no_error_comes_again(
    healthy: Shell, name: str
) -> None:
    mailed = MAILED[name]
    mailed.arrange(healthy)
    mail = healthy.account.mails[-1]
    assert mail.subject.startswith("[ERROR]")
    commands = [line for line in mail.message.splitlines() if line.startswith("qsrefresh ")]
    named = {line.split()[5]: line for line in commands}
    assert sorted(named) == sorted(mailed.verbs)
    healthy.account.mails.clear()
    run(healthy, named[mailed.command], KNOWN)
    if mailed.command == "show":  # it says what is wrong; `check` how to mend it
        run(healthy, remedies(healthy, Situation(lambda _: None, "datasetname"))[0], KNOWN)
    healthy.account.drop(WATCHED + mailed.file)
    healthy.account.settle()
    assert not [one for one in healthy.account.mails if one.subject.startswith("[ERROR]")]
    assert bool(healthy.account.mails) == (mailed.command != "ignore")


def test_what_no_command_mends_is_told_where_it_is_described() -> None:
    page = (loading.ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    sources = (loading.ROOT / "ops" / "qsrefresh" / "checks").glob("*.py")
    named = {
        title
        for path in sources
        for title in re.findall(r'docs/operations.md, "([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(named) >= 3
    for title in named:
        assert f"\n## {title}\n" in page
