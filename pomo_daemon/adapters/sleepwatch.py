"""Hears from logind that the machine goes to sleep or is back: sooner than the kernel tells, or where it does not."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pomo_daemon.adapters.bus import BusError, call, system_bus, talk

if TYPE_CHECKING:
    from dbus_fast import Message

log = logging.getLogger(__name__)

_SIGNAL: Final = "PrepareForSleep"
_RULE: Final = (
    "type='signal',sender='org.freedesktop.login1',path='/org/freedesktop/login1',"
    f"interface='org.freedesktop.login1.Manager',member='{_SIGNAL}'"
)
_DBUS: Final = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")


class SleepWatch:
    """Calls back on the event loop before each sleep and after it. The clocks tell how long it was, not this."""

    def __init__(self, slept: Callable[[], None]) -> None:
        self._slept = slept
        self._listening: asyncio.Task[None] | None = None
        self._bus: Any = None
        self._ending = False

    @property
    def listens(self) -> bool:
        """Tell whether what logind says is heard."""
        return self._bus is not None

    def start(self) -> None:
        """Listen, unless that is under way; called whenever something begins that a sleep would matter to."""
        if self._listening is None or self._listening.done():
            try:
                address = system_bus()
            except BusError:
                return
            self._listening = asyncio.ensure_future(self._listen(address))

    async def stop(self) -> None:
        """Listen no more."""
        self._ending = True
        if self._listening is not None:
            if self._bus is not None:
                self._bus.disconnect()
            # Not cancelled while it connects, see adapters/notify/desktop.py.
            await asyncio.wait({self._listening})

    async def _listen(self, address: str) -> None:
        try:
            async with talk(address) as bus:
                await call(bus, *_DBUS, "AddMatch", "s", [_RULE])
                bus.add_message_handler(self._heard)
                if self._ending:
                    return
                self._bus = bus
                await bus.wait_for_disconnect()
        except Exception as error:  # noqa: BLE001  # whatever a foreign bus comes up with; the kernel tells us, too
            log.info("logind is not listened to: %s", error)
        finally:
            self._bus = None

    def _heard(self, message: "Message") -> None:
        if message.member == _SIGNAL:
            log.info("the machine %s", "goes to sleep" if message.body[0] else "woke up")
            self._slept()
