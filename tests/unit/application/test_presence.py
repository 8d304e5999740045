"""Several machines of one user: only the one where they were last shows notifications, if they want it so."""

from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.hooks import HookDesk
from pomo_daemon.application.notifications import NotificationDesk, NotifySettings
from pomo_daemon.application.ports import Announcement, Draft
from pomo_daemon.application.presence import Presence
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.timer import Pause, Start
from tests.fakes.alarm import FakeAlarm
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.hooks import FakeHooks
from tests.fakes.loop import virtual
from tests.fakes.notifier import FakeNotifier
from tests.fakes.store import MemoryStore


class Machines:
    """A store that machines share, and who uses them."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = FakeClock()
        self.seq = 0

    async def start(self) -> Identity:
        async with self.store.write() as unit:
            return Identity(await unit.users.of_peer(1, "ada"), "ada", "default")

    def timers(self, name: str) -> TimerService:
        return TimerService(self.store, self.clock, FakeAlarm(lambda _: None), Announcer(), Rules, name)

    async def events(self, who: Identity) -> list[Announcement]:
        async with self.store.read() as unit:
            return list(await unit.outbox.since(who.user_id, 0, 100))


@virtual
async def test_what_a_user_does_says_where_and_what_time_does_says_nothing() -> None:
    world = Machines()
    who = await world.start()
    await world.timers("laptop").run(who, Start())
    await world.timers("desktop").run(who, Pause())
    await world.timers("desktop").run(Identity(who.user_id, "", "", automatic=True), Start(replace=True))
    said = [(it.type, it.data.get("machine")) for it in await world.events(who)]
    assert said == [
        ("interval.started", "laptop"),
        ("interval.paused", "desktop"),
        ("interval.stopped", None),
        ("interval.started", None),
    ]


@virtual
async def test_a_user_is_where_their_latest_event_was_also_for_a_daemon_that_has_just_begun() -> None:
    world = Machines()
    who = await world.start()
    await world.timers("laptop").run(who, Start())
    await world.timers("desktop").run(who, Pause())
    latest = (await world.events(who))[-1]
    plain = Announcement(who.user_id, latest.seq + 1, "interval.completed", NOON, {})
    assert await Presence(world.store, "desktop").is_here(plain)
    laptop = Presence(world.store, "laptop")
    assert not await laptop.is_here(plain)
    laptop.listen([Announcement(who.user_id, latest.seq + 2, "interval.started", NOON, {"machine": "laptop"})])
    assert await laptop.is_here(plain)
    laptop.listen([latest])
    assert await laptop.is_here(plain), "an event from before moves nobody"


@virtual
async def test_where_nothing_tells_or_nobody_shares_a_user_is_here() -> None:
    world = Machines()
    who = await world.start()
    plain = Announcement(who.user_id, 1, "interval.completed", NOON, {})
    assert await Presence(world.store, "laptop").is_here(plain)
    elsewhere = Announcement(who.user_id, 2, "interval.started", NOON, {"machine": "laptop"})
    assert await Presence(world.store, "").is_here(elsewhere)


@virtual
async def test_notifications_are_shown_on_all_machines_or_where_the_user_was_last() -> None:
    world = Machines()
    who = await world.start()
    await world.timers("laptop").run(who, Start())
    async with world.store.write() as unit:
        [done] = await unit.outbox.append(who.user_id, [Draft("interval.completed", NOON, {"interval": {}})])
    for only_active, shown in ((False, ["laptop", "desktop"]), (True, ["laptop"])):
        seen = []
        for name in ("laptop", "desktop"):
            notifier = FakeNotifier()
            settings = NotifySettings(only_active=only_active)
            desk = NotificationDesk(
                notifier,
                world.timers(name),
                world.store,
                world.clock,
                lambda settings=settings: settings,  # type: ignore[misc]
                presence=Presence(world.store, name),
            )
            await desk._show(done, None)
            seen += [name] * len(notifier.shown)
        assert seen == shown


@virtual
async def test_hooks_run_only_where_they_are_told_to() -> None:
    world = Machines()
    who = await world.start()
    await world.timers("laptop").run(who, Start())
    [event] = await world.events(who)
    for name, runs in (("laptop", 1), ("desktop", 0)):
        hooks = FakeHooks()
        is_for_here = Presence(world.store, name).is_here
        desk = HookDesk(hooks, world.store, world.clock, "default", is_for_here=is_for_here)
        await desk._run(event)
        assert len(hooks.told) == runs


@virtual
async def test_a_daemon_that_has_heard_of_nobody_is_not_where_they_are() -> None:
    world = Machines()
    who = await world.start()
    laptop, alone = Presence(world.store, "laptop"), Presence(world.store, "")
    assert (laptop.was_heard_here(who.user_id), alone.was_heard_here(who.user_id)) == (False, True)
    for name, here in (("laptop", True), ("desktop", False)):
        await world.timers(name).run(who, Start(replace=True))
        laptop.listen(await world.events(who))
        assert laptop.was_heard_here(who.user_id) is here
