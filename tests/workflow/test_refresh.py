"""From a file to a mail: the deployed stacks, driven through S3, in virtual time."""

import json
from typing import Any

import pytest

from local.account import BUCKET, WATCHED, LocalAccount
from local.core.faults import Fault, ServiceError
from local.services.spice import Rows
from tests.loading import load_event
from tests.reported_messages import FEDERATED_QUERY, STALE_VIEW

FOLDER = f"s3://{BUCKET}/{WATCHED}sales/"
GOOD = b"day,sales\n1,10\n2,20\n"
BROKEN = b"day,sales\n1,10\n2\n3,30,?\n"

START = [
    "Folder Marker?",
    "Produce Ingestion Parameters",
    "Look Up Datasets",
    "Datasets Registered?",
]
LEAD = [
    "Claim Folder",
    "Leading This Folder?",
    "Wait Until Next Start",
    "Wait For More Files",
    "Count Files",
    "More Files Arriving?",
    "Look Up Datasets",
    "Datasets Registered?",
]
TO_THE_END = [
    "Check Ingestion Status",
    "Send Mail",
    "Announce Result",
    "Folder Led?",
    "Remember Run",
    "Release Folder",
    "Files Waiting?",
    "Mail Sent?",
]


def register(account: LocalAccount, *names: str, folder: str = FOLDER, **extra: Any) -> None:
    """Register datasets, named and identified alike, for a folder."""
    datasets = [{"datasetid": f"id-{name}", "datasetname": name} for name in names]
    account.register([{"S3uri": folder, "datasets": datasets, **extra}])


def put_item(account: LocalAccount, item: dict[str, Any]) -> None:
    """Write an item as somebody might by hand."""
    account.client("dynamodb").put_item(TableName="sampleproject-parameters", Item=item)


def ends(account: LocalAccount, name: str, status: str, **error: str) -> None:
    """Let a dataset's ingestions end in a status, without row counts."""
    final: dict[str, Any] = {"IngestionStatus": status}
    if error:
        final["ErrorInfo"] = error

    def outcome(_: Rows) -> dict[str, Any]:
        return final

    account.quicksight.datasets[f"id-{name}"].outcome = outcome


def drop(account: LocalAccount, key: str = f"{WATCHED}sales/a.csv", body: bytes = GOOD) -> None:
    """Put a file and let everything that follows happen."""
    account.drop(key, body)
    account.settle()


def only_mail(account: LocalAccount) -> tuple[str, str]:
    """Return subject and message of the only mail."""
    (mail,) = account.mails
    return mail.subject, mail.message


def path(account: LocalAccount) -> list[str]:
    """Return the states of the only execution."""
    (execution,) = account.executions
    return account.path(execution)


def status(account: LocalAccount) -> str:
    """Return the status of the only execution."""
    (execution,) = account.executions
    return str(execution.status)


def test_a_good_file_refreshes_every_dataset_and_mails_success(account: LocalAccount) -> None:
    register(account, "one", "two")
    drop(account)
    subject, message = only_mail(account)
    assert subject.startswith("[SUCCESS]")
    assert "one" in message
    assert "two" in message
    assert status(account) == "SUCCEEDED"
    assert path(account) == [
        *START,
        *LEAD,
        "Recall Last Run",
        "Refresh Each Dataset",
        "Any Dataset To Refresh?",
        *TO_THE_END,
        "Refresh Succeeded",
    ]
    assert [len(d.ingestions) for d in account.quicksight.datasets.values()] == [1, 1]


def test_skipped_rows_are_an_error_that_names_their_number(account: LocalAccount) -> None:
    register(account, "one")
    drop(account, body=BROKEN)
    subject, message = only_mail(account)
    assert subject.startswith("[ERROR]")
    assert "rows skipped: 2" in message
    assert status(account) == "FAILED"
    assert path(account)[-1] == "Refresh Failed"


@pytest.mark.parametrize("ending", ["FAILED", "CANCELLED"])
def test_an_ingestion_that_ends_badly_without_row_counts_is_an_error(
    account: LocalAccount, ending: str
) -> None:
    register(account, "one")
    ends(account, "one", ending)
    drop(account)
    subject, message = only_mail(account)
    assert subject.startswith("[ERROR]")
    assert ending in message


