"""Totals: those of days, which triggers keep (alembic/versions/0004_days.py), and those of hours and tasks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, cast, delete, func, insert, select

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import day_starts, days, interruptions, intervals, tallies, tasks
from pomo_daemon.application.ports import Interrupted
from pomo_daemon.domain.interruption import InterruptionKind
from pomo_daemon.domain.report import COUNTS, Days, Part, Tally, day_number, day_numbered, shift_of, time_of, zone_named

_DAY_S: Final = 86400
_OWNER = day_starts.c.owner_id == bindparam("user")
_KEPT: Final = select(day_starts.c.day_start).where(_OWNER, day_starts.c.day_start == bindparam("shift"))
_DAYS: Final = select(days.c.day, *(days.c[name] for name in COUNTS)).where(
    days.c.owner_id == bindparam("user"),
    days.c.day_start == bindparam("shift"),
    days.c.day.between(bindparam("first"), bindparam("last")),
)
_SUMS = [cast(func.sum(tallies.c[name]), tallies.c[name].type).label(name) for name in COUNTS]
_SHIFT = cast(bindparam("shift"), tallies.c.local_start.type)
_DAY = (tallies.c.local_start - _SHIFT) // _DAY_S
_COUNTED: Final = (
    select(tallies.c.owner_id, _SHIFT.label("day_start"), _DAY.label("day"), *_SUMS)
    .where(tallies.c.owner_id == bindparam("user"))
    .group_by(tallies.c.owner_id, _DAY)
)
_HOUR = tallies.c.local_start % _DAY_S // 3600
_TASK = func.coalesce(tallies.c.task_id, 0)
# By the index on instants; what the clock on the wall showed lies less than a day from UTC.
_PARTS: Final = (
    select(_DAY.label("day"), _HOUR.label("hour"), _TASK.label("task_id"), *_SUMS)
    .where(
        tallies.c.owner_id == bindparam("user"),
        tallies.c.started_at.between(bindparam("earliest"), bindparam("latest")),
        _DAY.between(bindparam("first"), bindparam("last")),
    )
    .group_by("day", "hour", _TASK)
    .order_by("day", "hour", _TASK)
)
_OF_TASKS: Final = _PARTS.where(tallies.c.task_id.in_(bindparam("tasks", expanding=True)))
_LOCAL = intervals.c.local_start - _SHIFT
_INTERRUPTED: Final = (
    select(interruptions, intervals.c.zone, tasks.c.name)
    .join_from(interruptions, intervals, intervals.c.interval_id == interruptions.c.interval_id)
    .outerjoin(tasks, tasks.c.task_id == intervals.c.task_id)
    .where(
        intervals.c.owner_id == bindparam("user"),
        intervals.c.status != "cancelled",
        intervals.c.started_at.between(bindparam("earliest"), bindparam("latest")),
        (_LOCAL // _DAY_S).between(bindparam("first"), bindparam("last")),
    )
    .order_by(interruptions.c.at, interruptions.c.interruption_id)
)


class SqlTallies:
    """The Tallies port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def are_kept(self, user_id: int, day_start: time) -> bool:
        """Tell whether there are totals of days that begin at `day_start`."""
        values = {"user": user_id, "shift": shift_of(day_start)}
        return (await self._connection.execute(_KEPT, values)).first() is not None

    async def keep(self, user_id: int, day_start: time) -> None:
        """Have such totals from now on: count what there is, once."""
        shift = shift_of(day_start)
        await self._connection.execute(insert(day_starts), {"owner_id": user_id, "day_start": shift})
        names = ["owner_id", "day_start", "day", *COUNTS]
        await self._connection.execute(insert(days).from_select(names, _COUNTED), {"user": user_id, "shift": shift})

    async def forget(self, user_id: int) -> Sequence[time]:
        """Keep none from now on, and answer the `day_start` of those that were kept."""
        kept = await self._connection.scalars(
            delete(day_starts).where(_OWNER).returning(day_starts.c.day_start), {"user": user_id}
        )
        await self._connection.execute(delete(days).where(days.c.owner_id == bindparam("user")), {"user": user_id})
        return [time_of(it) for it in kept.all()]

    async def of_days(self, user_id: int, day_start: time, wanted: Days) -> Mapping[date, Tally]:
        """Answer the totals of days that have any, in order."""
        values = {
            "user": user_id,
            "shift": shift_of(day_start),
            "first": day_number(wanted.first),
            "last": day_number(wanted.last),
        }
        rows = await self._connection.execute(_DAYS, values)
        return {day_numbered(day): Tally._make(counts) for day, *counts in rows if any(counts)}

    async def recounted(self, user_id: int, day_start: time) -> Mapping[date, Tally]:
        """Answer what the totals of all days must be, counted anew."""
        rows = await self._connection.execute(_COUNTED, {"user": user_id, "shift": shift_of(day_start)})
        found = sorted((day_numbered(day), Tally(*counts)) for _, _, day, *counts in rows)
        return {day: tally for day, tally in found if tally}

    async def parts(
        self, user_id: int, day_start: time, wanted: Days, tasks: Sequence[int] | None = None
    ) -> Sequence[Part]:
        """Answer the totals of hours and tasks, counted when asked for; of some tasks, if they are given."""
        values = _bounds(user_id, day_start, wanted)
        if tasks is not None:
            values["tasks"] = list(tasks)
        rows = await self._connection.execute(_PARTS if tasks is None else _OF_TASKS, values)
        return [Part(day_numbered(day), hour, task, Tally(*counts)) for day, hour, task, *counts in rows]

    async def interrupted(self, user_id: int, day_start: time, wanted: Days) -> Sequence[Interrupted]:
        """Answer what broke into the intervals of these days, in the order in which it came."""
        rows = await self._connection.execute(_INTERRUPTED, _bounds(user_id, day_start, wanted))
        return [
            Interrupted(row.at.astimezone(zone_named(row.zone)), InterruptionKind(row.kind), row.name, row.note)
            for row in rows
        ]


def _bounds(user_id: int, day_start: time, wanted: Days) -> dict[str, Any]:
    noon, margin = time(12, tzinfo=UTC), timedelta(days=3)
    return {
        "user": user_id,
        "shift": shift_of(day_start),
        "first": day_number(wanted.first),
        "last": day_number(wanted.last),
        "earliest": datetime.combine(wanted.first, noon) - margin,
        "latest": datetime.combine(wanted.last, noon) + margin,
    }
