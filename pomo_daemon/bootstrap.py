"""The composition root: the one place that names concrete adapters, and the order in which a daemon comes and goes."""

import asyncio
import contextlib
import logging
import os
import resource
import signal
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from pomo_daemon.adapters import logs, systemd
from pomo_daemon.adapters.board import point
from pomo_daemon.adapters.clock import SystemClock, system_zone
from pomo_daemon.adapters.clockwatch import ClockWatch
from pomo_daemon.adapters.db.engine import sqlite_file
from pomo_daemon.adapters.db.migrate import HEAD, prepare_apart
from pomo_daemon.adapters.lock import DaemonLock
from pomo_daemon.adapters.memory import share_one_heap
from pomo_daemon.adapters.sleepwatch import SleepWatch
from pomo_daemon.application.cache import Cache
from pomo_daemon.application.ports import StoreError
from pomo_daemon.config import SettingsFile
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.messages import InfoResult
from pomo_daemon.protocol.profiles import DEFAULT, to_show
from pomo_daemon.protocol.version import PROTOCOL, VERSION
from pomo_daemon.realm import Realm
from pomo_daemon.realms import Realms, refuse_network
from pomo_daemon.server.identity import os_user
from pomo_daemon.server.listener import Listener, private_folder
from pomo_daemon.server.services import Host, Limits, Services

log = logging.getLogger(__name__)

#: Descriptors kept for database, log, bus and the clock, beyond those of clients.
RESERVE = 64
_SYSTEM_HINT = "Use the units in systemd/system; alone for yourself it is 'pomo daemon start'."
#: Seconds for which a look at the configuration is good: less than it takes to call a command after changing it.
LOOK = 0.01
_WORKING = {None: "not used yet", True: "working", False: "failing"}