def test_a_failed_dataset_stands_first_and_the_others_are_refreshed(account: LocalAccount) -> None:
    register(account, "one", "two", "three")
    ends(account, "two", "FAILED", Type="S3_FILE_INACCESSIBLE", Message="no such file")
    drop(account)
    subject, message = only_mail(account)
    assert subject.startswith("[ERROR]")
    bullets = [line for line in message.splitlines() if line.startswith("\t・")]
    assert ["two" in line for line in bullets] == [True, False, False]
    assert "no such file" in message


def test_a_dataset_that_cannot_be_started_does_not_stop_the_others(account: LocalAccount) -> None:
    register(account, "one", "two")
    del account.quicksight.datasets["id-one"]
    drop(account)
    subject, message = only_mail(account)
    assert subject.startswith("[ERROR]")
    assert "ResourceNotFoundException" in message
    assert len(account.quicksight.datasets["id-two"].ingestions) == 1


def test_a_folder_that_nobody_registered_is_an_error_that_names_it(account: LocalAccount) -> None:
    drop(account, f"{WATCHED}stray/a.csv")
    subject, message = only_mail(account)
    assert subject.startswith("[ERROR]")
    assert f"s3://{BUCKET}/{WATCHED}stray/" in message
    assert path(account) == [
        *START,
        "Look Up Datasets",
        "Datasets Registered?",
        *LEAD,
        "List Registered Folders",
        *TO_THE_END,
        "Refresh Failed",
    ]


def test_a_file_outside_the_watched_folder_starts_nothing(account: LocalAccount) -> None:
    drop(account, "elsewhere/a.csv")
    assert account.executions == []
    assert len(account.events.sent) == 1


def test_an_ignored_folder_ends_quietly(account: LocalAccount) -> None:
    account.register([{"S3uri": FOLDER, "ignore": True}])
    drop(account)
    assert account.mails == []
    assert status(account) == "SUCCEEDED"
    assert path(account) == [*START, "Folder Ignored"]


@pytest.mark.parametrize("name", ["sales/", "sales/2026_$folder$", "sales_$folder$"])
def test_a_folder_marker_ends_quietly_made_or_deleted(account: LocalAccount, name: str) -> None:
    """The console makes ``NAME/``, Hadoop, EMR and Glue ``NAME_$folder$``; deleted has no size."""
    register(account, "one")
    drop(account, f"{WATCHED}{name}", b"")
    account.delete(f"{WATCHED}{name}")
    account.settle()
    made, deleted = (e["detail"] for e in account.events.sent if e["source"] == "aws.s3")
    assert made["object"]["size"] == 0
    assert "size" not in deleted["object"]
    assert account.mails == []
    paths = [account.path(execution) for execution in account.executions]
    assert paths == [["Folder Marker?", "Folder Marker Ignored"]] * 2


@pytest.mark.parametrize("name", ["sales/$folder$", "sales/a_$folder$.csv", "sales/x_folder"])
def test_a_file_that_is_named_like_a_marker_is_a_file(account: LocalAccount, name: str) -> None:
    register(account, "one")
    drop(account, f"{WATCHED}{name}", b"")
    assert "Claim Folder" in path(account)


def test_a_file_with_the_name_of_a_marker_is_a_file(account: LocalAccount) -> None:
    register(account, "one")
    drop(account, f"{WATCHED}sales/a_$folder$", b"a,b\n")
    assert "Claim Folder" in path(account)


def test_an_emptied_file_is_a_file(account: LocalAccount) -> None:
    register(account, "one")
    drop(account, body=b"")
    assert "Refresh Each Dataset" in path(account)


def test_a_deleted_file_refreshes_too(account: LocalAccount) -> None:
    register(account, "one")
    account.drop(f"{WATCHED}sales/kept.csv", GOOD)
    account.drop(f"{WATCHED}sales/a.csv", BROKEN)
    account.settle()
    account.mails.clear()
    account.delete(f"{WATCHED}sales/a.csv")
    account.settle()
    subject, message = only_mail(account)
    assert subject.startswith("[SUCCESS]")
    assert "a.csv" in message


