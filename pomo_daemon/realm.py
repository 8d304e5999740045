"""A profile while it is open: put together here, with a database, timers, followers and a desktop of its own.

Part of the composition root: concrete adapters are named here, in realms.py and bootstrap.py, nowhere else.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, Self

from pomo_daemon.adapters import hooks
from pomo_daemon.adapters.alarm import SchedulerAlarm
from pomo_daemon.adapters.board import BoardFile
from pomo_daemon.adapters.clock import DatabaseClock
from pomo_daemon.adapters.db.engine import sqlite_file
from pomo_daemon.adapters.db.migrate import HEAD
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.adapters.entropy import SystemRandom
from pomo_daemon.adapters.faults import fault
from pomo_daemon.adapters.memory_cache import MemoryCache
from pomo_daemon.adapters.notify.desktop import DesktopNotifier
from pomo_daemon.adapters.notify.probe import probe
from pomo_daemon.application.announcer import Announcer, Listener
from pomo_daemon.application.cache import Cache
from pomo_daemon.application.calendar import Calendar
from pomo_daemon.application.hooks import CONSUMER, HookDesk
from pomo_daemon.application.notifications import NotificationDesk, NotifySettings
from pomo_daemon.application.ports import Announcement, Clock, Cron, Finding, Passwords, Spool, StoreError
from pomo_daemon.application.presence import Presence
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.config import SettingsFile
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.version import VERSION
from pomo_daemon.server.hub import Hub
from pomo_daemon.server.prompt import Prompt
from pomo_daemon.server.services import Peer, Services

if TYPE_CHECKING:
    from pomo_daemon.application.attention import Attention
    from pomo_daemon.application.sync import Sync

#: Seconds that a notification being shown has to finish when a profile is closed.
GRACE = 6.0
#: Seconds for a hook that runs then; one that takes longer is ended, and run again by the next daemon.
HOOK_GRACE = 2.0


@dataclass(frozen=True, slots=True)
class Realm:
    """An open profile."""

    url: str
    services: Services
    store: SqlStore
    cache: Cache
    desk: NotificationDesk
    calendar: Calendar
    #: Keeps the owner's prompts up to date, where they are known without a login.
    prompt: Prompt | None
    #: Follows other daemons, where the database is one that several may share.
    sync: "Sync | None"
    stack: AsyncExitStack

    @classmethod
    async def open(  # noqa: PLR0913  # all that a profile takes
        cls,
        profile: str,
        url: str,
        settings: SettingsFile,
        clock: Clock,
        owner: Peer | None,
        passwords: Passwords,
        files: str,
        on_running: Callable[[], None],
        *,
        on_writable: Callable[[], Awaitable[None]],
        ready: bool = True,
    ) -> Self:
        """Open a database that has the schema, and settle what passed while it was closed. Raises StoreError.

        `owner` is whose desktop it is; None: nobody's, so nothing is shown. `on_running` is called when something runs,
        `on_writable` before something is written that could not be when it was opened.
        Not `ready`: the database is away, and what this machine keeps of its timers goes on until it is back.
        """
        shared = None if sqlite_file(url) else DatabaseClock(clock)
        time = shared or clock
        async with AsyncExitStack() as stack:
            cache = _cache(url, settings.redis_url(profile) if shared else "", stack)
            store = SqlStore(url, time, cache, on_writable)
            stack.push_async_callback(store.close)
            announcer, hub = Announcer(), Hub()

            def rules() -> Rules:
                return settings.current(profile).rules

            def notify() -> NotifySettings:
                return settings.current(profile).notify if owner else NotifySettings(enabled=False)

            alarm = SchedulerAlarm(clock, lambda user_id: timers.ring(user_id))  # noqa: PLW0108  # timers comes after
            # Each machine on a shared database has hooks of its own.
            machine = _machine(shared)
            presence = Presence(store, machine)
            timers: TimerService = (
                TimerService(store, time, alarm, announcer, rules, machine)
                if shared is None
                else sharing().timers(
                    *(profile, url, store, shared, alarm, announcer, rules, machine),
                    lambda user_id: services.accounts.os_user(user_id),  # noqa: PLW0108  # services come after
                )
            )
            notifier = DesktopNotifier()
            stack.push_async_callback(notifier.close)

            def at_home(user_id: int) -> bool:
                return shared is None or services.accounts.is_at_home(user_id)

            folder = hooks.standard(clock)
            mine = (f"{CONSUMER}@{machine}".rstrip("@"), _for_here(presence, settings, profile))
            runner = HookDesk(folder, store, time, profile, at_home, *mine) if owner else None
            # Of those who share a database each daemon minds the schedules of its own users.
            calendar = Calendar(timers, store, time, _cron, timers.known if shared is not None else None)
            services: Services = Services.over(
                profile,
                timers,
                store,
                time,
                rules,
                cron=_cron,
                passwords=passwords,
                random=SystemRandom(),
                spool=_spool,
                may_register=lambda: settings.current(profile).may_register,
                hub=hub,
                by_peer=lambda: settings.profile(profile).by_peer,
                hooks=runner,
                examine=lambda: _examine(store, folder if owner else None),
            )
            desk = NotificationDesk(notifier, timers, store, time, notify, at_home, presence)
            for listener in (
                presence.listen,
                services.logins.listen,
                hub.listen,
                desk.listen,
                calendar.listen,
                *((runner.listen,) if runner else ()),
                when_running(timers, on_running),
                lambda _announcements: fault("after_publish"),
            ):
                announcer.add(listener)
            alarm.start()
            stack.callback(alarm.stop)
            sync = None
            if shared is not None:
                redis = settings.redis_url(profile)
                sync = await sharing().follow(
                    *(url, redis, services, store, shared, stack, announcer), ready=ready, came=calendar.look
                )
            timers.on_change.append(hub.look)
            prompt = None
            if owner is not None and services.by_peer():
                me = await _welcome(owner, services, store, desk)
                board = BoardFile(f"{files}{profile}.status")
                stack.callback(board.show, "")
                # By the clock of this machine, which is that of its shells.
                prompt = Prompt(board, me, timers, clock, rules)
                announcer.add(prompt.listen)
                timers.on_change.append(prompt.look)
                prompt.look()
                after = partial(_idle_after, settings, profile)
                announcer.add(_attention(me, timers, desk, time, after, presence, stack))
            if sync is None:
                await timers.settle_all()
            await calendar.look()
            _go_on(timers, calendar, sync, stack)
            if runner:
                _in_background(stack, runner, HOOK_GRACE)
            _in_background(stack, desk, GRACE)
            return cls(url, services, store, cache, desk, calendar, prompt, sync, stack.pop_all())
        raise AssertionError  # no context manager here swallows an error


def _cache(url: str, redis_url: str, stack: AsyncExitStack) -> Cache:
    """Answer where reads of much are kept."""
    if not redis_url:
        return MemoryCache()
    from pomo_daemon.adapters.redis.cache import RedisCache

    # The URL may hold a password, and two programs may write an answer differently.
    cache = RedisCache(redis_url, f"pomo:{sha256(f'{VERSION} {url}'.encode()).hexdigest()[:16]}:")
    stack.push_async_callback(cache.close)
    return cache


def _cron() -> Cron:
    # Few have schedules.
    from pomo_daemon.adapters.cron import CronTab

    return CronTab()


def _idle_after(settings: SettingsFile, profile: str) -> timedelta:
    return settings.current(profile).idle_after


def _attention(
    me: Identity,
    timers: TimerService,
    desk: NotificationDesk,
    clock: Clock,
    after: Callable[[], timedelta],
    presence: Presence,
    stack: AsyncExitStack,
) -> Listener:
    """Make the listener that has somebody asked whether they are there, and loads what that takes when it is wanted."""
    asking: list[Attention] = []

    def listen(announcements: Sequence[Announcement]) -> None:
        if not asking and after() and timers.runs():
            from pomo_daemon.adapters.idle import DesktopIdle
            from pomo_daemon.application.attention import Attention

            is_here = partial(presence.was_heard_here, me.user_id)
            asking.append(Attention(me, timers, desk, DesktopIdle(clock), clock, after, is_here))
            asking[0].begin()
        for it in asking:
            it.listen(announcements)

    async def close() -> None:
        for it in asking:
            await it.close()

    listen(())
    stack.push_async_callback(close)
    return listen


def when_running(timers: TimerService, call: Callable[[], None]) -> Listener:
    """Make a listener that calls while something runs."""
    return lambda _announcements: call() if timers.runs() else None


def _go_on(timers: TimerService, calendar: Calendar, sync: "Sync | None", stack: AsyncExitStack) -> None:
    """Follow other daemons, if there are any, and have everything come to rest when the stack is closed."""
    if sync is None:
        # Where others may watch on, the end of one daemon tells nothing.
        stack.push_async_callback(timers.leave)
    stack.push_async_callback(timers.drain)
    stack.push_async_callback(calendar.drain)
    stack.callback(calendar.stop)
    if sync is not None:
        stack.callback(asyncio.create_task(sync.run()).cancel)


def sharing() -> ModuleType:
    """Answer what only a shared database takes: to load it takes time and memory, and few have one."""
    from pomo_daemon import sharing as module

    return module


def _spool() -> Spool:
    from pomo_daemon.adapters.spool import TemporarySpool

    return TemporarySpool()


async def _welcome(owner: Peer, services: Services, store: SqlStore, desk: NotificationDesk) -> Identity:
    """Bring the one whose daemon it is to mind, and what the last daemon did not come to tell of them."""
    me = await services.accounts.peer(owner.uid, owner.name)

    async def catch_up() -> None:
        await desk.catch_up(me.user_id)
        if services.hooks:
            await services.hooks.catch_up(me.user_id)

    if store.read_only:
        # What is told now cannot be noted as told, and would be told again by the next daemon.
        store.on_writable.append(_once(catch_up))
    elif not services.timers.offline:
        await catch_up()
    await services.timers.wake(me.user_id)
    return me


def _once(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Make what does something at the first call alone."""
    todo = [work]

    async def call() -> None:
        while todo:
            await todo.pop()()

    return call


