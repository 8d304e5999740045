"""Events that are committed with the change they tell of, and answers that are kept for requests sent again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import String, bindparam, cast, func, insert, select, update

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import deliveries, events, requests, users
from pomo_daemon.application.ports import Announcement, Draft

#: The channel on which PostgreSQL tells of a user's events, the number of the user behind it: `user:seq`.
CHANNEL: Final = "pomo_events_"

# The counter stands in the user's row: its lock gives numbers out in the order of the commits, without a hole.
_TAKE: Final = (
    update(users)
    .where(users.c.user_id == bindparam("user"))
    .values(event_seq=users.c.event_seq + bindparam("count"))
    .returning(users.c.event_seq)
)
_LAST: Final = select(users.c.event_seq).where(users.c.user_id == bindparam("user"))
_LAST_OF: Final = select(users.c.user_id, users.c.event_seq).where(
    users.c.user_id.in_(bindparam("users", expanding=True))
)
_SINCE: Final = (
    select(events)
    .where(events.c.user_id == bindparam("user"), events.c.seq > bindparam("seq"))
    .order_by(events.c.seq)
    .limit(bindparam("limit"))
)
# On PostgreSQL the same statement tells the other daemons, which hear of it when it is committed (NOTIFY, without one).
_INSERT_AND_NOTIFY: Final = insert(events).returning(
    func.pg_notify(
        CHANNEL + cast(events.c.user_id, String), cast(events.c.user_id, String) + ":" + cast(events.c.seq, String)
    )
)
_INSERT: Final = insert(events)
_DELIVERED: Final = select(deliveries.c.seq).where(
    deliveries.c.user_id == bindparam("user"), deliveries.c.consumer == bindparam("by")
)
_MARK: Final = (
    update(deliveries)
    .where(deliveries.c.user_id == bindparam("user"), deliveries.c.consumer == bindparam("by"))
    .values(seq=bindparam("to"))
)
_REMEMBER: Final = insert(requests)
_FIND: Final = select(requests.c.answer).where(
    requests.c.user_id == bindparam("user"), requests.c.request_id == bindparam("id")
)


class SqlOutbox:
    """The Outbox port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def append(self, user_id: int, drafts: Sequence[Draft]) -> Sequence[Announcement]:
        """Store events under the next numbers of the user."""
        if not drafts:
            return ()
        last = (await self._connection.execute(_TAKE, {"user": user_id, "count": len(drafts)})).scalar_one()
        first = last - len(drafts) + 1
        stored = [Announcement(user_id, first + i, it.type, it.at, it.data) for i, it in enumerate(drafts)]
        await self._connection.execute(
            _INSERT_AND_NOTIFY if self._connection.dialect.name == "postgresql" else _INSERT,
            [{"user_id": user_id, "seq": it.seq, "type": it.type, "at": it.at, "data": it.data} for it in stored],
        )
        return stored

    async def since(self, user_id: int, seq: int, limit: int) -> Sequence[Announcement]:
        """Answer up to `limit` events with numbers above `seq`, in order."""
        rows = await self._connection.execute(_SINCE, {"user": user_id, "seq": seq, "limit": limit})
        return [Announcement(row.user_id, row.seq, row.type, row.at, row.data) for row in rows]

    async def last_seq(self, user_id: int) -> int:
        """Answer the number of the latest event."""
        found: int | None = await self._connection.scalar(_LAST, {"user": user_id})
        return found or 0

    async def last_seqs(self, user_ids: Sequence[int]) -> Mapping[int, int]:
        """Answer the number of the latest event of each of these users."""
        rows = await self._connection.execute(_LAST_OF, {"users": list(user_ids)})
        return {row.user_id: row.event_seq for row in rows}

    async def delivered(self, user_id: int, consumer: str) -> int | None:
        """Answer up to which event `consumer` has done its work."""
        found: int | None = await self._connection.scalar(_DELIVERED, {"user": user_id, "by": consumer})
        return found

    async def mark_delivered(self, user_id: int, consumer: str, seq: int) -> None:
        """Note that `consumer` has done its work up to and with `seq`."""
        changed = await self._connection.execute(_MARK, {"user": user_id, "by": consumer, "to": seq})
        if not changed.rowcount:
            await self._connection.execute(insert(deliveries).values(user_id=user_id, consumer=consumer, seq=seq))


class SqlRequests:
    """The Requests port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, user_id: int, request_id: str) -> Mapping[str, Any] | None:
        """Answer what was answered to a request."""
        found: Mapping[str, Any] | None = await self._connection.scalar(_FIND, {"user": user_id, "id": request_id})
        return found

    async def remember(self, user_id: int, request_id: str, now: datetime, answer: Mapping[str, Any]) -> None:
        """Keep an answer."""
        await self._connection.execute(
            _REMEMBER, {"user_id": user_id, "request_id": request_id, "at": now, "answer": answer}
        )
