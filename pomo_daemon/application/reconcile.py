"""What was kept here and does not fit any more, since another machine went its own way: recorded beside that.

An interval that lies where another one is recorded is a conflict: it is listed, and counts only once it is corrected.
One that does not, counts; and if nothing runs by now, the one that runs here goes on.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from pomo_daemon.application.kept import outline
from pomo_daemon.application.local import Local
from pomo_daemon.application.ports import TimerRecord
from pomo_daemon.application.tasks import find_or_make
from pomo_daemon.application.views import event_data
from pomo_daemon.application.work import Work
from pomo_daemon.domain.events import EventType, IntervalEvent
from pomo_daemon.domain.interval import Interval, Status
from pomo_daemon.domain.settle import remembered
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.domain.timer import Transition

_EVER: Final = datetime.max.replace(tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


class Unfit(Exception):  # an outcome to handle, rather than a fault
    """A command that was kept does not do to the timer in the database what it did to the one that was known."""


def has_moved_on(record: TimerRecord, reading: Reading) -> bool:
    """Tell whether something happened to a timer after an instant: then that can tell nothing of it."""
    anchor = record.anchor
    if anchor is not None and anchor.same_boot(reading):
        return reading.boottime < anchor.boottime
    instants = [*remembered(record.timer), *([anchor.wall] if anchor else [])]
    return any(it > reading.wall for it in instants)


def request_of(local: Local) -> str:
    """Answer the request id under which the rest of what was kept is recorded."""
    given = " ".join(it.entry.request_id for it in local.steps)
    return f"kept-{hashlib.blake2b(given.encode(), digest_size=16).hexdigest()}"


async def record_beside(work: Work, local: Local) -> None:
    """Record the intervals that commands touched which do not fit any more; tell of those in conflict, once."""
    conflicts = []
    for key in _touched(local):
        stored = await _record(work, local, local.state.intervals[key])
        if stored is None:
            continue
        for it in (it for step in local.unfit for it in step.broke_in if it.interval_id == key):
            await work.unit.interruptions.add(replace(it, interruption_id=0, interval_id=stored.interval_id or 0))
        if stored.conflict is not None:
            conflicts.append(stored)
    work.recount = True
    if conflicts:
        await _tell(work, conflicts)


def _touched(local: Local) -> list[int]:
    """Answer those intervals, in their order."""
    keys = {key for step in local.unfit for key in step.touched}
    return sorted(keys, key=lambda key: local.state.intervals[key].started_at)


async def _record(work: Work, local: Local, found: Interval) -> Interval | None:
    """Record an interval unless it is recorded, and answer it as it is then; None for one that leaves no trace."""
    if found.status is Status.CANCELLED:
        return None
    if (same := await _recorded(work, found)) is not None:
        return same
    task_id = found.task_id
    if task_id is not None and task_id < 0:
        task_id = await find_or_make(work, local.state.names[task_id])
    ours = replace(found, interval_id=None, task_id=task_id)
    if ours.ended_at is None:
        if await _goes_on(work, local, ours):
            return work.record.timer.current
        ours = ours.ended(Status.SKIPPED if ours.phase.is_break else Status.STOPPED, work.now)
    if await _is_taken(work, ours.started_at, ours.ended_at or work.now):
        ours = replace(ours, status=Status.CANCELLED, conflict=ours.status)
    stored = await work.unit.intervals.add(work.user_id, ours)
    if stored.conflict is None:
        work.pending.append(IntervalEvent(EventType.RECORDED, work.now, stored))
    return stored


async def _recorded(work: Work, wanted: Interval) -> Interval | None:
    """Answer an interval of the record that tells the same: how long it was to last is no matter by now."""
    start = wanted.started_at
    there = await work.unit.intervals.between(work.user_id, start, start + _TICK)
    told = {outline(replace(it, status=it.conflict or it.status, planned=None)): it for it in there}
    return told.get(outline(replace(wanted, planned=None)))


async def _is_taken(work: Work, start: datetime, end: datetime) -> bool:
    current = work.record.timer.current
    if current is not None and current.started_at < end:
        return True
    return await work.unit.intervals.overlapping(work.user_id, start, end) is not None


async def _goes_on(work: Work, local: Local, ours: Interval) -> bool:
    """Let the interval that runs here run for all, if nothing else does, nor did since it began; tell whether."""
    timer = work.record.timer
    if timer.current is not None or await _is_taken(work, ours.started_at, _EVER):
        return False
    work.record = replace(work.record, anchor=local.state.record.anchor)
    moved = replace(timer, current=ours, due=None, warned=False)
    await work.take(Transition(moved, (), (IntervalEvent(EventType.STARTED, ours.started_at, ours),)))
    return True


async def _tell(work: Work, conflicts: Sequence[Interval]) -> None:
    """Tell of all of them at once, by the first one."""
    first = conflicts[0]
    names = await work.unit.tasks.names(work.user_id, [first.task_id]) if first.task_id is not None else {}
    data = event_data(IntervalEvent(EventType.CONFLICT, work.now, first), names, work.now)
    work.announce(EventType.CONFLICT, {"interval": data["interval"], "count": len(conflicts)})
