"""The connections to a database: for a SQLite file that cannot be written, or not now, such as only read."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from pomo_daemon.adapters.db import engine as engines
from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.errors import translated
from pomo_daemon.adapters.db.files import unwritable
from pomo_daemon.application.ports import StoreError

log = logging.getLogger(__name__)


class Connections:
    """Connections to a database by its URL."""

    def __init__(self, url: str, *on_writable: Callable[[], Awaitable[None]]) -> None:
        """Raise StoreError where what is stored cannot be read."""
        self._url = url
        #: The file of SQLite's, or an empty text.
        self.file = engines.sqlite_file(url)
        #: Whether nothing can be stored for now: the file, or its folder, cannot be written.
        self.read_only = False
        #: Called, and waited for, when it can be written again, before anything is.
        self.on_writable = list(on_writable)
        self._thaw = asyncio.Lock()
        #: Held for a moment before each transaction, and while all connections are exchanged.
        self._turn = asyncio.Lock()
        self._busy = 0
        self._free = asyncio.Event()
        self._open()

    def _open(self) -> None:
        """Make the engines: for a file that cannot be written one that only reads."""
        self._frozen: tuple[object, ...] = ()
        if self.file and unwritable(self.file):
            from pomo_daemon.adapters.db import frozen

            self._frozen = frozen.state(self.file)
            self._writer = self._reader = engines.frozen(self._url, frozen.uri(self.file))
        else:
            self._writer = engines.writer(self._url)
            self._reader = engines.reader(self._url, self._writer)
        self.read_only = bool(self._frozen)

    @asynccontextmanager
    async def begin(self, *, writing: bool) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a transaction. Raises StoreError."""
        if self.read_only:
            await self._look_again()
        async with self._turn:
            self._busy += 1
        try:
            with translated(self.file):
                async with (self._writer if writing else self._reader).begin() as connection:
                    yield connection
        finally:
            self._busy -= 1
            self._free.set()

    async def write_again(self) -> None:
        """Write from now on, if that can be done by now. Raises StoreError."""
        from pomo_daemon.adapters.db import frozen

        async with self._thaw:
            if not self.read_only:
                return
            if place := unwritable(self.file):
                raise frozen.refusal(self.file, place)
            for listener in self.on_writable:
                await listener()
            await self._reopen()
            log.info("the database can be written again")

    async def failed(self, error: StoreError) -> None:
        """Take note that something could not be stored. Raises StoreError where the file cannot be written any more."""
        if self.file and (place := unwritable(self.file)):
            from pomo_daemon.adapters.db import frozen

            if not self.read_only:
                log.error("the database is read-only from now on: %s", error.message)
                await self._reopen()
            raise frozen.refusal(self.file, place) from error
        if "readonly" in str(error.__cause__):
            # It was for a while, and who read then holds that fast for all connections of the process.
            await self._reopen()

    async def close(self) -> None:
        """Close every connection; SQLite checkpoints its log."""
        await self._reader.dispose()
        await self._writer.dispose()

    async def _reopen(self) -> None:
        """Open the file anew when nobody reads: SQLite lets all connections of a process write, or none."""
        while True:
            async with self._turn:
                if not self._busy:
                    await self.close()
                    self._open()
                    return
            self._free.clear()
            await self._free.wait()

    async def _look_again(self) -> None:
        """Have what somebody else has written to a file that does not change for us seen."""
        from pomo_daemon.adapters.db import frozen

        if frozen.state(self.file) != self._frozen:
            await self._reopen()
