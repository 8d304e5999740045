"""Days as the command counts them: those of the daemon, whatever the clocks do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_cli.zone import Days
from pomo_daemon.domain.days import day_bounds, day_of

#: Zones, and an instant near which their clocks change.
CHANGES = [
    ("Europe/Berlin", datetime(2025, 3, 30, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2025, 10, 26, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2025, 4, 5, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2025, 10, 4, 15, 30, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ("UTC", datetime(2025, 3, 30, 1, tzinfo=UTC)),
]


@given(
    st.sampled_from(CHANGES),
    st.integers(-60 * 36, 60 * 36).map(lambda it: timedelta(minutes=it)),
    st.times().map(lambda it: it.replace(second=0, microsecond=0))
    | st.sampled_from([time(2, 30), time(1, 45), time(0)]),
)
def test_days_are_those_of_the_daemon(change: tuple[str, datetime], offset: timedelta, start: time) -> None:
    zone, moment = ZoneInfo(change[0]), change[1] + offset
    days = Days(zone, start)
    assert days.day_of(moment).date() == day_of(moment, zone, start)
    bounds = days.begin(moment).astimezone(UTC), days.end(moment).astimezone(UTC)
    assert bounds == day_bounds(moment, zone, start)


@given(
    st.sampled_from(CHANGES),
    st.integers(-60 * 36, 60 * 36).map(lambda it: timedelta(minutes=it)),
    st.times().map(lambda it: it.replace(second=0, microsecond=0)),
)
def test_the_next_and_the_last_time_that_the_clock_shows(
    change: tuple[str, datetime], offset: timedelta, clock: time
) -> None:
    days, moment = Days(ZoneInfo(change[0]), time(0)), change[1] + offset
    for found, step in ((days.next(clock, moment), 1), (days.last(clock, moment), -1)):
        # Minute by minute, as one who looks at the clock; a time that it never shows is not waited for.
        first = 1 if step > 0 else 0
        waited = (moment + step * timedelta(minutes=it) for it in range(first, 24 * 60 + 61))
        seen = next(it for it in waited if it.astimezone(days.zone).time() == clock or it == found)
        assert seen == found


@pytest.mark.parametrize(("minute", "day"), [(29, 25), (30, 26), (59, 26), (60, 26), (89, 26), (90, 26)])
def test_a_start_that_the_clock_shows_twice_is_the_first(minute: int, day: int) -> None:
    """In Berlin the clock shows 02:30 at half past midnight, UTC, and an hour later again."""
    days = Days(ZoneInfo("Europe/Berlin"), time(2, 30))
    assert days.day_of(datetime(2025, 10, 26, tzinfo=UTC) + timedelta(minutes=minute)).day == day
