"""What is shown of the timer and of intervals: plain values, made by pure functions, for every way of showing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from pomo_daemon.application.ports import TimerRecord
from pomo_daemon.domain.commit import Commit
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.events import IntervalEvent
from pomo_daemon.domain.interruption import Interruption
from pomo_daemon.domain.interval import Interval, Phase, Status
from pomo_daemon.domain.timeline import Reading, project


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a status needs, kept in memory: `today` pomodoros of the day that ends at `day_end`."""

    record: TimerRecord
    names: Mapping[int, str]
    today: int
    day_end: datetime
    interruptions: int = 0


@dataclass(frozen=True, slots=True)
class Clocks:
    """What is shown that goes on by itself: while an interval is `running`, and while a phase is `due`."""

    running: bool = True
    due: bool = True


class StatusView(msgspec.Struct, frozen=True):
    """The timer at one moment; lengths in whole seconds. A struct: bars ask for it often, and it is made quickly."""

    state: str
    phase: str | None
    status: str | None
    remaining_s: int | None
    elapsed_s: int | None
    planned_s: int | None
    deadline: datetime | None
    percent: int | None
    task: str | None
    task_id: int | None
    cycle: int
    cycle_length: int
    today: int
    goal: int
    profile: str
    overtime_s: int | None
    interruptions: int
    interval_id: int | None
    #: Whether the database that several machines share is away: this is as this machine knows it.
    offline: bool = False


@dataclass(frozen=True, slots=True)
class GapView:
    """A stretch that does not count."""

    started_at: datetime
    ended_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class InterruptionView:
    """What broke in."""

    interruption_id: int
    kind: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class CommitView:
    """What was committed."""

    sha: str
    subject: str
    repository: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IntervalView:
    """An interval with its task's name."""

    interval_id: int
    phase: str
    status: str
    task: str | None
    task_id: int | None
    started_at: datetime
    ended_at: datetime | None
    planned_s: int | None
    elapsed_s: int
    gaps: tuple[GapView, ...]
    note: str
    category: str | None
    interruptions: tuple[InterruptionView, ...]
    commits: tuple[CommitView, ...]
    zone: str
    conflict: bool


_STATES = {Phase.FOCUS: "focus", Phase.SHORT_BREAK: "break", Phase.LONG_BREAK: "long-break"}
_SECOND = timedelta(seconds=1)
_NOTHING = timedelta(0)


def status_view(snapshot: Snapshot, reading: Reading, rules: Rules, profile: str) -> StatusView:
    """Look at the timer. The remaining time is rounded up, so that a clock shows 25:00 first and 00:00 at the end."""
    timer = snapshot.record.timer
    now = project(snapshot.record.anchor, reading)
    current = timer.current
    task_id = current.task_id if current else None
    remaining = elapsed = planned = percent = deadline = overtime = None
    state = "idle"
    if current is not None:
        spent = current.elapsed(now)
        elapsed = spent // _SECOND
        state = _STATES[current.phase] + ("-paused" if current.status is Status.PAUSED else "")
        if current.planned is not None:
            left = max(current.planned - spent, _NOTHING)
            remaining = -(-left // _SECOND)
            planned = current.planned // _SECOND
            percent = min(int(100 * (spent / current.planned)), 100)
            # On the wall clock of the reader, whatever was done to it since the start.
            deadline = reading.wall + left if current.status is Status.RUNNING else None
    elif timer.due is not None:
        state = "due"
        overtime = max(now - timer.due.since, _NOTHING) // _SECOND
        task_id = timer.last_task_id
    phase = current.phase if current else timer.due.phase if timer.due else None
    return StatusView(
        state=state,
        phase=phase,
        status=current.status if current else None,
        remaining_s=remaining,
        elapsed_s=elapsed,
        planned_s=planned,
        deadline=deadline,
        percent=percent,
        task=snapshot.names.get(task_id) if task_id is not None else None,
        task_id=task_id,
        cycle=_place_in_cycle(snapshot.record, now, rules),
        cycle_length=rules.long_break_every,
        today=snapshot.today if reading.wall < snapshot.day_end else 0,
        goal=rules.goal,
        profile=profile,
        overtime_s=overtime,
        interruptions=snapshot.interruptions,
        interval_id=current.interval_id if current else None,
    )


def until_other(snapshot: Snapshot, reading: Reading, clocks: Clocks) -> timedelta | None:
    """Answer in how long a status looks different although nothing happens; None: not at all.

    The day ends, and where a clock is shown and runs, its second.
    """
    timer = snapshot.record.timer
    now = project(snapshot.record.anchor, reading)
    current = timer.current
    waits = [snapshot.day_end - reading.wall] if reading.wall < snapshot.day_end else []
    if clocks.running and current is not None and current.status is Status.RUNNING:
        waits.append(_SECOND - current.elapsed(now) % _SECOND)
    elif clocks.due and timer.due is not None:
        waits.append(_SECOND - max(now - timer.due.since, _NOTHING) % _SECOND)
    return min(waits, default=None)


def _place_in_cycle(record: TimerRecord, now: datetime, rules: Rules) -> int:
    """Answer which focus of the cycle this is, or how many are done while none is current."""
    timer = record.timer
    if timer.current is None:
        return timer.cycle.at(now, rules).done
    return timer.cycle.done + (timer.current.phase is Phase.FOCUS)


def interval_view(
    interval: Interval,
    names: Mapping[int, str],
    now: datetime,
    category: str | None = None,
    interruptions: Sequence[Interruption] = (),
    commits: Sequence[Commit] = (),
) -> IntervalView:
    """Look at a stored interval."""
    return IntervalView(
        interval_id=interval.interval_id or 0,
        phase=interval.phase,
        status=interval.conflict or interval.status,
        task=names.get(interval.task_id) if interval.task_id is not None else None,
        task_id=interval.task_id,
        started_at=interval.started_at,
        ended_at=interval.ended_at,
        planned_s=None if interval.planned is None else interval.planned // _SECOND,
        elapsed_s=interval.elapsed(now) // _SECOND,
        gaps=tuple(GapView(gap.started_at, gap.ended_at, gap.reason) for gap in interval.gaps),
        note=interval.note,
        conflict=interval.conflict is not None,
        category=category,
        zone=interval.zone,
        commits=tuple(CommitView(it.sha, it.subject, it.repository, it.at) for it in commits),
        interruptions=tuple(InterruptionView(it.interruption_id, it.kind, it.at, it.note) for it in interruptions),
    )


def event_data(event: IntervalEvent, names: Mapping[int, str], now: datetime) -> dict[str, Any]:
    """Make the data of an event: plain JSON, whole seconds, instants in ISO 8601."""
    view = interval_view(event.interval, names, event.at)
    return {
        "interval": {
            "interval_id": view.interval_id,
            "phase": view.phase,
            "status": view.status,
            "task": view.task,
            "task_id": view.task_id,
            "started_at": _iso(view.started_at),
            "ended_at": _iso(view.ended_at) if view.ended_at else None,
            "planned_s": view.planned_s,
            "elapsed_s": view.elapsed_s,
        },
        "next": event.next,
        "waits": event.waits,
        "reason": event.reason,
        "noticed_at": _iso(now),
        "late_s": max((now - event.at) // _SECOND, 0),
    }


def _iso(instant: datetime) -> str:
    """Write an instant as the wire does everywhere."""
    return instant.isoformat().replace("+00:00", "Z")
