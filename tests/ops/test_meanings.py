"""The command line says what the mails say, out of the same file."""

import string
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
from hypothesis import given
from hypothesis import strategies as st

from qsrefresh import meanings
from qsrefresh.language import Voice
from tests.loading import ROOT, load_module

FILE = ROOT / "functions" / "check_ingestion_status" / "meanings.toml"
BOOK: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
GROUPS: dict[str, dict[str, Any]] = BOOK["groups"]
theirs = load_module("check_ingestion_status", "meanings")
entries = load_module("check_ingestion_status", "dataset_entries")
VALUES = {name: f"<{name}>" for name in theirs.PLACEHOLDERS}
ERRORS = sorted(
    error
    for group in GROUPS.values()
    for key in ("types", "api_errors", "step_errors")
    for error in group.get(key, ())
)
MESSAGES = ["Rate exceeded", "User is not authorized to", "does not exist", "ResourceNotFound", "?"]
names = st.one_of(
    st.sampled_from(ERRORS),
    st.builds(
        "{}.{}".format,
        st.sampled_from(["QuickSight", "States", "Lambda", "Runtime", "DynamoDB"]),
        st.one_of(st.sampled_from(ERRORS), st.text(string.ascii_letters + ".", max_size=9)),
    ),
    st.text(max_size=9),
)
messages = st.one_of(st.sampled_from(MESSAGES), st.text())


def told(found: Any) -> tuple[Any, ...]:
    """Return what either side says, in both languages."""
    phrases = (found.cause, found.first, *found.steps)
    return (found.group, found.type, found.offers_rerun, [(one.ja, one.en) for one in phrases])


@given(error=names, message=messages, checking=st.booleans())
def test_command_and_mail_say_the_same_of_any_error(
    error: str, message: str, checking: bool
) -> None:
    ours = meanings.meaning(error, message, checking=checking)
    mail = theirs.meaning(error, message, checking=checking)
    assert told(ours) == told(mail)
    label = entries._TYPES.get(mail.origin)
    said = ours.label.en.format(type="X") if ours.label else None
    assert said == (label and entries.WORDS[label].en.format(type="X"))
    step = meanings.meaning_of_step(error, message)
    assert told(step) == told(theirs.meaning_of_step(error, message))


@pytest.mark.parametrize(
    "status",
    sorted({"", "NEW", *(one for group in GROUPS.values() for one in group.get("statuses", ()))}),
)
def test_command_and_mail_say_the_same_of_any_status(status: str) -> None:
    assert told(meanings.meaning_of_status(status)) == told(theirs.meaning_of_status(status))


@pytest.mark.parametrize("group", GROUPS)
def test_every_entry_can_be_said(group: str) -> None:
    found = meanings.named(group)
    for language in ("ja", "en"):
        voice = Voice(language)
        for phrase in (found.cause, found.first, *found.steps):
            assert "{" not in voice.say(phrase, **VALUES).replace("{" + '"folder"', "")


def test_the_labels_are_those_of_the_mail() -> None:
    for ours, name in ((meanings._INGESTION, "type"), (meanings._API, "api")):
        assert tuple(ours) == tuple(entries.WORDS[name])
    assert tuple(meanings._STEP) == tuple(entries.WORDS["step"])
    assert tuple(meanings.THE_FILE) == tuple(theirs.THE_FILE)


def test_how_a_run_died_is_told() -> None:
    ends = {status: meanings.meaning_of_end(status).group for status in ("ABORTED", "TIMED_OUT")}
    assert ends == {"ABORTED": "run_stopped", "TIMED_OUT": "run_timed_out"}
    assert meanings.meaning_of_end("a new one").group == "run_failed"


def test_wheel_and_source_bring_the_file_along(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("qsrefresh/meanings.toml") == FILE.read_bytes()
    (source,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path))
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    (root,) = (one for one in tmp_path.iterdir() if one.is_dir())
    (again,) = WheelBuilder(str(root)).build(directory=str(tmp_path / "b"), versions=["standard"])
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert one.namelist() == other.namelist()
