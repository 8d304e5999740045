"""The arithmetic of one interval."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from pomo_daemon.domain.interval import Gap, Interval, Phase, Status
from tests.fakes.clock import NOON


def at(minute: float) -> timedelta:
    return timedelta(minutes=minute)


FOCUS: Final = Interval(phase=Phase.FOCUS, started_at=NOON, planned=at(25))


def test_what_has_elapsed_leaves_gaps_out() -> None:
    interval = FOCUS.paused(NOON + at(5)).resumed(NOON + at(7)).paused(NOON + at(10)).resumed(NOON + at(20))
    assert interval.elapsed(NOON + at(21)) == at(9)


def test_an_open_gap_stops_the_clock() -> None:
    paused = FOCUS.paused(NOON + at(5))
    assert paused.elapsed(NOON + at(5)) == paused.elapsed(NOON + at(500)) == at(5)
    assert paused.deadline is None


def test_what_has_elapsed_is_never_negative() -> None:
    assert FOCUS.elapsed(NOON - at(1)) == at(0)
    assert FOCUS.paused(NOON - at(1)).elapsed(NOON - at(1)) == at(0)


def test_the_deadline_is_the_plan_and_the_gaps_after_the_start() -> None:
    assert FOCUS.deadline == NOON + at(25)
    assert FOCUS.paused(NOON + at(5)).resumed(NOON + at(7)).deadline == NOON + at(27)
    assert replace(FOCUS, planned=None).deadline is None
    assert FOCUS.ended(Status.STOPPED, NOON + at(3)).deadline is None


def test_a_gap_without_length_leaves_no_trace() -> None:
    assert FOCUS.paused(NOON + at(5)).resumed(NOON + at(5)) == FOCUS


def test_time_that_runs_backwards_makes_no_gap_of_negative_length() -> None:
    assert FOCUS.paused(NOON + at(5)).resumed(NOON + at(4)) == FOCUS
    assert FOCUS.paused(NOON - at(1)).gaps == (Gap(NOON),)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.STOPPED, Status.SKIPPED, Status.CANCELLED])
def test_an_end_is_final(status: Status) -> None:
    ended = FOCUS.ended(status, NOON + at(9))
    assert (ended.status, ended.ended_at) == (status, NOON + at(9))
    assert ended.elapsed(NOON + at(100)) == at(9)


def test_a_paused_interval_ends_at_its_pause() -> None:
    ended = FOCUS.paused(NOON + at(2)).resumed(NOON + at(3)).paused(NOON + at(5)).ended(Status.STOPPED, NOON + at(9))
    assert (ended.ended_at, ended.gaps) == (NOON + at(5), (Gap(NOON + at(2), NOON + at(3)),))


def test_no_gap_outlasts_the_interval() -> None:
    interval = FOCUS.paused(NOON + at(2)).resumed(NOON + at(4)).paused(NOON + at(6)).resumed(NOON + at(8))
    assert interval.ended(Status.STOPPED, NOON + at(7)).gaps == (
        Gap(NOON + at(2), NOON + at(4)),
        Gap(NOON + at(6), NOON + at(7)),
    )
    assert interval.ended(Status.STOPPED, NOON + at(1)).gaps == ()


def test_no_interval_ends_before_it_began() -> None:
    assert FOCUS.ended(Status.STOPPED, NOON - at(1)).ended_at == NOON


def test_phases_have_words_for_people() -> None:
    assert [(phase.label, phase.is_break) for phase in Phase] == [
        ("focus", False),
        ("short break", True),
        ("long break", True),
    ]
