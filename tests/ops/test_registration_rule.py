"""One rule of what a valid registration is: that of the command, the function and the machine."""

from typing import Any

import yaml
from hypothesis import given

from qsrefresh.language import Voice
from qsrefresh.registrations import (
    INGESTION_TYPES,
    as_yaml,
    is_ignored,
    nearest,
    nested,
    plan,
    problems_of,
    read_yaml,
)
from qsrefresh.troubles import wrong_registration
from tests.examples import examples
from tests.loading import load_module
from tests.statemachine.test_registration_agreement import (
    FOLDER,
    dataset,
    items,
    picked_by_the_machine,
    registered,
    s,
)

registration = load_module("check_ingestion_status", "registration")
RUN = load_module("check_ingestion_status", "run").read_run({}, project="p", region="r")
#: What is left out of account where it is wrong, and keeps no dataset from being refreshed.
UNHEEDED = ("after", "minrows", "retries", "settleseconds", "startson", "freshwithin")
#: More than that the function only counts.
LISTED = 20


def complaints(item: dict[str, Any]) -> list[str]:
    """Return the fields that the function complains about, but not that a folder is ignored."""
    problems = registration.read_registration(item, FOLDER, RUN).problems
    fields = [str(problem.values.get("field", "more")) for problem in problems]
    return [field for field in fields if field != "ignore" or not is_ignored(item)]


@given(items)
def test_command_and_function_complain_about_the_same_fields(item: dict[str, Any]) -> None:
    ours = sorted(problem.field for problem in problems_of(item))
    theirs = sorted(complaints(item))
    assert ours == theirs or len(ours) > LISTED


@given(items)
def test_command_and_mail_say_the_same_of_what_is_wrong(item: dict[str, Any]) -> None:
    """The mail lists twenty; what an ignored folder is told is the mail's only."""
    mails = registration.read_registration(item, FOLDER, RUN).problems
    theirs = {
        tuple(
            getattr(phrase, language).format_map(_Said(problem.values, language))
            for phrase in (problem.details[0], problem.first)
        )
        for problem in mails
        if problem.details
        for language in ("ja", "en")
    }
    for problem in problems_of(item)[:LISTED] if len(mails) <= LISTED else []:
        trouble = wrong_registration(FOLDER, problem)
        assert trouble.meaning
        for voice, label in ((Voice("ja"), "原因: "), (Voice("en"), "Cause: ")):
            values = dict(trouble.values)
            cause = label + voice.say(trouble.meaning.cause, **values)
            assert (cause, voice.say(trouble.meaning.first, **values)) in theirs


class _Said(dict[str, object]):
    """The values of a mail's phrases; a phrase among them is said."""

    def __init__(self, values: Any, language: str) -> None:
        super().__init__(values)
        self._language = language

    def __getitem__(self, name: str) -> object:
        value = super().__getitem__(name)
        return getattr(value, self._language) if hasattr(value, self._language) else value


@given(items)
def test_of_a_valid_item_the_machine_refreshes_every_dataset(item: dict[str, Any]) -> None:
    if problems_of(item) or is_ignored(item):
        return
    picked = [row["datasetid"] for row in picked_by_the_machine(item)]
    assert picked == [entry["M"]["datasetid"]["S"] for entry in item["datasets"]["L"]]


@given(items)
def test_of_a_wrong_item_something_is_left_out_or_ignored(item: dict[str, Any]) -> None:
    fields = [problem.field.split(".")[-1] for problem in problems_of(item)]
    wrong = [field for field in fields if field not in ("ignore", *UNHEEDED)]
    listed = item.get("datasets", {}).get("L", [])
    entries = listed if isinstance(listed, list) else []
    if wrong:
        assert len(picked_by_the_machine(item)) < max(len(entries), 1)


def test_the_property_has_teeth() -> None:
    good = registered(dataset(datasetid=s("a"), datasetname=s("A")))
    assert problems_of(good) == []
    assert complaints(good) == []
    assert complaints(registered()) == ["datasets"]


def test_the_ingestion_types_are_the_functions() -> None:
    assert INGESTION_TYPES == registration.INGESTION_TYPES


def as_boto3_reads(value: Any) -> Any:
    """Return a value with its binary parts decoded: the machine gets them as text."""
    if isinstance(value, list):
        return [as_boto3_reads(member) for member in value]
    if value == {"B": "YQ=="}:
        return {"B": b"a"}
    if isinstance(value, dict):
        return {name: as_boto3_reads(member) for name, member in value.items()}
    return value


@examples(30)
@given(items)
def test_what_is_exported_is_registered_again_unchanged(item: dict[str, Any]) -> None:
    item = {**as_boto3_reads(item), "S3uri": {"S": FOLDER}}
    (again,) = read_yaml(as_yaml([item]), "export")
    assert plan({FOLDER: item}, [again]) == []
    assert yaml.safe_load(as_yaml([item]))[0]["S3uri"] == FOLDER


def test_the_nearest_folder_above_counts_as_in_the_machine() -> None:
    folders = ["s3://b/a/", "s3://b/a/b/", "s3://b/a//"]
    assert nearest("s3://b/a/b/c/", folders) == "s3://b/a/b/"
    assert nearest("s3://b/a//c/", folders) == "s3://b/a//"
    assert nearest("s3://b/x/", folders) is None
    assert nearest("s3://b/", ["s3://b/"]) == "s3://b/"
    assert nested(folders) == {"s3://b/a/b/": "s3://b/a/", "s3://b/a//": "s3://b/a/"}
