"""What a reader pastes is taken literally by every shell, and by the console."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.loading import load_module

commands = load_module("check_ingestion_status", "commands")

FOLDER = "s3://my.bucket-1/a_b/C-d.e/"
#: Each shell's own special characters, from its manual; a space ends a word everywhere.
#: PowerShell: "about_Special_Characters", "about_Quoting_Rules", "about_Operators"; its single
#: quotes are five (PowerShell/PowerShell, CharTraits.cs). cmd.exe: "cmd", Remarks.
SPECIAL = {
    "sh": " \t\n|&;<>()$`\\\"'*?[]#~=%{}!^",
    "fish": " \t\n|&;<>()$\\\"'*?[]#~%{}!^",
    "PowerShell": " \t\n|&;<>()$`\"'‘’‚‛“”„{}@#,",
    "cmd.exe": ' \t\n|&<>()^%!"@,;=',
}
#: Names that are something else at the start of a word: an option, a home, a history, a comment.
AT_START = "-~!#@%="

NAMES = st.text(st.sampled_from("ab0_-./ '\"$`\\;|&(){}[]<>*?!~#%^=,@‘’“”\n\t売が\u3000\u200b"))


@pytest.mark.parametrize("shell", SPECIAL)
def test_no_plain_folder_has_a_character_that_a_shell_minds(shell: str) -> None:
    for special in SPECIAL[shell]:
        assert not commands.plain(f"s3://bucket/a{special}b/"), repr(special)
    assert not set("s3://" + FOLDER) & set(SPECIAL[shell])
    assert FOLDER[0] not in AT_START


@pytest.mark.parametrize(
    "folder", ["s3://b/売上/", "s3://b/a b/", "s3://b/\u200b/", "b/a/", "s3:///a/", "", None]
)
def test_any_other_folder_has_no_command(folder: str | None) -> None:
    assert not commands.plain(folder)
    assert commands.qsrefresh("eu-west-1", "p", "run", folder) is None


def test_a_command_names_region_project_verb_and_folder() -> None:
    assert commands.qsrefresh("eu-west-1", "my-project", "register", FOLDER, "DATASET") == (
        f"qsrefresh --region eu-west-1 --project my-project register {FOLDER} DATASET"
    )


@pytest.mark.parametrize("project", ["", "a b", "$(x)", "-x", "売上"])
def test_a_project_that_would_need_quotes_has_no_command(project: str) -> None:
    assert commands.qsrefresh("eu-west-1", project, "run", FOLDER) is None


def test_another_folder_that_would_need_quotes_has_no_command() -> None:
    assert commands.qsrefresh("eu-west-1", "p", "move", FOLDER, "s3://b/a b/") is None


@given(folder=st.text(st.characters(exclude_categories=["Cs"])) | NAMES)
@examples(100)
def test_the_line_for_the_console_is_ascii_and_reads_back(folder: str) -> None:
    line = commands.console_line({"folder": folder})

    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {"folder": folder}


#: Tried where they are installed; the rules of each are in SPECIAL.
SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh", "fish") if shutil.which(shell)]


def test_there_is_a_shell_to_try() -> None:
    assert "sh" in SHELLS


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_passes_on_what_was_pasted(shell: str, tmp_path: Path) -> None:
    stub = tmp_path / "qsrefresh"
    stub.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    stub.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    odd = ["s3://b/-rf/", "s3://b/..//a/", FOLDER, "s3://b/", "s3://b/" + "x" * 1000 + "/"]
    for folder in odd:
        command = commands.qsrefresh("eu-west-1", "p", "move", folder, FOLDER)
        pasted = subprocess.run(
            [shell, "-c", command], env=environment, capture_output=True, text=True, check=True
        )
        words = ["--region", "eu-west-1", "--project", "p", "move", folder, FOLDER]
        assert pasted.stdout.splitlines() == words
