"""Hearing of sleep from logind, on a private bus."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pomo_daemon.adapters.sleepwatch import SleepWatch
from tests.fakes.logind import Logind
from tests.fakes.notification_server import PrivateBus, require_dbus

PATIENCE = 10.0


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    """Give the bus of a machine."""
    require_dbus()
    made = PrivateBus(str(tmp_path))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", made.address)
    yield made
    made.stop()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  # another process does it
            await asyncio.sleep(0.01)


async def test_each_sleep_is_heard_of_before_and_after(bus: PrivateBus) -> None:
    bus.start()
    heard: list[None] = []
    watch = SleepWatch(lambda: heard.append(None))
    async with Logind(bus.address) as logind:
        watch.start()
        watch.start()
        await until(lambda: watch.listens)
        logind.sleep(before=True)
        logind.sleep(before=False)
        await until(lambda: len(heard) == 2)
        await watch.stop()
        assert not watch.listens


async def test_a_bus_that_ended_is_listened_to_again_when_something_begins(bus: PrivateBus) -> None:
    bus.start()
    heard: list[None] = []
    watch = SleepWatch(lambda: heard.append(None))
    watch.start()
    await until(lambda: watch.listens)
    bus.stop()
    await until(lambda: not watch.listens)
    watch.start()
    bus.start()
    async with Logind(bus.address) as logind:
        watch.start()
        await until(lambda: watch.listens)
        logind.sleep(before=False)
        await until(lambda: heard)
        await watch.stop()


@pytest.mark.usefixtures("bus")
async def test_a_machine_without_a_system_bus_needs_none() -> None:
    watch = SleepWatch(lambda: None)
    watch.start()
    assert not watch.listens
    await watch.stop()


async def test_a_daemon_that_ends_does_not_wait_for_logind(bus: PrivateBus) -> None:
    bus.start()
    watch = SleepWatch(lambda: None)
    watch.start()
    async with asyncio.timeout(PATIENCE):
        await watch.stop()
    assert not watch.listens
