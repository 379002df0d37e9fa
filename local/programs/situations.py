"""Situations that send a mail each: for ``make run SHOW=…``, and for docs/mails.md.

Each lets something happen to a fresh account; what follows is the application's own doing. Where
QuickSight would have to be in a state that no file causes, it is told how an ingestion ends.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from local.account import BUCKET, PROJECT, WATCHED, LocalAccount
from local.core.faults import Fault, ServiceError
from local.services.mail import Mail

HOUR = 3600
FOLDER = f"{WATCHED}sales/"
STOCK = f"{WATCHED}stock/"
FILE = "sales_20261126.csv"
GOOD = "day,amount\n" + "2026-11-26,100\n" * 120
HEADER_ONLY = "day,amount\n"
BROKEN = GOOD + "2026-11-26\n" * 3
OTHER_COLUMNS = "day,amount\n" + "2026-11-26;100\n" * 120
CUT_OFF = "day,amount\n2026-11-26,100\n2026-11-26,100\n"
#: Public report: https://github.com/awslabs/aws-athena-query-federation/issues/2949 (ids left out).
LONG_MESSAGE = (
    "GENERIC_USER_ERROR: Encountered an exception[com.example.connector.lambda.exceptions."
    "ExampleConnectorException] from your LambdaFunction[arn:aws:lambda:ap-northeast-1:"
    "123456789012:function:example_connector_function_name] executed in context[S3SpillLocation"
    "{bucket='123456789012-example-spill', key='123456789012/00000000-0000-0000-0000-000000000000/"
    "00000000-0000-0000-0000-000000000000', directory=true}] with message[slow down: Rate exceeded]"
)


def _id(number: int) -> str:
    return f"0a1b2c3d-0000-4000-8000-{number:012}"


def _register(account: LocalAccount, *names: str, folder: str = FOLDER, **wishes: Any) -> None:
    """Register datasets; each wish is what the datasets ask for that have it, by their number."""
    datasets = [
        {"datasetid": _id(number), "datasetname": name}
        | {wish: of[number] for wish, of in wishes.items() if number in of}
        for number, name in enumerate(names, start=1)
    ]
    account.register([{"S3uri": f"s3://{BUCKET}/{folder}", "datasets": datasets}])


def _drop(account: LocalAccount, body: str | bytes = GOOD, name: str = FILE) -> None:
    account.drop(f"{FOLDER}{name}", body)


def _drop_as_every_day(account: LocalAccount) -> None:
    """Drop a good file, so that the next mail compares with it, and wait for tomorrow."""
    _drop(account)
    account.settle()
    account.mails.clear()
    account.clock.run_for(24 * HOUR - account.clock.now() % HOUR)


def _ends(account: LocalAccount, name: str, ending: dict[str, Any]) -> None:
    for dataset in account.quicksight.datasets.values():
        if dataset.name == name:
            dataset.outcome = lambda _: ending


def _fails(account: LocalAccount, name: str, error: str, message: str) -> None:
    failed = {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": error, "Message": message}}
    _ends(account, name, failed)


def _at_state(account: LocalAccount, name: str, work: Callable[[str], Any]) -> None:
    """Do something the moment that the first run enters a state; ``work`` gets the run's ARN."""
    left = [1]

    def entered(manager: Any, event: Any) -> None:
        details = event.get("stateEnteredEventDetails")
        if not details or details["name"] != name or not left:
            return
        left.pop()
        for execution in account.executions:
            worker = execution.exec_worker
            if worker and worker.env and worker.env.event_manager is manager:
                begin = partial(work, execution.execution_arn)
                account.clock.spawn(f"situation: {name}", begin)

    account.on_history.append(entered)


def _call_fails(account: LocalAccount, state: str) -> None:
    error = ServiceError("UnheardOfException")
    account.faults.add(Fault("*", "*", error, when=lambda call: call.state == state))


def success(account: LocalAccount) -> None:
    """The second file of a dataset: its mail compares with the first."""
    _register(account, "売上")
    _drop_as_every_day(account)
    _drop(account)


def five(account: LocalAccount) -> None:
    """All is well with five datasets."""
    _register(account, "売上", "在庫", "店舗", "返品", "予算")
    _drop_as_every_day(account)
    _drop(account)


def no_rows(account: LocalAccount) -> None:
    """The file holds nothing but its header line."""
    _register(account, "売上", "在庫")
    _drop_as_every_day(account)
    _ends(account, "売上", _completed(31215))
    _drop(account, HEADER_ONLY)


