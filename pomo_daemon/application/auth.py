"""Accounts with passwords, and their logins: one for each device, with an access and a refresh token."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, TypeVar

from pomo_daemon.application.gate import Gate
from pomo_daemon.application.loginbook import LoginBook
from pomo_daemon.application.ports import Clock, LoginRecord, Passwords, Random, RefreshRecord, Store
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.application.work import Work
from pomo_daemon.domain.account import (
    Account,
    check_attempt,
    check_device,
    check_email,
    check_password,
    check_username,
)
from pomo_daemon.domain.errors import (
    Forbidden,
    Invalid,
    InvalidToken,
    LoginNotFound,
    LoginRequired,
    UserExists,
    WrongPassword,
)
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.tokens import ACCESS_LASTS, REFRESH_LASTS, Pair, digest, may_repeat, successors, written

T = TypeVar("T")

_WRONG: Final = "Name or password is wrong."
_STALE: Final = "The refresh token is not valid, or not any more."


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a device is given: its login, two tokens, and until when each is good."""

    login_id: int
    username: str
    access_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_token: str = field(repr=False)
    refresh_expires_at: datetime


class AuthService:
    """Registers, logs in and out. Every change of a login is a transaction of its user, with its event."""

    def __init__(
        self,
        timers: TimerService,
        store: Store,
        clock: Clock,
        passwords: Passwords,
        random: Random,
        book: LoginBook,
        may_register: Callable[[], bool],
    ) -> None:
        self._timers = timers
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._random = random
        self._book = book
        self._may_register = may_register
        self._gate = Gate(store, clock, passwords)

    async def register(self, username: str, email: str, password: str) -> Account:
        """Make an account. Raises Forbidden, Invalid and UserExists."""
        if not self._may_register():
            raise Forbidden("Nobody can register here.", "Ask whoever runs this daemon.")
        username, email, password = check_username(username), check_email(email), check_password(password)
        await self._refuse_taken(username, email)
        hashed = await self._passwords.hash(password)
        async with self._store.write() as unit:
            made = await unit.users.add(username, email, hashed)
        if made is None:
            raise UserExists("The username or the email address was taken meanwhile.")
        return made

    async def login(self, name: str, password: str, device: str, peer_uid: int) -> Tokens:
        """Log a device in. Raises Invalid, TooManyAttempts and WrongPassword."""
        device, password = check_device(device), check_attempt("password", password)
        account = await self._gate.check(name, password, peer_uid, _WRONG)
        pair = Pair(written(self._random.token()), written(self._random.token()))

        async def act(work: Work) -> LoginRecord:
            now = work.reading.wall
            if await work.unit.users.get(account.user_id) != account:
                raise WrongPassword(_WRONG)
            record = await work.unit.logins.add(
                LoginRecord(
                    user_id=account.user_id, device=device, peer_uid=peer_uid, created_at=now, **_ends(pair, now)
                )
            )
            await work.unit.logins.issue(_refresh_record(record, pair))
            work.announce(EventType.LOGIN_CREATED, {"login_id": record.login_id, "device": device})
            return record

        return _tokens(await self._transact(account.user_id, act), account, pair)

    async def refresh(self, refresh_token: str) -> Tokens:
        """Exchange a refresh token for the next pair; within a moment, the same one for the same pair again.

        Raises InvalidToken. A token that was used longer ago is in two hands: then its login is ended.
        """
        key = digest(refresh_token)
        async with self._store.read() as unit:
            kept = await unit.logins.refresh_token(key)
            found = await unit.logins.get(kept.login_id) if kept else None
            account = await unit.users.get(found.user_id) if found else None
        if found is None or account is None:
            raise InvalidToken(_STALE)

        async def act(work: Work) -> tuple[LoginRecord, Pair] | None:
            logins, now = work.unit.logins, work.reading.wall
            # Read anew: from here on nobody else changes this user's logins.
            record, token = await logins.get(found.login_id), await logins.refresh_token(key)
            if record is None or token is None or not record.lives(now) or token.expires_at <= now:
                return None
            if token.spent_at is None or token.seed is None:
                seed = self._random.token()
                pair = successors(seed, refresh_token)
                record = replace(record, **_ends(pair, now))
                await logins.spend(key, now, seed)
                await logins.renew(record)
                await logins.issue(_refresh_record(record, pair))
                return record, pair
            if may_repeat(token.spent_at, now):
                pair = successors(token.seed, refresh_token)
                return replace(record, **_ends(pair, token.spent_at)), pair
            await _end(work, [record], "replayed")
            return None

        renewed = await self._transact(account.user_id, act)
        if renewed is None:
            raise InvalidToken(_STALE)
        return _tokens(renewed[0], account, renewed[1])

    async def logout(self, who: Identity) -> int:
        """End the login that asks, and answer its number. Raises LoginRequired."""
        if who.login_id is None:
            raise LoginRequired("There is no login to end; this is the peer login.")
        return await self._end_one(who.user_id, who.login_id, "logout")

    async def revoke(self, who: Identity, login_id: int) -> int:
        """End a login of the user who asks, and answer its number. Raises LoginNotFound."""
        return await self._end_one(who.user_id, login_id, "revoked")

    async def whoami(self, who: Identity) -> tuple[Account, LoginRecord | None]:
        """Answer the account of the user who asks, and the login by which they do. Raises InvalidToken if it went."""
        async with self._store.read() as unit:
            account = await unit.users.get(who.user_id)
            login = await unit.logins.get(who.login_id) if who.login_id is not None else None
        if account is None:
            raise InvalidToken("The account is gone.")
        return account, login

    async def logins(self, who: Identity) -> Sequence[LoginRecord]:
        """Answer the logins of the user who asks that last, oldest first."""
        async with self._store.read() as unit:
            return await unit.logins.of_user(who.user_id, self._clock.read().wall)

    async def passwd(self, who: Identity, old: str | None, password: str, peer_uid: int) -> int:
        """Give the user who asks another password, and answer how many other logins that has ended.

        The old one is needed if there is one. Raises Invalid, TooManyAttempts and WrongPassword.
        """
        password = check_password(password)
        account, _ = await self.whoami(who)
        if account.password_hash is not None:
            if old is None:
                raise Invalid("old_password: is needed, since the account has a password.")
            old = check_attempt("old_password", old)
            account = await self._gate.check(account.username, old, peer_uid, "The old password is wrong.")
        hashed = await self._passwords.hash(password)

        async def act(work: Work) -> int:
            if not await work.unit.users.set_password(account.user_id, hashed, was=account.password_hash):
                raise WrongPassword("The password was changed meanwhile.")
            work.announce(EventType.PASSWORD_CHANGED, {})
            lasting = await work.unit.logins.of_user(account.user_id, work.reading.wall)
            others = [it for it in lasting if it.login_id != who.login_id]
            await _end(work, others, "passwd")
            return len(others)

        return await self._transact(account.user_id, act)

    async def _end_one(self, user_id: int, login_id: int, reason: str) -> int:
        async def act(work: Work) -> int:
            record = await work.unit.logins.get(login_id)
            if record is None or record.user_id != user_id or not record.lives(work.reading.wall):
                raise LoginNotFound(f"There is no login {login_id}.")
            await _end(work, [record], reason)
            return login_id

        return await self._transact(user_id, act)

    async def _transact(self, user_id: int, act: Callable[[Work], Awaitable[T]]) -> T:
        """Change logins of a user in one transaction, and let the book know in the step that ends it."""

        async def keep(work: Work) -> None:
            work.answer["result"] = await act(work)

        try:
            answer = await self._timers.transact(Identity(user_id, "", ""), keep)
        finally:
            # Where only the database's answer was lost, they may be others all the same.
            self._book.forget(user_id)
        self._book.revoked(answer.get("ended", ()))
        result: T = answer["result"]
        return result

    async def _refuse_taken(self, username: str, email: str) -> None:
        async with self._store.read() as unit:
            if await unit.users.named(username) is not None:
                raise UserExists(f"The username {username!r} is taken.")
            if await unit.users.named(email) is not None:
                raise UserExists(f"The email address {email!r} is taken.")


async def _end(work: Work, records: Sequence[LoginRecord], reason: str) -> None:
    for record in records:
        await work.unit.logins.end(record.login_id, work.reading.wall, reason)
        data = {"login_id": record.login_id, "device": record.device, "reason": reason}
        work.announce(EventType.LOGIN_REVOKED, data)
    work.answer["ended"] = [record.login_id for record in records]


def _ends(pair: Pair, now: datetime) -> dict[str, Any]:
    """Answer what a login has anew with each pair of tokens."""
    return {
        "last_used_at": now,
        "access_hash": digest(pair.access),
        "access_expires_at": now + ACCESS_LASTS,
        "expires_at": now + REFRESH_LASTS,
    }


def _refresh_record(login: LoginRecord, pair: Pair) -> RefreshRecord:
    return RefreshRecord(
        token_hash=digest(pair.refresh),
        login_id=login.login_id,
        issued_at=login.last_used_at,
        expires_at=login.expires_at,
    )


def _tokens(login: LoginRecord, account: Account, pair: Pair) -> Tokens:
    return Tokens(
        login.login_id, account.username, pair.access, login.access_expires_at, pair.refresh, login.expires_at
    )
