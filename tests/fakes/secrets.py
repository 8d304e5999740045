"""Chance and passwords without their cost."""

import asyncio
import hashlib
from collections.abc import Iterator
from itertools import count

from pomo_daemon.application.ports import Verdict


class FakeRandom:
    """The Random port: never the same twice, on machines of other names neither, and always the same from the start."""

    def __init__(self, machine: str = "") -> None:
        self._machine = machine
        self._numbers: Iterator[int] = count(1)

    def token(self) -> bytes:
        """Answer 32 bytes."""
        return hashlib.sha256(f"{self._machine}{next(self._numbers)}".encode()).digest()


class FakePasswords:
    """The Passwords port. `derived` counts derivations; a rise of `strength` makes older hashes weak."""

    def __init__(self) -> None:
        self.derived = 0
        self.strength = 1

    async def hash(self, password: str) -> str:
        """Answer what to store of a password."""
        await self._derive()
        return f"{self.strength}:{_digest(password)}"

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Compare a password with what is stored."""
        await self._derive()
        strength, _, digest = (stored or "0:").partition(":")
        ok = digest == _digest(password)
        return Verdict(ok, await self.hash(password) if ok and int(strength) < self.strength else None)

    async def _derive(self) -> None:
        self.derived += 1
        # As with the real ones, others go on meanwhile.
        await asyncio.sleep(0)


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()
