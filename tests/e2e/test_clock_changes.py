"""Days on which the clocks change: what was done is summed up by the time that passed, on the day where it began."""

from typing import NamedTuple

import pytest

from pomo_daemon.protocol.text import length
from tests.e2e.user import User


class Change(NamedTuple):
    """A change of the clocks: what is recorded around it, and the days that `log` then shows."""

    zone: str
    day_start: str
    recorded: tuple[tuple[str, str], ...]
    shown: dict[str, str]


CHANGES = {
    # 23 hours: from 01:30 to 03:30 is one.
    "Berlin, forward": Change(
        "Europe/Berlin",
        "00:00",
        (
            ("2025-03-29 23:50", "00:05"),
            ("2025-03-30 01:30", "03:30"),
            ("2025-03-30 23:50", "00:15"),
            ("2025-03-31 00:20", "00:40"),
        ),
        {
            "Sat 2025-03-29": "1 pomodoro, 15m focus",
            "Sun 2025-03-30": "2 pomodoros, 1h25m focus",
            "Mon 2025-03-31": "1 pomodoro, 20m focus",
        },
    ),
    # 25 hours: from 01:30 to 03:30 is three.
    "Berlin, back": Change(
        "Europe/Berlin",
        "00:00",
        (("2025-10-25 23:50", "00:05"), ("2025-10-26 01:30", "2025-10-26 03:30"), ("2025-10-26 23:50", "00:15")),
        {"Sat 2025-10-25": "1 pomodoro, 15m focus", "Sun 2025-10-26": "2 pomodoros, 3h25m focus"},
    ),
    # The day's start is left out: it begins at 03:30.
    "Berlin, a start that is not there": Change(
        "Europe/Berlin",
        "02:30",
        (("2025-03-30 01:30", "01:50"), ("2025-03-30 03:10", "03:25"), ("2025-03-30 03:30", "03:40")),
        {"Sat 2025-03-29": "2 pomodoros, 35m focus", "Sun 2025-03-30": "1 pomodoro, 10m focus"},
    ),
    # The day's start comes twice: the first counts, and the clock is behind it again for half an hour.
    "Berlin, a start that comes twice": Change(
        "Europe/Berlin",
        "02:30",
        (
            ("2025-10-26T02:10:00+02:00", "2025-10-26T02:25:00+02:00"),
            ("2025-10-26T02:40:00+02:00", "2025-10-26T02:50:00+02:00"),
            ("2025-10-26T02:05:00+01:00", "2025-10-26T02:20:00+01:00"),
        ),
        {"Sat 2025-10-25": "1 pomodoro, 15m focus", "Sun 2025-10-26": "2 pomodoros, 25m focus"},
    ),
    # Half an hour only.
    "Lord Howe, forward": Change(
        "Australia/Lord_Howe",
        "02:15",
        (("2025-10-05 01:45", "01:55"), ("2025-10-05 02:35", "02:45"), ("2025-10-05 02:45", "03:15")),
        {"Sat 2025-10-04": "2 pomodoros, 20m focus", "Sun 2025-10-05": "1 pomodoro, 30m focus"},
    ),
    "Lord Howe, back": Change(
        "Australia/Lord_Howe",
        "00:00",
        (("2025-04-05 23:30", "00:15"), ("2025-04-06 01:15", "2025-04-06 02:15"), ("2025-04-06 23:30", "23:45")),
        {"Sat 2025-04-05": "1 pomodoro, 45m focus", "Sun 2025-04-06": "2 pomodoros, 1h45m focus"},
    ),
    # Behind the 29th of December came the 31st.
    "Apia, a day left out": Change(
        "Pacific/Apia",
        "00:00",
        (("2011-12-29 23:00", "23:30"), ("2011-12-29 23:40", "2011-12-31 00:10"), ("2011-12-31 00:20", "00:40")),
        {"Thu 2011-12-29": "2 pomodoros, 1h00m focus", "Sat 2011-12-31": "1 pomodoro, 20m focus"},
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_log_sums_up_the_days_around_a_change(user: User, change: Change) -> None:
    user.write_config(f'[timer]\nzone = "{change.zone}"\nday_start = "{change.day_start}"\n')
    for start, end in change.recorded:
        user.pomo("log", "add", "--start", start, "--end", end)
    days = list(change.shown)
    first, last = days[0].split()[1], days[-1].split()[1]
    *shown, overall = user.pomo("log", "--from", first, "--to", last).split("\n\n")
    assert {lines[0]: lines[-1] for lines in map(str.splitlines, shown)} == change.shown
    # Each day by itself has what begins on it, and the machine reads the same as the eye.
    for title, total in change.shown.items():
        day = title.split()[1]
        assert user.pomo("log", "--from", day, "--to", day).splitlines()[-1] == total
    spent = sum(it["elapsed_s"] for it in user.json("log", "--from", first, "--to", last))
    assert overall == f"All: {len(change.recorded)} pomodoros, {length(spent)} focus\n"


def test_a_day_that_was_left_out_is_empty(user: User) -> None:
    user.write_config('[timer]\nzone = "Pacific/Apia"\n')
    assert user.pomo("log", "--from", "2011-12-30", "--to", "2011-12-30").startswith("Nothing is recorded")
