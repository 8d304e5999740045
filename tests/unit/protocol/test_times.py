"""Durations and instants as people type them."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.protocol.text import length
from pomo_daemon.protocol.times import (
    DURATION_FORMS,
    INSTANT_FORMS,
    MAX_DURATION,
    parse_clock,
    parse_duration,
    parse_instant,
)

BERLIN: Final = ZoneInfo("Europe/Berlin")
#: A Tuesday, 15:30 in Berlin.
NOW: Final = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


def instant(text: str, now: datetime = NOW, **options: Any) -> datetime:
    return parse_instant(text, now=now, zone=BERLIN, **options)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("25", 1500),
        ("0", 0),
        ("25m", 1500),
        ("25min", 1500),
        ("90s", 90),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("1h05m03s", 3903),
        ("2d", 172_800),
        ("1D2H3M4S", 93_784),
        ("-5m", -300),
        ("+5m", 300),
        ("-5", -300),
        ("  25m ", 1500),
        ("366d", 366 * 86_400),
    ],
)
def test_a_duration_is_minutes_or_parts(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "m",
        "-",
        "h30",
        "30m1h",
        "5m5m",
        "1.5h",
        "1h30",
        "25 minutes",
        "\u0662\u0665",
        "1e3",
        "--5m",
        "5m ago",
        "0x10",
    ],
)
def test_another_duration_is_refused_with_the_forms_that_are_not(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration") as caught:
        parse_duration(text)
    assert DURATION_FORMS in str(caught.value)


@pytest.mark.parametrize("text", ["367d", "999999h", "99999999s"])
def test_a_duration_has_an_end(text: str) -> None:
    with pytest.raises(ValueError, match="too long: at most 366 days"):
        parse_duration(text)


@pytest.mark.parametrize(("text", "clock"), [("9:00", time(9)), ("09:00:30", time(9, 0, 30)), ("23:59", time(23, 59))])
def test_a_clock_time_has_two_parts_or_three(text: str, clock: time) -> None:
    assert parse_clock(text) == clock


@pytest.mark.parametrize("text", ["", "9", "24:00", "12:60", "12:5", "9:00pm", "-1:00", "\u0661\u0662:\u0660\u0660"])
def test_another_clock_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="use 9:00 or 14:30"):
        parse_clock(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2026-11-24T14:30"),
        ("10m ago", "2026-11-24T14:20"),
        ("1h30m ago", "2026-11-24T13:00"),
        ("14:00", "2026-11-24T13:00"),
        ("today 9:00", "2026-11-24T08:00"),
        ("Yesterday 14:00:30", "2026-11-23T13:00:30"),
        ("tomorrow 0:00", "2026-11-24T23:00"),
        ("2026-07-01 09:00", "2026-07-01T07:00"),
        ("today", "2026-11-23T23:00"),
        ("yesterday", "2026-11-22T23:00"),
        ("2026-07-01", "2026-06-30T22:00"),
        ("2026-07-01T09:00", "2026-07-01T07:00"),
        ("2026-07-01T09:00Z", "2026-07-01T09:00"),
        ("2026-07-01t09:00:00.5+05:30", "2026-07-01T03:30:00.500"),
    ],
)
def test_an_instant_is_meant_in_the_zone_of_the_reader(text: str, meant: str) -> None:
    assert instant(text) == utc(meant)
    assert instant(text).tzinfo is UTC


def test_a_clock_time_of_something_past_is_the_latest() -> None:
    assert instant("15:29", past=True) == utc("2026-11-24T14:29")
    assert instant("15:31", past=True) == utc("2026-11-23T14:31")
    assert instant("15:31") == utc("2026-11-24T14:31")
    # Whoever names the day means it.
    assert instant("today 15:31", past=True) == utc("2026-11-24T14:31")


def test_a_day_begins_when_it_is_said_to() -> None:
    assert instant("today", day_start=time(4)) == utc("2026-11-24T03:00")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        # Left out by the change to summer time: forward by the gap.
        ("2026-03-29 02:30", "2026-03-29T01:30"),
        # Twice at its end: the first.
        ("2026-10-25 02:30", "2026-10-25T00:30"),
    ],
)
def test_times_around_a_change_of_the_clocks_have_one_meaning(text: str, meant: str) -> None:
    assert instant(text) == utc(meant)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noon",
        "-5m ago",
        "ago",
        "2026-02-30",
        "2026-13-01 10:00",
        "yesterday yesterday",
        "0001-01-01",
        "2026-11-24 9",
        "20261124T090000",
        "2026-11-24T25:00",
        "1764000000",
        "next friday",
    ],
)
def test_another_instant_is_refused_with_the_forms_that_are_not(text: str) -> None:
    with pytest.raises(ValueError, match="is not a") as caught:
        instant(text)
    assert INSTANT_FORMS in str(caught.value) or DURATION_FORMS in str(caught.value)


# Text that is nearly right finds more than text of any kind.
NEARLY: Final = st.text(st.sampled_from("0123456789:-+.TtZz dhmsin agoytedrw\u0660²"), max_size=30)
ISO: Final = st.datetimes().map(str) | st.datetimes(timezones=st.timezones()).map(lambda it: it.isoformat())


@pytest.mark.parametrize("parse", [parse_duration, parse_clock, instant])
@given(text=NEARLY | ISO | st.text(max_size=30))
def test_no_text_raises_anything_else(parse: Callable[[str], object], text: str) -> None:
    try:
        parse(text)
    except ValueError as error:
        assert repr(text) in str(error) or "ago" in text.lower()  # noqa: PT017  # either outcome is right


@given(st.integers(0, int(MAX_DURATION.total_seconds())))
def test_a_length_as_it_is_shown_can_be_typed(seconds: int) -> None:
    assert parse_duration(length(seconds)) == timedelta(seconds=seconds)
    assert parse_duration(f"-{length(seconds)}") == -timedelta(seconds=seconds)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_as_json_has_it_can_be_typed(moment: datetime) -> None:
    assert instant(moment.isoformat()) == moment
    assert instant(moment.astimezone(BERLIN).isoformat()) == moment


@given(st.times())
def test_a_clock_time_as_it_is_shown_can_be_typed(clock: time) -> None:
    assert parse_clock(f"{clock:%H:%M:%S}") == clock.replace(microsecond=0)
