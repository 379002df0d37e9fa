"""What the local account imitates, how sure we are that AWS does it, and the test that pins it.

A module of ``local/`` that imitates AWS says what, one behaviour after the other, in the paragraph
of its docstring that begins with "Imitates"; semicolons part them. Here each behaviour has its
facts, or the table is not complete (``test_honesty.py``).

``python -m tests.local.honesty`` writes docs/dev/imitated.md.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from local.services.cloudformation import ROOT

PAGE = ROOT / "docs" / "dev" / "imitated.md"
#: The modules of ``local/`` by name, whatever floor they are on.
MODULES = {path.stem: path for path in (ROOT / "local").rglob("*.py") if path.stem != "__init__"}
GRADES = {
    "R": "recorded: an answer of AWS itself, kept by people who test against AWS",
    "V": "verified in AWS's documentation, service models or own source code",
    "S": "from a second-hand source",
    "I": "inferred",
    "U": "not verified: imitated both ways, or built to do without",
}
_DOCS = "https://docs.aws.amazon.com"


@dataclass(frozen=True)
class Fact:
    """What AWS does, where the local account imitates it.

    Attributes:
        covers: the imitated behaviour, word for word as in the module's docstring.
        text: what AWS does.
        source: where that is said, as Markdown.
        grade: a key of ``GRADES``.
        test: its name in ``tests/local/FLOOR/test_MODULE.py``, or ``file::name`` below ``tests/``.
    """

    covers: str
    text: str
    source: str
    grade: str
    test: str


def _guide(service: str, page: str) -> str:
    return f"[{page}]({_DOCS}/{service}/{page}.html)"


def _sfn(page: str) -> str:
    return _guide("step-functions/latest/dg", page)


def _iam(page: str) -> str:
    return _guide("IAM/latest/UserGuide", page)


def _lambda(page: str) -> str:
    return _guide("lambda/latest/dg", page)


def _api(where: str, *names: str) -> str:
    return ", ".join(f"[{name}]({_DOCS}/{where}/API_{name}.html)" for name in names)


def _states(*names: str) -> str:
    return _api("step-functions/latest/apireference", *names)


def _quicksight(*names: str) -> str:
    return _api("quicksight/latest/APIReference", *names)


def _sns(*names: str) -> str:
    return _api("sns/latest/api", *names)


def _sqs(*names: str) -> str:
    return _api("AWSSimpleQueueService/latest/APIReference", *names)


_EVENTBRIDGE = "eventbridge/latest/userguide"
_S3 = "AmazonS3/latest/userguide"
_CLOUDFORMATION = "AWSCloudFormation/latest/UserGuide"
_SAM = "serverless-application-model/latest/developerguide"
_MEASURED = (
    "[LocalStack's snapshots of AWS](https://github.com/localstack/localstack/tree/8b9a79f"
    "/tests/aws/services/stepfunctions/v2)"
)


#: What LocalStack's authors recorded on AWS, below their tests of SNS.
_SNS_RECORDED = (
    "[test_sns_filter_policy](https://github.com/localstack/localstack/blob/21bdd43/tests/aws/"
    "services/sns/test_sns_filter_policy.snapshot.json)"
)


def _recorded(*paths: str) -> str:
    """Link what LocalStack's authors recorded on AWS, below their tests of Step Functions."""
    root = (
        "https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/stepfunctions/v2"
    )
    return ", ".join(f"[{path.rpartition('/')[2]}]({root}/{path}.snapshot.json)" for path in paths)


_FLOCI = "[answers of AWS in floci's issues](https://github.com/floci-io/floci/issues/{})"
_RECORDED = (
    "[LocalStack's snapshots of AWS](https://github.com/localstack/localstack/tree/8b9a79f"
    "/tests/aws/services)"
)
_RUNTIME = (
    "[Lambda's runtime for Python](https://github.com/aws/aws-lambda-python-runtime-interface-client"
    "/blob/main/awslambdaric/bootstrap.py)"
)

_CHANGE_SET = _api("AWSCloudFormation/latest/APIReference", "CreateChangeSet")

