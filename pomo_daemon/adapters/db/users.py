"""Accounts."""

from importlib import import_module
from typing import Any

from sqlalchemy import bindparam, insert, select

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
        found = await self._find(uid)
        for name in (username, f"{username}-{uid}"):
            if found is None:
                # Another daemon may have made it just now, or somebody else may have the name.
                found = await self._make(uid, name) or await self._find(uid)
        assert found is not None  # noqa: S101  # the second name is nobody else's
        return found

    async def _find(self, uid: int) -> int | None:
        found: int | None = await self._connection.scalar(_OF_PEER, {"uid": uid})
        return found

    async def _make(self, uid: int, name: str) -> int | None:
        """Make a user with its timer; None if there is one with that uid or name."""
        now = self._clock.read().wall
        # INSERT .. ON CONFLICT, which each dialect has for itself; the other one's is not to be loaded for it.
        dialect: Any = import_module(f"sqlalchemy.dialects.{self._connection.dialect.name}")
        made = await self._connection.execute(
            dialect.insert(users)
            .values(username=name, peer_uid=uid, event_seq=0, created_at=now, updated_at=now)
            .on_conflict_do_nothing()
            .returning(users.c.user_id)
        )
        user_id: int | None = made.scalar_one_or_none()
        if user_id is not None:
            # The row is made with its user, so that a change is always an update that compares the version.
            timer = insert(timers).values(user_id=user_id, version=0, cycle_done=0, warned=False)
            await self._connection.execute(timer)
        return user_id
