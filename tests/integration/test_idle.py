"""How long nobody has touched anything, as desktops tell it on private buses."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pomo_daemon.adapters.idle import DesktopIdle
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.logind import Logind
from tests.fakes.mutter import Mutter
from tests.fakes.notification_server import PrivateBus, require_dbus


@pytest.fixture
def buses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """Give the addresses of a session bus and a system bus."""
    require_dbus()
    made = []
    for name in ("session", "system"):
        os.mkdir(tmp_path / name)
        made.append(PrivateBus(str(tmp_path / name)))
        made[-1].start()
        monkeypatch.setenv(f"DBUS_{name.upper()}_BUS_ADDRESS", made[-1].address)
    yield made[0].address, made[1].address
    for bus in made:
        bus.stop()


async def test_gnome_tells_it_in_milliseconds(buses: tuple[str, str]) -> None:
    async with Mutter(buses[0], 90_500):
        assert await DesktopIdle(FakeClock()).idle() == timedelta(seconds=90.5)


async def test_without_gnome_logind_tells_since_when(buses: tuple[str, str]) -> None:
    async with Logind(buses[1]) as logind:
        assert await DesktopIdle(FakeClock()).idle() == timedelta(0)
        logind.idle_since(NOON.timestamp() - 300)
        assert await DesktopIdle(FakeClock()).idle() == timedelta(minutes=5)
        # By a clock that was set back since.
        logind.idle_since(NOON.timestamp() + 300)
        assert await DesktopIdle(FakeClock()).idle() == timedelta(0)


@pytest.mark.usefixtures("buses")
async def test_where_no_desktop_tells_nobody_knows() -> None:
    assert await DesktopIdle(FakeClock()).idle() is None


async def test_where_there_is_no_bus_nobody_knows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SESSION", "SYSTEM"):
        monkeypatch.setenv(f"DBUS_{name}_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    assert await DesktopIdle(FakeClock()).idle() is None