@pytest.mark.parametrize("depth", [1, 10])
def test_the_nearest_registered_folder_wins(account: LocalAccount, depth: int) -> None:
    register(account, "near")
    register(account, "far", folder=f"s3://{BUCKET}/{WATCHED}")
    drop(account, f"{WATCHED}sales/{'deeper/' * depth}a.csv")
    assert len(account.quicksight.datasets["id-near"].ingestions) == 1
    assert account.quicksight.datasets["id-far"].ingestions == {}
    claimed = path(account).index("Claim Folder")
    assert path(account)[:claimed].count("Look Up Datasets") == depth + 1


@pytest.mark.parametrize(
    "key",
    [
        "with space.csv",
        "a+b.csv",
        "100%.csv",
        "%2B.csv",
        "データ.csv",
        "é/ü.csv",
        '"q".csv',
        "a\\b",
    ],
)
def test_any_key_reaches_its_folder_as_it_is(account: LocalAccount, key: str) -> None:
    register(account, "one", folder=f"s3://{BUCKET}/{WATCHED}sales +%/")
    drop(account, f"{WATCHED}sales +%/{key}")
    assert len(account.quicksight.datasets["id-one"].ingestions) == 1
    assert len(account.mails) == 1


@pytest.mark.parametrize("folder", ["a/", "/"])
def test_a_key_of_1024_bytes_is_told_in_one_mail_after_twelve_look_ups(
    account: LocalAccount, folder: str
) -> None:
    drop(account, (WATCHED + folder * 1024)[:1023] + "x")
    subject, message = only_mail(account)
    assert subject.startswith("[ERROR]")
    assert "11 levels" in message
    claimed = path(account).index("Claim Folder")
    assert path(account)[:claimed].count("Look Up Datasets") == 12
    assert len(path(account)) <= 90
    (execution,) = account.executions
    assert len(json.dumps(account.history(execution), default=str)) < 200_000


def test_a_registration_eleven_levels_down_is_found_for_any_key_below(
    account: LocalAccount,
) -> None:
    register(account, "deep", folder=f"s3://{BUCKET}/{WATCHED}{'a/' * 11}")
    drop(account, f"{WATCHED}{'a/' * 11}a.csv")
    drop(account, f"{WATCHED}{'a/' * 300}b.csv")
    assert len(account.quicksight.datasets["id-deep"].ingestions) == 2


def test_forty_datasets_are_one_mail(account: LocalAccount) -> None:
    names = [f"set{number:02d}" for number in range(40)]
    register(account, *names)
    drop(account)
    subject, message = only_mail(account)
    assert subject.startswith("[SUCCESS]")
    assert [name for name in names if name not in message] == []


@pytest.mark.parametrize("name", ["x y", "売上", "n" * 300, "a/b:c.d", "-"])
def test_any_dataset_name_makes_a_legal_ingestion_id(account: LocalAccount, name: str) -> None:
    dataset = {"datasetid": "id-one", "datasetname": name}
    account.register([{"S3uri": FOLDER, "datasets": [dataset]}])
    drop(account)
    subject, _ = only_mail(account)
    assert subject.startswith("[SUCCESS]")


@pytest.mark.parametrize("kind", [None, "FULL_REFRESH", "INCREMENTAL_REFRESH"])
def test_the_ingestion_type_is_passed_on_only_when_registered(
    account: LocalAccount, kind: str | None
) -> None:
    dataset = {"datasetid": "id-one", "datasetname": "one"}
    if kind:
        dataset["ingestiontype"] = kind
    account.register([{"S3uri": FOLDER, "datasets": [dataset]}])
    seen: list[dict[str, Any]] = []
    account.on_call.append(
        lambda call: seen.append(call.parameters) if call.operation == "CreateIngestion" else None
    )
    drop(account)
    (parameters,) = seen
    assert parameters.get("IngestionType") == kind


def test_a_status_that_nobody_knows_is_an_error_that_names_it(account: LocalAccount) -> None:
    register(account, "one")
    ends(account, "one", "HIBERNATING")
    drop(account)
    subject, message = only_mail(account)
    assert subject.startswith("[ERROR]")
    assert "HIBERNATING" in message


def test_a_repeated_create_goes_on_with_the_ingestion_that_exists(account: LocalAccount) -> None:
    register(account, "one")
    account.faults.add(
        Fault(
            "quicksight",
            "CreateIngestion",
            error=ServiceError("ThrottlingException", status=429),
            lost=True,
            times=1,
        )
    )
    drop(account)
    subject, _ = only_mail(account)
    assert subject.startswith("[SUCCESS]")
    assert len(account.quicksight.datasets["id-one"].ingestions) == 1


