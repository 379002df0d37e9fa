"""Both terminals of docs/walkthrough.md and of its Japanese twin, made again and compared."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from local.account import BUCKET, LocalAccount
from local.programs.words import Language
from tests.docs.pages import blocks, page
from tests.ops.transcript import masked, transcript


@pytest.mark.parametrize(
    ("language", "name"), [("en", "walkthrough.md"), ("ja", "walkthrough.ja.md")]
)
def test_the_set_up_by_command_is_as_shown(language: Language, name: str, tmp_path: Path) -> None:
    with LocalAccount() as account:
        made = [masked(text) for text in transcript(account, tmp_path, language)]
    shown = blocks(page(name), "console")
    again = "write it again: .venv/bin/python -m tests.ops.transcript"
    assert [masked(text.rstrip("\n")) for text in shown] == made, again


def test_an_address_is_confirmed_and_a_file_put_without_the_aws_cli(
    account: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(line: str, *arguments: str) -> None:
        python, option, program, *_ = shlex.split(line)
        assert (python, option) == ("python", "-c")
        monkeypatch.setattr(sys, "argv", [option, *arguments])
        exec(program)

    monkeypatch.setenv("AWS_DEFAULT_REGION", account.region)
    assert [*blocks(page("walkthrough.ja.md"), "sh")] == [*blocks(page("walkthrough.md"), "sh")]
    (commands,) = blocks(page("walkthrough.md"), "sh")
    confirm, put = commands.splitlines()
    sns = account.client("sns")
    topic = account.arn("sns", f"{account.project}-operation-topic")
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="operator@example.com")
    (token,) = re.findall(r"--token (\S+)", account.mails[0].message)
    run(confirm, topic, token)
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert subscription["SubscriptionArn"] != "PendingConfirmation"
    for _ in range(2):  # S3 lets nobody put a file over another without credentials
        run(put, "README.md", BUCKET, "some/README.md")
    assert account.client("s3").head_object(Bucket=BUCKET, Key="some/README.md")
