"""What the local account imitates, how sure we are that AWS does it, and the test that pins it.

``python -m tests.local.honesty`` writes docs/imitated.md.
"""

from dataclasses import dataclass

from local.cloudformation import ROOT

PAGE = ROOT / "docs" / "imitated.md"
GRADES = {
    "V": "verified in AWS's documentation or service model",
    "S": "from a second-hand source",
    "I": "inferred",
    "U": "not verified: imitated both ways, or built to do without",
}
_DOCS = "https://docs.aws.amazon.com/"
_SFN = f"{_DOCS}step-functions/latest/dg/"
_QS = f"{_DOCS}quicksight/latest/APIReference/"


@dataclass(frozen=True)
class Fact:
    """One behaviour of AWS that the local account imitates.

    Attributes:
        module: the file in ``local/``, without its ending.
        text: what AWS does.
        source: where that is said.
        grade: a key of ``GRADES``.
        test: ``file::name`` of a test below ``tests/``.
    """

    module: str
    text: str
    source: str
    grade: str
    test: str


def _measured(name: str) -> str:
    return f"LocalStack's snapshots of AWS, {name}"


FACTS = [
    Fact(
        "clock",
        "A retry waits its interval, times the back-off rate.",
        f"{_SFN}concepts-error-handling.html",
        "V",
        "local/test_interpreter.py::test_retries_wait_on_the_clock_with_back_off",
    ),
    Fact(
        "cloudformation",
        "A parameter that breaks its constraint is refused before anything is created.",
        f"{_DOCS}AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
        "V",
        "workflow/test_parameters.py::test_a_bad_parameter_is_refused_before_anything_is_created",
    ),
    Fact(
        "describe_execution",
        "DescribeExecution: 250 calls at once, then 10 a second (Tokyo).",
        f"{_SFN}service-quotas.html",
        "V",
        "workflow/test_bursts.py::test_a_describe_execution_that_is_stale_or_throttled_loses_nothing",
    ),
    Fact(
        "describe_execution",
        "DescribeExecution is eventually consistent.",
        f"{_DOCS}step-functions/latest/apireference/API_DescribeExecution.html",
        "V",
        "workflow/test_bursts.py::test_a_describe_execution_that_is_stale_or_throttled_loses_nothing",
    ),
    Fact(
        "direct",
        "A call answers what its API answers, however it got there.",
        "The service models",
        "V",
        "local/test_direct.py::test_both_ways_answer_the_same",
    ),
    Fact(
        "distributed_map",
        "A child is a Standard execution with a history of its own.",
        f"{_SFN}state-map-distributed.html",
        "V",
        "local/test_distributed_map.py::test_children_run_side_by_side_with_histories_of_their_own",
    ),
    Fact(
        "distributed_map",
        "ToleratedFailurePercentage 100 never fails the Map.",
        f"{_SFN}state-map-distributed.html",
        "V",
        "local/test_distributed_map.py::test_a_tolerated_dead_child_leaves_its_record_or_nothing",
    ),
    Fact(
        "distributed_map",
        "What a tolerated dead child leaves in the results: its record, or nothing.",
        f"{_SFN}input-output-resultwriter.html, against reports",
        "U",
        "local/test_distributed_map.py::test_a_tolerated_dead_child_leaves_its_record_or_nothing",
    ),
    Fact(
        "distributed_map",
        "Children end with their parent.",
        f"{_SFN}concepts-examine-map-run.html",
        "I",
        "local/test_distributed_map.py::test_children_end_with_their_parent",
    ),
    Fact(
        "error_names",
        "`PREFIX.NameException` for modelled errors, `PREFIX.PREFIXException` for others.",
        f"{_SFN}supported-services-awssdk.html; {_measured('error names')}",
        "V",
        "local/test_error_names.py::test_an_sdk_integration_names_what_the_model_knows",
    ),
    Fact(
        "events",
        "The shape of S3's events.",
        f"{_DOCS}AmazonS3/latest/userguide/ev-events.html",
        "V",
        "local/test_events.py::test_a_created_object_is_told_in_the_shape_of_the_sample",
    ),
    Fact(
        "events",
        "A multipart upload is one event.",
        f"{_DOCS}AmazonS3/latest/userguide/EventBridge.html",
        "V",
        "local/test_events.py::test_a_multipart_upload_is_one_event",
    ),
    Fact(
        "events",
        "Keys in events are not URL-encoded.",
        "Seen in events of others; AWS's pages are silent",
        "S",
        "local/test_events.py::test_keys_are_not_url_encoded",
    ),
    Fact(
        "events",
        "An event may be delivered twice.",
        f"{_DOCS}AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html",
        "V",
        "local/test_events.py::test_an_event_may_be_delivered_twice",
    ),
    Fact(
        "events",
        "An event that cannot be delivered lands in the target's dead-letter queue.",
        f"{_DOCS}eventbridge/latest/userguide/eb-rule-dlq.html",
        "V",
        "local/test_events.py::test_an_event_that_cannot_be_delivered_lands_in_the_dead_letter_queue",
    ),
    Fact(
        "functions",
        "An exception becomes `errorType` and `errorMessage`.",
        f"{_DOCS}lambda/latest/dg/python-exceptions.html",
        "V",
        "local/test_functions.py::test_an_exception_becomes_lambdas_error_payload",
    ),
    Fact(
        "iam",
        "Action, resource and every condition must match; an explicit deny wins.",
        f"{_DOCS}IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
        "V",
        "local/test_iam.py::test_an_explicit_deny_wins",
    ),
    Fact(
        "iam",
        "What each call of a machine asks for.",
        f"{_DOCS}service-authorization/latest/reference/reference.html",
        "V",
        "workflow/test_permissions.py::test_what_is_taken_away_is_missed",
    ),
    Fact(
        "inline_map",
        "Iterations of an inline Map share their execution's history.",
        f"{_SFN}state-map-inline.html",
        "V",
        "workflow/test_history_limit.py::"
        "test_a_fixed_wait_in_an_inline_map_ends_at_the_limit_without_a_mail_of_its_own",
    ),
    Fact(
        "integrations",
        "A role without the permission is refused, by the action's name.",
        f"{_DOCS}IAM/latest/UserGuide/troubleshoot_access-denied.html",
        "V",
        "local/test_integrations.py::test_each_service_refuses_in_its_own_way",
    ),
    Fact(
        "interpreter",
        "25,000 events end an execution.",
        f"{_SFN}service-quotas.html",
        "V",
        "local/test_interpreter.py::test_the_history_limit_fails_the_execution",
    ),
    Fact(
        "interpreter",
        "`States.ALL` does not catch `States.Runtime`.",
        f"{_SFN}concepts-error-handling.html",
        "V",
        "local/test_interpreter.py::test_states_all_does_not_catch_everything",
    ),
    Fact(
        "interpreter",
        "A failing expression in a Choice cannot be caught; in a Task it can.",
        f"{_SFN}transforming-data.html; {_measured('query evaluation errors')}",
        "V",
        "local/test_interpreter.py::test_a_failing_expression_in_a_choice_fails_the_execution",
    ),
    Fact(
        "interpreter",
        "`Output` does not see what the same state assigns.",
        f"{_SFN}workflow-variables.html",
        "V",
        "local/test_interpreter.py::test_assign_and_output_see_the_values_as_of_state_entry",
    ),
    Fact(
        "jsonata",
        "Expressions answer as the reference implementation does.",
        "npm jsonata 2.0.6, asked",
        "V",
        "statemachine/test_second_opinion.py::test_both_answer_the_same",
    ),
    Fact(
        "jsonata",
        "An undefined result is an error.",
        f"{_SFN}transforming-data.html",
        "V",
        "local/test_jsonata.py::test_what_has_no_value_is_an_error",
    ),
    Fact(
        "mail",
        "A subject has fewer than 100 characters and no control character.",
        f"{_DOCS}sns/latest/api/API_Publish.html",
        "V",
        "workflow/test_fault_matrix.py::test_what_goes_wrong_around_the_tasks_is_told",
    ),
    Fact(
        "notifications",
        "GetBucketNotificationConfiguration tells of EventBridge.",
        f"{_DOCS}AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html",
        "V",
        "ops/test_setup_verbs.py::test_one_that_is_on_already",
    ),
    Fact(
        "quicksight",
        "INITIALIZED, QUEUED, RUNNING, then COMPLETED, FAILED or CANCELLED.",
        f"{_QS}API_Ingestion.html",
        "V",
        "local/test_quicksight.py::test_an_ingestion_goes_through_its_statuses",
    ),
    Fact(
        "quicksight",
        "The errors of its API.",
        f"{_QS}API_CreateIngestion.html",
        "V",
        "local/test_quicksight.py::test_what_is_not_there_is_not_found",
    ),
    Fact(
        "quicksight",
        "32 refreshes in 24 hours, for each dataset.",
        f"{_QS}API_CreateIngestion.html; per dataset: second-hand",
        "S",
        "local/test_quicksight.py::test_the_limit_of_a_rolling_day_is_enforced",
    ),
    Fact(
        "quicksight",
        "A second ingestion of a dataset waits for the first, or supersedes it.",
        f"{_QS}API_QueueInfo.html and API_ErrorInfo.html",
        "U",
        "local/test_quicksight.py::test_a_second_ingestion_waits_or_supersedes",
    ),
    Fact(
        "quicksight",
        "A known ingestion id is refused with ResourceExistsException.",
        f"{_QS}API_CreateIngestion.html",
        "I",
        "local/test_quicksight.py::test_what_is_not_there_is_not_found",
    ),
    Fact(
        "subscriptions",
        "An address is PendingConfirmation until its token is sent back.",
        f"{_DOCS}sns/latest/api/API_ConfirmSubscription.html",
        "V",
        "ops/test_setup_verbs.py::test_a_wrong_token_confirms_nothing",
    ),
]

_HEAD = """# What the local account imitates

AWS's behaviour that this project leans on, how sure that is, and the test that pins the imitation.
What only AWS itself can prove: [needs-aws.md](needs-aws.md). `python -m tests.local.honesty` writes
this page.

{grades}

| Module | What AWS does | Sure | Source | Test |
|---|---|---|---|---|
{rows}
"""


def page() -> str:
    """Return the page."""
    grades = "\n".join(f"- **{grade}**: {text}." for grade, text in GRADES.items())
    rows = "\n".join(
        f"| `{fact.module}` | {fact.text} | {fact.grade} | {fact.source} | "
        f"`tests/{fact.test.replace('::', '` `')}` |"
        for fact in FACTS
    )
    return _HEAD.format(grades=grades, rows=rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
