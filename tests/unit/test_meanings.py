"""Every error gets AWS's own meaning, a first step and a way to mend it, in both languages."""

import itertools
import json
import re
import string
from typing import Any, NamedTuple

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.loading import FUNCTIONS, ROOT, load_module
from tests.reported_messages import FEDERATED_QUERY, STALE_VIEW
from tests.unit.mails import compose
from tests.unit.payloads import failed_row, row

meanings = load_module("check_ingestion_status", "meanings")

QUICKSIGHT = botocore.session.get_session().get_service_model("quicksight")
INGESTION_ERRORS = QUICKSIGHT.shape_for("IngestionErrorType").enum
API_ERRORS = {
    error.name
    for operation in ("CreateIngestion", "DescribeIngestion")
    for error in QUICKSIGHT.operation_model(operation).error_shapes
}
BOOK = meanings._book()
LANGUAGES = ("ja", "en")
VALUES = {name: f"<{name.upper()}>" for name in meanings.PLACEHOLDERS}


class Words(NamedTuple):
    """What only the texts of one group say."""

    types: str
    cause_ja: str
    cause_en: str
    step_ja: str
    step_en: str


# From AWS's page "SPICE ingestion error codes"; the six types that it lacks, from their names.
EXPECTED = [
    Words(
        "FAILURE_TO_ASSUME_ROLE",
        "IAMロールを引き受けられません",
        "could not assume its IAM role",
        "信頼ポリシーとポリシー",
        "service role",
    ),
    Words(
        "INGESTION_SUPERSEDED",
        "別の更新が始まりました",
        "Another refresh of this dataset began",
        "あとから始まった更新",
        "newer refresh",
    ),
    Words(
        "INGESTION_CANCELED", "取り消しました", "cancelled", "CancelIngestion", "CancelIngestion"
    ),
    Words(
        "DATA_SET_DELETED SPICE_TABLE_NOT_FOUND",
        "削除されたか、使えなくなりました",
        "deleted or became unavailable",
        "データセットが開けるか",
        "whether the dataset opens",
    ),
    Words(
        "DATA_SET_NOT_SPICE",
        "SPICEを使わない設定",
        "queries its source directly",
        "クエリモードを「SPICE」に変える",
        "query mode to SPICE",
    ),
    Words(
        "S3_UPLOADED_FILE_DELETED",
        "S3から削除されています",
        "deleted from S3",
        "ファイルを同じフォルダに置き直してください。更新が自動で始まります",
        "Put the files into the same folder again",
    ),
    Words(
        "S3_MANIFEST_ERROR",
        "マニフェスト（JSON）の誤り、S3の許可の不足",
        "a permission for S3 may be missing",
        "空なら、ファイルを置けば更新されます",
        "bucket and prefixes in the manifest",
    ),
    Words(
        "DATA_TOLERANCE_EXCEPTION",
        "読み込めない行が多すぎて",
        "So many rows could not be read",
        "列の並び",
        "Which column does not fit",
    ),
    Words(
        "DATA_SET_SIZE_LIMIT_EXCEEDED",
        "1データセットの上限",
        "larger than SPICE allows for one dataset",
        "フィルターで行を減らす",
        "Filter rows",
    ),
    Words(
        "ROW_SIZE_LIMIT_EXCEEDED",
        "1行の大きさ",
        "A single row",
        "長い文字列",
        "very long texts",
    ),
    Words(
        "ACCOUNT_CAPACITY_LIMIT_EXCEEDED",
        "SPICE容量が足りません",
        "not enough SPICE capacity",
        "自動購入をオン",
        "auto-purchase",
    ),
    Words(
        "CUSTOMER_ERROR",
        "データを読み取れませんでした。文字コードがUTF-8でない",
        "could not parse the data",
        "「UTF-8（BOMなし）」",
        "UTF-8 without BOM",
    ),
    Words(
        "DATA_SOURCE_NOT_FOUND",
        "データセットそのものは残っています",
        "The dataset itself is there",
        "データソースを最近消した人",
        "somebody deleted the data source",
    ),
    Words(
        "IAM_ROLE_NOT_AVAILABLE",
        "アクセスする許可がありません",
        "no permission to access the data source",
        "（S3ならバケットも）",
        "for S3 the bucket",
    ),
    Words(
        "CONNECTION_FAILURE DATA_SOURCE_CONNECTION_FAILED",
        "データソースに接続できませんでした",
        "could not connect to the data source",
        "接続先（サーバー、ポート、URL）",
        "server, port and URL",
    ),
    Words(
        "SQL_TABLE_NOT_FOUND",
        "参照先のテーブルが",
        "The table was not found",
        "テーブルの名前を最近変えた人",
        "whether the table was renamed",
    ),
    Words(
        "PERMISSION_DENIED",
        "読み取りを許可しませんでした",
        "did not permit reading",
        "データソース側の権限",
        "permissions in the source itself",
    ),
    Words(
        "SSL_CERTIFICATE_VALIDATION_FAILURE",
        "SSL証明書",
        "SSL certificate",
        "証明書の期限",
        "whether the certificate has expired",
    ),
    Words(
        "OAUTH_TOKEN_FAILURE PASSWORD_AUTHENTICATION_FAILURE DATA_SOURCE_AUTH_FAILED",
        "認証に失敗しました",
        "refused the stored password or token",
        "認証情報を入力し直します",
        "Enter the credentials again",
    ),
    Words(
        "SOURCE_API_LIMIT_EXCEEDED_FAILURE",
        "APIの呼び出し回数の上限",
        "quota of API calls",
        "APIの上限を聞きます",
        "quota of its API",
    ),
    Words(
        "SQL_SCHEMA_MISMATCH_ERROR",
        "元データの列が、データセットの定義と合いません",
        "do not fit the dataset's definition",
        "定義を合わせます",
        "adapts the definition",
    ),
    Words(
        "INVALID_DATE_FORMAT",
        "形式の日付",
        "A date is in a form",
        "parseDate",
        "parseDate",
    ),
    Words(
        "INVALID_DATAPREP_SYNTAX",
        "計算フィールドの式に、文法の誤り",
        "expression has a syntax error",
        "計算フィールドを直して",
        "correct its calculated fields",
    ),
    Words(
        "SOURCE_RESOURCE_LIMIT_EXCEEDED",
        "リソースの上限",
        "resource limit",
        "更新の時刻をずらす",
        "refresh at another time",
    ),
    Words(
        "SQL_INVALID_PARAMETER_VALUE",
        "SQLのパラメータ",
        "A parameter of the SQL",
        "SQLのパラメータを確かめて",
        "parameters of its SQL",
    ),
    Words(
        "QUERY_TIMEOUT", "クエリ）が、時間切れ", "timed out", "クエリを軽くする", "query lighter"
    ),
    Words(
        "SQL_NUMERIC_OVERFLOW",
        "大きすぎる数値",
        "A number is too large",
        "桁違いの数値",
        "numbers far too large",
    ),
    Words(
        "UNRESOLVABLE_HOST",
        "ホスト名が見つかりません",
        "host name cannot be resolved",
        "ホスト名のつづり",
        "spelling of the host name",
    ),
    Words(
        "UNROUTABLE_HOST",
        "非公開のネットワーク",
        "private network",
        "IPアドレス範囲",
        "IP address ranges",
    ),
    Words(
        "SQL_EXCEPTION",
        "さまざまな場合がこの種別になります",
        "all come under this type",
        "メッセージの終わりを読んで",
        "Read the end of the message",
    ),
    Words(
        "S3_FILE_INACCESSIBLE",
        "S3バケットに接続できませんでした",
        "could not connect to the S3 bucket",
        "元ファイルがS3にあるか",
        "source file of the failed dataset is still in S3",
    ),
    Words(
        "IOT_FILE_NOT_FOUND IOT_DATA_SET_FILE_EMPTY",
        "AWS IoT Analyticsのデータ",
        "data of AWS IoT Analytics",
        "コンテンツが作成されているか",
        "content was created",
    ),
    Words(
        "INVALID_DATA_SOURCE_CONFIG",
        "接続設定に、正しくない値",
        "connection settings is not valid",
        "データソースの設定を最近変えた人",
        "whoever changed the data source",
    ),
    Words(
        "FAILURE_TO_PROCESS_JSON_FILE",
        "正しいJSONではありません",
        "not valid JSON",
        "マニフェストを最近変えた人",
        "whoever changed the manifest",
    ),
    Words(
        "INTERNAL_SERVICE_ERROR",
        "QuickSightの内部でエラー",
        "QuickSight had an internal error",
        "更新のIDを添えて",
        "with the ingestion id",
    ),
    Words(
        "REFRESH_SUPPRESSED_BY_EDIT",
        "取りやめになったようです",
        "apparently given up",
        "編集のあとの更新",
        "refresh after the edit",
    ),
    Words(
        "PERMISSION_NOT_FOUND",
        "AWSの説明はまだありません",
        "which AWS does not explain",
        "最近の変更（許可など）",
        "recent changes (permissions",
    ),
    Words(
        "ELASTICSEARCH_CURSOR_NOT_ENABLED CURSOR_NOT_ENABLED",
        "SQLカーソル",
        "SQL cursors",
        "opendistro.sql.cursor.enabled",
        "opendistro.sql.cursor.enabled",
    ),
    Words(
        "DUPLICATE_COLUMN_NAMES_FOUND",
        "同じ名前の列が2つ以上",
        "columns have the same name",
        "同じ列名がないか",
        "a repeated name",
    ),
]
BY_TYPE = {error: words for words in EXPECTED for error in words.types.split()}


