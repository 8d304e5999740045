"""Which time it is for a timer, when clocks are set, machines sleep, and are booted."""

from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.domain.timeline import Reading, begin, project
from tests.fakes.clock import NOON, FakeClock

HOUR: Final = timedelta(hours=1)
SPANS = st.timedeltas(timedelta(0), timedelta(days=3))


def test_without_an_anchor_it_is_what_the_wall_clock_says() -> None:
    clock = FakeClock()
    assert project(None, clock.read()) == clock.wall


@given(st.lists(st.tuples(st.sampled_from(["advance", "suspend", "step forward", "step back"]), SPANS)))
def test_within_one_boot_only_the_boot_clock_moves_the_line(moves: list[tuple[str, timedelta]]) -> None:
    clock = FakeClock()
    anchor, passed = clock.read(), timedelta(0)
    for move, span in moves:
        match move:
            case "advance":
                clock.advance(span)
                passed += span
            case "suspend":
                clock.suspend(span)
                passed += span
            case "step forward":
                clock.step(span)
            case _:
                clock.step(-span)
        assert project(anchor, clock.read()) == NOON + passed


def test_after_a_boot_the_wall_clock_is_left() -> None:
    clock = FakeClock()
    anchor = clock.read()
    clock.reboot(HOUR)
    assert project(anchor, clock.read()) == NOON + HOUR


def test_no_line_runs_backwards() -> None:
    clock = FakeClock()
    anchor = clock.read()
    clock.reboot(HOUR, wall_error=-3 * HOUR)
    assert project(anchor, clock.read()) == NOON
    assert project(Reading(NOON, timedelta(99), "boot-1"), Reading(NOON, timedelta(1), "boot-1")) == NOON


def test_where_nothing_names_the_boot_no_two_readings_are_of_the_same() -> None:
    one, other = Reading(NOON, timedelta(0), ""), Reading(NOON + HOUR, timedelta(0), "")
    assert not one.same_boot(other)
    assert project(one, other) == NOON + HOUR


@pytest.mark.parametrize(("last_end", "begins"), [(None, NOON), (NOON - HOUR, NOON), (NOON + HOUR, NOON + HOUR)])
def test_a_stretch_begins_now_but_never_within_what_is_recorded(last_end: datetime | None, begins: datetime) -> None:
    reading = FakeClock().read()
    anchor = begin(last_end, reading)
    assert anchor.wall == begins
    assert (anchor.boottime, anchor.boot_id) == (reading.boottime, reading.boot_id)
