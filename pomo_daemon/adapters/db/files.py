"""A SQLite database as files: what lies beside it, and what it takes for a change of names to outlive a power cut."""

import os
from contextlib import suppress
from typing import Final

#: What SQLite keeps beside a database, behind its name.
COMPANIONS: Final = ("-wal", "-shm", "-journal")


def unwritable(file: str) -> str:
    """Answer which file or folder keeps a SQLite database from being written; empty: none, as far as is known."""
    file = os.path.realpath(file)
    places = [os.path.dirname(file), *(file + rest for rest in ("", *COMPANIONS))]
    return next((it for it in places if os.path.exists(it) and not os.access(it, os.W_OK)), "")


def uri_to_read(file: str) -> str:
    """Answer a URI by which SQLite only reads a database. Raises StoreError where it cannot be read as it is."""
    if unwritable(file):
        from pomo_daemon.adapters.db.frozen import uri

        return uri(file)
    return f"file:{quoted(file)}?mode=ro"


def quoted(file: str) -> str:
    """Answer a path as it stands in a URI of SQLite's."""
    return file.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def remove(file: str) -> None:
    """Remove a database and all that lies beside it, as far as it is there."""
    for rest in ("", *COMPANIONS):
        with suppress(FileNotFoundError):
            os.unlink(file + rest)


def put_on_disk(path: str) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
