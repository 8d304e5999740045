"""On what kind of file system a file lies: SQLite keeps nothing safe where machines far away hold the locks."""

import os
from contextlib import suppress
from typing import Final

from pomo_daemon.application.ports import StoreError

#: By their names in the kernel's table of mounts.
NETWORK: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs"})
#: The table (proc_pid_mountinfo(5)).
TABLE = "/proc/self/mountinfo"


def refuse_network(file: str) -> None:
    """Raise StoreError for a file on a network file system. Where that cannot be found out, do nothing."""
    with suppress(OSError, LookupError):
        kind = _kind(os.path.realpath(file))
        if kind in NETWORK:
            raise StoreError(
                "database.unavailable",
                f"The database {file} is on a network file system ({kind}), which may lose or damage it.",
                "Set POMO_DATA_DIR to a local folder, share a PostgreSQL, or force it: 'pomo config set "
                "daemon.network_disk true'.",
            )


def _kind(path: str) -> str:
    """Answer the kind of file system below a path, which need not be there yet; empty if the table does not say."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    device = os.stat(path).st_dev
    # Only what lies on no device of this machine can lie on another's: most need no look at the table.
    if os.major(device):
        return ""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    with open(TABLE, encoding="utf-8", errors="replace") as table:
        for line in table:
            mount, _, rest = line.partition(" - ")
            if mount.split(" ", 3)[2] == wanted:
                return rest.split(" ", 1)[0]
    return ""
