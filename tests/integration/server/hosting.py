"""The real server on a real database, in a thread of the test: for limits that a daemon does not let one shorten."""

import asyncio
import os
import threading
from contextlib import AsyncExitStack
from typing import Self

from pomo_daemon.adapters.alarm import SchedulerAlarm
from pomo_daemon.adapters.clock import SystemClock
from pomo_daemon.adapters.cron import CronTab
from pomo_daemon.adapters.db.migrate import HEAD
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.adapters.entropy import SystemRandom
from pomo_daemon.adapters.passwords import Argon2Passwords
from pomo_daemon.adapters.spool import TemporarySpool
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.timer import TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.protocol.messages import InfoResult
from pomo_daemon.protocol.version import PROTOCOL, VERSION
from pomo_daemon.server.hub import Hub
from pomo_daemon.server.listener import Listener
from pomo_daemon.server.services import Host, Limits, Peer, Services
from tests.fakes.databases import ready_file
from tests.fakes.profiles import OneProfile

PATIENCE_S = 30.0


class HostedServer:
    """A server within `with`, listening at `path` in `folder`; the next one there has the same database."""

    def __init__(self, folder: str, limits: Limits | None = None) -> None:
        self.path = f"{folder}/test.sock"
        file = f"{folder}/test.db"
        self._url = f"sqlite+aiosqlite:///{file}" if os.path.exists(file) else ready_file(file)
        self._limits = limits or Limits()
        self._ready = threading.Event()
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  # raised again in the thread of the test
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        clock = SystemClock()
        async with AsyncExitStack() as stack:
            store = SqlStore(self._url, clock)
            stack.push_async_callback(store.close)
            announcer, hub = Announcer(), Hub()
            announcer.add(hub.listen)
            alarm = SchedulerAlarm(clock, lambda user_id: timers.ring(user_id))  # noqa: PLW0108  # timers comes after
            timers = TimerService(store, clock, alarm, announcer, Rules)
            alarm.start()
            stack.callback(alarm.stop)
            host = Host(
                OneProfile(
                    Services.over(
                        "default",
                        timers,
                        store,
                        clock,
                        Rules,
                        cron=CronTab,
                        passwords=Argon2Passwords(),
                        random=SystemRandom(),
                        spool=TemporarySpool,
                        hub=hub,
                    )
                ),
                lambda _services: self._info(),
                self._stopping.set,
                Peer(os.getuid(), "tester"),
            )
            listener = Listener(self.path, host, self._limits)
            await listener.open()
            stack.push_async_callback(listener.close)
            self._ready.set()
            await self._stopping.wait()

    def _info(self) -> InfoResult:
        now = SystemClock().read().wall
        return InfoResult(
            os.getpid(), VERSION, PROTOCOL, now, 0, self.path, self._url, HEAD, "", 0, 0, "not used yet", "there"
        )
