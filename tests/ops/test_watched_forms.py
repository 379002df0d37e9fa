"""A watched folder whose name has two Unicode forms: ``check`` prints what watches both."""

import itertools
import json
import shlex
from typing import Any

import pytest

import deploy
from local.account import LocalAccount
from local.services.quicksight import Dataset
from qsrefresh.checks.stack import watched_form
from qsrefresh.language import Voice
from qsrefresh.project import Rule
from tests.ops.conftest import Shell
from tests.ops.test_lookalike import findings, nfd, put


@pytest.mark.parametrize("watched", ["データ/ガ/", nfd("データ/ガ/")], ids=ascii)
def test_the_printed_parameters_watch_both_forms(watched: str) -> None:
    with LocalAccount() as account:
        account.deploy(watched=watched)
        account.quicksight.add(Dataset("id-one", "one"))
        shell = Shell(account)
        ((text, mend),) = (
            (one["text"], one["mend"])
            for one in findings(shell)
            if "rule" in one["text"] and "form" in one["text"]
        )
        assert "in one Unicode form only" in text
        assert mend.isascii()
    make, target, project, given = shlex.split(mend)
    assert [make, target, project] == ["make", "deploy", "PROJECT=sampleproject"]
    values: dict[str, Any] = {"watched": watched, **deploy.settings(set=given.removeprefix("SET="))}
    composed = values.pop("TargetFolderPath", watched)
    with LocalAccount() as account:
        account.deploy(**{**values, "watched": composed})
        account.quicksight.add(Dataset("id-one", "one"))
        shell = Shell(account)
        done = shell("register", f"s3://{account.bucket}/{watched}", "one")
        assert done.exit_code == 0, done.output
        assert findings(shell) == []
        folders = composed, values["TargetFolderPathInOtherForm"]
        for folder, below in itertools.product(folders, ("", "deep/er/")):
            account.drop(f"{folder}{below}a.csv")
            account.settle()
            assert account.mails.pop().subject.startswith("[SUCCESS]")
        assert account.mails == []
        put(shell, f"s3://{account.bucket}/{values['TargetFolderPathInOtherForm']}")
        ((mend),) = (one["mend"] for one in findings(shell))
        assert shell(*shlex.split(mend)[1:], "--yes").exit_code == 0
        assert findings(shell) == []
        assert list(shell.items()) == [f"s3://{account.bucket}/{composed}"]


def test_a_registration_in_nfc_waits_until_both_forms_are_watched() -> None:
    with LocalAccount() as account:
        account.deploy(watched=nfd("ガ/"))
        account.quicksight.add(Dataset("id-one", "one"))
        shell, folder = Shell(account), f"s3://{account.bucket}/ガ/"
        told = shell.refused("register", folder, "one")
        assert "its Unicode form differs: `qsrefresh check` says how to watch both" in told
        put(shell, folder)
        (mend,) = {one["mend"] for one in findings(shell) if "not under" in one["text"]}
        assert mend == ""  # what is said of the rule mends it


def test_of_a_folder_that_has_no_room_for_both_a_shorter_one_is_asked_for() -> None:
    pattern = {"detail": {"bucket": {"name": ["b"]}, "object": {"key": [{"prefix": "ガ" * 150}]}}}
    (finding,) = watched_form(Rule("r", True, json.dumps(pattern), None), "p")
    assert "no room for both" in finding.told(Voice())
    assert finding.mend == "watch a folder above it"
