"""Registering folders: the good case, each refusal, and that a plan is what is then done."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from local.account import BUCKET, REGISTRATION, WATCHED, LocalAccount
from local.services.quicksight import Dataset
from tests.ops.conftest import FOLDER, OTHER, TABLE, Shell

FULL = {"datasetid": "id-one", "datasetname": "one", "ingestiontype": "FULL_REFRESH"}
ONE = {"datasetid": "id-one", "datasetname": "one"}
TWO = {"datasetid": "id-two", "datasetname": "two"}


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Any], str]:
    """Return a way to write a registration file."""

    def write(content: Any) -> str:
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        path = tmp_path / "registration.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def registered(qsrefresh: Shell) -> list[Any]:
    """Return the registrations as ``list`` tells them."""
    found: list[Any] = qsrefresh.json("list")
    return found


class TestRegister:
    def test_by_name_and_by_id(self, qsrefresh: Shell) -> None:
        result = qsrefresh("register", FOLDER, "one", "id-two", "--usefor", "Überblick")
        assert result.exit_code == 0
        assert result.stdout.startswith(f"create {FOLDER}\n+- S3uri: {FOLDER}\n")
        assert "Written to" in result.stderr
        assert registered(qsrefresh) == [
            {"S3uri": FOLDER, "usefor": "Überblick", "datasets": [ONE, TWO]}
        ]

    def test_a_file_dropped_there_then_refreshes_them(
        self, qsrefresh: Shell, account: LocalAccount
    ) -> None:
        qsrefresh("register", FOLDER, "one", "two")
        account.drop(f"{WATCHED}sales/a.csv")
        account.settle()
        assert account.mails[0].subject.startswith("[SUCCESS]")
        assert "one" in account.mails[0].message

    @pytest.mark.parametrize(
        ("answer", "then"), [("replace\n", [TWO]), ("x\nadd\n", [ONE, TWO])], ids=str
    )
    def test_other_datasets_are_added_or_take_the_place(
        self, qsrefresh: Shell, answer: str, then: list[Any]
    ) -> None:
        qsrefresh("register", FOLDER, "one")
        result = qsrefresh("register", FOLDER, "two", input=answer)
        assert result.exit_code == 0
        assert "-  - datasetid: id-one\n" in result.stdout
        assert result.stdout.count("datasetid: id-one") == 1 + (then != [TWO])
        assert "add to it, or replace it as shown, without one?" in result.stderr
        assert registered(qsrefresh)[0]["datasets"] == then

    @pytest.mark.parametrize("end", ["", "/view", "?tab=refresh", "#x"])
    def test_the_address_of_a_datasets_page_means_its_id(self, qsrefresh: Shell, end: str) -> None:
        page = f"https://ap-northeast-1.quicksight.aws.amazon.com/sn/data-sets/id-one{end}"
        assert qsrefresh("register", FOLDER, page).exit_code == 0
        assert registered(qsrefresh)[0]["datasets"] == [ONE]

    @pytest.mark.parametrize("answer", ["no\n", "n\n", ""], ids=["no", "n", "nobody there"])
    def test_nothing_is_lost_without_an_answer(self, qsrefresh: Shell, answer: str) -> None:
        qsrefresh("register", FOLDER, "one")
        told = qsrefresh.refused("register", FOLDER, "two", input=answer)
        assert "Way out: add --add to the command to keep what is registered, or --yes" in told

    @pytest.mark.parametrize("name", ["orders.csv", "2026/orders.CSV.gz", "plain", "v1.2"])
    def test_a_file_is_refused_and_its_folder_offered(self, qsrefresh: Shell, name: str) -> None:
        if "." not in name or name == "v1.2":
            qsrefresh.account.drop(f"{WATCHED}sales/{name}")
        told = qsrefresh.refused("register", f"{FOLDER}{name}", "one")
        assert f"{FOLDER}{name} is a file" in told
        (offered,) = re.findall("in: (qsrefresh .*)", told)
        assert qsrefresh(*shlex.split(offered)[1:]).exit_code == 0
        assert list(qsrefresh.items()) == [FOLDER + "2026/" * ("2026" in name)]

    @pytest.mark.parametrize("name", ["orders.csv/", "v1.2", "plain"])
    def test_a_folder_that_is_called_like_a_file_is_none(self, qsrefresh: Shell, name: str) -> None:
        qsrefresh.account.drop(f"{WATCHED}sales/{name.rstrip('/')}/part-0.csv")
        assert qsrefresh("register", f"{FOLDER}{name}", "one").exit_code == 0
        assert list(qsrefresh.items()) == [f"{FOLDER}{name.rstrip('/')}/"]

    def test_what_is_wrong_of_a_registered_dataset_is_mended(self, qsrefresh: Shell) -> None:
        wrong = [{"datasetid": "id-one", "owner": "Ann"}, {**TWO, "ingestiontype": "FULL"}, "x"]
        qsrefresh.put({"S3uri": FOLDER, "datasets": wrong})
        assert qsrefresh("register", FOLDER, "one", "two").exit_code == 0
        assert registered(qsrefresh)[0]["datasets"] == [{**ONE, "owner": "Ann"}, TWO]

    def test_add_keeps_what_is_there_and_needs_no_yes(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one", "--type", "FULL_REFRESH", "--usefor", "x")
        assert qsrefresh("register", FOLDER, "two", "--add").exit_code == 0
        assert registered(qsrefresh) == [{"S3uri": FOLDER, "usefor": "x", "datasets": [FULL, TWO]}]

    def test_what_people_call_a_dataset_stays(self, qsrefresh: Shell) -> None:
        own = {**FULL, "datasetname": "Our sales", "owner": "Ann"}
        qsrefresh.account.register([{"S3uri": FOLDER, "datasets": [own]}])
        qsrefresh.account.quicksight.add(Dataset("id-one", "one"))
        qsrefresh("register", FOLDER, "one", "two")
        assert registered(qsrefresh)[0]["datasets"] == [own, TWO]

    def test_an_ignored_folder_counts_again(self, qsrefresh: Shell) -> None:
        qsrefresh("ignore", FOLDER)
        qsrefresh("register", FOLDER, "one")
        assert registered(qsrefresh) == [{"S3uri": FOLDER, "datasets": [ONE]}]

    def test_twice_the_same_is_nothing_to_do(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one")
        result = qsrefresh("register", FOLDER, "one")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "Nothing to do" in result.stderr

    def test_incremental_where_it_is_set_up(self, qsrefresh: Shell) -> None:
        qsrefresh.account.quicksight.add(Dataset("id-sql", "sql", incremental=True))
        qsrefresh("register", FOLDER, "sql", "--type", "INCREMENTAL_REFRESH")
        assert registered(qsrefresh)[0]["datasets"][0]["ingestiontype"] == "INCREMENTAL_REFRESH"

    def test_a_dataset_of_two_folders_is_told(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one")
        stderr = qsrefresh("register", OTHER, "one").stderr
        assert f"Note: the dataset id-one is registered for {FOLDER}, {OTHER}" in stderr

    def test_a_folder_inside_another_is_told(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one")
        stderr = qsrefresh("register", f"{FOLDER}tokyo/", "two").stderr
        assert f"Note: files in {FOLDER}tokyo/ refresh only what it registers" in stderr

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ([FOLDER, "nope"], "no dataset here has the id or the exact name nope"),
            ([FOLDER, ""], "the id or name of a dataset is empty"),
            ([FOLDER, "direct"], "is a direct query"),
            ([FOLDER, "one", "id-one"], "given twice"),
            ([FOLDER, "twin"], "give the id of one: id-twin1, id-twin2"),
            ([FOLDER, "one", "--type", "INCREMENTAL_REFRESH"], "no incremental refresh set up"),
            ([f"s3://{BUCKET}/elsewhere/", "one"], f"under the watched folder s3://{BUCKET}/"),
            ([f"s3://other-bucket/{WATCHED}", "one"], "the bucket other-bucket is not watched"),
            ([f"{WATCHED}sales/", "one"], "must be written s3://BUCKET/FOLDER/"),
            ([f"s3://{BUCKET}", "one"], "is not under the watched folder"),
            ([FOLDER + "x" * 1024 + "/", "one"], "longer than S3 allows"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_what_cannot_work_is_refused(
        self, qsrefresh: Shell, arguments: list[str], told: str
    ) -> None:
        qsrefresh.account.quicksight.add(Dataset("id-nameless", ""))
        for number in (1, 2):
            qsrefresh.account.quicksight.add(Dataset(f"id-twin{number}", "twin"))
        assert told in qsrefresh.refused("register", *arguments, "--yes")

    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            [FOLDER],
            ["--file", str(REGISTRATION), FOLDER, "one"],
            ["--file", "no-such-file"],
            ["--file", str(REGISTRATION), "--add"],
            ["--file", str(REGISTRATION), "--type", "FULL_REFRESH"],
            ["--file", str(REGISTRATION), "--usefor", ""],
        ],
        ids=["nothing", "no dataset", "both", "no file", "file, add", "file, type", "file, usefor"],
    )
    def test_half_a_command_is_a_usage_error(self, qsrefresh: Shell, arguments: list[str]) -> None:
        result = qsrefresh("register", *arguments)
        assert (result.exit_code, result.stdout) == (2, "")


class TestRegisterFile:
    def test_the_sample_file(self, qsrefresh: Shell) -> None:
        items = yaml.safe_load(REGISTRATION.read_text(encoding="utf-8"))
        for one in items[0]["datasets"]:
            qsrefresh.account.quicksight.add(Dataset(one["datasetid"], one["datasetname"]))
        assert qsrefresh("register", "--file", str(REGISTRATION)).exit_code == 0
        assert registered(qsrefresh) == sorted(items, key=lambda item: str(item["S3uri"]))

    def test_an_export_is_nothing_to_do_and_survives_every_type(
        self, qsrefresh: Shell, file: Callable[[Any], str]
    ) -> None:
        odd = {"N": "1.5"}, {"SS": ["a", "b"]}, {"NULL": True}, {"B": b"x"}, {"S": "e\u0301\n: -"}
        item = {
            "S3uri": {"S": FOLDER},
            "datasets": {"L": [{"M": {name: {"S": ONE[name]} for name in ONE}}]},
            **{f"odd{number}": value for number, value in enumerate(odd)},
        }
        qsrefresh.account.client("dynamodb").put_item(TableName=TABLE, Item=item)
        exported = qsrefresh("export")
        assert exported.exit_code == 0
        result = qsrefresh("register", "--file", file(exported.stdout))
        assert "Nothing to do" in result.stderr, result.output

    def test_one_item_without_a_list(self, qsrefresh: Shell, file: Callable[[Any], str]) -> None:
        qsrefresh("register", "--file", file({"S3uri": FOLDER, "datasets": [TWO]}))
        assert registered(qsrefresh) == [{"S3uri": FOLDER, "datasets": [TWO]}]

    def test_every_problem_of_a_file_is_told_at_once(
        self, qsrefresh: Shell, file: Callable[[Any], str]
    ) -> None:
        path = file(
            [
                {"S3uri": FOLDER, "datasets": [ONE, ONE, {"datasetid": 5}]},
                {"S3uri": f"s3://{BUCKET}/x/", "ignore": "yes"},
                {"S3uri": FOLDER, "datasets": [{"datasetid": "gone", "datasetname": "gone"}]},
            ]
        )
        told = qsrefresh.refused("register", "--file", path)
        for problem in (
            f"{FOLDER}: datasets[1].datasetid has the id of dataset number 1",
            f"{FOLDER}: datasets[2].datasetid is missing or empty, or no text",
            f"{FOLDER}: datasets[2].datasetname is missing",
            f"s3://{BUCKET}/x/: the folder is not under the watched folder",
            f"s3://{BUCKET}/x/: ignore must be true or false",
            f"{FOLDER}: there is no dataset gone",
            f"{FOLDER}: it is there twice",
        ):
            assert problem in told

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("a: [", "registration.yaml, line 1, column 5"),
            ("a: \x01", "registration.yaml is not YAML"),
            (
                f"S3uri: {FOLDER}\nsince: 2026-13-45",
                "DynamoDB cannot hold a date: put it in quotes",
            ),
            ("", "registration.yaml is empty"),
            ("\n", "registration.yaml is empty"),
            ("# nothing yet", "registration.yaml holds no item"),
            ("[]", "registration.yaml holds no item"),
            ("- 1", "item 1 of the file has no S3uri"),
            (f"S3uri: {FOLDER}\nignore: true\nignore: false", "the field ignore is there twice"),
            (f"S3uri: {FOLDER}\nignore: true\nsince: 2026-01-01", "a date: put it in quotes"),
        ],
    )
    def test_what_is_no_registration_file_is_refused(
        self, qsrefresh: Shell, file: Callable[[Any], str], text: str, told: str
    ) -> None:
        assert told in qsrefresh.refused("register", "--file", file(text))

    def test_an_address_as_an_id_is_refused_and_the_id_named(
        self, qsrefresh: Shell, file: Callable[[Any], str]
    ) -> None:
        page = "https://ap-northeast-1.quicksight.aws.amazon.com/sn/data-sets/id-one"
        item = {"S3uri": FOLDER, "datasets": [{**ONE, "datasetid": page}]}
        told = qsrefresh.refused("register", "--file", file(item))
        assert f"{page} is an address: write id-one" in told

    def test_nothing_on_stdin_is_told(self, qsrefresh: Shell) -> None:
        assert "<stdin> is empty" in qsrefresh.refused("register", "--file", "-", input="")

    @pytest.mark.parametrize("encoding", ["shift_jis", "utf-16"])
    def test_another_encoding_is_refused(
        self, qsrefresh: Shell, tmp_path: Path, encoding: str
    ) -> None:
        path = tmp_path / "registration.yaml"
        path.write_text(f"S3uri: {FOLDER}\nusefor: 東京\nignore: true", encoding=encoding)
        told = qsrefresh.refused("register", "--file", str(path))
        assert f"{path} is not UTF-8 text" in told
        assert "Way out: save it as UTF-8" in told

    @pytest.mark.parametrize(
        ("misspelt", "meant"),
        [
            ({"s3uri": FOLDER, "ignore": True}, "the field s3uri is not known: write S3uri"),
            ({"S3uri": FOLDER, "Ignore": True, "datasets": [ONE]}, "Ignore is not known"),
            ({"S3uri": FOLDER, "Datasets": [], "ignore": True}, "write datasets"),
            ({"S3uri": FOLDER, "dataset": [ONE], "ignore": True}, "write datasets"),
            ({"S3uri": FOLDER, "use_for": "x", "ignore": True}, "write usefor"),
            (
                {"S3uri": FOLDER, "datasets": [{**ONE, "ingestionType": "INCREMENTAL_REFRESH"}]},
                "item 1, datasets[0]: the field ingestionType is not known: write ingestiontype",
            ),
            ({"S3uri": FOLDER, "datasets": [{**ONE, "ingestontype": "x"}]}, "write ingestiontype"),
        ],
        ids=lambda value: str(value)[:60],
    )
    def test_a_misspelt_field_is_refused(
        self, qsrefresh: Shell, file: Callable[[Any], str], misspelt: Any, meant: str
    ) -> None:
        assert meant in qsrefresh.refused("register", "--file", file(misspelt))

    def test_fields_of_other_people_are_kept_and_told(
        self, qsrefresh: Shell, file: Callable[[Any], str]
    ) -> None:
        item = {"S3uri": FOLDER, "datasets": [{**ONE, "steward": "Bob"}], "owner": "Ann"}
        done = qsrefresh("register", "--file", file([item, {**item, "S3uri": OTHER}]))
        assert registered(qsrefresh) == [item, {**item, "S3uri": OTHER}]
        assert f"Note: the field owner of {FOLDER} and 1 more is kept" in done.stderr
        assert "Note: the field datasets[].steward of" in done.stderr


class TestOtherVerbs:
    def test_list_for_people(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one", "two", "--usefor", "Sales")
        qsrefresh("ignore", OTHER)
        put = qsrefresh.account.client("dynamodb").put_item
        put(TableName=TABLE, Item={"S3uri": {"S": f"{OTHER}x/"}, "datasets": {"S": "\x1b[31m"}})
        lines = qsrefresh("list").stdout.splitlines()
        assert [line.split() for line in lines] == [
            ["Folder", "Datasets", "Used", "for"],
            [FOLDER, "one,", "two", "Sales"],
            [OTHER, "(ignored)"],
            [f"{OTHER}x/", "(wrong,", "see", "show)"],
        ]

    def test_an_empty_list_says_how_to_begin(self, qsrefresh: Shell) -> None:
        result = qsrefresh("list")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "qsrefresh register" in result.stderr

    def test_show_tells_what_counts_for_a_folder_below(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one")
        result = qsrefresh("show", f"{FOLDER}2026/11")
        assert yaml.safe_load(result.stdout) == [{"S3uri": FOLDER, "datasets": [ONE]}]
        assert f"registered for {FOLDER}" in result.stderr
        assert qsrefresh.json("show", FOLDER) == {"S3uri": FOLDER, "datasets": [ONE]}

    def test_ignore_keeps_the_datasets_and_off_brings_them_back(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one")
        assert qsrefresh("ignore", FOLDER, input="y\n").exit_code == 0
        assert registered(qsrefresh) == [{"S3uri": FOLDER, "ignore": True, "datasets": [ONE]}]
        assert qsrefresh("ignore", FOLDER, "--off").exit_code == 0
        assert registered(qsrefresh) == [{"S3uri": FOLDER, "datasets": [ONE]}]

    def test_ignore_off_without_datasets_names_what_to_do_instead(self, qsrefresh: Shell) -> None:
        qsrefresh("ignore", FOLDER)
        told = qsrefresh.refused("ignore", FOLDER, "--off")
        assert f"{FOLDER} has no datasets that could count again" in told
        for way_out in (f"register {FOLDER} DATASET", f"unregister {FOLDER}"):
            assert f"qsrefresh {way_out}" in told

    def test_a_near_miss_of_a_folder_is_offered(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one")
        for verb in ("show", "unregister", "run", "status"):
            told = qsrefresh.refused(verb, FOLDER.replace("sales", "slaes"))
            assert f"Way out: is {FOLDER} meant?" in told

    def test_ignore_outside_the_watched_folder_is_refused(self, qsrefresh: Shell) -> None:
        assert "not under the watched" in qsrefresh.refused("ignore", f"s3://{BUCKET}/x/")

    def test_unregister_asks(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one")
        qsrefresh.refused("unregister", FOLDER, input="n\n")
        assert qsrefresh("unregister", FOLDER, input="y\n").exit_code == 0
        assert qsrefresh.items() == {}

    def test_move_takes_everything_along(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one", "--usefor", "Sales")
        assert qsrefresh("move", FOLDER, OTHER, "--yes").exit_code == 0
        assert registered(qsrefresh) == [{"S3uri": OTHER, "usefor": "Sales", "datasets": [ONE]}]

    @pytest.mark.parametrize("new", [FOLDER, FOLDER.rstrip("/")])
    def test_move_to_itself_is_refused(self, qsrefresh: Shell, new: str) -> None:
        qsrefresh("register", FOLDER, "one")
        told = qsrefresh.refused("move", FOLDER, new, "--yes")
        assert f"OLD and NEW are the same folder, {FOLDER}" in told
        assert "unregister" not in told

    def test_the_slash_at_the_end_may_be_left_out(self, qsrefresh: Shell) -> None:
        for line in (
            ["register", FOLDER[:-1], "one"],
            ["ignore", FOLDER[:-1]],
            ["ignore", FOLDER[:-1], "--off"],
            ["move", FOLDER[:-1], OTHER[:-1]],
        ):
            assert qsrefresh(*line, "--yes").exit_code == 0
        assert registered(qsrefresh) == [{"S3uri": OTHER, "datasets": [ONE]}]
        assert qsrefresh.json("show", OTHER[:-1])["S3uri"] == OTHER
        assert qsrefresh("unregister", OTHER[:-1], "--yes").exit_code == 0
        assert qsrefresh.items() == {}

    def test_an_item_without_the_slash_can_be_taken_away(self, qsrefresh: Shell) -> None:
        qsrefresh.account.register([{"S3uri": FOLDER[:-1], "ignore": True}])
        qsrefresh("ignore", FOLDER)
        assert qsrefresh("unregister", FOLDER[:-1], "--yes").exit_code == 0
        assert set(qsrefresh.items()) == {FOLDER}

    def test_move_to_a_registered_or_unwatched_folder_is_refused(self, qsrefresh: Shell) -> None:
        qsrefresh("register", FOLDER, "one")
        qsrefresh("ignore", OTHER)
        assert "registered already" in qsrefresh.refused("move", FOLDER, OTHER, "--yes")
        told = qsrefresh.refused("move", FOLDER, f"s3://{BUCKET}/x/", "--yes")
        assert "not under the watched folder" in told

    @pytest.mark.parametrize(
        "arguments",
        [["show", OTHER], ["unregister", OTHER], ["ignore", OTHER, "--off"], ["move", OTHER, "x"]],
        ids=lambda arguments: str(arguments[0]),
    )
    def test_a_folder_that_is_not_registered(self, qsrefresh: Shell, arguments: list[str]) -> None:
        qsrefresh("register", FOLDER, "one")
        assert f"{OTHER} is not registered" in qsrefresh.refused(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["register", OTHER, "one"],
        ["register", FOLDER, "two"],
        ["register", FOLDER, "two", "--add"],
        ["register", "--file", "{file}"],
        ["ignore", FOLDER],
        ["ignore", OTHER],
        ["unregister", FOLDER],
        ["move", FOLDER, OTHER],
    ],
    ids=lambda arguments: " ".join(arguments[::2]),
)
def test_a_dry_run_shows_exactly_what_is_then_done(
    qsrefresh: Shell, file: Callable[[Any], str], arguments: list[str]
) -> None:
    path = file([{"S3uri": FOLDER, "datasets": [TWO]}, {"S3uri": OTHER, "ignore": True}])
    arguments = [argument.format(file=path) for argument in arguments]
    qsrefresh("register", FOLDER, "one", "--usefor", "Sales")
    before = qsrefresh.items()
    plan = qsrefresh.json(*arguments, "--dry-run")
    shown = qsrefresh(*arguments, "--dry-run").stdout
    assert qsrefresh.items() == before
    listed = {item["S3uri"]: item for item in registered(qsrefresh)}
    for change in plan:
        assert change["before"] == listed.get(change["folder"])
        listed.pop(change["folder"], None)
        if change["after"]:
            listed[change["folder"]] = change["after"]
    done = qsrefresh(*arguments, "--yes")
    assert done.exit_code == 0
    assert done.stdout == shown != ""
    assert {item["S3uri"]: item for item in registered(qsrefresh)} == listed


class TestSomebodyElse:
    """Somebody writes between our reading and our writing."""

    @pytest.fixture
    def meanwhile(
        self, qsrefresh: Shell, broken: Callable[..., None]
    ) -> Callable[[str, dict[str, Any] | None], None]:
        client = qsrefresh.account.client("dynamodb")
        write = client.transact_write_items

        def race(folder: str, item: dict[str, Any] | None) -> None:
            def first(**request: Any) -> Any:
                if item is None:
                    client.delete_item(TableName=TABLE, Key={"S3uri": {"S": folder}})
                else:
                    client.put_item(TableName=TABLE, Item={"S3uri": {"S": folder}, **item})
                return write(**request)

            broken("dynamodb", "transact_write_items", first)

        return race

    @pytest.mark.parametrize(
        "arguments",
        [
            ["register", FOLDER, "two"],
            ["register", FOLDER, "two", "--add"],
            ["ignore", FOLDER],
            ["unregister", FOLDER],
            ["move", FOLDER, OTHER],
        ],
        ids=" ".join,
    )
    @pytest.mark.parametrize(
        "theirs",
        [
            {"datasets": {"L": [{"M": {"datasetid": {"S": "x"}, "datasetname": {"S": "x"}}}]}},
            {"usefor": {"S": "theirs"}},
            {"ignore": {"BOOL": True}},
            None,
        ],
        ids=["other datasets", "usefor", "ignored", "deleted"],
    )
    def test_their_change_stays(
        self,
        qsrefresh: Shell,
        meanwhile: Callable[[str, dict[str, Any] | None], None],
        arguments: list[str],
        theirs: dict[str, Any] | None,
    ) -> None:
        qsrefresh("register", FOLDER, "one")
        ours = {name: value for name, value in qsrefresh.items()[FOLDER].items() if name != "S3uri"}
        meanwhile(FOLDER, None if theirs is None else {**ours, **theirs})
        result = qsrefresh(*arguments, "--yes")
        assert result.exit_code == 1
        assert f"somebody else changed {FOLDER} meanwhile; nothing was written" in result.stderr
        expected = {} if theirs is None else {FOLDER: {"S3uri": {"S": FOLDER}, **ours, **theirs}}
        assert qsrefresh.items() == expected

    def test_a_new_registration_does_not_replace_one_that_came_first(
        self, qsrefresh: Shell, meanwhile: Callable[[str, dict[str, Any] | None], None]
    ) -> None:
        meanwhile(FOLDER, {"ignore": {"BOOL": True}})
        assert qsrefresh("register", FOLDER, "one").exit_code == 1
        assert qsrefresh.items()[FOLDER]["ignore"] == {"BOOL": True}

    def test_of_a_file_nothing_is_written_then(
        self,
        qsrefresh: Shell,
        meanwhile: Callable[[str, dict[str, Any] | None], None],
        file: Callable[[Any], str],
    ) -> None:
        meanwhile(OTHER, {"ignore": {"BOOL": True}})
        path = file([{"S3uri": FOLDER, "datasets": [ONE]}, {"S3uri": OTHER, "datasets": [TWO]}])
        assert qsrefresh("register", "--file", path).exit_code == 1
        assert set(qsrefresh.items()) == {OTHER}

    def test_a_field_of_theirs_that_we_do_not_know_stays_beside_our_change(
        self, qsrefresh: Shell, meanwhile: Callable[[str, dict[str, Any] | None], None]
    ) -> None:
        qsrefresh("register", FOLDER, "one")
        ours = qsrefresh.items()[FOLDER]
        meanwhile(FOLDER, {**ours, "owner": {"S": "Ann"}})
        assert qsrefresh("ignore", FOLDER, "--yes").exit_code == 0
        assert qsrefresh.items()[FOLDER] == {
            **ours,
            "owner": {"S": "Ann"},
            "ignore": {"BOOL": True},
        }


def test_a_thousand_datasets_and_registrations_take_few_calls(
    qsrefresh: Shell, account: LocalAccount
) -> None:
    calls: list[str] = []

    def count(model: Any, **_: Any) -> None:
        calls.append(model.name)

    table = boto3.resource("dynamodb", region_name=account.region).Table(TABLE)
    with table.batch_writer() as batch:
        for number in range(1000):
            account.quicksight.add(Dataset(f"id-{number}", f"name {number}"))
            rows = [{"datasetid": f"id-{number}", "datasetname": f"name {number}"}]
            batch.put_item(Item={"S3uri": f"{FOLDER}{number}/", "datasets": rows})
    clients = [account.client(service) for service in ("dynamodb", "quicksight", "events")]
    for client in clients:
        client.meta.events.register("before-call", count)
    try:
        assert qsrefresh("register", OTHER, "name 7").exit_code == 0
        assert len(registered(qsrefresh)) == 1001
        assert len(qsrefresh.json("datasets", "--quick")) == 1003
    finally:
        for client in clients:
            client.meta.events.unregister("before-call", count)
    assert len(calls) < 40


def test_more_changes_than_a_transaction_takes(
    qsrefresh: Shell, file: Callable[[Any], str]
) -> None:
    items = [{"S3uri": f"{FOLDER}{number}/", "ignore": True} for number in range(101)]
    assert qsrefresh("register", "--file", file(items)).exit_code == 0
    assert len(qsrefresh.items()) == 101
