"""Accounts."""

from importlib import import_module
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, insert, or_, select, update

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import timers, users
from pomo_daemon.application.ports import Clock
from pomo_daemon.domain.account import Account, fold, peer_names

_OF_PEER: Final = select(users.c.user_id).where(users.c.peer_uid == bindparam("uid"))
_GET: Final = select(users).where(users.c.user_id == bindparam("id"))
_NAMED: Final = select(users).where(
    or_(func.lower(users.c.username) == bindparam("name"), func.lower(users.c.email) == bindparam("name"))
)
_PASSWORD: Final = update(users).where(
    users.c.user_id == bindparam("id"),
    users.c.password_hash.is_not_distinct_from(bindparam("was", type_=users.c.password_hash.type)),
)


class SqlUsers:
    """The Users port."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    async def of_peer(self, uid: int, username: str) -> int:
        """Answer the id of the user that an OS user logs in as without a password; make it if need be."""
        found: int | None = await self._connection.scalar(_OF_PEER, {"uid": uid})
        names = peer_names(username, uid)
        while found is None:
            name = next(names)
            if await self.named(name) is None:
                # Another daemon may have made it just now.
                found = await self._insert(username=name, peer_uid=uid)
                found = found or await self._connection.scalar(_OF_PEER, {"uid": uid})
        return found

    async def get(self, user_id: int) -> Account | None:
        """Answer an account."""
        row = (await self._connection.execute(_GET, {"id": user_id})).one_or_none()
        return _to_account(row) if row else None

    async def named(self, name: str) -> Account | None:
        """Answer the account with that username, else the one with that email address."""
        wanted = fold(name)
        # SQLite, and some locales of PostgreSQL, know the case of ASCII alone: for other names the index is of no use.
        query = _NAMED if wanted.isascii() else select(users)
        found = [_to_account(row) for row in await self._connection.execute(query, {"name": wanted})]
        by_name = (it for it in found if fold(it.username) == wanted)
        by_email = (it for it in found if it.email is not None and fold(it.email) == wanted)
        return next(by_name, None) or next(by_email, None)

    async def add(self, username: str, email: str, password_hash: str) -> Account | None:
        """Store a new account; None if the name or the address is taken."""
        if await self.named(username) or await self.named(email):
            return None
        user_id = await self._insert(username=username, email=email, password_hash=password_hash)
        return await self.get(user_id) if user_id is not None else None

    async def set_password(self, user_id: int, password_hash: str, *, was: str | None) -> bool:
        """Store another hash, if the stored one still is `was`; tell whether it was."""
        changed = await self._connection.execute(
            _PASSWORD,
            {"id": user_id, "was": was, "password_hash": password_hash, "updated_at": self._clock.read().wall},
        )
        return bool(changed.rowcount)

    async def _insert(self, **values: Any) -> int | None:  # noqa: ANN401
        """Make a user with its timer; None if there is one with that uid, name or address."""
        now = self._clock.read().wall
        # INSERT .. ON CONFLICT, which each dialect has for itself; the other one's is not to be loaded for it.
        dialect: Any = import_module(f"sqlalchemy.dialects.{self._connection.dialect.name}")
        made = await self._connection.execute(
            dialect.insert(users)
            .values(event_seq=0, created_at=now, updated_at=now, **values)
            .on_conflict_do_nothing()
            .returning(users.c.user_id)
        )
        user_id: int | None = made.scalar_one_or_none()
        if user_id is not None:
            # The row is made with its user, so that a change is always an update that compares the version.
            timer = insert(timers).values(user_id=user_id, version=0, cycle_done=0, warned=False)
            await self._connection.execute(timer)
        return user_id


def _to_account(row: Row[Any]) -> Account:
    return Account(
        user_id=row.user_id,
        username=row.username,
        email=row.email,
        password_hash=row.password_hash,
        peer_uid=row.peer_uid,
    )
