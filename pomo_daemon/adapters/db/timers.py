"""Timers: one row per user, changed only by comparing its version."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Row, Select, bindparam, func, select, type_coerce, update

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.intervals import to_interval
from pomo_daemon.adapters.db.tables import gaps, intervals, timers
from pomo_daemon.adapters.db.types import from_microseconds
from pomo_daemon.application.ports import Stale, TimerRecord
from pomo_daemon.domain.cycle import Cycle
from pomo_daemon.domain.interval import Gap, GapReason, Interval, Phase, Status
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.domain.timer import Due, Timer


def _look(array: str, all_of: str) -> Select[Any]:
    """Select a timer with the interval that it points to: the current one, or the one after which a phase is due.

    Its gaps come as JSON made by the functions of these names, so that all is one row: every command asks for it.
    """
    gap = getattr(func, array)(gaps.c.started_at, gaps.c.ended_at, gaps.c.reason)
    its_gaps = select(getattr(func, all_of)(gap, type_=JSON)).where(gaps.c.interval_id == intervals.c.interval_id)
    return (
        select(
            timers,
            *(column.label(f"i_{column.name}") for column in intervals.c),
            its_gaps.scalar_subquery().label("gaps"),
        )
        .outerjoin_from(
            timers, intervals, intervals.c.interval_id == func.coalesce(timers.c.interval_id, timers.c.due_after_id)
        )
        .where(timers.c.user_id == bindparam("user"))
    )


_LOOK: Final = {
    "sqlite": _look("json_array", "json_group_array"),
    "postgresql": _look("json_build_array", "json_agg"),
}
# FOR UPDATE makes two machines take turns on PostgreSQL; SQLite's transactions do so anyway. A statement of its own:
# who waited in one that also joins would get the timer as it is then, beside its interval as it was before.
_TAKE: Final = select(timers.c.version).where(timers.c.user_id == bindparam("user")).with_for_update()
_SAVE: Final = update(timers).where(timers.c.user_id == bindparam("user"), timers.c.version == bindparam("loaded"))
_RUNNING: Final = (
    select(timers.c.user_id)
    .join_from(timers, intervals, intervals.c.interval_id == timers.c.interval_id)
    .where(intervals.c.status == Status.RUNNING)
)
_OVERDUE: Final = _RUNNING.where(
    type_coerce(intervals.c.started_at, BigInteger) + type_coerce(intervals.c.planned, BigInteger)
    < bindparam("since", type_=intervals.c.started_at.type)
).limit(100)


class SqlTimers:
    """The Timers port."""

    def __init__(self, connection: AsyncConnection, *, writing: bool) -> None:
        self._connection = connection
        self._look = _LOOK[connection.dialect.name]
        self._takes_turns = writing and connection.dialect.name == "postgresql"

    async def load(self, user_id: int) -> TimerRecord:
        """Answer the timer of a user that exists."""
        if self._takes_turns:
            await self._connection.execute(_TAKE, {"user": user_id})
        row = (await self._connection.execute(self._look, {"user": user_id})).one()
        interval = None
        if row.i_interval_id is not None:
            interval = replace(
                to_interval(row, "i_"), gaps=tuple(_to_gap(*it) for it in sorted(row.gaps or (), key=itemgetter(0)))
            )
        return TimerRecord(user_id, row.version, _to_timer(row, interval), _to_anchor(row), row.left_at)

    async def save(self, record: TimerRecord) -> TimerRecord:
        """Store over the version that was loaded. Raises Stale if that is no longer there."""
        changed = await self._connection.execute(_SAVE, _to_row(record))
        if changed.rowcount != 1:
            raise Stale
        return replace(record, version=record.version + 1)

    async def overdue(self, since: datetime) -> Sequence[int]:
        """Answer some users whose interval runs though it was to end before `since`, its gaps left out of account."""
        return (await self._connection.scalars(_OVERDUE, {"since": since})).all()

    async def running(self) -> Sequence[int]:
        """Answer the users whose current interval runs."""
        return (await self._connection.scalars(_RUNNING)).all()


def _to_gap(start: int, end: int | None, reason: str) -> Gap:
    return Gap(from_microseconds(start), None if end is None else from_microseconds(end), GapReason(reason))


def _to_timer(row: Row[Any], interval: Interval | None) -> Timer:
    due = None
    if row.due_phase is not None and interval is not None:
        due = Due(Phase(row.due_phase), row.due_since, interval)
    return Timer(
        current=interval if row.interval_id is not None else None,
        due=due,
        cycle=Cycle(row.cycle_done, row.cycle_touched_at),
        last_task_id=row.last_task_id,
        last_planned=row.last_planned,
        warned=row.warned,
    )


def _to_anchor(row: Row[Any]) -> Reading | None:
    if row.anchor_wall is None:
        return None
    return Reading(row.anchor_wall, row.anchor_boottime, row.anchor_boot_id, row.anchor_slept)


def _to_row(record: TimerRecord) -> dict[str, Any]:
    timer, anchor = record.timer, record.anchor
    return {
        "user": record.user_id,
        "loaded": record.version,
        "version": record.version + 1,
        "interval_id": timer.current.interval_id if timer.current else None,
        "due_phase": timer.due.phase if timer.due else None,
        "due_since": timer.due.since if timer.due else None,
        "due_after_id": timer.due.after.interval_id if timer.due else None,
        "cycle_done": timer.cycle.done,
        "cycle_touched_at": timer.cycle.touched_at,
        "last_task_id": timer.last_task_id,
        "last_planned": timer.last_planned,
        "warned": timer.warned,
        "anchor_wall": anchor.wall if anchor else None,
        "anchor_boottime": anchor.boottime if anchor else None,
        "anchor_boot_id": anchor.boot_id if anchor else None,
        "anchor_slept": anchor.slept if anchor else None,
        "left_at": record.left_at,
    }
