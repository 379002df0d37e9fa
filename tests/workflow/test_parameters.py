"""What a stack's parameters change; each test deploys stacks of its own."""

import re

import pytest

from local.account import BUCKET, WATCHED, LocalAccount
from local.services.quicksight import Dataset
from local.services.template_constraints import ParameterRefusedError
from tests.workflow.invariants import state_items
from tests.workflow.scenarios import PARAMETERS, STATE, at_state, stop_at


def test_a_refresh_that_outlives_the_deadline_is_reported_as_still_running() -> None:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", RefreshTimeoutSeconds="600")
        account.register()
        for dataset in account.quicksight.datasets.values():
            dataset.seconds = lambda _: 1e9
        began = account.clock.now()
        account.drop(f"{WATCHED}tokyo_covid19/a.csv")
        account.settle()
        (mail,) = account.mails
        assert mail.subject.startswith("[ERROR]")
        assert mail.message.count("TIMED_OUT") >= 2
        assert account.clock.now() - began == pytest.approx(600, abs=60)


def test_without_monitoring_a_refresh_mails_and_no_alarm_is_there() -> None:
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", Monitoring="none")
        account.register()
        account.drop(f"{WATCHED}tokyo_covid19/a.csv")
        account.settle()
        assert [mail.subject for mail in account.mails] == ["[SUCCESS]QuickSight refresh succeeded"]
        stack = f"{account.project}-refresh"
        resources = account.client("cloudformation").list_stack_resources(StackName=stack)
        kinds = {one["ResourceType"] for one in resources["StackResourceSummaries"]}
        assert not {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"} & kinds


def test_refreshes_keep_their_distance_and_wait_no_longer_than_that() -> None:
    with LocalAccount() as account:
        account.deploy(MinMinutesBetweenRefreshes="45", SettleSeconds="0")
        account.register()
        dataset = next(iter(account.quicksight.datasets.values()))
        for pause in (0, 10 * 60, 3 * 3600):
            account.clock.run_for(pause)
            account.drop(f"{WATCHED}tokyo_covid19/a.csv")
            account.settle()
        first, second, third = sorted(one.created for one in dataset.ingestions.values())
        assert second - first == pytest.approx(45 * 60, abs=60)
        assert third - second > 3 * 3600 - 60
        (item,) = state_items(account)
        assert float(item["lastStarted"]) == pytest.approx(third, abs=60)


def test_who_takes_over_knows_what_the_run_before_left_behind() -> None:
    with LocalAccount() as account:
        account.deploy(MinMinutesBetweenRefreshes="45", NotificationLanguage="en")
        account.register()
        key = f"{WATCHED}tokyo_covid19"
        at_state(account, "Refresh Each Dataset", lambda _: account.drop(f"{key}/late.csv"))
        stop_at(account, "Start Next Run")
        account.drop(f"{key}/a.csv")
        account.settle()
        dataset = next(iter(account.quicksight.datasets.values()))
        first, second = sorted(one.created for one in dataset.ingestions.values())
        assert second - first == pytest.approx(45 * 60, abs=60)
        assert "(last time" in account.mails[-1].message


@pytest.mark.parametrize(
    ("settle", "most", "waited"), [("200", "300", 300), ("900", "300", 300), ("0.5", "300", 1)]
)
def test_files_that_keep_coming_are_waited_for_in_whole_seconds_up_to_the_most(
    settle: str, most: str, waited: float
) -> None:
    with LocalAccount() as account:
        account.deploy(SettleSeconds=settle, MaxSettleSeconds=most)
        account.register()
        began = account.clock.now()

        def keep_dropping() -> None:
            for number in range(100):
                account.drop(f"{WATCHED}tokyo_covid19/{number}.csv")
                account.clock.sleep(4)

        account.clock.spawn("test: files", keep_dropping)
        account.settle()
        dataset = next(iter(account.quicksight.datasets.values()))
        first = min(one.created for one in dataset.ingestions.values())
        assert first - began == pytest.approx(waited, abs=5)
        assert {mail.subject[:9] for mail in account.mails} == {"[SUCCESS]"}


def test_the_rule_watches_the_folder_it_is_given() -> None:
    watched = "データ/a b+%/"
    with LocalAccount() as account:
        account.deploy(watched=watched)
        account.quicksight.add(Dataset("d", "d"))
        account.register(
            [
                {
                    "S3uri": f"s3://{account.bucket}/{watched}",
                    "datasets": [{"datasetid": "d", "datasetname": "d"}],
                }
            ]
        )
        account.drop(f"{WATCHED}a.csv")
        account.settle()
        assert account.executions == []
        account.drop(f"{watched}deep/er/a.csv")
        account.settle()
        assert len(account.quicksight.datasets["d"].ingestions) == 1


def test_the_mails_come_in_japanese_unless_asked_otherwise() -> None:
    with LocalAccount() as account:
        account.deploy()
        account.register()
        account.drop(f"{WATCHED}tokyo_covid19/a.csv")
        account.settle()
        (mail,) = account.mails
        assert mail.subject == "[SUCCESS]QuickSight更新処理正常終了"
        assert mail.message.startswith("QuickSightの更新は正常終了しました。\n\t・データセット")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("project", "Upper"),
        ("project", "x" * 36),
        ("bucket", "No_Bucket"),
        ("watched", "no-slash"),
        ("NotificationLanguage", "fr"),
        ("RefreshTimeoutSeconds", "90000"),
    ],
)
def test_a_bad_parameter_is_refused_before_anything_is_created(name: str, value: str) -> None:
    with LocalAccount() as account, pytest.raises(ParameterRefusedError, match="must"):
        account.deploy(**{name: value})  # type: ignore[arg-type]


def test_a_stack_may_watch_folders_that_say_nothing_themselves() -> None:
    folder = f"s3://{BUCKET}/{WATCHED}"
    with LocalAccount() as account:
        account.deploy(StaleAfterHours="24")
        tables = account.client("dynamodb")
        before = {"N": str(int(account.clock.now()) - 30 * 3600)}
        for name, hours in (("a", None), ("b", {"N": "0"}), ("c", {"S": "x"}), ("d", {"N": "48"})):
            key = {"S3uri": {"S": f"{folder}{name}/"}}
            item = {**key, "datasets": {"L": []}} | ({"freshwithin": hours} if hours else {})
            tables.put_item(TableName=PARAMETERS, Item=item)
            tables.put_item(TableName=STATE, Item={**key, "lastSucceeded": before})
        account.tick()
        account.settle()
        (mail,) = account.mails
    assert mail.subject == "[ERROR]QuickSightのデータが古くなっています"
    told = re.findall(r"\t・フォルダ「(.*?)」は、24時間以内に更新される予定ですが、", mail.message)
    assert sorted(told) == [f"{folder}a/", f"{folder}c/"]
    assert " JSTを最後に、更新が成功していません。" in mail.message