class Daemon:
    """One daemon of one OS user, or with `system` one for every OS user of a machine."""

    def __init__(self, *, foreground: bool, system: bool = False) -> None:
        self._foreground = foreground
        self._system = system
        self._given = systemd.inherited_socket()
        self._data = os.path.realpath(paths.data_dir())
        self._socket = paths.socket_file() if self._given is None else str(self._given.getsockname())
        self._files = paths.status_files(self._socket)
        self._log = f"{paths.state_dir()}/daemon.log"
        self._stop = asyncio.Event()
        self._clock = SystemClock()
        self._lock = DaemonLock(paths.lock_file())

    def claim(self) -> bool:
        """Become the only daemon on the database, and bring that to the schema. False: another one lives.

        Before the event loop runs, since a migration may fork. Raises PomoError and StoreError for whatever keeps a
        daemon from starting.
        """
        if self._system and self._given is None:
            raise PomoError("daemon.unavailable", "A daemon for all users gets its socket from systemd.", _SYSTEM_HINT)
        share_one_heap()
        private_folder(self._data)
        if self._lock.path != paths.lock_beside():
            private_folder(os.path.dirname(self._lock.path))
        if not self._lock.acquire():
            return False
        self._settings = SettingsFile(paths.config_file(), system_zone, lasts=LOOK)
        logs.configure(self._log, self._settings.current().log_level, foreground=self._foreground)
        log.info("pomo-daemon %s starts, pid %d", VERSION, os.getpid())
        self._ready = self._prepare()
        return True

    def _prepare(self) -> bool:
        """Bring the database to the schema. False: it is away, and the timers go on by what is kept here of them."""
        url = self._url(DEFAULT)
        refuse_network(url, self._settings)
        try:
            prepare_apart(url, self._clock.read().wall)
        except StoreError as error:
            if sqlite_file(url):
                raise
            from pomo_daemon import sharing

            if not sharing.goes_on_without(error, DEFAULT, url):
                raise
            return False
        return True

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve until told to stop; call `ready` once clients are answered."""
        settings, clock = self._settings, self._clock
        started = clock.read()
        owner = os_user(os.getuid())
        sleeps = SleepWatch(lambda: _spawn(realms.settle()))
        desk = None if self._system else owner

        async def come_back() -> None:
            self._go_home()
            _spawn(realms.settle())

        realms = Realms(
            settings, clock, desk, self._url, self._files, sleeps.start, on_writable=come_back, ready=self._ready
        )

        def info(services: Services) -> InfoResult:
            reading = clock.read()
            realm = realms.realm(services.profile)
            return InfoResult(
                pid=os.getpid(),
                version=VERSION,
                protocol=PROTOCOL,
                started_at=started.wall,
                uptime_s=(reading.boottime - started.boottime) // timedelta(seconds=1),
                socket=self._socket,
                database=to_show(self._url(services.profile)),
                schema_revision=HEAD,
                log=self._log,
                connections=len(listener),
                subscribers=len(services.hub),
                notifications=_WORKING[realm.desk.working if realm else None],
                database_state=_state_of(services, realm),
                **(_cache_facts(realm.cache) if realm else {}),
            )

        host = Host(realms, info, self._stop.set, owner, self._system)
        listener = Listener(self._socket, host, _limits(settings), self._given)
        self._obey_signals(listener)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(realms.close)
            if self._given is None:
                private_folder(os.path.dirname(self._socket))
            stack.push_async_callback(sleeps.stop)
            await realms.open(DEFAULT)
            watch = ClockWatch(lambda: _spawn(realms.settle()))
            watch.start()
            stack.callback(watch.stop)
            await listener.open()
            stack.push_async_callback(listener.close)
            self._publish()
            stack.callback(point, f"{self._files}.status", "")
            settings.on_change = self._publish
            log.info("listening at %s", self._socket)
            ready()
            systemd.tell("READY=1")
            watchdog = systemd.Watchdog()
            watchdog.start()
            stack.callback(watchdog.stop)
            stack.callback(systemd.tell, "STOPPING=1")
            _spawn(realms.wake())
            await self._stop.wait()
            log.info("pomo-daemon stops")
        self._lock.release()

    def _go_home(self) -> None:
        """Take the lock beside the database, if it is elsewhere since that was read-only. Raises StoreError."""
        home = paths.lock_beside()
        if self._lock.path == home or not os.access(self._data, os.W_OK):
            return
        if not self._lock.move(home):
            raise StoreError("database.unavailable", "Another daemon serves the database by now.")
        self._publish()

    def _publish(self) -> None:
        database = to_show(self._url(DEFAULT))
        self._lock.publish(os.getpid(), VERSION, self._socket, self._settings.in_use, database)
        if not self._system:
            point(f"{self._files}.status", f"{os.path.basename(self._files)}{self._settings.in_use}.status")

    def _url(self, profile: str) -> str:
        return self._settings.database_url(profile, self._data)

    def _obey_signals(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        # A client that finds the lock held and the socket gone asks for a new one.
        loop.add_signal_handler(signal.SIGHUP, lambda: _spawn(listener.reopen()))


_background: set[asyncio.Task[None]] = set()


def _cache_facts(cache: Cache) -> dict[str, Any]:
    name = cache.name if cache.working else f"{cache.name}, away"
    return {"cache": name, "cache_hits": cache.hits.found, "cache_misses": cache.hits.missed}


def _spawn(work: Coroutine[Any, Any, None]) -> None:
    """Run something that nobody waits for; its failure is logged."""
    task = asyncio.ensure_future(work)
    _background.add(task)
    task.add_done_callback(_done)


def _done(task: "asyncio.Task[None]") -> None:
    _background.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background work failed", exc_info=error)


def _state_of(services: Services, realm: Realm | None) -> str:
    if realm is not None and realm.store.read_only:
        return "read-only: nothing can be stored"
    if not services.timers.offline:
        return "there"
    return f"offline, {services.timers.kept} commands are kept here until it is back"


def _limits(settings: SettingsFile) -> Limits:
    """Allow as many connections as the settings say and the system lets us hold open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.current().max_connections + RESERVE
    if soft < wanted:
        soft = min(wanted, hard) if hard != resource.RLIM_INFINITY else wanted
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return Limits(
        max_connections=min(settings.current().max_connections, soft - RESERVE),
        idle=settings.current().idle_timeout.total_seconds(),
    )