async def _examine(store: SqlStore, folder: hooks.HookFolder | None) -> Sequence[Finding]:
    """Look at everything that a profile has to do with; `folder`: the hooks of whose desktop this is, too."""
    try:
        found = list(await store.examine(HEAD))
    except StoreError as error:
        found = [Finding("database", "failure", error.message, error.hint or "See 'pomo daemon logs'.")]
    if folder is not None:
        found += [await probe(), hooks.finding(folder)]
    return found


def _for_here(presence: Presence, settings: SettingsFile, profile: str) -> Callable[[Announcement], Awaitable[bool]]:
    """Make what tells whether an event runs the hooks of this machine."""

    async def is_for_here(it: Announcement) -> bool:
        return not settings.current(profile).hooks_of_owner or await presence.is_here(it)

    return is_for_here


def _machine(shared: DatabaseClock | None) -> str:
    """Name this daemon among those on a database, where there are any: two of one host differ by their data."""
    if shared is None:
        return ""
    return f"{socket.gethostname()[:40]}/{sha256(paths.data_dir().encode()).hexdigest()[:6]}"


class _Desk(Protocol):
    """Works until it is stopped."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...


def _in_background(stack: AsyncExitStack, desk: _Desk, grace: float) -> None:
    """Let a desk work; when the stack is closed it is stopped, and cut off after so many seconds."""
    working = asyncio.create_task(desk.run())

    async def end() -> None:
        desk.stop()
        await asyncio.wait([working], timeout=grace)
        working.cancel()
        await asyncio.wait([working], timeout=grace)

    stack.push_async_callback(end)
