"""What comes of a time at which a schedule was due."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.domain.schedule import Turn, turn
from tests.fakes.clock import NOON


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def every(period: timedelta) -> "st.SearchStrategy[timedelta]":
    return st.timedeltas(period, 10 * period)


def after(period: timedelta, at: datetime) -> datetime:
    """Answer the first time after another of what is due each `period` since noon."""
    return NOON + ((at - NOON) // period + 1) * period


def decide(due: float, now: float, grace: float, period: float = 60) -> Turn:
    return turn(NOON + minutes(due), NOON + minutes(now), minutes(grace), lambda at: after(minutes(period), at))


def test_what_is_due_runs() -> None:
    assert decide(60, 60, 10) == Turn(NOON + minutes(60), runs=True, next_at=NOON + minutes(120))


def test_what_is_a_little_late_runs_and_what_is_later_is_missed() -> None:
    assert decide(60, 70, 10).runs
    assert decide(60, 70.1, 10) == Turn(NOON + minutes(60), runs=False, next_at=NOON + minutes(120))


def test_of_several_that_passed_the_last_runs_alone_if_it_is_not_too_late() -> None:
    assert decide(60, 305, 10) == Turn(NOON + minutes(300), runs=True, next_at=NOON + minutes(360))
    assert decide(60, 315, 10) == Turn(NOON + minutes(60), runs=False, next_at=NOON + minutes(360))
    assert decide(60, 63, 10, period=1) == Turn(NOON + minutes(63), runs=True, next_at=NOON + minutes(64))


def test_without_grace_only_the_very_time_will_do() -> None:
    assert decide(60, 60, 0).runs
    assert not decide(60, 60.01, 0).runs


@given(st.integers(1, 120), st.floats(0, 10_000).map(minutes), st.floats(0, 1440).map(minutes))
def test_the_next_time_is_always_to_come_and_nothing_runs_that_is_too_late(
    period: int, late: timedelta, grace: timedelta
) -> None:
    asked = []

    def following(at: datetime) -> datetime:
        asked.append(at)
        return after(minutes(period), at)

    due = NOON + minutes(period)
    now = due + late
    what = turn(due, now, grace, following)
    assert what.next_at is not None
    assert what.next_at > now
    assert what.runs == any(now - grace <= due + n * minutes(period) <= now for n in (0, late // minutes(period)))
    assert what.due <= now
    assert not what.runs or now - what.due <= grace
    # A month away does not cost a month of minutes.
    assert len(asked) <= grace / minutes(period) + 3
