"""The add-ons: small, plain CloudFormation that AWS takes, whatever their parameters are."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.services.cloudformation import ADDONS, load
from local.services.dry_deployment import DryDeployment, Resources
from local.services.template_constraints import ParameterRefusedError, check_parameters
from tests.template.test_lint import findings
from tests.template.test_refusals import COMMON, ORDINARY, PARTITIONS, REGIONS, refusals

FOLDER = "s3://sampleproject-dashboard-data/dashboard/data/sales/"
UUID = "12345678-abcd-1234-ABCD-123456789012"
#: Add-on → parameters, ordinary ones and the longest.
VALUES: dict[str, list[dict[str, str]]] = {
    "slack": [
        {"SlackWorkspaceId": "T0123ABCDEF", "SlackChannelId": "C0123ABCDEF"},
        {"SlackWorkspaceId": "T" * 64, "SlackChannelId": "C" * 64, "Show": "errors"},
    ],
    "start-after": [
        {"Folder": FOLDER, "Kind": "glue-job", "After": "nightly load"},
        {"Folder": FOLDER, "Kind": "folder", "After": f"{FOLDER}売上/"},
        {
            "Folder": f"{FOLDER}{'売' * 900}/",
            "Kind": "state-machine",
            "After": f"arn:aws:states:ap-northeast-1:123456789012:stateMachine:{'m' * 80}",
        },
    ],
    "start-by-schedule": [
        {"Folder": FOLDER},
        {
            "Folder": f"{FOLDER}{'売' * 900}/",
            "Schedule": "0/5 8-18 ? JAN-DEC MON,WED,FRI 2026-2199",
            "TimeZone": "America/Argentina/ComodRivadavia",
        },
    ],
    "teams": [
        {
            "TeamsTenantId": UUID,
            "TeamId": UUID,
            "TeamsChannelId": "19%3Aab-CD_12%40thread.tacv2",
        },
        {
            "TeamsTenantId": UUID,
            "TeamId": UUID,
            "TeamsChannelId": f"19%3A{'a' * 231}%40thread.tacv2",
            "Show": "errors",
        },
    ],
}
every = pytest.mark.parametrize("path", ADDONS, ids=lambda path: path.stem)
every_value = pytest.mark.parametrize(
    ("name", "values"),
    [(name, values) for name, given in VALUES.items() for values in given],
    ids=lambda value: value if isinstance(value, str) else "",
)
#: AWS's chat service is in one partition only.
PLACES = [
    (partition, name)
    for partition in PARTITIONS
    for name in VALUES
    if partition == "aws" or name.startswith("start")
]


def template(name: str) -> dict[str, Any]:
    (path,) = (one for one in ADDONS if one.stem == name)
    return load(path)


def resources(name: str, values: dict[str, str], partition: str = "aws") -> Resources:
    """Return what an add-on would create beside the shared stack."""
    given = {"ProjectId": ORDINARY["ProjectId"], **values}
    check_parameters(template(name), given)
    stacks = DryDeployment(REGIONS[partition], partition)
    stacks.add("common", COMMON, {"ProjectId": ORDINARY["ProjectId"]})
    return stacks.add(f"addon-{'a' * 122}", template(name), given)


def test_there_is_a_try_of_every_one() -> None:
    assert [path.stem for path in ADDONS] == sorted(VALUES)


@every
def test_it_is_small_and_clean(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) < 110
    assert findings(path) == []


@every
def test_it_can_be_uploaded_in_the_console(path: Path) -> None:
    found = load(path)
    assert "Transform" not in found
    assert path.stat().st_size < 51_200
    assert list(found) == [
        section
        for section in (
            "AWSTemplateFormatVersion",
            "Description",
            "Parameters",
            "Conditions",
            "Resources",
        )
        if section in found
    ]


@every
def test_every_parameter_is_described_and_constrained(path: Path) -> None:
    for name, body in load(path)["Parameters"].items():
        assert re.fullmatch(r"[A-Z].*\.", body["Description"]), name
        assert set(body) & {"AllowedPattern", "AllowedValues"}, "takes anything"
        assert body["ConstraintDescription"].startswith(name)


@every
def test_the_project_is_named_as_in_the_shared_stack(path: Path) -> None:
    own, shared = (one["Parameters"]["ProjectId"] for one in (load(path), COMMON))
    assert own["AllowedPattern"] == shared["AllowedPattern"]


@every_value
def test_nothing_of_it_is_refused(name: str, values: dict[str, str]) -> None:
    assert refusals(resources(name, values)) == []


@pytest.mark.parametrize(("partition", "name"), PLACES)
def test_it_is_legal_wherever_it_may_be(partition: str, name: str) -> None:
    found = resources(name, VALUES[name][0], partition)
    assert refusals(found) == []
    assert f"arn:{partition}:" in str(found)
    assert partition == "aws" or "arn:aws:" not in str(found)


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [
        ("start-after", "Folder", f'{FOLDER}a"b/'),
        ("start-after", "Folder", f"{FOLDER}a\\b/"),
        ("start-after", "Folder", f"{FOLDER}a\nb/"),
        ("start-after", "Folder", FOLDER.removesuffix("/")),
        ("start-after", "Folder", "dashboard/data/"),
        ("start-after", "After", 'a"b'),
        ("start-after", "After", "a\\b"),
        ("start-after", "After", ""),
        ("start-by-schedule", "Folder", f'{FOLDER}a"b/'),
        ("start-by-schedule", "Schedule", "0 6 * *"),
        ("start-by-schedule", "Schedule", "cron(0 6 * * ? *)"),
        ("start-by-schedule", "TimeZone", "東京"),
        ("slack", "SlackWorkspaceId", "my-workspace"),
        ("slack", "SlackChannelId", "#refreshes"),
        ("teams", "TeamsChannelId", "19:ab@thread.tacv2"),
        ("teams", "TeamId", "my team"),
    ],
)
def test_what_cannot_work_is_refused_at_once(name: str, parameter: str, value: str) -> None:
    values = {"ProjectId": "sampleproject", **VALUES[name][0]}
    check_parameters(template(name), values)
    with pytest.raises(ParameterRefusedError, match=parameter):
        check_parameters(template(name), {**values, parameter: value})


_FOLDERS = template("start-after")["Parameters"]["Folder"]["AllowedPattern"]
_AFTER = template("start-after")["Parameters"]["After"]["AllowedPattern"]


@given(folder=st.from_regex(_FOLDERS, fullmatch=True), after=st.from_regex(_AFTER, fullmatch=True))
def test_whatever_is_taken_makes_legal_input(folder: str, after: str) -> None:
    (target,) = template("start-after")["Resources"]["StartRule"]["Properties"]["Targets"]
    text = target["Input"]["Fn::Sub"].replace("${Folder}", folder).replace("${After}", after)
    assert json.loads(text) == {"folder": folder, "startedby": after}


@pytest.mark.parametrize("name", ["slack", "teams"])
def test_a_chat_may_do_nothing(name: str) -> None:
    found = template(name)["Resources"]
    (channel,) = (one for one in found.values() if one["Type"].startswith("AWS::Chatbot::"))
    guardrails = channel["Properties"]["GuardrailPolicies"]
    assert guardrails == [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll"}]
    assert not {"Policies", "ManagedPolicyArns"} & set(found["ChannelRole"]["Properties"])


@pytest.mark.parametrize("name", ["slack", "teams"])
def test_a_chat_gets_results_as_they_are_and_the_alarms(name: str) -> None:
    found = template(name)["Resources"]
    (target,) = found["ResultRule"]["Properties"]["Targets"]
    assert target["InputPath"] == "$.detail.notification"
    assert not {"InputTransformer", "RoleArn"} & set(target)
    (statement,) = found["ChatTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert "Condition" not in statement, "EventBridge would deliver nothing"
    (channel,) = (one for one in found.values() if one["Type"].startswith("AWS::Chatbot::"))
    assert channel["Properties"]["SnsTopicArns"] == [
        {"Ref": "ChatTopic"},
        {"Fn::ImportValue": {"Fn::Sub": "${ProjectId}-alarm-topic-arn"}},
    ]
