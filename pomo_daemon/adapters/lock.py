"""The lock that makes a daemon the only one on its database: held for life, and a note of where that daemon listens."""

import fcntl
import os
import time
from typing import Final

from pomo_daemon.application.ports import StoreError

TRIES: Final = 6
#: Seconds between two tries.
PAUSE: Final = 0.02


class DaemonLock:
    """An flock(2) on a file beside the database. The kernel lets go of it whatever kills the daemon."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1

    @property
    def path(self) -> str:
        """Answer the file."""
        return self._path

    def move(self, path: str) -> bool:
        """Take the lock of another file instead, at once or not at all; tell if it is ours. Nothing is published."""
        there = DaemonLock(path)
        if not there.acquire():
            return False
        self.release()
        self._path, self._fd = path, there._fd
        return True

    def acquire(self) -> bool:
        """Take the lock, at once or not at all; tell if it is ours. Until `publish` the file is empty: starting."""
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StoreError("database.unavailable", f"{self._path} cannot be opened: {error.strerror}.") from error
        for _ in range(TRIES):
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # Perhaps only a client that looked whether the lock is held, and lets go at once.
                time.sleep(PAUSE)
        else:
            os.close(fd)
            return False
        os.ftruncate(fd, 0)
        self._fd = fd
        return True

    def publish(self, pid: int, version: str, socket: str, profile: str, database: str) -> None:
        """Write down who holds the lock, where it listens, which profile is in use, and the database of `default`."""
        text = f"{pid}\n{version}\n{socket}\n{profile}\n{database}\n".encode("utf-8", "surrogateescape")
        os.pwrite(self._fd, text, 0)
        os.ftruncate(self._fd, len(text))

    def occupy(self, what: str) -> None:
        """Write down that no daemon holds the lock, but work on the database that none may disturb."""
        os.pwrite(self._fd, f"{what}\n{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go; the file stays, since removing it would let two daemons lock two files of one name."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1
