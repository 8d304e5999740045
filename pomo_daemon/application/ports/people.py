"""Accounts, passwords and logins."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pomo_daemon.domain.account import Account
from pomo_daemon.domain.throttle import Attempts


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right; and where its hash is weaker than those made today, one to store instead."""

    ok: bool
    new_hash: str | None = field(default=None, repr=False)


class Passwords(Protocol):
    """Passwords, derived slowly and off the event loop."""

    async def hash(self, password: str) -> str:
        """Answer what to store of a password."""
        ...

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Compare a password with what is stored. None, where nothing is, takes as long and is never right."""
        ...


class Users(Protocol):
    """Accounts. Names and addresses are the same whatever their case."""

    async def of_peer(self, uid: int, username: str) -> int:
        """Answer the id of the user that an OS user logs in as without a password; make it if need be."""
        ...

    async def get(self, user_id: int) -> Account | None:
        """Answer an account."""
        ...

    async def named(self, name: str) -> Account | None:
        """Answer the account with that username, else the one with that email address."""
        ...

    async def add(self, username: str, email: str, password_hash: str) -> Account | None:
        """Store a new account; None if the name or the address is taken."""
        ...

    async def set_password(self, user_id: int, password_hash: str, *, was: str | None) -> bool:
        """Store another hash, if the stored one still is `was`; tell whether it was."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRecord:
    """One device of a user, as stored: `access_hash` of its present access token; `login_id` 0 is not stored yet.

    `peer_uid` is the OS user who logged in, `reason` why the login was ended.
    """

    login_id: int = 0
    user_id: int
    device: str
    peer_uid: int | None
    created_at: datetime
    last_used_at: datetime
    access_hash: str = field(repr=False)
    access_expires_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    reason: str | None = None

    def lives(self, now: datetime) -> bool:
        """Tell whether the login lasts: it was neither ended nor left unused for too long."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRecord:
    """A refresh token as stored; one that is spent has a `seed`, from which what followed it can be derived again."""

    token_hash: str = field(repr=False)
    login_id: int
    issued_at: datetime
    expires_at: datetime
    spent_at: datetime | None = None
    seed: bytes | None = field(default=None, repr=False)


class Logins(Protocol):
    """Logins and the refresh tokens of those that last."""

    async def add(self, login: LoginRecord) -> LoginRecord:
        """Store a new login; answer it with its number."""
        ...

    async def get(self, login_id: int) -> LoginRecord | None:
        """Answer a login, ended or not."""
        ...

    async def by_access(self, access_hash: str) -> LoginRecord | None:
        """Answer the login whose present access token has this hash, ended or not."""
        ...

    async def of_user(self, user_id: int, now: datetime) -> Sequence[LoginRecord]:
        """Answer the logins of a user that last, oldest first."""
        ...

    async def renew(self, login: LoginRecord) -> None:
        """Store another access token, other ends, and the time of the last use."""
        ...

    async def end(self, login_id: int, at: datetime, reason: str) -> None:
        """Note that a login was ended, and forget its refresh tokens."""
        ...

    async def refresh_token(self, token_hash: str) -> RefreshRecord | None:
        """Answer a refresh token."""
        ...

    async def issue(self, token: RefreshRecord) -> None:
        """Store a new refresh token."""
        ...

    async def spend(self, token_hash: str, at: datetime, seed: bytes) -> None:
        """Note that a refresh token was used, and the seed of what follows it."""
        ...


class AttemptLog(Protocol):
    """Passwords that were wrong, counted by keys that do not tell whose they are."""

    async def of(self, key: str) -> Attempts | None:
        """Answer the failures under a key."""
        ...

    async def fail(self, key: str, at: datetime) -> None:
        """Count one more."""
        ...

    async def forgive(self, key: str, count: int) -> None:
        """Take back so many, and the row with the last of them."""
        ...

    async def prune(self, before: datetime) -> None:
        """Forget every key whose last failure is older."""
        ...
