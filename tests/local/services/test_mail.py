"""What is published is a mail, within SNS's limits."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.account import LocalAccount
from local.services.mail import Mail

TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:sampleproject-operation-topic"


def published(account: LocalAccount, **how: Any) -> Mail:
    account.client("sns").publish(TopicArn=TOPIC, **how)
    return account.mails[-1]


def test_a_mail_has_subject_and_text_as_published(account: LocalAccount) -> None:
    account.clock.run_for(5)
    mail = published(account, Subject="[ERROR]更新", Message="a\tb\nデータ")
    assert mail == Mail(TOPIC, "[ERROR]更新", "a\tb\nデータ", account.clock.now())
    folders = {"DataType": "String.Array", "StringValue": '["データ"]'}
    mail = published(account, Message="x", MessageAttributes={"folder": folders})
    assert mail.attributes == {"folder": {"Type": "String.Array", "Value": '["データ"]'}}


@pytest.mark.parametrize("subject", ["", "x" * 100, "更" * 100, "a\nb", "a\tb", "a\x7fb"])
def test_a_subject_is_short_and_of_one_line(account: LocalAccount, subject: str) -> None:
    assert published(account, Subject="更" * 99, Message="x").subject == "更" * 99
    with pytest.raises(ClientError, match="Invalid parameter: Subject"):
        published(account, Subject=subject, Message="x")
    assert len(account.mails) == 1


@pytest.mark.parametrize("message", ["x" * 262_145, "更" * 87_382], ids=["ascii", "utf-8"])
def test_a_message_has_no_more_than_256_kib(account: LocalAccount, message: str) -> None:
    assert published(account, Message="更" * 87_381).message == "更" * 87_381
    with pytest.raises(ClientError, match="Invalid parameter"):
        published(account, Message=message)
    assert len(account.mails) == 1


def test_a_message_is_not_empty(account: LocalAccount) -> None:
    with pytest.raises(ClientError, match="Invalid parameter: Empty message"):
        published(account, Message="")
    assert account.mails == []


def test_a_topic_that_is_not_there_is_not_found(account: LocalAccount) -> None:
    with pytest.raises(ClientError, match="Topic does not exist") as refused:
        account.client("sns").publish(TopicArn=f"{TOPIC}-2", Message="x")
    assert refused.value.response["Error"]["Code"] == "NotFound"
