"""``subscribe`` and ``unsubscribe``: who gets which mails, and the alarms exactly once."""

import shlex
from collections.abc import Iterator
from itertools import product

import pytest
from botocore.exceptions import ClientError
from moto.cloudformation.models import cloudformation_backends

from local.account import LocalAccount
from qsrefresh import subscriptions
from tests.ops.conftest import FOLDER, OTHER, Shell
from tests.ops.verbs.test_setting_up import ADDRESS

#: Command line → what its address gets: mails that say SUCCESS, that say ERROR, of another folder,
#: and alarms.
CHOICES = {
    (): {"SUCCESS", "ERROR", "other", "alarm"},
    ("--errors-only",): {"ERROR", "other", "alarm"},
    ("--folder", FOLDER): {"SUCCESS", "ERROR"},
    ("--folder", FOLDER, "--errors-only"): {"ERROR"},
}


@pytest.fixture
def registered(qsrefresh: Shell) -> Shell:
    """Two folders, and nobody who gets mails."""
    qsrefresh("register", FOLDER, "one")
    qsrefresh("register", OTHER, "two")
    return qsrefresh


def confirmations(account: LocalAccount) -> Iterator[tuple[str, str]]:
    """Yield topic and token of each mail of AWS that asks for confirmation."""
    for mail in account.mails:
        if mail.subject == "AWS Notification - Subscription Confirmation":
            yield mail.topic_arn, mail.message.split()[-1]


def confirm(account: LocalAccount) -> None:
    """Confirm everything that was asked."""
    for topic, token in confirmations(account):
        account.client("sns").confirm_subscription(TopicArn=topic, Token=token)


def publish(account: LocalAccount, what: str, topic: str, **attributes: str) -> None:
    account.client("sns").publish(
        TopicArn=account.arn("sns", f"sampleproject-{topic}-topic"),
        Message=what,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )


def received(account: LocalAccount) -> list[str]:
    """Publish one message of each kind, and return which of them the address gets."""
    account.mails.clear()
    publish(account, "SUCCESS", "operation", verdict="SUCCESS", folder=FOLDER)
    publish(account, "ERROR", "operation", verdict="ERROR", folder=FOLDER)
    publish(account, "other", "operation", verdict="ERROR", folder=OTHER)
    # An alarm acts on both topics, and has no attributes.
    publish(account, "alarm", "operation")
    publish(account, "alarm", "alarm")
    return [mail.message for mail in account.inbox(ADDRESS)]


class TestChoices:
    @pytest.mark.parametrize("choice", CHOICES)
    def test_an_address_gets_what_it_chose_each_once(
        self, registered: Shell, choice: tuple[str, ...]
    ) -> None:
        assert registered("subscribe", ADDRESS, *choice).exit_code == 0
        confirm(registered.account)
        assert sorted(received(registered.account)) == sorted(CHOICES[choice])

    @pytest.mark.parametrize(("before", "after"), list(product(CHOICES, CHOICES)))
    def test_a_confirmed_address_may_choose_again(
        self, registered: Shell, before: tuple[str, ...], after: tuple[str, ...]
    ) -> None:
        registered("subscribe", ADDRESS, *before)
        confirm(registered.account)
        registered.account.mails.clear()
        assert registered("subscribe", ADDRESS, *after).exit_code == 0
        confirm(registered.account)
        assert sorted(received(registered.account)) == sorted(CHOICES[after])
        assert "Nothing to do" in registered("subscribe", ADDRESS, *after).stderr

    def test_several_folders_are_one_filter(self, registered: Shell) -> None:
        folders = ("--folder", OTHER, "--folder", FOLDER.removesuffix("/"), "--folder", FOLDER)
        plan = registered.json("subscribe", ADDRESS, *folders, "--errors-only", "--dry-run")
        assert [step["filter"] for step in plan] == [
            {"verdict": ["ERROR"], "folder": [FOLDER, OTHER]}
        ]

    def test_no_choice_loses_an_alarm_to_a_filter_that_excludes_them(self) -> None:
        """SNS would let no alarm through it: they have no attributes at all."""
        policies = [
            subscriptions.Choice(errors, folders).policy
            for errors, folders in product((False, True), ((), (FOLDER,)))
        ]
        assert not [one for one in policies if "exists" in one]