FACTS: dict[str, list[Fact]] = {
    "cloudformation": [
        Fact(
            "SAM's transform (by ``aws-sam-translator``)",
            "CloudFormation turns SAM's resources into plain ones, by this library.",
            "[AWS's repository](https://github.com/aws/serverless-application-model)",
            "V",
            "test_sam_resources_become_plain_ones",
        ),
        Fact(
            "a function's code from its own folder",
            "`CodeUri` names the folder that becomes the function's code.",
            _guide(_SAM, "sam-resource-function"),
            "V",
            "test_a_functions_code_is_its_own_folder",
        ),
        Fact(
            "``DefinitionSubstitutions``, put into the definition as they are",
            "Placeholders in the definition are replaced by their values.",
            _guide(_SAM, "sam-resource-statemachine"),
            "V",
            "test_substitutions_stand_in_the_definition",
        ),
        Fact(
            "``DefinitionSubstitutions``, put into the definition as they are",
            "A value is not escaped for the JSON text that it lands in (the parameters allow"
            " nothing that would have to be).",
            "no page says so",
            "U",
            "test_a_substitution_is_not_escaped",
        ),
    ],
    "describe_execution": [
        Fact(
            "an answer of some seconds ago (a fault's ``stale``)",
            "That holds for a run that timed out: it has a `stopDate` like any other.",
            _recorded("timeouts/test_timeouts"),
            "R",
            "test_a_run_that_timed_out_a_moment_ago_may_still_be_running",
        ),
        Fact(
            "the quota of the account and Region, for the calls that machines make",
            "250 calls at once, then 10 a second; 300 and 15 in three large Regions.",
            _sfn("service-quotas"),
            "V",
            "test_the_bucket_has_the_regions_size_and_refill",
        ),
        Fact(
            "its refusal, ``ThrottlingException``, which the service's model does not know",
            "A call beyond the quota fails with `Sfn.SfnException`.",
            "the rule for errors outside the model, below",
            "I",
            "test_calls_of_machines_come_out_of_the_bucket_and_are_refused",
        ),
        Fact(
            "an answer of some seconds ago (a fault's ``stale``)",
            "DescribeExecution is eventually consistent.",
            _states("DescribeExecution"),
            "V",
            "test_an_answer_may_be_some_seconds_old",
        ),
    ],
    "distributed_map": [
        Fact(
            "results of at most 256 KiB",
            "A payload larger than 256 KiB ends the Map in `States.DataLimitExceeded`.",
            _sfn("service-quotas"),
            "V",
            "test_results_that_are_too_large_fail_the_map",
        ),
        Fact(
            "one Standard child execution an item",
            "Each item runs in a child execution, side by side.",
            _sfn("state-map-distributed"),
            "V",
            "test_children_run_side_by_side_with_histories_of_their_own",
        ),
        Fact(
            "a history for each child",
            "A child's history is separate from its parent's.",
            _sfn("state-map-distributed"),
            "V",
            "test_children_run_side_by_side_with_histories_of_their_own",
        ),
        Fact(
            "a limit of history events for each child",
            "25,000 events end an execution, so each child has 25,000 of its own.",
            _sfn("service-quotas"),
            "V",
            "test_a_child_fills_a_history_of_its_own",
        ),
        Fact(
            "a context object for each child",
            "`Execution.Id` is the child's, `StateMachine.Id` is NAME/LABEL.",
            f"{_sfn('input-output-contextobject')}; the labelled ARN: "
            f"{_sfn('state-map-distributed')}",
            "I",
            "test_a_child_has_a_context_of_its_own",
        ),
        Fact(
            "a child's input, the item or what ``ItemSelector`` makes of it in the parent",
            "`ItemSelector` can use the Map's input and `Map.Item` of the context object.",
            f"{_sfn('input-output-contextobject')}, {_sfn('state-map-inline')}",
            "V",
            "test_a_childs_input_is_its_item_or_what_the_parent_selects",
        ),
        Fact(
            "a child's input, the item or what ``ItemSelector`` makes of it in the parent",
            "It cannot use the parent's variables. The page says that a Distributed Map cannot"
            " reference variables of outer scopes, and not what happens if one does: here the"
            " expression fails.",
            f"{_sfn('workflow-variables')}; an inline one can: "
            f"{_recorded('scenarios/test_base_scenarios')}",
            "U",
            "test_a_childs_input_cannot_come_from_the_parents_variables",
        ),
        Fact(
            "``MaxConcurrency``",
            "So many children run at once at most; 0 sets no bound.",
            _sfn("state-map-distributed"),
            "V",
            "test_concurrency_can_be_bounded",
        ),
        Fact(
            "``ToleratedFailurePercentage``",
            "With 100, dead children never fail the Map.",
            _sfn("state-map-distributed"),
            "V",
            "test_a_tolerated_dead_child_leaves_its_record_or_nothing",
        ),
        Fact(
            "``ToleratedFailurePercentage``",
            "Beyond it the Map fails with `States.ExceedToleratedFailureThreshold`.",
            _sfn("concepts-error-handling"),
            "V",
            "test_a_dead_child_that_is_not_tolerated_fails_the_map",
        ),
        Fact(
            "``ToleratedFailurePercentage``",
            "Its cause: `The specified tolerated failure threshold was exceeded`.",
            _recorded("test_state/test_state_configuration"),
            "R",
            "test_a_dead_child_that_is_not_tolerated_fails_the_map",
        ),
        Fact(
            "the array of the children's outputs in the items' order",
            "Without ResultWriter the Map returns the array of the children's results.",
            _sfn("state-map-distributed"),
            "V",
            "test_children_run_side_by_side_with_histories_of_their_own",
        ),
        Fact(
            "the permission to start children",
            "The role needs `states:StartExecution` on its own machine.",
            _sfn("iam-policies-eg-dist-map"),
            "V",
            "test_a_map_may_not_start_or_read_children_unless_its_role_may",
        ),
        Fact(
            "the permission to read them (without it, here the Map fails)",
            "The role needs `states:DescribeExecution` on them; not said: what happens without.",
            _sfn("iam-policies-eg-dist-map"),
            "U",
            "test_a_map_may_not_start_or_read_children_unless_its_role_may",
        ),
        Fact(
            "the permission to stop them (without it, here they go on)",
            "Not said: whether stopping them needs `states:StopExecution`.",
            f"{_sfn('iam-policies-eg-dist-map')} does not list it",
            "U",
            "test_children_that_may_not_be_stopped_go_on",
        ),
        Fact(
            "children that end with their parent",
            "Children become ABORTED when the Map Run is stopped; here when the parent ends, too.",
            _sfn("concepts-examine-map-run"),
            "I",
            "test_children_end_with_their_parent",
        ),
        Fact(
            "what a tolerated child leaves that died (its execution record, or nothing:"
            " ``LocalAccount.dead_child_leaves``)",
            "A dead child leaves its execution record in the results, or nothing.",
            f"{_sfn('input-output-resultwriter')}, against reports",
            "U",
            "test_a_tolerated_dead_child_leaves_its_record_or_nothing",
        ),
    ],
    "error_names": [
        Fact(
            "the cause of a call that an optimised integration was refused",
            "`TEXT (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID:"
            " …; Proxy: null)`, likewise AmazonDynamoDBv2, AWSLambda and AWSStepFunctions.",
            _recorded(
                "error_handling/test_task_service_dynamodb",
                "error_handling/test_task_service_lambda",
                "error_handling/test_task_service_sfn",
                "services/test_sns_task_service",
            ),
            "R",
            "test_a_refused_optimised_call_tells_the_older_sdks_cause",
        ),
        Fact(
            "the cause of a call that the SDK was refused",
            "`TEXT (Service: Sfn, Status Code: 400, Request ID: …) (SDK Attempt Count: 1)`;"
            " how many attempts after a throttle: not recorded.",
            _recorded("callback/test_callback"),
            "R",
            "test_a_refused_call_of_the_sdk_tells_how_often_it_was_tried",
        ),
        Fact(
            "``<Prefix>.<Name>Exception``, an SDK integration's name for an error of the service's"
            " model",
            "`QuickSight.LimitExceededException`; `Exception` is added where it is missing.",
            _sfn("supported-services-awssdk"),
            "V",
            "test_an_sdk_integration_names_what_the_model_knows",
        ),
        Fact(
            "``<Prefix>.<Prefix>Exception``, its name for any other answer",
            "`QuickSight.QuickSightException`: measured for DynamoDB and Secrets Manager.",
            _MEASURED,
            "I",
            "test_an_sdk_integration_has_one_name_for_the_rest",
        ),
        Fact(
            "the optimised integrations' names, which are those of the first Java SDK",
            "`DynamoDB.…`, `SNS.…`, `Lambda.…`, `StepFunctions.…`, each with that SDK's class.",
            _MEASURED,
            "R",
            "test_optimised_integrations_have_the_names_of_an_older_sdk",
        ),
        Fact(
            "the base class of that SDK, for what its model does not know, throttling and access"
            " denied included",
            "`DynamoDB.AmazonDynamoDBException`, measured; the like for the other services.",
            f"{_MEASURED}; Lambda: {_sfn('sfn-best-practices')}",
            "S",
            "test_the_older_sdks_base_class_stands_for_the_rest",
        ),
        Fact(
            "``<Prefix>.SdkClientException`` where no answer came",
            "`Lambda.SdkClientException` is documented, `SQS.SdkClientException` measured.",
            f"{_sfn('concepts-error-handling')}; {_MEASURED}",
            "I",
            "test_an_answer_that_never_came_is_the_clients_error",
        ),
    ],
    "events": [
        Fact(
            "S3's events in AWS's own shape, in place of moto's",
            "An object that was created.",
            _guide(_S3, "ev-events"),
            "V",
            "test_a_created_object_is_told_in_the_shape_of_the_sample",
        ),
        Fact(
            "S3's events in AWS's own shape, in place of moto's",
            "An object that was deleted, with `deletion-type`.",
            _guide(_S3, "ev-events"),
            "V",
            "test_a_deleted_object_is_told_in_the_shape_of_the_sample",
        ),
        Fact(
            "the reason in them",
            "PutObject, CopyObject, CompleteMultipartUpload, DeleteObject.",
            _guide(_S3, "ev-events"),
            "V",
            "test_the_reason_is_the_api_that_was_called",
        ),
        Fact(
            "one event for a multipart upload",
            "A multipart upload is one event, when it is complete.",
            _guide(_S3, "EventBridge"),
            "V",
            "test_a_multipart_upload_is_one_event",
        ),
        Fact(
            "keys as they are, not URL-encoded",
            "Keys in events are not URL-encoded.",
            "seen in events of others; AWS's pages are silent",
            "S",
            "test_keys_are_not_url_encoded",
        ),
        Fact(
            "sequencers that grow",
            "Of two events for one key, the later one has the greater `sequencer`.",
            _guide(_S3, "notification-content-structure"),
            "V",
            "test_sequencers_grow",
        ),
        Fact(
            "delivery at least once (``deliver_twice``)",
            "An event may be delivered twice.",
            _guide(_S3, "notification-how-to-event-types-and-destinations"),
            "V",
            "test_an_event_may_be_delivered_twice",
        ),
        Fact(
            "the rules' own patterns",
            "An event goes to the targets of the rules, if they are enabled, whose pattern"
            " matches.",
            _guide(_EVENTBRIDGE, "eb-event-patterns"),
            "V",
            "test_a_rule_takes_what_matches_its_pattern_while_it_is_enabled",
        ),
        Fact(
            "a state machine that is started with the event as its input",
            "A target without a transformer gets the event itself.",
            _api("eventbridge/latest/APIReference", "PutTargets"),
            "V",
            "test_a_run_has_the_event_as_input",
        ),
        Fact(
            "its execution's name, which begins with the event's id",
            "The event's id, `_`, a UUID.",
            "seen by others; AWS's pages are silent",
            "S",
            "test_a_run_has_the_events_id_in_its_name",
        ),
        Fact(
            "the target's role, as which it is started",
            "EventBridge starts a machine as the target's `RoleArn`.",
            _api("eventbridge/latest/APIReference", "PutTargets"),
            "V",
            "test_a_machine_is_started_as_the_targets_role",
        ),
        Fact(
            "that role's trust policy",
            "The role must trust EventBridge for this account and rule.",
            f"{_iam('confused-deputy')}; the values for rules: no page",
            "I",
            "test_a_role_that_does_not_trust_the_rule_starts_nothing",
        ),
        Fact(
            "the dead-letter queue of a target that cannot be reached",
            "An event that lacks the permission for its target lands there at once.",
            _guide(_EVENTBRIDGE, "eb-rule-dlq"),
            "V",
            "test_an_event_that_cannot_be_delivered_lands_in_the_dead_letter_queue",
        ),
        Fact(
            "what went wrong, in the message's attributes",
            "RULE_ARN, TARGET_ARN, ERROR_CODE (NO_PERMISSIONS), ERROR_MESSAGE.",
            _guide(_EVENTBRIDGE, "eb-rule-dlq"),
            "V",
            "test_what_went_wrong_stands_in_the_dead_letters_attributes",
        ),
        Fact(
            "events of executions that never come (``lose_status_changes``)",
            "They are delivered on a best-effort basis.",
            _sfn("eventbridge-integration"),
            "V",
            "test_an_event_about_a_status_may_never_come",
        ),
        Fact(
            "what could not be delivered and has no such queue (``failed_invocations``)",
            "It is dropped and counted as `FailedInvocations`, by rule.",
            _guide(_EVENTBRIDGE, "eb-monitoring"),
            "V",
            "test_what_cannot_be_delivered_without_a_queue_is_counted_and_gone",
        ),
        Fact(
            "rules with a rate, which send their event while :meth:`EventBridge.tick` lets time"
            " pass",
            "An event `Scheduled Event` of `aws.events` with an empty detail, once each period."
            " When the first comes is not documented: here, after one period.",
            _guide(_EVENTBRIDGE, "eb-scheduled-rule-pattern"),
            "V",
            "test_a_rule_with_a_rate_sends_its_event_once_a_period",
        ),
        Fact(
            "TestEventPattern",
            "It tells whether a pattern matches an event.",
            _api("eventbridge/latest/APIReference", "TestEventPattern"),
            "V",
            "test_a_pattern_can_be_tried_on_an_event",
        ),
        Fact(
            "PutEvents, which fails the entries that break a rule and sends the others",
            "The answer has an entry for each: `EventId`, or `ErrorCode` and `ErrorMessage`.",
            f"{_guide(_EVENTBRIDGE, 'eb-putevents')};"
            f" {_api('eventbridge/latest/APIReference', 'PutEventsResultEntry')}",
            "V",
            "test_an_entry_that_breaks_a_rule_fails_and_no_other",
        ),
        Fact(
            "PutEvents, which fails the entries that break a rule and sends the others",
            "An event has id, source, detail-type, account, time, Region, resources and detail.",
            _recorded("services/test_events_task_service"),
            "R",
            "test_an_event_that_anybody_puts_has_an_envelope",
        ),
        Fact(
            "what PutEvents is asked for",
            "`events:PutEvents` on each bus, with source and detail-type for conditions; an event"
            " that is not allowed refuses the call (fails its entry: not known).",
            _guide(_EVENTBRIDGE, "eb-use-conditions"),
            "I",
            "local/stepfunctions/test_integrations.py"
            "::test_who_may_put_which_event_is_for_conditions_to_say",
        ),
        Fact(
            "queues as targets, whose policy decides",
            "`sqs:SendMessage` for events.amazonaws.com, with the rule's ARN as `aws:SourceArn`.",
            _guide(_EVENTBRIDGE, "eb-use-resource-based"),
            "V",
            "test_a_queue_gets_what_its_policy_lets_the_rule_send",
        ),
        Fact(
            "topics as targets, whose policy decides, but for its conditions",
            "`sns:Publish` for events.amazonaws.com; condition blocks cannot be used there. Some"
            " pages let a role decide instead, which is refused here.",
            _guide(_EVENTBRIDGE, "eb-troubleshooting"),
            "V",
            "test_a_topics_policy_decides_and_no_condition_of_it_holds",
        ),
        Fact(
            "a target's constant ``Input``",
            "JSON that the target gets in place of the event.",
            _api("eventbridge/latest/APIReference", "Target"),
            "V",
            "test_a_constant_input_is_given_as_it_is",
        ),
        Fact(
            "``InputPath``",
            "The part of the event that the target gets; where it leads nowhere is not documented.",
            _api("eventbridge/latest/APIReference", "Target"),
            "V",
            "test_a_part_of_the_event_is_legal_json_whatever_is_in_it",
        ),
    ],
    "executions": [
        Fact(
            "that the input is included",
            "`inputDetails` is `{included: true}`; `outputDetails` too, where there is an output.",
            _recorded("base/test_base", "test_sfn_api"),
            "R",
            "test_an_execution_says_that_its_input_is_included",
        ),
        Fact(
            "that no execution was redriven, and whether it could be",
            "`redriveCount` 0; `redriveStatus` REDRIVABLE, or NOT_REDRIVABLE with its reason"
            " for what runs or has succeeded.",
            _recorded("base/test_base", "test_sfn_api", "timeouts/test_timeouts"),
            "R",
            "test_an_execution_says_whether_it_could_be_redriven",
        ),
        Fact(
            "the end of an execution that timed out",
            "DescribeExecution tells it, too.",
            _recorded("timeouts/test_timeouts"),
            "R",
            "test_an_execution_that_timed_out_has_an_end",
        ),
        Fact(
            "ListExecutions of a Map Run",
            "It lists the children, the newest first.",
            _states("ListExecutions"),
            "V",
            "test_a_map_runs_children_are_listed_described_and_told",
        ),
        Fact(
            "DescribeExecution of its children",
            "It describes a child, with its `mapRunArn`.",
            _states("DescribeExecution"),
            "V",
            "test_a_map_runs_children_are_listed_described_and_told",
        ),
        Fact(
            "GetExecutionHistory of its children",
            "A child is an execution like any other, with its history.",
            _sfn("state-map-distributed"),
            "V",
            "test_a_map_runs_children_are_listed_described_and_told",
        ),
        Fact(
            "a history in pages, 100 events unless told otherwise",
            "100 events a page, if `maxResults` is 0 or not given.",
            _states("GetExecutionHistory"),
            "V",
            "test_a_page_of_a_history_has_a_hundred_events_unless_told_otherwise",
        ),
        Fact(
            "a history in both orders",
            "`reverseOrder` gives the latest events first.",
            _states("GetExecutionHistory"),
            "V",
            "test_a_history_comes_in_pages_and_in_both_orders",
        ),
        Fact(
            "the end of an execution that timed out",
            "An execution that has ended has a `stopDate`.",
            _states("ExecutionListItem"),
            "V",
            "test_an_execution_that_timed_out_has_an_end",
        ),
        Fact(
            "all members in it, null where there is nothing to tell",
            "`error`, `cause`, `redriveCount`, `redriveDate`, `redriveStatus`,"
            " `redriveStatusReason`, `stateMachineVersionArn`, `stateMachineAliasArn`,"
            " `output` and `outputDetails` are always there.",
            _recorded("base/test_base"),
            "R",
            "local/services/test_events.py::test_an_event_about_a_status_has_every_member",
        ),
        Fact(
            "all members in it, null where there is nothing to tell",
            "`output` is JSON as text, once there is one.",
            _recorded("base/test_base"),
            "R",
            "local/services/test_events.py::test_the_event_about_a_success_tells_its_output",
        ),
        Fact(
            "an event for each status of an execution",
            "RUNNING, then SUCCEEDED, FAILED, TIMED_OUT or ABORTED.",
            _sfn("eventbridge-integration"),
            "V",
            "local/services/test_events.py::test_each_status_of_an_execution_is_an_event",
        ),
        Fact(
            "error and cause in the event of a failed one",
            "The event of a FAILED execution has `error` and `cause`.",
            _sfn("eventbridge-integration"),
            "V",
            "local/services/test_events.py::test_the_event_about_a_failure_tells_error_and_cause",
        ),
        Fact(
            "an input that is too long for its event",
            "An input of more than 248 KiB, escaped, is left out.",
            _sfn("eventbridge-integration"),
            "V",
            "local/services/test_events.py::test_an_input_that_is_too_long_is_left_out_of_the_event",
        ),
    ],
    "expressions": [
        Fact(
            "``$states`` and the variables in scope",
            "`$states` has input, result, errorOutput and context; variables have their names.",
            _sfn("transforming-data"),
            "V",
            "test_the_state_and_the_variables_are_bound",
        ),
        Fact(
            "a Catch, which sees the error output and no ``$states.result``",
            "A Catch has `input`, `context` and `errorOutput`.",
            _recorded("test_state/test_test_state_scenarios"),
            "R",
            "test_a_catch_sees_no_result",
        ),
        Fact(
            "variables that are null",
            "A variable may be null, and is null in an expression.",
            _recorded("scenarios/test_base_scenarios"),
            "R",
            "test_a_variable_may_be_null",
        ),
        Fact(
            "an ``EvaluationFailed`` event with state, location and cause, whatever the"
            " state's type",
            "Pass, Wait, Choice, Task and Map write one event; a Catch that fails, too.",
            f"{_recorded('assign/test_assign_reference_variables')},"
            f" {_recorded('scenarios/test_base_scenarios')}; {_FLOCI.format(2665)}",
            "R",
            "test_a_failed_evaluation_names_its_state_its_place_and_its_cause",
        ),
        Fact(
            "the location of an expression that failed",
            "`Output/a/b`, `Arguments/FunctionName`, `Seconds`, `Choices[0]/Condition`,"
            " `Catch[1]/Output/v`.",
            f"{_recorded('assign/test_assign_reference_variables')}; {_FLOCI.format(2665)}",
            "R",
            "test_a_failed_evaluation_names_its_state_its_place_and_its_cause",
        ),
        Fact(
            "the words of the cause",
            "`… returned nothing (undefined).`, `… threw an error during evaluation. T1006:"
            " …`, `… returned an unsupported result type.`",
            f"{_recorded('intrinsic_functions/test_math_operations_jsonata')};"
            f" {_FLOCI.format(2736)}",
            "R",
            "test_the_cause_says_what_is_wrong",
        ),
        Fact(
            "the words of the cause",
            "A Catch gets the whole of it, with state and event.",
            _FLOCI.format(2868),
            "R",
            "test_a_catch_gets_the_whole_cause",
        ),
        Fact(
            "a list that ``Items`` must be",
            "`Expected 'array', but was 'null' for value: null`; here likewise for"
            " `Condition` (boolean) and `Seconds`.",
            _recorded("scenarios/test_base_scenarios"),
            "R",
            "test_items_must_be_a_list",
        ),
        Fact(
            "text in ``Assign``, whose JSON escapes are the characters",
            "`\\n` in the definition is a line break in the variable.",
            _recorded("scenarios/test_base_scenarios"),
            "R",
            "test_an_escape_in_assign_is_the_character",
        ),
        Fact(
            "waits of whole seconds only",
            "`Seconds` is an integer of at least 0.",
            _sfn("state-wait"),
            "V",
            "test_a_wait_takes_whole_seconds_only",
        ),
    ],
    "lambdas": [
        Fact(
            "the error payload of an exception",
            "`errorMessage`, `errorType`, `requestId`, `stackTrace`, in this order.",
            _recorded("error_handling/test_task_service_lambda"),
            "R",
            "test_an_exception_becomes_lambdas_error_payload",
        ),
        Fact(
            "the handler that the template names (``app.handler``)",
            "The module's name, a dot, the function's name.",
            _lambda("python-handler"),
            "V",
            "test_a_function_sees_its_own_environment_only",
        ),
        Fact(
            "the names of what is wrong with it",
            "`Runtime.HandlerNotFound`, `Runtime.ImportModuleError`.",
            _RUNTIME,
            "V",
            "test_a_handler_that_is_not_there_fails_as_in_lambda",
        ),
        Fact(
            "the function's own environment",
            "A function has the variables of its configuration.",
            _lambda("configuration-envvars"),
            "V",
            "test_a_function_sees_its_own_environment_only",
        ),
        Fact(
            "the variables that Lambda adds to it",
            "AWS_REGION, AWS_LAMBDA_FUNCTION_NAME, TZ, PATH (of those that Lambda adds).",
            _lambda("configuration-envvars"),
            "V",
            "test_lambda_adds_variables_of_its_own",
        ),
        Fact(
            "JSON at both ends",
            "The event is read from JSON, the answer written as JSON.",
            _lambda("python-handler"),
            "V",
            "test_a_function_sees_its_own_environment_only",
        ),
        Fact(
            "the error payload of an exception",
            "`errorType` (the class), `errorMessage`, `stackTrace`.",
            _RUNTIME,
            "V",
            "test_an_exception_becomes_lambdas_error_payload",
        ),
        Fact(
            "modules that are imported once and stay",
            "What was made outside the handler is there at the environment's next call.",
            _lambda("lambda-runtime-environment"),
            "V",
            "test_a_module_is_imported_once_and_stays",
        ),
    ],
    "callers": [
        Fact(
            "the permission that an operation needs, where it is not called like the operation",
            "HeadBucket needs `s3:ListBucket`; the notifications' configuration has permissions of"
            " shorter names.",
            _guide(_S3, "using-with-s3-policy-actions"),
            "V",
            "test_some_permissions_are_not_called_like_their_operation",
        ),
        Fact(
            "a transaction, which needs the permission of each of its writes",
            "TransactWriteItems has no permission of its own.",
            _guide("amazondynamodb/latest/developerguide", "transaction-apis-iam"),
            "V",
            "test_a_transaction_needs_the_permission_of_each_write",
        ),
        Fact(
            "the resource that it is asked for",
            "Each permission is asked for one type of resource, or for none.",
            _guide(
                "service-authorization/latest/reference",
                "reference_policies_actions-resources-contextkeys",
            ),
            "V",
            "test_every_permission_is_asked_for_a_resource_that_it_knows",
        ),
        Fact(
            "an identity that needs none (GetCallerIdentity)",
            "GetCallerIdentity is allowed even where a policy denies it.",
            _api("STS/latest/APIReference", "GetCallerIdentity"),
            "V",
            "test_who_one_is_may_be_asked_by_anybody",
        ),
        Fact(
            "the error by which each service refuses",
            "`AccessDenied`, `AccessDeniedException` or `AuthorizationError`; 403 without words for"
            " a HEAD.",
            "the services' models and " + _api("AmazonS3/latest/API", "HeadBucket"),
            "I",
            "test_each_service_refuses_in_its_own_words",
        ),
    ],
    "iam": [
        Fact(
            "actions, in whatever case",
            "An action matches whatever the case of its letters.",
            _iam("reference_policies_elements_action"),
            "V",
            "test_action_and_resource_must_match",
        ),
        Fact(
            "resources and their wildcards",
            "`*` is any characters, `?` is one; nothing else is special.",
            _iam("reference_policies_elements_resource"),
            "V",
            "test_wildcards_are_those_of_iam",
        ),
        Fact(
            "conditions, which all have to hold",
            "Operators and keys are joined by AND, values by OR; a key that is not there does not"
            " match.",
            _iam("reference_policies_condition-logic-multiple-context-keys-or-values"),
            "V",
            "test_every_condition_must_hold",
        ),
        Fact(
            "``ForAllValues:``, which holds of no value too",
            "Every value of the request has to match; it holds where the key is not there.",
            _iam("reference_policies_condition-single-vs-multi-valued-context-keys"),
            "V",
            "test_all_values_of_a_request_may_have_to_hold",
        ),
        Fact(
            "a resource's own policy, where a service asks",
            "It says which service may do what, under which conditions.",
            _iam("access_policies_identity-vs-resource"),
            "V",
            "test_a_resources_policy_says_which_service_may_do_what",
        ),
        Fact(
            "a refusal where no statement allows",
            "What nothing allows is denied.",
            _iam("reference_policies_evaluation-logic_policy-eval-denyallow"),
            "V",
            "test_action_and_resource_must_match",
        ),
        Fact(
            "an explicit deny that wins",
            "A deny overrides every allow.",
            _iam("reference_policies_evaluation-logic_policy-eval-denyallow"),
            "V",
            "test_an_explicit_deny_wins",
        ),
        Fact(
            "the policies of the role as deployed, inline and attached",
            "A role may do what the policies in it allow.",
            _iam("access_policies_managed-vs-inline"),
            "V",
            "test_a_role_has_the_inline_policies_that_were_deployed",
        ),
        Fact(
            "the trust policy of the role that a service takes",
            "A service takes a role only if the role's trust policy allows it.",
            _iam("id_roles_create_for-service"),
            "V",
            "test_a_role_is_taken_only_by_whom_it_trusts",
        ),
        Fact(
            "what a service does in a role's name by itself (listed in ``SERVICE_OWN_CALLS``, as"
            " nothing here does it)",
            "Step Functions sets up its log delivery and traces; Lambda writes logs and traces.",
            f"{_sfn('cw-logs')}, {_sfn('concepts-xray-tracing')},"
            f" {_lambda('monitoring-cloudwatchlogs')}, {_lambda('services-xray')}",
            "V",
            "workflow/test_permissions.py::test_services_may_do_what_they_do_by_themselves",
        ),
    ],
    "inline_map": [
        Fact(
            "the error of that iteration, which is the Map's, ``States.…`` too",
            "The Map fails with the iteration's error, whatever its name.",
            _recorded("states_variables/test_error_output"),
            "R",
            "test_an_iterations_own_error_is_the_maps",
        ),
        Fact(
            "at most 40 iterations at once",
            "An inline Map runs up to 40 iterations at once.",
            _sfn("state-map-inline"),
            "V",
            "test_at_most_forty_iterations_run_at_once",
        ),
        Fact(
            "one history for all, so that together they reach its limit",
            "The iterations' history is part of their execution's.",
            _sfn("state-map-inline"),
            "V",
            "test_iterations_fill_the_history_of_their_execution",
        ),
        Fact(
            "an iteration that fails, which fails the Map and ends the others",
            "The failure of any iteration fails the Map, and all iterations stop.",
            _sfn("state-map-inline"),
            "V",
            "test_an_iteration_that_fails_fails_the_map_and_ends_the_others",
        ),
        Fact(
            "iterations that end with their execution",
            "Iterations run in the context of their execution, and end with it.",
            _sfn("state-map-inline"),
            "I",
            "test_iterations_end_with_their_execution",
        ),
    ],
    "integrations": [
        Fact(
            "parameters in PascalCase",
            "`StateMachineArn`, though the API calls it `stateMachineArn`.",
            _sfn("supported-services-awssdk"),
            "V",
            "test_parameters_are_in_pascal_case",
        ),
        Fact(
            "results in PascalCase",
            "`ExecutionArn`, though the API calls it `executionArn`.",
            _MEASURED,
            "R",
            "test_results_are_in_pascal_case",
        ),
        Fact(
            "JSON for an object where the service wants text",
            "`Input` of StartExecution may be an object.",
            _sfn("connect-stepfunctions"),
            "V",
            "test_an_object_becomes_json_where_text_is_wanted",
        ),
        Fact(
            "times as ISO 8601",
            "A time in a result is text.",
            _MEASURED,
            "R",
            "test_times_are_text",
        ),
        Fact(
            "binary values as Base64",
            "A binary attribute of DynamoDB is Base64 in JSON.",
            "[AttributeValue](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/"
            "API_AttributeValue.html)",
            "V",
            "test_binary_values_are_text",
        ),
        Fact(
            "what each call needs of the role, action and resource",
            "Each call needs its action on its resource.",
            f"[Service Authorization Reference]({_DOCS}"
            "/service-authorization/latest/reference/reference.html)",
            "V",
            "test_each_call_needs_its_action_on_its_resource",
        ),
        Fact(
            "the details of ``putEvents``, which become text",
            "`Detail` may be an object.",
            _sfn("connect-eventbridge"),
            "V",
            "test_an_events_detail_becomes_text_and_names_machine_and_execution",
        ),
        Fact(
            "machine and execution among its events' resources",
            "The machine's ARN and the execution's come behind those that are given.",
            _recorded("services/test_events_task_service"),
            "R",
            "test_an_events_detail_becomes_text_and_names_machine_and_execution",
        ),
        Fact(
            "an answer of it with entries that failed, which fails the Task",
            "`EventBridge.FailedEntry`, with the answer as the cause.",
            _recorded("services/test_events_task_service"),
            "R",
            "test_an_event_that_is_not_taken_fails_the_task",
        ),
        Fact(
            "how each service refuses it",
            "QuickSight: AccessDeniedException, 401; SNS: AuthorizationError, 403; the others:"
            " AccessDeniedException.",
            f"{_quicksight('CreateIngestion')}, {_sns('Publish')},"
            f" {_guide('amazondynamodb/latest/APIReference', 'CommonErrors')}",
            "V",
            "test_each_service_refuses_in_its_own_way",
        ),
        Fact(
            "a function's answer, read from JSON",
            "`Payload` of the result is JSON, not text.",
            _sfn("connect-lambda"),
            "V",
            "test_a_functions_answer_is_read_from_json",
        ),
        Fact(
            "a function's exception as the Task's error",
            "The class of the exception is the name of the error.",
            _sfn("tutorial-handling-error-conditions"),
            "V",
            "test_a_functions_exception_is_the_tasks_error",
        ),
        Fact(
            "parameters that the service refuses",
            "A wrong parameter fails the Task with an error outside the model.",
            "no page says so",
            "I",
            "test_parameters_are_refused_by_the_service",
        ),
        Fact(
            "DynamoDB's types of values in an SDK integration's result, which have Java's names",
            "`Bool` for BOOL is seen in public; the others follow from the newer Java SDK.",
            "[aws-sdk-js#4294](https://github.com/aws/aws-sdk-js/issues/4294),"
            " [aws-sdk-js-v3#5423](https://github.com/aws/aws-sdk-js-v3/issues/5423)",
            "S",
            "test_an_sdk_integration_names_types_of_values_as_java_does",
        ),
        Fact(
            "keys that BatchGetItem leaves unprocessed (a fault's ``unprocessed``)",
            "They come back as `UnprocessedKeys`, a request for them.",
            _api("amazondynamodb/latest/APIReference", "BatchGetItem"),
            "V",
            "test_keys_may_be_left_unprocessed",
        ),
    ],
    "interpreter": [
        Fact(
            "the number of redrives beside it, 0",
            "`Execution.RedriveCount` is 0 before a redrive.",
            _recorded("assign/test_assign_base"),
            "R",
            "test_the_context_counts_redrives",
        ),
        Fact(
            "an abortion without error and cause",
            "`ExecutionAborted` has neither, if StopExecution was given neither.",
            _recorded("test_sfn_api"),
            "R",
            "test_a_stopped_execution_ends_wherever_it_is",
        ),
        Fact(
            "retries after their interval, times the back-off rate",
            "Interval 1, rate 2: the fifth retry comes 16 s after the fourth.",
            _recorded("scenarios/test_base_scenarios"),
            "R",
            "test_retries_wait_on_the_clock_with_back_off",
        ),
        Fact(
            "a Task's ``TimeoutSeconds``",
            "`TaskTimedOut` has an error and no cause.",
            _recorded("error_handling/test_task_service_lambda"),
            "R",
            "test_a_slow_call_times_out",
        ),
        Fact(
            "waits on the account's clock",
            "A Wait lasts its `Seconds`.",
            _sfn("state-wait"),
            "V",
            "test_a_wait_lasts_its_seconds",
        ),
        Fact(
            "retries after their interval, times the back-off rate",
            "A retry waits `IntervalSeconds`, times `BackoffRate` each time.",
            _sfn("concepts-error-handling"),
            "V",
            "test_retries_wait_on_the_clock_with_back_off",
        ),
        Fact(
            "a Task's ``TimeoutSeconds``",
            "A Task that takes longer fails with `States.Timeout`.",
            _sfn("concepts-error-handling"),
            "V",
            "test_a_slow_call_times_out",
        ),
        Fact(
            "a machine's ``TimeoutSeconds``",
            "An execution that takes longer ends as TIMED_OUT.",
            _sfn("concepts-error-handling"),
            "V",
            "test_the_machines_own_timeout_ends_the_execution",
        ),
        Fact(
            "StopExecution, in whatever state",
            "The execution ends as ABORTED.",
            _states("StopExecution"),
            "V",
            "test_a_stopped_execution_ends_wherever_it_is",
        ),
        Fact(
            "the context object's start as text",
            "`Execution.StartTime` is in ISO 8601.",
            _sfn("input-output-contextobject"),
            "V",
            "test_the_context_tells_the_start_as_text",
        ),
        Fact(
            "values as of state entry for ``Assign`` and ``Output``",
            "Neither sees what the same state assigns.",
            _sfn("workflow-variables"),
            "V",
            "test_assign_and_output_see_the_values_as_of_state_entry",
        ),
        Fact(
            "failing expressions that a Task can catch",
            "A Task can catch `States.QueryEvaluationError`.",
            f"{_sfn('transforming-data')}; {_MEASURED}",
            "V",
            "test_a_task_can_catch_its_own_failing_expressions",
        ),
        Fact(
            "failing expressions in a Choice, which fail the execution",
            "Only Task, Map and Parallel can catch it.",
            _sfn("transforming-data"),
            "V",
            "test_a_failing_expression_in_a_choice_fails_the_execution",
        ),
        Fact(
            "``States.ALL``, which does not catch ``States.Runtime`` nor"
            " ``States.DataLimitExceeded``",
            "`States.ALL` does not catch these two (in 2024 it was recorded to catch"
            " `States.DataLimitExceeded`: what may not be lost names it in a Catch of its own).",
            f"{_sfn('concepts-error-handling')}; {_recorded('error_handling/test_states_errors')}",
            "V",
            "test_states_all_does_not_catch_everything",
        ),
        Fact(
            "25,000 history events",
            "25,000 events end an execution.",
            _sfn("service-quotas"),
            "V",
            "test_the_history_limit_fails_the_execution",
        ),
        Fact(
            "an integer ``ToleratedFailurePercentage``",
            "The percentage may be an integer.",
            _sfn("state-map-distributed"),
            "V",
            "local/stepfunctions/test_distributed_map.py::"
            "test_a_tolerated_dead_child_leaves_its_record_or_nothing",
        ),
        Fact(
            "a name for an execution that is started without one",
            "StartExecution makes a UUID.",
            _states("StartExecution"),
            "V",
            "test_an_execution_started_without_a_name_gets_one_of_its_own",
        ),
        Fact(
            "the trust policy of the machine's role, asked at every start (AWS looks at it when the"
            " machine is made, too)",
            "The role must trust `states.amazonaws.com` for this account and machine.",
            _sfn("procedure-create-iam-role"),
            "V",
            "test_a_role_that_does_not_trust_step_functions_runs_nothing",
        ),
    ],
    "jsonata": [
        Fact(
            "null, which is a value (the library takes ``None`` for undefined)",
            "`$type` of null is `null`, and null is there.",
            _recorded("scenarios/test_base_scenarios"),
            "R",
            "test_null_is_a_value",
        ),
        Fact(
            "JSONata, by the package ``jsonata-python``",
            "Step Functions' JSONata is based on 2.0.6; the reference implementation answers the"
            " same here (asked: npm jsonata 2.0.6).",
            _sfn("transforming-data"),
            "V",
            "proofs/test_second_opinion.py::test_both_answer_the_same",
        ),
        Fact(
            "an undefined result, which is an error",
            "An expression that returns nothing fails.",
            _sfn("transforming-data"),
            "V",
            "test_what_has_no_value_is_an_error",
        ),
        Fact(
            "no ``$eval``",
            "`$eval` is not available: T1006.",
            f"{_sfn('transforming-data')}; {_FLOCI.format(2737)}",
            "R",
            "test_eval_is_not_there",
        ),
        Fact(
            "``$parse``",
            "`$parse` reads JSON from text.",
            _sfn("transforming-data"),
            "V",
            "test_parse_reads_json",
        ),
        Fact(
            "``$random``",
            "`$random()` is at least 0 and less than 1.",
            _sfn("transforming-data"),
            "V",
            "test_random_is_between_nought_and_one_and_repeatable",
        ),
        Fact(
            "``$string``, which leaves text as it is",
            "`$string` escapes as JSON.stringify does: no letters.",
            "[string-functions](https://docs.jsonata.org/string-functions)",
            "V",
            "test_string_leaves_letters_as_they_are",
        ),
    ],
    "mail": [
        Fact(
            "a topic that is not there (moto speaks of an endpoint)",
            "`Topic does not exist`, NotFound.",
            _recorded("services/test_sns_task_service"),
            "R",
            "test_a_topic_that_is_not_there_is_not_found",
        ),
        Fact(
            "a mail to the topic's subscribers, with subject, text and attributes as published",
            "`Subject` and `Message` are the mail's.",
            _sns("Publish"),
            "V",
            "test_a_mail_has_subject_and_text_as_published",
        ),
    ],
    "bucket_notifications": [
        Fact(
            "GetBucketNotificationConfiguration, which tells whether EventBridge gets the bucket's"
            " events (moto keeps that, and leaves it out of its answer)",
            "The answer has `EventBridgeConfiguration`, if it is on.",
            _api("AmazonS3/latest/API", "GetBucketNotificationConfiguration"),
            "V",
            "test_the_configuration_tells_whether_eventbridge_is_on",
        ),
    ],
    "queues": [
        Fact(
            "ReceiveMessage, which answers at once when there is a message",
            "A call that may wait returns sooner, if a message is there.",
            _sqs("ReceiveMessage"),
            "V",
            "test_a_message_that_is_there_is_received_at_once",
        ),
        Fact(
            "ReceiveMessage without a message, when the time to wait is over (here at once, too:"
            " virtual time stands still, and nothing sends meanwhile)",
            "The call ends without messages, when none came.",
            _sqs("ReceiveMessage"),
            "V",
            "test_a_wait_for_messages_ends_without_one",
        ),
        Fact(
            "a message that is put back (ChangeMessageVisibility to 0), and can be received in the"
            " same instant",
            "It is available immediately.",
            _guide("AWSSimpleQueueService/latest/SQSDeveloperGuide", "sqs-visibility-timeout"),
            "V",
            "test_a_message_that_is_put_back_is_there_at_once",
        ),
    ],
    "quicksight": [
        Fact(
            "CreateIngestion",
            "It starts an ingestion under the id that it is given.",
            _quicksight("CreateIngestion"),
            "V",
            "test_an_ingestion_is_created_under_its_id",
        ),
        Fact(
            "the statuses that DescribeIngestion tells",
            "INITIALIZED, QUEUED and RUNNING, then COMPLETED, FAILED or CANCELLED.",
            _quicksight("Ingestion"),
            "V",
            "test_an_ingestion_goes_through_its_statuses",
        ),
        Fact(
            "the rows that it counts",
            "`RowInfo`: rows ingested, dropped, in the dataset; `IngestionTimeInSeconds`.",
            _quicksight("RowInfo", "Ingestion"),
            "V",
            "test_an_ingestion_that_is_over_tells_its_rows_and_time",
        ),
        Fact(
            "the rows of a dataset that is made of others (here those of the newest complete"
            " ingestion of each, added up, when its own is created)",
            "A SPICE dataset that is made of another is not refreshed with it.",
            _guide("quick/latest/userguide", "create-a-dataset-existing-dataset"),
            "V",
            "test_a_child_has_the_rows_that_its_parents_had_when_it_was_created",
        ),
        Fact(
            "the rows of a dataset that is made of others (here those of the newest complete"
            " ingestion of each, added up, when its own is created)",
            "Not said: when an ingestion of the child reads its parent.",
            "no page says so",
            "U",
            "test_a_child_has_the_rows_that_its_parents_had_when_it_was_created",
        ),
        Fact(
            "an ingestion that failed, and why",
            "`ErrorInfo` has a type, one of 45, and a message.",
            _quicksight("ErrorInfo"),
            "V",
            "test_an_ingestion_that_failed_says_why",
        ),
        Fact(
            "an ingestion that failed, and why",
            "Not said: the type where there is no file (here S3_FILE_INACCESSIBLE).",
            "no page says so",
            "U",
            "test_a_folder_without_files_fails",
        ),
        Fact(
            "the moment at which files are read (here when the ingestion is created)",
            "Not said: when exactly a refresh reads its files.",
            "no page says so",
            "U",
            "test_a_file_that_came_after_the_start_is_not_in_it",
        ),
        Fact(
            "a second ingestion (queued behind the first, or superseding it)",
            "A second ingestion of a dataset waits for the first, or supersedes it.",
            _quicksight("QueueInfo", "ErrorInfo"),
            "U",
            "test_a_second_ingestion_waits_or_supersedes",
        ),
        Fact(
            "CancelIngestion, of an ingestion that is not over (here with the error"
            " INGESTION_CANCELED)",
            "It cancels an ongoing ingestion; `CANCELLED` is one of the statuses.",
            _quicksight("CancelIngestion", "Ingestion"),
            "V",
            "test_an_ingestion_that_is_not_over_can_be_cancelled",
        ),
        Fact(
            "CancelIngestion, of an ingestion that is not over (here with the error"
            " INGESTION_CANCELED)",
            "Not said: whether `ErrorInfo` is there then, and when the next in the queue starts"
            " (here at once).",
            "no page says so",
            "U",
            "test_what_waits_for_a_cancelled_ingestion_comes_sooner",
        ),
        Fact(
            "CancelIngestion of one that is over (here refused)",
            "Not said: the answer (here InvalidParameterValueException).",
            f"{_quicksight('CancelIngestion')} lists the error",
            "U",
            "test_an_ingestion_that_is_over_cannot_be_cancelled",
        ),
        Fact(
            "errors of an unknown dataset or ingestion",
            "ResourceNotFoundException, 404.",
            _quicksight("DescribeIngestion"),
            "V",
            "test_what_is_not_there_is_not_found",
        ),
        Fact(
            "an ingestion id that is used twice",
            "ResourceExistsException, 409; not said: when it is raised.",
            _quicksight("CreateIngestion"),
            "I",
            "test_an_ingestion_id_is_used_once",
        ),
        Fact(
            "an ingestion id that is not legal",
            "1 to 128 letters, digits, `-` and `_`; not said: the error for others.",
            _quicksight("CreateIngestion"),
            "I",
            "test_an_ingestion_id_has_letters_digits_hyphens_and_underscores",
        ),
        Fact(
            "a dataset that is a direct query",
            "It is refused at once (InvalidParameterValueException), or its ingestion FAILED.",
            f"{_quicksight('ErrorInfo')} knows DATA_SET_NOT_SPICE",
            "U",
            "test_a_direct_query_cannot_be_refreshed",
        ),
        Fact(
            "32 refreshes in 24 hours",
            "LimitExceededException beyond 32 in the 24 hours before (Enterprise edition).",
            _quicksight("CreateIngestion"),
            "V",
            "test_the_limit_of_a_rolling_day_is_enforced",
        ),
        Fact(
            "a limit for each dataset by itself",
            "The 32 are per dataset.",
            "second-hand; the page is silent",
            "S",
            "test_each_dataset_has_a_limit_of_its_own",
        ),
    ],
    "quicksight_api": [
        Fact(
            "ListIngestions, newest first",
            "It lists the ingestions of a dataset.",
            _quicksight("ListIngestions"),
            "V",
            "test_ingestions_are_listed_newest_first",
        ),
        Fact(
            "ListIngestions, newest first",
            "The newest comes first.",
            "no page says so",
            "I",
            "test_ingestions_are_listed_newest_first",
        ),
        Fact(
            "ListDataSets",
            "Id, ARN, name and import mode of every dataset.",
            _quicksight("DataSetSummary"),
            "V",
            "test_datasets_are_listed_with_name_and_mode",
        ),
        Fact(
            "lists in pages",
            "`NextToken` leads to the rest.",
            _quicksight("ListDataSets", "ListIngestions"),
            "V",
            "test_lists_come_in_pages",
        ),
        Fact(
            "DescribeDataSetRefreshProperties",
            "It tells of the incremental refresh that was set up.",
            _quicksight("DescribeDataSetRefreshProperties"),
            "V",
            "test_refresh_properties_are_there_where_incremental_refresh_is_set_up",
        ),
        Fact(
            "DescribeDataSetRefreshProperties",
            "ResourceNotFoundException where none is set up.",
            f"{_quicksight('DescribeDataSetRefreshProperties')} lists the error",
            "I",
            "test_refresh_properties_are_there_where_incremental_refresh_is_set_up",
        ),
        Fact(
            "DescribeAccountSettings, which tells the edition (here always Enterprise)",
            "`Edition` is the account's.",
            _quicksight("AccountSettings"),
            "V",
            "test_the_account_is_of_the_enterprise_edition",
        ),
        Fact(
            "a token that no page has",
            "InvalidNextTokenException, 400.",
            _quicksight("ListDataSets"),
            "V",
            "test_a_token_that_no_page_has_is_refused",
        ),
        Fact(
            "DescribeDataSet, with the dataset's columns and where they come from",
            "`OutputColumns`, `PhysicalTableMap` and `LogicalTableMap` tell them.",
            _quicksight("DataSet", "S3Source"),
            "V",
            "test_a_dataset_tells_its_columns_and_where_they_come_from",
        ),
        Fact(
            "a dataset made of others, in both shapes of DescribeDataSet",
            "A parent is a `DataSetArn`, in `LogicalTableMap` or in `DataPrepConfiguration`.",
            _quicksight("LogicalTableSource", "ParentDataSet"),
            "V",
            "test_a_dataset_tells_which_ones_it_is_made_of",
        ),
        Fact(
            "a dataset made of others, in both shapes of DescribeDataSet",
            "Not said: which datasets come in which shape.",
            "no page says so",
            "U",
            "test_a_dataset_of_the_new_preparation_may_be_over_a_folder",
        ),
        Fact(
            "a dataset that DescribeDataSet refuses",
            "InvalidParameterValueException, 400, for a dataset of an uploaded file.",
            "programs that handle this message",
            "S",
            "test_what_cannot_be_described_is_refused_in_the_words_of_the_service",
        ),
        Fact(
            "a dataset that DescribeDataSet refuses",
            "The same error, in other words, for one of the new data preparation.",
            "[aws-cli issue 9825](https://github.com/aws/aws-cli/issues/9825)",
            "S",
            "test_what_cannot_be_described_is_refused_in_the_words_of_the_service",
        ),
        Fact(
            "the data source of a dataset, in ListDataSources and DescribeDataSource",
            "Files in S3 are a data source of type S3, with a manifest.",
            _quicksight("DataSource", "S3Parameters"),
            "V",
            "test_aws_sdk_for_pandas_finds_no_gap",
        ),
        Fact(
            "a Region that has no datasets, which is every other one",
            "Datasets live in the Region where they were created.",
            _guide("quick/latest/userguide", "account-structure-regions"),
            "V",
            "test_another_region_has_no_datasets",
        ),
        Fact(
            "lists of what the account has none of",
            "A list without members.",
            _quicksight("ListTemplates", "ListAnalyses", "ListFolders", "ListIAMPolicyAssignments"),
            "I",
            "test_what_the_account_has_none_of_is_an_empty_list",
        ),
    ],
    "spice": [
        Fact(
            "UTF-8 text without a byte-order mark, and no other",
            "UTF-8 is supported, UTF-8 with a byte-order mark (BOM) is not.",
            _guide("quick/latest/userguide", "supported-manifest-file-format"),
            "V",
            "test_a_file_that_cannot_be_read_ends_the_ingestion_and_is_named",
        ),
        Fact(
            "UTF-8 text without a byte-order mark, and no other",
            "Not said: what becomes of such a file (here the ingestion fails).",
            "no page says so",
            "U",
            "test_a_file_that_cannot_be_read_ends_the_ingestion_and_is_named",
        ),
        Fact(
            "a quote that is never closed, or a NUL (here the end of the ingestion)",
            "Not said: whether the ingestion fails or skips rows.",
            "no page says so",
            "U",
            "test_a_file_that_cannot_be_read_ends_the_ingestion_and_is_named",
        ),
        Fact(
            "the columns of a dataset, given or those of its first good file",
            "The files of a dataset have the same number and type of columns.",
            _guide("quick/latest/userguide", "supported-manifest-file-format"),
            "V",
            "test_a_dataset_has_the_columns_of_its_first_good_file",
        ),
        Fact(
            "rows that do not fit them (here skipped and counted, also where they have too few"
            " fields)",
            "INCORRECT_FIELD_COUNT: a row with too many fields is skipped.",
            _guide("quick/latest/userguide", "errors-spice-ingestion"),
            "V",
            "test_rows_that_do_not_fit_the_columns_are_skipped",
        ),
        Fact(
            "rows that do not fit them (here skipped and counted, also where they have too few"
            " fields)",
            "Not said: what becomes of a row with too few.",
            "no page says so",
            "U",
            "test_rows_that_do_not_fit_the_columns_are_skipped",
        ),
        Fact(
            "a field of more than 2,047 characters (here its row is skipped)",
            "2,047 characters a field; STRING_TRUNCATION is among the codes of skipped rows.",
            f"{_guide('quick/latest/userguide', 'data-source-limits')}, "
            f"{_guide('quick/latest/userguide', 'errors-spice-ingestion')}",
            "V",
            "test_a_field_that_is_too_long_costs_its_row",
        ),
        Fact(
            "a field of more than 2,047 characters (here its row is skipped)",
            "Not said: whether the row is skipped, or the field cut short.",
            f"{_guide('quick/latest/userguide', 'errors-spice-ingestion')} says both",
            "U",
            "test_a_field_that_is_too_long_costs_its_row",
        ),
        Fact(
            "an ingestion of which no row fits (here all are skipped, and the dataset is empty)",
            "DATA_TOLERANCE_EXCEPTION ends it when too many rows are invalid; not said: how many.",
            _guide("quick/latest/userguide", "errors-spice-ingestion"),
            "U",
            "test_a_file_with_another_separator_fits_no_dataset",
        ),
        Fact(
            "the type of the error in a file (here CUSTOMER_ERROR)",
            "CUSTOMER_ERROR: there was a problem parsing the data.",
            _guide("quick/latest/userguide", "errors-spice-ingestion"),
            "I",
            "test_a_file_that_cannot_be_read_ends_the_ingestion_and_is_named",
        ),
    ],
    "change_sets": [
        Fact(
            "SAM's transform, which a change set is about the outcome of",
            "CloudFormation runs the transform when the change set is made,"
            " and the change set shows the outcome.",
            _guide("AWSCloudFormation/latest/TemplateReference", "transform-aws-serverless"),
            "V",
            "test_sam_templates_are_transformed_and_definitions_read",
        ),
        Fact(
            "a definition in S3",
            "`DefinitionUri` names the object that holds the definition.",
            _guide(_SAM, "sam-resource-statemachine"),
            "V",
            "test_sam_templates_are_transformed_and_definitions_read",
        ),
        Fact(
            "the acknowledgement that roles need",
            "Without CAPABILITY_IAM: InsufficientCapabilities."
            " CAPABILITY_AUTO_EXPAND has no effect on change sets.",
            _CHANGE_SET,
            "V",
            "test_roles_need_an_acknowledgement",
        ),
        Fact(
            "the empty stack that a first change set leaves, and that another one takes",
            "A stack without resources, REVIEW_IN_PROGRESS until a change set is executed.",
            _CHANGE_SET,
            "V",
            "test_a_stack_comes_of_its_first_change_set",
        ),
        Fact(
            "a first change set for a stack that is there, which is refused",
            "`Stack [NAME] already exists and cannot be created again with the changeSet [NAME].`",
            "[seen](https://github.com/compose-x/ecs_composex/issues/785)",
            "S",
            "test_a_stack_that_is_there_is_not_created_again",
        ),
        Fact(
            "a name that no stack exports, refused before anything is made",
            "`No export named NAME found.`",
            "seen by many; which call is refused is not documented",
            "S",
            "test_an_import_that_nobody_exports_is_refused",
        ),
        Fact(
            "a change set that changes nothing, which fails",
            "Status FAILED, `The submitted information didn't contain changes."
            " Submit different information to create a change set.`",
            "[seen](https://github.com/elias5000/clouds-aws/issues/9)",
            "S",
            "test_a_change_set_that_changes_nothing_fails",
        ),
        Fact(
            "exports of a stack that was made so",
            "A stack made by a change set exports as any other.",
            _api("AWSCloudFormation/latest/APIReference", "ListExports"),
            "V",
            "test_a_stack_comes_of_its_first_change_set",
        ),
        Fact(
            "what changes: resources, by their conditions and parameters",
            "A resource whose properties come to something else is modified;"
            " one whose condition turns is added or removed.",
            _api("AWSCloudFormation/latest/APIReference", "ResourceChange"),
            "V",
            "test_what_changes_goes_by_parameters_and_conditions",
        ),
    ],
    "public_parameters": [
        Fact(
            "the parameter in which the publisher of Powertools keeps the ARN of a layer,"
            " one for each version, Python and architecture",
            "Its name is `/aws/service/powertools/python/ARCHITECTURE/PYTHON/VERSION`.",
            _guide("powertools/python/latest/getting-started", "install"),
            "V",
            "test_the_layer_of_the_templates_is_published",
        ),
        Fact(
            "the parameter in which the publisher of Powertools keeps the ARN of a layer,"
            " one for each version, Python and architecture",
            "One that is not there is answered by ParameterNotFound.",
            _api("systems-manager/latest/APIReference", "GetParameter"),
            "V",
            "test_others_are_not",
        ),
    ],
    "stack_imports": [
        Fact(
            "a change set that takes a table over: one with a static name in the template, and a"
            " ``DeletionPolicy`` that keeps it",
            "A resource is imported if its name is static and its policy `Retain` or"
            " `RetainExceptOnCreate`.",
            _guide(_CLOUDFORMATION, "import-resources-automatically"),
            "V",
            "test_a_table_is_taken_over_if_its_name_is_static_and_it_is_kept",
        ),
        Fact(
            "what it says of it, ``Import``",
            "The action of a change is one of Add, Modify, Remove,"
            " Import, Dynamic, SyncWithActual.",
            _api("AWSCloudFormation/latest/APIReference", "ResourceChange"),
            "V",
            "test_a_table_is_taken_over_if_its_name_is_static_and_it_is_kept",
        ),
        Fact(
            "its items, as they are, also where the stack is rolled back",
            "An import changes nothing of the resource.",
            _guide(_CLOUDFORMATION, "import-resources-automatically"),
            "I",
            "test_a_table_is_taken_over_if_its_name_is_static_and_it_is_kept",
        ),
        Fact(
            "its items, as they are, also where the stack is rolled back",
            "New resources are deleted then, existing ones stay.",
            _guide("AWSCloudFormation/latest/TemplateReference", "aws-attribute-deletionpolicy"),
            "V",
            "test_a_rollback_leaves_a_table_that_was_taken_over",
        ),
        Fact(
            "a table that is there and is not taken over, which fails the stack that would make it"
            " (moto makes it anew)",
            "A name that is taken fails the resource.",
            _guide("AWSCloudFormation/latest/TemplateReference", "aws-properties-name"),
            "V",
            "test_a_table_is_taken_over_if_its_name_is_static_and_it_is_kept",
        ),
    ],
    "stacks": [
        Fact(
            "DescribeStackResources by the physical id of a resource (moto knows it by the stack's"
            " name only)",
            "A resource's physical id finds its stack, and that stack's resources.",
            _api("AWSCloudFormation/latest/APIReference", "DescribeStackResources"),
            "V",
            "test_a_physical_id_names_the_stack",
        ),
    ],
    "subscriptions": [
        Fact(
            "a mail with a token to an address that was subscribed",
            "An e-mail address must confirm, by the token that it is sent.",
            _sns("Subscribe"),
            "V",
            "test_an_address_gets_a_token",
        ),
        Fact(
            "``PendingConfirmation`` in place of its ARN until then",
            "The lists have that word until then.",
            "seen by others; the pages are silent",
            "S",
            "test_an_address_is_pending_until_its_token_comes_back",
        ),
        Fact(
            "ConfirmSubscription with that token, and no other",
            "It returns the ARN, if the token is valid.",
            _sns("ConfirmSubscription"),
            "V",
            "test_no_other_token_confirms",
        ),
        Fact(
            "another mail when it is subscribed again",
            "Subscribe asks again for the confirmation.",
            "no page says so",
            "I",
            "test_subscribing_again_asks_again",
        ),
        Fact(
            "Subscribe for a subscription that is there, refused with other attributes than it has"
            " (moto changes them)",
            "`Subscription already exists with different attributes`, InvalidParameter; of one that"
            " waits, nothing is known.",
            "reports to [LocalStack](https://github.com/localstack/localstack/issues/8816) and"
            " [SST](https://github.com/anomalyco/sst/issues/4259)",
            "R",
            "test_subscribing_again_with_another_filter_is_refused",
        ),
        Fact(
            "SetSubscriptionAttributes, which an empty policy makes take everything again",
            "A policy set to an empty text is gone.",
            _SNS_RECORDED,
            "R",
            "test_a_confirmed_subscription_is_changed_and_its_filter_taken_away",
        ),
        Fact(
            "a subscription that waits, which can be neither changed nor removed",
            "What the lists show in place of its ARN is refused; with its ARN, nothing is known.",
            "[a report to Terraform](https://github.com/hashicorp/terraform/issues/2776)",
            "S",
            "test_what_waits_can_be_neither_changed_nor_removed",
        ),
        Fact(
            "a filter policy that is refused, in the words of each call",
            "`Invalid parameter: Attributes Reason: …` of Subscribe, `Invalid parameter: …` of"
            " SetSubscriptionAttributes.",
            _SNS_RECORDED,
            "R",
            "test_a_filter_is_refused_in_the_words_of_the_call",
        ),
    ],
    "filter_policies": [
        Fact(
            "texts, compared letter by letter",
            "A text of the policy matches the same text, case included.",
            _guide("sns/latest/dg", "string-value-matching"),
            "V",
            "test_texts_are_compared_letter_by_letter",
        ),
        Fact(
            "prefix and suffix",
            "They match values that begin, or end, with a text.",
            _guide("sns/latest/dg", "string-value-matching"),
            "V",
            "test_a_value_may_be_an_operator",
        ),
        Fact(
            "anything-but",
            "It matches a value that is none of the listed ones.",
            _guide("sns/latest/dg", "string-value-matching"),
            "V",
            "test_a_value_may_be_an_operator",
        ),
        Fact(
            "exists",
            "It asks whether the message has an attribute of that name.",
            _guide("sns/latest/dg", "attribute-key-matching"),
            "V",
            "test_exists_asks_for_the_key_alone",
        ),
        Fact(
            "every key of a policy, which one of its values has to match",
            "Every name of the policy must match, by at least one of its values.",
            _guide("sns/latest/dg", "sns-subscription-filter-policies"),
            "V",
            "test_every_key_has_to_match",
        ),
        Fact(
            "a String.Array, any of whose members may match",
            "Each member of the array is compared as a text of its own.",
            _guide("sns/latest/dg", "string-value-matching"),
            "V",
            "test_one_member_of_an_array_suffices",
        ),
        Fact(
            "a message without attributes, which matches no policy, ``exists: false`` included"
            " (moto lets it pass)",
            "An empty set of attributes does not match.",
            _guide("sns/latest/dg", "attribute-key-matching"),
            "V",
            "test_no_policy_takes_a_message_without_attributes",
        ),
        Fact(
            "a policy that SNS refuses",
            "Five keys, 150 combinations, no nesting; each value of a known form.",
            f"{_SNS_RECORDED}; {_guide('sns/latest/dg', 'subscription-filter-policy-constraints')}",
            "R",
            "test_what_sns_refuses_or_nobody_here_imitates_is_refused",
        ),
    ],
    "schedules": [
        Fact(
            "``cron`` expressions in a time zone",
            "Six fields, one of day and weekday `?`, read by the clock of the zone.",
            _guide("scheduler/latest/UserGuide", "schedule-types"),
            "V",
            "test_a_schedule_is_due_by_the_clock_of_its_zone",
        ),
        Fact(
            "summer time, whose missing hour is left out and whose second one counts once",
            "A start in the hour that is left out is skipped; one in the hour that comes twice is"
            " not repeated.",
            _guide("scheduler/latest/UserGuide", "schedule-types"),
            "V",
            "test_an_hour_that_comes_twice_starts_once",
        ),
        Fact(
            "a disabled schedule, which starts nothing",
            "`State` is ENABLED or DISABLED.",
            _api("scheduler/latest/APIReference", "CreateSchedule"),
            "V",
            "test_a_disabled_schedule_starts_nothing",
        ),
        Fact(
            "a machine as target, started with the constant input in the name of the target's role",
            "StartExecution, with the role's permission and the target's `Input`.",
            _api("scheduler/latest/APIReference", "Target"),
            "V",
            "test_a_role_decides_and_trusts_a_group",
        ),
        Fact(
            "that role's trust in the schedule's group",
            "`aws:SourceArn` is the group's ARN, not the schedule's.",
            _guide("scheduler/latest/UserGuide", "cross-service-confused-deputy-prevention"),
            "V",
            "test_a_role_decides_and_trusts_a_group",
        ),
    ],
    "template_gaps": [
        Fact(
            "the policy of a topic",
            "It takes the place of the topic's default policy.",
            _guide("AWSCloudFormation/latest/TemplateReference", "aws-resource-sns-topicpolicy"),
            "V",
            "test_a_topic_has_the_policy_of_its_template",
        ),
        Fact(
            "a schedule",
            "A schedule of the default group; without a name, CloudFormation makes one up.",
            _guide("AWSCloudFormation/latest/TemplateReference", "aws-resource-scheduler-schedule"),
            "V",
            "test_a_schedule_is_there_until_its_stack_is_deleted",
        ),
        Fact(
            "a list's member that is ``AWS::NoValue``, or an ``Fn::If`` that comes to it, and is"
            " left out (moto keeps ``None`` there)",
            "`AWS::NoValue` removes a property; a list's member, too.",
            f"{_guide(_CLOUDFORMATION, 'pseudo-parameter-reference')}; lists: seen by others",
            "S",
            "test_no_value_is_left_out_of_a_list",
        ),
        Fact(
            "``ManagedPolicyArns`` of a role",
            "The policies with these ARNs are attached to the role.",
            _guide("AWSCloudFormation/latest/TemplateReference", "aws-resource-iam-role"),
            "V",
            "test_policies_are_attached_to_a_role",
        ),
        Fact(
            "a resource that moto cannot make, which has a name and an ARN all the same, for"
            " whatever refers to it",
            "`Ref` and `Fn::GetAtt` of an alarm are its name and its ARN.",
            _guide("AWSCloudFormation/latest/TemplateReference", "aws-resource-cloudwatch-alarm"),
            "V",
            "test_a_resource_that_is_not_made_has_a_name_and_an_arn_all_the_same",
        ),
    ],
    "payloads": [
        Fact(
            "arguments of a Task that are larger, refused before the call (the cause as seen in"
            " production)",
            "Nothing is called: `States.DataLimitExceeded`, which `States.ALL` does not catch.",
            f"{_sfn('concepts-error-handling')}; cause:"
            " [seen](https://github.com/mbc-net/mbc-cqrs-serverless/pull/466)",
            "V",
            "test_arguments_that_are_too_large_call_nothing",
        ),
        Fact(
            "a result or an output that is larger, counted in UTF-8 (moto counts escapes)",
            "The quota is 256 KiB of data as a UTF-8 encoded string.",
            _sfn("service-quotas"),
            "V",
            "test_a_payload_is_counted_in_utf_8",
        ),
        Fact(
            "the variables of one ``Assign`` that are larger together (here the same error)",
            "All variables of one `Assign` may have 256 KiB together.",
            _sfn("workflow-variables"),
            "V",
            "test_the_variables_of_one_assign_are_counted_together",
        ),
        Fact(
            "the variables of one ``Assign`` that are larger together (here the same error)",
            "The error is `States.DataLimitExceeded`.",
            "no page says so",
            "I",
            "test_the_variables_of_one_assign_are_counted_together",
        ),
    ],
    "constraints": [
        Fact(
            "a value that the service's model does not allow, in the service's words",
            "`1 validation error detected: Value 'X' at 'member' failed to satisfy constraint: …`",
            _RECORDED,
            "R",
            "test_a_value_is_refused_in_the_services_words",
        ),
        Fact(
            "one of another type",
            "A text for a number is no valid JSON of the request: `SerializationException`.",
            _RECORDED,
            "S",
            "test_a_value_of_another_type_is_told_as_such",
        ),
        Fact(
            "patterns, which the whole value has to meet",
            "The patterns are Java's, matched against the whole value.",
            _RECORDED,
            "I",
            "test_a_pattern_takes_the_whole_value",
        ),
    ],
    "table_scans": [
        Fact(
            "a Limit, which counts the items that are looked at, before the filter",
            "It is the most items that are evaluated, not those that match.",
            _api("amazondynamodb/latest/APIReference", "Scan"),
            "V",
            "test_a_limit_counts_what_is_looked_at",
        ),
        Fact(
            "a ``LastEvaluatedKey`` wherever a Limit was reached, at the table's end too",
            "A Scan that reaches its Limit stops there, with a key; that does not mean more data.",
            _api("amazondynamodb/latest/APIReference", "Scan"),
            "V",
            "test_a_limit_that_was_reached_leaves_a_key_at_the_end_too",
        ),
    ],
    "event_patterns": [
        Fact(
            "malformed event patterns, which PutRule and TestEventPattern refuse with"
            " ``InvalidEventPatternException``",
            "41 kinds of malformed patterns are refused, with these reasons.",
            f"{_RECORDED}; [EventBridge's own matcher](https://github.com/aws/event-ruler)",
            "R",
            "test_a_malformed_pattern_is_refused_with_eventbridges_reason",
        ),
    ],
    "prose_rules": [
        Fact(
            "characters of a tag",
            "DynamoDB takes letters, white space, digits and `+ - = . _ : /`: no comma, no `@`.",
            f"{_guide('amazondynamodb/latest/developerguide', 'TaggingRestrictions')};"
            " [seen](https://github.com/feast-dev/feast/issues/6572)",
            "V",
            "test_what_breaks_a_rule_is_refused",
        ),
        Fact(
            "characters of a tag",
            "Others take `@` as well, and letters of any language.",
            _guide("tag-editor/latest/userguide", "best-practices-and-strats"),
            "V",
            "test_what_breaks_a_rule_is_refused",
        ),
        *(
            Fact(
                covers,
                "The table names each rule's page.",
                "[RULES](../../local/core/prose_rules.py)",
                "S",
                "test_what_breaks_a_rule_is_refused",
            )
            for covers in (
                "characters of a name",
                "sizes of policies and templates",
                "sizes of items, expressions and transactions",
                "an event pattern that is refused",
                "what a message attribute may hold",
                "what a state machine's names and input may be",
            )
        ),
        Fact(
            "Publish's limits on a subject",
            "It has fewer than 100 characters, no line break and no control character.",
            _sns("Publish"),
            "V",
            "local/services/test_mail.py::test_a_subject_is_short_and_of_one_line",
        ),
        Fact(
            "Publish's limits on a subject",
            "The refusal is `Invalid parameter: Subject`.",
            "[test_sns](https://github.com/localstack/localstack/blob/8b9a79f"
            "/tests/aws/services/sns/test_sns.snapshot.json)",
            "R",
            "local/services/test_mail.py::test_a_subject_is_short_and_of_one_line",
        ),
        Fact(
            "Publish's limits on a message",
            "It has 262,144 bytes at most.",
            _sns("Publish"),
            "V",
            "local/services/test_mail.py::test_a_message_has_no_more_than_256_kib",
        ),
        Fact(
            "Publish's limits on a message",
            "It is not empty.",
            _RECORDED,
            "R",
            "local/services/test_mail.py::test_a_message_is_not_empty",
        ),
        Fact(
            "what a message attribute may hold",
            "The refusals of an empty value and of an unknown type, `ParameterValueInvalid`.",
            "[test_sns](https://github.com/localstack/localstack/blob/8b9a79f"
            "/tests/aws/services/sns/test_sns.snapshot.json)",
            "R",
            "test_what_breaks_a_rule_is_refused",
        ),
        Fact(
            "what an entry of PutEvents may hold, and all of them together",
            "The refusals of a missing member, a detail that is no object, a source of AWS, and of"
            " more than 1 MB in all (which fails the call).",
            _recorded("services/test_events_task_service")
            + ", [seen](https://github.com/aws-samples/serverless-patterns/pull/3089),"
            " [seen](https://github.com/awslabs/aws-service-catalog-puppet/issues/563)",
            "R",
            "local/services/test_events.py::test_an_entry_that_breaks_a_rule_fails_and_no_other",
        ),
        Fact(
            "what an entry of PutEvents may hold, and all of them together",
            "A detail-type of 128 characters, numbers of 64 bits, a source of certain characters"
            " (the answers to others: not known).",
            f"{_api('eventbridge/latest/APIReference', 'PutEvents', 'PutEventsRequestEntry')},"
            f" {_api('scheduler/latest/APIReference', 'EventBridgeParameters')}",
            "V",
            "local/services/test_events.py::test_what_just_keeps_the_rules_is_sent",
        ),
        Fact(
            "how far back an alarm looks",
            "A week where a period is an hour or more, a day where it is less.",
            _api("AmazonCloudWatch/latest/APIReference", "PutMetricAlarm"),
            "V",
            "test_what_breaks_a_rule_is_refused",
        ),
        Fact(
            "keys of S3",
            "A key has 1,024 bytes of UTF-8 at most.",
            _guide(_S3, "object-keys"),
            "V",
            "local/services/test_checked_requests.py::test_a_key_of_s3_has_1024_bytes",
        ),
    ],
    "refusals": [
        Fact(
            "each service's error code for a value that its model does not allow",
            "`ValidationException`, or `ValidationError` where the service is of the oldest kind;"
            " `InvalidParameterException` in CloudWatch Logs.",
            _RECORDED,
            "R",
            "test_each_service_answers_with_its_own_error",
        ),
        Fact(
            "each service's error code for a value that its model does not allow",
            "`InvalidParameterValueException` in QuickSight.",
            _quicksight("CreateIngestion"),
            "I",
            "test_each_service_answers_with_its_own_error",
        ),
        Fact(
            "several such values in one answer",
            "`2 validation errors detected: …; …`",
            _RECORDED,
            "R",
            "test_several_values_are_told_at_once",
        ),
    ],
    "checked_requests": [
        Fact(
            "a request that breaks a rule is answered with its service's error, and does nothing",
            "The service checks what the SDK lets through.",
            _RECORDED,
            "R",
            "test_a_request_that_breaks_a_rule_does_nothing",
        ),
    ],
    "resource_requests": [
        Fact(
            "a resource's properties as the requests that create it",
            "CloudFormation's handlers call the service, and quote what it refuses.",
            "[seen](https://github.com/aws/aws-sdk-go/issues/2891)",
            "S",
            "test_every_type_of_the_templates_has_its_requests",
        ),
        Fact(
            "texts and numbers that stand for each other in a template",
            "A parameter of type Number is a text, and fits where a number is asked for.",
            _guide(_CLOUDFORMATION, "parameters-section-structure"),
            "V",
            "test_texts_and_numbers_stand_for_each_other",
        ),
        Fact(
            "``{{resolve:ssm:…}}``, the value of a public parameter (here that of Powertools only)",
            "CloudFormation puts the parameter's value in its place.",
            _guide(_CLOUDFORMATION, "dynamic-references-ssm"),
            "V",
            "test_a_dynamic_reference_comes_to_a_layer",
        ),
    ],
    "stack_creation": [
        Fact(
            "a refused resource, CREATE_FAILED with its service's reason",
            '`Resource handler returned message: "…" (RequestToken: …, HandlerErrorCode: …)`',
            "[seen](https://github.com/aws-samples/aws-serverless-connect-wallboard/issues/13)",
            "S",
            "test_a_refused_resource_ends_the_stack",
        ),
        Fact(
            "the stack that is rolled back then, ROLLBACK_COMPLETE",
            "`The following resource(s) failed to create: […]. Rollback requested by user.`",
            "[seen](https://github.com/aws-cloudformation/cloudformation-resource-schema/issues/114)",
            "S",
            "test_a_refused_resource_ends_the_stack",
        ),
        Fact(
            "what a rollback deletes, the last first",
            "What was created is deleted again.",
            _guide(_CLOUDFORMATION, "stack-failure-options"),
            "V",
            "test_a_refused_resource_ends_the_stack",
        ),
        Fact(
            "``DeletionPolicy: Retain``, which a rollback keeps",
            "A resource to retain stays although its stack was never complete.",
            _guide("AWSCloudFormation/latest/TemplateReference", "aws-attribute-deletionpolicy"),
            "V",
            "test_a_rollback_keeps_what_is_to_be_retained",
        ),
        Fact(
            "``RetainExceptOnCreate``, which a rollback deletes and the deletion of the stack"
            " keeps",
            "Like `Retain`, but for the stack operation that created the resource.",
            _guide("AWSCloudFormation/latest/TemplateReference", "aws-attribute-deletionpolicy"),
            "V",
            "test_a_rollback_keeps_what_is_to_be_retained",
        ),
        Fact(
            "``RetainExceptOnCreate``, which a rollback deletes and the deletion of the stack"
            " keeps",
            "A deleted stack leaves it.",
            _guide("AWSCloudFormation/latest/TemplateReference", "aws-attribute-deletionpolicy"),
            "V",
            "test_a_deleted_stack_leaves_what_stays",
        ),
        Fact(
            "a name that is there already, which fails the creation",
            "A kept table has to be imported before the stack can have it.",
            _guide(_CLOUDFORMATION, "import-resources-automatically"),
            "V",
            "test_a_name_that_is_there_already_fails_the_creation",
        ),
        Fact(
            "a stack that was rolled back, which nothing but its deletion takes",
            "It is deleted and created again, never updated.",
            _guide(_CLOUDFORMATION, "view-stack-events"),
            "V",
            "test_a_rolled_back_stack_can_only_be_deleted",
        ),
    ],
    "unknown_calls": [
        Fact(
            "UnknownOperationException for an operation that is not there",
            "The operation is not recognised; 404.",
            _guide("awsconsolehelpdocs/latest/gsg", "common-errors"),
            "V",
            "test_an_operation_that_nobody_knows_is_unknown_over_http",
        ),
        Fact(
            "InternalFailure for a call that could not be answered",
            "Processing failed; 500.",
            _guide("awsconsolehelpdocs/latest/gsg", "common-errors"),
            "V",
            "test_a_call_at_which_moto_breaks_is_an_internal_failure",
        ),
        Fact(
            "the refusal of a signature for a Region that does not exist",
            '"Credential should be scoped to a valid region"; a Region\'s own endpoint cannot even'
            " be found on AWS.",
            "seen by others",
            "S",
            "test_a_region_that_does_not_exist_is_refused",
        ),
    ],
    "template_constraints": [
        Fact(
            "parameter values checked against the template, and its ``Rules``, before anything is"
            " created, whoever asks for the stack or the change set",
            "A value that breaks its parameter's constraint is refused.",
            _guide(_CLOUDFORMATION, "parameters-section-structure"),
            "V",
            "test_a_value_outside_its_constraint_is_refused",
        ),
        Fact(
            "parameter values checked against the template, and its ``Rules``, before anything is"
            " created, whoever asks for the stack or the change set",
            "Then nothing is created.",
            _guide(_CLOUDFORMATION, "parameters-section-structure"),
            "V",
            "test_nothing_is_created_where_a_value_is_refused",
        ),
        Fact(
            "parameter values checked against the template, and its ``Rules``, before anything is"
            " created, whoever asks for the stack or the change set",
            "An assertion that does not hold refuses the stack, with its description.",
            _guide(_CLOUDFORMATION, "rules-section-structure"),
            "V",
            "test_a_rule_that_does_not_hold_is_told_in_its_words",
        ),
        Fact(
            "parameter values checked against the template, and its ``Rules``, before anything is"
            " created, whoever asks for the stack or the change set",
            "CreateStack and CreateChangeSet check both.",
            _guide(_CLOUDFORMATION, "rules-section-structure"),
            "V",
            "test_whoever_asks_is_refused",
        ),
    ],
}

