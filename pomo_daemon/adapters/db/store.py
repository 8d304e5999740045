"""The Store port on SQLAlchemy: transactions."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.categories import SqlCategories
from pomo_daemon.adapters.db.changes import SqlChanges
from pomo_daemon.adapters.db.commits import SqlCommits
from pomo_daemon.adapters.db.connections import Connections
from pomo_daemon.adapters.db.examine import examine
from pomo_daemon.adapters.db.interruptions import SqlInterruptions
from pomo_daemon.adapters.db.intervals import SqlIntervals
from pomo_daemon.adapters.db.kept import Kept, KeptTallies, KeptTasks
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

ANSWERS_KEPT: Final = timedelta(days=7)
CHANGES_KEPT: Final = timedelta(days=90)


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
        self._connections = Connections(url, *on_writable)
        self._file = self._connections.file
        self._tidied: date | None = None
        #: Which file of SQLite's is open; 0 before the first transaction.
        self._inode = 0
        #: Whether a database that several share is known to be away: then nobody waits for it.
        self.away = False

    @property
    def read_only(self) -> bool:
        """Tell whether nothing can be stored for now: a file of SQLite's, or its folder, cannot be written."""
        return self._connections.read_only

    @property
    def on_writable(self) -> list[Callable[[], Awaitable[None]]]:
        """Answer what is called, and waited for, when it can be written again, before anything is."""
        return self._connections.on_writable

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that may write."""
        if self._connections.read_only:
            await self._connections.write_again()
        try:
            async with self._transaction(writing=True) as unit:
                self._refuse_lost()
                yield unit
                fault("before_commit")
        except StoreError as error:
            await self._connections.failed(error)
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
        async with self._connections.begin(writing=writing) as connection:
            unit = SqlUnitOfWork(connection, self._clock, writing=writing)
            if self._cache is not None and not writing:
                kept = Kept(connection, self._cache)
                unit.tallies, unit.tasks = KeptTallies(connection, kept), KeptTasks(connection, kept)
            yield unit

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
        async with self._connections.begin(writing=False) as connection:
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
            async with self._connections.begin(writing=True) as connection:
                await connection.execute(delete(requests).where(requests.c.at < now - ANSWERS_KEPT))
                await connection.execute(delete(changes).where(changes.c.at < now - CHANGES_KEPT))
                await connection.execute(delete(logins).where(logins.c.expires_at < now))
                await connection.execute(delete(refresh_tokens).where(refresh_tokens.c.expires_at < now))
                await connection.execute(delete(attempts).where(attempts.c.last_at < now - FORGOTTEN))

    async def now(self) -> datetime:
        """Answer the time by the database's clock; SQLite's is the machine's. Asks also one that is away."""
        if self._file:
            return self._clock.read().wall
        async with self._connections.begin(writing=False) as connection:
            found: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
            return found

    async def close(self) -> None:
        """Close every connection; SQLite checkpoints its log."""
        await self._connections.close()
