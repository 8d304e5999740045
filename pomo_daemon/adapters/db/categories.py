"""Categories."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import categories, tasks
from pomo_daemon.domain.task import Category

_MINE = categories.c.owner_id == bindparam("user")
_KEY = categories.c.category_id == bindparam("id")
_GET: Final = select(categories).where(_MINE, _KEY)
_ALL: Final = (
    select(categories, func.count(tasks.c.task_id).label("tasks"))
    .outerjoin_from(categories, tasks, (tasks.c.category_id == categories.c.category_id) & tasks.c.deleted_at.is_(None))
    .where(_MINE)
    .group_by(categories.c.category_id)
    .order_by(func.lower(categories.c.name))
)


class SqlCategories:
    """The Categories port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, user_id: int, category_id: int) -> Category | None:
        """Answer a category."""
        row = (await self._connection.execute(_GET, {"user": user_id, "id": category_id})).one_or_none()
        return _to_category(row) if row else None

    async def named(self, user_id: int, name: str) -> Category | None:
        """Answer the category whose name is the same but for case."""
        # Compared here: SQLite knows the case of ASCII alone.
        found = (category for category, _ in await self.all(user_id))
        return next((category for category in found if category.name.lower() == name.lower()), None)

    async def all(self, user_id: int) -> Sequence[tuple[Category, int]]:
        """Answer every category by name, with the number of its tasks that are not deleted."""
        rows = await self._connection.execute(_ALL, {"user": user_id})
        return [(_to_category(row), row.tasks) for row in rows]

    async def add(self, user_id: int, category: Category) -> Category:
        """Store a new category; answer it with its number."""
        key = {"category_id": category.category_id} if category.category_id else {}
        made = await self._connection.execute(
            insert(categories).returning(categories.c.category_id), {"owner_id": user_id, **key, **_to_row(category)}
        )
        return replace(category, category_id=made.scalar_one())

    async def update(self, user_id: int, category: Category) -> None:
        """Store a changed category."""
        await self._connection.execute(
            update(categories).where(_MINE, _KEY), {"user": user_id, "id": category.category_id, **_to_row(category)}
        )

    async def remove(self, user_id: int, category_id: int) -> None:
        """Take a category out of the record."""
        await self._connection.execute(delete(categories).where(_MINE, _KEY), {"user": user_id, "id": category_id})


def _to_category(row: Row[Any]) -> Category:
    return Category(category_id=row.category_id, name=row.name, created_at=row.created_at, updated_at=row.updated_at)


def _to_row(category: Category) -> dict[str, Any]:
    return {"name": category.name, "created_at": category.created_at, "updated_at": category.updated_at}
