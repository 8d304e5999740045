"""A process that commits as fast as a daemon can, and says so after each commit; and what must be true of its file."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final

from pomo_daemon.adapters.clock import SystemClock
from pomo_daemon.adapters.db import engine as engines
from pomo_daemon.adapters.db.migrate import prepare
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.timer import Start
from tests.fakes.alarm import FakeAlarm
from tests.fakes.clock import NOON

#: How a request is called that the writer sends.
REQUEST: Final = "request-{:08}"


@contextmanager
def database() -> Iterator[str]:
    """Give the file of an empty database in a folder of its own."""
    folder = tempfile.mkdtemp(prefix="pomo-storage-", dir="/tmp")
    try:
        file = f"{folder}/pomo.db"
        asyncio.run(prepare(f"sqlite+aiosqlite:///{file}", NOON))
        yield file
    finally:
        shutil.rmtree(folder)


@contextmanager
def one_engine_each() -> Iterator[None]:
    """Have one engine for each file, so that what it compiled is known already to the processes that are forked."""
    made = engines.writer, engines.reader
    engines.writer, engines.reader = cache(engines.writer), cache(engines.reader)
    try:
        yield
    finally:
        engines.writer, engines.reader = made


def start(file: str, first: int, most: int = 0) -> tuple[BaseProcess, Connection]:
    """Start a writer whose requests are numbered from `first`; it ends after `most`, or never."""
    context = get_context("fork")
    reading, writing = context.Pipe(duplex=False)
    process = context.Process(target=_be, args=(file, first, most, writing), daemon=True)
    process.start()
    writing.close()
    return process, reading


def _be(file: str, first: int, most: int, told: Connection) -> None:
    """Be the process."""

    async def hold() -> None:
        await _write(file, first, most, told.send)
        # Held open until it is killed, so that nothing is tidied up.
        told.send(-1)
        await asyncio.Event().wait()

    asyncio.run(hold())


def write(file: str, first: int, most: int) -> None:
    """Write here, so that processes that are forked from now on know all that it takes."""

    async def close() -> None:
        store = await _write(file, first, most, lambda _number: None)
        await store.close()

    asyncio.run(close())


async def _write(file: str, first: int, most: int, tell: Callable[[int], None]) -> SqlStore:
    clock = SystemClock()
    store = SqlStore(f"sqlite+aiosqlite:///{file}", clock)
    timers = TimerService(store, clock, FakeAlarm(lambda _: None), Announcer(), Rules)
    async with store.write() as unit:
        user_id = await unit.users.of_peer(1000, "ada")
    number = first
    while not most or number < first + most:
        await timers.run(Identity(user_id, "ada", ""), Start(replace=True), request_id=REQUEST.format(number))
        tell(number)
        number += 1
    return store


def acknowledged(told: Connection, within: float = 20.0) -> list[int]:
    """Answer what was said to be committed, and not read yet."""
    found: list[int] = []
    try:
        while told.poll(within):
            number = told.recv()
            if number < 0:
                break
            found.append(number)
    except EOFError:
        pass
    return found


@dataclass(frozen=True)
class Content:
    """What is in a file."""

    integrity: str
    requests: list[str]
    seqs: list[int]
    started: int
    intervals: int
    running: int

    @property
    def committed(self) -> int:
        """Answer how many requests there are."""
        return len(self.requests)

    def damage(self, confirmed: int | None) -> str:
        """Answer what is wrong, empty for nothing; requests up to `confirmed` must be there, each once."""
        if self.integrity != "ok":
            return f"integrity: {self.integrity}"
        if self.requests != [REQUEST.format(it) for it in range(self.committed)]:
            return f"{self.committed} requests with holes"
        if confirmed is not None and self.committed <= confirmed:
            return f"request {confirmed} was confirmed, {self.committed} are there"
        if not self.committed == self.started == self.intervals or self.seqs != list(range(1, len(self.seqs) + 1)):
            return (
                f"{self.committed} requests, {self.started} starts, {self.intervals} intervals, {len(self.seqs)} events"
            )
        return f"{self.running} intervals run" if self.requests and self.running != 1 else ""


def look(file: str) -> Content:
    """Answer what is in a file. Raises sqlite3.Error where it cannot be opened."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:

        def one(statement: str) -> Any:
            return connection.execute(statement).fetchone()[0]

        return Content(
            one("PRAGMA integrity_check"),
            [it[0] for it in connection.execute("SELECT request_id FROM requests ORDER BY request_id")],
            [it[0] for it in connection.execute("SELECT seq FROM events ORDER BY seq")],
            one("SELECT count(*) FROM events WHERE type = 'interval.started'"),
            one("SELECT count(*) FROM intervals"),
            one("SELECT count(*) FROM intervals WHERE ended_at IS NULL"),
        )
