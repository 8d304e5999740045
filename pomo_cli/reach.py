"""Reach a daemon: read the lock, connect to whom it names, start one where there is none. Every wait is bounded."""

import contextlib
import errno
import os
import signal
import socket

from pomo_cli import autostart, clock, system
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.framing import ANSWER_SECONDS
from pomo_daemon.protocol.paths import Holder

#: Seconds that a daemon may take from its lock to its socket: imports, migration, a backup before it.
START_SECONDS = 10.0
#: Seconds in which a living daemon listens anew after its socket was removed.
REOPEN_SECONDS = 2.0
POLL_SECONDS = 0.02
#: A daemon that comes up and is gone before it answers is started again so often.
STARTS = 3


def silent(pid: int | None, *, told: bool) -> PomoError:
    """Tell that a daemon accepts connections but does not answer; `told`: it was told to do something.

    `pid`: of the user's own daemon. That of the machine is not the user's to end, nor is known who it is: a socket of
    systemd's names systemd.
    """
    if pid is None:
        message = f"The daemon of this machine does not answer within {START_SECONDS:g} s."
        hint = "It may not start, or be very busy; ask the administrator, or see 'systemctl status pomo'."
    else:
        message = f"The daemon does not answer within {ANSWER_SECONDS:g} s (pid {pid})."
        hint = f"It may be stopped or very busy; 'kill -9 {pid}' ends it, nothing confirmed is lost."
    may = "The command may still be carried out: 'pomo status' shows it. "
    return PomoError("daemon.unavailable", message, f"{may}{hint}" if told else hint)


def not_running() -> PomoError:
    """Tell that there is no daemon, and that none was to be started."""
    return PomoError("daemon.unavailable", "The daemon is not running.", "Start it with 'pomo daemon start'.")


def is_held() -> bool:
    """Tell whether a daemon lives: one holds the lock for its whole life, however it ends."""
    try:
        return paths.is_locked(paths.lock_file())
    except OSError as error:
        raise PomoError(
            "daemon.unavailable", f"{error.filename} cannot be read: {error.strerror}.", "See whose folder that is."
        ) from error


def connect(*, start: bool, any_database: bool = False) -> tuple[socket.socket, Holder]:
    """Answer a connection to the daemon, and who that is; start one if `start`. Raises PomoError.

    A daemon of another database than POMO_DATABASE_URL names is talked to only with `any_database`.
    """
    attempt = _Attempt(start=start)
    while True:
        holder = paths.read_holder(paths.lock_file())
        connection = _knock(holder) if holder is not None else None
        if connection is not None and holder is not None:
            if not any_database and not holder.is_wanted():
                connection.close()
                raise _other_database(holder)
            return connection, holder
        if not is_held() and system.is_wanted():
            return system.connect()
        attempt.go_on(holder)


def _other_database(holder: Holder) -> PomoError:
    return PomoError(
        "daemon.database", f"The daemon (pid {holder.pid}) serves another database than POMO_DATABASE_URL names."
    )


class _Attempt:
    """What was tried so far to reach a daemon that does not listen, and until when to wait."""

    def __init__(self, *, start: bool) -> None:
        self._start = start
        self._starts = 0
        self._waking = 0
        self._waited_for = ""
        self._give_up = 0.0

    def go_on(self, holder: Holder | None) -> None:
        """Do the next sensible thing, or wait a moment. Raises PomoError when there is nothing left to try."""
        if not is_held():
            self._starts += 1
            if not self._start:
                raise not_running()
            if self._starts > STARTS:
                raise PomoError("daemon.unavailable", "The daemon ends as soon as it has started.")
            autostart.start(is_held)
        elif holder is None:
            _fail_on_work()
            self._wait("start", START_SECONDS, PomoError("daemon.unavailable", "The daemon does not get ready."))
        else:
            if self._waking != holder.pid:
                self._waking = holder.pid
                _wake(holder.pid)
            self._wait(f"socket of {holder.pid}", REOPEN_SECONDS, _deaf(holder))

    def _wait(self, what: str, seconds: float, error: PomoError) -> None:
        if self._waited_for != what:
            self._waited_for = what
            self._give_up = clock.monotonic() + seconds
        elif clock.monotonic() > self._give_up:
            raise error
        clock.sleep(POLL_SECONDS)


def _fail_on_work() -> None:
    """Tell if there is no daemon since 'pomo db' is at work."""
    work = paths.read_work(paths.lock_file())
    if work is not None:
        raise PomoError(
            "daemon.unavailable",
            f"'{work[0]}' is at work on the database (pid {work[1]}).",
            "Try again when it is done; a running interval goes on.",
        )


def _deaf(holder: Holder) -> PomoError:
    return PomoError(
        "daemon.unavailable",
        f"The daemon (pid {holder.pid}) does not listen at {holder.socket}.",
        "Run 'pomo daemon restart'; the running interval goes on.",
    )


def _wake(pid: int) -> None:
    """Ask a daemon whose socket is gone (tmp cleaners) to listen anew."""
    with contextlib.suppress(OSError):  # it went in this moment, or is another user's: the wait that follows tells
        os.kill(pid, signal.SIGHUP)


def _knock(holder: Holder) -> socket.socket | None:
    """Connect to where the lock says; None where nobody listens."""
    if len(os.fsencode(holder.socket)) > paths.MAX_SOCKET_PATH:
        raise PomoError(
            "daemon.unavailable",
            f"The socket's path is longer than {paths.MAX_SOCKET_PATH} bytes: {holder.socket}.",
            "Set POMO_RUNTIME_DIR to a shorter folder.",
        )
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(ANSWER_SECONDS)
        connection.connect(holder.socket)
        _check_owner(connection, holder.socket)
    except OSError as error:
        connection.close()
        # EAGAIN: its queue is full for the moment.
        if error.errno in (errno.ENOENT, errno.ECONNREFUSED, errno.EAGAIN, errno.ENOTDIR, errno.ENOTCONN):
            return None
        raise PomoError(
            "daemon.unavailable", f"{holder.socket} cannot be reached: {error.strerror or error}.", "See whose it is."
        ) from error
    except PomoError:
        connection.close()
        raise
    return connection


def _check_owner(connection: socket.socket, path: str) -> None:
    """Trust only a daemon of this user, or of root: the socket may lie where others write."""
    _pid, uid, _gid = system.credentials(connection)
    if uid not in (os.getuid(), 0):
        raise PomoError(
            "auth.forbidden", f"Who listens at {path} is another user ({uid}).", "Remove it, or set POMO_RUNTIME_DIR."
        )