def said(phrase: Any, language: str) -> str:
    return str(phrase.say(language, **VALUES))


def steps(found: Any, language: str) -> str:
    """Return the first step and the others."""
    return " ".join(said(phrase, language) for phrase in (found.first, *found.steps))


def phrases(found: Any) -> tuple[Any, ...]:
    return (found.cause, found.first, *found.steps)


EVERY_ENTRY = pytest.mark.parametrize("entry", BOOK.entries.values(), ids=BOOK.entries)


def test_a_mail_about_a_good_run_needs_no_words_of_the_table() -> None:
    meanings._book.cache_clear()
    compose("ja", [row()])
    assert meanings._book.cache_info().currsize == 0
    compose("ja", [failed_row("SQL_EXCEPTION")])
    assert meanings._book.cache_info().currsize == 1


def test_every_ingestion_error_of_the_api_model_has_one_of_39_meanings() -> None:
    assert len(INGESTION_ERRORS) == 45
    assert set(BOOK.by_type) == set(BY_TYPE) == set(INGESTION_ERRORS)
    assert len(set(BOOK.by_type.values())) == len(EXPECTED) == 39


def test_every_api_error_of_the_model_has_a_meaning() -> None:
    assert set(BOOK.by_api_error) >= API_ERRORS


def test_no_error_stands_in_two_entries() -> None:
    text = (FUNCTIONS / "check_ingestion_status" / "meanings.toml").read_text("utf-8")
    listed = re.findall(r"^(?:types|api_errors) = \[(.*)\]", text, re.MULTILINE)
    errors = [error for line in listed for error in re.findall(r'"(\w+)"', line)]

    assert len(errors) == len(set(errors)) == len(BOOK.by_type) + len(BOOK.by_api_error)


