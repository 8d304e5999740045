"""A look at the health of a database: what only a doctor asks, since it reads everything."""

import os
from collections.abc import AsyncIterator

from sqlalchemy import func, select, text

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.files import unwritable
from pomo_daemon.adapters.db.tables import intervals
from pomo_daemon.application.ports import Finding
from pomo_daemon.domain.interval import Status

_BACKUP = "Stop the daemon, keep a copy of the file, and restore a backup; docs/configuration.md says where they lie."


async def examine(connection: AsyncConnection, file: str, head: str) -> AsyncIterator[Finding]:
    """Tell what is found; `file` is SQLite's, empty for a server; `head` the revision that the schema should have."""
    if file:
        async for finding in _sqlite(connection, file):
            yield finding
    else:
        version = await connection.scalar(text("SHOW server_version"))
        size = await connection.scalar(text("SELECT pg_database_size(current_database())"))
        yield Finding("database", "ok", f"PostgreSQL {version}, {_mebibytes(size or 0)}")
    revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision == head:
        yield Finding("migrations", "ok", f"schema {revision}, the one of this version")
    else:
        yield Finding("migrations", "failure", f"schema {revision}, not {head}", "Run 'pomo daemon restart'.")
    overlaps = await _overlaps(connection)
    if overlaps:
        yield Finding(
            "record", "failure", f"{overlaps} intervals overlap", "See 'pomo log --ids', and 'pomo log edit'."
        )
    else:
        yield Finding("record", "ok", "no intervals overlap")


async def _sqlite(connection: AsyncConnection, file: str) -> AsyncIterator[Finding]:
    said = await connection.scalar(text("PRAGMA quick_check(1)"))
    version = await connection.scalar(text("SELECT sqlite_version()"))
    dangling = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
    what = f"SQLite {version}, {file}, {_mebibytes(os.stat(file).st_size)}"
    if said != "ok":
        yield Finding("database", "failure", f"{what}: {said}", _BACKUP)
    elif dangling is not None:
        yield Finding("database", "failure", f"{what}: rows of {dangling[0]} refer to none", _BACKUP)
    elif place := unwritable(file):
        hint = f"Nothing can be stored: make {place} writable; nothing needs a restart."
        yield Finding("database", "warning", f"{what}, sound, read-only", hint)
    else:
        yield Finding("database", "ok", f"{what}, sound")


async def _overlaps(connection: AsyncConnection) -> int:
    """Count the intervals that begin before the one before them ends."""
    table = (
        select(
            intervals.c.started_at,
            func.lag(intervals.c.ended_at)
            .over(partition_by=intervals.c.owner_id, order_by=(intervals.c.started_at, intervals.c.interval_id))
            .label("before"),
        )
        .where(intervals.c.status != Status.CANCELLED)
        .subquery()
    )
    query = select(func.count()).select_from(table).where(table.c.started_at < table.c.before)
    return await connection.scalar(query) or 0


def _mebibytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MiB"
