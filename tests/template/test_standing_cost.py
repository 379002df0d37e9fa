"""What a stack costs while nothing happens: with Monitoring=none, only the hourly check."""

import pytest

from local.services.cloudformation import ADDONS, load
from tests.template.test_refusals import ORDINARY, PARTITIONS, refusals, resources

#: Types of resources that are billed for what goes through them or stays in them, and why they cost
#: nothing otherwise.
BILLED_BY_USE = {
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": "https://aws.amazon.com/chatbot/pricing/",
    "AWS::Chatbot::SlackChannelConfiguration": "https://aws.amazon.com/chatbot/pricing/",
    "AWS::DynamoDB::Table": "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    "AWS::Events::Rule": "https://aws.amazon.com/eventbridge/pricing/",
    "AWS::IAM::Role": "https://aws.amazon.com/iam/",
    "AWS::Lambda::Function": "https://aws.amazon.com/lambda/pricing/",
    "AWS::Lambda::Permission": "https://aws.amazon.com/lambda/pricing/",
    "AWS::Logs::LogGroup": "https://aws.amazon.com/cloudwatch/pricing/",
    "AWS::Scheduler::Schedule": "https://aws.amazon.com/eventbridge/pricing/",
    "AWS::SNS::Subscription": "https://aws.amazon.com/sns/pricing/",
    "AWS::SNS::Topic": "https://aws.amazon.com/sns/pricing/",
    "AWS::SNS::TopicPolicy": "https://aws.amazon.com/sns/pricing/",
    "AWS::SQS::Queue": "https://aws.amazon.com/sqs/pricing/",
    "AWS::SQS::QueuePolicy": "https://aws.amazon.com/sqs/pricing/",
    "AWS::StepFunctions::StateMachine": "https://aws.amazon.com/step-functions/pricing/",
}
#: What would make one of them cost something all the time.
STANDING = {"ProvisionedThroughput", "ProvisionedConcurrencyConfig", "KmsMasterKeyId", "KmsKeyArn"}


def kinds(monitoring: str, **values: str) -> list[str]:
    """Return the types of what both stacks create."""
    return [kind for kind, _ in resources(**ORDINARY, Monitoring=monitoring, **values).values()]


def test_without_monitoring_nothing_is_billed_while_nothing_happens() -> None:
    found = resources(**ORDINARY, Monitoring="none")
    assert {kind for kind, _ in found.values()} <= set(BILLED_BY_USE)
    for name, (kind, properties) in found.items():
        assert not STANDING & set(properties), name
        if kind == "AWS::DynamoDB::Table":
            assert properties["BillingMode"] == "PAY_PER_REQUEST"


def test_no_add_on_is_billed_while_nothing_happens() -> None:
    for path in ADDONS:
        for name, body in load(path)["Resources"].items():
            assert body["Type"] in BILLED_BY_USE, name
            assert not STANDING & set(body["Properties"]), name


def test_alarms_alone_are_all_alarms_without_the_dashboard() -> None:
    full, alarms = kinds("full"), kinds("alarms")
    full.remove("AWS::CloudWatch::Dashboard")
    assert sorted(alarms) == sorted(full)
    assert "AWS::CloudWatch::Alarm" in alarms


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("monitoring", ["alarms", "none"])
def test_what_is_left_is_legal(partition: str, monitoring: str) -> None:
    assert refusals(resources(partition, **ORDINARY, Monitoring=monitoring)) == []
