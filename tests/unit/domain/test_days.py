"""Days as people live them: 23, 24, 24.5, 25 or even 0 hours long."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.domain.days import day_bounds, day_of, day_start_of

MIDNIGHT: Final = time(0)
#: Zones with changes at midnight, of half an hour, of a whole day, and of years ago.
ZONES: Final = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Antarctica/Troll",
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 1, 12), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Pacific/Apia", date(2011, 12, 31), 24),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: str, day: date, hours: float) -> None:
    start = day_start_of(day, ZoneInfo(zone), MIDNIGHT)
    end = day_start_of(day + timedelta(days=1), ZoneInfo(zone), MIDNIGHT)
    assert end - start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-01-11T22:59:59", date(2026, 1, 11)),
        ("2026-01-11T23:00:00", date(2026, 1, 12)),
        ("2026-07-11T22:00:00", date(2026, 7, 12)),
    ],
)
def test_a_day_begins_at_midnight_of_the_zone(instant: str, day: date) -> None:
    assert day_of(utc(instant), ZoneInfo("Europe/Berlin"), MIDNIGHT) == day


def test_the_day_that_apia_skipped_holds_nothing() -> None:
    apia = ZoneInfo("Pacific/Apia")
    change = utc("2011-12-30T10:00:00")
    assert day_of(change - timedelta(seconds=1), apia, MIDNIGHT) == date(2011, 12, 29)
    assert day_of(change, apia, MIDNIGHT) == date(2011, 12, 31)


def test_a_day_that_starts_at_four_holds_the_night_before() -> None:
    berlin, four = ZoneInfo("Europe/Berlin"), time(4)
    assert day_of(utc("2026-01-12T02:59:59"), berlin, four) == date(2026, 1, 11)
    assert day_of(utc("2026-01-12T03:00:00"), berlin, four) == date(2026, 1, 12)
    # The night of the change has the hour from 2 to 3 twice: the day before is the long one.
    assert day_bounds(utc("2026-10-25T02:30:00"), berlin, four) == (
        utc("2026-10-24T02:00:00"),
        utc("2026-10-25T03:00:00"),
    )


def test_a_day_whose_start_is_left_out_begins_after_the_gap() -> None:
    assert day_start_of(date(2026, 3, 29), ZoneInfo("Europe/Berlin"), time(2, 30)) == utc("2026-03-29T01:30:00")


INSTANTS = st.datetimes(datetime(1980, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
# Near a change of the clocks, where mistakes live.
CHANGES = st.builds(
    lambda change, seconds: utc(change) + timedelta(seconds=seconds),
    st.sampled_from(
        [
            "2026-03-29T01:00:00",
            "2026-10-25T01:00:00",
            "2026-04-04T15:00:00",
            "2011-12-30T10:00:00",
            "1993-08-21T12:00:00",
            "2018-02-18T02:00:00",
            "2018-11-04T03:00:00",
            "2026-03-08T05:00:00",
        ]
    ),
    st.integers(-90_000, 90_000),
)
STARTS = st.sampled_from([MIDNIGHT, time(4)]) | st.times().map(lambda it: it.replace(microsecond=0))


@pytest.mark.parametrize("name", ZONES)
@given(instant=INSTANTS | CHANGES, day_start=STARTS)
def test_every_instant_lies_within_its_day(name: str, instant: datetime, day_start: time) -> None:
    zone = ZoneInfo(name)
    day = day_of(instant, zone, day_start)
    start, end = day_bounds(instant, zone, day_start)
    assert start <= instant < end
    assert start == day_start_of(day, zone, day_start)
    assert end == day_start_of(day + timedelta(days=1), zone, day_start)
