"""Look for weaknesses: in all templates (checkov, cfn-lint-serverless), in policies (parliament).

``make audit`` runs this. A finding passes only with a reason in ``accepted_findings.py``; a reason
that no finding needs does not pass either. Trust policies are left to checkov: parliament reads
policies of permissions only.
"""

import json
import logging
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.models import cloudformation_backends

from local.account import LocalAccount
from local.services.cloudformation import ADDONS, COMMON_TEMPLATE, TEMPLATE, for_lint, load
from proofs.accepted_findings import ACCEPTED, Accepted

ROOT = TEMPLATE.parent
FOLDER = ROOT / ".build" / "audit"
TOOLS = ("checkov", "cfn-lint-serverless", "parliament")
#: What has a policy of permissions in it, ``PolicyDocument``.
POLICIES = ("AWS::IAM::ManagedPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")


_ID = "12345678-1234-1234-1234-123456789012"
#: What the add-ons have no default for.
_ADDON_VALUES = {
    "After": "nightly load",
    "Folder": "s3://sampleproject-dashboard-data/dashboard/data/sales/",
    "Kind": "glue-job",
    "SlackChannelId": "C0123ABCDEF",
    "SlackWorkspaceId": "T0123ABCDEF",
    "TeamId": _ID,
    "TeamsChannelId": "19%3Aab%40thread.tacv2",
    "TeamsTenantId": _ID,
}


@dataclass(frozen=True, order=True)
class Finding:
    """What a tool says about a resource of a template."""

    tool: str
    resource: str
    id: str
    text: str = ""


def kinds() -> dict[str, str]:
    """Return the type of each resource of both templates and of the add-ons."""
    return {
        name: body["Type"]
        for path in (COMMON_TEMPLATE, TEMPLATE, *ADDONS)
        for name, body in load(path)["Resources"].items()
    }


def reasons(finding: Finding) -> list[Accepted]:
    """Return the rows that give a reason for a finding."""
    names = {finding.resource, kinds()[finding.resource]}
    return [
        row
        for row in ACCEPTED
        if (row.tool, row.id) == (finding.tool, finding.id) and names & set(row.on)
    ]


def policies(account: LocalAccount) -> Iterator[tuple[str, Any]]:
    """Yield each policy of permissions as it is deployed, with its resource and name."""
    for stack in cloudformation_backends[account.account_id][account.region].stacks.values():
        for name, body in stack.template_dict["Resources"].items():
            properties = body.get("Properties", {})
            found = properties.get("Policies", []) if body["Type"] == "AWS::IAM::Role" else []
            for policy in parsing.clean_json(found, stack.resource_map):
                yield f"{name}.{policy['PolicyName']}", policy["PolicyDocument"]
            if body["Type"] in POLICIES:
                document = properties["PolicyDocument"]
                yield f"{name}.policy", parsing.clean_json(document, stack.resource_map)


def write_policies(folder: Path) -> None:
    """Write every policy to a file of its own, all that parameters can add included."""
    with LocalAccount() as account:
        account.deploy(TraceWithXRay="true")
        for path in ADDONS:
            _add(account, path)
        for name, document in policies(account):
            text = json.dumps(document)
            # On AWS the Arn of a log group ends in ":*", for its streams; moto's does not.
            text = re.sub(r'(:log-group:[^":]+)"', r'\1:*"', text)
            (folder / f"{name}.json").write_text(text, encoding="utf-8")


def _add(account: LocalAccount, path: Path) -> None:
    values = {"ProjectId": account.project} | _ADDON_VALUES
    parameters = [
        {"ParameterKey": name, "ParameterValue": values[name]}
        for name, body in load(path)["Parameters"].items()
        if "Default" not in body or name in values
    ]
    account.client("cloudformation").create_stack(
        StackName=path.stem,
        TemplateBody=path.read_text(encoding="utf-8"),
        Parameters=parameters,
        Capabilities=["CAPABILITY_IAM"],
    )


def by_checkov(tool: Path, *templates: Path) -> Iterator[Finding]:
    """Yield what checkov finds, that with a reason too."""
    for template in templates:
        options = ["--framework", "cloudformation", "--skip-download", "-o", "json"]
        answer = json.loads(_said([str(tool), *options, "-f", str(template)]))
        if not answer["summary"]["passed"] or answer["summary"]["parsing_errors"]:
            raise SystemExit(f"checkov could not read {template}")
        for result in ("failed_checks", "skipped_checks"):
            for one in answer["results"][result]:
                resource = one["resource"].split(".")[-1]
                yield Finding("checkov", resource, one["check_id"], one["check_name"])


def by_cfn_lint_serverless(tool: Path, *templates: Path) -> Iterator[Finding]:
    """Yield what cfn-lint's rules for serverless applications find."""
    options = ["--format", "json", "--append-rules", "cfn_lint_serverless.rules"]
    for one in json.loads(_said([str(tool), *options, "--", *map(str, templates)])):
        section, resource, *_ = one["Location"]["Path"]
        assert section == "Resources"
        yield Finding("cfn-lint-serverless", resource, one["Rule"]["Id"], one["Message"])


def by_parliament(tool: Path, folder: Path) -> Iterator[Finding]:
    """Yield what parliament finds."""
    options = ["--include-community-auditors", "--json", "--directory", str(folder)]
    for line in _said([str(tool), *options]).splitlines():
        one = json.loads(line)
        resource = Path(one["location"]["filepath"]).name.split(".")[0]
        yield Finding("parliament", resource, one["issue"], f"{one['title']} {one['detail']}")


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # They say so where they find something: 1, or what cfn-lint makes of errors and warnings.
    if done.returncode not in (0, 1, 2, 4, 6) or (done.returncode and not done.stdout.strip()):
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def main(tools: Path) -> int:
    """Print what is found without a reason, and reasons that nothing needs; 1 if there are any."""
    folder = FOLDER / "policies"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    write_policies(folder)
    translated = FOLDER / "translated.json"
    translated.write_text(for_lint(), encoding="utf-8")
    found = {
        *by_checkov(tools / "checkov", COMMON_TEMPLATE, TEMPLATE, translated, *ADDONS),
        *by_cfn_lint_serverless(tools / "cfn-lint", COMMON_TEMPLATE, TEMPLATE, *ADDONS),
        *by_parliament(tools / "parliament", folder),
    }
    told = judged(found)
    for line in told:
        print(line)
    if told:
        print("Way out: mend it, or say why it stays, in proofs/accepted_findings.py.")
        return 1
    print(f"make audit: {len(found)} findings, for each a reason in proofs/accepted_findings.py.")
    return 0


def judged(found: set[Finding]) -> list[str]:
    """Return a line for each finding without a reason, and for each reason without a finding."""
    needed = {
        (row, name)
        for one in found
        for row in reasons(one)
        for name in row.on
        if name in (one.resource, kinds()[one.resource])
    }
    return [
        *(
            f"{one.tool}: {one.resource}: {one.id}: {one.text}"
            for one in sorted(found)
            if not reasons(one)
        ),
        *(
            f"{row.tool}: {name}: {row.id}: a reason for no finding"
            for row in ACCEPTED
            for name in row.on
            if (row, name) not in needed
        ),
    ]


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # what moto's CloudFormation does not create
    warnings.simplefilter("ignore")
    sys.exit(main(Path(sys.argv[1])))
