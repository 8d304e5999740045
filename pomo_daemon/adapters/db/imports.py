"""The Imports port: rows as they are stored, many in each statement."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Table, bindparam, cast, delete, func, select, text

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.plain import TABLES
from pomo_daemon.adapters.db.tables import shelf as typed_shelf
from pomo_daemon.adapters.values import Rows, insertions
from pomo_daemon.application.ports import Arrival
from pomo_daemon.domain.incoming import CommitIn, GapIn, InterruptionIn

#: Rows that are moved at a time.
PAGE: Final = 1000
#: The end of what has none so far.
_NEVER: Final = 2**63 - 1

_BY_NAME: Final[dict[str, Table]] = {table.name: table for table in TABLES}
intervals, gaps, interruptions, commits, sources, shelf = (
    _BY_NAME[name] for name in ("intervals", "gaps", "interruptions", "commits", "sources", typed_shelf.name)
)
#: What belongs to intervals, and goes with them.
_HELD: Final = (intervals, gaps, interruptions, commits)
_WITHIN: Final = {table: table.c.interval_id.in_(bindparam("ids", expanding=True)) for table in _HELD}
_NUMBERED: Final = {
    "interval": ("intervals", "interval_id"),
    "task": ("tasks", "task_id"),
    "category": ("categories", "category_id"),
    "interruption": ("interruptions", "interruption_id"),
}
_SEQUENCE: Final = "CAST(pg_get_serial_sequence(:table, :column) AS regclass)"

_MINE = intervals.c.owner_id == bindparam("user")
_RECORDED = intervals.c.status != "cancelled"
#: The last one that began by then: of those that began before, it alone can reach further.
_BEGAN_BY: Final = (
    select(func.max(intervals.c.started_at))
    .where(_MINE, _RECORDED, intervals.c.started_at <= bindparam("first"))
    .scalar_subquery()
)
_SPANS: Final = (
    select(intervals.c.started_at, func.coalesce(intervals.c.ended_at, _NEVER), intervals.c.interval_id)
    .where(
        _MINE,
        _RECORDED,
        intervals.c.started_at < bindparam("last"),
        intervals.c.started_at >= func.coalesce(_BEGAN_BY, bindparam("first")),
    )
    .order_by(intervals.c.started_at, intervals.c.ended_at)
)
_OWNER = sources.c.owner_id == bindparam("user")
_KNOWN: Final = "SELECT source, key FROM sources WHERE owner_id"
_OF_IMPORT = _OWNER & (sources.c.import_number == bindparam("number"))
_LAST_IMPORT: Final = select(func.max(sources.c.import_number)).where(_OWNER)
_SHELVED: Final = select(shelf.c.part).where(shelf.c.change_id == bindparam("change")).order_by(shelf.c.part)
_SHELF_PART: Final = select(shelf).where(shelf.c.change_id == bindparam("change"), shelf.c.part == bindparam("part"))


def _sum(column: Any) -> Any:  # noqa: ANN401
    return func.coalesce(cast(func.sum(column), BigInteger), 0)


# Seconds: a million instants in microseconds come to more than the database can count.
_SUMS: Final = select(
    func.count(),
    _sum(intervals.c.started_at // 1_000_000),
    _sum(intervals.c.ended_at // 1_000_000),
    _sum(func.coalesce(intervals.c.task_id, 0)),
    _sum(func.length(intervals.c.note)),
    _sum(func.length(intervals.c.status)),
).where(_MINE, intervals.c.interval_id.between(bindparam("low"), bindparam("high")))
_COUNT_SOURCES: Final = select(func.count()).select_from(sources).where(_OF_IMPORT)


class SqlImports:
    """The Imports port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    async def take_time(self) -> None:
        """Let statements of this transaction take longer; SQLite's may anyway."""
        if not self._sqlite:
            from pomo_daemon.adapters.db import bulk

            await bulk.take_time(self._connection)

    async def known(self, user_id: int, sources: Sequence[bytes]) -> Mapping[bytes, int]:
        """Answer which of these an earlier import brought, and what came of each."""
        found: dict[bytes, int] = {}
        for first in range(0, len(sources), PAGE):
            some = list(sources[first : first + PAGE])
            values: tuple[Any, ...]
            # In the driver's own words: SQLAlchemy's took longer than the database.
            if self._sqlite:
                statement, values = f"{_KNOWN} = ? AND source IN ({', '.join('?' * len(some))})", (user_id, *some)
            else:
                statement, values = f"{_KNOWN} = %s AND source = ANY (%s)", (user_id, some)
            rows = await self._connection.exec_driver_sql(statement, values)
            found.update({it.source: it.key for it in rows})
        return found

    async def spans(self, user_id: int, first: int, last: int) -> Sequence[tuple[int, int, int]]:
        """Answer start, end and number of what is recorded between, in order."""
        rows = await self._connection.execute(_SPANS, {"user": user_id, "first": first, "last": last})
        return [(start, end, number) for start, end, number in rows]

    async def last_number(self, kind: str) -> int:
        """Answer the highest number that anybody's ever had."""
        table, column = _NUMBERED[kind]
        if self._sqlite:
            statement = text("SELECT seq FROM sqlite_sequence WHERE name = :table AND :column <> ''")
        else:
            statement = text(f"SELECT pg_sequence_last_value({_SEQUENCE})")
        return await self._connection.scalar(statement, {"table": table, "column": column}) or 0

    async def take_numbers(self, count: int) -> Sequence[int]:
        """Answer numbers for new intervals, in order."""
        if self._sqlite:
            # Nobody else writes meanwhile, and the first row with such a number takes them.
            last = await self.last_number("interval")
            return range(last + 1, last + 1 + count)
        values = {"table": "intervals", "column": "interval_id", "count": count}
        statement = text(f"SELECT nextval({_SEQUENCE}) FROM generate_series(1, :count)")  # noqa: S608
        return sorted((await self._connection.scalars(statement, values)).all())

    async def pass_numbers(self, kind: str, number: int) -> None:
        """Let new ones get higher numbers than this; SQLite sees to it itself."""
        if not self._sqlite and number > await self.last_number(kind):
            table, column = _NUMBERED[kind]
            values = {"table": table, "column": column, "number": number}
            await self._connection.execute(text(f"SELECT setval({_SEQUENCE}, :number)"), values)

    async def add(self, user_id: int, arrivals: Sequence[Arrival], *, numbered: bool) -> None:
        """Store intervals with what belongs to them."""
        await self._insert(intervals, _INTERVAL, [_interval(user_id, it) for it in arrivals])
        parts = [(it.interval_id, part) for it in arrivals for part in it.staged.parts]
        await self._insert(gaps, _GAP, [(key, *it) for key, it in parts if isinstance(it, GapIn)])
        broke_in = [(key, it) for key, it in parts if isinstance(it, InterruptionIn)]
        if numbered:
            rows: list[Any] = [(key, it.kind, it.at, it.note, it.key) for key, it in broke_in]
            await self._insert(interruptions, (*_INTERRUPTION, "interruption_id"), rows)
        else:
            await self._insert(interruptions, _INTERRUPTION, [(key, it.kind, it.at, it.note) for key, it in broke_in])
        noted = [(user_id, key, *it) for key, it in parts if isinstance(it, CommitIn)]
        await self._insert(commits, _COMMIT, noted)

    async def next_import(self, user_id: int) -> int:
        """Answer the number of the user's next import."""
        return (await self._connection.scalar(_LAST_IMPORT, {"user": user_id}) or 0) + 1

    async def note(self, user_id: int, number: int, keys: Sequence[tuple[bytes, int]]) -> None:
        """Note what an import brought, and what came of each."""
        named = ("owner_id", "source", "import_number", "key")
        await self._insert(sources, named, [(user_id, it, number, key) for it, key in keys])

    async def sum_up(self, user_id: int, number: int, runs: Sequence[Sequence[int]]) -> Sequence[int]:
        """Answer sums that any change to what an import brought would change."""
        values = {"user": user_id, "number": number}
        found = [await self._connection.scalar(_COUNT_SOURCES, values) or 0, 0, 0, 0, 0, 0, 0]
        for low, high in runs:
            row = (await self._connection.execute(_SUMS, {"user": user_id, "low": low, "high": high})).one()
            found[1:] = [one + other for one, other in zip(found[1:], row, strict=True)]
        return found

    async def shelve(self, user_id: int, change_id: int, number: int, runs: Sequence[Sequence[int]]) -> None:
        """Take what an import brought out of the record, and lay it aside with its change."""
        part = 0
        for low, high in runs:
            behind = low - 1
            while ids := await self._ids(user_id, behind, high):
                for table in _HELD:
                    rows = (await self._connection.execute(select(table).where(_WITHIN[table]), {"ids": ids})).all()
                    part += await self._lay_aside(change_id, part, table, rows)
                # With intervals go gaps and interruptions.
                for table in (commits, intervals):
                    await self._connection.execute(delete(table).where(_WITHIN[table]), {"ids": ids})
                behind = ids[-1]
        last = b""
        page = select(sources).where(_OF_IMPORT, sources.c.source > bindparam("last")).order_by(sources.c.source)
        values = {"user": user_id, "number": number}
        while rows := (await self._connection.execute(page.limit(PAGE), {**values, "last": last})).all():
            part += await self._lay_aside(change_id, part, sources, rows)
            last = bytes(rows[-1].source)
        await self._connection.execute(delete(sources).where(_OF_IMPORT), values)

    async def unshelve(self, user_id: int, change_id: int) -> None:  # noqa: ARG002  # the rows say whose they are
        """Put it back."""
        parts = (await self._connection.scalars(_SHELVED, {"change": change_id})).all()
        for part in parts:
            row = (await self._connection.execute(_SHELF_PART, {"change": change_id, "part": part})).one()
            table = _BY_NAME[row.of_table]
            rows = [tuple(it) for it in msgspec.msgpack.decode(zlib.decompress(row.packed))]
            await self._insert(table, table.columns.keys(), rows)
        await self._connection.execute(delete(shelf).where(shelf.c.change_id == change_id))

    async def _ids(self, user_id: int, behind: int, high: int) -> Sequence[int]:
        found = await self._connection.scalars(
            select(intervals.c.interval_id)
            .where(_MINE, intervals.c.interval_id > bindparam("behind"), intervals.c.interval_id <= bindparam("high"))
            .order_by(intervals.c.interval_id)
            .limit(PAGE),
            {"user": user_id, "behind": behind, "high": high},
        )
        return found.all()

    async def _lay_aside(self, change_id: int, part: int, table: Table, rows: Sequence[Any]) -> int:
        """Pack rows; answer how many parts that took."""
        if rows:
            packed = zlib.compress(msgspec.msgpack.encode([tuple(it) for it in rows]), 1)
            await self._insert(shelf, shelf.columns.keys(), [(change_id, part, table.name, packed)])
        return int(bool(rows))

    async def _insert(self, table: Table, names: Sequence[str], rows: Rows) -> None:
        """Insert rows as the driver takes them: what SQLAlchemy does with each took as long as the database."""
        into = f"{table.name} ({', '.join(names)})"
        if self._sqlite:
            for statement, values in insertions(into, rows):
                await self._connection.exec_driver_sql(statement, values)
        elif rows:
            from pomo_daemon.adapters.db import bulk

            await bulk.copy_in(self._connection, into, rows)


_INTERVAL: Final = (
    *("interval_id", "owner_id", "task_id", "phase", "status", "started_at", "ended_at", "planned", "zone", "note"),
    "local_start",
)
_GAP: Final = ("interval_id", *GapIn._fields)
_INTERRUPTION: Final = ("interval_id", "kind", "at", "note")
_COMMIT: Final = ("owner_id", "interval_id", *CommitIn._fields)


def _interval(user_id: int, it: Arrival) -> tuple[Any, ...]:
    row = it.staged.row
    return (
        *(it.interval_id, user_id, it.task_id, row.phase, row.status, row.started_at, row.ended_at, row.planned),
        *(row.zone, row.note, it.staged.local_start),
    )
