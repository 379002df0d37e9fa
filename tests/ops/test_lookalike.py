"""Folders that look alike: told as the mails tell them, mended by the command that is printed."""

import json
import shlex
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from local.account import BUCKET, WATCHED
from qsrefresh import lookalike
from qsrefresh.project import Place
from qsrefresh.safe_text import unseen
from tests.loading import load_module
from tests.ops.conftest import FOLDER, TABLE, Shell

mails = load_module("check_ingestion_status", "lookalike")
safe_text = load_module("check_ingestion_status", "safe_text")
KINDS = dict(
    zip(("INVISIBLE", "SPACE", "UNICODE_FORM", "CASE", "SLASH"), lookalike._WITHOUT, strict=True)
)
HERE = f"s3://{BUCKET}/{WATCHED}"
PLACES = [Place(BUCKET, WATCHED)]


def nfd(name: str) -> str:
    return unicodedata.normalize("NFD", name)


NFC = f"{HERE}店舗データ/"
NFD = nfd(NFC)

parts = st.text(
    "aA/ \u3000\u200b\u00a0がか\u3099ée\u0301가\u1100\u1161神\ufa19\ufe0fßS", max_size=6
)
names = st.builds("s3://b/a/{}/{}".format, parts, st.text(max_size=2))


@given(names, names)
@example("s3://b/a/が/x/", "s3://b/a/か\u3099/x")
@example("s3://b/a/ß/", "s3://b/a/SS/")
def test_command_and_mail_find_the_same_differences(one: str, other: str) -> None:
    ours = set(lookalike.differences(one, other))
    alike = mails._bare(one) == mails._bare(other)
    theirs = {KINDS[each.name] for each in mails._differences(one, other)} if alike else set()
    assert ours == theirs


@given(st.characters())
def test_command_and_mail_agree_on_what_does_not_show(character: str) -> None:
    assert unseen(character) == safe_text.unseen(character)


@given(st.sets(names, max_size=4))
def test_what_is_mended_is_not_odd_any_more(folders: set[str]) -> None:
    for folder in folders:
        right = lookalike.right_address(folder, [])
        assert lookalike.right_address(right, []) == right
        assert right.endswith("/")
        assert right == folder or lookalike.differences(folder, right)


def test_the_watched_folder_stays_as_it_is() -> None:
    odd = Place("b", "ｄａｔａ /ガ/")
    assert lookalike.right_address("s3://b/ｄａｔａ /ガ/x /", [odd]) == "s3://b/ｄａｔａ /ガ/x/"
    assert lookalike.right_address("s3://b/ＤＡＴＡ/ガ/x", [odd]) == "s3://b/ｄａｔａ /ガ/x/"


def put(qsrefresh: Shell, *folders: str) -> None:
    """Write items as the console would, whatever their folder."""
    for folder in folders:
        entry = {"M": {"datasetid": {"S": "id-one"}, "datasetname": {"S": "one"}}}
        item = {"S3uri": {"S": folder}, "datasets": {"L": [entry]}}
        qsrefresh.account.client("dynamodb").put_item(TableName=TABLE, Item=item)


def findings(qsrefresh: Shell) -> list[dict[str, str]]:
    """Return what is wrong or odd, but that mails go to nobody."""
    found: list[dict[str, Any]] = json.loads(qsrefresh("check", "--json").stdout)
    return [
        one
        for one in found
        if one["level"] != "good" and "mails:" not in one["text"] and "two refr" not in one["text"]
    ]


