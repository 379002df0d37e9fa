"""``history`` and ``report``: the last refreshes of a folder, as a list and as a page."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from local.account import LocalAccount
from qsrefresh.language import Voice, sentence
from qsrefresh.past_refreshes import Past
from qsrefresh.project import Project
from qsrefresh.refreshes import DatasetResult, FolderRefresh, Outcome, Trouble
from qsrefresh.report import Report, Section
from tests.ops.conftest import FOLDER, OTHER, TABLE, Shell
from tests.ops.past import six_refreshes

PROJECT = Project("p", "p-parameters", "arn:aws:sns:us-east-1:123456789012:p-operation-topic")
EXECUTIONS = ("--from-executions",)


@pytest.fixture(scope="module")
def deployed() -> Iterator[LocalAccount]:
    """One account with a past: six refreshes, which no test changes."""
    with LocalAccount() as account:
        account.deploy(NotificationLanguage="en", SettleSeconds="10")
        six_refreshes(account)
        yield account


@pytest.fixture
def account(deployed: LocalAccount) -> LocalAccount:
    """The account, with its past."""
    return deployed


def test_the_newest_run_that_went_wrong_can_be_explained(qsrefresh: Shell) -> None:
    for read, verdict in (((), "ERROR"), (EXECUTIONS, "DIED")):
        lines = qsrefresh("history", FOLDER, *read).stderr.splitlines()
        (line,) = [one for one in lines if "explain" in one]
        told = qsrefresh(*line.partition("qsrefresh ")[2].split()).stdout
        assert told.startswith(f"{verdict}  {FOLDER}")


def test_each_refresh_with_what_the_record_holds_of_every_dataset(qsrefresh: Shell) -> None:
    found = qsrefresh.json("history", FOLDER)
    assert [one["verdict"] for one in found] == ["SUCCESS", "ERROR", "ERROR", "SUCCESS", "SUCCESS"]
    whole = [one for one in qsrefresh.json("history", FOLDER, *EXECUTIONS) if one["files"]]
    same = ("execution", "folder", "verdict", "files", "startedAt", "endedAt", "seconds", "link")
    for one, run in zip(found, whole, strict=True):
        assert one.keys() == run.keys()
        assert [one[name] for name in same] == [run[name] for name in same]
        for recorded, read in zip(one["datasets"], run["datasets"], strict=True):
            # The message is the run's only.
            assert {**read, "cause": None} == {**recorded, "cause": None}
    assert found[0]["startedBy"] is None
    failed = "one: QuickSight ended it as FAILED (DATA_SOURCE_AUTH_FAILED)"
    assert found[1]["causes"] == [failed, "two: rows skipped: 1"]
    assert found[2]["causes"] == ["one: rows skipped: 1", "two: rows skipped: 1"]


def test_a_run_that_died_without_a_record_is_told_of(qsrefresh: Shell) -> None:
    told = qsrefresh("history", FOLDER).stderr
    gap = "1 run between 2026-11-24 14:00 UTC and 2026-11-24 16:00 UTC left no record"
    assert gap in told
    assert gap in qsrefresh("history", FOLDER, "--json").stderr
    assert gap in qsrefresh("report", FOLDER, "--html", "-").stdout
    assert "left no record" not in qsrefresh("history", FOLDER, *EXECUTIONS).stderr


def test_each_refresh_as_its_run_tells_it(qsrefresh: Shell) -> None:
    found = qsrefresh.json("history", FOLDER, *EXECUTIONS)
    assert [one["verdict"] for one in found] == [
        "SUCCESS",
        "DIED",
        "ERROR",
        "ERROR",
        "SUCCESS",
        "SUCCESS",
    ]
    assert [one["files"] for one in found] == [2, None, 1, 1, 2, 1]
    assert found[0]["startedBy"] == "dashboard/data/sales/d.csv deleted"
    assert found[1]["causes"] == ["it was stopped in the step Wait For More Files"]
    told = "one: QuickSight ended it as FAILED (DATA_SOURCE_AUTH_FAILED: not let in)"
    assert found[2]["causes"] == [told, "two: rows skipped: 1"]
    assert found[3]["causes"] == ["one: rows skipped: 1", "two: rows skipped: 1"]
    assert found[3]["datasets"][0] == {
        "id": "id-one",
        "name": "one",
        "status": "COMPLETED",
        "refreshed": False,
        "rows": 7,
        "skippedRows": 1,
        "seconds": 13,
        "cause": "rows skipped: 1",
        "errorType": None,
        "attempts": None,
        "before": [],
    }
    assert [one["status"] for one in found[1]["datasets"]] == ["UNKNOWN", "UNKNOWN"]
    assert found[5]["seconds"] > 10
    assert found[5]["link"].endswith(found[5]["execution"])


def test_a_verdict_is_success_exactly_if_every_dataset_was_refreshed(qsrefresh: Shell) -> None:
    for one in (
        *qsrefresh.json("history", FOLDER),
        *qsrefresh.json("history", FOLDER, *EXECUTIONS),
    ):
        refreshed = all(dataset["refreshed"] for dataset in one["datasets"])
        assert (one["verdict"] == "SUCCESS") == refreshed


@pytest.mark.parametrize("read", [(), EXECUTIONS], ids=["record", "executions"])
def test_only_what_went_wrong_and_only_since_then(qsrefresh: Shell, read: tuple[str]) -> None:
    every = qsrefresh.json("history", FOLDER, *read)
    failed = qsrefresh.json("history", FOLDER, *read, "--failed")
    assert failed == [one for one in every if one["verdict"] != "SUCCESS"]
    assert qsrefresh.json("history", FOLDER, *read, "--since", "6h") == every[:-1]
    assert qsrefresh.json("history", FOLDER, *read, "--since", "2020-01-01") == every
    newest = every[0]["startedAt"]
    assert qsrefresh.json("history", FOLDER, *read, "--since", newest) == every[:1]


def test_it_is_read_as_a_table(qsrefresh: Shell) -> None:
    lines = qsrefresh("history", FOLDER, *EXECUTIONS).stdout.splitlines()
    assert lines[0].split() == [
        *("Started", "Verdict", "Took", "Files"),
        *("Dataset", "Status", "Rows", "Skipped", "Seconds", "Error"),
    ]
    assert sum(" DIED " in line for line in lines) == 1
    assert lines.index("") == 1 + 6 * 2
    recorded = qsrefresh("history", FOLDER).stdout.splitlines()
    assert recorded[0].split() == lines[0].split()
    assert recorded.index("") == 1 + 5 * 2


def test_below_the_table_each_cause_stands_once_as_the_mail_says_it(qsrefresh: Shell) -> None:
    recorded = qsrefresh("history", FOLDER).stdout
    assert recorded.count("Cause: ") == recorded.count("FIRST: ") == 2
    text = qsrefresh("history", FOLDER, *EXECUTIONS).stdout
    assert text.count("Cause: ") == text.count("FIRST: ") == 3
    mail = next(one for one in qsrefresh.account.mails if "not let in" in one.message)
    cause, step = (
        line
        for line in mail.message.splitlines()
        if line.startswith(("Cause: ", "Next step: Enter"))
    )
    for line in (f"  {cause}", f"  {step}", "  Error type: DATA_SOURCE_AUTH_FAILED"):
        assert line in text.splitlines()
        assert line in recorded.splitlines()
    assert "・Dataset one was refreshed, but not completely: rows skipped: 1." in text
    assert "  Cause: The run was stopped." in text


def test_a_folder_is_told_apart_from_its_neighbours(qsrefresh: Shell) -> None:
    assert qsrefresh.json("history", f"{FOLDER}deeper/") == qsrefresh.json("history", FOLDER)
    for read in ((), EXECUTIONS):
        (elsewhere,) = qsrefresh.json("history", FOLDER.replace("sales", "elsewhere"), *read)
        assert elsewhere["causes"][0].startswith("nothing ")
        assert " is registered for " in elsewhere["causes"][0]
    nothing = qsrefresh("history", OTHER, *EXECUTIONS)
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "--since" in nothing.stderr
    shared = qsrefresh("history", OTHER)
    assert "Files of all folders that nobody registered share one record" in shared.stderr


@pytest.mark.parametrize("verb", [["history"], ["report", "--html", "-"]], ids=" ".join)
def test_a_folder_that_is_not_registered_or_not_watched_is_told(
    qsrefresh: Shell, verb: list[str]
) -> None:
    unregistered = qsrefresh(*verb, OTHER)
    assert unregistered.exit_code == 0
    assert f"Note: {OTHER} is not registered" in unregistered.stderr
    watched = "s3://sampleproject-dashboard-data/dashboard/data/"
    told = qsrefresh.refused(*verb, "s3://nonsense/x")
    assert f"the bucket nonsense is not watched; watched: {watched}" in told


@pytest.mark.parametrize("verb", [["history"], ["report", "--html", "-"]], ids=" ".join)
@pytest.mark.parametrize(
    ("when", "told"),
    [("0d", "no time at all"), ("2100-01-01", "2100-01-01 00:00 UTC is in the future")],
)
def test_a_time_that_has_not_been_is_refused(
    qsrefresh: Shell, verb: list[str], when: str, told: str
) -> None:
    result = qsrefresh(*verb, FOLDER, "--since", when)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in " ".join(result.stderr.split())


@pytest.mark.parametrize("when", ["yesterday", "7y", "", "2026-13-01"])
def test_a_time_that_is_none_is_refused(qsrefresh: Shell, when: str) -> None:
    result = qsrefresh("history", FOLDER, "--since", when)
    assert result.exit_code == 2
    assert "is neither like 12h" in result.stderr


# ---- report ------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What is on a page: every tag, and the texts of each run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.runs: dict[str, list[str]] = {}
        self._run: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "rect", "path", "polyline", "circle"):
            self.open.append(tag)
        if tag == "details":
            self._run = dict(attrs)["data-run"]
            self.runs[str(self._run)] = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "circle"):
            assert self.open.pop() == tag
        if tag == "details":
            self._run = None

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._run and data.strip():
            self.runs[self._run].append(data)


@pytest.mark.parametrize("read", [(), EXECUTIONS], ids=["record", "executions"])
def test_the_page_shows_the_numbers_of_the_history(
    qsrefresh: Shell, tmp_path: Path, read: tuple[str]
) -> None:
    file = tmp_path / "report.html"
    told = qsrefresh.json("report", FOLDER, "--html", str(file), *read)
    every = qsrefresh.json("history", FOLDER, *read)
    page = Page(file.read_text(encoding="utf-8"))
    assert (told, page.open) == ({"file": str(file), "runs": len(every)}, [])
    assert list(page.runs) == [one["execution"].rpartition(":")[2] for one in every]
    for one, texts in zip(every, page.runs.values(), strict=True):
        assert texts[1] == one["verdict"]
        cells = []
        for dataset in one["datasets"]:
            numbers = [dataset[name] for name in ("rows", "skippedRows", "seconds")]
            shown = ["–" if number is None else str(number) for number in numbers]
            labels = ["Status", "Rows", "Skipped", "Seconds"]
            values = [dataset["status"], *shown]
            cells.append(dataset["name"])
            cells += [text for pair in zip(labels, values, strict=True) for text in pair]
        assert texts[-len(cells) :] == cells
        told = [text for text in texts if text.startswith(("FIRST: ", "Why, and what to do: "))]
        assert bool(told) == (one["verdict"] != "SUCCESS")
        assert "Execution" in texts
    skipped = sum(each["skippedRows"] or 0 for one in every for each in one["datasets"])
    tiles = set(zip(page.texts, page.texts[1:], strict=False))
    bad = ["bad"] * (len(every) - 3)
    assert {(str(len(every)), "refreshes"), ("3", "good"), (str(skipped), "rows skipped")} <= tiles
    rects = [attributes for tag, attributes in page.tags if tag == "rect"]
    assert [one["class"] for one in rects] == ["good", "good", *bad, "good"]


def test_the_page_loads_nothing(qsrefresh: Shell) -> None:
    text = qsrefresh("report", FOLDER, "--html", "-").stdout
    page = Page(text)
    loading = {"src", "srcset", "data", "action", "poster", "xlink:href", "style"}
    assert not [tag for tag, attributes in page.tags if loading & set(attributes)]
    links = [(tag, attributes["href"]) for tag, attributes in page.tags if "href" in attributes]
    assert {tag for tag, _ in links} == {"a"}
    assert {str(one).split("/")[2] for _, one in links} == {
        "ap-northeast-1.console.aws.amazon.com",
        "ap-northeast-1.quicksight.aws.amazon.com",
    }
    assert not {"script", "link", "iframe", "object", "img"} & {tag for tag, _ in page.tags}
    assert "url(" not in text
    (policy,) = (one["content"] for _, one in page.tags if "http-equiv" in one)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_hostile_names_are_only_text() -> None:
    hostile = (
        "</style><script>alert('x')</script>\"'><img src=x onerror=y>&amp;\u202e\x1b[31m$folder"
    )
    now = datetime(2026, 11, 24, tzinfo=UTC)
    run = FolderRefresh(
        execution=f"arn:aws:states:us-east-1:123456789012:execution:name:{hostile}",
        folder=hostile,
        outcome=Outcome.ERROR,
        started=now,
        started_by=sentence("{x}", "{x}", x=hostile),
        datasets=[DatasetResult(hostile, hostile, hostile, error_type=hostile, message=hostile)],
        troubles=[Trouble(hostile)],
    )
    report = Report(Voice(), PROJECT, now - timedelta(days=1), now)
    section = Section(f"s3://b/{hostile}/", Past([run], [hostile]))
    for text in (report.page(section), report.page_of_all([section, section])):
        page = Page(text)
        assert not {"script", "img"} & {tag for tag, _ in page.tags}
        assert page.open == []
        shown = hostile.replace("\u202e", "[U+202E]").replace("\x1b", "[U+001B]")
        assert shown in page.texts
        assert f"s3://b/{shown}/" in page.texts
        assert "\x1b" not in text
        assert "\u202e" not in text
        for _, attributes in page.tags:
            assert not [name for name in attributes if name.startswith("on")]
            assert str(attributes.get("href", "#")).startswith(("#", "https://"))


def test_without_a_folder_every_folder_is_on_the_page(qsrefresh: Shell, tmp_path: Path) -> None:
    account, file = qsrefresh.account, tmp_path / "all.html"
    more = {"S3uri": {"S": OTHER}, "datasets": {"L": []}}
    ignored = {"S3uri": {"S": f"{OTHER}not/"}, "ignore": {"BOOL": True}}
    for item in (more, ignored):
        account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    try:
        told = qsrefresh.json("report", "--html", str(file))
        text = file.read_text(encoding="utf-8")
        japanese = qsrefresh("report", "--html", "-", "--lang", "ja").stdout
        empty = qsrefresh("report", OTHER, "--html", "-").stdout
    finally:
        for item in (more, ignored):
            key = {"S3uri": item["S3uri"]}
            account.client("dynamodb").delete_item(TableName=TABLE, Key=key)
    # The registered folders, and the watched one for the file that nobody registered a folder for.
    assert told == {"file": str(file), "runs": 6, "folders": 3}
    page = Page(text)
    assert page.open == []
    rows = [str(each["href"]) for tag, each in page.tags if str(each.get("href")).startswith("#")]
    sections = [f"#{each['id']}" for tag, each in page.tags if tag == "h2"]
    assert rows == sections == ["#folder-1", "#folder-2", "#folder-3"]
    assert page.texts.count(FOLDER) == page.texts.count(OTHER) == 2
    assert f"{OTHER}not/" not in text
    for line in (
        "last: 2026-11-24 16:00 UTC, 5 refreshes, 2 went wrong",
        "No refresh in this time.",
        "Cause: Rows whose columns, dates or numbers do not fit the dataset were left out.",
        "Why, and what to do: qsrefresh explain arn:aws:states:",
    ):
        assert any(one.startswith(line) for one in page.texts), line
    assert "No refresh in this time." in empty
    told_in_japanese = Page(japanese)
    assert '<html lang="ja">' in japanese
    assert {"QuickSightの更新: sampleproject", "3件のフォルダ", "次にすること", "異常終了"} <= set(
        told_in_japanese.texts
    )


def test_the_page_has_what_to_do_and_where(qsrefresh: Shell) -> None:
    page = Page(qsrefresh("report", FOLDER, "--html", "-", *EXECUTIONS).stdout)
    for text in (
        "Error type: DATA_SOURCE_AUTH_FAILED",
        "Cause: The run was stopped. How each dataset ended is not known.",
    ):
        assert text in page.texts
    links = {str(attributes.get("href")) for _, attributes in page.tags}
    (newest, *_) = qsrefresh.json("history", FOLDER)
    assert newest["link"] in links
    assert "https://ap-northeast-1.quicksight.aws.amazon.com/sn/data-sets/id-one" in links


def test_the_target_is_tried_before_anything_is_read(
    qsrefresh: Shell, tmp_path: Path, broken: Callable[..., None]
) -> None:
    broken("dynamodb", "get_item", lambda **_: pytest.fail("read"))
    told = qsrefresh("report", FOLDER, "--html", str(tmp_path / "none" / "x.html"))
    assert "cannot be written" in told.stderr


def test_a_report_that_fails_leaves_no_file(qsrefresh: Shell, tmp_path: Path) -> None:
    old, new = tmp_path / "old.html", tmp_path / "new.html"
    old.write_text("before", encoding="utf-8")
    for file in (old, new):
        assert qsrefresh("report", "s3://nonsense/x", "--html", str(file)).exit_code == 1
    assert (old.read_text(encoding="utf-8"), new.exists()) == ("before", False)


def test_a_time_without_refreshes_has_a_page_too(qsrefresh: Shell) -> None:
    text = qsrefresh("report", OTHER, "--html", "-", "--since", "1m").stdout
    assert "No refresh in this time." in text
    assert Page(text).open == []


def test_a_page_that_cannot_be_written(qsrefresh: Shell, tmp_path: Path) -> None:
    result = qsrefresh("report", FOLDER, "--html", str(tmp_path / "none" / "report.html"))
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory" in result.stderr
    assert "Way out: give another FILE with --html" in result.stderr
    assert qsrefresh("report", FOLDER, "--html", "-", "--json").exit_code == 2
