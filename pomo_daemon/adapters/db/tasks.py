"""Tasks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pomo_daemon.adapters.db.tables import tasks
from pomo_daemon.domain.task import Task

_MINE = tasks.c.owner_id == bindparam("user")
_GET: Final = select(tasks).where(_MINE, tasks.c.task_id == bindparam("id"), tasks.c.deleted_at.is_(None))
_NAMES: Final = select(tasks.c.task_id, tasks.c.name).where(
    _MINE, tasks.c.task_id.in_(bindparam("ids", expanding=True))
)
_OPEN_NAMED: Final = (
    select(tasks)
    .where(_MINE, tasks.c.deleted_at.is_(None), tasks.c.completed_at.is_(None))
    .where(func.lower(tasks.c.name) == func.lower(bindparam("name")))
    .order_by(tasks.c.task_id)
)


class SqlTasks:
    """The Tasks port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, user_id: int, task_id: int) -> Task | None:
        """Answer a task of this user."""
        row = (await self._connection.execute(_GET, {"user": user_id, "id": task_id})).one_or_none()
        return _to_task(row) if row else None

    async def names(self, user_id: int, task_ids: Sequence[int]) -> Mapping[int, str]:
        """Answer the names of tasks, deleted ones too."""
        found: dict[int, str] = {}
        for first in range(0, len(task_ids), 1000):
            rows = await self._connection.execute(
                _NAMES, {"user": user_id, "ids": list(task_ids[first : first + 1000])}
            )
            found.update({row.task_id: row.name for row in rows})
        return found

    async def open_named(self, user_id: int, name: str) -> Sequence[Task]:
        """Answer the tasks neither done nor deleted whose name is the same but for case."""
        rows = await self._connection.execute(_OPEN_NAMED, {"user": user_id, "name": name})
        return [_to_task(row) for row in rows]

    async def add(self, user_id: int, name: str, now: datetime) -> Task:
        """Make an open task."""
        made = await self._connection.execute(
            insert(tasks)
            .values(owner_id=user_id, name=name, description="", pomodoro_count=0, created_at=now, updated_at=now)
            .returning(tasks)
        )
        return _to_task(made.one())


def _to_task(row: Row[Any]) -> Task:
    return Task(
        task_id=row.task_id,
        name=row.name,
        description=row.description,
        pomodoro_count=row.pomodoro_count,
        category_id=row.category_id,
        due=row.due,
        created_at=row.created_at,
        updated_at=row.updated_at,
        completed_at=row.completed_at,
        deleted_at=row.deleted_at,
    )
