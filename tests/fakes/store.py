"""A database in memory with real transactions: it keeps what was committed, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pomo_daemon.application.ports import (
    READ_ONLY,
    AttemptLog,
    Categories,
    Changes,
    Commits,
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
from tests.fakes.accounts import MemoryAttempts, MemoryLogins, MemoryUsers
from tests.fakes.imports import MemoryImports
from tests.fakes.inventory import MemoryCategories, MemorySchedules, MemoryTasks
from tests.fakes.outbox import MemoryChanges, MemoryOutbox, MemoryRequests
from tests.fakes.record import MemoryCommits, MemoryInterruptions, MemoryIntervals, MemoryTimers
from tests.fakes.rows import Rows
from tests.fakes.tallies import MemoryTallies


class MemoryStore:
    """The Store port. Transactions that write take turns; those that read see what was committed before.

    While `failing`, no transaction begins; while `read_only`, none that may write. `hooks["before_commit"]` and
    `hooks["after_commit"]` are called there, and may raise whatever is to happen: a crash, a lost race, an answer that
    is lost.
    """

    def __init__(self) -> None:
        self.rows = Rows()
        self.failing = False
        self.read_only = False
        self.hooks: dict[str, Callable[[], None]] = {}
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that may write."""
        if self.read_only:
            raise StoreError(READ_ONLY, "The database is read-only; nothing was changed.")
        async with self._turn:
            self._check()
            rows = self.rows.copy()
            yield MemoryUnitOfWork(rows)
            self._reach("before_commit")
            self.rows = rows
            self._reach("after_commit")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that only reads."""
        self._check()
        rows = self.rows.copy()
        before = rows.copy()
        yield MemoryUnitOfWork(rows)
        if rows != before:
            raise StoreError("database.error", "The transaction is read-only; nothing was changed.")

    async def close(self) -> None:
        """Do nothing: there are no connections."""

    def fork(self) -> "MemoryStore":
        """Answer a store with the same rows, which goes its own way."""
        other = MemoryStore()
        other.rows = self.rows.copy()
        return other

    def _check(self) -> None:
        if self.failing:
            raise StoreError("database.unavailable", "The database is away.")

    def _reach(self, point: str) -> None:
        if (hook := self.hooks.get(point)) is not None:
            hook()


class MemoryUnitOfWork:
    """One transaction on a copy of the rows."""

    def __init__(self, rows: Rows) -> None:
        self.users: Users = MemoryUsers(rows)
        self.logins: Logins = MemoryLogins(rows)
        self.attempts: AttemptLog = MemoryAttempts(rows)
        self.timers: Timers = MemoryTimers(rows)
        self.intervals: Intervals = MemoryIntervals(rows)
        self.tasks: Tasks = MemoryTasks(rows)
        self.categories: Categories = MemoryCategories(rows)
        self.schedules: Schedules = MemorySchedules(rows)
        self.commits: Commits = MemoryCommits(rows)
        self.interruptions: Interruptions = MemoryInterruptions(rows)
        self.tallies: Tallies = MemoryTallies(rows)
        self.changes: Changes = MemoryChanges(rows)
        self.imports: Imports = MemoryImports(rows)
        self.outbox: Outbox = MemoryOutbox(rows)
        self.requests: Requests = MemoryRequests(rows)
