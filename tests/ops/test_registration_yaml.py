"""Registrations as YAML: whatever DynamoDB holds comes back as it was, and bad files are errors."""

import contextlib
import string
import unicodedata
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from qsrefresh import registration_yaml
from qsrefresh.errors import InvalidRegistrationError
from qsrefresh.registrations import as_yaml, parse_yaml, plan, read_yaml
from tests.examples import examples
from tests.ops.conftest import FOLDER

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
odd_texts = st.one_of(
    texts,
    st.sampled_from(
        [
            *(
                "",
                " ",
                "yes",
                "no",
                "null",
                "~",
                "=",
                "<<",
                "1",
                "1.5",
                "1e3",
                "0x1F",
                "2026-11-26",
            ),
            *("- a", "a: b", "#", "!x", "&a", "*a", "'", '"', "\\", "{", "[", "|", ">", "%", "@"),
            *("a\nb", "\n", "\t", "a\n\n", "\r\n", "\x00", "\x7f", "\x85", "\u2028", "`"),
            *("東京", "か\u3099", "\U000e0100", "\U0010ffff", "\u3000", "\u200f", "\ufeff"),
            *("a" * 200, "word " * 400),
        ]
    ),
)
digits = st.text(string.digits, min_size=1, max_size=38)
numbers = st.builds("{}{}E{}".format, st.sampled_from(["", "-"]), digits, st.integers(-125, 80))
binary = st.binary(max_size=9)
scalars = st.one_of(
    odd_texts.map(lambda text: {"S": text}),
    numbers.map(lambda number: {"N": number}),
    binary.map(lambda value: {"B": value}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.sets(odd_texts, min_size=1, max_size=3).map(lambda some: {"SS": sorted(some)}),
    st.sets(numbers.map(Decimal), min_size=1, max_size=3).map(
        lambda some: {"NS": [str(one) for one in some]}
    ),
    st.sets(binary, min_size=1, max_size=3).map(lambda some: {"BS": sorted(some)}),
)
attributes = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda some: {"L": some}),
        st.dictionaries(odd_texts.filter(bool), inner, max_size=3).map(lambda some: {"M": some}),
    ),
    max_leaves=8,
)
items = st.dictionaries(odd_texts.filter(bool), attributes, max_size=4).map(
    lambda fields: {**fields, "S3uri": {"S": FOLDER}}
)


@examples(100)
@given(items)
def test_whatever_dynamodb_holds_comes_back_as_it_was(item: dict[str, Any]) -> None:
    text = as_yaml([item])
    assert plan({FOLDER: item}, parse_yaml(text, "export")) == []
    assert [one for one in text if unicodedata.category(one) in ("Cf", "Zl", "Zp")] == []
    assert [one for one in text if unicodedata.category(one) == "Cc" and one != "\n"] == []
    for line in text.splitlines()[1:]:
        assert line.startswith(("  ", "- ")), "a name forges a line"


def test_numbers_that_a_float_would_change() -> None:
    item = {
        "S3uri": {"S": FOLDER},
        "price": {"N": "3.14159265358979323846264338327950288"},
        "big": {"N": "1E+50"},
        "largest": {"N": "9.9999999999999999999999999999999999999E+125"},
        "smallest": {"N": "-1E-130"},
        "whole": {"N": "12345678901234567890123456789012345678"},
        "rows": {"N": "10000"},
    }
    text = as_yaml([item])
    assert "price: 3.14159265358979323846264338327950288\n" in text
    assert "big: 1.0E+50\n" in text
    assert "rows: 10000\n" in text
    (again,) = parse_yaml(text, "export")
    assert {name: Decimal(one["N"]) for name, one in again.items() if "N" in one} == {
        name: Decimal(one["N"]) for name, one in item.items() if "N" in one
    }
    assert again["rows"] == {"N": "10000"}


def test_other_programs_read_the_same() -> None:
    item = {
        "S3uri": {"S": FOLDER},
        "a": {"S": "か\u200b"},
        "n": {"N": "7"},
        "s": {"SS": ["x", "y"]},
    }
    assert yaml.safe_load(as_yaml([item])) == [
        {"S3uri": FOLDER, "a": "か\u200b", "n": 7, "s": {"x", "y"}}
    ]


def test_what_shows_stays_as_it_is() -> None:
    text = as_yaml([{"S3uri": {"S": FOLDER}, "usefor": {"S": "売上\u3000データ"}}])
    assert "usefor: 売上\u3000データ\n" in text


BODY = f"S3uri: {FOLDER}\n"
LAUGHS = "\n".join(
    [
        "a: &a [x, x, x, x, x, x, x, x, x]",
        *(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in pairwise("abcdefgh")),
    ]
)


