"""The composition root: the one place that names concrete adapters, and the order in which a daemon comes and goes."""

import asyncio
import contextlib
import hashlib
import logging
import os
import pwd
import resource
import signal
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from pomo_daemon.adapters import logs
from pomo_daemon.adapters.alarm import SchedulerAlarm
from pomo_daemon.adapters.clock import SystemClock, system_zone
from pomo_daemon.adapters.clockwatch import ClockWatch
from pomo_daemon.adapters.db.migrate import HEAD, prepare_apart
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.adapters.faults import fault
from pomo_daemon.adapters.lock import DaemonLock
from pomo_daemon.adapters.notify.desktop import DesktopNotifier
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.notifications import NotificationDesk
from pomo_daemon.application.timer import TimerService
from pomo_daemon.config import SettingsFile
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.messages import InfoResult
from pomo_daemon.protocol.version import PROTOCOL, VERSION
from pomo_daemon.server.hub import Hub
from pomo_daemon.server.listener import Listener, private_folder
from pomo_daemon.server.services import Limits, Services

log = logging.getLogger(__name__)

#: Descriptors kept for database, log, bus and the clock, beyond those of clients.
RESERVE = 64
#: Seconds that a notification being shown has to finish when the daemon stops.
GRACE = 6.0


class Daemon:
    """One daemon of one OS user on one database."""

    def __init__(self, *, foreground: bool) -> None:
        self._foreground = foreground
        self._data = os.path.realpath(paths.data_dir())
        self._socket = f"{paths.runtime_dir()}/{_socket_name(self._data)}"
        self._log = f"{paths.state_dir()}/daemon.log"
        self._url = os.environ.get("POMO_DATABASE_URL") or f"sqlite+aiosqlite:///{self._data}/pomo.db"
        self._stop = asyncio.Event()
        self._clock = SystemClock()
        self._lock = DaemonLock(paths.lock_file())

    def claim(self) -> bool:
        """Become the only daemon on the database, and bring that to the schema. False: another one lives.

        Before the event loop runs, since a migration may fork. Raises PomoError and StoreError for whatever keeps a
        daemon from starting.
        """
        private_folder(self._data)
        if not self._lock.acquire():
            return False
        self._settings = SettingsFile(paths.config_file(), system_zone)
        logs.configure(self._log, self._settings.current().log_level, foreground=self._foreground)
        log.info("pomo-daemon %s starts, pid %d", VERSION, os.getpid())
        prepare_apart(self._url, self._clock.read().wall)
        return True

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve until told to stop; call `ready` once clients are answered."""
        settings, clock = self._settings, self._clock
        started = clock.read()
        async with contextlib.AsyncExitStack() as stack:
            store = SqlStore(self._url, clock)
            stack.push_async_callback(store.close)
            announcer = Announcer()

            def rules() -> Rules:
                return settings.current().rules

            alarm = SchedulerAlarm(clock, lambda user_id: timers.ring(user_id))  # noqa: PLW0108  # timers comes after
            timers = TimerService(store, clock, alarm, announcer, rules)
            notifier = DesktopNotifier()
            stack.push_async_callback(notifier.close)
            desk = NotificationDesk(notifier, timers, store, clock, lambda: settings.current().notify)
            hub = Hub()
            announcer.add(hub.listen)
            announcer.add(desk.listen)
            announcer.add(lambda _announcements: fault("after_publish"))
            owner = (os.getuid(), _username(os.getuid()))
            limits = _limits(settings)

            def info() -> InfoResult:
                reading = clock.read()
                return InfoResult(
                    pid=os.getpid(),
                    version=VERSION,
                    protocol=PROTOCOL,
                    started_at=started.wall,
                    uptime_s=(reading.boottime - started.boottime) // timedelta(seconds=1),
                    socket=self._socket,
                    database=_without_password(self._url),
                    schema_revision=HEAD,
                    log=self._log,
                    connections=len(listener),
                    subscribers=len(hub),
                    notifications={None: "not used yet", True: "working", False: "failing"}[desk.working],
                )

            services = Services.over(timers, store, clock, rules, hub=hub, info=info, stop=self._stop.set, owner=owner)
            listener = Listener(self._socket, services, limits)
            self._obey_signals(listener)
            me = await services.accounts.peer(*owner, "default")
            alarm.start()
            stack.callback(alarm.stop)
            await store.tidy(started.wall)
            await desk.catch_up(me.user_id)
            await timers.settle_all()
            await timers.status(me)
            watch = ClockWatch(lambda: _spawn(timers.settle_all()))
            watch.start()
            stack.callback(watch.stop)
            stack.push_async_callback(timers.drain)
            showing = asyncio.create_task(desk.run())
            stack.push_async_callback(asyncio.wait, [showing], timeout=GRACE)
            stack.callback(desk.stop)
            await listener.open()
            stack.push_async_callback(listener.close)
            self._lock.publish(os.getpid(), VERSION, self._socket)
            log.info("listening at %s", self._socket)
            ready()
            await self._stop.wait()
            log.info("pomo-daemon stops")
        self._lock.release()

    def _obey_signals(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        # A client that finds the lock held and the socket gone asks for a new one.
        loop.add_signal_handler(signal.SIGHUP, lambda: _spawn(listener.reopen()))


_background: set[asyncio.Task[None]] = set()


def _spawn(work: Coroutine[Any, Any, None]) -> None:
    """Run something that nobody waits for; its failure is logged."""
    task = asyncio.ensure_future(work)
    _background.add(task)
    task.add_done_callback(_done)


def _done(task: "asyncio.Task[None]") -> None:
    _background.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background work failed", exc_info=error)


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


def _socket_name(data: str) -> str:
    """Name the socket after the database's folder: daemons of several databases may share a runtime folder."""
    return f"{hashlib.sha256(os.fsencode(data)).hexdigest()[:8]}-{paths.SOCKET_NAME}"


def _username(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    scheme, separator, account = head.partition("://")
    return f"{scheme}{separator}{account.partition(':')[0]}{at}{tail}" if at else url
