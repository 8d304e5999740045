"""What systemd hands to a service, and what it wants to hear: sockets by descriptor, states by datagram.

The protocols: sd_listen_fds(3) and sd_notify(3).
"""

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
