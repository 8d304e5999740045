"""Logins, their refresh tokens, and failed attempts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import attempts, logins, refresh_tokens
from pomo_daemon.application.ports import LoginRecord, RefreshRecord
from pomo_daemon.domain.throttle import Attempts

_THIS = logins.c.login_id == bindparam("id")
_GET: Final = select(logins).where(_THIS)
_BY_ACCESS: Final = select(logins).where(logins.c.access_hash == bindparam("hash"))
_OF_USER: Final = (
    select(logins)
    .where(
        logins.c.owner_id == bindparam("user"), logins.c.revoked_at.is_(None), logins.c.expires_at > bindparam("now")
    )
    .order_by(logins.c.login_id)
)
_FORGET: Final = delete(refresh_tokens).where(refresh_tokens.c.login_id == bindparam("id"))
_TOKEN: Final = select(refresh_tokens).where(refresh_tokens.c.token_hash == bindparam("hash"))
_SPEND: Final = update(refresh_tokens).where(refresh_tokens.c.token_hash == bindparam("hash"))

_OF_KEY = attempts.c.key == bindparam("by")
_ATTEMPTS: Final = select(attempts).where(_OF_KEY)
_FAIL: Final = update(attempts).where(_OF_KEY).values(failures=attempts.c.failures + 1, last_at=bindparam("at"))
_FORGIVE: Final = update(attempts).where(_OF_KEY).values(failures=attempts.c.failures - bindparam("count"))
_CLEAR: Final = delete(attempts).where(_OF_KEY, attempts.c.failures <= 0)
_PRUNE: Final = delete(attempts).where(attempts.c.last_at < bindparam("before"))


class SqlLogins:
    """The Logins port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, login: LoginRecord) -> LoginRecord:
        """Store a new login; answer it with its number."""
        made = await self._connection.execute(
            insert(logins).returning(logins.c.login_id),
            {
                "owner_id": login.user_id,
                "device": login.device,
                "peer_uid": login.peer_uid,
                "created_at": login.created_at,
                **_renewed(login),
            },
        )
        return replace(login, login_id=made.scalar_one())

    async def get(self, login_id: int) -> LoginRecord | None:
        """Answer a login, ended or not."""
        row = (await self._connection.execute(_GET, {"id": login_id})).one_or_none()
        return _to_login(row) if row else None

    async def by_access(self, access_hash: str) -> LoginRecord | None:
        """Answer the login whose present access token has this hash, ended or not."""
        row = (await self._connection.execute(_BY_ACCESS, {"hash": access_hash})).one_or_none()
        return _to_login(row) if row else None

    async def of_user(self, user_id: int, now: datetime) -> Sequence[LoginRecord]:
        """Answer the logins of a user that last, oldest first."""
        return [_to_login(row) for row in await self._connection.execute(_OF_USER, {"user": user_id, "now": now})]

    async def renew(self, login: LoginRecord) -> None:
        """Store another access token, other ends, and the time of the last use."""
        await self._connection.execute(update(logins).where(_THIS), {"id": login.login_id, **_renewed(login)})

    async def end(self, login_id: int, at: datetime, reason: str) -> None:
        """Note that a login was ended, and forget its refresh tokens."""
        await self._connection.execute(
            update(logins).where(_THIS), {"id": login_id, "revoked_at": at, "reason": reason}
        )
        await self._connection.execute(_FORGET, {"id": login_id})

    async def refresh_token(self, token_hash: str) -> RefreshRecord | None:
        """Answer a refresh token."""
        row = (await self._connection.execute(_TOKEN, {"hash": token_hash})).one_or_none()
        return RefreshRecord(**row._mapping) if row else None  # noqa: SLF001  # SQLAlchemy's way to a row's names

    async def issue(self, token: RefreshRecord) -> None:
        """Store a new refresh token."""
        await self._connection.execute(
            insert(refresh_tokens),
            {
                "token_hash": token.token_hash,
                "login_id": token.login_id,
                "issued_at": token.issued_at,
                "expires_at": token.expires_at,
            },
        )

    async def spend(self, token_hash: str, at: datetime, seed: bytes) -> None:
        """Note that a refresh token was used, and the seed of what follows it."""
        await self._connection.execute(_SPEND, {"hash": token_hash, "spent_at": at, "seed": seed})


class SqlAttempts:
    """The AttemptLog port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, key: str) -> Attempts | None:
        """Answer the failures under a key."""
        row = (await self._connection.execute(_ATTEMPTS, {"by": key})).one_or_none()
        return Attempts(row.failures, row.last_at) if row else None

    async def fail(self, key: str, at: datetime) -> None:
        """Count one more."""
        if not (await self._connection.execute(_FAIL, {"by": key, "at": at})).rowcount:
            await self._connection.execute(insert(attempts), {"key": key, "failures": 1, "last_at": at})

    async def forgive(self, key: str, count: int) -> None:
        """Take back so many, and the row with the last of them."""
        await self._connection.execute(_FORGIVE, {"by": key, "count": count})
        await self._connection.execute(_CLEAR, {"by": key})

    async def prune(self, before: datetime) -> None:
        """Forget every key whose last failure is older."""
        await self._connection.execute(_PRUNE, {"before": before})


def _renewed(login: LoginRecord) -> dict[str, Any]:
    return {
        "last_used_at": login.last_used_at,
        "access_hash": login.access_hash,
        "access_expires_at": login.access_expires_at,
        "expires_at": login.expires_at,
    }


def _to_login(row: Row[Any]) -> LoginRecord:
    return LoginRecord(
        login_id=row.login_id,
        user_id=row.owner_id,
        device=row.device,
        peer_uid=row.peer_uid,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        access_hash=row.access_hash,
        access_expires_at=row.access_expires_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        reason=row.reason,
    )
