"""A process that commits as fast as a daemon can, and says so after each commit; and what must be true of its file."""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

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


def damage(file: str, confirmed: int | None) -> str:
    """Answer what is wrong with a file, empty for nothing; requests up to `confirmed` must be there, each once.

    Raises sqlite3.Error where the file cannot be opened.
    """
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        said = connection.execute("PRAGMA integrity_check").fetchone()[0]
        numbers = [it[0] for it in connection.execute("SELECT request_id FROM requests ORDER BY request_id")]
        seqs = [it[0] for it in connection.execute("SELECT seq FROM events ORDER BY seq")]
        started = connection.execute("SELECT count(*) FROM events WHERE type = 'interval.started'").fetchone()[0]
        intervals = connection.execute("SELECT count(*) FROM intervals").fetchone()[0]
        running = connection.execute("SELECT count(*) FROM intervals WHERE ended_at IS NULL").fetchone()[0]
    if said != "ok":
        return f"integrity: {said}"
    if numbers != [REQUEST.format(it) for it in range(len(numbers))]:
        return f"{len(numbers)} requests with holes"
    if confirmed is not None and len(numbers) <= confirmed:
        return f"request {confirmed} was confirmed, {len(numbers)} are there"
    if not len(numbers) == started == intervals or seqs != list(range(1, len(seqs) + 1)):
        return f"{len(numbers)} requests, {started} starts, {intervals} intervals, {len(seqs)} events"
    return f"{running} intervals run" if numbers and running != 1 else ""


def committed(file: str) -> int:
    """Answer how many requests are in a file."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM requests").fetchone()[0])
