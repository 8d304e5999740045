"""Passwords by passlib (libpass), which is loaded with the first one: few daemons ever see any."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pomo_daemon.adapters.memory import give_back_large_blocks
from pomo_daemon.application.ports import Verdict

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from passlib.context import CryptContext

#: Derivations at once: each takes 19 MiB and a processor, whoever asks.
AT_ONCE: Final = 2
# Argon2id as OWASP asks for at least (Password Storage Cheat Sheet).
MEMORY_KIB: Final = 19_456
PASSES: Final = 2
LANES: Final = 1

#: Of the form that passlib writes, and of no password. To compare with it takes one derivation, as with any other.
NOBODYS: Final = "$argon2id$v=19$m={},t={},p={}$" + "A" * 22 + "$" + "A" * 43


class Argon2Passwords:
    """The Passwords port. The parameters are arguments so that a test can raise them."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._memory_kib = memory_kib
        self._passes = passes

    async def hash(self, password: str) -> str:
        """Answer what to store of a password."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hash, password)

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Compare a password with what is stored. None, where nothing is, takes as long and is never right."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._verify, password, stored)

    def _hash(self, password: str) -> str:
        made: str = self._context.hash(password)
        return made

    def _verify(self, password: str, stored: str | None) -> Verdict:
        if stored is None:
            self._context.verify(password, NOBODYS.format(self._memory_kib, self._passes, LANES))
            return Verdict(ok=False)
        return Verdict(*self._context.verify_and_update(password, stored))

    @cached_property
    def _pool(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")

    @cached_property
    def _context(self) -> "CryptContext":
        from passlib.context import CryptContext

        # A few derivations would otherwise hold 40 MiB for good.
        give_back_large_blocks()
        return CryptContext(
            schemes=["argon2"],
            argon2__type="ID",
            argon2__memory_cost=self._memory_kib,
            argon2__time_cost=self._passes,
            argon2__parallelism=LANES,
        )
