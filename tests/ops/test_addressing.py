"""Commands that are printed work where they are pasted: with the options that we were given."""

import click
import pytest

from qsrefresh.addressing import WHERE, addressed
from tests.ops.conftest import FOLDER, Shell

WHERE_GIVEN = ["--region", "ap-northeast-1", "--project", "sampleproject"]
OURS = "qsrefresh --region ap-northeast-1 --project sampleproject"


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("qsrefresh run F; `qsrefresh list`", "qsrefresh -P run F; `qsrefresh -P list`"),
        ("aws events enable-rule --name x", "aws -A events enable-rule --name x"),
        ("beside qsrefresh (x), ./qsrefresh run, aws, AWS said", None),
        ("qsrefresh --region r --project p run F", None),
    ],
)
def test_the_words_behind_the_program(text: str, then: str | None) -> None:
    with click.Context(click.Command("x")) as context:
        context.meta[WHERE] = {"profile": "a b", "region": None, "project": "p", "lang": "ja"}
        told = addressed(text)
    options = {"-P": "--profile 'a b' --project p", "-A": "--profile 'a b'"}
    for short, long in options.items():
        then = then and then.replace(short, long)
    assert told == (then or text)
    assert addressed(text) == text


def test_each_way_of_telling_has_them(qsrefresh: Shell) -> None:
    assert f"`{OURS} list` shows" in qsrefresh.refused("show", FOLDER, *WHERE_GIVEN)
    assert f"Register a folder: {OURS} register" in qsrefresh(*WHERE_GIVEN, "list").stderr
    assert f"    → {OURS} register FOLDER DATASET\n" in qsrefresh("check", *WHERE_GIVEN).stdout
    qsrefresh("register", FOLDER, "one")
    told = qsrefresh.json("status", *WHERE_GIVEN)[0]["cures"]
    assert told == [f"{OURS} run {FOLDER} --wait"]
    assert f"    → {told[0]}\n" in qsrefresh("status", *WHERE_GIVEN).stderr
