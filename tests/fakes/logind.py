"""A logind without a machine: on a private bus, it tells of sleep, and how long nobody has touched anything."""

from typing import Annotated, Self

from dbus_fast import NameFlag, RequestNameReply
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusObjectPath, DBusSignature, DBusUInt32, DBusUInt64
from dbus_fast.constants import PropertyAccess
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

SERVICE = "org.freedesktop.login1"
USER = "/org/freedesktop/login1/user/_1000"


class _Manager(ServiceInterface):
    def __init__(self) -> None:
        super().__init__("org.freedesktop.login1.Manager")

    @dbus_method("GetUser")
    def get_user(self, _uid: DBusUInt32) -> DBusObjectPath:
        return USER

    @dbus_signal("PrepareForSleep")
    def prepare_for_sleep(self, before: DBusBool) -> Annotated[bool, DBusSignature("b")]:
        return before


class _User(ServiceInterface):
    def __init__(self) -> None:
        super().__init__("org.freedesktop.login1.User")
        self.since_us = 0

    @dbus_property(PropertyAccess.READ, "IdleHint")
    def idle_hint(self) -> DBusBool:
        return self.since_us > 0

    @dbus_property(PropertyAccess.READ, "IdleSinceHint")
    def idle_since_hint(self) -> DBusUInt64:
        return self.since_us


class Logind:
    """The service on the bus at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._manager = _Manager()
        self._user = _User()

    async def __aenter__(self) -> Self:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.export("/org/freedesktop/login1", self._manager)
        self._bus.export(USER, self._user)
        assert await self._bus.request_name(SERVICE, NameFlag.DO_NOT_QUEUE) is RequestNameReply.PRIMARY_OWNER
        return self

    async def __aexit__(self, *_: object) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def sleep(self, *, before: bool) -> None:
        """Tell that the machine goes to sleep, or is back."""
        self._manager.prepare_for_sleep(before)

    def idle_since(self, seconds: float) -> None:
        """Let nobody have touched anything since an instant, in seconds since 1970; 0: somebody is there."""
        self._user.since_us = round(seconds * 1e6)
