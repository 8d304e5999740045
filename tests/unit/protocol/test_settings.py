"""The settings: what config.toml may say, and what is said of what it may not."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.protocol.settings import SETTINGS, Value, parse, read


def test_an_empty_file_is_the_defaults() -> None:
    values, problems = read("")
    assert problems == []
    assert values.keys() == SETTINGS.keys()
    assert values["timer.focus"] == timedelta(minutes=25)
    assert values["timer.day_start"] == time(0)


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ('timer.focus = "50m"', "timer.focus", timedelta(minutes=50)),
        ("timer.focus = 50", "timer.focus", timedelta(minutes=50)),
        ('timer.day_start = "04:00"', "timer.day_start", time(4)),
        ("timer.day_start = 04:00:00", "timer.day_start", time(4)),
        ("timer.day_start = 04:00:00.5", "timer.day_start", time(4)),
        ('timer.auto_start = "all"', "timer.auto_start", "all"),
        ('timer.zone = "Europe/Berlin"', "timer.zone", "Europe/Berlin"),
        ("timer.goal = 8", "timer.goal", 8),
        ('timer.goal = "8"', "timer.goal", 8),
        ("notify.enabled = false", "notify.enabled", False),
        ('notify.enabled = "false"', "notify.enabled", False),
        ("[notify]\nsound = true", "notify.sound", True),
    ],
)
def test_a_setting_is_written_as_toml_or_as_on_the_command_line(line: str, key: str, value: Value) -> None:
    values, problems = read(line)
    assert (values[key], problems) == (value, [])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('timer.focus = "soon"', "timer.focus: 'soon' is not a duration: use 25m, 1h30m, 90s or 25 (minutes)"),
        ("timer.focus = 2.5", "timer.focus: takes a duration such as '25m'"),
        ("timer.focus = true", "timer.focus: takes a duration such as '25m'"),
        ('timer.focus = "0s"', "timer.focus: '0s' is out of range: from 1s to 24h"),
        ('timer.focus = "25h"', "timer.focus: '25h' is out of range: from 1s to 24h"),
        ('timer.cycle_timeout = "59s"', "timer.cycle_timeout: '59s' is out of range: from 60s to 168h"),
        ("timer.long_break_every = 0", "timer.long_break_every: 0 is out of range: from 1 to 100"),
        ('timer.goal = "many"', "timer.goal: takes a whole number"),
        ('timer.goal = "\\u0665"', "timer.goal: takes a whole number"),
        ("timer.goal = true", "timer.goal: takes a whole number"),
        ('timer.goal = "--5"', "timer.goal: takes a whole number"),
        ('timer.goal = "5-5"', "timer.goal: takes a whole number"),
        ('timer.goal = "-"', "timer.goal: takes a whole number"),
        ('timer.goal = "-5"', "timer.goal: -5 is out of range: from 0 to 1000"),
        ('timer.auto_start = "some"', "timer.auto_start: takes one of none, breaks, focus, all"),
        ('timer.day_start = "4"', "timer.day_start: '4' is not a time of day: use 9:00 or 14:30"),
        ("timer.day_start = 4", "timer.day_start: takes a time of day such as '04:00'"),
        ("timer.day_start = [4]", "timer.day_start: takes a time of day such as '04:00'"),
        ("timer.zone = 1", "timer.zone: takes the name of a time zone such as 'Europe/Berlin'"),
        (
            'timer.zone = "Mars/Olympus"',
            "timer.zone: 'Mars/Olympus' is not a time zone: use a name such as Europe/Berlin",
        ),
        (
            'timer.zone = "../../etc/passwd"',
            "timer.zone: '../../etc/passwd' is not a time zone: use a name such as Europe/Berlin",
        ),
        ("notify.enabled = 1", "notify.enabled: takes true or false"),
        ("timer.pomodoro = 25", "timer.pomodoro: there is no such setting"),
        ("timer = 25", "timer: there is no such setting"),
        ("timer.focus.length = 25", "timer.focus.length: there is no such setting"),
    ],
)
def test_what_is_wrong_is_named_and_the_default_stays(line: str, problem: str) -> None:
    values, problems = read(line)
    assert problems == [problem]
    assert values == read("")[0]


def test_one_wrong_setting_leaves_the_others_right() -> None:
    values, problems = read('[timer]\nfocus = "50m"\nshort_break = "soon"\ngoal = 8')
    assert (values["timer.focus"], values["timer.goal"], len(problems)) == (timedelta(minutes=50), 8, 1)


def test_what_is_no_toml_is_said_to_be_none() -> None:
    values, [problem] = read("timer.focus = ")
    assert problem.startswith("not TOML: ")
    assert values == read("")[0]


@pytest.mark.parametrize("text", ["timer.goal = " + "9" * 5000, "timer.goal = " + "[" * 100_000])
def test_what_is_too_long_or_deep_for_python_is_said_plainly(text: str) -> None:
    values, problems = read(text)
    assert problems == ["not TOML: a number is too long, or brackets are nested too deeply"]
    assert values == read("")[0]


@pytest.mark.parametrize("key", SETTINGS)
@given(raw=st.text(max_size=20) | st.integers() | st.floats() | st.booleans() | st.lists(st.integers(), max_size=2))
def test_no_value_raises_anything_but_what_names_its_key(key: str, raw: object) -> None:
    try:
        parse(SETTINGS[key], raw)
    except ValueError as error:
        assert str(error).startswith(f"{key}: ")  # noqa: PT017  # either outcome is right
