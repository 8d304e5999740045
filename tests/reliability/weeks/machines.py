"""Machines of a simulated world: clocks, a daemon with its socket and all that is behind it, and a way to the store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from pomo_daemon.adapters.clock import DatabaseClock
from pomo_daemon.adapters.cron import CronTab
from pomo_daemon.adapters.spool import TemporarySpool
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.hooks import HookDesk
from pomo_daemon.application.notifications import NotificationDesk, NotifySettings
from pomo_daemon.application.ports import Announcement, Clock, StoreError, UnitOfWork
from pomo_daemon.application.sync import Sync
from pomo_daemon.application.timer import TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.messages import InfoResult
from pomo_daemon.server.hub import Hub
from pomo_daemon.server.services import Host, Peer, Services
from tests.fakes.alarm import FakeAlarm
from tests.fakes.caller import Caller
from tests.fakes.clock import NOON
from tests.fakes.hooks import FakeHooks
from tests.fakes.notifier import FakeNotifier
from tests.fakes.profiles import OneProfile
from tests.fakes.rows import Rows
from tests.fakes.secrets import FakePasswords, FakeRandom
from tests.fakes.store import MemoryStore, MemoryUnitOfWork

ADA: Final = Peer(1000, "ada")
NOTHING: Final = timedelta(0)
#: Seconds between two looks at a shared store. Fewer than in life: a week of looks would be nearly all that is done.
PERIOD: Final = 2400.0


class World(Protocol):
    """What machines need of the world around them."""

    store: MemoryStore
    rules: Rules

    @property
    def now(self) -> timedelta:
        """Answer the true time since the world began."""
        ...

    def delay(self) -> float:
        """Answer for how many seconds the next trip to the store lasts."""
        ...

    def jitter(self) -> float:
        """Answer by how many seconds a way is longer than the way back."""
        ...

    def loses_answer(self) -> bool:
        """Tell whether what the store answers to a commit is lost."""
        ...

    def opened(self, wall: datetime) -> None:
        """Take note that a transaction begins, on a machine whose clock shows `wall`."""
        ...


class QuickStore(MemoryStore):
    """A store whose readers look at what was committed without a copy of their own: commits replace it as a whole."""

    _reading: tuple[Rows, UnitOfWork] | None = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that only reads."""
        self._check()
        if self._reading is None or self._reading[0] is not self.rows:
            self._reading = self.rows, MemoryUnitOfWork(self.rows)
        yield self._reading[1]


class MachineClock:
    """The Clock port, over the true time: it drifts, is set, and begins anew with each boot."""

    def __init__(self, name: str, now: Callable[[], timedelta], drift_ppm: float) -> None:
        self._name = name
        self._now = now
        self._drift = drift_ppm / 1e6
        self._ahead = NOTHING
        self._boots = 1
        self._booted = now() - timedelta(seconds=30)
        self._slept = NOTHING
        self._asleep_since: timedelta | None = None

    def sleep(self) -> None:
        """Note that the machine goes to sleep: what counts the time awake stands still."""
        self._asleep_since = self._now()

    def wake(self) -> None:
        """Note that it is awake again."""
        if self._asleep_since is not None:
            self._slept += self._now() - self._asleep_since
        self._asleep_since = None

    def read(self) -> Reading:
        """Read all clocks at once."""
        now = self._now()
        wall = NOON + now + self._ahead
        wall += now * self._drift if self._drift else NOTHING
        return Reading(wall, now - self._booted, f"{self._name}-{self._boots}", self._slept)

    def step(self, by: timedelta) -> None:
        """Set the wall clock."""
        self._ahead += by

    def reboot(self, wall_error: timedelta) -> None:
        """Begin another boot, with a hardware clock that is wrong by so much."""
        self._boots += 1
        self._booted = self._now() - timedelta(seconds=30)
        self._slept = NOTHING
        self._ahead += wall_error


class MachineAlarm(FakeAlarm):
    """An alarm that stands still while its machine sleeps."""

    def hold(self) -> None:
        """Stand still."""
        now = asyncio.get_running_loop().time()
        self._held = {user_id: max(at - now, 0.0) for user_id, at in self.pending.items()}
        self.stop()

    def release(self) -> None:
        """Go on with what was left."""
        for user_id, rest in self._held.items():
            if user_id not in self.pending:
                self.set(user_id, timedelta(seconds=rest))


class Link:
    """The Store port of one daemon: it may be cut or slow, an answer may be lost, and with its daemon it is dead."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self.cut = False
        self.dead = False
        self.away = False

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that may write."""
        self._check()
        async with self._world.store.write() as unit:
            self._check()
            self._world.opened(self._clock.read().wall)
            yield unit
            await self._travel()
        self._check(cut=False)
        if self._world.loses_answer():
            raise StoreError("database.unavailable", "The answer was lost.")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that only reads."""
        await self._travel()
        async with self._world.store.read() as unit:
            yield unit

    async def now(self) -> datetime:
        """Answer the time by the store's clock: the way there takes nearly as long as the way back."""
        self._check()
        delay = self._world.delay() / 2
        await asyncio.sleep(delay + self._world.jitter())
        found = NOON + self._world.now
        await asyncio.sleep(delay)
        self._check()
        return found

    async def close(self) -> None:
        """Do nothing."""

    async def _travel(self) -> None:
        self._check()
        if (delay := self._world.delay()) > 0:
            await asyncio.sleep(delay)
            self._check()

    def _check(self, *, cut: bool = True) -> None:
        if self.dead:
            # As if nothing of the process were left, to handle it or to log it.
            raise asyncio.CancelledError
        if self.cut and cut:
            raise StoreError("database.unavailable", "The database is away.")


