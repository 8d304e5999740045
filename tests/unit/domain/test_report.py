"""Reports: which days a period has, what it is held against, and on which day an interval counts."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.domain.days import WeekStart, day_of
from pomo_daemon.domain.interval import Interval, Phase, Status
from pomo_daemon.domain.report import (
    By,
    Days,
    Period,
    Streak,
    Tally,
    before,
    current_streak,
    day_number,
    day_numbered,
    days_of,
    local_start,
    shift_of,
    streaks,
    tally_of,
    usual_rows,
)

TUESDAY: Final = date(2026, 11, 24)
MONDAY, SUNDAY = WeekStart.MONDAY, WeekStart.SUNDAY


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("period", "week_start", "first", "last"),
    [
        (Period.DAY, MONDAY, "2026-11-24", "2026-11-24"),
        (Period.WEEK, MONDAY, "2026-11-23", "2026-11-29"),
        (Period.WEEK, SUNDAY, "2026-11-22", "2026-11-28"),
        (Period.MONTH, MONDAY, "2026-11-01", "2026-11-30"),
        (Period.YEAR, MONDAY, "2026-01-01", "2026-12-31"),
    ],
)
def test_a_period_holds_its_day(period: Period, week_start: WeekStart, first: str, last: str) -> None:
    assert days_of(period, TUESDAY, week_start) == Days(day(first), day(last))


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)), st.sampled_from(Period), st.sampled_from(WeekStart))
def test_periods_follow_each_other_without_a_hole(one: date, period: Period, week_start: WeekStart) -> None:
    days = days_of(period, one, week_start)
    assert days.first <= one <= days.last
    following = days_of(period, days.last + timedelta(days=1), week_start)
    assert following.first == days.last + timedelta(days=1)
    assert before(following, period, following.last, week_start) == days


@pytest.mark.parametrize(
    ("days", "period", "first", "last"),
    [
        (("2026-11-23", "2026-11-29"), Period.WEEK, "2026-11-16", "2026-11-17"),
        (("2026-11-01", "2026-11-30"), Period.MONTH, "2026-10-01", "2026-10-24"),
        (("2026-11-16", "2026-11-22"), Period.WEEK, "2026-11-09", "2026-11-15"),
        (("2026-11-20", "2026-11-22"), None, "2026-11-17", "2026-11-19"),
        (("2026-11-24", "2026-11-24"), Period.DAY, "2026-11-23", "2026-11-23"),
    ],
)
def test_days_are_held_against_as_many_before(
    days: tuple[str, str], period: Period | None, first: str, last: str
) -> None:
    assert before(Days(*map(day, days)), period, TUESDAY, MONDAY) == Days(day(first), day(last))


def test_a_short_month_before_is_not_left() -> None:
    march = Days(day("2026-03-01"), day("2026-03-31"))
    assert before(march, Period.MONTH, day("2026-03-30"), MONDAY) == Days(day("2026-02-01"), day("2026-02-28"))


@pytest.mark.parametrize(
    ("period", "days", "by"),
    [
        (Period.DAY, ("2026-11-24", "2026-11-24"), By.HOUR),
        (None, ("2026-11-24", "2026-11-24"), By.HOUR),
        (Period.WEEK, ("2026-11-23", "2026-11-29"), By.DAY),
        (Period.YEAR, ("2026-01-01", "2026-12-31"), By.MONTH),
    ],
)
def test_rows_are_as_fine_as_can_be_taken_in(period: Period | None, days: tuple[str, str], by: By) -> None:
    assert usual_rows(period, Days(*map(day, days))) is by


def at(text: str, zone: str) -> Interval:
    """Make a focus that began when the clocks of a zone showed so, the second time if they did twice."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=1)
    start = local.astimezone(UTC)
    return Interval(phase=Phase.FOCUS, started_at=start, planned=None, zone=zone)


@pytest.mark.parametrize(
    ("text", "zone", "day_start", "expected"),
    [
        ("2026-11-24T03:59:59", "Asia/Tokyo", time(4), "2026-11-23"),
        ("2026-11-24T04:00", "Asia/Tokyo", time(4), "2026-11-24"),
        ("2026-10-25T02:30", "Europe/Berlin", time(4), "2026-10-24"),
        ("2026-10-25T00:10", "Europe/Berlin", time(0), "2026-10-25"),
        ("2026-03-29T03:10", "Europe/Berlin", time(2), "2026-03-29"),
        ("2026-11-24T04:29", "America/New_York", time(4, 30), "2026-11-23"),
    ],
)
def test_an_interval_counts_on_the_day_that_the_wall_showed(
    text: str, zone: str, day_start: time, expected: str
) -> None:
    assert day_numbered((local_start(at(text, zone)) - shift_of(day_start)) // 86400) == day(expected)


@given(
    st.integers(631_152_000, 2_208_988_800).map(lambda it: datetime.fromtimestamp(it, UTC)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.integers(0, 23),
)
def test_for_one_who_stays_these_are_the_days_of_the_status(moment: datetime, zone: str, hour: int) -> None:
    interval = Interval(phase=Phase.FOCUS, started_at=moment, planned=None, zone=zone)
    found = day_numbered((local_start(interval) - shift_of(time(hour))) // 86400)
    assert found == day_of(moment, ZoneInfo(zone), time(hour))
    assert day_number(found) == (local_start(interval) - hour * 3600) // 86400


@pytest.mark.parametrize(
    ("phase", "status", "expected"),
    [
        (Phase.FOCUS, Status.COMPLETED, Tally(focus_s=90, pomodoros=1)),
        (Phase.FOCUS, Status.STOPPED, Tally(focus_s=90, stopped=1)),
        (Phase.LONG_BREAK, Status.SKIPPED, Tally(break_s=90, breaks=1)),
        (Phase.FOCUS, Status.CANCELLED, Tally()),
    ],
)
def test_what_an_interval_comes_to(phase: Phase, status: Status, expected: Tally) -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    interval = Interval(phase=phase, started_at=start, planned=None).ended(status, start + timedelta(seconds=90.9))
    assert tally_of(interval, start) == expected


def test_a_streak_lives_as_long_as_today_can_still_save_it() -> None:
    runs = streaks([day("2026-11-19"), day("2026-11-20"), day("2026-11-22"), day("2026-11-23")])
    assert [len(it) for it in runs] == [2, 2]
    assert current_streak(runs, TUESDAY) == Streak(day("2026-11-22"), day("2026-11-23"))
    assert not len(current_streak(runs, day("2026-11-25")))
    assert not len(current_streak([], TUESDAY))
