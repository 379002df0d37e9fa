"""Deploy a project: both stacks, the bucket's events, a subscriber; then say what is still missing.

Everything is looked at before anything is made, and shown before it is changed. The same command
again changes nothing, or what is new in the templates. It works on AWS or, with AWS_ENDPOINT_URL,
on what stands in for it.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import click

import artifacts
from qsrefresh import bucket as buckets
from qsrefresh import checks, subscriptions
from qsrefresh.aws import Aws, connect
from qsrefresh.checks.finding import Level
from qsrefresh.errors import AwsError, NotConfirmedError, OperatorError
from qsrefresh.language import Phrase, Sentence, Voice, sentence, voice_for
from qsrefresh.lookalike import from_ascii
from qsrefresh.options import confirm
from qsrefresh.output import say, write_diff, write_finding
from qsrefresh.project import find_project
from stacks import ChangeSet, Stack, Wanted
from template_parameters import layer_parameter, parameters, problems

ROOT = Path(__file__).resolve().parent.parent
COMMON = ROOT / "common" / "template.yaml"
REFRESH = ROOT / "template.yaml"
_Command = TypeVar("_Command", bound=Callable[..., Any])
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_TABLE_NAME = re.compile(r"TableName: !Sub \$\{ProjectId\}-parameters$", re.MULTILINE)
#: The templates name a layer there; elsewhere a public parameter does.
_WITHOUT_PARAMETER = ("cn-", "us-gov-")


_READY = Phrase(
    ja="準備ができました。登録したフォルダのファイルは更新され、メールが届きます。試してください。",
    en="Ready: a file in a registered folder is refreshed and mailed. Try it.",
)
_MISSING = Phrase(
    ja="デプロイしましたが、あと{n}つの手順が残っています。次は:",
    en="Deployed, but not ready yet: {n} steps are missing. The next one:",
)
_ONE_MISSING = Phrase(
    ja="デプロイしましたが、あと1つの手順が残っています:",
    en="Deployed, but not ready yet: 1 step is missing. The next one:",
)
_NOTHING_CHANGED = Phrase(
    ja="何も変更していません（DRY_RUN）。", en="Nothing was changed (DRY_RUN)."
)
_WHERE = Phrase(
    ja="（qsrefreshは.venv/binにあります。`. .venv/bin/activate`でPATHに入ります）",
    en="(qsrefresh is in .venv/bin; `. .venv/bin/activate` puts it on the PATH)",
)


class Deployment:
    """A project as somebody wants it.

    Args:
        aws: where.
        project: its ProjectId.
        values: other parameters of the refresh stack; those left out stay as they are.
        email: who is to get the mails, if anybody new.
        dry_run: show everything, change nothing.
        yes: do not ask.
    """

    def __init__(
        self,
        aws: Aws,
        project: str,
        values: Mapping[str, str],
        email: str | None,
        dry_run: bool = False,
        yes: bool = False,
    ) -> None:
        self.aws = aws
        self.project = project
        self.values = {"ProjectId": project, **values}
        self.email = email
        self.dry_run, self.yes = dry_run, yes
        self.common = Stack(aws, f"{project}-common")
        self.refresh = Stack(aws, f"{project}-refresh")

    def run(self) -> None:
        """Deploy it.

        Raises:
            OperatorError: a value, the account or CloudFormation refuses; the way out is told.
        """
        self._expect_values()
        self._tell(
            ja="アカウント{account}、リージョン{region}",
            en="Account {account}, Region {region}",
            account=self.aws.account_id,
            region=self.aws.region,
        )
        changes = self._bucket_changes()
        self._expect_layer()
        for stack in (self.common, self.refresh):
            self._bury(stack)
        self._deploy_common()
        self._deploy_refresh()
        self._enable(changes)
        self._subscribe()

    @cached_property
    def voice(self) -> Voice:
        """How to speak about it: in the language that its mails have, or are to have."""
        default = parameters(REFRESH)["NotificationLanguage"]["Default"]
        wanted = {"NotificationLanguage": default, **self.refresh.values(), **self.values}
        return voice_for(None, wanted["NotificationLanguage"], utc=False)

    def _tell(self, ja: str, en: str, **values: object) -> None:
        self._say(sentence(ja, en, **values))

    def _say(self, what: Sentence) -> None:
        say(self.voice.tell(what))

    def _confirm(self, ja: str, en: str, **values: object) -> None:
        confirm(self.voice.tell(sentence(ja, en, **values)), self.yes)

    # ------------------------------------------------------------- before anything is made

    def _expect_values(self) -> None:
        wrong = problems(REFRESH, self.values)
        if self.email is not None and not _ADDRESS.fullmatch(self.email):
            wrong.append(f"{self.email} is no e-mail address: give one like operator@example.com")
        if wrong:
            way_out = "correct it and run the command again"
            raise OperatorError("nothing was created:", way_out, wrong)
        if self.refresh.values():
            return
        needed = {"BUCKET": "BucketName", "FOLDER": "TargetFolderPath"}
        if missing := [name for name, parameter in needed.items() if parameter not in self.values]:
            raise OperatorError(
                f"{' and '.join(missing)} must be given: project {self.project} is not deployed in"
                f" the Region {self.aws.region} yet",
                f"make deploy PROJECT={self.project} BUCKET=my-bucket FOLDER=dashboard/data/"
                " EMAIL=operator@example.com",
            )

    def _bucket_changes(self) -> list[buckets.BucketChange]:
        before = self.refresh.values()
        name = self.values.get("BucketName") or before["BucketName"]
        if before and buckets.region_of(self.aws, name) not in (None, self.aws.region):
            return []  # its events are forwarded, or the check says so
        return buckets.plan(self.aws, name)

    def _expect_layer(self) -> None:
        if self.aws.region.startswith(_WITHOUT_PARAMETER):
            return
        name = layer_parameter(REFRESH)
        try:
            self.aws.call("ssm", "get_parameter", Name=name)
        except AwsError as error:
            if error.code != "ParameterNotFound":
                raise
            raise OperatorError(
                f"the functions' library is not published in {self.aws.region}: there is no public"
                f" parameter {name}",
                "put the ARN of a layer that Powertools' documentation names for this Region into"
                " Layers of template.yaml",
            ) from error

    # ------------------------------------------------------------- the stacks

    def _bury(self, stack: Stack) -> None:
        """Delete what a failed creation left: CloudFormation can do nothing else with it."""
        if not stack.is_dead:
            return
        self._tell(
            ja="失敗した作成の残りのスタック{name}があります:",
            en="Stack {name} is left of a creation that failed:",
            name=stack.name,
        )
        for reason in stack.failures():
            say(f"  - {reason}")
        if self.dry_run:
            raise OperatorError(
                f"stack {stack.name} ({stack.status}) has to be deleted first",
                "run the command without DRY_RUN: it asks whether to",
            )
        self._confirm(
            ja="{name}の残りを削除して、先へ進みますか？",
            en="Delete what is left of {name}, and go on?",
            name=stack.name,
        )
        stack.delete()

    def _deploy_common(self) -> None:
        text = COMMON.read_text(encoding="utf-8")
        adopts = self.common.status is None and self._is_table_there()
        if adopts:
            # Only a table whose name is written out can be taken over: docs/operations.md
            text = _TABLE_NAME.sub(f"TableName: {self.project}-parameters", text)
            self._tell(
                ja="テーブル{project}-parametersがあります。登録内容はそのまま引き継ぎます。",
                en="The table {project}-parameters is there: its registrations are kept.",
                project=self.project,
            )
        wanted = Wanted(
            {"TemplateBody": text},
            list(parameters(COMMON)),
            {"ProjectId": self.project},
            adopts=adopts,
        )
        self._carry_out(self.common, wanted)

    def _is_table_there(self) -> bool:
        try:
            self.aws.call("dynamodb", "describe_table", TableName=f"{self.project}-parameters")
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return False
            raise
        return True

    def _deploy_refresh(self) -> None:
        if self.dry_run and self.common.status is None:
            self._tell(
                ja="スタック{refresh}の作成: 中身は、{common}ができてから示せます"
                "（そのトピックとテーブルを使うため）",
                en="create stack {refresh}: what it adds can be shown when {common} is there,"
                " whose topic and table it uses",
                refresh=self.refresh.name,
                common=self.common.name,
            )
            return
        bucket = artifacts.bucket_name(self.aws.account_id, self.aws.region)
        template, files = artifacts.packaged(REFRESH, bucket, self.project)
        artifacts.upload(self.aws, bucket, [template, *files])
        where = {"TemplateURL": artifacts.url(self.aws.region, bucket, template.key)}
        self._carry_out(self.refresh, Wanted(where, list(parameters(REFRESH)), self.values))

    def _carry_out(self, stack: Stack, wanted: Wanted) -> None:
        change_set = stack.plan(wanted)
        if change_set is None:
            self._tell(
                ja="スタック{name}には変わるところがありません。",
                en="Nothing to change in stack {name}.",
                name=stack.name,
            )
            return
        with _dropped_unless_executed(change_set):
            write_diff([self.voice.tell(line) for line in change_set.lines()])
            if self.dry_run:
                change_set.drop()
                return
            if change_set.is_new:
                ja, en = "スタック{name}をこのとおり作成しますか？", "Create stack {name} so?"
            else:
                ja, en = "スタック{name}をこのとおり更新しますか？", "Change stack {name} so?"
            self._confirm(ja, en, name=stack.name)
            change_set.execute(self._say)

    # ------------------------------------------------------------- around them

    def _enable(self, changes: list[buckets.BucketChange]) -> None:
        for change in changes:
            write_diff(change.lines(self.voice))
            if not self.dry_run:
                self._confirm(
                    ja="{bucket}のすべてのイベントをEventBridgeに送りますか？",
                    en="Send every event of {bucket} to EventBridge?",
                    bucket=change.bucket,
                )
                buckets.execute(self.aws, change)

    def _subscribe(self) -> None:
        if self.email is None:
            return
        if self.dry_run and self.common.status is None:
            write_diff([f"+ email {self.email}"])
            return
        project = find_project(self.aws, self.project)
        if subscriptions.of_address(self.aws, project, self.email):
            return  # whatever it chose; where it is not confirmed yet, the check says so
        everything = subscriptions.Choice()
        for step in subscriptions.plan(self.aws, project, self.email, [], everything):
            write_diff([f"+ email {self.email}"])
            if not self.dry_run:
                subscriptions.execute(self.aws, step)


@contextmanager
def _dropped_unless_executed(change_set: ChangeSet) -> Iterator[None]:
    try:
        yield
    except (NotConfirmedError, click.Abort):
        change_set.drop()
        raise


def guide(aws: Aws, project: str, voice: Voice) -> bool:
    """Write what qsrefresh check finds, and the next step; tell whether a file would be mailed."""
    found = []
    for finding in checks.findings(aws, project):
        found.append(finding)
        write_finding(finding.level.value, finding.told(voice), finding.mend)
    missing = [one for one in found if one.level is Level.BAD]
    if not missing:
        say(voice.say(_READY))
        return True
    say(voice.say(_ONE_MISSING if len(missing) == 1 else _MISSING, n=len(missing)))
    say(f"  {missing[0].told(voice)}")
    for command in filter(None, missing[0].mend.split("\n")):
        say(f"  → {command}")
    say(voice.say(_WHERE))
    return False


def settings(**given: str | None) -> dict[str, str]:
    """Return parameters of the refresh stack: those that have variables of their own, and SET."""
    named = {name: value for name, value in given.items() if value and name != "set"}
    for pair in shlex.split(from_ascii(given.get("set") or "")):
        name, _, value = pair.partition("=")
        named[name] = value
    return named


def _option(name: str, text: str, *more: str, **how: Any) -> Callable[[_Command], _Command]:
    variables = [name.upper().replace("-", "_"), *more]
    return click.option(f"--{name}", envvar=variables, help=text, **how)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@_option("project", "ProjectId, the beginning of all names.", required=True)
@_option("bucket", "Bucket that the files arrive in.")
@_option("folder", "Folder to watch, such as dashboard/data/.")
@_option("email", "Address that gets the mails.")
@_option("mail-language", "Language of the mails, ja or en.")
@_option("set", 'Other parameters, such as "SettleSeconds=60 StaleAfterHours=24".')
@_option("region", "AWS Region; without it, that of the AWS CLI.", "AWS_REGION")
@_option("dry-run", "Show everything, change nothing.", is_flag=True)
@_option("yes", "Do not ask.", is_flag=True)
def main(
    project: str,
    bucket: str | None,
    folder: str | None,
    email: str | None,
    mail_language: str | None,
    set: str | None,
    region: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Deploy a project, or update it; then say what is missing until a file is mailed.

    Ends with 0 only when nothing is. Example: make deploy PROJECT=sampleproject
    BUCKET=sampleproject-dashboard-data FOLDER=dashboard/data/ EMAIL=operator@example.com
    """
    values = settings(
        BucketName=bucket, TargetFolderPath=folder, NotificationLanguage=mail_language, set=set
    )
    aws = connect(None, region)
    deploy(aws, project, values, email, dry_run, yes)


def deploy(
    aws: Aws,
    project: str,
    values: Mapping[str, str],
    email: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Deploy a project, and say what is missing.

    Raises:
        OperatorError: something refuses, or nobody said yes; the way out is told.
        Exit: it is deployed, but a file would not be refreshed and mailed yet.
    """
    made = Deployment(aws, project, values, email, dry_run, yes)
    try:
        made.run()
    except NotConfirmedError as error:
        way_out = "answer y, or add YES=1; what was confirmed before stays"
        raise NotConfirmedError(way_out) from error
    if dry_run:
        say(made.voice.say(_NOTHING_CHANGED))
    elif not guide(aws, project, made.voice):
        raise click.exceptions.Exit(1)


if __name__ == "__main__":
    main()