def rows_skipped(account: LocalAccount) -> None:
    """Three rows of the file do not fit its columns."""
    _register(account, "売上", "在庫")
    _drop_as_every_day(account)
    _ends(account, "在庫", _completed(4020))
    _drop(account, BROKEN)


def all_skipped(account: LocalAccount) -> None:
    """No row of the file fits: it has another delimiter than its header."""
    _register(account, "売上", "在庫")
    _drop_as_every_day(account)
    _ends(account, "在庫", _completed(4020))
    _drop(account, OTHER_COLUMNS)


def one_failed(account: LocalAccount) -> None:
    """One dataset of three cannot be refreshed: it reads another bucket."""
    _register(account, "売上", "在庫", "店舗")
    _drop_as_every_day(account)
    message = "Could not access the S3 bucket example-master-data."
    _fails(account, "店舗", "S3_FILE_INACCESSIBLE", message)
    _drop(account)


def forty_failed(account: LocalAccount) -> None:
    """Forty datasets fail for one reason."""
    names = [f"店舗別売上_{number:02}" for number in range(1, 41)]
    _register(account, *names)
    for name in names:
        _fails(account, name, "ACCOUNT_CAPACITY_LIMIT_EXCEEDED", "Insufficient SPICE capacity.")
    _drop(account)


def source_error(account: LocalAccount) -> None:
    """A general error of the data source, whose long message tells the cause at its end."""
    _register(account, "売上", "在庫")
    _drop_as_every_day(account)
    _fails(account, "売上", "SQL_EXCEPTION", LONG_MESSAGE)
    _drop(account)


def unreadable_file(account: LocalAccount) -> None:
    """QuickSight cannot read the file: it is not UTF-8 text."""
    _register(account, "売上", "在庫")
    _drop(account, "日付,金額\n".encode("shift_jis"))


def not_registered(account: LocalAccount) -> None:
    """Nobody registered the folder of the files, nor one above it."""
    for city in ("1", "2", "3"):
        account.drop(f"{WATCHED}osaka/osaka_20261126_{city}.csv", GOOD)


def lookalike(account: LocalAccount) -> None:
    """The folder is registered with a space at its end, which nobody sees."""
    _register(account, "売上", folder=f"{FOLDER}\u3000")
    _drop(account)


def unicode_form(account: LocalAccount) -> None:
    """The file comes from a Mac, which writes the name of its folder in another Unicode form."""
    _register(account, "店舗", folder=f"{WATCHED}店舗データ/")
    _ends(account, "店舗", _completed(212))
    name = unicodedata.normalize("NFD", "店舗データ")
    account.drop(f"{WATCHED}{name}/2026/shops.csv", GOOD)


def hidden_id(account: LocalAccount) -> None:
    """The id of a dataset was registered with a space behind it."""
    _register(account, "売上", "在庫")
    item = _registration(account)
    item["datasets"]["L"][0]["M"]["datasetid"]["S"] += "\u3000"
    _write(account, item)
    _drop(account)


def wrong_registration(account: LocalAccount) -> None:
    """The registration lacks the name of a dataset; the other one is refreshed."""
    _register(account, "売上", "在庫")
    item = _registration(account)
    del item["datasets"]["L"][1]["M"]["datasetname"]
    _write(account, item)
    _drop(account)


def wrong_setting(account: LocalAccount) -> None:
    """The least number of rows is registered in quotes: it is left out of account, and told."""
    _register(account, "売上", "在庫")
    item = _registration(account)
    item["datasets"]["L"][1]["M"]["minrows"] = {"S": "4000"}
    _write(account, item)
    _drop(account)


def marker(account: LocalAccount) -> None:
    """A job writes twelve parts, and then _SUCCESS: only that file starts the refresh."""
    _register(account, "売上")
    _write(account, {**_registration(account), "startson": {"S": "_SUCCESS"}})
    for part in range(12):
        _drop(account, name=f"day=2026-11-26/part-{part:05}.csv")
        account.clock.run_for(60)
    _drop(account, "", "day=2026-11-26/_SUCCESS")


def limit_exceeded(account: LocalAccount) -> None:
    """One dataset had all the refreshes that QuickSight allows in 24 hours."""
    _register(account, "売上", "在庫")
    dataset = next(iter(account.quicksight.datasets))
    for number in range(account.quicksight.limit):
        account.quicksight.create_ingestion(dataset, f"earlier-{number}", "FULL_REFRESH")
    account.clock.run_for(HOUR)
    _drop(account)


