"""Backups: a history as one SQLite file, whatever database it is from, and back into place."""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime

from pomo_daemon.adapters.db.checking import absent, damage
from pomo_daemon.adapters.db.copying import Copied, Progress, copy
from pomo_daemon.adapters.db.engine import sqlite_file
from pomo_daemon.adapters.db.files import COMPANIONS, put_on_disk, remove
from pomo_daemon.adapters.db.migrate import HEAD, bring_up, look
from pomo_daemon.adapters.db.plain import read_only, revision, snapshot, writing
from pomo_daemon.adapters.faults import fault
from pomo_daemon.application.ports import StoreError


def url_of(file: str) -> str:
    """Answer the URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{file}"


def back_up(url: str, target: str, progress: Progress) -> int:
    """Write a backup that is whole, on disk and readable by its owner alone; answer its size in bytes.

    Others may write meanwhile: it shows the database as it is at one moment.
    """
    file = sqlite_file(url)
    if file and look(file) is None:
        raise absent(file)
    with _beside(target) as fresh:
        if file:
            _copy_file(file, fresh)
        else:
            _copy_rows(url, fresh, progress)
        # One file without companions, which can be read where nothing can be written.
        with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        put_on_disk(fresh)
        os.rename(fresh, target)
        put_on_disk(os.path.dirname(target))
    return os.path.getsize(target)


def verify(backup: str) -> tuple[str, int]:
    """Look at a backup: answer its revision, and how many intervals it has. Raises StoreError if it is none."""
    found = look(backup)
    if found is None:
        raise StoreError("validation", f"There is no file {backup}.")
    wrong = list(damage(backup))
    if wrong:
        raise StoreError("database.unavailable", f"{backup} is damaged: {wrong[0]}.", "Nothing was changed.")
    with closing(read_only(backup)) as connection:
        try:
            return found, int(connection.execute("SELECT count(*) FROM intervals").fetchone()[0])
        except sqlite3.Error:
            raise StoreError("validation", f"{backup} is no database of pomo.", "Nothing was changed.") from None


def restore_file(backup: str, file: str, now: datetime) -> str:
    """Put a verified backup in the place of a SQLite database; answer under which name that is kept, if there was one.

    The name of the database always leads to one of the two, whole. Nobody else may have it open.
    """
    with _beside(file) as fresh:
        _copy_file(backup, fresh)
        asyncio.run(bring_up(url_of(fresh), fresh))
        put_on_disk(fresh)
        kept = _keep(file, now)
        fault("before_swap")
        os.rename(fresh, file)
        put_on_disk(os.path.dirname(file))
    return kept


def restore_rows(backup: str, url: str, progress: Progress) -> Copied:
    """Put a verified backup into an empty database of another kind."""
    with tempfile.TemporaryDirectory(prefix="pomo-") as folder:
        file = backup
        if look(backup) != HEAD:
            file = f"{folder}/pomo.db"
            _copy_file(backup, file)
            asyncio.run(bring_up(url_of(file), file))
        asyncio.run(bring_up(url, ""))
        with snapshot(url_of(file)) as source, writing(url) as target:
            return copy(source, target, progress)


@contextmanager
def _beside(target: str) -> Iterator[str]:
    """Give the name of a new file beside `target`, and remove whatever is left of it in the end."""
    fresh = f"{target}.{os.urandom(4).hex()}"
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        yield fresh
    finally:
        remove(fresh)


def _copy_file(file: str, fresh: str) -> None:
    # All pages in one step: a transaction that comes between two steps would have it begin anew, again and again.
    with closing(read_only(file)) as source, closing(sqlite3.connect(fresh)) as copied:
        source.backup(copied, pages=-1)


def _copy_rows(url: str, fresh: str, progress: Progress) -> None:
    with snapshot(url) as source:
        if revision(source) != HEAD:
            raise StoreError("database.unavailable", "The database has an older schema.", "Run 'pomo db upgrade'.")
        asyncio.run(bring_up(url_of(fresh), fresh))
        with writing(url_of(fresh)) as target:
            copy(source, target, progress)


def _keep(file: str, now: datetime) -> str:
    """Give the present database a second name, with the log that belongs to it, and take the log from the first."""
    if not os.path.exists(file):
        return ""
    kept = f"{file}.{now:%Y%m%dT%H%M%SZ}"
    with suppress(sqlite3.Error), closing(sqlite3.connect(file)) as connection:
        # What is in the log goes into the file. A damaged file keeps its log.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for rest in ("", *COMPANIONS):
        if os.path.exists(file + rest):
            os.link(file + rest, kept + rest)
    put_on_disk(os.path.dirname(file))
    for rest in COMPANIONS:
        with suppress(FileNotFoundError):
            os.unlink(file + rest)
    return kept
