"""What systemd hands to a service, and what it wants to hear: sockets by descriptor, states by datagram.

The protocols: sd_listen_fds(3) and sd_notify(3).
"""

import asyncio
import os
import socket
from typing import Final

_FIRST: Final = 3


def inherited_socket() -> socket.socket | None:
    """Answer the listening socket that this very process was started with, once; None without socket activation."""
    names = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
    pid, count, _names = (os.environ.pop(name, "") for name in names)
    if pid != str(os.getpid()) or not count.isdigit() or int(count) < 1:
        return None
    os.set_inheritable(_FIRST, False)
    given = socket.socket(fileno=_FIRST)
    given.setblocking(False)
    return given


class Watchdog:
    """Tells the service manager that the event loop turns, at half the pace at which it wants to hear it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._next: asyncio.TimerHandle | None = None
        # In microseconds; and for this process, where it says for which (sd_watchdog_enabled(3)).
        wanted, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
        meant = wanted.isdecimal() and pid in ("", str(os.getpid()))
        self._pause = int(wanted) / 2_000_000 if meant else 0.0

    def start(self) -> None:
        """Begin, if anybody wants to hear it."""
        if self._pause > 0:
            tell("WATCHDOG=1")
            self._next = self._loop.call_later(self._pause, self.start)

    def stop(self) -> None:
        """Fall silent."""
        if self._next is not None:
            self._next.cancel()


def tell(state: str) -> None:
    """Tell the service manager, if there is one that listens: `READY=1`, `STOPPING=1`, `WATCHDOG=1`."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = f"\0{address[1:]}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as it:
        it.connect(address)
        it.send(state.encode())
