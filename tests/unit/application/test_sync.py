"""Whose events a daemon hears of from the others on its database."""

import asyncio
from collections.abc import Callable, Collection

from pomo_daemon.application.sync import PERIOD, Sync
from pomo_daemon.domain.timer import Start
from tests.fakes.line import Fault, no_fault
from tests.fakes.loop import current_clock, virtual
from tests.fakes.machine import Machine, MachineClock
from tests.fakes.store import MemoryStore


class FakeBus:
    """Notes for whom is listened, each time that somebody begins to."""

    def __init__(self) -> None:
        self.begun: list[set[int]] = []
        self.open = 0
        self.heard: Callable[[int, int], None]

    async def listen(self, users: Collection[int], heard: Callable[[int, int], None]) -> None:
        self.begun.append(set(users))
        self.heard = heard
        self.open += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.open -= 1


async def listening(bus: FakeBus) -> tuple[Machine, "asyncio.Task[None]"]:
    """Give a machine that hears by a bus."""
    machine = await Machine(MemoryStore()).start()
    sync = Sync(machine.timers, machine.line, bus, MachineClock(current_clock(), machine.name))
    task = asyncio.create_task(sync.run())
    await asyncio.sleep(1)
    return machine, task


@virtual
async def test_who_comes_to_a_daemon_is_listened_for_at_once_and_listening_goes_on_while_nobody_comes() -> None:
    bus = FakeBus()
    machine, task = await listening(bus)
    ada = machine.who.user_id
    assert bus.begun == [{ada}]

    await asyncio.sleep(10 * PERIOD)
    assert bus.begun == [{ada}]

    bob = (await machine.accounts.peer(2000, "bob")).user_id
    await machine.timers.wake(bob)
    await asyncio.sleep(1)
    assert bus.begun == [{ada}, {ada, bob}]
    assert bus.open == 1
    task.cancel()
    await machine.crash()
    await asyncio.sleep(1)
    assert bus.open == 0


@virtual
async def test_a_hint_of_what_this_daemon_has_committed_by_then_is_not_looked_into() -> None:
    bus = FakeBus()
    machine, task = await listening(bus)
    before = machine.timers.told(machine.who.user_id)

    def tell_early() -> Fault:
        """Tell of a commit before its answer is here, as a database may."""
        machine.line.fault = no_fault
        bus.heard(machine.who.user_id, before + 1)
        return Fault.NONE

    machine.line.fault, asked = tell_early, machine.line.asked
    await machine.run(Start())
    await asyncio.sleep(1)
    assert machine.timers.told(machine.who.user_id) == before + 1
    assert machine.line.asked == asked + 1

    bus.heard(machine.who.user_id, before + 2)
    await asyncio.sleep(1)
    assert machine.line.asked == asked + 2
    task.cancel()
    await machine.crash()
