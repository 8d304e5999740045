"""The rules of the timer, by example: first the whole table, then what each command does in detail."""

from datetime import timedelta
from typing import Final

import pytest

from pomo_daemon.domain.cycle import AutoStart, Rules
from pomo_daemon.domain.errors import DomainError, Invalid, Overlap, TimerConflict, TimerIdle
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.interval import Gap, Phase, Status
from pomo_daemon.domain.timer import (
    TABLE,
    Break,
    Cancel,
    Command,
    Extend,
    Finish,
    Mode,
    Pause,
    Repeat,
    Resume,
    Skip,
    Sleep,
    Start,
    Stop,
    Toggle,
    Wake,
    next_deadline,
)
from tests.fakes.clock import NOON
from tests.unit.domain.playing import RULES, current, kinds, minutes, play

#: How to come into each mode; the next command is given at minute 60.
WAYS: Final[dict[Mode, tuple[tuple[float, Command], ...]]] = {
    Mode.IDLE: (),
    Mode.DUE: ((30, Start()), (55, Wake())),
    Mode.FOCUS: ((50, Start()),),
    Mode.FOCUS_PAUSED: ((50, Start()), (55, Pause())),
    Mode.BREAK: ((58, Break()),),
    Mode.BREAK_PAUSED: ((58, Break()), (59, Pause())),
}
#: What the user says, and where it leads from each mode; `conflict` and `idle` are refusals.
WORDS: Final[dict[str, Command]] = {
    "start": Start(),
    "start --replace": Start(replace=True),
    "start --flow": Start(flow=True),
    "repeat": Repeat(),
    "break": Break(),
    "pause": Pause(),
    "resume": Resume(),
    "toggle": Toggle(),
    "stop": Stop(),
    "finish": Finish(),
    "cancel": Cancel(),
    "skip": Skip(),
    "extend 5m": Extend(minutes(5)),
    "(alarm)": Wake(),
    "(slept)": Sleep(NOON + minutes(57), minutes(3)),
}
MATRIX: Final = """
                | idle  | due      | focus        | focus-paused | break        | break-paused
start           | focus | focus    | conflict     | conflict     | focus        | focus
start --replace | focus | focus    | focus        | focus        | focus        | focus
start --flow    | focus | focus    | conflict     | conflict     | focus        | focus
repeat          | focus | focus    | conflict     | conflict     | focus        | focus
break           | break | break    | conflict     | conflict     | conflict     | conflict
pause           | idle! | idle!    | focus-paused | focus-paused | break-paused | break-paused
resume          | idle! | idle!    | focus        | focus        | break        | break
toggle          | focus | break    | focus-paused | focus        | break-paused | break
stop            | idle! | idle     | idle         | idle         | idle         | idle
finish          | idle! | idle!    | due          | due          | due          | due
cancel          | idle! | idle!    | idle         | idle         | idle         | idle
skip            | idle! | focus    | break        | break        | focus        | focus
extend 5m       | idle! | focus    | focus        | focus-paused | break        | break-paused
(alarm)         | idle  | due      | focus        | focus-paused | break        | break-paused
(slept)         | idle  | due      | focus-paused | focus-paused | break        | break-paused
"""
REFUSALS: Final[dict[str, type[DomainError]]] = {"idle!": TimerIdle, "conflict": TimerConflict}


def cells() -> list[tuple[Mode, str, str]]:
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in MATRIX.strip("\n").splitlines())
    return [(Mode(mode), row[0], cell) for row in rows for mode, cell in zip(head[1:], row[1:], strict=True)]


@pytest.mark.parametrize(("mode", "words", "outcome"), cells())
def test_each_command_leads_from_each_mode_where_the_table_says(mode: Mode, words: str, outcome: str) -> None:
    before = play(*WAYS[mode]).timer
    assert before.mode is mode
    if outcome in REFUSALS:
        with pytest.raises(REFUSALS[outcome]):
            play((60, WORDS[words]), timer=before)
    else:
        after = play((60, WORDS[words]), timer=before)
        assert after.timer.mode == outcome
        assert bool(after.events) == (after.timer != before)


