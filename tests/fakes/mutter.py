"""GNOME's idle monitor without GNOME, on a private bus."""

from typing import Self

from dbus_fast import NameFlag, RequestNameReply
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusUInt64
from dbus_fast.service import ServiceInterface, dbus_method

SERVICE = "org.gnome.Mutter.IdleMonitor"


class Mutter(ServiceInterface):
    """The service on the bus at `address`: nobody has touched anything for `idle_ms`."""

    def __init__(self, address: str, idle_ms: int) -> None:
        super().__init__(SERVICE)
        self._address = address
        self.idle_ms = idle_ms

    @dbus_method("GetIdletime")
    def get_idletime(self) -> DBusUInt64:
        return self.idle_ms

    async def __aenter__(self) -> Self:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.export("/org/gnome/Mutter/IdleMonitor/Core", self)
        assert await self._bus.request_name(SERVICE, NameFlag.DO_NOT_QUEUE) is RequestNameReply.PRIMARY_OWNER
        return self

    async def __aexit__(self, *_: object) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
