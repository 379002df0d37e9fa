"""Both templates as they are in the repository: what a deployment would only find out later."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from hypothesis import given
from hypothesis import strategies as st

from local.services.cloudformation import COMMON_TEMPLATE, TEMPLATE, load
from local.services.template_constraints import (
    ParameterRefusedError,
    check_parameters,
    check_rules,
)
from tests.asl import walk

ROOT = TEMPLATE.parent
COMMON, REFRESH = load(COMMON_TEMPLATE), load(TEMPLATE)
TEMPLATES = {"common": COMMON, "refresh": REFRESH}
RESOURCES: dict[str, Any] = REFRESH["Resources"]

#: Values that satisfy every constraint, to vary one of at a time.
GOOD_VALUES = {
    "ProjectId": "sampleproject",
    "BucketName": "sampleproject-dashboard-data",
    "TargetFolderPath": "dashboard/data/",
}

SECTIONS = [
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
]

#: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
LOG_DELIVERY_ACTIONS = {
    "logs:CreateLogDelivery",
    "logs:CreateLogStream",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutLogEvents",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}

#: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html and
#: https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
TRACE_ACTIONS = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
SAMPLING_ACTIONS = {"xray:GetSamplingRules", "xray:GetSamplingTargets"}

#: What has no resource to name, by the type of a policy or a role's owner and the statement's Sid.
ON_EVERYTHING = {
    "AWS::Serverless::StateMachine": {"DeliverLogs": LOG_DELIVERY_ACTIONS},
    "AWS::IAM::ManagedPolicy": {"Trace": TRACE_ACTIONS | SAMPLING_ACTIONS},
}

#: How long AWS lets the names be that start with ProjectId.
NAME_LIMITS = {
    ("AWS::Serverless::Function", "FunctionName"): 64,
    ("AWS::Serverless::StateMachine", "Name"): 80,
    ("AWS::DynamoDB::Table", "TableName"): 255,
    ("AWS::SNS::Topic", "TopicName"): 256,
    ("AWS::SNS::Topic", "DisplayName"): 100,
    ("AWS::Logs::LogGroup", "LogGroupName"): 512,
}

#: What every service takes in a tag: DynamoDB's set, the narrowest
#: (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TaggingRestrictions.html).
TAG = re.compile(r"[\w\s+\-=.:/]*")

#: Which of botocore's shapes limits a resource's Description.
DESCRIPTIONS = {
    "AWS::Events::Rule": ("events", "RuleDescription"),
    "AWS::IAM::ManagedPolicy": ("iam", "policyDescriptionType"),
    "AWS::IAM::Role": ("iam", "roleDescriptionType"),
    "AWS::Serverless::Function": ("lambda", "Description"),
}

_SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9]+)\}")


def of_type(kind: str, template: dict[str, Any] = REFRESH) -> dict[str, Any]:
    """Return the resources of a type."""
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def named(mapping: dict[str, Any]) -> pytest.MarkDecorator:
    """Parametrize over a mapping, with its keys as ids."""
    return pytest.mark.parametrize(("name", "body"), mapping.items(), ids=list(mapping))


def many(value: Any) -> list[Any]:
    """Return what IAM allows to be one or a list, as a list."""
    return value if isinstance(value, list) else [value]


def resolved(value: Any, facts: dict[str, str] | None = None, **parameters: str) -> Any:
    """Return what conditions choose: of parameters, defaults unless given; of AWS, Tokyo's."""
    known = {name: body.get("Default") for name, body in REFRESH["Parameters"].items()}
    known |= {"AWS::Partition": "aws", "AWS::Region": "ap-northeast-1"} | (facts or {}) | parameters
    while isinstance(value, dict) and "Fn::If" in value:
        condition, yes, no = value["Fn::If"]
        value = yes if _holds({"Condition": condition}, known) else no
    return value


def _holds(condition: dict[str, Any], known: dict[str, Any]) -> bool:
    ((function, given),) = condition.items()
    if function == "Condition":
        return _holds(REFRESH["Conditions"][given], known)
    if function == "Fn::Equals":
        reference, wanted = given
        return bool(known[reference["Ref"]] == wanted)
    holds = [_holds(one, known) for one in given]
    return {"Fn::And": all(holds), "Fn::Not": not holds[0]}[function]


def references_to(name: str) -> int:
    """Count the places that use a resource's ARN."""
    return sum(value == {"Fn::GetAtt": [name, "Arn"]} for value in walk(REFRESH))


