"""What a chat shows of a run: legal for any name, and no name becomes a mention or a link."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.announcements import problems_of
from tests.examples import examples
from tests.loading import load_module
from tests.unit.mails import compose, judged, read_run
from tests.unit.payloads import EXECUTION, dataset, failed_row, item, payload, row

_notification = load_module("check_ingestion_status", "notification")


def shown(language: str, results: Any = (), **changes: Any) -> dict[str, Any]:
    event = payload(results, **changes)
    found: dict[str, Any] = _notification.notification(judged(event), read_run(event), language)
    assert (found["version"], found["source"]) == ("1.0", "custom")
    content: dict[str, Any] = found["content"]
    assert content["textType"] == "client-markdown"
    return content


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    ("result", "lines"),
    [
        (row(), 1),
        (failed_row("SQL_EXCEPTION", "no such table"), 3),
        (row(rows=0, totalRows=0), 4),
    ],
)
def test_says_what_the_mail_says_first(language: str, result: dict[str, Any], lines: int) -> None:
    content, mail = shown(language, [result]), compose(language, [result])
    assert content["title"] == f"{mail.subject} - tokyo_covid19"
    *answers, link = content["description"].split("\n\n")
    assert link.endswith(EXECUTION)
    assert len(answers) == lines
    assert lines == 1 or "\n\n".join(answers) in mail.body


def test_a_folder_whose_name_could_mislead_is_left_out_of_the_title() -> None:
    title = shown("en", [row()], folder="s3://b/a](http:x) b/")["title"]
    assert title == compose("en", [row()]).subject


@pytest.mark.parametrize(
    "name", ["<!channel>", "<https://evil.example|here>", "[here](https://evil.example)"]
)
def test_no_name_becomes_a_mention_or_a_link(name: str) -> None:
    results = [failed_row("SQL_EXCEPTION"), row("id-b", "CANCELLED")]
    entries = item(dataset(name=name[:30]), dataset("id-b", "b"))
    content = shown("en", results, item=entries, event={"kind": "Object Created", "key": name})
    assert name[2:6] in content["description"]
    assert not re.search(r"[<>]|\]\(", content["title"] + content["description"])


ANY = st.text(st.sampled_from('a"\\\n\r\t\x00\x7f\u2028\ud800\udfff\U0001f600<>]( ')) | st.text()


@given(name=ANY, message=ANY, folder=ANY, key=ANY, language=st.sampled_from(["ja", "en"]))
@examples(100)
def test_is_legal_within_its_limits_for_any_text(
    name: str, message: str, folder: str, key: str, language: str
) -> None:
    event = payload(
        [failed_row("SQL_EXCEPTION", message), row("id-b", "CANCELLED")],
        item=item(dataset(name=name), dataset("id-b", name * 40)),
        folder=folder,
        event={"kind": "Object Created", "key": key * 40},
    )
    found = _notification.notification(judged(event), read_run(event), language)
    assert json.loads(json.dumps(found, ensure_ascii=False).encode()) == found
    content = found["content"]
    assert 0 < len(content["title"]) <= 250
    assert 0 < len(content["description"]) <= 2000
    assert not re.search(r"[<>]|\]\(", content["title"] + content["description"])
    assert problems_of("QuickSight Refresh Ended", "detail.notification", found) == []