def test_the_matrix_and_the_table_know_the_same_commands() -> None:
    assert {type(command) for command in WORDS.values()} == set(TABLE)


def test_a_conflict_names_what_is_in_the_way() -> None:
    running = play((0, Start(task_id=7))).timer
    with pytest.raises(TimerConflict, match="A focus is running") as caught:
        play((1, Start()), timer=running)
    assert caught.value.interval == running.current


# start


def test_a_start_begins_a_focus_of_the_usual_length() -> None:
    interval = current(play((0, Start(task_id=7))))
    assert (interval.phase, interval.started_at, interval.planned, interval.task_id) == (
        Phase.FOCUS,
        NOON,
        minutes(25),
        7,
    )


@pytest.mark.parametrize("planned", [minutes(0), minutes(-1), timedelta(hours=24, seconds=1)])
def test_a_length_must_be_more_than_nothing_and_at_most_a_day(planned: timedelta) -> None:
    assert current(play((0, Start(planned=timedelta(hours=24))))).planned == timedelta(hours=24)
    with pytest.raises(Invalid, match="at most 24h"):
        play((0, Start(planned=planned)))
    with pytest.raises(Invalid, match="at most 24h"):
        play((0, Break(planned=planned)))


def test_flow_has_no_deadline_and_takes_no_length() -> None:
    flow = play((0, Start(flow=True)))
    assert next_deadline(flow.timer, RULES) is None
    assert not play((600, Wake()), timer=flow.timer).events
    [ended] = play((600, Finish()), timer=flow.timer).ended
    assert (ended.status, ended.elapsed(NOON)) == (Status.COMPLETED, minutes(600))
    with pytest.raises(Invalid, match="flow has none"):
        play((0, Start(flow=True, planned=minutes(5))))
    with pytest.raises(Invalid, match="no deadline to move"):
        play((10, Extend(minutes(5))), timer=flow.timer)


@pytest.mark.parametrize("command", [Start(at=NOON + minutes(2)), Break(at=NOON + minutes(2))])
def test_a_start_in_the_past_has_used_up_the_time_since_then(command: Command) -> None:
    begun = play((6, command))
    assert current(begun).elapsed(NOON + minutes(6)) == minutes(4)
    assert begun.events[0].at == NOON + minutes(2)


def test_a_start_lies_neither_in_the_future_nor_more_than_a_day_ago() -> None:
    with pytest.raises(Invalid, match="in the future"):
        play((0, Start(at=NOON + timedelta(seconds=1))))
    with pytest.raises(Invalid, match="more than 24 hours ago"):
        play((0, Start(at=NOON - timedelta(hours=24, seconds=1))))


def test_a_start_ends_the_break_as_skipped() -> None:
    begun = play((0, Break()), (2, Start()))
    [ended] = begun.ended
    assert (ended.status, ended.ended_at) == (Status.SKIPPED, NOON + minutes(2))
    assert kinds(begun) == [EventType.SKIPPED, EventType.STARTED]


def test_replace_ends_the_focus_as_stopped_where_the_next_begins() -> None:
    begun = play((0, Start()), (10, Start(replace=True, at=NOON + minutes(4))))
    [ended] = begun.ended
    assert (ended.status, ended.ended_at) == (Status.STOPPED, NOON + minutes(4))
    assert current(begun).started_at == NOON + minutes(4)


@pytest.mark.parametrize("first", [Break(), Start()])
def test_no_start_lies_before_the_interval_that_it_ends(first: Command) -> None:
    with pytest.raises(Overlap, match="began later"):
        play((5, first), (6, Start(replace=True, at=NOON + minutes(4))))