class Ear:
    """The Bus port: hears what the world says, while somebody listens."""

    def __init__(self) -> None:
        self.heard: Callable[[int, int], None] | None = None

    async def listen(self, _users: Collection[int], heard: Callable[[int, int], None]) -> None:
        """Listen until cancelled."""
        self.heard = heard
        try:
            await asyncio.Event().wait()
        finally:
            self.heard = None

    def hear(self, user_id: int, seq: int) -> None:
        """Take a hint, if anybody listens."""
        if self.heard is not None:
            self.heard(user_id, seq)


class Daemon:
    """One run of a daemon, put together in the order of the real one; `kill` leaves nothing but the store."""

    def __init__(self, world: World, machine: "Machine") -> None:
        self.published: list[Announcement] = []
        self._machine = machine
        shared = DatabaseClock(machine.clock) if machine.shared else None
        time: Clock = shared or machine.clock
        self.link = Link(world, time)
        self.link.cut = machine.cut
        announcer, hub = Announcer(), Hub()
        self.alarm = MachineAlarm(lambda user_id: self.timers.ring(user_id))  # noqa: PLW0108  # timers comes after

        def rules() -> Rules:
            return world.rules

        def at_home(user_id: int) -> bool:
            return shared is None or self.services.accounts.is_at_home(user_id)

        self.timers = TimerService(self.link, time, self.alarm, announcer, rules)
        self.hooks = HookDesk(machine.hooks, self.link, time, "default", at_home, f"hooks@{machine.name}")
        self.services = Services.over(
            "default",
            self.timers,
            self.link,
            time,
            rules,
            passwords=FakePasswords(),
            cron=CronTab,
            random=FakeRandom(machine.name),
            spool=TemporarySpool,
            hub=hub,
            hooks=self.hooks,
        )
        self.desk = NotificationDesk(machine.notifier, self.timers, self.link, time, NotifySettings, at_home)
        for listener in (hub.listen, self.desk.listen, self.hooks.listen, self._listen):
            announcer.add(listener)
        self.sync = Sync(self.timers, self.link, machine.ear, shared, PERIOD) if shared else None
        self._tasks: list[asyncio.Task[Any]] = []
        self.follower = self._caller()

    async def start(self) -> None:
        """Come up, in the order in which the real one does. Raises StoreError."""
        if self.sync is not None:
            await self.sync.look()
        me = await self.services.accounts.peer(ADA.uid, ADA.name)
        await self.desk.catch_up(me.user_id)
        await self.hooks.catch_up(me.user_id)
        await self.timers.wake(me.user_id)
        if self.sync is None:
            await self.timers.settle_all()
        self._tasks = [asyncio.create_task(it.run()) for it in (self.desk, self.hooks)]
        self.follow()
        self.follower.who = me

    def follow(self) -> None:
        """Follow the other daemons."""
        if self.sync is not None:
            self._following = asyncio.create_task(self.sync.run())

    def kill(self) -> None:
        """Die at once."""
        self.link.dead = True
        self.sleep()
        self.alarm.stop()
        for task in self._tasks:
            task.cancel()

    def sleep(self) -> None:
        """Stand still."""
        self.alarm.hold()
        if self.sync is not None and hasattr(self, "_following"):
            self._following.cancel()

    async def settle(self) -> None:
        """Take what the kernel tells: the clock was set, or the machine woke up."""
        await self.timers.settle_all(everybodys=self.sync is None)
        self.services.hub.look()

    async def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answer a request that came over a connection of its own."""
        return await self._caller().call(method, **params)

    def _caller(self) -> Caller:
        def no_info(_services: Services) -> InfoResult:
            raise PomoError("internal")

        return Caller(Host(OneProfile(self.services), no_info, lambda: None, ADA), ADA, self.services, None)

    def _listen(self, announcements: Sequence[Announcement]) -> None:
        self.published += announcements


class Machine:
    """A machine: what outlives its daemons."""

    def __init__(self, world: World, name: str, drift_ppm: float, *, shared: bool) -> None:
        self.name = name
        self.shared = shared
        self.clock = MachineClock(name, lambda: world.now, drift_ppm)
        self.hooks = FakeHooks()
        self.notifier = FakeNotifier()
        self.ear = Ear()
        self.cut = False
        self.asleep = False
        self.booted = False
        self.daemon: Daemon | None = None
        self._world = world

    @property
    def serves(self) -> bool:
        """Tell whether anybody answers here."""
        return self.daemon is not None and not self.asleep

    async def start(self) -> bool:
        """Start a daemon, and tell whether it came up."""
        daemon = Daemon(self._world, self)
        try:
            await daemon.start()
        except StoreError:
            daemon.kill()
            return False
        self.daemon = daemon
        return True

    def kill(self) -> None:
        """Kill the daemon."""
        if self.daemon is not None:
            self.daemon.kill()
        self.daemon = None
        self.ear.heard = None

    def cut_off(self, *, cut: bool) -> None:
        """Cut the way to the store, or mend it."""
        self.cut = cut
        if self.daemon is not None:
            self.daemon.link.cut = cut

    def sleep(self) -> None:
        """Suspend the machine."""
        self.asleep = True
        self.clock.sleep()
        if self.daemon is not None:
            self.daemon.sleep()

    async def wake(self) -> None:
        """Go on after a suspend."""
        self.asleep = False
        self.clock.wake()
        if self.daemon is not None:
            self.daemon.alarm.release()
            self.daemon.follow()
            await self.daemon.settle()
