"""The Journal port: files in the state folder, one timer and one journal for each user, for nobody else to read.

A journal is begun with the name of its form, and has a line for each command, behind its checksum. Its name holds the
generation, so that a timer that is written anew parts with the journal before it in the same instant.
"""

import asyncio
import contextlib
import logging
import os
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from pomo_daemon.adapters.db.files import put_on_disk
from pomo_daemon.adapters.faults import fault
from pomo_daemon.application.ports import StoreError

log = logging.getLogger(__name__)

_HEAD: Final = b"pomo-journal 1\n"
#: Bytes of a journal: some thousand commands, which is more than anybody gives by hand before the database is missed.
MOST: Final = 4 * 1024 * 1024
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class JournalFiles:
    """What is kept of the users of one database. The folder is made with the first file."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def exist(self) -> bool:
        """Tell whether anything is kept of anybody."""
        return any(self._users())

    async def users(self) -> Sequence[int]:
        """Answer whose timer is kept."""
        return await asyncio.to_thread(lambda: list(self._users()))

    async def timer(self, user_id: int) -> bytes | None:
        """Answer the timer that was kept last, None if there is none. Raises StoreError."""
        return await asyncio.to_thread(self._read, f"{user_id}.timer")

    async def keep_timer(self, user_id: int, data: bytes, *, durable: bool) -> None:
        """Keep a timer in place of the one before, whole at any moment; `durable` also when the power goes."""
        await asyncio.to_thread(self._keep, user_id, data, durable=durable)

    async def append(self, user_id: int, generation: int, line: bytes) -> None:
        """Put a command behind the others, on the disk for good. Raises StoreError; then it is not there."""
        await asyncio.to_thread(self._append, f"{user_id}.{generation}.journal", line)

    async def lines(self, user_id: int, generation: int) -> Sequence[bytes]:
        """Answer the commands, in their order. Raises StoreError for a form that this pomo does not know."""
        return await asyncio.to_thread(self._lines, f"{user_id}.{generation}.journal")

    async def clear(self, user_id: int, generation: int) -> None:
        """Forget the commands."""
        await asyncio.to_thread(self._clear, f"{user_id}.{generation}.journal")

    def _users(self) -> Iterator[int]:
        with contextlib.suppress(FileNotFoundError):
            for name in os.listdir(self._folder):
                key, _, rest = name.partition(".")
                if rest == "timer" and key.isdecimal():
                    yield int(key)

    def _read(self, name: str) -> bytes | None:
        try:
            with open(f"{self._folder}/{name}", "rb") as opened:
                return opened.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(name, error) from error

    def _keep(self, user_id: int, data: bytes, *, durable: bool) -> None:
        path = f"{self._folder}/{user_id}.timer"
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            fd = os.open(f"{path}.new", _WRITE | os.O_TRUNC, 0o600)
            try:
                os.write(fd, data)
                if durable:
                    os.fsync(fd)
            finally:
                os.close(fd)
            fault("before_timer_kept")
            os.rename(f"{path}.new", path)
            if durable:
                put_on_disk(self._folder)
        except OSError as error:
            raise _unwritable(error) from error
        fault("after_timer_kept")

    def _append(self, name: str, line: bytes) -> None:
        fault("before_journal")
        try:
            fd = os.open(f"{self._folder}/{name}", _WRITE | os.O_APPEND, 0o600)
            try:
                before = os.fstat(fd).st_size
                data = (b"" if before else _HEAD) + _sealed(line)
                if before + len(data) > MOST:
                    raise StoreError("database.unavailable", "The database is away, and the journal is full.", _FULL)
                try:
                    _write_all(fd, data)
                    os.fsync(fd)
                    if not before:
                        put_on_disk(self._folder)
                except OSError:
                    os.ftruncate(fd, before)
                    raise
            finally:
                os.close(fd)
        except OSError as error:
            raise _unwritable(error) from error
        fault("after_journal")

    def _lines(self, name: str) -> list[bytes]:
        data = self._read(name)
        if not data or _HEAD.startswith(data):
            # Not even its head is whole: the daemon was killed over the first command, which was not confirmed.
            self._clear(name)
            return []
        if not data.startswith(_HEAD):
            raise StoreError(
                "database.newer", f"The journal {self._folder}/{name} is of another pomo: update this one."
            )
        good, found = len(_HEAD), []
        for sealed in data[good:].splitlines(keepends=True):
            if (line := _opened(sealed)) is None:
                break
            good += len(sealed)
            found.append(line)
        if good < len(data):
            self._cut(name, data, good)
        return found

    def _cut(self, name: str, data: bytes, good: int) -> None:
        """Take off what is not whole: a last line, over which the daemon was killed; more only where a disk failed."""
        path = f"{self._folder}/{name}"
        try:
            if data.find(b"\n", good) not in (-1, len(data) - 1):
                log.error("the journal %s is damaged at byte %d; a copy of it is beside it", path, good)
                fd = os.open(f"{path}.damaged", _WRITE | os.O_TRUNC, 0o600)
                with open(fd, "wb") as copy:
                    copy.write(data)
            os.truncate(path, good)
        except OSError as error:
            raise _unwritable(error) from error

    def _clear(self, name: str) -> None:
        fault("before_clear")
        try:
            os.unlink(f"{self._folder}/{name}")
        except FileNotFoundError:
            return
        except OSError as error:
            raise _unwritable(error) from error
        fault("after_clear")


_FULL: Final = "Nothing was changed. Bring the database back: 'pomo daemon logs' says what it lacks."


def _sealed(line: bytes) -> bytes:
    return b"%08x %b\n" % (zlib.crc32(line), line)


def _opened(sealed: bytes) -> bytes | None:
    """Answer a line without its checksum, None if it is not whole."""
    line = sealed[9:-1]
    return line if sealed == _sealed(line) else None


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def _unreadable(name: str, error: OSError) -> StoreError:
    return StoreError("database.unavailable", f"What is kept of the timer ({name}) cannot be read: {error.strerror}.")


def _unwritable(error: OSError) -> StoreError:
    said = f"The database is away, and the timer cannot be kept here: {error.strerror}; nothing was changed."
    return StoreError("database.unavailable", said)
