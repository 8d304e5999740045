"""Changes that can be undone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import changes
from pomo_daemon.application.ports import Change, Item

_MINE = changes.c.owner_id == bindparam("user")
_LATEST: Final = (
    select(changes)
    .where(_MINE, changes.c.undone.is_(False))
    .order_by(changes.c.change_id.desc())
    .limit(bindparam("limit"))
)
# What was undone before the latest change stays undone: redo goes on from where undo stands.
_LAST_DONE: Final = (
    select(func.coalesce(func.max(changes.c.change_id), 0)).where(_MINE, changes.c.undone.is_(False)).scalar_subquery()
)
_FIRST_UNDONE: Final = (
    select(changes)
    .where(_MINE, changes.c.undone.is_(True), changes.c.change_id > _LAST_DONE)
    .order_by(changes.c.change_id)
    .limit(1)
)
_FORGET: Final = delete(changes).where(_MINE, changes.c.undone.is_(True), changes.c.change_id < bindparam("id"))
_ADD: Final = insert(changes)
_MARK: Final = update(changes).where(_MINE, changes.c.change_id == bindparam("id"))


class SqlChanges:
    """The Changes port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, user_id: int, at: datetime, label: str, items: Sequence[Item]) -> None:
        """Keep a change as the latest; those that were undone can be done again no more."""
        await self._connection.execute(
            _ADD,
            {
                "owner_id": user_id,
                "at": at,
                "label": label,
                "undone": False,
                # The driver writes them as JSON. A copy in depth, as asdict makes, took a third of a command's time.
                "items": list(items),
            },
        )

    async def latest(self, user_id: int, limit: int) -> Sequence[Change]:
        """Answer the latest changes that are not undone, newest first."""
        rows = await self._connection.execute(_LATEST, {"user": user_id, "limit": limit})
        return [_to_change(row) for row in rows]

    async def first_undone(self, user_id: int) -> Change | None:
        """Answer the change that was undone last."""
        row = (await self._connection.execute(_FIRST_UNDONE, {"user": user_id})).one_or_none()
        return _to_change(row) if row else None

    async def mark(self, user_id: int, change_id: int, *, undone: bool) -> None:
        """Note that a change was undone, or done again."""
        if undone:
            # Those that a later change left behind would come back when that change is undone.
            await self._connection.execute(_FORGET, {"user": user_id, "id": change_id})
        await self._connection.execute(_MARK, {"user": user_id, "id": change_id, "undone": undone})


def _to_change(row: Row[Any]) -> Change:
    items = tuple(Item(**item) for item in row._mapping["items"])  # noqa: SLF001  # `row.items` would be a method
    return Change(row.change_id, row.at, row.label, row.undone, items)