def still_running(account: LocalAccount) -> None:
    """A refresh is not over when the run stops waiting for it, after six hours."""
    _register(account, "売上", "在庫")
    _drop_as_every_day(account)
    next(iter(account.quicksight.datasets.values())).seconds = lambda rows: 8 * HOUR
    _drop(account)


def stopped(account: LocalAccount) -> None:
    """Somebody stops the run in the console: it cannot report its own end."""
    _register(account, "売上")
    stop = account.client("stepfunctions").stop_execution
    _at_state(account, "Refresh Each Dataset", lambda arn: stop(executionArn=arn))
    _drop(account)


def handover_failed(account: LocalAccount) -> None:
    """A file arrives during the refresh, and the run for it cannot be started."""
    _register(account, "売上")
    late = "sales_20261127.csv"
    _at_state(account, "Refresh Each Dataset", lambda _: _drop(account, name=late))
    _call_fails(account, "Start Next Run")
    _drop(account)


def rows_dropped(account: LocalAccount) -> None:
    """The file has far fewer rows than the one before."""
    _register(account, "売上", "在庫")
    _drop_as_every_day(account)
    _ends(account, "在庫", _completed(4020))
    _drop(account, CUT_OFF)


def not_started(account: LocalAccount) -> None:
    """A dataset fails, and the one that is made of it is not started."""
    _register(account, "売上明細", "売上集計", "在庫", after={2: [_id(1)]})
    _drop_as_every_day(account)
    _ends(account, "在庫", _completed(4020))
    _fails(account, "売上明細", "SQL_SCHEMA_MISMATCH_ERROR", "Column 'amount' was not found.")
    _drop(account)


def too_few_rows(account: LocalAccount) -> None:
    """A dataset has fewer rows than it must; the one that is made of it keeps its data."""
    _register(account, "売上明細", "売上集計", after={2: [_id(1)]}, minrows={1: 100})
    _drop_as_every_day(account)
    _drop(account, CUT_OFF)


def tried_again(account: LocalAccount) -> None:
    """A refresh fails for a reason that passes by itself, and the next attempt is good."""
    _register(account, "売上", retries={1: 2})
    _fails(account, "売上", "QUERY_TIMEOUT", "The query timed out.")
    _at_state(account, "Refresh Each Dataset", lambda _: _after_a_minute(account))
    _drop(account)


def _after_a_minute(account: LocalAccount) -> None:
    account.clock.sleep(60)
    _ends(account, "売上", _completed(31215))


def circle(account: LocalAccount) -> None:
    """Two datasets come after each other: neither can be started."""
    _register(account, "売上", "在庫", "店舗", after={1: [_id(2)], 2: [_id(1)]})
    _drop(account)


def unknown_parent(account: LocalAccount) -> None:
    """A dataset comes after one that is not registered for the folder."""
    _register(account, "売上", after={1: [_id(9)]})
    _drop(account)


def plain_mail(account: LocalAccount) -> None:
    """The function that writes the mails fails: the state machine writes a short one."""
    _register(account, "売上")
    _call_fails(account, "Check Ingestion Status")
    _drop(account)


def old_version_expired(account: LocalAccount) -> None:
    """A lifecycle rule removes an old version of a file in a bucket with versions."""
    _register(account, "売上")
    account.drop(f"{FOLDER}current.csv", GOOD)
    account.settle()
    account.mails.clear()
    detail = {
        "bucket": {"name": BUCKET},
        "object": {"key": f"{FOLDER}current.csv", "version-id": "EXAMPLEversion"},
        "reason": "Lifecycle Expiration",
        "deletion-type": "Permanently Deleted",
    }
    event = {"detail-type": "Object Deleted", "time": "2026-11-23T13:00:00Z", "detail": detail}
    account.start({"version": "0", "source": "aws.s3", **event}, "an-old-version-expired")


def stale(account: LocalAccount) -> None:
    """No file comes for longer than a folder promises; another one never got any."""
    _register(account, "在庫", folder=STOCK)
    _register(account, "売上")
    for folder, hours in ((FOLDER, "26"), (STOCK, "25")):
        _write(account, _registration(account, folder) | {"freshwithin": {"N": hours}})
    _drop(account)
    account.tick(30)


