"""Reads of much that were made before, kept in a cache.

Every change of a user's record comes with an event, in the same transaction. So the number of the latest event is the
version of the record: a key that holds it names what can never be another thing. It is read in the transaction of the
question, before all else, so what is kept under it is never older. It stands with the user, and goes on though old
events are deleted. (The event's time tells apart what a database held before and after a restore, which may number its
events alike.)
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, time
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import bindparam, select

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import events, users
from pomo_daemon.adapters.db.tallies import SqlTallies
from pomo_daemon.adapters.db.tasks import SqlTasks
from pomo_daemon.application.cache import Cache
from pomo_daemon.application.selection import Listed, Selection
from pomo_daemon.domain.report import Days, Part, Tally

#: Sums of fewer days are read as fast as their version.
MANY_DAYS: Final = 62
_VERSION: Final = (
    select(users.c.event_seq, events.c.at)
    .outerjoin_from(users, events, (events.c.user_id == users.c.user_id) & (events.c.seq == users.c.event_seq))
    .where(users.c.user_id == bindparam("user"))
)
_T = TypeVar("_T")


class Kept:
    """What one transaction asks of the cache."""

    def __init__(self, connection: AsyncConnection, cache: Cache) -> None:
        self._connection = connection
        self._cache = cache

    async def recall(self, user_id: int, question: Sequence[Any], kind: Any, make: Callable[[], Awaitable[_T]]) -> _T:  # noqa: ANN401  # a type
        """Answer what was kept for a question, as a value of `kind`; else make it, and keep it."""
        row = (await self._connection.execute(_VERSION, {"user": user_id})).first()
        key = sha256(msgspec.json.encode([user_id, *(row or ()), *question])).hexdigest()
        if (kept := await self._cache.get(key)) is not None:
            found: _T = msgspec.msgpack.decode(kept, type=kind)
            return found
        made = await make()
        self._cache.put(key, msgspec.msgpack.encode(made))
        return made


class KeptTallies(SqlTallies):
    """The Tallies port, which remembers."""

    def __init__(self, connection: AsyncConnection, kept: Kept) -> None:
        super().__init__(connection)
        self._kept = kept

    async def of_days(self, user_id: int, day_start: time, wanted: Days) -> Mapping[date, Tally]:
        """Answer the totals of days that have any, in order."""
        found = super().of_days

        async def make() -> list[tuple[date, Tally]]:
            return list((await found(user_id, day_start, wanted)).items())

        if len(wanted) < MANY_DAYS:
            return dict(await make())
        question = ("days", day_start, wanted)
        return dict(await self._kept.recall(user_id, question, list[tuple[date, Tally]], make))

    async def parts(
        self, user_id: int, day_start: time, wanted: Days, tasks: Sequence[int] | None = None
    ) -> Sequence[Part]:
        """Answer the totals of hours and tasks."""
        found = super().parts
        question = ("parts", day_start, wanted, tasks)
        return await self._kept.recall(user_id, question, list[Part], lambda: found(user_id, day_start, wanted, tasks))


class KeptTasks(SqlTasks):
    """The Tasks port, which remembers."""

    def __init__(self, connection: AsyncConnection, kept: Kept) -> None:
        super().__init__(connection)
        self._kept = kept

    async def listed(self, user_id: int, wanted: Selection) -> Listed:
        """Answer the tasks that fit; the few that a shell completes are read as fast as their version."""
        found = super().listed
        if wanted.limit is not None:
            return await found(user_id, wanted)
        return await self._kept.recall(user_id, ("tasks", wanted), Listed, lambda: found(user_id, wanted))