@pytest.mark.parametrize("first", [Break(), Start()])
def test_a_start_before_the_pause_of_what_it_ends_leaves_no_overlap(first: Command) -> None:
    begun = play((0, first), (3, Pause()), (9, Start(replace=True, at=NOON + minutes(1))))
    [ended] = begun.ended
    assert (ended.ended_at, ended.gaps) == (NOON + minutes(1), ())


def test_a_start_within_a_gap_of_what_it_ends_cuts_the_gap_short() -> None:
    steps = ((0, Start()), (3, Pause()), (6, Resume()), (9, Start(replace=True, at=NOON + minutes(5))))
    [ended] = play(*steps).ended
    assert ended.ended_at == NOON + minutes(5)
    assert [gap.ended_at for gap in ended.gaps] == [NOON + minutes(5)]
    assert ended.elapsed(NOON + minutes(9)) == minutes(3)


def test_repeat_of_a_focus_without_a_deadline_has_none() -> None:
    again = play((0, Start(task_id=7, flow=True)), (50, Finish()), (52, Repeat()))
    assert (current(again).task_id, current(again).planned) == (7, None)


def test_repeat_takes_task_and_length_of_the_last_focus() -> None:
    again = play((0, Start(task_id=7, planned=minutes(50))), (50, Wake()), (51, Break()), (52, Repeat()))
    assert (current(again).task_id, current(again).planned) == (7, minutes(50))


# pause, resume, toggle


def test_a_pause_moves_the_deadline_by_its_length() -> None:
    paused = play((0, Start()), (10, Pause()))
    assert next_deadline(paused.timer, RULES) is None
    resumed = play((17, Resume()), timer=paused.timer)
    assert next_deadline(resumed.timer, RULES) == NOON + minutes(32)
    assert current(resumed).elapsed(NOON + minutes(20)) == minutes(13)


def test_a_pause_of_a_day_counts_for_nothing() -> None:
    [ended] = play((0, Start()), (10, Pause()), (10 + 24 * 60, Resume()), (25 + 24 * 60, Wake())).ended
    assert (ended.status, ended.elapsed(NOON)) == (Status.COMPLETED, minutes(25))


@pytest.mark.parametrize(("command", "mode"), [(Pause(), Mode.FOCUS_PAUSED), (Resume(), Mode.FOCUS)])
def test_pausing_and_resuming_twice_is_as_once(command: Command, mode: Mode) -> None:
    once = play(*WAYS[mode])
    twice = play((60, command), timer=once.timer)
    assert (twice.timer, twice.events) == (once.timer, ())


def test_toggle_when_idle_is_a_plain_start() -> None:
    assert play((0, Toggle())) == play((0, Start()))


def test_toggle_begins_what_is_due() -> None:
    begun = play((0, Start(task_id=7)), (25, Wake()), (27, Toggle()), (32, Wake()), (40, Toggle()))
    assert (current(begun).phase, current(begun).task_id) == (Phase.FOCUS, 7)
    assert current(begun).started_at == NOON + minutes(40)


# stop, finish, cancel, skip


@pytest.mark.parametrize(
    ("first", "command", "status"),
    [
        (Start(), Stop(), Status.STOPPED),
        (Start(), Finish(), Status.COMPLETED),
        (Start(), Cancel(), Status.CANCELLED),
        (Start(), Skip(), Status.STOPPED),
        (Break(), Stop(), Status.SKIPPED),
        (Break(), Finish(), Status.COMPLETED),
        (Break(), Cancel(), Status.CANCELLED),
        (Break(), Skip(), Status.SKIPPED),
    ],
)
def test_an_interval_that_is_ended_early_ends_now_or_at_its_pause(
    first: Command, command: Command, status: Status
) -> None:
    [ended] = play((0, first), (3, command)).ended
    assert (ended.status, ended.ended_at) == (status, NOON + minutes(3))
    [ended] = play((0, first), (2, Pause()), (4, command)).ended
    assert (ended.status, ended.ended_at, ended.gaps) == (status, NOON + minutes(2), ())


