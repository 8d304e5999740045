"""The ends of intervals: the cycle up to a long break, deadlines, warnings, and what follows, by example."""

from typing import Final

import pytest

from pomo_daemon.domain.cycle import AutoStart, Cycle, Rules
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.interval import Phase, Status
from pomo_daemon.domain.timer import (
    Break,
    Cancel,
    Command,
    Extend,
    Finish,
    Mode,
    Pause,
    Skip,
    Start,
    Stop,
    Timer,
    Toggle,
    Transition,
    Wake,
    next_deadline,
)
from tests.fakes.clock import NOON
from tests.unit.domain.playing import current, full_cycle, kinds, minutes, play


def test_every_fourth_focus_leads_to_a_long_break_and_then_a_new_cycle() -> None:
    phases = [
        transition.timer.due.phase
        for count in range(1, len(full_cycle()) + 1)
        if (transition := play(*full_cycle()[:count])).timer.due and transition.ended
    ]
    short, focus = Phase.SHORT_BREAK, Phase.FOCUS
    assert phases == [short, focus, short, focus, short, focus, Phase.LONG_BREAK]
    after = play(*full_cycle(), (71, Toggle()), (86, Wake()))
    assert (after.timer.cycle.done, after.timer.waiting.phase) == (0, focus)


def test_without_its_long_break_a_full_cycle_is_over_all_the_same() -> None:
    again = play(*full_cycle(), (71, Start()), (96, Wake()))
    assert (again.timer.cycle.done, again.timer.waiting.phase) == (1, Phase.SHORT_BREAK)


def test_a_stopped_focus_is_no_part_of_the_cycle() -> None:
    assert play((0, Start()), (10, Stop())).timer.cycle.done == 0
    assert play((0, Start()), (10, Finish())).timer.cycle.done == 1


@pytest.mark.parametrize(("idle", "done"), [(120, 2), (121, 1)])
def test_a_cycle_starts_anew_after_idling_for_more_than_two_hours(idle: float, done: int) -> None:
    steps = ((0, Start()), (25, Finish()), (25 + idle, Start()), (30 + idle, Finish()))
    assert play(*steps).timer.cycle.done == done


def test_a_cycle_starts_anew_on_a_new_day() -> None:
    # Noon is minute 0: these end at 23:50, and begin again at 00:10.
    before_midnight = play((685, Start()), (710, Wake()))
    assert before_midnight.timer.cycle.done == 1
    assert play((730, Start()), (740, Finish()), timer=before_midnight.timer).timer.cycle.done == 1
    assert play((711, Start()), (712, Finish()), timer=before_midnight.timer).timer.cycle.done == 2


#: Ways to come from one day into the next, at minute 720, with a focus that begins at their end.
OVER_MIDNIGHT: Final[dict[str, tuple[AutoStart, tuple[tuple[float, Command], ...]]]] = {
    "a focus and its break": (
        AutoStart.NONE,
        ((700, Start()), (725, Wake()), (726, Toggle()), (731, Wake()), (732, Toggle())),
    ),
    "a focus": (AutoStart.NONE, ((700, Start()), (725, Wake()), (726, Start()))),
    "a focus that is stopped": (AutoStart.NONE, ((700, Start()), (725, Stop()), (726, Start()))),
    "a focus that is replaced": (AutoStart.NONE, ((700, Start()), (722, Start(replace=True)))),
    "a break": (AutoStart.NONE, ((718, Break()), (723, Wake()), (724, Toggle()))),
    "a break that is cut short": (AutoStart.NONE, ((718, Break()), (722, Start()))),
    "a break that is skipped": (AutoStart.NONE, ((718, Break()), (722, Skip()))),
    "a pause": (AutoStart.BREAKS, ((700, Start()), (710, Pause()), (725, Finish()), (730, Wake()), (731, Toggle()))),
    "one thing after the other": (AutoStart.ALL, ((694, Start()), (719, Wake()), (724, Wake()))),
}


@pytest.mark.parametrize("way", OVER_MIDNIGHT)
def test_the_first_focus_that_begins_on_a_new_day_begins_a_cycle(way: str) -> None:
    auto_start, steps = OVER_MIDNIGHT[way]
    rules = Rules(auto_start=auto_start)
    # Six hours earlier it all lies within a day, and the cycle goes on.
    for earlier in (0, 360):
        timer = Timer(cycle=Cycle(2, NOON + minutes(690 - earlier)))
        begun = play(*((minute - earlier, command) for minute, command in steps), rules=rules, timer=timer)
        assert current(begun).phase is Phase.FOCUS
        assert (begun.timer.cycle.done >= 2) is bool(earlier)


