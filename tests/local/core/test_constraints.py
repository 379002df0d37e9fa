"""A request, checked against its service's model."""

from typing import Any

import pytest

from local.core.constraints import breaches, service_model
from local.core.patterns import PatternNotKnownError, matches

#: What the product, its command line and its templates talk to.
SERVICES = (
    *("cloudformation", "cloudwatch", "dynamodb", "events", "iam", "lambda", "logs"),
    *("quicksight", "s3", "sns", "sqs", "ssm", "stepfunctions", "sts"),
)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        (
            "events",
            "PutTargets",
            {"Rule": "r", "Targets": [{"Id": "ok", "Arn": "a"}, {"Id": "!@", "Arn": "a"}]},
            r"Value '!@' at 'targets.2.member.id' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
        ),
        (
            "sns",
            "Publish",
            {"Message": "m", "MessageAttributes": {"one": {}}},
            "Value null at 'messageAttributes.one.member.dataType' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            "cloudwatch",
            "SetAlarmState",
            {"AlarmName": "a", "StateReason": "r", "StateValue": "INVALID"},
            "Value 'INVALID' at 'stateValue' failed to satisfy constraint: "
            "Member must satisfy enum value set: [OK, ALARM, INSUFFICIENT_DATA]",
        ),
        (
            "stepfunctions",
            "ListExecutions",
            {"maxResults": 1001},
            "Value '1001' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 1000",
        ),
        (
            "iam",
            "CreateRole",
            {"RoleName": "r", "AssumeRolePolicyDocument": "{}", "Description": "役割"},
            "Value '役割' at 'description' failed to satisfy constraint: Member must satisfy "
            r"regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": []},
            "Value '[]' at 'transactItems' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
        (
            "logs",
            "CreateLogGroup",
            {"logGroupName": "g", "tags": {"key": "a,b"}},
            "Value '{key=a,b}' at 'tags' failed to satisfy constraint: Map value must satisfy "
            "constraint: [Member must have length less than or equal to 256, Member must satisfy "
            r"regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$]",
        ),
        (
            "lambda",
            "UpdateFunctionConfiguration",
            {"FunctionName": "f", "Layers": ["x"]},
            "Value '[x]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: "
            "[Member must have length less than or equal to 2048, Member must have length greater "
            "than or equal to 1, Member must satisfy regular expression pattern: ",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_a_value_is_refused_in_the_services_words(
    service: str, operation: str, parameters: dict[str, Any], expected: str
) -> None:
    (found,) = breaches(service, operation, parameters)
    assert str(found).startswith(expected)


def test_what_the_model_allows_breaks_nothing() -> None:
    description = "One\tof\r\n the roles of Æther: ÿ"
    assert not breaches(
        "iam",
        "CreateRole",
        {"RoleName": "r", "AssumeRolePolicyDocument": "{}", "Description": description},
    )
    assert not breaches("logs", "CreateLogGroup", {"logGroupName": "g", "tags": {"鍵": "値 1"}})


@pytest.mark.parametrize("value", ["300", True, [300], None], ids=repr)
def test_a_value_of_another_type_is_told_as_such(value: Any) -> None:
    found = breaches(
        "cloudwatch",
        "PutMetricAlarm",
        {
            "AlarmName": "a",
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Period": value,
        },
    )
    if value is None:  # a member that is null is not there
        assert not found
    else:
        assert [one.is_type for one in found] == [True]


def test_a_value_holds_itself_to_any_depth() -> None:
    deep: dict[str, Any] = {"N": 1}
    for _ in range(20):
        deep = {"L": [deep]}
    (found,) = breaches("dynamodb", "PutItem", {"TableName": "t", "Item": {"a": deep}})
    assert found.is_type
    assert found.path == "item.a.member" + ".l.1.member" * 20 + ".n"


@pytest.mark.parametrize(
    ("text", "longest"), [("a", 512), ("あ", 512), ("😀", 256)], ids=["ascii", "bmp", "beyond"]
)
def test_a_length_is_that_of_java(text: str, longest: int) -> None:
    def rule(count: int) -> list[Any]:
        return breaches("events", "PutRule", {"Name": "r", "Description": text * count})

    assert not rule(longest)
    assert rule(longest + 1)


@pytest.mark.parametrize("value", ["a\n", " a", "a b", "", "é"])
def test_a_pattern_takes_the_whole_value(value: str) -> None:
    assert matches("[a-z]+$", "a")
    assert not matches("[a-z]+$", value)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"[\p{L}\p{Z}\p{N}_]*", "日本 5_", "日,本"),
        (r"\P{C}*", "日 本", "a\x00"),
        (r"[\P{C}\n]*", "a\n", "a\r"),
        (r"[\w-_]*", "a-_", "a b"),
        (r"\p{ASCII}*", "a~", "日"),
        (r"[\u0020-\uD7FF\uD800\uDC00-\uDBFF\uDFFF]*", "a😀", "\n"),
        (r"\d+", "12", "１２"),
    ],
)
def test_java_and_python_agree(pattern: str, good: str, bad: str) -> None:
    assert matches(pattern, good)
    assert not matches(pattern, bad)


@pytest.mark.parametrize("service", SERVICES)
def test_every_pattern_of_our_services_can_be_read(service: str) -> None:
    model = service_model(service)
    for name in model.shape_names:
        pattern = model.shape_for(name).metadata.get("pattern")
        if pattern:
            matches(pattern, "a")


def test_a_pattern_that_cannot_be_read_is_told() -> None:
    with pytest.raises(PatternNotKnownError):
        matches("[a-z](", "a")