DATASET = {"M": {"datasetid": {"S": "id-one"}, "datasetname": {"S": "one"}}}
BAD_ITEMS: list[tuple[str, dict[str, Any], str]] = [
    ("no datasets", {}, "datasets"),
    ("empty list", {"datasets": {"L": []}}, "datasets"),
    ("datasets is text", {"datasets": {"S": "id-one"}}, "datasets"),
    ("no id", {"datasets": {"L": [{"M": {"datasetname": {"S": "one"}}}]}}, "datasetid"),
    ("no name", {"datasets": {"L": [{"M": {"datasetid": {"S": "id-one"}}}]}}, "datasetname"),
    (
        "number as id",
        {"datasets": {"L": [{"M": {"datasetid": {"N": "1"}, "datasetname": {"S": "one"}}}]}},
        "datasetid",
    ),
    ("twice", {"datasets": {"L": [DATASET, DATASET]}}, "datasets[1]"),
    ("text in the list", {"datasets": {"L": [{"S": "id-one"}]}}, "datasets[0]"),
    ("ignore is text", {"datasets": {"L": [DATASET]}, "ignore": {"S": "true"}}, "ignore"),
    (
        "unknown type",
        {"datasets": {"L": [{"M": {**DATASET["M"], "ingestiontype": {"S": "ALL"}}}]}},
        "ingestiontype",
    ),
]


@pytest.mark.parametrize(
    ("item", "field"), [case[1:] for case in BAD_ITEMS], ids=[case[0] for case in BAD_ITEMS]
)
def test_a_wrong_registration_is_an_error_that_names_folder_and_field(
    account: LocalAccount, item: dict[str, Any], field: str
) -> None:
    put_item(account, {"S3uri": {"S": FOLDER}, **item})
    drop(account)
    subject, message = only_mail(account)
    assert subject.startswith("[ERROR]")
    assert FOLDER in message
    assert field in message
    assert "Traceback" not in message


def test_what_is_right_in_a_wrong_registration_is_refreshed(account: LocalAccount) -> None:
    register(account, "one", "two")
    datasets = [
        {"M": {"datasetid": {"S": "id-one"}, "datasetname": {"S": "one"}}},
        {"M": {"datasetid": {"S": "id-two"}}},
    ]
    put_item(account, {"S3uri": {"S": FOLDER}, "datasets": {"L": datasets}})
    drop(account)
    subject, message = only_mail(account)
    assert subject.startswith("[ERROR]")
    assert "datasets[1].datasetname" in message
    assert len(account.quicksight.datasets["id-one"].ingestions) == 1
    assert account.quicksight.datasets["id-two"].ingestions == {}


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"detail": {}},
        {"detail": {"bucket": {"name": BUCKET}}},
        {"detail": {"bucket": {"name": BUCKET}, "object": {"key": ""}}},
        {"detail": {"bucket": {"name": 7}, "object": {"key": ["a"]}}},
        {"detail": "text"},
    ],
    ids=json.dumps,
)
def test_an_event_without_bucket_or_key_is_told_in_one_mail(
    account: LocalAccount, event: dict[str, Any]
) -> None:
    account.start(event, "by-hand")
    account.settle()
    subject, message = only_mail(account)
    assert subject.startswith("[ERROR]")
    assert "Produce Ingestion Parameters" in message
    assert "Traceback" not in message
    assert 'File "' not in message
    assert status(account) == "FAILED"


@pytest.mark.parametrize("sample", ["S3ObjectCreated.json", "S3MultipartCompleted.json"])
def test_the_sample_events_start_a_refresh(account: LocalAccount, sample: str) -> None:
    account.register()
    account.start(load_event(sample), "by-hand")
    account.settle()
    assert "Refresh Each Dataset" in path(account)


def test_the_mail_links_this_execution(account: LocalAccount) -> None:
    register(account, "one")
    drop(account)
    _, message = only_mail(account)
    assert account.executions[0].execution_arn in message


def test_every_permission_that_is_used_is_granted_and_the_other_way_round(
    account: LocalAccount,
) -> None:
    register(account, "one")
    drop(account)
    used = {use.action for use in account.authorizer.uses}
    assert used == {
        "states:StartExecution",
        "states:DescribeExecution",  # by the Distributed Map, of its children
        "lambda:InvokeFunction",
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
        "events:PutEvents",
        "quicksight:CreateIngestion",
        "quicksight:DescribeIngestion",
        "sns:Publish",
    }


