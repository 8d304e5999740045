"""Putting the record right: what an interval may become after the fact. Pure; overlaps are the store's to find."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pomo_daemon.domain.errors import Invalid, TimerConflict
from pomo_daemon.domain.interval import Gap, Interval, Phase, Status

#: What a past interval may have come to.
OUTCOMES: Final = {
    Phase.FOCUS: (Status.COMPLETED, Status.STOPPED),
    Phase.SHORT_BREAK: (Status.COMPLETED, Status.SKIPPED),
    Phase.LONG_BREAK: (Status.COMPLETED, Status.SKIPPED),
}
LONGEST: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What to change of an interval; None leaves a field as it is. `task_id` 0 takes the task away."""

    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Status | None = None
    task_id: int | None = None
    note: str | None = None


def past_interval(
    *,
    started_at: datetime,
    ended_at: datetime,
    now: datetime,
    outcome: Status,
    task_id: int | None,
    zone: str,
    note: str,
) -> Interval:
    """Make a focus that was not recorded when it happened. Raises Invalid."""
    interval = Interval(
        phase=Phase.FOCUS,
        status=outcome,
        started_at=started_at,
        ended_at=ended_at,
        planned=ended_at - started_at,
        task_id=task_id,
        zone=zone,
        note=note,
    )
    _check(interval, now)
    return interval


def corrected(interval: Interval, change: Correction, now: datetime) -> Interval:
    """Answer the interval as corrected. One that is current keeps its times. Raises Invalid and TimerConflict."""
    if interval.ended_at is None:
        if change.started_at or change.ended_at or change.outcome:
            raise TimerConflict(interval)
        return _renamed(interval, change)
    start, end = change.started_at or interval.started_at, change.ended_at or interval.ended_at
    # What is corrected was looked at: it counts from now on, unless it is in the way still.
    interval = replace(interval, status=interval.conflict or interval.status, conflict=None)
    gaps = tuple(
        Gap(max(gap.started_at, start), min(gap.ended_at or end, end), gap.reason)
        for gap in interval.gaps
        if gap.started_at < end and (gap.ended_at or end) > start
    )
    moved = replace(interval, started_at=start, ended_at=end, gaps=gaps, status=change.outcome or interval.status)
    _check(moved, now)
    return _renamed(moved, change)


def _renamed(interval: Interval, change: Correction) -> Interval:
    task_id = interval.task_id if change.task_id is None else change.task_id or None
    return replace(interval, task_id=task_id, note=interval.note if change.note is None else change.note)


def _check(interval: Interval, now: datetime) -> None:
    end = interval.ended_at or now
    if end <= interval.started_at:
        raise Invalid("end: must be after the start.")
    if end - interval.started_at > LONGEST:
        raise Invalid("end: an interval is at most 24 hours long.")
    if end > now:
        raise Invalid("end: lies in the future.")
    if interval.status not in OUTCOMES[interval.phase]:
        allowed = ", ".join(OUTCOMES[interval.phase])
        raise Invalid(f"outcome: a {interval.phase.label} is one of {allowed}.")