def test_the_fourth_focus_has_its_long_break_though_it_lasted_into_the_next_day() -> None:
    timer = Timer(cycle=Cycle(3, NOON + minutes(690)))
    over = play((700, Start()), (725, Wake()), timer=timer)
    assert over.timer.waiting.phase is Phase.LONG_BREAK
    for command in (Toggle(), Break()):
        assert current(play((726, command), timer=over.timer)).phase is Phase.LONG_BREAK


def test_a_start_before_midnight_that_is_given_after_it_is_of_the_day_before() -> None:
    timer = Timer(cycle=Cycle(2, NOON + minutes(690)))
    assert play((721, Start(at=NOON + minutes(719))), timer=timer).timer.cycle.done == 2
    assert play((721, Start(at=NOON + minutes(720))), timer=timer).timer.cycle.done == 0


def test_a_cancelled_long_break_is_still_to_come() -> None:
    steps = full_cycle()
    begun = play(*steps, (100, Break()))
    assert current(begun).phase is Phase.LONG_BREAK
    cancelled = play((101, Cancel()), timer=begun.timer)
    assert cancelled.timer.cycle == begun.timer.cycle
    assert current(play((102, Break()), timer=cancelled.timer)).phase is Phase.LONG_BREAK


# the end, and what follows


@pytest.mark.parametrize(
    ("auto_start", "after_focus", "after_break"),
    [
        (AutoStart.NONE, Mode.DUE, Mode.DUE),
        (AutoStart.BREAKS, Mode.BREAK, Mode.DUE),
        (AutoStart.FOCUS, Mode.DUE, Mode.FOCUS),
        (AutoStart.ALL, Mode.BREAK, Mode.FOCUS),
    ],
)
def test_what_auto_start_covers_begins_at_the_deadline(
    auto_start: AutoStart, after_focus: Mode, after_break: Mode
) -> None:
    rules = Rules(auto_start=auto_start)
    focus = play((0, Start(task_id=7)), (25.5, Wake()), rules=rules)
    rest = play((0, Break()), (5.5, Wake()), rules=rules)
    assert (focus.timer.mode, rest.timer.mode) == (after_focus, after_break)
    for transition, end in ((focus, 25), (rest, 5)):
        assert transition.events[0].at == NOON + minutes(end)
        assert transition.events[0].waits == (transition.timer.due is not None)
        if transition.timer.current is not None:
            assert transition.timer.current.started_at == NOON + minutes(end)


def test_a_late_alarm_completes_at_the_deadline() -> None:
    woken = play((0, Start()), (300, Wake()))
    [ended] = woken.ended
    assert (ended.ended_at, ended.status) == (NOON + minutes(25), Status.COMPLETED)
    assert woken.timer.waiting.since == NOON + minutes(25)


def test_after_an_end_that_was_slept_through_the_next_phase_waits() -> None:
    rules = Rules(auto_start=AutoStart.ALL)
    assert play((0, Start()), (26, Wake()), rules=rules).timer.mode is Mode.BREAK
    late = play((0, Start()), (26.1, Wake()), rules=rules)
    assert (late.timer.mode, late.events[0].waits) == (Mode.DUE, True)


def test_an_alarm_too_early_or_twice_changes_nothing() -> None:
    running = play((0, Start())).timer
    assert play((24.99, Wake()), timer=running) == Transition(running)
    over = play((25, Wake()), timer=running).timer
    assert play((25, Wake()), timer=over) == Transition(over)


def test_the_warning_comes_once_before_the_end() -> None:
    rules = Rules(warn_before_end=minutes(2))
    running = play((0, Start()), rules=rules).timer
    assert next_deadline(running, rules) == NOON + minutes(23)
    warned = play((23, Wake()), timer=running, rules=rules)
    assert kinds(warned) == [EventType.ENDING]
    assert next_deadline(warned.timer, rules) == NOON + minutes(25)
    assert kinds(play((25, Wake()), timer=warned.timer, rules=rules)) == [EventType.COMPLETED]


@pytest.mark.parametrize("length", [1, 2])
def test_what_is_no_longer_than_the_warning_is_not_warned_of(length: float) -> None:
    rules = Rules(warn_before_end=minutes(2))
    running = play((0, Start(planned=minutes(length))), rules=rules).timer
    assert next_deadline(running, rules) == NOON + minutes(length)
    assert play((0, Wake()), timer=running, rules=rules) == Transition(running)
    assert kinds(play((length, Wake()), timer=running, rules=rules)) == [EventType.COMPLETED]


def test_an_extended_interval_is_warned_of_again() -> None:
    rules = Rules(warn_before_end=minutes(2))
    warned = play((0, Start()), (23, Wake()), rules=rules).timer
    extended = play((24, Extend(minutes(5))), timer=warned, rules=rules).timer
    assert next_deadline(extended, rules) == NOON + minutes(28)
    barely = play((24, Extend(minutes(0.5))), timer=warned, rules=rules).timer
    assert next_deadline(barely, rules) == NOON + minutes(25.5)
