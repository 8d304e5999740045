"""The Spool port: a SQLite database without a name, which sorts on disk what may be larger than memory.

Its file is gone when nobody holds it any more, also when the process ends.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from pomo_daemon.adapters.values import Rows, insertions
from pomo_daemon.application.ports import Staged
from pomo_daemon.domain.incoming import CommitIn, GapIn, InterruptionIn, IntervalIn, Part

#: Rows given at a time: what is done with so many holds up nobody.
SLICE: Final = 1000
#: Memory for pages, in KiB.
_CACHE: Final = 8 * 1024
_KINDS: Final[tuple[type[Part], ...]] = (GapIn, InterruptionIn, CommitIn)

_pack = msgspec.msgpack.encode
_unpack_row = msgspec.msgpack.Decoder(IntervalIn).decode


class TemporarySpool:
    """A spool of one import."""

    def __init__(self) -> None:
        # Used by one thread at a time, though not always by the same.
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            f"PRAGMA cache_size=-{_CACHE}",
            "CREATE TABLE staged (started_at, ended_at, key, row BLOB, source BLOB, local_start, parts BLOB)",
            "CREATE TABLE interruptions (key INTEGER)",
            "CREATE TABLE accepted (source BLOB, key INTEGER)",
            "BEGIN",
        ):
            self._connection.execute(statement)

    def add(self, rows: Sequence[Staged]) -> None:
        """Keep some."""
        self._insert(
            "staged",
            [
                (
                    it.row.started_at,
                    it.row.ended_at,
                    it.row.key,
                    _pack(it.row),
                    it.source,
                    it.local_start,
                    _packed(it.parts),
                )
                for it in rows
            ],
        )
        keys = [(part.key,) for it in rows for part in it.parts if isinstance(part, InterruptionIn)]
        self._insert("interruptions", keys)

    def has_twice(self, kind: str) -> bool:
        """Tell whether a number stands for two things of a kind, `interval` or `interruption`."""
        table = "staged" if kind == "interval" else "interruptions"
        found = self._connection.execute(f"SELECT count(*) <> count(DISTINCT key) FROM {table}")  # noqa: S608
        return bool(found.fetchone()[0])

    def ordered(self) -> Iterator[Sequence[Staged]]:
        """Give all by start and end, some at a time; what was noted of sources is forgotten."""
        self._connection.execute("DELETE FROM accepted")
        found = self._connection.execute(
            "SELECT row, source, local_start, parts FROM staged ORDER BY started_at, ended_at, rowid"
        )
        while rows := found.fetchmany(SLICE):
            yield [Staged(_unpack_row(row), source, local, _unpacked(parts)) for row, source, local, parts in rows]

    def accept(self, keys: Sequence[tuple[bytes, int]]) -> None:
        """Note what came of sources."""
        self._insert("accepted", keys)

    def accepted(self) -> Iterator[Sequence[tuple[bytes, int]]]:
        """Give what was noted, in the order of the sources, each once."""
        found = self._connection.execute("SELECT source, min(key) FROM accepted GROUP BY source ORDER BY source")
        while rows := found.fetchmany(SLICE):
            yield rows

    def _insert(self, table: str, rows: Rows) -> None:
        for statement, values in insertions(table, rows):
            self._connection.execute(statement, values)

    def __del__(self) -> None:
        self._connection.close()


def _packed(parts: Sequence[Part]) -> bytes | None:
    if not parts:
        return None
    return _pack([(_KINDS.index(type(it)), *it) for it in parts])


def _unpacked(packed: bytes | None) -> Sequence[Part]:
    if packed is None:
        return ()
    return [_KINDS[kind](*values) for kind, *values in msgspec.msgpack.decode(packed)]