def _completed(rows: int) -> dict[str, Any]:
    counts = {"RowsIngested": rows, "RowsDropped": 0, "TotalRowsInDataset": rows}
    return {"IngestionStatus": "COMPLETED", "RowInfo": counts}


def _registration(account: LocalAccount, folder: str = FOLDER) -> dict[str, Any]:
    key = {"S3uri": {"S": f"s3://{BUCKET}/{folder}"}}
    found = account.client("dynamodb").get_item(TableName=f"{PROJECT}-parameters", Key=key)
    item: dict[str, Any] = found["Item"]
    return item


def _write(account: LocalAccount, item: dict[str, Any]) -> None:
    account.client("dynamodb").put_item(TableName=f"{PROJECT}-parameters", Item=item)


@dataclass(frozen=True)
class Situation:
    """Something that happens, what the one mail about it is called, and its verdict."""

    title: str
    japanese: str
    happens: Callable[[LocalAccount], None]
    verdict: str

    @property
    def name(self) -> str:
        """What ``make run SHOW=…`` calls it."""
        return self.happens.__name__.replace("_", "-")

    def mail(self, account: LocalAccount) -> Mail:
        """Let it happen in a fresh account, and return the last mail with its verdict.

        Raises:
            IndexError: none was sent.
        """
        account.clock.run_for(HOUR - account.clock.now() % HOUR)
        self.happens(account)
        account.settle()
        start = f"[{self.verdict}]"
        return [mail for mail in account.mails if mail.subject.startswith(start)][-1]


SITUATIONS = (
    Situation("Success, one dataset", "成功（1件）", success, "SUCCESS"),
    Situation("Success, five datasets", "成功（5件）", five, "SUCCESS"),
    Situation("Success with 0 rows", "成功したが0行", no_rows, "SUCCESS"),
    Situation("Rows skipped", "一部の行のスキップ", rows_skipped, "ERROR"),
    Situation("All rows skipped", "全行のスキップ", all_skipped, "ERROR"),
    Situation("One of three failed", "3件中1件が失敗", one_failed, "ERROR"),
    Situation(
        "Forty datasets failed with the same cause", "同じ原因で40件が失敗", forty_failed, "ERROR"
    ),
    Situation("A general error of the data source", "データソースのエラー", source_error, "ERROR"),
    Situation("A file cannot be read", "ファイルを読み取れない", unreadable_file, "ERROR"),
    Situation("A folder nobody registered", "登録のないフォルダ", not_registered, "ERROR"),
    Situation(
        "A registered folder that only looks the same",
        "登録とよく似た名前のフォルダ",
        lookalike,
        "ERROR",
    ),
    Situation("A folder named on a Mac", "Macで名前を付けたフォルダ", unicode_form, "SUCCESS"),
    Situation(
        "An id with a character that nobody sees", "見えない文字を含むID", hidden_id, "ERROR"
    ),
    Situation("A registration is wrong", "登録の誤り", wrong_registration, "ERROR"),
    Situation("A setting is wrong", "設定の誤り", wrong_setting, "ERROR"),
    Situation("A marker starts the refresh", "目印のファイルで始まる更新", marker, "SUCCESS"),
    Situation("The limit of refreshes is used up", "更新回数の上限", limit_exceeded, "ERROR"),
    Situation("Still running at the deadline", "期限を過ぎても更新中", still_running, "ERROR"),
    Situation("The run was stopped", "実行の中止", stopped, "ERROR"),
    Situation("The hand-over failed", "引き継ぎの失敗", handover_failed, "ERROR"),
    Situation("Rows dropped sharply", "行数の大きな減少", rows_dropped, "SUCCESS"),
    Situation("What a dataset is made of failed", "元のデータセットの失敗", not_started, "ERROR"),
    Situation("Too few rows", "行数の不足", too_few_rows, "ERROR"),
    Situation("Tried again, with success", "再試行して成功", tried_again, "SUCCESS"),
    Situation("Datasets in a circle", "順序の循環", circle, "ERROR"),
    Situation("An order that names nothing", "登録のない先行データセット", unknown_parent, "ERROR"),
    Situation(
        "The function that writes the mails failed", "メールを書く関数の失敗", plain_mail, "ERROR"
    ),
    Situation("An old version expired", "古いバージョンの期限切れ", old_version_expired, "SUCCESS"),
    Situation("Data is out of date", "データが古い", stale, "ERROR"),
)
