"""What a timer owes to the time that passed unseen: asked at each alarm, each command, and after a restart."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.interval import Status
from pomo_daemon.domain.timeline import Reading, project
from pomo_daemon.domain.timer import Mode, Pause, Sleep, Timer, Transition, Wake, step

#: Less sleep than this is none: the two clocks that tell of it are not read at the same instant.
_NOTICED: Final = timedelta(seconds=1)

#: Clocks of machines on one database are never quite the same, nor is one clock before and after a boot.
SKEW: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Settled:
    """The transition that was owed (at most one), what time it is on the timer's line, and the anchor of that line."""

    transition: Transition
    now: datetime
    anchor: Reading | None


def settle(
    timer: Timer, anchor: Reading | None, reading: Reading, rules: Rules, left_at: datetime | None = None
) -> Settled:
    """Complete what is over, at its deadline; where the machine slept, go by the policy. Nothing owed: no transition.

    After a boot, or on another machine, the wall clock alone tells how long nobody looked. If it stands well before
    what the timer remembers it tells nothing: the timer is paused there, since neither losing nor inventing time would
    be right.

    Sleep that was not accounted for is taken for one stretch that has just ended, since a daemon that lives looks as
    soon as the machine wakes. The anchor answered has it accounted for, so it is never owed a second time.
    """
    if anchor is None or anchor.same_boot(reading):
        now = project(anchor, reading)
        slept = timedelta(0) if anchor is None else reading.slept_since(anchor)
        if anchor is None or timer.mode is Mode.IDLE or slept < _NOTICED:
            return Settled(step(timer, Wake(), now, rules), now, anchor)
        transition = step(timer, Sleep(now - slept, slept), now, rules)
        return Settled(transition, now, replace(anchor, slept=reading.slept))
    return _after_boot(timer, anchor, reading, rules, left_at)


def _after_boot(timer: Timer, anchor: Reading, reading: Reading, rules: Rules, left_at: datetime | None) -> Settled:
    """Go by the wall clock, which alone tells how long the machine was away.

    Where it stands before what the timer remembers it tells nothing: the timer is paused there, since neither losing
    nor inventing time would be right. `left_at` is when the daemon before saw the machine go down; from then on it is
    as if the machine had slept. A machine that lost its power told nobody, and what ran is taken to have run on.
    """
    last = max([anchor.wall, *remembered(timer)])
    now = max(last, reading.wall)
    line = replace(reading, wall=now)
    running = timer.current is not None and timer.current.status is Status.RUNNING
    if running and reading.wall < last - SKEW:
        return Settled(step(timer, Pause(), now, rules), now, line)
    if left_at is not None and last <= left_at <= now:
        return Settled(step(timer, Sleep(left_at, now - left_at), now, rules), now, line)
    return Settled(step(timer, Wake(), now, rules), now, line)


def remembered(timer: Timer) -> list[datetime]:
    """Answer instants at which something happened to the timer."""
    held = [timer.cycle.touched_at, timer.due.since if timer.due else None]
    if timer.current is not None:
        held += [timer.current.started_at, *(gap.ended_at or gap.started_at for gap in timer.current.gaps)]
    return [instant for instant in held if instant is not None]
