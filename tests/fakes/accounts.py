"""Repositories in memory: accounts, their logins, and failed attempts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pomo_daemon.application.ports import LoginRecord, RefreshRecord, StoreError, TimerRecord
from pomo_daemon.domain.account import Account, fold, peer_names
from pomo_daemon.domain.throttle import Attempts
from pomo_daemon.domain.timer import Timer
from tests.fakes.rows import Rows, number


class MemoryUsers:
    """The Users port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def of_peer(self, uid: int, username: str) -> int:
        """Answer the id of the user that an OS user logs in as without a password; make it if need be."""
        for account in self._rows.users.values():
            if account.peer_uid == uid:
                return account.user_id
        names = peer_names(username, uid)
        name = next(names)
        while await self.named(name) is not None:
            name = next(names)
        return self._insert(Account(user_id=0, username=name, peer_uid=uid)).user_id

    async def get(self, user_id: int) -> Account | None:
        """Answer an account."""
        return self._rows.users.get(user_id)

    async def named(self, name: str) -> Account | None:
        """Answer the account with that username, else the one with that email address."""
        everybody = self._rows.users.values()
        by_name = (it for it in everybody if fold(it.username) == fold(name))
        by_email = (it for it in everybody if it.email is not None and fold(it.email) == fold(name))
        return next(by_name, None) or next(by_email, None)

    async def add(self, username: str, email: str, password_hash: str) -> Account | None:
        """Store a new account; None if the name or the address is taken."""
        if await self.named(username) or await self.named(email):
            return None
        return self._insert(Account(user_id=0, username=username, email=email, password_hash=password_hash))

    async def set_password(self, user_id: int, password_hash: str, *, was: str | None) -> bool:
        """Store another hash, if the stored one still is `was`; tell whether it was."""
        account = self._rows.users[user_id]
        if account.password_hash != was:
            return False
        self._rows.users[user_id] = replace(account, password_hash=password_hash)
        return True

    def _insert(self, account: Account) -> Account:
        stored = replace(account, user_id=number(self._rows, "users", None))
        self._rows.users[stored.user_id] = stored
        self._rows.timers[stored.user_id] = TimerRecord(stored.user_id, 0, Timer())
        return stored


class MemoryLogins:
    """The Logins port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def add(self, login: LoginRecord) -> LoginRecord:
        """Store a new login; answer it with its number."""
        stored = replace(login, login_id=number(self._rows, "logins", None))
        self._put(stored)
        return stored

    async def get(self, login_id: int) -> LoginRecord | None:
        """Answer a login, ended or not."""
        return self._rows.logins.get(login_id)

    async def by_access(self, access_hash: str) -> LoginRecord | None:
        """Answer the login whose present access token has this hash, ended or not."""
        return next((it for it in self._rows.logins.values() if it.access_hash == access_hash), None)

    async def of_user(self, user_id: int, now: datetime) -> Sequence[LoginRecord]:
        """Answer the logins of a user that last, oldest first."""
        return [it for it in self._rows.logins.values() if it.user_id == user_id and it.lives(now)]

    async def renew(self, login: LoginRecord) -> None:
        """Store another access token, other ends, and the time of the last use."""
        self._put(
            replace(
                self._rows.logins[login.login_id],
                last_used_at=login.last_used_at,
                access_hash=login.access_hash,
                access_expires_at=login.access_expires_at,
                expires_at=login.expires_at,
            )
        )

    async def end(self, login_id: int, at: datetime, reason: str) -> None:
        """Note that a login was ended, and forget its refresh tokens."""
        self._put(replace(self._rows.logins[login_id], revoked_at=at, reason=reason))
        for it in [it for it in self._rows.refresh_tokens.values() if it.login_id == login_id]:
            del self._rows.refresh_tokens[it.token_hash]

    async def refresh_token(self, token_hash: str) -> RefreshRecord | None:
        """Answer a refresh token."""
        return self._rows.refresh_tokens.get(token_hash)

    async def issue(self, token: RefreshRecord) -> None:
        """Store a new refresh token."""
        if token.token_hash in self._rows.refresh_tokens:
            raise StoreError("database.error", "The token was issued already.")
        self._rows.refresh_tokens[token.token_hash] = token

    async def spend(self, token_hash: str, at: datetime, seed: bytes) -> None:
        """Note that a refresh token was used, and the seed of what follows it."""
        kept = self._rows.refresh_tokens[token_hash]
        self._rows.refresh_tokens[token_hash] = replace(kept, spent_at=at, seed=seed)

    def _put(self, login: LoginRecord) -> None:
        for it in self._rows.logins.values():
            if it.access_hash == login.access_hash and it.login_id != login.login_id:
                raise StoreError("database.error", "The token was issued already.")
        self._rows.logins[login.login_id] = login


class MemoryAttempts:
    """The AttemptLog port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def of(self, key: str) -> Attempts | None:
        """Answer the failures under a key."""
        return self._rows.attempts.get(key)

    async def fail(self, key: str, at: datetime) -> None:
        """Count one more."""
        kept = self._rows.attempts.get(key)
        self._rows.attempts[key] = Attempts(kept.failures + 1 if kept else 1, at)

    async def forgive(self, key: str, count: int) -> None:
        """Take back so many, and the row with the last of them."""
        kept = self._rows.attempts.pop(key, None)
        if kept is not None and kept.failures > count:
            self._rows.attempts[key] = replace(kept, failures=kept.failures - count)

    async def prune(self, before: datetime) -> None:
        """Forget every key whose last failure is older."""
        for key in [key for key, it in self._rows.attempts.items() if it.last_at < before]:
            del self._rows.attempts[key]
