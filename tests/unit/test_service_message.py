"""What a service said: both ends of it, and the id that AWS Support asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.loading import load_module

service_message = load_module("check_ingestion_status", "service_message")
language = load_module("check_ingestion_status", "language")

LONG = "".join(chr(ord("a") + n % 26) for n in range(420))


def line(said: object, tongue: str = "en", speaker: str = "quicksight", datasets: int = 1) -> str:
    return str(said.line(language.Voice(tongue), speaker, datasets))  # type: ignore[attr-defined]


def test_a_short_message_is_quoted_whole() -> None:
    found = service_message.said("Access Denied")

    assert line(found) == 'QuickSight\'s message: "Access Denied"'
    assert line(found, "ja") == "QuickSightのメッセージ: 「Access Denied」"
    assert line(found, speaker="step") == 'Message: "Access Denied"'
    assert line(found, datasets=3) == (
        'QuickSight\'s message (the same for all 3): "Access Denied"'
    )


def test_a_long_message_keeps_both_ends_and_shows_its_cut() -> None:
    found = service_message.said(LONG)

    assert line(found) == (
        f"QuickSight's message (420 characters): \"{LONG[:110]} …[140 characters left out]… "
        f'{LONG[-170:]}"'
    )
    assert "（全420字）" in line(found, "ja")
    assert " …［140字省略］… " in line(found, "ja")


def test_three_hundred_characters_are_not_long() -> None:
    assert "left out" not in line(service_message.said("x" * 300))
    assert "[21 characters left out]" in line(service_message.said("x" * 301))


def test_what_the_state_machine_cut_is_shown_the_same_way() -> None:
    kept = {"message": LONG[:110], "end": LONG[-170:], "length": 420}

    assert service_message.read_said(kept) == service_message.said(LONG)


@pytest.mark.parametrize("length", [None, "420", -1, 3])
def test_an_odd_length_is_at_least_that_of_what_is_there(length: object) -> None:
    found = service_message.read_said({"message": "ab", "end": "cd", "length": length})

    assert found.length == 4
    assert "[0 characters left out]" in line(found)


@pytest.mark.parametrize(
    "added",
    [
        " (Service: QuickSight, Status Code: 409, Request ID: 0-1) (SDK Attempt Count: 1)",
        " (Service: QuickSight, Status Code: 409, Request ID: 0-1)",
        " (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: 0-1;"
        " Proxy: null)",
    ],
)
def test_what_step_functions_adds_is_not_the_end_of_the_message(added: str) -> None:
    found = service_message.said(f"Limit (32) reached.{added}")

    assert (found.text, found.request_id) == ("Limit (32) reached.", "0-1")
    assert found.request_line(language.Voice("en")) == "Request id: 0-1"
    assert service_message.said(LONG + added).end == LONG[-170:]


@pytest.mark.parametrize(
    "text", ["", "(Service: x)", "a (Request ID: 0-1) b", "Service: a, Request ID: b"]
)
def test_any_other_text_is_the_message(text: str) -> None:
    found = service_message.said(text)

    assert (found.text, found.request_id) == (text, "")
    assert found.request_line(language.Voice("en")) == ""


@given(text=st.text(st.characters(), max_size=700))
@examples(50)
def test_any_message_is_one_line_of_both_ends(text: str) -> None:
    found = service_message.said(text)
    shown = line(found)

    assert len(shown.splitlines()) == 1
    assert len(found.start) + len(found.end) <= service_message.LIMIT
    assert found.length >= len(found.start) + len(found.end)
