"""The socket: in a folder verified to be ours alone, made new under the daemon's lock, removed only if still ours."""

import asyncio
import contextlib
import logging
import os
import socket
import stat

from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.paths import MAX_SOCKET_PATH
from pomo_daemon.server.connection import Connection
from pomo_daemon.server.services import Host, Limits

log = logging.getLogger(__name__)

#: Seconds that requests under way have to finish when the daemon stops.
GRACE = 3.0


def private_folder(folder: str) -> None:
    """Make a folder 0700 if it is not there; raise PomoError unless it is a real folder, ours, and closed to others."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        found = os.lstat(folder)
    except OSError as error:
        raise PomoError("daemon.unavailable", f"The folder {folder} cannot be made: {error.strerror}.") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PomoError("daemon.unavailable", f"{folder} is not a folder of this user.", "Remove it, then try again.")
    if found.st_mode & 0o077:
        with contextlib.suppress(OSError):  # what is ours and cannot be closed is read-only, for everybody
            os.chmod(folder, 0o700)


class Listener:
    """Accepts clients on a Unix socket."""

    def __init__(self, path: str, host: Host, limits: Limits, given: socket.socket | None = None) -> None:
        self.path = path
        self._given = given
        self._host = host
        self._limits = limits
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._inode = 0

    def __len__(self) -> int:
        return len(self._connections)

    async def open(self) -> None:
        """Listen. What lies at the path is of a dead daemon, since a living one would hold the lock.

        A socket that was given (by systemd) listens already, and stays when the daemon goes.
        """
        if self._given is not None:
            await self._serve(self._given)
            return
        if len(os.fsencode(self.path)) > MAX_SOCKET_PATH:
            raise PomoError(
                "daemon.unavailable",
                f"The socket's path is longer than {MAX_SOCKET_PATH} bytes: {self.path}.",
                "Set POMO_RUNTIME_DIR to a shorter folder.",
            )
        private_folder(os.path.dirname(self.path))
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        # Bound under another name and moved: at no moment is there a socket that does not answer.
        fresh = f"{os.path.splitext(self.path)[0]}.new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(fresh)
        listening.bind(fresh)
        os.chmod(fresh, 0o600)
        listening.listen(1024)
        os.rename(fresh, self.path)
        self._inode = os.lstat(self.path).st_ino
        await self._serve(listening)

    async def _serve(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        # Not create_unix_server: from 3.13 on that removes the path when it closes, whosever it is by then.
        self._server = await loop.create_server(self._accept, sock=listening, backlog=1024)

    def _accept(self) -> Connection:
        return Connection(self._host, self._limits, self._connections)

    async def reopen(self) -> None:
        """Listen anew if the path is gone or somebody else's: tmp cleaners remove what is in use."""
        if self._is_ours() or self._given is not None:
            return
        log.warning("the socket at %s is gone; listening anew", self.path)
        before = self._server
        await self.open()
        if before is not None:
            before.close()

    async def close(self) -> None:
        """Stop to accept, let requests under way finish for a moment, and remove the socket if it is still ours."""
        if self._server is not None:
            self._server.close()
        if self._is_ours():
            os.unlink(self.path)
        under_way = [task for it in self._connections if (task := it.busy) is not None]
        if under_way:
            await asyncio.wait(under_way, timeout=GRACE)
        for connection in tuple(self._connections):
            connection.close()

    def _is_ours(self) -> bool:
        try:
            return os.lstat(self.path).st_ino == self._inode
        except OSError:
            return False
