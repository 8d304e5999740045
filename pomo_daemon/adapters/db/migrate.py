"""Bring a database to the schema of this code: look before the first write, back up, then one transaction.

A new SQLite file gets the schema that the revisions come to, as schema.sql has it. Alembic is imported only where there
is something to migrate, or PostgreSQL: it takes as long to import as half of the daemon.
"""

import asyncio
import logging
import os
import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from pomo_daemon.adapters.db import engine as engines
from pomo_daemon.adapters.db.aio import AsyncEngine
from pomo_daemon.adapters.db.errors import failure, translated
from pomo_daemon.adapters.db.files import put_on_disk, remove, unwritable, uri_to_read
from pomo_daemon.adapters.faults import fault
from pomo_daemon.application.ports import READ_ONLY, StoreError

log = logging.getLogger(__name__)

#: The newest revision in alembic/versions. It is also SQLite's user_version, as a number.
HEAD: Final = "0009"
#: What a new SQLite file gets. Made by docs/generate.py, by running the revisions.
SCHEMA: Final = Path(__file__).with_name("schema.sql")
# Any number will do, as long as nobody else on the same PostgreSQL takes it: "pomo" in ASCII.
_LOCK: Final = 0x706F6D6F


def script_folder() -> str:
    """Answer the folder with the revisions: inside an installed package, or beside it in a checkout."""
    here = Path(__file__).resolve().parents[2]
    for folder in (here / "_alembic", here.parent / "alembic"):
        if (folder / "env.py").is_file():
            return str(folder)
    raise StoreError("database.error", "The migrations are missing; install pomo anew.")


async def prepare(url: str, now: datetime) -> str:
    """Bring the database at `url` to HEAD, and answer the revision it had before, empty if it was new.

    Raises StoreError: `database.newer` for one written by newer code and `database.unavailable` for a file that is no
    database, in both cases before a byte is written.
    """
    file = engines.sqlite_file(url)
    if file:
        found = look(file)
        if found == HEAD:
            return found
        if place := unwritable(file):
            raise _unmade(file, found, place)
        if found is None:
            await asyncio.to_thread(_make, os.path.realpath(file))  # noqa: ASYNC240  # it looks at links alone
            return ""
        _back_up(file, found, now)
    return await bring_up(url, file)


def _unmade(file: str, found: str | None, place: str) -> StoreError:
    """Tell that a database cannot be brought to the schema where nothing can be written."""
    what = f"There is no database at {file}"
    if found is not None:
        what = f"The schema of the database at {file} is {found or 'none'}, not {HEAD}"
    return StoreError(
        READ_ONLY,
        f"{what}, and {place} is read-only.",
        "Make it writable for one start, or set POMO_DATA_DIR to another folder.",
    )


def _make(file: str) -> None:
    """Make a new SQLite database under another name and move it into place when it is whole. Raises StoreError.

    So a database that is empty, or half made, never has its name, whenever the daemon was killed.
    """
    fresh = f"{file}.new"
    remove(fresh)
    try:
        with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            fault("before_schema")
            connection.executescript(f"BEGIN;\n{SCHEMA.read_text(encoding='utf-8')}COMMIT;")
    except sqlite3.Error as error:
        log.error("database: %s", error)  # noqa: TRY400  # what failed is in the line
        raise failure(str(error), file) from error
    fault("before_rename")
    os.rename(fresh, file)
    put_on_disk(os.path.dirname(file))


async def bring_up(url: str, file: str) -> str:
    """Bring a database to HEAD without a backup of it, and answer the revision it had before."""
    with translated(file):
        engine = engines.writer(url)
        try:
            return await _upgrade(engine)
        finally:
            await engine.dispose()


def prepare_apart(url: str, now: datetime) -> None:
    """Bring a SQLite database to HEAD, in a child process where it has to be migrated; `now` names the backup.

    What a migration loads would stay in the daemon's memory for good. Where the child fails, the same is tried here, so
    that its error is ours. Must be called before there are threads or an event loop.
    """
    file = engines.sqlite_file(url)
    if file and look(file) not in (None, HEAD) and not unwritable(file):
        child = os.fork()
        if not child:
            try:
                asyncio.run(prepare(url, now))
            finally:
                os._exit(0)
        os.waitpid(child, 0)
    asyncio.run(prepare(url, now))


