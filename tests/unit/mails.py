"""Mails of payloads, and the parts of them, for the tests of the modules that write them."""

from typing import Any

from tests.loading import load_module
from tests.unit.payloads import PROJECT, REGION, payload

_mail = load_module("check_ingestion_status", "mail")
_run = load_module("check_ingestion_status", "run")
_verdict = load_module("check_ingestion_status", "verdict")

LABELS = {
    "ja": ("【注意】", "【結果】", "【ダッシュボード】", "【まず】"),
    "en": ("CAUTION: ", "RESULT: ", "DASHBOARDS: ", "FIRST: "),
}
CAUTION, RESULT, DASHBOARDS, FIRST = range(4)


def read_run(event: Any, region: str = REGION) -> Any:
    """Return the facts of the run that a payload tells of."""
    return _run.read_run(event, project=PROJECT, region=region)


def judged(event: Any) -> Any:
    """Return the verdict on a payload."""
    return _verdict.judge(event, read_run(event))


def compose(language: str, results: Any = (), **changes: Any) -> Any:
    """Return the mail about a payload that is changed in one or the other field."""
    event = payload(results, **changes)
    return _mail.compose(judged(event), read_run(event), language)


def lines(language: str, results: Any = (), **changes: Any) -> list[str]:
    """Return the lines of its body."""
    return str(compose(language, results, **changes).body).splitlines()


def labelled(label: int, language: str, results: Any = (), **changes: Any) -> str:
    """Return what stands behind one of LABELS; an empty text if the mail has no such line."""
    start = LABELS[language][label]
    found = [line for line in lines(language, results, **changes) if line.startswith(start)]
    assert len(found) <= 1
    return found[0].removeprefix(start) if found else ""


def blocks(language: str, results: Any = (), **changes: Any) -> list[list[str]]:
    """Return the lines of its body, in blocks between blank lines."""
    body = str(compose(language, results, **changes).body).rstrip("\n")
    return [block.split("\n") for block in body.split("\n\n")]


def block_of(start: str, language: str, results: Any = (), **changes: Any) -> list[str]:
    """Return the lines from the first that starts so to the end of its block."""
    return next(
        block[place:]
        for block in blocks(language, results, **changes)
        for place, line in enumerate(block)
        if line.startswith(start)
    )
