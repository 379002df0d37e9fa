"""Say numbers, durations and times as people write them in each language."""

from datetime import UTC, datetime, timedelta, timezone

from language import Phrase, Voice

_ZONES = {"ja": (timezone(timedelta(hours=9)), "JST"), "en": (UTC, "UTC")}
_HOURS = Phrase(ja="{n}時間", en="{n} h ")
_MINUTES = Phrase(ja="{n}分", en="{n} min ")
_SECONDS = Phrase(ja="{n}秒", en="{n} s")


def number(value: int) -> str:
    """Return a number with its thousands apart: 31,183."""
    return f"{value:,}"


def duration(voice: Voice, seconds: int) -> str:
    """Return a number of seconds as 1分48秒, or 1 min 48 s."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    said = voice.say(_HOURS, n=hours) if hours else ""
    said += voice.say(_MINUTES, n=minutes) if minutes else ""
    said += voice.say(_SECONDS, n=seconds) if seconds or not said else ""
    return said.strip()


def share(part: int, whole: int) -> str:
    """Return how much of the whole a part is; what is not all of it is never 100%."""
    if part == whole:
        return "100%"
    percent = 100 * part / whole
    return f"{min(percent, 99.99):.2f}%" if percent >= 0.01 else "<0.01%"


def moment(voice: Voice, when: datetime, *, day_of: datetime | None = None) -> str:
    """Return a time in the reader's zone, which is written; of the day of `day_of` without date."""
    zone, zone_name = _ZONES[voice.language]
    here = when.astimezone(zone)
    same_day = day_of is not None and here.date() == day_of.astimezone(zone).date()
    return f"{here.strftime('%H:%M' if same_day else '%Y-%m-%d %H:%M')} {zone_name}"
