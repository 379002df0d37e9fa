"""The verbs of ``qsrefresh``, together in one command."""

import click

from qsrefresh import past_verbs, registration_verbs, replay_verb, run_verbs, setup_verbs
from qsrefresh.closed_pipes import hold_streams
from qsrefresh.command import also_after, desk_for, example


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=example("qsrefresh datasets", "qsrefresh --region REGION --project PROJECT check"),
)
@click.option(
    "--project",
    envvar="QSREFRESH_PROJECT",
    show_envvar=True,
    help="ProjectId of the stacks; not needed where only one project is deployed.",
)
@click.option("--profile", help="Profile of the AWS credentials, as in the AWS CLI.")
@click.option("--region", help="AWS Region, as in the AWS CLI.")
@click.version_option(package_name="qsrefresh")
@click.pass_context
def cli(
    context: click.Context, project: str | None, profile: str | None, region: str | None
) -> None:
    """Set up, run and watch the QuickSight refresh of a project.

    Credentials and Region come from where the AWS CLI takes them. --project, --profile and --region
    may stand before or after COMMAND. Data goes to stdout, all else to stderr.
    """
    context.obj = desk_for(context, {"project": project, "profile": profile, "region": region})


for _verb in (
    *setup_verbs.VERBS,
    *registration_verbs.VERBS,
    *run_verbs.VERBS,
    *past_verbs.VERBS,
    *replay_verb.VERBS,
):
    cli.add_command(also_after(_verb))


def run() -> int:
    """Run the command; a closed pipe ends it quietly.

    Raises:
        KeyboardInterrupt: somebody pressed Ctrl-C.
    """
    hold_streams()
    try:
        code = cli.main(prog_name="qsrefresh", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else 0
