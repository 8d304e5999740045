"""The line between one machine and the database that several share: it can be cut, or swallow what is sent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from enum import Enum, auto

from pomo_daemon.application.ports import StoreError, UnitOfWork
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore

#: Seconds that an answer may take (adapters/db/bounded.py).
HUNG_UP = 9.0


class Fault(Enum):
    """What happens to one transaction."""

    NONE = auto()
    #: The request does not arrive.
    REQUEST = auto()
    #: The database does it, and the answer is lost.
    ANSWER = auto()
    #: Nothing comes back, and the line stays open: before anything is done, and after it.
    SILENT_REQUEST = auto()
    SILENT_ANSWER = auto()


def no_fault() -> Fault:
    return Fault.NONE


class Line:
    """The SharedStore port of one machine. `fault` says what happens to each transaction."""

    def __init__(self, store: MemoryStore, clock: FakeClock) -> None:
        self.store = store
        self.away = False
        self.fault: Callable[[], Fault] = no_fault
        #: How often somebody waited for the database.
        self.asked = 0
        self._clock = clock

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that may write."""
        fault = await self._send()
        async with self.store.write() as unit:
            yield unit
        await self._receive(fault)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that only reads."""
        fault = await self._send()
        async with self.store.read() as unit:
            yield unit
        await self._receive(fault)

    async def now(self) -> datetime:
        """Answer the time by the database's clock."""
        fault = await self._send(even_if_away=True)
        await self._receive(fault)
        return self._clock.wall

    async def _send(self, *, even_if_away: bool = False) -> Fault:
        if self.away and not even_if_away:
            raise StoreError("database.unavailable", "The database is away; nothing was changed.")
        self.asked += 1
        fault = self.fault()
        if fault is Fault.REQUEST:
            raise StoreError("database.unavailable", "The request was lost.")
        if fault is Fault.SILENT_REQUEST:
            await self._wait()
        return fault

    async def _wait(self) -> None:
        """Wait as long as the real connection does before it is hung up."""
        await asyncio.sleep(HUNG_UP)
        raise StoreError("database.unavailable", "The line is dead.")

    async def _receive(self, fault: Fault) -> None:
        if fault is Fault.ANSWER:
            raise StoreError("database.unavailable", "The answer was lost.")
        if fault is Fault.SILENT_ANSWER:
            await self._wait()
