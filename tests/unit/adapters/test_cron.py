"""When cron's expressions are due, on clocks that change too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pomo_daemon.adapters.cron import CronTab
from pomo_daemon.domain.errors import Invalid
from tests.fakes.clock import NOON

CRON = CronTab()


def times(expression: str, begin: str, count: int, zone: str = "Europe/Berlin") -> list[str]:
    """Answer so many times after another, as the clock there shows them."""
    at = datetime.fromisoformat(begin).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = []
    for _ in range(count):
        following = CRON.after(expression, zone, at)
        assert following is not None
        assert following > at
        at = following
        found.append(at.astimezone(ZoneInfo(zone)).strftime("%a %m-%d %H:%M%z"))
    return found


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("0 9 * * *", ["Tue 01-13 09:00+0100", "Wed 01-14 09:00+0100"]),
        ("*/20 12 * * *", ["Mon 01-12 12:20+0100", "Mon 01-12 12:40+0100", "Tue 01-13 12:00+0100"]),
        # Sunday is 0 and 7, Monday is 1.
        ("0 9 * * 1", ["Mon 01-19 09:00+0100"]),
        ("0 9 * * 0", ["Sun 01-18 09:00+0100"]),
        ("0 9 * * 7", ["Sun 01-18 09:00+0100"]),
        ("0 9 * * 5-7", ["Fri 01-16 09:00+0100", "Sat 01-17 09:00+0100", "Sun 01-18 09:00+0100"]),
        ("0 9 * * mon-fri", ["Tue 01-13 09:00+0100"]),
        ("0 9 * * */3", ["Wed 01-14 09:00+0100", "Sat 01-17 09:00+0100", "Sun 01-18 09:00+0100"]),
        # Either day will do.
        ("0 9 13 * fri", ["Tue 01-13 09:00+0100", "Fri 01-16 09:00+0100", "Fri 01-23 09:00+0100"]),
        ("0 0 29 feb *", ["Tue 02-29 00:00+0100"]),
        ("5,10 8-10/2 1 jan,mar *", ["Sun 03-01 08:05+0100", "Sun 03-01 08:10+0100", "Sun 03-01 10:05+0100"]),
    ],
)
def test_an_expression_is_due_when_cron_says_so(expression: str, shown: list[str]) -> None:
    assert times(expression, "2026-01-12 12:00", len(shown)) == shown


@pytest.mark.parametrize(
    ("expression", "begin", "shown"),
    [
        # Left out in spring: as soon as the clock has moved on, and only that day.
        ("30 2 * * *", "2026-03-28 12:00", ["Sun 03-29 03:30+0200", "Mon 03-30 02:30+0200"]),
        # Twice in autumn: the first counts.
        ("30 2 * * *", "2026-10-24 12:00", ["Sun 10-25 02:30+0200", "Mon 10-26 02:30+0100"]),
        ("30 2 * * *", "2026-10-25 02:40", ["Mon 10-26 02:30+0100"]),
        # Every hour is every hour.
        ("0 * * * *", "2026-03-29 00:30", ["Sun 03-29 01:00+0100", "Sun 03-29 03:00+0200"]),
        (
            "0 * * * *",
            "2026-10-25 00:30",
            ["Sun 10-25 01:00+0200", "Sun 10-25 02:00+0200", "Sun 10-25 02:00+0100", "Sun 10-25 03:00+0100"],
        ),
        # Nine in the morning is nine in the morning.
        ("0 9 * * *", "2026-03-27 12:00", ["Sat 03-28 09:00+0100", "Sun 03-29 09:00+0200"]),
    ],
)
def test_a_change_of_the_clocks_neither_loses_nor_doubles_a_time(expression: str, begin: str, shown: list[str]) -> None:
    assert times(expression, begin, len(shown)) == shown


def test_a_day_that_was_left_out_does_not_stop_the_calendar() -> None:
    shown = times("0 9 * * *", "2011-12-28 12:00", 3, "Pacific/Apia")
    assert shown == ["Thu 12-29 09:00-1000", "Sat 12-31 09:00+1400", "Sun 01-01 09:00+1400"]


def test_a_week_of_minutes_around_a_change_has_as_many_as_there_were() -> None:
    begin = datetime(2026, 10, 24, 22, tzinfo=UTC)
    at, count = begin, 0
    while at < begin + timedelta(hours=6):
        following = CRON.after("* * * * *", "Europe/Berlin", at)
        assert following == at + timedelta(minutes=1)
        at, count = following, count + 1
    assert count == 360


@pytest.mark.parametrize(
    ("written", "plain"),
    [("@daily", "0 0 * * *"), (" 0  9 * * MON ", "0 9 * * mon"), ("@Hourly", "0 * * * *")],
)
def test_an_expression_is_kept_in_plain_form(written: str, plain: str) -> None:
    assert CRON.check(written, "UTC", NOON) == plain


@pytest.mark.parametrize(
    "written",
    [
        "",
        "9",
        "0 9 * *",
        "0 9 * * * *",
        "@reboot",
        "60 * * * *",
        "* 24 * * *",
        "0 9 32 * *",
        "0 9 * 13 *",
        "0 9 * * 8",
        "0 9 * * 5-2",
        "x * * * *",
        "0 9 30 2 *",
        "*/0 * * * *",
        "0 9 * * */0",
        "1,,2 * * * *",
        "-1 * * * *",
        "0 9 0 * *",
        "0 9 last * *",
        "٣ * * * *",
        "0 9 * jan5 *",
        "0 9 * * fry",
        "*/99 * * * *",
        "1" * 5000 + " * * * *",
    ],
)
def test_what_is_no_expression_is_refused_in_one_line(written: str) -> None:
    with pytest.raises(Invalid, match=r"^cron: [^\n]*\.$") as caught:
        CRON.check(written, "UTC", NOON)
    assert len(caught.value.message) < 200
