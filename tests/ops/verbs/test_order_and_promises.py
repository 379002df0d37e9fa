"""The order of datasets, and what a folder promises: registered, shown and checked."""

import html
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.account import WATCHED
from local.services.quicksight import FILE_UPLOAD, NEW_PREPARATION, Dataset
from tests.ops.conftest import FOLDER, OTHER, Shell
from tests.ops.test_checks import refusing

ONE = {"datasetid": "id-one", "datasetname": "one"}
TWO = {"datasetid": "id-two", "datasetname": "two"}
CHILD = {"datasetid": "id-child", "datasetname": "child"}


@pytest.fixture(params=[False, True], ids=["logical tables", "new preparation"])
def family(request: pytest.FixtureRequest, qsrefresh: Shell) -> Shell:
    """The command, where ``child`` is made of ``one`` and of a dataset that nobody registers."""
    qsrefresh.account.quicksight.add(Dataset("id-other", "other"))
    parents = ("id-one", "id-other")
    child = Dataset("id-child", "child", parents=parents, prepared_anew=request.param)
    qsrefresh.account.quicksight.add(child)
    return qsrefresh


@pytest.fixture
def child(qsrefresh: Shell) -> Dataset:
    """A dataset that is made of ``one``."""
    return qsrefresh.account.quicksight.add(Dataset("id-child", "child", parents=("id-one",)))


def rows(qsrefresh: Shell, folder: str = FOLDER) -> Any:
    """Return the registered datasets of a folder."""
    return qsrefresh.json("show", folder)["datasets"]


def findings(qsrefresh: Shell) -> list[tuple[str, str, str]]:
    """Return what ``check`` says of the order."""
    found = json.loads(qsrefresh("check", "--json").stdout)
    told = [(one["level"], one["text"], one["mend"]) for one in found]
    return [one for one in told if "made of" in one[1] or "order" in one[1]]


