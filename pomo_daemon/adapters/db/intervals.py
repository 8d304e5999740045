"""Intervals and their gaps."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import gaps, intervals
from pomo_daemon.application.ports import WHOLE, Page, StoreError
from pomo_daemon.domain.interval import Gap, GapReason, Interval, Phase, Status
from pomo_daemon.domain.report import local_start

_MINE = intervals.c.owner_id == bindparam("user")
_RECORDED = intervals.c.status != Status.CANCELLED
_WITHIN = (intervals.c.started_at >= bindparam("start")) & (intervals.c.started_at < bindparam("end"))

_GAPS: Final = select(gaps).where(gaps.c.interval_id.in_(bindparam("ids", expanding=True))).order_by(gaps.c.started_at)
# One that took no time begins with the one that follows it.
_OLDEST_FIRST = (intervals.c.started_at, intervals.c.interval_id)
_LISTED = _RECORDED | intervals.c.conflict.is_not(None)
_BETWEEN: Final = select(intervals).where(_MINE, _LISTED, _WITHIN).order_by(*_OLDEST_FIRST)
_OF_TASKS = intervals.c.task_id.in_(bindparam("tasks", expanding=True))
_BEHIND = (intervals.c.started_at > bindparam("start")) | (intervals.c.interval_id > bindparam("after"))
_NO_LIMIT: Final = 2**62
_OVERLAPPING: Final = (
    select(intervals)
    .where(
        _MINE,
        _RECORDED,
        intervals.c.started_at < bindparam("end"),
        intervals.c.ended_at > bindparam("start"),
        intervals.c.interval_id != bindparam("but"),
    )
    .order_by(*_OLDEST_FIRST)
    .limit(1)
)
_GET: Final = select(intervals).where(_MINE, intervals.c.interval_id == bindparam("id"))
_OF_TASK: Final = (
    select(intervals).where(_MINE, _RECORDED, intervals.c.task_id == bindparam("task")).order_by(*_OLDEST_FIRST)
)
_REMOVE: Final = delete(intervals).where(_MINE, intervals.c.interval_id == bindparam("id"))
_LATEST_FIRST = (intervals.c.started_at.desc(), intervals.c.interval_id.desc())
_OTHERS = (_MINE, _RECORDED, intervals.c.interval_id != bindparam("but"))
_BEFORE: Final = (
    select(intervals.c.ended_at)
    .where(*_OTHERS, intervals.c.started_at <= bindparam("moment"))
    .order_by(*_LATEST_FIRST)
    .limit(1)
)
_AFTER: Final = (
    select(intervals.c.started_at)
    .where(*_OTHERS, intervals.c.started_at > bindparam("moment"))
    .order_by(intervals.c.started_at)
    .limit(1)
)
# Intervals of a user do not overlap, so the one that began last ended last.
_LAST_END: Final = (
    select(intervals.c.ended_at)
    .where(_MINE, _RECORDED, intervals.c.ended_at.is_not(None))
    .order_by(*_LATEST_FIRST)
    .limit(1)
)
_COMPLETED: Final = (
    select(func.count())
    .select_from(intervals)
    .where(_MINE, _WITHIN, intervals.c.phase == Phase.FOCUS, intervals.c.status == Status.COMPLETED)
)
_ADD: Final = insert(intervals).returning(intervals.c.interval_id)
_UPDATE: Final = update(intervals).where(_MINE, intervals.c.interval_id == bindparam("id"))
_DROP_GAPS: Final = delete(gaps).where(gaps.c.interval_id == bindparam("id"))
_CHANGE_GAP: Final = update(gaps).where(
    gaps.c.interval_id == bindparam("id"),
    gaps.c.started_at == bindparam("start"),
    gaps.c.ended_at.is_not_distinct_from(bindparam("end", type_=gaps.c.ended_at.type)),
)
_ADD_GAPS: Final = insert(gaps)


class SqlIntervals:
    """The Intervals port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, user_id: int, interval: Interval) -> Interval:
        """Store a new interval and its gaps; answer it with its id."""
        key = {} if interval.interval_id is None else {"interval_id": interval.interval_id}
        made = await self._connection.execute(_ADD, {"owner_id": user_id, **key, **_to_row(interval)})
        stored = replace(interval, interval_id=made.scalar_one())
        await self.set_gaps(stored, ())
        return stored

    async def update(self, user_id: int, interval: Interval) -> None:
        """Store a changed interval, but for its gaps. Raises StoreError if this user has none of that number."""
        values = {"user": user_id, "id": interval.interval_id, **_to_row(interval)}
        if (await self._connection.execute(_UPDATE, values)).rowcount != 1:
            raise StoreError("interval.not_found", f"There is no interval {interval.interval_id}.")

    async def set_gaps(self, interval: Interval, before: Sequence[Gap] | None = None) -> None:
        """Store the gaps of an interval in place of those it had, which are `before`; None: whatever is stored."""
        key, gone, fresh = interval.interval_id, before or (), list(interval.gaps)
        # An interval that was paused often is paused, and goes on, as fast as another.
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(gone, fresh, strict=False)))
        if before is not None and same == len(gone):
            fresh = fresh[same:]
        elif same + 1 == len(gone) == len(fresh):
            was, values = gone[same], _gap_row(fresh[same])
            fresh = []
            await self._connection.execute(
                _CHANGE_GAP, {"id": key, "start": was.started_at, "end": was.ended_at, **values}
            )
        else:
            await self._connection.execute(_DROP_GAPS, {"id": key})
        if fresh:
            await self._connection.execute(_ADD_GAPS, [{"interval_id": key, **_gap_row(it)} for it in fresh])

    async def between(
        self,
        user_id: int,
        start: datetime,
        end: datetime,
        *,
        tasks: Sequence[int] | None = None,
        page: Page = WHOLE,
    ) -> Sequence[Interval]:
        """Answer those that began in [start, end), oldest first; of some tasks only."""
        values: dict[str, Any] = {"user": user_id, "start": start, "end": end}
        statement = _BETWEEN
        if tasks is not None:
            statement, values["tasks"] = statement.where(_OF_TASKS), list(tasks)
        if page != WHOLE:
            statement = statement.where(_BEHIND).limit(bindparam("limit"))
            values |= {"after": page.after, "limit": page.limit if page.limit is not None else _NO_LIMIT}
        rows = await self._connection.execute(statement, values)
        return await with_gaps(self._connection, [to_interval(row) for row in rows])

    async def overlapping(
        self, user_id: int, start: datetime, end: datetime, *, but: int | None = None
    ) -> Interval | None:
        """Answer the first ended interval, other than `but`, that shares time with (start, end)."""
        values = {"user": user_id, "start": start, "end": end, "but": but or 0}
        row = (await self._connection.execute(_OVERLAPPING, values)).one_or_none()
        return (await with_gaps(self._connection, [to_interval(row)]))[0] if row else None

    async def around(
        self, user_id: int, at: datetime, *, but: int | None = None
    ) -> tuple[datetime | None, datetime | None]:
        """Answer when the last interval that began by `at` ended, and when the first after it began; `but` aside."""
        values = {"user": user_id, "moment": at, "but": but or 0}
        return await self._connection.scalar(_BEFORE, values), await self._connection.scalar(_AFTER, values)

    async def get(self, user_id: int, interval_id: int, *, cancelled: bool = False) -> Interval | None:
        """Answer an interval with its gaps; one that is cancelled, and no conflict, only if asked to."""
        row = (await self._connection.execute(_GET, {"user": user_id, "id": interval_id})).one_or_none()
        if row is None or (row.status == Status.CANCELLED and row.conflict is None and not cancelled):
            return None
        return (await with_gaps(self._connection, [to_interval(row)]))[0]

    async def of_task(self, user_id: int, task_id: int) -> Sequence[Interval]:
        """Answer the intervals spent on a task, oldest first."""
        rows = await self._connection.execute(_OF_TASK, {"user": user_id, "task": task_id})
        return await with_gaps(self._connection, [to_interval(row) for row in rows])

    async def remove(self, user_id: int, interval_id: int) -> None:
        """Take an interval out of the record, with its gaps and interruptions."""
        await self._connection.execute(_REMOVE, {"user": user_id, "id": interval_id})

    async def last_end(self, user_id: int) -> datetime | None:
        """Answer when the latest ended interval ended."""
        found: datetime | None = await self._connection.scalar(_LAST_END, {"user": user_id})
        return found

    async def completed_focus(self, user_id: int, start: datetime, end: datetime) -> int:
        """Count the pomodoros that began in [start, end)."""
        found: int | None = await self._connection.scalar(_COMPLETED, {"user": user_id, "start": start, "end": end})
        return found or 0


