"""The store: transactions over all that is kept."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pomo_daemon.application.ports.arrivals import Imports
from pomo_daemon.application.ports.changes import Changes
from pomo_daemon.application.ports.events import Outbox, Requests
from pomo_daemon.application.ports.people import AttemptLog, Logins, Users
from pomo_daemon.application.ports.plans import Categories, Schedules, Tasks
from pomo_daemon.application.ports.record import Commits, Interruptions, Intervals, Tallies, Timers


class UnitOfWork(Protocol):
    """One transaction: it commits when its block ends, and rolls back when an error leaves the block."""

    users: Users
    logins: Logins
    attempts: AttemptLog
    timers: Timers
    intervals: Intervals
    tasks: Tasks
    categories: Categories
    schedules: Schedules
    commits: Commits
    interruptions: Interruptions
    tallies: Tallies
    changes: Changes
    outbox: Outbox
    requests: Requests

    @property
    def imports(self) -> Imports:
        """Answer what imports need."""
        ...


class Store(Protocol):
    """The database."""

    def write(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a transaction that may write. Raises StoreError."""
        ...

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a transaction that only reads, and does not wait for writers. Raises StoreError."""
        ...


class SharedStore(Store, Protocol):
    """A database that several daemons may share. While it is known to be `away`, nobody but `now` waits for it."""

    away: bool

    async def now(self) -> datetime:
        """Answer the time by the database's clock. Raises StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at something showed; `state` is `ok`, `warning` or `failure`, `hint` what to do about it."""

    name: str
    state: str
    message: str
    hint: str = ""
