"""Passwords are looked at one after the other, and after failures only when their delay has passed."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta

from pomo_daemon.application.ports import Clock, Passwords, Store, UnitOfWork
from pomo_daemon.domain.account import Account, fold
from pomo_daemon.domain.errors import TooManyAttempts, WrongPassword
from pomo_daemon.domain.throttle import ACCOUNT_CAP, FORGOTTEN, PEER_CAP, left


class Gate:
    """Compares passwords, and counts what was wrong by the name that was given and by the OS user who gave it.

    Names that nobody has are treated as all others are: as many derivations, the same delays, the same words.
    """

    def __init__(self, store: Store, clock: Clock, passwords: Passwords) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        # One at a time: a hundred guesses sent at once would otherwise all begin before the first one has failed.
        self._turn = asyncio.Lock()

    async def check(self, name: str, password: str, peer_uid: int, refusal: str) -> Account:
        """Answer the account that a name and a password open, the hash renewed if it was weaker than those of today.

        Raises TooManyAttempts, without having looked at the password, and WrongPassword with the words of `refusal`.
        """
        by_name, by_peer = _key("name", fold(name)), _key("peer", str(peer_uid))
        async with self._turn:
            async with self._store.read() as unit:
                account = await unit.users.named(name)
                await self._refuse_early(unit, account, by_name, by_peer, peer_uid)
            verdict = await self._passwords.verify(password, account.password_hash if account else None)
            async with self._store.write() as unit:
                now = self._clock.read().wall
                await unit.attempts.prune(now - FORGOTTEN)
                if account is not None and verdict.ok:
                    # The failures with other names stay: to log in to one's own account buys no guesses at others.
                    failed = await unit.attempts.of(by_name)
                    if failed is not None:
                        await unit.attempts.forgive(by_name, failed.failures)
                        await unit.attempts.forgive(by_peer, failed.failures)
                    if verdict.new_hash is None:
                        return account
                    await unit.users.set_password(account.user_id, verdict.new_hash, was=account.password_hash)
                    return replace(account, password_hash=verdict.new_hash)
                await unit.attempts.fail(by_name, now)
                await unit.attempts.fail(by_peer, now)
            raise WrongPassword(refusal)

    async def _refuse_early(
        self, unit: UnitOfWork, account: Account | None, by_name: str, by_peer: str, peer_uid: int
    ) -> None:
        now = self._clock.read().wall
        rest = left(await unit.attempts.of(by_peer), PEER_CAP, now)
        # Whoever fails at a name on purpose shall not lock out the one whose name it is.
        if not await self._at_home(unit, account, peer_uid):
            rest = max(rest, left(await unit.attempts.of(by_name), ACCOUNT_CAP, now))
        if rest:
            seconds = -(-rest // timedelta(seconds=1))
            raise TooManyAttempts(
                f"Too many attempts: try again in {seconds} {'second' if seconds == 1 else 'seconds'}."
            )

    async def _at_home(self, unit: UnitOfWork, account: Account | None, peer_uid: int) -> bool:
        if account is None:
            return False
        if account.peer_uid == peer_uid:
            return True
        logins = await unit.logins.of_user(account.user_id, self._clock.read().wall)
        return any(login.peer_uid == peer_uid for login in logins)


def _key(kind: str, text: str) -> str:
    """Name a counter so that whoever reads the database learns no name that was tried: it may be a password."""
    return hashlib.sha256(f"{kind}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
