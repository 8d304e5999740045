"""The application layer, put together as the daemon does it, on fakes and in virtual time."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from pomo_daemon.application.accounts import AccountService
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.notifications import NotificationDesk, NotifySettings
from pomo_daemon.application.ports import Announcement
from pomo_daemon.application.report import ReportService
from pomo_daemon.application.timer import Identity, Outcome, TimerService
from pomo_daemon.application.views import StatusView
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.interval import Interval
from pomo_daemon.domain.timer import Command, Timer
from tests.fakes.alarm import FakeAlarm
from tests.fakes.loop import current_clock
from tests.fakes.notifier import FakeNotifier
from tests.fakes.store import MemoryStore

UID: Final = 1000


class FakeDaemon:
    """A daemon of one user without its socket. `crash` leaves to the next one nothing but the store."""

    def __init__(
        self, store: MemoryStore | None = None, rules: Rules | None = None, notifier: FakeNotifier | None = None
    ) -> None:
        self.clock = current_clock()
        self.store = store or MemoryStore()
        self.rules = rules or Rules()
        self.notify = NotifySettings()
        self.published: list[Announcement] = []
        self.announcer = Announcer()
        self.alarm = FakeAlarm(lambda user_id: self.timers.ring(user_id))  # noqa: PLW0108  # timers comes after
        self.timers = TimerService(self.store, self.clock, self.alarm, self.announcer, lambda: self.rules)
        self.notifier = notifier or FakeNotifier()
        self.desk = NotificationDesk(self.notifier, self.timers, self.store, self.clock, lambda: self.notify)
        self.announcer.add(self._listen)
        self.announcer.add(self.desk.listen)
        self.reports = ReportService(self.store, self.clock, lambda: self.rules)
        self.who: Identity
        self._showing: asyncio.Task[None]
        self.hooking: asyncio.Task[None]

    def _listen(self, announcements: Sequence[Announcement]) -> None:
        self.published += announcements

    async def start(self) -> "FakeDaemon":
        """Come up, in the order in which the real one does."""
        self.who = await AccountService(self.store, "default").peer(UID, "ada")
        await self.desk.catch_up(self.who.user_id)
        await self.timers.settle_all()
        await self.timers.status(self.who)
        self._showing = asyncio.create_task(self.desk.run())
        return self

    def crash(self) -> None:
        """Stop at once: no alarm rings any more, nothing is shown."""
        self.alarm.stop()
        self.show_nothing()

    def show_nothing(self) -> None:
        """Commit from now on without coming to show it."""
        self._showing.cancel()

    async def run(self, command: Command, **options: Any) -> Outcome:
        """Give a command."""
        return await self.timers.run(self.who, command, **options)

    async def wait(self, span: timedelta) -> None:
        """Let time pass, and whatever rings at its end be done."""
        await asyncio.sleep(span.total_seconds())
        for _ in range(3):
            await asyncio.sleep(0)
            await self.timers.drain()

    async def clocks_changed(self) -> None:
        """Take what the kernel tells: the clock was set, or the machine woke up."""
        await self.timers.settle_all()

    def peek(self) -> StatusView:
        """Answer the status that a bar would show."""
        view = self.timers.peek(self.who)
        assert view is not None
        return view

    @property
    def kinds(self) -> list[str]:
        """Answer the types of what was published, in order."""
        return [announcement.type for announcement in self.published]

    @property
    def stored(self) -> Timer:
        """Answer the timer as it is on disk."""
        return self.store.rows.timers[self.who.user_id].timer

    @property
    def intervals(self) -> list[Interval]:
        """Answer the intervals as they are on disk, in the order in which they were made."""
        return [interval for _, interval in self.store.rows.intervals.values()]


async def start(store: MemoryStore | None = None, rules: Rules | None = None) -> FakeDaemon:
    """Start a daemon on a store."""
    return await FakeDaemon(store, rules).start()
