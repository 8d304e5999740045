"""Who keeps a SQLite database locked, as far as the kernel tells."""

import os
from contextlib import suppress

from pomo_daemon.application.ports import StoreError


def locked(file: str) -> StoreError:
    """Answer the error for a database that another process does not let go of, with that process where it is known."""
    pid = _holder(file)
    by = f"process {pid}" if pid else "another process"
    hint = f"'ps -p {pid}' shows what that is." if pid else f"'fuser {file}' shows who has it open."
    return StoreError("database.unavailable", f"The database {file} is locked by {by}; nothing was changed.", hint)


def _holder(file: str) -> int | None:
    """Answer the process with a lock to write on the file, or on the index of its log (/proc/locks, proc_locks(5))."""
    found = set()
    for path in (f"{file}-shm", file):
        with suppress(OSError):
            status = os.stat(path)
            found.add(f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}")
    with suppress(OSError), open("/proc/locks", encoding="ascii") as locks:
        for line in locks:
            # 1: POSIX  ADVISORY  WRITE 4242 08:01:131 120 120; a process of another namespace has the number 0.
            _number, kind, _advisory, access, pid, inode, *_range = line.split()
            if kind == "POSIX" and access == "WRITE" and inode in found and pid not in ("0", "-1", str(os.getpid())):
                return int(pid)
    return None
