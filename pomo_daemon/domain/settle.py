"""What a timer owes to the time that passed unseen: asked at each alarm, each command, and after a restart."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.interval import Status
from pomo_daemon.domain.timeline import Reading, project
from pomo_daemon.domain.timer import Pause, Timer, Transition, Wake, step

#: Clocks of machines on one database are never quite the same, nor is one clock before and after a boot.
SKEW: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Settled:
    """The transition that was owed (at most one), what time it is on the timer's line, and the anchor of that line."""

    transition: Transition
    now: datetime
    anchor: Reading | None


def settle(timer: Timer, anchor: Reading | None, reading: Reading, rules: Rules) -> Settled:
    """Complete what is over, at its deadline. Nothing owed: an empty transition.

    After a boot, or on another machine, the wall clock alone tells how long nobody looked. If it stands well before
    what the timer remembers it tells nothing: the timer is paused there, since neither losing nor inventing time would
    be right.
    """
    if anchor is None or anchor.same_boot(reading):
        now = project(anchor, reading)
        return Settled(step(timer, Wake(), now, rules), now, anchor)
    last = max([anchor.wall, *_remembered(timer)])
    now = max(last, reading.wall)
    line = replace(reading, wall=now)
    running = timer.current is not None and timer.current.status is Status.RUNNING
    if running and reading.wall < last - SKEW:
        return Settled(step(timer, Pause(), now, rules), now, line)
    return Settled(step(timer, Wake(), now, rules), now, line)


def _remembered(timer: Timer) -> list[datetime]:
    """Answer instants at which something happened to the timer."""
    held = [timer.cycle.touched_at, timer.due.since if timer.due else None]
    if timer.current is not None:
        held += [timer.current.started_at, *(gap.ended_at or gap.started_at for gap in timer.current.gaps)]
    return [instant for instant in held if instant is not None]