@pytest.mark.parametrize("error", INGESTION_ERRORS)
def test_every_type_is_told_as_aws_means_it(error: str) -> None:
    found, words = meanings.meaning(error), BY_TYPE[error]

    assert (found.type, found.origin) == (error, "ingestion")
    assert words.cause_ja in said(found.cause, "ja")
    assert words.cause_en in said(found.cause, "en")
    assert words.step_ja in steps(found, "ja")
    assert words.step_en in steps(found, "en")


def test_no_two_meanings_could_be_swapped_unnoticed() -> None:
    groups = [meanings.meaning(words.types.split()[0]) for words in EXPECTED]
    for (i, words), (j, other) in itertools.product(enumerate(EXPECTED), enumerate(groups)):
        if i != j:
            assert words.cause_ja not in said(other.cause, "ja"), (words, other)
            assert words.cause_en not in said(other.cause, "en"), (words, other)
            assert words.step_ja not in steps(other, "ja"), (words, other)
            assert words.step_en not in steps(other, "en"), (words, other)


@EVERY_ENTRY
def test_both_languages_ask_for_the_same_known_values(entry: Any) -> None:
    parse = string.Formatter().parse
    for phrase in phrases(entry):
        ja, en = ({name for _, name, _, _ in parse(text) if name} for text in phrase)

        assert ja == en
        assert ja <= set(meanings.PLACEHOLDERS)


@EVERY_ENTRY
def test_each_phrase_is_whole_sentences(entry: Any) -> None:
    for phrase in phrases(entry):
        ja, en = said(phrase, "ja"), said(phrase, "en")

        assert ja[-1] == "。" or "aws quicksight" in ja
        assert en[-1] == "." or "aws quicksight" in en
        assert en[0].isupper() or en[0] == '"'
        assert not re.search(r"<[a-z_]+>", phrase.ja + phrase.en), "a place without a name"


