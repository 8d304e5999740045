"""Interruptions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import interruptions, intervals
from pomo_daemon.domain.interruption import Interruption, InterruptionKind

_OF: Final = (
    select(interruptions)
    .where(interruptions.c.interval_id.in_(bindparam("ids", expanding=True)))
    .order_by(interruptions.c.at, interruptions.c.interruption_id)
)

_GET: Final = (
    select(interruptions)
    .join_from(interruptions, intervals, intervals.c.interval_id == interruptions.c.interval_id)
    .where(intervals.c.owner_id == bindparam("user"), interruptions.c.interruption_id == bindparam("id"))
)


class SqlInterruptions:
    """The Interruptions port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, interval_ids: Sequence[int]) -> Sequence[Interruption]:
        """Answer the interruptions of some intervals, in the order in which they came."""
        found: list[Interruption] = []
        for first in range(0, len(interval_ids), 1000):
            rows = await self._connection.execute(_OF, {"ids": list(interval_ids[first : first + 1000])})
            found += [_to_interruption(row) for row in rows]
        return found

    async def get(self, user_id: int, interruption_id: int) -> Interruption | None:
        """Answer an interruption of an interval of this user."""
        row = (await self._connection.execute(_GET, {"user": user_id, "id": interruption_id})).one_or_none()
        return _to_interruption(row) if row else None

    async def add(self, interruption: Interruption) -> Interruption:
        """Store one; answer it with its number."""
        key = {"interruption_id": interruption.interruption_id} if interruption.interruption_id else {}
        made = await self._connection.execute(
            insert(interruptions).returning(interruptions.c.interruption_id),
            {
                **key,
                "interval_id": interruption.interval_id,
                "kind": interruption.kind,
                "at": interruption.at,
                "note": interruption.note,
            },
        )
        return replace(interruption, interruption_id=made.scalar_one())

    async def remove(self, interruption_id: int) -> None:
        """Take one out of the record."""
        await self._connection.execute(
            delete(interruptions).where(interruptions.c.interruption_id == bindparam("id")), {"id": interruption_id}
        )


def _to_interruption(row: Row[Any]) -> Interruption:
    return Interruption(
        interruption_id=row.interruption_id,
        interval_id=row.interval_id,
        kind=InterruptionKind(row.kind),
        at=row.at,
        note=row.note,
    )
