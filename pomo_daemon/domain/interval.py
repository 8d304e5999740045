"""An interval: one timed stretch, its gaps, and the arithmetic of its time. Every method answers a new value."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

_NOTHING: Final = timedelta(0)


class Phase(StrEnum):
    """What the stretch is for."""

    FOCUS = "focus"
    SHORT_BREAK = "short_break"
    LONG_BREAK = "long_break"

    @property
    def is_break(self) -> bool:
        """Tell whether this is a break of either length."""
        return self is not Phase.FOCUS

    @property
    def label(self) -> str:
        """Answer the words for people: `short break`."""
        return self.value.replace("_", " ")


class Status(StrEnum):
    """How far it has come. Ended is whatever is neither running nor paused."""

    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class GapReason(StrEnum):
    """Why time did not count."""

    PAUSE = "pause"
    SUSPEND = "suspend"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch inside an interval in which time does not count; `ended_at` is None while it lasts."""

    started_at: datetime
    ended_at: datetime | None = None
    reason: GapReason = GapReason.PAUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One timed stretch. `planned` None counts up without a deadline (flow). `interval_id` None is not stored yet.

    `conflict` is how one ended that was kept on a machine while the shared database recorded another in its place. It
    has the status of one that was cancelled, so that it neither counts nor is in the way of any, until it is corrected.
    """

    phase: Phase
    started_at: datetime
    planned: timedelta | None
    status: Status = Status.RUNNING
    ended_at: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    task_id: int | None = None
    zone: str = "UTC"
    note: str = ""
    interval_id: int | None = None
    conflict: Status | None = None

    def elapsed(self, now: datetime) -> timedelta:
        """Answer the time that counts, up to its end or `now`; never negative."""
        end = self.ended_at or now
        if not self.gaps:
            return max(end - self.started_at, _NOTHING)
        idle = sum((max(min(gap.ended_at or end, end) - gap.started_at, _NOTHING) for gap in self.gaps), _NOTHING)
        return max(end - self.started_at - idle, _NOTHING)

    @property
    def deadline(self) -> datetime | None:
        """Answer when a running interval is over: its plan and its gaps after its start. None for flow and paused."""
        if self.planned is None or self.status is not Status.RUNNING:
            return None
        gaps = ((gap.ended_at or gap.started_at) - gap.started_at for gap in self.gaps)
        return self.started_at + self.planned + sum(gaps, timedelta(0))

    def paused(self, now: datetime, reason: GapReason = GapReason.PAUSE) -> "Interval":
        """Open a gap at `now`, or where the last one ended if that is later."""
        last = self.gaps[-1].ended_at or self.started_at if self.gaps else self.started_at
        return replace(self, status=Status.PAUSED, gaps=(*self.gaps, Gap(max(now, last), None, reason)))

    def resumed(self, now: datetime) -> "Interval":
        """Close the open gap at `now`; one without length leaves no trace."""
        *earlier, gap = self.gaps
        closed = replace(gap, ended_at=max(now, gap.started_at))
        kept = (*earlier, closed) if closed.ended_at != closed.started_at else tuple(earlier)
        return replace(self, status=Status.RUNNING, gaps=kept)

    def ended(self, status: Status, now: datetime) -> "Interval":
        """End it at `now`, or at its pause: time in an open gap was not spent on it. No gap outlasts it."""
        end = max(now, self.started_at)
        if self.status is Status.PAUSED:
            end = min(end, self.gaps[-1].started_at)
        gaps = tuple(replace(gap, ended_at=min(gap.ended_at or end, end)) for gap in self.gaps if gap.started_at < end)
        return replace(self, status=status, ended_at=end, gaps=gaps)