@EVERY_ENTRY
def test_consoles_are_called_by_their_present_names(entry: Any) -> None:
    for phrase in phrases(entry):
        ja = phrase.ja.replace("「Manage Quick」（旧「QuickSightの管理」）", "")
        en = phrase.en.replace("Manage Quick (formerly Manage QuickSight)", "")

        assert "QuickSightの管理」" not in ja
        assert "Manage QuickSight" not in en


@pytest.mark.parametrize(
    ("error", "message", "group", "name", "origin"),
    [
        ("S3_FILE_INACCESSIBLE", "", "s3_access", "S3_FILE_INACCESSIBLE", "ingestion"),
        ("A_TYPE_OF_TOMORROW", "", "other_error", "A_TYPE_OF_TOMORROW", "ingestion"),
        (
            "QuickSight.LimitExceededException",
            "",
            "limit_exceeded",
            "LimitExceededException",
            "api",
        ),
        ("LimitExceededException", "", "limit_exceeded", "LimitExceededException", "api"),
        ("QuickSight.AccessDeniedException", "", "access_denied", "AccessDeniedException", "api"),
        ("QuickSight.ThrottlingException", "", "throttled", "ThrottlingException", "api"),
        (
            "QuickSight.ResourceNotFoundException",
            "",
            "not_found",
            "ResourceNotFoundException",
            "api",
        ),
        (
            "QuickSight.InvalidParameterValueException",
            "",
            "invalid_parameter",
            "InvalidParameterValueException",
            "api",
        ),
        ("QuickSight.ResourceExistsException", "", "exists", "ResourceExistsException", "api"),
        (
            "QuickSight.InternalFailureException",
            "",
            "api_internal",
            "InternalFailureException",
            "api",
        ),
        ("QuickSight.SdkClientException", "", "no_answer", "SdkClientException", "api"),
        (
            "QuickSight.QuickSightException",
            "User is not authorized to perform",
            "access_denied",
            "QuickSightException",
            "api",
        ),
        ("QuickSight.QuickSightException", "what?", "other_error", "QuickSightException", "api"),
        ("States.Timeout", "", "no_answer", "States.Timeout", "step"),
        ("States.QueryEvaluationError", "", "step_other", "States.QueryEvaluationError", "step"),
        ("", "", "other_error", "", "none"),
    ],
)
def test_a_datasets_error_is_looked_up(
    error: str, message: str, group: str, name: str, origin: str
) -> None:
    found = meanings.meaning(error, message)

    assert (found.group, found.type, found.origin) == (group, name, origin)


@pytest.mark.parametrize(
    ("error", "message", "group"),
    [
        ("UnrecognisedUploadError", "The event has no …, not authorized", "step_upload"),
        ("DynamoDB.AmazonDynamoDBException", "User: x is not authorized to", "step_denied"),
        ("DynamoDB.AmazonDynamoDBException", "Rate exceeded: Throttling", "step_temporary"),
        ("DynamoDB.ResourceNotFoundException", "", "step_not_found"),
        ("DynamoDB.ProvisionedThroughputExceededException", "", "step_temporary"),
        ("Lambda.TooManyRequestsException", "", "step_temporary"),
        ("Lambda.AWSLambdaException", "is not authorized: lambda:InvokeFunction", "step_denied"),
        ("Lambda.Unknown", "", "step_function"),
        ("Sandbox.Timedout", "", "step_temporary"),
        ("States.Timeout", "", "step_temporary"),
        ("States.DataLimitExceeded", "", "step_too_much_data"),
        ("States.QueryEvaluationError", "", "step_other"),
        ("KeyError", "'timeout'", "step_function"),
        ("Runtime.ImportModuleError", "", "step_function"),
        ("", "", "step_other"),
    ],
)
def test_a_steps_error_is_looked_up(error: str, message: str, group: str) -> None:
    found = meanings.meaning_of_step(error, message)

    assert (found.group, found.type, found.origin) == (group, error, "step")


@pytest.mark.parametrize(
    ("status", "group", "dashboards", "offers_rerun"),
    [
        ("FAILED", "failed", "previous", True),
        ("CANCELLED", "cancelled", "previous", True),
        ("TIMED_OUT", "still_running", "previous", False),
        ("INITIALIZED", "still_running", "previous", False),
        ("QUEUED", "still_running", "previous", False),
        ("RUNNING", "still_running", "previous", False),
        ("", "ended_unexpectedly", "unknown", True),
        ("STATUS_OF_TOMORROW", "other_status", "unknown", True),
    ],
)
def test_a_status_without_an_error_is_looked_up(
    status: str, group: str, dashboards: str, offers_rerun: bool
) -> None:
    found = meanings.meaning_of_status(status)

    assert (found.group, found.type, found.origin) == (group, "", "none")
    assert (found.dashboards, found.offers_rerun) == (dashboards, offers_rerun)


