"""A disk that is full, one page later each time: what cannot be stored is refused, and what is stored stays.

Root has a small disk of its own for it. Elsewhere the process may make files no larger than so much, which a write
notices at the same place.
"""

import asyncio
import logging
import os
import resource
import shutil
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

from pomo_daemon.adapters.clock import SystemClock
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.ports import StoreError
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.timer import Start
from tests.fakes.alarm import FakeAlarm
from tests.reliability.frame import forks
from tests.reliability.writer import REQUEST, database, look

PAGE: Final = 4096
#: What a full disk, or a limit, may be told as.
TOLD: Final = {"database.error", "database.unavailable"}
#: More commits than fit into what is left, and refusals after which there is room again.
MOST: Final = 200
REFUSALS: Final = 3


class Disk:
    """What is left on a disk: by a file that takes the rest, or by a limit of this process."""

    def __init__(self, folder: str) -> None:
        self._ballast = f"{folder}/ballast" if folder else ""

    def leave(self, pages: int, file: str) -> None:
        """Leave so many pages."""
        if not self._ballast:
            largest = max(os.path.getsize(f"{file}{it}") for it in ("", "-wal") if os.path.exists(f"{file}{it}"))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest + pages * PAGE, resource.RLIM_INFINITY))
            return
        self.free()
        found = os.statvfs(os.path.dirname(self._ballast))
        with open(self._ballast, "wb") as opened:
            os.posix_fallocate(opened.fileno(), 0, max(found.f_bavail * found.f_frsize - pages * PAGE, 1))

    def free(self) -> None:
        """Leave enough."""
        if self._ballast:
            with suppress(FileNotFoundError):
                os.unlink(self._ballast)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def fill_up(folder: str, pages: int) -> tuple[int, list[str]]:
    """Leave 0, 1, 2 ... pages to a writer, and to one that opens after a crash; answer how many, and what was wrong."""
    broken: list[str] = []
    with database() as empty:
        for left in range(pages):
            place = folder or os.path.dirname(empty)
            file = f"{place}/disk.db"
            shutil.copy(empty, file)
            for what in ("writing", "opening after a crash"):
                process, reading = _start(file, folder, left, look(file).committed)
                confirmed, wrong = reading.recv() if reading.poll(60) else (None, "silence")
                process.join()
                if wrong := wrong or look(file).damage(confirmed):
                    broken.append(f"{left} pages left while {what}: {wrong}: python -m tests.reliability storage")
            for name in os.listdir(place):
                if name.startswith("disk.db"):
                    os.unlink(f"{place}/{name}")
    return 2 * pages, broken


def _start(file: str, folder: str, left: int, first: int) -> tuple[BaseProcess, Connection]:
    context = forks()
    reading, writing = context.Pipe(duplex=False)
    process = context.Process(target=write, args=(file, folder, left, first, writing))
    process.start()
    writing.close()
    return process, reading


def write(file: str, folder: str, left: int, first: int, told: Connection) -> None:
    """Be the process; it dies as in a crash, so that the next one has to recover."""
    logging.disable(logging.CRITICAL)
    told.send(asyncio.run(_write(file, Disk(folder), left, first)))
    told.close()
    os._exit(0)


async def _write(file: str, disk: Disk, left: int, first: int) -> tuple[int, str]:
    """Write until it is refused, make room, write on. Answers the last that was confirmed, and what was wrong."""
    clock = SystemClock()
    store = SqlStore(f"sqlite+aiosqlite:///{file}", clock)
    timers = TimerService(store, clock, FakeAlarm(lambda _: None), Announcer(), Rules)
    ada = Identity(1, "ada", "")
    if not first:
        async with store.write() as unit:
            await unit.users.of_peer(1000, "ada")
        await timers.status(ada)
    # Of a file that was left by a crash the log is still to be read: that too finds the disk full.
    disk.leave(left, file)
    number, refused, wrong = first, 0, ""
    while refused < REFUSALS and number < first + MOST:
        try:
            await timers.run(ada, Start(replace=True), request_id=REQUEST.format(number))
            number += 1
        except StoreError as error:
            refused += 1
            wrong = wrong or ("" if error.code in TOLD else f"refused as {error.code}: {error.message}")
    if not first and timers.peek(ada) is None:
        wrong = wrong or "the status is gone"
    disk.free()
    await timers.run(ada, Start(replace=True), request_id=REQUEST.format(number))
    return number, wrong if refused else "it was never full"
