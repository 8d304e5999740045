"""How long nobody has touched keyboard or mouse: GNOME tells it to the second, logind what the desktop tells that."""

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from pomo_daemon.adapters.bus import call, system_bus, talk
from pomo_daemon.adapters.notify.desktop import session_bus
from pomo_daemon.application.ports import Clock

_MUTTER: Final = "org.gnome.Mutter.IdleMonitor"
_LOGIND: Final = "org.freedesktop.login1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class DesktopIdle:
    """The Idle port on D-Bus."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def idle(self) -> timedelta | None:
        """Answer how long there was no input; None where no desktop tells. Within a bounded time, and never raises."""
        asked: tuple[Callable[[], Awaitable[timedelta]], ...] = (self._mutter, self._logind)
        for ask in asked:
            # No bus, no such service, no answer in time, an answer of another kind: the next one may know.
            with suppress(Exception):
                return await ask()
        return None

    async def _mutter(self) -> timedelta:
        async with talk(session_bus()) as bus:
            [milliseconds] = await call(bus, _MUTTER, "/org/gnome/Mutter/IdleMonitor/Core", _MUTTER, "GetIdletime")
            return timedelta(milliseconds=milliseconds)

    async def _logind(self) -> timedelta:
        async with talk(system_bus()) as bus:
            manager = f"{_LOGIND}.Manager"
            [path] = await call(bus, _LOGIND, "/org/freedesktop/login1", manager, "GetUser", "u", [os.getuid()])
            get = ("org.freedesktop.DBus.Properties", "Get", "ss")
            [hint] = await call(bus, _LOGIND, path, *get, [f"{_LOGIND}.User", "IdleHint"])
            if not hint.value:
                return timedelta(0)
            [since] = await call(bus, _LOGIND, path, *get, [f"{_LOGIND}.User", "IdleSinceHint"])
            return max(self._clock.read().wall - (_EPOCH + timedelta(microseconds=since.value)), timedelta(0))
