"""What the tools of ``make audit`` find and what stays so: each once, with its reason.

``on`` names resources, or kinds of resources where the reason is one of the kind. A row that no
finding needs makes ``make audit`` fail, as does a finding without a row.
"""

from dataclasses import dataclass

QUEUES = ("AWS::SQS::Queue",)
FUNCTIONS = ("AWS::Serverless::Function",)
MACHINE_ROLES = (
    "RefreshStateMachineRole",
    "ReportLostRunStateMachineRole",
    "CheckFreshnessStateMachineRole",
)


@dataclass(frozen=True)
class Accepted:
    """A finding that stays, and why."""

    tool: str
    id: str
    on: tuple[str, ...]
    why: str


ACCEPTED = (
    Accepted(
        "cfn-lint-serverless",
        "ES4000",
        ("CheckFreshnessRule",),
        "the next hour's event does the same; an alarm tells where two of three hours failed",
    ),
    Accepted(
        "cfn-lint-serverless",
        "ES4000",
        ("ResultRule", "StartRule"),
        "add-ons: a result is in the mail, a lost start shows as a folder that is out of date",
    ),
    Accepted(
        "cfn-lint-serverless",
        "ES6000",
        QUEUES,
        "each is itself a dead-letter queue",
    ),
    Accepted(
        "cfn-lint-serverless",
        "ES7000",
        ("OperationTopicEmailSubscription",),
        "an alarm tells of mails that were not delivered; a queue of them would be read by nobody",
    ),
    Accepted(
        "cfn-lint-serverless",
        "WS1000",
        FUNCTIONS,
        "a parameter switches tracing on",
    ),
    Accepted(
        "cfn-lint-serverless",
        "WS1004",
        FUNCTIONS,
        "their LoggingConfig names a log group of the template, which has a retention",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_26",
        ("OperationTopic", "AlarmTopic", "ChatTopic"),
        "with the key alias/aws/sns neither alarm nor rule could publish; one's own key would add a"
        " bill, and a policy to keep",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_27",
        QUEUES,
        "encrypted by SQS itself (SqsManagedSseEnabled); EventBridge could not use the key"
        " alias/aws/sqs",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_28",
        ("RefreshStateTable",),
        "counters and memories that the next runs make anew",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_111",
        MACHINE_ROLES,
        "log delivery has no resources to name; every other statement names its own",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_115",
        FUNCTIONS,
        "they run once per file event or refresh; reserved concurrency would take it from the"
        " account's other functions",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_116",
        FUNCTIONS,
        "only the state machine invokes them, and waits for the answer; dead letters are for"
        " invocations nobody waits for",
    ),
    Accepted("checkov", "CKV_AWS_117", FUNCTIONS, "they connect to nothing"),
    Accepted(
        "checkov",
        "CKV_AWS_119",
        ("AWS::DynamoDB::Table",),
        "encrypted with a key that AWS owns, which costs and breaks nothing; one's own key would"
        " add a bill",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_158",
        ("AWS::Logs::LogGroup",),
        "encrypted with a key that AWS owns, which costs and breaks nothing; one's own key would"
        " add a bill",
    ),
    Accepted(
        "checkov",
        "CKV_AWS_173",
        FUNCTIONS,
        "their variables hold no secret, and are encrypted with a key that AWS manages",
    ),
    Accepted(
        "parliament",
        "PERMISSIONS_MANAGEMENT_ACTIONS",
        MACHINE_ROLES,
        "one of the log delivery actions is logs:PutResourcePolicy",
    ),
    Accepted(
        "parliament",
        "PERMISSIONS_MANAGEMENT_ACTIONS",
        ("OperationTopicPolicy", "AlarmTopicPolicy"),
        "the account's own people subscribe and set up the topic; their roles must allow it as"
        " well",
    ),
    Accepted(
        "parliament",
        "RESOURCE_MISMATCH",
        ("RefreshStateMachineRole", "ReportLostRunStateMachineRole"),
        "parliament takes states:DescribeExecution for one of Express executions; these are"
        " Standard",
    ),
    Accepted(
        "parliament",
        "RESOURCE_STAR",
        MACHINE_ROLES,
        'Step Functions checks the log delivery actions for "*", the two that have resources'
        " included",
    ),
)