class TestWhatIsSaid:
    def test_errors_only_is_confirmed_twice(self, registered: Shell) -> None:
        told = registered("subscribe", ADDRESS, "--errors-only").stderr
        assert "twice, for the mails and for the alarms" in told
        topics = [topic.rpartition(":")[2] for topic, _ in confirmations(registered.account)]
        assert sorted(topics) == ["sampleproject-alarm-topic", "sampleproject-operation-topic"]

    def test_no_alarm_comes_before_its_topic_is_confirmed(self, registered: Shell) -> None:
        registered("subscribe", ADDRESS)
        confirm(registered.account)
        told = registered("subscribe", ADDRESS, "--errors-only").stderr
        assert "No alarm comes before" in told
        assert "up to 15 minutes" in told

    def test_folders_have_no_alarms(self, registered: Shell) -> None:
        told = registered("subscribe", ADDRESS, "--folder", FOLDER).stderr
        assert f"Alarms belong to no folder: {ADDRESS} gets none." in told

    def test_a_question_of_aws_that_is_no_longer_meant_is_told(self, registered: Shell) -> None:
        registered("subscribe", ADDRESS, "--errors-only")
        (topic, token), *_ = (
            one for one in confirmations(registered.account) if "operation" in one[0]
        )
        registered.account.client("sns").confirm_subscription(TopicArn=topic, Token=token)
        assert "leave that mail alone" in registered("subscribe", ADDRESS).stderr

    def test_the_command_confirms_so_that_only_the_account_unsubscribes(
        self, registered: Shell
    ) -> None:
        told = registered("subscribe", ADDRESS, "--errors-only").stderr
        assert "Whoever gets a mail forwarded" in told
        commands = [shlex.split(line) for line in told.splitlines() if line.startswith("  aws ")]
        asked = dict(confirmations(registered.account))
        assert [line[line.index("--topic-arn") + 1] for line in commands] == list(asked)
        for line in commands:
            assert line[:3] == ["aws", "sns", "confirm-subscription"]
            assert line[line.index("--authenticate-on-unsubscribe") + 1] == "true"
            assert line[-2:] == ["--token", "TOKEN"]


