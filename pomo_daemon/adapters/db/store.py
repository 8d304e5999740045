"""The Store port on SQLAlchemy: transactions, and the one place where the driver's errors become ours."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from pomo_daemon.adapters.db import engine as engines
from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.categories import SqlCategories
from pomo_daemon.adapters.db.changes import SqlChanges
from pomo_daemon.adapters.db.commits import SqlCommits
from pomo_daemon.adapters.db.examine import examine
from pomo_daemon.adapters.db.files import unwritable
from pomo_daemon.adapters.db.interruptions import SqlInterruptions
from pomo_daemon.adapters.db.intervals import SqlIntervals
from pomo_daemon.adapters.db.kept import Kept, KeptTallies, KeptTasks
from pomo_daemon.adapters.db.locked import locked
from pomo_daemon.adapters.db.logins import SqlAttempts, SqlLogins
from pomo_daemon.adapters.db.outbox import SqlOutbox, SqlRequests
from pomo_daemon.adapters.db.schedules import SqlSchedules
from pomo_daemon.adapters.db.tables import attempts, changes, logins, refresh_tokens, requests
from pomo_daemon.adapters.db.tallies import SqlTallies
from pomo_daemon.adapters.db.tasks import SqlTasks
from pomo_daemon.adapters.db.timers import SqlTimers
from pomo_daemon.adapters.db.users import SqlUsers
from pomo_daemon.adapters.faults import fault
from pomo_daemon.application.cache import Cache
from pomo_daemon.application.ports import (
    AttemptLog,
    Categories,
    Changes,
    Clock,
    Commits,
    Finding,
    Imports,
    Interruptions,
    Intervals,
    Logins,
    Outbox,
    Requests,
    Schedules,
    StoreError,
    Tallies,
    Tasks,
    Timers,
    UnitOfWork,
    Users,
)
from pomo_daemon.domain.throttle import FORGOTTEN

log = logging.getLogger(__name__)

ANSWERS_KEPT: Final = timedelta(days=7)
CHANGES_KEPT: Final = timedelta(days=90)

#: What SQLite says when it cannot go on, and what it means for the user.
_SQLITE = {
    "intervals overlap": ("history.overlap", "Another interval lies there."),
    "database or disk is full": ("database.error", "The disk is full; nothing was changed."),
    "attempt to write a readonly database": ("database.error", "The database is read-only; nothing was changed."),
    "file is not a database": ("database.unavailable", "The database file is damaged: it is no database."),
    "database disk image is malformed": ("database.unavailable", "The database file is damaged."),
    "unable to open database file": ("database.unavailable", "The database file cannot be opened."),
    "disk I/O error": ("database.unavailable", "The disk reports an error under the database."),
}

#: What the driver raises where there is no connection, or none any more.
_UNREACHED = ("OperationalError", "ConnectionTimeout")
#: SQLSTATEs by which PostgreSQL says that it cannot serve (its manual, "PostgreSQL Error Codes").
_AWAY = ("08", "53300", "57P")


class SqlUnitOfWork:
    """One transaction on one connection."""

    def __init__(self, connection: AsyncConnection, clock: Clock, *, writing: bool) -> None:
        self.users: Users = SqlUsers(connection, clock)
        self.logins: Logins = SqlLogins(connection)
        self.attempts: AttemptLog = SqlAttempts(connection)
        self.timers: Timers = SqlTimers(connection, writing=writing)
        self.intervals: Intervals = SqlIntervals(connection)
        self.tasks: Tasks = SqlTasks(connection)
        self.categories: Categories = SqlCategories(connection)
        self.schedules: Schedules = SqlSchedules(connection)
        self.commits: Commits = SqlCommits(connection)
        self.interruptions: Interruptions = SqlInterruptions(connection)
        self.tallies: Tallies = SqlTallies(connection)
        self.changes: Changes = SqlChanges(connection)
        self.outbox: Outbox = SqlOutbox(connection)
        self.requests: Requests = SqlRequests(connection)
        self._connection = connection

    @property
    def imports(self) -> Imports:
        """Answer what imports need: loaded with the first."""
        from pomo_daemon.adapters.db.imports import SqlImports

        return SqlImports(self._connection)


class SqlStore:
    """A database by its URL. The schema must be there (migrate.py)."""

    def __init__(
        self, url: str, clock: Clock, cache: Cache | None = None, *on_writable: Callable[[], Awaitable[None]]
    ) -> None:
        """`cache`: for reads of much. Raises StoreError."""
        self._clock = clock
        self._cache = cache
        self._url = url
        self._file = engines.sqlite_file(url)
        #: Whether nothing can be stored for now: a file of SQLite's, or its folder, cannot be written.
        self.read_only = False
        #: Called, and waited for, when it can be written again, before anything is.
        self.on_writable = list(on_writable)
        self._thaw = asyncio.Lock()
        #: Held for a moment before each transaction, and while all connections are exchanged.
        self._turn = asyncio.Lock()
        self._busy = 0
        self._free = asyncio.Event()
        self._open()
        self._tidied: date | None = None
        #: Which file of SQLite's is open; 0 before the first transaction.
        self._inode = 0
        #: Whether a database that several share is known to be away: then nobody waits for it.
        self.away = False

    def _open(self) -> None:
        """Make the engines: for a file that cannot be written one that only reads."""
        self._frozen: tuple[object, ...] = ()
        if self._file and unwritable(self._file):
            from pomo_daemon.adapters.db import frozen

            self._frozen = frozen.state(self._file)
            self._writer = self._reader = engines.frozen(self._url, frozen.uri(self._file))
        else:
            self._writer = engines.writer(self._url)
            self._reader = engines.reader(self._url, self._writer)
        self.read_only = bool(self._frozen)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that may write."""
        if self.read_only:
            await self._write_again()
        try:
            async with self._transaction(writing=True) as unit:
                self._refuse_lost()
                yield unit
                fault("before_commit")
        except StoreError as error:
            if self._file and (place := unwritable(self._file)):
                await self._only_read(place, error)
            if "readonly" in str(error.__cause__):
                # It was for a while, and who read then holds that fast for all connections of the process.
                await self._reopen()
            raise
        fault("after_commit")
        await self._tidy()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that only reads."""
        async with self._transaction(writing=False) as unit:
            yield unit

    @asynccontextmanager
    async def _transaction(self, *, writing: bool) -> AsyncIterator[UnitOfWork]:
        if self.away:
            raise StoreError("database.unavailable", "The database is away; nothing was changed.")
        async with self._connection(writing=writing) as connection:
            unit = SqlUnitOfWork(connection, self._clock, writing=writing)
            if self._cache is not None and not writing:
                kept = Kept(connection, self._cache)
                unit.tallies, unit.tasks = KeptTallies(connection, kept), KeptTasks(connection, kept)
            yield unit

    @asynccontextmanager
    async def _connection(self, *, writing: bool) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a transaction."""
        if self.read_only:
            await self._look_again()
        async with self._turn:
            self._busy += 1
        try:
            with translated(self._file):
                async with (self._writer if writing else self._reader).begin() as connection:
                    yield connection
        finally:
            self._busy -= 1
            self._free.set()

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

        if frozen.state(self._file) != self._frozen:
            await self._reopen()

    async def _only_read(self, place: str, error: StoreError) -> None:
        """Take note that the file cannot be written any more. Raises StoreError."""
        from pomo_daemon.adapters.db import frozen

        if not self.read_only:
            log.error("the database is read-only from now on: %s", error.message)
            await self._reopen()
        raise frozen.refusal(self._file, place) from error

    async def _write_again(self) -> None:
        """Write from now on, if that can be done by now. Raises StoreError."""
        from pomo_daemon.adapters.db import frozen

        async with self._thaw:
            if not self.read_only:
                return
            if place := unwritable(self._file):
                raise frozen.refusal(self._file, place)
            for listener in self.on_writable:
                await listener()
            await self._reopen()
            log.info("the database can be written again")

    def _refuse_lost(self) -> None:
        """Raise StoreError if the file that is open is no longer the one by its name: what goes there would be lost."""
        if not self._file:
            return
        try:
            found = os.stat(self._file).st_ino
        except OSError:
            found = 0
        self._inode = self._inode or found
        if not found or found != self._inode:
            raise StoreError(
                "database.unavailable",
                f"The database {self._file} was removed or replaced; nothing was changed.",
                "Run 'pomo daemon stop', put the file back or 'pomo db restore' a backup, and go on.",
            )

    async def examine(self, head: str) -> Sequence[Finding]:
        """Answer how the database is, whose schema should be that of `head`; reads all of it. Raises StoreError."""
        async with self._connection(writing=False) as connection:
            return [it async for it in examine(connection, self._file, head)]

    async def _tidy(self) -> None:
        """Drop what nobody will ask for any more: old answers, changes and failures, expired logins.

        Behind the first commit of each day, so that nothing needs to wake up for it. What fails is tried the next day.
        """
        now = self._clock.read().wall
        if self._tidied == now.date():
            return
        self._tidied = now.date()
        with suppress(StoreError):
            async with self._connection(writing=True) as connection:
                await connection.execute(delete(requests).where(requests.c.at < now - ANSWERS_KEPT))
                await connection.execute(delete(changes).where(changes.c.at < now - CHANGES_KEPT))
                await connection.execute(delete(logins).where(logins.c.expires_at < now))
                await connection.execute(delete(refresh_tokens).where(refresh_tokens.c.expires_at < now))
                await connection.execute(delete(attempts).where(attempts.c.last_at < now - FORGOTTEN))

    async def now(self) -> datetime:
        """Answer the time by the database's clock; SQLite's is the machine's. Asks also one that is away."""
        if self._file:
            return self._clock.read().wall
        async with self._connection(writing=False) as connection:
            found: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
            return found

    async def close(self) -> None:
        """Close every connection; SQLite checkpoints its log."""
        await self._reader.dispose()
        await self._writer.dispose()


@contextmanager
def translated(file: str) -> Iterator[None]:
    """Turn errors of the database into StoreError; log what was said, since the user is told less. `file`: SQLite's."""
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreError("database.unavailable", "The database is busy.") from error
    except DBAPIError as error:
        said = str(error.orig).splitlines()[0] if str(error.orig) else type(error.orig).__name__
        if error.connection_invalidated or (not file and _is_away(error.orig)):
            log.info("database: %s", said)
            raise StoreError("database.unavailable", "The database is away; nothing was changed.") from error
        log.error("database: %s", said)  # noqa: TRY400  # the statement's values may be private
        if "database is locked" in said:
            raise locked(file) from error
        for words, (code, message) in _SQLITE.items():
            if words in said:
                raise StoreError(code, message) from error
        raise StoreError("database.error", f"The database failed: {said}") from error
    except SQLAlchemyError as error:
        log.exception("database")
        raise StoreError("database.error", "The database failed.") from error


def _is_away(error: BaseException | None) -> bool:
    """Tell whether PostgreSQL could not be reached, or does not serve now, which is no fault of the statement."""
    state = getattr(error, "sqlstate", None)
    return type(error).__name__ in _UNREACHED if state is None else state.startswith(_AWAY)
