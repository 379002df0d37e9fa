"""A folder's state in one word: what needs somebody is never hidden behind how a run ended."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qsrefresh.folder_record import LastRefresh, Lead
from qsrefresh.freshness import hours_allowed, is_stale
from qsrefresh.standing import Standing, cures, standing_of

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
GOOD = LastRefresh(NOW, NOW, "SUCCESS", "arn:…:execution:good")
BAD = LastRefresh(NOW, NOW, "ERROR", "arn:…:execution:bad")
WAITING = Lead(arrivals=2, covered=1)


@pytest.mark.parametrize(
    ("lead", "last", "facts", "word"),
    [
        (Lead(), GOOD, {}, "GOOD"),
        (Lead(), BAD, {}, "ERROR"),
        (Lead(), LastRefresh(), {}, "NEVER"),
        (Lead(), LastRefresh(started=NOW), {}, "UNKNOWN"),
        (Lead(), GOOD, {"stale": True}, "STALE"),
        (Lead(), BAD, {"stale": True}, "ERROR"),
        (WAITING, GOOD, {}, "STRANDED"),
        (Lead(arrivals=None), GOOD, {}, "STRANDED"),
        (WAITING, GOOD, {"died": True}, "DIED"),
        (WAITING, BAD, {"running": True}, "RUNNING"),
        (WAITING, BAD, {"ignored": True, "running": True}, "IGNORED"),
        (WAITING, BAD, {"registered": False, "died": True}, "UNREGISTERED"),
        (Lead(), BAD, {"registered": False, "running": True}, "RUNNING"),
    ],
)
def test_the_word(lead: Lead, last: LastRefresh, facts: dict[str, bool], word: str) -> None:
    assert standing_of(lead, last, **facts).value == word


def test_only_a_run_that_is_one_is_explained() -> None:
    run = ["qsrefresh run s3://b/x/ --wait"]
    assert cures(Standing.DIED, "s3://b/x/", "a:execution:b") == [
        "qsrefresh explain a:execution:b",
        *run,
    ]
    assert cures(Standing.DIED, "s3://b/x/", "garbage") == run
    assert cures(Standing.STRANDED, "s3://b/a b\u200b/", None) == [
        "qsrefresh run 's3://b/a b[U+200B]/' --wait"
    ]
    for standing in (Standing.GOOD, Standing.RUNNING, Standing.IGNORED):
        assert cures(standing, "s3://b/x/", "a:execution:b") == []


@pytest.mark.parametrize(
    ("own", "of_stack", "hours"),
    [
        (None, "0", 0),
        (None, "26", 26),
        (None, "?", 0),
        ({"N": "5"}, "26", 5),
        ({"N": "0"}, "26", 0),
        ({"N": "8760"}, "0", 8760),
        ({"N": "8761"}, "26", 26),
        ({"N": "2.5"}, "26", 26),
        ({"N": "-1"}, "26", 26),
        ({"S": "5"}, "26", 26),
    ],
    ids=str,
)
def test_a_folders_own_hours_go_before_those_of_the_stack(
    own: Any, of_stack: str, hours: int
) -> None:
    item = {} if own is None else {"freshwithin": own}
    assert hours_allowed(item, of_stack) == hours


def test_the_later_of_success_and_begin_of_the_watch_counts() -> None:
    def ago(hours: float) -> datetime:
        return NOW - timedelta(hours=hours)

    assert is_stale(Lead(last_succeeded=ago(5.1)), 5, NOW)
    assert not is_stale(Lead(last_succeeded=ago(5)), 5, NOW)
    assert not is_stale(Lead(last_succeeded=ago(50), watched_since=ago(1)), 5, NOW)
    assert is_stale(Lead(watched_since=ago(6)), 5, NOW)
    assert not is_stale(Lead(), 5, NOW)
    assert not is_stale(Lead(last_succeeded=ago(500)), 0, NOW)
