"""Numbers, durations and times as people write them."""

from datetime import UTC, datetime

import pytest

from tests.loading import load_module

amounts = load_module("check_ingestion_status", "amounts")
JA, EN = map(load_module("check_ingestion_status", "language").Voice, ("ja", "en"))


@pytest.mark.parametrize(
    ("seconds", "ja", "en"),
    [
        (0, "0秒", "0 s"),
        (59, "59秒", "59 s"),
        (60, "1分", "1 min"),
        (108, "1分48秒", "1 min 48 s"),
        (3600, "1時間", "1 h"),
        (3723, "1時間2分3秒", "1 h 2 min 3 s"),
        (90000, "25時間", "25 h"),
    ],
)
def test_durations(seconds: int, ja: str, en: str) -> None:
    assert amounts.duration(JA, seconds) == ja
    assert amounts.duration(EN, seconds) == en


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (3, 31218, "<0.01%"),
        (4, 31218, "0.01%"),
        (1, 2, "50.00%"),
        (99999, 100000, "99.99%"),
        (5, 5, "100%"),
        (0, 0, "100%"),
    ],
)
def test_what_is_not_all_is_never_a_hundred_percent(part: int, whole: int, shown: str) -> None:
    assert amounts.share(part, whole) == shown


def test_numbers_have_their_thousands_apart() -> None:
    assert amounts.number(31183) == "31,183"


def test_times_are_in_the_readers_zone_which_is_written() -> None:
    evening = datetime(2026, 11, 26, 14, 59, tzinfo=UTC)
    later = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)

    assert amounts.moment(EN, evening) == "2026-11-26 14:59 UTC"
    assert amounts.moment(JA, evening) == "2026-11-26 23:59 JST"
    assert amounts.moment(EN, evening, day_of=later) == "14:59 UTC"
    assert amounts.moment(JA, evening, day_of=later) == "2026-11-26 23:59 JST"
    assert amounts.moment(JA, later, day_of=later) == "00:00 JST"
