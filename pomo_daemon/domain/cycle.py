"""The cycle: the focus intervals up to a long break."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from pomo_daemon.domain.days import WeekStart, day_of
from pomo_daemon.domain.interval import Phase

#: A suspend of so much does not end anybody's work.
NAP: Final = timedelta(minutes=2)


class AutoStart(StrEnum):
    """Which phases start by themselves when the one before ends."""

    NONE = "none"
    BREAKS = "breaks"
    FOCUS = "focus"
    ALL = "all"

    def covers(self, phase: Phase) -> bool:
        """Tell whether a phase starts by itself."""
        return self is AutoStart.ALL or self is (AutoStart.BREAKS if phase.is_break else AutoStart.FOCUS)


class OnSuspend(StrEnum):
    """What a suspend of the machine does to an interval that runs."""

    AUTO = "auto"
    CONTINUE = "continue"
    PAUSE = "pause"
    STOP = "stop"

    def towards(self, phase: Phase, length: timedelta) -> "OnSuspend":
        """Decide: one can rest beside a machine that sleeps, and work as long as one would look out of the window."""
        if self is not OnSuspend.AUTO:
            return self
        return OnSuspend.CONTINUE if phase.is_break or length <= NAP else OnSuspend.PAUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The settings that the timer obeys."""

    focus: timedelta = timedelta(minutes=25)
    short_break: timedelta = timedelta(minutes=5)
    long_break: timedelta = timedelta(minutes=15)
    long_break_every: int = 4
    auto_start: AutoStart = AutoStart.NONE
    cycle_timeout: timedelta = timedelta(hours=2)
    day_start: time = time(0)
    zone: tzinfo = UTC
    warn_before_end: timedelta = timedelta(0)
    on_suspend: OnSuspend = OnSuspend.AUTO
    schedule_grace: timedelta = timedelta(minutes=10)
    goal: int = 0
    week_start: WeekStart = WeekStart.MONDAY

    def planned(self, phase: Phase) -> timedelta:
        """Answer the usual length of a phase."""
        return {Phase.FOCUS: self.focus, Phase.SHORT_BREAK: self.short_break, Phase.LONG_BREAK: self.long_break}[phase]

    def same_day(self, one: datetime, other: datetime) -> bool:
        """Tell whether no day begins between two instants."""
        return day_of(one, self.zone, self.day_start) == day_of(other, self.zone, self.day_start)


@dataclass(frozen=True, slots=True)
class Cycle:
    """`done` completed focus intervals; `touched_at` is when the last interval of the cycle ended."""

    done: int = 0
    touched_at: datetime | None = None

    def at(self, now: datetime, rules: Rules) -> "Cycle":
        """Answer the cycle when nothing runs at `now`: a new one on a new day, or after idling too long."""
        if self.touched_at is None:
            return self
        idle = now - self.touched_at > rules.cycle_timeout
        return Cycle() if idle or not rules.same_day(self.touched_at, now) else self

    def next_break(self, rules: Rules) -> Phase:
        """Answer which break follows."""
        return Phase.LONG_BREAK if self.done and self.done % rules.long_break_every == 0 else Phase.SHORT_BREAK

    def before_focus(self, rules: Rules) -> "Cycle":
        """Answer the cycle in which the next focus counts: a full one is over, its long break taken or not."""
        return Cycle(0, self.touched_at) if self.done >= rules.long_break_every else self


NEW_CYCLE: Final = Cycle()
