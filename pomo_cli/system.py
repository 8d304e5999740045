"""The daemon of the whole machine, for users whose configuration says so and who run none of their own."""

import os
import socket
import struct

from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.framing import ANSWER_SECONDS
from pomo_daemon.protocol.paths import Holder


def is_wanted() -> bool:
    """Tell whether this user leaves the timer to the daemon of the machine."""
    from pomo_cli import settings_file

    # To read settings, much is loaded; eight prompts that wait for their daemon are on its way up.
    if "system" not in (text := settings_file.read()):
        return False
    from pomo_daemon.protocol.settings import read

    return read(text)[0]["daemon.system"] is True


def connect() -> tuple[socket.socket, Holder]:
    """Answer a connection to it. Raises PomoError; one's own daemon is not started instead."""
    path = paths.system_socket()
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _check_folder(os.path.dirname(path))
        connection.settimeout(ANSWER_SECONDS)
        connection.connect(path)
        return connection, Holder(credentials(connection)[0], "", path)
    except OSError as error:
        connection.close()
        raise PomoError(
            "daemon.unavailable",
            f"The daemon of this machine cannot be reached at {path}: {error.strerror or error}.",
            "Ask the administrator, or run your own: 'pomo config unset daemon.system'.",
        ) from error
    except PomoError:
        connection.close()
        raise


def credentials(connection: socket.socket) -> tuple[int, int, int]:
    """Answer pid, uid and gid of who listens (SO_PEERCRED, unix(7))."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, gid = struct.unpack("3i", raw)
    return pid, uid, gid


def _check_folder(folder: str) -> None:
    """Trust a socket where only root can have put it. Raises PomoError, OSError."""
    found = os.stat(folder)
    if found.st_uid != 0 or found.st_mode & 0o022:
        raise PomoError("auth.forbidden", f"{folder} is not root's alone: who listens there is not known.")