def test_what_follows_a_finish_out_of_a_pause_begins_now() -> None:
    rules = Rules(auto_start=AutoStart.ALL)
    finished = play((0, Start()), (10, Pause()), (90, Finish()), rules=rules)
    assert current(finished).started_at == NOON + minutes(90)
    assert [event.at for event in finished.events] == [NOON + minutes(90)] * 2
    waiting = play((0, Start()), (10, Pause()), (90, Finish())).timer
    assert waiting.waiting.since == NOON + minutes(90)


def test_stop_lets_go_of_what_is_due() -> None:
    stopped = play(*WAYS[Mode.DUE], (60, Stop()))
    assert (stopped.timer.mode, kinds(stopped), stopped.ended) == (Mode.IDLE, [EventType.DISMISSED], ())


# extend


def test_extend_moves_the_deadline_either_way() -> None:
    longer = play((0, Start()), (10, Extend(minutes(5))))
    assert next_deadline(longer.timer, RULES) == NOON + minutes(30)
    shorter = play((11, Extend(minutes(-7))), timer=longer.timer)
    assert next_deadline(shorter.timer, RULES) == NOON + minutes(23)


@pytest.mark.parametrize(
    ("by", "words"),
    [(minutes(-15), "900s are left"), (minutes(0), "must not be nothing"), (timedelta(hours=24), "at most 24h")],
)
def test_extend_leaves_something_and_no_more_than_a_day(by: timedelta, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        play((0, Start()), (10, Extend(by)))


def test_extend_reopens_what_was_just_completed_and_counts_the_overtime() -> None:
    reopened = play((0, Start()), (25, Wake()), (28, Extend(minutes(5))))
    assert (kinds(reopened), reopened.timer.cycle.done) == ([EventType.REOPENED], 0)
    assert next_deadline(reopened.timer, RULES) == NOON + minutes(33)
    [ended] = play((33, Wake()), timer=reopened.timer).ended
    assert ended.elapsed(NOON) == minutes(33)


def test_a_pause_that_a_finish_ended_is_not_counted_when_the_interval_is_reopened() -> None:
    reopened = play((0, Start()), (10, Pause()), (90, Finish()), (92, Extend(minutes(5))))
    assert current(reopened).elapsed(NOON + minutes(92)) == minutes(12)
    assert next_deadline(reopened.timer, RULES) == NOON + minutes(97)


def test_what_is_over_can_only_be_made_longer_and_by_less_than_a_day() -> None:
    waiting = play(*WAYS[Mode.DUE]).timer
    for by in (minutes(0), minutes(-1), timedelta(hours=24)):
        with pytest.raises(Invalid):
            play((60, Extend(by)), timer=waiting)


# As of then


def test_a_pause_as_of_then_opens_its_gap_there() -> None:
    paused = play((0, Start()), (10, Pause(NOON + minutes(4))))
    assert current(paused).gaps == (Gap(NOON + minutes(4)),)
    assert [it.at for it in paused.events] == [NOON + minutes(4)]
    assert current(play((12, Resume()), timer=paused.timer)).deadline == NOON + minutes(33)


def test_a_pause_as_of_then_opens_neither_before_a_gap_nor_after_now() -> None:
    resumed = play((0, Start()), (5, Pause()), (8, Resume())).timer
    assert current(play((10, Pause(NOON + minutes(4))), timer=resumed)).gaps[-1] == Gap(NOON + minutes(8))
    assert current(play((10, Pause(NOON + minutes(40))), timer=resumed)).gaps[-1] == Gap(NOON + minutes(10))


def test_a_stop_as_of_then_ends_the_focus_there() -> None:
    [ended] = play((0, Start()), (10, Stop(NOON + minutes(4)))).ended
    assert (ended.status, ended.elapsed(NOON)) == (Status.STOPPED, minutes(4))
