"""Machines that share a database, each with a daemon, put together as the real one is, in virtual time."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from pomo_daemon.application.accounts import AccountService
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.notifications import NotificationDesk, NotifySettings
from pomo_daemon.application.offline import SharedTimers
from pomo_daemon.application.ports import Announcement
from pomo_daemon.application.sync import Sync
from pomo_daemon.application.timer import Identity, Outcome
from pomo_daemon.application.views import StatusView
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.domain.timer import Command
from tests.fakes.alarm import FakeAlarm
from tests.fakes.clock import FakeClock
from tests.fakes.journal import MemoryJournal
from tests.fakes.line import Line, no_fault
from tests.fakes.loop import current_clock
from tests.fakes.notifier import FakeNotifier
from tests.fakes.secrets import FakeRandom
from tests.fakes.store import MemoryStore

UID: Final = 1000


class MachineClock:
    """The SharedClock of a machine with a boot of its own; its time is that of the virtual loop."""

    def __init__(self, clock: FakeClock, name: str) -> None:
        self._clock = clock
        self._name = name
        self.ahead = timedelta(0)

    def read(self) -> Reading:
        """Read all clocks at once."""
        reading = self._clock.read()
        return Reading(reading.wall + self.ahead, reading.boottime, f"{reading.boot_id}-{self._name}")

    def shift(self, by: timedelta) -> None:
        """Set the wall clock."""
        self.ahead += by


class Machine:
    """A machine of one person. `crash` ends its daemon; its journal stays."""

    _names = itertools.count(1)

    def __init__(self, store: MemoryStore, rules: Rules | None = None) -> None:
        self.name = f"m{next(self._names)}"
        self.journal = MemoryJournal()
        self.notifier = FakeNotifier()
        self.rules = rules or Rules()
        self.line = Line(store, current_clock())
        self.published: list[Announcement] = []
        self.who: Identity
        self._tasks: list[asyncio.Task[None]] = []
        self._lives = itertools.count(1)

    async def start(self) -> "Machine":
        """Start a daemon, in the order in which the real one starts."""
        self.line.away = False
        self.published = []
        clock = MachineClock(current_clock(), self.name)
        announcer = Announcer()
        self.alarm = FakeAlarm(lambda user_id: self.timers.ring(user_id))  # noqa: PLW0108  # timers comes after
        self.accounts = AccountService(self.line, "default")
        self.timers = SharedTimers(
            *(self.line, clock, self.alarm, announcer, lambda: self.rules),
            *(self.name, self.journal, FakeRandom(f"{self.name}-{next(self._lives)}"), self.accounts.os_user),
        )
        desk = NotificationDesk(self.notifier, self.timers, self.line, clock, NotifySettings)
        announcer.add(self.published.extend)
        announcer.add(desk.listen)
        self.sync = Sync(self.timers, self.line, None, clock)
        known = await self.timers.restore()
        await self.sync.look()
        if self.timers.offline:
            for it in known:
                self.timers.recall(it)
                self.accounts.recall(it.uid or 0, it.username, it.user_id)
        self.who = await self.accounts.peer(UID, "ada")
        await self.timers.wake(self.who.user_id)
        self._tasks = [asyncio.create_task(self.sync.run()), asyncio.create_task(desk.run())]
        await self.settle()
        return self

    async def crash(self) -> None:
        """End the daemon at once."""
        for it in self._tasks:
            it.cancel()
        self.alarm.stop()
        await asyncio.sleep(0)

    async def run(self, command: Command, **options: Any) -> Outcome:
        """Give a command."""
        return await self.timers.run(self.who, command, **options)

    async def wait(self, span: timedelta) -> None:
        """Let time pass, and whatever rings at its end be done."""
        await asyncio.sleep(span.total_seconds())
        await self.settle()

    async def settle(self) -> None:
        """Let what is under way be done."""
        for _ in range(5):
            await asyncio.sleep(0)
            await self.timers.drain()

    async def mend(self) -> None:
        """Let the line be whole, and what was kept be brought over it."""
        self.line.fault = no_fault
        await self.sync.look()
        await self.settle()

    def peek(self) -> StatusView:
        """Answer the status that a bar would show."""
        view = self.timers.peek(self.who)
        assert view is not None
        return view

    @property
    def kinds(self) -> Sequence[str]:
        """Answer the types of what was told here, in order."""
        return [it.type for it in self.published]