async def prepare_aside(url: str, now: datetime) -> None:
    """Bring a database to HEAD while others are served: as `prepare_apart`, but beside a running event loop."""
    file = engines.sqlite_file(url)
    if file and await asyncio.to_thread(look, file) not in (None, HEAD) and not unwritable(file):
        # The URL goes in by a pipe: it may hold a password, and a command line is seen by all.
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __name__), stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        await child.communicate(f"{url}\n{now.isoformat()}".encode())
    await prepare(url, now)


def look(file: str) -> str | None:
    """Answer the revision of a SQLite file, None if there is no file, without changing anything."""
    try:
        with open(file, "rb") as opened:
            header = opened.read(100)
            size = opened.seek(0, os.SEEK_END)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError("database.unavailable", f"{file} cannot be read: {error.strerror}.") from error
    if not header:
        raise StoreError(
            "database.unavailable", f"{file} is empty: restore it from a backup, or remove it to begin anew."
        )
    if not header.startswith(b"SQLite format 3\0"):
        raise StoreError("database.unavailable", f"{file} is damaged: it is no SQLite database.")
    # Offset 16: the page size, 1 for 64 KiB. What a crash cut off in the middle of a page is still in the log.
    page = int.from_bytes(header[16:18], "big")
    if size % (page if page > 1 else 1 << 16) and not os.path.exists(f"{file}-wal"):
        raise StoreError("database.unavailable", f"{file} is damaged: its end is missing.")
    # Offset 60: user_version, big-endian (https://www.sqlite.org/fileformat.html#the_database_header).
    _refuse_newer(int.from_bytes(header[60:64], "big"))
    try:
        with closing(sqlite3.connect(uri_to_read(file), uri=True)) as connection:
            _refuse_newer(connection.execute("PRAGMA user_version").fetchone()[0])
            has_one = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if has_one else None
    except sqlite3.Error as error:
        raise StoreError("database.unavailable", f"{file} is damaged: {error}.") from error
    return known(row[0]) if row else ""


def _refuse_newer(version: int) -> None:
    if version > int(HEAD):
        raise StoreError(
            "database.newer", f"The database has schema {version}, this pomo knows {int(HEAD)}: update pomo."
        )


def known(revision: str) -> str:
    """Answer the revision if this code knows it. Raises StoreError `database.newer`."""
    if not revision.isdigit() or int(revision) > int(HEAD):
        raise StoreError(
            "database.newer", f"The database has schema {revision!r}, this pomo knows {HEAD!r}: update pomo."
        )
    return revision


def _back_up(file: str, revision: str, now: datetime) -> None:
    """Copy the database to backups/ beside it, whole and on disk before anything touches the original."""
    folder = os.path.join(os.path.dirname(file), "backups")
    target = f"{folder}/{os.path.basename(file)}-{revision or 'none'}-{now:%Y%m%dT%H%M%SZ}"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except (OSError, sqlite3.Error) as error:
        raise StoreError("database.error", f"The backup before the migration failed: {error}.") from error
    log.info("backed up the database to %s", target)


async def _upgrade(engine: AsyncEngine) -> str:
    async with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # A migration of years of work takes as long as it takes.
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            await connection.execute(text("SET LOCAL lock_timeout = 0"))
            # Several machines may find the same old schema at once: one works, the others then find it done.
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        fault("before_migration")
        before = await connection.run_sync(_revision)
        if before != HEAD:
            log.info("migrating the database from %s to %s", before or "nothing", HEAD)
            await connection.run_sync(_run)
        if engine.dialect.name == "sqlite":
            await connection.exec_driver_sql(f"PRAGMA user_version = {int(HEAD)}")
        return before


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return known(found) if found else ""


def _run(connection: Connection) -> None:
    from alembic.config import Config

    from alembic import command

    config = Config()
    config.set_main_option("script_location", script_folder().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


if __name__ == "__main__":
    asyncio.run(prepare(sys.stdin.readline().strip(), datetime.fromisoformat(sys.stdin.readline())))
