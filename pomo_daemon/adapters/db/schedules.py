"""Schedules."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Row, Select, delete, insert, select, text, update

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import schedules
from pomo_daemon.adapters.db.types import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from pomo_daemon.domain.schedule import Schedule

# Plain words, which cost less memory than a statement that is made: this is asked by daemons without a schedule, too.
_NEXT: Final = text(
    "SELECT owner_id, min(coalesce(next_at, :unknown)) AS next_at FROM schedules WHERE NOT paused GROUP BY owner_id"
)


class SqlSchedules:
    """The Schedules port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self, user_id: int) -> "Sequence[Schedule]":
        """Answer the schedules of a user, oldest first."""
        return [_to_schedule(row) for row in await self._connection.execute(_all(user_id))]

    async def get(self, user_id: int, schedule_id: int) -> "Schedule | None":
        """Answer a schedule."""
        wanted = _all(user_id).where(schedules.c.schedule_id == schedule_id)
        row = (await self._connection.execute(wanted)).one_or_none()
        return _to_schedule(row) if row else None

    async def next(self, unknown: datetime) -> Mapping[int, datetime]:
        """Answer when the next schedule of each user is due who has one that is not paused."""
        rows = await self._connection.execute(_NEXT, {"unknown": to_microseconds(unknown)})
        return {row.owner_id: from_microseconds(row.next_at) for row in rows}

    async def add(self, user_id: int, schedule: "Schedule") -> "Schedule":
        """Store a new schedule; answer it with its number."""
        key = {"schedule_id": schedule.schedule_id} if schedule.schedule_id else {}
        made = await self._connection.execute(
            insert(schedules).returning(schedules.c.schedule_id), {"owner_id": user_id, **key, **_to_row(schedule)}
        )
        return replace(schedule, schedule_id=made.scalar_one())

    async def update(self, user_id: int, schedule: "Schedule") -> None:
        """Store a changed schedule."""
        changed = update(schedules).where(*_one(user_id, schedule.schedule_id)).values(_to_row(schedule))
        await self._connection.execute(changed)

    async def remove(self, user_id: int, schedule_id: int) -> None:
        """Take a schedule away."""
        await self._connection.execute(delete(schedules).where(*_one(user_id, schedule_id)))


def _all(user_id: int) -> Select[Any]:
    return select(schedules).where(schedules.c.owner_id == user_id).order_by(schedules.c.schedule_id)


def _one(user_id: int, schedule_id: int) -> tuple[ColumnElement[bool], ...]:
    return schedules.c.owner_id == user_id, schedules.c.schedule_id == schedule_id


def _to_schedule(row: Row[Any]) -> "Schedule":
    from pomo_daemon.domain.schedule import Schedule, ScheduleAction

    return Schedule(
        schedule_id=row.schedule_id,
        cron=row.cron,
        action=ScheduleAction(row.action),
        task_id=row.task_id,
        text=row.text,
        zone=row.zone,
        paused=row.paused,
        next_at=row.next_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _to_row(schedule: "Schedule") -> dict[str, Any]:
    return {
        "cron": schedule.cron,
        "action": schedule.action,
        "task_id": schedule.task_id,
        "text": schedule.text,
        "zone": schedule.zone,
        "paused": schedule.paused,
        "next_at": schedule.next_at,
        "created_at": schedule.created_at,
        "updated_at": schedule.updated_at,
    }
