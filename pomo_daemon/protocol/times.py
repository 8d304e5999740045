"""The grammar of durations and instants, as people type them. Pure: `now` and the zone are arguments.

- duration: an optional sign, then minutes (`25`) or parts (`90s`, `25m`, `1h30m`), each unit once, larger ones first;
- instant: `now`, `DURATION ago`, a day, a clock time with or without a day before it, or ISO 8601;
- day: `today`, `yesterday`, `tomorrow` or `YYYY-MM-DD`; clock time: `H:MM` or `H:MM:SS`.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

DURATION_FORMS: Final = "25m, 1h30m, 90s or 25 (minutes)"
INSTANT_FORMS: Final = "14:00, yesterday 14:00, 2026-11-24 09:00, 10m ago or ISO 8601"
MAX_DURATION: Final = timedelta(days=366)

_DURATION: Final = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<minutes>\d{1,6})"
    r"|(?=\d)(?:(?P<d>\d{1,6})d)?\s*(?:(?P<h>\d{1,6})h)?\s*(?:(?P<m>\d{1,6})m(?:in)?)?\s*(?:(?P<s>\d{1,8})s)?)",
    re.ASCII | re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}))?", re.ASCII)
_DAYS: Final = {"today": 0, "yesterday": -1, "tomorrow": 1}


def parse_duration(text: str) -> timedelta:
    """Read a duration; a bare number is minutes, a sign is allowed. Raises ValueError with the accepted forms."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a duration: use {DURATION_FORMS}")
    part = {name: int(digits or 0) for name, digits in found.groupdict().items() if name != "sign"}
    span = timedelta(days=part["d"], hours=part["h"], minutes=part["m"] + part["minutes"], seconds=part["s"])
    if span > MAX_DURATION:
        raise ValueError(f"{text!r} is too long: at most {MAX_DURATION.days} days")
    return -span if found["sign"] == "-" else span


def parse_clock(text: str) -> time:
    """Read a time of day, `9:00` or `09:00:30`. Raises ValueError with the accepted forms."""
    found = _CLOCK.fullmatch(text.strip())
    try:
        if found is not None:
            return time(int(found["h"]), int(found["m"]), int(found["s"] or 0))
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a time of day: use 9:00 or 14:30")


def parse_instant(text: str, *, now: datetime, zone: tzinfo, day_start: time = time(0), past: bool = False) -> datetime:
    """Read an instant and answer it in UTC.

    `now` is aware; local forms are meant in `zone`. A bare clock time is today's; with `past` (for what has
    happened) it is the latest one that is not in the future. A bare day is its start, by `day_start`. A local time
    that a change of the clocks leaves out moves forward by the gap; one that happens twice is the first.
    Raises ValueError with the accepted forms.
    """
    words = text.strip().lower()
    try:
        found = _relative(words, now) or _local(words, now, zone, day_start, past=past) or _iso(text.strip(), zone)
        if found is not None:
            return found.astimezone(UTC)
    except OverflowError:
        pass
    raise ValueError(f"{text!r} is not a time: use {INSTANT_FORMS}")


def _relative(words: str, now: datetime) -> datetime | None:
    if words == "now":
        return now
    if not words.endswith(" ago"):
        return None
    span = parse_duration(words.removesuffix(" ago"))
    return now - span if span >= timedelta(0) else None


def _local(words: str, now: datetime, zone: tzinfo, day_start: time, *, past: bool) -> datetime | None:
    day_word, _, clock_word = words.rpartition(" ") if ":" in words else (words, "", "")
    if not words or ("t" in day_word and day_word not in _DAYS):
        return None
    local = now.astimezone(zone).replace(tzinfo=None)
    # A day by name is one of the user's days: at 01:30 "today" began yesterday, if days begin at 04:00.
    shift = timedelta(hours=day_start.hour, minutes=day_start.minute, seconds=day_start.second)
    day = _day(day_word.strip(), (local - shift).date()) if day_word else local.date()
    if day is None or (clock_word and _CLOCK.fullmatch(clock_word) is None):
        return None
    clock = parse_clock(clock_word) if clock_word else day_start
    if day_word in _DAYS and clock < day_start:
        day += timedelta(days=1)
    found = datetime.combine(day, clock, zone)
    if past and not day_word and found > now:
        found = datetime.combine(day - timedelta(days=1), clock, zone)
    return found


def _day(word: str, today: date) -> date | None:
    if word in _DAYS:
        return today + timedelta(days=_DAYS[word])
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word, re.ASCII) is None:
        return None
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _iso(text: str, zone: tzinfo) -> datetime | None:
    if "-" not in text or "T" not in text.upper():
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)