LETTERS = "".join(str(number % 10) for number in range(3000))


@pytest.mark.parametrize("said", ["", "no", LETTERS[:300], "売" * 299 + "上"])
def test_a_message_of_a_few_hundred_characters_is_kept_whole(
    account: LocalAccount, said: str
) -> None:
    register(account, "one")
    ends(account, "one", "FAILED", Type="SQL_EXCEPTION", Message=said)
    drop(account)
    (child,) = account.children
    assert child.environment.states.get_input()["error"] == {
        "type": "SQL_EXCEPTION",
        "message": said,
    }


@pytest.mark.parametrize("said", [LETTERS[:301], LETTERS, "売" * 300 + "上"])
def test_of_a_longer_message_both_ends_are_kept_and_how_long_it_was(
    account: LocalAccount, said: str
) -> None:
    register(account, "one")
    ends(account, "one", "FAILED", Type="SQL_EXCEPTION", Message=said)
    drop(account)
    (child,) = account.children
    assert child.environment.states.get_input()["error"] == {
        "type": "SQL_EXCEPTION",
        "message": said[:110],
        "end": said[-170:],
        "length": len(said),
    }


@pytest.mark.parametrize(
    ("operation", "status"),
    [("CreateIngestion", "START_FAILED"), ("DescribeIngestion", "CHECK_FAILED")],
)
def test_of_a_refused_calls_long_message_both_ends_are_kept(
    account: LocalAccount, operation: str, status: str
) -> None:
    register(account, "one")
    refused = ServiceError("AccessDeniedException", LETTERS)
    account.faults.add(Fault("quicksight", operation, refused))
    drop(account)
    (child,) = account.children
    row = child.environment.states.get_input()
    assert row["status"] == status
    assert row["error"]["message"] == LETTERS[:110]
    assert row["error"]["end"] == LETTERS[-170:]
    assert row["error"]["length"] == len(LETTERS)


@pytest.mark.parametrize(
    ("error", "message", "told"),
    [
        (
            "SQL_EXCEPTION",
            FEDERATED_QUERY,
            'FIRST: Read the end of the message below. It says "Rate exceeded", so this may',
        ),
        (
            "SQL_EXCEPTION",
            STALE_VIEW,
            'FIRST: Read the end of the message below. It says "does not exist", so a table',
        ),
        (
            "CUSTOMER_ERROR",
            "There was a problem parsing the data.",
            "FIRST: Save a.csv as UTF-8 without BOM",
        ),
    ],
)
def test_the_mail_names_the_type_and_what_its_message_tells(
    account: LocalAccount, error: str, message: str, told: str
) -> None:
    register(account, "one")
    ends(account, "one", "FAILED", Type=error, Message=message)
    drop(account)
    _, mail = only_mail(account)
    lines = mail.splitlines()
    assert f"Error type: {error}" in lines
    assert any(line.startswith(told) for line in lines), mail
    assert message[-30:] in mail
    assert "custom SQL" not in mail


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("\ufeff日付,店舗,売上\r\n2026/11/01,東京,100\r\n".encode(), id="CSV UTF-8"),
        pytest.param("日付,店舗,売上\r\n2026/11/01,東京,100\r\n".encode("cp932"), id="CSV"),
    ],
)
def test_a_file_as_excel_saves_it_is_told_to_be_saved_without_a_bom(
    account: LocalAccount, body: bytes
) -> None:
    register(account, "one", folder=FOLDER)
    account.quicksight.datasets["id-one"].folder = FOLDER
    drop(account, body=body)
    subject, mail = only_mail(account)
    assert subject.startswith("[ERROR]")
    assert "FIRST: Save a.csv as UTF-8 without BOM" in mail
    assert 'its "CSV UTF-8" (which has a BOM)' in mail


def test_no_ingestion_row_holds_a_raw_api_answer(account: LocalAccount) -> None:
    register(account, "one")
    drop(account)
    (child,) = account.children
    assert set(child.environment.states.get_input()) == {
        "result",
        "datasetid",
        "datasetname",
        "ingestionid",
        "status",
        "rows",
        "droppedRows",
        "totalRows",
        "seconds",
    }
