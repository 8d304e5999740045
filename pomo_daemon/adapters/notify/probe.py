"""Whether notifications would be shown, without showing one."""

import asyncio

from pomo_daemon.adapters.bus import LIMIT, call, talk
from pomo_daemon.adapters.notify.desktop import SERVICE, NotShown, session_bus
from pomo_daemon.application.ports import Finding

_NAME = "notifications"


async def probe() -> Finding:
    """Ask the notification server who it is. One that does not answer in time is told as such."""
    try:
        address = session_bus()
    except NotShown as error:
        return Finding(_NAME, "warning", str(error), "Without a desktop that is as it should be; the timer needs none.")
    try:
        async with asyncio.timeout(LIMIT), talk(address) as bus:
            name, _vendor, version, *_spec = await call(
                bus, SERVICE, "/org/freedesktop/Notifications", SERVICE, "GetServerInformation"
            )
    except TimeoutError:
        return Finding(_NAME, "failure", f"the bus at {address} does not answer", "Restart the desktop session.")
    except Exception as error:  # noqa: BLE001  # whatever a foreign bus comes up with
        hint = "Start a notification server, such as dunst or mako."
        return Finding(_NAME, "warning", f"no server shows any: {error}", hint)
    return Finding(_NAME, "ok", f"{name} {version}, at {address}")
