"""Take a project's stacks away, after a question, and say what stays."""

import click

import artifacts
from qsrefresh.aws import Aws, connect
from qsrefresh.errors import NotConfirmedError, OperatorError
from qsrefresh.options import confirm
from qsrefresh.output import say, write_diff
from stacks import Stack


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
    bucket = next((one.values().get("BucketName") for one in there), None)
    say(f"Account {aws.account_id}, Region {aws.region}")
    write_diff([f"- stack {one.name}" for one in there])
    if dry_run:
        say("Nothing was deleted (DRY_RUN).")
    else:
        _confirm(yes)
        for stack in there:
            say(f"Deleting {stack.name} …")
            stack.delete()
    _say_what_stays(aws, project, bucket)


def _confirm(yes: bool) -> None:
    question = (
        "Delete them? Refreshes under way are cut off without a mail; everybody has to subscribe"
        " again after the next deployment."
    )
    try:
        confirm(question, yes)
    except NotConfirmedError as error:
        raise NotConfirmedError("answer y, or add YES=1") from error


def _say_what_stays(aws: Aws, project: str, bucket: str | None) -> None:
    code = artifacts.bucket_name(aws.account_id, aws.region)
    table = f"{project}-parameters"
    say("What stays, and what deletes it:")
    say(f"  the registrations, which the next make deploy takes over: the table {table}")
    say(f"    aws dynamodb delete-table --table-name {table}")
    say("  the uploaded code")
    say(f"    aws s3 rm --recursive s3://{code}/{project}/")
    say(f"  the events of {bucket or 'the bucket'}, which EventBridge goes on getting")
    say('    docs/deploy.md, "Remove"')


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