async def with_gaps(connection: AsyncConnection, found: Sequence[Interval]) -> Sequence[Interval]:
    """Answer the intervals with their gaps, which are read in one go."""
    held: dict[int | None, list[Gap]] = {interval.interval_id: [] for interval in found}
    ids = [interval_id for interval_id in held if interval_id is not None]
    # SQLite takes a bounded number of values in one statement.
    for first in range(0, len(ids), 1000):
        for row in await connection.execute(_GAPS, {"ids": ids[first : first + 1000]}):
            held[row.interval_id].append(to_gap(row))
    return [replace(interval, gaps=tuple(held[interval.interval_id])) for interval in found]


def to_interval(row: Row[Any], prefix: str = "") -> Interval:
    """Make an interval, without its gaps, of a row whose columns have names that begin with `prefix`."""
    get = row._mapping  # noqa: SLF001  # its public name, by SQLAlchemy's documentation
    return Interval(
        phase=Phase(get[f"{prefix}phase"]),
        status=Status(get[f"{prefix}status"]),
        started_at=get[f"{prefix}started_at"],
        ended_at=get[f"{prefix}ended_at"],
        planned=get[f"{prefix}planned"],
        task_id=get[f"{prefix}task_id"],
        zone=get[f"{prefix}zone"],
        note=get[f"{prefix}note"],
        interval_id=get[f"{prefix}interval_id"],
        conflict=None if (conflict := get[f"{prefix}conflict"]) is None else Status(conflict),
    )


def to_gap(row: Row[Any]) -> Gap:
    """Make a gap of a row."""
    return Gap(row.started_at, row.ended_at, GapReason(row.reason))


def _gap_row(gap: Gap) -> dict[str, Any]:
    return {"started_at": gap.started_at, "ended_at": gap.ended_at, "reason": gap.reason}


def _to_row(interval: Interval) -> dict[str, Any]:
    return {
        "task_id": interval.task_id,
        "phase": interval.phase,
        "status": interval.status,
        "started_at": interval.started_at,
        "ended_at": interval.ended_at,
        "planned": interval.planned,
        "zone": interval.zone,
        "note": interval.note,
        "conflict": interval.conflict,
        "local_start": local_start(interval),
    }