#: The other modules of ``local/``: no fact about AWS decides there.
OWN = {
    "account": "ties the modules together, deploys, and is what tests talk to",
    "clock": "orders work in time; what AWS times is in `interpreter`",
    "shortcuts": "answers what moto answers, without its HTTP layer",
    "csv_hints": "guesses what is odd about a file, for `make run`",
    "faults": "makes a call fail as a test wishes",
    "dry_deployment": "resolves what a template asks for, for checks",
    "patterns": "reads Java's regular expressions as Python's",
    "history": "makes entries of moto's type for a history",
    "journal": "notes what happened, for tests",
    "run": "is the program behind `make run`",
    "serve": "is the program behind `make serve`",
    "situations": "makes the mails that `make run` shows of a failing refresh",
    "service": "holds what the modules beside it share",
    "terminal": "talks to a person",
    "words": "says what `make run` and `make serve` say, in both languages",
    "world": "holds what the services share",
}


def behaviours(module: str) -> list[str]:
    """Return what a module says it imitates, one behaviour after the other."""
    text = MODULES[module].read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    found = re.search(r"^Imitates[^:]*:(.*?)\.\nDoes not imitate:", docstring, re.M | re.S)
    return " ".join(found.group(1).split()).split("; ") if found else []


def pinned_by(module: str, fact: Fact) -> tuple[str, str]:
    """Return the file below ``tests/``, and the name, of the test that pins a fact."""
    file, _, name = fact.test.rpartition("::")
    return file or f"local/{MODULES[module].parent.name}/test_{module}.py", name


