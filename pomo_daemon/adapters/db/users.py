"""Accounts."""

from sqlalchemy import bindparam, func, insert, select

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import timers, users
from pomo_daemon.application.ports import Clock

_OF_PEER = select(users.c.user_id).where(users.c.peer_uid == bindparam("uid"))


class SqlUsers:
    """The Users port."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    async def of_peer(self, uid: int, username: str) -> int:
        """Answer the id of the user that an OS user logs in as without a password; make it if need be."""
        found: int | None = await self._connection.scalar(_OF_PEER, {"uid": uid})
        if found is not None:
            return found
        taken = await self._connection.scalar(
            select(func.count()).where(func.lower(users.c.username) == func.lower(username))
        )
        now = self._clock.read().wall
        made = await self._connection.execute(
            insert(users)
            .values(
                username=f"{username}-{uid}" if taken else username,
                peer_uid=uid,
                event_seq=0,
                created_at=now,
                updated_at=now,
            )
            .returning(users.c.user_id)
        )
        user_id: int = made.scalar_one()
        # The row is made with its user, so that a change is always an update that compares the version.
        await self._connection.execute(insert(timers).values(user_id=user_id, version=0, cycle_done=0, warned=False))
        return user_id