class TestSubscribe:
    def test_aws_asks_for_confirmation(self, qsrefresh: Shell) -> None:
        result = qsrefresh("subscribe", ADDRESS)
        assert result.exit_code == 0
        assert f"AWS writes to {ADDRESS} and asks for confirmation: open the link" in result.stderr
        (one,) = qsrefresh.subscriptions()
        assert (one["Endpoint"], one["SubscriptionArn"]) == (ADDRESS, "PendingConfirmation")
        assert len(list(confirmations(qsrefresh.account))) == 1

    def test_again_while_unconfirmed_asks_again_and_then_no_more(self, qsrefresh: Shell) -> None:
        account = qsrefresh.account
        qsrefresh("subscribe", ADDRESS)
        qsrefresh("subscribe", ADDRESS)
        assert len(account.mails) == 2
        confirm(account)
        assert "Nothing to do" in qsrefresh("subscribe", ADDRESS).stderr
        assert len(account.mails) == 2

    def test_a_dry_run_shows_exactly_what_is_then_done(self, registered: Shell) -> None:
        plan = registered.json("subscribe", ADDRESS, "--errors-only", "--dry-run")
        shown = registered("subscribe", ADDRESS, "--errors-only", "--dry-run").stdout
        assert registered.subscriptions() == []
        assert registered("subscribe", ADDRESS, "--errors-only").stdout == shown
        assert [(step["action"], step["email"]) for step in plan] == [("subscribe", ADDRESS)] * 2
        assert [step["topic"] in shown for step in plan] == [True, True]
        (one,) = registered.subscriptions()
        assert one["TopicArn"] == plan[1]["topic"]

    @pytest.mark.parametrize("address", ["operator", "a@b", "a b@example.com", "x@example."])
    def test_what_is_no_address_is_refused(self, qsrefresh: Shell, address: str) -> None:
        assert "is no e-mail address" in qsrefresh.refused("subscribe", address)

    def test_another_choice_before_the_first_is_confirmed_is_refused(
        self, registered: Shell
    ) -> None:
        registered("subscribe", ADDRESS, "--folder", FOLDER)
        told = registered.refused("subscribe", ADDRESS, "--folder", OTHER)
        assert "was asked before, with another choice, and has not confirmed" in told
        assert "48 hours" in told

    def test_a_folder_that_nobody_registered_is_refused(self, registered: Shell) -> None:
        told = registered.refused("subscribe", ADDRESS, "--folder", f"{FOLDER}2025/")
        assert f"{FOLDER}2025/ is not registered" in told

    @pytest.mark.parametrize("name", ['a"b', "a\\b", "a\tb"])
    def test_a_folder_that_no_filter_finds_safely_is_refused(
        self, registered: Shell, name: str
    ) -> None:
        odd = f"{FOLDER}{name}/"
        registered("register", odd, "one", "--yes")
        assert "no filter of AWS finds" in registered.refused("subscribe", ADDRESS, "--folder", odd)

    def test_more_folders_than_a_filter_takes_are_refused(
        self, registered: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("qsrefresh.verbs.subscribe.MOST_FOLDERS", 1)
        both = ("--folder", FOLDER, "--folder", OTHER)
        assert "takes 1 folders at most" in registered.refused("subscribe", ADDRESS, *both)

    def test_a_shared_stack_without_the_topic_of_the_alarms_is_told(
        self, registered: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = registered.account
        exports = cloudformation_backends[account.account_id][account.region].exports
        (name,) = (one for one, export in exports.items() if "alarm" in export.name)
        monkeypatch.delitem(exports, name)
        told = registered.refused("subscribe", ADDRESS, "--errors-only")
        assert "has no topic for alarms yet" in told
        assert registered("subscribe", ADDRESS, "--folder", FOLDER).exit_code == 0


class TestUnsubscribe:
    @pytest.mark.parametrize("choice", CHOICES)
    def test_an_address_gets_nothing_any_more(
        self, registered: Shell, choice: tuple[str, ...]
    ) -> None:
        registered("subscribe", ADDRESS, *choice)
        confirm(registered.account)
        plan = registered.json("unsubscribe", ADDRESS, "--dry-run")
        assert {step["action"] for step in plan} == {"remove"}
        assert received(registered.account)
        assert registered("unsubscribe", ADDRESS, input="y\n").exit_code == 0
        assert received(registered.account) == []
        assert f"{ADDRESS} is not subscribed" in registered.refused("unsubscribe", ADDRESS)

    def test_it_asks(self, registered: Shell) -> None:
        registered("subscribe", ADDRESS)
        confirm(registered.account)
        assert "not confirmed" in registered.refused("unsubscribe", ADDRESS, input="n\n")

    def test_one_that_waits_cannot_be_removed(self, registered: Shell) -> None:
        registered("subscribe", ADDRESS, "--errors-only")
        result = registered("unsubscribe", ADDRESS)
        assert result.exit_code == 0
        for topic in ("operation", "alarm"):
            assert f"has not confirmed sampleproject-{topic}-topic" in result.stderr
        assert "48 hours" in result.stderr
        assert registered.json("unsubscribe", ADDRESS) == []
        assert len(registered.subscriptions()) == 1


def test_a_wrong_token_confirms_nothing(qsrefresh: Shell) -> None:
    qsrefresh("subscribe", ADDRESS)
    topic = qsrefresh.account.mails[0].topic_arn
    with pytest.raises(ClientError, match="Token"):
        qsrefresh.account.client("sns").confirm_subscription(TopicArn=topic, Token="x")
    assert qsrefresh.subscriptions()[0]["SubscriptionArn"] == "PendingConfirmation"
