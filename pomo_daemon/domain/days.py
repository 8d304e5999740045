"""Days of a person: from one `day_start` to the next on the clock of their zone, so 23, 24, 25 or even 0 hours long."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum


class WeekStart(StrEnum):
    """On which day a week begins."""

    MONDAY = "monday"
    SUNDAY = "sunday"


def day_start_of(day: date, zone: tzinfo, day_start: time) -> datetime:
    """Answer the instant (UTC) at which `day` begins: where the clocks leave that time out, after the gap."""
    return datetime.combine(day, day_start, zone).astimezone(UTC)


def day_of(instant: datetime, zone: tzinfo, day_start: time) -> date:
    """Answer the day to which an instant belongs."""
    shift = timedelta(hours=day_start.hour, minutes=day_start.minute, seconds=day_start.second)
    day = (instant.astimezone(zone).replace(tzinfo=None) - shift).date()
    # Where the clocks changed between the day's start and the instant, the guess is off by one at most.
    if instant < day_start_of(day, zone, day_start):
        return day - timedelta(days=1)
    if instant >= day_start_of(day + timedelta(days=1), zone, day_start):
        return day + timedelta(days=1)
    return day


def day_bounds(instant: datetime, zone: tzinfo, day_start: time) -> tuple[datetime, datetime]:
    """Answer begin and end (UTC, half open) of the day that holds `instant`."""
    day = day_of(instant, zone, day_start)
    return day_start_of(day, zone, day_start), day_start_of(day + timedelta(days=1), zone, day_start)