@pytest.mark.parametrize(
    ("message", "quoted", "ja", "en"),
    [
        (FEDERATED_QUERY, "Rate exceeded", "15分ほど待って", "passing overload"),
        ("please SLOW DOWN", "SLOW DOWN", "混雑", "passing overload"),
        ("got ThrottlingException here", "ThrottlingException", "混雑", "passing overload"),
        ("RequestThrottled!", "RequestThrottled", "混雑", "passing overload"),
        ("TOOMANYREQUESTS", "TOOMANYREQUESTS", "混雑", "passing overload"),
        ("AccessDeniedException: no", "AccessDeniedException", "権限", "permission"),
        ("S3: Access Denied", "Access Denied", "権限", "permission"),
        (
            "cannot be resolved or requester is not authorized",
            "not authorized",
            "権限",
            "permission",
        ),
        (STALE_VIEW, "does not exist", "テーブル、列、ビュー", "table, column or view"),
        ("View 'a' is stale", "is stale", "テーブル、列、ビュー", "table, column or view"),
        ("Column 'a' cannot be resolved", "cannot be resolved", "列", "column"),
        ("Query exhausted resources at this scale", "exhausted resources", "リソース", "resources"),
        ("Read timed out", "timed out", "時間切れ", "out of time"),
    ],
)
@pytest.mark.parametrize("error", ["SQL_EXCEPTION", "PERMISSION_NOT_FOUND", "A_TYPE_OF_TOMORROW"])
def test_words_of_the_message_are_quoted_as_a_guess(
    error: str, message: str, quoted: str, ja: str, en: str
) -> None:
    first = meanings.meaning(error, message).first
    plain = meanings.meaning(error).first

    for language, guess, may in (("ja", ja, "かもしれません"), ("en", en, "may ")):
        text = said(first, language)
        assert text.startswith(said(plain, language))
        assert quoted in text
        assert guess in text
        assert may in text


def test_a_general_error_is_told_as_general_until_its_message_tells_more() -> None:
    found = meanings.meaning("SQL_EXCEPTION", "Something went wrong")

    assert found.general
    assert found.first == meanings.meaning("SQL_EXCEPTION").first
    assert "カスタムSQL" not in said(found.cause, "ja") + steps(found, "ja")
    assert "custom SQL" not in said(found.cause, "en") + steps(found, "en")


def test_an_exact_type_is_not_guessed_at() -> None:
    plain = meanings.meaning("SQL_TABLE_NOT_FOUND")

    assert meanings.meaning("SQL_TABLE_NOT_FOUND", "Rate exceeded") == plain


@given(error=st.text(), message=st.text(), checking=st.booleans())
def test_any_error_gets_words_in_both_languages(error: str, message: str, checking: bool) -> None:
    for found in (
        meanings.meaning(error, message, checking=checking),
        meanings.meaning_of_step(error, message),
        meanings.meaning_of_status(error),
    ):
        for language in LANGUAGES:
            assert said(found.cause, language)
            assert steps(found, language)


def test_where_looking_failed_nobody_knows_what_dashboards_show() -> None:
    starting = meanings.meaning("QuickSight.ThrottlingException")
    checking = meanings.meaning("QuickSight.ThrottlingException", checking=True)

    assert (starting.dashboards, checking.dashboards) == ("previous", "unknown")
    assert "置き直してください" in said(starting.first, "ja")
    assert "更新が成功しているか確かめてください" in said(checking.first, "ja")
    assert "whether the refresh succeeded" in said(checking.first, "en")
    assert checking.cause == starting.cause


