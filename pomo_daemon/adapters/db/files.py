"""A SQLite database as files: what lies beside it, and what it takes for a change of names to outlive a power cut."""

import os
from contextlib import suppress
from typing import Final

#: What SQLite keeps beside a database, behind its name.
COMPANIONS: Final = ("-wal", "-shm", "-journal")


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