class TestRegister:
    def test_a_dataset_comes_after_those_it_is_made_of(self, family: Shell) -> None:
        result = family("register", FOLDER, "child", "one", "two")
        assert result.exit_code == 0
        assert "+    after:\n+    - id-one\n" in result.stdout
        assert rows(family) == [{**CHILD, "after": ["id-one"]}, ONE, TWO]

    def test_a_parent_may_be_registered_already(self, family: Shell) -> None:
        family("register", FOLDER, "one")
        family("register", FOLDER, "child", "--add")
        assert rows(family) == [ONE, {**CHILD, "after": ["id-one"]}]

    def test_no_order_leaves_it_out_and_asks_nothing(
        self, family: Shell, broken: Callable[..., None]
    ) -> None:
        broken("quicksight", "describe_data_set", refusing("Unexpected", "DescribeDataSet"))
        assert family("register", FOLDER, "one", "child", "--no-order").exit_code == 0
        assert rows(family) == [ONE, CHILD]

    @pytest.mark.usefixtures("child")
    def test_what_was_typed_by_hand_stays(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one", "two", "child", "--no-order")
        qsrefresh("register", FOLDER, "child", "--add", "--no-order", "--after", "two")
        qsrefresh("register", FOLDER, "child", "--add")
        assert rows(qsrefresh)[2] == {**CHILD, "after": ["id-two", "id-one"]}

    @pytest.mark.usefixtures("child")
    def test_an_order_by_hand_against_the_datasets_own_is_told_and_stays(
        self, qsrefresh: Shell
    ) -> None:
        qsrefresh("register", FOLDER, "one", "child", "--no-order", "--after", "child")
        result = qsrefresh("register", FOLDER, "child", "--add")
        assert "child is made of a dataset that is registered to come after it" in result.stderr
        assert rows(qsrefresh) == [{**ONE, "after": ["id-child"]}, CHILD]
        ((level, text, mend),) = findings(qsrefresh)
        assert level == "warning"
        assert text.startswith("child is made of one, and is refreshed beside it")
        assert text.endswith("goes the other way round")
        assert mend == ""

    @pytest.mark.parametrize("words", [FILE_UPLOAD, NEW_PREPARATION])
    def test_a_dataset_that_cannot_be_described_is_registered_all_the_same(
        self, qsrefresh: Shell, child: Dataset, words: str
    ) -> None:
        child.undescribed = words
        result = qsrefresh("register", FOLDER, "one", "child")
        assert "Note: what child is made of could not be looked at: " in result.stderr
        assert words in result.stderr
        assert rows(qsrefresh) == [ONE, CHILD]

    def test_who_may_not_describe_is_asked_once(
        self, qsrefresh: Shell, broken: Callable[..., None]
    ) -> None:
        calls: list[str] = []

        def denied(**asked: Any) -> Any:
            calls.append(asked["DataSetId"])
            refusing("AccessDeniedException", "DescribeDataSet")()

        broken("quicksight", "describe_data_set", denied)
        result = qsrefresh("register", FOLDER, "one", "two")
        assert result.exit_code == 0
        assert "quicksight:DescribeDataSet" in result.stderr
        assert calls == ["id-one"]

    def test_after_is_for_the_others_of_those_given(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one", "two", "--after", "two")
        assert rows(qsrefresh) == [{**ONE, "after": ["id-two"]}, TWO]

    def test_after_what_is_not_of_the_folder_is_refused(self, qsrefresh: Shell) -> None:
        told = qsrefresh.refused("register", FOLDER, "one", "--after", "two")
        assert "datasets[0].after names id-two, which is no dataset of this folder" in told

    def test_a_dataset_that_goes_is_not_waited_for_any_more(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one", "two", "--after", "two")
        assert qsrefresh("register", FOLDER, "one", "--yes").exit_code == 0
        assert rows(qsrefresh) == [ONE]

    def test_what_datasets_and_folder_are_to_keep(self, qsrefresh: Shell) -> None:
        line = "--minrows 10000 --retries 2 --settle 0 --starts-on *.done --fresh-within 26"
        qsrefresh("register", FOLDER, "one", *line.split())
        assert qsrefresh.json("list") == [
            {
                "S3uri": FOLDER,
                "settleseconds": 0,
                "startson": "*.done",
                "freshwithin": 26,
                "datasets": [{**ONE, "minrows": 10000, "retries": 2}],
            }
        ]
        qsrefresh("register", FOLDER, "one", "two", "--minrows", "0")
        assert rows(qsrefresh) == [{**ONE, "retries": 2}, TWO]
        assert (
            qsrefresh("register", FOLDER, "--starts-on", "", "--settle", "90", "--yes").exit_code
            == 0
        )
        (item,) = qsrefresh.json("list")
        assert (item.get("startson"), item["settleseconds"], item["freshwithin"]) == (None, 90, 26)

    @pytest.mark.parametrize(
        "option",
        ["--minrows -1", "--retries 4", "--settle 901", "--fresh-within 8761", "--retries two"],
    )
    def test_what_no_refresh_would_heed_is_refused(self, qsrefresh: Shell, option: str) -> None:
        assert qsrefresh("register", FOLDER, "one", *option.split()).exit_code == 2
        assert qsrefresh.items() == {}

    @pytest.mark.parametrize("marker", ["a/b", "a*b*c"])
    def test_a_marker_that_is_none_is_refused(self, qsrefresh: Shell, marker: str) -> None:
        told = qsrefresh.refused("register", FOLDER, "one", "--starts-on", marker)
        assert "startson must be the name of a file: no slash, one asterisk at most" in told

    def test_a_folders_own_fields_need_a_registration(self, qsrefresh: Shell) -> None:
        assert "is not registered" in qsrefresh.refused("register", FOLDER, "--settle", "9")

    def test_a_file_holds_every_field_and_is_exported_as_it_was(
        self, qsrefresh: Shell, tmp_path: Path
    ) -> None:
        item = {
            "S3uri": FOLDER,
            "settleseconds": 120,
            "startson": "_SUCCESS",
            "freshwithin": 26,
            "datasets": [
                {**ONE, "minrows": 10000, "retries": 2},
                {**TWO, "after": ["id-one"]},
            ],
        }
        file = tmp_path / "registration.yaml"
        file.write_text(yaml.safe_dump([item]), encoding="utf-8")
        result = qsrefresh("register", "--file", str(file))
        assert result.exit_code == 0
        assert "no refresh reads it" not in result.stderr
        assert yaml.safe_load(qsrefresh("export").stdout) == [item]
        assert yaml.safe_load(qsrefresh("show", FOLDER).stdout) == [item]
        listed = qsrefresh("list").stdout
        for told in ("two (after 1)", "starts on", "_SUCCESS", "120 s", "fresh within 26 h"):
            assert told in listed

    @pytest.mark.parametrize("name", ["starts_on", "settleSeconds", "fresh-within", "minRows"])
    def test_a_field_that_is_nearly_one_is_refused(
        self, qsrefresh: Shell, tmp_path: Path, name: str
    ) -> None:
        row: dict[str, Any] = {**ONE, name: 1} if name == "minRows" else ONE
        own = {} if name == "minRows" else {name: 1}
        file = tmp_path / "registration.yaml"
        file.write_text(yaml.safe_dump({"S3uri": FOLDER, "datasets": [row], **own}))
        assert f"the field {name} is not known: write" in qsrefresh.refused(
            "register", "--file", str(file)
        )


class TestCheck:
    def test_a_child_beside_its_parent_is_told_and_mended_by_the_command(
        self, family: Shell
    ) -> None:
        family("register", FOLDER, "one", "child", "--no-order")
        ((level, text, mend),) = findings(family)
        assert level == "warning"
        assert text.endswith("it lacks after: ['id-one']")
        assert family(*shlex.split(mend)[1:]).exit_code == 0
        assert rows(family) == [ONE, {**CHILD, "after": ["id-one"]}]
        assert findings(family) == []

    @pytest.mark.usefixtures("child")
    def test_a_parent_of_another_folder_is_a_note(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "child")
        qsrefresh("register", OTHER, "one")
        ((level, text, mend),) = findings(qsrefresh)
        assert level == "note"
        assert f"child of {FOLDER} is made of a dataset that {OTHER} refreshes" in text
        assert mend.startswith("addons/start-after.yaml")

    def test_an_order_that_is_no_parents_is_no_finding(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one", "two", "--after", "two")
        assert findings(qsrefresh) == []

    def test_what_cannot_be_described_is_a_note(self, qsrefresh: Shell, child: Dataset) -> None:
        child.undescribed = FILE_UPLOAD
        qsrefresh("register", FOLDER, "one", "child")
        ((level, text, _),) = findings(qsrefresh)
        assert level == "note"
        assert text.startswith("the order of child could not be checked: ")
        assert text.endswith(FILE_UPLOAD)

    def test_a_marker_that_nobody_misses_is_told_and_mended(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one", "--starts-on", "_SUCCESS")
        found = json.loads(qsrefresh("check", "--json").stdout)
        (told,) = [one for one in found if "_SUCCESS" in one["text"]]
        assert told["level"] == "warning"
        assert qsrefresh(*shlex.split(told["mend"])[1:]).exit_code == 0
        assert qsrefresh.json("show", FOLDER)["freshwithin"] == 26
        assert "_SUCCESS" not in qsrefresh("check").stdout

    def test_a_permission_that_is_missing_is_one_note(
        self, qsrefresh: Shell, broken: Callable[..., None]
    ) -> None:
        qsrefresh("register", FOLDER, "one", "two")
        denied = refusing("AccessDeniedException", "DescribeDataSet")
        broken("quicksight", "describe_data_set", denied)
        ((level, text, mend),) = findings(qsrefresh)
        assert level == "note"
        assert text.startswith("the order of one, two could not be checked")
        assert "quicksight:DescribeDataSet" in text + mend


class TestHistory:
    """What waits for its folder's marker leaves no record: only the runs tell of it."""

    RUNS = f"qsrefresh history {FOLDER} --from-executions"

    @pytest.fixture
    def marked(self, qsrefresh: Shell) -> Shell:
        """A folder with a marker, and three files of which the second is it."""
        qsrefresh("register", FOLDER, "one", "--starts-on", "_SUCCESS")
        for name in ("part-0.csv", "_SUCCESS", "_success"):
            qsrefresh.account.drop(f"{WATCHED}sales/{name}")
            qsrefresh.account.clock.run_for(600)
        return qsrefresh

    def test_the_record_says_where_to_look(self, marked: Shell) -> None:
        for told in (marked("history", FOLDER), marked("report", FOLDER, "--html", "-")):
            assert f"How many did: {self.RUNS}" in told.output
        assert len(marked.json("history", FOLDER)) == 1

    def test_the_runs_say_how_many_and_the_last(self, marked: Shell) -> None:
        words = self.RUNS.split()[1:]
        for told in (marked(*words), marked("report", "--html", "-", "--from-executions")):
            text = html.unescape(told.output)
            assert "2 file events waited for the folder's marker and started nothing; the" in text
            assert "UTC: dashboard/data/sales/_success added" in text
        assert "ファイルイベント: 2件（最後は" in marked(*words, "--lang", "ja").stderr
        refresh, waited = marked.json(*words)
        assert refresh["verdict"] == "SUCCESS"
        assert (waited["verdict"], waited["files"]) == ("WAITED_FOR_MARKER", 2)
        assert waited["startedBy"].endswith("sales/_success added")
        assert waited["startedAt"] > refresh["endedAt"]
        assert waited.keys() == refresh.keys()

    def test_only_of_that_folder_and_that_time(self, marked: Shell) -> None:
        words = self.RUNS.split()[1:]
        _, waited = marked.json(*words)
        recent = marked.json(*words, "--since", waited["startedAt"])
        assert [one["files"] for one in recent] == [1]
        assert marked.json(*words, "--failed") == []
        marked("register", OTHER, "two", "--starts-on", "_SUCCESS")
        assert marked.json("history", OTHER, "--from-executions") == []
