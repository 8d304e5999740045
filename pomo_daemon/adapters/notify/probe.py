"""Whether notifications would be shown, without showing one."""

import asyncio
from contextlib import suppress
from typing import Any

from pomo_daemon.adapters.notify.desktop import SERVICE, NotShown, session_bus
from pomo_daemon.application.ports import Finding

_NAME = "notifications"
_SECONDS = 2.0


async def probe() -> Finding:
    """Ask the notification server who it is. One that does not answer within two seconds is told as such."""
    try:
        address = session_bus()
    except NotShown as error:
        return Finding(_NAME, "warning", str(error), "Without a desktop that is as it should be; the timer needs none.")
    try:
        async with asyncio.timeout(_SECONDS):
            name = await _server(address)
    except TimeoutError:
        return Finding(_NAME, "failure", f"the bus at {address} does not answer", "Restart the desktop session.")
    except Exception as error:  # noqa: BLE001  # whatever a foreign bus comes up with
        hint = "Start a notification server, such as dunst or mako."
        return Finding(_NAME, "warning", f"no server shows any: {error}", hint)
    return Finding(_NAME, "ok", f"{name}, at {address}")


async def _server(address: str) -> str:
    from dbus_fast import Message, MessageType
    from dbus_fast.aio import MessageBus

    bus: Any = MessageBus(bus_address=address)
    try:
        await bus.connect()
        path = "/org/freedesktop/Notifications"
        reply = await bus.call(Message(SERVICE, path, SERVICE, member="GetServerInformation"))
        if reply.message_type is not MessageType.METHOD_RETURN:
            raise NotShown(str(reply.body[0]) if reply.body else reply.error_name)
        name, _vendor, version, *_spec = reply.body
        return f"{name} {version}"
    finally:
        bus.disconnect()
        # Descriptors are closed on the event loop; how the bus ended is all one.
        with suppress(Exception):
            async with asyncio.timeout(_SECONDS):
                await bus.wait_for_disconnect()
