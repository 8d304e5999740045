"""Tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from pomo_daemon.adapters.db import listing
from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import categories, intervals, tasks
from pomo_daemon.application.selection import ORDERS, Listed, Selection, TaskRow
from pomo_daemon.domain.interval import Phase, Status
from pomo_daemon.domain.task import Task

_MINE = tasks.c.owner_id == bindparam("user")
_GET: Final = select(tasks).where(_MINE, tasks.c.task_id == bindparam("id"))
_CATEGORIES: Final = (
    select(tasks.c.task_id, categories.c.name)
    .join_from(tasks, categories, categories.c.category_id == tasks.c.category_id)
    .where(_MINE, tasks.c.task_id.in_(bindparam("ids", expanding=True)))
)
_ONE_DONE: Final = (
    select(func.count())
    .select_from(intervals)
    .where(
        intervals.c.owner_id == bindparam("user"),
        intervals.c.task_id == bindparam("id"),
        intervals.c.phase == Phase.FOCUS,
        intervals.c.status == Status.COMPLETED,
    )
)
_IN_CATEGORY: Final = select(tasks).where(_MINE, tasks.c.category_id == bindparam("category")).order_by(tasks.c.task_id)
_UPDATE: Final = update(tasks).where(_MINE, tasks.c.task_id == bindparam("id"))
_REMOVE: Final = delete(tasks).where(_MINE, tasks.c.task_id == bindparam("id"))
_NAMES: Final = select(tasks.c.task_id, tasks.c.name).where(
    _MINE, tasks.c.task_id.in_(bindparam("ids", expanding=True))
)
_OPEN: Final = (
    select(tasks).where(_MINE, tasks.c.deleted_at.is_(None), tasks.c.completed_at.is_(None)).order_by(tasks.c.task_id)
)
_OPEN_NAMED: Final = _OPEN.where(func.lower(tasks.c.name) == func.lower(bindparam("name")))


class SqlTasks:
    """The Tasks port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, user_id: int, task_id: int, *, deleted: bool = False) -> Task | None:
        """Answer a task."""
        row = (await self._connection.execute(_GET, {"user": user_id, "id": task_id})).one_or_none()
        return _to_task(row) if row and (deleted or row.deleted_at is None) else None

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
        if name.isascii():
            rows = await self._connection.execute(_OPEN_NAMED, {"user": user_id, "name": name})
            return [_to_task(row) for row in rows]
        # Compared here: SQLite knows the case of ASCII alone.
        rows = await self._connection.execute(_OPEN, {"user": user_id})
        return [_to_task(row) for row in rows if row.name.lower() == name.lower()]

    async def categories(self, user_id: int, task_ids: Sequence[int]) -> Mapping[int, str]:
        """Answer the names of the categories of tasks that have one."""
        found: dict[int, str] = {}
        for first in range(0, len(task_ids), 1000):
            values = {"user": user_id, "ids": list(task_ids[first : first + 1000])}
            found.update({row.task_id: row.name for row in await self._connection.execute(_CATEGORIES, values)})
        return found

    async def row(self, user_id: int, task_id: int) -> TaskRow | None:
        """Answer one task as lists show it, deleted or not."""
        task = await self.get(user_id, task_id, deleted=True)
        if task is None:
            return None
        done = await self._connection.scalar(_ONE_DONE, {"user": user_id, "id": task_id})
        return TaskRow.of(task, done or 0, (await self.categories(user_id, [task_id])).get(task_id))

    async def listed(self, user_id: int, wanted: Selection) -> Listed:
        """Answer the tasks that fit, deleted ones too unless the selection leaves them out."""
        found = await self._connection.execute(listing.page(wanted), {"user": user_id})
        rows = [TaskRow(*row) for row in found]
        if wanted.sort in listing.BY_WORDS:
            rows.sort(key=ORDERS[wanted.sort])
            fitting, rows = len(rows), rows[: wanted.limit]
        elif wanted.limit is None or len(rows) < wanted.limit:
            fitting = len(rows)
        else:
            fitting = await self._connection.scalar(listing.count(wanted), {"user": user_id}) or 0
        return Listed(rows, fitting - len(rows))

    async def in_category(self, user_id: int, category_id: int) -> Sequence[Task]:
        """Answer the tasks of a category, deleted ones too."""
        rows = await self._connection.execute(_IN_CATEGORY, {"user": user_id, "category": category_id})
        return [_to_task(row) for row in rows]

    async def add(self, user_id: int, task: Task) -> Task:
        """Store a new task; answer it with its number."""
        key = {"task_id": task.task_id} if task.task_id else {}
        made = await self._connection.execute(
            insert(tasks).returning(tasks.c.task_id), {"owner_id": user_id, **key, **_to_row(task)}
        )
        return replace(task, task_id=made.scalar_one())

    async def update(self, user_id: int, task: Task) -> None:
        """Store a changed task."""
        await self._connection.execute(_UPDATE, {"user": user_id, "id": task.task_id, **_to_row(task)})

    async def remove(self, user_id: int, task_id: int) -> None:
        """Take a task out of the record altogether."""
        await self._connection.execute(_REMOVE, {"user": user_id, "id": task_id})


def _to_row(task: Task) -> dict[str, Any]:
    return {
        "name": task.name,
        "description": task.description,
        "pomodoro_count": task.pomodoro_count,
        "category_id": task.category_id,
        "due": task.due,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "completed_at": task.completed_at,
        "deleted_at": task.deleted_at,
    }


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