def _row(module: str, fact: Fact) -> str:
    file, name = pinned_by(module, fact)
    covers = fact.covers.replace("``", "`")
    covers = covers[0].upper() + covers[1:]
    test = f"[`{name}`](../../tests/{file})"
    return f"| {covers} | {fact.text} | {fact.grade} | {fact.source} | {test} |"


def _sections() -> Iterator[str]:
    for module in sorted(FACTS):
        facts = FACTS[module]
        order = behaviours(module)
        rows = "\n".join(
            _row(module, one) for one in sorted(facts, key=lambda one: order.index(one.covers))
        )
        yield f"## {module}\n\n{_COLUMNS}\n{rows}\n"


_COLUMNS = "| Imitated | What AWS does | Sure | Source | Test |\n|---|---|---|---|---|"
_HEAD = """# What the local account imitates

Every behaviour of AWS that [local/](../../local) imitates beyond what
[moto](https://github.com/getmoto/moto) does, module by module: what AWS does, how sure that is, who
says so, and the test that pins it. What only AWS itself can prove: [needs-aws.md](../needs-aws.md).
`python -m tests.local.honesty` writes this page.

{grades}

{sections}
## Where no fact about AWS decides

{own}
"""


def page() -> str:
    """Return the page."""
    return _HEAD.format(
        grades="\n".join(f"- **{grade}**: {text}." for grade, text in GRADES.items()),
        sections="\n".join(_sections()),
        own="\n".join(f"- `{module}` {why}." for module, why in OWN.items()),
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