#: Groups by what a re-run is good for; all others need mending first.
RERUN = {
    "again": "cancelled connection source_error source_api_limit source_resources query_timeout"
    " internal undescribed other_error ended_unexpectedly unread limit_exceeded throttled"
    " api_internal exists no_answer step_temporary step_function step_other run_stopped"
    " run_timed_out run_failed",
    "file": "file_deleted parse too_many_bad_rows date_format row_size duplicate_columns"
    " skipped_rows too_few_rows",
    "wait": "superseded suppressed_by_edit still_running",
}
#: Groups after which dashboards do not keep the previous data.
SHOWN = {
    "new": "unreadable_count skipped_rows too_few_rows",
    "unknown": "superseded suppressed_by_edit gone_or_away not_spice other_status"
    " ended_unexpectedly not_reached unread not_found api_internal exists no_answer step_denied"
    " step_not_found step_temporary step_too_much_data step_function step_other run_stopped"
    " run_timed_out run_failed",
}


@pytest.mark.parametrize("name", BOOK.entries)
def test_running_it_again_is_offered_only_where_it_helps(name: str) -> None:
    found = meanings.named(name)
    expected = next((how for how, names in RERUN.items() if name in names.split()), "mend")

    assert found.rerun == expected
    assert found.offers_rerun is (expected in ("again", "mend"))


@pytest.mark.parametrize("name", BOOK.entries)
def test_what_dashboards_show_is_known_for_each(name: str) -> None:
    expected = next((how for how, names in SHOWN.items() if name in names.split()), "previous")

    assert meanings.named(name).dashboards == expected


def test_where_the_corrected_file_is_the_rerun_the_first_step_says_so() -> None:
    for entry in BOOK.entries.values():
        if entry.rerun == "file":
            assert "同じフォルダに置" in entry.first.ja
            assert "into the same folder" in entry.first.en


def test_datasets_with_one_text_share_a_key() -> None:
    found = meanings.meaning("SQL_EXCEPTION")

    assert found.key("FAILED", "no", "id-a") == found.key("FAILED", "no", "id-b")
    assert found.key("FAILED", "no", "id-a") != found.key("FAILED", "yes", "id-a")
    assert found.key("FAILED", "no", "id-a") != found.key("CANCELLED", "no", "id-a")


def test_two_types_or_two_meanings_share_no_key() -> None:
    alike = [
        meanings.meaning(error) for error in ("OAUTH_TOKEN_FAILURE", "DATA_SOURCE_AUTH_FAILED")
    ]
    nameless = [meanings.named(group) for group in ("not_reached", "ended_unexpectedly")]

    for one, other in (alike, nameless):
        assert one.key("UNKNOWN", "", "id-a") != other.key("UNKNOWN", "", "id-a")


def test_datasets_whose_text_names_the_id_have_keys_of_their_own() -> None:
    found = meanings.meaning("QuickSight.ResourceNotFoundException")

    assert found.key("X", "no", "id-a") != found.key("X", "no", "id-b")


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("limit_exceeded", ("24", "32", "8", "Enterprise", "Standard", "MinMinutesBetween")),
        ("not_found", ("{region}", "{dataset_id}", "aws quicksight list-data-sets")),
        ("access_denied", ("IAM", "{permission}", "SCP", "{region}")),
        ("invalid_parameter", ("SPICE", "{dataset_id}", "ingestiontype")),
        ("still_running", ("RefreshTimeoutSeconds",)),
        ("parse", ("UTF-8", "BOM", "CSV UTF-8")),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_say_what_people_need(group: str, words: tuple[str, ...], language: str) -> None:
    found = meanings.named(group)
    text = " ".join(getattr(p, language) for p in (found.cause, found.first, *found.steps))

    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("QuickSight.ThrottlingException", "ThrottlingException"),
        ("a.b.C", "C"),
        ("A_B", "A_B"),
        ("A.", "A."),
    ],
)
def test_the_bare_name_has_no_prefix(error: str, name: str) -> None:
    assert meanings.bare_name(error) == name


@pytest.mark.parametrize(
    ("status", "group"),
    [("ABORTED", "run_stopped"), ("TIMED_OUT", "run_timed_out"), ("FAILED", "run_failed")],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_that_died_is_told_as_the_second_machine_tells_it(
    status: str, group: str, language: str
) -> None:
    machine = json.loads((ROOT / "statemachine" / "lost_run.asl.json").read_text("utf-8"))
    words, found = machine["States"]["Gather Words"]["Output"][language], meanings.named(group)
    (step,) = (said(one, language) for one in found.steps)
    how, stop, unknown = said(found.cause, language).partition("。" if language == "ja" else ". ")

    assert step == words["who" if status == "ABORTED" else "why"]
    assert said(found.first, language) in words["answer"]
    assert (words["failed"] + words[status]).rstrip("（ (").lower().endswith(how.lower())
    assert stop
    assert unknown in words["answer"]
