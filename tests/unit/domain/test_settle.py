"""What a timer owes to the time that passed while nobody looked."""

from datetime import datetime, timedelta
from typing import Final

import pytest

from pomo_daemon.domain.cycle import AutoStart, Rules
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.interval import Status
from pomo_daemon.domain.settle import Settled, settle
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.domain.timer import Mode, Pause, Resume, Start, Timer, next_deadline, step
from tests.fakes.clock import NOON, FakeClock

RULES: Final = Rules(auto_start=AutoStart.ALL)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


class World:
    """A clock, a focus of 25 minutes that was begun at noon, and the anchor of its line."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.timer = step(Timer(), Start(), NOON, RULES).timer
        self.anchor: Reading | None = self.clock.read()

    def settle(self) -> Settled:
        """Settle, and keep what comes of it."""
        settled = settle(self.timer, self.anchor, self.clock.read(), RULES)
        self.timer, self.anchor = settled.transition.timer, settled.anchor
        return settled

    def completed(self) -> datetime | None:
        """Settle; answer where the focus was completed, if it was."""
        [*ended] = self.settle().transition.ended
        assert all(it.status is Status.COMPLETED and it.elapsed(NOON) == minutes(25) for it in ended)
        return ended[0].ended_at if ended else None


def test_nothing_is_owed_before_the_deadline() -> None:
    world = World()
    world.clock.advance(minutes(24.9))
    settled = world.settle()
    assert (settled.transition.events, settled.now) == ((), NOON + minutes(24.9))


@pytest.mark.parametrize("passed", [25, 25.5, 60, 600])
def test_what_is_over_is_completed_at_its_deadline(passed: float) -> None:
    world = World()
    world.clock.advance(minutes(passed))
    assert world.completed() == NOON + minutes(25)


@pytest.mark.parametrize("step_by", [timedelta(hours=2), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)])
def test_a_clock_that_is_set_neither_completes_nor_delays(step_by: timedelta) -> None:
    world = World()
    world.clock.advance(minutes(10))
    world.clock.step(step_by)
    assert world.completed() is None
    world.clock.advance(minutes(14.9))
    assert world.completed() is None
    world.clock.advance(minutes(0.1))
    assert world.completed() == NOON + minutes(25)


def test_a_night_of_sleep_completes_one_interval_and_starts_none() -> None:
    world = World()
    world.clock.suspend(timedelta(hours=8))
    assert world.completed() == NOON + minutes(25)
    assert world.timer.mode is Mode.DUE
    assert world.completed() is None


def test_after_a_boot_the_wall_clock_says_how_long_the_machine_was_off() -> None:
    world = World()
    world.clock.advance(minutes(10))
    world.clock.reboot(minutes(5))
    assert world.completed() is None
    world.clock.advance(minutes(10))
    assert world.completed() == NOON + minutes(25)


def test_a_deadline_that_passed_while_the_machine_was_off_is_settled_once() -> None:
    world = World()
    world.clock.reboot(timedelta(days=2))
    assert world.completed() == NOON + minutes(25)
    assert world.completed() is None


def test_after_a_boot_the_boot_clock_decides_again() -> None:
    world = World()
    world.clock.reboot(minutes(5))
    world.settle()
    world.clock.step(timedelta(hours=3))
    assert world.completed() is None
    world.clock.step(timedelta(hours=-9))
    world.clock.advance(minutes(20))
    assert world.completed() == NOON + minutes(25)


def test_a_boot_into_the_past_pauses_since_nobody_knows_how_long_it_took() -> None:
    world = World()
    world.clock.reboot(minutes(5), wall_error=timedelta(days=-1))
    settled = world.settle()
    assert [event.type for event in settled.transition.events] == [EventType.PAUSED]
    assert (settled.now, world.timer.running.elapsed(settled.now)) == (NOON, minutes(0))
    world.clock.advance(minutes(60))
    assert world.settle().now == NOON + minutes(60)


@pytest.mark.parametrize("behind", [timedelta(milliseconds=20), timedelta(seconds=2)])
def test_a_clock_of_another_machine_that_is_a_little_behind_pauses_nothing(behind: timedelta) -> None:
    world = World()
    world.clock.reboot(timedelta(0), wall_error=-behind)
    settled = world.settle()
    assert settled.transition.events == ()
    assert (settled.now, world.timer.mode) == (NOON, Mode.FOCUS)


def test_no_boot_takes_the_timer_back_to_before_what_it_remembers() -> None:
    world = World()
    world.timer = step(world.timer, Pause(), NOON + minutes(5), RULES).timer
    world.timer = step(world.timer, Resume(), NOON + minutes(8), RULES).timer
    world.clock.reboot(minutes(1), wall_error=timedelta(days=-1))
    assert world.settle().now == NOON + minutes(8)
    assert world.timer.running.elapsed(NOON + minutes(9)) == minutes(5)


def test_a_break_that_began_by_itself_is_no_longer_for_a_boot_into_the_past() -> None:
    world = World()
    world.clock.advance(minutes(25))
    assert world.completed() == NOON + minutes(25)
    world.clock.reboot(minutes(1), wall_error=timedelta(minutes=-20))
    paused = world.settle()
    assert (paused.now, world.timer.mode) == (NOON + minutes(25), Mode.BREAK_PAUSED)
    resumed = step(world.timer, Resume(), paused.now, RULES).timer
    assert next_deadline(resumed, RULES) == NOON + minutes(30)


def test_a_pause_lasts_through_a_boot() -> None:
    world = World()
    world.clock.advance(minutes(10))
    world.timer = step(world.timer, Pause(), NOON + minutes(10), RULES).timer
    world.clock.reboot(timedelta(days=1), wall_error=timedelta(days=-3))
    assert world.settle().transition.events == ()
    assert world.timer.running.elapsed(NOON + timedelta(days=9)) == minutes(10)


def test_an_idle_timer_owes_nothing() -> None:
    settled = settle(Timer(), None, FakeClock().read(), RULES)
    assert (settled.transition.events, settled.anchor) == ((), None)
