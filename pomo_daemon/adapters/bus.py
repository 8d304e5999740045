"""A talk with a D-Bus: every wait in it has a limit, and nothing of it is left behind.

dbus-fast is loaded with the first talk, since it takes some megabytes, and many a daemon never has one.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import unquote

_ADDRESS: Final = "DBUS_SYSTEM_BUS_ADDRESS"
_USUAL: Final = "unix:path=/run/dbus/system_bus_socket"
#: Seconds for one exchange.
LIMIT: Final = 2.0


class BusError(Exception):
    """The other side did not do what it was asked for; the message says why."""


def system_bus() -> str:
    """Answer the address of the bus of the machine. Raises BusError where there is none."""
    address = os.environ.get(_ADDRESS) or _USUAL
    path = unquote(address.removeprefix("unix:path=").partition(",")[0])
    if address.startswith("unix:path=") and not os.path.exists(path):
        raise BusError("there is no system bus")
    return address


@asynccontextmanager
async def talk(address: str) -> AsyncIterator[Any]:
    """Connect to the bus at `address`, and leave it in the end."""
    from dbus_fast.aio import MessageBus

    bus: Any = MessageBus(bus_address=address)
    try:
        async with asyncio.timeout(LIMIT):
            await bus.connect()
        yield bus
    finally:
        bus.disconnect()
        # Descriptors are closed on the event loop; how the bus ended is all one.
        with suppress(Exception):
            async with asyncio.timeout(LIMIT):
                await bus.wait_for_disconnect()


async def call(  # which is what the bus wants to know
    bus: Any,  # noqa: ANN401  # of a library that is loaded late, and has no types
    service: str,
    path: str,
    interface: str,
    member: str,
    signature: str = "",
    body: Sequence[Any] = (),
) -> Sequence[Any]:
    """Answer what a method answers. Raises BusError where it refuses, TimeoutError where it does not answer."""
    from dbus_fast import Message, MessageType

    message = Message(service, path, interface, member=member, signature=signature, body=list(body))
    async with asyncio.timeout(LIMIT):
        reply = await bus.call(message)
    if reply.message_type is not MessageType.METHOD_RETURN:
        raise BusError(str(reply.body[0]) if reply.body else str(reply.error_name))
    answer: Sequence[Any] = reply.body
    return answer
