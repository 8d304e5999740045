"""The timer machine: every rule of what a command does to a timer stands in this file.

`step(timer, command, now, rules)` looks the command up in TABLE under the timer's mode and answers a `Transition`; a
command that the table does not hold for the mode raises a typed error and changes nothing. Phase and status stay two
axes inside the interval; a `Mode` is only the name of a row of the table. `now` is an aware UTC datetime on the timer's
own line (timeline.py); deadlines are instants, and the scheduler is told one of them: `next_deadline`. A wake-up that
comes late, twice or for nothing is harmless. docs/state-machine.md is drawn from TABLE.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from pomo_daemon.domain.cycle import NEW_CYCLE, Cycle, OnSuspend, Rules
from pomo_daemon.domain.errors import Invalid, Overlap, TimerConflict, TimerIdle
from pomo_daemon.domain.events import EventType, IntervalEvent
from pomo_daemon.domain.interval import Gap, GapReason, Interval, Phase, Status

#: A phase found over by more than this was slept through: the next one waits then, whatever `auto_start` says.
LATE: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(hours=24)


class Mode(StrEnum):
    """The rows of the table."""

    IDLE = "idle"
    DUE = "due"
    FOCUS = "focus"
    FOCUS_PAUSED = "focus-paused"
    BREAK = "break"
    BREAK_PAUSED = "break-paused"


@dataclass(frozen=True, slots=True)
class Due:
    """A phase that waits for the user since the interval before it, `after`, was completed."""

    phase: Phase
    since: datetime
    after: Interval


#: In the place of a length that was planned: there was no deadline.
_FLOW: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Timer:
    """All that the timer of one user knows: at most one of `current` and `due` is there."""

    current: Interval | None = None
    due: Due | None = None
    cycle: Cycle = NEW_CYCLE
    last_task_id: int | None = None
    last_planned: timedelta | None = None
    warned: bool = False

    @property
    def running(self) -> Interval:
        """Answer the current interval, running or paused. Raises TimerIdle where there is none."""
        if self.current is None:
            raise TimerIdle("Nothing is running.")
        return self.current

    @property
    def waiting(self) -> Due:
        """Answer what is due. Raises TimerIdle where nothing is."""
        if self.due is None:
            raise TimerIdle("Nothing is due.")
        return self.due

    @property
    def mode(self) -> Mode:
        """Answer the row of the table."""
        if self.current is None:
            return Mode.DUE if self.due else Mode.IDLE
        if self.current.phase.is_break:
            return Mode.BREAK_PAUSED if self.current.status is Status.PAUSED else Mode.BREAK
        return Mode.FOCUS_PAUSED if self.current.status is Status.PAUSED else Mode.FOCUS


@dataclass(frozen=True, slots=True)
class Transition:
    """The outcome of a step: the new timer, the intervals that ended, and what to announce. No events: no change."""

    timer: Timer
    ended: tuple[Interval, ...] = ()
    events: tuple[IntervalEvent, ...] = ()


# Commands. `planned` None is the usual length; `at` is a start in the past, None for now.


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Begin a focus; `flow` counts up without a deadline; `replace` stops a focus that runs."""

    task_id: int | None = None
    planned: timedelta | None = None
    flow: bool = False
    at: datetime | None = None
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Begin a break: the one that the cycle asks for, or a long one."""

    long: bool = False
    planned: timedelta | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Begin a focus with the task and the length of the last one; one without a deadline has none again."""

    replace: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Open a gap; `at`: as of then."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Close the gap."""