@pytest.mark.parametrize(
    ("folders", "told"),
    [
        ([NFD], "is not what people type: Unicode form"),
        ([f"{HERE}x /"], "is not what people type: a space"),
        ([f"{HERE}　x/"], "is not what people type: a space"),
        ([f"{HERE}x\u200b/"], "x[U+200B]/ is not what people type: an invisible character"),
        ([f"{HERE}x\u202ey/"], "x[U+202E]y/ is not what people type: an invisible character"),
        ([f"{HERE}x"], "the folder must end with a slash"),
        ([f"{HERE}it's"], "the folder must end with a slash"),
        ([NFC, NFD], "looks like"),
        ([f"{HERE}x/", f"{HERE}x"], "the folder must end with a slash"),
        ([f"{HERE}x/", f"{HERE}X/"], "x/ looks like"),
        ([f"{HERE}x/", f"{HERE}x//"], "x// looks like"),
        ([f"{HERE}x y/", f"{HERE}x\u3000y/"], "and is another folder: a space"),
        ([f"{HERE}x/", f"{HERE}x\ufeff/"], "x[U+FEFF]/ looks like"),
        ([HERE.replace("data/", "Data/", 1) + "x/"], "differs by capital and small letters"),
        ([HERE[:-1] + " /x/"], "differs by a space"),
        ([HERE.replace("/data/", "/DATA/") + "x/", f"{HERE}x/"], "differs by capital"),
    ],
    ids=ascii,
)
def test_the_printed_command_mends_it(qsrefresh: Shell, folders: list[str], told: str) -> None:
    put(qsrefresh, *folders)
    (mend,) = {one["mend"] for one in findings(qsrefresh) if told in one["text"]}
    assert f"    → {mend}\n" in qsrefresh("check").stdout
    done = qsrefresh(*shlex.split(mend)[1:], "--yes")
    assert done.exit_code == 0, done.output
    assert findings(qsrefresh) == []
    assert len(qsrefresh.items()) == 1


def test_names_that_are_fine_are_not_told(qsrefresh: Shell) -> None:
    put(qsrefresh, NFC, FOLDER, f"{HERE}売上　東京/", f"{HERE}tokyo sales/", f"{HERE}神/")
    assert findings(qsrefresh) == []


class TestRegister:
    @pytest.fixture(params=["register", "file", "ignore", "move"])
    def typed(self, request: pytest.FixtureRequest, qsrefresh: Shell, tmp_path: Any) -> str:
        """Store a folder typed in form NFD by each verb that stores one; return what was told."""
        if request.param == "register":
            done = qsrefresh("register", NFD, "one")
        elif request.param == "ignore":
            done = qsrefresh("ignore", NFD)
        elif request.param == "move":
            qsrefresh("register", FOLDER, "one")
            done = qsrefresh("move", FOLDER, NFD, "--yes")
        else:
            path = tmp_path / "registration.yaml"
            datasets = [{"datasetid": "id-one", "datasetname": "one"}]
            path.write_text(json.dumps([{"S3uri": NFD, "datasets": datasets}]), encoding="utf-8")
            done = qsrefresh("register", "--file", str(path))
        assert done.exit_code == 0, done.output
        stderr: str = done.stderr
        return stderr

    def test_a_folder_is_stored_in_nfc_and_said_so(self, qsrefresh: Shell, typed: str) -> None:
        assert list(qsrefresh.items()) == [NFC]
        assert f"Note: {NFC} is registered in the Unicode form that people type (NFC)" in typed

    def test_nothing_is_said_of_a_folder_typed_in_nfc(self, qsrefresh: Shell) -> None:
        assert "Unicode" not in qsrefresh("register", NFC, "one").stderr

    @pytest.mark.parametrize("stored", [NFC, NFD], ids=["NFC", "NFD"])
    @pytest.mark.parametrize("typed", [NFC, NFD, NFC[:-1], NFD[:-1]], ids=ascii)
    def test_it_is_found_in_either_form(self, qsrefresh: Shell, stored: str, typed: str) -> None:
        put(qsrefresh, stored)
        assert qsrefresh.json("show", typed)["S3uri"] == stored
        assert qsrefresh("register", typed, "two", "--add").exit_code == 0
        assert list(qsrefresh.items()) == [stored]
        assert qsrefresh("unregister", typed, "--yes").exit_code == 0
        assert qsrefresh.items() == {}

    def test_a_registration_in_nfd_is_changed_and_the_way_to_nfc_named(
        self, qsrefresh: Shell
    ) -> None:
        put(qsrefresh, NFD)
        told = qsrefresh("register", NFC, "two", "--add").stderr
        assert "is registered in another Unicode form" in told
        mend = told.split("To mend it: ")[1].splitlines()[0]
        assert qsrefresh(*shlex.split(mend)[1:], "--yes").exit_code == 0
        assert list(qsrefresh.items()) == [NFC]

    def test_what_does_not_show_is_given_by_its_number(self, qsrefresh: Shell) -> None:
        put(qsrefresh, f"{HERE}x\u202ey/")
        assert qsrefresh("show", f"{HERE}x[U+202E]y/").exit_code == 0

    def test_of_a_folder_that_nobody_registered_no_form_is_told(self, qsrefresh: Shell) -> None:
        told = qsrefresh.refused("show", NFD)
        assert "Note" not in told
