"""make deploy and make undeploy, in an account where nothing is deployed."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from click.exceptions import Exit
from click.testing import CliRunner

import artifacts
import deploy
import template_parameters
import undeploy
from local.account import BUCKET, WATCHED, LocalAccount
from local.services.callers import Caller
from qsrefresh import bucket as buckets
from qsrefresh.aws import Aws
from qsrefresh.errors import NotConfirmedError, OperatorError
from qsrefresh.language import Language, Phrase, Voice
from stacks import line_of
from tests.docs.permissions import POLICIES, filled
from tests.workflow.scenarios import register

PROJECT = "sampleproject"
EMAIL = "operator@example.com"
WHERE = {"BucketName": BUCKET, "TargetFolderPath": WATCHED}
IN_ENGLISH = {**WHERE, "NotificationLanguage": "en"}
CODE = "qsrefresh-artifacts-123456789012-ap-northeast-1"
OTHERS = {
    "TopicConfigurations": [
        {"Id": "other", "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:other",
         "Events": ["s3:ObjectRemoved:*"]}
    ]
}  # fmt: skip


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    """One account for this module, with a bucket and nothing else."""
    with LocalAccount() as account:
        account.create_bucket()
        boto3.client("s3", region_name="eu-west-1").create_bucket(
            Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        yield account


@pytest.fixture
def account(deployed: LocalAccount) -> Iterator[LocalAccount]:
    """The account, with nothing deployed before and after."""
    yield deployed
    stacks = deployed.client("cloudformation")
    for name in (f"{PROJECT}-refresh", f"{PROJECT}-common"):
        stacks.delete_stack(StackName=name)
    for name in deployed.client("dynamodb").list_tables()["TableNames"]:
        deployed.client("dynamodb").delete_table(TableName=name)
    deployed.client("s3").put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={}
    )
    deployed.reset()


class Maker:
    """Runs make deploy as a person would."""

    def __init__(self, account: LocalAccount, capsys: pytest.CaptureFixture[str]) -> None:
        self.aws = Aws(account.client, lambda _: None)
        self.capsys = capsys

    def __call__(
        self,
        values: Any = IN_ENGLISH,
        email: str | None = EMAIL,
        dry_run: bool = False,
        yes: bool = True,
    ) -> str:
        """Return what it says; whether a file would be mailed is in ``ready``."""
        self.ready = True
        try:
            deploy.deploy(self.aws, PROJECT, values, email, dry_run, yes)
        except Exit:
            self.ready = False
        return self.said()

    def said(self) -> str:
        out, err = self.capsys.readouterr()
        return out + err


@pytest.fixture
def make_deploy(account: LocalAccount, capsys: pytest.CaptureFixture[str]) -> Maker:
    return Maker(account, capsys)


def there(account: LocalAccount) -> dict[str, Any]:
    """Return what a deployment makes, as far as somebody would notice."""
    found = account.client("cloudformation").describe_stacks()["Stacks"]
    topics = account.client("sns").list_topics()["Topics"]
    return {
        "stacks": {one["StackName"]: one["StackStatus"] for one in found},
        "topics": len(topics),
        "tables": account.client("dynamodb").list_tables()["TableNames"],
        "notifications": account.client("s3")
        .get_bucket_notification_configuration(Bucket=BUCKET)
        .keys()
        - {"ResponseMetadata"},
    }


NOTHING = {"stacks": {}, "topics": 0, "tables": [], "notifications": set()}


def confirm(account: LocalAccount) -> None:
    (asked,) = (one for one in account.mails if "Confirmation" in one.subject)
    (token,) = re.findall(r"--token (\S+)", asked.message)
    account.client("sns").confirm_subscription(TopicArn=asked.topic_arn, Token=token)


def test_a_project_is_deployed_and_said_to_be_ready_when_a_file_would_be_mailed(
    account: LocalAccount, make_deploy: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = account.client("s3")
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=OTHERS)

    said = make_deploy()
    assert not make_deploy.ready
    assert "Deployed, but not ready yet: 2 steps are missing." in said
    assert "The next one:\n  registrations: no folder is registered" in said
    assert "\n  → qsrefresh register FOLDER DATASET\n" in said
    kept = s3.get_bucket_notification_configuration(Bucket=BUCKET)
    assert [one["Id"] for one in kept["TopicConfigurations"]] == ["other"]

    register(account, "sales")
    said = make_deploy()
    assert f"1 step is missing. The next one:\n  mails: {EMAIL} has not confirmed yet" in said
    confirm(account)
    account.mails.clear()
    said = make_deploy({})
    assert make_deploy.ready
    assert f"Nothing to change in stack {PROJECT}-common." in said
    assert f"Nothing to change in stack {PROJECT}-refresh." in said
    assert "Ready: a file in a registered folder is refreshed and mailed." in said
    assert account.mails == []  # nobody is asked to confirm again

    account.drop(f"{WATCHED}sales/a.csv")
    account.settle()
    assert [one.subject for one in account.mails] == ["[SUCCESS]QuickSight refresh succeeded"]

    monkeypatch.setattr(buckets, "region_of", lambda *_: "eu-west-1")  # its events are forwarded
    said = make_deploy({"NotificationLanguage": "ja"})
    assert "あと1つの手順が残っています:" in said
    assert f"スタック{PROJECT}-refreshの更新: " in said
    assert f"{PROJECT}-refreshを更新しています。" in said
    assert "~ CheckIngestionStatusFunction (AWS::Lambda::Function)" in said
    account.drop(f"{WATCHED}sales/b.csv")
    account.settle()
    assert account.mails[-1].subject == "[SUCCESS]QuickSight更新処理正常終了"


@pytest.mark.parametrize(
    ("project", "values", "email", "reason"),
    [
        ("Sample", {}, EMAIL, "ProjectId must be 1 to 35 lower-case letters"),
        (PROJECT, {"BucketName": "s3://x"}, EMAIL, "BucketName must be the name of an S3 bucket"),
        (PROJECT, {"TargetFolderPath": "/data"}, EMAIL, "must end with a slash"),
        (PROJECT, {"TargetFolderPath": "x" * 300 + "/"}, EMAIL, "at most 300"),
        (PROJECT, {"NotificationLanguage": "fr"}, EMAIL, "must be ja or en"),
        (PROJECT, {"SettleSeconds": "901"}, EMAIL, "between 0 (refresh at once) and 900"),
        (PROJECT, {"SettleSeconds": "soon"}, EMAIL, "between 0 (refresh at once) and 900"),
        (PROJECT, {"Settle": "1"}, EMAIL, "Settle is no parameter; these are: ProjectId"),
        (PROJECT, {}, "operator", "operator is no e-mail address"),
        (PROJECT, {"BucketName": "not-there"}, EMAIL, "there is no bucket not-there"),
        (PROJECT, {"BucketName": "far-away"}, EMAIL, "is in the Region eu-west-1"),
    ],
)
def test_a_bad_value_is_told_before_anything_is_created(
    account: LocalAccount,
    make_deploy: Maker,
    project: str,
    values: dict[str, str],
    email: str,
    reason: str,
) -> None:
    with pytest.raises(OperatorError) as caught:
        deploy.deploy(make_deploy.aws, project, {**WHERE, **values}, email, False, True)
    assert reason in " ".join([caught.value.message, *caught.value.details])
    assert there(account) == NOTHING


def test_the_first_time_bucket_and_folder_are_asked_for(make_deploy: Maker) -> None:
    with pytest.raises(OperatorError, match="BUCKET and FOLDER must be given") as caught:
        make_deploy({})
    assert caught.value.way_out.startswith(f"make deploy PROJECT={PROJECT} BUCKET=")


def test_a_region_without_the_layer_is_told_first(
    account: LocalAccount, make_deploy: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploy, "layer_parameter", lambda _: "/aws/service/powertools/none")
    with pytest.raises(OperatorError, match="is not published in ap-northeast-1"):
        make_deploy()
    assert there(account) == NOTHING


def test_a_dry_run_shows_and_changes_nothing(account: LocalAccount, make_deploy: Maker) -> None:
    said = make_deploy(dry_run=True)
    assert f"create stack {PROJECT}-common:" in said
    assert "+ 1 AWS::DynamoDB::Table" in said
    assert f"create stack {PROJECT}-refresh: what it adds can be shown when" in said
    assert f"+ email {EMAIL}" in said
    assert said.endswith("Nothing was changed (DRY_RUN).\n")
    assert there(account) == NOTHING


def test_a_project_with_japanese_mails_is_asked_about_in_japanese(
    account: LocalAccount, make_deploy: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.client("s3").put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration=OTHERS
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("y\ny\ny\n"))
    said = make_deploy(WHERE, yes=False)  # without MAIL_LANGUAGE, the template's default
    assert f"スタック{PROJECT}-commonをこのとおり作成しますか？" in said
    assert f"スタック{PROJECT}-refreshをこのとおり作成しますか？" in said
    assert f"バケット{BUCKET}の通知設定の変更\n+ EventBridgeConfiguration\n" in said
    assert "  Topicの通知otherはそのまま: s3:ObjectRemoved:*\n" in said
    assert f"{BUCKET}のすべてのイベントをEventBridgeに送りますか？" in said
    said = make_deploy({}, dry_run=True)
    assert f"スタック{PROJECT}-refreshには変わるところがありません。" in said
    assert said.endswith("何も変更していません（DRY_RUN）。\n")


def test_a_no_leaves_nothing_behind(
    account: LocalAccount, make_deploy: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(NotConfirmedError) as caught:
        make_deploy(yes=False)
    assert "YES=1" in caught.value.way_out
    assert there(account) == NOTHING


def test_a_failed_first_creation_says_how_to_go_on_and_the_next_try_does(
    account: LocalAccount, make_deploy: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = f"{PROJECT}-refresh-state"
    tables = account.client("dynamodb")
    tables.create_table(
        TableName=in_the_way,
        AttributeDefinitions=[{"AttributeName": "S3uri", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "S3uri", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    reason = f"'AWS::DynamoDB::Table' with identifier '{in_the_way}' already exists."
    with pytest.raises(OperatorError) as caught:
        make_deploy()
    assert [one.partition(":")[0] for one in caught.value.details] == ["RefreshStateTable"]
    assert f"stack {PROJECT}-refresh could not be created" in caught.value.message
    assert "(ROLLBACK_COMPLETE)" in caught.value.message
    assert reason in caught.value.details[0]
    assert "run the same command again: it asks to delete" in caught.value.way_out
    assert there(account)["stacks"][f"{PROJECT}-refresh"] == "ROLLBACK_COMPLETE"

    tables.delete_table(TableName=in_the_way)
    with pytest.raises(OperatorError, match="has to be deleted first"):
        make_deploy(dry_run=True)
    make_deploy.said()

    monkeypatch.setattr("sys.stdin", io.StringIO("y\ny\ny\n"))
    said = make_deploy(yes=False)
    assert f"Delete what is left of {PROJECT}-refresh, and go on?" in said
    assert reason in said
    assert there(account)["stacks"][f"{PROJECT}-refresh"] == "CREATE_COMPLETE"


def test_what_undeploy_leaves_the_next_deployment_takes_over(
    account: LocalAccount, make_deploy: Maker
) -> None:
    make_deploy()
    register(account, "sales")
    undeploy.undeploy(make_deploy.aws, PROJECT, dry_run=False, yes=True)
    said = make_deploy.said()
    assert f"aws dynamodb delete-table --table-name {PROJECT}-parameters" in said
    assert f"aws s3 rm --recursive s3://{CODE}/{PROJECT}/" in said
    assert f"the events of {BUCKET}" in said
    assert there(account)["stacks"] == {}
    assert there(account)["tables"] == [f"{PROJECT}-parameters"]

    said = make_deploy()
    assert "+ ParameterTable (AWS::DynamoDB::Table): taken over as it is" in said
    assert "✓ registrations: 1, all valid" in said
    assert f"Nothing to change in stack {PROJECT}-common." in make_deploy()


def test_undeploy_asks_and_can_be_tried(
    account: LocalAccount, make_deploy: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OperatorError, match=f"no stack of project {PROJECT} is in the Region"):
        undeploy.undeploy(make_deploy.aws, PROJECT, dry_run=False, yes=True)
    make_deploy()
    before = there(account)
    undeploy.undeploy(make_deploy.aws, PROJECT, dry_run=True, yes=False)
    assert f"- stack {PROJECT}-refresh" in make_deploy.said()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(NotConfirmedError) as caught:
        undeploy.undeploy(make_deploy.aws, PROJECT, dry_run=False, yes=False)
    assert "YES=1" in caught.value.way_out
    assert there(account) == before


def test_undeploy_speaks_the_language_of_the_mails(make_deploy: Maker) -> None:
    make_deploy({**IN_ENGLISH, "NotificationLanguage": "ja"})
    undeploy.undeploy(make_deploy.aws, PROJECT, dry_run=True, yes=False)
    said = make_deploy.said()
    assert f"  登録（次のmake deployが引き継ぎます）: テーブル{PROJECT}-parameters\n" in said
    assert f"  {BUCKET}のイベント（EventBridgeに送られ続けます）\n    docs/deploy.ja.md" in said
    for phrase in (one for one in vars(undeploy).values() if isinstance(one, Phrase)):
        ja, en = (sorted(re.findall(r"{\w+}", text)) for text in phrase)
        assert ja == en


def test_the_same_files_are_the_same_artifacts_and_complete() -> None:
    template, files = artifacts.packaged(deploy.REFRESH, CODE, PROJECT)
    assert (template, files) == artifacts.packaged(deploy.REFRESH, CODE, PROJECT)
    text = template.body.decode()
    assert "CodeUri: functions/" not in text
    assert "DefinitionUri: statemachine/" not in text
    for one in files:
        assert f"s3://{CODE}/{one.key}\n" in text
    (judge,) = (one for one in files if one.key.endswith("/check_ingestion_status.zip"))
    with zipfile.ZipFile(io.BytesIO(judge.body)) as archive:
        names = set(archive.namelist())
        assert all(entry.external_attr >> 16 & 0o444 == 0o444 for entry in archive.infolist())
    folder = deploy.ROOT / "functions" / "check_ingestion_status"
    there = {path.name for path in folder.iterdir() if path.is_file()}
    assert names == there


def test_every_constraint_of_a_template_is_one_that_is_checked() -> None:
    known = {"Type", "Description", "Default", "ConstraintDescription"}
    known |= {"AllowedPattern", "AllowedValues", "MinValue", "MaxValue", "MaxLength"}
    for template in (deploy.COMMON, deploy.REFRESH):
        for declared in template_parameters.parameters(template).values():
            assert set(declared) <= known
            assert declared["Type"] in ("String", "Number")
            assert "ConstraintDescription" in declared


def test_settings_come_from_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(deploy, "deploy", lambda *how: given.extend(how))
    for name, value in {
        "PROJECT": PROJECT,
        "BUCKET": BUCKET,
        "FOLDER": "売上/",
        "MAIL_LANGUAGE": "en",
        "SET": "SettleSeconds=60 StaleAfterHours=24",
        "AWS_REGION": "eu-west-1",
        "DRY_RUN": "1",
    }.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(deploy.main, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    aws, *others = given
    assert aws.region == "eu-west-1"
    assert others == [
        PROJECT,
        {
            "BucketName": BUCKET,
            "TargetFolderPath": "売上/",
            "NotificationLanguage": "en",
            "SettleSeconds": "60",
            "StaleAfterHours": "24",
        },
        None,
        True,
        False,
    ]


def test_a_change_that_replaces_is_told() -> None:
    change = {"Action": "Modify", "LogicalResourceId": "Table", "ResourceType": "X"}

    def told(language: Language = "en", **more: str) -> str:
        return Voice(language).tell(line_of({**change, **more}))

    assert told(Replacement="True") == "~ Table (X): REPLACED by a new one"
    assert told("ja", Replacement="True") == "~ Table (X): 新しいものに【置き換わります】"
    assert told(Replacement="Conditional") == "~ Table (X): perhaps REPLACED"
    assert told(Replacement="False") == "~ Table (X)"
    assert told(Action="Remove") == "- Table (X)"


def test_the_policies_for_people_are_enough(account: LocalAccount) -> None:
    here = {"ACCOUNT": account.account_id, "REGION": account.region}
    policies = [
        filled(POLICIES[title], PROJECT=PROJECT, BUCKET=BUCKET, **here)
        for title in ("Deployer", "Operator")
    ]
    caller = Caller(account.world, [one for policy in policies for one in policy])
    aws = Aws(caller.client, lambda _: None)
    for values in (WHERE, {"NotificationLanguage": "en"}):
        deploy.Deployment(aws, PROJECT, values, EMAIL, yes=True).run()
    undeploy.undeploy(aws, PROJECT, dry_run=False, yes=True)
    deploy.Deployment(aws, PROJECT, WHERE, EMAIL, yes=True).run()  # takes the table over
