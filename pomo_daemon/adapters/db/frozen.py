"""A SQLite database that cannot be written: how it is read all the same, and what whoever would write is told."""

import os

from pomo_daemon.adapters.db.files import quoted
from pomo_daemon.application.ports import READ_ONLY, StoreError


def uri(file: str) -> str:
    """Answer the URI by which SQLite reads the file. Raises StoreError where that would leave out what was stored.

    SQLite reads the log of a database by its index, which it cannot make here. Told that the file does not change, it
    wants neither: that is right only where there is no log.
    """
    path = os.path.realpath(file)
    log, index = f"{path}-wal", f"{path}-shm"
    if os.path.exists(index) and os.path.exists(log):
        return f"file:{quoted(path)}?mode=ro"
    if any(os.path.exists(it) and os.path.getsize(it) for it in (log, f"{path}-journal")):
        raise StoreError(
            "database.unavailable",
            f"The database {file} is read-only, and what was stored last, beside it, cannot be read there.",
            f"Copy all of {file}* to a folder that can be written, and name it by POMO_DATA_DIR.",
        )
    return f"file:{quoted(path)}?immutable=1"


def state(file: str) -> tuple[str, int, int, int]:
    """Answer what is another when somebody else, who can, has written to the file. Raises StoreError as `uri` does."""
    try:
        found = os.stat(file)
    except OSError:
        return "", 0, 0, 0
    return uri(file), found.st_ino, found.st_size, found.st_mtime_ns


def refusal(file: str, place: str) -> StoreError:
    """Answer the error for whoever would write, since `place` keeps them from it."""
    on = "When it can be written, go on: nothing needs a restart."
    try:
        mounted = bool(os.statvfs(place).f_flag & os.ST_RDONLY)
    except OSError:
        mounted = False
    if mounted:
        why, hint = "its file system is mounted so", f"'findmnt -T {place}' shows where. {on}"
    else:
        why, hint = f"{place} may not be written", f"'chmod u+w {place}' may mend that. {on}"
    return StoreError(READ_ONLY, f"The database {file} is read-only: {why}; nothing was changed.", hint)