def statements(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the statements of what a role may do, or of what a resource lets others do."""
    properties = resource.get("Properties", {})
    for document in (
        properties.get("PolicyDocument"),
        *(policy["PolicyDocument"] for policy in properties.get("Policies", [])),
    ):
        if document:
            yield from document["Statement"]


ALL_STATEMENTS = {
    f"{name}: {statement.get('Sid')}": statement
    for template in TEMPLATES.values()
    for name, resource in template["Resources"].items()
    for statement in statements(resource)
}
ROLES = of_type("AWS::IAM::Role")
FUNCTIONS = of_type("AWS::Serverless::Function")
MACHINES = of_type("AWS::Serverless::StateMachine")


class TestForm:
    @named(TEMPLATES)
    def test_sections_stand_in_order(self, name: str, body: dict[str, Any]) -> None:
        assert list(body) == [section for section in SECTIONS if section in body]
        assert {"AWSTemplateFormatVersion", "Description", "Metadata", "Outputs"} <= set(body)

    def test_the_shared_template_can_be_uploaded_in_the_console(self) -> None:
        assert "Transform" not in COMMON
        assert "Globals" not in COMMON
        assert {key.split("::")[1] for key in _types(COMMON)} == {"SNS", "DynamoDB"}
        assert COMMON_TEMPLATE.stat().st_size < 51_200

    @named(
        {
            f"{template}: {name}": body
            for template, content in TEMPLATES.items()
            for section in ("Parameters", "Outputs")
            for name, body in content[section].items()
        }
    )
    def test_every_parameter_and_output_is_described_by_a_sentence(
        self, name: str, body: dict[str, Any]
    ) -> None:
        description = body["Description"]
        assert re.fullmatch(r"[A-Z].*\.", description), name
        assert len(description.split()) >= 5
        assert "  " not in description

    @named(TEMPLATES)
    def test_the_console_groups_and_labels_every_parameter(
        self, name: str, body: dict[str, Any]
    ) -> None:
        interface = body["Metadata"]["AWS::CloudFormation::Interface"]
        grouped = [entry for group in interface["ParameterGroups"] for entry in group["Parameters"]]
        assert sorted(grouped) == sorted(body["Parameters"])
        assert set(interface["ParameterLabels"]) == set(body["Parameters"])

    @named(
        {
            f"{template}: {name}": body
            for template, content in TEMPLATES.items()
            for name, body in content["Parameters"].items()
        }
    )
    def test_every_parameter_is_constrained_and_says_how(
        self, name: str, body: dict[str, Any]
    ) -> None:
        assert set(body) & {"AllowedPattern", "AllowedValues", "MinValue"}, "takes anything"
        assert body["ConstraintDescription"].startswith(name.split(": ")[1])

    @named(
        {
            f"{name}: {template}": resource
            for template, content in TEMPLATES.items()
            for name, resource in content["Resources"].items()
            if "Description" in resource["Properties"]
        }
    )
    def test_a_service_takes_its_description(self, name: str, body: dict[str, Any]) -> None:
        service, shape = DESCRIPTIONS[body["Type"]]
        limits = botocore.session.get_session().get_service_model(service).shape_for(shape).metadata
        text = _text(body["Properties"]["Description"]).replace("${ProjectId}", "a" * 35)
        assert len(text) <= limits["max"]
        assert re.fullmatch(limits.get("pattern", ".*").encode().decode("unicode_escape"), text)

    def test_resources_follow_the_data(self) -> None:
        banners = re.findall(r"^  # ---- ([\w ]+): ", TEMPLATE.read_text(encoding="utf-8"), re.M)
        assert banners == [
            "Trigger",
            "Workflow",
            "Lost runs",
            "Freshness",
            "Functions",
            "Tracing",
            "Alarms",
            "Dashboard",
        ]
        for section in re.split(r"^  # ---- ", TEMPLATE.read_text(encoding="utf-8"), flags=re.M):
            names = re.findall(r"^  (\w+):", section, re.M)
            kinds = [RESOURCES[name]["Type"] for name in names if name in RESOURCES]
            leading = [kind for kind in kinds if kind in _LEADING_TYPES]
            assert leading == sorted(leading, key=_LEADING_TYPES.index)

    def test_satellites_stand_below_their_owner(self) -> None:
        owner = ""
        for name, resource in RESOURCES.items():
            if resource["Type"] in _LEADING_TYPES:
                owner = name
            elif resource["Type"] in ("AWS::IAM::Role", "AWS::Logs::LogGroup"):
                assert name in (f"{owner}Role", f"{owner}LogGroup")


#: In the order of the data. Their roles, log groups and queues stand below them.
_LEADING_TYPES = [
    "AWS::Events::Rule",
    "AWS::Serverless::StateMachine",
    "AWS::Serverless::Function",
]


def _types(template: dict[str, Any]) -> set[str]:
    return {resource["Type"] for resource in template["Resources"].values()}


class TestRegions:
    #: Partitions whose console and layers are known; AWS's secret ones are not prepared for.
    PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-eusc")

    @pytest.mark.parametrize("partition", PARTITIONS)
    def test_the_first_stack_says_where_quicksight_is_not(self, partition: str) -> None:
        session = boto3.session.Session()
        without = {
            region
            for region in session.get_available_regions("cloudformation", partition)
            if region not in session.get_available_regions("quicksight", partition)
        }
        refused = set()
        for region in session.get_available_regions("cloudformation", partition):
            try:
                check_rules(COMMON, {"AWS::Region": region})
            except ParameterRefusedError:
                refused.add(region)
        assert refused == without, "botocore's list changed: so should the rule in common/"

    def test_where_it_is_the_console_is_known(self) -> None:
        session = boto3.session.Session()
        with_quicksight = [
            partition
            for partition in self.PARTITIONS
            if session.get_available_regions("quicksight", partition)
        ]
        assert list(REFRESH["Mappings"]["PartitionMap"]) == with_quicksight

    def test_the_way_out_is_on_the_page(self) -> None:
        (rule,) = COMMON["Rules"].values()
        (assertion,) = rule["Assertions"]
        (heading,) = re.findall(r'docs/operations.md, "([^"]+)"', assertion["AssertDescription"])
        assert f"\n## {heading}\n" in _read("docs/operations.md")


class TestParameters:
    def test_both_templates_take_the_same_project_ids(self) -> None:
        for key in ("Type", "AllowedPattern", "ConstraintDescription"):
            assert COMMON["Parameters"]["ProjectId"][key] == REFRESH["Parameters"]["ProjectId"][key]
        assert COMMON["Parameters"]["ProjectId"]["Default"] == "sampleproject"
        assert "Default" not in REFRESH["Parameters"]["ProjectId"]

    @pytest.mark.parametrize("value", ["a", "sampleproject", "covid-19", "a" * 35, "a--b-"])
    def test_project_ids_that_are_taken(self, value: str) -> None:
        _check(ProjectId=value)

    @pytest.mark.parametrize(
        "value",
        ["", "a" * 36, "Sample", "1st", "-a", "a_b", "a.b", "a b", "a/b", "日本", "é", "a\n"],
    )
    def test_project_ids_that_are_refused(self, value: str) -> None:
        _refuse(ProjectId=value)

    def test_a_project_id_is_as_long_as_every_physical_name_allows(self) -> None:
        def too_long(project: str) -> list[str]:
            return [
                f"{name}.{key}"
                for template in TEMPLATES.values()
                for name, resource in template["Resources"].items()
                for key, value in resource["Properties"].items()
                if (limit := NAME_LIMITS.get((resource["Type"], key)))
                and len(_text(value).replace("${ProjectId}", project)) > limit
            ]

        assert too_long("a" * 35) == []
        assert too_long("a" * 36) == ["ProduceIngestionParametersFunction.FunctionName"]

    @pytest.mark.parametrize(
        "value", ["abc", "my-bucket", "my.bucket.example.com", "3rd", "1.2.3", "a" * 63, "0-0"]
    )
    def test_buckets_that_are_taken(self, value: str) -> None:
        _check(BucketName=value)

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "ab",
            "a" * 64,
            "My-bucket",
            "my_bucket",
            "-bucket",
            "bucket-",
            ".bucket",
            "bucket.",
            "my..bucket",
            "my.-bucket",
            "my-.bucket",
            "192.168.5.4",
            "xn--bucket",
            "sthree-bucket",
            "amzn-s3-demo-bucket",
            "bucket-s3alias",
            "bucket--ol-s3",
            "bucket.mrap",
            "bucket--use1-az4--x-s3",
            "bucket--table-s3",
            "s3://my-bucket",
            "my-bucket/folder",
            "arn:aws:s3:::my-bucket",
            "バケット",
            "my-bucket\n",
        ],
    )
    def test_buckets_that_are_refused(self, value: str) -> None:
        _refuse(BucketName=value)

    @given(st.from_regex(r"[a-z0-9.-]{1,66}", fullmatch=True))
    def test_buckets_are_taken_by_the_rules_s3_states(self, value: str) -> None:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
        labels = value.split(".")
        legal = (
            3 <= len(value) <= 63
            and all(labels)
            and not any(label[0] == "-" or label[-1] == "-" for label in labels)
            and not (len(labels) == 4 and all(label.isdigit() for label in labels))
            and not value.startswith(("xn--", "sthree-", "amzn-s3-demo-"))
            and not value.endswith(("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"))
        )
        (_check if legal else _refuse)(BucketName=value)

    @pytest.mark.parametrize(
        "value",
        [
            "a/",
            "dashboard/data/",
            "ダッシュボード/データ/",
            "année 2026/c+d&e=%41/",
            "bob's (new) files/",
            "a//b/",
            "📈/",
            "a" * 299 + "/",
            "日" * 299 + "/",
        ],
    )
    def test_folders_that_are_taken(self, value: str) -> None:
        _check(TargetFolderPath=value)

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "/",
            "//",
            "dashboard",
            "dashboard/data",
            "/dashboard/data/",
            "s3://bucket/dashboard/",
            'a"b/',
            "a\\b/",
            "a{b}/",
            "a\tb/",
            "a\nb/",
            "a/\n",
            "a\x7f/",
            "a" * 300 + "/",
        ],
    )
    def test_folders_that_are_refused(self, value: str) -> None:
        _refuse(TargetFolderPath=value)

    def test_the_rules_pattern_is_short_enough_with_every_letter_escaped(self) -> None:
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
        folder = "日" * (REFRESH["Parameters"]["TargetFolderPath"]["MaxLength"] - 1) + "/"
        pattern = json.dumps(RESOURCES["FileEventRule"]["Properties"]["EventPattern"])
        pattern = re.sub(r', {"Fn::If": .*?AWS::NoValue"}]}', "", pattern)
        for name, value in (("BucketName", "b" * 63), ("TargetFolderPath", folder)):
            pattern = pattern.replace(json.dumps({"Ref": name}), json.dumps(value))
        assert "Ref" not in pattern
        assert len(pattern) <= 2048
        assert len(folder.encode()) < 1024 - 100, "no key below it"

    @pytest.mark.parametrize(
        ("name", "good", "bad"),
        [
            ("NotificationLanguage", ["ja", "en"], ["", "JA", "fr", "ja_JP"]),
            ("RefreshTimeoutSeconds", ["60", "21600", "79200"], ["0", "59", "79201", "-1"]),
            ("LogRetentionInDays", ["1", "365", "3653"], ["0", "2", "10", "3654", "-1"]),
            ("StaleAfterHours", ["0", "1", "24", "8760"], ["-1", "8761"]),
            ("LogExecutionData", ["true", "false"], ["", "True", "yes"]),
            ("TraceWithXRay", ["true", "false"], ["", "True", "yes"]),
        ],
    )
    def test_choices_and_numbers(self, name: str, good: list[str], bad: list[str]) -> None:
        for value in good:
            _check(**{name: value})
        for value in bad:
            _refuse(**{name: value})

    @pytest.mark.parametrize("value", ["", "operator@example.com", "a.b+c@mail.example.co.jp"])
    def test_addresses_that_are_taken(self, value: str) -> None:
        check_parameters(COMMON, {"NotificationEmail": value})

    @pytest.mark.parametrize(
        "value", ["operator", "a@b", "a b@example.com", "a@example.", "a@@b.c"]
    )
    def test_addresses_that_are_refused(self, value: str) -> None:
        with pytest.raises(ParameterRefusedError, match="NotificationEmail must"):
            check_parameters(COMMON, {"NotificationEmail": value})

    def test_log_retention_offers_what_cloudwatch_accepts(self) -> None:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::Logs::LogGroup")
        accepted = schema.schema["properties"]["RetentionInDays"]["enum"]
        parameter = REFRESH["Parameters"]["LogRetentionInDays"]
        assert sorted(parameter["AllowedValues"]) == sorted(accepted)
        for days in accepted:
            assert re.search(rf"\b{days}\b", parameter["ConstraintDescription"])

    def test_samconfig_answers_everything(self) -> None:
        text = (ROOT / "samconfig.toml").read_text(encoding="utf-8")
        check_parameters(REFRESH, _overrides(tomllib.loads(text)["default"]))
        # The second environment is complete too, once somebody takes the comment signs away.
        commented = text[text.index("# [prd.") :]
        production = tomllib.loads(re.sub(r"^# ?", "", commented, flags=re.M))["prd"]
        check_parameters(REFRESH, _overrides(production))
        assert _overrides(production)["ProjectId"] != "sampleproject"


def _check(**values: str) -> None:
    check_parameters(REFRESH, {**GOOD_VALUES, **values})


def _refuse(**values: str) -> None:
    (name,) = values
    with pytest.raises(ParameterRefusedError, match=f"{name} must"):
        _check(**values)


def _text(value: Any) -> str:
    """Return a name as it is written, with ``${ProjectId}`` in it."""
    if isinstance(value, dict):
        return str(value["Fn::Sub"]) if "Fn::Sub" in value else "${" + value["Ref"] + "}"
    return str(value)


def _overrides(environment: dict[str, Any]) -> dict[str, str]:
    pairs = environment["deploy"]["parameters"]["parameter_overrides"]
    assert environment["global"]["parameters"]["stack_name"]
    return dict(pair.split("=", 1) for pair in pairs)


class TestLogs:
    @named(FUNCTIONS)
    def test_every_function_has_its_log_group(self, name: str, body: dict[str, Any]) -> None:
        properties = body["Properties"]
        group = RESOURCES[f"{name}LogGroup"]["Properties"]
        assert _text(group["LogGroupName"]) == f"/aws/lambda/{_text(properties['FunctionName'])}"
        assert properties["LoggingConfig"]["LogGroup"] == {"Ref": f"{name}LogGroup"}

    @named(MACHINES)
    def test_every_state_machine_logs_everything_to_its_log_group(
        self, name: str, body: dict[str, Any]
    ) -> None:
        properties = body["Properties"]
        group = RESOURCES[f"{name}LogGroup"]["Properties"]
        assert _text(group["LogGroupName"]) == (
            f"/aws/vendedlogs/states/{_text(properties['Name'])}"
        )
        assert properties["Logging"]["Level"] == "ALL"
        assert resolved(properties["Logging"]["IncludeExecutionData"]) is True
        assert (
            resolved(properties["Logging"]["IncludeExecutionData"], LogExecutionData="false")
            is False
        )
        (destination,) = properties["Logging"]["Destinations"]
        assert destination["CloudWatchLogsLogGroup"]["LogGroupArn"] == {
            "Fn::GetAtt": [f"{name}LogGroup", "Arn"]
        }

    @named(of_type("AWS::Logs::LogGroup"))
    def test_every_log_group_keeps_logs_for_as_long_as_asked(
        self, name: str, body: dict[str, Any]
    ) -> None:
        assert body["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionInDays"}
        assert name.removesuffix("LogGroup") in {**FUNCTIONS, **MACHINES}
        assert body["DeletionPolicy"] == "Delete"
        assert body["UpdateReplacePolicy"] == "Retain"


class TestRoles:
    @named(ROLES)
    def test_a_role_has_one_user_and_no_name(self, name: str, body: dict[str, Any]) -> None:
        assert references_to(name) == 1
        assert "RoleName" not in body["Properties"]

    @named(ROLES)
    def test_a_role_trusts_one_service_and_this_account_only(
        self, name: str, body: dict[str, Any]
    ) -> None:
        owner = RESOURCES[name.removesuffix("Role")]["Type"]
        (statement,) = body["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": _PRINCIPALS[owner]}
        assert statement["Action"] == "sts:AssumeRole"
        condition = statement["Condition"]
        assert condition["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
        if owner != "AWS::Serverless::Function":
            assert condition["ArnLike"]["aws:SourceArn"]

    @named(ALL_STATEMENTS)
    def test_only_log_delivery_is_allowed_on_everything(
        self, name: str, body: dict[str, Any]
    ) -> None:
        assert body["Sid"]
        if body["Effect"] == "Deny":
            return
        actions = many(body["Action"])
        assert not [action for action in actions if "*" in action]
        if "*" in many(body["Resource"]):
            holder, sid = name.split(": ")
            owner = RESOURCES[holder.removesuffix("Role")]["Type"]
            assert set(actions) == ON_EVERYTHING[owner][sid]
            assert len(actions) == len(set(actions))

    def test_every_state_machine_can_deliver_its_log(self) -> None:
        for name in MACHINES:
            assert f"{name}Role: DeliverLogs" in ALL_STATEMENTS

    @named(ALL_STATEMENTS)
    def test_a_sid_is_used_once_in_its_role(self, name: str, body: dict[str, Any]) -> None:
        holder = name.split(":")[0]
        role = RESOURCES.get(holder) or COMMON["Resources"][holder]
        assert [statement["Sid"] for statement in statements(role)].count(body["Sid"]) == 1

    @named(FUNCTIONS)
    def test_a_function_may_write_its_own_log_and_nothing_else(
        self, name: str, body: dict[str, Any]
    ) -> None:
        assert body["Properties"]["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
        (statement,) = statements(RESOURCES[f"{name}Role"])
        assert set(statement["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
        assert statement["Resource"] == {"Fn::GetAtt": [f"{name}LogGroup", "Arn"]}

    def test_tracing_is_allowed_where_it_is_on_only(self) -> None:
        policy = RESOURCES["TracePolicy"]
        assert resolved({"Fn::If": [policy["Condition"], 1, 0]}, TraceWithXRay="true") == 1
        assert resolved({"Fn::If": [policy["Condition"], 1, 0]}) == 0
        for name, body in ROLES.items():
            attached = body["Properties"].get("ManagedPolicyArns")
            if name.removesuffix("Role") in {**FUNCTIONS, **MACHINES}:
                # By the role, so that nothing traced is made before it may.
                assert resolved(attached, TraceWithXRay="true") == [{"Ref": "TracePolicy"}]
                assert resolved(attached) == {"Ref": "AWS::NoValue"}
            else:
                assert attached is None

    def test_tracing_is_on_where_it_is_asked_for(self) -> None:
        for body in MACHINES.values():
            traced = body["Properties"]["Tracing"]["Enabled"]
            assert resolved(traced, TraceWithXRay="true") is True
            assert resolved(traced) is False
        traced = REFRESH["Globals"]["Function"]["Tracing"]
        assert resolved(traced, TraceWithXRay="true") == "Active"
        assert resolved(traced) == "PassThrough"

    def test_functions_are_not_traced_in_china(self) -> None:
        # https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html
        traced = REFRESH["Globals"]["Function"]["Tracing"]
        china = {"AWS::Partition": "aws-cn", "AWS::Region": "cn-north-1"}
        assert resolved(traced, china, TraceWithXRay="true") == "PassThrough"

    def test_arns_name_no_partition_region_or_account(self) -> None:
        for template in TEMPLATES.values():
            for value in walk(template["Resources"]):
                if isinstance(value, str) and value.startswith("arn:"):
                    assert re.match(
                        r"arn:\$\{AWS::Partition\}:(iam:|\w+:\$\{AWS::Region\}):\$\{AWS::AccountId\}:",
                        value,
                    ), value

    def test_the_map_may_handle_its_own_children(self) -> None:
        definition = json.loads(_read("statemachine/sfn.asl.json"))
        labels = [
            state["Label"]
            for state in walk(definition)
            if isinstance(state, dict) and state.get("Type") == "Map"
        ]
        machine = _text(RESOURCES["RefreshStateMachine"]["Properties"]["Name"])
        prefix = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:"
        allowed = {
            (action, _text(resource))
            for statement in statements(RESOURCES["RefreshStateMachineRole"])
            for action in many(statement["Action"])
            for resource in many(statement["Resource"])
            if action.startswith("states:")
        }
        assert labels
        assert allowed == {
            ("states:StartExecution", f"{prefix}stateMachine:{machine}"),
            ("states:DescribeExecution", f"{prefix}execution:{machine}:*"),
            *(
                (action, f"{prefix}execution:{machine}/{label}:*")
                for label in labels
                for action in ("states:DescribeExecution", "states:StopExecution")
            ),
        }


_PRINCIPALS = {
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::Serverless::StateMachine": "states.amazonaws.com",
    "AWS::Serverless::Function": "lambda.amazonaws.com",
}

EVENT_RULES = {
    name: body
    for name, body in of_type("AWS::Events::Rule").items()
    if "EventPattern" in body["Properties"]
}


class TestTrigger:
    @named(EVENT_RULES)
    def test_every_target_of_an_event_retries_and_has_a_dead_letter_queue(
        self, name: str, body: dict[str, Any]
    ) -> None:
        for target in body["Properties"]["Targets"]:
            queue = target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]
            assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 86_400
            assert target["RetryPolicy"]["MaximumRetryAttempts"] == 185
            assert target["RoleArn"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
            assert RESOURCES[queue]["Properties"]["MessageRetentionPeriod"] == 14 * 86_400
            assert RESOURCES[queue]["Properties"]["SqsManagedSseEnabled"] is True
            policy = RESOURCES[f"{queue}Policy"]
            assert policy["Properties"]["Queues"] == [{"Ref": queue}]
            statement, _ = statements(policy)
            assert statement["Action"] == "sqs:SendMessage"
            assert statement["Principal"] == {"Service": "events.amazonaws.com"}
            assert statement["Resource"] == {"Fn::GetAtt": [queue, "Arn"]}
            assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == {
                "Fn::GetAtt": [name, "Arn"]
            }

    def test_what_comes_again_each_hour_gives_way_to_the_next(self) -> None:
        (name,) = set(of_type("AWS::Events::Rule")) - set(EVENT_RULES)
        assert RESOURCES[name]["Properties"]["ScheduleExpression"] == "rate(1 hour)"
        (target,) = RESOURCES[name]["Properties"]["Targets"]
        assert target["RoleArn"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
        machine = RESOURCES[target["Arn"]["Ref"]]
        late = target["RetryPolicy"]["MaximumEventAgeInSeconds"]
        assert late < 3600
        assert json.loads(_definition(machine))["TimeoutSeconds"] < 3600

    def test_files_of_the_folder_start_the_refresh(self) -> None:
        properties = RESOURCES["FileEventRule"]["Properties"]
        assert "EventBusName" not in properties  # S3 sends to the default bus only
        other = {"prefix": {"Ref": "TargetFolderPathInOtherForm"}}
        second = {"Fn::If": ["IsWatchedInTwoForms", other, {"Ref": "AWS::NoValue"}]}
        assert properties["EventPattern"] == {
            "source": ["aws.s3"],
            "detail-type": ["Object Created", "Object Deleted"],
            "detail": {
                "bucket": {"name": [{"Ref": "BucketName"}]},
                "object": {"key": [{"prefix": {"Ref": "TargetFolderPath"}}, second]},
            },
        }
        (target,) = properties["Targets"]
        assert target["Arn"] == {"Ref": "RefreshStateMachine"}
        assert "Input" not in target
        (statement,) = statements(RESOURCES["FileEventRuleRole"])
        assert statement["Action"] == "states:StartExecution"
        assert statement["Resource"] == target["Arn"]


def _tags(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a resource is tagged with, with the longest ProjectId."""
    tags = resource["Properties"].get("Tags", [])
    pairs = tags.items() if isinstance(tags, dict) else ((one["Key"], one["Value"]) for one in tags)
    for key, value in pairs:
        yield key, _text(value).replace("${ProjectId}", "a" * 35)


class TestTags:
    @named(
        {
            f"{template}: {name}": resource
            for template, content in TEMPLATES.items()
            for name, resource in content["Resources"].items()
            if "Tags" in resource["Properties"]
        }
    )
    def test_every_service_takes_every_tag(self, name: str, body: dict[str, Any]) -> None:
        for key, value in _tags(body):
            assert TAG.fullmatch(key), name
            assert TAG.fullmatch(value), name
            assert not key.startswith("aws:")
            assert len(key) <= 128
            assert len(value) <= 256

    def test_every_name_that_a_project_has_is_tagged_with_what_it_is_for(self) -> None:
        for name, resource in (COMMON["Resources"] | RESOURCES).items():
            if resource["Type"] in _TAGGED:
                assert [key for key, _ in _tags(resource)] == ["usefor"], name


_TAGGED = {
    "AWS::DynamoDB::Table",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Serverless::StateMachine",
}


class TestTheTwoStacks:
    def test_the_shared_stack_exports_what_the_refresh_stack_imports(self) -> None:
        exports = {_text(output["Export"]["Name"]) for output in COMMON["Outputs"].values()}
        imports = {
            _text(value["Fn::ImportValue"])
            for value in walk(REFRESH)
            if isinstance(value, dict) and "Fn::ImportValue" in value
        }
        assert imports == exports
        assert exports == {
            "${ProjectId}-alarm-topic-arn",
            "${ProjectId}-operation-topic-arn",
            "${ProjectId}-parameters-tablename",
            "${ProjectId}-parameters-tablename-arn",
        }

    def test_what_people_typed_in_is_kept(self) -> None:
        table = COMMON["Resources"]["ParameterTable"]
        properties = table["Properties"]
        assert table["DeletionPolicy"] == "RetainExceptOnCreate"
        assert table["UpdateReplacePolicy"] == "Retain"
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        assert properties["KeySchema"] == [{"AttributeName": "S3uri", "KeyType": "HASH"}]

    def test_a_mail_topic_is_told_by_its_project(self) -> None:
        for topic in of_type("AWS::SNS::Topic", COMMON).values():
            assert topic["Properties"]["DisplayName"] == {"Ref": "ProjectId"}
        subscription = COMMON["Resources"]["OperationTopicEmailSubscription"]
        assert subscription["Condition"] == "HasNotificationEmail"

    def test_outputs_lead_to_the_machine_and_to_what_failed(self) -> None:
        link = json.dumps(REFRESH["Outputs"]["RefreshStateMachineConsoleLink"]["Value"])
        assert (
            "/states/home?region=${AWS::Region}#/statemachines/view/${RefreshStateMachine}" in link
        )
        assert REFRESH["Outputs"]["RefreshStateMachineArn"]["Value"] == {
            "Ref": "RefreshStateMachine"
        }
        assert REFRESH["Outputs"]["FileEventDeadLetterQueueUrl"]["Value"] == {
            "Ref": "FileEventDeadLetterQueue"
        }


_FOLDERS = REFRESH["Parameters"]["TargetFolderPath"]["AllowedPattern"]


class TestDefinitions:
    def test_every_definition_is_deployed_once(self) -> None:
        files = [f"statemachine/{file.name}" for file in (ROOT / "statemachine").glob("*.asl.json")]
        deployed = [machine["Properties"]["DefinitionUri"] for machine in MACHINES.values()]
        assert sorted(deployed) == sorted(files)

    @named(MACHINES)
    def test_substitutions_are_those_the_definition_uses(
        self, name: str, body: dict[str, Any]
    ) -> None:
        used = set(_SUBSTITUTION.findall(_definition(body)))
        assert set(body["Properties"]["DefinitionSubstitutions"]) == used

    @named(MACHINES)
    @given(folder=st.from_regex(_FOLDERS, fullmatch=True))
    def test_no_folder_that_is_taken_spoils_the_definition(
        self, name: str, body: dict[str, Any], folder: str
    ) -> None:
        # Step Functions puts the values into the text as they are.
        filled = _definition(body).replace("${TargetFolderPath}", folder)
        assert _count(json.loads(filled)) == _count(json.loads(_definition(body)))
        assert set(_SUBSTITUTION.findall(filled)) <= set(_SUBSTITUTION.findall(_definition(body)))

    @named(MACHINES)
    def test_a_run_outlasts_the_longest_refresh(self, name: str, body: dict[str, Any]) -> None:
        definition = json.loads(_definition(body))
        longest = REFRESH["Parameters"]["RefreshTimeoutSeconds"]["MaxValue"]
        outlasted = {"RefreshStateMachine": longest + 3600, "ReportLostRunStateMachine": 3600}
        assert definition["TimeoutSeconds"] >= outlasted.get(name, 0)

    @named(MACHINES)
    def test_state_machines_are_standard_with_a_role_of_their_own(
        self, name: str, body: dict[str, Any]
    ) -> None:
        assert body["Properties"]["Type"] == "STANDARD"
        assert body["Properties"]["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}


def _definition(machine: dict[str, Any]) -> str:
    return _read(machine["Properties"]["DefinitionUri"])


def _count(value: Any) -> Counter[type]:
    return Counter(type(member) for member in walk(value))


class TestFunctions:
    @named(FUNCTIONS)
    def test_one_name_runs_through_everything(self, name: str, body: dict[str, Any]) -> None:
        step = re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Function")).lower()
        assert body["Properties"]["CodeUri"] == f"functions/{step}/"
        assert _text(body["Properties"]["FunctionName"]) == (
            "${ProjectId}-" + step.replace("_", "-")
        )
        assert (ROOT / "functions" / step / "app.py").is_file()
        arns = [
            machine["Properties"]["DefinitionSubstitutions"].get(f"{name}Arn")
            for machine in MACHINES.values()
        ]
        assert {"Fn::GetAtt": [name, "Arn"]} in arns

    def test_every_function_of_the_tree_is_deployed(self) -> None:
        folders = {f"functions/{file.parent.name}/" for file in ROOT.glob("functions/*/app.py")}
        assert {body["Properties"]["CodeUri"] for body in FUNCTIONS.values()} == folders

    def test_the_handler_exists(self) -> None:
        module, function = REFRESH["Globals"]["Function"]["Handler"].split(".")
        for body in FUNCTIONS.values():
            source = ROOT / body["Properties"]["CodeUri"] / f"{module}.py"
            assert re.search(rf"^def {function}\(", source.read_text(encoding="utf-8"), re.M)

    def test_the_layer_is_the_powertools_that_the_tests_use(self) -> None:
        settings = REFRESH["Globals"]["Function"]
        (pinned,) = re.findall(
            r"^aws-lambda-powertools==(\S+)", _read("requirements/run.in"), flags=re.M
        )
        assert f"aws-lambda-powertools=={pinned} " in _read("requirements/run.txt")
        (layer,) = settings["Layers"]
        condition, commercial, other = layer["Fn::If"]
        assert condition == "IsCommercialPartition"
        (architecture,) = settings["Architectures"]
        assert commercial == (
            "{{resolve:ssm:/aws/service/powertools/python/"
            f"{architecture}/{settings['Runtime']}/{pinned}}}}}"
        )
        runtime = settings["Runtime"].replace(".", "")
        assert f"AWSLambdaPowertoolsPythonV3-{runtime}-{architecture}:" in other["Fn::Sub"][0]

    @pytest.mark.parametrize(
        ("partition", "region", "publisher"),
        [
            ("aws-cn", "cn-north-1", "498634801083"),
            ("aws-us-gov", "us-gov-east-1", "165087284144"),
            ("aws-us-gov", "us-gov-west-1", "165093116878"),
        ],
    )
    def test_other_partitions_have_publishers_of_their_own(
        self, partition: str, region: str, publisher: str
    ) -> None:
        facts = {"AWS::Partition": partition, "AWS::Region": region}
        (layer,) = REFRESH["Globals"]["Function"]["Layers"]
        assert resolved(resolved(layer, facts)["Fn::Sub"][1]["Publisher"], facts) == publisher

    @pytest.mark.parametrize(
        ("partition", "expected"), [("aws", "JSON"), ("aws-cn", "JSON"), ("aws-us-gov", "Text")]
    )
    def test_the_log_is_json_where_lambda_offers_it(self, partition: str, expected: str) -> None:
        # https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-lambda.html
        written = REFRESH["Globals"]["Function"]["LoggingConfig"]["LogFormat"]
        assert resolved(written, {"AWS::Partition": partition}) == expected

    def test_no_level_of_the_log_drops_the_metrics(self) -> None:
        # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
        for body in ({"Properties": REFRESH["Globals"]["Function"]}, *FUNCTIONS.values()):
            assert set(body["Properties"]["LoggingConfig"]) <= {"LogFormat", "LogGroup"}


def _read(name: str) -> str:
    return Path(ROOT / name).read_text(encoding="utf-8")