def test_anchors_do_not_multiply_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert registration_yaml._MOST_VALUES > 400_000
    monkeypatch.setattr(registration_yaml, "_MOST_VALUES", 10_000)
    with pytest.raises(InvalidRegistrationError) as caught:
        read_yaml(BODY + LAUGHS, "f")
    assert "holds more values than an item of DynamoDB can" in caught.value.details[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("&a [*a]", "an anchor stands inside itself (f, line 1, column 1)"),
        (f"{BODY}x: &a {{y: *a}}", "an anchor stands inside itself"),
        (f"&a\n{BODY}<<: *a", "<< must name maps that it does not stand in"),
        (f"{BODY}<<: [1]", "<< must name maps"),
        (f"{BODY}x: !!python/object/apply:os.system ['true']", "DynamoDB has no python/object"),
        (f"{BODY}x: !odd 1", "DynamoDB cannot hold a !odd"),
        (f"{BODY}x: !!omap [a: 1]", "DynamoDB has no omap"),
        (f"{BODY}x: !!timestamp soon", "put it in quotes"),
        (f"{BODY}x: 2026-11-26", "put it in quotes"),
        (f"{BODY}x: !!int ''", "DynamoDB cannot hold ''"),
        (f"{BODY}x: !!int _", "DynamoDB cannot hold '_'"),
        (f"{BODY}x: !!bool maybe", "DynamoDB cannot hold 'maybe'"),
        (f"{BODY}x: !!binary '?'", "DynamoDB cannot hold '?'"),
        (f"{BODY}x: !!float abc", "DynamoDB cannot hold 'abc'"),
        (f"{BODY}x: .inf", "DynamoDB cannot hold '.inf'"),
        (f"{BODY}x: .nan", "DynamoDB cannot hold '.nan'"),
        (f"{BODY}x: 1.0E+126", "too large or too small"),
        (f"{BODY}x: 1.0E-131", "too large or too small"),
        (f"{BODY}x: {'1' * 39}", "more than 38 digits"),
        (f"{BODY}x: {'1' * 5000}", "DynamoDB cannot hold"),
        (f"{BODY}x: !!set {{}}", "a set must hold"),
        (f"{BODY}x: !!set {{1, a}}", "a set must hold"),
        (f"{BODY}x: !!set [a]", "DynamoDB has no set"),
        (f"{BODY}x: !!str [a]", "DynamoDB has no str"),
        (f"{BODY}? [a]\n: b", "the name of a field must be text"),
        (f"{BODY}x: 1\nx: 2", "the field x is there twice (f, line 3, column 1)"),
        (f"{BODY}x: {'[' * 40}{']' * 40}", "nested more than 32 levels deep"),
        (f'{BODY}x: "\\uD800"', "DynamoDB cannot hold"),
        (f"{BODY}'': 1", "a field has no name"),
        (f"{BODY}x: *nobody", "undefined alias"),
        ("a: b: c", "f is not YAML: mapping values are not allowed here (f, line 1"),
        ("%YAML 9.9\n--- a", "f is not YAML"),
        (f"{BODY}---\n{BODY}", "f is not YAML"),
        ("x\x00y", "f is not YAML"),
        ("just text", "item 1 of the file has no S3uri"),
        ("- 1\n- 2", "item 2 of the file has no S3uri"),
        ("S3uri: 7", "item 1 of the file has no S3uri"),
        (" ", "f is empty"),
        ("[]", "f holds no item"),
        ("# nothing", "f holds no item"),
        ("s3uri: x", "the field s3uri is not known: write S3uri"),
    ],
    ids=lambda text: text[-30:].strip(),
)
def test_a_bad_file_is_one_clear_error(text: str, told: str) -> None:
    with pytest.raises(InvalidRegistrationError) as caught:
        read_yaml(text, "f")
    assert any(told in detail for detail in caught.value.details), caught.value.details


def test_what_python_cannot_follow_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(yaml.SafeLoader, "get_single_node", endless)
    with pytest.raises(InvalidRegistrationError) as caught:
        read_yaml("a: 1", "f")
    assert caught.value.details == ["f is nested more deeply than anybody can read"]


@given(st.text(max_size=40))
def test_any_text_is_items_or_an_error(text: str) -> None:
    with contextlib.suppress(InvalidRegistrationError):
        assert read_yaml(text, "f")


def test_what_a_map_takes_over_gives_way_to_what_it_says() -> None:
    text = f"- &a\n  S3uri: {FOLDER}a/\n  usefor: x\n- <<: *a\n  S3uri: {FOLDER}b/\n"
    _, second = parse_yaml(text, "f")
    assert second == {"S3uri": {"S": f"{FOLDER}b/"}, "usefor": {"S": "x"}}
