"""Take a project's stacks away, after a question, and say what stays."""

import click

import artifacts
from qsrefresh.aws import Aws, connect
from qsrefresh.errors import NotConfirmedError, OperatorError
from qsrefresh.language import Phrase, Voice, voice_for
from qsrefresh.options import confirm
from qsrefresh.output import say, write_diff
from stacks import Stack

_WHERE = Phrase(
    ja="アカウント{account}、リージョン{region}", en="Account {account}, Region {region}"
)
_QUESTION = Phrase(
    ja="削除しますか？ 実行中の更新は打ち切られ、メールも送られません。次にデプロイしたあとは、"
    "全員がメールの登録をやり直します。",
    en="Delete them? Refreshes under way are cut off without a mail; everybody has to subscribe"
    " again after the next deployment.",
)
_NOTHING_DELETED = Phrase(
    ja="何も削除していません（DRY_RUN）。", en="Nothing was deleted (DRY_RUN)."
)
_DELETING = Phrase(ja="{name}を削除しています …", en="Deleting {name} …")
_STAYS = Phrase(
    ja="残るものと、それを削除する方法:\n"
    "  登録（次のmake deployが引き継ぎます）: テーブル{table}\n"
    "    aws dynamodb delete-table --table-name {table}\n"
    "  アップロードしたコード\n"
    "    aws s3 rm --recursive s3://{code}/{project}/\n"
    "  {bucket}のイベント（EventBridgeに送られ続けます）\n"
    "    docs/deploy.ja.mdの「削除」",
    en="What stays, and what deletes it:\n"
    "  the registrations, which the next make deploy takes over: the table {table}\n"
    "    aws dynamodb delete-table --table-name {table}\n"
    "  the uploaded code\n"
    "    aws s3 rm --recursive s3://{code}/{project}/\n"
    "  the events of {bucket}, which EventBridge goes on getting\n"
    '    docs/deploy.md, "Remove"',
)
_THE_BUCKET = Phrase(ja="バケット", en="the bucket")


def undeploy(aws: Aws, project: str, dry_run: bool, yes: bool) -> None:
    """Delete both stacks, the one that uses the other first.

    Raises:
        OperatorError: neither is there, nobody said yes, or CloudFormation could not delete one.
    """
    there = [
        stack
        for stack in (Stack(aws, f"{project}-refresh"), Stack(aws, f"{project}-common"))
        if stack.status is not None
    ]
    if not there:
        raise OperatorError(
            f"no stack of project {project} is in the Region {aws.region}",
            "is it another Region (REGION=…) or account?",
        )
    values = there[0].values()
    voice = voice_for(None, values.get("NotificationLanguage"), utc=False)
    say(voice.say(_WHERE, account=aws.account_id, region=aws.region))
    write_diff([f"- stack {one.name}" for one in there])
    if dry_run:
        say(voice.say(_NOTHING_DELETED))
    else:
        _confirm(voice, yes)
        for stack in there:
            say(voice.say(_DELETING, name=stack.name))
            stack.delete()
    what_stays = voice.say(
        _STAYS,
        table=f"{project}-parameters",
        code=artifacts.bucket_name(aws.account_id, aws.region),
        project=project,
        bucket=values.get("BucketName", _THE_BUCKET),
    )
    for line in what_stays.splitlines():
        say(line)


def _confirm(voice: Voice, yes: bool) -> None:
    """Ask; make has another way to say yes than qsrefresh has."""
    try:
        confirm(voice.say(_QUESTION), yes)
    except NotConfirmedError as error:
        raise NotConfirmedError("answer y, or add YES=1") from error


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--project", envvar="PROJECT", required=True, help="ProjectId.")
@click.option(
    "--region", envvar=["REGION", "AWS_REGION"], help="AWS Region; without it, that of the AWS CLI."
)
@click.option("--dry-run", envvar="DRY_RUN", is_flag=True, help="Delete nothing.")
@click.option("--yes", envvar="YES", is_flag=True, help="Do not ask.")
def main(project: str, region: str | None, dry_run: bool, yes: bool) -> None:
    """Delete a project's stacks; the registrations stay.

    Example: make undeploy PROJECT=sampleproject
    """
    undeploy(connect(None, region), project, dry_run, yes)


if __name__ == "__main__":
    main()