@dataclass(frozen=True, slots=True)
class Toggle:
    """Pause or resume; begin what is due, or a focus."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End it early; the pomodoro does not count. `at`: as of then."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """End it early; it counts."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Forget it."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Go on to the next phase."""


@dataclass(frozen=True, slots=True)
class Extend:
    """Move the deadline by `by`, of either sign."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Wake:
    """The alarm rang, or somebody looks: settle what is due."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """The machine was suspended at `since`, for `length`: go by the policy, and settle what is due."""

    since: datetime
    length: timedelta


Command = Start | Break | Repeat | Pause | Resume | Toggle | Stop | Finish | Cancel | Skip | Extend | Wake | Sleep
# The table pairs an action with its command's type, which is why the second argument may be of any.
Action = Callable[[Timer, Any, datetime, Rules], Transition]


@dataclass(frozen=True, slots=True)
class Rule:
    """An entry of the table: what is done, and every mode in which that can leave the timer."""

    action: Action
    targets: frozenset[Mode]


def step(timer: Timer, command: Command, now: datetime, rules: Rules) -> Transition:
    """Apply `command` at `now`. Raises TimerIdle, TimerConflict, Invalid or Overlap, and then nothing has changed."""
    rule = TABLE[type(command)].get(timer.mode)
    if rule is None:
        if timer.current is None:
            raise TimerIdle(f"Nothing is running: there is nothing to {type(command).__name__.lower()}.")
        raise TimerConflict(timer.current)
    return rule.action(timer, command, now, rules)


def next_deadline(timer: Timer, rules: Rules) -> datetime | None:
    """Answer the next instant at which the timer wants to be woken, or None."""
    current = timer.current
    if current is None or current.planned is None or current.deadline is None:
        return None
    # What is no longer than the warning's time would be warned of as it begins, which tells nobody anything.
    warns = timedelta(0) < rules.warn_before_end < current.planned and not timer.warned
    return current.deadline - rules.warn_before_end if warns else current.deadline


def due(timer: Timer, now: datetime, rules: Rules) -> bool:
    """Tell whether a wake-up at `now` would change anything."""
    deadline = next_deadline(timer, rules)
    return deadline is not None and deadline <= now


# The pieces of which actions are made.


def _begin(timer: Timer, interval: Interval) -> Transition:
    """Make `interval` the current one."""
    moved = replace(timer, current=interval, due=None, warned=False)
    if interval.phase is Phase.FOCUS:
        moved = replace(moved, last_task_id=interval.task_id, last_planned=interval.planned or _FLOW)
    return Transition(moved, (), (IntervalEvent(EventType.STARTED, interval.started_at, interval),))


def _begin_phase(timer: Timer, phase: Phase, at: datetime, rules: Rules) -> Transition:
    """Begin a phase as the technique has it; a focus goes on with the task of the one before."""
    cycle = timer.cycle.at(at, rules)
    cycle = cycle if phase.is_break else cycle.before_focus(rules)
    interval = Interval(
        phase=phase,
        started_at=at,
        planned=rules.planned(phase),
        task_id=None if phase.is_break else timer.last_task_id,
        zone=str(rules.zone),
    )
    return _begin(replace(timer, cycle=cycle), interval)


def _end(timer: Timer, status: Status, now: datetime, rules: Rules) -> Transition:
    """End the current interval; nothing follows. What lasted into a new day was the last of its cycle."""
    ended = timer.running.ended(status, now)
    kind = EventType(f"interval.{status}")
    over = ended.phase is Phase.LONG_BREAK or not rules.same_day(ended.started_at, ended.ended_at or now)
    cycle = Cycle(0 if over else timer.cycle.done, ended.ended_at)
    moved = replace(timer, current=None, warned=False, cycle=cycle)
    return Transition(moved, (ended,), (IntervalEvent(kind, now, ended),))


def _complete(timer: Timer, at: datetime, rules: Rules, *, late: bool = False) -> Transition:
    """End the current interval as completed; the next phase begins right then, or waits."""
    counted = timer.cycle
    if timer.running.phase is Phase.FOCUS:
        counted = replace(counted, done=counted.done + 1)
    first = _end(replace(timer, cycle=counted), Status.COMPLETED, at, rules)
    [ended] = first.ended
    timer = first.timer
    # The break that a focus has earned is of the cycle in which it counted.
    phase = Phase.FOCUS if ended.phase.is_break else counted.next_break(rules)
    waits = late or not rules.auto_start.covers(phase)
    [event] = first.events
    event = replace(event, next=phase, waits=waits)
    if waits:
        return Transition(replace(timer, due=Due(phase, at, ended)), first.ended, (event,))
    following = _begin_phase(timer, phase, at, rules)
    return Transition(following.timer, first.ended, (event, *following.events))


def _then(first: Transition, following: Transition) -> Transition:
    return Transition(following.timer, first.ended + following.ended, first.events + following.events)


def _started_at(timer: Timer, at: datetime | None, now: datetime) -> datetime:
    """Check a start in the past and answer it."""
    if at is None:
        return now
    if at > now:
        raise Invalid("at: the start lies in the future.", "Give a time in the past, such as '10m ago'.")
    if now - at > LONGEST:
        raise Invalid("at: the start is more than 24 hours ago.")
    if timer.current is not None and at < timer.current.started_at:
        raise Overlap(f"at: the interval that is {timer.current.status} began later.")
    return at


def _length(planned: timedelta | None, usual: timedelta) -> timedelta:
    if planned is None:
        return usual
    if not timedelta(0) < planned <= LONGEST:
        raise Invalid("duration: must be more than nothing and at most 24h.")
    return planned


# The actions, in the order of the table.


def _start(timer: Timer, command: Start, now: datetime, rules: Rules) -> Transition:
    if command.flow and command.planned is not None:
        raise Invalid("duration: flow has none.", "Leave out --duration or --flow.")
    at = _started_at(timer, command.at, now)
    planned = None if command.flow else _length(command.planned, rules.focus)
    cycle = timer.cycle.at(at, rules).before_focus(rules)
    interval = Interval(
        phase=Phase.FOCUS, started_at=at, planned=planned, task_id=command.task_id, zone=str(rules.zone)
    )
    return _begin(replace(timer, cycle=cycle), interval)


def _start_over_break(timer: Timer, command: Start, now: datetime, rules: Rules) -> Transition:
    ended = _end(timer, Status.SKIPPED, _started_at(timer, command.at, now), rules)
    return _then(ended, _start(ended.timer, command, now, rules))


def _start_over_focus(timer: Timer, command: Start, now: datetime, rules: Rules) -> Transition:
    if not command.replace:
        raise TimerConflict(timer.running)
    ended = _end(timer, Status.STOPPED, _started_at(timer, command.at, now), rules)
    return _then(ended, _start(ended.timer, command, now, rules))


def _repeat(timer: Timer, command: Repeat, now: datetime, rules: Rules) -> Transition:
    flow = timer.last_planned == _FLOW
    planned = None if flow else timer.last_planned
    again = Start(task_id=timer.last_task_id, planned=planned, flow=flow, replace=command.replace)
    return step(timer, again, now, rules)


def _break(timer: Timer, command: Break, now: datetime, rules: Rules) -> Transition:
    at = _started_at(timer, command.at, now)
    cycle = timer.cycle.at(at, rules)
    phase = timer.due.phase if timer.due and timer.due.phase.is_break else cycle.next_break(rules)
    phase = Phase.LONG_BREAK if command.long else phase
    planned = _length(command.planned, rules.planned(phase))
    interval = Interval(phase=phase, started_at=at, planned=planned, zone=str(rules.zone))
    return _begin(replace(timer, cycle=cycle), interval)


def _pause(timer: Timer, command: Pause | Toggle, now: datetime, _rules: Rules) -> Transition:
    paused = timer.running.paused(_as_of(command.at if isinstance(command, Pause) else None, now))
    at = paused.gaps[-1].started_at
    event = IntervalEvent(EventType.PAUSED, at, paused, reason=GapReason.PAUSE)
    return Transition(replace(timer, current=paused), (), (event,))


def _resume(timer: Timer, _command: Command, now: datetime, _rules: Rules) -> Transition:
    resumed = timer.running.resumed(now)
    return Transition(replace(timer, current=resumed), (), (IntervalEvent(EventType.RESUMED, now, resumed),))


def _keep(timer: Timer, _command: Command, _now: datetime, _rules: Rules) -> Transition:
    """Change nothing: the timer is already as asked."""
    return Transition(timer)


def _begin_due(timer: Timer, _command: Command, now: datetime, rules: Rules) -> Transition:
    return _begin_phase(timer, timer.waiting.phase, now, rules)


def _begin_focus(timer: Timer, _command: Command, now: datetime, rules: Rules) -> Transition:
    return _start(timer, Start(), now, rules)


def _stop(timer: Timer, command: Stop, now: datetime, rules: Rules) -> Transition:
    return _end(timer, Status.STOPPED, _as_of(command.at, now), rules)


def _as_of(at: datetime | None, now: datetime) -> datetime:
    return now if at is None else min(at, now)


def _cut_short(timer: Timer, command: Stop, now: datetime, rules: Rules) -> Transition:
    return _end(timer, Status.SKIPPED, _as_of(command.at, now), rules)


def _dismiss(timer: Timer, _command: Command, now: datetime, _rules: Rules) -> Transition:
    event = IntervalEvent(EventType.DISMISSED, now, timer.waiting.after, timer.waiting.phase)
    return Transition(replace(timer, due=None), (), (event,))


def _finish(timer: Timer, _command: Command, now: datetime, rules: Rules) -> Transition:
    return _complete(timer, now, rules)


def _cancel(timer: Timer, _command: Command, now: datetime, rules: Rules) -> Transition:
    ended = _end(timer, Status.CANCELLED, now, rules)
    # The cycle is as if it had never been: a long break is still to come.
    return replace(ended, timer=replace(ended.timer, cycle=timer.cycle))


def _skip_focus(timer: Timer, _command: Command, now: datetime, rules: Rules) -> Transition:
    ended = _end(timer, Status.STOPPED, now, rules)
    return _then(ended, _begin_phase(ended.timer, ended.timer.cycle.next_break(rules), now, rules))


def _skip_break(timer: Timer, _command: Command, now: datetime, rules: Rules) -> Transition:
    ended = _end(timer, Status.SKIPPED, now, rules)
    return _then(ended, _begin_phase(ended.timer, Phase.FOCUS, now, rules))


def _skip_due(timer: Timer, _command: Command, now: datetime, rules: Rules) -> Transition:
    phase = Phase.FOCUS if timer.waiting.phase.is_break else timer.cycle.at(now, rules).next_break(rules)
    return _begin_phase(timer, phase, now, rules)


def _extend(timer: Timer, command: Extend, now: datetime, rules: Rules) -> Transition:
    current = timer.running
    if current.planned is None:
        raise Invalid("by: flow has no deadline to move.")
    planned = current.planned + command.by
    left = current.planned - current.elapsed(now)
    if planned > LONGEST or not command.by:
        raise Invalid("by: must not be nothing, and leave the interval at most 24h long.")
    if planned <= current.elapsed(now):
        raise Invalid(
            f"by: only {max(int(left.total_seconds()), 0)}s are left.", "End it with 'pomo finish' or 'pomo stop'."
        )
    longer = replace(current, planned=planned)
    deadline = longer.deadline
    warned = timer.warned and deadline is not None and deadline - rules.warn_before_end <= now
    moved = replace(timer, current=longer, warned=warned)
    return Transition(moved, (), (IntervalEvent(EventType.EXTENDED, now, longer),))


def _reopen(timer: Timer, command: Extend, now: datetime, rules: Rules) -> Transition:
    """Go on with the interval that was just completed: what passed since then was spent on it as well."""
    if command.by <= timedelta(0):
        raise Invalid("by: the interval is over; it can only be made longer.")
    after = timer.waiting.after
    gaps = after.gaps
    if after.ended_at is not None and after.ended_at < timer.waiting.since:
        # It was finished out of a pause, which stays one.
        gaps += (Gap(after.ended_at, timer.waiting.since),)
    after = replace(after, status=Status.RUNNING, ended_at=None, gaps=gaps)
    planned = None if after.planned is None else after.elapsed(now) + command.by
    if planned is not None and planned > LONGEST:
        raise Invalid("by: must leave the interval at most 24h long.")
    done = {
        Phase.FOCUS: max(timer.cycle.done - 1, 0),
        Phase.SHORT_BREAK: timer.cycle.done,
        Phase.LONG_BREAK: rules.long_break_every,
    }[after.phase]
    again = replace(after, planned=planned)
    moved = replace(timer, current=again, due=None, cycle=replace(timer.cycle, done=done), warned=False)
    return Transition(moved, (), (IntervalEvent(EventType.REOPENED, now, again),))


def _wake(timer: Timer, _command: Command, now: datetime, rules: Rules) -> Transition:
    deadline = timer.running.deadline
    if deadline is None or not due(timer, now, rules):
        return Transition(timer)
    if deadline <= now:
        return _complete(timer, deadline, rules, late=now - deadline > LATE)
    event = IntervalEvent(EventType.ENDING, now, timer.running)
    return Transition(replace(timer, warned=True), (), (event,))


def _sleep(timer: Timer, command: Sleep, now: datetime, rules: Rules) -> Transition:
    """Pause or end it as of the suspend, unless it was over by then or goes on."""
    current = timer.running
    policy = rules.on_suspend.towards(current.phase, command.length)
    over = current.deadline is not None and current.deadline <= command.since
    if over or policy is OnSuspend.CONTINUE:
        return _wake(timer, command, now, rules)
    paused = current.paused(command.since, GapReason.SUSPEND)
    since = paused.gaps[-1].started_at
    if policy is OnSuspend.PAUSE:
        event = IntervalEvent(EventType.PAUSED, since, paused, reason=GapReason.SUSPEND)
        return Transition(replace(timer, current=paused), (), (event,))
    ended = _end(timer, Status.SKIPPED if current.phase.is_break else Status.STOPPED, since, rules)
    [event] = ended.events
    return replace(ended, events=(replace(event, reason=GapReason.SUSPEND),))


def _rule(action: Action, *targets: Mode) -> Rule:
    return Rule(action, frozenset(targets))


_M = Mode
#: Where an interval that was completed leaves the timer: the next phase waits, or has begun by itself.
_AFTER_FOCUS: Final = (_M.DUE, _M.BREAK)
_AFTER_BREAK: Final = (_M.DUE, _M.FOCUS)

TABLE: Final[dict[type[Command], dict[Mode, Rule]]] = {
    Start: {
        _M.IDLE: _rule(_start, _M.FOCUS),
        _M.DUE: _rule(_start, _M.FOCUS),
        _M.FOCUS: _rule(_start_over_focus, _M.FOCUS),
        _M.FOCUS_PAUSED: _rule(_start_over_focus, _M.FOCUS),
        _M.BREAK: _rule(_start_over_break, _M.FOCUS),
        _M.BREAK_PAUSED: _rule(_start_over_break, _M.FOCUS),
    },
    Repeat: {mode: _rule(_repeat, _M.FOCUS) for mode in Mode},
    Break: {
        _M.IDLE: _rule(_break, _M.BREAK),
        _M.DUE: _rule(_break, _M.BREAK),
    },
    Pause: {
        _M.FOCUS: _rule(_pause, _M.FOCUS_PAUSED),
        _M.FOCUS_PAUSED: _rule(_keep, _M.FOCUS_PAUSED),
        _M.BREAK: _rule(_pause, _M.BREAK_PAUSED),
        _M.BREAK_PAUSED: _rule(_keep, _M.BREAK_PAUSED),
    },
    Resume: {
        _M.FOCUS: _rule(_keep, _M.FOCUS),
        _M.FOCUS_PAUSED: _rule(_resume, _M.FOCUS),
        _M.BREAK: _rule(_keep, _M.BREAK),
        _M.BREAK_PAUSED: _rule(_resume, _M.BREAK),
    },
    Toggle: {
        _M.IDLE: _rule(_begin_focus, _M.FOCUS),
        _M.DUE: _rule(_begin_due, _M.FOCUS, _M.BREAK),
        _M.FOCUS: _rule(_pause, _M.FOCUS_PAUSED),
        _M.FOCUS_PAUSED: _rule(_resume, _M.FOCUS),
        _M.BREAK: _rule(_pause, _M.BREAK_PAUSED),
        _M.BREAK_PAUSED: _rule(_resume, _M.BREAK),
    },
    Stop: {
        _M.DUE: _rule(_dismiss, _M.IDLE),
        _M.FOCUS: _rule(_stop, _M.IDLE),
        _M.FOCUS_PAUSED: _rule(_stop, _M.IDLE),
        _M.BREAK: _rule(_cut_short, _M.IDLE),
        _M.BREAK_PAUSED: _rule(_cut_short, _M.IDLE),
    },
    Finish: {
        _M.FOCUS: _rule(_finish, *_AFTER_FOCUS),
        _M.FOCUS_PAUSED: _rule(_finish, *_AFTER_FOCUS),
        _M.BREAK: _rule(_finish, *_AFTER_BREAK),
        _M.BREAK_PAUSED: _rule(_finish, *_AFTER_BREAK),
    },
    Cancel: {
        _M.FOCUS: _rule(_cancel, _M.IDLE),
        _M.FOCUS_PAUSED: _rule(_cancel, _M.IDLE),
        _M.BREAK: _rule(_cancel, _M.IDLE),
        _M.BREAK_PAUSED: _rule(_cancel, _M.IDLE),
    },
    Skip: {
        _M.DUE: _rule(_skip_due, _M.FOCUS, _M.BREAK),
        _M.FOCUS: _rule(_skip_focus, _M.BREAK),
        _M.FOCUS_PAUSED: _rule(_skip_focus, _M.BREAK),
        _M.BREAK: _rule(_skip_break, _M.FOCUS),
        _M.BREAK_PAUSED: _rule(_skip_break, _M.FOCUS),
    },
    Extend: {
        _M.DUE: _rule(_reopen, _M.FOCUS, _M.BREAK),
        _M.FOCUS: _rule(_extend, _M.FOCUS),
        _M.FOCUS_PAUSED: _rule(_extend, _M.FOCUS_PAUSED),
        _M.BREAK: _rule(_extend, _M.BREAK),
        _M.BREAK_PAUSED: _rule(_extend, _M.BREAK_PAUSED),
    },
    Wake: {
        _M.IDLE: _rule(_keep, _M.IDLE),
        _M.DUE: _rule(_keep, _M.DUE),
        _M.FOCUS: _rule(_wake, _M.FOCUS, *_AFTER_FOCUS),
        _M.FOCUS_PAUSED: _rule(_keep, _M.FOCUS_PAUSED),
        _M.BREAK: _rule(_wake, _M.BREAK, *_AFTER_BREAK),
        _M.BREAK_PAUSED: _rule(_keep, _M.BREAK_PAUSED),
    },
    Sleep: {
        _M.IDLE: _rule(_keep, _M.IDLE),
        _M.DUE: _rule(_keep, _M.DUE),
        _M.FOCUS: _rule(_sleep, _M.FOCUS, _M.FOCUS_PAUSED, _M.IDLE, *_AFTER_FOCUS),
        _M.FOCUS_PAUSED: _rule(_keep, _M.FOCUS_PAUSED),
        _M.BREAK: _rule(_sleep, _M.BREAK, _M.BREAK_PAUSED, _M.IDLE, *_AFTER_BREAK),
        _M.BREAK_PAUSED: _rule(_keep, _M.BREAK_PAUSED),
    },
}
