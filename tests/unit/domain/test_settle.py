"""What a timer owes to the time that passed while nobody looked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.domain.cycle import AutoStart, OnSuspend, Rules
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.interval import Gap, GapReason, Status
from pomo_daemon.domain.settle import Settled, settle
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.domain.timer import Break, Command, Extend, Mode, Pause, Resume, Start, Timer, next_deadline, step
from tests.fakes.clock import NOON, FakeClock

RULES: Final = Rules(auto_start=AutoStart.ALL)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


class World:
    """A clock, a focus of 25 minutes that was begun at noon, and the anchor of its line."""

    def __init__(self, policy: OnSuspend = OnSuspend.AUTO, first: Command | None = None) -> None:
        self.clock = FakeClock()
        self.rules = replace(RULES, on_suspend=policy)
        self.timer = step(Timer(), first or Start(), NOON, RULES).timer
        self.anchor: Reading | None = self.clock.read()

    def settle(self, left_at: datetime | None = None) -> Settled:
        """Settle, and keep what comes of it."""
        settled = settle(self.timer, self.anchor, self.clock.read(), self.rules, left_at)
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
    world = World(OnSuspend.CONTINUE)
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


# Suspends

A, C, P, S = OnSuspend
SUSPENDS: Final = [
    (A, Start(), 2, Mode.FOCUS),
    (A, Start(), 2.1, Mode.FOCUS_PAUSED),
    (A, Start(), 600, Mode.FOCUS_PAUSED),
    (A, Break(), 3, Mode.BREAK),
    (A, Break(), 600, Mode.DUE),
    (C, Start(), 10, Mode.FOCUS),
    (C, Start(), 600, Mode.DUE),
    (P, Start(), 0.1, Mode.FOCUS_PAUSED),
    (P, Break(), 600, Mode.BREAK_PAUSED),
    (S, Start(), 0.1, Mode.IDLE),
    (S, Break(), 600, Mode.IDLE),
]


@pytest.mark.parametrize(("policy", "first", "length", "mode"), SUSPENDS)
def test_a_suspend_goes_by_the_policy(policy: OnSuspend, first: Command, length: float, mode: Mode) -> None:
    world = World(policy, first)
    world.clock.advance(minutes(1))
    world.clock.suspend(minutes(length))
    settled = world.settle()
    assert world.timer.mode is mode
    if mode in (Mode.FOCUS_PAUSED, Mode.BREAK_PAUSED):
        assert world.timer.running.gaps == (Gap(NOON + minutes(1), None, GapReason.SUSPEND),)
        assert [(it.type, it.at) for it in settled.transition.events] == [(EventType.PAUSED, NOON + minutes(1))]
    if mode is Mode.IDLE:
        [ended] = settled.transition.ended
        assert (ended.ended_at, ended.status) == (
            NOON + minutes(1),
            Status.SKIPPED if ended.phase.is_break else Status.STOPPED,
        )
    assert not world.settle().transition.events


def test_what_was_over_before_the_suspend_is_completed() -> None:
    world = World()
    world.clock.advance(minutes(25))
    world.clock.suspend(timedelta(hours=8))
    assert world.completed() == NOON + minutes(25)


def test_the_gap_of_a_suspend_lasts_until_the_resume() -> None:
    world = World()
    world.clock.advance(minutes(10))
    world.clock.suspend(minutes(60))
    world.settle()
    world.clock.advance(minutes(5))
    world.timer = step(world.timer, Resume(), world.settle().now, RULES).timer
    assert world.timer.running.gaps == (Gap(NOON + minutes(10), NOON + minutes(75), GapReason.SUSPEND),)
    assert next_deadline(world.timer, RULES) == NOON + minutes(90)


def test_a_suspend_in_a_pause_is_part_of_it() -> None:
    world = World()
    world.timer = step(world.timer, Pause(), NOON, RULES).timer
    world.clock.suspend(minutes(60))
    assert not world.settle().transition.events
    world.timer = step(world.timer, Resume(), NOON + minutes(60), RULES).timer
    assert (world.settle().transition.events, world.timer.mode) == ((), Mode.FOCUS)


def test_a_suspend_while_a_break_is_due_does_nothing_to_the_focus_that_is_made_longer_then() -> None:
    world = World()
    world.rules = replace(world.rules, auto_start=AutoStart.NONE)
    world.clock.advance(minutes(25))
    assert world.completed()
    world.clock.suspend(minutes(30))
    world.timer = step(world.timer, Extend(minutes(5)), world.settle().now, world.rules).timer
    assert (world.settle().transition.events, world.timer.mode) == ((), Mode.FOCUS)


def test_where_nobody_knows_how_long_the_machine_slept_the_interval_goes_on() -> None:
    world = World()
    assert world.anchor is not None
    world.anchor = replace(world.anchor, slept=None)
    world.clock.suspend(minutes(20))
    assert (world.settle().transition.events, world.timer.mode) == ((), Mode.FOCUS)


def test_a_machine_that_was_shut_down_was_suspended_as_far_as_the_timer_goes() -> None:
    world = World()
    world.clock.advance(minutes(10))
    world.clock.reboot(timedelta(hours=12))
    settled = world.settle(left_at=NOON + minutes(10))
    assert [(it.type, it.at, it.reason) for it in settled.transition.events] == [
        (EventType.PAUSED, NOON + minutes(10), GapReason.SUSPEND)
    ]


def test_a_quick_boot_is_a_nap() -> None:
    world = World()
    world.clock.advance(minutes(10))
    world.clock.reboot(minutes(1.5))
    assert not world.settle(left_at=NOON + minutes(10)).transition.events
    assert world.timer.running.elapsed(NOON + minutes(11.5)) == minutes(11.5)


MOVES = st.lists(
    st.tuples(st.sampled_from(["advance", "suspend", "step", "resume", "pause"]), st.floats(0, 90).map(minutes)),
    min_size=5,
    max_size=40,
)


@given(policy=st.sampled_from(OnSuspend), flow=st.booleans(), moves=MOVES)
def test_no_suspend_makes_more_than_one_transition_or_counts_time_that_was_slept(
    policy: OnSuspend, moves: list[tuple[str, timedelta]], *, flow: bool
) -> None:
    world = World(policy, Start(flow=flow, planned=None if flow else timedelta(hours=10)))
    awake = timedelta(0)
    for move, span in moves:
        running = world.timer.mode is Mode.FOCUS
        match move:
            case "advance":
                world.clock.advance(span)
                awake += span if running else timedelta(0)
            case "suspend":
                world.clock.suspend(span)
                goes_on = policy is OnSuspend.CONTINUE or (policy is OnSuspend.AUTO and span <= minutes(2))
                # Less than a second of sleep is none.
                goes_on = goes_on or span < timedelta(seconds=1)
                awake += span if running and goes_on else timedelta(0)
            case "step":
                world.clock.step(span)
            case _ if world.timer.current is not None:
                command: Command = Pause() if move == "pause" else Resume()
                world.timer = step(world.timer, command, world.settle().now, RULES).timer
            case _:
                pass
        settled = world.settle()
        assert len(settled.transition.events) <= 1
        assert not world.settle().transition.events
        if world.timer.current is None:
            assert len(settled.transition.ended) == 1
            ended = settled.transition.ended[0]
            assert ended.elapsed(settled.now) == min(awake, ended.planned or awake)
            return
        assert abs(world.timer.current.elapsed(settled.now) - awake) < timedelta(seconds=1) * len(moves)
